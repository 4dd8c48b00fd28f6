/* SPDX-License-Identifier: Apache-2.0 */
/* custody init: a lab folder for those without a PKI. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/environment.h"
#include "cmd/options.h"
#include "cmd/passphrase.h"
#include "cmd/terminal.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/crypto/crl.h"
#include "libcustody/crypto/issue.h"
#include "libcustody/crypto/x509.h"
#include "libcustody/work/lab.h"
#include "libcustody/work/owner.h"

#define OUTPUT_MAX ((size_t)65536) /* our own text: a screen of it, with the longest path in it twice */
#define NAME_MAX_BYTES 257 /* 64 characters of UTF-8 */

struct init {
	bool json, quiet, passphrase;
	const char *organisation, *name, *key_type, *passphrase_fd;
	const char *dir; /* operand */
	char own_name[NAME_MAX_BYTES];
	bool guessed_name, guessed_organisation;
};

/* ---- what was not said ---- */

/* The full name of the user's account, else its login, where X.509 takes it. */
static int guess_name(struct init *in, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_owners_free) struct custody_owners *owners = NULL;
	struct custody_error ignored = CUSTODY_ERROR_INIT;
	const char *full, *login;

	in->guessed_name = true;
	in->name = "Analyst";
	if (custody_owners_new(&owners, CUSTODY_OWNERS_USERS, CUSTODY_OWNERS_GROUPS, err) || custody_owners_full_name(owners, getuid(), &full, err) ||
		custody_owners_user(owners, getuid(), &login, err))
		return -1;
	(void)snprintf(in->own_name, sizeof(in->own_name), "%s", full);
	if (custody_issue_check_name("name", in->own_name, &ignored) != 0)
		(void)snprintf(in->own_name, sizeof(in->own_name), "%s", login ? login : "");
	if (custody_issue_check_name("name", in->own_name, &ignored) == 0)
		in->name = in->own_name;
	return 0;
}

static int take_defaults(struct init *in, struct custody_error *err)
{
	if (!in->key_type)
		in->key_type = "p256";
	if (!in->name && guess_name(in, err))
		return -1;
	if (!in->organisation) {
		in->guessed_organisation = true;
		in->organisation = "Organisation not stated";
	}
	return 0;
}

/* ---- what was made ---- */

static int append_json_facts(
	const struct custody_lab *lab, const struct custody_lab_keys *keys, const struct init *in, struct custody_buf *out, struct custody_error *err)
{
	char anchor[65], signer[65], stamper[65];

	custody_hex_format(keys->anchor_sha256, 32, anchor);
	custody_hex_format(keys->signer.certificate.sha256, 32, signer);
	custody_hex_format(keys->stamper.certificate.sha256, 32, stamper);
	if (custody_buf_append_str(out, ",\"organisation\":", err) != 0 || custody_json_append_str(out, lab->organisation, err) != 0 ||
		custody_buf_append_str(out, ",\"operator\":", err) != 0 || custody_json_append_str(out, lab->operator_name, err) != 0 ||
		custody_buf_append_str(out, ",\"signer\":", err) != 0 || custody_json_append_str(out, lab->signer_name, err) != 0 ||
		custody_buf_append_str(out, ",\"stamper\":", err) != 0 || custody_json_append_str(out, lab->stamper_name, err) != 0 ||
		custody_buf_append_str(out, ",\"key_type\":", err) != 0 || custody_json_append_str(out, in->key_type, err) != 0)
		return -1;
	return custody_buf_printf(out, err, ",\"anchor_sha256\":\"%s\",\"signer_certificate_sha256\":\"%s\",\"stamper_certificate_sha256\":\"%s\"",
		anchor, signer, stamper);
}

/* Until when each thing serves. */
struct dates {
	char certificate[CUSTODY_TIME_TEXT], key[CUSTODY_TIME_TEXT], crl[CUSTODY_TIME_TEXT];
};

