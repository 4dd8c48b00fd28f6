/* SPDX-License-Identifier: Apache-2.0 */
/* The C library's checked inline forms would stand in the way of our own definitions. */
#undef _FORTIFY_SOURCE
#include "tests/support/faults.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static struct fault {
	const char *call;
	int left; /* calls until it fails; 0: never */
	int always; /* from then on */
	int error;
} faults[] = { { "openat", 0, 0, 0 }, { "renameat2", 0, 0, 0 }, { "linkat", 0, 0, 0 }, { "unlinkat", 0, 0, 0 }, { "fsync", 0, 0, 0 },
	{ "statx", 0, 0, 0 }, { "fstatat", 0, 0, 0 }, { "getdents64", 0, 0, 0 }, { "readlinkat", 0, 0, 0 }, { "pread", 0, 0, 0 },
	{ "pwrite", 0, 0, 0 }, { "ftruncate", 0, 0, 0 }, { "fstat", 0, 0, 0 }, { "EVP_DigestUpdate", 0, 0, 0 }, { "EVP_DigestFinal_ex", 0, 0, 0 },
	{ "EVP_DigestVerifyInit", 0, 0, 0 }, { "flistxattr", 0, 0, 0 }, { "fgetxattr", 0, 0, 0 } };
#define N_FAULTS (sizeof(faults) / sizeof(faults[0]))

static struct fault *find(const char *call)
{
	for (size_t i = 0; i < N_FAULTS; i++)
		if (strcmp(faults[i].call, call) == 0)
			return &faults[i];
	fprintf(stderr, "faults: no call '%s'\n", call);
	abort();
}

void faults_set(const char *call, int nth, int error)
{
	struct fault *f = find(call);
	f->left = abs(nth);
	f->always = nth < 0;
	f->error = error;
}

void faults_clear(void)
{
	for (size_t i = 0; i < N_FAULTS; i++)
		faults[i].left = 0;
}

bool faults_pending(const char *call)
{
	return find(call)->left > 0;
}

/* Does this call fail? errno is set then. */
static int fails(const char *call)
{
	struct fault *f = find(call);
	if (f->left == 0 || (f->left > 1 && f->left--))
		return 0;
	if (!f->always)
		f->left = 0;
	if (f->error == FAULTS_CRASH)
		_exit(FAULTS_CRASHED);
	errno = f->error;
	return 1;
}

int openat(int fd, const char *path, int flags, ...)
{
	unsigned mode = 0;
	if (flags & (O_CREAT | O_TMPFILE)) {
		va_list rest;
		va_start(rest, flags);
		mode = va_arg(rest, unsigned);
		va_end(rest);
	}
	return fails("openat") ? -1 : (int)syscall(SYS_openat, fd, path, flags, mode);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
	return fails("renameat2") ? -1 : (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}

int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
	return fails("linkat") ? -1 : (int)syscall(SYS_linkat, from_fd, from, to_fd, to, flags);
}

int unlinkat(int fd, const char *name, int flags)
{
	return fails("unlinkat") ? -1 : (int)syscall(SYS_unlinkat, fd, name, flags);
}

int fsync(int fd)
{
	return fails("fsync") ? -1 : (int)syscall(SYS_fsync, fd);
}

int statx(int fd, const char *restrict path, int flags, unsigned mask, struct statx *restrict out)
{
	return fails("statx") ? -1 : (int)syscall(SYS_statx, fd, path, flags, mask, out);
}

int fstatat(int fd, const char *restrict path, struct stat *restrict out, int flags)
{
	return fails("fstatat") ? -1 : (int)syscall(SYS_newfstatat, fd, path, out, flags);
}

ssize_t getdents64(int fd, void *out, size_t size)
{
	return fails("getdents64") ? -1 : syscall(SYS_getdents64, fd, out, size);
}

ssize_t readlinkat(int fd, const char *restrict path, char *restrict out, size_t size)
{
	return fails("readlinkat") ? -1 : syscall(SYS_readlinkat, fd, path, out, size);
}

ssize_t flistxattr(int fd, char *out, size_t size)
{
	return fails("flistxattr") ? -1 : syscall(SYS_flistxattr, fd, out, size);
}

ssize_t fgetxattr(int fd, const char *name, void *out, size_t size)
{
	return fails("fgetxattr") ? -1 : syscall(SYS_fgetxattr, fd, name, out, size);
}

ssize_t pread(int fd, void *out, size_t n, off_t off)
{
	if (fails("pread"))
		return errno == 0 ? 0 : -1;
	return syscall(SYS_pread64, fd, out, n, off);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t off)
{
	return fails("pwrite") ? -1 : syscall(SYS_pwrite64, fd, p, n, off);
}

int ftruncate(int fd, off_t size)
{
	return fails("ftruncate") ? -1 : (int)syscall(SYS_ftruncate, fd, size);
}

int fstat(int fd, struct stat *out)
{
	return fails("fstat") ? -1 : (int)syscall(SYS_fstat, fd, out);
}

/* OpenSSL's own, behind the one here. */
static void *behind(const char *name)
{
	void *p = dlsym(RTLD_NEXT, name);
	if (p)
		return p;
	fprintf(stderr, "faults: no function '%s'\n", name);
	abort();
}

int EVP_DigestUpdate(EVP_MD_CTX *ctx, const void *p, size_t n)
{
	typedef int update(EVP_MD_CTX *, const void *, size_t);
	static update *real;
	if (!real)
		*(void **)&real = behind("EVP_DigestUpdate");
	return fails("EVP_DigestUpdate") ? 0 : real(ctx, p, n);
}

int EVP_DigestFinal_ex(EVP_MD_CTX *ctx, unsigned char *out, unsigned *n)
{
	typedef int final(EVP_MD_CTX *, unsigned char *, unsigned *);
	static final *real;
	if (!real)
		*(void **)&real = behind("EVP_DigestFinal_ex");
	return fails("EVP_DigestFinal_ex") ? 0 : real(ctx, out, n);
}

int EVP_DigestVerifyInit(EVP_MD_CTX *ctx, EVP_PKEY_CTX **parameters, const EVP_MD *method, ENGINE *engine, EVP_PKEY *key)
{
	typedef int begin(EVP_MD_CTX *, EVP_PKEY_CTX **, const EVP_MD *, ENGINE *, EVP_PKEY *);
	static begin *real;
	if (!real)
		*(void **)&real = behind("EVP_DigestVerifyInit");
	return fails("EVP_DigestVerifyInit") ? 0 : real(ctx, parameters, method, engine, key);
}
