/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions: custody_tsp_request_parse, custody_tsp_order_format, custody_tsp_order_parse, custody_tsp_refused.
 * What is taken has an imprint of its algorithm and a nonce that lie in the request, and survives the way to the key; what is refused becomes an answer in DER.
 */
#include <string.h>

#include "libcustody/crypto/der.h"
#include "libcustody/crypto/tsp_answer.h"
#include "tests/fuzz/fuzz.h"

static void refuse(enum custody_tsp_failure failure, const struct custody_error *why)
{
	CUSTODY_BUF_CLEAN struct custody_buf out = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_buf_init(&out, 1024);
	FUZZ_ASSERT(why->kind == CUSTODY_ERR_FORMAT && custody_tsp_failure_is_known(failure));
	FUZZ_ASSERT(custody_tsp_refused(failure, why->text, &out, &err) == 0 && custody_der_check(out.data, out.len, NULL, &err) == 0);
}

FUZZ_TARGET(tsp_request)
{
	struct custody_tsp_order o, back;
	struct custody_error err = CUSTODY_ERROR_INIT;
	enum custody_tsp_failure failure;
	uint8_t wire[CUSTODY_TSP_ORDER_BYTES], again[CUSTODY_TSP_ORDER_BYTES];
	/* The other side of the order: any bytes. */
	if (custody_tsp_order_parse(p, n, &back, &err) == 0) {
		custody_tsp_order_format(&back, wire);
		FUZZ_ASSERT(memcmp(wire, p, n) == 0);
	}
	err = (struct custody_error)CUSTODY_ERROR_INIT;
	if (custody_tsp_request_parse((struct custody_bytes){ p, n }, &o, &failure, &err) < 0) {
		refuse(failure, &err);
		return 0;
	}
	size_t size = custody_digest_get(o.imprint_digest)->size;
	FUZZ_ASSERT(n <= CUSTODY_LIMIT_TSP_REQUEST && memmem(p, n, o.imprint, size) != NULL);
	FUZZ_ASSERT(o.nonce_len <= CUSTODY_LIMIT_NONCE && (o.nonce_len == 0 || memmem(p, n, o.nonce, o.nonce_len) != NULL));
	custody_tsp_order_format(&o, wire);
	FUZZ_ASSERT(custody_tsp_order_parse(wire, sizeof(wire), &back, &err) == 0);
	custody_tsp_order_format(&back, again);
	FUZZ_ASSERT(memcmp(wire, again, sizeof(wire)) == 0);
	return 0;
}
