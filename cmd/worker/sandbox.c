/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/worker/sandbox.h"

#include <errno.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "libcustody/base/rlimit.h"

/* ---- limits ---- */

static int limit(int what, uint64_t value, const char *name, struct custody_error *err)
{
	return custody_rlimit_lower(what, value) ? custody_fail_errno(err, errno, "cannot limit %s", name) : 0;
}

static int set_limits(const struct custody_sandbox_limits *l, struct custody_error *err)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* their shadow is terabytes of address space */
	if (limit(RLIMIT_AS, l->memory, "memory", err))
		return -1;
#endif
	if (limit(RLIMIT_CPU, l->cpu, "processor time", err) || limit(RLIMIT_NOFILE, (uint64_t)l->descriptors, "descriptors", err) ||
		limit(RLIMIT_FSIZE, 0, "file size", err) || limit(RLIMIT_CORE, 0, "core dumps", err) || limit(RLIMIT_NPROC, 0, "processes", err) ||
		limit(RLIMIT_MEMLOCK, 0, "locked memory", err) || limit(RLIMIT_MSGQUEUE, 0, "message queues", err) ||
		limit(RLIMIT_SIGPENDING, 0, "queued signals", err))
		return -1;
	return 0;
}

/* ---- what was inherited ---- */

/* TZ is set, so that a library that formats a date does not look for /etc/localtime later. */
static int clean_environment(struct custody_error *err)
{
	if (clearenv() || setenv("TZ", "UTC0", 1))
		return custody_fail(err, CUSTODY_ERR_IO, "cannot clear the environment");
	tzset();
	return 0;
}

static int close_others(int keep, struct custody_error *err)
{
	if (syscall(SYS_close_range, (unsigned)keep + 1, ~0u, 0) == 0)
		return 0;
	/* Before Linux 5.9. */
	for (long fd = keep + 1, end = sysconf(_SC_OPEN_MAX); fd < end; fd++)
		if (close((int)fd) && errno != EBADF)
			return custody_fail_errno(err, errno, "cannot close descriptor %ld", fd);
	return 0;
}

/* As root in a container there are some. Bounding set first: that needs one of those that go. */
static int drop_capabilities(struct custody_error *err)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	for (unsigned long c = 0; c < 64; c++)
		(void)prctl(PR_CAPBSET_DROP, c, 0, 0, 0); /* fails without CAP_SETPCAP, where there is nothing to lose, and past the last */
	return syscall(SYS_capset, &head, none) ? custody_fail_errno(err, errno, "cannot drop capabilities") : 0;
}

static int set_process(struct custody_error *err)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return custody_fail_errno(err, errno, "cannot set up the process");
#if !defined(__SANITIZE_ADDRESS__)
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return custody_fail_errno(err, errno, "cannot make the process untraceable");
#endif
	return 0;
}

/* ---- Landlock ---- */

/* The kernel's interface as of ABI 6; the header of an older system lacks the later parts. Rules are none: everything that a ruleset handles is forbidden. */
struct ruleset {
	uint64_t fs, net, scoped;
};
#define LANDLOCK_CREATE_RULESET 444
#define LANDLOCK_RESTRICT_SELF 446
#define LANDLOCK_VERSION 1u

static uint64_t bits(unsigned n)
{
	return ((uint64_t)1 << n) - 1;
}

