/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/http.h"

#include <errno.h>
#include <netdb.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/http.h>
#include <openssl/httperr.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmd/environment.h"
#include "cmd/reach.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/utf8.h"

/* ---- the address ---- */

struct url {
	char *host, *port, *path; /* OpenSSL's */
	int tls;
};

static void url_release(struct url *u)
{
	OPENSSL_free(u->host);
	OPENSSL_free(u->port);
	OPENSSL_free(u->path);
}

static bool is_plain(const char *url)
{
	for (; *url; url++)
		if (*url <= ' ' || *url > '~' || *url == '#' || *url == '@')
			return false;
	return true;
}

static int parse_url(const char *url, struct url *out, struct custody_error *err)
{
	char shown[200];
	bool known = strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;

	ERR_clear_error();
	if (known && is_plain(url) && OSSL_HTTP_parse_url(url, &out->tls, NULL, &out->host, &out->port, NULL, &out->path, NULL, NULL) == 1 &&
		out->host[0] != '\0')
		return 0;
	ERR_clear_error();
	return custody_fail(err, CUSTODY_ERR_USAGE, "'%s' is not the address of an authority, want http://HOST[:PORT][/PATH], or https",
		custody_display(url, strlen(url), shown, sizeof(shown)));
}

int custody_http_check_url(const char *url, struct custody_error *err)
{
	CUSTODY_CLEANUP(url_release) struct url u = { NULL, NULL, NULL, 0 };

	return parse_url(url, &u, err);
}

/* ---- is anybody there? ---- */

static int not_reached(const char *why, struct custody_error *err)
{
	if (custody_environment_interrupted(NULL))
		return custody_fail(err, CUSTODY_ERR_INTERRUPTED, "interrupted");
	custody_fail(err, CUSTODY_ERR_TEMPORARY, "it is not reached: %s", why);
	return custody_hint(err, "try again later, or name another authority with --tsa URL");
}

static const char *reason(int number, char *out, size_t size)
{
	/* GNU's strerror_r is the one declared with _GNU_SOURCE: it returns the text. */
	return strerror_r(number, out, size);
}

/* The address that answers first, as text that needs no resolver: OpenSSL's client would wait out its whole timeout at a port that is silent, or refuses. */
static int knock(const struct url *u, int64_t deadline, char *server, size_t size, struct custody_error *err)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *reached;
	struct addrinfo *list = NULL;
	char text[128], number[NI_MAXHOST];
	size_t n = strlen(u->host), bracket = u->host[0] == '[' && u->host[n - 1] == ']'; /* [::1]: a resolver knows it without */
	CUSTODY_FREE char *host = strndup(u->host + bracket, n - 2 * bracket);
	int error = host ? getaddrinfo(host, u->port, &hints, &list) : EAI_MEMORY;

	if (error)
		return not_reached(error == EAI_SYSTEM ? reason(errno, text, sizeof(text)) : gai_strerror(error), err);
	error = custody_reach(list, deadline, custody_environment_interrupted, &reached);
	if (error) {
		freeaddrinfo(list);
		return not_reached(reason(error, text, sizeof(text)), err);
	}
	error = getnameinfo(reached->ai_addr, reached->ai_addrlen, number, sizeof(number), NULL, 0, NI_NUMERICHOST);
	snprintf(server, size, reached->ai_family == AF_INET6 ? "[%s]" : "%s", error ? "" : number);
	freeaddrinfo(list);
	return error ? not_reached(gai_strerror(error), err) : 0;
}

/* ---- the line ---- */

/* One connection: what its TLS and its way through a proxy need, and the first bytes of what came back. */
struct line {
	SSL_CTX *ctx; /* NULL: plain http */
	char *host; /* borrowed; OpenSSL's macro wants it writable. What the certificate and the request name, whichever address answers */
	const char *port; /* borrowed */
	bool proxied;
	int timeout; /* seconds, for the proxy's answer to CONNECT */
	char head[sizeof("HTTP/1.1 200")];
	size_t n;
};

static void line_release(struct line *l)
{
	SSL_CTX_free(l->ctx);
}

