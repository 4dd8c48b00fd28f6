/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cmd/tsad/protocol.h"
#include "cmd/tsad/tsad.h"
#include "libcustody/base/bytes.h"
#include "libcustody/base/cleanup.h"

int custody_tsad_channel_init(struct custody_tsad_channel *c, int fd, struct custody_error *err)
{
	*c = (struct custody_tsad_channel){ .fd = fd };
	c->answer = malloc(CUSTODY_TSAD_ANSWER_MAX);
	return c->answer ? 0 : custody_fail_nomem(err);
}

void custody_tsad_channel_release(struct custody_tsad_channel *c)
{
	custody_cleanup_fd(&c->fd);
	free(c->answer);
	*c = (struct custody_tsad_channel){ .fd = -1 };
}

static bool put(struct custody_tsad_channel *c, const uint8_t *p, size_t n)
{
	ssize_t sent;

	do
		sent = send(c->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	/* A full queue is the other side's doing as well: one order at a time is all that ever lies in it. */
	if (sent != (ssize_t)n)
		c->broken = true;
	return sent == (ssize_t)n;
}

bool custody_tsad_channel_ready(struct custody_tsad_channel *c)
{
	const uint8_t ready = CUSTODY_TSAD_READY;

	return put(c, &ready, 1);
}

bool custody_tsad_channel_alive(const struct custody_tsad_channel *c)
{
	struct pollfd p = { .fd = c->fd, .events = 0 };

	return !c->broken && (poll(&p, 1, 0) <= 0 || (p.revents & (POLLHUP | POLLERR | POLLNVAL)) == 0);
}

static int64_t milliseconds(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) != 0)
		return INT64_MAX; /* then every deadline has passed */
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The next answer, within that time. 0: none came; the length otherwise. */
static size_t next_answer(struct custody_tsad_channel *c, int64_t until)
{
	for (;;) {
		struct pollfd p = { .fd = c->fd, .events = POLLIN };
		int64_t left = until - milliseconds();
		int n = poll(&p, 1, left > 0 && left <= CUSTODY_TSAD_WAIT_MS ? (int)left : 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			return 0;
		ssize_t got = n < 0 ? -1 : recv(c->fd, c->answer, CUSTODY_TSAD_ANSWER_MAX, MSG_DONTWAIT | MSG_TRUNC);
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got < (ssize_t)CUSTODY_TSAD_HEAD || (size_t)got > CUSTODY_TSAD_ANSWER_MAX)
			c->broken = true;
		return c->broken ? 0 : (size_t)got;
	}
}

/* The answer to the last order: its length, 0 when it did not come. Others are late answers to earlier orders and nobody's any more. */
static size_t wait_for_last(struct custody_tsad_channel *c, int64_t until)
{
	size_t n;

	while ((n = next_answer(c, until)) > 0)
		if (custody_get_le64(c->answer + 1) == c->last) {
			c->late = false;
			return n;
		}
	return 0;
}

static int no_answer(struct custody_buf *out, struct custody_error *err)
{
	return custody_tsp_refused(CUSTODY_TSP_SYSTEM_FAILURE, "the part that holds the key does not answer, try again", out, err);
}

static int unwrap(struct custody_tsad_channel *c, size_t n, struct custody_buf *out, struct custody_error *err)
{
	const uint8_t *body = c->answer + CUSTODY_TSAD_HEAD;
	size_t len = n - CUSTODY_TSAD_HEAD;
	char text[CUSTODY_LIMIT_TSP_TEXT + 1] = "";

	if (c->answer[0] == CUSTODY_TSAD_TOKEN && len > 0)
		return custody_tsp_granted((struct custody_bytes){ body, len }, out, err);
	if (c->answer[0] != CUSTODY_TSAD_REFUSAL || len < 1 || len > sizeof(text) || !custody_tsp_failure_is_known(body[0])) {
		c->broken = true;
		return no_answer(out, err);
	}
	memcpy(text, body + 1, len - 1);
	return custody_tsp_refused((enum custody_tsp_failure)body[0], text, out, err);
}

int custody_tsad_channel_ask(
	struct custody_tsad_channel *c, const struct custody_tsp_order *order, struct custody_buf *out, struct custody_error *err)
{
	uint8_t message[CUSTODY_TSAD_ORDER_BYTES] = { CUSTODY_TSAD_ORDER };
	size_t n;

	/* While an answer is overdue nobody else waits the whole time for the next. */
	if (c->broken || (c->late && wait_for_last(c, milliseconds()) == 0))
		return no_answer(out, err);
	custody_put_le64(message + 1, ++c->last);
	custody_tsp_order_format(order, message + CUSTODY_TSAD_HEAD);
	if (!put(c, message, sizeof(message)))
		return no_answer(out, err);
	c->late = true;
	n = wait_for_last(c, milliseconds() + CUSTODY_TSAD_WAIT_MS);
	return n > 0 ? unwrap(c, n, out, err) : no_answer(out, err);
}
