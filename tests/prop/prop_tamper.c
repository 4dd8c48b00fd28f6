/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No edit of a sealed package is VALID: every single-bit flip, every truncation, and at each offset an inserted 0x00, an inserted 0xFF, a doubled and a deleted
 * byte; and edits that know ZIP, so that the rules behind the container's are reached: both records of a member changed at once, content changed with its
 * CRC and sizes corrected, members moved, removed, doubled and exchanged.
 *
 *   prop_tamper [EVERY]     each EVERY-th edit (default: all of them, half a million; under sanitizers every 97th);
 *
 * Exit 1 if any edit was VALID or could not be judged, naming it. Edits that give the bytes of another edit are skipped.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "libcustody/base/source.h"
#include "libcustody/package/zip.h"
#include "tests/support/judge.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
#define EVERY 97
#else
#define EVERY 1
#endif

#define MEMBERS 64 /* more than a small package has */
#define LOCAL 30 /* bytes of a local header without name */
#define CENTRAL 46 /* and of a central record */
#define SHARED 26 /* bytes that both have: from 4 in the one, from 6 in the other */
#define END 22
#define WORKERS 64

struct member {
	size_t local, data, size, central, name_len;
};

struct package {
	const uint8_t *p;
	size_t n;
	struct member member[MEMBERS];
	size_t members, directory;
};

struct edited {
	uint8_t *p; /* room for twice the package */
	size_t n;
};

static uint32_t get(const uint8_t *p, int bytes)
{
	uint32_t v = 0;

	for (int i = bytes; i > 0; i--)
		v = v << 8 | p[i - 1];
	return v;
}

