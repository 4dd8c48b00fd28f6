/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/report_claims.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/report_row.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/utf8.h"

/* A mismatch may also be in an item's own line, as the sealer found it. */
void custody_report_claims_rung(const struct custody_report *r, struct custody_report_rung *out)
{
	const struct custody_claims_result *c = &r->claims;

	if (r->findings.count[CUSTODY_FINDING_CLAIM_MISMATCH] > 0) {
		out->why = N_("a digest stated by somebody else differs");
		out->result = CUSTODY_RUNG_FAILS;
	} else if (!c->there) {
		out->why = N_("no such digests were compared");
		out->result = CUSTODY_RUNG_NOT_CHECKED;
	} else if (c->unverified > 0 && c->unverified == c->n_sources) {
		out->why = N_("no digest was stated; a signature, certificate or letter of the sender was not verified");
		out->result = CUSTODY_RUNG_NOT_CHECKED;
	} else if (custody_claims_result_holds(c)) {
		out->why = N_("every item has the digest that others stated of it, as the laboratory took it in");
		out->result = CUSTODY_RUNG_HOLDS;
	} else {
		out->why = !c->complete	       ? N_("what others stated could not be read to its end")
			   : c->missing	       ? N_("something that others stated a digest of is no item of the package, as the sealer says")
			   : c->not_compared   ? N_("not every digest that others stated could be compared")
			   : c->items_unstated ? N_("nobody stated a digest of some items")
			   : !custody_claims_result_said(c) ? N_("every item has the digest that was stated of it, by whom is not said")
							    : N_("what others stated agrees, some of it by a legacy algorithm alone");
		out->result = CUSTODY_RUNG_NOT_SHOWN;
	}
}

int custody_report_claims_sum(struct custody_buf *out, const struct custody_report *r, const struct custody_words *words, struct custody_error *err)
{
	const struct custody_claims_result *c = &r->claims;
	char n[8][24];
	const uint64_t numbers[8] = { c->stated, c->matched, c->legacy, c->mismatched, c->missing, c->not_compared, c->items_unstated, c->items };

	if (!c->there)
		return 0;
	for (size_t i = 0; i < 8; i++)
		snprintf(n[i], sizeof(n[i]), "%" PRIu64, numbers[i]);
	if (custody_buf_printf(out, err,
		    custody_words_get(
			    words, N_("%s stated: %s agree (%s by a legacy algorithm alone), %s differ, %s of nothing in the package, %s not "
				      "compared. Nobody stated a digest of %s of the %s items with content.")),
		    n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7]))
		return -1;
	if (c->unverified > 0 && (custody_buf_append_byte(out, ' ', err) ||
					 custody_buf_printf(out, err,
						 custody_words_plural(words, c->unverified,
							 "Of %llu signature, certificate or letter it is only known which file it is.",
							 "Of %llu signatures, certificates or letters it is only known which files they are."),
						 (unsigned long long)c->unverified)))
		return -1;
	return c->complete ? 0 : custody_buf_append_str(out, custody_words_get(words, N_(" They could not be read to their end.")), err);
}

/* Cut like every name in a report that people read. */
static int quoted(struct custody_buf *out, const char *before, const char *text, struct custody_error *err)
{
	char name[CUSTODY_REPORT_NAME];

	return custody_buf_printf(out, err, "%s'%s'", before, custody_report_isolated(text, strlen(text), name, sizeof(name)));
}

int custody_report_claims_source(
	struct custody_buf *out, const struct custody_claims_source *s, const struct custody_words *words, struct custody_error *err)
{
	if (quoted(out, "", s->name, err) ||
		(custody_claims_source_is_unverified(s)
				? custody_buf_append_str(out, custody_words_get(words, N_(", a signature, certificate or letter, NOT VERIFIED")), err)
				: quoted(out, custody_words_get(words, N_(", in the format ")), s->format, err)))
		return -1;
	if (s->by ? quoted(out, custody_words_get(words, N_(", stated by ")), s->by, err)
		  : custody_buf_append_str(out, custody_words_get(words, N_(", by whom is not said")), err))
		return -1;
	if (!s->confirmed_by)
		return 0;
	return quoted(out,
		strcmp(s->format, CUSTODY_CLAIMS_SIGNATURE) == 0
			? custody_words_get(words, N_(", read from a signature whose certificate was confirmed as theirs by "))
			: custody_words_get(words, N_(", read from a text and confirmed by ")),
		s->confirmed_by, err);
}

/* ---- JSON ---- */

static int json_text(struct custody_buf *out, const char *before, const char *text, struct custody_error *err)
{
	if (custody_buf_append_str(out, before, err))
		return -1;
	return text ? custody_json_append_safe(out, text, strlen(text), err) : custody_buf_append_str(out, "null", err);
}

static int json_source(struct custody_buf *out, const struct custody_claims_source *s, struct custody_error *err)
{
	char hex[65];

	custody_hex_format(s->sha256, 32, hex);
	if (json_text(out, "{\"name\":", s->name, err) || json_text(out, ",\"sha256\":", hex, err) ||
		json_text(out, ",\"format\":", s->format, err) || json_text(out, ",\"by\":", s->by, err) ||
		json_text(out, ",\"confirmed_by\":", s->confirmed_by, err))
		return -1;
	return custody_buf_printf(out, err, ",\"result\":\"%s\"}", custody_claims_source_is_unverified(s) ? "unverified" : "compared");
}

int custody_report_claims_json(struct custody_buf *out, const struct custody_report *r, struct custody_error *err)
{
	const struct custody_claims_result *c = &r->claims;

	if (!c->there)
		return 0;
	if (custody_buf_printf(out, err,
		    ",\"claimed_digests\":{\"complete\":%s,\"stated\":%" PRIu64 ",\"matched\":%" PRIu64 ",\"legacy\":%" PRIu64
		    ",\"mismatched\":%" PRIu64 ",\"missing\":%" PRIu64 ",\"not_compared\":%" PRIu64 ",\"items\":%" PRIu64
		    ",\"items_matched\":%" PRIu64 ",\"items_unstated\":%" PRIu64 ",\"sources\":[",
		    c->complete ? "true" : "false", c->stated, c->matched, c->legacy, c->mismatched, c->missing, c->not_compared, c->items,
		    c->items_matched, c->items_unstated))
		return -1;
	for (size_t i = 0; i < c->n_sources; i++)
		if ((i > 0 && custody_buf_append_byte(out, ',', err)) || json_source(out, &c->sources[i], err))
			return -1;
	return custody_buf_append_str(out, "]}", err);
}