/* A BIO callback that notes the first bytes read: OpenSSL 3.5 drops the status of an answer whose content type it does not like. */
static long note_head(BIO *bio, int what, const char *bytes, size_t room, int argi, long argl, int ret, size_t *done)
{
	struct line *l = (void *)BIO_get_callback_arg(bio);

	(void)room;
	(void)argi;
	(void)argl;
	if ((what != (BIO_CB_READ | BIO_CB_RETURN) && what != (BIO_CB_GETS | BIO_CB_RETURN)) || ret <= 0 || !bytes || !done)
		return ret;
	for (size_t i = 0; i < *done && l->n < sizeof(l->head) - 1; i++)
		l->head[l->n++] = bytes[i];
	return ret;
}

/* The status code of the answer (RFC 9112 section 4), 0 while there is none. */
static int line_status(const struct line *l)
{
	const char *digit = l->head + sizeof("HTTP/1.1 ") - 1;
	int status = 0;

	if (l->n < sizeof(l->head) - 1 || strncmp(l->head, "HTTP/1.", 7) != 0 || digit[-1] != ' ')
		return 0;
	for (int i = 0; i < 3; i++) {
		if (digit[i] < '0' || digit[i] > '9')
			return 0;
		status = status * 10 + (digit[i] - '0');
	}
	return status;
}

/* Puts TLS on the connection: the server's certificate must be for this host, under the lab's anchors; the system's are never used. */
static BIO *use_tls(BIO *bio, struct line *l)
{
	BIO *top;
	SSL *ssl;
	bool named;

	if (l->proxied && OSSL_HTTP_proxy_connect(bio, l->host, l->port, NULL, NULL, l->timeout, NULL, NULL) != 1)
		return NULL;
	ssl = SSL_new(l->ctx);
	top = BIO_new(BIO_f_ssl());
	/* Without the name in the check, the handshake must not happen at all. */
	named = ssl && (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), l->host) == 1 ||
			       (SSL_set1_host(ssl, l->host) == 1 && SSL_set_tlsext_host_name(ssl, l->host) == 1));
	if (!named || !top) {
		SSL_free(ssl);
		BIO_free(top);
		return NULL;
	}
	SSL_set_connect_state(ssl);
	BIO_set_ssl(top, ssl, BIO_CLOSE);
	return BIO_push(top, bio);
}

static BIO *connected(BIO *bio, void *arg, int connecting, int detail)
{
	struct line *l = arg;

	(void)detail;
	if (!connecting)
		return bio;
	if (l->ctx)
		bio = use_tls(bio, l);
	if (bio) {
		BIO_set_callback_ex(bio, note_head);
		BIO_set_callback_arg(bio, (char *)l);
	}
	return bio;
}

static int start_tls(const struct custody_http *h, struct line *l, struct custody_error *err)
{
	char shown[200];

	ERR_clear_error();
	if (!h->anchors || access(h->anchors, R_OK) != 0) {
		custody_fail(err, CUSTODY_ERR_INPUT, "there is nothing to check its https certificate against");
		return custody_hint(err, "put its root certificate into the lab's trust/tls.pem, or use http: the token proves itself");
	}
	l->ctx = SSL_CTX_new(TLS_client_method());
	if (!l->ctx || SSL_CTX_set_min_proto_version(l->ctx, TLS1_2_VERSION) != 1)
		return custody_fail(err, CUSTODY_ERR_CRYPTO, "TLS does not start");
	SSL_CTX_set_verify(l->ctx, SSL_VERIFY_PEER, NULL);
	if (SSL_CTX_load_verify_file(l->ctx, h->anchors) == 1)
		return 0;
	ERR_clear_error();
	return custody_fail(err, CUSTODY_ERR_FORMAT, "'%s' holds no certificate that can be read",
		custody_display(h->anchors, strlen(h->anchors), shown, sizeof(shown)));
}

/* ---- the exchange ---- */

/* Reasons that OpenSSL has since 3.4. */
#ifndef HTTP_R_CONTENT_TYPE_MISMATCH
#define HTTP_R_CONTENT_TYPE_MISMATCH 131
#endif
#ifndef HTTP_R_RESPONSE_TOO_MANY_HDRLINES
#define HTTP_R_RESPONSE_TOO_MANY_HDRLINES 130
#endif

