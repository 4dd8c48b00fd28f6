/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three lists, one truth: ASiCManifest001, the checksum lists and the inventory are read as cursors in member order and merged with the members
 * as the one pass over the package meets them (design/sealed-package.md, "What makes it robust"). Whatever does not agree with the others or with the
 * bytes becomes a finding; when a list has lost its place it is not guessed on: its bit in the checklist stays unset.
 */
#ifndef CUSTODY_VERDICT_LISTS_H
#define CUSTODY_VERDICT_LISTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/random.h"
#include "libcustody/package/asic.h"
#include "libcustody/package/bag.h"
#include "libcustody/package/manifest.h"
#include "libcustody/package/members.h"
#include "libcustody/package/names.h"
#include "libcustody/package/sealfile.h"
#include "libcustody/package/tree.h"
#include "libcustody/package/zip.h"
#include "libcustody/verdict/finding.h"

/* The members that occur once, found by the first walk over the directory. */
struct custody_member_index {
	struct custody_zip_member member[CUSTODY_MEMBER_CLASSES]; /* name is static text; valid if has[] */
	bool has[CUSTODY_MEMBER_CLASSES];
	struct custody_zip_member list[CUSTODY_DIGEST_COUNT];
	bool has_list[CUSTODY_DIGEST_COUNT];
	uint64_t data_members;
};

struct custody_lists;

struct custody_lists_options {
	const struct custody_zip *zip; /* borrowed */
	const struct custody_member_index *index; /* borrowed */
	const struct custody_sealfile *sealfile; /* NULL when seal.json did not parse */
	const struct custody_random *random;
	struct custody_findings *findings; /* borrowed */
};
int custody_lists_new(struct custody_lists **out, const struct custody_lists_options *options, struct custody_error *err) CUSTODY_MUST_USE;
void custody_lists_free(struct custody_lists **l);

/* Who else wants to know: told of every line of the inventory, in order. ctx is borrowed. */
typedef int custody_lists_item(void *ctx, const struct custody_item *item, struct custody_error *err);
void custody_lists_watch(struct custody_lists *l, custody_lists_item *item, void *ctx);

/* Digests that the pass must compute for the members: those of seal.json and of the lists there, SHA-256 always. */
uint32_t custody_lists_digests(const struct custody_lists *l);

/* The member m of class c has these digests: checks every list that must name it. 0, or -1 for IO, NOMEM, INTERNAL, LIMIT. */
int custody_lists_member(struct custody_lists *l, const struct custody_zip_member *m, enum custody_member_class c, enum custody_digest_id algorithm,
	const struct custody_digest_values *digests, struct custody_error *err) CUSTODY_MUST_USE;

/* After the last member: nothing may be left in any list; what the cursors read must be what the pass saw; totals and tree root. */
int custody_lists_finish(struct custody_lists *l, struct custody_error *err) CUSTODY_MUST_USE;

/* What was shown, after finish. */
struct custody_lists_result {
	bool covered; /* CUSTODY_SHOWN_COVERED */
	bool asic_digests; /* CUSTODY_SHOWN_ASIC_DIGESTS */
	bool lists; /* CUSTODY_SHOWN_LISTS */
	bool inventory; /* CUSTODY_SHOWN_INVENTORY */
	bool tree; /* CUSTODY_SHOWN_TREE */
	bool inventory_whole; /* every line was read, whether or not it fits */
	uint64_t lines, files, bytes; /* of the inventory: items, files with content, their bytes */
	uint64_t unread_folders; /* of it, folders that could not be listed */
	uint64_t data_bytes, data_members; /* as met in the container */
	uint64_t compared,
		equal; /* of these: named by every list that is there, the signed one too; and with the size and every digest that they state */
	bool met; /* both lists below were: SHA-256 of manifest-sha256.txt and of custody/manifest.jsonl as the pass met them */
	uint8_t list_sha256[32], inventory_sha256[32];
};
void custody_lists_result(const struct custody_lists *l, struct custody_lists_result *out);

#endif
