/* SPDX-License-Identifier: Apache-2.0 */
/*
 * custody-worker: reads evidence where no key, no network and no file is. Started by custody with a socket and libmagic's database; not for people. See
 * custody-worker(8), protocol.h for what is said, sandbox.h for the walls.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/worker/inspect.h"
#include "cmd/worker/protocol.h"
#include "cmd/worker/sandbox.h"
#include "formats/content/archive.h"
#include "formats/content/identify.h"
#include "libcustody/base/limits.h"
#include "libcustody/crypto/openssl.h"

/* Identifying needs some 30 MiB of address space and a millisecond a job; the client replaces a worker after some thousand jobs. */
static const struct custody_sandbox_limits identify_limits = {
	.memory = (uint64_t)256 << 20,
	.cpu = 3600,
	.descriptors = 64,
	.keep = CUSTODY_WORKER_DATABASE,
	.socket = CUSTODY_WORKER_SOCKET,
};

/* Looking into an archive of a million members takes some 300 MiB, a dictionary of LZMA up to as much as its author likes; the client watches the clock. */
static const struct custody_sandbox_limits inspect_limits = {
	.memory = (uint64_t)1 << 30,
	.cpu = RLIM_INFINITY,
	.descriptors = 64,
	.keep = CUSTODY_WORKER_DATABASE,
	.socket = CUSTODY_WORKER_SOCKET,
};

struct worker {
	struct custody_identifier *identifier;
	uint8_t *content; /* CUSTODY_LIMIT_BLOCK bytes between two pages that nothing may touch */
};

static bool say(enum custody_worker_kind kind, unsigned flags, uint64_t job, const void *payload, size_t n)
{
	struct custody_worker_head head = { (uint32_t)(sizeof(head) + n), (uint16_t)kind, (uint16_t)flags, job };
	struct iovec parts[2] = { { &head, sizeof(head) }, { (void *)(uintptr_t)payload, n } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = n > 0 ? 2 : 1 };
	ssize_t sent;

	do
		sent = sendmsg(CUSTODY_WORKER_SOCKET, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)(sizeof(head) + n);
}

static bool say_failed(uint64_t job, const char *why)
{
	size_t n = strlen(why);

	return say(CUSTODY_WORKER_FAILED, CUSTODY_WORKER_LAST, job, why, n < CUSTODY_WORKER_TEXT_MAX ? n : CUSTODY_WORKER_TEXT_MAX);
}

/* The next job and its descriptor (-1: it had none). false: the client is gone, or sends what is no job. */
static bool next_job(struct custody_worker_head *head, int *fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = { head, sizeof(*head) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control.room) };
	struct cmsghdr *c;
	ssize_t got;

	do
		got = recvmsg(CUSTODY_WORKER_SOCKET, &message, 0);
	while (got < 0 && errno == EINTR);
	if (got != (ssize_t)sizeof(*head) || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) || head->length != sizeof(*head))
		return false;
	*fd = -1;
	c = CMSG_FIRSTHDR(&message);
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(fd, CMSG_DATA(c), sizeof(int));
	return true;
}

/* All of the descriptor into the end of the buffer, so that a reader that runs past the end of content runs into the wall. NULL: not readable, or too large. */
static const uint8_t *take_content(const struct worker *w, int fd, size_t *n)
{
	off_t size = lseek(fd, 0, SEEK_END);
	uint8_t *at;

	if (size < 0 || size > (off_t)CUSTODY_LIMIT_BLOCK)
		return NULL;
	at = w->content + (CUSTODY_LIMIT_BLOCK - (size_t)size);
	for (off_t done = 0; done < size;) {
		ssize_t got = pread(fd, at + done, (size_t)(size - done), done);

		if (got <= 0)
			return NULL;
		done += got;
	}
	*n = (size_t)size;
	return at;
}

