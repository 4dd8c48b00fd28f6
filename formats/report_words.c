/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/report_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/report.h"
#include "formats/report_claims.h"
#include "formats/report_request.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/utf8.h"

const char custody_report_does_not_say[] =
	"This report compares the files with the record made when they were sealed. It does not say whether the content is true, who wrote it, "
	"whether "
	"the sender handed over everything, what happened before receipt, or whether it was obtained lawfully. Someone who could open the package "
	"without leaving a record would not be visible here. These are questions for the court.";

const char *custody_report_word(enum custody_verdict v)
{
	const char *name = custody_verdict_name(v);
	return name ? name : "NOT JUDGED";
}

const char *custody_report_sentence(enum custody_verdict v)
{
	static const char *const sentences[] = {
		[CUSTODY_VERDICT_NONE] = "nothing was checked, and nothing can be said about this package.",
		[CUSTODY_VERDICT_INVALID] = "something is proved wrong; this package does not prove what its seal says.",
		[CUSTODY_VERDICT_INDETERMINATE] = "nothing is proved wrong, but something that is needed is missing.",
		[CUSTODY_VERDICT_VALID] = "this package still proves what its seal says; nothing in it has changed since it was sealed.",
	};
	return sentences[v];
}

/* ---- what was found ---- */

static bool have(const struct custody_report *r, enum custody_finding_id id)
{
	return r->findings.count[id] > 0;
}

/* A finding of this group that fails it, other than those that have a sentence of their own. */
static bool have_other(const struct custody_report *r, enum custody_group group)
{
	static const enum custody_finding_id own[] = { CUSTODY_FINDING_NOT_THE_PACKAGE_EXPECTED, CUSTODY_FINDING_ITEM_DIGEST_MISMATCH,
		CUSTODY_FINDING_MEMBER_MISSING, CUSTODY_FINDING_MEMBER_UNEXPECTED, CUSTODY_FINDING_MEMBER_UNCOVERED };
	for (int id = 0; id < CUSTODY_FINDING_COUNT; id++) {
		const struct custody_finding_info *info = custody_finding_get((enum custody_finding_id)id);
		bool named = false;
		for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
			named = named || id == (int)own[i];
		if (!named && info->group == group && info->effect == CUSTODY_EFFECT_FAILS && r->findings.count[id] > 0)
			return true;
	}
	return false;
}

/* Another file than the one expected may be a sound package all the same. */
static bool only_another_file(const struct custody_report *r)
{
	return have(r, CUSTODY_FINDING_NOT_THE_PACKAGE_EXPECTED) && !have(r, CUSTODY_FINDING_MEMBER_MISSING) &&
	       !have(r, CUSTODY_FINDING_MEMBER_UNEXPECTED) && !have(r, CUSTODY_FINDING_MEMBER_UNCOVERED) && !have_other(r, CUSTODY_GROUP_CONTAINER);
}

/* ---- groups ---- */

const char *custody_report_result(enum custody_group_result result)
{
	static const char *const results[] = {
		[CUSTODY_RESULT_NOT_CHECKED] = "not checked",
		[CUSTODY_RESULT_NOT_PRESENTED] = "not presented",
		[CUSTODY_RESULT_INDETERMINATE] = "cannot be said",
		[CUSTODY_RESULT_FAIL] = "FAILED",
		[CUSTODY_RESULT_OWN_WORD] = "own word",
		[CUSTODY_RESULT_PASS] = "passed",
	};
	return results[result];
}

