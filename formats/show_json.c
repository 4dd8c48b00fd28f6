/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/show.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/utf8.h"

/* Text in which every unsafe character is escaped; null for NULL. */
static int put(struct custody_buf *out, const char *before, const char *text, struct custody_error *err)
{
	if (custody_buf_append_str(out, before, err))
		return -1;
	return text ? custody_json_append_safe(out, text, strlen(text), err) : custody_buf_append_str(out, "null", err);
}

static int put_hex(struct custody_buf *out, const char *before, const uint8_t *p, size_t n, struct custody_error *err)
{
	char hex[2 * CUSTODY_DIGEST_MAX + 1];

	custody_hex_format(p, n, hex);
	return custody_buf_printf(out, err, "%s\"%s\"", before, hex);
}

/* Raw bytes: "KEY": their display form, and "KEY_b64" with themselves where the two differ. */
static int put_raw(struct custody_buf *out, const char *key, struct custody_bytes raw, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf display = { 0 };

	custody_buf_init(&display, SIZE_MAX);
	if (custody_display_append(&display, raw.p, raw.n, err) || custody_buf_printf(out, err, "\"%s\":", key) ||
		custody_json_append_safe(out, display.data, display.len, err))
		return -1;
	if (custody_display_is_exact(raw.p, raw.n))
		return 0;
	return custody_buf_printf(out, err, ",\"%s_b64\":\"", key) || custody_base64_append(out, raw.p, raw.n, err) ||
			       custody_buf_append_byte(out, '"', err)
		       ? -1
		       : 0;
}

static struct custody_bytes bytes_of(const char *text)
{
	return (struct custody_bytes){ (const uint8_t *)text, strlen(text) };
}

/* ---- head ---- */

static int put_digest_names(struct custody_buf *out, uint32_t digests, struct custody_error *err)
{
	const char *between = "";

	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		if (!(digests & CUSTODY_DIGEST_BIT(id)))
			continue;
		if (custody_buf_printf(out, err, "%s\"%s\"", between, custody_digest_get((enum custody_digest_id)id)->name))
			return -1;
		between = ",";
	}
	return 0;
}

static int put_seal(struct custody_buf *out, const struct custody_sealfile *s, struct custody_error *err)
{
	char time[CUSTODY_TIME_TEXT];

	custody_time_format(s->sealed, time);
	if (put(out, "{\"package\":", s->uuid, err) || put(out, ",\"case\":", s->case_id, err) || put(out, ",\"exhibit\":", s->exhibit, err) ||
		put(out, ",\"sealed\":", time, err) || put(out, ",\"sealer\":{\"name\":", s->sealer_name, err) ||
		put(out, ",\"organisation\":", s->sealer_organisation, err) || put(out, ",\"role\":", s->sealer_role, err) ||
		put(out, "},\"tool\":{\"name\":", s->tool_name, err) || put(out, ",\"version\":", s->tool_version, err) ||
		custody_buf_printf(out, err, "},\"items\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"exceptions\":%" PRIu64 ",\"digests\":[", s->items,
			s->bytes, s->exceptions) ||
		put_digest_names(out, s->digests, err) || custody_buf_printf(out, err, "],\"tree\":{\"size\":%" PRIu64, s->tree_size) ||
		put_hex(out, ",\"root\":", s->tree_root, 32, err) || put(out, "},\"requires\":", s->requires_lt ? "B-LT" : "B-T", err) ||
		custody_buf_append_str(out, ",\"authorities\":[", err))
		return -1;
	for (size_t i = 0; i < s->n_authorities; i++)
		if (put_hex(out, i == 0 ? "" : ",", s->authorities[i], 32, err))
			return -1;
	if (s->has_previous)
		return put_hex(out, "],\"previous\":", s->previous, 32, err) || custody_buf_append_byte(out, '}', err) ? -1 : 0;
	return custody_buf_append_str(out, "],\"previous\":null}", err);
}