static bool identify(const struct worker *w, uint64_t job, int fd)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	const uint8_t *p;
	const char *mime;
	size_t n = 0;

	p = fd >= 0 ? take_content(w, fd, &n) : NULL;
	if (!p)
		return say_failed(job, "its content was not handed over");
	if (custody_identify(w->identifier, p, n, &mime, &err))
		return say_failed(job, err.text);
	if (!custody_worker_mime_ok((const uint8_t *)mime, strlen(mime)))
		return say_failed(job, "libmagic does not say a media type");
	return say(CUSTODY_WORKER_TYPE, CUSTODY_WORKER_LAST, job, mime, strlen(mime));
}

static bool work(const struct worker *w)
{
	struct custody_worker_head head = { 0, 0, 0, 0 };
	int fd;

	while (next_job(&head, &fd)) {
		bool ok = head.kind == CUSTODY_WORKER_IDENTIFY ? identify(w, head.job, fd) : say_failed(head.job, "this worker does not do that");

		if (fd >= 0)
			close(fd);
		if (!ok)
			return false;
	}
	return true;
}

/* Room for content with a wall on each side. */
static int make_room(struct worker *w, struct custody_error *err)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *p = mmap(NULL, CUSTODY_LIMIT_BLOCK + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p, page, PROT_NONE) || mprotect(p + page + CUSTODY_LIMIT_BLOCK, page, PROT_NONE))
		return custody_fail_nomem(err);
	w->content = p + page;
	return 0;
}

/* The database is mapped, and libmagic has done with it what it does once, before the walls go up. */
static int load_database(struct worker *w, struct custody_error *err)
{
	const uint8_t empty = 0;
	const char *mime;
	struct stat st;
	void *p;

	if (fstat(CUSTODY_WORKER_DATABASE, &st))
		return custody_fail_errno(err, errno, "no database was handed over");
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, CUSTODY_WORKER_DATABASE, 0);
	if (p == MAP_FAILED)
		return custody_fail_errno(err, errno, "cannot map the database");
	if (custody_identifier_new(&w->identifier, p, (size_t)st.st_size, err))
		return -1;
	return custody_identify(w->identifier, &empty, 0, &mime, err);
}

static int start(struct worker *w, uint32_t *landlock, struct custody_error *err)
{
	if (make_room(w, err) || load_database(w, err))
		return -1;
	return custody_sandbox_enter(&identify_limits, CUSTODY_SANDBOX_ALL, landlock, err);
}

/* For inspect: a database is welcome but not needed. */
static int start_inspecting(struct worker *w, uint32_t *landlock, struct custody_error *err)
{
	struct stat st;

	if (fstat(CUSTODY_WORKER_DATABASE, &st) == 0 && load_database(w, err))
		return -1;
	if (custody_openssl_start(err))
		return -1;
	return custody_archive_prepare(err) || custody_sandbox_enter(&inspect_limits, CUSTODY_SANDBOX_ALL, landlock, err) ? -1 : 0;
}

/* Until the client has enough of it: that is after the first file that holds something. */
static bool inspect_all(const struct worker *w)
{
	while (custody_worker_inspect_one(w->identifier, say))
		;
	return true;
}

int main(int argc, char **argv)
{
	struct custody_worker_hello hello = { .version = CUSTODY_VERSION };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct sockaddr_storage name;
	socklen_t n = sizeof(name);
	static struct worker w;

	const bool inspect = argc == 2 && strcmp(argv[1], CUSTODY_WORKER_FOR_INSPECT) == 0;

	if (argc != 2 || (!inspect && strcmp(argv[1], CUSTODY_WORKER_FOR_IDENTIFY) != 0) ||
		getsockname(CUSTODY_WORKER_SOCKET, (struct sockaddr *)&name, &n)) {
		fputs("custody-worker is started by custody, which talks to it over a socket; see custody-worker(8)\n", stderr);
		return 64;
	}
	if (inspect ? start_inspecting(&w, &hello.landlock, &err) : start(&w, &hello.landlock, &err)) {
		(void)say_failed(0, err.text);
		_exit(70);
	}
	if (inspect)
		custody_archive_version(hello.by);
	else
		custody_identifier_version(hello.by);
	_exit(say(CUSTODY_WORKER_HELLO, CUSTODY_WORKER_LAST, 0, &hello, sizeof(hello)) && (inspect ? inspect_all(&w) : work(&w)) ? 0 : 74);
}
