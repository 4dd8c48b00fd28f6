/* SPDX-License-Identifier: Apache-2.0 */
/* custody request: forms to fill in, and what is missing in them. custody-request(1). */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/environment.h"
#include "cmd/options.h"
#include "cmd/request_file.h"
#include "cmd/terminal.h"
#include "formats/request.h"
#include "libcustody/base/fd.h"
#include "libcustody/record/request.h"

#define OUTPUT_MAX ((size_t)256 << 20) /* a document of the largest size, every byte of it escaped, with its remarks */

struct request_command {
	const char *action, *file; /* file: NULL for new */
	const char *kind, *output;
	bool json;
};

/* ---- new ---- */

static int make_form(const struct request_command *c, struct custody_buf *out, struct custody_error *err)
{
	enum custody_request_kind kind;
	struct custody_time now;
	char id[46], time[CUSTODY_TIME_TEXT], date[11];

	if (custody_request_file_kind(c->kind, &kind, err) || custody_request_file_id(id, err) ||
		custody_environment_clock.now(custody_environment_clock.ctx, &now, err))
		return -1;
	custody_time_format(now, time);
	(void)snprintf(date, sizeof(date), "%.10s", time);
	return custody_request_template(kind, id, date, out, err);
}

static int do_new(const struct request_command *c, struct custody_buf *out)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	char shown[CUSTODY_TERMINAL_NAME];

	if (make_form(c, out, &err))
		return custody_terminal_error(&err, "cannot make a form");
	if (!c->output) {
		custody_terminal_print(out);
		return CUSTODY_EXIT_OK;
	}
	if (custody_output_write_file(c->output, 0600, out->data, out->len, &err))
		return custody_terminal_error(&err, "cannot write '%s'", custody_display(c->output, strlen(c->output), shown, sizeof(shown)));
	custody_terminal_note("fill it in, then `custody request check` says what is missing");
	return CUSTODY_EXIT_OK;
}

/* ---- check, show ---- */

static int say(const struct request_command *c, struct custody_buf *out, struct custody_request_counts *counts, struct custody_error *err)
{
	CUSTODY_REQUESTS_CLEAN struct custody_requests r = { 0 };

	bool sealed = false;

	if (custody_request_file_read(c->file, &r, &sealed, err))
		return -1;
	if (sealed && !c->json &&
		custody_buf_append_str(out, "NOT VERIFIED: this is what the package holds; whether it holds, custody verify says.\n", err))
		return -1;
	if (strcmp(c->action, "show") == 0)
		return c->json ? custody_request_json_show(&r, out, err) : custody_request_text_show(&r, out, err);
	return c->json ? custody_request_json_check(&r, counts, out, err) : custody_request_text_check(&r, counts, out, err);
}

static int do_say(const struct request_command *c, struct custody_buf *out)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_request_counts counts = { 0, 0, 0 };
	char shown[CUSTODY_TERMINAL_NAME];

	if (say(c, out, &counts, &err))
		return custody_terminal_error(&err, "cannot %s '%s'", c->action, custody_display(c->file, strlen(c->file), shown, sizeof(shown)));
	custody_terminal_print(out);
	return counts.must ? CUSTODY_EXIT_INVALID : CUSTODY_EXIT_OK;
}

/* ---- the command ---- */

/* Options that the action does not have are refused, not ignored. Gives 0 or the exit code. */
static int understand(const struct custody_usage *usage, struct request_command *c, const struct custody_operands *operands)
{
	bool is_new = strcmp(c->action, "new") == 0;

	if (!is_new && strcmp(c->action, "check") != 0 && strcmp(c->action, "show") != 0) {
		char shown[128];
		return custody_options_refuse(usage, "there is no action '%s', want new, check or show",
			custody_display(c->action, strlen(c->action), shown, sizeof(shown)));
	}
	if (is_new && operands->n > 1)
		return custody_options_refuse(usage, "new takes no FILE, want --output FILE");
	if (is_new && !c->kind)
		return custody_options_refuse(usage, "new needs --kind KIND");
	if (is_new && c->json)
		return custody_options_refuse(usage, "new has no --json: the form is JSON");
	if (!is_new && operands->n != 2)
		return custody_options_refuse(usage, "%s needs a FILE", c->action);
	if (!is_new && (c->kind || c->output))
		return custody_options_refuse(usage, "%s has no --%s", c->action, c->kind ? "kind" : "output");
	custody_options_dash(&c->output);
	c->file = is_new ? NULL : operands->values[1];
	return 0;
}

int custody_cmd_request(int argc, char **argv)
{
	struct request_command c = { 0 };
	int rc = CUSTODY_EXIT_OK;
	const struct custody_option options[] = {
		CUSTODY_OPTION_TEXT('k', "kind", "KIND", &c.kind,
			"new: preservation, preservation-extension, voluntary-disclosure, emergency-disclosure, "
			"production-order, mla, epoc, epoc-pr, consent, spontaneous-disclosure, other"),
		CUSTODY_OPTION_TEXT('o', "output", "FILE", &c.output, "new: write the form there, not to standard output"),
		CUSTODY_OPTION_FLAG(0, "json", &c.json, "check, show: print one JSON object"),
		CUSTODY_OPTION_END,
	};
	const struct custody_usage usage = { "request", "new --kind KIND | check FILE | show FILE",
		"Request records: who asked whom for what, on which basis. `new` prints a form to fill in, `check` says what is\n"
		"missing or differs, `show` prints a record for people. FILE may be a package that holds one.",
		options, 1, 2 };
	CUSTODY_OPERANDS_CLEAN struct custody_operands operands = { NULL, 0 };
	CUSTODY_BUF_CLEAN struct custody_buf out = { 0 };

	if (custody_options_parse(&usage, argc, argv, &operands, &rc))
		return rc;
	c.action = operands.values[0];
	rc = understand(&usage, &c, &operands);
	if (rc != CUSTODY_EXIT_OK)
		return rc;
	custody_buf_init(&out, OUTPUT_MAX);
	return c.file ? do_say(&c, &out) : do_new(&c, &out);
}
