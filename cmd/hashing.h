/* SPDX-License-Identifier: Apache-2.0 */
/* What `custody hash`, `custody audit` and `custody inspect` have in common. */
#ifndef CUSTODY_CMD_HASHING_H
#define CUSTODY_CMD_HASHING_H

#include "libcustody/base/buf.h"
#include "libcustody/work/hash.h"

/* Says on stderr why an item has no digest. Gives the exit code that this makes: 0 for what is passed over, 74 for what could not be read. */
int custody_hashing_explain(const struct custody_hash_item *item);
/* Says on stderr, once, that these digests are legacy; nothing if there are none among them. */
void custody_hashing_label(uint32_t digests, bool nothing_else);
/* Prints what is in out and empties it. IO error once stdout is broken, so that nobody reads terabytes for a closed pipe. */
int custody_hashing_flush(struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;

#define CUSTODY_HASHING_OUTPUT ((size_t)16 << 20) /* output held before it is printed: the longest record, escaped, several times over */
#define CUSTODY_HASHING_CHUNK ((size_t)65536) /* and what makes it be printed */

#endif