static int put_acquisition(struct custody_buf *out, const struct custody_acquisition_facts *a, struct custody_error *err)
{
	static const char *const synchronised[] = { "null", "false", "true" };
	char started[CUSTODY_TIME_TEXT], finished[CUSTODY_TIME_TEXT];
	const char *role = custody_content_role_name(a->role);

	custody_time_format(a->started, started);
	custody_time_format(a->finished, finished);
	if (custody_buf_printf(out, err,
		    "{\"started\":\"%s\",\"finished\":\"%s\",\"clock_synchronised\":%s,\"identified\":%s,\"exceptions\":%" PRIu64 ",\"role\":%s%s%s",
		    started, finished, synchronised[a->synchronised + 1], a->identified ? "true" : "false", a->exceptions, role ? "\"" : "",
		    role ? role : "null", role ? "\"" : "") ||
		put(out, ",\"exceptions_reason\":", a->stated.reason, err) || custody_buf_append_str(out, ",\"followed\":[", err))
		return -1;
	for (size_t i = 0; i < a->stated.n_followed; i++)
		if (put(out, i == 0 ? "{\"path\":" : ",{\"path\":", a->stated.followed[i].path, err) ||
			put(out, ",\"target\":", a->stated.followed[i].target, err) || custody_buf_append_byte(out, '}', err))
			return -1;
	return custody_buf_append_str(out, "]}", err);
}

static int json_head(struct custody_buf *out, const char *path, const struct custody_show_facts *facts, struct custody_error *err)
{
	if (custody_buf_append_str(out, "{\"schema\":\"custody-show/1\",\"verified\":false,\"package\":{", err) ||
		put_raw(out, "path", bytes_of(path), err) || custody_buf_printf(out, err, ",\"size\":%" PRIu64, facts->size))
		return -1;
	if (facts->has_container && custody_buf_printf(out, err, ",\"members\":%" PRIu64 ",\"files\":%" PRIu64 ",\"bytes\":%" PRIu64, facts->members,
					    facts->files, facts->bytes))
		return -1;
	if (custody_buf_append_str(out, "},\"seal\":", err) ||
		(facts->has_seal ? put_seal(out, &facts->seal, err) : custody_buf_append_str(out, "null", err)) ||
		custody_buf_append_str(out, ",\"acquisition\":", err) ||
		(facts->has_acquisition ? put_acquisition(out, &facts->acquisition, err) : custody_buf_append_str(out, "null", err)))
		return -1;
	return custody_buf_append_str(out, ",\"documents\":[", err);
}

static int json_document(struct custody_buf *out, size_t n, const struct custody_show_document *d, struct custody_error *err)
{
	struct custody_bytes name = { (const uint8_t *)d->member, d->member_len };

	return custody_buf_append_str(out, n == 0 ? "{" : ",{", err) || put_raw(out, "member", name, err) ||
			       custody_buf_printf(out, err, ",\"size\":%" PRIu64 ",\"known\":%s}", d->size, d->known ? "true" : "false")
		       ? -1
		       : 0;
}

/* ---- items ---- */

static int json_items(struct custody_buf *out, const struct custody_show_facts *facts, struct custody_error *err)
{
	(void)facts;
	return custody_buf_append_str(out, "],\"items\":[", err);
}

static int put_content(struct custody_buf *out, const struct custody_item *item, struct custody_error *err)
{
	const char *between = "";

	if (custody_buf_printf(out, err, ",\"size\":%" PRIu64 ",", item->size) || put_raw(out, "member", bytes_of(item->member), err) ||
		custody_buf_append_str(out, ",\"digests\":{", err))
		return -1;
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		const struct custody_digest_info *info = custody_digest_get((enum custody_digest_id)id);

		if (!(item->digests.mask & CUSTODY_DIGEST_BIT(id)))
			continue;
		if (custody_buf_printf(out, err, "%s\"%s\":", between, info->name) || put_hex(out, "", item->digests.value[id], info->size, err))
			return -1;
		between = ",";
	}
	return custody_buf_append_byte(out, '}', err);
}

