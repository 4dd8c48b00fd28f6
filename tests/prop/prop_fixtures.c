/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every line of fixtures/sealed/expected.tsv and fixtures/tampered/expected.tsv is true: the verdict, the finding it names, and no finding of severity error or
 * warning that it does not name. And for every finding of verdict/finding.h there are at least two packages or custody records; of the latter
 * tests/unit/test_record.c judges fixtures/record/expected.tsv.
 *
 *   prop_fixtures [-v] [TEXT]     -v prints what is found of each package; TEXT: only lines whose path contains it
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/source.h"
#include "libcustody/work/documents.h"
#include "tests/support/judge.h"

#define COLUMNS 6
#define PATH_ROOM 512

enum { COLUMN_PACKAGE, COLUMN_TRUST, COLUMN_OPTIONS, COLUMN_VERDICT, COLUMN_FINDING, COLUMN_FURTHER };

/* What a source does to be caught: nothing, another status at the end, another last byte from the second look on. */
enum change { CHANGE_NOTHING, CHANGE_STATUS, CHANGE_DIRECTORY };

struct memory {
	const struct custody_buf *bytes;
	enum change change;
	bool passing; /* the pass has begun: byte 0 was asked for */
};

static bool verbose;
static unsigned failures;

static void wrong(const char *where, const char *what, const char *detail)
{
	failures++;
	printf("%s: %s%s\n", where, what, detail);
}

static int memory_read(void *ctx, uint64_t off, uint8_t *p, size_t n, struct custody_error *err)
{
	struct memory *m = ctx;

	(void)err;
	memcpy(p, m->bytes->data + off, n);
	m->passing = m->passing || off == 0;
	if (m->change == CHANGE_DIRECTORY && m->passing && off + n == m->bytes->len)
		p[n - 1] ^= 1;
	return 0;
}

static int memory_unchanged(void *ctx, struct custody_error *err)
{
	const struct memory *m = ctx;
	(void)err;

	return m->change != CHANGE_STATUS;
}

/* A package with the documents of the request. */
static void take_documents(const char *path, struct custody_verify_options *o, struct custody_documents *documents)
{
	CUSTODY_CLEANUP(custody_buf_release) struct custody_buf bytes;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source source;

	judge_read(path, &bytes);
	custody_source_memory(&source, bytes.data, bytes.len);
	if (custody_documents_judge(&source, o, documents, &err))
		wrong(path, "not judged: ", err.text);
	o->documents = documents;
	o->n_documents = 1;
}

/* "at=...,now=...,expect=...,changes=...,request-documents=...", or "cli": the named finding is the command's, which knows paths. dir: what paths begin at. */
static void take_options(
	char *text, const char *where, const char *dir, struct custody_verify_options *o, struct custody_documents *documents, enum change *change)
{
	char path[PATH_ROOM];
	char *rest = NULL;

	if (strcmp(text, "-") == 0 || strcmp(text, "cli") == 0)
		return;
	for (char *word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		if (strncmp(word, "at=", 3) == 0) {
			o->evaluated_at = judge_time(word + 3);
			o->at_chosen = true;
		} else if (strncmp(word, "now=", 4) == 0) {
			o->now = judge_time(word + 4);
		} else if (strncmp(word, "expect=", 7) == 0 && custody_hex_parse(word + 7, strlen(word + 7), false, o->expected, 32)) {
			o->has_expected = true;
		} else if (strncmp(word, "request-documents=", 18) == 0) {
			snprintf(path, sizeof(path), "%s/%s", dir, word + 18);
			take_documents(path, o, documents);
		} else if (strcmp(word, "changes=status") == 0) {
			*change = CHANGE_STATUS;
		} else if (strcmp(word, "changes=directory") == 0) {
			*change = CHANGE_DIRECTORY;
		} else {
			wrong(where, "unknown option ", word);
		}
	}
}

static bool is_named(const char *list, const char *id)
{
	size_t n = strlen(id);

	for (const char *p = list; (p = strstr(p, id)); p += n)
		if ((p == list || p[-1] == ',') && (p[n] == '\0' || p[n] == ','))
			return true;
	return false;
}

static void print_findings(const struct custody_report *r)
{
	for (size_t i = 0; i < r->findings.n; i++) {
		const struct custody_finding *f = &r->findings.list[i];
		const struct custody_finding_info *info = custody_finding_get(f->id);

		printf("\t%s %s %.*s %s\n", custody_severity_name(info->severity), info->id, (int)f->item_len, f->item ? (const char *)f->item : "",
			f->detail ? f->detail : "");
	}
}

