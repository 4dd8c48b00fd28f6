/* SPDX-License-Identifier: Apache-2.0 */
/*
 * custody/seal.json (the public facts of a seal) and custody/acquisition.json. One compact line and LF each. Refusals: rule "seal-file-malformed"; an unknown
 * format version, a name in `critical`, an unknown key of seal.json not beginning with "x-": rule "newer-format".
 */
#ifndef CUSTODY_PACKAGE_SEALFILE_H
#define CUSTODY_PACKAGE_SEALFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/base/time.h"
#include "libcustody/base/limits.h"

struct custody_library_version {
	const char *name, *version;
};

struct custody_sealfile {
	struct custody_buf arena; /* owns the text when parsed */
	char uuid[37];
	const char *case_id, *exhibit; /* NULL = null */
	struct custody_time sealed; /* whole seconds; local clock, not proven */
	const char *sealer_name, *sealer_organisation, *sealer_role; /* as claimed; NULL = null */
	const char *tool_name, *tool_version;
	const struct custody_library_version *libraries; /* formatting; parsed: not kept */
	size_t n_libraries;
	uint64_t items, bytes, exceptions;
	uint32_t digests; /* bits of enum custody_digest_id; sha256 always among them */
	uint64_t tree_size; /* = items: format insists on it, whether a parsed one holds is verify's question (totals-mismatch) */
	uint8_t tree_root[32];
	bool requires_lt; /* "B-LT", else "B-T" */
	uint8_t authorities[CUSTODY_LIMIT_TOKENS][32];
	size_t n_authorities; /* >= 1 */
	bool has_previous;
	uint8_t previous[32];
	bool has_private; /* parsed: there are x- keys */
};
void custody_sealfile_init(struct custody_sealfile *s);
void custody_sealfile_release(struct custody_sealfile *s);
/* Appends the line with LF. */
int custody_sealfile_format(struct custody_buf *b, const struct custody_sealfile *s, struct custody_error *err) CUSTODY_MUST_USE;
int custody_sealfile_parse(const uint8_t *p, size_t n, struct custody_sealfile *s, struct custody_error *err) CUSTODY_MUST_USE;

/* What the content of a package is, as whoever sealed it says (ADM-11). */
enum custody_content_role {
	CUSTODY_ROLE_NONE, /* nothing is said: evidence */
	CUSTODY_ROLE_AUTHORITY_DOCUMENT, /* what a request is made of: warrant, order, e-mails, receipts of a portal */
	CUSTODY_ROLE_UNKNOWN /* a word of a later version */
};
/* "authority-document"; NULL for NONE and UNKNOWN. Static. */
const char *custody_content_role_name(enum custody_content_role role);
/* UNKNOWN if there is no such role. */
enum custody_content_role custody_content_role_find(const char *name);

struct custody_acquisition_exception {
	const char *id; /* finding id */
	const uint8_t *path; /* raw bytes */
	size_t path_len;
	const char *detail;
};
struct custody_acquisition {
	struct custody_time started, finished; /* whole seconds */
	const char *host, *system, *operator_name;
	const char *const *arguments; /* without secrets; UTF-8 (display form of what was not) */
	size_t n_arguments;
	const char *clock_source; /* "system" */
	int synchronised; /* 1 yes, 0 no, -1 unknown (null) */
	const char *tool_name, *tool_version;
	const char *accept_reason; /* of --accept-exceptions, NULL if none; written as "reason" in each exception */
	const char *identified_by, *identification_database; /* what said of which type items are; NULL and NULL: nothing did */
	enum custody_content_role role; /* NONE or UNKNOWN: not written */
	const char *mounts; /* mount points that were crossed: JSON strings with commas between, "" if none; written as "mounts":[...] */
	const char *
		followed; /* arguments that were symbolic links: objects of custody_acquisition_append_followed(), "" if none; written as "followed":[...] */
	/* exceptions arrive one by one: see append below */
};
/* Formats everything up to and including `"exceptions":[`. */
int custody_acquisition_append_head(struct custody_buf *b, const struct custody_acquisition *a, struct custody_error *err) CUSTODY_MUST_USE;
int custody_acquisition_append_exception(struct custody_buf *b, bool first, const struct custody_acquisition_exception *e, const char *reason,
	struct custody_error *err) CUSTODY_MUST_USE;
/* {"path":...,"target":...}: a symbolic link that was an argument, and where it led; with a comma in front unless b is empty. */
int custody_acquisition_append_followed(struct custody_buf *b, const char *path, const char *target, struct custody_error *err) CUSTODY_MUST_USE;
int custody_acquisition_append_tail(struct custody_buf *b, struct custody_error *err) CUSTODY_MUST_USE;

struct custody_acquisition_followed {
	char *path, *target;
};
/* Released as a whole. */
struct custody_acquisition_stated {
	char *reason; /* why exceptions were accepted, as the first of them that tells it does; NULL: none does */
	bool reasons_differ; /* another one tells another */
	struct custody_acquisition_followed *followed; /* arguments that were symbolic links */
	size_t n_followed;
};
void custody_acquisition_stated_release(struct custody_acquisition_stated *s);
/* What a reader takes from acquisition.json; unknown keys are ignored (sealed-package.md). */
struct custody_acquisition_facts {
	struct custody_time started, finished;
	bool identified; /* identification is not null */
	enum custody_content_role role;
	uint64_t exceptions;
	int synchronised;
	struct custody_acquisition_stated stated; /* owned */
};
/* *out is written over, and on success the caller's to release: custody_acquisition_stated_release(&out->stated). */
int custody_acquisition_parse(const uint8_t *p, size_t n, struct custody_acquisition_facts *out, struct custody_error *err) CUSTODY_MUST_USE;
/* The values that an option (its long name with "--") was given on the command line that sealed, as far as acquisition.json tells: at most max borrowed texts in
 * `values`, which live in *document until custody_json_free(). */
struct json_t;
int custody_acquisition_options(const uint8_t *p, size_t n, const char *option, struct json_t **document, const char **values, size_t max,
	size_t *count, struct custody_error *err) CUSTODY_MUST_USE;

/* custody/VERIFY.txt: the constant of the format version (libcustody/package/VERIFY.txt, built in). */
extern const uint8_t custody_verify_txt[];
extern const size_t custody_verify_txt_len;

#endif
