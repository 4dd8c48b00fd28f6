/* SPDX-License-Identifier: Apache-2.0 */
/* custody record: custody-record(1). What `show` prints is made in formats/record.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/environment.h"
#include "cmd/options.h"
#include "cmd/package.h"
#include "cmd/session.h"
#include "cmd/terminal.h"
#include "formats/record.h"
#include "libcustody/base/hex.h"
#include "libcustody/work/record.h"
#include "libcustody/work/selftest.h"
#include "libcustody/work/verify.h"

struct record_command {
	struct custody_session session;
	struct custody_option_list heads;
	const char *trust, *lab;
	bool json;
	uint8_t (*head)[32]; /* owned */
};

static void record_command_release(struct record_command *c)
{
	custody_session_release(&c->session);
	custody_option_list_release(&c->heads);
	free(c->head);
}

static int take_heads(const struct custody_usage *usage, struct record_command *c)
{
	c->head = calloc(c->heads.n + 1, sizeof(*c->head));
	for (size_t i = 0; c->head && i < c->heads.n; i++)
		if (!custody_hex_parse(c->heads.values[i], strlen(c->heads.values[i]), true, c->head[i], 32))
			return custody_options_refuse(usage, "--head wants the head of a custody record: 64 hexadecimal digits");
	return c->head ? 0 : CUSTODY_EXIT_INTERNAL;
}

/* Judges, prints; *code says how it stands. */
static int show(struct record_command *c, const char *path, int *code, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_record_view_release) struct custody_record_view view = { .n = 0 };
	CUSTODY_CLEANUP(custody_findings_release) struct custody_findings findings;
	CUSTODY_BUF_CLEAN struct custody_buf text;
	struct custody_source source;
	struct custody_source_fd state;
	struct custody_record_question question = {
		.trust = &c->session.trust, .random = &custody_environment_random, .heads = (const uint8_t(*)[32])c->head, .n_heads = c->heads.n
	};

	custody_findings_init(&findings);
	custody_buf_init(&text, SIZE_MAX);
	CUSTODY_CLOSE int fd = custody_package_open(path, err);
	if (fd < 0 || custody_source_open_fd(&source, &state, fd, err) ||
		custody_environment_clock.now(custody_environment_clock.ctx, &question.now, err))
		return -1;
	question.evaluated_at = question.now;
	if (custody_self_test(err) || custody_record_judge(&source, &question, &findings, &view, err))
		return -1;
	if (findings.out_of_memory)
		return custody_fail_nomem(err);
	if ((c->json ? custody_record_json : custody_record_text)(&text, &view, &findings, err))
		return -1;
	custody_terminal_print(&text);
	*code = view.passed									? CUSTODY_EXIT_OK
		: custody_findings_have(&findings, CUSTODY_GROUP_CUSTODY, CUSTODY_EFFECT_FAILS) ? CUSTODY_EXIT_INVALID
												: CUSTODY_EXIT_INDETERMINATE;
	return 0;
}

int custody_cmd_record(int argc, char **argv)
{
	CUSTODY_CLEANUP(record_command_release) struct record_command c = { .session = CUSTODY_SESSION_INIT };
	const struct custody_option options[] = {
		CUSTODY_OPTION_LIST(0, "head", "HEX", &c.heads, "a head of the record which somebody else noted; may be repeated"),
		CUSTODY_OPTION_TEXT('t', "trust", "DIR", &c.trust, "folder with signers.pem, tsas.pem, crls.pem (default: your own lab's)"),
		CUSTODY_OPTION_TEXT(0, "lab", "LAB", &c.lab, "your lab (default: $CUSTODY_LAB, then ~/.custody, if there is one)"),
		CUSTODY_OPTION_FLAG(0, "json", &c.json, "print one JSON object"),
		CUSTODY_OPTION_END,
	};
	const struct custody_usage usage = { "record", "show RECORD",
		"Judges a custody record (NAME.custody.asice) and draws it: who held the package from when to when, by\nwhich events, and what does "
		"not "
		"fit. Whether it belongs to a package, custody verify --record says.",
		options, 2, 2 };
	CUSTODY_OPERANDS_CLEAN struct custody_operands operands = { NULL, 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	char name[CUSTODY_TERMINAL_NAME];
	int rc = CUSTODY_EXIT_INTERNAL;

	if (custody_options_parse(&usage, argc, argv, &operands, &rc))
		return rc;
	if (strcmp(operands.values[0], "show") != 0)
		return custody_options_refuse(&usage, "there is only `custody record show`");
	rc = take_heads(&usage, &c);
	if (rc)
		return rc;
	const char *path = operands.values[1];
	if (custody_session_open(&c.session, c.lab, false, &err) || custody_session_trust(&c.session, c.trust, &err) || show(&c, path, &rc, &err))
		return custody_terminal_error(&err, "cannot show the custody record '%s'", custody_display(path, strlen(path), name, sizeof(name)));
	return rc;
}