const char *custody_report_group(const struct custody_report *r, enum custody_group group)
{
	static const struct {
		const char *pass, *what, *absent;
	} words[CUSTODY_GROUP_STATEMENTS] = {
		[CUSTODY_GROUP_CONTAINER] = { "every byte of the file is accounted for", "whether every byte of the file is accounted for", NULL },
		[CUSTODY_GROUP_INTEGRITY] = { "every item has the digests stated, in all three lists", "whether every item has the digests stated",
			NULL },
		[CUSTODY_GROUP_SEAL] = { "both signatures hold, under a certificate that you trust",
			"whether the signatures hold, and whose they are", NULL },
		[CUSTODY_GROUP_TIME] = { "the time is proven by an authority that you trust", "since when the seal exists", NULL },
		[CUSTODY_GROUP_CUSTODY] = { "every event of the custody record holds, and that it ends there is known from elsewhere",
			"whether the custody record holds", "who held it after sealing: no record was given" },
		[CUSTODY_GROUP_LONG_TERM] = { "renewals hold", "whether renewals hold", "proof renewed later: the package has none" },
	};
	const enum custody_group_result result = r->groups[group];
	if (group == CUSTODY_GROUP_CUSTODY && result == CUSTODY_RESULT_PASS && !r->record_anchored)
		return "every event of the custody record holds; whether later ones are missing cannot be said";
	if (result == CUSTODY_RESULT_PASS)
		return words[group].pass;
	if (result == CUSTODY_RESULT_OWN_WORD)
		return "the time-stamp holds, and is the laboratory's own word; nothing independent proves it";
	/* The group failed, but it says nothing about the bytes of this file. */
	if (group == CUSTODY_GROUP_CONTAINER && result == CUSTODY_RESULT_FAIL && only_another_file(r))
		return "whether it is the package that was expected: its number is another";
	return result == CUSTODY_RESULT_NOT_PRESENTED && words[group].absent ? words[group].absent : words[group].what;
}

/* ---- the conclusion ---- */

/* The text under way. After a failure nothing more is appended; the caller looks once, at the end. */
struct text {
	struct custody_buf *out;
	struct custody_error *err;
	bool failed, started;
};

static void add(struct text *t, const char *piece)
{
	if (!t->failed)
		t->failed = custody_buf_append_str(t->out, piece, t->err) != 0;
}

/* A sentence of its own. */
static void sentence(struct text *t, const char *words)
{
	add(t, t->started ? " " : "");
	add(t, words);
	t->started = true;
}

static void conclude_exceptions(struct text *t, const struct custody_report *r)
{
	char n[32];
	if (!r->has_sealfile || r->exceptions == 0)
		return;
	sentence(t, custody_report_grouped(r->exceptions, n));
	add(t, r->exceptions == 1 ? " source file" : " source files");
	add(t, " changed or could not be read while being sealed; the package may not hold all that there was.");
}

static void conclude_time(struct text *t, const struct custody_report *r)
{
	char date[CUSTODY_REPORT_DATE];
	struct custody_time proven;
	if (custody_report_not_later_than(r, &proven)) {
		sentence(t, "An independent authority proves that the seal existed not later than ");
		add(t, custody_report_date(proven, date));
		add(t, ".");
	} else if (r->groups[CUSTODY_GROUP_TIME] == CUSTODY_RESULT_OWN_WORD) {
		sentence(t, "The laboratory says that it was sealed on ");
		add(t, custody_report_date(r->seal.stated, date));
		add(t, "; nothing independent proves this time.");
	}
}

static void conclude_valid(struct text *t, const struct custody_report *r)
{
	char n[32];
	if (r->files == 0) {
		sentence(t, "The package holds no file content; what it states is, byte for byte, what was sealed.");
	} else if (r->files == 1) {
		sentence(t, "The one file in this package is, byte for byte, the file that was sealed.");
	} else {
		sentence(t, "Every one of the ");
		add(t, custody_report_grouped(r->files, n));
		add(t, " files in this package is, byte for byte, the file that was sealed.");
	}
	conclude_time(t, r);
	conclude_exceptions(t, r);
}

/* How many different items have this finding; 0: not all of them were kept, so that nobody can say. */
static uint64_t items_of(const struct custody_report *r, enum custody_finding_id id)
{
	uint64_t kept = 0, different = 0;
	const struct custody_finding *const list = r->findings.list;
	for (size_t i = 0; i < r->findings.n; i++) {
		if (list[i].id != id)
			continue;
		kept++;
		bool again = false;
		for (size_t j = 0; j < i && !again; j++)
			again = list[j].id == id && list[j].item && list[i].item && list[j].item_len == list[i].item_len &&
				memcmp(list[j].item, list[i].item, list[i].item_len) == 0;
		different += !again;
	}
	return kept == r->findings.count[id] ? different : 0;
}

