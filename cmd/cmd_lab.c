/* SPDX-License-Identifier: Apache-2.0 */
/* custody lab: keeps a lab alive. custody-lab(1). What `show` prints is made in lab_text.c. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/environment.h"
#include "cmd/lab_text.h"
#include "cmd/options.h"
#include "cmd/passphrase.h"
#include "cmd/session.h"
#include "cmd/terminal.h"
#include "libcustody/base/hex.h"
#include "libcustody/crypto/issue.h"
#include "libcustody/work/labroot.h"
#include "libcustody/work/labshow.h"
#include "libcustody/work/labtrust.h"

#define OUTPUT_MAX ((size_t)16 << 20)

struct lab_command {
	const char *action, *operand; /* operand: NAME, CERT, FILE; NULL for crl and show */
	const char *lab, *root, *reason, *since, *key_type, *passphrase_fd, *key_passphrase_fd;
	bool tsa, passphrase, json, quiet;
	int reason_code;
	struct custody_time since_time;
	int argc; /* as given, for the journal */
	char **argv;
	struct custody_session session;
	struct custody_passphrase root_passphrase, key_passphrase;
};

static void release(struct lab_command *c)
{
	custody_session_release(&c->session);
	custody_passphrase_release(&c->root_passphrase);
	custody_passphrase_release(&c->key_passphrase);
}

/* Gives the exit code. */
static int say_failure(const struct lab_command *c, const struct custody_error *err)
{
	char shown[CUSTODY_TERMINAL_NAME];

	if (!c->operand)
		return custody_terminal_error(err, strcmp(c->action, "crl") == 0 ? "cannot make a revocation list" : "cannot show the lab");
	return custody_terminal_error(err, "cannot %s '%s'", c->action, custody_display(c->operand, strlen(c->operand), shown, sizeof(shown)));
}

/* ---- the journal ---- */

/* One line: the action is the command, what was typed after `lab` its arguments. No option of ours takes a secret. */
static int journal(const struct lab_command *c, const char *result, struct custody_error *err)
{
	CUSTODY_FREE char **argv = calloc((size_t)c->argc + 1, sizeof(*argv));
	CUSTODY_FREE char *command = strdup(c->action);

	if (!argv || !command)
		return custody_fail_nomem(err);
	argv[0] = command;
	for (int i = 1; i < c->argc; i++)
		argv[i] = c->argv[i];
	return custody_session_journal(&c->session, c->argc, argv, NULL, result, "not-run", err);
}

/* After the work: the failure, or what was done, and with it the text, or why there is none. Gives the exit code. */
static int conclude(const struct lab_command *c, bool failed, const struct custody_error *failure, const char *done, const struct custody_buf *text)
{
	struct custody_error later = CUSTODY_ERROR_INIT;
	char result[CUSTODY_ERROR_TEXT + 16];
	int rc = CUSTODY_EXIT_OK;

	(void)snprintf(result, sizeof(result), failed ? "failed: %.*s" : "%.*s", CUSTODY_ERROR_TEXT, failed ? failure->text : done);
	if (journal(c, result, &later) != 0)
		rc = custody_terminal_error(&later, "%s", failed ? "the failure is not journalled" : "it is done, but not journalled");
	if (failed)
		return say_failure(c, failure);
	if (text)
		custody_terminal_print(text);
	later = (struct custody_error)CUSTODY_ERROR_INIT;
	if (!text || custody_terminal_flush(&later) != 0)
		rc = custody_terminal_error(text ? &later : failure, "it is done, but what was done cannot be printed");
	return rc;
}

/* ---- passphrases ---- */

/* The root's, if its key is encrypted; and the new key's. One that is given serves for both, as in `init`. */
static int ask(struct lab_command *c, bool *needed, struct custody_error *err)
{
	bool certify = strcmp(c->action, "certify") == 0;

	if (custody_lab_root_needs_passphrase(&c->session.lab, c->root, needed, err) != 0)
		return -1;
	if ((*needed || c->passphrase_fd) &&
		custody_passphrase_read(&c->root_passphrase, c->passphrase_fd, "passphrase for the root's key", false, err) != 0)
		return -1;
	if (!certify || (!c->key_passphrase_fd && !(c->passphrase && !c->passphrase_fd)))
		return 0;
	return custody_passphrase_read(&c->key_passphrase, c->key_passphrase_fd, "passphrase for the new key", !c->key_passphrase_fd, err);
}

