/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into the command, it makes the N-th call of one kind fail, of the program and of all its libraries:
 *
 *   FAULT_CALL     a kind of the table below; or kill: the process is killed, as by kill -9, before the N-th of those that leave a trace; only counts if it is
 *                  another word
 *   FAULT_N        which one, from 1; 0 only counts
 *   FAULT_PROGRAM  in the process of this name and in no other: custody (the default), or one of its helpers, which then get it preloaded too
 *   FAULT_LOG      may be left out; a file of at least sizeof(struct record) bytes, mapped and shared: the name of the function that failed, and the calls of each kind so far.
 *                  A mapping, because a helper's sandbox lets nothing be opened or written.
 *
 *   FAULT_PATHS    a file for a number for each allocation, equal where the functions on the stack are: which N are alike. With FAULT_N=0.
 *   FAULT_PLACES   a file for a struct place for each allocation: what it gave, and in which call of a library it was made
 *   FAULT_TRACE    set: prints who called the one that failed
 *   FAULT_FORK     a file of numbers, ascending, 64 bits each: before each of these allocations the process is forked, and the allocation fails in the child
 *                  only, which goes on to its own end with PATH.out and PATH.err as standard output and error. With FAULT_N=0 and FAULT_CONTROL.
 *   FAULT_CONTROL  R,W: descriptors on which it waits for a byte before and after each of these, and on which it says what it does, in a struct report each
 *
 * A call that fails has done nothing, but for close, which closes all the same, as Linux does. What stdio fails at leaves the stream's error behind, as in truth.
 * With a sanitizer's allocator below (LeakSanitizer's or AddressSanitizer's, preloaded or linked) memory comes from that one.
 */
#undef _FORTIFY_SOURCE
#undef _FILE_OFFSET_BITS /* each function under the name that it has in the library */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define WEAK __attribute__((weak))

/* READ: bytes, names and attributes that are read. LOOK: what is asked about a file. OPEN: descriptors of every origin. NAME: all that makes, moves or removes
 * a name. START: processes, threads, mappings. NET: all of a socket but its making. */
enum kind { READ, LOOK, OPEN, WRITE, SYNC, NAME, CLOSE, START, NET, RANDOM, MEMORY, DEATH, KINDS };

static const char *const kinds[KINDS] = { "read", "look", "open", "write", "sync", "name", "close", "start", "net", "random", "memory", "kill" };

struct record {
	char function[64];
	_Atomic int64_t calls[KINDS];
};

#define PATHS_MAX ((int64_t)1 << 20)

/*
 * path: equal where all functions on the stack are. call: equal where the program's own are, from the one that called a library outward; 0 where none of
 * them did: the memory is its own.
 */
struct place {
	uint64_t address; /* 0: nothing was given */
	uint32_t path, call, thread, none;
};

/* What the process that forks says. CHANGED: the child did what its parent would notice if it went on. NOT_ALONE: it does not fork here, there are threads or helpers. */
enum said { READY, CHILD, ENDED, CHANGED, NOT_ALONE };

struct report {
	int32_t said, status;
	int64_t n;
	char function[64];
};

struct range {
	uintptr_t from, to;
};

extern void __sanitizer_print_stack_trace(void) WEAK;
extern void __lsan_init(void) WEAK;
extern void __lsan_register_root_region(const void *p, size_t n) WEAK;

static struct record *record; /* NULL: not in this process */
static int chosen = -1;
static int64_t chosen_n;
static uint32_t *paths; /* NULL: not asked for */
static struct place *places; /* NULL: not asked for */
static struct range program_code, shim_code;
static _Thread_local bool walking; /* what the unwinder itself asks for is not counted */
static _Thread_local int64_t latest; /* of this thread's last allocation */
static _Thread_local int before_main; /* functions on the stack that called main() */

static uint32_t mixed(uint32_t hash, const void *frame)
{
	hash = (hash ^ (uint32_t)((uintptr_t)frame >> 2)) * 16777619;
	return (hash ^ (uint32_t)((uintptr_t)frame & 3)) * 16777619;
}

static void note_path(int64_t n)
{
	void *frames[64];
	uint32_t hash = 2166136261;
	int k;

	if (n > PATHS_MAX)
		return;
	walking = true;
	k = backtrace(frames, 64);
	walking = false;
	for (int i = 2; i < k; i++)
		hash = mixed(hash, frames[i]);
	paths[n - 1] = hash;
}

