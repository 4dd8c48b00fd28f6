/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "formats/request.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/crypto/digest.h"

struct list {
	const struct custody_requests *requests;
	struct custody_request_counts counts;
	struct custody_buf *out;
};

static int put(struct custody_buf *out, const char *before, const char *text, struct custody_error *err)
{
	return custody_buf_append_str(out, before, err) || custody_json_append_safe(out, text, strlen(text), err) ? -1 : 0;
}

static int put_remark(void *ctx, const struct custody_request_remark *remark, struct custody_error *err)
{
	static const char *const levels[] = { "must", "advice", "notice" };
	struct list *l = ctx;
	size_t *counts[] = { &l->counts.must, &l->counts.advice, &l->counts.notices };
	bool first = l->counts.must + l->counts.advice + l->counts.notices == 0;

	(*counts[remark->level])++;
	return custody_buf_printf(l->out, err, "%s{\"level\":\"%s\",\"request\":%zu", first ? "" : ",", levels[remark->level], remark->request + 1) ||
			       put(l->out, ",\"id\":", custody_requests_id(l->requests, remark->request), err) ||
			       put(l->out, ",\"where\":", remark->where, err) || put(l->out, ",\"text\":", remark->text, err) ||
			       custody_buf_append_byte(l->out, '}', err)
		       ? -1
		       : 0;
}

static int put_remarks(const struct custody_requests *r, struct custody_request_counts *counts, struct custody_buf *out, struct custody_error *err)
{
	struct list l = { r, { 0, 0, 0 }, out };

	if (custody_buf_append_str(out, "\"remarks\":[", err) || custody_requests_check(r, put_remark, &l, err))
		return -1;
	*counts = l.counts;
	return custody_buf_printf(out, err, "],\"complete\":%s}\n", l.counts.must == 0 ? "true" : "false");
}

/* "sha256": of the form that a package holds; null when this is not that form. */
static int put_digest(const struct custody_requests *r, struct custody_buf *out, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf sealed = { 0 };
	uint8_t digest[32];
	char hex[65];

	if (r->other_form)
		return custody_buf_append_str(out, "\"sha256\":null,", err);
	custody_buf_init(&sealed, CUSTODY_REQUEST_FORM_MAX);
	if (custody_requests_format(r, &sealed, err) || custody_digest_once(CUSTODY_SHA256, sealed.data, sealed.len, digest, err))
		return -1;
	custody_hex_format(digest, sizeof(digest), hex);
	return custody_buf_printf(out, err, "\"sha256\":\"%s\",", hex);
}

int custody_request_json_show(const struct custody_requests *r, struct custody_buf *out, struct custody_error *err)
{
	struct custody_request_counts counts;

	return custody_buf_append_str(out, "{\"schema\":\"custody-request-show/1\",\"checked\":false,", err) || put_digest(r, out, err) ||
			       custody_buf_append_str(out, "\"requests\":", err) || custody_requests_append_safe(r, out, err) ||
			       custody_buf_append_byte(out, ',', err) || put_remarks(r, &counts, out, err)
		       ? -1
		       : 0;
}

int custody_request_json_check(
	const struct custody_requests *r, struct custody_request_counts *counts, struct custody_buf *out, struct custody_error *err)
{
	return custody_buf_append_str(out, "{\"schema\":\"custody-request-check/1\",", err) || put_digest(r, out, err) ||
			       put_remarks(r, counts, out, err)
		       ? -1
		       : 0;
}