/* What each of OpenSSL's reasons means to a person. again: it may work another time. */
static const struct reason {
	int lib, reason;
	bool again;
	const char *text;
} reasons[] = {
	{ ERR_LIB_HTTP, HTTP_R_REDIRECTION_NOT_ENABLED, false, "it sends us elsewhere (an HTTP redirection), which is not followed" },
	{ ERR_LIB_HTTP, HTTP_R_MISSING_REDIRECT_LOCATION, false, "it sends us elsewhere (an HTTP redirection), which is not followed" },
	{ ERR_LIB_HTTP, HTTP_R_UNEXPECTED_CONTENT_TYPE, false, "its reply is not of type application/timestamp-reply" },
	{ ERR_LIB_HTTP, HTTP_R_CONTENT_TYPE_MISMATCH, false, "its reply is not of type application/timestamp-reply" },
	{ ERR_LIB_HTTP, HTTP_R_MISSING_CONTENT_TYPE, false, "its reply has no content type, want application/timestamp-reply" },
	{ ERR_LIB_HTTP, HTTP_R_MAX_RESP_LEN_EXCEEDED, false, "its reply is larger than 65536 bytes" },
	{ ERR_LIB_HTTP, HTTP_R_ASN1_LEN_EXCEEDS_MAX_RESP_LEN, false, "its reply is larger than 65536 bytes" },
	{ ERR_LIB_HTTP, HTTP_R_RESPONSE_LINE_TOO_LONG, false, "its reply has a header line that is too long" },
	{ ERR_LIB_HTTP, HTTP_R_RESPONSE_TOO_MANY_HDRLINES, false, "its reply has too many header lines" },
	{ ERR_LIB_HTTP, HTTP_R_MISSING_ASN1_ENCODING, false, "its reply is not a time-stamp reply (or comes in chunks, which is not taken)" },
	{ ERR_LIB_HTTP, HTTP_R_ERROR_PARSING_ASN1_LENGTH, false, "its reply is not a time-stamp reply" },
	{ ERR_LIB_HTTP, HTTP_R_INCONSISTENT_CONTENT_LENGTH, false, "its reply has another length than it says" },
	{ ERR_LIB_HTTP, HTTP_R_ERROR_PARSING_CONTENT_LENGTH, false, "its reply has a length that is no number" },
	{ ERR_LIB_HTTP, HTTP_R_RECEIVED_WRONG_HTTP_VERSION, false, "it does not speak HTTP/1" },
	{ ERR_LIB_HTTP, HTTP_R_HEADER_PARSE_ERROR, false, "it does not speak HTTP" },
	{ ERR_LIB_HTTP, HTTP_R_RESPONSE_PARSE_ERROR, false, "it does not speak HTTP" },
	{ ERR_LIB_SSL, SSL_R_CERTIFICATE_VERIFY_FAILED, false, "its https certificate is not one that trust/tls.pem vouches for" },
	{ ERR_LIB_HTTP, HTTP_R_SERVER_CANCELED_CONNECTION, true, "it closed the connection" },
	{ ERR_LIB_HTTP, HTTP_R_ERROR_RECEIVING, true, "it closed the connection" },
	{ ERR_LIB_HTTP, HTTP_R_FAILED_READING_DATA, true, "its reply ends too early" },
	{ ERR_LIB_HTTP, HTTP_R_ERROR_SENDING, true, "it does not take the request" },
	{ ERR_LIB_BIO, BIO_R_CONNECT_TIMEOUT, true, "the connection takes too long" },
	{ ERR_LIB_BIO, BIO_R_TRANSFER_TIMEOUT, true, "its answer takes too long" },
	{ ERR_LIB_HTTP, HTTP_R_RETRY_TIMEOUT, true, "its answer takes too long" },
};

static const struct reason *find_reason(unsigned long code)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].lib == ERR_GET_LIB(code) && reasons[i].reason == ERR_GET_REASON(code))
			return &reasons[i];
	return NULL;
}

/* Empties OpenSSL's queue into one line. */
static int explain(const struct line *l, bool late, struct custody_error *err)
{
	const struct reason *found = NULL;
	int status = line_status(l);
	unsigned long code;

	while ((code = ERR_get_error()) != 0)
		found = found ? found : find_reason(code);
	if (custody_environment_interrupted(NULL))
		return custody_fail(err, CUSTODY_ERR_INTERRUPTED, "interrupted");
	/* A status says more than what else is wrong with such an answer: an error page has no time-stamp's content type. */
	if (status >= 300 && status < 400)
		custody_fail(err, CUSTODY_ERR_INPUT, "it sends us elsewhere (an HTTP redirection, status %d), which is not followed", status);
	else if (status >= 400 && status < 500)
		custody_fail(err, CUSTODY_ERR_INPUT, "it refuses the request (HTTP status %d)", status);
	else if (status >= 500)
		custody_fail(err, CUSTODY_ERR_TEMPORARY, "it cannot answer now (HTTP status %d)", status);
	else if (status != 0 && status != 200)
		custody_fail(err, CUSTODY_ERR_INPUT, "it answers with HTTP status %d, want 200", status);
	else if (found && !found->again)
		custody_fail(err, CUSTODY_ERR_INPUT, "%s", found->text);
	else
		custody_fail(err, CUSTODY_ERR_TEMPORARY, "%s", late ? "its answer takes too long" : found ? found->text : "it gives no answer");
	return custody_hint(err, "%s",
		err->kind == CUSTODY_ERR_TEMPORARY ? "try again later, or name another authority" : "check the address, or name another authority");
}

