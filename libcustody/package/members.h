/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which members a sealed package has, and in which order (design/sealed-package.md, "Members, in this order"). One table for writer and reader.
 */
#ifndef CUSTODY_PACKAGE_MEMBERS_H
#define CUSTODY_PACKAGE_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>

#include "libcustody/crypto/digest.h"

/* In the order of the container. LIST stands for all of manifest-*.txt; their order among each other is sha256 first, then the order of enum
 * custody_digest_id. */
enum custody_member_class {
	CUSTODY_MEMBER_MIMETYPE,
	CUSTODY_MEMBER_DATA, /* data/... */
	CUSTODY_MEMBER_BAGIT,
	CUSTODY_MEMBER_BAG_INFO,
	CUSTODY_MEMBER_LIST, /* manifest-ALG.txt */
	CUSTODY_MEMBER_SEAL_FILE,
	CUSTODY_MEMBER_INVENTORY,
	CUSTODY_MEMBER_ACQUISITION,
	CUSTODY_MEMBER_REQUEST,
	CUSTODY_MEMBER_CLAIMS,
	CUSTODY_MEMBER_EXT, /* custody/ext/... */
	CUSTODY_MEMBER_VERIFY,
	CUSTODY_MEMBER_TAG_LIST, /* tagmanifest-sha256.txt */
	CUSTODY_MEMBER_ASIC_1,
	CUSTODY_MEMBER_SIGNATURE_1,
	CUSTODY_MEMBER_ASIC_2,
	CUSTODY_MEMBER_SIGNATURE_2,
	CUSTODY_MEMBER_META_UNKNOWN, /* anything else below META-INF/ */
	CUSTODY_MEMBER_UNKNOWN,
	CUSTODY_MEMBER_CLASSES
};

/* The fixed name of a class; NULL for DATA, LIST, EXT, META_UNKNOWN and UNKNOWN. */
const char *custody_member_name(enum custody_member_class c);
/* The class of a member name; for LIST *algorithm says of which digest. */
enum custody_member_class custody_member_classify(const char *name, size_t len, enum custody_digest_id *algorithm);
/* A package without it is not whole. */
bool custody_member_is_required(enum custody_member_class c);
/* ASiCManifest001 lists it: everything but mimetype and META-INF. */
bool custody_member_is_covered(enum custody_member_class c);
/* tagmanifest-sha256.txt lists it: every covered member but data/ and itself. */
bool custody_member_is_tag(enum custody_member_class c);
/* At most one member of the class (LIST: one an algorithm) has this place in the order: greater places come later. */
unsigned custody_member_place(enum custody_member_class c, enum custody_digest_id algorithm);
/* Place of a digest among the lists: sha256 before all others, then in the order of the table. */
#define CUSTODY_LIST_NAME 32
/* "manifest-sha256.txt". out holds CUSTODY_LIST_NAME bytes. */
void custody_member_list_name(enum custody_digest_id algorithm, char *out);

#endif