static bool within(const struct range *r, const void *p)
{
	return (uintptr_t)p >= r->from && (uintptr_t)p < r->to;
}

static void note_place(int64_t n)
{
	void *frames[256];
	uint32_t call = 2166136261, path = 2166136261;
	int k, i = 0;
	bool seen = false, ours = false;

	latest = n;
	if (n > PATHS_MAX)
		return;
	walking = true;
	k = backtrace(frames, 256) - before_main;
	walking = false;
	for (int f = 2; f < k; f++)
		path = mixed(path, frames[f]);
	while (i < k && within(&shim_code, frames[i]))
		i++;
	while (i < k && within(&program_code, frames[i])) /* the hooks that libraries were given, or nothing but functions of the program's */
		i++;
	for (; i < k; i++) {
		if (!within(&program_code, frames[i])) {
			seen = true;
			continue;
		}
		ours = seen;
		call = mixed(call, frames[i]);
	}
	places[n - 1] = (struct place){ 0, path, ours ? call | 1 : 0, (uint32_t)gettid(), 0 };
}

/* p as it is given to whoever asked for it. */
static void *given(void *p)
{
	if (places && record && !walking && latest > 0 && latest <= PATHS_MAX)
		places[latest - 1].address = (uintptr_t)p;
	return p;
}

/* The first object is the program. */
static int note_object(struct dl_phdr_info *object, size_t size, void *ctx)
{
	bool *first = ctx;

	(void)size;
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &object->dlpi_phdr[i];
		const struct range code = { object->dlpi_addr + h->p_vaddr, object->dlpi_addr + h->p_vaddr + h->p_memsz };

		if (h->p_type != PT_LOAD || !(h->p_flags & PF_X))
			continue;
		if (*first)
			program_code = code;
		if (within(&code, (const void *)(uintptr_t)note_place))
			shim_code = code;
	}
	*first = false;
	return 0;
}

/* ---- forking ---- */

#define DESCRIPTORS 64

static struct {
	const char *path;
	const int64_t *next, *end;
	int in, out;
	struct record *child; /* shared with it */
	const char *stack; /* where main() was called */
} forking;

struct descriptor {
	off64_t at;
	struct stat64 st;
	bool is;
};

static void say(enum said what, int status, int64_t n, const char *function)
{
	struct report r = { (int32_t)what, status, n, "" };

	strncpy(r.function, function, sizeof(r.function) - 1);
	if (syscall(SYS_write, forking.out, &r, sizeof(r)) != (long)sizeof(r))
		_exit(1);
}

/* A folder has a link for each folder in it, here for each thread. */
static bool alone(void)
{
	struct stat64 tasks;
	siginfo_t child;

	return syscall(SYS_newfstatat, AT_FDCWD, "/proc/self/task", &tasks, 0) == 0 && tasks.st_nlink == 3 &&
		syscall(SYS_waitid, P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT, NULL) == -1;
}

static void wait_for_a_byte(void)
{
	char byte;

	if (syscall(SYS_read, forking.in, &byte, 1) != 1)
		_exit(1);
}

static void look_at(struct descriptor *d, int fd)
{
	d->is = syscall(SYS_fstat, fd, &d->st) == 0 && S_ISREG(d->st.st_mode);
	d->at = d->is ? (off64_t)syscall(SYS_lseek, fd, 0, SEEK_CUR) : 0;
}

/* The place in a file is one for both processes. */
static bool put_back(const struct descriptor *before, int fd)
{
	struct descriptor now;

	look_at(&now, fd);
	if (before->is != now.is || !now.is)
		return before->is == now.is;
	if (before->at != now.at)
		(void)syscall(SYS_lseek, fd, before->at, SEEK_SET);
	return before->st.st_ino == now.st.st_ino && before->st.st_size == now.st.st_size &&
		memcmp(&before->st.st_mtim, &now.st.st_mtim, sizeof(now.st.st_mtim)) == 0;
}

static void to_file(int fd, const char *suffix)
{
	char name[4096];
	int f;

	snprintf(name, sizeof(name), "%s.%s", forking.path, suffix);
	f = (int)syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (f < 0 || syscall(SYS_dup3, f, fd, 0) != fd)
		_exit(1);
	syscall(SYS_close, f);
}

