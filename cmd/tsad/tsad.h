/* SPDX-License-Identifier: Apache-2.0 */
/*
 * custody-tsad: the only HTTP server of custody. Started by `custody tsa` with a listening socket and a channel (protocol.h), and with nothing else: it
 * opens no file, makes no connection, holds no key. HTTP is libmicrohttpd's, time-stamp requests are parsed here, and what is not one never
 * leaves this process. One thread: main.c turns the loop, http.c answers, channel.c asks the process with the key, confine.c shuts the doors.
 */
#ifndef CUSTODY_CMD_TSAD_TSAD_H
#define CUSTODY_CMD_TSAD_TSAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/crypto/tsp_answer.h"

#define CUSTODY_TSAD_CONNECTIONS 512u /* at once; further ones wait in the kernel's queue */
#define CUSTODY_TSAD_CONNECTIONS_EACH 256u /* of one address: 200 parallel requests of a busy client fit */
#define CUSTODY_TSAD_IDLE_SECONDS 10u /* nothing sent or received */
#define CUSTODY_TSAD_CONNECTION_SECONDS 20 /* a connection altogether, however slowly it trickles; longer than the key may take */
#define CUSTODY_TSAD_CONNECTION_MEMORY ((size_t)16384) /* headers and what is read at once */

/* ---- channel.c ---- */

struct custody_tsad_channel {
	int fd;
	uint64_t last; /* id of the last order */
	bool late; /* that one has not been answered yet */
	bool broken; /* the other side is gone, or does not keep to the protocol */
	uint8_t *answer; /* owned, CUSTODY_TSAD_ANSWER_MAX bytes */
};
int custody_tsad_channel_init(struct custody_tsad_channel *c, int fd, struct custody_error *err) CUSTODY_MUST_USE;
void custody_tsad_channel_release(struct custody_tsad_channel *c);
/* Says that requests are taken. */
bool custody_tsad_channel_ready(struct custody_tsad_channel *c);
/* The other side is still there. */
bool custody_tsad_channel_alive(const struct custody_tsad_channel *c);
/* Appends the TimeStampResp to the order: a token, a refusal, or that no answer came. */
int custody_tsad_channel_ask(
	struct custody_tsad_channel *c, const struct custody_tsp_order *order, struct custody_buf *out, struct custody_error *err) CUSTODY_MUST_USE;

/* ---- http.c ---- */

struct custody_tsad_server;
/* Serves the connections of a listening socket, which it takes. connections: at most CUSTODY_TSAD_CONNECTIONS. */
struct custody_tsad_server *custody_tsad_server_new(int listen_fd, unsigned connections, struct custody_tsad_channel *channel);
void custody_tsad_server_free(struct custody_tsad_server *s);
/* Waits for at most that long and does what there is to do. false: it cannot go on. */
bool custody_tsad_server_turn(struct custody_tsad_server *s, int milliseconds);
/* No new connections. */
void custody_tsad_server_quiesce(struct custody_tsad_server *s);
unsigned custody_tsad_server_connections(const struct custody_tsad_server *s);

/* ---- confine.c ---- */

/* At the start: no core dumps, descriptors above the two closed, at most so many and no file written, not another user's powers. *descriptors: how many there may be. */
int custody_tsad_confine_early(unsigned *descriptors, struct custody_error *err) CUSTODY_MUST_USE;
/* Once all is set up: no new powers, and only the system calls that serving needs. */
int custody_tsad_confine_late(struct custody_error *err) CUSTODY_MUST_USE;

#endif
