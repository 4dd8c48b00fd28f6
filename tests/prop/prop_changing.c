/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is reported is true of exactly the bytes whose SHA-256 is reported, whatever the file does while it is read (design/verdict.md rule 5): a source that
 * turns from a good package into a forgery of the same size, or back, or for a few reads only, is VALID only under the number of the good package. The source
 * never admits that it changed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/source.h"
#include "libcustody/crypto/digest.h"
#include "tests/support/judge.h"

#define GOOD "fixtures/tampered/not-the-package-expected/zero.asice"
#define REMADE "fixtures/tampered/seal-signature-invalid/remade.asice"
#define ANCHORS "fixtures/sealed/trust-own"

enum turn { TURN_TO_FORGERY, TURN_TO_GOOD, TURN_AND_BACK, TURN_BACK_AND_FORTH, TURNS };

#define STRETCH 4 /* for so many reads at most it is turned and back */

struct changing {
	const struct custody_buf *good, *forged;
	enum turn turn;
	size_t when; /* number of the read at which it turns */
	size_t stretch; /* and for how many */
	size_t reads;
};

static bool shows_forgery(const struct changing *c)
{
	bool turned = c->reads >= c->when, back = c->reads >= c->when + c->stretch;

	switch (c->turn) {
	case TURN_TO_FORGERY:
		return turned;
	case TURN_TO_GOOD:
		return !turned;
	case TURN_AND_BACK:
		return turned && !back;
	case TURN_BACK_AND_FORTH:
	case TURNS:
		break;
	}
	return !turned || back;
}

static int changing_read(void *ctx, uint64_t off, uint8_t *p, size_t n, struct custody_error *err)
{
	struct changing *c = ctx;

	(void)err;
	memcpy(p, (shows_forgery(c) ? c->forged : c->good)->data + off, n);
	c->reads++;
	return 0;
}

struct outcome {
	uint64_t cases, valid, wrong;
};

/* Judges one sequence of reads. Returns how many there were. */
static size_t judge(struct changing *c, const struct custody_verify_options *o, const uint8_t sha256[32], const char *forgery, struct outcome *out)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report report;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source source = { c->good->len, changing_read, NULL, c };

	c->reads = 0;
	custody_report_init(&report);
	out->cases++;
	if (custody_verify(&source, o, &report, &err)) {
		out->wrong++;
		printf("  not judged: %s, turn %d at read %zu: %s\n", forgery, (int)c->turn, c->when, err.text);
	} else if (report.verdict == CUSTODY_VERDICT_VALID) {
		out->valid++;
		if (memcmp(report.sha256, sha256, 32) != 0) {
			out->wrong++;
			printf("  VALID under another number: %s, turn %d at read %zu\n", forgery, (int)c->turn, c->when);
		}
	}
	return c->reads;
}

/* Every moment at which a source may turn. turns: the first so many of enum turn. */
static void change(const struct custody_buf *good, const char *forgery, const struct custody_verify_options *o, int turns, struct outcome *out)
{
	CUSTODY_CLEANUP(custody_buf_release) struct custody_buf forged;
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint8_t sha256[32];

	judge_read(forgery, &forged);
	if (forged.len != good->len)
		return;
	if (custody_digest_once(CUSTODY_SHA256, good->data, good->len, sha256, &err)) {
		out->wrong++;
		return;
	}
	for (int turn = 0; turn < turns; turn++)
		for (size_t stretch = 1; stretch <= (turn < TURN_AND_BACK ? 1 : STRETCH); stretch++) {
			struct changing c = { .good = good, .forged = &forged, .turn = (enum turn)turn, .stretch = stretch };

			while (judge(&c, o, sha256, forgery, out) >= c.when)
				c.when++;
		}
}

/* Every forgery of the table that is INVALID under the same anchors and has the good package's size. */
static unsigned change_all(const struct custody_buf *good, const struct custody_verify_options *o, struct outcome *out)
{
	CUSTODY_CLEANUP(custody_buf_release) struct custody_buf table;
	char *rest = NULL;
	unsigned forgeries = 0;

	judge_read("fixtures/tampered/expected.tsv", &table);
	char *text = strndup((const char *)table.data, table.len);

	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char name[256], path[512];
		uint64_t before = out->cases;

		if (sscanf(line, "%255s ../sealed/trust-own - INVALID", name) != 1 || !strstr(line, "\t../sealed/trust-own\t-\tINVALID\t"))
			continue;
		snprintf(path, sizeof(path), "fixtures/tampered/%s", name);
		change(good, path, o, TURN_AND_BACK, out);
		forgeries += out->cases > before;
	}
	free(text);
	return forgeries;
}

int main(void)
{
	CUSTODY_CLEANUP(custody_buf_release) struct custody_buf good;
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust trust;
	struct outcome out = { 0 };

	judge_read(GOOD, &good);
	judge_trust(ANCHORS, &trust);
	struct custody_verify_options o = judge_options(&trust);

	change(&good, REMADE, &o, TURNS, &out);
	printf("%" PRIu64 " moments at which a good package turns into one made again under its signatures, or back\n", out.cases);
	unsigned forgeries = change_all(&good, &o, &out);

	printf("%u forgeries of its size, %" PRIu64 " sequences of reads: %" PRIu64 " VALID under its own number, %" PRIu64 " wrong\n", forgeries,
		out.cases, out.valid - out.wrong, out.wrong);
	return out.wrong || forgeries < 20 || out.valid == 0 ? 1 : 0;
}