/* What a thread keeps for itself lies around the address that stands for it; as much as glibc 2.36 has there. */
#define TLS_BELOW 8192
#define TLS_ABOVE 2304

static void show_root(const char *from, const char *to)
{
	__lsan_register_root_region(from, (size_t)(to - from));
}

/* LeakSanitizer does not know a forked process's thread by its new number, and would miss what lies on its stack and beside it. */
static void show_roots(void)
{
	const char *self = (const char *)pthread_self();
	char line[512];
	FILE *maps = fopen("/proc/self/maps", "re");

	while (maps && fgets(line, sizeof(line), maps)) {
		char *dash;
		const char *from = (const char *)strtoul(line, &dash, 16), *to = (const char *)strtoul(dash + 1, NULL, 16); /* NOLINT */

		if (forking.stack >= from && forking.stack < to)
			show_root(forking.stack, to);
		if (self >= from && self < to)
show_root(self - from > TLS_BELOW ? self - TLS_BELOW : from, to - self > TLS_ABOVE ? self + TLS_ABOVE : to);
	}
	if (maps)
		fclose(maps);
}

static void be_child(void)
{
	record = NULL; /* what this does is not counted */
	syscall(SYS_close, forking.in);
	syscall(SYS_close, forking.out);
	forking.next = forking.end;
	to_file(1, "out");
	to_file(2, "err");
	if (__lsan_register_root_region)
		show_roots();
	record = forking.child;
}

/* True in the child. */
static bool fork_at(int64_t n, const char *function)
{
	struct descriptor before[DESCRIPTORS];
	int status = 0;
	bool same = true;
	pid_t pid;

	while (forking.next < forking.end && *forking.next <= n)
		forking.next++;
	if (!alone()) {
		say(NOT_ALONE, 0, n, function);
		return false;
	}
	say(READY, 0, n, function);
	wait_for_a_byte();
	memset(forking.child, 0, sizeof(*forking.child));
	for (int fd = 3; fd < DESCRIPTORS; fd++)
		look_at(&before[fd], fd);
	pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL); /* fork() would give the thread another number, by which it holds locks */
	if (pid == 0) {
		be_child();
		return true;
	}
	say(CHILD, pid, n, function);
	(void)syscall(SYS_wait4, pid, &status, 0, NULL);
	for (int fd = 3; fd < DESCRIPTORS; fd++)
		same = put_back(&before[fd], fd) && same;
	same = same && forking.child->calls[NET] == 0;
	say(same ? ENDED : CHANGED, status, n, function);
	wait_for_a_byte();
	return false;
}

static bool fails(enum kind k, int error, const char *function)
{
	int64_t n;

	if (!record || walking)
		return false;
	n = atomic_fetch_add(&record->calls[k], 1) + 1;
	if (paths && k == MEMORY)
		note_path(n);
	if (places && k == MEMORY)
		note_place(n);
	bool here = k == MEMORY && forking.next < forking.end && n >= *forking.next && fork_at(n, function);

	if ((k == READ || k == WRITE || k == SYNC || k == NAME || k == CLOSE) && atomic_fetch_add(&record->calls[DEATH], 1) + 1 == chosen_n &&
		chosen == DEATH)
		kill(getpid(), SIGKILL);
	if (!here && (n != chosen_n || (int)k != chosen))
		return false;
	strncpy(record->function, function, sizeof(record->function) - 1);
	if (getenv("FAULT_TRACE") && __sanitizer_print_stack_trace) {
		walking = true;
		__sanitizer_print_stack_trace();
		walking = false;
	}
	errno = error;
	return true;
}

static struct record *ready; /* for main() */

extern void __lsan_disable(void) WEAK;
extern void __lsan_enable(void) WEAK;

/* It loads its library at the first use, and keeps what that takes. */
static void learn_to_walk(void)
{
	void *frame;

	if (__lsan_disable)
		__lsan_disable();
	(void)backtrace(&frame, 1);
	if (__lsan_enable)
		__lsan_enable();
}

static void *map(const char *path, size_t n)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
	void *p = fd < 0 ? MAP_FAILED : (void *)syscall(SYS_mmap, NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		abort();
	syscall(SYS_close, fd);
	return p;
}

