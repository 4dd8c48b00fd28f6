/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Outgoing HTTP, for time-stamp requests only: OpenSSL's own client. One POST, one reply; no redirect is followed, no reply beyond the cap is read, nothing
 * lasts longer than the timeout, and no proxy is taken from the environment. http, and https only against anchors that the lab names.
 */
#ifndef CUSTODY_CMD_HTTP_H
#define CUSTODY_CMD_HTTP_H

#include "libcustody/base/error.h"
#include "libcustody/work/stamp.h"

#define CUSTODY_HTTP_TIMEOUT 30 /* seconds for one exchange as a whole, unless custody.conf says otherwise */

struct custody_http {
	const char *proxy; /* "http://HOST:PORT" of custody.conf; NULL: none */
	const char *anchors; /* PEM file with the roots that https servers are checked against; it need not exist */
	int timeout; /* seconds */
};

/* USAGE if url is not one that can be asked: http:// or https://, a host, perhaps a port and a path, and nothing else. */
int custody_http_check_url(const char *url, struct custody_error *err) CUSTODY_MUST_USE;
/* The transport's post: ctx is a struct custody_http. */
int custody_http_post(
	void *ctx, const char *url, struct custody_bytes request, struct custody_buf *reply, struct custody_error *err) CUSTODY_MUST_USE;

#endif
