/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a list of the format bagit, and writing what was read: custody_hash_reader_next(), formats/bagit.c. */
#include "tests/fuzz/fuzz.h"
#include "tests/support/memlist.h"

FUZZ_TARGET(list_bagit)
{
	return memlist_fuzz(&custody_hash_bagit, p, n);
}