static void get_ready_to_fork(const char *path, const char *control)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	off64_t size = (off64_t)syscall(SYS_lseek, fd, 0, SEEK_END);
	void *numbers = (void *)syscall(SYS_mmap, NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	void *child = (void *)syscall(SYS_mmap, NULL, sizeof(struct record), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (fd < 0 || size <= 0 || numbers == MAP_FAILED || child == MAP_FAILED || sscanf(control, "%d,%d", &forking.in, &forking.out) != 2)
		abort();
	syscall(SYS_close, fd);
	syscall(SYS_fcntl, forking.in, F_SETFD, FD_CLOEXEC);
	syscall(SYS_fcntl, forking.out, F_SETFD, FD_CLOEXEC);
	forking.path = path;
	forking.child = child;
	forking.next = numbers;
	forking.end = forking.next + (size_t)size / sizeof(*forking.next);
}

__attribute__((constructor)) static void begin(void)
{
	const char *call = getenv("FAULT_CALL"), *n = getenv("FAULT_N"), *path = getenv("FAULT_LOG"), *program = getenv("FAULT_PROGRAM");
	const char *wanted = getenv("FAULT_PATHS"), *asked = getenv("FAULT_PLACES");
	const char *numbers = getenv("FAULT_FORK"), *control = getenv("FAULT_CONTROL");
	static struct record unseen;
	struct record *r = &unseen;
	bool first = true;

	if (__lsan_init)
		__lsan_init(); /* preloaded, it otherwise waits for the first allocation, and does not know sigaction until then */
	if (!call || !n || strcmp(program_invocation_short_name, program ? program : "custody") != 0)
		return;
	if (path)
		r = map(path, sizeof(*r));
	chosen_n = strtol(n, NULL, 10);
	for (int k = 0; k < KINDS; k++)
		if (strcmp(kinds[k], call) == 0)
			chosen = k;
	if (wanted || asked)
		learn_to_walk();
	if (wanted)
		paths = map(wanted, PATHS_MAX * sizeof(*paths));
	if (asked) {
		(void)dl_iterate_phdr(note_object, &first);
		places = map(asked, PATHS_MAX * sizeof(*places));
	}
	if (numbers && control)
		get_ready_to_fork(numbers, control);
	unsetenv("LD_PRELOAD"); /* helpers of ours are not to be disturbed */
	ready = r;
}

/* Begins and ends with main(): before it no command is at work, and what the libraries free behind it (OpenSSL's needs memory for that) is no doing of the command. */
static int (*command_main)(int argc, char **argv, char **envp);

static int until_main_ends(int argc, char **argv, char **envp)
{
	void *frames[256];
	int rc;

	forking.stack = __builtin_frame_address(0);
	if (places)
		before_main = backtrace(frames, 256);
	record = ready;
	rc = command_main(argc, argv, envp);
	record = NULL;
	return rc;
}

typedef int start_function(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void), void (*)(void), void *);
start_function __libc_start_main;
EXPORT int __libc_start_main(int (*main)(int argc, char **argv, char **envp), int argc, char **argv, void (*init)(void), void (*fini)(void),
	void (*rtld_fini)(void), void *stack_end)
{
	static start_function *next;

	*(void **)&next = dlsym(RTLD_NEXT, "__libc_start_main");
	command_main = main;
	return next(until_main_ends, argc, argv, init, fini, rtld_fini, stack_end);
}

