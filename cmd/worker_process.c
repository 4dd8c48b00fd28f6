/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/worker_process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libcustody/base/utf8.h"

#define NAME "custody-worker"
#define START_SECONDS 10 /* a worker is there after some 20 ms; a machine that swaps takes longer */

/* Beside this program (as in the build tree), else where install puts it. No variable and no option has a say. */
static int find_program(char path[PATH_MAX], struct custody_error *err)
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - sizeof("/" NAME));
	char *slash;

	if (n < 0)
		return custody_fail_errno(err, errno, "cannot find out where this program lies");
	if (n > 0) {
		path[n] = '\0';
		slash = strrchr(path, '/');
		if (slash) {
			memcpy(slash, "/" NAME, sizeof("/" NAME));
			if (access(path, X_OK) == 0)
				return 0;
			if (errno == EIO)
				return custody_fail_errno(err, errno, "cannot look for %s beside this program", NAME);
		}
	}
	snprintf(path, PATH_MAX, "%s/%s", CUSTODY_LIBEXECDIR, NAME);
	if (access(path, X_OK) == 0)
		return 0;
	return custody_fail(err, CUSTODY_ERR_INPUT, "there is no program %s beside this one or in %s", NAME, CUSTODY_LIBEXECDIR);
}

/* Descriptors arrive under their numbers whatever they are here: first above all of those, then down. */
static int add_descriptors(posix_spawn_file_actions_t *actions, int socket_fd, int database_fd)
{
	for (int fd = 0; fd <= 2; fd++)
		if (posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_RDWR, 0))
			return -1;
	if (posix_spawn_file_actions_adddup2(actions, socket_fd, CUSTODY_WORKER_SOCKET))
		return -1;
	return database_fd >= 0 && posix_spawn_file_actions_adddup2(actions, database_fd, CUSTODY_WORKER_DATABASE) ? -1 : 0;
}

/* A process group of its own: the terminal's signals are for us. Dispositions and mask as a new program expects them. */
static int add_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	return posix_spawnattr_setpgroup(attributes, 0) || posix_spawnattr_setsigmask(attributes, &none) ||
			       posix_spawnattr_setsigdefault(attributes, &all) ||
			       posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
		       ? -1
		       : 0;
}

