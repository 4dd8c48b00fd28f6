/* SPDX-License-Identifier: Apache-2.0 */
/* The closed list of events, and what each has to say (design/admissibility.md section 4, ADM-49, 57, 59). */
#include <string.h>

#include "libcustody/base/words.h"
#include "libcustody/record/event.h"

#define TEXT(key) { key, CUSTODY_EVENT_TEXT, true, NULL }
#define TEXT_IF(key) { key, CUSTODY_EVENT_TEXT, false, NULL }
#define DIGEST(key) { key, CUSTODY_EVENT_DIGEST, true, NULL }
#define DIGEST_IF(key) { key, CUSTODY_EVENT_DIGEST, false, NULL }
#define NONCE(key) { key, CUSTODY_EVENT_NONCE, true, NULL }
#define COUNT(key) { key, CUSTODY_EVENT_COUNT, true, NULL }
#define YES_NO(key) { key, CUSTODY_EVENT_YES_NO, true, NULL }
#define TIME(key) { key, CUSTODY_EVENT_TIME, true, NULL }
#define TIME_IF(key) { key, CUSTODY_EVENT_TIME, false, NULL }
#define WORD(key, words) { key, CUSTODY_EVENT_WORD, true, words }

/* Number and condition of a physical seal are fields, so that what does not fit is a discrepancy and not a remark (ADM-57). */
static const struct custody_event_info types[CUSTODY_EVENT_TYPES + 1] = {
	[CUSTODY_EVENT_COLLECTED] = { "collected", N_("was collected"), false, false, 6,
		{ TEXT("source"), TEXT("method"), TEXT_IF("write_protection"), TEXT_IF("seizure"), TEXT_IF("present"), TEXT_IF("condition") } },
	[CUSTODY_EVENT_RECEIVED] = { "received", N_("was received"), false, false, 7,
		{ TEXT("channel"), TEXT("sender"), TEXT_IF("seal_number"), TEXT_IF("condition"), TEXT_IF("discrepancy"), TIME_IF("started"),
			TIME_IF("ended") } },
	[CUSTODY_EVENT_SEALED] = { "sealed", N_("was sealed"), false, true, 4,
		{ DIGEST("root"), COUNT("items"), COUNT("bytes"), COUNT("exceptions") } },
	[CUSTODY_EVENT_RELEASED] = { "released", N_("was released"), true, true, 4,
		{ NONCE("nonce"), TEXT_IF("transport"), TEXT_IF("seal_number"), TEXT_IF("conditions") } },
	[CUSTODY_EVENT_WITHDRAWN] = { "withdrawn", N_("release was withdrawn"), false, false, 2, { DIGEST("release"), TEXT("reason") } },
	[CUSTODY_EVENT_ACCEPTED] = { "accepted", N_("was accepted"), false, true, 5,
		{ DIGEST("release"), NONCE("nonce"), TEXT_IF("seal_number"), TEXT_IF("condition"), TEXT_IF("discrepancy") } },
	[CUSTODY_EVENT_REFUSED] = { "refused", N_("was refused"), false, false, 6,
		{ DIGEST("release"), NONCE("nonce"), TEXT("reason"), DIGEST_IF("found"), TEXT_IF("seal_number"), TEXT_IF("condition") } },
	[CUSTODY_EVENT_ACCESSED] = { "accessed", N_("was opened"), true, false, 3, { TEXT("what"), YES_NO("read_only"), TIME_IF("until") } },
	[CUSTODY_EVENT_CHECKED_OUT] = { "checked-out", N_("was checked out of the store"), true, false, 4,
		{ TEXT("store"), TEXT_IF("shelf"), TEXT("taken_by"), TIME_IF("due") } },
	[CUSTODY_EVENT_CHECKED_IN] = { "checked-in", N_("was checked in to the store"), false, false, 3,
		{ TEXT("store"), TEXT_IF("shelf"), TEXT("brought_by") } },
	[CUSTODY_EVENT_VERIFIED] = { "verified", N_("was verified"), false, false, 3,
		{ TEXT("scope"), WORD("result", "VALID INVALID INDETERMINATE"), TEXT("verifier") } },
	[CUSTODY_EVENT_COPIED] = { "copied", N_("was copied"), false, false, 4,
		{ TEXT("copy"), WORD("copy_kind", "master working court defence"), DIGEST("copy_sha256"), TEXT_IF("medium") } },
	[CUSTODY_EVENT_TRANSFORMED] = { "transformed", N_("was transformed into something new"), false, false, 6,
		{ DIGEST("input"), DIGEST("output"), TEXT("process"), TEXT_IF("parameters"), TEXT_IF("key_reference"), TEXT("loss") } },
	[CUSTODY_EVENT_ANALYSED] = { "analysed", N_("an analysis was reported"), false, false, 3,
		{ TEXT("tool"), TEXT("copy"), TEXT_IF("results") } },
	[CUSTODY_EVENT_REDACTED] = { "redacted", N_("was redacted into something new"), false, false, 4,
		{ DIGEST("output"), TEXT("reason"), COUNT("withheld"), TEXT("approver") } },
	[CUSTODY_EVENT_DISCLOSED] = { "disclosed", N_("was disclosed"), true, false, 4,
		{ TEXT("capacity"), TEXT("what"), TEXT_IF("proof"), TEXT_IF("conditions") } },
	[CUSTODY_EVENT_PRESENTED] = { "presented", N_("was presented in court"), false, false, 3,
		{ TEXT("hearing"), TEXT("exhibit"), TEXT("produced_by") } },
	/* It moves nothing (decisions/0016): the package changes hands by release and acceptance alone. */
	[CUSTODY_EVENT_RETURNED] = { "returned", N_("a medium or a copy was returned"), false, false, 2,
		{ TEXT("identity_check"), TEXT_IF("condition") } },
	[CUSTODY_EVENT_HELD] = { "held", N_("was put on hold"), false, false, 3, { TEXT("basis"), TEXT("ordered_by"), TIME_IF("until") } },
	[CUSTODY_EVENT_HOLD_LIFTED] = { "hold-lifted", N_("hold was lifted"), false, false, 2, { TEXT("basis"), TEXT("ordered_by") } },
	/* With `copy` it was a copy of that name, and the package is where it was. */
	[CUSTODY_EVENT_DESTROYED] = { "destroyed", N_("was destroyed"), true, false, 5,
		{ TEXT("method"), TEXT("scope"), TEXT("witness"), TEXT("survives"), TEXT_IF("copy") } },
	[CUSTODY_EVENT_RENEWED] = { "renewed", N_("proof was renewed"), false, false, 3, { DIGEST("old"), DIGEST("new"), TEXT("reason") } },
	[CUSTODY_EVENT_KEY] = { "key-event", N_("key changed"), false, false, 3,
		{ DIGEST("certificate"), WORD("what", "changed revoked lost compromised"), TIME("since") } },
	[CUSTODY_EVENT_CORRECTED] = { "corrected", N_("an entry was corrected"), false, false, 4,
		{ COUNT("target"), TEXT("wrong"), TEXT("right"), TEXT("reason") } },
	[CUSTODY_EVENT_INCIDENT] = { "incident", N_("an incident was reported"), false, false, 4,
		{ TEXT("what"), TEXT("found_how"), TEXT("effect"), TEXT_IF("remedy") } },
	[CUSTODY_EVENT_GAP] = { "gap", N_("a gap was declared"), false, false, 4,
		{ TIME("from"), TIME("until"), TEXT("unknown"), TEXT_IF("account") } },
	[CUSTODY_EVENT_OTHER] = { "other:", N_("something else was recorded"), false, false, 1, { TEXT("what") } },
	[CUSTODY_EVENT_TYPES] = { "", N_("something happened that this program does not know"), false, false, 0, { TEXT_IF("") } },
};

