/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/base/random.h"

int custody_random_fill(const struct custody_random *r, uint8_t *p, size_t n, struct custody_error *err)
{
	return n == 0 ? 0 : r->fill(r->ctx, p, n, err);
}
