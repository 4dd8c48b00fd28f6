/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything happens in the calling thread, when it offers content or asks for an answer: the workers are the parallel part. A job is one content; tickets are the items
 * that wait for one, in the order of the items.
 */
#include "cmd/identify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cmd/environment.h"
#include "cmd/worker_process.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/limits.h"
#include "libcustody/crypto/digest.h"

#define DATABASE_MAX ((off_t)256 << 20)

#define DEPTH 8 /* jobs a worker has at once: it never waits for us, and at most 8 MiB a worker are under way */
#define CACHE 16384 /* answers kept by content: 3 MiB */
#define RETIRE 8192 /* jobs after which a worker is replaced: what hostile content may have left in it does not stay */

/* Why an item has no type: static texts, in the inventory. NULL in a result with a mime: it has one. */
static const char died[] = "the worker died of it", slow[] = "the worker took too long", lied[] = "the worker sent what is no answer",
		  failed[] = "libmagic cannot say", gone[] = "too many workers died before", no_copy[] = "there was no memory to show it to a worker";

struct result {
	char mime[CUSTODY_WORKER_MIME_MAX + 1]; /* empty: not identified */
	const char *detail;
};

struct job {
	struct job *next; /* in the list of those that wait for a worker */
	uint64_t number;
	uint8_t sha256[32];
	int memfd; /* owned; -1 once answered */
	unsigned deaths; /* workers that ended while this one was at the head of their queue */
	size_t tickets; /* that point here */
	bool done;
	struct result result;
};

struct ticket {
	struct ticket *next;
	uint64_t n;
	struct job *job;
};

struct lane {
	struct custody_worker worker;
	bool greeted;
	struct job *queue[DEPTH]; /* sent, not answered, oldest first */
	size_t n;
	size_t answered;
	struct timespec since; /* when the oldest became so */
};

struct cached {
	uint8_t sha256[32];
	bool used;
	struct result result;
};

struct custody_identify {
	int database;
	char by[32], version[96];
	struct lane lanes[CUSTODY_IDENTIFY_WORKERS];
	size_t n_lanes, max_lanes;
	struct job *waiting, **waiting_last; /* not sent */
	size_t n_waiting;
	struct ticket *first, **last;
	struct result answer; /* what custody_identify_answer() gave last: it is borrowed from here */
	uint64_t next_number;
	size_t ended;
	struct cached *cache; /* CACHE of them, by the first bytes of the digest */
	uint8_t *buf; /* CUSTODY_WORKER_FRAME_MAX */
};

/* ---- jobs ---- */

static struct cached *cache_slot(const struct custody_identify *i, const uint8_t sha256[32])
{
	return &i->cache[((size_t)sha256[0] << 8 | sha256[1]) % CACHE];
}

/* The job is answered: nobody else is asked again for this content while the cache keeps it. */
static void settle(struct custody_identify *i, struct job *j, const uint8_t *mime, size_t n, const char *detail)
{
	struct cached *c = cache_slot(i, j->sha256);

	memset(&j->result, 0, sizeof(j->result));
	if (mime)
		memcpy(j->result.mime, mime, n);
	j->result.detail = detail;
	j->done = true;
	if (j->memfd >= 0)
		close(j->memfd);
	j->memfd = -1;
	if (detail == gone)
		return;
	memcpy(c->sha256, j->sha256, 32);
	c->result = j->result;
	c->used = true;
}

static void wait_again(struct custody_identify *i, struct job *j)
{
	j->next = i->waiting;
	i->waiting = j;
	if (!j->next)
		i->waiting_last = &j->next;
	i->n_waiting++;
}

static struct job *pop_waiting(struct custody_identify *i)
{
	struct job *j = i->waiting;

	i->waiting = j->next;
	if (!i->waiting)
		i->waiting_last = &i->waiting;
	i->n_waiting--;
	j->next = NULL;
	return j;
}

/* ---- workers ---- */

static int64_t milliseconds_since(const struct timespec *t)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)(now.tv_sec - t->tv_sec) * 1000 + (now.tv_nsec - t->tv_nsec) / 1000000;
}

/* Its jobs go to others, oldest first; the oldest is the suspect, and gets a second worker to itself before it is said that it kills them. */
static void end_worker(struct custody_identify *i, struct lane *l, const char *why)
{
	struct job *suspect = l->n > 0 ? l->queue[0] : NULL;
	bool convict;

	custody_worker_kill(&l->worker);
	i->ended++;
	convict = suspect && l->greeted && (why == slow || ++suspect->deaths > 1);
	for (size_t k = l->n; k > (convict ? 1 : 0); k--)
		wait_again(i, l->queue[k - 1]);
	if (convict)
		settle(i, suspect, NULL, 0, why);
	l->n = 0;
}