/* Altered, missing, added, damaged, not the one expected: these are told apart (ADM-87). */
static void conclude_invalid(struct text *t, const struct custody_report *r)
{
	char n[32];
	if (have(r, CUSTODY_FINDING_NOT_THE_PACKAGE_EXPECTED))
		sentence(t, "This is not the file that was expected: its package number is another.");
	if (have(r, CUSTODY_FINDING_ITEM_DIGEST_MISMATCH)) {
		uint64_t items = items_of(r, CUSTODY_FINDING_ITEM_DIGEST_MISMATCH);
		sentence(t, items ? custody_report_grouped(items, n) : "Many");
		add(t, items == 1 ? " item differs from what the package states of it." : " items differ from what the package states of them.");
	}
	if (have(r, CUSTODY_FINDING_MEMBER_MISSING))
		sentence(t, "Something is missing that the seal or the format names.");
	if (have(r, CUSTODY_FINDING_MEMBER_UNEXPECTED) || have(r, CUSTODY_FINDING_MEMBER_UNCOVERED))
		sentence(t, "Something was added that the seal does not cover.");
	if (have_other(r, CUSTODY_GROUP_CONTAINER))
		sentence(t,
			"The file does not have the exact form of a sealed package: it was damaged, cut, extended or rebuilt, or is something else.");
	if (have_other(r, CUSTODY_GROUP_INTEGRITY))
		sentence(t, "The lists in the package do not agree with each other or with what was found.");
	if (have_other(r, CUSTODY_GROUP_SEAL))
		sentence(t, "The seal is not good: a signature, a certificate, or what belongs to them is wrong.");
	if (have_other(r, CUSTODY_GROUP_TIME))
		sentence(t, "A time-stamp of the seal is wrong.");
	if (have_other(r, CUSTODY_GROUP_CUSTODY))
		sentence(t, "The custody record is wrong.");
	if (have_other(r, CUSTODY_GROUP_LONG_TERM))
		sentence(t, "A renewal of the proof is wrong.");
	if (!t->started)
		sentence(t, "Something is proved wrong.");
}

static bool opens(const struct custody_report *r, int id)
{
	return r->findings.count[id] > 0 && custody_finding_get((enum custody_finding_id)id)->effect == CUSTODY_EFFECT_OPENS;
}

static void conclude_indeterminate(struct text *t, const struct custody_report *r)
{
	unsigned reasons = 0, said = 0;
	char which[16];
	for (int id = 0; id < CUSTODY_FINDING_COUNT; id++)
		reasons += opens(r, id);
	sentence(t, "It cannot be decided whether this package still proves what its seal says");
	add(t, reasons > 1 ? ", for these reasons:" : reasons == 1 ? ", for this reason:" : "");
	for (int id = 0; id < CUSTODY_FINDING_COUNT; id++) {
		if (!opens(r, id))
			continue;
		snprintf(which, sizeof(which), "%s (%u) ", said ? ";" : "", said + 1);
		add(t, reasons > 1 ? which : " ");
		add(t, custody_finding_get((enum custody_finding_id)id)->text);
		said++;
	}
	add(t, ".");
	if (r->groups[CUSTODY_GROUP_CONTAINER] == CUSTODY_RESULT_PASS && r->groups[CUSTODY_GROUP_INTEGRITY] == CUSTODY_RESULT_PASS)
		sentence(t, "What could be checked: every item has the digests that the package states of it.");
	conclude_exceptions(t, r);
}

int custody_report_conclusion(struct custody_buf *out, const struct custody_report *r, struct custody_error *err)
{
	struct text t = { out, err, false, false };
	switch (r->verdict) {
	case CUSTODY_VERDICT_VALID:
		conclude_valid(&t, r);
		break;
	case CUSTODY_VERDICT_INVALID:
		conclude_invalid(&t, r);
		break;
	case CUSTODY_VERDICT_INDETERMINATE:
		conclude_indeterminate(&t, r);
		break;
	case CUSTODY_VERDICT_NONE:
		sentence(&t, "Nothing was checked.");
		break;
	}
	return t.failed ? -1 : 0;
}

/* ---- the ladder of claims ---- */

