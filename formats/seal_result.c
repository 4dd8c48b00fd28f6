/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/seal_result.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "formats/paragraph.h"
#include "formats/report.h"
#include "formats/report_claims.h"
#include "formats/report_words.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"

void custody_seal_exceptions_add(struct custody_seal_exceptions *x, const struct custody_seal_exception *e)
{
	if (x->n == CUSTODY_SEAL_EXCEPTIONS)
		return;
	x->list[x->n].id = e->id;
	x->list[x->n].path = malloc(e->path_len + 1);
	x->list[x->n].detail = strdup(e->detail ? e->detail : "");
	if (!x->list[x->n].path || !x->list[x->n].detail) {
		free(x->list[x->n].path);
		free(x->list[x->n].detail);
		return;
	}
	memcpy(x->list[x->n].path, e->path, e->path_len);
	x->list[x->n].path_len = e->path_len;
	x->n++;
}

void custody_seal_exceptions_release(struct custody_seal_exceptions *x)
{
	for (size_t i = 0; i < x->n; i++) {
		free(x->list[i].path);
		free(x->list[i].detail);
	}
	x->n = 0;
}

/* ---- text ---- */

/* text is in display form already, or a plain field of a form: only what a terminal must not see is escaped. */
static int line(struct custody_buf *b, const char *label, const char *text, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf safe = { .max = SIZE_MAX };

	if (custody_report_append_shown(&safe, text, err))
		return -1;
	return custody_paragraph(b, 2, label, 18, custody_buf_str(&safe), err);
}

/* A path is raw bytes. */
static int path_line(struct custody_buf *b, const char *label, const char *path, struct custody_error *err)
{
	if (custody_buf_printf(b, err, "  %-16s", label) || custody_display_append(b, (const uint8_t *)path, strlen(path), err))
		return -1;
	return custody_buf_append_byte(b, '\n', err);
}

/* Hex in groups of four, as it is written on a form. */
static int digest_line(struct custody_buf *b, const char *label, const uint8_t sha256[32], struct custody_error *err)
{
	char groups[CUSTODY_HEX_GROUPS];

	return custody_paragraph(b, 2, label, 18, custody_hex_groups(sha256, groups), err);
}

/* What was read back says it: the lists are compared once more by whoever verifies. */
static int claim_lines(struct custody_buf *b, const struct custody_seal_form *form, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf sum = { .max = 4096 };

	if (!form->result->report.claims.there)
		return 0;
	return custody_report_claims_sum(&sum, &form->result->report, NULL, err) || line(b, "stated digests", custody_buf_str(&sum), err) ? -1 : 0;
}

static int link_lines(struct custody_buf *b, const struct custody_seal_form *form, struct custody_error *err)
{
	const struct custody_report *r = &form->result->report;

	if (!r->request.read)
		return 0;
	return custody_buf_printf(b, err, "  %-16s%llu of %llu items with content%s\n", "linked to it", (unsigned long long)r->request.linked,
		(unsigned long long)r->request.items, r->request.links_withheld ? "; others may be, as withheld" : "");
}

/* With --level B-T the authority's stamp may be there and its standing unknown: then nothing is proven, and it is not the laboratory's word either. */
static const char *whose_word(const struct custody_report *r)
{
	if (r->seal.independent)
		return "by an independent authority";
	return r->seal.time_pass ? "the laboratory's own word: nothing independent proves it"
				 : "by the authority below, not proven: whether its certificate is revoked is not known";
}

static int time_lines(struct custody_buf *b, const struct custody_report *r, struct custody_error *err)
{
	char stated[CUSTODY_TIME_TEXT], text[CUSTODY_TIME_TEXT + 128];

	if (!r->seal.has_time)
		return line(b, "time", "none", err);
	custody_time_format((struct custody_time){ r->seal.stated.sec, 0 }, stated);
	(void)snprintf(text, sizeof(text), "%s, %s", stated, whose_word(r));
	if (line(b, "time", text, err) || line(b, "stamped by", r->seal.authority, err))
		return -1;
	for (size_t i = 0; i < r->seal.n_others; i++)
		if (line(b, "also by", r->seal.others[i].authority, err) ||
			custody_buf_printf(b, err, "  %-16sit %s\n", "", custody_report_other_stamp(&r->seal.others[i])))
			return -1;
	return 0;
}

