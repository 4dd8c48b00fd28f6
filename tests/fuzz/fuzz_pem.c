/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions: custody_trust_add_pem, for each part.
 * What is added is what the bytes of a block are, and a text that is refused is refused by name and number of the block.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "libcustody/crypto/trust.h"
#include "tests/fuzz/fuzz.h"

FUZZ_TARGET(pem)
{
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	for (int part = CUSTODY_TRUST_SIGNERS; part <= CUSTODY_TRUST_CRLS; part++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_trust t;
		custody_trust_init(&t);
		if (custody_trust_add_pem(&t, (enum custody_trust_part)part, p, n, "file.pem", &err) < 0)
			FUZZ_ASSERT(
				err.kind == CUSTODY_ERR_FORMAT && strstr(err.text, "of 'file.pem': ") != NULL && strncmp(err.text, "block ", 6) == 0);
		FUZZ_ASSERT((t.n_signers == 0 || part == CUSTODY_TRUST_SIGNERS) && (t.n_tsas == 0 || part == CUSTODY_TRUST_TSAS));
		for (size_t i = 0; i < t.n_signers; i++)
			FUZZ_ASSERT(t.signers[i].der_len > 0 && t.signers[i].x509 != NULL);
		custody_trust_release(&t);
	}
	return 0;
}
