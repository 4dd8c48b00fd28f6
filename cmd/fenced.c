/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/fenced.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmd/environment.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/rlimit.h"
#include "libcustody/base/utf8.h"

#define SECONDS CUSTODY_FENCED_SECONDS
#define OUTPUT_MAX ((size_t)256 << 20) /* bytes of what it writes, and of what is said beside it */
#define MEMORY_MAX ((rlim_t)4 << 30) /* bytes of addresses: a report of a thousand items as PDF takes some hundred MiB */

/* ---- the fence ---- */

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#endif

#ifdef ARCHITECTURE
/*
 * No socket of any kind, by any door: socket() is refused, and so is io_uring, which could make one; the calls of another architecture, and the second numbering
 * of x86-64, end the process. This is all that has to be kept away, so a list of what is allowed, which would follow every Python, is not needed.
 */
static const struct sock_filter no_network[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_socket, 1, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_io_uring_setup, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static int shut_out_network(void)
{
	const struct sock_fprog program = { sizeof(no_network) / sizeof(*no_network), (struct sock_filter *)(uintptr_t)no_network };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}
#else
static int shut_out_network(void)
{
	errno = ENOSYS;
	return -1;
}
#endif

/* ---- the program ---- */

/* One run. */
struct run {
	char folder[64]; /* its own; "" until it is there */
	char home[96], temporary[96], epoch[64]; /* variables */
	int in, out, said; /* standard descriptors */
	pid_t pid; /* 0: none */
};

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path) && errno == ENOMEM ? -1 : 0;
}