static int exception_lines(struct custody_buf *b, const struct custody_seal_form *form, struct custody_error *err)
{
	uint64_t n = form->result->exceptions;

	if (n == 0)
		return line(b, "exceptions", "none", err);
	if (custody_buf_printf(b, err, "  %-16s%llu, accepted for this reason: ", "exceptions", (unsigned long long)n) ||
		custody_display_append(b, (const uint8_t *)form->accept_reason, strlen(form->accept_reason), err) ||
		custody_buf_append_byte(b, '\n', err))
		return -1;
	for (size_t i = 0; i < form->exceptions->n; i++) {
		if (custody_buf_append_str(b, "                  ", err) ||
			custody_display_append(b, form->exceptions->list[i].path, form->exceptions->list[i].path_len, err) ||
			custody_buf_printf(b, err, ": %s: %s\n", form->exceptions->list[i].id, form->exceptions->list[i].detail))
			return -1;
	}
	return 0;
}

/* A type is an opinion of somebody's library on the first bytes; nobody is to take it for more. */
static int types_remark(struct custody_buf *b, const struct custody_seal_form *form, struct custody_error *err)
{
	const struct custody_seal_result_out *r = form->result;

	if (form->finished && r->report.findings.count[CUSTODY_FINDING_NOT_IDENTIFIED] == 0)
		return custody_buf_append_str(b, "The types of the items were identified when it was sealed: opinions, not facts.\n", err);
	if (!form->identified_by) {
		if (custody_buf_append_str(b, "The types of the items were not identified", err) ||
			(form->not_identified && (custody_buf_append_str(b, ": ", err) || custody_report_append_shown(b, form->not_identified, err))))
			return -1;
		return custody_buf_append_str(b, ".\n", err);
	}
	if (custody_buf_printf(b, err, "The types of %llu item%s were identified by %s, from their first bytes: opinions, not facts.\n",
		    (unsigned long long)r->identified, r->identified == 1 ? "" : "s", form->identified_by))
		return -1;
	return r->not_identified == 0
		       ? 0
		       : custody_buf_printf(b, err, "The type%s of %llu could not be identified; the inventory says of which, and why.\n",
				 r->not_identified == 1 ? "" : "s", (unsigned long long)r->not_identified);
}

static int record_lines(struct custody_buf *b, const struct custody_seal_form *form, struct custody_error *err)
{
	if (form->record)
		return path_line(b, "custody record", form->record, err) || digest_line(b, "head of it", form->record_head, err) ? -1 : 0;
	return custody_buf_printf(b, err, "  %-16snot begun: ", "custody record") || custody_report_append_shown(b, form->no_record, err) ||
			       custody_buf_append_byte(b, '\n', err)
		       ? -1
		       : 0;
}

/* What is to be said, a remark a line. */
static int say_remarks(struct custody_buf *b, const struct custody_seal_form *form, struct custody_error *err)
{
	const struct custody_seal_result_out *r = form->result;

	if (custody_buf_printf(b, err, "Read back from storage and verified: %s%s.\n",
		    r->report.verdict == CUSTODY_VERDICT_VALID ? "VALID" : "complete but for revocation data, as --level B-T asks",
		    r->read_back_cached ? " (read back through the page cache: this storage keeps its pages in memory)" : ""))
		return -1;
	if (r->files == 0 && custody_buf_append_str(b, "The package holds no file content.\n", err))
		return -1;
	if (r->mounts > 0 && custody_buf_printf(b, err, "%llu mount point(s) inside the sources were crossed; the package names them.\n",
				     (unsigned long long)r->mounts))
		return -1;
	if (types_remark(b, form, err))
		return -1;
	return custody_buf_append_str(b,
		"Give those who verify the package number, the anchor fingerprint and the lab's trust folder by another way than the package. What a "
		"seal shows, and what it cannot: custody-verify(1).\n",
		err);
}

static int remarks(struct custody_buf *b, const struct custody_seal_form *form, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf said = { .max = SIZE_MAX };
	char *rest = NULL;

	if (say_remarks(&said, form, err) || custody_buf_append_byte(b, '\n', err))
		return -1;
	for (char *remark = strtok_r(said.len ? (char *)said.data : NULL, "\n", &rest); remark; remark = strtok_r(NULL, "\n", &rest))
		if (custody_paragraph(b, 0, "", 0, remark, err))
			return -1;
	return 0;
}

