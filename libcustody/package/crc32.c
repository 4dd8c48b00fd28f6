/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32 as ZIP has it: by libdeflate, which is several times faster than zlib; zlib for the combination of two parts and as the second opinion. */
#include <libdeflate.h>
#include <zlib.h>

#include "libcustody/package/zip.h"

uint32_t custody_crc32(uint32_t crc, const void *p, size_t n)
{
	/* libdeflate takes a NULL buffer for "give me the initial value", whatever crc is. */
	return n == 0 ? crc : libdeflate_crc32(crc, p, n);
}

uint32_t custody_crc32_combine(uint32_t a, uint32_t b, uint64_t len_b)
{
	return (uint32_t)crc32_combine(a, b, (z_off_t)len_b);
}

/* The check value of the CRC catalogue, a long run that takes every vector path, and the combination. */
bool custody_crc32_self_test(void)
{
	if (custody_crc32(0, "123456789", 9) != 0xCBF43926)
		return false;
	uint8_t run[4099];
	for (size_t i = 0; i < sizeof(run); i++)
		run[i] = (uint8_t)(i * 131 + (i >> 3));
	for (size_t skip = 0; skip < 70; skip++) {
		size_t n = sizeof(run) - skip * 58;
		uint32_t whole = custody_crc32(0, run + skip, n - skip);
		if (whole != (uint32_t)crc32(0, run + skip, (uInt)(n - skip)))
			return false;
		size_t cut = (n - skip) / 3;
		uint32_t head = custody_crc32(0, run + skip, cut), tail = custody_crc32(0, run + skip + cut, n - skip - cut);
		if (custody_crc32_combine(head, tail, n - skip - cut) != whole || custody_crc32(head, run + skip + cut, n - skip - cut) != whole)
			return false;
	}
	return true;
}
