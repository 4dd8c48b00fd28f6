/* SPDX-License-Identifier: Apache-2.0 */
/* Fixed-width integers in bytes, and comparison of byte strings. No alignment is assumed. */
#ifndef CUSTODY_BASE_BYTES_H
#define CUSTODY_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t custody_get_le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | (unsigned)p[1] << 8);
}
static inline uint32_t custody_get_le32(const uint8_t *p)
{
	return (uint32_t)custody_get_le16(p) | (uint32_t)custody_get_le16(p + 2) << 16;
}
static inline uint64_t custody_get_le64(const uint8_t *p)
{
	return (uint64_t)custody_get_le32(p) | (uint64_t)custody_get_le32(p + 4) << 32;
}
static inline void custody_put_le16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}
static inline void custody_put_le32(uint8_t *p, uint32_t v)
{
	custody_put_le16(p, (uint16_t)v);
	custody_put_le16(p + 2, (uint16_t)(v >> 16));
}
static inline void custody_put_le64(uint8_t *p, uint64_t v)
{
	custody_put_le32(p, (uint32_t)v);
	custody_put_le32(p + 4, (uint32_t)(v >> 32));
}

/* A borrowed run of bytes. p may be NULL when n is 0. */
struct custody_bytes {
	const uint8_t *p;
	size_t n;
};

static inline bool custody_bytes_equal(struct custody_bytes a, struct custody_bytes b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Equal length and bytes of text against a byte run. */
static inline bool custody_bytes_is(struct custody_bytes a, const char *text)
{
	return a.n == strlen(text) && memcmp(a.p ? a.p : (const uint8_t *)"", text, a.n) == 0;
}

#endif