const char *custody_report_rung_result_name(enum custody_report_rung_result result)
{
	static const char *const names[] = {
		[CUSTODY_RUNG_HOLDS] = "holds",
		[CUSTODY_RUNG_FAILS] = "fails",
		[CUSTODY_RUNG_NOT_SHOWN] = "not shown",
		[CUSTODY_RUNG_NOT_CHECKED] = "not checked",
		[CUSTODY_RUNG_NOT_APPLICABLE] = "not applicable",
	};
	return names[result];
}

static enum custody_report_rung_result of_group(enum custody_group_result result)
{
	switch (result) {
	case CUSTODY_RESULT_PASS:
		return CUSTODY_RUNG_HOLDS;
	case CUSTODY_RESULT_FAIL:
		return CUSTODY_RUNG_FAILS;
	case CUSTODY_RESULT_OWN_WORD:
	case CUSTODY_RESULT_INDETERMINATE:
		return CUSTODY_RUNG_NOT_SHOWN;
	case CUSTODY_RESULT_NOT_CHECKED:
	case CUSTODY_RESULT_NOT_PRESENTED:
		break;
	}
	return CUSTODY_RUNG_NOT_CHECKED;
}

/* Bytes are the sealed ones only if both hold: the lists of the bytes, and the signatures of the lists. */
static enum custody_report_rung_result bytes_equal(const struct custody_report *r)
{
	const enum custody_group_result container = r->groups[CUSTODY_GROUP_CONTAINER], integrity = r->groups[CUSTODY_GROUP_INTEGRITY];
	if (container == CUSTODY_RESULT_FAIL && integrity != CUSTODY_RESULT_FAIL && only_another_file(r))
		return CUSTODY_RUNG_NOT_SHOWN;
	if (container == CUSTODY_RESULT_FAIL || integrity == CUSTODY_RESULT_FAIL)
		return CUSTODY_RUNG_FAILS;
	if (container == CUSTODY_RESULT_PASS && integrity == CUSTODY_RESULT_PASS)
		return r->has_seal && r->seal.arithmetic ? CUSTODY_RUNG_HOLDS : CUSTODY_RUNG_NOT_SHOWN;
	return integrity == CUSTODY_RESULT_NOT_CHECKED ? CUSTODY_RUNG_NOT_CHECKED : CUSTODY_RUNG_NOT_SHOWN;
}

static enum custody_report_rung_result key_holds(const struct custody_report *r)
{
	if (r->has_seal && r->seal.arithmetic)
		return CUSTODY_RUNG_HOLDS;
	return of_group(r->groups[CUSTODY_GROUP_SEAL]) == CUSTODY_RUNG_HOLDS ? CUSTODY_RUNG_NOT_SHOWN : of_group(r->groups[CUSTODY_GROUP_SEAL]);
}

/* Unbroken up to its end, and only where that end is known elsewhere and nobody is missing in between. */
static enum custody_report_rung_result custody_unbroken(const struct custody_report *r)
{
	enum custody_report_rung_result group = of_group(r->groups[CUSTODY_GROUP_CUSTODY]);
	bool open = !r->record_anchored || have(r, CUSTODY_FINDING_RECORD_GAP) || have(r, CUSTODY_FINDING_RECORD_DECLARED_LATER);
	return group == CUSTODY_RUNG_HOLDS && open ? CUSTODY_RUNG_NOT_SHOWN : group;
}

/* Places of the two that have files of their own. */
enum { SENDERS_DIGESTS = 6, SCOPE = 7 };

