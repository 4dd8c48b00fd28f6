/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verb audit: what a list says against what is there. First the list, then the arguments, then every item that work/hash found, then what is left.
 *
 * The names of a list and those on disk are often not said from the same place. custody_audit_choose_names() looks which of a few readings of the
 * names meets most of the list; one reading holds for the whole audit.
 */
#ifndef CUSTODY_WORK_AUDIT_H
#define CUSTODY_WORK_AUDIT_H

#include "libcustody/work/hash.h"
#include "libcustody/work/known.h"

/* How the names of the list are read; in this order when several meet as much. */
enum custody_audit_names {
	CUSTODY_NAMES_AS_GIVEN, /* as the arguments and what lies below them */
	CUSTODY_NAMES_BY_LIST, /* from the folder the list lies in */
	CUSTODY_NAMES_BELOW, /* from each argument */
	CUSTODY_NAMES_LAST_PART, /* from the folder above each argument */
	CUSTODY_NAMES_ABSOLUTE, /* from the root */
	CUSTODY_NAMES_COMMON, /* from each argument, where the list has the folders that all its names have in common */
	CUSTODY_NAMES_COUNT
};
/* "as given", "from the folder of the list", ... */
const char *custody_audit_names_text(enum custody_audit_names names);

enum custody_audit_status {
	CUSTODY_AUDIT_MATCHED,
	CUSTODY_AUDIT_CHANGED, /* the name is there with other content */
	CUSTODY_AUDIT_MOVED, /* the content of a name that is not there any more, under a new one */
	CUSTODY_AUDIT_NEW, /* a name that is not in the list */
	CUSTODY_AUDIT_MISSING, /* a name that is only in the list */
	CUSTODY_AUDIT_UNREADABLE, /* could not be read, or changed meanwhile: not compared; neither it nor what lies below is missing, or new */
	CUSTODY_AUDIT_PASSED_OVER, /* a symbolic link, FIFO, socket or device */
	CUSTODY_AUDIT_STATUS_COUNT
};

/* Borrowed while the callback runs. */
struct custody_audit_result {
	enum custody_audit_status status;
	struct custody_bytes path; /* raw: where it was found; of something missing: as in the list */
	struct custody_bytes from; /* moved: the name in the list */
	struct custody_known_relation relation; /* matched, changed */
	const struct custody_hash_item *item; /* unreadable, passed over */
};

struct custody_audit_counts {
	uint64_t of[CUSTODY_AUDIT_STATUS_COUNT];
};

typedef int custody_audit_report(void *ctx, const struct custody_audit_result *result, struct custody_error *err);

struct custody_audit;
/* known is borrowed, complete, and used by the audit alone from now on. dir_fd as in work/known.h. list_folder: absolute path of the folder that
 * the list lies in, or NULL. */
int custody_audit_new(struct custody_audit **out, struct custody_known *known, int dir_fd, const char *list_folder, custody_audit_report *report,
	void *ctx, struct custody_error *err) CUSTODY_MUST_USE;
void custody_audit_free(struct custody_audit **a); /* safe on NULL */
/* An argument, in the order in which custody_hash_argument() will get them. folder: absolute path of the argument itself if it is a folder, else of the
 * folder it is in; NULL if that is not known. */
int custody_audit_argument(struct custody_audit *a, const char *path, const char *folder, struct custody_error *err) CUSTODY_MUST_USE;
/* Walks the arguments, without reading any file. An argument that cannot be walked has no voice. */
int custody_audit_choose_names(struct custody_audit *a, enum custody_audit_names *names, struct custody_error *err) CUSTODY_MUST_USE;
/* The `item` callback of work/hash.h; audit is the struct. Matched and changed, unreadable and passed over are reported here. */
int custody_audit_observe(void *audit, const struct custody_hash_item *item, struct custody_error *err);
/* Reports moved and new in the order of the walk, then missing in the order of the list. */
int custody_audit_finish(struct custody_audit *a, struct custody_audit_counts *counts, struct custody_error *err) CUSTODY_MUST_USE;

#endif