static int read_dates(const struct custody_lab_keys *keys, struct dates *d, struct custody_error *err)
{
	const struct custody_certificate *c = &keys->signer.certificate;
	struct custody_x509 x;
	struct custody_crl_facts crl;

	if (custody_x509_parse((struct custody_bytes){ c->der, c->der_len }, &x, err) != 0 ||
		custody_crl_facts_parse((struct custody_bytes){ keys->crl.der, keys->crl.der_len }, &crl, err) != 0)
		return -1;
	custody_time_format(x.not_after, d->certificate);
	custody_time_format(x.use_until, d->key);
	custody_time_format(crl.next_update, d->crl);
	return 0;
}

static int json_text(const struct custody_lab *lab, const struct custody_lab_keys *keys, const struct init *in, const struct dates *d,
	struct custody_buf *out, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf shown = { 0 };

	custody_buf_init(&shown, OUTPUT_MAX);
	if (custody_display_append(&shown, (const uint8_t *)in->dir, strlen(in->dir), err) != 0 ||
		custody_buf_append_str(out, "{\"schema\":\"custody-init-result/1\",\"lab\":", err) != 0 ||
		custody_json_append_safe(out, custody_buf_str(&shown), shown.len, err) != 0 || append_json_facts(lab, keys, in, out, err) != 0)
		return -1;
	return custody_buf_printf(out, err,
		",\"encrypted\":%s,\"certificates_until\":\"%s\",\"keys_sign_until\":\"%s\",\"revocation_list_until\":\"%s\"}\n",
		in->passphrase || in->passphrase_fd ? "true" : "false", d->certificate, d->key, d->crl);
}

static int plain_text(const struct custody_lab *lab, const struct custody_lab_keys *keys, const struct init *in, const struct dates *d,
	struct custody_buf *out, struct custody_error *err)
{
	char dir[1024], anchor[CUSTODY_HEX_GROUPS];

	(void)custody_display(in->dir, strlen(in->dir), dir, sizeof(dir));
	custody_hex_groups(keys->anchor_sha256, anchor);
	if (custody_buf_printf(out, err,
		    "lab             %s\norganisation    %s%s\nanalyst         %s%s\nkeys            %s, %s\n"
		    "keys sign until %s (certificates are valid until %s)\nrevocation list until %s; a new one: custody lab crl\n",
		    dir, lab->organisation, in->guessed_organisation ? " (taken because --org is missing)" : "", lab->operator_name,
		    in->guessed_name ? " (the name of this account; --name says another)" : "", in->key_type,
		    in->passphrase || in->passphrase_fd ? "encrypted with the passphrase" : "not encrypted", d->key, d->certificate, d->crl) != 0)
		return -1;
	if (custody_buf_printf(
		    out, err, "\nThe anchor's number (SHA-256 of the certificate in trust/signers.pem), for your forms:\n  %s\n", anchor) != 0)
		return -1;
	return custody_buf_printf(out, err,
		"\nGive the folder %s/trust to those who verify, and the number above by another way.\n"
		"Keep %s/root offline: only 'custody lab' needs it.\n"
		"This laboratory vouches for itself: its certificates say so, and a time that it stamps is its own word.\n",
		dir, dir);
}

/* Opens what was made as 'custody seal' will, so that a lab that is reported is one that works. */
static int report(const struct init *in, const struct custody_passphrase *passphrase, struct custody_buf *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_lab_release) struct custody_lab lab = { .dir_fd = -1 };
	CUSTODY_CLEANUP(custody_lab_keys_release) struct custody_lab_keys keys = { 0 };
	const struct custody_clock *clock = &custody_environment_clock;
	struct custody_time now;
	struct dates d;
	char warning[512];

	if (custody_lab_open(in->dir, &lab, err) != 0 || clock->now(clock->ctx, &now, err) != 0 ||
		custody_lab_load_keys(&lab, NULL, passphrase->text, passphrase->len, now, &keys, warning, sizeof(warning), err) != 0 ||
		read_dates(&keys, &d, err) != 0)
		return -1;
	return in->json ? json_text(&lab, &keys, in, &d, out, err) : plain_text(&lab, &keys, in, &d, out, err);
}

/* ---- the command ---- */

static int ask(const struct init *in, struct custody_passphrase *passphrase, struct custody_error *err)
{
	if (!in->passphrase_fd && !in->passphrase)
		return 0;
	return custody_passphrase_read(passphrase, in->passphrase_fd, "passphrase for the keys of the new lab", !in->passphrase_fd, err);
}