/* ---- actions ---- */

static struct custody_lab_root root_of(const struct lab_command *c, bool encrypted)
{
	return (struct custody_lab_root){ .lab = &c->session.lab,
		.dir = c->root,
		.passphrase = encrypted ? c->root_passphrase.text : NULL,
		.passphrase_len = encrypted ? c->root_passphrase.len : 0,
		.clock = &custody_environment_clock,
		.random = &custody_environment_random };
}

static int do_certify(const struct lab_command *c, const struct custody_lab_root *root, struct custody_lab_issued *out, struct custody_error *err)
{
	const struct custody_passphrase *p = c->key_passphrase.text ? &c->key_passphrase : &c->root_passphrase;
	const struct custody_lab_certify what = { c->operand, c->tsa, c->key_type, p->text, p->len };

	return custody_lab_certify(root, &what, out, err);
}

static int do_revoke(const struct lab_command *c, const struct custody_lab_root *root, struct custody_lab_issued *out, struct custody_error *err)
{
	const struct custody_lab_revoke what = { c->operand, c->reason_code, c->since != NULL, c->since_time };

	return custody_lab_revoke(root, &what, out, err);
}

/* What the journal says: enough to tell the story without the files. */
static void story(const struct lab_command *c, const struct custody_lab_issued *i, char out[1024])
{
	char hex[65], until[CUSTODY_TIME_TEXT], since[CUSTODY_TIME_TEXT], list[CUSTODY_TIME_TEXT];

	custody_hex_format(i->sha256, sizeof(i->sha256), hex);
	custody_time_format(i->crl_until, list);
	if (strcmp(c->action, "certify") == 0) {
		custody_time_format(i->use_until, until);
		(void)snprintf(out, 1024, "certified '%s' for %s: %s, certificate %s, key until %s; revocation list %" PRIu64 " until %s", i->name,
			i->stamping ? "time-stamping" : "sealing", i->stem, hex, until, i->crl_number, list);
	} else if (strcmp(c->action, "revoke") == 0) {
		custody_time_format(i->revoked_since, since);
		(void)snprintf(out, 1024, "revoked %s of '%s', certificate %s: %s, since %s; revocation list %" PRIu64 " until %s", i->stem, i->name,
			hex, custody_issue_reason_name(c->reason_code), since, i->crl_number, list);
	} else {
		(void)snprintf(out, 1024, "revocation list %" PRIu64 " until %s, %zu revoked", i->crl_number, list, i->n_revoked);
	}
}

static int run_root(struct lab_command *c, struct custody_error *err)
{
	struct custody_error failure = CUSTODY_ERROR_INIT;
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };
	struct custody_lab_issued issued;
	char done[1024] = "";
	bool encrypted = false;
	int failed = 0;

	if (custody_lab_journal_check(&c->session.lab, err) != 0 || ask(c, &encrypted, err) != 0)
		return -1;
	const struct custody_lab_root root = root_of(c, encrypted);
	if (strcmp(c->action, "certify") == 0)
		failed = do_certify(c, &root, &issued, &failure);
	else if (strcmp(c->action, "revoke") == 0)
		failed = do_revoke(c, &root, &issued, &failure);
	else
		failed = custody_lab_crl(&root, &issued, &failure);
	if (!failed) {
		const struct custody_lab_told told = { c->action, &c->session.lab, &issued, c->reason_code,
			strcmp(c->action, "certify") == 0 && !c->root_passphrase.text && !c->key_passphrase.text };

		story(c, &issued, done);
		custody_buf_init(&text, OUTPUT_MAX);
		if (custody_lab_issued_text(&text, &told, c->json, &failure) != 0)
			return conclude(c, false, &failure, done, NULL);
	}
	return conclude(c, failed != 0, &failure, done, &text);
}