int custody_seal_result_text(struct custody_buf *b, const struct custody_seal_form *form, struct custody_error *err)
{
	const struct custody_seal_result_out *out = form->result;
	const struct custody_report *r = &out->report;

	if (out->exceptions > 0 &&
		custody_buf_printf(b, err, "SEALED WITH %llu EXCEPTION%s\n", (unsigned long long)out->exceptions, out->exceptions == 1 ? "" : "S"))
		return -1;
	if (custody_buf_append_str(b, "Sealed. For the exhibit form:\n\n", err) || path_line(b, "file", form->output, err) ||
		line(b, "case", r->case_id ? r->case_id : "not given", err) || line(b, "exhibit", r->exhibit ? r->exhibit : "not given", err) ||
		custody_buf_printf(b, err, "  %-16s%llu, of which %llu with content, %llu bytes\n", "items", (unsigned long long)out->items,
			(unsigned long long)out->files, (unsigned long long)out->bytes) ||
		(r->role == CUSTODY_ROLE_AUTHORITY_DOCUMENT && line(b, "holds", CUSTODY_REPORT_ROLE, err)) ||
		(form->request_sha256 && digest_line(b, "request record", form->request_sha256, err)) || link_lines(b, form, err) ||
		claim_lines(b, form, err) || exception_lines(b, form, err) || line(b, "sealed by", r->seal.signer, err) || time_lines(b, r, err) ||
		digest_line(b, "anchor", r->seal.anchor_sha256, err) || (r->has_previous && digest_line(b, "replaces", r->previous, err)) ||
		digest_line(b, "package number", r->sha256, err) ||
		custody_buf_printf(b, err, "                  (SHA-256 of the file, %llu bytes)\n", (unsigned long long)r->size) ||
		record_lines(b, form, err))
		return -1;
	return remarks(b, form, err);
}

/* ---- JSON ---- */

static int json_exceptions(struct custody_buf *b, const struct custody_seal_form *form, struct custody_error *err)
{
	if (custody_buf_append_str(b, ",\"exceptions\":[", err))
		return -1;
	for (size_t i = 0; i < form->exceptions->n; i++) {
		CUSTODY_BUF_CLEAN struct custody_buf shown = { 0 };

		custody_buf_init(&shown, CUSTODY_LIMIT_PATH * 8);
		if (custody_display_append(&shown, form->exceptions->list[i].path, form->exceptions->list[i].path_len, err) ||
			custody_buf_printf(b, err, "%s{\"id\":\"%s\",\"item\":", i ? "," : "", form->exceptions->list[i].id) ||
			custody_json_append_safe(b, shown.data, shown.len, err) || custody_buf_append_str(b, ",\"detail\":", err) ||
			custody_json_append_safe(b, form->exceptions->list[i].detail, strlen(form->exceptions->list[i].detail), err) ||
			custody_buf_append_byte(b, '}', err))
			return -1;
	}
	return custody_buf_append_byte(b, ']', err);
}

static int json_identification(struct custody_buf *b, const struct custody_seal_form *form, struct custody_error *err)
{
	if (form->finished)
		return 0;
	if (!form->identified_by)
		return custody_buf_append_str(b, ",\"identification\":null", err);
	if (custody_buf_append_str(b, ",\"identification\":{\"by\":", err) ||
		custody_json_append_safe(b, form->identified_by, strlen(form->identified_by), err))
		return -1;
	return custody_buf_printf(b, err, ",\"identified\":%llu,\"not_identified\":%llu}", (unsigned long long)form->result->identified,
		(unsigned long long)form->result->not_identified);
}

static int json_request(struct custody_buf *b, const struct custody_seal_form *form, struct custody_error *err)
{
	char hex[65];

	if (!form->request_sha256)
		return 0;
	custody_hex_format(form->request_sha256, 32, hex);
	return custody_buf_printf(b, err, ",\"request\":{\"sha256\":\"%s\"}", hex);
}

static int json_record(struct custody_buf *b, const struct custody_seal_form *form, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf shown = { 0 };
	char hex[65];

	if (!form->record)
		return custody_buf_append_str(b, ",\"record\":null", err);
	custody_buf_init(&shown, CUSTODY_LIMIT_PATH * 8);
	custody_hex_format(form->record_head, 32, hex);
	return custody_display_append(&shown, (const uint8_t *)form->record, strlen(form->record), err) ||
			       custody_buf_append_str(b, ",\"record\":{\"path\":", err) || custody_json_append_safe(b, shown.data, shown.len, err) ||
			       custody_buf_printf(b, err, ",\"head\":\"%s\"}", hex)
		       ? -1
		       : 0;
}

int custody_seal_result_json(struct custody_buf *b, const struct custody_seal_form *form, struct custody_error *err)
{
	const struct custody_report *r = &form->result->report;

	if (custody_buf_append_str(b, "{\"schema\":\"custody-seal-result/1\"", err) || custody_report_json_facts(b, r, err) ||
		custody_buf_printf(b, err, ",\"verdict\":\"%s\"", custody_verdict_name(r->verdict)) || json_exceptions(b, form, err) ||
		json_identification(b, form, err) || json_request(b, form, err) || custody_report_claims_json(b, r, err) || json_record(b, form, err))
		return -1;
	return custody_buf_printf(b, err, ",\"read_back\":\"%s\"}\n", form->result->read_back_cached ? "page-cache" : "storage");
}
