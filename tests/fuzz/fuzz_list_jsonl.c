/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a list of the format jsonl, and writing what was read: custody_hash_reader_next(), formats/jsonl.c. */
#include "tests/fuzz/fuzz.h"
#include "tests/support/memlist.h"

FUZZ_TARGET(list_jsonl)
{
	return memlist_fuzz(&custody_hash_jsonl, p, n);
}