bool custody_report_rung(const struct custody_report *r, size_t i, struct custody_report_rung *out)
{
	const bool custody_given = r->groups[CUSTODY_GROUP_CUSTODY] != CUSTODY_RESULT_NOT_PRESENTED;
	const struct custody_report_rung rungs[] = {
		{ "the bytes are those that were sealed", "lists of the package, and both signatures over them", bytes_equal(r) },
		{ "the seal was made with the key of the certificate in it", "arithmetic of both signatures", key_holds(r) },
		{ "that key is certified to the person named, under an anchor that was given",
			"path to the anchor, fitness, and revocation at the time that counts", of_group(r->groups[CUSTODY_GROUP_SEAL]) },
		{ "the seal existed not later than a proven time",
			r->groups[CUSTODY_GROUP_TIME] == CUSTODY_RESULT_OWN_WORD ? "the time is the laboratory's own word"
										 : "time-stamp of an independent authority",
			of_group(r->groups[CUSTODY_GROUP_TIME]) },
		{ "the proof was renewed for the long term", "no renewal is in the package; no forecast is made",
			of_group(r->groups[CUSTODY_GROUP_LONG_TERM]) },
		{ "custody is unbroken since sealing", custody_given ? "the custody record" : "no custody record was given", custody_unbroken(r) },
		{ "the content equals the sender's own digests or signature", NULL, CUSTODY_RUNG_NOT_CHECKED },
		{ "the content is inside the scope of the request", NULL, CUSTODY_RUNG_NOT_CHECKED },
		{ "the program that sealed has no known relevant defect", "no list of defects was given", CUSTODY_RUNG_NOT_CHECKED },
	};
	if (i >= sizeof(rungs) / sizeof(*rungs))
		return false;
	*out = rungs[i];
	if (i == SENDERS_DIGESTS)
		custody_report_claims_rung(r, out);
	if (i == SCOPE)
		custody_report_request_rung(r, out);
	return true;
}

/* ---- to repeat it by hand ---- */

/*
 * The name as one word of a shell. Single quotes where every character is plain; otherwise $'...' (bash, and POSIX since 2024) with each such byte in octal, which always
 * has three digits, so that nothing behind it is drawn in.
 */
static void shell_word(struct text *t, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	bool plain = custody_display_is_exact((const uint8_t *)name, strlen(name)) && !strchr(name, '\'');
	add(t, plain ? "'" : "$'");
	if (plain) {
		add(t, name);
	} else {
		for (const char *c = name; *c && !t->failed; c++) {
			uint8_t byte = (uint8_t)*c;
			bool is_word =
				(byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || strchr(" ._-", byte);
			t->failed = custody_buf_printf(t->out, t->err, is_word ? "%c" : "\\%03o", byte) != 0;
		}
	}
	add(t, "'");
}

int custody_report_by_hand(struct custody_buf *out, const struct custody_report *r, struct custody_error *err)
{
	struct text t = { out, err, false, false };
	if (!r->has_package || !r->path)
		return 0;
	add(&t, "  Put the file, signers.pem and tsas.pem into one empty folder, go there, and in bash (with unzip,\n"
		"  sha256sum and openssl 3):\n"
		"    f=");
	shell_word(&t, r->path);
	add(&t, "\n"
		"    sha256sum -- \"$f\"                    # the package number above, and on the form\n"
		"    mkdir x && unzip -q \"./$f\" -d x && cd x\n"
		"    sha256sum --quiet -c manifest-sha256.txt; sha256sum --quiet -c tagmanifest-sha256.txt\n"
		"    openssl dgst -sha256 -binary tagmanifest-sha256.txt | openssl base64 -A; echo\n"
		"    grep '\"tagmanifest-sha256.txt\"' META-INF/ASiCManifest001.xml  # states the digest just printed\n"
		"    openssl cms -verify -cades -binary -purpose any -inform DER -in META-INF/signature001.p7s \\\n"
		"      -content META-INF/ASiCManifest001.xml -CAfile ../signers.pem -no-CApath -no-CAstore \\\n"
		"      -signer ../who.pem -out /dev/null\n"
		"    openssl x509 -in ../who.pem -noout -subject -fingerprint -sha256\n"
		"  The time-stamp, and how to look for files that no list names: custody-verify(1), BY HAND. If the\n"
		"  package brings other instructions than those, do not follow them.\n");
	return t.failed ? -1 : 0;
}

/* ---- numbers and dates ---- */

const char *custody_report_in_fours(const uint8_t sha256[32], char *out)
{
	char hex[65];
	custody_hex_format(sha256, 32, hex);
	for (size_t i = 0; i < 16; i++) {
		memcpy(out + 5 * i, hex + 4 * i, 4);
		out[5 * i + 4] = i < 15 ? ' ' : '\0';
	}
	return out;
}

const char *custody_report_grouped(uint64_t v, char *out)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%" PRIu64, v);
	size_t o = 0;
	for (int i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			out[o++] = ',';
		out[o++] = digits[i];
	}
	out[o] = '\0';
	return out;
}

