/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From inside the worker's sandbox nothing can be reached: every attempt below works in an ordinary process (or this test proves nothing) and ends one that is shut in, with
 * Landlock and without it, as on a kernel that has none. Landlock alone holds files, connections and signals too. What the worker needs still works.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmd/worker/sandbox.h"

static const struct custody_sandbox_limits limits = { .memory = (uint64_t)256 << 20, .cpu = 60, .descriptors = 64, .keep = 4, .socket = 3 };
static char scratch[] = "/tmp/custody-sandbox.XXXXXX"; /* a folder */
static char file[64]; /* and a file in it */
static struct sockaddr_in listening; /* a port of ours */

/* ---- attempts: true if it worked ---- */

#define ATTEMPT(name) static bool name(void)

ATTEMPT(open_file)
{
	return open("/etc/passwd", O_RDONLY) >= 0;
}
ATTEMPT(open_old)
{
	return syscall(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY, 0) >= 0;
}
#ifdef SYS_open
ATTEMPT(open_oldest)
{
	return syscall(SYS_open, "/etc/passwd", O_RDONLY, 0) >= 0;
}
#endif
ATTEMPT(open_two)
{
	uint64_t how[3] = { O_RDONLY, 0, 0 };
	return syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", how, sizeof(how)) >= 0;
}
ATTEMPT(create_file)
{
	char p[96];
	snprintf(p, sizeof(p), "%s/new%d", scratch, getpid());
	return open(p, O_CREAT | O_WRONLY, 0600) >= 0;
}
ATTEMPT(make_folder)
{
	char p[96];
	snprintf(p, sizeof(p), "%s/dir%d", scratch, getpid());
	return mkdir(p, 0700) == 0;
}
ATTEMPT(look_at_file)
{
	struct stat st;
	return stat("/etc/passwd", &st) == 0;
}
ATTEMPT(look_by_descriptor)
{
	struct stat st;
	return syscall(SYS_newfstatat, 0, "", &st, AT_EMPTY_PATH) == 0;
}
ATTEMPT(read_link)
{
	char b[64];
	return readlink("/proc/self/exe", b, sizeof(b)) > 0;
}
ATTEMPT(truncate_file)
{
	return truncate(file, 1) == 0;
}
ATTEMPT(rename_file)
{
	char p[96];
	snprintf(p, sizeof(p), "%s/named%d", scratch, getpid());
	return rename(file, p) == 0 && rename(p, file) == 0;
}
ATTEMPT(change_mode)
{
	return chmod(file, 0600) == 0;
}
ATTEMPT(change_folder)
{
	return chdir("/") == 0;
}
ATTEMPT(memory_file)
{
	return memfd_create("x", 0) >= 0;
}
ATTEMPT(open_socket)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}
ATTEMPT(open_unix_socket)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}
ATTEMPT(open_netlink)
{
	return socket(AF_NETLINK, SOCK_RAW, 0) >= 0;
}
ATTEMPT(socket_pair)
{
	int p[2];
	return socketpair(AF_UNIX, SOCK_STREAM, 0, p) == 0;
}
ATTEMPT(pipe_pair)
{
	int p[2];
	return pipe(p) == 0;
}
ATTEMPT(connect_out)
{
	int fd = 4;
	return connect(fd, (const struct sockaddr *)&listening, sizeof(listening)) == 0;
}
ATTEMPT(write_out)
{
	return write(0, "", 1) == 1;
}
ATTEMPT(writev_out)
{
	struct iovec v = { (char[1]){ 0 }, 1 };
	return writev(0, &v, 1) == 1;
}
ATTEMPT(send_elsewhere)
{
	struct iovec v = { (char[1]){ 0 }, 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	return sendmsg(0, &m, MSG_NOSIGNAL) == 1;
}
ATTEMPT(execute)
{
	char *a[] = { (char[]){ "true" }, NULL };
	execv("/bin/true", a);
	return false;
}
ATTEMPT(execute_at)
{
	char *a[] = { (char[]){ "true" }, NULL };
	syscall(SYS_execveat, AT_FDCWD, "/bin/true", a, a + 1, 0);
	return false;
}
ATTEMPT(split_off)
{
	pid_t p = fork();
	if (p == 0)
		_exit(0);
	return p > 0;
}
ATTEMPT(clone_three)
{
	uint64_t a[11] = { 0 };
	a[4] = SIGCHLD;
	long p = syscall(SYS_clone3, a, sizeof(a));
	if (p == 0)
		_exit(0);
	return p > 0;
}
ATTEMPT(trace_me)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}
ATTEMPT(read_parent)
{
	char b;
	struct iovec l = { &b, 1 }, r = { scratch, 1 };
	return process_vm_readv(getpid(), &l, 1, &r, 1, 0) == 1;
}
ATTEMPT(signal_parent)
{
	return kill(getppid(), 0) == 0;
}
ATTEMPT(signal_by_thread)
{
	return syscall(SYS_tgkill, getppid(), getppid(), 0) == 0;
}
ATTEMPT(queue_signal)
{
	siginfo_t i = { .si_signo = SIGCHLD, .si_code = -1 };
	return syscall(SYS_rt_sigqueueinfo, getpid(), SIGCHLD, &i) == 0;
}
ATTEMPT(process_descriptor)
{
	return syscall(SYS_pidfd_open, getppid(), 0) >= 0;
}
ATTEMPT(handle_signal)
{
	return signal(SIGUSR1, SIG_IGN) != SIG_ERR;
}
ATTEMPT(code_memory)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}
ATTEMPT(make_code)
{
	static char room[8192];
	char *p = (char *)(((uintptr_t)room + 4095) & ~(uintptr_t)4095);
	return mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0;
}
ATTEMPT(map_file)
{
	return mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 0, 0) != MAP_FAILED;
}
ATTEMPT(shared_segment)
{
	int id = shmget(IPC_PRIVATE, 4096, 0600);
	if (id >= 0)
		shmctl(id, IPC_RMID, NULL);
	return id >= 0;
}
ATTEMPT(change_process)
{
	return prctl(PR_SET_NAME, "x", 0, 0, 0) == 0;
}
ATTEMPT(read_limit)
{
	struct rlimit l;
	return getrlimit(RLIMIT_AS, &l) == 0;
}
ATTEMPT(new_namespace)
{
	return unshare(CLONE_FS) == 0;
}
ATTEMPT(control_device)
{
	int n;
	return syscall(SYS_ioctl, 0, 0x541B /* FIONREAD */, &n) == 0;
}
ATTEMPT(control_descriptor)
{
	return fcntl(0, F_GETFL) >= 0;
}
ATTEMPT(copy_descriptor)
{
	return dup(0) >= 0;
}
#ifndef __SANITIZE_ADDRESS__ /* its allocator asks too */
ATTEMPT(who_am_i)
{
	return syscall(SYS_getpid) > 0;
}
#endif
ATTEMPT(watch_files)
{
	return syscall(SYS_inotify_init1, 0) >= 0;
}
ATTEMPT(make_timer)
{
	timer_t t;
	struct sigevent e = { .sigev_notify = SIGEV_NONE };
	return timer_create(CLOCK_MONOTONIC, &e, &t) == 0;
}
ATTEMPT(event_queue)
{
	return syscall(SYS_epoll_create1, 0) >= 0;
}

