/* SPDX-License-Identifier: Apache-2.0 */
/* custody claims: digests in a letter, a table or a signature, as a draft that a person compares with it. custody-claims(1). */
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/terminal.h"
#include "formats/claims_signature.h"
#include "formats/claims_text.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"

struct claims {
	const char *file, *output, *certificate;
	const char *last; /* the file's name without its folder */
	char of[CUSTODY_TERMINAL_NAME], sha256[65];
	struct custody_buf text, out;
	size_t n, nameless;
	bool is_signature;
	struct custody_detached signature;
};

static void release(struct claims *c)
{
	custody_buf_release(&c->text);
	custody_buf_release(&c->out);
	custody_detached_release(&c->signature);
}

static int take(void *ctx, const struct custody_hash_record *record, uint64_t line, struct custody_bytes text, struct custody_error *err)
{
	struct custody_hash_record named = *record;
	struct claims *c = ctx;

	c->n++;
	if (record->path.n == 0) {
		c->nameless++;
		named.path = (struct custody_bytes){ (const uint8_t *)"NAME?", 5 };
	}
	return custody_claims_draft_line(&c->out, c->of, c->sha256, &named, line, text, err);
}

static int read_letter(struct claims *c, struct custody_error *err)
{
	const char *other;

	if (custody_claims_text_read(c->text.data, c->text.len, take, c, err))
		return -1;
	if (c->n > 0)
		return 0;
	custody_fail(err, CUSTODY_ERR_FORMAT, "there is no digest in it");
	other = custody_claims_text_other(c->text.data, c->text.len);
	return other ? custody_hint(err, "%s", other) : -1;
}

/* Certificates in PEM, or one in DER. */
static int read_certificate(const char *path, struct custody_trust *given, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { .max = CUSTODY_LIMIT_SIGNATURE };

	if (custody_fd_slurp(path, CUSTODY_LIMIT_SIGNATURE, &text, err) ||
		custody_trust_add_pem(given, CUSTODY_TRUST_SIGNERS, text.data, text.len, path, err))
		return -1;
	if (given->n_signers > 0)
		return 0;
	if (text.len == 0 || text.data[0] != 0x30) /* SEQUENCE */
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found no certificate, want one in PEM or DER");
	given->signers = given->signers ? given->signers : calloc(1, sizeof(*given->signers));
	if (!given->signers)
		return custody_fail_nomem(err);
	if (custody_certificate_parse(text.data, text.len, &given->signers[0], err))
		return -1;
	given->n_signers = 1;
	return 0;
}

static int read_signature(struct claims *c, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust given = { 0 };
	struct custody_bytes path = { (const uint8_t *)c->last, custody_claims_signed_name(c->last) };
	char shown[CUSTODY_TERMINAL_NAME];

	if (c->certificate && read_certificate(c->certificate, &given, err))
		return custody_fail_in(err, "'%s'", custody_display(c->certificate, strlen(c->certificate), shown, sizeof(shown)));
	if (custody_detached_verify((struct custody_bytes){ c->text.data, c->text.len }, c->certificate ? &given : NULL, &c->signature, err))
		return -1;
	c->n = 1;
	c->nameless = path.n == 0;
	if (path.n == 0)
		path = (struct custody_bytes){ (const uint8_t *)"NAME?", 5 };
	return custody_claims_signature_draft(&c->out, c->of, c->sha256, path, &c->signature, err);
}

static int make_draft(struct claims *c, struct custody_error *err)
{
	const char *slash = strrchr(c->file, '/');
	uint8_t sha256[32];

	c->last = slash ? slash + 1 : c->file;
	custody_buf_init(&c->text, CUSTODY_LIMIT_CLAIMS_TEXT);
	custody_buf_init(&c->out, 64 * CUSTODY_LIMIT_CLAIMS_TEXT);
	if (custody_fd_slurp(c->file, CUSTODY_LIMIT_CLAIMS_TEXT, &c->text, err) ||
		custody_digest_once(CUSTODY_SHA256, c->text.data, c->text.len, sha256, err))
		return -1;
	custody_display(c->last, strlen(c->last), c->of, sizeof(c->of));
	custody_hex_format(sha256, 32, c->sha256);
	c->is_signature = c->certificate || custody_claims_is_signature(c->last, (struct custody_bytes){ c->text.data, c->text.len });
	return c->is_signature ? read_signature(c, err) : read_letter(c, err);
}

