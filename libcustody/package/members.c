/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/package/members.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name; /* NULL: a family */
	bool required;
} members[CUSTODY_MEMBER_CLASSES] = {
	[CUSTODY_MEMBER_MIMETYPE] = { "mimetype", true },
	[CUSTODY_MEMBER_DATA] = { NULL, false },
	[CUSTODY_MEMBER_BAGIT] = { "bagit.txt", true },
	[CUSTODY_MEMBER_BAG_INFO] = { "bag-info.txt", true },
	[CUSTODY_MEMBER_LIST] = { NULL, false },
	[CUSTODY_MEMBER_SEAL_FILE] = { "custody/seal.json", true },
	[CUSTODY_MEMBER_INVENTORY] = { "custody/manifest.jsonl", true },
	[CUSTODY_MEMBER_ACQUISITION] = { "custody/acquisition.json", true },
	[CUSTODY_MEMBER_REQUEST] = { "custody/request.json", false },
	[CUSTODY_MEMBER_CLAIMS] = { "custody/claims.jsonl", false },
	[CUSTODY_MEMBER_EXT] = { NULL, false },
	[CUSTODY_MEMBER_VERIFY] = { "custody/VERIFY.txt", true },
	[CUSTODY_MEMBER_TAG_LIST] = { "tagmanifest-sha256.txt", true },
	[CUSTODY_MEMBER_ASIC_1] = { "META-INF/ASiCManifest001.xml", true },
	[CUSTODY_MEMBER_SIGNATURE_1] = { "META-INF/signature001.p7s", true },
	[CUSTODY_MEMBER_ASIC_2] = { "META-INF/ASiCManifest002.xml", true },
	[CUSTODY_MEMBER_SIGNATURE_2] = { "META-INF/signature002.p7s", true },
	[CUSTODY_MEMBER_META_UNKNOWN] = { NULL, false },
	[CUSTODY_MEMBER_UNKNOWN] = { NULL, false },
};

const char *custody_member_name(enum custody_member_class c)
{
	return members[c].name;
}

bool custody_member_is_required(enum custody_member_class c)
{
	return members[c].required;
}

bool custody_member_is_covered(enum custody_member_class c)
{
	return c >= CUSTODY_MEMBER_DATA && c <= CUSTODY_MEMBER_TAG_LIST;
}

bool custody_member_is_tag(enum custody_member_class c)
{
	return c >= CUSTODY_MEMBER_BAGIT && c <= CUSTODY_MEMBER_VERIFY;
}

unsigned custody_member_place(enum custody_member_class c, enum custody_digest_id algorithm)
{
	unsigned within = c != CUSTODY_MEMBER_LIST || algorithm == CUSTODY_SHA256 ? 0 : 1 + (unsigned)algorithm;

	return (unsigned)c * (CUSTODY_DIGEST_COUNT + 2) + within;
}

void custody_member_list_name(enum custody_digest_id algorithm, char *out)
{
	snprintf(out, CUSTODY_LIST_NAME, "manifest-%s.txt", custody_digest_get(algorithm)->name);
}

static bool starts_with(const char *name, size_t len, const char *prefix)
{
	size_t n = strlen(prefix);

	return len > n && memcmp(name, prefix, n) == 0;
}

/* manifest-ALG.txt of a digest that BagIt tools know. */
static bool is_list(const char *name, size_t len, enum custody_digest_id *algorithm)
{
	char want[CUSTODY_LIST_NAME];

	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		if (!custody_digest_get((enum custody_digest_id)id)->bagit)
			continue;
		custody_member_list_name((enum custody_digest_id)id, want);
		if (strlen(want) == len && memcmp(want, name, len) == 0) {
			*algorithm = (enum custody_digest_id)id;
			return true;
		}
	}
	return false;
}

enum custody_member_class custody_member_classify(const char *name, size_t len, enum custody_digest_id *algorithm)
{
	*algorithm = CUSTODY_DIGEST_COUNT;
	if (starts_with(name, len, "data/"))
		return CUSTODY_MEMBER_DATA;
	for (int c = 0; c < CUSTODY_MEMBER_CLASSES; c++)
		if (members[c].name && strlen(members[c].name) == len && memcmp(members[c].name, name, len) == 0)
			return (enum custody_member_class)c;
	if (is_list(name, len, algorithm))
		return CUSTODY_MEMBER_LIST;
	if (starts_with(name, len, "custody/ext/"))
		return CUSTODY_MEMBER_EXT;
	return starts_with(name, len, "META-INF/") ? CUSTODY_MEMBER_META_UNKNOWN : CUSTODY_MEMBER_UNKNOWN;
}
