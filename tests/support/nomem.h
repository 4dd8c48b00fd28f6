/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out: the n-th allocation from now on, of ours and of the libraries, fails. Not there under sanitizers, which bring their own malloc. */
#ifndef CUSTODY_TESTS_NOMEM_H
#define CUSTODY_TESTS_NOMEM_H

#include <stdbool.h>
#include <stddef.h>

/* There is such a thing in this build. */
bool nomem_available(void);
/* The n-th allocation (from 1) of this thread fails, and only that one. */
void nomem_arm(size_t n);
/* Back to normal. true if an allocation failed since. */
bool nomem_disarm(void);

#endif
