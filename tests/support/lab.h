/* SPDX-License-Identifier: Apache-2.0 */
/* A lab, a clock that stands where it is put, and random bytes that come again: what sealing is tested with. None of it is in the installed programs. */
#ifndef TESTS_SUPPORT_LAB_H
#define TESTS_SUPPORT_LAB_H

#include "libcustody/work/lab.h"
#include "libcustody/work/seal.h"

#define TEST_LAB_NOW 1795521600 /* 2026-11-24T12:00:00Z */

/* Everything one seal needs. */
struct custody_test_lab {
	char dir[512]; /* of the lab, below a test's own folder */
	struct custody_time now; /* what its clock says */
	struct custody_clock clock;
	uint64_t drawn; /* state of its random bytes: the same state gives the same bytes */
	struct custody_random random;
	struct custody_lab lab;
	struct custody_trust trust; /* of LAB/trust as it was last loaded */
	uint64_t exceptions; /* met by seals */
	char last_exception[256];
};
/* Makes a lab below folder. Asserts. */
void custody_test_lab_make(struct custody_test_lab *t, const char *folder, const char *key_type);
/* Likewise, of another analyst. */
void custody_test_lab_make_named(struct custody_test_lab *t, const char *folder, const char *key_type, const char *name);
void custody_test_lab_release(struct custody_test_lab *t);
/* Reads LAB/trust again. */
void custody_test_lab_trust(struct custody_test_lab *t);
/* Options of a seal by this lab: sha256 and sha512, B-LT, no workers. The caller sets output and arguments. */
struct custody_seal_options custody_test_lab_options(struct custody_test_lab *t);
/* Verifies a file as at `when` with the lab's trust; the report is initialised here. */
enum custody_verdict custody_test_lab_verify(struct custody_test_lab *t, const char *path, int64_t when, struct custody_report *report);
/* How often a finding is in a report. */
uint64_t custody_test_found(const struct custody_report *r, enum custody_finding_id id);

/* Entries of a folder, without "." and "..". */
size_t custody_test_count_entries(const char *folder);
/* Serial number of a certificate, big-endian; gives its length. */
size_t custody_test_serial(const struct custody_certificate *c, uint8_t *out, size_t size);

#endif