/* Nobody is left to ask. */
static void give_up(struct custody_identify *i)
{
	while (i->waiting)
		settle(i, pop_waiting(i), NULL, 0, gone);
	for (size_t k = 0; k < i->n_lanes; k++) {
		while (i->lanes[k].n > 0)
			settle(i, i->lanes[k].queue[--i->lanes[k].n], NULL, 0, gone);
		custody_worker_kill(&i->lanes[k].worker);
	}
}

static bool spent(const struct custody_identify *i)
{
	return i->ended >= CUSTODY_IDENTIFY_ENDED;
}

static bool start_worker(struct custody_identify *i, struct lane *l)
{
	struct custody_error err = CUSTODY_ERROR_INIT;

	if (custody_worker_start(&l->worker, CUSTODY_WORKER_FOR_IDENTIFY, i->database, &err)) {
		i->ended = CUSTODY_IDENTIFY_ENDED; /* no program or no memory: trying again at once helps nobody */
		return false;
	}
	l->greeted = false;
	l->answered = 0;
	return true;
}

/* A worker with room, or a new one when all that there are have work and there may be more. NULL: none now. */
static struct lane *lane_for(struct custody_identify *i)
{
	struct lane *best = NULL;

	for (size_t k = 0; k < i->n_lanes; k++) {
		struct lane *l = &i->lanes[k];

		if (l->worker.pid > 0 && l->n == 0 && l->answered >= RETIRE)
			custody_worker_kill(&l->worker);
		if (l->worker.pid == 0 && !start_worker(i, l))
			return NULL;
		/* One that a worker died over already runs alone, so that there is no doubt the second time. */
		if (l->n > 0 && l->queue[0]->deaths > 0)
			continue;
		if (l->answered < RETIRE && l->n < DEPTH && (!best || l->n < best->n))
			best = l;
	}
	if (i->n_lanes == i->max_lanes || (best && best->n == 0))
		return best;
	if (!start_worker(i, &i->lanes[i->n_lanes]))
		return NULL;
	return &i->lanes[i->n_lanes++];
}

static void hand_out(struct custody_identify *i)
{
	while (i->waiting && !spent(i)) {
		struct lane *l = lane_for(i);
		struct job *j;

		if (!l || (i->waiting->deaths > 0 && l->n > 0))
			break;
		j = pop_waiting(i);
		if (l->n == 0)
			clock_gettime(CLOCK_MONOTONIC, &l->since);
		l->queue[l->n++] = j;
		if (!custody_worker_send(&l->worker, CUSTODY_WORKER_IDENTIFY, j->number, NULL, 0, j->memfd))
			end_worker(i, l, died);
	}
	if (spent(i))
		give_up(i);
}

/* ---- what they say ---- */

static bool take_hello(const struct custody_identify *i, struct lane *l, const struct custody_worker_frame *f)
{
	struct custody_worker_hello h;

	if (f->head.kind != CUSTODY_WORKER_HELLO)
		return false;
	memcpy(&h, f->payload, sizeof(h));
	l->greeted = true;
	if (l->n > 0)
		clock_gettime(CLOCK_MONOTONIC, &l->since);
	return strcmp(h.version, CUSTODY_VERSION) == 0 && strcmp(h.by, i->by) == 0;
}

/* false: this is not the answer to the oldest job of this worker. */
static bool take_frame(struct custody_identify *i, struct lane *l, const struct custody_worker_frame *f)
{
	bool type = f->head.kind == CUSTODY_WORKER_TYPE;
	struct job *j = l->n > 0 ? l->queue[0] : NULL;

	if (!l->greeted)
		return take_hello(i, l, f);
	if (!j || f->head.job != j->number || (!type && f->head.kind != CUSTODY_WORKER_FAILED))
		return false;
	settle(i, j, type ? f->payload : NULL, type ? f->n : 0, type ? NULL : failed);
	l->n--;
	l->answered++;
	memmove(l->queue, l->queue + 1, l->n * sizeof(l->queue[0]));
	clock_gettime(CLOCK_MONOTONIC, &l->since);
	return true;
}

/* Everything that this worker has said; then whether it has been at one job for too long. */
static void listen_to(struct custody_identify *i, struct lane *l)
{
	struct custody_worker_frame f;

	while (l->worker.pid > 0) {
		enum custody_worker_heard heard = custody_worker_hear(&l->worker, i->buf, &f, 0);

		if (heard == CUSTODY_WORKER_SIGNAL)
			continue;
		if (heard == CUSTODY_WORKER_QUIET)
			break;
		if (heard == CUSTODY_WORKER_GONE)
			end_worker(i, l, died);
		else if (heard == CUSTODY_WORKER_LIED || !take_frame(i, l, &f))
			end_worker(i, l, lied);
	}
	if (l->worker.pid > 0 && l->n > 0 && milliseconds_since(&l->since) > CUSTODY_IDENTIFY_SECONDS * 1000)
		end_worker(i, l, slow);
}