static int run_trust(struct lab_command *c, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_lab_trust_result_release) struct custody_lab_trust_result result = { NULL, 0 };
	struct custody_error failure = CUSTODY_ERROR_INIT;
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };
	struct custody_time now;
	char done[1024] = "";
	int failed = 0;

	if (custody_lab_journal_check(&c->session.lab, err) != 0 || custody_environment_clock.now(custody_environment_clock.ctx, &now, err) != 0)
		return -1;
	failed = custody_lab_trust_add(&c->session.lab, c->operand, now, &result, &failure);
	if (!failed) {
		custody_buf_init(&text, OUTPUT_MAX);
		custody_lab_trust_story(&result, done, sizeof(done));
		if (custody_lab_trust_text(&text, &result, c->json, &failure) != 0)
			return conclude(c, false, &failure, done, NULL);
	}
	return conclude(c, failed != 0, &failure, done, &text);
}

static int run_show(struct lab_command *c, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_lab_shown_release) struct custody_lab_shown shown = { 0 };
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };
	struct custody_time now;

	custody_buf_init(&text, OUTPUT_MAX);
	if (custody_environment_clock.now(custody_environment_clock.ctx, &now, err) != 0 ||
		custody_lab_show(&c->session.lab, c->root, now, &shown, err) != 0 ||
		custody_lab_shown_text(&text, &c->session.lab, &shown, now, c->json, err) != 0)
		return -1;
	custody_terminal_print(&text);
	return CUSTODY_EXIT_OK;
}

/* ---- what was asked ---- */

static const struct {
	const char *name;
	const char *operand; /* NULL: none */
	int (*run)(struct lab_command *c, struct custody_error *err);
	const char *options; /* those that not every action takes */
} actions[] = {
	{ "crl", NULL, run_root, "root passphrase-fd" },
	{ "certify", "NAME", run_root, "root passphrase-fd passphrase key-passphrase-fd key-type tsa" },
	{ "revoke", "CERT", run_root, "root passphrase-fd reason since" },
	{ "trust", "FILE", run_trust, "" },
	{ "show", NULL, run_show, "root" },
};
#define ACTIONS (sizeof(actions) / sizeof(actions[0]))

static int unknown_action(const struct custody_usage *usage, const char *word)
{
	struct custody_nearest nearest = { .word = word };
	char shown[128];

	for (size_t i = 0; i < ACTIONS; i++)
		custody_nearest_offer(&nearest, actions[i].name);
	(void)custody_display(word, strlen(word), shown, sizeof(shown));
	if (nearest.best)
		return custody_options_refuse(usage, "there is no 'lab %s', did you mean 'lab %s'?", shown, nearest.best);
	return custody_options_refuse(usage, "there is no 'lab %s', want crl, certify, revoke, trust or show", shown);
}

/* An option that this action would pass over must not look as if it had done something. */
static const char *surplus_option(const struct lab_command *c, const char *taken)
{
	const struct {
		const char *name;
		bool given;
	} options[] = { { "root", c->root }, { "passphrase-fd", c->passphrase_fd }, { "passphrase", c->passphrase },
		{ "key-passphrase-fd", c->key_passphrase_fd }, { "key-type", c->key_type }, { "tsa", c->tsa }, { "reason", c->reason },
		{ "since", c->since } };

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		size_t n = strlen(options[i].name);
		bool good = false;

		for (const char *at = taken; (at = strstr(at, options[i].name)) && !good; at += n)
			good = (at == taken || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0');
		if (options[i].given && !good)
			return options[i].name;
	}
	return NULL;
}