static int spawn(pid_t *pid, const char *path, const char *purpose, int socket_fd, int database_fd, struct custody_error *err)
{
	char name[] = NAME, word[32];
	char *argv[] = { name, word, NULL }, *envp[] = { NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int rc = ENOMEM;

	snprintf(word, sizeof(word), "%s", purpose);
	if (posix_spawn_file_actions_init(&actions))
		return custody_fail_nomem(err);
	if (posix_spawnattr_init(&attributes)) {
		posix_spawn_file_actions_destroy(&actions);
		return custody_fail_nomem(err);
	}
	if (add_descriptors(&actions, socket_fd, database_fd) == 0 && add_attributes(&attributes) == 0)
		rc = posix_spawn(pid, path, &actions, &attributes, argv, envp);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return rc ? custody_fail_errno(err, rc, "cannot start %s", NAME) : 0;
}

int custody_worker_start(struct custody_worker *w, const char *purpose, int database_fd, struct custody_error *err)
{
	CUSTODY_CLOSE int theirs = -1, high = -1, database = -1, ours = -1;
	char path[PATH_MAX];
	int pair[2];

	if (find_program(path, err))
		return -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return custody_fail_errno(err, errno, "cannot make a socket pair");
	ours = pair[0];
	theirs = pair[1];
	high = fcntl(theirs, F_DUPFD_CLOEXEC, 10);
	if (high < 0)
		return custody_fail_errno(err, errno, "cannot duplicate a descriptor");
	if (database_fd >= 0) {
		database = fcntl(database_fd, F_DUPFD_CLOEXEC, 10);
		if (database < 0)
			return custody_fail_errno(err, errno, "cannot duplicate a descriptor");
	}
	if (spawn(&w->pid, path, purpose, high, database, err))
		return -1;
	w->fd = custody_steal_fd(&ours);
	return 0;
}

void custody_worker_kill(struct custody_worker *w)
{
	if (w->pid > 0) {
		kill(w->pid, SIGKILL);
		while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (w->fd >= 0)
		close(w->fd);
	w->pid = 0;
	w->fd = -1;
}

bool custody_worker_send(const struct custody_worker *w, enum custody_worker_kind kind, uint64_t job, const void *payload, size_t n, int fd)
{
	struct custody_worker_head head = { (uint32_t)(sizeof(head) + n), (uint16_t)kind, 0, job };
	struct iovec parts[2] = { { &head, sizeof(head) }, { (void *)(uintptr_t)payload, n } };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = n > 0 ? 2 : 1, .msg_control = &control, .msg_controllen = sizeof(control.room) };
	struct cmsghdr *c;
	ssize_t sent;

	memset(&control, 0, sizeof(control));
	c = CMSG_FIRSTHDR(&message);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	do
		sent = sendmsg(w->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)(sizeof(head) + n);
}

enum custody_worker_heard custody_worker_hear(const struct custody_worker *w, uint8_t *buf, struct custody_worker_frame *frame, int milliseconds)
{
	struct pollfd p = { .fd = w->fd, .events = POLLIN };
	struct iovec part = { buf, CUSTODY_WORKER_FRAME_MAX };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 }; /* no room for descriptors: those it may send are closed by the kernel */
	ssize_t got;

	if (milliseconds > 0) {
		int ready = poll(&p, 1, milliseconds);

		if (ready <= 0)
			return ready == 0 ? CUSTODY_WORKER_QUIET : errno == EINTR ? CUSTODY_WORKER_SIGNAL : CUSTODY_WORKER_GONE;
	}
	got = recvmsg(w->fd, &message, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return errno == EINTR ? CUSTODY_WORKER_SIGNAL : CUSTODY_WORKER_QUIET;
	if (got <= 0)
		return CUSTODY_WORKER_GONE;
	if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) || !custody_worker_frame_parse(buf, (size_t)got, frame))
		return CUSTODY_WORKER_LIED;
	return CUSTODY_WORKER_HEARD;
}

int custody_worker_greet(const struct custody_worker *w, struct custody_worker_hello *hello, struct custody_error *err)
{
	CUSTODY_FREE uint8_t *buf = malloc(CUSTODY_WORKER_FRAME_MAX);
	struct custody_worker_frame frame;
	char shown[CUSTODY_WORKER_TEXT_MAX * 2];

	if (!buf)
		return custody_fail_nomem(err);
	switch (custody_worker_hear(w, buf, &frame, START_SECONDS * 1000)) {
	case CUSTODY_WORKER_HEARD:
		break;
	case CUSTODY_WORKER_SIGNAL:
		return custody_fail(err, CUSTODY_ERR_INTERRUPTED, "interrupted");
	case CUSTODY_WORKER_QUIET:
		return custody_fail(err, CUSTODY_ERR_IO, "%s does not answer within %d seconds", NAME, START_SECONDS);
	case CUSTODY_WORKER_GONE:
		return custody_fail(err, CUSTODY_ERR_IO, "%s ended before it said anything", NAME);
	case CUSTODY_WORKER_LIED:
	default:
		return custody_fail(err, CUSTODY_ERR_IO, "%s does not speak the protocol of this program", NAME);
	}
	if (frame.head.kind == CUSTODY_WORKER_FAILED)
		return custody_fail(err, CUSTODY_ERR_IO, "%s: %s", NAME, custody_display(frame.payload, frame.n, shown, sizeof(shown)));
	if (frame.head.kind != CUSTODY_WORKER_HELLO)
		return custody_fail(err, CUSTODY_ERR_IO, "%s does not speak the protocol of this program", NAME);
	memcpy(hello, frame.payload, sizeof(*hello));
	if (strcmp(hello->version, CUSTODY_VERSION) != 0)
		return custody_fail(err, CUSTODY_ERR_IO, "%s is of another version than this program", NAME);
	return 0;
}