/* The function behind this one, under its own name. */
#define NEXT(name)                     \
	static __typeof__(name) *next; \
	if (!next)                     \
	*(void **)&next = dlsym(RTLD_NEXT, #name)

/* ---- reading ---- */

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

EXPORT struct dirent64 *readdir64(DIR *d)
{
	NEXT(readdir64);
	return fails(READ, EIO, __func__) ? NULL : next(d);
}

EXPORT ssize_t readlink(const char *path, char *p, size_t n)
{
	return fails(READ, EIO, __func__) ? -1 : syscall(SYS_readlinkat, AT_FDCWD, path, p, n);
}

EXPORT ssize_t readlinkat(int fd, const char *path, char *p, size_t n)
{
	return fails(READ, EIO, __func__) ? -1 : syscall(SYS_readlinkat, fd, path, p, n);
}

EXPORT ssize_t fgetxattr(int fd, const char *name, void *p, size_t n)
{
	return fails(READ, EIO, __func__) ? -1 : syscall(SYS_fgetxattr, fd, name, p, n);
}

EXPORT ssize_t flistxattr(int fd, char *p, size_t n)
{
	return fails(READ, EIO, __func__) ? -1 : syscall(SYS_flistxattr, fd, p, n);
}

EXPORT ssize_t getxattr(const char *path, const char *name, void *p, size_t n)
{
	return fails(READ, EIO, __func__) ? -1 : syscall(SYS_getxattr, path, name, p, n);
}

EXPORT ssize_t listxattr(const char *path, char *p, size_t n)
{
	return fails(READ, EIO, __func__) ? -1 : syscall(SYS_listxattr, path, p, n);
}

/* ---- stdio: glibc's own calls do not come by here, so a failing function stands for them ---- */

#define STREAM_ERROR 0x20 /* _IO_ERR_SEEN: what ferror() looks at */

static bool stream_fails(enum kind k, int error, FILE *f, const char *function)
{
	if (!fails(k, error, function))
		return false;
	f->_flags |= STREAM_ERROR;
	return true;
}

EXPORT size_t fread(void *p, size_t size, size_t n, FILE *f)
{
	NEXT(fread);
	return stream_fails(READ, EIO, f, __func__) ? 0 : next(p, size, n, f);
}

EXPORT char *fgets(char *p, int n, FILE *f)
{
	NEXT(fgets);
	return stream_fails(READ, EIO, f, __func__) ? NULL : next(p, n, f);
}

EXPORT size_t fwrite(const void *p, size_t size, size_t n, FILE *f)
{
	NEXT(fwrite);
	return stream_fails(WRITE, ENOSPC, f, __func__) ? 0 : next(p, size, n, f);
}

EXPORT int fputs(const char *s, FILE *f)
{
	NEXT(fputs);
	return stream_fails(WRITE, ENOSPC, f, __func__) ? EOF : next(s, f);
}

EXPORT int fputc(int c, FILE *f)
{
	NEXT(fputc);
	return stream_fails(WRITE, ENOSPC, f, __func__) ? EOF : next(c, f);
}

EXPORT int fflush(FILE *f)
{
	NEXT(fflush);
	if (f ? stream_fails(WRITE, ENOSPC, f, __func__) : fails(WRITE, ENOSPC, __func__))
		return EOF;
	return next(f);
}

int __fprintf_chk(FILE *f, int flag, const char *format, ...);
int __printf_chk(int flag, const char *format, ...);

EXPORT int __fprintf_chk(FILE *f, int flag, const char *format, ...)
{
	va_list args;
	int r = -1;

	(void)flag;
	if (stream_fails(WRITE, ENOSPC, f, __func__))
		return r;
	va_start(args, format);
	r = vfprintf(f, format, args);
	va_end(args);
	return r;
}

EXPORT int __printf_chk(int flag, const char *format, ...)
{
	va_list args;
	int r = -1;

	(void)flag;
	if (stream_fails(WRITE, ENOSPC, stdout, __func__))
		return r;
	va_start(args, format);
	r = vprintf(format, args);
	va_end(args);
	return r;
}

/* ---- writing ---- */

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

EXPORT int fchmod(int fd, mode_t mode)
{
	return fails(WRITE, EIO, __func__) ? -1 : (int)syscall(SYS_fchmod, fd, mode);
}

EXPORT int futimens(int fd, const struct timespec times[2])
{
	return fails(WRITE, EIO, __func__) ? -1 : (int)syscall(SYS_utimensat, fd, NULL, times, 0);
}

EXPORT int utimensat(int fd, const char *path, const struct timespec times[2], int flags)
{
	return fails(WRITE, EIO, __func__) ? -1 : (int)syscall(SYS_utimensat, fd, path, times, flags);
}

EXPORT int fsync(int fd)
{
	return fails(SYNC, EIO, __func__) ? -1 : (int)syscall(SYS_fsync, fd);
}

EXPORT int fdatasync(int fd)
{
	return fails(SYNC, EIO, __func__) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

/* ---- names ---- */

EXPORT int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
	return fails(NAME, EIO, __func__) ? -1 : (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, 0);
}

EXPORT int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
	return fails(NAME, EIO, __func__) ? -1 : (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}

EXPORT int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
	return fails(NAME, EIO, __func__) ? -1 : (int)syscall(SYS_linkat, from_fd, from, to_fd, to, flags);
}

EXPORT int symlinkat(const char *target, int fd, const char *path)
{
	return fails(NAME, EIO, __func__) ? -1 : (int)syscall(SYS_symlinkat, target, fd, path);
}

