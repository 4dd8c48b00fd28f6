/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions: custody_crl_parse, custody_crl_facts_parse, custody_crl_find.
 * Every certificate that OpenSSL finds in a list ours finds too, and no other.
 */
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>

#include "libcustody/crypto/trust.h"
#include "tests/fuzz/fuzz.h"

FUZZ_TARGET(crl)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_crl c;
	struct custody_time since;
	bool revoked;
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	if (custody_crl_parse(p, n, &c, &err) < 0) {
		FUZZ_ASSERT(err.kind == CUSTODY_ERR_FORMAT && ERR_peek_error() == 0);
		return 0;
	}
	STACK_OF(X509_REVOKED) *list = X509_CRL_get_REVOKED(c.crl);
	for (int i = 0; i < sk_X509_REVOKED_num(list) && i < 16; i++) {
		unsigned char *der = NULL;
		int len = i2d_ASN1_INTEGER(X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(list, i)), &der);
		FUZZ_ASSERT(len > 2);
		if (len < 0x80 && custody_crl_find(&c.facts, (struct custody_bytes){ der + 2, (size_t)len - 2 }, &revoked, &since))
			FUZZ_ASSERT(revoked);
		OPENSSL_free(der);
	}
	if (custody_crl_find(&c.facts, (struct custody_bytes){ (const uint8_t *)"\x7b\x01\x02\x03\x04\x05\x06\x07\x08", 9 }, &revoked, &since) &&
		list == NULL)
		FUZZ_ASSERT(!revoked);
	ERR_clear_error();
	custody_crl_release(&c);
	return 0;
}
