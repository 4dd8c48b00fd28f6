/* SPDX-License-Identifier: Apache-2.0 */
/* Members of a good package, taken out by a walk over the local headers (everything in it is stored): the product's own ZIP reader has no part in it. */
#ifndef CUSTODY_TESTS_STORED_H
#define CUSTODY_TESTS_STORED_H

#include <stddef.h>
#include <stdint.h>

/* The names of the good packages in fixtures/sealed, without suffix; ends with NULL. */
extern const char *const stored_packages[];

/* A copy of member `name` of fixtures/sealed/PACKAGE.asice with a NUL behind it; free() it. Aborts if it is not there. */
uint8_t *stored_member(const char *package, const char *name, size_t *n);

#endif
