/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A custody-worker as its client sees it: started by exec from beside this program or from libexec, spoken to in frames (cmd/worker/protocol.h), killed when it
 * is not needed any more. What a worker says is hostile; what a frame is not, ends it.
 */
#ifndef CUSTODY_CMD_WORKER_PROCESS_H
#define CUSTODY_CMD_WORKER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cmd/worker/protocol.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/error.h"

struct custody_worker {
	pid_t pid; /* 0: none */
	int fd; /* the socket; owned */
};
#define CUSTODY_WORKER_INIT { 0, -1 }

/*
 * Starts one. purpose: CUSTODY_WORKER_FOR_...; database_fd: open for reading, borrowed (-1: none, only for inspect). It runs at once; its first frame is the HELLO.
 * Errors: INPUT if there is no program custody-worker; IO if it cannot be started.
 */
int custody_worker_start(struct custody_worker *w, const char *purpose, int database_fd, struct custody_error *err) CUSTODY_MUST_USE;
/* SIGKILL and wait; safe when there is none. */
void custody_worker_kill(struct custody_worker *w);
#define CUSTODY_WORKER_CLEAN CUSTODY_CLEANUP(custody_worker_kill)

/* Sends a job with its descriptor (borrowed), without waiting. false: the worker is gone, or does not read. */
bool custody_worker_send(
	const struct custody_worker *w, enum custody_worker_kind kind, uint64_t job, const void *payload, size_t n, int fd) CUSTODY_MUST_USE;

enum custody_worker_heard {
	CUSTODY_WORKER_HEARD, /* a frame */
	CUSTODY_WORKER_QUIET, /* nothing within the time */
	CUSTODY_WORKER_GONE, /* it ended */
	CUSTODY_WORKER_LIED, /* it sent what is no answer */
	CUSTODY_WORKER_SIGNAL, /* a signal came while waiting: see whether to go on */
};
/* The next answer; waits at most so many milliseconds (0: not at all). buf holds CUSTODY_WORKER_FRAME_MAX bytes; frame borrows it. */
enum custody_worker_heard custody_worker_hear(
	const struct custody_worker *w, uint8_t *buf, struct custody_worker_frame *frame, int milliseconds) CUSTODY_MUST_USE;

/* Waits for the HELLO. Errors: IO: there is no sandbox, it is of another version, it does not start within 10 seconds; INTERRUPTED. */
int custody_worker_greet(const struct custody_worker *w, struct custody_worker_hello *hello, struct custody_error *err) CUSTODY_MUST_USE;

#endif
