/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/worker/inspect.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "formats/content/archive.h"
#include "formats/inspect.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/limits.h"

#define FRAME_PAYLOAD ((size_t)60000) /* of a MEMBER frame: below CUSTODY_WORKER_FRAME_MAX with its head */
#define RECORD_MAX (4 * CUSTODY_LIMIT_INSPECT_NAME) /* three names, and the rest */

struct job {
	struct custody_identifier *identifier;
	custody_worker_say say;
	struct custody_worker_inspect wanted;
	uint64_t number;
	int fd;
	struct timespec started;
	struct custody_buf out; /* of the stream, not sent */
	struct custody_buf record;
	bool begun, client_gone;
};

/* The one message, its payload and its descriptor. */
static bool receive(struct job *j)
{
	struct custody_worker_head head;
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec parts[2] = { { &head, sizeof(head) }, { &j->wanted, sizeof(j->wanted) } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2, .msg_control = &control, .msg_controllen = sizeof(control.room) };
	struct cmsghdr *c;
	ssize_t got;

	do
		got = recvmsg(CUSTODY_WORKER_SOCKET, &message, 0);
	while (got < 0 && errno == EINTR);
	if (got != (ssize_t)(sizeof(head) + sizeof(j->wanted)) || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return false;
	c = CMSG_FIRSTHDR(&message);
	if (head.kind != CUSTODY_WORKER_INSPECT || !c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
		c->cmsg_len != CMSG_LEN(sizeof(int)))
		return false;
	memcpy(&j->fd, CMSG_DATA(c), sizeof(int));
	j->number = head.job;
	return j->wanted.max_ratio > 0;
}

/* ---- what libarchive reads ---- */

static int read_at(void *ctx, uint64_t off, uint8_t *p, size_t n, struct custody_error *err)
{
	const struct job *j = ctx;
	size_t got = 0;

	if (custody_fd_pread(j->fd, off, p, n, &got, "the file", err))
		return -1;
	return got == n ? 0 : custody_fail_errno(err, EIO, "the file became shorter");
}

static bool is_late(void *ctx)
{
	const struct job *j = ctx;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)(now.tv_sec - j->started.tv_sec) > j->wanted.seconds;
}

static void identify(void *ctx, const uint8_t *p, size_t n, char type[CUSTODY_INSPECT_TYPE])
{
	const struct job *j = ctx;
	struct custody_error err = CUSTODY_ERROR_INIT;
	const char *mime;

	_Static_assert(CUSTODY_WORKER_MIME_MAX < CUSTODY_INSPECT_TYPE, "a type fits");
	if (!j->identifier || custody_identify(j->identifier, p, n, &mime, &err) || !custody_worker_mime_ok((const uint8_t *)mime, strlen(mime)))
		return;
	memcpy(type, mime, strlen(mime) + 1);
}

/* ---- what is sent ---- */

static int flush(struct job *j, size_t keep, struct custody_error *err)
{
	size_t at = 0;

	while (j->out.len - at > keep) {
		size_t n = j->out.len - at < FRAME_PAYLOAD ? j->out.len - at : FRAME_PAYLOAD;

		if (!j->say(CUSTODY_WORKER_MEMBER, 0, j->number, j->out.data + at, n)) {
			j->client_gone = true;
			return custody_fail(err, CUSTODY_ERR_INTERRUPTED, "the client is gone");
		}
		at += n;
	}
	if (at > 0)
		memmove(j->out.data, j->out.data + at, j->out.len - at);
	j->out.len -= at;
	return 0;
}

static int send_record(struct job *j, const struct custody_inspect_record *r, struct custody_error *err)
{
	uint8_t length[4];

	custody_buf_clear(&j->record);
	if (custody_inspect_encode(&j->record, r, err))
		return -1;
	custody_put_le32(length, (uint32_t)j->record.len);
	if (custody_buf_append(&j->out, length, sizeof(length), err) || custody_buf_append(&j->out, j->record.data, j->record.len, err))
		return -1;
	return flush(j, FRAME_PAYLOAD, err);
}

static int take_begin(void *ctx, const struct custody_inspect_begin *begin, struct custody_error *err)
{
	const struct custody_inspect_record r = { .type = CUSTODY_INSPECT_RECORD_BEGIN, .begin = *begin };
	struct job *j = ctx;

	j->begun = true;
	return send_record(ctx, &r, err) || flush(ctx, 0, err) ? -1 : 0;
}

static int take_member(void *ctx, const struct custody_inspect_member *member, struct custody_error *err)
{
	const struct custody_inspect_record r = { .type = CUSTODY_INSPECT_RECORD_MEMBER, .member = *member };

	return send_record(ctx, &r, err);
}

static int take_note(void *ctx, const struct custody_inspect_note *note, struct custody_error *err)
{
	const struct custody_inspect_record r = { .type = CUSTODY_INSPECT_RECORD_NOTE, .note = *note };

	return send_record(ctx, &r, err);
}

static int look(struct job *j, struct custody_error *err)
{
	const struct custody_worker_inspect *w = &j->wanted;
	struct custody_archive_options options = { .digests = w->digests & (CUSTODY_DIGEST_BIT(CUSTODY_DIGEST_COUNT) - 1),
		.max_members = w->max_members,
		.max_bytes = w->max_bytes,
		.max_ratio = w->max_ratio,
		.ratio_from = w->ratio_from,
		.identify = identify,
		.identify_ctx = j,
		.stop = is_late,
		.stop_ctx = j };
	const struct custody_inspect_sink sink = { take_begin, take_member, take_note, j };
	struct custody_inspect_record r = { .type = CUSTODY_INSPECT_RECORD_END };
	off_t size = lseek(j->fd, 0, SEEK_END);
	struct custody_source source = { .size = (uint64_t)size, .read = read_at, .ctx = j };

	if (size < 0)
		return custody_fail_errno(err, errno, "cannot seek");
	memcpy(options.key, w->key, sizeof(options.key));
	if (custody_archive_inspect(&source, &options, &sink, &r.end, err)) {
		if (err->kind != CUSTODY_ERR_NOMEM || !j->begun)
			return -1;
		r.end.outcome = CUSTODY_INSPECT_TOO_BIG; /* ours ran out: a limit like that of libarchive's */
	}
	return send_record(j, &r, err) || flush(j, 0, err) ? -1 : 0;
}

static bool do_job(struct job *j)
{
	struct custody_error err = CUSTODY_ERROR_INIT;

	clock_gettime(CLOCK_MONOTONIC, &j->started);
	custody_buf_init(&j->out, RECORD_MAX + 2 * FRAME_PAYLOAD);
	custody_buf_init(&j->record, RECORD_MAX);
	if (look(j, &err)) {
		size_t n = strlen(err.text);

		if (j->client_gone)
			return false;
		/* What was met before is said before the failure. */
		(void)flush(j, 0, &err);
		return j->say(
			CUSTODY_WORKER_FAILED, CUSTODY_WORKER_LAST, j->number, err.text, n < CUSTODY_WORKER_TEXT_MAX ? n : CUSTODY_WORKER_TEXT_MAX);
	}
	return j->say(CUSTODY_WORKER_DONE, CUSTODY_WORKER_LAST, j->number, NULL, 0);
}

bool custody_worker_inspect_one(struct custody_identifier *identifier, custody_worker_say say)
{
	struct job j = { .identifier = identifier, .say = say, .fd = -1 };
	bool ok = receive(&j) && do_job(&j);

	if (j.fd >= 0)
		close(j.fd);
	custody_buf_release(&j.out);
	custody_buf_release(&j.record);
	return ok;
}