static void run_release(struct run *run)
{
	if (run->pid > 0) {
		kill(-run->pid, SIGKILL);
		while (waitpid(run->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (run->folder[0])
		(void)nftw(run->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	custody_cleanup_fd(&run->in);
	custody_cleanup_fd(&run->out);
	custody_cleanup_fd(&run->said);
}

/* Between fork and exec: nothing but system calls. What fails is told by the exit code; ours are those above 100. */
enum { NO_FENCE = 101, NO_PROGRAM = 102, NO_SETUP = 103 };

static _Noreturn void become(const struct run *run, const char *path, char *const argv[], char *const envp[])
{
	struct sigaction standard = { .sa_handler = SIG_DFL };
	sigset_t none;
	sigemptyset(&none);
	for (int signal = 1; signal < NSIG; signal++)
		(void)sigaction(signal, &standard, NULL);
	if (sigprocmask(SIG_SETMASK, &none, NULL) || setpgid(0, 0) || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || dup2(run->in, 0) < 0 ||
		dup2(run->out, 1) < 0 || dup2(run->said, 2) < 0 || chdir(run->folder) || custody_rlimit_lower(RLIMIT_FSIZE, OUTPUT_MAX) ||
		custody_rlimit_lower(RLIMIT_AS, MEMORY_MAX) || custody_rlimit_lower(RLIMIT_CPU, SECONDS))
		_exit(NO_SETUP);
	/* All descriptors of this program are closed by exec; those that somebody else left open go too. */
	(void)syscall(SYS_close_range, 3, ~0U, 0);
	if (shut_out_network())
		_exit(NO_FENCE);
	execve(path, argv, envp);
	_exit(NO_PROGRAM);
}

static int start(struct run *run, const struct custody_fenced *what, struct custody_error *err)
{
	char path[] = "PATH=/usr/bin:/bin", language[] = "LANG=C.UTF-8", site[] = "PYTHONNOUSERSITE=1", bytecode[] = "PYTHONDONTWRITEBYTECODE=1";
	char *envp[] = { path, language, site, bytecode, run->home, run->temporary, run->epoch, NULL };
	run->pid = fork();
	if (run->pid < 0) {
		run->pid = 0;
		return custody_fail_errno(err, errno, "cannot start %s", what->name);
	}
	if (run->pid == 0)
		become(run, what->program, what->argv, envp);
	(void)setpgid(run->pid, run->pid); /* both do, so that it is done for whoever comes first */
	return 0;
}

/* Files that have no name: nothing of a page stays behind. */
static int open_files(struct run *run, struct custody_bytes in, struct custody_error *err)
{
	run->in = memfd_create("input", MFD_CLOEXEC);
	run->out = memfd_create("output", MFD_CLOEXEC);
	run->said = memfd_create("messages", MFD_CLOEXEC);
	if (run->in < 0 || run->out < 0 || run->said < 0)
		return custody_fail_errno(err, errno, "cannot make a temporary in memory");
	if (custody_fd_write(run->in, in.p, in.n, "a temporary in memory", err))
		return -1;
	return lseek(run->in, 0, SEEK_SET) < 0 ? custody_fail_errno(err, errno, "cannot go back in a temporary in memory") : 0;
}

static int prepare(struct run *run, struct custody_time made, struct custody_error *err)
{
	char template[] = "/tmp/custody-pdf.XXXXXX";
	if (!mkdtemp(template))
		return custody_fail_errno(err, errno, "cannot make a private folder in /tmp");
	snprintf(run->folder, sizeof(run->folder), "%s", template);
	snprintf(run->home, sizeof(run->home), "HOME=%s", template);
	snprintf(run->temporary, sizeof(run->temporary), "TMPDIR=%s", template);
	snprintf(run->epoch, sizeof(run->epoch), "SOURCE_DATE_EPOCH=%" PRId64, made.sec);
	return 0;
}

/* ---- its end ---- */

/* Waits, looking every ten milliseconds. */
static int wait_for(struct run *run, const char *name, int *status, struct custody_error *err)
{
	const struct timespec pause = { 0, 10000000 };
	for (int turns = 0; turns < SECONDS * 100; turns++) {
		pid_t got = waitpid(run->pid, status, WNOHANG);
		if (got == run->pid) {
			(void)kill(-run->pid, SIGKILL); /* what it may have started */
			run->pid = 0;
			return 0;
		}
		if (got < 0 && errno != EINTR)
			return custody_fail_errno(err, errno, "cannot wait for %s", name);
		if (custody_environment_interrupted(NULL))
			return custody_fail(err, CUSTODY_ERR_INTERRUPTED, "interrupted");
		(void)nanosleep(&pause, NULL);
	}
	return custody_fail(err, CUSTODY_ERR_IO, "%s took longer than %d seconds and was ended", name, SECONDS);
}

/* The last line that it said, as far as there is one. */
static void last_words(int fd, char *shown, size_t size)
{
	char text[4096];
	struct custody_error ignored = CUSTODY_ERROR_INIT;
	size_t n = 0;
	off_t end = lseek(fd, 0, SEEK_END);
	uint64_t from = end > (off_t)sizeof(text) ? (uint64_t)end - sizeof(text) : 0;
	if (custody_fd_pread(fd, from, (uint8_t *)text, sizeof(text), &n, "its messages", &ignored))
		n = 0;
	while (n > 0 && text[n - 1] == '\n')
		n--;
	const char *line = n > 0 ? memrchr(text, '\n', n) : NULL;
	line = line ? line + 1 : text;
	custody_display(line, n - (size_t)(line - text), shown, size);
}

static int judge_end(const struct run *run, const char *name, int status, struct custody_error *err)
{
	char shown[400];
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	last_words(run->said, shown, sizeof(shown));
	if (WIFSIGNALED(status))
		return custody_fail(err, CUSTODY_ERR_IO, "%s was ended by signal %d%s%s", name, WTERMSIG(status), *shown ? ": " : "", shown);
	if (WEXITSTATUS(status) == NO_FENCE)
		return custody_fail(err, CUSTODY_ERR_INPUT, "cannot make a PDF: this kernel does not keep a program from the network (seccomp)");
	if (WEXITSTATUS(status) == NO_PROGRAM || WEXITSTATUS(status) == NO_SETUP)
		return custody_fail(err, CUSTODY_ERR_IO, "%s could not be started", name);
	return custody_fail(err, CUSTODY_ERR_IO, "%s failed (%d)%s%s", name, WEXITSTATUS(status), *shown ? ": " : "", shown);
}

static int take(int fd, const char *name, struct custody_buf *out, struct custody_error *err)
{
	struct stat st;
	size_t got = 0;
	if (fstat(fd, &st))
		return custody_fail_errno(err, errno, "cannot look at what %s wrote", name);
	size_t n = (size_t)st.st_size;
	if (custody_buf_reserve(out, n, err) || custody_fd_pread(fd, 0, out->data + out->len, n, &got, "what was written", err))
		return -1;
	out->len += got;
	return 0;
}

int custody_fenced_run(
	const struct custody_fenced *what, struct custody_bytes in, struct custody_time made, struct custody_buf *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(run_release) struct run run = { .in = -1, .out = -1, .said = -1 };
	int status = 0;
	if (prepare(&run, made, err) || open_files(&run, in, err) || start(&run, what, err) || wait_for(&run, what->name, &status, err) ||
		judge_end(&run, what->name, status, err))
		return -1;
	return take(run.out, what->name, out, err);
}
