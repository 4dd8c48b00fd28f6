/* SPDX-License-Identifier: Apache-2.0 */
/* What this process gives up before it reads a byte from the network. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cmd/tsad/protocol.h"
#include "cmd/tsad/tsad.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/rlimit.h"

/* A sanitizer reserves terabytes, traces its own process and writes its report to a file; coverage is written to files at the end. */
#if defined(__SANITIZE_ADDRESS__) || defined(CUSTODY_COVERAGE)
#define MEASURED
#endif

#define NOBODY 65534 /* nobody and nogroup, by every distribution's convention */
#define OTHER_DESCRIPTORS 32u /* standard ones, listening, channel, epoll */

static int limit(int what, rlim_t value, struct custody_error *err)
{
	return custody_rlimit_lower(what, value) ? custody_fail_errno(err, errno, "cannot set a limit") : 0;
}

/* Root would be more than serving needs: the socket is bound, and there is nothing to open. Where the user does not exist (a container that maps no other),
 * the filter of system calls has to do. */
static void leave_root(void)
{
#if !defined(CUSTODY_COVERAGE) /* there, what was reached is written to root's files at the end */
	if (geteuid() != 0)
		return;
	if (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0)
		return;
	if (setresuid(NOBODY, NOBODY, NOBODY) != 0)
		return;
#endif
}

/* Nothing to read from whoever started `custody tsa`, and nothing to say in its name; messages go to standard error. */
static int leave_standard_descriptors(struct custody_error *err)
{
	CUSTODY_CLOSE int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		return custody_fail_errno(err, errno, "cannot leave the standard descriptors");
	return 0;
}

int custody_tsad_confine_early(unsigned *descriptors, struct custody_error *err)
{
	struct rlimit r;

	if (close_range(CUSTODY_TSAD_CHANNEL_FD + 1, ~0u, 0) != 0)
		return custody_fail_errno(err, errno, "cannot close what was left open");
	if (leave_standard_descriptors(err) != 0)
		return -1;
	leave_root();
	if (limit(RLIMIT_CORE, 0, err) != 0 || limit(RLIMIT_NOFILE, CUSTODY_TSAD_CONNECTIONS + OTHER_DESCRIPTORS, err) != 0)
		return -1;
#if !defined(MEASURED)
	if (limit(RLIMIT_AS, (rlim_t)256 << 20, err) != 0)
		return -1;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return custody_fail_errno(err, errno, "cannot make the process untraceable");
#endif
	if (prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0)
		return custody_fail_errno(err, errno, "cannot ask to end with the parent");
	if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur < OTHER_DESCRIPTORS + 1)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "too few descriptors are allowed, want more than %u", OTHER_DESCRIPTORS);
	*descriptors = (unsigned)r.rlim_cur - OTHER_DESCRIPTORS;
	return 0;
}

/* Everything that answering needs. Not in it: opening, making sockets, connecting, starting programs, tracing, killing, other users, the clock. */
static const int allowed[] = { SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(recvfrom), SCMP_SYS(sendto),
	SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(shutdown), SCMP_SYS(close), SCMP_SYS(fcntl),
	SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(mmap), SCMP_SYS(munmap),
	SCMP_SYS(mremap), SCMP_SYS(mprotect), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(futex), SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
	SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(getrandom), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getuid),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(restart_syscall), SCMP_SYS(sched_yield), SCMP_SYS(exit),
	SCMP_SYS(exit_group) };

int custody_tsad_confine_late(struct custody_error *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return custody_fail_errno(err, errno, "cannot give up new powers");
#if !defined(MEASURED)
	int e = 0;
	if (limit(RLIMIT_FSIZE, 0, err) != 0) /* from here on standard error too, where it is a file: nothing is said any more */
		return -1;
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (!filter)
		return custody_fail_nomem(err);
	for (size_t i = 0; e == 0 && i < sizeof(allowed) / sizeof(*allowed); i++)
		e = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	if (e == 0)
		e = seccomp_load(filter);
	seccomp_release(filter);
	if (e != 0)
		return custody_fail_errno(err, -e, "cannot shut the system calls that are not needed");
#else
	(void)allowed;
#endif
	return 0;
}
