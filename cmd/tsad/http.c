/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP: one kind of request, POST / with a TimeStampReq, one answer, and the connection is closed. */
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cmd/tsad/tsad.h"
#include "libcustody/base/cleanup.h"

#define DISCARD_MAX \
	((size_t)65536) /* bytes of a body that is too long or not wanted, read before the connection is cut: the client reads its answer first */
#define ANSWER_MAX ((size_t)1 << 20)

/* A connection that is open. */
struct slot {
	int fd; /* -1: free */
	int64_t since; /* seconds */
};

struct custody_tsad_server {
	struct MHD_Daemon *daemon;
	struct custody_tsad_channel *channel;
	struct slot *slots;
	unsigned n_slots;
	int quiesced; /* the listening socket once it is no longer served; -1 before */
};

/* One request while it comes in. */
struct request {
	unsigned status; /* decided before the body: 0 while it is a good one */
	size_t n, discarded;
	uint8_t body[CUSTODY_LIMIT_TSP_REQUEST];
};

static int64_t seconds(void)
{
	struct timespec t = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* ---- answers ---- */

static enum MHD_Result send_bytes(struct MHD_Connection *connection, unsigned status, const char *type, const void *p, size_t n)
{
	/* MHD copies, and does not write through the pointer. */
	struct MHD_Response *r = MHD_create_response_from_buffer(n, (void *)(uintptr_t)p, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result done = MHD_NO;

	if (!r)
		return MHD_NO;
	if (MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type) == MHD_YES &&
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONNECTION, "close") == MHD_YES &&
		MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store") == MHD_YES &&
		(status != MHD_HTTP_METHOD_NOT_ALLOWED || MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, MHD_HTTP_METHOD_POST) == MHD_YES))
		done = MHD_queue_response(connection, status, r);
	MHD_destroy_response(r);
	return done;
}

static const char *text_of(unsigned status)
{
	switch (status) {
	case MHD_HTTP_NOT_FOUND:
		return "time-stamp requests go to /\n";
	case MHD_HTTP_METHOD_NOT_ALLOWED:
		return "want POST\n";
	case MHD_HTTP_CONTENT_TOO_LARGE:
		return "longer than any time-stamp request\n";
	case MHD_HTTP_UNSUPPORTED_MEDIA_TYPE:
		return "want the content type application/timestamp-query\n";
	default:
		return "not a request for a time-stamp\n";
	}
}

static enum MHD_Result send_status(struct MHD_Connection *connection, unsigned status)
{
	const char *text = text_of(status);

	return send_bytes(connection, status, "text/plain; charset=us-ascii", text, strlen(text));
}

/* The whole body is there. What is not a TimeStampReq is answered here; only numbers go on to the key. */
static enum MHD_Result answer(struct custody_tsad_server *s, struct MHD_Connection *connection, const struct request *r)
{
	CUSTODY_BUF_CLEAN struct custody_buf out = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_tsp_order order;
	enum custody_tsp_failure failure;
	int failed;

	custody_buf_init(&out, ANSWER_MAX);
	if (custody_tsp_request_parse((struct custody_bytes){ r->body, r->n }, &order, &failure, &err) != 0)
		failed = custody_tsp_refused(failure, err.text, &out, &err);
	else
		failed = custody_tsad_channel_ask(s->channel, &order, &out, &err);
	if (failed)
		return send_status(connection, MHD_HTTP_INTERNAL_SERVER_ERROR);
	return send_bytes(connection, MHD_HTTP_OK, "application/timestamp-reply", out.data, out.len);
}

/* ---- requests ---- */

/* What the request line and the headers decide: 0 if the body may come. */
static unsigned judge_headers(struct MHD_Connection *connection, const char *url, const char *method)
{
	const char *type = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_TYPE);

	if (strcmp(url, "/") != 0)
		return MHD_HTTP_NOT_FOUND;
	if (strcmp(method, MHD_HTTP_METHOD_POST) != 0)
		return MHD_HTTP_METHOD_NOT_ALLOWED;
	if (!type || strcasecmp(type, "application/timestamp-query") != 0)
		return MHD_HTTP_UNSUPPORTED_MEDIA_TYPE;
	return 0;
}

