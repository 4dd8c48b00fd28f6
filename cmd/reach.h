/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of a host's addresses answers. A name often has several, of IPv6 and of IPv4, and a network that drops one kind without a word is common: so they are
 * not waited for one after the other (RFC 8305 section 5).
 */
#ifndef CUSTODY_CMD_REACH_H
#define CUSTODY_CMD_REACH_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CUSTODY_REACH_MOST 16 /* addresses that are tried; a host that has more is none of ours */
#define CUSTODY_REACH_STAGGER 250 /* milliseconds before the next address is tried beside those that have not answered (RFC 8305 section 8) */

/* Milliseconds of the clock that deadlines are told by (CLOCK_MONOTONIC). */
int64_t custody_reach_now(void);

/*
 * Opens a TCP connection to the addresses of list, in its order, each a moment after the one before, or at once when that one refused; all are closed again.
 * *reached is the first that took the connection. interrupted (NULL: never) is asked when a signal came. 0, or an errno: ETIMEDOUT when the deadline passed,
 * EINTR when interrupted says so, else that of the last address that failed.
 */
int custody_reach(const struct addrinfo *list, int64_t deadline, bool (*interrupted)(void *), const struct addrinfo **reached);

#endif