static int put_status(struct custody_buf *out, const struct custody_item *item, struct custody_error *err)
{
	static const char *const names[CUSTODY_TIMES] = { "modified", "changed", "accessed", "born" };
	char time[CUSTODY_TIME_TEXT];

	for (int i = 0; i < CUSTODY_TIMES; i++) {
		if (!item->has_time[i])
			continue;
		custody_time_format_ns(item->time[i], time);
		if (custody_buf_printf(out, err, ",\"%s\":\"%s\"", names[i], time))
			return -1;
	}
	if (item->has_mode && custody_buf_printf(out, err, ",\"mode\":\"%04" PRIo32 "\"", item->mode))
		return -1;
	if (item->has_owner && (custody_buf_printf(out, err, ",\"owner\":{\"uid\":%" PRIu64 ",\"gid\":%" PRIu64, item->uid, item->gid) ||
				       put(out, ",\"user\":", item->user, err) || put(out, ",\"group\":", item->group, err) ||
				       custody_buf_append_byte(out, '}', err)))
		return -1;
	if (!item->has_device)
		return 0;
	return custody_buf_printf(out, err, ",\"device\":{\"major\":%" PRIu64 ",\"minor\":%" PRIu64 "}", item->major, item->minor);
}

static int put_lists(struct custody_buf *out, const struct custody_item *item, struct custody_error *err)
{
	for (size_t i = 0; i < item->n_xattrs; i++)
		if (custody_buf_append_str(out, i == 0 ? ",\"xattrs\":[{" : ",{", err) || put_raw(out, "name", item->xattrs[i].name, err) ||
			custody_buf_append_str(out, ",\"value_b64\":\"", err) ||
			custody_base64_append(out, item->xattrs[i].value.p, item->xattrs[i].value.n, err) || custody_buf_append_str(out, "\"}", err))
			return -1;
	if (item->n_xattrs > 0 && custody_buf_append_byte(out, ']', err))
		return -1;
	if (item->mime && (put(out, ",\"type\":{\"mime\":", item->mime, err) || put(out, ",\"by\":", item->mime_by, err) ||
				  custody_buf_append_byte(out, '}', err)))
		return -1;
	for (size_t i = 0; i < item->n_findings; i++)
		if (put(out, i == 0 ? ",\"findings\":[{\"id\":" : ",{\"id\":", item->findings[i].id, err) ||
			put(out, ",\"detail\":", item->findings[i].detail, err) || custody_buf_append_byte(out, '}', err))
			return -1;
	return item->n_findings > 0 ? custody_buf_append_byte(out, ']', err) : 0;
}

static int json_item(struct custody_buf *out, const struct custody_show_facts *facts, const struct custody_item *item, struct custody_error *err)
{
	(void)facts;
	if (custody_buf_printf(out, err, "%s{\"n\":%" PRIu64 ",", item->n == 0 ? "" : ",", item->n) || put_raw(out, "path", item->path, err) ||
		custody_buf_printf(out, err, ",\"kind\":\"%s\"", custody_kind_name(item->kind)) || (item->has_content && put_content(out, item, err)))
		return -1;
	if (item->link.n > 0 && (custody_buf_append_byte(out, ',', err) || put_raw(out, "link", item->link, err)))
		return -1;
	if (item->kind == CUSTODY_KIND_HARDLINK && custody_buf_printf(out, err, ",\"target_n\":%" PRIu64, item->target_n))
		return -1;
	return put_status(out, item, err) || put_lists(out, item, err) || custody_buf_append_byte(out, '}', err) ? -1 : 0;
}

/* ---- tail ---- */

static int json_tail(struct custody_buf *out, const struct custody_show *s, struct custody_error *err)
{
	struct custody_show_problem p;

	if (custody_buf_append_str(out, "],\"problems\":[", err))
		return -1;
	for (size_t i = 0; custody_show_problem(s, i, &p); i++)
		if (put(out, i == 0 ? "{\"member\":" : ",{\"member\":", p.member[0] ? p.member : NULL, err) || put(out, ",\"text\":", p.text, err) ||
			custody_buf_append_byte(out, '}', err))
			return -1;
	return custody_buf_append_str(out, "]}\n", err);
}

const struct custody_show_writer custody_show_json = { json_head, json_document, json_items, json_item, json_tail };
