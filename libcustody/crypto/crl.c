/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/crl.h"

#include "libcustody/crypto/der.h"
#include "libcustody/crypto/oid.h"

/* issuingDistributionPoint, RFC 5280 5.2.5. The list stays usable if it speaks of whole certificates, of all reasons, and of its own issuer's. */
static bool read_point(struct custody_bytes value, struct custody_crl_facts *out)
{
	struct custody_bytes in;
	struct custody_der element, name;
	if (!custody_der_only(value, CUSTODY_DER_SEQUENCE, &in))
		return false;
	if (custody_der_take(&in, CUSTODY_DER_EXPLICIT(0), &element)) {
		if (!custody_der_take(&element.content, CUSTODY_DER_EXPLICIT(0), &name))
			return false; /* a name relative to the issuer's: nobody makes them */
		out->point = name.content;
	}
	/* DEFAULT FALSE: where DER states one of the booleans it is TRUE. */
	out->only_user = custody_der_take(&in, CUSTODY_DER_IMPLICIT(1), &element);
	out->only_ca = custody_der_take(&in, CUSTODY_DER_IMPLICIT(2), &element);
	return in.n == 0; /* some reasons only [3], indirect [4], attribute certificates [5] */
}

static int read_extensions(struct custody_bytes extensions, struct custody_crl_facts *out, struct custody_error *err)
{
	if (!custody_extensions_are_sound(extensions))
		return custody_refuse(err, NULL, "found a revocation list with malformed or doubled extensions, want each once");
	struct custody_extension extension;
	while (custody_extension_next(&extensions, &extension)) {
		if (custody_bytes_are(extension.oid, CUSTODY_OID_DELTA_CRL_INDICATOR)) {
			out->unusable = "a delta list";
		} else if (custody_bytes_are(extension.oid, CUSTODY_OID_ISSUING_DISTRIBUTION_POINT)) {
			if (custody_der_check(extension.value.p, extension.value.n, NULL, err) < 0)
				return custody_fail_in(err, "extension of a revocation list");
			if (!read_point(extension.value, out))
				out->unusable = "an indirect or partial list";
		} else if (extension.critical && !custody_bytes_are(extension.oid, CUSTODY_OID_CRL_NUMBER)) {
			out->unusable = "a list with a critical extension that is not known";
		}
	}
	return 0;
}

/* Fields of a TBSCertList up to the extensions, which are given back. */
static bool read_tbs(struct custody_bytes in, struct custody_crl_facts *out, struct custody_bytes *inner, struct custody_bytes *extensions)
{
	struct custody_der element;
	uint64_t version;
	if (!custody_der_take(&in, CUSTODY_DER_INTEGER, &element) || !custody_der_unsigned(element.content, &version) || version != 1)
		return false;
	if (!custody_der_take(&in, CUSTODY_DER_SEQUENCE, &element))
		return false;
	*inner = element.whole;
	if (!custody_der_take(&in, CUSTODY_DER_SEQUENCE, &element))
		return false;
	out->issuer = element.whole;
	if (!custody_der_next(&in, &element) || !custody_der_time(element.tag, element.content, &out->this_update))
		return false;
	if (custody_der_take(&in, CUSTODY_DER_UTC_TIME, &element) || custody_der_take(&in, CUSTODY_DER_GENERALIZED_TIME, &element)) {
		out->has_next_update = true;
		if (!custody_der_time(element.tag, element.content, &out->next_update))
			return false;
	}
	if (custody_der_take(&in, CUSTODY_DER_SEQUENCE, &element))
		out->revoked = element.content;
	*extensions = (struct custody_bytes){ NULL, 0 };
	if (custody_der_take(&in, CUSTODY_DER_EXPLICIT(0), &element) && !custody_der_only(element.content, CUSTODY_DER_SEQUENCE, extensions))
		return false;
	return in.n == 0;
}

int custody_crl_facts_parse(struct custody_bytes der, struct custody_crl_facts *out, struct custody_error *err)
{
	struct custody_bytes in, inner, extensions;
	struct custody_der tbs, algorithm, signature;
	*out = (struct custody_crl_facts){ 0 };
	if (!custody_der_only(der, CUSTODY_DER_SEQUENCE, &in) || !custody_der_take(&in, CUSTODY_DER_SEQUENCE, &tbs) ||
		!custody_der_take(&in, CUSTODY_DER_SEQUENCE, &algorithm) || !custody_der_take(&in, CUSTODY_DER_BIT_STRING, &signature) || in.n != 0)
		return custody_refuse(err, NULL, "found something that is not a revocation list, want one of RFC 5280");
	out->tbs = tbs.whole;
	out->algorithm = algorithm.whole;
	if (!read_tbs(tbs.content, out, &inner, &extensions))
		return custody_refuse(err, NULL, "found a revocation list of another form, want version 2 of RFC 5280");
	if (!custody_bytes_equal(inner, algorithm.whole))
		return custody_refuse(err, NULL, "found a revocation list that names two signature algorithms, want one");
	if (signature.content.p[0] != 0)
		return custody_refuse(err, NULL, "found a revocation list's signature with unused bits, want whole bytes");
	out->signature = (struct custody_bytes){ signature.content.p + 1, signature.content.n - 1 };
	return read_extensions(extensions, out, err);
}

