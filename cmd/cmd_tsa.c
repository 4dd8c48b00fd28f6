/* SPDX-License-Identifier: Apache-2.0 */
/*
 * custody tsa: a time-stamp authority for a network without one. This process holds the key and gives out tokens for orders; HTTP and the requests
 * themselves are custody-tsad's, which it starts with the socket that it has bound, and watches.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmd/authority.h"
#include "cmd/cmd.h"
#include "cmd/environment.h"
#include "cmd/options.h"
#include "cmd/passphrase.h"
#include "cmd/program.h"
#include "cmd/session.h"
#include "cmd/terminal.h"
#include "cmd/tsad/protocol.h"
#include "libcustody/base/bytes.h"

#define DEFAULT_LISTEN "127.0.0.1:3161"
#define START_MS 10000 /* for custody-tsad to be ready */
#define GROUP_MS 300 /* between the first and the last process of a group that gets a signal, at most */
#define STOP_MS 8000 /* for it to end: it takes 2 s for requests under way, and we go on answering meanwhile */
#define BACKLOG 512
#define ADDRESS_TEXT (NI_MAXHOST + NI_MAXSERV + 16)

struct tsa {
	const char *listen, *passphrase_fd; /* options */
	bool quiet;
	struct custody_session session;
	struct custody_passphrase passphrase;
	struct custody_authority authority;
	char url[ADDRESS_TEXT];
	bool loopback;
	int channel; /* -1: none */
	pid_t server; /* -1: none */
};

static void end_server(struct tsa *t)
{
	if (t->server > 0) {
		(void)kill(t->server, SIGKILL);
		(void)waitpid(t->server, NULL, 0);
	}
	t->server = -1;
}

static void release(struct tsa *t)
{
	end_server(t);
	custody_cleanup_fd(&t->channel);
	custody_authority_release(&t->authority);
	custody_passphrase_release(&t->passphrase);
	custody_session_release(&t->session);
}

/* ---- the address ---- */

/* "127.0.0.1:3161", "[::1]:0": numbers only, so that no name service decides where this listens. */
static int split_address(const char *text, char host[NI_MAXHOST], char port[NI_MAXSERV], struct custody_error *err)
{
	const char *colon = strrchr(text, ':');
	size_t n = colon ? (size_t)(colon - text) : 0;
	bool bracket = n > 2 && text[0] == '[' && text[n - 1] == ']';
	char shown[CUSTODY_TERMINAL_NAME];
	uint64_t number;

	if (n == 0 || n >= NI_MAXHOST || strlen(colon + 1) >= NI_MAXSERV || (!bracket && memchr(text, ':', n))) {
		(void)custody_display(text, strlen(text), shown, sizeof(shown));
		return custody_fail(err, CUSTODY_ERR_USAGE, "--listen is '%s', want ADDRESS:PORT, such as 127.0.0.1:3161 or [::1]:3161", shown);
	}
	(void)snprintf(host, NI_MAXHOST, "%.*s", (int)(bracket ? n - 2 : n), bracket ? text + 1 : text);
	(void)snprintf(port, NI_MAXSERV, "%s", colon + 1);
	return custody_options_number("listen", port, 0, 65535, &number, err);
}

