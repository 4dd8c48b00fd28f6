/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a list of the format bsd, and writing what was read: custody_hash_reader_next(), formats/bsd.c. */
#include "tests/fuzz/fuzz.h"
#include "tests/support/memlist.h"

FUZZ_TARGET(list_bsd)
{
	return memlist_fuzz(&custody_hash_bsd, p, n);
}