const char *custody_report_date(struct custody_time t, char *out)
{
	static const char *const months[] = { "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
		"November", "December" };
	char text[CUSTODY_TIME_TEXT];
	custody_report_time(t, text);
	if (text[0] == '(') {
		snprintf(out, CUSTODY_REPORT_DATE, "%s", text);
		return out;
	}
	/* YYYY-MM-DDThh:mm:ss, a fraction or not, Z */
	int month = (text[5] - '0') * 10 + text[6] - '0', day = (text[8] - '0') * 10 + text[9] - '0';
	snprintf(out, CUSTODY_REPORT_DATE, "%d %s %.4s, %.*s UTC", day, months[(month + 11) % 12], text, (int)(strlen(text) - 12), text + 11);
	return out;
}

struct custody_time custody_report_judged_at(const struct custody_report *r)
{
	return (struct custody_time){ r->evaluated_at.sec, 0 };
}

/* ---- local time ---- */

static bool moved(const struct custody_report *r, struct custody_time t, struct custody_zone *zone, struct custody_time *out)
{
	*out = t;
	return r->local && r->local(t, zone) && !__builtin_add_overflow(t.sec, zone->offset, &out->sec) && custody_time_in_range(*out);
}

/* "UTC+02:00" or "+02:00". */
static void offset_text(int32_t offset, const char *before, char out[16])
{
	int32_t off = offset < 0 ? -offset : offset;
	snprintf(out, 16, "%s%c%02d:%02d", before, offset < 0 ? '-' : '+', (int)(off / 3600 % 100), (int)(off / 60 % 60));
}

int custody_report_append_local(struct custody_buf *out, const struct custody_report *r, struct custody_time t, struct custody_error *err)
{
	char utc[CUSTODY_REPORT_DATE], local[CUSTODY_REPORT_DATE], offset[16];
	struct custody_zone zone = { 0, "" };
	struct custody_time there;
	if (!custody_time_in_range(t) || !moved(r, t, &zone, &there) || zone.offset == 0)
		return 0;
	custody_report_date(t, utc);
	custody_report_date(there, local);
	offset_text(zone.offset, "UTC", offset);
	local[strlen(local) - strlen(" UTC")] = '\0';
	const char *comma = strchr(local, ',');
	bool same_day = comma && strncmp(utc, local, (size_t)(comma - local)) == 0 && utc[comma - local] == ',';
	return custody_buf_printf(out, err, " (%s %s, %s)", same_day ? comma + 2 : local, zone.name, offset);
}

bool custody_report_local(const struct custody_report *r, struct custody_time t, char *out, struct custody_zone *zone)
{
	char offset[16];
	struct custody_time there;
	if (!custody_time_in_range(t) || !moved(r, (struct custody_time){ t.sec, 0 }, zone, &there))
		return false;
	custody_time_format(there, out);
	offset_text(zone->offset, "", offset);
	snprintf(out + strlen(out) - 1, 16, "%s", offset); /* for its Z */
	return true;
}

/* ---- the certificate ---- */

const char *custody_report_standing(const struct custody_report *r)
{
	const struct custody_seal_result *s = &r->seal;
	struct custody_time proven;
	if (have(r, CUSTODY_FINDING_SEAL_REVOKED) || have(r, CUSTODY_FINDING_SEAL_REVOKED_NO_PROOF_BEFORE))
		return "withdrawn: see what was found";
	if (custody_time_compare(r->evaluated_at, s->valid_from) < 0)
		return "not valid yet when it was judged";
	if (custody_time_compare(r->evaluated_at, s->valid_until) <= 0)
		return "not expired when it was judged";
	if (custody_report_not_later_than(r, &proven) && custody_time_compare(s->stated, s->valid_from) >= 0 &&
		custody_time_compare(s->stated, s->valid_until) <= 0)
		return "expired since; it had not at the proven time";
	return "expired, and no proven time speaks for it";
}
