/* SPDX-License-Identifier: Apache-2.0 */
/* The worker's side of `custody inspect`: one archive, looked into from inside the sandbox, its records sent as they come. */
#ifndef CUSTODY_CMD_WORKER_INSPECT_H
#define CUSTODY_CMD_WORKER_INSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/worker/protocol.h"
#include "formats/content/identify.h"

/* Sends one frame. false: the client is gone. */
typedef bool (*custody_worker_say)(enum custody_worker_kind kind, unsigned flags, uint64_t job, const void *payload, size_t n);

/* Waits for the job and does it. identifier: NULL if there is no database. false: the client is gone, or sent what is no job. */
bool custody_worker_inspect_one(struct custody_identifier *identifier, custody_worker_say say) CUSTODY_MUST_USE;

#endif
