/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a list of the format sha256sum, and writing what was read: custody_hash_reader_next(), formats/sha256sum.c. */
#include "tests/fuzz/fuzz.h"
#include "tests/support/memlist.h"

FUZZ_TARGET(list_sha256sum)
{
	return memlist_fuzz(&custody_hash_sha256sum, p, n);
}