static void bio_release(BIO **b)
{
	BIO_free_all(*b);
}

static int append_all(BIO *from, struct custody_buf *reply, struct custody_error *err)
{
	uint8_t block[4096];
	int n;

	while ((n = BIO_read(from, block, sizeof(block))) > 0)
		if (custody_buf_append(reply, block, (size_t)n, err))
			return -1;
	return 0;
}

static void headers_release(STACK_OF(CONF_VALUE) * *h)
{
	sk_CONF_VALUE_pop_free(*h, X509V3_conf_free);
}

/* The name that was asked for, since the connection goes to a number; with the port where it is not the usual one (RFC 9110 section 7.2). */
static int add_host(const struct url *u, STACK_OF(CONF_VALUE) * *headers, struct custody_error *err)
{
	char host[NI_MAXHOST + sizeof(":65535")];
	bool usual = strcmp(u->port, u->tls ? "443" : "80") == 0;

	snprintf(host, sizeof(host), "%s%s%s", u->host, usual ? "" : ":", usual ? "" : u->port);
	return X509V3_add_value("Host", host, headers) == 1 ? 0 : custody_fail_nomem(err);
}

/* server is whom the connection goes to; through a proxy it is the host itself. */
static int exchange(const struct custody_http *h, const struct url *u, const char *server, struct line *l, struct custody_bytes request,
	int64_t deadline, struct custody_buf *reply, struct custody_error *err)
{
	CUSTODY_CLEANUP(bio_release) BIO *body = BIO_new_mem_buf(request.p, (int)request.n);
	CUSTODY_CLEANUP(bio_release) BIO *answer = NULL;
	CUSTODY_CLEANUP(headers_release) STACK_OF(CONF_VALUE) *headers = NULL;
	int64_t left = (deadline - custody_reach_now() + 999) / 1000;

	if (!body)
		return custody_fail_nomem(err);
	if (add_host(u, &headers, err))
		return -1;
	l->timeout = left > 0 ? (int)left : 1;
	ERR_clear_error();
	/* NULL for the proxies would make OpenSSL look into the environment. */
	answer = OSSL_HTTP_transfer(NULL, server, u->port, u->path, u->tls, h->proxy ? h->proxy : "", "", NULL, NULL, connected, l, 0, headers,
		"application/timestamp-query", body, "application/timestamp-reply", 1, CUSTODY_LIMIT_TSP_REPLY, l->timeout, 0);
	if (!answer || line_status(l) != 200)
		return explain(l, custody_reach_now() >= deadline, err);
	ERR_clear_error();
	return append_all(answer, reply, err);
}

int custody_http_post(void *ctx, const char *url, struct custody_bytes request, struct custody_buf *reply, struct custody_error *err)
{
	const struct custody_http *h = ctx;
	CUSTODY_CLEANUP(url_release) struct url u = { NULL, NULL, NULL, 0 }, proxy = { NULL, NULL, NULL, 0 };
	char server[NI_MAXHOST + sizeof("[]")];
	CUSTODY_CLEANUP(line_release) struct line l = { .proxied = h->proxy != NULL };
	int64_t deadline = custody_reach_now() + (int64_t)h->timeout * 1000;

	if (parse_url(url, &u, err) || (h->proxy && parse_url(h->proxy, &proxy, err)) || (u.tls && start_tls(h, &l, err)))
		return -1;
	if (knock(h->proxy ? &proxy : &u, deadline, server, sizeof(server), err))
		return -1;
	l.host = u.host;
	l.port = u.port;
	return exchange(h, &u, h->proxy ? u.host : server, &l, request, deadline, reply, err);
}
