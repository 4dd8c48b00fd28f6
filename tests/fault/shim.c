/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into the command, it makes the N-th call of one kind fail, of the program and of all its libraries:
 *
 *   FAULT_CALL   read, write, sync, rename, close or memory; or kill: the process is killed before the N-th of any but memory, as by kill -9;
 *                only counts if it is another word
 *   FAULT_N      which one, from 1; 0 only counts
 *   FAULT_LOG    a file that is made when one failed, and then holds the name of the function
 *
 * close closes all the same, as Linux does. Only in the process of the name custody: its helpers are not the ones that say VALID.
 */
#undef _FORTIFY_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

enum kind { READ, WRITE, SYNC, RENAME, CLOSE, MEMORY, DEATH, KINDS };

static const char *const kinds[KINDS] = { "read", "write", "sync", "rename", "close", "memory", "kill" };
static atomic_long left[KINDS]; /* calls until the one that fails; below 1: none */
static atomic_bool on;
static char log_path[512];

static void note(const char *function)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	(void)!syscall(SYS_write, fd, function, strlen(function));
	syscall(SYS_close, fd);
}

static bool fails(enum kind k, int error, const char *function)
{
	if (!atomic_load_explicit(&on, memory_order_relaxed))
		return false;
	if (k != MEMORY && atomic_fetch_sub(&left[DEATH], 1) == 1)
		kill(getpid(), SIGKILL);
	if (atomic_fetch_sub(&left[k], 1) != 1)
		return false;
	note(function);
	errno = error;
	return true;
}

__attribute__((constructor)) static void begin(void)
{
	const char *call = getenv("FAULT_CALL"), *n = getenv("FAULT_N"), *path = getenv("FAULT_LOG");
	if (!call || !n || !path || strlen(path) >= sizeof(log_path) || strcmp(program_invocation_short_name, "custody") != 0)
		return;
	strcpy(log_path, path);
	for (int k = 0; k < KINDS; k++)
		if (strcmp(kinds[k], call) == 0)
			atomic_store(&left[k], strtol(n, NULL, 10));
	atomic_store(&on, true);
}

/* ---- descriptors ---- */

EXPORT ssize_t read(int fd, void *p, size_t n)
{
	return fails(READ, EIO, __func__) ? -1 : syscall(SYS_read, fd, p, n);
}

EXPORT ssize_t pread64(int fd, void *p, size_t n, off64_t off)
{
	return fails(READ, EIO, __func__) ? -1 : syscall(SYS_pread64, fd, p, n, off);
}

EXPORT ssize_t getdents64(int fd, void *p, size_t n)
{
	return fails(READ, EIO, __func__) ? -1 : syscall(SYS_getdents64, fd, p, n);
}

EXPORT ssize_t write(int fd, const void *p, size_t n)
{
	return fails(WRITE, ENOSPC, __func__) ? -1 : syscall(SYS_write, fd, p, n);
}

EXPORT ssize_t pwrite64(int fd, const void *p, size_t n, off64_t off)
{
	return fails(WRITE, ENOSPC, __func__) ? -1 : syscall(SYS_pwrite64, fd, p, n, off);
}

EXPORT int ftruncate64(int fd, off64_t size)
{
	return fails(WRITE, EIO, __func__) ? -1 : (int)syscall(SYS_ftruncate, fd, size);
}

/* What stdio writes when its buffer is full or flushed does not come by here; a failing flush stands for it. */
EXPORT int fflush(FILE *f)
{
	static int (*real)(FILE *);
	if (fails(WRITE, ENOSPC, __func__))
		return EOF;
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "fflush");
	return real(f);
}

EXPORT int fsync(int fd)
{
	return fails(SYNC, EIO, __func__) ? -1 : (int)syscall(SYS_fsync, fd);
}

EXPORT int fdatasync(int fd)
{
	return fails(SYNC, EIO, __func__) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

EXPORT int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
	return fails(RENAME, EIO, __func__) ? -1 : (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, 0);
}

EXPORT int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
	return fails(RENAME, EIO, __func__) ? -1 : (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}

EXPORT int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
	return fails(RENAME, EIO, __func__) ? -1 : (int)syscall(SYS_linkat, from_fd, from, to_fd, to, flags);
}

EXPORT int close(int fd)
{
	bool failed = fails(CLOSE, EIO, __func__);
	int r = (int)syscall(SYS_close, fd);
	if (!failed)
		return r;
	errno = EIO;
	return -1;
}

/* ---- memory ---- */

#if defined(__SANITIZE_ADDRESS__) || defined(FAULT_WITHOUT_MEMORY)
/* The sanitizer's allocator stays alone. */
#else
extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t alignment, size_t n);

EXPORT void *malloc(size_t n)
{
	return fails(MEMORY, ENOMEM, __func__) ? NULL : __libc_malloc(n);
}

EXPORT void *calloc(size_t n, size_t size)
{
	return fails(MEMORY, ENOMEM, __func__) ? NULL : __libc_calloc(n, size);
}

EXPORT void *realloc(void *p, size_t n)
{
	return fails(MEMORY, ENOMEM, __func__) ? NULL : __libc_realloc(p, n);
}

EXPORT void *aligned_alloc(size_t alignment, size_t n)
{
	return fails(MEMORY, ENOMEM, __func__) ? NULL : __libc_memalign(alignment, n);
}

EXPORT void *reallocarray(void *p, size_t n, size_t size)
{
	size_t total;
	if (__builtin_mul_overflow(n, size, &total) || fails(MEMORY, ENOMEM, __func__))
		return NULL;
	return __libc_realloc(p, total);
}
#endif