static int poll_time(const struct custody_identify *i)
{
	int64_t least = CUSTODY_IDENTIFY_SECONDS * 1000;

	for (size_t k = 0; k < i->n_lanes; k++)
		if (i->lanes[k].n > 0) {
			int64_t left = CUSTODY_IDENTIFY_SECONDS * 1000 - milliseconds_since(&i->lanes[k].since);

			least = left < least ? left : least;
		}
	return least < 0 ? 0 : (int)least + 1;
}

static void wait_for_any(const struct custody_identify *i)
{
	struct pollfd p[CUSTODY_IDENTIFY_WORKERS];
	nfds_t n = 0;

	for (size_t k = 0; k < i->n_lanes; k++)
		if (i->lanes[k].n > 0)
			p[n++] = (struct pollfd){ .fd = i->lanes[k].worker.fd, .events = POLLIN };
	if (n > 0)
		(void)poll(p, n, poll_time(i)); /* whatever it says, all are listened to */
}

/* Hears what was said and hands out what waits; first waits until somebody says something if wait. */
static int pump(struct custody_identify *i, bool wait, struct custody_error *err)
{
	if (wait && custody_environment_interrupted(NULL))
		return custody_fail(err, CUSTODY_ERR_INTERRUPTED, "interrupted");
	if (wait)
		wait_for_any(i);
	for (size_t k = 0; k < i->n_lanes; k++)
		listen_to(i, &i->lanes[k]);
	hand_out(i);
	return 0;
}

/* ---- what comes in ---- */

/* Content in a file of its own that nobody can change any more. -1: that is not to be had, and no reason not to seal. */
static int make_memfd(const uint8_t *p, size_t n)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_CLOSE int fd = memfd_create("custody-content", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || custody_fd_write(fd, p, n, "a file in memory", &err) ||
		fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE))
		return -1;
	return custody_steal_fd(&fd);
}

/* The job of the same content, if it is under way. */
static struct job *find_job(const struct custody_identify *i, const uint8_t sha256[32])
{
	for (struct job *j = i->waiting; j; j = j->next)
		if (memcmp(j->sha256, sha256, 32) == 0)
			return j;
	for (size_t k = 0; k < i->n_lanes; k++)
		for (size_t q = 0; q < i->lanes[k].n; q++)
			if (memcmp(i->lanes[k].queue[q]->sha256, sha256, 32) == 0)
				return i->lanes[k].queue[q];
	return NULL;
}

static struct job *new_job(struct custody_identify *i, const uint8_t sha256[32], const uint8_t *p, size_t n, struct custody_error *err)
{
	const struct cached *c = cache_slot(i, sha256);
	CUSTODY_FREE struct job *j = calloc(1, sizeof(*j));

	if (!j) {
		custody_fail_nomem(err);
		return NULL;
	}
	j->memfd = -1;
	j->number = ++i->next_number;
	memcpy(j->sha256, sha256, 32);
	if (c->used && memcmp(c->sha256, sha256, 32) == 0) {
		j->result = c->result;
		j->done = true;
		return custody_steal(&j);
	}
	if (!spent(i))
		j->memfd = make_memfd(p, n);
	if (j->memfd < 0) {
		j->result.detail = spent(i) ? gone : no_copy;
		j->done = true;
		return custody_steal(&j);
	}
	*i->waiting_last = j;
	i->waiting_last = &j->next;
	i->n_waiting++;
	return custody_steal(&j);
}

static int offer(void *ctx, uint64_t n, const uint8_t *p, size_t len, const uint8_t *known, struct custody_error *err)
{
	struct custody_identify *i = ctx;
	CUSTODY_FREE struct ticket *t = calloc(1, sizeof(*t));
	uint8_t sha256[32];

	if (!t)
		return custody_fail_nomem(err);
	if (known)
		memcpy(sha256, known, 32);
	else if (custody_digest_once(CUSTODY_SHA256, p, len, sha256, err))
		return -1;
	t->n = n;
	t->job = find_job(i, sha256);
	if (!t->job)
		t->job = new_job(i, sha256, p, len, err);
	if (!t->job)
		return -1;
	t->job->tickets++;
	*i->last = t;
	i->last = &custody_steal(&t)->next;
	if (pump(i, false, err))
		return -1;
	while (i->n_waiting > 0)
		if (pump(i, true, err))
			return -1;
	return 0;
}

