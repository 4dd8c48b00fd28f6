/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/members.h"

#include <stdio.h>
#include <string.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/time.h"

void members_read_file(const char *path, struct custody_buf *out)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint8_t block[65536];
	FILE *f = fopen(path, "rb");
	custody_buf_init(out, (size_t)1 << 30);
	if (f == NULL)
		return;
	for (size_t n; (n = fread(block, 1, sizeof(block), f)) > 0;) {
		if (custody_buf_append(out, block, n, &err) < 0)
			break;
	}
	fclose(f);
}

struct custody_bytes members_find(const struct custody_buf *package, const char *name)
{
	const uint8_t *p = package->data;
	for (size_t at = 0; at + 30 <= package->len && custody_get_le32(p + at) == 0x04034b50;) {
		size_t size = custody_get_le32(p + at + 18), name_len = custody_get_le16(p + at + 26), extra_len = custody_get_le16(p + at + 28);
		size_t content = at + 30 + name_len + extra_len;
		if (content + size > package->len)
			break;
		if (name_len == strlen(name) && memcmp(p + at + 30, name, name_len) == 0)
			return (struct custody_bytes){ p + content, size };
		at = content + size;
	}
	return (struct custody_bytes){ NULL, 0 };
}

static void digest_manifest(struct custody_bytes manifest, struct custody_digest_values *out)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	static const enum custody_digest_id ids[] = { CUSTODY_SHA256, CUSTODY_SHA384, CUSTODY_SHA512 };
	for (size_t i = 0; i < 3; i++) {
		if (custody_digest_once(ids[i], manifest.p, manifest.n, out->value[ids[i]], &err) == 0)
			out->mask |= CUSTODY_DIGEST_BIT(ids[i]);
	}
}

/* "authorities":["hex",...] and "requires":"B-LT" of seal.json, read no better than a test needs. */
static void read_seal_file(struct members_case *c)
{
	struct custody_bytes seal = members_find(&c->package, "custody/seal.json");
	const char *list = memmem(seal.p, seal.n, "\"authorities\":[", 15);
	c->input.has_sealfile = list != NULL;
	c->input.requires_lt = memmem(seal.p, seal.n, "\"requires\":\"B-LT\"", 17) != NULL;
	for (const char *at = list == NULL ? "" : list + 15; *at == '"' || *at == ','; at += *at == ',' ? 1 : 66) {
		if (*at == '"' && custody_hex_parse(at + 1, 64, false, c->authorities[c->input.n_authorities], 32))
			c->input.n_authorities++;
	}
	c->input.authorities = (const uint8_t(*)[32])c->authorities;
}

bool members_open(struct members_case *c, const char *package, const char *trust)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	memset(c, 0, sizeof(*c));
	members_read_file(package, &c->package);
	custody_trust_init(&c->trust);
	if (c->package.len == 0 || (trust != NULL && custody_trust_load(&c->trust, trust, &err) < 0))
		return false;
	c->input.trust = &c->trust;
	c->input.signature[0] = members_find(&c->package, "META-INF/signature001.p7s");
	c->input.signature[1] = members_find(&c->package, "META-INF/signature002.p7s");
	digest_manifest(members_find(&c->package, "META-INF/ASiCManifest001.xml"), &c->input.manifest[0]);
	digest_manifest(members_find(&c->package, "META-INF/ASiCManifest002.xml"), &c->input.manifest[1]);
	read_seal_file(c);
	(void)custody_time_parse("2026-12-01T00:00:00Z", 20, false, &c->input.evaluated_at);
	c->input.now = c->input.evaluated_at;
	return true;
}

void members_close(struct members_case *c)
{
	custody_buf_release(&c->package);
	custody_trust_release(&c->trust);
}
