/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/lab_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/utf8.h"
#include "libcustody/crypto/issue.h"

#define SECONDS_A_DAY INT64_C(86400)

/* "2028-11-24 (730 days left)", "2026-01-01 (ended)". */
static void until_text(struct custody_time until, struct custody_time now, char out[64])
{
	char text[CUSTODY_TIME_TEXT];
	int64_t left = until.sec - now.sec;

	custody_time_format(until, text);
	if (left < 0)
		(void)snprintf(out, 64, "%.10s (ended)", text);
	else
		(void)snprintf(out, 64, "%.10s (%" PRId64 " days left)", text, left / SECONDS_A_DAY);
}

/* ,"key":"value" */
static int append_text(struct custody_buf *out, const char *key, const char *value, struct custody_error *err)
{
	return custody_buf_printf(out, err, ",\"%s\":", key) != 0 || custody_json_append_safe(out, value, strlen(value), err) != 0 ? -1 : 0;
}

static int append_time(struct custody_buf *out, const char *key, bool has, struct custody_time t, struct custody_error *err)
{
	char text[CUSTODY_TIME_TEXT];

	if (!has)
		return custody_buf_printf(out, err, ",\"%s\":null", key);
	custody_time_format(t, text);
	return custody_buf_printf(out, err, ",\"%s\":\"%s\"", key, text);
}

static int append_hex(struct custody_buf *out, const char *key, const uint8_t sha256[32], struct custody_error *err)
{
	char hex[65];

	custody_hex_format(sha256, 32, hex);
	return custody_buf_printf(out, err, ",\"%s\":\"%s\"", key, hex);
}

/* ---- crl, certify, revoke ---- */

static int issued_json(struct custody_buf *out, const struct custody_lab_told *t, struct custody_error *err)
{
	const struct custody_lab_issued *i = t->issued;
	bool certify = strcmp(t->action, "certify") == 0, crl = strcmp(t->action, "crl") == 0;

	if (custody_buf_printf(out, err, "{\"schema\":\"custody-lab-result/1\",\"action\":\"%s\"", t->action) != 0)
		return -1;
	if (!crl && (append_text(out, "key", i->stem, err) != 0 || append_text(out, "name", i->name, err) != 0 ||
			    append_hex(out, "certificate_sha256", i->sha256, err) != 0 ||
			    append_text(out, "kind", i->stamping ? "time-stamping" : "sealing", err) != 0))
		return -1;
	if (certify &&
		(append_time(out, "key_until", true, i->use_until, err) != 0 || append_time(out, "certificate_until", true, i->not_after, err) != 0 ||
			(i->previous[0] ? append_text(out, "previous", i->previous, err) : custody_buf_append_str(out, ",\"previous\":null", err)) !=
				0 ||
			custody_buf_printf(out, err, ",\"encrypted\":%s", t->plain_key ? "false" : "true") != 0))
		return -1;
	if (!crl && !certify &&
		(append_text(out, "reason", custody_issue_reason_name(t->reason), err) != 0 ||
			append_time(out, "revoked_since", true, i->revoked_since, err) != 0))
		return -1;
	if (custody_buf_printf(out, err, ",\"crl\":{\"number\":%" PRIu64 ",\"revoked\":%zu", i->crl_number, i->n_revoked) != 0 ||
		append_time(out, "issued", true, i->crl_from, err) != 0 || append_time(out, "until", true, i->crl_until, err) != 0)
		return -1;
	return custody_buf_append_str(out, "}}\n", err);
}

static int certify_text(struct custody_buf *out, const struct custody_lab_told *t, struct custody_error *err)
{
	const struct custody_lab_issued *i = t->issued;
	char number[CUSTODY_HEX_GROUPS], until[2][CUSTODY_TIME_TEXT], holder[CUSTODY_LAB_FILE_NAME];
	unsigned generation = 0;

	custody_hex_groups(i->sha256, number);
	custody_time_format(i->use_until, until[0]);
	custody_time_format(i->not_after, until[1]);
	(void)custody_lab_stem_split(i->stem, holder, &generation);
	if (custody_buf_printf(out, err,
		    "%-15s %s, for %s\nkey             keys/%s.key, %s; it %s until %s\ncertificate     certificates/%s.pem, valid until %s\n"
		    "                %s\n",
		    i->previous[0] ? "next key of" : "new key of", i->name, i->stamping ? "time-stamping" : "sealing", i->stem,
		    t->plain_key ? "not encrypted" : "encrypted", i->stamping ? "stamps" : "seals", until[0], i->stem, until[1], number) != 0)
		return -1;
	if (i->previous[0] &&
		custody_buf_printf(out, err,
			"\nFrom now on this one is taken. keys/%s.key is not used any more: destroy it. What it sealed or stamped stays as it is.\n",
			i->previous) != 0)
		return -1;
	if (i->stamping)
		return strcmp(holder, t->lab->stamper_name) == 0
			       ? 0
			       : custody_buf_printf(out, err, "\nThe lab goes on stamping with '%s'; 'stamper = %s' in custody.conf changes that.\n",
					 t->lab->stamper_name, holder);
	if (strcmp(holder, t->lab->signer_name) == 0)
		return 0;
	return custody_buf_printf(out, err,
		"\nIt seals with: custody seal --as %s. Without --as '%s' goes on sealing; 'signer = %s' in custody.conf changes that.\n", holder,
		t->lab->signer_name, holder);
}

