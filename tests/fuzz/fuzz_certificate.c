/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions: custody_certificate_parse, custody_x509_parse, custody_x509_subject, custody_x509_unfit_for_sealing and _stamping.
 * Our parse and OpenSSL's of the same bytes say the same: names, serial number, validity, whether it is a CA, key usage.
 */
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "libcustody/base/utf8.h"
#include "libcustody/crypto/trust.h"
#include "tests/fuzz/fuzz.h"

static void same_name(const X509_NAME *name, struct custody_bytes ours)
{
	const unsigned char *der = NULL;
	size_t n = 0;
	FUZZ_ASSERT(X509_NAME_get0_der(name, &der, &n) == 1);
	FUZZ_ASSERT(n == ours.n && memcmp(der, ours.p, n) == 0);
}

static void same_time(const ASN1_TIME *theirs, struct custody_time ours)
{
	struct tm tm;
	FUZZ_ASSERT(ASN1_TIME_to_tm(theirs, &tm) == 1);
	FUZZ_ASSERT(timegm(&tm) == ours.sec);
}

FUZZ_TARGET(certificate)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_certificate c;
	char text[200];
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	if (custody_certificate_parse(p, n, &c, &err) < 0) {
		FUZZ_ASSERT(err.kind == CUSTODY_ERR_FORMAT && ERR_peek_error() == 0);
		return 0;
	}
	const struct custody_x509 *x = &c.facts;
	same_name(X509_get_subject_name(c.x509), x->subject);
	same_name(X509_get_issuer_name(c.x509), x->issuer);
	same_time(X509_get0_notBefore(c.x509), x->not_before);
	same_time(X509_get0_notAfter(c.x509), x->not_after);
	uint32_t flags = X509_get_extension_flags(c.x509);
	if ((flags & EXFLAG_INVALID) == 0) {
		FUZZ_ASSERT(((flags & EXFLAG_CA) != 0) == x->is_ca);
		FUZZ_ASSERT(((flags & EXFLAG_KUSAGE) != 0) == x->has_key_usage);
		if (x->has_key_usage) {
			uint32_t usage = X509_get_key_usage(c.x509);
			FUZZ_ASSERT(((usage & KU_DIGITAL_SIGNATURE) != 0) == ((x->key_usage & CUSTODY_USAGE_DIGITAL_SIGNATURE) != 0));
			FUZZ_ASSERT(((usage & KU_NON_REPUDIATION) != 0) == ((x->key_usage & CUSTODY_USAGE_NON_REPUDIATION) != 0));
			FUZZ_ASSERT(((usage & KU_KEY_CERT_SIGN) != 0) == ((x->key_usage & CUSTODY_USAGE_CERT_SIGN) != 0));
			FUZZ_ASSERT(((usage & KU_CRL_SIGN) != 0) == ((x->key_usage & CUSTODY_USAGE_CRL_SIGN) != 0));
		}
	}
	(void)custody_x509_subject(&c, text, sizeof(text));
	FUZZ_ASSERT(custody_utf8_valid((const uint8_t *)text, strlen(text)));
	(void)custody_x509_common_name(&c, text, 20);
	FUZZ_ASSERT(strlen(text) < 20 && custody_utf8_valid((const uint8_t *)text, strlen(text)));
	(void)custody_x509_unfit_for_sealing(x);
	(void)custody_x509_unfit_for_stamping(x);
	ERR_clear_error();
	custody_certificate_release(&c);
	return 0;
}
