/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cmd/tsad/protocol.h"
#include "cmd/tsad/tsad.h"
#include "libcustody/base/cleanup.h"

#define TURN_MS 250 /* how soon a lost parent is noticed, and an old connection */
#define LAST_SECONDS 2 /* for requests under way when it is time to end: what else is open then only waits */

enum { OK = 0, USAGE = 64, INTERNAL = 70 };

static volatile sig_atomic_t ending;

static void on_signal(int number)
{
	(void)number;
	ending = 1;
}

/* SIGTERM ends it. SIGINT and SIGHUP go to a terminal's whole group: `custody tsa` gets them too, and tells us. */
static void set_signals(void)
{
	struct sigaction end = { .sa_handler = on_signal }, ignore = { .sa_handler = SIG_IGN };

	(void)sigaction(SIGTERM, &end, NULL);
	(void)sigaction(SIGINT, &ignore, NULL);
	(void)sigaction(SIGHUP, &ignore, NULL);
	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)sigaction(SIGXFSZ, &ignore, NULL);
}

static bool is_socket(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

static int64_t seconds(void)
{
	struct timespec t = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* Until it is told to end, or nobody is left who could stamp. */
static int serve(struct custody_tsad_server *server, struct custody_tsad_channel *channel)
{
	int64_t last;

	while (!ending && custody_tsad_channel_alive(channel))
		if (!custody_tsad_server_turn(server, TURN_MS) && !ending)
			return INTERNAL;
	custody_tsad_server_quiesce(server);
	last = seconds() + LAST_SECONDS;
	while (custody_tsad_server_connections(server) > 0 && seconds() < last && custody_tsad_channel_alive(channel))
		if (!custody_tsad_server_turn(server, TURN_MS))
			break;
	return ending ? OK : INTERNAL;
}

static int fail(const struct custody_error *err)
{
	fprintf(stderr, "custody-tsad: %s\n", err->text);
	return INTERNAL;
}

static int run(void)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_CLEANUP(custody_tsad_channel_release) struct custody_tsad_channel channel = { .fd = -1 };
	struct custody_tsad_server *server;
	unsigned connections = 0;
	int rc;

	if (custody_tsad_confine_early(&connections, &err) != 0 || custody_tsad_channel_init(&channel, CUSTODY_TSAD_CHANNEL_FD, &err) != 0)
		return fail(&err);
	server = custody_tsad_server_new(
		CUSTODY_TSAD_LISTEN_FD, connections < CUSTODY_TSAD_CONNECTIONS ? connections : CUSTODY_TSAD_CONNECTIONS, &channel);
	if (!server) {
		(void)custody_fail(&err, CUSTODY_ERR_INTERNAL, "the HTTP server does not start");
		return fail(&err);
	}
	if (custody_tsad_confine_late(&err) != 0)
		rc = fail(&err);
	else
		rc = custody_tsad_channel_ready(&channel) ? serve(server, &channel) : INTERNAL;
	custody_tsad_server_free(server);
	return rc;
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1 || !is_socket(CUSTODY_TSAD_LISTEN_FD) || !is_socket(CUSTODY_TSAD_CHANNEL_FD)) {
		fputs("custody-tsad: this is a part of custody, started by `custody tsa`\n", stderr);
		return USAGE;
	}
	set_signals();
	return run();
}