static int revoke_text(struct custody_buf *out, const struct custody_lab_told *t, struct custody_error *err)
{
	const struct custody_lab_issued *i = t->issued;
	char number[CUSTODY_HEX_GROUPS], since[CUSTODY_TIME_TEXT];

	custody_hex_groups(i->sha256, number);
	custody_time_format(i->revoked_since, since);
	return custody_buf_printf(out, err,
		"revoked         %s, of %s, for %s\nreason          %s, since %s\n                %s\n"
		"\nPackages %s by it, for whoever has the new list: those with an independent time before that stay as they\n"
		"are. Those with only the laboratory's own word for their time are INDETERMINATE, or INVALID if that time is later.\n",
		i->stem, i->name, i->stamping ? "time-stamping" : "sealing", custody_issue_reason_name(t->reason), since, number,
		i->stamping ? "stamped" : "sealed");
}

int custody_lab_issued_text(struct custody_buf *out, const struct custody_lab_told *t, bool json, struct custody_error *err)
{
	const struct custody_lab_issued *i = t->issued;
	char dir[1024], until[CUSTODY_TIME_TEXT];

	if (json)
		return issued_json(out, t, err);
	if (strcmp(t->action, "certify") == 0 && certify_text(out, t, err) != 0)
		return -1;
	if (strcmp(t->action, "revoke") == 0 && revoke_text(out, t, err) != 0)
		return -1;
	custody_time_format(i->crl_until, until);
	(void)custody_display(t->lab->dir, strlen(t->lab->dir), dir, sizeof(dir));
	return custody_buf_printf(out, err,
		"%srevocation list %" PRIu64 ", %zu revoked, until %s\nGive %s/trust to those who verify, again: the list in it is new.\n",
		strcmp(t->action, "crl") == 0 ? "" : "\n", i->crl_number, i->n_revoked, until, dir);
}

/* ---- trust ---- */

static const char *fate_words(enum custody_lab_trust_fate fate)
{
	switch (fate) {
	case CUSTODY_TRUST_ADDED:
		return "added";
	case CUSTODY_TRUST_RENEWED:
		return "added, in place of an older one";
	case CUSTODY_TRUST_OLDER:
		return "not added: a newer one that says all it says is there";
	case CUSTODY_TRUST_THERE:
	default:
		return "was there already";
	}
}

static int trust_entry(struct custody_buf *out, const struct custody_lab_trust_entry *e, struct custody_error *err)
{
	char number[CUSTODY_HEX_GROUPS], until[CUSTODY_TIME_TEXT] = "it does not say when";

	if (e->has_until)
		custody_time_format(e->until, until);
	if (custody_buf_printf(out, err, "%s\n  %s\n  %s %s%s\n  %s\n",
		    e->list	    ? "revocation list"
		    : !e->authority ? "time-stamping authority"
		    : e->root	    ? "root"
				    : "authority below another one",
		    e->who, e->list ? "until" : "valid until", until, e->ended ? ", which is over" : "", fate_words(e->fate)) != 0)
		return -1;
	if (e->list)
		return 0;
	custody_hex_groups(e->sha256, number);
	return custody_buf_printf(out, err, "  %s\n", number);
}

static int trust_json(struct custody_buf *out, const struct custody_lab_trust_result *r, struct custody_error *err)
{
	static const char *const fates[] = {
		[CUSTODY_TRUST_ADDED] = "added", [CUSTODY_TRUST_THERE] = "there", [CUSTODY_TRUST_RENEWED] = "renewed", [CUSTODY_TRUST_OLDER] = "older"
	};

	if (custody_buf_append_str(out, "{\"schema\":\"custody-lab-result/1\",\"action\":\"trust\",\"entries\":[", err) != 0)
		return -1;
	for (size_t i = 0; i < r->n; i++) {
		const struct custody_lab_trust_entry *e = &r->entries[i];

		if (custody_buf_printf(out, err, "%s{\"kind\":\"%s\",\"result\":\"%s\"", i > 0 ? "," : "", e->list ? "list" : "certificate",
			    fates[e->fate]) != 0 ||
			append_text(out, "who", e->who, err) != 0 || (!e->list && append_hex(out, "sha256", e->sha256, err) != 0) ||
			append_time(out, "until", e->has_until, e->until, err) != 0 ||
			custody_buf_printf(out, err, ",\"ended\":%s}", e->ended ? "true" : "false") != 0)
			return -1;
	}
	return custody_buf_append_str(out, "]}\n", err);
}

