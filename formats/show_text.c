/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "formats/show.h"
#include "formats/report_words.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/utf8.h"

#define LABEL 13 /* columns of the labels */
#define NONE "-"

/* "Label        " at the beginning of a line. */
static int label(struct custody_buf *out, const char *text, struct custody_error *err)
{
	return custody_buf_printf(out, err, "%-*s", LABEL, text);
}

static int line(struct custody_buf *out, const char *name, struct custody_error *err, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
static int line(struct custody_buf *out, const char *name, struct custody_error *err, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return label(out, name, err) || custody_buf_printf(out, err, "%s\n", text) ? -1 : 0;
}

/* Foreign text; NULL is `none`. */
static int shown(struct custody_buf *out, const char *text, const char *none, struct custody_error *err)
{
	if (!text)
		return custody_buf_append_str(out, none, err);
	return custody_display_append(out, (const uint8_t *)text, strlen(text), err);
}

static int shown_line(struct custody_buf *out, const char *name, const char *text, struct custody_error *err)
{
	return label(out, name, err) || shown(out, text, "none", err) || custody_buf_append_byte(out, '\n', err) ? -1 : 0;
}

static void format_time(struct custody_time t, char *out)
{
	if (custody_time_in_range(t))
		custody_time_format(t, out);
	else
		snprintf(out, CUSTODY_TIME_TEXT, "%s", NONE);
}

/* ---- head ---- */

static int put_people(struct custody_buf *out, const struct custody_sealfile *s, struct custody_error *err)
{
	return label(out, "Sealed by", err) || shown(out, s->sealer_name, "nobody named", err) || custody_buf_append_str(out, ", ", err) ||
			       shown(out, s->sealer_organisation, "no organisation named", err) || custody_buf_append_str(out, ", ", err) ||
			       shown(out, s->sealer_role, "no role named", err) || custody_buf_append_str(out, " (as claimed)\n", err) ||
			       label(out, "With", err) || shown(out, s->tool_name, "", err) || custody_buf_append_byte(out, ' ', err) ||
			       shown(out, s->tool_version, "", err) || custody_buf_append_byte(out, '\n', err)
		       ? -1
		       : 0;
}

static int put_digests(struct custody_buf *out, uint32_t digests, struct custody_error *err)
{
	const char *between = "";

	if (label(out, "Digests", err))
		return -1;
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		const struct custody_digest_info *info = custody_digest_get((enum custody_digest_id)id);

		if (!(digests & CUSTODY_DIGEST_BIT(id)))
			continue;
		if (custody_buf_printf(out, err, "%s%s%s", between, info->name, info->legacy ? " (legacy)" : ""))
			return -1;
		between = ", ";
	}
	return custody_buf_append_byte(out, '\n', err);
}

static int put_seal(struct custody_buf *out, const struct custody_sealfile *s, struct custody_error *err)
{
	char time[CUSTODY_TIME_TEXT], hex[65];

	format_time(s->sealed, time);
	custody_hex_format(s->tree_root, 32, hex);
	if (line(out, "Package", err, "%s", s->uuid) || shown_line(out, "Case", s->case_id, err) || shown_line(out, "Exhibit", s->exhibit, err) ||
		line(out, "Sealed", err, "%s by the clock of the one who sealed", time) || put_people(out, s, err) ||
		line(out, "Holds", err, "%" PRIu64 " items, %" PRIu64 " bytes", s->items, s->bytes) ||
		line(out, "Exceptions", err, "%" PRIu64, s->exceptions) || put_digests(out, s->digests, err) ||
		line(out, "Tree root", err, "%s", hex) || line(out, "Level", err, "%s", s->requires_lt ? "B-LT" : "B-T"))
		return -1;
	for (size_t i = 0; i < s->n_authorities; i++) {
		custody_hex_format(s->authorities[i], 32, hex);
		if (line(out, i == 0 ? "Authorities" : "", err, "%s", hex))
			return -1;
	}
	if (!s->has_previous)
		return 0;
	custody_hex_format(s->previous, 32, hex);
	return line(out, "Replaces", err, "%s", hex);
}

static int put_stated(struct custody_buf *out, const struct custody_acquisition_stated *a, struct custody_error *err)
{
	if (a->reason &&
		(label(out, "Accepted", err) || custody_buf_append_str(out, "exceptions, for this reason, as stated: ", err) ||
			shown(out, a->reason, "", err) || custody_buf_append_str(out, a->reasons_differ ? " (others state others)\n" : "\n", err)))
		return -1;
	for (size_t i = 0; i < a->n_followed; i++)
		if (label(out, "Link", err) || shown(out, a->followed[i].path, "", err) || custody_buf_append_str(out, " to ", err) ||
			shown(out, a->followed[i].target, "", err) || custody_buf_append_byte(out, '\n', err))
			return -1;
	return 0;
}

static int put_acquisition(struct custody_buf *out, const struct custody_acquisition_facts *a, struct custody_error *err)
{
	static const char *const clock[] = { "not known whether the clock was synchronised", "clock not synchronised", "clock synchronised" };
	char started[CUSTODY_TIME_TEXT], finished[CUSTODY_TIME_TEXT];

	format_time(a->started, started);
	format_time(a->finished, finished);
	if (line(out, "Acquired", err, "%s to %s, %s", started, finished, clock[a->synchronised + 1]))
		return -1;
	if (a->role == CUSTODY_ROLE_AUTHORITY_DOCUMENT && line(out, "Holds", err, "%s", CUSTODY_REPORT_ROLE))
		return -1;
	return put_stated(out, &a->stated, err);
}