static int write_draft(const struct claims *c, struct custody_error *err)
{
	if (c->output)
		return custody_output_write_file(c->output, 0666, c->out.data, c->out.len, err);
	custody_terminal_print(&c->out);
	return custody_terminal_flush(err);
}

static void tell_letter(const struct claims *c)
{
	custody_terminal_note("%zu names with digests: compare each with '%s', and correct the draft", c->n, c->of);
	if (c->nameless > 0)
		custody_terminal_warn("%zu have no name beside them: put it in place of NAME?", c->nameless);
	if (custody_claims_text_is_clearsigned(c->text.data, c->text.len))
		custody_terminal_warn("'%s' is signed with PGP, and that signature was not verified", c->of);
}

/* What was shown, and in full what was not: whoever reads this decides whose signature it is. */
static void tell_signature(const struct claims *c)
{
	const struct custody_detached *d = &c->signature;
	const struct custody_digest_info *digest = custody_digest_get(d->digest);
	char name[CUSTODY_TERMINAL_NAME], serial[CUSTODY_CLAIMS_SERIAL], fours[CUSTODY_HEX_GROUPS], when[CUSTODY_TIME_TEXT],
		hex[2 * CUSTODY_DIGEST_MAX + 1];

	custody_hex_format(d->value, digest->size, hex);
	custody_terminal_note("the signature holds: whoever has the key of this certificate signed content with %s %s", digest->name, hex);
	custody_terminal_note("subject: %s", custody_x509_subject(&d->signer, name, sizeof(name)));
	custody_terminal_note("issuer: %s", custody_x509_issuer(&d->signer, name, sizeof(name)));
	custody_terminal_note("serial number: %s", custody_claims_serial(&d->signer.facts, serial));
	custody_terminal_note("SHA-256 of the certificate: %s", custody_hex_groups(d->signer.sha256, fours));
	if (d->has_signing_time && custody_time_in_range(d->signing_time)) {
		custody_time_format(d->signing_time, when);
		custody_terminal_note("it says that it was made at %s: that is the signer's word and proves nothing", when);
	}
	if (d->has_unsigned)
		custody_terminal_note("what was added to the signature, as time-stamps are, was not looked at");
	if (digest->legacy)
		custody_terminal_warn("it is by %s, for which others can make two contents with one digest: it proves little", digest->name);
	custody_terminal_warn("NOT CHECKED: whether that certificate is the sender's, and whether it is trusted, was in force or is revoked; "
			      "compare its SHA-256 with what the sender told you in another way");
	if (c->nameless > 0)
		custody_terminal_warn("'%s' does not name what was signed: put it in place of NAME?", c->of);
	else
		custody_terminal_note("what was signed is called '%s' in the draft, after '%s': the signature has no name",
			custody_display(c->last, custody_claims_signed_name(c->last), name, sizeof(name)), c->of);
}

int custody_cmd_claims(int argc, char **argv)
{
	CUSTODY_CLEANUP(release) struct claims c = { 0 };
	CUSTODY_OPERANDS_CLEAN struct custody_operands operands = { NULL, 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	char shown[CUSTODY_TERMINAL_NAME];
	int rc = CUSTODY_EXIT_OK;
	const struct custody_option options[] = {
		CUSTODY_OPTION_TEXT('o', "output", "DRAFT", &c.output, "write the draft there (default: standard output)"),
		CUSTODY_OPTION_TEXT(
			0, "certificate", "FILE", &c.certificate, "the signer's certificate, of a signature (default: the one that it carries)"),
		CUSTODY_OPTION_END,
	};
	const struct custody_usage usage = { "claims", "FILE",
		"Reads digests out of a letter or table, or the one in a CMS signature (.p7s) after verifying it, as a draft.\n"
		"A person compares it with FILE and corrects it, or finds out whose certificate it is;\n"
		"custody seal --claims DRAFT --claims-confirmed-by NAME then takes it in.",
		options, 1, 1 };

	if (custody_options_parse(&usage, argc, argv, &operands, &rc))
		return rc;
	custody_options_dash(&c.output);
	c.file = operands.values[0];
	if (make_draft(&c, &err) || write_draft(&c, &err))
		return custody_terminal_error(&err, "cannot make a draft of '%s'", custody_display(c.file, strlen(c.file), shown, sizeof(shown)));
	if (c.is_signature)
		tell_signature(&c);
	else
		tell_letter(&c);
	return CUSTODY_EXIT_OK;
}