int custody_lab_trust_text(struct custody_buf *out, const struct custody_lab_trust_result *r, bool json, struct custody_error *err)
{
	if (json)
		return trust_json(out, r, err);
	bool trusted = false;
	for (size_t i = 0; i < r->n; i++) {
		trusted = trusted || (!r->entries[i].list && r->entries[i].fate == CUSTODY_TRUST_ADDED);
		if (trust_entry(out, &r->entries[i], err) != 0)
			return -1;
	}
	if (!trusted) /* nobody who was not before; the lab's own root is there, too, and its word is not independent */
		return 0;
	return custody_buf_append_str(out,
		"\nCompare these numbers (SHA-256) with those that the authority publishes, by another way than the file.\n"
		"A time that it stamps is taken as independent from now on, here and by whoever gets the lab's trust folder.\n",
		err);
}

void custody_lab_trust_story(const struct custody_lab_trust_result *r, char *out, size_t size)
{
	size_t n = 0, lists = 0, there = 0;

	out[0] = '\0';
	for (size_t i = 0; i < r->n; i++) {
		const struct custody_lab_trust_entry *e = &r->entries[i];
		bool added = e->fate == CUSTODY_TRUST_ADDED || e->fate == CUSTODY_TRUST_RENEWED;
		char hex[65];

		there += !added;
		lists += added && e->list;
		if (!added || e->list || n + 80 >= size)
			continue;
		custody_hex_format(e->sha256, sizeof(e->sha256), hex);
		n += (size_t)snprintf(out + n, size - n, "%s%s", n > 0 ? ", " : "trusted for time-stamps: ", hex);
	}
	(void)snprintf(out + n, size - n, "%srevocation lists added %zu; there already %zu", n > 0 ? "; " : "", lists, there);
}

/* ---- show ---- */

static int show_key(struct custody_buf *out, const struct custody_lab_shown_key *k, struct custody_time now, struct custody_error *err)
{
	char use[64], until[64], since[CUSTODY_TIME_TEXT], number[CUSTODY_HEX_GROUPS], holder[CUSTODY_LAB_FILE_NAME];
	unsigned generation = 0;

	until_text(k->use_until, now, use);
	until_text(k->not_after, now, until);
	custody_time_format(k->state == CUSTODY_LAB_KEY_REVOKED ? k->revoked_since : k->use_from, since);
	custody_hex_groups(k->sha256, number);
	if (custody_buf_printf(out, err, "  %s%s\n    of          %s, for %s, %s\n    ", k->stem, k->by_default ? " (taken by default)" : "", k->who,
		    k->stamping ? "time-stamping" : "sealing", k->type) != 0)
		return -1;
	int rc = 0;
	switch (k->state) {
	case CUSTODY_LAB_KEY_SERVES:
		rc = custody_buf_printf(out, err, "key         %s until %s, %s\n", k->stamping ? "stamps" : "seals", use,
			k->encrypted ? "encrypted" : "not encrypted");
		break;
	case CUSTODY_LAB_KEY_EARLIER:
		rc = custody_buf_append_str(out, "key         not used any more: there is a newer one\n", err);
		break;
	case CUSTODY_LAB_KEY_REVOKED:
		rc = custody_buf_printf(out, err, "key         REVOKED since %s\n", since);
		break;
	case CUSTODY_LAB_KEY_NOT_YET:
		rc = custody_buf_printf(out, err, "key         not before %s: is this computer's clock right?\n", since);
		break;
	case CUSTODY_LAB_KEY_ENDED:
		rc = custody_buf_printf(out, err, "key         its time is over since %.10s; the next one: custody lab certify%s %s\n", use,
			k->stamping ? " --tsa" : "", custody_lab_stem_split(k->stem, holder, &generation) ? holder : k->stem);
		break;
	case CUSTODY_LAB_KEY_MISSING:
	default:
		rc = custody_buf_printf(out, err, "key         keys/%s.key is not there\n", k->stem);
		break;
	}
	return rc != 0 ? -1 : custody_buf_printf(out, err, "    certificate until %s\n    %s\n", until, number);
}

