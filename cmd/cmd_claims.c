/* SPDX-License-Identifier: Apache-2.0 */
/* custody claims: digests in a letter or table, as a draft that a person compares with it. custody-claims(1). */
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/terminal.h"
#include "formats/claims_text.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"

struct claims {
	const char *file, *output;
	char of[CUSTODY_TERMINAL_NAME], sha256[65];
	struct custody_buf text, out;
	size_t n, nameless;
};

static void release(struct claims *c)
{
	custody_buf_release(&c->text);
	custody_buf_release(&c->out);
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

static int make_draft(struct claims *c, struct custody_error *err)
{
	const char *slash = strrchr(c->file, '/'), *last = slash ? slash + 1 : c->file;
	uint8_t sha256[32];

	custody_buf_init(&c->text, CUSTODY_LIMIT_CLAIMS_TEXT);
	custody_buf_init(&c->out, 64 * CUSTODY_LIMIT_CLAIMS_TEXT);
	if (custody_fd_slurp(c->file, CUSTODY_LIMIT_CLAIMS_TEXT, &c->text, err) ||
		custody_digest_once(CUSTODY_SHA256, c->text.data, c->text.len, sha256, err))
		return -1;
	custody_display(last, strlen(last), c->of, sizeof(c->of));
	custody_hex_format(sha256, 32, c->sha256);
	if (custody_claims_text_read(c->text.data, c->text.len, take, c, err))
		return -1;
	return c->n > 0 ? 0 : custody_fail(err, CUSTODY_ERR_FORMAT, "there is no digest in it");
}

static int write_draft(const struct claims *c, struct custody_error *err)
{
	if (c->output)
		return custody_output_write_file(c->output, 0666, c->out.data, c->out.len, err);
	custody_terminal_print(&c->out);
	return custody_terminal_flush(err);
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
		CUSTODY_OPTION_END,
	};
	const struct custody_usage usage = { "claims", "FILE",
		"Reads digests out of a letter or table, as a draft. A person compares it with FILE and corrects it;\n"
		"custody seal --claims DRAFT --claims-confirmed-by NAME then takes it in.",
		options, 1, 1 };

	if (custody_options_parse(&usage, argc, argv, &operands, &rc))
		return rc;
	custody_options_dash(&c.output);
	c.file = operands.values[0];
	if (make_draft(&c, &err) || write_draft(&c, &err))
		return custody_terminal_error(&err, "cannot make a draft of '%s'", custody_display(c.file, strlen(c.file), shown, sizeof(shown)));
	custody_terminal_note("%zu names with digests: compare each with '%s', and correct the draft", c.n, c.of);
	if (c.nameless > 0)
		custody_terminal_warn("%zu have no name beside them: put it in place of NAME?", c.nameless);
	return CUSTODY_EXIT_OK;
}