/* One GeneralName is in both lists. */
static bool share_a_name(struct custody_bytes a, struct custody_bytes b)
{
	struct custody_der x, y;
	while (custody_der_next(&a, &x)) {
		struct custody_bytes rest = b;
		while (custody_der_next(&rest, &y)) {
			if (custody_bytes_equal(x.whole, y.whole))
				return true;
		}
	}
	return false;
}

/* A DistributionPoint of the certificate (RFC 5280 4.2.1.13) that has all reasons and is its own issuer's names the list's point. */
static bool points_to(struct custody_bytes distribution_points, struct custody_bytes point)
{
	struct custody_bytes in;
	struct custody_der entry, where, name;
	if (!custody_der_only(distribution_points, CUSTODY_DER_SEQUENCE, &in))
		return false;
	while (custody_der_take(&in, CUSTODY_DER_SEQUENCE, &entry)) {
		if (custody_der_take(&entry.content, CUSTODY_DER_EXPLICIT(0), &where) && entry.content.n == 0 &&
			custody_der_take(&where.content, CUSTODY_DER_EXPLICIT(0), &name) && share_a_name(name.content, point))
			return true;
	}
	return false;
}

bool custody_crl_speaks_of(const struct custody_crl_facts *crl, const struct custody_x509 *x)
{
	if (!custody_bytes_equal(crl->issuer, x->issuer))
		return false;
	if ((crl->only_user && x->is_ca) || (crl->only_ca && !x->is_ca))
		return false;
	return crl->point.p == NULL || points_to(x->distribution_points, crl->point);
}

/* crlEntryExtensions, RFC 5280 5.3. */
static bool read_entry_extensions(struct custody_bytes extensions, struct custody_time *since)
{
	struct custody_extension extension;
	while (custody_extension_next(&extensions, &extension)) {
		struct custody_bytes date;
		struct custody_time invalid;
		if (custody_bytes_are(extension.oid, CUSTODY_OID_INVALIDITY_DATE)) {
			if (!custody_der_only(extension.value, CUSTODY_DER_GENERALIZED_TIME, &date) ||
				!custody_der_time(CUSTODY_DER_GENERALIZED_TIME, date, &invalid))
				return false;
			if (custody_time_compare(invalid, *since) < 0)
				*since = invalid;
		} else if (extension.critical && !custody_bytes_are(extension.oid, CUSTODY_OID_REASON_CODE)) {
			return false;
		}
	}
	return extensions.n == 0;
}

static bool read_entry(struct custody_bytes in, struct custody_time *since)
{
	struct custody_der date, extensions;
	if (!custody_der_next(&in, &date) || !custody_der_time(date.tag, date.content, since))
		return false;
	if (custody_der_take(&in, CUSTODY_DER_SEQUENCE, &extensions) && !read_entry_extensions(extensions.content, since))
		return false;
	return in.n == 0;
}

bool custody_crl_find(const struct custody_crl_facts *crl, struct custody_bytes serial, bool *revoked, struct custody_time *since)
{
	struct custody_bytes rest = crl->revoked;
	struct custody_der entry, number;
	*revoked = false;
	while (custody_der_take(&rest, CUSTODY_DER_SEQUENCE, &entry)) {
		if (!custody_der_take(&entry.content, CUSTODY_DER_INTEGER, &number))
			return false;
		if (!custody_bytes_equal(number.content, serial))
			continue;
		struct custody_time when;
		if (!read_entry(entry.content, &when))
			return false;
		if (!*revoked || custody_time_compare(when, *since) < 0)
			*since = when;
		*revoked = true;
	}
	return rest.n == 0;
}

bool custody_crl_next(struct custody_bytes *rest, struct custody_crl_entry *out)
{
	struct custody_bytes after = *rest;
	struct custody_der entry, number;
	if (!custody_der_take(&after, CUSTODY_DER_SEQUENCE, &entry) || !custody_der_take(&entry.content, CUSTODY_DER_INTEGER, &number) ||
		!read_entry(entry.content, &out->since))
		return false;
	out->serial = number.content;
	*rest = after;
	return true;
}
