/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/timestamp.h"

#include "libcustody/crypto/der.h"
#include "libcustody/crypto/signature.h"
#include "libcustody/crypto/x509.h"

#define MALFORMED "time-malformed"
#define MAX_ACCURACY_SECONDS 31536000 /* a year: a clock that is off by more says nothing, and the sum below cannot overflow */

/* millis or micros: an implicit INTEGER from 1 to 999. */
static bool read_part(struct custody_bytes content, uint64_t unit, uint64_t *sum)
{
	uint64_t value;
	if (!custody_der_unsigned(content, &value) || value < 1 || value > 999)
		return false;
	*sum += value * unit;
	return true;
}

/* Accuracy, RFC 3161 2.4.2. */
static bool read_accuracy(struct custody_bytes in, uint64_t *microseconds)
{
	struct custody_der element;
	*microseconds = 0;
	if (custody_der_take(&in, CUSTODY_DER_INTEGER, &element)) {
		if (!custody_der_unsigned(element.content, microseconds) || *microseconds > MAX_ACCURACY_SECONDS)
			return false;
		*microseconds *= 1000000;
	}
	if (custody_der_take(&in, CUSTODY_DER_IMPLICIT(0), &element) && !read_part(element.content, 1000, microseconds))
		return false;
	if (custody_der_take(&in, CUSTODY_DER_IMPLICIT(1), &element) && !read_part(element.content, 1, microseconds))
		return false;
	return in.n == 0;
}

static int read_imprint(struct custody_bytes in, struct custody_token *out, struct custody_error *err)
{
	struct custody_der algorithm, value;
	if (!custody_der_take(&in, CUSTODY_DER_SEQUENCE, &algorithm) || !custody_der_take(&in, CUSTODY_DER_OCTET_STRING, &value) || in.n != 0)
		return custody_refuse(err, MALFORMED, "found an imprint of another form, want an algorithm and a digest");
	out->imprint_digest = custody_digest_algorithm_parse(algorithm.whole);
	if (out->imprint_digest == CUSTODY_DIGEST_COUNT)
		return custody_refuse(
			err, "time-algorithm-refused", "found an imprint by another digest algorithm, want SHA-256, SHA-384 or SHA-512");
	if (value.content.n != custody_digest_get(out->imprint_digest)->size)
		return custody_refuse(
			err, MALFORMED, "found an imprint of %zu bytes, want %zu", value.content.n, custody_digest_get(out->imprint_digest)->size);
	out->imprint = value.content;
	return 0;
}

/* extensions [1] IMPLICIT: we know none. */
static bool extensions_are_taken(struct custody_bytes extensions)
{
	struct custody_extension extension;
	if (extensions.n == 0 || !custody_extensions_are_sound(extensions))
		return false;
	while (custody_extension_next(&extensions, &extension)) {
		if (extension.critical)
			return false;
	}
	return true;
}

/* What may follow genTime, in this order. */
static int read_rest(struct custody_bytes in, struct custody_token *out, struct custody_error *err)
{
	struct custody_der element;
	if (custody_der_take(&in, CUSTODY_DER_SEQUENCE, &element)) {
		out->has_accuracy = true;
		if (!read_accuracy(element.content, &out->accuracy_us))
			return custody_refuse(
				err, MALFORMED, "found an accuracy of another form, want at most a year, and millis and micros from 1 to 999");
	}
	(void)custody_der_take(&in, CUSTODY_DER_BOOLEAN, &element); /* ordering: says something about other tokens only */
	if (custody_der_take(&in, CUSTODY_DER_INTEGER, &element)) {
		out->has_nonce = true;
		out->nonce = element.content;
	}
	(void)custody_der_take(&in, CUSTODY_DER_EXPLICIT(0), &element); /* tsa: a hint; the certificate says who it is */
	if (custody_der_take(&in, CUSTODY_DER_EXPLICIT(1), &element) && !extensions_are_taken(element.content))
		return custody_refuse(err, MALFORMED, "found extensions of a TSTInfo that are malformed, doubled or critical, want none of these");
	return in.n == 0 ? 0 : custody_refuse(err, MALFORMED, "found further fields of a TSTInfo, want none");
}

