/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/signing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/environment.h"
#include "cmd/terminal.h"

void custody_signing_release(struct custody_signing *s)
{
	custody_passphrase_release(&s->passphrase);
	free(s->tls_anchors);
	free(s->conf_authorities);
	memset(s, 0, sizeof(*s));
}

static int add_authority(struct custody_signing *s, const char *url, struct custody_error *err)
{
	if (custody_http_check_url(url, err))
		return -1;
	if (s->n_authorities < CUSTODY_LIMIT_TOKENS + 1)
		s->authorities[s->n_authorities++] = url;
	return 0;
}

int custody_signing_authorities(
	struct custody_signing *s, const struct custody_lab *lab, const struct custody_option_list *tsa, struct custody_error *err)
{
	char *rest = NULL;

	s->lab = lab;
	if (tsa->n == 0 && lab->authorities) {
		s->conf_authorities = strdup(lab->authorities);
		if (!s->conf_authorities)
			return custody_fail_nomem(err);
		for (char *url = strtok_r(s->conf_authorities, " \t", &rest); url; url = strtok_r(NULL, " \t", &rest))
			if (add_authority(s, url, err))
				return custody_fail_in(err, "custody.conf: authorities");
	}
	for (size_t i = 0; i < tsa->n; i++)
		if (add_authority(s, tsa->values[i], err))
			return -1;
	if (asprintf(&s->tls_anchors, "%s/trust/tls.pem", lab->dir) < 0) {
		s->tls_anchors = NULL;
		return custody_fail_nomem(err);
	}
	s->http = (struct custody_http){
		.proxy = lab->proxy, .anchors = s->tls_anchors, .timeout = lab->timeout > 0 ? lab->timeout : CUSTODY_HTTP_TIMEOUT
	};
	s->transport = (struct custody_transport){ custody_http_post, &s->http };
	return 0;
}

int custody_signing_ask(struct custody_signing *s, const char *fd_option, struct custody_error *err)
{
	bool needed = false;
	char name[CUSTODY_TERMINAL_NAME], prompt[CUSTODY_TERMINAL_NAME + 64];

	if (custody_lab_needs_passphrase(s->lab, s->as, &needed, err))
		return -1;
	if (!needed && !fd_option)
		return 0;
	custody_display(s->lab->dir, strlen(s->lab->dir), name, sizeof(name));
	snprintf(prompt, sizeof(prompt), "passphrase for the keys of '%s'", name);
	return custody_passphrase_read(&s->passphrase, fd_option, prompt, false, err);
}

int custody_signing_load_keys(void *ctx, struct custody_time now, struct custody_lab_keys *out, struct custody_error *err)
{
	struct custody_signing *s = ctx;
	char warning[256];

	if (custody_lab_load_keys(s->lab, s->as, s->passphrase.text, s->passphrase.len, now, out, warning, sizeof(warning), err))
		return -1;
	if (warning[0] != '\0' && !s->warned)
		custody_terminal_warn("%s", warning);
	s->warned = true;
	return 0;
}

struct custody_pen custody_signing_pen(struct custody_signing *s, const struct custody_trust *trust, bool level_lt)
{
	return (struct custody_pen){
		.load_keys = custody_signing_load_keys,
		.load_keys_ctx = s,
		.trust = trust,
		.clock = &custody_environment_clock,
		.random = &custody_environment_random,
		.urls = s->authorities,
		.n_urls = s->n_authorities,
		.transport = &s->transport,
		.level_lt = level_lt,
		.synchronised = custody_environment_clock_synchronised(),
	};
}
