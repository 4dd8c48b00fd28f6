/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/pen.h"

#include <string.h>

#include "libcustody/crypto/der_write.h"

#define MAX_REMADE 3 /* times that an event is made again because an authority stamps with another certificate, as for a seal */

int custody_pen_try(struct custody_pen *pen, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_lab_keys_release) struct custody_lab_keys keys = { 0 };
	struct custody_time now;

	if (pen->clock->now(pen->clock->ctx, &now, err) || pen->load_keys(pen->load_keys_ctx, now, &keys, err) ||
		custody_signer_try(&keys.signer, pen->random, err) || custody_signer_try(&keys.stamper, pen->random, err) ||
		custody_certificate_identity(&keys.signer.certificate, pen->identity, err))
		return -1;
	pen->authorities = (struct custody_authorities){
		.urls = pen->urls,
		.n = pen->n_urls,
		.transport = pen->transport,
		.trust = pen->trust,
		.clock = pen->clock,
		.random = pen->random,
		.level_lt = pen->level_lt,
		.digest = custody_signer_digest(&keys.signer),
	};
	return pen->n_urls > 0 ? custody_authorities_probe(&pen->authorities, err) : 0;
}

/* What a record knows of its next event, and what it repeats. */
static int place_event(const struct custody_pen *pen, const struct custody_record *r, struct custody_event *e, struct custody_error *err)
{
	if (custody_random_uuid(pen->random, e->id, err) || pen->clock->now(pen->clock->ctx, &e->recorded, err))
		return -1;
	e->recorded.nsec = 0;
	e->synchronised = pen->synchronised;
	e->requires_lt = pen->level_lt;
	e->tool_name = "custody";
	e->tool_version = CUSTODY_VERSION;
	e->seq = r->n + 1;
	e->has_prev = r->n > 0;
	if (r->n == 0)
		return 0;
	const struct custody_event *first = &r->entries[0].event;
	memcpy(e->prev, custody_record_head(r), 32);
	memcpy(e->package, first->package, sizeof(e->package));
	memcpy(e->package_sha256, first->package_sha256, 32);
	e->package_size = first->package_size;
	return 0;
}

/* The event names the certificates that will stamp it. */
static void name_stampers(const struct custody_pen *pen, const struct custody_lab_keys *keys, struct custody_event *e)
{
	e->n_authorities = pen->n_urls > 0 ? pen->n_urls : 1;
	if (pen->n_urls > 0)
		memcpy(e->authorities, pen->authorities.certificate, sizeof(e->authorities));
	else
		memcpy(e->authorities[0], keys->stamper.certificate.sha256, 32);
}

/* The texts of one event, as they are signed. */
struct written {
	struct custody_buf event, list, signature;
};

static void written_release(struct written *w)
{
	custody_buf_release(&w->event);
	custody_buf_release(&w->list);
	custody_buf_release(&w->signature);
}

static void written_init(struct written *w)
{
	custody_buf_init(&w->event, CUSTODY_LIMIT_EVENT);
	custody_buf_init(&w->list, (size_t)CUSTODY_LIMIT_RECORD);
	custody_buf_init(&w->signature, (size_t)CUSTODY_LIMIT_SIGNATURE);
}

/* Event, list and signature; without a stamp if others will stamp. */
static int sign(const struct custody_pen *pen, const struct custody_record *r, struct custody_event *e, struct written *w, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_lab_keys_release) struct custody_lab_keys keys = { 0 };
	uint8_t digest[CUSTODY_DIGEST_MAX];

	if (place_event(pen, r, e, err) || pen->load_keys(pen->load_keys_ctx, e->recorded, &keys, err))
		return -1;
	name_stampers(pen, &keys, e);
	enum custody_digest_id id = custody_signer_digest(&keys.signer);
	struct custody_sign_request request = {
		.signer = &keys.signer,
		.content_digest = digest,
		.content_digest_len = custody_digest_get(id)->size,
		.signing_time = e->recorded,
		.stamper = pen->n_urls > 0 ? NULL : &keys.stamper,
		.random = pen->random,
		.crls = &keys.crl,
		.n_crls = pen->level_lt ? 1 : 0,
	};
	if (custody_event_format(&w->event, e, err) || custody_record_manifest(r, custody_buf_bytes(&w->event), &w->list, err) ||
		custody_digest_once(id, w->list.data, w->list.len, digest, err) ||
		(request.stamper && pen->clock->now(pen->clock->ctx, &request.stamp_time, err)))
		return -1;
	return custody_sign(&request, &w->signature, err);
}

/* *changed: an authority stamps with another certificate than the event names, and it has to be made again. */
static int stamp(struct custody_pen *pen, struct written *w, bool *changed, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf stamped = { 0 };

	custody_buf_init(&stamped, (size_t)CUSTODY_LIMIT_SIGNATURE);
	if (custody_authorities_stamp(&pen->authorities, custody_buf_bytes(&w->signature), &stamped, changed, err)) {
		if (custody_authority_failed(err))
			err->kind = CUSTODY_ERR_TEMPORARY; /* it was good a moment ago */
		return -1;
	}
	struct custody_buf old = w->signature;
	w->signature = stamped;
	stamped = old;
	return 0;
}

int custody_pen_sign(struct custody_pen *pen, struct custody_record *r, struct custody_event *e, struct custody_error *err)
{
	for (int remade = 0; remade <= MAX_REMADE; remade++) {
		CUSTODY_CLEANUP(written_release) struct written w;
		bool changed = false;

		written_init(&w);
		if (sign(pen, r, e, &w, err) || (pen->n_urls > 0 && stamp(pen, &w, &changed, err)))
			return -1;
		if (!changed)
			return custody_record_append(
				r, custody_buf_bytes(&w.event), custody_buf_bytes(&w.list), custody_buf_bytes(&w.signature), err);
	}
	return custody_fail(err, CUSTODY_ERR_TEMPORARY, "an authority stamps with another certificate each time, %d times now", MAX_REMADE + 1);
}
