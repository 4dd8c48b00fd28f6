/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmd/reach.h"

/* An address of this machine, as a resolver would list it. */
struct address {
	struct sockaddr_in name;
	struct addrinfo info;
	int fd; /* that listens there, or -1 */
	int full[8]; /* connections that fill its queue */
	size_t n_full;
};

static void make(struct address *a)
{
	socklen_t size = sizeof(a->name);

	*a = (struct address){ .name = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) }, .fd = -1 };
	a->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert(a->fd >= 0 && bind(a->fd, (struct sockaddr *)&a->name, size) == 0);
	cr_assert(getsockname(a->fd, (struct sockaddr *)&a->name, &size) == 0);
	a->info = (struct addrinfo){
		.ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_addr = (struct sockaddr *)&a->name, .ai_addrlen = sizeof(a->name)
	};
}

static void answering(struct address *a)
{
	make(a);
	cr_assert(listen(a->fd, 8) == 0);
}

/* Its port is bound, so that nobody else gets it, and nobody listens. */
static void refusing(struct address *a)
{
	make(a);
}

/* Nobody takes what waits there, and there is no more room to wait: what else comes is dropped, as by a network that swallows packets. */
static void silent(struct address *a)
{
	make(a);
	cr_assert(listen(a->fd, 0) == 0);
	for (; a->n_full < 8; a->n_full++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

		cr_assert(fd >= 0);
		(void)!connect(fd, a->info.ai_addr, a->info.ai_addrlen);
		a->full[a->n_full] = fd;
	}
}

static void done(struct address *a)
{
	while (a->n_full > 0)
		close(a->full[--a->n_full]);
	close(a->fd);
}

static int64_t soon(int64_t ms)
{
	return custody_reach_now() + ms;
}

#define FAR 600000 /* milliseconds: the test's own limit comes first */

/* One that refuses is passed over, and one that is silent does not use up the time. */
Test(reach, the_first_address_that_answers_is_taken, .timeout = 120)
{
	static void (*const kinds[][3])(struct address *) = { { answering, answering, answering }, { refusing, answering, answering },
		{ silent, refusing, answering }, { silent, silent, answering }, { refusing, silent, answering } };
	static const size_t taken[] = { 0, 1, 2, 2, 2 };

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		const struct addrinfo *reached = NULL;
		struct address a[3];

		for (size_t k = 0; k < 3; k++)
			kinds[i][k](&a[k]);
		a[0].info.ai_next = &a[1].info;
		a[1].info.ai_next = &a[2].info;
		cr_expect_eq(custody_reach(&a[0].info, soon(FAR), NULL, &reached), 0, "%zu", i);
		cr_expect_eq(reached, &a[taken[i]].info, "%zu", i);
		for (size_t k = 0; k < 3; k++)
			done(&a[k]);
	}
}

Test(reach, where_nobody_answers_the_deadline_ends_it)
{
	struct address a, b;
	const struct addrinfo *reached = NULL;

	refusing(&b);
	silent(&a);
	a.info.ai_next = &b.info;
	cr_assert_eq(custody_reach(&a.info, soon(600), NULL, &reached), ETIMEDOUT);
	cr_assert_eq(custody_reach(&a.info, soon(0), NULL, &reached), ETIMEDOUT);
	done(&a);
	done(&b);
}

Test(reach, where_all_refuse_it_is_said_at_once)
{
	struct address a, b;
	const struct addrinfo *reached = NULL;

	refusing(&a);
	refusing(&b);
	a.info.ai_next = &b.info;
	cr_assert_eq(custody_reach(&a.info, soon(FAR), NULL, &reached), ECONNREFUSED);
	cr_assert_eq(custody_reach(NULL, soon(FAR), NULL, &reached), EADDRNOTAVAIL);
	done(&a);
	done(&b);
}

Test(reach, no_more_addresses_are_tried_than_the_limit)
{
	struct address a[CUSTODY_REACH_MOST + 1];
	const struct addrinfo *reached = NULL;

	for (size_t i = 0; i < CUSTODY_REACH_MOST; i++)
		refusing(&a[i]);
	answering(&a[CUSTODY_REACH_MOST]);
	for (size_t i = 0; i < CUSTODY_REACH_MOST; i++)
		a[i].info.ai_next = &a[i + 1].info;
	cr_assert_eq(custody_reach(&a[0].info, soon(FAR), NULL, &reached), ECONNREFUSED);
	cr_assert_eq(custody_reach(&a[1].info, soon(FAR), NULL, &reached), 0);
	for (size_t i = 0; i <= CUSTODY_REACH_MOST; i++)
		done(&a[i]);
}

static void ignore(int number)
{
	(void)number;
}

static bool yes(void *ctx)
{
	(void)ctx;
	return true;
}

static bool once(void *ctx)
{
	static int calls;

	(void)ctx;
	return calls++ > 0;
}

Test(reach, a_signal_ends_it_only_when_asked_to)
{
	struct sigaction act = { .sa_handler = ignore };
	const struct addrinfo *reached = NULL;
	struct address a;

	silent(&a);
	cr_assert(sigaction(SIGALRM, &act, NULL) == 0);
	alarm(1);
	cr_assert_eq(custody_reach(&a.info, soon(FAR), yes, &reached), EINTR);
	alarm(1);
	cr_assert_eq(custody_reach(&a.info, soon(1500), NULL, &reached), ETIMEDOUT);
	alarm(1);
	cr_assert_eq(custody_reach(&a.info, soon(1500), once, &reached), ETIMEDOUT);
	done(&a);
}
