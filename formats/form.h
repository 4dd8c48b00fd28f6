/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forms of certificates and statements (design/admissibility.md, ADM-33 to ADM-48). A form is a data file, formats/form.md: its words, and where which measured value
 * stands. What only a person can state is a blank in it, and there is no way to fill one. The writers put the values of a judged package in; they judge nothing.
 */
#ifndef CUSTODY_FORMATS_FORM_H
#define CUSTODY_FORMATS_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/report.h"
#include "libcustody/base/buf.h"
#include "libcustody/base/embed.h"
#include "libcustody/base/error.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/time.h"
#include "libcustody/package/manifest.h"
#include "libcustody/verdict/verdict.h"

/* ---- the form ---- */

/* Whose word a value is (ADM-98). */
enum custody_form_source { CUSTODY_FORM_MEASURED, CUSTODY_FORM_RECORDED, CUSTODY_FORM_GIVEN };
const char *custody_form_source_name(enum custody_form_source source);

/* What a form can ask the program for; the names are in form_values.c and form.md. */
enum custody_form_fact {
	CUSTODY_FACT_CASE,
	CUSTODY_FACT_EXHIBIT,
	CUSTODY_FACT_FILE_NAME,
	CUSTODY_FACT_PACKAGE_NUMBER,
	CUSTODY_FACT_PACKAGE_SIZE,
	CUSTODY_FACT_PACKAGE_ID,
	CUSTODY_FACT_ITEMS,
	CUSTODY_FACT_FILES,
	CUSTODY_FACT_BYTES,
	CUSTODY_FACT_EXCEPTIONS,
	CUSTODY_FACT_ALGORITHMS,
	CUSTODY_FACT_LIST_DIGEST,
	CUSTODY_FACT_INVENTORY_DIGEST,
	CUSTODY_FACT_SEALER,
	CUSTODY_FACT_ORGANISATION,
	CUSTODY_FACT_ROLE,
	CUSTODY_FACT_READ_FROM,
	CUSTODY_FACT_READ_UNTIL,
	CUSTODY_FACT_SEALED,
	CUSTODY_FACT_SEALING_CLOCK,
	CUSTODY_FACT_SEALING_TOOL,
	CUSTODY_FACT_SIGNER,
	CUSTODY_FACT_SIGNER_NAME,
	CUSTODY_FACT_ISSUER,
	CUSTODY_FACT_VALID_FROM,
	CUSTODY_FACT_VALID_UNTIL,
	CUSTODY_FACT_CERTIFICATE,
	CUSTODY_FACT_ANCHOR,
	CUSTODY_FACT_STAMP_TIME,
	CUSTODY_FACT_NOT_LATER_THAN,
	CUSTODY_FACT_AUTHORITY,
	CUSTODY_FACT_ACCURACY,
	CUSTODY_FACT_TIME_STANDING,
	CUSTODY_FACT_REVOCATION,
	CUSTODY_FACT_CONCLUSION,
	CUSTODY_FACT_CUSTODY,
	CUSTODY_FACT_CHECKED,
	CUSTODY_FACT_CHECKER,
	CUSTODY_FACT_LIBRARIES,
	CUSTODY_FACT_SELF_TEST,
	CUSTODY_FACT_COUNT
};
const char *custody_form_fact_name(enum custody_form_fact fact); /* "package-number" ... */

enum custody_form_part_kind {
	CUSTODY_PART_SECTION, /* text: a heading */
	CUSTODY_PART_TEXT, /* text: words for whoever reads or signs; nothing that is stated */
	CUSTODY_PART_FACT, /* text: its label */
	CUSTODY_PART_ALGORITHMS, /* mask: those that the law's form names (ADM-37) */
	CUSTODY_PART_BLANK, /* text: label of `lines` rules to write on */
	CUSTODY_PART_CHOICE, /* text: label of `options`, each with an empty box */
	CUSTODY_PART_DECLARE, /* text: a statement of the person who signs, behind an empty box */
	CUSTODY_PART_SIGN /* options: a rule each */
};

struct custody_form_part {
	enum custody_form_part_kind kind;
	const char *text; /* borrowed from the form's arena, as all text below; NULL for ALGORITHMS and SIGN */
	enum custody_form_fact fact;
	uint32_t mask;
	unsigned lines;
	const char *options[CUSTODY_LIMIT_FORM_OPTIONS];
	size_t n_options;
};

struct custody_form {
	struct custody_buf arena;
	const char *id, *version, *language, *checked, *jurisdiction, *provision, *title, *who;
	const char *sources[CUSTODY_LIMIT_FORM_SOURCES];
	size_t n_sources;
	bool own; /* whoever sealed can sign it; else it is somebody else's statement */
	bool has_zone, day_first; /* times in this zone beside UTC; dates as DD/MM/YYYY */
	int32_t zone_offset; /* seconds east */
	const char *zone_name;
	struct custody_form_part *parts; /* owned */
	size_t n_parts;
	uint8_t sha256[32]; /* of the file */
};
void custody_form_release(struct custody_form *f); /* safe on a zeroed struct */