static bool is_loopback(const struct sockaddr_storage *a)
{
	if (a->ss_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr);
	return a->ss_family == AF_INET && ntohl(((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr) >> 24 == 127;
}

/* Where it listens in truth: port 0 has become one. */
static int name_address(struct tsa *t, int fd, struct custody_error *err)
{
	struct sockaddr_storage a = { 0 };
	socklen_t n = sizeof(a);
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getsockname(fd, (struct sockaddr *)&a, &n) != 0)
		return custody_fail_errno(err, errno, "cannot tell where it listens");
	if (getnameinfo((struct sockaddr *)&a, n, host, sizeof(host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "cannot write the address");
	(void)snprintf(t->url, sizeof(t->url), strchr(host, ':') ? "http://[%s]:%s/" : "http://%s:%s/", host, port);
	t->loopback = is_loopback(&a);
	return 0;
}

static int listen_at(struct tsa *t, const struct addrinfo *a, struct custody_error *err)
{
	const char *text = t->listen ? t->listen : DEFAULT_LISTEN;
	const int on = 1;
	CUSTODY_CLOSE int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int taken = fd;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
		(a->ai_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0))
		return custody_fail_errno(err, errno, "cannot make a socket");
	if (bind(fd, a->ai_addr, a->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
		(void)custody_fail_errno(err, errno, "cannot listen at '%s'", text);
		err->kind = CUSTODY_ERR_INPUT;
		return custody_hint(err, "--listen ADDRESS:PORT says another place; port 0 takes a free one");
	}
	if (name_address(t, fd, err) != 0)
		return -1;
	fd = -1;
	return taken;
}

/* Gives the listening socket. */
static int open_socket(struct tsa *t, struct custody_error *err)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE, .ai_socktype = SOCK_STREAM };
	char host[NI_MAXHOST], port[NI_MAXSERV], shown[CUSTODY_TERMINAL_NAME];
	struct addrinfo *found = NULL;
	int fd, why;

	if (split_address(t->listen ? t->listen : DEFAULT_LISTEN, host, port, err) != 0)
		return -1;
	why = getaddrinfo(host, port, &hints, &found);
	if (why == EAI_MEMORY)
		return custody_fail_nomem(err);
	if (why == EAI_AGAIN || why == EAI_SYSTEM)
		return custody_fail(err, CUSTODY_ERR_IO, "the address cannot be looked at: %s", gai_strerror(why));
	if (why != 0 || !found) {
		(void)custody_display(host, strlen(host), shown, sizeof(shown));
		return custody_fail(err, CUSTODY_ERR_USAGE, "--listen: '%s' is not an address in numbers", shown);
	}
	fd = listen_at(t, found, err);
	freeaddrinfo(found);
	return fd;
}

/* ---- the server ---- */

static int start_server(struct tsa *t, int listening, struct custody_error *err)
{
	int pair[2];
	int rc;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return custody_fail_errno(err, errno, "cannot make a channel");
	t->channel = pair[0];
	rc = custody_program_start(CUSTODY_TSAD, (const int[]){ listening, pair[1] }, 2, &t->server, err);
	if (rc != 0)
		t->server = -1;
	(void)close(pair[1]);
	return rc;
}

static int64_t milliseconds(void)
{
	struct timespec now = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Signals reach this process in here and nowhere else, so none is missed between looking and waiting. 1: a message; 0: a signal or the time is over. */
static int wait_for_message(const struct tsa *t, const sigset_t *open, int64_t until)
{
	struct pollfd p = { .fd = t->channel, .events = POLLIN };
	int64_t left = until - milliseconds();
	const struct timespec time = { left > 0 ? left / 1000 : 0, left > 0 ? left % 1000 * 1000000 : 0 };

	return ppoll(&p, 1, until == INT64_MAX ? NULL : &time, open) > 0;
}

/*
 * The server is gone: because it was told to end, as this process is, or by itself? A terminal and a service manager send their signal to both, and what ppoll
 * says first is that the channel is closed; the signal waits, or is about to come.
 */
static bool was_told_to_end(const sigset_t *open)
{
	const struct timespec time = { GROUP_MS / 1000, GROUP_MS % 1000 * 1000000 };

	if (!custody_environment_interrupted(NULL))
		(void)ppoll(NULL, 0, &time, open);
	return custody_environment_interrupted(NULL);
}

/* What the server said last: its length, 0 when it is gone. */
static size_t receive(const struct tsa *t, uint8_t *p, size_t n)
{
	ssize_t got;

	do
		got = recv(t->channel, p, n, MSG_TRUNC);
	while (got < 0 && errno == EINTR);
	return got > 0 ? (size_t)got : 0;
}

static int wait_until_ready(const struct tsa *t, const sigset_t *open, struct custody_error *err)
{
	uint8_t message[CUSTODY_TSAD_ORDER_BYTES];
	int64_t until = milliseconds() + START_MS;

	while (!wait_for_message(t, open, until)) {
		if (custody_environment_interrupted(NULL))
			return custody_fail(err, CUSTODY_ERR_INTERRUPTED, "interrupted");
		if (milliseconds() >= until)
			return custody_fail(err, CUSTODY_ERR_INTERNAL, "'%s' does not start", CUSTODY_TSAD);
	}
	if (receive(t, message, sizeof(message)) == 1 && message[0] == CUSTODY_TSAD_READY)
		return 0;
	if (was_told_to_end(open))
		return custody_fail(err, CUSTODY_ERR_INTERRUPTED, "interrupted");
	return custody_fail(err, CUSTODY_ERR_INTERNAL, "'%s' ended before it was ready", CUSTODY_TSAD);
}

/* ---- orders ---- */

static int answer(struct tsa *t, const uint8_t *head, uint8_t type, const void *p, size_t n, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf out = { 0 };
	ssize_t sent;

	custody_buf_init(&out, CUSTODY_TSAD_ANSWER_MAX);
	if (custody_buf_append_byte(&out, type, err) != 0 || custody_buf_append(&out, head + 1, CUSTODY_TSAD_HEAD - 1, err) != 0 ||
		custody_buf_append(&out, p, n, err) != 0)
		return -1;
	do
		sent = send(t->channel, out.data, out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	/* It is gone, which the next receive() says; or it does not read what it asked for, and that answer is lost. */
	return 0;
}

static int refuse(struct tsa *t, const uint8_t *head, enum custody_tsp_failure failure, const char *text, struct custody_error *err)
{
	uint8_t body[1 + CUSTODY_LIMIT_TSP_TEXT] = { (uint8_t)failure };
	size_t n = strnlen(text, CUSTODY_LIMIT_TSP_TEXT);

	memcpy(body + 1, text, n);
	return answer(t, head, CUSTODY_TSAD_REFUSAL, body, 1 + n, err);
}

/* One message of the server. An error ends the service. */
static int take_order(struct tsa *t, const uint8_t *message, size_t n, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf token = { 0 };
	struct custody_error why = CUSTODY_ERROR_INIT;
	struct custody_tsp_order order;
	enum custody_tsp_failure failure;
	bool final = false;

	if (n != CUSTODY_TSAD_ORDER_BYTES || message[0] != CUSTODY_TSAD_ORDER ||
		custody_tsp_order_parse(message + CUSTODY_TSAD_HEAD, CUSTODY_TSP_ORDER_BYTES, &order, &why) != 0)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "'%s' does not keep to its protocol: it may have been taken over", CUSTODY_TSAD);
	custody_buf_init(&token, CUSTODY_TSAD_ANSWER_MAX - CUSTODY_TSAD_HEAD);
	if (custody_authority_stamp(&t->authority, &order, &token, &failure, &final, &why) == 0)
		return answer(t, message, CUSTODY_TSAD_TOKEN, token.data, token.len, err);
	/* Whoever asked learns that there is none; why the key may not be used is the operator's affair. */
	if (refuse(t, message, failure, final ? "this authority cannot stamp any more" : why.text, err) != 0)
		return -1;
	if (!final)
		return 0;
	*err = why;
	return -1;
}

/* Until a signal (0), the server's end or an error (-1). */
static int serve(struct tsa *t, const sigset_t *open, struct custody_error *err)
{
	uint8_t message[CUSTODY_TSAD_ORDER_BYTES];
	int64_t until = INT64_MAX;
	bool stopping = false;

	for (;;) {
		if (!stopping && custody_environment_interrupted(NULL)) {
			stopping = true;
			until = milliseconds() + STOP_MS;
			(void)kill(t->server, SIGTERM);
		}
		if (!wait_for_message(t, open, until)) {
			if (stopping && milliseconds() >= until)
				return custody_fail(err, CUSTODY_ERR_INTERNAL, "'%s' did not end by itself", CUSTODY_TSAD);
			continue;
		}
		size_t n = receive(t, message, sizeof(message));
		if (n == 0 && (stopping || was_told_to_end(open)))
			return 0;
		if (n == 0)
			return custody_fail(err, CUSTODY_ERR_INTERNAL, "'%s' ended by itself", CUSTODY_TSAD);
		if (take_order(t, message, n, err) != 0)
			return -1;
	}
}

/* ---- the command ---- */

static int ask_passphrase(struct tsa *t, struct custody_error *err)
{
	const struct custody_lab *lab = &t->session.lab;
	bool needed = false;
	char name[CUSTODY_TERMINAL_NAME], prompt[CUSTODY_TERMINAL_NAME + 64];

	if (custody_lab_stamper_needs_passphrase(lab, &needed, err) != 0)
		return -1;
	if (!needed && !t->passphrase_fd)
		return 0;
	(void)custody_display(lab->dir, strlen(lab->dir), name, sizeof(name));
	(void)snprintf(prompt, sizeof(prompt), "passphrase for the keys of '%s'", name);
	return custody_passphrase_read(&t->passphrase, t->passphrase_fd, prompt, false, err);
}

static int load_key(struct tsa *t, struct custody_error *err)
{
	char warning[512];

	if (ask_passphrase(t, err) != 0 ||
		custody_authority_open(&t->authority, &t->session.lab, t->passphrase.text, t->passphrase.len, warning, sizeof(warning), err) != 0)
		return -1;
	custody_passphrase_release(&t->passphrase);
	if (warning[0] != '\0')
		custody_terminal_warn("%s", warning);
	return 0;
}

/* The address on stdout, at once: whoever started this in a script waits for it. */
static int announce(const struct tsa *t, struct custody_error *err)
{
	uint64_t accuracy;

	if (printf("%s\n", t->url) < 0 || fflush(stdout) != 0)
		return custody_fail_errno(err, errno, "cannot write to standard output");
	if (custody_environment_clock_accuracy(&accuracy))
		custody_terminal_note("the clock is synchronised, to %.3f s or better: tokens say so", (double)accuracy / 1e6);
	else
		custody_terminal_note("the clock is not known to be synchronised: tokens state no accuracy");
	if (!t->loopback)
		custody_terminal_note("whoever reaches this address gets time-stamps; each is a line in the lab's journal");
	return 0;
}

static int block_signals(sigset_t *open, struct custody_error *err)
{
	sigset_t ours;

	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGHUP);
	/* Nothing that is started from here on gains powers by being set-user-ID. */
	if (sigprocmask(SIG_BLOCK, &ours, open) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return custody_fail_errno(err, errno, "cannot set up the process");
	return 0;
}

/* The journal tells how it ended, and with how many stamps. */
static int tell_end(const struct tsa *t, int argc, char **argv, const struct custody_error *failure, struct custody_error *err)
{
	char text[CUSTODY_ERROR_TEXT + 64];
	uintmax_t n = t->authority.stamped;

	if (failure)
		(void)snprintf(text, sizeof(text), "failed after %ju stamps: %.*s", n, CUSTODY_ERROR_TEXT, failure->text);
	else
		(void)snprintf(text, sizeof(text), "ended after %ju stamps", n);
	custody_terminal_note("%ju time-stamps were given", n);
	return custody_session_journal(&t->session, argc, argv, NULL, text, "not-run", err);
}

/* From the first line in the journal to the last. */
static int serve_journalled(struct tsa *t, int argc, char **argv, const sigset_t *open, struct custody_error *err)
{
	struct custody_error later = CUSTODY_ERROR_INIT;
	int failed;

	if (custody_session_journal(&t->session, argc, argv, NULL, "serving", "not-run", err) != 0)
		return -1;
	failed = announce(t, err) != 0 || serve(t, open, err) != 0;
	if (tell_end(t, argc, argv, failed ? err : NULL, &later) != 0 && !failed) {
		*err = later;
		return -1;
	}
	return failed ? -1 : 0;
}

static int run(struct tsa *t, const char *dir, int argc, char **argv, struct custody_error *err)
{
	CUSTODY_CLOSE int listening = -1;
	sigset_t open;

	if (custody_session_open(&t->session, dir, true, err) != 0 || custody_lab_journal_check(&t->session.lab, err) != 0 || load_key(t, err) != 0)
		return -1;
	listening = open_socket(t, err);
	if (listening < 0 || block_signals(&open, err) != 0 || start_server(t, listening, err) != 0 || wait_until_ready(t, &open, err) != 0)
		return -1;
	(void)close(custody_steal_fd(&listening));
	if (serve_journalled(t, argc, argv, &open, err) != 0)
		return -1;
	(void)waitpid(t->server, NULL, 0); /* it has closed the channel: the last thing it does */
	t->server = -1;
	return 0;
}

int custody_cmd_tsa(int argc, char **argv)
{
	CUSTODY_CLEANUP(release) struct tsa t = { .session = CUSTODY_SESSION_INIT, .channel = -1, .server = -1 };
	const struct custody_option options[] = {
		CUSTODY_OPTION_TEXT('l', "listen", "ADDRESS:PORT", &t.listen, "where to listen (default: " DEFAULT_LISTEN "); port 0: a free one"),
		CUSTODY_OPTION_TEXT(0, "passphrase-fd", "N", &t.passphrase_fd, "read the passphrase from this descriptor"),
		CUSTODY_OPTION_FLAG('q', "quiet", &t.quiet, "no notes"),
		CUSTODY_OPTION_END,
	};
	const struct custody_usage usage = { "tsa", "LAB",
		"Gives time-stamps (RFC 3161 over HTTP) by a lab's time-stamping key, until it is interrupted. For networks without an authority.",
		options, 1, 1 };
	CUSTODY_OPERANDS_CLEAN struct custody_operands operands = { NULL, 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	char name[CUSTODY_TERMINAL_NAME];
	int rc = CUSTODY_EXIT_OK;

	if (custody_options_parse(&usage, argc, argv, &operands, &rc))
		return rc;
	custody_terminal_setup(t.quiet, false);
	if (run(&t, operands.values[0], argc, argv, &err) == 0)
		return CUSTODY_EXIT_OK;
	return custody_terminal_error(
		&err, "cannot give time-stamps by '%s'", custody_display(operands.values[0], strlen(operands.values[0]), name, sizeof(name)));
}