static void compare(char *const *column, bool cli, const char *where, const struct custody_report *r)
{
	const char *verdict = custody_verdict_name(r->verdict);
	unsigned before = failures;

	if (strcmp(verdict, column[COLUMN_VERDICT]) != 0)
		wrong(where, "verdict is ", verdict);
	for (int id = 0; id < CUSTODY_FINDING_COUNT; id++) {
		const struct custody_finding_info *info = custody_finding_get((enum custody_finding_id)id);
		bool found = r->findings.count[id] > 0;
		bool named = strcmp(column[COLUMN_FINDING], info->id) == 0 || is_named(column[COLUMN_FURTHER], info->id);

		if (named && !found && !cli)
			wrong(where, "lacks ", info->id);
		if (found && !named && info->severity != CUSTODY_SEVERITY_NOTE)
			wrong(where, "has also ", info->id);
	}
	if (verbose || failures > before) {
		printf("%s: %s, want %s %s\n", where, verdict, column[COLUMN_VERDICT], column[COLUMN_FINDING]);
		print_findings(r);
	}
}

/* Judges one line's package. */
static void judge_line(char *const *column, const char *dir)
{
	CUSTODY_CLEANUP(custody_report_release) struct custody_report report;
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust trust;
	CUSTODY_CLEANUP(custody_buf_release) struct custody_buf bytes;
	CUSTODY_CLEANUP(custody_documents_release) struct custody_documents documents = { .n = 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct memory memory = { .bytes = &bytes };
	char path[PATH_ROOM], anchors[PATH_ROOM] = "-";
	struct custody_verify_options options;

	snprintf(path, sizeof(path), "%s/%s", dir, column[COLUMN_PACKAGE]);
	if (strcmp(column[COLUMN_TRUST], "-") != 0)
		snprintf(anchors, sizeof(anchors), "%s/%s", dir, column[COLUMN_TRUST]);
	judge_read(path, &bytes);
	judge_trust(anchors, &trust);
	options = judge_options(&trust);
	take_options(column[COLUMN_OPTIONS], path, dir, &options, &documents, &memory.change);
	struct custody_source source = { bytes.len, memory_read, memory_unchanged, &memory };

	custody_report_init(&report);
	if (custody_verify(&source, &options, &report, &err))
		wrong(path, "not judged: ", err.text);
	else
		compare(column, strcmp(column[COLUMN_OPTIONS], "cli") == 0, path, &report);
}

static unsigned judge_table(const char *dir, const char *only)
{
	CUSTODY_CLEANUP(custody_buf_release) struct custody_buf table;
	char path[PATH_ROOM], *rest = NULL;
	unsigned lines = 0;

	snprintf(path, sizeof(path), "%s/expected.tsv", dir);
	judge_read(path, &table);
	char *text = strndup((const char *)table.data, table.len);

	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *column[COLUMNS], *next = line;
		int n = 0;

		if (line[0] == '#' || (only && !strstr(line, only)))
			continue;
		while (next && n < COLUMNS)
			column[n++] = strsep(&next, "\t");
		if (n != COLUMNS || next) {
			wrong(path, "not six columns: ", line);
			continue;
		}
		judge_line(column, dir);
		lines++;
	}
	free(text);
	return lines;
}

static unsigned packages_in(const char *dir)
{
	DIR *d = opendir(dir);
	unsigned n = 0;

	for (struct dirent *e; d && (e = readdir(d));) {
		size_t length = strlen(e->d_name);
		n += (length > 6 && strcmp(e->d_name + length - 6, ".asice") == 0) || (length > 7 && strcmp(e->d_name + length - 7, ".record") == 0);
	}
	if (d)
		closedir(d);
	return n;
}

static void check_folders(const char *tampered)
{
	char path[PATH_ROOM];

	for (int id = 0; id < CUSTODY_FINDING_COUNT; id++) {
		snprintf(path, sizeof(path), "%s/%s", tampered, custody_finding_get((enum custody_finding_id)id)->id);
		if (packages_in(path) < 2)
			wrong(path, "fewer than two packages show this finding", "");
	}
}

int main(int argc, char **argv)
{
	const char *only = NULL;

	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "-v") == 0)
			verbose = true;
		else
			only = argv[i];
	unsigned good = judge_table("fixtures/sealed", only), forged = judge_table("fixtures/tampered", only);

	if (!only)
		check_folders("fixtures/tampered");
	if (good + forged == 0)
		wrong("fixtures", "no line was judged", "");
	printf("%u lines of good packages, %u of forgeries, %d findings: %u wrong\n", good, forged, CUSTODY_FINDING_COUNT, failures);
	return failures ? 1 : 0;
}
