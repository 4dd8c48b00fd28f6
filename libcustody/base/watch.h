/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory for libraries that go on when it runs out. expat 2.5 then takes a namespace declaration for an attribute, jansson 2.14 leaves bytes out of a string
 * and can read behind it: both could make a good package look forged. So every allocation of theirs is watched, and when one has failed, all that follow
 * fail too, and whatever the library says is not listened to.
 */
#ifndef CUSTODY_BASE_WATCH_H
#define CUSTODY_BASE_WATCH_H

#include <stdbool.h>
#include <stddef.h>

/* Watches this thread's allocations by the functions below. Within another watch, both see what fails. */
void custody_watch_begin(void);
/* Ends that. true: one of them failed. */
bool custody_watch_end(void);
/* One failed since this thread's outermost begin, which has not ended. */
bool custody_watch_failed(void);

void *custody_watch_malloc(size_t n);
void *custody_watch_realloc(void *p, size_t n);
/* By another malloc. */
void *custody_watch_by(void *(*allocate)(size_t), size_t n);

#endif
