/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/crypto/digest.h"

void custody_record_view_release(struct custody_record_view *v)
{
	custody_record_release(&v->record);
	custody_history_release(&v->history);
	free(v->results);
	free(v->proofs);
	memset(v, 0, sizeof(*v));
}

struct judging {
	const struct custody_record_question *q;
	struct custody_findings *findings;
	struct custody_record_view *view;
	bool refused; /* something was found against it */
};

static void add(struct judging *j, enum custody_finding_id id, size_t seq, const char *detail)
{
	char item[CUSTODY_RECORD_MEMBER];

	custody_record_member(seq, 0, item);
	j->refused = j->refused || custody_finding_get(id)->effect != CUSTODY_EFFECT_NOTHING;
	custody_findings_add(j->findings, id, seq > 0 ? item : NULL, seq > 0 ? strlen(item) : 0, "%s", detail);
}

/* ---- signatures ---- */

/* What a signature's finding is to the record. Notes and what the account says itself are left away. */
static enum custody_finding_id translate(enum custody_finding_id id)
{
	const struct custody_finding_info *info = custody_finding_get(id);

	if (info->effect == CUSTODY_EFFECT_FAILS)
		return CUSTODY_FINDING_RECORD_SIGNATURE_INVALID;
	if (info->effect == CUSTODY_EFFECT_OPENS)
		return CUSTODY_FINDING_RECORD_UNTRUSTED;
	if (id == CUSTODY_FINDING_TIME_CLAIM_AFTER_STAMP)
		return CUSTODY_FINDING_RECORD_TIMES_DISAGREE;
	return id == CUSTODY_FINDING_KEY_OUTSIDE_USAGE_PERIOD ? CUSTODY_FINDING_RECORD_DISCREPANCY : CUSTODY_FINDING_COUNT;
}

#define OF_COPY "the copied seal: "

bool custody_record_finding_is(const struct custody_finding *f, enum custody_finding_id of_signature)
{
	const char *id = custody_finding_get(of_signature)->id, *detail = f->detail;
	size_t n = strlen(id);

	if (f->id != translate(of_signature) || !detail)
		return false;
	if (strncmp(detail, OF_COPY, strlen(OF_COPY)) == 0)
		detail += strlen(OF_COPY);
	return strncmp(detail, id, n) == 0 && (detail[n] == '\0' || detail[n] == ':');
}

static void take_findings(struct judging *j, const struct custody_findings *found, size_t seq)
{
	char text[CUSTODY_ERROR_TEXT];

	for (size_t i = 0; i < found->n; i++) {
		const struct custody_finding *f = &found->list[i];
		enum custody_finding_id id = translate(f->id);

		snprintf(text, sizeof(text), "%s%s%s%s", seq == 0 ? OF_COPY : "", custody_finding_get(f->id)->id, f->detail ? ": " : "",
			f->detail ? f->detail : "");
		if (id != CUSTODY_FINDING_COUNT)
			add(j, id, seq, text);
	}
	/* What was counted and not kept is not lost. */
	j->refused = j->refused || custody_findings_have(found, CUSTODY_GROUP_COUNT, CUSTODY_EFFECT_FAILS) ||
		     custody_findings_have(found, CUSTODY_GROUP_COUNT, CUSTODY_EFFECT_OPENS) || found->out_of_memory;
	j->findings->out_of_memory = j->findings->out_of_memory || found->out_of_memory;
}

static void prove(const struct custody_seal_result *r, struct custody_history_proof *out)
{
	out->sound = r->arithmetic && r->has_signer;
	memcpy(out->certificate, r->certificate_sha256, 32);
	memcpy(out->identity, r->identity_sha256, 32);
	out->name = r->signer_exact;
	out->organisation = r->signer_organisation;
	out->has_time = r->has_time;
	out->stamped = r->stated;
	out->accuracy_ms = r->has_accuracy ? r->accuracy_ms : 0;
	out->trusted = r->seal_pass;
	out->time_trusted = r->time_pass;
	out->independent = r->independent;
}

/* One signature over one list, by what is said to be required of it. */
static int judge_signature(struct judging *j, size_t seq, const struct custody_buf *signature, const struct custody_digest_values *manifest,
	bool requires_lt, const uint8_t (*authorities)[32], size_t n_authorities, struct custody_seal_result *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_findings_release) struct custody_findings found;
	char item[CUSTODY_RECORD_MEMBER] = "sealed/signature002.p7s";
	struct custody_seal_input in = { .only = item,
		.signature = { { signature->data, signature->len } },
		.manifest = { *manifest },
		.has_sealfile = true,
		.requires_lt = requires_lt,
		.authorities = authorities,
		.n_authorities = n_authorities,
		.trust = j->q->trust,
		.evaluated_at = j->q->evaluated_at,
		.now = j->q->now };

	if (seq > 0)
		custody_record_member(seq, 2, item);
	custody_findings_init(&found);
	if (custody_seal_check(&in, &found, out, err))
		return -1;
	take_findings(j, &found, seq);
	j->refused = j->refused || !out->arithmetic || !out->seal_pass || !out->time_pass;
	return 0;
}