static int check(const struct custody_usage *usage, struct lab_command *c, const struct custody_operands *operands, size_t *action)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	const char *surplus = NULL;

	*action = 0;
	while (*action < ACTIONS && strcmp(actions[*action].name, operands->values[0]) != 0)
		++*action;
	if (*action == ACTIONS)
		return unknown_action(usage, operands->values[0]);
	c->action = actions[*action].name;
	if (actions[*action].operand && operands->n != 2)
		return custody_options_refuse(usage, "'lab %s' wants one %s", c->action, actions[*action].operand);
	if (!actions[*action].operand && operands->n != 1)
		return custody_options_refuse(usage, "'lab %s' takes nothing more", c->action);
	c->operand = operands->n == 2 ? operands->values[1] : NULL;
	surplus = surplus_option(c, actions[*action].options);
	if (surplus)
		return custody_options_refuse(usage, "'lab %s' has no option --%s", c->action, surplus);
	if (strcmp(c->action, "revoke") == 0 && !c->reason)
		return custody_options_refuse(usage, "'lab revoke' wants --reason, for example keyCompromise or cessationOfOperation");
	if (c->reason && custody_issue_reason_find(c->reason, &c->reason_code, &err) != 0)
		return custody_options_refuse(usage, "%s", err.text);
	if (c->since && !custody_time_parse_user(c->since, &c->since_time))
		return custody_options_refuse(usage, "--since wants a time like 2026-11-24T04:12:09Z, or a date");
	c->since_time.nsec = 0;
	return CUSTODY_EXIT_OK;
}

static int parse(struct lab_command *c, struct custody_operands *operands, size_t *action, int *rc)
{
	const struct custody_option options[] = {
		CUSTODY_OPTION_TEXT(0, "lab", "LAB", &c->lab, "the lab folder (default: $CUSTODY_LAB, then ~/.custody)"),
		CUSTODY_OPTION_TEXT(0, "root", "DIR", &c->root, "where the root is kept (default: LAB/root)"),
		CUSTODY_OPTION_FLAG(0, "tsa", &c->tsa, "certify: a key for time-stamping instead of sealing"),
		CUSTODY_OPTION_TEXT(0, "key-type", "TYPE", &c->key_type, "certify: p256, p384, rsa3072 or rsa-pss (default: as the key before)"),
		CUSTODY_OPTION_TEXT(0, "reason", "R", &c->reason, "revoke: why, for example keyCompromise"),
		CUSTODY_OPTION_TEXT(0, "since", "T", &c->since, "revoke: since when it may have been misused (default: now)"),
		CUSTODY_OPTION_TEXT(0, "passphrase-fd", "N", &c->passphrase_fd, "read the passphrase of the root's key from this descriptor"),
		CUSTODY_OPTION_FLAG(0, "passphrase", &c->passphrase, "certify: encrypt the new key; ask for a passphrase of its own"),
		CUSTODY_OPTION_TEXT(0, "key-passphrase-fd", "N", &c->key_passphrase_fd, "likewise, and read it from this descriptor"),
		CUSTODY_OPTION_FLAG(0, "json", &c->json, "print JSON, one line"),
		CUSTODY_OPTION_FLAG('q', "quiet", &c->quiet, "no notes"),
		CUSTODY_OPTION_END,
	};
	const struct custody_usage usage = { "lab", "crl|certify NAME|revoke CERT|trust FILE|show",
		"Keeps a laboratory's folder alive: a new revocation list, another key, a revocation, a foreign\n"
		"authority to trust, and what there is and until when.",
		options, 1, 2 };

	if (custody_options_parse(&usage, c->argc, c->argv, operands, rc))
		return -1;
	*rc = check(&usage, c, operands, action);
	return *rc == CUSTODY_EXIT_OK ? 0 : -1;
}

int custody_cmd_lab(int argc, char **argv)
{
	CUSTODY_CLEANUP(release) struct lab_command c = { .argc = argc, .argv = argv, .session = CUSTODY_SESSION_INIT };
	CUSTODY_OPERANDS_CLEAN struct custody_operands operands = { NULL, 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	size_t action = 0;
	int rc = 0;

	if (parse(&c, &operands, &action, &rc))
		return rc;
	custody_terminal_setup(c.quiet, false);
	if (custody_session_open(&c.session, c.lab, true, &err) != 0)
		return say_failure(&c, &err);
	rc = actions[action].run(&c, &err);
	return rc >= 0 ? rc : say_failure(&c, &err);
}
