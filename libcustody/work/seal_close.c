/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/sealing.h"

#include <string.h>

#include "libcustody/base/utf8.h"
#include "libcustody/crypto/der_write.h"
#include "libcustody/work/read_back.h"

#define MAX_REMADE 3 /* times that both signatures are made again because an authority stamps with another certificate (cli.md) */

static int try_keys(struct custody_sealing *c, enum custody_digest_id *digest, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_lab_keys_release) struct custody_lab_keys keys = { 0 };

	if (c->o->load_keys(c->o->load_keys_ctx, c->started, &keys, err) || custody_signer_try(&keys.signer, c->o->random, err))
		return -1;
	*digest = custody_signer_digest(&keys.signer);
	return custody_signer_try(&keys.stamper, c->o->random, err);
}

/* Every authority answers a throw-away request before evidence is read; and what an earlier failure left is not overwritten. */
static int try_authorities(struct custody_sealing *c, enum custody_digest_id digest, struct custody_error *err)
{
	const struct custody_seal_options *o = c->o;

	c->authorities = (struct custody_authorities){
		.urls = o->authorities,
		.n = o->n_authorities,
		.transport = o->transport,
		.trust = o->trust,
		.clock = o->clock,
		.random = o->random,
		.level_lt = o->level_lt,
		.digest = digest,
	};
	if (o->n_authorities == 0)
		return 0;
	return custody_finish_refuse_waiting(o->output, o->lab, err) || custody_authorities_probe(&c->authorities, err) ? -1 : 0;
}

int custody_sealing_try(struct custody_sealing *c, struct custody_error *err)
{
	enum custody_digest_id digest;

	return try_keys(c, &digest, err) || try_authorities(c, digest, err) ? -1 : 0;
}

static int fill_sealfile(struct custody_sealing *c, struct custody_sealfile *f, struct custody_error *err)
{
	const struct custody_seal_options *o = c->o;

	if (custody_random_uuid(o->random, f->uuid, err) || o->clock->now(o->clock->ctx, &f->sealed, err))
		return -1;
	memcpy(c->out->uuid, f->uuid, sizeof(f->uuid));
	f->sealed.nsec = 0;
	f->case_id = o->case_id;
	f->exhibit = o->exhibit;
	f->sealer_name = o->sealer_name;
	f->sealer_organisation = o->sealer_organisation;
	f->sealer_role = o->sealer_role;
	f->tool_name = "custody";
	f->tool_version = CUSTODY_VERSION;
	f->libraries = o->libraries;
	f->n_libraries = o->n_libraries;
	f->requires_lt = o->level_lt;
	f->has_previous = o->has_previous;
	memcpy(f->previous, o->previous, 32);
	return 0;
}

/* The keys are loaded only now, after the last byte of evidence, and gone again before anybody is asked over a network. */
static int sign(struct custody_sealing *c, const struct custody_pack_seal *close, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_lab_keys_release) struct custody_lab_keys keys = { 0 };
	struct custody_pack_seal with = *close;

	if (c->o->load_keys(c->o->load_keys_ctx, close->sealfile->sealed, &keys, err))
		return -1;
	with.keys = &keys;
	with.authorities = (const uint8_t(*)[32])c->authorities.certificate;
	return custody_pack_sign(&c->pack, &with, err);
}

/* Both signatures, or neither, get their stamps. */
static int stamp_both(struct custody_sealing *c, bool *changed, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf first = { 0 }, second = { 0 };
	struct custody_buf *to[2] = { &first, &second };

	for (size_t i = 0; i < 2; i++) {
		custody_buf_init(to[i], (size_t)CUSTODY_LIMIT_SIGNATURE);
		if (custody_authorities_stamp(&c->authorities, custody_buf_bytes(&c->pack.signature[i]), to[i], changed, err))
			return -1;
		if (*changed)
			return 0;
	}
	for (size_t i = 0; i < 2; i++) {
		struct custody_buf old = c->pack.signature[i];

		c->pack.signature[i] = *to[i];
		*to[i] = old;
	}
	return 0;
}

/* seal.json names the certificates that stamp: under another one than expected, everything that names it is made again. When an authority fails, what is sealed
 * stays without stamps, and c->unsealed says why. */