/* n bytes of a form. Errors: FORMAT naming the line, what was found and wanted; LIMIT (CUSTODY_LIMIT_FORM and below); NOMEM. */
int custody_form_parse(const uint8_t *p, size_t n, struct custody_form *out, struct custody_error *err) CUSTODY_MUST_USE;

/* The forms of this program, formats/forms/ID.form by ID, in the order of their names; ends with a NULL name. Made by the Makefile. */
extern const struct custody_embedded custody_forms[];
/* One of them by id; NULL if there is none. */
const struct custody_embedded *custody_form_find(const char *id);

/* ---- the values ---- */

/* One line of the hash report (ADM-38). */
struct custody_form_item {
	uint64_t n;
	enum custody_kind kind;
	char *path; /* owned; display form */
	bool has_content;
	bool unread, changed; /* the sealer noted that it could not be read, or changed while it was */
	uint64_t size;
	struct custody_digest_values *digests; /* owned; NULL without content */
};
/* What stands in the place of its size where it has none: "without content", or that it could not be read. Static. */
const char *custody_form_no_content(const struct custody_form_item *i);
/* What is added to an item: "", or that it changed. Static. */
const char *custody_form_remark(const struct custody_form_item *i);

/* A judged package, with its items as far as they are printed. */
struct custody_form_data {
	const struct custody_form *form; /* borrowed, as all below */
	const char *form_from; /* the file that a person brought; NULL: one of this program */
	const struct custody_report *report;
	const struct custody_report_context *context;
	struct custody_form_item *items; /* owned: the first of the list, in order */
	size_t n_items, cap_items;
	uint64_t total; /* items that there are */
};
void custody_form_data_release(struct custody_form_data *d);
/* For custody_items_each(): ctx is the data. Keeps the first CUSTODY_LIMIT_FORM_ITEMS. */
int custody_form_data_add(void *ctx, const struct custody_item *item, struct custody_error *err) CUSTODY_MUST_USE;

enum custody_form_value_kind {
	CUSTODY_VALUE_ABSENT, /* there is none: printed as that, never as a blank */
	CUSTODY_VALUE_TEXT, /* safe for showing */
	CUSTODY_VALUE_NUMBER,
	CUSTODY_VALUE_DIGEST, /* SHA-256 */
	CUSTODY_VALUE_TIME
};
struct custody_form_value {
	enum custody_form_value_kind kind;
	enum custody_form_source source;
	struct custody_buf text;
	uint64_t number;
	uint8_t digest[32];
	struct custody_time time;
};
void custody_form_value_release(struct custody_form_value *v);
/* The value of a fact. v is overwritten: release it afterwards. */
int custody_form_value(
	const struct custody_form_data *d, enum custody_form_fact fact, struct custody_form_value *v, struct custody_error *err) CUSTODY_MUST_USE;
/* As it is printed: numbers grouped, digests in fours, times in the form's zone with UTC beside. Appended to out. */
int custody_form_value_show(
	const struct custody_form_data *d, const struct custody_form_value *v, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;
/* "21/09/2026, 19:43:20 IST (UTC+05:30), which is 21/09/2026, 14:13:20 UTC" where the form has a zone; otherwise custody_report_date(). */
int custody_form_date(const struct custody_form *f, struct custody_time t, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;

/* The next of the digests to print, strongest first (ADM-37); CUSTODY_DIGEST_COUNT after the last. i counts from 0. */
enum custody_digest_id custody_form_strongest(size_t i);
/* "SHA-256 (Secure Hash Algorithm 2, 256 bits)": in full. Static. */
const char *custody_form_algorithm(enum custody_digest_id id);

/* What stands above the items of every hash report (ADM-38), in order; ends with a NULL label. */
struct custody_form_line {
	const char *label;
	enum custody_form_fact fact;
};
extern const struct custody_form_line custody_form_hash_head[];

/* Words that stand on every certificate, and that no form can take away. */
extern const char custody_form_sample[], custody_form_scope[], custody_form_others[], custody_form_marks[], custody_form_equal[];

/* ---- the writers ---- */

typedef int custody_form_writer(struct custody_buf *out, const struct custody_form_data *d, struct custody_error *err);
/* Plain text, at most 80 columns but for what cannot be broken. */
int custody_form_text(struct custody_buf *out, const struct custody_form_data *d, struct custody_error *err) CUSTODY_MUST_USE;
/* One HTML file for paper: no script, nothing from elsewhere. */
int custody_form_html(struct custody_buf *out, const struct custody_form_data *d, struct custody_error *err) CUSTODY_MUST_USE;
/* One compact JSON object and LF, schema custody-certificate/1 (formats/form.md); `report` in it is the custody-report/1 that it was made from. */
int custody_form_json(struct custody_buf *out, const struct custody_form_data *d, struct custody_error *err) CUSTODY_MUST_USE;

#endif
