/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between custody-tsad, which faces the network, and `custody tsa`, which started it and holds the key: a pair of sockets that keep messages apart
 * (SOCK_SEQPACKET). Both sides take each other's messages as hostile: lengths and types are checked, anything else ends the connection.
 *
 *	to the key	READY (1 byte) once, then ORDER: type, id (8, little-endian), an order of crypto/tsp_answer.h
 *	from the key	TOKEN: type, id, a whole TimeStampToken          REFUSAL: type, id, the bit of PKIFailureInfo, text
 *
 * One order at a time; the id tells an answer that came too late from the one that is waited for.
 */
#ifndef CUSTODY_CMD_TSAD_PROTOCOL_H
#define CUSTODY_CMD_TSAD_PROTOCOL_H

#include <stdint.h>

#include "libcustody/crypto/tsp_answer.h"

#define CUSTODY_TSAD "custody-tsad"
/* Descriptors that custody-tsad is started with. */
#define CUSTODY_TSAD_LISTEN_FD 3 /* bound and listening */
#define CUSTODY_TSAD_CHANNEL_FD 4

enum { CUSTODY_TSAD_READY = 'R', CUSTODY_TSAD_ORDER = 'O', CUSTODY_TSAD_TOKEN = 'T', CUSTODY_TSAD_REFUSAL = 'F' };

#define CUSTODY_TSAD_HEAD ((size_t)9) /* type and id */
#define CUSTODY_TSAD_ORDER_BYTES (CUSTODY_TSAD_HEAD + CUSTODY_TSP_ORDER_BYTES)
#define CUSTODY_TSAD_ANSWER_MAX (CUSTODY_TSAD_HEAD + (size_t)65536) /* a token with a whole path of RSA-8192 certificates needs a third of it */
#define CUSTODY_TSAD_WAIT_MS 10000 /* for an answer: a key in a slow token needs a second or two */

#endif
