/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types of content, said by a few custody-workers in parallel, for work/seal. One run for the same content, however often it comes; a worker that dies, is slow, or
 * sends what is no answer costs the item its type and nothing else.
 *
 * What comes out does not depend on how many workers there are, but for two cases that only hostile or broken content makes: a worker that had to be stopped for its time,
 * and more ended workers than CUSTODY_IDENTIFY_ENDED.
 */
#ifndef CUSTODY_CMD_IDENTIFY_H
#define CUSTODY_CMD_IDENTIFY_H

#include <stdint.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/error.h"
#include "libcustody/work/seal.h"

/* Where Debian's libmagic-mgc has it. Not what MAGIC in the environment or a file in a home folder says. */
#ifndef CUSTODY_MAGIC_DATABASE
#define CUSTODY_MAGIC_DATABASE "/usr/lib/file/magic.mgc"
#endif

#define CUSTODY_IDENTIFY_SECONDS 10 /* for one item: a thousand times what the slowest honest one under /usr/share takes */
#define CUSTODY_IDENTIFY_ENDED 256 /* workers that may die or be killed in one sealing; after that the rest is not identified */
#define CUSTODY_IDENTIFY_WORKERS 8 /* at most; each is 20 MiB */

struct custody_identify;

/*
 * Starts the first worker and waits until it is shut in; up to `workers` when there is work. Gives *out. Errors: there is no worker, no database or no sandbox (INPUT, IO): then
 * nothing is identified, and the caller says so; INTERRUPTED; NOMEM.
 */
int custody_identify_start(struct custody_identify **out, size_t workers, struct custody_error *err) CUSTODY_MUST_USE;
/* Kills the workers. Safe on NULL. */
void custody_identify_stop(struct custody_identify **i);
#define CUSTODY_IDENTIFY_CLEAN CUSTODY_CLEANUP(custody_identify_stop)

/* For struct custody_seal_options; borrows i. */
struct custody_seal_types custody_identify_types(struct custody_identify *i);

#endif
