/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a list of the format hashdeep, and writing what was read: custody_hash_reader_next(), formats/hashdeep.c. */
#include "tests/fuzz/fuzz.h"
#include "tests/support/memlist.h"

FUZZ_TARGET(list_hashdeep)
{
	return memlist_fuzz(&custody_hash_hashdeep, p, n);
}
