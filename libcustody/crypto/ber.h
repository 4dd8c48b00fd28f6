/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BER (X.690 clause 8) of other programs, made readable for crypto/der.h: elements of indefinite length get a definite one, as those have that hold them. Everything else stays as it
 * is, to the byte, and is judged by whoever reads it.
 */
#ifndef CUSTODY_CRYPTO_BER_H
#define CUSTODY_CRYPTO_BER_H

#include "libcustody/base/buf.h"
#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"

/*
 * in is exactly one element; it is appended to out. FORMAT without a rule: lengths that do not fit into each other, tag numbers above 30, an end-of-contents where nothing ends, bytes
 * behind. FORMAT with the rule "limit-exceeded": more than CUSTODY_LIMIT_DER_DEPTH levels. LIMIT of out, NOMEM.
 */
int custody_ber_definite(struct custody_bytes in, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;

#endif
