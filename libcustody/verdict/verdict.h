/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict: three values, one function that says VALID, from a checklist that starts empty (design/verdict.md). And the report, which is all that
 * the report writers in formats/ know.
 */
#ifndef CUSTODY_VERDICT_VERDICT_H
#define CUSTODY_VERDICT_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/time.h"
#include "libcustody/package/sealfile.h"
#include "libcustody/verdict/claims.h"
#include "libcustody/verdict/account.h"
#include "libcustody/verdict/finding.h"
#include "libcustody/verdict/seal.h"

/* NONE: nothing was judged (the file is not there, a read failed). */
enum custody_verdict { CUSTODY_VERDICT_NONE, CUSTODY_VERDICT_INVALID, CUSTODY_VERDICT_INDETERMINATE, CUSTODY_VERDICT_VALID };
const char *custody_verdict_name(enum custody_verdict v); /* "VALID" ...; NULL for NONE */

/* Of one group. PASS and OWN_WORD count as passed. */
enum custody_group_result {
	CUSTODY_RESULT_NOT_CHECKED,
	CUSTODY_RESULT_NOT_PRESENTED,
	CUSTODY_RESULT_INDETERMINATE,
	CUSTODY_RESULT_FAIL,
	CUSTODY_RESULT_OWN_WORD,
	CUSTODY_RESULT_PASS
};
const char *custody_group_result_name(enum custody_group_result r); /* as in the JSON report */

/* What has to be shown for a group to pass, one bit each; set only at the place where the thing was shown. */
enum custody_shown {
	CUSTODY_SHOWN_DIRECTORY = 1u << 0, /* end records and central directory strict */
	CUSTODY_SHOWN_EVERY_BYTE = 1u << 1, /* the one pass went from byte 0 to the last, every local header and CRC right */
	CUSTODY_SHOWN_MEMBERS = 1u << 2, /* every member expected, in order; none missing */
	CUSTODY_SHOWN_COVERED = 1u << 3, /* ASiCManifest001 lists every member it must, 002 exactly seal.json */
	CUSTODY_SHOWN_UNCHANGED = 1u << 4, /* what was read before came by again; fstat the same at the end */
	CUSTODY_SHOWN_ASIC_DIGESTS = 1u << 5, /* every reference of both manifests has the digest found */
	CUSTODY_SHOWN_LISTS = 1u << 6, /* manifest-*.txt and tagmanifest complete, in order, every digest right */
	CUSTODY_SHOWN_INVENTORY = 1u << 7, /* manifest.jsonl complete, every item's content and digests right */
	CUSTODY_SHOWN_TREE = 1u << 8, /* Merkle root and totals of seal.json recomputed */
	CUSTODY_SHOWN_FACTS = 1u << 9, /* seal.json, acquisition.json, bag-info.txt, VERIFY.txt in their exact form and agreeing */
	CUSTODY_SHOWN_SEAL = 1u << 10, /* custody_seal_result.seal_pass */
	CUSTODY_SHOWN_TIME = 1u << 11, /* custody_seal_result.time_pass */
	CUSTODY_SHOWN_SELF_TEST = 1u << 12, /* this process's self-test passed */
	CUSTODY_SHOWN_ALL = (1u << 13) - 1, /* for a package alone */
	CUSTODY_SHOWN_RECORD = 1u << 13 /* the custody record: read to its end, every signature judged good, of this package */
};

/* A package of the documents of a request, named by the request record, or presented, or both (ADM-11). */
struct custody_request_documents {
	uint8_t sha256[32];
	bool named, presented;
	enum custody_verdict verdict; /* of one that was presented */
	enum custody_content_role role; /* likewise, as it states */
	uint64_t items; /* with content; of one that is VALID counted, of one that was not presented as the record states it */
	bool has_items;
	uint64_t stated; /* as the record states them, whether it was presented or not */
	bool has_stated;
};

/* The custody record that was given, and what was given to show where it ends (ADM-51). */
struct custody_record_inputs {
	char *path, *counterpart; /* owned: names of the two files as given, raw bytes; NULL: not given, or from no file */
	bool has_sha256, has_counterpart, has_counterpart_sha256;
	uint8_t sha256[32], counterpart_sha256[32]; /* of those files */
	size_t in_counterpart; /* events of the record that the counterpart's copy has, too */
	struct {
		uint8_t sha256[32];
		size_t event; /* of the record, from 1, whose head it is; 0: of none */
	} *heads; /* owned */
	size_t n_heads;
};

