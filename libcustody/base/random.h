/* SPDX-License-Identifier: Apache-2.0 */
/* Randomness is a parameter: OpenSSL's generator in cmd/, a fixed stream in tests (decision 4). */
#ifndef CUSTODY_BASE_RANDOM_H
#define CUSTODY_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"

struct custody_random {
	int (*fill)(void *ctx, uint8_t *p, size_t n, struct custody_error *err);
	void *ctx;
};

int custody_random_fill(const struct custody_random *r, uint8_t *p, size_t n, struct custody_error *err) CUSTODY_MUST_USE;

/* RFC 9562, version 4. out holds 37 bytes. */
int custody_random_uuid(const struct custody_random *r, char out[37], struct custody_error *err) CUSTODY_MUST_USE;

#endif
