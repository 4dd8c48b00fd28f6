/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outer world, in one place: clock, randomness, signals, the process's own hardening, library versions, the default lab. Nothing here can be
 * set by an option or an environment variable, but for where the lab is (CUSTODY_LAB, HOME).
 */
#ifndef CUSTODY_CMD_ENVIRONMENT_H
#define CUSTODY_CMD_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"
#include "libcustody/base/random.h"
#include "libcustody/base/time.h"
#include "libcustody/package/sealfile.h"

/*
 * First thing in main(): no core dumps, not traceable; standard descriptors that are closed are filled, so that no file gets their numbers; OpenSSL
 * without its configuration file and the variables that name one; SIGINT, SIGTERM and SIGHUP set a flag (a second one ends the process at
 * once); a closed pipe or a size limit is a failed write.
 */
int custody_environment_start(struct custody_error *err) CUSTODY_MUST_USE;
/* After a start that succeeded, last thing in main(): memory that ran out may be there again for what OpenSSL frees at the end. */
void custody_environment_end(void);

extern const struct custody_clock custody_environment_clock; /* CLOCK_REALTIME */
extern const struct custody_random custody_environment_random; /* OpenSSL's private generator */

/* The kernel says that CLOCK_REALTIME is synchronised, and *us (never below a second: simple NTP clients leave the kernel's estimate at zero) bounds what it is
 * off by. false: nothing is known. */
bool custody_environment_clock_accuracy(uint64_t *us);

/* Whether the kernel says that it is synchronised: 1, 0, -1 when it does not tell. */
int custody_environment_clock_synchronised(void);

/* The local time that this computer is set to (TZ, /etc/localtime): shown beside UTC where people read, and nothing hangs on it. */
bool custody_environment_local(struct custody_time t, struct custody_zone *out);

/* A signal asked us to stop: for the library's `interrupted` callbacks; ctx is ignored. */
bool custody_environment_interrupted(void *ctx);
/* Number of that signal, 0 if none came. */
int custody_environment_signal(void);

/* Name and version, at run time, of each library that takes part (of libdeflate: at build time, it does not tell). Static. */
const struct custody_library_version *custody_environment_libraries(size_t *n);

/* $CUSTODY_LAB, else $HOME/.custody; NULL when neither is set. Gives a string for free(). Without memory it is an error: as no lab there would be no anchors. */
int custody_environment_default_lab(char **out, struct custody_error *err);

#endif
