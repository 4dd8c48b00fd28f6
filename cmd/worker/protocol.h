/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What custody and custody-worker say to each other, over one AF_UNIX socket of kind SOCK_SEQPACKET: a message is a frame, a frame is a head and a payload.
 * Both programs come from one build on one machine, so numbers are in its own byte order; each frame states its length all the same, and the hello the version.
 *
 *	custody -> worker	a job: kind, number, and by SCM_RIGHTS exactly one descriptor. IDENTIFY: a sealed memfd of at most CUSTODY_LIMIT_BLOCK bytes.
 *	worker -> custody	first one HELLO, said from inside the sandbox; then for each job, in the order of the jobs, its answers. The last answer of a job has
 *				the flag LAST.
 *
 * The worker has read hostile bytes: to custody every frame is hostile. custody_worker_frame_parse() is the only way in; a frame that it refuses ends the worker.
 */
#ifndef CUSTODY_CMD_WORKER_PROTOCOL_H
#define CUSTODY_CMD_WORKER_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Descriptors that the worker is started with; 0, 1 and 2 are /dev/null. */
#define CUSTODY_WORKER_SOCKET 3
#define CUSTODY_WORKER_DATABASE 4 /* libmagic's compiled database, read-only; mapped before the sandbox closes */

/* argv[1] of the worker: what it is started for, which decides its limits (cmd/worker/sandbox.h). */
#define CUSTODY_WORKER_FOR_IDENTIFY "identify"
#define CUSTODY_WORKER_FOR_INSPECT "inspect"

#define CUSTODY_WORKER_FRAME_MAX ((size_t)65536) /* bytes of a frame: a member's name of PATH_MAX bytes with its digests fits many times */
#define CUSTODY_WORKER_MIME_MAX 127 /* RFC 6838 4.2: 127 characters a half; nobody registers longer ones in all */
#define CUSTODY_WORKER_TEXT_MAX 256 /* version, name of a library, reason of a failure */

enum custody_worker_kind {
	/* jobs */
	CUSTODY_WORKER_IDENTIFY = 1, /* payload: none */
	CUSTODY_WORKER_INSPECT =
		2, /* payload: struct custody_worker_inspect. One a worker, whose descriptor is the archive itself, open for reading and for it alone */
	/* answers */
	CUSTODY_WORKER_HELLO = 129, /* job 0. payload: struct custody_worker_hello */
	CUSTODY_WORKER_TYPE = 130, /* payload: media type, text without NUL */
	CUSTODY_WORKER_FAILED = 131, /* payload: why the job could not be done, text without NUL: shown only through custody_display() */
	CUSTODY_WORKER_MEMBER = 132, /* the next bytes of a stream of records, each with its length (32 bits) in front: custody_inspect_decode() */
	CUSTODY_WORKER_DONE = 133, /* no payload: the stream is at its end */
};

#define CUSTODY_WORKER_LAST 1u /* flag: no further answer to this job */

struct custody_worker_head {
	uint32_t length; /* of the frame, head and all: the length of the message */
	uint16_t kind;
	uint16_t flags;
	uint64_t job; /* the client's number, repeated in every answer */
};

struct custody_worker_hello {
	char version[32]; /* CUSTODY_VERSION of the worker; NUL-terminated, as is the next */
	char by[32]; /* what identifies: "libmagic 5.44" */
	uint32_t landlock; /* ABI of the kernel's Landlock that is in force; 0: the kernel has none */
	uint32_t reserved; /* 0 */
};

/* What an archive is looked into by. */
struct custody_worker_inspect {
	uint64_t max_members, max_bytes, max_ratio, ratio_from, seconds;
	uint32_t digests; /* bits of enum custody_digest_id */
	uint32_t reserved; /* 0 */
	uint8_t key[16]; /* random */
};

/* A frame as it was received. */
struct custody_worker_frame {
	struct custody_worker_head head;
	const uint8_t *payload; /* borrows the message */
	size_t n;
};

/* A media type that may be repeated to others: type "/" subtype, restricted names of RFC 6838 4.2. */
static inline bool custody_worker_mime_ok(const uint8_t *p, size_t n)
{
	size_t slash = 0;

	if (n == 0 || n > CUSTODY_WORKER_MIME_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		bool word = (p[i] >= 'a' && p[i] <= 'z') || (p[i] >= 'A' && p[i] <= 'Z') || (p[i] >= '0' && p[i] <= '9');

		if (p[i] == '/' && slash == 0 && i > 0)
			slash = i;
		else if (!word && (i == 0 || (slash > 0 && i == slash + 1) || !memchr("!#$&-^_.+", p[i], 9)))
			return false;
	}
	return slash > 0 && slash + 1 < n;
}

static inline bool custody_worker_hello_ok(const struct custody_worker_frame *f)
{
	struct custody_worker_hello h;

	if (f->n != sizeof(h) || f->head.job != 0)
		return false;
	memcpy(&h, f->payload, sizeof(h));
	if (!memchr(h.version, 0, sizeof(h.version)) || !memchr(h.by, 0, sizeof(h.by)) || h.by[0] == 0 || h.reserved != 0)
		return false;
	for (const char *c = h.by; *c; c++)
		if (*c < ' ' || *c > '~')
			return false;
	return true;
}

/* What the payload of an answer of this kind must look like. That of MEMBER is judged by who asked for it. */
static inline bool custody_worker_payload_ok(const struct custody_worker_frame *f)
{
	switch (f->head.kind) {
	case CUSTODY_WORKER_HELLO:
		return f->head.flags == CUSTODY_WORKER_LAST && custody_worker_hello_ok(f);
	case CUSTODY_WORKER_TYPE:
		return f->head.flags == CUSTODY_WORKER_LAST && custody_worker_mime_ok(f->payload, f->n);
	case CUSTODY_WORKER_FAILED:
		return f->head.flags == CUSTODY_WORKER_LAST && f->n <= CUSTODY_WORKER_TEXT_MAX;
	case CUSTODY_WORKER_MEMBER:
		return f->head.flags == 0;
	case CUSTODY_WORKER_DONE:
		return f->head.flags == CUSTODY_WORKER_LAST && f->n == 0;
	default:
		return false;
	}
}

/* An answer, from the n bytes of one message. false: it is none, and the worker that sent it is not to be believed any more. */
static inline bool custody_worker_frame_parse(const uint8_t *p, size_t n, struct custody_worker_frame *f)
{
	if (n < sizeof(f->head) || n > CUSTODY_WORKER_FRAME_MAX)
		return false;
	memcpy(&f->head, p, sizeof(f->head));
	f->payload = p + sizeof(f->head);
	f->n = n - sizeof(f->head);
	return f->head.length == n && custody_worker_payload_ok(f);
}

#endif
