/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/stamp.h"

#include <string.h>

#include "libcustody/base/utf8.h"
#include "libcustody/crypto/cms.h"
#include "libcustody/crypto/der_write.h"
#include "libcustody/crypto/sign.h"
#include "libcustody/crypto/tsp_ask.h"

#define OWN_PART ((size_t)16384) /* of a signature: the signer's path and list, and the signature itself: a few KiB in a lab of our own */

bool custody_authority_failed(const struct custody_error *err)
{
	return err->kind == CUSTODY_ERR_TEMPORARY || err->kind == CUSTODY_ERR_INPUT || err->kind == CUSTODY_ERR_FORMAT ||
	       err->kind == CUSTODY_ERR_LIMIT;
}

/* A reply that is not one: the authority's fault, not the caller's input. */
static int read_reply(const struct custody_buf *bytes, struct custody_tsp_reply *reply, struct custody_error *err)
{
	if (custody_tsp_reply_parse(custody_buf_bytes(bytes), reply, err) == 0)
		return custody_tsp_reply_granted(reply, err);
	if (err->kind != CUSTODY_ERR_FORMAT)
		return -1;
	err->kind = CUSTODY_ERR_INPUT;
	err->rule = NULL;
	custody_fail_in(err, "its reply is not a time-stamp reply");
	return custody_hint(err, "name another authority");
}

static int ask(struct custody_authorities *a, size_t i, struct custody_bytes object, enum custody_digest_id digest, struct custody_tsp_stamp *out,
	struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf request = { 0 }, bytes = { 0 };
	struct custody_tsp_question question;
	struct custody_tsp_reply reply;
	struct custody_tsp_answer answer = { .question = &question, .trust = a->trust, .level_lt = a->level_lt };

	custody_buf_init(&request, CUSTODY_LIMIT_TSP_REPLY);
	custody_buf_init(&bytes, CUSTODY_LIMIT_TSP_REPLY);
	if (custody_tsp_ask(object, digest, a->random, &question, &request, err) || a->clock->now(a->clock->ctx, &answer.asked, err) ||
		a->transport->post(a->transport->ctx, a->urls[i], custody_buf_bytes(&request), &bytes, err) ||
		a->clock->now(a->clock->ctx, &answer.answered, err) || read_reply(&bytes, &reply, err))
		return -1;
	answer.token = reply.token;
	if (custody_tsp_accept(&answer, out, err))
		return -1;
	if (custody_time_compare(out->time, a->latest) > 0)
		a->latest = out->time;
	return 0;
}

static int ask_named(struct custody_authorities *a, size_t i, struct custody_bytes object, enum custody_digest_id digest,
	struct custody_tsp_stamp *out, struct custody_error *err)
{
	char shown[200];

	if (ask(a, i, object, digest, out, err) == 0)
		return 0;
	/* Our own failures do not depend on who was asked. */
	return custody_authority_failed(err)
		       ? custody_fail_in(err, "authority '%s'", custody_display(a->urls[i], strlen(a->urls[i]), shown, sizeof(shown)))
		       : -1;
}

/* One token of each: two names of one authority would give two. */
static int refuse_twice(const struct custody_authorities *a, size_t i, struct custody_error *err)
{
	char shown[200];

	for (size_t k = 0; k < i; k++)
		if (memcmp(a->certificate[k], a->certificate[i], 32) == 0)
			return custody_fail(err, CUSTODY_ERR_INPUT,
				"authority '%s' stamps with the same certificate as another one given, want each once",
				custody_display(a->urls[i], strlen(a->urls[i]), shown, sizeof(shown)));
	return 0;
}

/* What all of them gave for one signature. */
struct collected {
	struct custody_tsp_stamp stamp[CUSTODY_LIMIT_TOKENS];
	struct custody_bytes tokens[CUSTODY_LIMIT_TOKENS], crls[CUSTODY_LIMIT_TOKENS * CUSTODY_LIMIT_CHAIN],
		certificates[CUSTODY_LIMIT_TOKENS * CUSTODY_LIMIT_CHAIN];
	size_t n, n_crls, n_certificates;
};