static void put32(uint8_t *p, size_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* The good package's structure; it is strict, so nothing needs to be doubted. */
static void look(struct package *k, const struct custody_buf *bytes)
{
	k->p = bytes->data;
	k->n = bytes->len;
	k->directory = get(k->p + k->n - END + 16, 4);
	k->members = get(k->p + k->n - END + 10, 2);
	for (size_t i = 0, at = k->directory; i < k->members; i++) {
		struct member *m = &k->member[i];

		m->central = at;
		m->name_len = get(k->p + at + 28, 2);
		m->size = get(k->p + at + 24, 4);
		m->local = get(k->p + at + 42, 4);
		m->data = m->local + LOCAL + m->name_len;
		at += CENTRAL + m->name_len;
	}
}

static void copy(const struct package *k, struct edited *e)
{
	memcpy(e->p, k->p, k->n);
	e->n = k->n;
}

/* ---- edits: each makes number `i` of its kind, or returns false where that is the same as another ---- */

static bool flip(const struct package *k, size_t i, struct edited *e)
{
	copy(k, e);
	e->p[i / 8] ^= (uint8_t)(1u << (i % 8));
	return true;
}

static bool cut(const struct package *k, size_t i, struct edited *e)
{
	copy(k, e);
	e->n = i;
	return true;
}

static bool insert(const struct package *k, size_t i, uint8_t byte, struct edited *e)
{
	if (i > 0 && k->p[i - 1] == byte)
		return false;
	memcpy(e->p, k->p, i);
	e->p[i] = byte;
	memcpy(e->p + i + 1, k->p + i, k->n - i);
	e->n = k->n + 1;
	return true;
}

static bool insert_00(const struct package *k, size_t i, struct edited *e)
{
	return insert(k, i, 0x00, e);
}

static bool insert_ff(const struct package *k, size_t i, struct edited *e)
{
	return insert(k, i, 0xff, e);
}

static bool twice(const struct package *k, size_t i, struct edited *e)
{
	return k->p[i] != 0x00 && k->p[i] != 0xff && insert(k, i, k->p[i], e);
}

static bool delete(const struct package *k, size_t i, struct edited *e)
{
	if (i > 0 && k->p[i - 1] == k->p[i])
		return false;
	memcpy(e->p, k->p, i);
	memcpy(e->p + i, k->p + i + 1, k->n - i - 1);
	e->n = k->n - 1;
	return true;
}

/* One bit of what a member's two records share, in both. */
static bool both_records(const struct package *k, size_t i, struct edited *e)
{
	size_t bit = i % 8, byte = i / 8;
	uint8_t mask = (uint8_t)(1u << bit);

	copy(k, e);
	for (size_t j = 0; j < k->members; j++) {
		const struct member *m = &k->member[j];

		if (byte < SHARED) {
			e->p[m->local + 4 + byte] ^= mask;
			e->p[m->central + 6 + byte] ^= mask;
			return true;
		}
		byte -= SHARED;
		if (byte < m->name_len) {
			e->p[m->local + LOCAL + byte] ^= mask;
			e->p[m->central + CENTRAL + byte] ^= mask;
			return true;
		}
		byte -= m->name_len;
	}
	return false;
}

/* A container built again from parts of the good one, CRCs, sizes and offsets right. */
struct rebuild {
	const struct package *k;
	struct edited *e;
	uint8_t directory[1 << 14];
	size_t directory_n, members;
};

/* Appends member j with content p. */
static void append(struct rebuild *r, size_t j, const uint8_t *p, size_t n)
{
	const struct member *m = &r->k->member[j];
	uint8_t *local = r->e->p + r->e->n, *central = r->directory + r->directory_n;
	uint32_t crc = custody_crc32(0, p, n);

	memcpy(central, r->k->p + m->central, CENTRAL + m->name_len);
	memcpy(local, r->k->p + m->local, LOCAL + m->name_len);
	put32(central + 42, r->e->n);
	put32(central + 16, crc);
	put32(central + 20, n);
	put32(central + 24, n);
	memcpy(local + 14, central + 16, 12);
	memcpy(local + LOCAL + m->name_len, p, n);
	r->e->n += LOCAL + m->name_len + n;
	r->directory_n += CENTRAL + m->name_len;
	r->members++;
}

static void append_same(struct rebuild *r, size_t j)
{
	append(r, j, r->k->p + r->k->member[j].data, r->k->member[j].size);
}

static void finish(struct rebuild *r)
{
	uint8_t *end = r->e->p + r->e->n + r->directory_n;

	memcpy(r->e->p + r->e->n, r->directory, r->directory_n);
	memcpy(end, r->k->p + r->k->n - END, END);
	end[8] = end[10] = (uint8_t)r->members;
	put32(end + 12, r->directory_n);
	put32(end + 16, r->e->n);
	r->e->n += r->directory_n + END;
}

/* Which member and which of its content's bytes number i is. */
static bool locate(const struct package *k, size_t i, size_t *member, size_t *at)
{
	for (*member = 0; *member < k->members; ++*member) {
		if (i < k->member[*member].size) {
			*at = i;
			return true;
		}
		i -= k->member[*member].size;
	}
	return false;
}

enum content { CONTENT_FLIP, CONTENT_DOUBLE, CONTENT_DELETE };

static bool edit_content(const struct package *k, size_t i, enum content how, struct edited *e)
{
	static uint8_t content[1 << 17];
	struct rebuild r = { .k = k, .e = e };
	size_t member, at;

	if (!locate(k, i, &member, &at))
		return false;
	const uint8_t *p = k->p + k->member[member].data;
	size_t n = k->member[member].size;

	if (how != CONTENT_FLIP && at > 0 && p[at] == p[at - 1])
		return false;
	memcpy(content, p, n);
	if (how == CONTENT_FLIP)
		content[at] ^= (uint8_t)(1u << (i % 8));
	else if (how == CONTENT_DOUBLE)
		memcpy(content + at + 1, p + at, n++ - at);
	else
		memcpy(content + at, p + at + 1, --n - at);
	e->n = 0;
	for (size_t j = 0; j < k->members; j++)
		if (j == member)
			append(&r, j, content, n);
		else
			append_same(&r, j);
	finish(&r);
	return true;
}

static bool content_flip(const struct package *k, size_t i, struct edited *e)
{
	return edit_content(k, i, CONTENT_FLIP, e);
}

static bool content_twice(const struct package *k, size_t i, struct edited *e)
{
	return edit_content(k, i, CONTENT_DOUBLE, e);
}

static bool content_delete(const struct package *k, size_t i, struct edited *e)
{
	return edit_content(k, i, CONTENT_DELETE, e);
}

/* The members in that order. */
static void assemble(const struct package *k, const size_t *order, size_t n, struct edited *e)
{
	struct rebuild r = { .k = k, .e = e };

	e->n = 0;
	for (size_t i = 0; i < n; i++)
		append_same(&r, order[i]);
	finish(&r);
}

/* Member a moved to place b; to its own place: taken out. */
static bool move(const struct package *k, size_t i, struct edited *e)
{
	size_t a = i / k->members, b = i % k->members, order[MEMBERS + 1], n = 0;

	if (b + 1 == a)
		return false; /* the same as b moved to place a */
	for (size_t j = 0; j < k->members; j++) {
		if (a != b && n == b)
			order[n++] = a;
		if (j != a)
			order[n++] = j;
	}
	if (a != b && n == b)
		order[n++] = a;
	assemble(k, order, n, e);
	return true;
}

/* Member a once more, before member b. */
static bool add_again(const struct package *k, size_t i, struct edited *e)
{
	size_t a = i / k->members, b = i % k->members, order[MEMBERS + 1], n = 0;

	for (size_t j = 0; j < k->members; j++) {
		if (j == b)
			order[n++] = a;
		order[n++] = j;
	}
	assemble(k, order, n, e);
	return true;
}

/* Members a and b have each other's content. */
static bool exchange(const struct package *k, size_t i, struct edited *e)
{
	struct rebuild r = { .k = k, .e = e };
	size_t a = i / k->members, b = i % k->members;

	if (a >= b)
		return false;
	e->n = 0;
	for (size_t j = 0; j < k->members; j++) {
		const struct member *m = &k->member[j == a ? b : j == b ? a : j];

		append(&r, j, k->p + m->data, m->size);
	}
	finish(&r);
	return true;
}

static size_t bits(const struct package *k)
{
	return 8 * k->n;
}

static size_t bytes(const struct package *k)
{
	return k->n;
}

static size_t gaps(const struct package *k)
{
	return k->n + 1;
}

static size_t record_bits(const struct package *k)
{
	size_t n = 0;

	for (size_t i = 0; i < k->members; i++)
		n += 8 * (SHARED + k->member[i].name_len);
	return n;
}

static size_t content_bytes(const struct package *k)
{
	size_t n = 0;

	for (size_t i = 0; i < k->members; i++)
		n += k->member[i].size;
	return n;
}

static size_t pairs(const struct package *k)
{
	return k->members * k->members;
}

static const struct kind {
	const char *name;
	size_t (*count)(const struct package *k);
	bool (*make)(const struct package *k, size_t i, struct edited *e);
} kinds[] = {
	{ "bit flipped", bits, flip },
	{ "cut to length", bytes, cut },
	{ "0x00 inserted", gaps, insert_00 },
	{ "0xff inserted", gaps, insert_ff },
	{ "byte doubled", bytes, twice },
	{ "byte deleted", bytes, delete },
	{ "bit flipped in both records", record_bits, both_records },
	{ "content bit flipped, CRC right", content_bytes, content_flip },
	{ "content byte doubled, container right", content_bytes, content_twice },
	{ "content byte deleted, container right", content_bytes, content_delete },
	{ "member moved or removed", pairs, move },
	{ "member added again", pairs, add_again },
	{ "contents of two members exchanged", pairs, exchange },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* ---- judging ---- */

struct tally {
	uint64_t outcome[KINDS][4]; /* by enum custody_verdict; NONE: not judged */
	uint64_t skipped[KINDS];
};

static enum custody_verdict verdict_of(const struct edited *e, const struct custody_verify_options *o, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report report;
	struct custody_source source;

	custody_report_init(&report);
	custody_source_memory(&source, e->p, e->n);
	return custody_verify(&source, o, &report, err) ? CUSTODY_VERDICT_NONE : report.verdict;
}

static void judge(const struct kind *kind, size_t i, const struct edited *e, const struct custody_verify_options *o, uint64_t *outcome)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	enum custody_verdict verdict = verdict_of(e, o, &err);

	if (verdict == CUSTODY_VERDICT_NONE)
		printf("  not judged: %s, number %zu: %s\n", kind->name, i, err.text);
	if (verdict == CUSTODY_VERDICT_VALID)
		printf("  VALID: %s, number %zu\n", kind->name, i);
	outcome[verdict]++;
}

/* Every `every`-th edit whose running number is `worker` modulo `workers`. */
static void work(const struct package *k, const struct custody_verify_options *o, size_t every, size_t worker, size_t workers, struct tally *t)
{
	struct edited e = { malloc(2 * k->n + 65536), 0 };
	size_t running = 0;

	if (!e.p)
		exit(1);
	for (size_t kind = 0; kind < KINDS; kind++)
		for (size_t i = 0, n = kinds[kind].count(k); i < n; i += every) {
			if (running++ % workers != worker)
				continue;
			if (!kinds[kind].make(k, i, &e) || (e.n == k->n && memcmp(e.p, k->p, e.n) == 0))
				t->skipped[kind]++;
			else
				judge(&kinds[kind], i, &e, o, t->outcome[kind]);
		}
	free(e.p);
}

/* All workers; adds up what they found. False if one of them died. */
static bool run(const struct package *k, const struct custody_verify_options *o, size_t every, size_t workers, struct tally *sum)
{
	struct tally *shared = mmap(NULL, workers * sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool well = shared != MAP_FAILED;
	pid_t pid[WORKERS];

	fflush(stdout);
	for (size_t w = 0; well && w < workers; w++) {
		pid[w] = fork();
		if (pid[w] == 0) {
			work(k, o, every, w, workers, &shared[w]);
			fflush(stdout);
			_exit(0);
		}
	}
	for (size_t w = 0; shared != MAP_FAILED && w < workers; w++) {
		int status = 1;

		well = pid[w] > 0 && waitpid(pid[w], &status, 0) == pid[w] && status == 0 && well;
		for (size_t kind = 0; kind < KINDS; kind++) {
			sum->skipped[kind] += shared[w].skipped[kind];
			for (int v = 0; v < 4; v++)
				sum->outcome[kind][v] += shared[w].outcome[kind][v];
		}
	}
	return well;
}

static bool tamper(const char *path, const char *anchors, size_t every, size_t workers)
{
	CUSTODY_CLEANUP(custody_buf_release) struct custody_buf good;
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust trust;
	static struct package k;
	struct tally sum = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint64_t cases = 0;
	struct timespec begin, end;

	judge_read(path, &good);
	judge_trust(anchors, &trust);
	look(&k, &good);
	struct custody_verify_options o = judge_options(&trust);
	struct edited same = { good.data, good.len };

	printf("%s, %zu bytes, %zu members:\n", path, k.n, k.members);
	if (verdict_of(&same, &o, &err) != CUSTODY_VERDICT_VALID) {
		printf("  the package itself is not VALID %s\n", err.text);
		return false;
	}
	clock_gettime(CLOCK_MONOTONIC, &begin);
	bool well = run(&k, &o, every, workers, &sum);

	clock_gettime(CLOCK_MONOTONIC, &end);
	for (size_t i = 0; i < KINDS; i++) {
		const uint64_t *v = sum.outcome[i];

		printf("  %-40s %7" PRIu64 " INVALID %6" PRIu64 " INDETERMINATE %3" PRIu64 " VALID %3" PRIu64 " not judged %6" PRIu64 " skipped\n",
			kinds[i].name, v[CUSTODY_VERDICT_INVALID], v[CUSTODY_VERDICT_INDETERMINATE], v[CUSTODY_VERDICT_VALID],
			v[CUSTODY_VERDICT_NONE], sum.skipped[i]);
		well = well && v[CUSTODY_VERDICT_VALID] == 0 && v[CUSTODY_VERDICT_NONE] == 0;
		cases += v[0] + v[1] + v[2] + v[3];
	}
	double seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;

	printf("  %" PRIu64 " edits in %.1f s on %zu cores%s\n", cases, seconds, workers, well ? ": none VALID" : ": FAILED");
	return well && cases > 0;
}

int main(int argc, char **argv)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t every = argc > 1 ? strtoul(argv[1], NULL, 10) : EVERY;
	size_t workers = cores < 1 ? 1 : cores > WORKERS ? WORKERS : (size_t)cores;

	if (custody_self_test(&err)) {
		printf("self-test: %s\n", err.text);
		return 1;
	}
	bool own = tamper("fixtures/sealed/own-p256.asice", "fixtures/sealed/trust-own", every ? every : 1, workers);
	bool independent = tamper("fixtures/sealed/independent-p256.asice", "fixtures/sealed/trust-independent", every ? every : 1, workers);

	return own && independent ? 0 : 1;
}