EXPORT int mkdirat(int fd, const char *path, mode_t mode)
{
	return fails(NAME, EIO, __func__) ? -1 : (int)syscall(SYS_mkdirat, fd, path, mode);
}

EXPORT int unlinkat(int fd, const char *path, int flags)
{
	return fails(NAME, EIO, __func__) ? -1 : (int)syscall(SYS_unlinkat, fd, path, flags);
}

EXPORT int unlink(const char *path)
{
	return fails(NAME, EIO, __func__) ? -1 : (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

/* ---- descriptors ---- */

static int open_at(int fd, const char *path, int flags, mode_t mode, const char *function)
{
	return fails(OPEN, EMFILE, function) ? -1 : (int)syscall(SYS_openat, fd, path, flags, mode);
}

#define MODE_OF(mode, flags)                           \
	mode_t mode = 0;                               \
	if ((flags) & (O_CREAT | __O_TMPFILE)) {       \
		va_list args;                          \
		va_start(args, flags);                 \
		mode = (mode_t)va_arg(args, unsigned); \
		va_end(args);                          \
	}

EXPORT int open64(const char *path, int flags, ...)
{
	MODE_OF(mode, flags)
	return open_at(AT_FDCWD, path, flags, mode, __func__);
}

EXPORT int openat64(int fd, const char *path, int flags, ...)
{
	MODE_OF(mode, flags)
	return open_at(fd, path, flags, mode, __func__);
}

int __open64_2(const char *path, int flags);
int __openat64_2(int fd, const char *path, int flags);

EXPORT int __open64_2(const char *path, int flags)
{
	return open_at(AT_FDCWD, path, flags, 0, __func__);
}

EXPORT int __openat64_2(int fd, const char *path, int flags)
{
	return open_at(fd, path, flags, 0, __func__);
}

EXPORT FILE *fopen64(const char *path, const char *mode)
{
	NEXT(fopen64);
	return fails(OPEN, EMFILE, __func__) ? NULL : next(path, mode);
}

EXPORT FILE *fopen(const char *path, const char *mode)
{
	NEXT(fopen);
	return fails(OPEN, EMFILE, __func__) ? NULL : next(path, mode);
}

EXPORT DIR *fdopendir(int fd)
{
	NEXT(fdopendir);
	return fails(OPEN, ENOMEM, __func__) ? NULL : next(fd);
}

EXPORT int memfd_create(const char *name, unsigned flags)
{
	return fails(OPEN, EMFILE, __func__) ? -1 : (int)syscall(SYS_memfd_create, name, flags);
}

EXPORT int socket(int domain, int type, int protocol)
{
	return fails(OPEN, EMFILE, __func__) ? -1 : (int)syscall(SYS_socket, domain, type, protocol);
}

EXPORT int socketpair(int domain, int type, int protocol, int fds[2])
{
	return fails(OPEN, EMFILE, __func__) ? -1 : (int)syscall(SYS_socketpair, domain, type, protocol, fds);
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

/* ---- looking ---- */

EXPORT int statx(int fd, const char *restrict path, int flags, unsigned mask, struct statx *restrict st)
{
	return fails(LOOK, EIO, __func__) ? -1 : (int)syscall(SYS_statx, fd, path, flags, mask, st);
}

EXPORT int fstat64(int fd, struct stat64 *st)
{
	NEXT(fstat64);
	return fails(LOOK, EIO, __func__) ? -1 : next(fd, st);
}

EXPORT int fstatat64(int fd, const char *restrict path, struct stat64 *restrict st, int flags)
{
	NEXT(fstatat64);
	return fails(LOOK, EIO, __func__) ? -1 : next(fd, path, st, flags);
}

EXPORT int stat64(const char *restrict path, struct stat64 *restrict st)
{
	NEXT(stat64);
	return fails(LOOK, EIO, __func__) ? -1 : next(path, st);
}

EXPORT int lstat64(const char *restrict path, struct stat64 *restrict st)
{
	NEXT(lstat64);
	return fails(LOOK, EIO, __func__) ? -1 : next(path, st);
}

EXPORT int access(const char *path, int mode)
{
	return fails(LOOK, EIO, __func__) ? -1 : (int)syscall(SYS_faccessat, AT_FDCWD, path, mode);
}

EXPORT int faccessat(int fd, const char *path, int mode, int flags)
{
	NEXT(faccessat);
	return fails(LOOK, EIO, __func__) ? -1 : next(fd, path, mode, flags);
}

EXPORT off64_t lseek64(int fd, off64_t off, int whence)
{
	return fails(LOOK, EIO, __func__) ? -1 : (off64_t)syscall(SYS_lseek, fd, off, whence);
}

EXPORT char *realpath(const char *restrict path, char *restrict out)
{
	NEXT(realpath);
	return fails(LOOK, EIO, __func__) ? NULL : next(path, out);
}

EXPORT int flock(int fd, int operation)
{
	return fails(LOOK, ENOLCK, __func__) ? -1 : (int)syscall(SYS_flock, fd, operation);
}

/* ---- processes, threads, mappings ---- */

EXPORT int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attr, void *(*f)(void *), void *restrict arg)
{
	NEXT(pthread_create);
	return fails(START, EAGAIN, __func__) ? EAGAIN : next(thread, attr, f, arg);
}

/* A helper that is to have its faults gets the preload and the words, whatever environment it was to have. */
static void lend(char *pairs[], size_t n, char *const given[])
{
	static const char *const words[] = { "LD_PRELOAD=", "FAULT_CALL=", "FAULT_N=", "FAULT_LOG=", "FAULT_PROGRAM=" };
	size_t k = 0;

	for (; *given && k < n - 6; given++)
		pairs[k++] = *given;
	for (char **e = environ; *e; e++)
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && k < n - 1; i++)
			if (strncmp(*e, words[i], strlen(words[i])) == 0)
				pairs[k++] = *e;
	pairs[k] = NULL;
}

EXPORT int posix_spawn(pid_t *restrict pid, const char *restrict path, const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *restrict attributes, char *const argv[restrict], char *const envp[restrict])
{
	const char *program = getenv("FAULT_PROGRAM");
	char *pairs[256];

	NEXT(posix_spawn);
	if (fails(START, EAGAIN, __func__))
		return EAGAIN;
	if (program && strcmp(program, argv[0]) == 0 && envp != environ) {
		lend(pairs, 256, envp);
		return next(pid, path, actions, attributes, argv, pairs);
	}
	return next(pid, path, actions, attributes, argv, envp);
}

EXPORT pid_t fork(void)
{
	NEXT(fork);
	return fails(START, EAGAIN, __func__) ? -1 : next();
}

EXPORT pid_t waitpid(pid_t pid, int *status, int options)
{
	return fails(START, EINTR, __func__) ? -1 : (pid_t)syscall(SYS_wait4, pid, status, options, NULL);
}

EXPORT void *mmap64(void *p, size_t n, int protection, int flags, int fd, off64_t off)
{
	return fails(START, ENOMEM, __func__) ? MAP_FAILED : (void *)syscall(SYS_mmap, p, n, protection, flags, fd, off);
}

EXPORT int mlock(const void *p, size_t n)
{
	return fails(START, ENOMEM, __func__) ? -1 : (int)syscall(SYS_mlock, p, n);
}

EXPORT int sigaction(int number, const struct sigaction *restrict now, struct sigaction *restrict before)
{
	NEXT(sigaction);
	return fails(START, EINVAL, __func__) ? -1 : next(number, now, before);
}

/* ---- the network ---- */

EXPORT int connect(int fd, __CONST_SOCKADDR_ARG a, socklen_t n)
{
	return fails(NET, ECONNREFUSED, __func__) ? -1 : (int)syscall(SYS_connect, fd, a.__sockaddr__, n);
}

EXPORT int bind(int fd, __CONST_SOCKADDR_ARG a, socklen_t n)
{
	return fails(NET, EADDRINUSE, __func__) ? -1 : (int)syscall(SYS_bind, fd, a.__sockaddr__, n);
}

EXPORT int listen(int fd, int n)
{
	return fails(NET, EADDRINUSE, __func__) ? -1 : (int)syscall(SYS_listen, fd, n);
}

EXPORT int accept4(int fd, __SOCKADDR_ARG a, socklen_t *restrict n, int flags)
{
	return fails(NET, ECONNABORTED, __func__) ? -1 : (int)syscall(SYS_accept4, fd, a.__sockaddr__, n, flags);
}

EXPORT ssize_t send(int fd, const void *p, size_t n, int flags)
{
	return fails(NET, ECONNRESET, __func__) ? -1 : syscall(SYS_sendto, fd, p, n, flags, NULL, 0);
}

EXPORT ssize_t recv(int fd, void *p, size_t n, int flags)
{
	return fails(NET, ECONNRESET, __func__) ? -1 : syscall(SYS_recvfrom, fd, p, n, flags, NULL, NULL);
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	return fails(NET, ECONNRESET, __func__) ? -1 : syscall(SYS_sendmsg, fd, m, flags);
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *m, int flags)
{
	return fails(NET, ECONNRESET, __func__) ? -1 : syscall(SYS_recvmsg, fd, m, flags);
}

EXPORT int getsockopt(int fd, int level, int name, void *restrict value, socklen_t *restrict n)
{
	return fails(NET, ENOBUFS, __func__) ? -1 : (int)syscall(SYS_getsockopt, fd, level, name, value, n);
}

EXPORT int setsockopt(int fd, int level, int name, const void *value, socklen_t n)
{
	return fails(NET, ENOBUFS, __func__) ? -1 : (int)syscall(SYS_setsockopt, fd, level, name, value, n);
}

EXPORT int getsockname(int fd, __SOCKADDR_ARG a, socklen_t *restrict n)
{
	return fails(NET, ENOBUFS, __func__) ? -1 : (int)syscall(SYS_getsockname, fd, a.__sockaddr__, n);
}

EXPORT int getaddrinfo(
	const char *restrict node, const char *restrict service, const struct addrinfo *restrict hints, struct addrinfo **restrict found)
{
	NEXT(getaddrinfo);
	return fails(NET, EAGAIN, __func__) ? EAI_AGAIN : next(node, service, hints, found);
}

EXPORT int poll(struct pollfd *p, nfds_t n, int timeout)
{
	NEXT(poll);
	return fails(NET, ENOMEM, __func__) ? -1 : next(p, n, timeout);
}

int __poll_chk(struct pollfd *p, nfds_t n, int timeout, size_t size);
EXPORT int __poll_chk(struct pollfd *p, nfds_t n, int timeout, size_t size)
{
	(void)size;
	return poll(p, n, timeout);
}

/* ---- chance ---- */

EXPORT int getentropy(void *p, size_t n)
{
	NEXT(getentropy);
	return fails(RANDOM, EIO, __func__) ? -1 : next(p, n);
}

typedef int rand_function(unsigned char *p, int n);
rand_function RAND_bytes, RAND_priv_bytes;
EXPORT int RAND_priv_bytes(unsigned char *p, int n)
{
	static rand_function *next;

	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "RAND_priv_bytes");
	return fails(RANDOM, EIO, __func__) ? 0 : next(p, n);
}