static int read_info(struct custody_bytes in, struct custody_token *out, struct custody_error *err)
{
	struct custody_der element;
	uint64_t version;
	if (!custody_der_take(&in, CUSTODY_DER_INTEGER, &element) || !custody_der_unsigned(element.content, &version) || version != 1)
		return custody_refuse(err, MALFORMED, "found another version of TSTInfo, want 1");
	if (!custody_der_take(&in, CUSTODY_DER_OID, &element))
		return custody_refuse(err, MALFORMED, "found a TSTInfo without a policy, want one");
	out->policy = element.content;
	if (!custody_der_take(&in, CUSTODY_DER_SEQUENCE, &element))
		return custody_refuse(err, MALFORMED, "found a TSTInfo without an imprint, want one");
	if (read_imprint(element.content, out, err) < 0)
		return -1;
	if (!custody_der_take(&in, CUSTODY_DER_INTEGER, &element))
		return custody_refuse(err, MALFORMED, "found a TSTInfo without a serial number, want one");
	out->serial = element.content;
	if (!custody_der_take(&in, CUSTODY_DER_GENERALIZED_TIME, &element) || !custody_der_time(element.tag, element.content, &out->time))
		return custody_refuse(err, MALFORMED, "found a TSTInfo without a time, want one");
	return read_rest(in, out, err);
}

int custody_token_parse(struct custody_bytes der, struct custody_token *out, struct custody_error *err)
{
	struct custody_bytes info;
	*out = (struct custody_token){ .has_accuracy = false };
	if (custody_cms_parse(der, CUSTODY_CMS_TOKEN, &out->cms, err) < 0)
		return custody_fail_in(err, "time-stamp");
	if (custody_der_check(out->cms.content.p, out->cms.content.n, MALFORMED, err) < 0)
		return custody_fail_in(err, "TSTInfo");
	if (!custody_der_only(out->cms.content, CUSTODY_DER_SEQUENCE, &info))
		return custody_refuse(err, MALFORMED, "found something that is not a TSTInfo, want one");
	return read_info(info, out, err);
}

int custody_token_verify(const struct custody_token *token, struct custody_bytes object, const struct custody_certificate *stamper, bool *legacy,
	struct custody_error *err)
{
	uint8_t digest[CUSTODY_DIGEST_MAX];
	char time[CUSTODY_TIME_TEXT];
	if (custody_digest_once(token->imprint_digest, object.p, object.n, digest, err) < 0)
		return -1;
	if (!custody_bytes_equal(token->imprint, (struct custody_bytes){ digest, custody_digest_get(token->imprint_digest)->size }))
		return custody_refuse(err, "time-wrong-object", "found a stamp of something else, want one of this signature");
	if (custody_digest_once(token->cms.digest, token->cms.content.p, token->cms.content.n, digest, err) < 0)
		return -1;
	if (custody_cms_verify(&token->cms, stamper, digest, legacy, err) < 0)
		return custody_fail_in(err, "time-stamp");
	const char *unfit = custody_x509_unfit_for_stamping(&stamper->facts);
	if (unfit != NULL)
		return custody_refuse(err, "time-certificate-unsuitable", "%s", unfit);
	custody_time_format(token->time, time);
	if (custody_time_compare(token->time, stamper->facts.not_before) < 0)
		return custody_refuse(
			err, "time-before-certificate", "found a stamp of %s, want one from the time of its authority's certificate on", time);
	return 0;
}

struct custody_time custody_token_not_later_than(const struct custody_token *token)
{
	struct custody_time t = token->time;
	uint64_t nsec = t.nsec + token->accuracy_us % 1000000 * 1000;
	t.sec += (int64_t)(token->accuracy_us / 1000000 + nsec / 1000000000);
	t.nsec = (uint32_t)(nsec % 1000000000);
	return t;
}
