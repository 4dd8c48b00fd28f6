/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/claims_signature.h"

#include <string.h>
#include <strings.h>

#include "formats/claims_text.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/limits.h"

char *custody_claims_serial(const struct custody_x509 *x, char out[CUSTODY_CLAIMS_SERIAL])
{
	struct custody_bytes serial = x->serial;
	const size_t most = (CUSTODY_CLAIMS_SERIAL - 4) / 2;

	if (serial.n > 1 && serial.p[0] == 0) { /* only says that the number is positive */
		serial.p++;
		serial.n--;
	}
	custody_hex_format(serial.p, serial.n < most ? serial.n : most, out);
	if (serial.n > most)
		memcpy(out + 2 * most, "...", 4);
	return out;
}

/* Without one of the endings, in any case. */
static size_t without(const char *name, size_t n, const char *const *endings)
{
	for (; *endings; endings++) {
		size_t k = strlen(*endings);

		if (n > k && strncasecmp(name + n - k, *endings, k) == 0)
			return n - k;
	}
	return n;
}

static size_t without_cms(const char *name, size_t n)
{
	static const char *const signatures[] = { ".p7s", ".p7m", ".p7", ".pkcs7", ".cms", NULL };

	return without(name, n, signatures);
}

size_t custody_claims_signed_name(const char *name)
{
	static const char *const encodings[] = { ".pem", ".der", NULL }, *const more[] = { ".sig", NULL };
	size_t n = without(name, strlen(name), encodings), signed_name = without(name, without_cms(name, n), more);

	/* Names that mail programs give to every signature. */
	if (signed_name == n || (signed_name == 5 && strncasecmp(name, "smime", 5) == 0) ||
		(signed_name == 9 && strncasecmp(name, "signature", 9) == 0))
		return 0;
	return signed_name;
}

bool custody_claims_is_signature(const char *name, struct custody_bytes file)
{
	size_t n = strlen(name);

	return custody_detached_is_likely(file) || without_cms(name, n) != n;
}

static int put(struct custody_buf *out, const char *before, const char *text, struct custody_error *err)
{
	return custody_buf_append_str(out, before, err) || custody_json_append_safe(out, text, strlen(text), err) ? -1 : 0;
}

static int put_time(struct custody_buf *out, const char *before, bool there, struct custody_time t, struct custody_error *err)
{
	char text[CUSTODY_TIME_TEXT];

	if (!there || !custody_time_in_range(t))
		return custody_buf_printf(out, err, "%snull", before);
	custody_time_format(t, text);
	return put(out, before, text, err);
}

/* What the certificate says of itself: nobody else says it here. */
static int put_certificate(struct custody_buf *out, const struct custody_certificate *c, struct custody_error *err)
{
	char name[CUSTODY_LIMIT_TEXT_FIELD], hex[65], serial[CUSTODY_CLAIMS_SERIAL];

	custody_hex_format(c->sha256, 32, hex);
	if (put(out, ",\"certificate\":{\"subject\":", custody_x509_subject(c, name, sizeof(name)), err) ||
		put(out, ",\"issuer\":", custody_x509_issuer(c, name, sizeof(name)), err) ||
		put(out, ",\"serial\":", custody_claims_serial(&c->facts, serial), err) || put(out, ",\"sha256\":", hex, err) ||
		put_time(out, ",\"not_before\":", true, c->facts.not_before, err) || put_time(out, ",\"not_after\":", true, c->facts.not_after, err))
		return -1;
	return custody_buf_append_byte(out, '}', err);
}

static const char *scheme_name(enum custody_scheme scheme)
{
	return scheme == CUSTODY_SCHEME_ECDSA ? "ECDSA" : scheme == CUSTODY_SCHEME_RSA_PSS ? "RSA with PSS" : "RSA with PKCS #1 v1.5";
}

int custody_claims_signature_draft(struct custody_buf *out, const char *of, const char *sha256, struct custody_bytes path,
	const struct custody_detached *d, struct custody_error *err)
{
	struct custody_hash_record record = { .path = path, .digests = { .mask = CUSTODY_DIGEST_BIT(d->digest) } };
	CUSTODY_BUF_CLEAN struct custody_buf one = { .max = CUSTODY_LIMIT_HASH_LINE };

	memcpy(record.digests.value[d->digest], d->value, custody_digest_get(d->digest)->size);
	if (custody_hash_jsonl.write_record(&one, record.digests.mask, &record, err) ||
		custody_buf_append_str(
			out, CUSTODY_CLAIMS_SIGNATURE_DRAFT "\"whoever has the key of this certificate signed content with this digest\"", err) ||
		put(out, ",\"of\":", of, err) || put(out, ",\"sha256\":", sha256, err) ||
		put(out, ",\"algorithm\":", scheme_name(d->algorithm.scheme), err) || put_certificate(out, &d->signer, err) ||
		put_time(out, ",\"signing_time\":", d->has_signing_time, d->signing_time, err) ||
		put(out, ",\"not_checked\":",
			"whether the certificate is the sender's, and whether it is trusted, was in force or is revoked; the time is what the signer "
			"stated",
			err))
		return -1;
	/* The record's own object goes on where "draft" ends. */
	return custody_buf_append_str(out, "},", err) || custody_buf_append(out, one.data + 1, one.len - 1, err) ? -1 : 0;
}
