/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a verified package says of its items, in the vocabularies of others: CASE/UCO (case.md), DFXML (dfxml.md), PREMIS (premis.md). An export is derived: it is
 * not signed, and what counts is the package. So each of them carries the package number, the verdict, and what is not proven.
 *
 * Written piece by piece, in memory that does not grow with the number of items: head, every item in the order of the inventory, tail. Whatever the names are, the output
 * is valid UTF-8 without a control or format character but for its line feeds; a name that is not shown as it is has its raw bytes beside it, in base64.
 */
#ifndef CUSTODY_FORMATS_EXPORT_H
#define CUSTODY_FORMATS_EXPORT_H

#include <stddef.h>
#include <stdint.h>

#include "formats/report.h"
#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/package/manifest.h"
#include "libcustody/verdict/verdict.h"

/* What is exported; everything borrowed. */
struct custody_export {
	const struct custody_report *report; /* custody_report_has_every_byte(), with seal.json: an export is made of nothing else */
	const struct custody_report_context *context;
	const char *name; /* of the package's file, without folders: raw bytes */
	uint64_t items[CUSTODY_KIND_COUNT]; /* written so far; counted by whoever calls */
};

typedef int custody_export_piece(struct custody_buf *out, const struct custody_export *x, struct custody_error *err);
/* A format. Each function appends; on failure (NOMEM) what was appended is worth nothing. */
struct custody_export_format {
	const char *name; /* for --format */
	const char *title; /* "CASE 1.4 (JSON-LD)" */
	custody_export_piece *head;
	int (*item)(struct custody_buf *out, const struct custody_export *x, const struct custody_item *item, struct custody_error *err);
	custody_export_piece *tail;
};
extern const struct custody_export_format custody_export_case, custody_export_dfxml, custody_export_premis;
/* The table of them, ended by NULL. */
extern const struct custody_export_format *const custody_export_formats[];
/* By its name. USAGE, with the names that there are. */
int custody_export_find(const char *name, const struct custody_export_format **out, struct custody_error *err) CUSTODY_MUST_USE;

/* ---- what the writers share ---- */

/* The namespace of what is ours in an XML export. A UUID, so that it needs nobody's domain. */
#define CUSTODY_EXPORT_NAMESPACE "urn:uuid:3fe84467-989d-47b7-b7cf-2b4133bdd981"
#define CUSTODY_EXPORT_MEDIA_TYPE "application/vnd.etsi.asic-e+zip"

/* "ni:///sha-256;...#": the package by its number (RFC 6920), so that a name made from it means the same package to everybody. out holds CUSTODY_EXPORT_BASE. */
#define CUSTODY_EXPORT_BASE 64
const char *custody_export_base(const struct custody_export *x, char *out);

/* The version in context->tool. */
const char *custody_export_version(const struct custody_export *x);
/* The moment of the verification as a number, for names: another verification is another one. */
uint64_t custody_export_moment(const struct custody_export *x);

/*
 * What the export says of the package, one sentence a call: kind is "verdict", "number", "conclusion", "exceptions", "group", "finding", "request", "stated digests",
 * "custody", "digests" (those that are legacy), "recorded", "not proven", "does not say" or "derived"; text is fixed words, numbers, ids, and names of others as they are shown. Their number is bounded.
 */
typedef int custody_export_say(void *ctx, const char *kind, const char *text, struct custody_error *err);
int custody_export_statements(const struct custody_export *x, custody_export_say *say, void *ctx, struct custody_error *err) CUSTODY_MUST_USE;
/* "source-changed-while-read: DETAIL" of the i-th finding that stands in the inventory with an item. */
int custody_export_item_finding(struct custody_buf *out, const struct custody_item *item, size_t i, struct custody_error *err) CUSTODY_MUST_USE;
/* Who sealed, in words that go as far as was shown. */
int custody_export_sealer(struct custody_buf *out, const struct custody_export *x, struct custody_error *err) CUSTODY_MUST_USE;

/* XML: text in its display form, with & < > " ' escaped. After a failure nothing more is appended; the caller looks once, at the end. */
struct custody_xml {
	struct custody_buf *out;
	struct custody_error *err;
	bool failed;
};
void custody_xml_put(struct custody_xml *w, const char *markup); /* as it is */
void custody_xml_number(struct custody_xml *w, uint64_t v);
void custody_xml_bytes(struct custody_xml *w, const void *p, size_t n); /* custody_display_append(), escaped */
void custody_xml_shown(struct custody_xml *w, const char *text); /* custody_report_append_shown(), escaped */
/* <name>text</name> and LF, after `indent` tabs; nothing for NULL. */
void custody_xml_element(struct custody_xml *w, int indent, const char *name, const char *text);
/* `attribute="base64"` with a blank before, if p is not shown as it is. */
void custody_xml_base64(struct custody_xml *w, const char *attribute, const void *p, size_t n);

#endif