const struct custody_event_info *custody_event_get(enum custody_event_type type)
{
	return &types[type];
}

const char custody_event_begun[] = N_("the custody record was begun");

const char *custody_event_past(const struct custody_event *e)
{
	if (e->type == CUSTODY_EVENT_DESTROYED && custody_event_value(e, "copy"))
		return N_("a copy was destroyed");
	return types[e->type].past;
}

/* "other:" and 1 to 64 of a-z, 0-9 and '-'. */
static bool is_other(const char *name)
{
	size_t prefix = strlen(types[CUSTODY_EVENT_OTHER].name);
	if (strncmp(name, types[CUSTODY_EVENT_OTHER].name, prefix) != 0)
		return false;
	size_t n = strspn(name + prefix, "abcdefghijklmnopqrstuvwxyz0123456789-");
	return n >= 1 && n <= 64 && name[prefix + n] == '\0';
}

enum custody_event_type custody_event_find(const char *name)
{
	for (int t = 0; t < CUSTODY_EVENT_OTHER; t++)
		if (strcmp(types[t].name, name) == 0)
			return (enum custody_event_type)t;
	return is_other(name) ? CUSTODY_EVENT_OTHER : CUSTODY_EVENT_TYPES;
}

const struct custody_event_value *custody_event_value(const struct custody_event *e, const char *key)
{
	const struct custody_event_info *info = &types[e->type];
	for (size_t i = 0; i < info->n; i++)
		if (strcmp(info->fields[i].key, key) == 0)
			return e->values[i].present ? &e->values[i] : NULL;
	return NULL;
}

const struct custody_event_value *custody_event_found(const struct custody_event *e)
{
	const struct custody_event_value *v = e->type == CUSTODY_EVENT_REFUSED ? custody_event_value(e, "found") : NULL;

	return v && memcmp(v->bytes, e->package_sha256, 32) != 0 ? v : NULL;
}