static int judge_signatures(struct judging *j, struct custody_error *err)
{
	struct custody_record_view *v = j->view;
	const struct custody_record *r = &v->record;
	const struct custody_sealfile *f = &r->sealfile;

	if (r->n == 0)
		return 0;
	v->results = calloc(r->n, sizeof(*v->results));
	v->proofs = calloc(r->n, sizeof(*v->proofs));
	if (!v->results || !v->proofs)
		return custody_fail_nomem(err);
	if (judge_signature(j, 0, &r->copy[CUSTODY_RECORD_SEAL_SIGNATURE], &r->seal_digests, f->requires_lt, (const uint8_t(*)[32])f->authorities,
		    f->n_authorities, &v->seal, err))
		return -1;
	prove(&v->seal, &v->seal_proof);
	for (v->n = 0; v->n < r->n; v->n++) {
		const struct custody_record_entry *e = &r->entries[v->n];

		if (judge_signature(j, v->n + 1, &e->signature, &e->manifest_digests, e->event.requires_lt,
			    (const uint8_t(*)[32])e->event.authorities, e->event.n_authorities, &v->results[v->n], err))
			return -1;
		prove(&v->results[v->n], &v->proofs[v->n]);
	}
	return 0;
}

/* ---- the account ---- */

static void take_history(void *ctx, const char *id, size_t seq, const char *detail)
{
	enum custody_finding_id known = custody_finding_find(id);

	add(ctx, known == CUSTODY_FINDING_COUNT ? CUSTODY_FINDING_RECORD_MALFORMED : known, seq, detail);
}

/* The name in a certificate can be anybody's who has an anchor: the same party under another anchor is perhaps another. */
static void compare_anchors(struct judging *j)
{
	const struct custody_record_view *v = j->view;
	char text[CUSTODY_NAME_TEXT + 128];

	for (size_t i = 0; i < v->n; i++) {
		const struct custody_seal_result *now = &v->results[i], *before = i == 0 ? &v->seal : NULL;

		for (size_t k = 0; k < i && !before; k++)
			if (memcmp(v->results[k].identity_sha256, now->identity_sha256, 32) == 0)
				before = &v->results[k];
		if (!before || !now->has_anchor || !before->has_anchor || memcmp(before->identity_sha256, now->identity_sha256, 32) != 0 ||
			memcmp(before->anchor_sha256, now->anchor_sha256, 32) == 0)
			continue;
		snprintf(text, sizeof(text), "'%s' signed under another anchor before: two authorities have the same name, or one has a new key",
			now->signer_name);
		add(j, CUSTODY_FINDING_RECORD_UNTRUSTED, i + 1, text);
	}
}

static int tell(struct judging *j, struct custody_error *err)
{
	struct custody_record_view *v = j->view;
	const struct custody_history_input in = { .record = &v->record,
		.seal = &v->seal_proof,
		.events = v->proofs,
		.whole = v->whole,
		.now = j->q->evaluated_at,
		.find = take_history,
		.ctx = j };

	for (size_t i = 0; i < v->record.n; i++)
		if (v->record.entries[i].event.type == CUSTODY_EVENT_TYPES)
			add(j, CUSTODY_FINDING_RECORD_NEWER_FORMAT, i + 1, "found an event of a type that this program does not know");
	compare_anchors(j);
	return v->record.n > 0 ? custody_history_tell(&in, &v->history, err) : 0;
}

/* ---- the end, and the package ---- */

/* Whoever has another copy shows how far ours goes at least, or that there is more, or another history. */
static void compare_counterpart(struct judging *j)
{
	struct custody_record_view *v = j->view;
	const struct custody_record *other = j->q->counterpart;
	char text[160];
	size_t common;

	if (!other)
		return;
	enum custody_record_relation relation = custody_record_compare(&v->record, other, &common);
	v->in_counterpart = common;
	switch (relation) {
	case CUSTODY_RECORDS_SAME:
	case CUSTODY_RECORDS_FIRST_LONGER:
		v->anchored = common > v->anchored ? common : v->anchored;
		break;
	case CUSTODY_RECORDS_SECOND_LONGER:
		v->anchored = common;
		snprintf(text, sizeof(text), "the counterpart's copy goes on: it has %zu events, this record %zu", other->n, v->record.n);
		add(j, CUSTODY_FINDING_RECORD_HEAD_MISSING, 0, text);
		break;
	case CUSTODY_RECORDS_FORKED:
		snprintf(text, sizeof(text), "the same as the counterpart's copy up to event %zu, and another history from there on", common);
		add(j, CUSTODY_FINDING_RECORD_FORK, common + 1, text);
		break;
	case CUSTODY_RECORDS_UNRELATED:
		if (strcmp(v->record.sealfile.uuid, other->sealfile.uuid) != 0)
			add(j, CUSTODY_FINDING_RECORD_WRONG_PACKAGE, 0, "the counterpart's copy is the record of another package");
		else
			add(j, CUSTODY_FINDING_RECORD_FORK, 1, "not even the first event is the same as in the counterpart's copy");
		break;
	}
}