static int sign_and_stamp(struct custody_sealing *c, const struct custody_pack_seal *close, struct custody_error *err)
{
	for (int remade = 0; remade <= MAX_REMADE; remade++) {
		bool changed = false;

		if (sign(c, close, err))
			return -1;
		if (c->o->n_authorities == 0)
			return 0;
		custody_sealing_progress(c->o, "time-stamping", 0, 0);
		if (stamp_both(c, &changed, &c->why)) {
			c->unsealed = custody_authority_failed(&c->why);
			if (!c->unsealed)
				*err = c->why;
			return c->unsealed ? 0 : -1;
		}
		if (!changed)
			return 0;
	}
	custody_fail(&c->why, CUSTODY_ERR_TEMPORARY, "an authority stamps with another certificate each time, %d times now", MAX_REMADE + 1);
	c->unsealed = true;
	return 0;
}

int custody_sealing_close(struct custody_sealing *c, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_sealfile_release) struct custody_sealfile f;
	const struct custody_seal_options *o = c->o;
	struct custody_acquisition a = {
		.started = c->started,
		.host = o->host,
		.system = o->system,
		.operator_name = o->sealer_name,
		.arguments = o->command,
		.n_arguments = o->n_command,
		.clock_source = "system",
		.synchronised = o->clock_synchronised,
		.tool_name = "custody",
		.tool_version = CUSTODY_VERSION,
		.accept_reason = o->accept_reason,
		.identified_by = o->types ? o->types->by : NULL,
		.identification_database = o->types ? o->types->database : NULL,
		.role = o->role,
		.mounts = custody_buf_str(&c->mounts),
		.followed = custody_buf_str(&c->followed),
	};
	const struct custody_pack_seal close = {
		.sealfile = &f,
		.acquisition = &a,
		.n_authorities = o->n_authorities,
		.clock = o->clock,
		.random = o->random,
		.organisation = o->sealer_organisation,
		.contact = o->sealer_name,
		.agent = "custody " CUSTODY_VERSION,
		.request = o->request,
		.claims = o->claims ? &c->claims : NULL,
	};
	uint64_t size;

	custody_sealfile_init(&f);
	if (fill_sealfile(c, &f, err))
		return -1;
	a.started.nsec = 0;
	a.finished = f.sealed;
	if (o->claims &&
		(custody_spool_init(&c->claims, c->output.dir_fd, err) || custody_claims_write(o->claims, &c->pack.inventory, &c->claims, err)))
		return -1;
	return custody_pack_list(&c->pack, &close, err) || sign_and_stamp(c, &close, err) || custody_pack_finish(&c->pack, &size, err) ? -1 : 0;
}

/* ---- reading back ---- */

static void read_back_progress(void *ctx, uint64_t done, uint64_t total)
{
	const struct custody_sealing *c = ctx;

	custody_sealing_progress(c->o, "reading back", done, total);
}

static bool read_back_interrupted(void *ctx)
{
	const struct custody_sealing *c = ctx;

	return custody_sealing_interrupted(c->o);
}

int custody_sealing_read_back(struct custody_sealing *c, struct custody_error *err)
{
	const struct custody_read_back how = {
		.trust = c->o->trust,
		.random = c->o->random,
		.clock = c->o->clock,
		.workers = c->o->workers,
		.level_lt = c->o->level_lt,
		.unstamped = c->unsealed,
		.latest = c->authorities.latest,
		.progress = read_back_progress,
		.interrupted = read_back_interrupted,
		.ctx = c,
	};

	return custody_read_back(&c->output, &how, &c->out->report, &c->out->read_back_cached, err);
}

/* No time yet, but nothing is lost: the file has a name that says so. */
static int keep_unsealed(struct custody_sealing *c, struct custody_error *err)
{
	char command[CUSTODY_FINISH_COMMAND];

	if (custody_output_rename(&c->output, CUSTODY_UNSEALED, err) || custody_output_commit(&c->output, err))
		return -1;
	custody_fail(err, CUSTODY_ERR_TEMPORARY, "an authority failed after the evidence was read: %s; the package is complete but for the time",
		c->why.text);
	return custody_hint(err, "finish it later: %s", custody_finish_command(c->o->output, c->o->lab, command));
}

int custody_sealing_commit(struct custody_sealing *c, struct custody_error *err)
{
	return c->unsealed ? keep_unsealed(c, err) : custody_output_commit(&c->output, err);
}

/* ---- what both halves use ---- */

bool custody_sealing_interrupted(const struct custody_seal_options *o)
{
	return o->interrupted && o->interrupted(o->ctx);
}

void custody_sealing_progress(const struct custody_seal_options *o, const char *phase, uint64_t done, uint64_t total)
{
	if (o->progress)
		o->progress(o->ctx, phase, done, total);
}

void custody_sealing_release(struct custody_sealing *c)
{
	custody_pack_release(&c->pack);
	custody_buf_release(&c->mounts);
	custody_buf_release(&c->followed);
	custody_spool_release(&c->claims);
	custody_output_abandon(&c->output);
}