/* A killed run removes nothing any more; what it made by then may hold a key that nothing encrypts. */
static void note_leftover(const char *dir)
{
	char left[NAME_MAX + 1], name[CUSTODY_TERMINAL_NAME];

	if (custody_lab_leftover(dir, left))
		custody_terminal_note("'%s' beside the lab is what a killed run left, or of one at work: keys may lie in it; remove it if none is",
			custody_display(left, strlen(left), name, sizeof(name)));
}

static int make(const struct init *in, int argc, char **argv)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_PASSPHRASE_CLEAN struct custody_passphrase passphrase = { NULL, 0, false };
	CUSTODY_BUF_CLEAN struct custody_buf out = { 0 };
	uint8_t anchor[32];
	char shown[CUSTODY_TERMINAL_NAME];
	const struct custody_journal_entry journal = { .command = "init",
		.arguments = (const char *const *)(argv + 1),
		.n_arguments = (size_t)argc - 1,
		.result = "made",
		.self_test = "not-run" };

	(void)custody_display(in->dir, strlen(in->dir), shown, sizeof(shown));
	note_leftover(in->dir);
	if (ask(in, &passphrase, &err) != 0)
		return custody_terminal_error(&err, "cannot make the lab '%s'", shown);
	const struct custody_lab_new request = { .dir = in->dir,
		.organisation = in->organisation,
		.name = in->name,
		.key_type = in->key_type,
		.passphrase = passphrase.text,
		.passphrase_len = passphrase.len,
		.clock = &custody_environment_clock,
		.random = &custody_environment_random,
		.journal = &journal };
	if (custody_lab_create(&request, anchor, &err) != 0)
		return custody_terminal_error(&err, "cannot make the lab '%s'", shown);
	custody_buf_init(&out, OUTPUT_MAX);
	if (report(in, &passphrase, &out, &err) != 0)
		return custody_terminal_error(&err, "the lab '%s' was made, but could not be read back", shown);
	custody_terminal_print(&out);
	if (custody_terminal_flush(&err) != 0)
		return custody_terminal_error(&err, "the lab '%s' was made, but what there is cannot be printed", shown);
	if (!passphrase.text)
		custody_terminal_note("the keys are not encrypted: whoever can read '%s' can seal in your name (--passphrase)", shown);
	return CUSTODY_EXIT_OK;
}

int custody_cmd_init(int argc, char **argv)
{
	struct init in = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	int rc = CUSTODY_EXIT_OK;
	const struct custody_option options[] = {
		CUSTODY_OPTION_TEXT(0, "org", "NAME", &in.organisation, "whose laboratory it is"),
		CUSTODY_OPTION_TEXT(0, "name", "NAME", &in.name, "the person who seals (default: the name of this account)"),
		CUSTODY_OPTION_TEXT(0, "key-type", "TYPE", &in.key_type, "p256 (default), p384, rsa3072 or rsa-pss"),
		CUSTODY_OPTION_FLAG(0, "passphrase", &in.passphrase, "encrypt the keys; ask for the passphrase"),
		CUSTODY_OPTION_TEXT(0, "passphrase-fd", "N", &in.passphrase_fd, "likewise, and read it from this descriptor"),
		CUSTODY_OPTION_FLAG(0, "json", &in.json, "print JSON"),
		CUSTODY_OPTION_FLAG('q', "quiet", &in.quiet, "no notes"),
		CUSTODY_OPTION_END,
	};
	const struct custody_usage usage = { "init", "LAB",
		"Makes a laboratory's folder: its own root, keys, certificates and a revocation list, for those "
		"without a PKI.",
		options, 1, 1 };
	CUSTODY_OPERANDS_CLEAN struct custody_operands operands = { NULL, 0 };

	if (custody_options_parse(&usage, argc, argv, &operands, &rc))
		return rc;
	custody_terminal_setup(in.quiet, false);
	in.dir = operands.values[0];
	if (take_defaults(&in, &err))
		return custody_terminal_error(&err, "cannot make the laboratory's folder");
	return make(&in, argc, argv);
}
