/* SPDX-License-Identifier: Apache-2.0 */
/* The request and the reply of RFC 3161. Whether the token in it is any good: tsp_accept.c. */
#include "libcustody/crypto/tsp_ask.h"

#include <stdio.h>
#include <string.h>

#include "libcustody/base/utf8.h"
#include "libcustody/crypto/der.h"
#include "libcustody/crypto/der_write.h"
#include "libcustody/crypto/oid.h"

#define MALFORMED "time-malformed"
#define VERSION_1 "\x02\x01\x01"
#define CERT_REQ_TRUE "\x01\x01\xff"
#define REQUEST_MAX 256 /* what we write is below 130 bytes */

/* ---- the request ---- */

static int append_imprint(struct custody_buf *out, enum custody_digest_id digest, const uint8_t *imprint, struct custody_error *err)
{
	static const struct {
		enum custody_digest_id id;
		struct custody_bytes oid;
	} known[] = {
		{ CUSTODY_SHA256, { (const uint8_t *)CUSTODY_OID_SHA256, sizeof(CUSTODY_OID_SHA256) - 1 } },
		{ CUSTODY_SHA384, { (const uint8_t *)CUSTODY_OID_SHA384, sizeof(CUSTODY_OID_SHA384) - 1 } },
		{ CUSTODY_SHA512, { (const uint8_t *)CUSTODY_OID_SHA512, sizeof(CUSTODY_OID_SHA512) - 1 } },
	};
	CUSTODY_BUF_CLEAN struct custody_buf algorithm = { 0 }, content = { 0 };
	const struct custody_bytes value = { imprint, custody_digest_get(digest)->size }, null = { NULL, 0 };

	custody_buf_init(&algorithm, REQUEST_MAX);
	custody_buf_init(&content, REQUEST_MAX);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].id == digest && custody_der_append(&algorithm, CUSTODY_DER_OID, known[i].oid, err))
			return -1;
	if (algorithm.len == 0)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "cannot ask for a time-stamp by %s", custody_digest_get(digest)->name);
	/* NULL parameters: some authorities know no other form. */
	return custody_der_append(&algorithm, CUSTODY_DER_NULL, null, err) ||
			       custody_der_append(&content, CUSTODY_DER_SEQUENCE, custody_buf_bytes(&algorithm), err) ||
			       custody_der_append(&content, CUSTODY_DER_OCTET_STRING, value, err) ||
			       custody_der_append(out, CUSTODY_DER_SEQUENCE, custody_buf_bytes(&content), err)
		       ? -1
		       : 0;
}

int custody_tsp_ask(struct custody_bytes object, enum custody_digest_id digest, const struct custody_random *random,
	struct custody_tsp_question *question, struct custody_buf *out, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf content = { 0 };
	struct custody_tsp_question q = { .object = object, .digest = digest };
	uint8_t imprint[CUSTODY_DIGEST_MAX];

	custody_buf_init(&content, REQUEST_MAX);
	if (custody_digest_once(digest, object.p, object.n, imprint, err) || custody_random_fill(random, q.nonce, sizeof(q.nonce), err))
		return -1;
	q.nonce[0] = (uint8_t)((q.nonce[0] & 0x3f) | 0x40); /* positive, and no leading zero: the one way to write it */
	if (custody_buf_append(&content, VERSION_1, 3, err) || append_imprint(&content, digest, imprint, err) ||
		custody_der_append(&content, CUSTODY_DER_INTEGER, (struct custody_bytes){ q.nonce, sizeof(q.nonce) }, err) ||
		custody_buf_append(&content, CERT_REQ_TRUE, 3, err) ||
		custody_der_append(out, CUSTODY_DER_SEQUENCE, custody_buf_bytes(&content), err))
		return -1;
	*question = q;
	return 0;
}

/* ---- the reply ---- */

static int malformed(struct custody_error *err, const char *what)
{
	return custody_refuse(err, MALFORMED, "%s", what);
}

/* PKIFreeText: foreign text, so it is kept in display form only. What does not fit is left away. */
static int read_text(struct custody_bytes in, struct custody_tsp_reply *out, struct custody_error *err)
{
	struct custody_der part;
	size_t at = 0;

	if (in.n == 0)
		return malformed(err, "found an empty statusString, want a text or none");
	while (in.n > 0) {
		if (!custody_der_take(&in, 0x0c, &part) || !custody_utf8_valid(part.content.p, part.content.n))
			return malformed(err, "found a statusString of another form, want UTF-8 texts");
		if (at > 0 && at + 2 < sizeof(out->text))
			at = (size_t)(stpcpy(out->text + at, "; ") - out->text);
		if (at + 1 < sizeof(out->text)) {
			custody_display(part.content.p, part.content.n, out->text + at, sizeof(out->text) - at);
			at += strlen(out->text + at);
		}
	}
	return 0;
}

