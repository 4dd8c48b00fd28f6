/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions: custody_der_check, custody_der_next, custody_der_time, custody_der_unsigned.
 * What the scanner passes has one encoding: written again from tags and contents it is the same bytes; and the cursor finds all of it.
 */
#include <string.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/limits.h"
#include "libcustody/crypto/der.h"
#include "tests/fuzz/fuzz.h"

/* The shortest header for a content of that length. */
static size_t write_header(uint8_t *out, uint8_t tag, size_t length)
{
	size_t n = 2, octets = 0;
	out[0] = tag;
	for (size_t rest = length; length >= 0x80 && rest > 0; rest >>= 8)
		octets++;
	out[1] = (uint8_t)(octets == 0 ? length : 0x80 | octets);
	while (octets > 0)
		out[n++] = (uint8_t)(length >> --octets * 8);
	return n;
}

static void walk(struct custody_bytes whole)
{
	struct custody_bytes stack[CUSTODY_LIMIT_DER_DEPTH] = { whole };
	size_t depth = 1;
	while (depth > 0) {
		struct custody_der e;
		uint8_t header[8];
		uint64_t number;
		struct custody_time time;
		if (stack[depth - 1].n == 0) {
			depth--;
			continue;
		}
		FUZZ_ASSERT(custody_der_next(&stack[depth - 1], &e));
		size_t n = write_header(header, e.tag, e.content.n);
		FUZZ_ASSERT(e.whole.n == n + e.content.n && memcmp(e.whole.p, header, n) == 0 && e.content.p == e.whole.p + n);
		if (e.tag == CUSTODY_DER_INTEGER && custody_der_unsigned(e.content, &number))
			FUZZ_ASSERT(e.content.n <= 9);
		if (e.tag == CUSTODY_DER_UTC_TIME || e.tag == CUSTODY_DER_GENERALIZED_TIME)
			FUZZ_ASSERT(custody_der_time(e.tag, e.content, &time) && time.nsec < 1000000000);
		if (e.tag == CUSTODY_DER_SET)
			FUZZ_ASSERT(custody_der_is_sorted(e.content));
		if ((e.tag & CUSTODY_DER_CONSTRUCTED) != 0) {
			FUZZ_ASSERT(depth < CUSTODY_LIMIT_DER_DEPTH || e.content.n == 0);
			if (e.content.n > 0)
				stack[depth++] = e.content;
		}
	}
}

FUZZ_TARGET(der)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	size_t at;
	if (custody_der_check_at(p, n, "rule", &at, &err) < 0) {
		FUZZ_ASSERT(err.kind == CUSTODY_ERR_FORMAT && at <= n && err.text[0] != '\0');
		/* The cursor is safe on anything. */
		struct custody_bytes rest = { p, n };
		struct custody_der e;
		while (custody_der_next(&rest, &e))
			FUZZ_ASSERT(e.whole.p >= p && e.whole.p + e.whole.n <= p + n);
		return 0;
	}
	walk((struct custody_bytes){ p, n });
	return 0;
}
