/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions: custody_trust_add_pem, for each part; custody_pem_stray.
 * What is added is what the bytes of a block are, and a text that is refused is refused by name and number of the block.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "libcustody/crypto/pem.h"
#include "libcustody/crypto/trust.h"
#include "tests/fuzz/fuzz.h"

/* Every END line closes what custody_pem_next() finds: there are no more of the one than of the other. */
static void check_stray(const uint8_t *p, size_t n)
{
	struct custody_bytes rest = { p, n }, label;
	size_t begins = 0, ends = 0;
	const char *stray = custody_pem_stray(rest);
	if (stray) {
		FUZZ_ASSERT(strstr(stray, ", want ") != NULL);
		return;
	}
	while (custody_pem_next(&rest, &label))
		begins++;
	for (size_t i = 0; i + 14 <= n; i++) {
		bool starts = (i == 0 || p[i - 1] == '\n') && memcmp(p + i, "-----END ", 9) == 0;
		const uint8_t *end = starts ? memchr(p + i, '\n', n - i) : NULL;
		size_t length = !starts ? 0 : end ? (size_t)(end - (p + i)) : n - i;
		ends += length >= 14 && memcmp(p + i + length - 5, "-----", 5) == 0;
	}
	FUZZ_ASSERT(ends <= begins);
}

FUZZ_TARGET(pem)
{
	check_stray(p, n);
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