/* PKIFailureInfo: a BIT STRING whose first bit is number 0; bits beyond 31 are not defined and not kept. */
static int read_failures(struct custody_bytes in, struct custody_tsp_reply *out, struct custody_error *err)
{
	if (in.n < 1)
		return malformed(err, "found a failInfo of another form, want bits");
	for (size_t i = 0; i < 32 && i / 8 + 1 < in.n; i++)
		if (in.p[1 + i / 8] & (0x80u >> (i % 8)))
			out->failures |= UINT32_C(1) << i;
	return 0;
}

static int read_status(struct custody_bytes in, struct custody_tsp_reply *out, struct custody_error *err)
{
	struct custody_der element;

	if (!custody_der_take(&in, CUSTODY_DER_INTEGER, &element) || !custody_der_unsigned(element.content, &out->status) ||
		out->status > CUSTODY_TSP_REVOCATION_NOTIFICATION)
		return malformed(err, "found a reply without a status from 0 to 5, want one");
	if (custody_der_take(&in, CUSTODY_DER_SEQUENCE, &element) && read_text(element.content, out, err))
		return -1;
	if (custody_der_take(&in, CUSTODY_DER_BIT_STRING, &element) && read_failures(element.content, out, err))
		return -1;
	return in.n == 0 ? 0 : malformed(err, "found further fields in the reply's status, want none");
}

int custody_tsp_reply_parse(struct custody_bytes der, struct custody_tsp_reply *out, struct custody_error *err)
{
	struct custody_tsp_reply reply = { .status = 0 };
	struct custody_bytes in;
	struct custody_der element;
	bool granted;

	if (der.n > CUSTODY_LIMIT_TSP_REPLY)
		return custody_refuse(err, "limit-exceeded", "found a reply of %zu bytes, want at most %zu", der.n, CUSTODY_LIMIT_TSP_REPLY);
	if (custody_der_check(der.p, der.n, MALFORMED, err))
		return -1;
	if (!custody_der_only(der, CUSTODY_DER_SEQUENCE, &in) || !custody_der_take(&in, CUSTODY_DER_SEQUENCE, &element))
		return malformed(err, "found something that is not a TimeStampResp, want one");
	if (read_status(element.content, &reply, err))
		return -1;
	if (custody_der_take(&in, CUSTODY_DER_SEQUENCE, &element))
		reply.token = element.whole;
	if (in.n != 0)
		return malformed(err, "found further fields in the reply, want none");
	granted = reply.status == CUSTODY_TSP_GRANTED || reply.status == CUSTODY_TSP_GRANTED_WITH_MODS;
	if (granted && reply.token.n == 0)
		return malformed(err, "found a granted reply without a token, want one");
	if (!granted && reply.token.n != 0)
		return malformed(err, "found a token in a reply that grants none, want none");
	*out = reply;
	return 0;
}

/* RFC 3161 2.4.2; `again`: another time the answer may be another. */
static const struct {
	unsigned bit;
	bool again;
	const char *text;
} failures[] = {
	{ 0, false, "badAlg: it does not take the digest algorithm" },
	{ 2, false, "badRequest: it does not permit the request" },
	{ 5, false, "badDataFormat: it does not understand the request" },
	{ 14, true, "timeNotAvailable: its time source is not available" },
	{ 15, false, "unacceptedPolicy: it does not support the policy" },
	{ 16, false, "unacceptedExtension: it does not support an extension" },
	{ 17, true, "addInfoNotAvailable: it cannot give what was asked for" },
	{ 25, true, "systemFailure: it failed" },
};

int custody_tsp_reply_granted(const struct custody_tsp_reply *reply, struct custody_error *err)
{
	static const char *const status[] = { "", "", "rejected", "waiting", "revocation warning", "revocation notification" };
	bool again = reply->status == CUSTODY_TSP_WAITING;
	const char *why = NULL;

	if (reply->token.n > 0)
		return 0;
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]) && !why; i++)
		if (reply->failures >> failures[i].bit & 1) {
			why = failures[i].text;
			again = again || failures[i].again;
		}
	custody_fail(err, again ? CUSTODY_ERR_TEMPORARY : CUSTODY_ERR_INPUT, "it gives no time-stamp (%s)%s%s%s%s%s", status[reply->status],
		why ? ": " : "", why ? why : "", reply->text[0] ? ": '" : "", reply->text, reply->text[0] ? "'" : "");
	return again ? custody_hint(err, "try again later, or name another authority") : custody_hint(err, "name another authority");
}