static int text_head(struct custody_buf *out, const char *path, const struct custody_show_facts *facts, struct custody_error *err)
{
	if (custody_buf_append_str(out, "NOT VERIFIED: what the package states about itself. Whether it holds, custody verify says.\n\n", err) ||
		shown_line(out, "File", path, err))
		return -1;
	if (facts->has_container) {
		if (line(out, "Container", err, "%" PRIu64 " bytes, %" PRIu64 " members, %" PRIu64 " of them evidence with %" PRIu64 " bytes",
			    facts->size, facts->members, facts->files, facts->bytes))
			return -1;
	} else if (line(out, "Container", err, "%" PRIu64 " bytes, not a sealed package", facts->size)) {
		return -1;
	}
	if (facts->has_seal && put_seal(out, &facts->seal, err))
		return -1;
	return facts->has_acquisition ? put_acquisition(out, &facts->acquisition, err) : 0;
}

static int text_document(struct custody_buf *out, size_t n, const struct custody_show_document *d, struct custody_error *err)
{
	return label(out, n == 0 ? "Documents" : "", err) || custody_display_append(out, (const uint8_t *)d->member, d->member_len, err) ||
			       custody_buf_printf(out, err, " (%" PRIu64 " bytes)%s\n", d->size, d->known ? "" : ", which this format does not have")
		       ? -1
		       : 0;
}

/* ---- items ---- */

static int digits(uint64_t v)
{
	int n = 1;
	for (; v >= 10; v /= 10)
		n++;
	return n;
}

/* Columns of the number and of the size: from the seal's totals, so that the table is straight without reading it twice. */
static int number_width(const struct custody_show_facts *f)
{
	return digits(f->has_seal ? f->seal.items : 0);
}

static int size_width(const struct custody_show_facts *f)
{
	int n = digits(f->has_seal ? f->seal.bytes : 0);
	return n < 4 ? 4 : n;
}

static int text_items(struct custody_buf *out, const struct custody_show_facts *facts, struct custody_error *err)
{
	if (!facts->has_container)
		return 0;
	return custody_buf_printf(
		out, err, "\n%*s  %-8s  %*s  %-20s  %s\n", number_width(facts), "n", "kind", size_width(facts), "size", "modified", "path");
}

static int put_findings(struct custody_buf *out, const char *margin, const struct custody_item *item, struct custody_error *err)
{
	for (size_t i = 0; i < item->n_findings; i++) {
		const struct custody_item_finding *f = &item->findings[i];

		if (strcmp(f->id, "name-aliased") == 0 && !f->detail)
			continue; /* said already: the alias has its line */
		if (custody_buf_append_str(out, margin, err) || shown(out, f->id, "", err) ||
			(f->detail && (custody_buf_append_str(out, ": ", err) || shown(out, f->detail, "", err))) ||
			custody_buf_append_byte(out, '\n', err))
			return -1;
	}
	return 0;
}

/* What there is to say beside the columns, a line each. */
static int put_more(struct custody_buf *out, const struct custody_item *item, struct custody_error *err)
{
	static const char margin[] = "        ";

	if (item->link.n > 0 && (custody_buf_printf(out, err, "%slink to ", margin) || custody_display_append(out, item->link.p, item->link.n, err) ||
					custody_buf_append_byte(out, '\n', err)))
		return -1;
	if (item->kind == CUSTODY_KIND_HARDLINK && custody_buf_printf(out, err, "%ssame file as %" PRIu64 "\n", margin, item->target_n))
		return -1;
	if (item->has_device && custody_buf_printf(out, err, "%sdevice %" PRIu64 ":%" PRIu64 "\n", margin, item->major, item->minor))
		return -1;
	if (item->path_b64 && item->has_content &&
		(custody_buf_printf(out, err, "%slies in the package as ", margin) || shown(out, item->member, "", err) ||
			custody_buf_append_byte(out, '\n', err)))
		return -1;
	if (item->mime &&
		(custody_buf_printf(out, err, "%stype ", margin) || shown(out, item->mime, "", err) || custody_buf_append_str(out, ", says ", err) ||
			shown(out, item->mime_by, "", err) || custody_buf_append_byte(out, '\n', err)))
		return -1;
	if (item->n_xattrs > 0 && custody_buf_printf(out, err, "%s%zu extended attributes\n", margin, item->n_xattrs))
		return -1;
	return put_findings(out, margin, item, err);
}

static int text_item(struct custody_buf *out, const struct custody_show_facts *facts, const struct custody_item *item, struct custody_error *err)
{
	char time[CUSTODY_TIME_TEXT] = NONE, size[24] = NONE;

	if (item->has_time[CUSTODY_TIME_MODIFIED])
		format_time(item->time[CUSTODY_TIME_MODIFIED], time);
	if (item->has_content)
		snprintf(size, sizeof(size), "%" PRIu64, item->size);
	return custody_buf_printf(out, err, "%*" PRIu64 "  %-8s  %*s  %-20s  ", number_width(facts), item->n, custody_kind_name(item->kind),
		       size_width(facts), size, time) ||
			       custody_display_append(out, item->path.p, item->path.n, err) || custody_buf_append_byte(out, '\n', err) ||
			       put_more(out, item, err)
		       ? -1
		       : 0;
}

/* ---- tail ---- */

static int text_tail(struct custody_buf *out, const struct custody_show *s, struct custody_error *err)
{
	struct custody_show_problem p;

	for (size_t i = 0; custody_show_problem(s, i, &p); i++)
		if ((i == 0 && custody_buf_append_str(out, "\nWhat could not be read\n", err)) ||
			custody_buf_printf(out, err, "  %s: ", p.member[0] ? p.member : "the container") || shown(out, p.text, "", err) ||
			custody_buf_append_byte(out, '\n', err))
			return -1;
	return 0;
}

const struct custody_show_writer custody_show_text = { text_head, text_document, text_items, text_item, text_tail };