static void drop_ticket(struct custody_identify *i)
{
	struct ticket *t = i->first;

	i->first = t->next;
	if (!i->first)
		i->last = &i->first;
	if (--t->job->tickets == 0)
		free(t->job);
	free(t);
}

static int answer(void *ctx, uint64_t n, bool wait, struct custody_seal_type *out, struct custody_error *err)
{
	struct custody_identify *i = ctx;

	if (!i->first || i->first->n != n)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "the type of item %llu is asked for out of order", (unsigned long long)n);
	if (!i->first->job->done && pump(i, false, err))
		return -1;
	while (!i->first->job->done) {
		if (!wait)
			return 0;
		if (pump(i, true, err))
			return -1;
	}
	i->answer = i->first->job->result;
	drop_ticket(i);
	*out = (struct custody_seal_type){ i->answer.detail ? NULL : i->answer.mime, i->answer.detail };
	return 1;
}

/* ---- beginning and end ---- */

/* The database, and its digest: what said of which type an item is, to the byte. */
static int open_database(struct custody_identify *i, struct custody_error *err)
{
	uint8_t sha256[32];
	struct stat st;
	char hex[65];
	void *p;
	int rc;

	i->database = open(CUSTODY_MAGIC_DATABASE, O_RDONLY | O_CLOEXEC);
	if (i->database < 0 && errno == ENOENT)
		return custody_fail(err, CUSTODY_ERR_INPUT, "libmagic's database '%s' is not there", CUSTODY_MAGIC_DATABASE);
	if (i->database < 0 || fstat(i->database, &st) != 0)
		return custody_fail_errno(err, errno, "cannot open libmagic's database '%s'", CUSTODY_MAGIC_DATABASE);
	if (!S_ISREG(st.st_mode) || st.st_size == 0 || st.st_size > DATABASE_MAX)
		return custody_fail(err, CUSTODY_ERR_INPUT, "'%s' is not a database of libmagic", CUSTODY_MAGIC_DATABASE);
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, i->database, 0);
	if (p == MAP_FAILED)
		return custody_fail_errno(err, errno, "cannot map libmagic's database");
	rc = custody_digest_once(CUSTODY_SHA256, p, (size_t)st.st_size, sha256, err);
	munmap(p, (size_t)st.st_size);
	if (rc)
		return -1;
	custody_hex_format(sha256, 32, hex);
	snprintf(i->version, sizeof(i->version), "magic.mgc, sha256 %s", hex);
	return 0;
}

static int greet_first(struct custody_identify *i, struct custody_error *err)
{
	struct custody_worker_hello hello;
	struct lane *l = &i->lanes[0];

	if (custody_worker_start(&l->worker, CUSTODY_WORKER_FOR_IDENTIFY, i->database, err))
		return -1;
	i->n_lanes = 1;
	if (custody_worker_greet(&l->worker, &hello, err))
		return -1;
	l->greeted = true;
	memcpy(i->by, hello.by, sizeof(i->by));
	return 0;
}

int custody_identify_start(struct custody_identify **out, size_t workers, struct custody_error *err)
{
	CUSTODY_IDENTIFY_CLEAN struct custody_identify *i = calloc(1, sizeof(*i));

	if (!i)
		return custody_fail_nomem(err);
	i->database = -1;
	i->last = &i->first;
	i->waiting_last = &i->waiting;
	i->max_lanes = workers < 1 ? 1 : workers > CUSTODY_IDENTIFY_WORKERS ? CUSTODY_IDENTIFY_WORKERS : workers;
	for (size_t k = 0; k < CUSTODY_IDENTIFY_WORKERS; k++)
		i->lanes[k].worker = (struct custody_worker)CUSTODY_WORKER_INIT;
	i->cache = calloc(CACHE, sizeof(*i->cache));
	i->buf = malloc(CUSTODY_WORKER_FRAME_MAX);
	if (!i->cache || !i->buf)
		return custody_fail_nomem(err);
	if (open_database(i, err) || greet_first(i, err))
		return -1;
	*out = custody_steal(&i);
	return 0;
}

static void end(void *ctx)
{
	struct custody_identify *i = ctx;

	give_up(i);
}

void custody_identify_stop(struct custody_identify **p)
{
	struct custody_identify *i = *p;

	*p = NULL;
	if (!i)
		return;
	give_up(i);
	while (i->first)
		drop_ticket(i);
	if (i->database >= 0)
		close(i->database);
	free(i->cache);
	free(i->buf);
	free(i);
}

struct custody_seal_types custody_identify_types(struct custody_identify *i)
{
	return (struct custody_seal_types){ .by = i->by, .database = i->version, .ctx = i, .offer = offer, .answer = answer, .end = end };
}
