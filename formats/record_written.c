/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/record_written.h"

#include <inttypes.h>
#include <string.h>

#include "formats/paragraph.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/nih.h"
#include "libcustody/base/time.h"
#include "libcustody/base/utf8.h"

static int line(struct custody_buf *b, const char *label, const char *text, struct custody_error *err)
{
	return custody_buf_printf(b, err, "  %-16s", label) || custody_display_append(b, (const uint8_t *)text, strlen(text), err) ||
			       custody_buf_append_byte(b, '\n', err)
		       ? -1
		       : 0;
}

/* Hex in groups of four, as on the form of seal. */
static int digest_line(struct custody_buf *b, const char *label, const uint8_t sha256[32], struct custody_error *err)
{
	char groups[CUSTODY_HEX_GROUPS];

	return custody_paragraph(b, 2, label, 18, custody_hex_groups(sha256, groups), err);
}

static int party_line(struct custody_buf *b, const char *label, const struct custody_event_party *p, struct custody_error *err)
{
	return custody_buf_printf(b, err, "  %-16s", label) || custody_display_append(b, (const uint8_t *)p->name, strlen(p->name), err) ||
			       (p->organisation &&
				       (custody_buf_append_str(b, ", ", err) ||
					       custody_display_append(b, (const uint8_t *)p->organisation, strlen(p->organisation), err))) ||
			       custody_buf_append_byte(b, '\n', err)
		       ? -1
		       : 0;
}

/* Which package the event is about, and what was at hand: of another file it is not said that it is the package. */
static int package_lines(struct custody_buf *b, const struct custody_event *e, struct custody_error *err)
{
	const struct custody_event_value *found = custody_event_found(e);

	if (digest_line(b, "package number", e->package_sha256, err))
		return -1;
	if (!found)
		return line(b, "", e->measured ? "(SHA-256 of the file, measured now)" : "(as the record has it; not measured now)", err);
	return line(b, "", "(as the record has it)", err) || digest_line(b, "found instead", found->bytes, err) ||
			       line(b, "", "(SHA-256 of the file, measured now: ANOTHER ONE)", err)
		       ? -1
		       : 0;
}

/* What follows from the event, for whoever holds the paper. */
static const char *remark(enum custody_event_type type)
{
	if (type == CUSTODY_EVENT_RELEASED)
		return "Hand over the package and the record, and tell the code by another way, such as\n"
		       "on paper: custody accept --release-code compares it. Until the other party\n"
		       "accepts, the record says \"released, not accepted\".\n";
	if (type == CUSTODY_EVENT_ACCEPTED || type == CUSTODY_EVENT_REFUSED)
		return "Give the record, or its head, back to whoever released the package: their copy\n"
		       "ends before your answer.\n";
	return "Whoever notes the head of the record can show later that no event up to this one\n"
	       "was cut off.\n";
}

int custody_record_written_text(struct custody_buf *out, const struct custody_event *e, const struct custody_record_written *written,
	const char *package, const char *record, struct custody_error *err)
{
	char recorded[CUSTODY_TIME_TEXT], code[CUSTODY_NIH_SHORT];

	custody_time_format(e->recorded, recorded);
	custody_nih_short(written->head, code);
	if (custody_buf_printf(out, err, "Written: event %zu, %s.\n\n", written->seq, e->type_name) ||
		(package && line(out, "package", package, err)) || line(out, "custody record", record, err) ||
		party_line(out, "signed by", &e->actor, err) || (e->has_to && party_line(out, "to", &e->to, err)) ||
		line(out, "recorded", recorded, err) || package_lines(out, e, err) || digest_line(out, "head of record", written->head, err) ||
		(e->type == CUSTODY_EVENT_RELEASED && line(out, "release code", code, err)) || custody_buf_append_byte(out, '\n', err))
		return -1;
	return custody_buf_append_str(out, remark(e->type), err);
}

/* ---- JSON ---- */

/* key, then the bytes in display form or null. */
static int put(struct custody_buf *b, const char *key, const char *text, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf shown = { 0 };

	if (!text)
		return custody_buf_printf(b, err, "%snull", key);
	custody_buf_init(&shown, CUSTODY_LIMIT_PATH * 8);
	return custody_display_append(&shown, (const uint8_t *)text, strlen(text), err) || custody_buf_append_str(b, key, err) ||
			       custody_json_append_safe(b, shown.data, shown.len, err)
		       ? -1
		       : 0;
}

int custody_record_written_json(struct custody_buf *out, const struct custody_event *e, const struct custody_record_written *written,
	const char *package, const char *record, struct custody_error *err)
{
	const struct custody_event_value *found = custody_event_found(e);
	char head[65], sha256[65], other[65], recorded[CUSTODY_TIME_TEXT], code[CUSTODY_NIH_SHORT];

	if (found)
		custody_hex_format(found->bytes, 32, other);
	custody_hex_format(written->head, 32, head);
	custody_hex_format(e->package_sha256, 32, sha256);
	custody_time_format(e->recorded, recorded);
	if (put(out, "{\"schema\":\"custody-record-written/1\",\"record\":{\"path\":", record, err) ||
		custody_buf_printf(out, err, ",\"head\":\"%s\",\"code\":\"%s\"},\"event\":{\"seq\":%zu", head, custody_nih_short(written->head, code),
			written->seq) ||
		put(out, ",\"type\":", e->type_name, err) || put(out, ",\"id\":", e->id, err) || put(out, ",\"actor\":", e->actor.name, err) ||
		put(out, ",\"to\":", e->has_to ? e->to.name : NULL, err))
		return -1;
	return custody_buf_printf(out, err, ",\"recorded\":\"%s\"}", recorded) || put(out, ",\"package\":{\"path\":", package, err) ||
			       custody_buf_printf(out, err,
				       ",\"uuid\":\"%s\",\"sha256\":\"%s\",\"size\":%" PRIu64 ",\"measured\":%s,\"found\":%s%s%s}}\n", e->package,
				       sha256, e->package_size, e->measured ? "true" : "false", found ? "\"" : "", found ? other : "null",
				       found ? "\"" : "")
		       ? -1
		       : 0;
}