struct attempt {
	const char *name;
	bool (*run)(void);
	int landlock; /* ABI from which Landlock alone stops it; 0: it does not */
};
#define A(name, landlock) { #name, name, landlock }

static const struct attempt attempts[] = {
	A(open_file, 1),
	A(open_old, 1),
#ifdef SYS_open
	A(open_oldest, 1),
#endif
	A(open_two, 1),
	A(create_file, 1),
	A(make_folder, 1),
	A(look_at_file, 0),
	A(look_by_descriptor, 0),
	A(read_link, 0),
	A(truncate_file, 3),
	A(rename_file, 1),
	A(change_mode, 0),
	A(change_folder, 0),
	A(memory_file, 0),
	A(open_socket, 0),
	A(open_unix_socket, 0),
	A(open_netlink, 0),
	A(socket_pair, 0),
	A(pipe_pair, 0),
	A(connect_out, 4),
	A(write_out, 0),
	A(writev_out, 0),
	A(send_elsewhere, 0),
	A(execute, 1),
	A(execute_at, 1),
	A(split_off, 0),
	A(clone_three, 0),
	A(trace_me, 0),
	A(read_parent, 0),
	A(signal_parent, 6),
	A(signal_by_thread, 6),
	A(queue_signal, 0),
	A(process_descriptor, 0),
	A(handle_signal, 0),
	A(code_memory, 0),
	A(make_code, 0),
	A(map_file, 0),
	A(shared_segment, 0),
	A(change_process, 0),
	A(read_limit, 0),
	A(new_namespace, 0),
	A(control_device, 0),
	A(control_descriptor, 0),
	A(copy_descriptor, 0),
#ifndef __SANITIZE_ADDRESS__
#ifndef __SANITIZE_ADDRESS__
	A(who_am_i, 0),
#endif
#endif
	A(watch_files, 0),
	A(make_timer, 0),
	A(event_queue, 0),
};

