/* SPDX-License-Identifier: Apache-2.0 */
/* custody_lab_conf_parse(): what it takes, OpenSSL's CONF parser takes too and reads as the same values. */
#include <openssl/conf.h>
#include <openssl/err.h>
#include <string.h>

#include "libcustody/work/lab.h"
#include "tests/fuzz/fuzz.h"

static void expect_same(const CONF *conf, const char *key, const char *value)
{
	const char *theirs = NCONF_get_string(conf, "default", key);

	FUZZ_ASSERT((theirs == NULL) == (value == NULL));
	FUZZ_ASSERT(!value || strcmp(theirs, value) == 0);
}

FUZZ_TARGET(conf)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_lab l;
	long line = 0;

	if (custody_lab_conf_parse(p, n, &l, &err) != 0) {
		FUZZ_ASSERT(err.kind == CUSTODY_ERR_FORMAT || err.kind == CUSTODY_ERR_LIMIT);
		return 0;
	}
	CONF *conf = NCONF_new(NULL);
	BIO *bio = BIO_new_mem_buf(p, (int)n);
	FUZZ_ASSERT(NCONF_load_bio(conf, bio, &line) == 1);
	expect_same(conf, "organisation", l.organisation);
	expect_same(conf, "operator", l.operator_name);
	expect_same(conf, "role", l.role);
	expect_same(conf, "signer", l.signer_name);
	expect_same(conf, "stamper", l.stamper_name);
	expect_same(conf, "authorities", l.authorities);
	ERR_clear_error();
	BIO_free(bio);
	NCONF_free(conf);
	custody_lab_release(&l);
	return 0;
}