/* Takes what came of the body. */
static enum MHD_Result collect(struct request *r, const char *data, size_t n)
{
	if (r->status == 0 && n > sizeof(r->body) - r->n)
		r->status = MHD_HTTP_CONTENT_TOO_LARGE;
	if (r->status != 0) {
		r->discarded += n;
		return r->discarded <= DISCARD_MAX ? MHD_YES : MHD_NO; /* NO: the connection is closed */
	}
	memcpy(r->body + r->n, data, n);
	r->n += n;
	return MHD_YES;
}

/* MHD calls it once when the headers are there, then for each part of the body, then once more. */
static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
	const char *data, size_t *n, void **state)
{
	struct request *r = *state;
	size_t got = *n;

	(void)version;
	if (!r) {
		r = calloc(1, sizeof(*r));
		if (!r)
			return MHD_NO;
		*state = r;
		r->status = judge_headers(connection, url, method);
		return MHD_YES;
	}
	if (got > 0) {
		*n = 0;
		return collect(r, data, got);
	}
	if (r->status == 0 && r->n == 0)
		r->status = MHD_HTTP_BAD_REQUEST;
	return r->status != 0 ? send_status(connection, r->status) : answer(ctx, connection, r);
}

static void on_completed(void *ctx, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode how)
{
	(void)ctx;
	(void)connection;
	(void)how;
	free(*state);
	*state = NULL;
}

/* ---- connections ---- */

/* Keeps account of how long each has been open. */
static void on_connection(void *ctx, struct MHD_Connection *connection, void **state, enum MHD_ConnectionNotificationCode what)
{
	struct custody_tsad_server *s = ctx;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	int fd = info ? info->connect_fd : -1, from = what == MHD_CONNECTION_NOTIFY_STARTED ? -1 : fd;

	(void)state;
	for (unsigned i = 0; fd >= 0 && i < s->n_slots; i++)
		if (s->slots[i].fd == from) {
			s->slots[i] = (struct slot){ what == MHD_CONNECTION_NOTIFY_STARTED ? fd : -1, seconds() };
			return;
		}
}

/* Who trickles bytes keeps MHD's idle time from running out; nobody keeps a connection longer than this. */
static void cut_old_connections(struct custody_tsad_server *s)
{
	int64_t now = seconds();

	for (unsigned i = 0; i < s->n_slots; i++)
		if (s->slots[i].fd >= 0 && now - s->slots[i].since > CUSTODY_TSAD_CONNECTION_SECONDS)
			(void)shutdown(s->slots[i].fd, SHUT_RDWR); /* MHD sees its end and closes it */
}

struct custody_tsad_server *custody_tsad_server_new(int listen_fd, unsigned connections, struct custody_tsad_channel *channel)
{
	struct custody_tsad_server *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->channel = channel;
	s->quiesced = -1;
	s->n_slots = connections;
	s->slots = calloc(connections, sizeof(*s->slots));
	for (unsigned i = 0; s->slots && i < connections; i++)
		s->slots[i].fd = -1;
	if (s->slots)
		s->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, s, MHD_OPTION_LISTEN_SOCKET, listen_fd,
			MHD_OPTION_CONNECTION_LIMIT, connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT, CUSTODY_TSAD_CONNECTIONS_EACH,
			MHD_OPTION_CONNECTION_TIMEOUT, CUSTODY_TSAD_IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, CUSTODY_TSAD_CONNECTION_MEMORY,
			MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection,
			s, MHD_OPTION_END);
	if (!s->daemon) {
		free(s->slots);
		free(s);
		return NULL;
	}
	return s;
}

void custody_tsad_server_free(struct custody_tsad_server *s)
{
	if (!s)
		return;
	MHD_stop_daemon(s->daemon);
	custody_cleanup_fd(&s->quiesced);
	free(s->slots);
	free(s);
}

bool custody_tsad_server_turn(struct custody_tsad_server *s, int milliseconds)
{
	enum MHD_Result done = MHD_run_wait(s->daemon, milliseconds);

	cut_old_connections(s);
	return done == MHD_YES;
}

void custody_tsad_server_quiesce(struct custody_tsad_server *s)
{
	if (s->quiesced < 0)
		s->quiesced = MHD_quiesce_daemon(s->daemon);
}

unsigned custody_tsad_server_connections(const struct custody_tsad_server *s)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);

	return info ? info->num_connections : 0;
}