/* ---- memory ---- */

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t alignment, size_t n);
extern void *__interceptor_malloc(size_t n) WEAK;
extern void *__interceptor_calloc(size_t n, size_t size) WEAK;
extern void *__interceptor_realloc(void *p, size_t n) WEAK;
extern void *__interceptor_memalign(size_t alignment, size_t n) WEAK;

EXPORT void *malloc(size_t n)
{
	if (fails(MEMORY, ENOMEM, __func__))
		return NULL;
	return given(__interceptor_malloc ? __interceptor_malloc(n) : __libc_malloc(n));
}

EXPORT void *calloc(size_t n, size_t size)
{
	if (fails(MEMORY, ENOMEM, __func__))
		return NULL;
	return given(__interceptor_calloc ? __interceptor_calloc(n, size) : __libc_calloc(n, size));
}

EXPORT void *realloc(void *p, size_t n)
{
	if (fails(MEMORY, ENOMEM, __func__))
		return NULL;
	return given(__interceptor_realloc ? __interceptor_realloc(p, n) : __libc_realloc(p, n));
}

EXPORT void *aligned_alloc(size_t alignment, size_t n)
{
	if (fails(MEMORY, ENOMEM, __func__))
		return NULL;
	return given(__interceptor_memalign ? __interceptor_memalign(alignment, n) : __libc_memalign(alignment, n));
}

EXPORT void *reallocarray(void *p, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total) || fails(MEMORY, ENOMEM, __func__))
		return NULL;
	return given(__interceptor_realloc ? __interceptor_realloc(p, total) : __libc_realloc(p, total));
}
