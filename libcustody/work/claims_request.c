/* SPDX-License-Identifier: Apache-2.0 */
/* Digests that a request record says the provider stated, as a list of their own. */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "libcustody/base/hex.h"
#include "libcustody/package/members.h"
#include "libcustody/record/request.h"
#include "libcustody/work/claims.h"

/* As people write them: upper case, in groups. */
static bool read_hex(const char *text, enum custody_digest_id id, uint8_t *out)
{
	char hex[2 * CUSTODY_DIGEST_MAX];
	size_t n = 0;

	for (; *text; text++) {
		if (*text == ' ' || *text == '-' || *text == ':')
			continue;
		if (n == sizeof(hex))
			return false;
		hex[n++] = *text;
	}
	return custody_hex_parse(hex, n, true, out, custody_digest_get(id)->size);
}

static const char *text_of(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* false: it says nothing that could be compared. */
static bool read_stated(json_t *digest, struct custody_known_entry *e)
{
	const char *algorithm = text_of(digest, "algorithm"), *hex = text_of(digest, "value");
	enum custody_digest_id id = algorithm ? custody_digest_find(algorithm, strlen(algorithm)) : CUSTODY_DIGEST_COUNT;

	if (id == CUSTODY_DIGEST_COUNT || !hex || !read_hex(hex, id, e->digests.value[id]))
		return false;
	e->digests.mask = CUSTODY_DIGEST_BIT(id);
	return true;
}

static int add_stated(struct custody_claims *c, json_t *digest, size_t i, size_t *skipped, struct custody_error *err)
{
	struct custody_known_entry e = { .has_size = false };
	const char *name = text_of(digest, "name");
	char no_name[48];

	if (!read_stated(digest, &e)) {
		(*skipped)++;
		return 0;
	}
	snprintf(no_name, sizeof(no_name), "(no name stated, digest %zu)", i + 1);
	name = name ? name : no_name;
	e.path = (struct custody_bytes){ (const uint8_t *)name, strlen(name) };
	return custody_claims_add(c, &e, i + 1, err);
}

static int add_record(struct custody_claims *c, json_t *record, const uint8_t sha256[32], size_t *skipped, struct custody_error *err)
{
	json_t *digests = json_object_get(json_object_get(record, "answer"), "digests");
	struct custody_claims_source source = {
		.name = custody_member_name(CUSTODY_MEMBER_REQUEST),
		.format = "request",
		.by = text_of(json_object_get(record, "provider"), "legal_entity"),
	};

	if (json_array_size(digests) == 0)
		return 0;
	memcpy(source.sha256, sha256, 32);
	if (custody_claims_begin(c, &source, err))
		return -1;
	for (size_t i = 0; i < json_array_size(digests); i++)
		if (add_stated(c, json_array_get(digests, i), i, skipped, err))
			return custody_fail_in(err, "answer: digests %zu of the request record", i + 1);
	return 0;
}

int custody_claims_add_request(struct custody_claims *c, struct custody_bytes request, size_t *skipped, struct custody_error *err)
{
	CUSTODY_REQUESTS_CLEAN struct custody_requests requests = { 0 };
	uint8_t sha256[32];

	*skipped = 0;
	if (custody_requests_parse(request.p, request.n, CUSTODY_REQUEST_SEALED, &requests, err) ||
		custody_digest_once(CUSTODY_SHA256, request.p, request.n, sha256, err))
		return -1;
	for (size_t i = 0; i < requests.n; i++)
		if (add_record(c, custody_requests_get(&requests, i), sha256, skipped, err))
			return -1;
	return 0;
}
