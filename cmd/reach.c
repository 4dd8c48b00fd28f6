/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/reach.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct attempts {
	const struct addrinfo *of[CUSTODY_REACH_MOST];
	struct pollfd wait[CUSTODY_REACH_MOST];
	size_t n;
	int error; /* of the last that failed */
};

int64_t custody_reach_now(void)
{
	struct timespec t = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void close_all(struct attempts *t)
{
	while (t->n > 0)
		close(t->wait[--t->n].fd);
}

/* Whether it is connected already; one under way is kept, of one that failed the error. */
static bool begin(struct attempts *t, const struct addrinfo *a)
{
	int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
	bool connected = fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) == 0;

	if (!connected && fd >= 0 && errno == EINPROGRESS) {
		t->of[t->n] = a;
		t->wait[t->n++] = (struct pollfd){ .fd = fd, .events = POLLOUT };
		return false;
	}
	if (!connected)
		t->error = errno;
	if (fd >= 0)
		close(fd);
	return connected;
}

/* What came of those that poll has news of; *failed: one or more are out. */
static const struct addrinfo *look(struct attempts *t, bool *failed)
{
	for (size_t i = t->n; i-- > 0;) {
		int error = 0;
		socklen_t size = sizeof(error);

		if (t->wait[i].revents == 0)
			continue;
		if (getsockopt(t->wait[i].fd, SOL_SOCKET, SO_ERROR, &error, &size))
			error = errno;
		if (error == 0)
			return t->of[i];
		t->error = error;
		*failed = true;
		close(t->wait[i].fd);
		t->n--;
		t->of[i] = t->of[t->n];
		t->wait[i] = t->wait[t->n];
	}
	return NULL;
}

/* Waits for news until the time `until`. 0, or an errno. */
static int pause_until(struct attempts *t, int64_t until, bool (*interrupted)(void *))
{
	int64_t left = until - custody_reach_now();

	for (size_t i = 0; i < t->n; i++)
		t->wait[i].revents = 0;
	if (poll(t->wait, (nfds_t)t->n, left > 0 ? (int)left : 0) >= 0)
		return 0;
	return errno == EINTR && !(interrupted && interrupted(NULL)) ? 0 : errno;
}

static int race(struct attempts *t, const struct addrinfo *next, int64_t deadline, bool (*interrupted)(void *), const struct addrinfo **reached)
{
	int64_t due = custody_reach_now(); /* when the next is tried */
	size_t tried = 0;

	for (;;) {
		int64_t now = custody_reach_now();
		bool failed = false;
		int error;

		if (now >= deadline)
			return ETIMEDOUT;
		if (next && (t->n == 0 || now >= due)) {
			*reached = next;
			if (begin(t, next))
				return 0;
			next = ++tried < CUSTODY_REACH_MOST ? next->ai_next : NULL;
			due = now + CUSTODY_REACH_STAGGER;
			continue;
		}
		if (t->n == 0)
			return t->error;
		error = pause_until(t, next && due < deadline ? due : deadline, interrupted);
		if (error)
			return error;
		*reached = look(t, &failed);
		if (*reached)
			return 0;
		if (failed)
			due = now;
	}
}

int custody_reach(const struct addrinfo *list, int64_t deadline, bool (*interrupted)(void *), const struct addrinfo **reached)
{
	struct attempts t = { .n = 0, .error = EADDRNOTAVAIL };
	int error = race(&t, list, deadline, interrupted, reached);

	close_all(&t);
	return error;
}