static int show_anchor(struct custody_buf *out, const struct custody_lab_shown_anchor *a, struct custody_time now, struct custody_error *err)
{
	char until[64], number[CUSTODY_HEX_GROUPS];

	until_text(a->not_after, now, until);
	custody_hex_groups(a->sha256, number);
	return custody_buf_printf(out, err, "  %s%s\n    for         %s\n    until       %s\n    %s\n", a->who, a->own ? " (the lab's own root)" : "",
		a->for_signers && a->for_tsas ? "seals and time-stamps"
		: a->for_signers	      ? "seals"
					      : "time-stamps",
		until, number);
}

static int show_list(struct custody_buf *out, const struct custody_lab_shown_list *l, struct custody_time now, struct custody_error *err)
{
	char until[64] = "(it does not say)", from[CUSTODY_TIME_TEXT], number[32] = "";

	custody_time_format(l->this_update, from);
	if (l->has_next_update)
		until_text(l->next_update, now, until);
	if (l->has_number)
		(void)snprintf(number, sizeof(number), "number %" PRIu64 ", ", l->number);
	return custody_buf_printf(out, err, "  %s%s\n    %sof %.10s, %zu revoked\n    until       %s%s\n", l->who,
		l->own ? " (the lab's own root)" : "", number, from, l->n_revoked, until,
		l->own && l->has_next_update && l->next_update.sec - now.sec <= 14 * SECONDS_A_DAY ? "; a new one: custody lab crl" : "");
}

static int show_root(struct custody_buf *out, const struct custody_lab_shown *s, struct custody_error *err)
{
	if (s->root_trouble[0])
		return custody_buf_printf(out, err, "root's folder   is there, but: %s\n", s->root_trouble);
	if (!s->root_here)
		return custody_buf_append_str(out, "root's folder   not here: 'custody lab' needs it with --root for crl, certify and revoke\n", err);
	if (custody_buf_append_str(out, "root's folder   here; it is safer offline\n", err) != 0)
		return -1;
	if (s->unpublished > 0 &&
		custody_buf_printf(
			out, err, "                %zu revocations are recorded and not in the list yet: custody lab crl\n", s->unpublished) != 0)
		return -1;
	return s->unplaced == 0
		       ? 0
		       : custody_buf_printf(out, err,
				 "                %zu certificates were issued and have no file: a run was interrupted; they are of no use\n",
				 s->unplaced);
}

static int shown_plain(
	struct custody_buf *out, const struct custody_lab *lab, const struct custody_lab_shown *s, struct custody_time now, struct custody_error *err)
{
	char dir[1024];

	(void)custody_display(lab->dir, strlen(lab->dir), dir, sizeof(dir));
	if (custody_buf_printf(
		    out, err, "lab             %s\norganisation    %s\noperator        %s\n", dir, lab->organisation, lab->operator_name) != 0 ||
		show_root(out, s, err) != 0 || custody_buf_append_str(out, "\nKEYS\n", err) != 0)
		return -1;
	for (size_t i = 0; i < s->n_keys; i++)
		if (show_key(out, &s->keys[i], now, err) != 0)
			return -1;
	if (custody_buf_append_str(
		    out, s->n_lists > 0 ? "\nREVOCATION LISTS\n" : "\nREVOCATION LISTS\n  none; make one with: custody lab crl\n", err) != 0)
		return -1;
	for (size_t i = 0; i < s->n_lists; i++)
		if (show_list(out, &s->lists[i], now, err) != 0)
			return -1;
	if (custody_buf_append_str(out, "\nTRUSTED\n", err) != 0)
		return -1;
	for (size_t i = 0; i < s->n_anchors; i++)
		if (show_anchor(out, &s->anchors[i], now, err) != 0)
			return -1;
	return 0;
}

static int keys_json(struct custody_buf *out, const struct custody_lab_shown *s, struct custody_error *err)
{
	for (size_t i = 0; i < s->n_keys; i++) {
		const struct custody_lab_shown_key *k = &s->keys[i];

		if (custody_buf_printf(out, err, "%s{\"kind\":\"%s\"", i > 0 ? "," : "", k->stamping ? "time-stamping" : "sealing") != 0 ||
			append_text(out, "key", k->stem, err) != 0 || append_text(out, "name", k->who, err) != 0 ||
			append_text(out, "type", k->type, err) != 0 || append_text(out, "state", custody_lab_key_state_name(k->state), err) != 0 ||
			custody_buf_printf(out, err, ",\"default\":%s,\"encrypted\":%s", k->by_default ? "true" : "false",
				k->encrypted ? "true" : "false") != 0 ||
			append_hex(out, "certificate_sha256", k->sha256, err) != 0 || append_time(out, "key_from", true, k->use_from, err) != 0 ||
			append_time(out, "key_until", true, k->use_until, err) != 0 ||
			append_time(out, "certificate_until", true, k->not_after, err) != 0 ||
			append_time(out, "revoked_since", k->state == CUSTODY_LAB_KEY_REVOKED, k->revoked_since, err) != 0 ||
			custody_buf_append_byte(out, '}', err) != 0)
			return -1;
	}
	return 0;
}