/* Everything a reader is told about one package. Strings are owned unless said otherwise; init and release. */
struct custody_report {
	enum custody_verdict verdict;
	char *path; /* as given, raw bytes, NUL-terminated */
	bool has_package; /* size and sha256 are those of the bytes judged */
	uint64_t size;
	uint8_t sha256[32];
	bool has_expected;
	uint8_t expected[32];
	uint32_t shown; /* enum custody_shown */
	enum custody_group_result groups[CUSTODY_GROUP_COUNT];
	struct custody_findings findings;

	struct custody_claims_result claims; /* digests stated by others */
	struct {
		bool there, read; /* the package holds a request record; and it could be read */
		bool complete; /* the numbers below are of the whole inventory */
		struct custody_buf bytes; /* custody/request.json, if read */
		uint64_t items, linked; /* items with content; those that answer a line of a request */
		bool links_withheld; /* a record withholds what it links: other items may answer one, too */
		uint64_t receipts, receipts_met, receipts_undigested; /* with a digest; those whose digest an item has; without one */
		struct custody_request_documents
			*packages; /* owned: of the request's documents, those that the record names and those that were presented */
		size_t n_packages;
		uint64_t documents, documents_met; /* documents that the record names by a digest; those that were met in this package or in those */
	} request;

	bool has_record; /* a custody record was presented */
	size_t record_events; /* read of it */
	bool record_anchored; /* its last event is the one whose head was given */
	struct custody_account account; /* what it tells */
	struct custody_record_inputs record_given;

	bool has_seal; /* a seal.json was read, and the signature's result is there */
	struct custody_seal_result seal;
	bool has_sealfile;
	char *case_id, *exhibit, *sealer_name, *sealer_organisation, *sealer_role, *tool_name, *tool_version, *uuid; /* from seal.json; may be NULL */
	bool has_previous; /* the sealer states that it replaces another package, */
	uint8_t previous[32]; /* of this number */
	struct custody_time sealed; /* local clock, stated in seal.json */
	uint64_t items, bytes, exceptions; /* from seal.json */
	uint64_t files; /* items of kind file with content, counted */
	uint64_t unread_folders; /* of the exceptions, folders that could not be listed, counted */
	bool all_compared; /* the pass reached the end, and each item with content that it met is named by every list there, so that each was compared */
	uint64_t compared, equal; /* if so: how many these are, and how many have the size and every digest that the lists state */
	uint32_t digests; /* algorithms, from seal.json */
	bool has_reading; /* an acquisition.json was read */
	struct custody_time reading_from, reading_until; /* when the evidence was read for sealing: local clock, stated there */
	enum custody_content_role role; /* of what is in it, stated there */
	struct custody_acquisition_stated acquired; /* why exceptions were accepted, and which links were followed, stated there */
	int clock_synchronised; /* that clock, stated there: 1 yes, 0 no, -1 not known */
	bool has_lists; /* the two lists below went by */
	uint8_t list_sha256[32]; /* of manifest-sha256.txt */
	uint8_t inventory_sha256[32]; /* of custody/manifest.jsonl */

	/* inputs */
	struct {
		uint8_t sha256[32];
		char *from; /* "signers.pem of DIR" */
	} *anchors;
	size_t n_anchors;
	bool anchors_own_lab;
	struct custody_time evaluated_at;
	bool at_chosen; /* by --at */
	custody_local_time *local; /* what stands beside UTC where people read (ADM-88); NULL: nothing */
	char *failure; /* verdict NONE: why nothing was judged */
	char *not_journalled; /* why, or NULL */
};
void custody_report_init(struct custody_report *r);
void custody_report_release(struct custody_report *r);

/* The one place that says VALID: from what was shown and what was found. Fills groups and verdict. */
void custody_verdict_decide(struct custody_report *r);

/*
 * The package alone, without what was given beside it for this check: the custody record and the number that was expected. Says what the verdict were then: INVALID only if
 * the package itself is proved wrong. *alone is a shallow copy for reading, which owns nothing and must not be released; what points out of it lives as long as r. Its counts
 * of findings are without those of the two, its list is not.
 */
void custody_verdict_alone(const struct custody_report *r, struct custody_report *alone);

/* Every byte is the one that was sealed: VALID, or INDETERMINATE with container and integrity passed. Otherwise nothing may be taken out of the package. */
bool custody_report_has_every_byte(const struct custody_report *r);

/* Lines of "what is not proven" that hold for this report, in order; index from 0, NULL after the last. Static text. */
const char *custody_report_not_proven(const struct custody_report *r, size_t index);

#endif
