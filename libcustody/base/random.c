/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/base/random.h"

#include <stdio.h>

int custody_random_fill(const struct custody_random *r, uint8_t *p, size_t n, struct custody_error *err)
{
	return n == 0 ? 0 : r->fill(r->ctx, p, n, err);
}

int custody_random_uuid(const struct custody_random *r, char out[37], struct custody_error *err)
{
	uint8_t b[16];

	if (custody_random_fill(r, b, sizeof(b), err))
		return -1;
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	snprintf(out, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7],
		b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
	return 0;
}