/* ---- running one ---- */

enum { WORKED = 0, REFUSED = 100, NO_SANDBOX = 101 };

static void put(int fd, int number)
{
	if (fd < 0 || dup2(fd, number) != number)
		_exit(NO_SANDBOX);
}

/* The descriptors that a worker has, in kind: 0 is something to write to, read from and send on, 3 the socket, 4 a socket that is not connected. */
static void child(bool (*run)(void), unsigned layers)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint32_t abi = 0;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		_exit(NO_SANDBOX);
	put(fcntl(pair[0], F_DUPFD, 20), 3);
	put(socket(AF_INET, SOCK_STREAM, 0), 4);
	if (run == map_file)
		put(open(file, O_RDONLY), 0);
	else
		put(fcntl(pair[1], F_DUPFD, 30), 0);
	if (layers && custody_sandbox_enter(&limits, layers, &abi, &err)) {
		fprintf(stderr, "no sandbox: %s\n", err.text);
		_exit(NO_SANDBOX);
	}
	_exit(run() ? WORKED : REFUSED);
}

static int outcome(bool (*run)(void), unsigned layers)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		child(run, layers);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

static int failures;

static void expect(bool ok, const char *name, const char *how, int status)
{
	if (ok)
		return;
	failures++;
	printf("%s, %s: %s %d\n", name, how, WIFSIGNALED(status) ? "signal" : "exit", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

static bool worked(int status)
{
	return WIFEXITED(status) && WEXITSTATUS(status) == WORKED;
}

static bool killed(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

/* ---- what must go on working ---- */

static bool needs(void)
{
	struct iovec v = { (char[1]){ 'x' }, 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	struct timespec t;
	char *small = malloc(100), *large = malloc((size_t)32 << 20), *again, b[1];

	if (!small || !large || sendmsg(3, &m, MSG_NOSIGNAL) != 1 || read(0, b, 1) != 1 || clock_gettime(CLOCK_MONOTONIC, &t))
		return false;
	memset(large, 1, (size_t)32 << 20);
	again = realloc(large, (size_t)48 << 20);
	free(again);
	free(small);
	return again != NULL && lseek(4, 0, SEEK_END) < 0;
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* as in sandbox.c */
static bool too_much_memory(void)
{
	void *p = mmap(NULL, (size_t)512 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p != MAP_FAILED;
}
#endif

/* Descriptors that were open before are gone, the environment too. */
static bool nothing_left(void)
{
	char b[1];

	return getenv("HOME") == NULL && getenv("PATH") == NULL && read(20, b, 1) < 0 && errno == EBADF && read(30, b, 1) < 0 && errno == EBADF;
}

/* The 32-bit door of a 64-bit kernel has other numbers: 20 is getpid there and writev here. */
#ifdef __x86_64__
static bool other_door(void)
{
	long r;

	__asm__ volatile("int $0x80" : "=a"(r) : "a"(20) : "memory");
	return r > 0;
}

static bool third_door(void)
{
	return syscall(0x40000000 + SYS_getppid) != -2; /* x32 */
}
#endif

static void check_doors(void)
{
#ifdef __x86_64__
	expect(killed(outcome(other_door, CUSTODY_SANDBOX_ALL)), "int 0x80", "all layers", outcome(other_door, CUSTODY_SANDBOX_ALL));
	expect(killed(outcome(third_door, CUSTODY_SANDBOX_ALL)), "x32", "all layers", outcome(third_door, CUSTODY_SANDBOX_ALL));
#endif
}

static void check_needs(unsigned layers)
{
	int status = outcome(needs, layers);

	expect(worked(status), "what the worker needs", "does not work", status);
	status = outcome(nothing_left, layers);
	expect(worked(status), "descriptors and environment", "are left", status);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	status = outcome(too_much_memory, layers);
	expect(WIFEXITED(status) && WEXITSTATUS(status) == REFUSED, "memory beyond the limit", "can be had", status);
#endif
}

/* ABI of the kernel at hand: custody_sandbox_enter() in a child tells it through its exit code. */
static int landlock_abi(void)
{
	long abi = syscall(444, NULL, (size_t)0, 1u);

	return abi < 1 ? 0 : (int)abi;
}

static int listen_somewhere(void)
{
	socklen_t n = sizeof(listening);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	listening.sin_family = AF_INET;
	listening.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&listening, n) || listen(fd, 64) || getsockname(fd, (struct sockaddr *)&listening, &n))
		return -1;
	return fd;
}

int main(void)
{
	int abi = landlock_abi(), tried = 0, vain = 0, stopped = 0;

	if (!mkdtemp(scratch) || listen_somewhere() < 0)
		return 1;
	snprintf(file, sizeof(file), "%s/file", scratch);
	if (open(file, O_CREAT | O_WRONLY, 0600) < 0 || truncate(file, 4096) != 0)
		return 1;
	for (size_t i = 0; i < sizeof(attempts) / sizeof(*attempts); i++) {
		const struct attempt *a = &attempts[i];
		int free_status = outcome(a->run, 0), all = outcome(a->run, CUSTODY_SANDBOX_ALL), without = outcome(a->run, CUSTODY_SANDBOX_SECCOMP);

		tried++;
		if (!worked(free_status)) { /* a container or an old kernel forbids it anyway */
			printf("%s does not work here outside the sandbox either\n", a->name);
			vain++;
		}
		expect(killed(all), a->name, "all layers", all);
		expect(killed(without), a->name, "without Landlock", without);
		if (a->landlock && abi >= a->landlock) {
			int alone = outcome(a->run, CUSTODY_SANDBOX_LANDLOCK);

			stopped++;
			expect(WIFEXITED(alone) && WEXITSTATUS(alone) == REFUSED, a->name, "Landlock alone", alone);
		}
	}
	check_doors();
	check_needs(CUSTODY_SANDBOX_ALL);
	check_needs(CUSTODY_SANDBOX_SECCOMP);
	if (vain > 10) {
		printf("%d of %d attempts cannot work here at all: this proves nothing\n", vain, tried);
		failures++;
	}
	unlink(file);
	printf("sandbox: %d attempts with and without Landlock (ABI here: %d), %d of them also against Landlock alone: %d came through\n", tried, abi,
		stopped, failures);
	if (failures == 0) {
		char command[96];

		snprintf(command, sizeof(command), "rm -rf %s", scratch);
		return system(command) == 0 ? 0 : 1;
	}
	return 1;
}