static int lists_json(struct custody_buf *out, const struct custody_lab_shown *s, struct custody_time now, struct custody_error *err)
{
	for (size_t i = 0; i < s->n_lists; i++) {
		const struct custody_lab_shown_list *l = &s->lists[i];
		int64_t left = l->next_update.sec - now.sec;

		if (custody_buf_printf(out, err, "%s{\"own\":%s", i > 0 ? "," : "", l->own ? "true" : "false") != 0 ||
			append_text(out, "issuer", l->who, err) != 0 ||
			(l->has_number ? custody_buf_printf(out, err, ",\"number\":%" PRIu64, l->number)
				       : custody_buf_append_str(out, ",\"number\":null", err)) != 0 ||
			append_time(out, "issued", true, l->this_update, err) != 0 ||
			append_time(out, "until", l->has_next_update, l->next_update, err) != 0)
			return -1;
		if ((l->has_next_update ? custody_buf_printf(out, err, ",\"days_left\":%" PRId64, left < 0 ? INT64_C(0) : left / SECONDS_A_DAY)
					: custody_buf_append_str(out, ",\"days_left\":null", err)) != 0 ||
			custody_buf_printf(out, err, ",\"revoked\":%zu}", l->n_revoked) != 0)
			return -1;
	}
	return 0;
}

static int anchors_json(struct custody_buf *out, const struct custody_lab_shown *s, struct custody_error *err)
{
	for (size_t i = 0; i < s->n_anchors; i++) {
		const struct custody_lab_shown_anchor *a = &s->anchors[i];

		if (custody_buf_printf(out, err, "%s{\"own\":%s,\"signers\":%s,\"tsas\":%s", i > 0 ? "," : "", a->own ? "true" : "false",
			    a->for_signers ? "true" : "false", a->for_tsas ? "true" : "false") != 0 ||
			append_text(out, "subject", a->who, err) != 0 || append_hex(out, "sha256", a->sha256, err) != 0 ||
			append_time(out, "until", true, a->not_after, err) != 0 || custody_buf_append_byte(out, '}', err) != 0)
			return -1;
	}
	return 0;
}

static int shown_json(
	struct custody_buf *out, const struct custody_lab *lab, const struct custody_lab_shown *s, struct custody_time now, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf dir = { 0 };

	custody_buf_init(&dir, (size_t)1 << 20);
	if (custody_display_append(&dir, (const uint8_t *)lab->dir, strlen(lab->dir), err) != 0 ||
		custody_buf_append_str(out, "{\"schema\":\"custody-lab-show/1\"", err) != 0 ||
		append_text(out, "lab", custody_buf_str(&dir), err) != 0 || append_text(out, "organisation", lab->organisation, err) != 0 ||
		append_text(out, "operator", lab->operator_name, err) != 0 || append_time(out, "at", true, now, err) != 0)
		return -1;
	if (custody_buf_printf(out, err, ",\"root\":{\"here\":%s", s->root_here || s->root_trouble[0] ? "true" : "false") != 0 ||
		(s->root_trouble[0] ? append_text(out, "trouble", s->root_trouble, err) : custody_buf_append_str(out, ",\"trouble\":null", err)) !=
			0 ||
		custody_buf_printf(
			out, err, ",\"unpublished_revocations\":%zu,\"unplaced_certificates\":%zu},\"keys\":[", s->unpublished, s->unplaced) != 0 ||
		keys_json(out, s, err) != 0 || custody_buf_append_str(out, "],\"crls\":[", err) != 0 || lists_json(out, s, now, err) != 0 ||
		custody_buf_append_str(out, "],\"anchors\":[", err) != 0 || anchors_json(out, s, err) != 0)
		return -1;
	return custody_buf_append_str(out, "]}\n", err);
}

int custody_lab_shown_text(struct custody_buf *out, const struct custody_lab *lab, const struct custody_lab_shown *s, struct custody_time now,
	bool json, struct custody_error *err)
{
	return json ? shown_json(out, lab, s, now, err) : shown_plain(out, lab, s, now, err);
}