static void look_for_heads(struct judging *j)
{
	struct custody_record_view *v = j->view;
	char text[128];

	for (size_t i = 0; i < j->q->n_heads; i++) {
		size_t at = custody_record_find_head(&v->record, j->q->heads[i]);

		if (at == 0)
			add(j, CUSTODY_FINDING_RECORD_HEAD_MISSING, 0, "none of its events has the head that was given");
		v->anchored = at > v->anchored ? at : v->anchored;
	}
	compare_counterpart(j);
	if (v->anchored == v->record.n)
		return;
	if (v->anchored > 0)
		snprintf(text, sizeof(text), "what is known elsewhere ends with event %zu of %zu", v->anchored, v->record.n);
	else
		snprintf(text, sizeof(text), "after event %zu", v->record.n);
	add(j, CUSTODY_FINDING_RECORD_END_NOT_ANCHORED, 0, text);
}

/* The copied seal is the package's, to the byte: the record is of no other. */
static bool same_seal(const struct judging *j)
{
	for (int i = 0; i < CUSTODY_RECORD_COPIES; i++)
		if (j->q->seal_sha256[i] == NULL || memcmp(j->q->seal_sha256[i], j->view->record.copy_sha256[i], 32) != 0)
			return false;
	return true;
}

static void compare_package(struct judging *j)
{
	const struct custody_record_question *q = j->q;
	const struct custody_record *r = &j->view->record;
	const struct custody_event *first = r->n > 0 ? &r->entries[0].event : NULL;

	if (!first)
		return;
	if (q->package_sha256 && (memcmp(q->package_sha256, first->package_sha256, 32) != 0 || q->package_size != first->package_size))
		add(j, CUSTODY_FINDING_RECORD_WRONG_PACKAGE, 0,
			same_seal(j) ? "its seal is this package's, but the file verified does not have the digest and size that the record states"
				     : "the package verified does not have the digest and size that the record states");
	if (q->package_sha256 && custody_history_is_destroyed(&j->view->history))
		add(j, CUSTODY_FINDING_RECORD_AFTER_DESTRUCTION, j->view->history.destroyed,
			"the package that it says was destroyed is the one that was verified");
	/* To the byte: whoever is trusted can sign a seal of his own over the same facts, and begin a history in which he sealed the package. */
	for (int i = 0; i < CUSTODY_RECORD_COPIES; i++) {
		if (q->seal_sha256[i] == NULL || memcmp(q->seal_sha256[i], r->copy_sha256[i], 32) == 0)
			continue;
		add(j, CUSTODY_FINDING_RECORD_WRONG_PACKAGE, 0, "the seal copied into the record is another than the package's");
		break;
	}
}

/* What was refused while reading: a finding, but for what is no property of the bytes. */
static int read_record(struct judging *j, const struct custody_source *source, struct custody_error *err)
{
	struct custody_record_view *v = j->view;
	uint8_t key[16];

	custody_record_init(&v->record);
	v->has_sha256 = source->size <= CUSTODY_LIMIT_RECORD;
	if (v->has_sha256 && custody_digest_source(source, v->sha256, err))
		return -1;
	if (custody_random_fill(j->q->random, key, sizeof(key), err))
		return -1;
	v->whole = custody_record_read(source, key, &v->record, err) == 0;
	if (v->whole)
		return 0;
	if (err->kind != CUSTODY_ERR_FORMAT && err->kind != CUSTODY_ERR_LIMIT)
		return -1;
	j->refused = true;
	custody_findings_add_error(
		j->findings, err->kind == CUSTODY_ERR_LIMIT ? CUSTODY_FINDING_LIMIT_EXCEEDED : CUSTODY_FINDING_RECORD_MALFORMED, NULL, 0, err);
	return 0;
}

int custody_record_judge(const struct custody_source *source, const struct custody_record_question *question, struct custody_findings *findings,
	struct custody_record_view *view, struct custody_error *err)
{
	struct judging j = { .q = question, .findings = findings, .view = view };

	if (read_record(&j, source, err) || judge_signatures(&j, err) || tell(&j, err))
		return -1;
	compare_package(&j);
	if (view->whole)
		look_for_heads(&j);
	int unchanged = custody_source_unchanged(source, err);
	if (unchanged < 0)
		return -1;
	if (!unchanged) {
		custody_findings_add(findings, CUSTODY_FINDING_PACKAGE_CHANGED_WHILE_READ, NULL, 0, "the custody record changed while it was read");
		j.refused = true;
	}
	view->passed = view->whole && !j.refused && view->n == view->record.n && view->n > 0 && !findings->out_of_memory;
	return 0;
}