static int enter_landlock(uint32_t *abi_out, struct custody_error *err)
{
	/* Rights on files by ABI: 13, with REFER 14, with TRUNCATE 15, with IOCTL_DEV 16. Network from 4, scopes from 6. */
	struct ruleset r = { 0, 0, 0 };
	long abi = syscall(LANDLOCK_CREATE_RULESET, NULL, (size_t)0, LANDLOCK_VERSION);
	int fd;

	*abi_out = 0;
	if (abi < 1)
		return 0; /* none in this kernel, or a container forbids it: seccomp stands alone, and the hello says so */
	r.fs = bits(abi >= 5 ? 16 : abi >= 3 ? 15 : abi == 2 ? 14 : 13);
	r.net = abi >= 4 ? bits(2) : 0;
	r.scoped = abi >= 6 ? bits(2) : 0;
	fd = (int)syscall(LANDLOCK_CREATE_RULESET, &r, abi >= 6 ? sizeof(r) : abi >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t), 0u);
	if (fd < 0)
		return custody_fail_errno(err, errno, "cannot make a Landlock ruleset");
	if (syscall(LANDLOCK_RESTRICT_SELF, fd, 0u))
		return custody_fail_errno(err, errno, "cannot enter Landlock");
	close(fd);
	*abi_out = (uint32_t)abi;
	return 0;
}

/* ---- seccomp ---- */

/* Whatever its arguments are. Reading is by descriptors, and those are all there will ever be. */
static const int plain[] = {
	SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(lseek), SCMP_SYS(close), SCMP_SYS(recvmsg), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(brk),
	SCMP_SYS(madvise), SCMP_SYS(futex), SCMP_SYS(clock_gettime), SCMP_SYS(clock_gettime64), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	SCMP_SYS(getrandom), /* malloc's and hash tables' seeds */
	SCMP_SYS(sched_yield), SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group),
#ifdef __SANITIZE_ADDRESS__
	SCMP_SYS(getpid), /* its allocator asks, */
	SCMP_SYS(sigaltstack), /* and its _exit() */
#endif
};

static int allow(scmp_filter_ctx c, int call)
{
	int rc = seccomp_rule_add(c, SCMP_ACT_ALLOW, call, 0);

	return rc == -EDOM || rc == -EFAULT ? 0 : rc; /* a call that this architecture does not have */
}

/* Anonymous memory without code: the flags hold MAP_ANONYMOUS, the protection not PROT_EXEC. */
static int allow_memory(scmp_filter_ctx c)
{
	const struct scmp_arg_cmp no_code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	const struct scmp_arg_cmp anonymous = SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS);
	int rc = seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, no_code, anonymous);

	return rc ? rc : seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_code);
}

/* fstat is newfstatat of a descriptor with an empty name in glibc; with a name it would be a look at a file. seccomp cannot read the name, the flag it can:
 * a relative or absolute name beside AT_EMPTY_PATH still looks at a file, so the call stays forbidden and only fstat itself is allowed. */
static int add_rules(scmp_filter_ctx c, int socket)
{
	int rc = 0;

	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain) && rc == 0; i++)
		rc = allow(c, plain[i]);
	if (rc == 0)
		rc = allow(c, SCMP_SYS(fstat));
	if (rc == 0)
		rc = allow_memory(c);
	return rc ? rc : seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(sendmsg), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)socket, 0));
}

static int enter_seccomp(int socket, struct custody_error *err)
{
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int rc;

	if (!c)
		return custody_fail(err, CUSTODY_ERR_IO, "libseccomp does not start");
	rc = seccomp_attr_set(c, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS); /* the kernel's doors for other word sizes */
	if (rc == 0)
		rc = add_rules(c, socket);
	if (rc == 0)
		rc = seccomp_load(c);
	seccomp_release(c);
	return rc ? custody_fail_errno(err, -rc, "cannot load the seccomp filter") : 0;
}

int custody_sandbox_enter(const struct custody_sandbox_limits *limits, unsigned layers, uint32_t *landlock, struct custody_error *err)
{
	*landlock = 0;
	if (clean_environment(err) || set_process(err) || close_others(limits->keep, err) || set_limits(limits, err))
		return -1;
	if ((layers & CUSTODY_SANDBOX_LANDLOCK) && enter_landlock(landlock, err))
		return -1;
	if (drop_capabilities(err))
		return -1;
	return layers & CUSTODY_SANDBOX_SECCOMP ? enter_seccomp(limits->socket, err) : 0;
}