static void collected_release(struct collected *c)
{
	for (size_t i = 0; i < c->n; i++)
		custody_tsp_stamp_release(&c->stamp[i]);
}

/* The next one's place in stamp is filled: what goes in of it. A list or certificate that several need goes in once. */
static void add_once(struct custody_bytes *list, size_t *n, const struct custody_buf *b)
{
	for (size_t i = 0; i < *n; i++)
		if (custody_bytes_equal(list[i], custody_buf_bytes(b)))
			return;
	list[(*n)++] = custody_buf_bytes(b);
}

static void collect(struct collected *c)
{
	const struct custody_tsp_stamp *s = &c->stamp[c->n];

	for (size_t k = 0; k < s->n_crls; k++)
		add_once(c->crls, &c->n_crls, &s->crls[k]);
	for (size_t k = 0; k < s->n_certificates; k++)
		add_once(c->certificates, &c->n_certificates, &s->certificates[k]);
	c->tokens[c->n++] = custody_buf_bytes(&s->token);
}

/* With all of it a signature stays below what a reader takes. */
static int check_size(const struct collected *c, struct custody_error *err)
{
	const size_t most = CUSTODY_LIMIT_SIGNATURE - OWN_PART;
	size_t size = 0;

	for (size_t i = 0; i < c->n; i++)
		size += c->tokens[i].n;
	for (size_t i = 0; i < c->n_crls; i++)
		size += c->crls[i].n;
	for (size_t i = 0; i < c->n_certificates; i++)
		size += c->certificates[i].n;
	if (size <= most)
		return 0;
	custody_fail(err, CUSTODY_ERR_INPUT, "the time-stamps and the revocation lists that they need take %zu bytes, want at most %zu", size, most);
	return custody_hint(err, "name fewer authorities, or others; custody seal --level B-T goes without lists");
}

int custody_authorities_probe(struct custody_authorities *a, struct custody_error *err)
{
	CUSTODY_CLEANUP(collected_release) struct collected c = { .n = 0 };
	uint8_t nothing[32];

	if (a->n > CUSTODY_LIMIT_TOKENS)
		return custody_fail(err, CUSTODY_ERR_USAGE, "%zu time-stamp authorities are given, want at most %d", a->n, CUSTODY_LIMIT_TOKENS);
	for (size_t i = 0; i < a->n; i++) {
		if (custody_random_fill(a->random, nothing, sizeof(nothing), err) ||
			ask_named(a, i, (struct custody_bytes){ nothing, sizeof(nothing) }, a->digest, &c.stamp[i], err))
			return -1;
		collect(&c);
		memcpy(a->certificate[i], c.stamp[i].certificate_sha256, 32);
		if (refuse_twice(a, i, err))
			return -1;
	}
	return check_size(&c, err);
}

int custody_authorities_stamp(
	struct custody_authorities *a, struct custody_bytes unstamped, struct custody_buf *out, bool *changed, struct custody_error *err)
{
	CUSTODY_CLEANUP(collected_release) struct collected c = { .n = 0 };
	struct custody_cms cms;

	*changed = false;
	if (custody_cms_parse(unstamped, CUSTODY_CMS_SEAL, &cms, err))
		return -1;
	for (size_t i = 0; i < a->n; i++) {
		if (ask_named(a, i, cms.signature, cms.digest, &c.stamp[i], err))
			return -1;
		collect(&c);
		*changed = *changed || memcmp(a->certificate[i], c.stamp[i].certificate_sha256, 32) != 0;
		memcpy(a->certificate[i], c.stamp[i].certificate_sha256, 32);
	}
	for (size_t i = 0; i < a->n; i++)
		if (refuse_twice(a, i, err))
			return -1;
	return *changed ? 0
			: custody_sign_add_stamps(unstamped,
				  &(struct custody_sign_stamps){ c.tokens, c.n, c.crls, c.n_crls, c.certificates, c.n_certificates }, out, err);
}
