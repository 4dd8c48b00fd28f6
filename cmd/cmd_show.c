/* SPDX-License-Identifier: Apache-2.0 */
/* custody show: custody-show(1). */
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/environment.h"
#include "cmd/options.h"
#include "cmd/package.h"
#include "cmd/terminal.h"
#include "formats/show.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/source.h"
#include "libcustody/work/show.h"

/* What was written so far goes out, so that the list is never in memory as a whole. */
static int flush(struct custody_buf *out, struct custody_error *err)
{
	if (custody_environment_interrupted(NULL))
		return custody_fail(err, CUSTODY_ERR_INTERRUPTED, "interrupted");
	custody_terminal_print(out);
	custody_buf_clear(out);
	return 0;
}

static int print_items(const struct custody_show_writer *w, struct custody_show *s, struct custody_buf *out, struct custody_error *err)
{
	const struct custody_show_facts *facts = custody_show_facts(s);
	struct custody_item item;
	int r;

	if (w->items(out, facts, err))
		return -1;
	while ((r = custody_show_next_item(s, &item, err)) == 1)
		if (w->item(out, facts, &item, err) || flush(out, err))
			return -1;
	return r;
}

static int print_package(const struct custody_show_writer *w, const char *path, struct custody_show *s, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf out = { 0 };
	struct custody_show_document d;
	int r;

	custody_buf_init(&out, SIZE_MAX);
	if (w->head(&out, path, custody_show_facts(s), err))
		return -1;
	for (size_t n = 0; (r = custody_show_next_document(s, &d, err)) == 1; n++)
		if (w->document(&out, n, &d, err) || flush(&out, err))
			return -1;
	if (r < 0 || print_items(w, s, &out, err) || w->tail(&out, s, err))
		return -1;
	return flush(&out, err);
}

/* *whole: nothing in the package was past reading. */
static int show(const struct custody_show_writer *w, const char *path, bool *whole, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_show_free) struct custody_show *s = NULL;
	struct custody_source source;
	struct custody_source_fd state;
	struct custody_show_problem problem;
	CUSTODY_CLOSE int fd = custody_package_open(path, err);

	if (fd < 0 || custody_source_open_fd(&source, &state, fd, err) || custody_show_new(&s, &source, &custody_environment_random, err) ||
		print_package(w, path, s, err))
		return -1;
	*whole = !custody_show_problem(s, 0, &problem);
	return 0;
}

int custody_cmd_show(int argc, char **argv)
{
	bool json = false, whole = false;
	const struct custody_option options[] = {
		CUSTODY_OPTION_FLAG(0, "json", &json, "print one JSON object"),
		CUSTODY_OPTION_END,
	};
	const struct custody_usage usage = { "show", "PACKAGE",
		"Prints what a package states about itself and what is in it, without verifying anything. Whether it\nholds, custody verify says.",
		options, 1, 1 };
	CUSTODY_OPERANDS_CLEAN struct custody_operands operands = { NULL, 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	char name[CUSTODY_TERMINAL_NAME];
	int rc = CUSTODY_EXIT_INTERNAL;

	if (custody_options_parse(&usage, argc, argv, &operands, &rc))
		return rc;
	const char *path = operands.values[0];
	if (show(json ? &custody_show_json : &custody_show_text, path, &whole, &err))
		return custody_terminal_error(&err, "cannot show '%s'", custody_display(path, strlen(path), name, sizeof(name)));
	return whole ? CUSTODY_EXIT_OK : CUSTODY_EXIT_INDETERMINATE;
}
