/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are built into the library: the Makefile writes them as arrays ("GEN"), so that a build needs nothing at run time. */
#ifndef CUSTODY_BASE_EMBED_H
#define CUSTODY_BASE_EMBED_H

#include <stddef.h>
#include <stdint.h>

struct custody_embedded {
	const char *name;
	const uint8_t *p;
	size_t n;
};

/* Each fixtures/sealed/selftest-NAME.asice by NAME, in the order of the names; ends with a NULL name. Also there one by one as
 * custody_selftest_NAME[] and custody_selftest_NAME_len ('-' becomes '_'), and so is each fixtures/sealed/selftest-trust/NAME.pem: declare what you use; it does not
 * link if the file is not there. */
extern const struct custody_embedded custody_selftest_packages[];

#endif
