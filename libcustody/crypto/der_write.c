/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/der_write.h"

int custody_der_append_head(struct custody_buf *out, uint8_t tag, size_t n, struct custody_error *err)
{
	uint8_t head[2 + sizeof(n)];
	size_t bytes = 0, at = 0;

	while (bytes < sizeof(n) && (n >> (8 * bytes)) != 0)
		bytes++;
	head[at++] = tag;
	if (n >= 0x80)
		head[at++] = (uint8_t)(0x80 | bytes);
	else
		bytes = 1;
	while (bytes > 0)
		head[at++] = (uint8_t)(n >> (8 * --bytes));
	return custody_buf_append(out, head, at, err);
}

int custody_der_append(struct custody_buf *out, uint8_t tag, struct custody_bytes content, struct custody_error *err)
{
	return custody_der_append_head(out, tag, content.n, err) || custody_buf_append(out, content.p, content.n, err) ? -1 : 0;
}
