/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/report_words.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "formats/paragraph.h"
#include "formats/report.h"
#include "formats/report_claims.h"
#include "formats/report_request.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/utf8.h"

const char custody_report_does_not_say[] =
	N_("This report compares the files with the record made when they were sealed. It does not say whether the content is true, or who wrote it. "
	   "It does not say whether the sender handed over everything, or what happened before receipt. It does not say whether the content was "
	   "obtained lawfully. Someone who could open the package without leaving a record would not be visible here. These are questions for the "
	   "court.");

const char custody_report_translation[] = N_("this report is a translation; the English wording decides. What is quoted from the program, the "
					     "package or the record, and the names of findings, "
					     "stand as they are.");
const char custody_report_untranslated[] = N_("this translation is not complete: what is not translated stands in English.");

const char *custody_report_word(enum custody_verdict v)
{
	const char *name = custody_verdict_name(v);
	return name ? name : N_("NOT JUDGED");
}

/*
 * Proved wrong is what was given beside the package: the custody record, or the number expected. Which of record, package, head and another copy is the
 * wrong one, a comparison does not show: a head may be mistyped, and of two copies either may be the forged one.
 */
static const char *sentence_of_given(const struct custody_report *r, bool holds)
{
	const bool another = r->findings.count[CUSTODY_FINDING_NOT_THE_PACKAGE_EXPECTED] > 0,
		   record = r->groups[CUSTODY_GROUP_CUSTODY] == CUSTODY_RESULT_FAIL;
	if (another && record)
		return N_("what was given for this check does not fit; nothing in the package itself is proved wrong.");
	if (another)
		return holds ? N_("it is not the package that was expected; this one still proves what its own seal says.")
			     : N_("it is not the package that was expected; nothing in this one is proved wrong.");
	return holds ? N_("the custody record is wrong, or does not fit what was given with it; the package still proves what its seal says.")
		     : N_("the custody record is wrong, or does not fit what was given with it; nothing in the package is proved wrong.");
}

const char *custody_report_sentence(const struct custody_report *r)
{
	static const char *const sentences[] = {
		[CUSTODY_VERDICT_NONE] = N_("nothing was checked, and nothing can be said about this package."),
		[CUSTODY_VERDICT_INVALID] = N_("something is proved wrong; this package does not prove what its seal says."),
		[CUSTODY_VERDICT_INDETERMINATE] = N_("nothing is proved wrong, but something that is needed is missing."),
		[CUSTODY_VERDICT_VALID] = N_("this package still proves what its seal says; nothing in it has changed since it was sealed."),
	};
	struct custody_report alone;
	custody_verdict_alone(r, &alone);
	return r->verdict == CUSTODY_VERDICT_INVALID && alone.verdict != CUSTODY_VERDICT_INVALID
		       ? sentence_of_given(r, alone.verdict == CUSTODY_VERDICT_VALID)
		       : sentences[r->verdict];
}

/* ---- what was found ---- */

static bool have(const struct custody_report *r, enum custody_finding_id id)
{
	return r->findings.count[id] > 0;
}

bool custody_report_all_compared(const struct custody_report *r)
{
	return r->all_compared && r->compared > 0 && !have(r, CUSTODY_FINDING_PACKAGE_CHANGED_WHILE_READ);
}

/* A finding of this group that fails it, other than those that have a sentence of their own. */
static bool have_other(const struct custody_report *r, enum custody_group group)
{
	static const enum custody_finding_id own[] = { CUSTODY_FINDING_NOT_THE_PACKAGE_EXPECTED, CUSTODY_FINDING_ITEM_DIGEST_MISMATCH,
		CUSTODY_FINDING_MEMBER_MISSING, CUSTODY_FINDING_MEMBER_UNEXPECTED, CUSTODY_FINDING_MEMBER_UNCOVERED, CUSTODY_FINDING_ZIP_CRC,
		CUSTODY_FINDING_RECORD_WRONG_PACKAGE, CUSTODY_FINDING_RECORD_HEAD_MISSING, CUSTODY_FINDING_RECORD_FORK };
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
	       !have(r, CUSTODY_FINDING_MEMBER_UNEXPECTED) && !have(r, CUSTODY_FINDING_MEMBER_UNCOVERED) && !have(r, CUSTODY_FINDING_ZIP_CRC) &&
	       !have_other(r, CUSTODY_GROUP_CONTAINER);
}

/* ---- groups ---- */

const char *custody_report_result(enum custody_group_result result)
{
	static const char *const results[] = {
		[CUSTODY_RESULT_NOT_CHECKED] = N_("not checked"),
		[CUSTODY_RESULT_NOT_PRESENTED] = N_("not presented"),
		[CUSTODY_RESULT_INDETERMINATE] = N_("cannot be said"),
		[CUSTODY_RESULT_FAIL] = N_("FAILED"),
		[CUSTODY_RESULT_OWN_WORD] = N_("own word"),
		[CUSTODY_RESULT_PASS] = N_("passed"),
	};
	return results[result];
}

const char *custody_report_group(const struct custody_report *r, enum custody_group group)
{
	static const struct {
		const char *pass, *what, *absent;
	} words[CUSTODY_GROUP_STATEMENTS] = {
		[CUSTODY_GROUP_CONTAINER] = { N_("every byte of the file is accounted for"), N_("whether every byte of the file is accounted for"),
			NULL },
		[CUSTODY_GROUP_INTEGRITY] = { N_("every item has the digests stated, in all three lists"),
			N_("whether every item has the digests stated"), NULL },
		[CUSTODY_GROUP_SEAL] = { N_("both signatures hold, under a certificate that you trust"),
			N_("whether the signatures hold, and whose they are"), NULL },
		[CUSTODY_GROUP_TIME] = { N_("the time is proven by an authority that you trust"), N_("since when the seal exists"), NULL },
		[CUSTODY_GROUP_CUSTODY] = { N_("every event of the custody record holds, and that it ends there is known from elsewhere"),
			N_("whether the custody record holds"), N_("who held it after sealing: no record was given") },
		[CUSTODY_GROUP_LONG_TERM] = { N_("renewals hold"), N_("whether renewals hold"), N_("proof renewed later: the package has none") },
	};
	const enum custody_group_result result = r->groups[group];
	if (group == CUSTODY_GROUP_CUSTODY && result == CUSTODY_RESULT_PASS && !r->record_anchored)
		return N_("every event of the custody record holds; whether later ones are missing cannot be said");
	if (result == CUSTODY_RESULT_PASS)
		return words[group].pass;
	if (result == CUSTODY_RESULT_OWN_WORD)
		return N_("the time-stamp holds, and is the laboratory's own word; nothing independent proves it");
	/* The group failed, but it says nothing about the bytes of this file. */
	if (group == CUSTODY_GROUP_CONTAINER && result == CUSTODY_RESULT_FAIL && only_another_file(r))
		return N_("whether it is the package that was expected: its number is another");
	return result == CUSTODY_RESULT_NOT_PRESENTED && words[group].absent ? words[group].absent : words[group].what;
}

/* ---- the conclusion ---- */

/* The text under way. After a failure nothing more is appended; the caller looks once, at the end. */
struct text {
	struct custody_buf *out;
	const struct custody_words *words;
	struct custody_error *err;
	bool failed, started;
};

static void add(struct text *t, const char *piece)
{
	if (!t->failed)
		t->failed = custody_buf_append_str(t->out, piece, t->err) != 0;
}

/* A sentence of its own, in the language of the text: of fixed words, with numbers, dates and texts of ours that are in that language already. */
static void sentence(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void sentence(struct text *t, const char *fmt, ...)
{
	char words[8192]; /* every finding that leaves something open fits */
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), custody_words_get(t->words, fmt), ap);
	va_end(ap);
	add(t, t->started ? " " : "");
	add(t, words);
	t->started = true;
}

/* A sentence of a number; one: its form for 1. Either may name the number, and nothing else. */
static void sentence_of(struct text *t, uint64_t n, const char *one, const char *many)
{
	char number[CUSTODY_REPORT_NUMBER], words[1024];
	const char *fmt = custody_words_plural(t->words, n, one, many), *hole = strstr(fmt, "%s");
	custody_report_grouped(n, t->words, number);
	snprintf(words, sizeof(words), "%.*s%s%s", hole ? (int)(hole - fmt) : (int)strlen(fmt), fmt, hole ? number : "", hole ? hole + 2 : "");
	add(t, t->started ? " " : "");
	add(t, words);
	t->started = true;
}

static void conclude_exceptions(struct text *t, const struct custody_report *r)
{
	const uint64_t folders = !r->has_sealfile ? 0 : r->unread_folders < r->exceptions ? r->unread_folders : r->exceptions;
	if (r->has_sealfile && r->exceptions > folders)
		sentence_of(t, r->exceptions - folders,
			"%s source file changed or could not be read while being sealed; the package may not hold all that there was.",
			"%s source files changed or could not be read while being sealed; the package may not hold all that there was.");
	/* How many files it held nobody counted: it is not one of them. */
	if (folders > 0)
		sentence_of(t, folders,
			"%s folder could not be read while being sealed; what lay in it is missing, and nobody knows how much that is.",
			"%s folders could not be read while being sealed; what lay in them is missing, and nobody knows how much that is.");
}

static void conclude_time(struct text *t, const struct custody_report *r)
{
	char date[CUSTODY_REPORT_DATE];
	struct custody_time proven;
	if (custody_report_not_later_than(r, &proven))
		sentence(t, "An independent authority proves that the seal existed not later than %s.", custody_report_date(proven, t->words, date));
	else if (r->groups[CUSTODY_GROUP_TIME] == CUSTODY_RESULT_OWN_WORD)
		sentence(t, "The laboratory says that it was sealed on %s; nothing independent proves this time.",
			custody_report_date(r->seal.stated, t->words, date));
}

static void conclude_valid(struct text *t, const struct custody_report *r)
{
	if (r->files == 0)
		sentence(t, "The package holds no file content; what it states is, byte for byte, what was sealed.");
	else
		sentence_of(t, r->files, "The one file in this package is, byte for byte, the file that was sealed.",
			"Every one of the %s files in this package is, byte for byte, the file that was sealed.");
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

/*
 * Of what is in the package itself the other part: what was compared and does not differ (ADM-87). Only where each item was compared: of what was not, nothing is said.
 */
static void conclude_compared(struct text *t, const struct custody_report *r)
{
	if (!custody_report_all_compared(r) || r->equal == 0)
		return;
	if (r->equal == r->compared) {
		sentence_of(t, r->compared, "The one item with content was compared and does not differ from what the package states of it.",
			"All of the %s items with content were compared, and none differs from what the package states of it.");
	} else {
		sentence_of(t, r->compared, "The one item with content was compared.", "All of the %s items with content were compared.");
		sentence_of(t, r->equal, "%s of them does not differ from what the package states of it.",
			"%s of them do not differ from what the package states of them.");
	}
	if (r->groups[CUSTODY_GROUP_SEAL] == CUSTODY_RESULT_FAIL)
		sentence(t, "Whether that is what was sealed, a seal that is not good does not say.");
}

/* Altered, missing, added, damaged, not the one expected: these are told apart (ADM-87). */
static void conclude_wrong(struct text *t, const struct custody_report *r)
{
	if (have(r, CUSTODY_FINDING_NOT_THE_PACKAGE_EXPECTED))
		sentence(t, "This is not the file that was expected: its package number is another.");
	if (have(r, CUSTODY_FINDING_ITEM_DIGEST_MISMATCH)) {
		uint64_t items = items_of(r, CUSTODY_FINDING_ITEM_DIGEST_MISMATCH);
		if (items > 0)
			sentence_of(t, items, "%s item differs from what the package states of it.",
				"%s items differ from what the package states of them.");
		else
			sentence(t, "Many items differ from what the package states of them.");
	}
	if (have(r, CUSTODY_FINDING_MEMBER_MISSING))
		sentence(t, "Something is missing that the seal or the format names.");
	if (have(r, CUSTODY_FINDING_MEMBER_UNEXPECTED) || have(r, CUSTODY_FINDING_MEMBER_UNCOVERED))
		sentence(t, "Something was added that the seal does not cover.");
	if (have(r, CUSTODY_FINDING_ZIP_CRC))
		sentence(t, "A check value of the container (CRC-32) does not fit: bytes were changed or damaged after it was made.");
	if (have_other(r, CUSTODY_GROUP_CONTAINER))
		sentence(t,
			"The file does not have the exact form of a sealed package: it was damaged, cut, extended or rebuilt, or is something else.");
	if (have_other(r, CUSTODY_GROUP_INTEGRITY))
		sentence(t, "The lists in the package do not agree with each other or with what was found.");
	if (have_other(r, CUSTODY_GROUP_SEAL))
		sentence(t, "The seal is not good: a signature, a certificate, or what belongs to them is wrong.");
	if (have_other(r, CUSTODY_GROUP_TIME))
		sentence(t, "A time-stamp of the seal is wrong.");
	if (have(r, CUSTODY_FINDING_RECORD_WRONG_PACKAGE))
		sentence(t, "The custody record and this file do not belong together.");
	if (have(r, CUSTODY_FINDING_RECORD_HEAD_MISSING))
		sentence(t, "The custody record does not fit the head, or the other copy of it, that it was compared with.");
	if (have(r, CUSTODY_FINDING_RECORD_FORK))
		sentence(t, "The custody record tells two histories, or another history than the copy that it was compared with.");
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

/* "(1) ...; (2) ...", or the one reason alone. */
static void add_reasons(struct text *t, const struct custody_report *r, bool numbered)
{
	char which[16];
	unsigned said = 0;
	for (int id = 0; id < CUSTODY_FINDING_COUNT; id++) {
		if (!opens(r, id))
			continue;
		snprintf(which, sizeof(which), "(%u) ", said + 1);
		add(t, said > 0 ? custody_words_get(t->words, N_("; ")) : "");
		add(t, numbered ? which : "");
		add(t, custody_words_get(t->words, custody_finding_get((enum custody_finding_id)id)->text));
		said++;
	}
}

static void conclude_indeterminate(struct text *t, const struct custody_report *r)
{
	CUSTODY_BUF_CLEAN struct custody_buf buf = { .max = SIZE_MAX };
	struct text why = { &buf, t->words, t->err, t->failed, false };
	unsigned reasons = 0;
	for (int id = 0; id < CUSTODY_FINDING_COUNT; id++)
		reasons += opens(r, id);
	add_reasons(&why, r, reasons > 1);
	t->failed = why.failed;
	sentence(t, "It cannot be decided whether this package still proves what its seal says.");
	if (reasons == 1)
		sentence(t, "The reason: %s.", custody_buf_str(&buf));
	else if (reasons > 1)
		sentence(t, "The reasons: %s.", custody_buf_str(&buf));
	if (r->groups[CUSTODY_GROUP_CONTAINER] == CUSTODY_RESULT_PASS && r->groups[CUSTODY_GROUP_INTEGRITY] == CUSTODY_RESULT_PASS)
		sentence(t, "What could be checked: every item has the digests that the package states of it.");
	conclude_exceptions(t, r);
}

static void conclude_invalid(struct text *t, const struct custody_report *r)
{
	struct custody_report alone;
	custody_verdict_alone(r, &alone);
	conclude_wrong(t, r);
	if (alone.verdict == CUSTODY_VERDICT_INVALID) {
		conclude_compared(t, r);
		return;
	}
	sentence(t, "The package that was given was judged all the same, and this was found of it.");
	if (alone.verdict == CUSTODY_VERDICT_VALID)
		conclude_valid(t, &alone);
	else
		conclude_indeterminate(t, &alone);
}

int custody_report_conclusion(struct custody_buf *out, const struct custody_report *r, const struct custody_words *words, struct custody_error *err)
{
	struct text t = { out, words, err, false, false };
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
		[CUSTODY_RUNG_HOLDS] = N_("holds"),
		[CUSTODY_RUNG_FAILS] = N_("fails"),
		[CUSTODY_RUNG_NOT_SHOWN] = N_("not shown"),
		[CUSTODY_RUNG_NOT_CHECKED] = N_("not checked"),
		[CUSTODY_RUNG_NOT_APPLICABLE] = N_("not applicable"),
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

const char *custody_report_custody_open(const struct custody_report *r)
{
	static const struct {
		enum custody_finding_id id;
		const char *why;
	} reasons[] = {
		{ CUSTODY_FINDING_RECORD_AFTER_DESTRUCTION,
			N_("the record says that it was destroyed, and yet it is there or was used; see what was found") },
		{ CUSTODY_FINDING_RECORD_GAP, N_("the record leaves open who held or used it at some time; see what was found") },
		{ CUSTODY_FINDING_RECORD_DISCREPANCY, N_("the record says that something did not fit; see what was found") },
		{ CUSTODY_FINDING_RECORD_TIMES_DISAGREE, N_("times in the record do not agree; see what was found") },
		{ CUSTODY_FINDING_RECORD_DECLARED_LATER, N_("part of the record was told later, from paper; see what was found") },
	};
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (have(r, reasons[i].id))
			return reasons[i].why;
	return NULL;
}

/* Unbroken up to its end, and only where that end is known elsewhere, nobody is missing in between, and nobody who signed says that something does not fit. */
static enum custody_report_rung_result custody_unbroken(const struct custody_report *r)
{
	enum custody_report_rung_result group = of_group(r->groups[CUSTODY_GROUP_CUSTODY]);
	bool open = !r->record_anchored || custody_report_custody_open(r);
	return group == CUSTODY_RUNG_HOLDS && open ? CUSTODY_RUNG_NOT_SHOWN : group;
}

/* On what that rests, or why it is not shown though each event holds. */
static const char *custody_why(const struct custody_report *r)
{
	const enum custody_group_result group = r->groups[CUSTODY_GROUP_CUSTODY];
	const char *open = custody_report_custody_open(r);
	if (group == CUSTODY_RESULT_NOT_PRESENTED)
		return N_("no custody record was given");
	if (group != CUSTODY_RESULT_PASS || (!open && r->record_anchored))
		return N_("the custody record");
	return open ? open : N_("whether the record was cut off at its end cannot be said");
}

/* Places of the two that have files of their own. */
enum { SENDERS_DIGESTS = 6, SCOPE = 7 };

bool custody_report_rung(const struct custody_report *r, size_t i, struct custody_report_rung *out)
{
	const struct custody_report_rung rungs[] = {
		{ N_("the bytes are those that were sealed"), N_("lists of the package, and both signatures over them"), bytes_equal(r) },
		{ N_("the seal was made with the key of the certificate in it"), N_("arithmetic of both signatures"), key_holds(r) },
		{ N_("that key is certified to the person named, under an anchor that was given"),
			N_("path to the anchor, fitness, and revocation at the time that counts"), of_group(r->groups[CUSTODY_GROUP_SEAL]) },
		{ N_("the seal existed not later than a proven time"),
			r->groups[CUSTODY_GROUP_TIME] == CUSTODY_RESULT_OWN_WORD ? N_("the time is the laboratory's own word")
										 : N_("time-stamp of an independent authority"),
			of_group(r->groups[CUSTODY_GROUP_TIME]) },
		{ N_("the proof was renewed for the long term"), N_("no renewal is in the package; no forecast is made"),
			of_group(r->groups[CUSTODY_GROUP_LONG_TERM]) },
		{ N_("custody is unbroken since sealing"), custody_why(r), custody_unbroken(r) },
		{ N_("the content equals the sender's own digests or signature"), NULL, CUSTODY_RUNG_NOT_CHECKED },
		{ N_("the content is inside the scope of the request"), NULL, CUSTODY_RUNG_NOT_CHECKED },
		{ N_("the program that sealed has no known relevant defect"), N_("no list of defects was given"), CUSTODY_RUNG_NOT_CHECKED },
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

/* A line of the commands, and behind it what it is for. */
static void command(struct text *t, const char *line, const char *gap, const char *comment)
{
	add(t, "    ");
	add(t, line);
	add(t, comment ? gap : "");
	add(t, comment ? "# " : "");
	add(t, comment ? custody_words_get(t->words, comment) : "");
	add(t, "\n");
}

/* Prose between them. */
static void prose(struct text *t, const char *words)
{
	if (!t->failed)
		t->failed = custody_paragraph(t->out, 2, "", 2, custody_words_get(t->words, words), t->err) != 0;
}

int custody_report_by_hand(struct custody_buf *out, const struct custody_report *r, const struct custody_words *words, struct custody_error *err)
{
	struct text t = { out, words, err, false, false };
	if (!r->has_package || !r->path)
		return 0;
	prose(&t, "Put the file, signers.pem and tsas.pem into one empty folder, go there, and in bash (with unzip, sha256sum and openssl 3):");
	add(&t, "    f=");
	shell_word(&t, r->path);
	add(&t, "\n");
	command(&t, "sha256sum -- \"$f\"", "  ", N_("the package number above, and on the form"));
	command(&t, "mkdir x && unzip -q \"./$f\" -d x && cd x", "", NULL);
	command(&t, "sha256sum --quiet -c manifest-sha256.txt", "", NULL);
	command(&t, "sha256sum --quiet -c tagmanifest-sha256.txt", "", NULL);
	command(&t, "openssl dgst -sha256 -binary tagmanifest-sha256.txt | openssl base64 -A", "", NULL);
	command(&t, "echo", "  ", N_("what follows states the digest just printed"));
	command(&t, "grep '\"tagmanifest-sha256.txt\"' META-INF/ASiCManifest001.xml", "", NULL);
	command(&t, "openssl cms -verify -cades -binary -purpose any -inform DER \\", "", NULL);
	command(&t, "  -in META-INF/signature001.p7s -content META-INF/ASiCManifest001.xml \\", "", NULL);
	command(&t, "  -CAfile ../signers.pem -no-CApath -no-CAstore \\", "", NULL);
	command(&t, "  -signer ../who.pem -out /dev/null", "", NULL);
	command(&t, "openssl x509 -in ../who.pem -noout -subject -fingerprint -sha256", "", NULL);
	prose(&t,
		"The time-stamp, and how to look for files that no list names: custody-verify(1), BY HAND. If the package brings other instructions "
		"than those, do not follow them.");
	return t.failed ? -1 : 0;
}

/* ---- numbers and dates ---- */

/* What stands between thousands: between 12 and 345 in the language's way of writing that number. out holds 16 bytes. */
static void thousands(const struct custody_words *words, char *out)
{
	/* TRANSLATORS: this number as your language writes it, with the digits 0 to 9. */
	const char *sample = custody_words_get(words, N_("12,345,678")), *end = strstr(sample, "345");
	snprintf(out, 16, "%.*s", end && end > sample + 2 ? (int)(end - sample - 2) : 0, sample + 2);
}

const char *custody_report_grouped(uint64_t v, const struct custody_words *words, char *out)
{
	char digits[24], between[16];
	int n = snprintf(digits, sizeof(digits), "%" PRIu64, v);
	size_t o = 0;
	thousands(words, between);
	for (int i = 0; i < n; i++) {
		bool gap = i > 0 && (n - i) % 3 == 0;
		o += (size_t)snprintf(out + o, CUSTODY_REPORT_NUMBER - o, "%s%c", gap ? between : "", digits[i]);
		if (o >= CUSTODY_REPORT_NUMBER)
			break;
	}
	return out;
}

const char *custody_report_items(uint64_t n, const struct custody_words *words, char *out)
{
	char number[CUSTODY_REPORT_NUMBER];
	snprintf(out, CUSTODY_REPORT_COUNT, custody_words_plural(words, n, "%s item", "%s items"), custody_report_grouped(n, words, number));
	return out;
}

const char *custody_report_bytes(uint64_t n, const struct custody_words *words, char *out)
{
	char number[CUSTODY_REPORT_NUMBER];
	snprintf(out, CUSTODY_REPORT_COUNT, custody_words_plural(words, n, "%s byte", "%s bytes"), custody_report_grouped(n, words, number));
	return out;
}

/* The parts of a time in words; false: out of range, which is in day then. */
static bool date_parts(struct custody_time t, const struct custody_words *words, char day[CUSTODY_REPORT_DATE], char clock[CUSTODY_TIME_TEXT])
{
	static const char *const months[] = { N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"),
		N_("August"), N_("September"), N_("October"), N_("November"), N_("December") };
	char text[CUSTODY_TIME_TEXT], number[8];
	custody_report_time(t, text);
	clock[0] = '\0';
	if (text[0] == '(') {
		snprintf(day, CUSTODY_REPORT_DATE, "%s", custody_words_get(words, N_("(out of range)")));
		return false;
	}
	/* YYYY-MM-DDThh:mm:ss, a fraction or not, Z */
	int month = (text[5] - '0') * 10 + text[6] - '0', which = (text[8] - '0') * 10 + text[9] - '0';
	/* TRANSLATORS: the first day of a month, if it is more than the number: "1er". */
	snprintf(number, sizeof(number), "%d", which);
	/* TRANSLATORS: day, month, year. */
	snprintf(day, CUSTODY_REPORT_DATE, custody_words_get(words, N_("%s %s %.4s")), which == 1 ? custody_words_get(words, N_("1")) : number,
		custody_words_get(words, months[(month + 11) % 12]), text);
	snprintf(clock, CUSTODY_TIME_TEXT, "%.*s", (int)(strlen(text) - 12), text + 11);
	return true;
}

const char *custody_report_day(struct custody_time t, const struct custody_words *words, char *out)
{
	char clock[CUSTODY_TIME_TEXT];
	date_parts(t, words, out, clock);
	return out;
}

const char *custody_report_date(struct custody_time t, const struct custody_words *words, char *out)
{
	char day[CUSTODY_REPORT_DATE], clock[CUSTODY_TIME_TEXT];
	if (date_parts(t, words, day, clock))
		/* TRANSLATORS: day and time of day. */
		snprintf(out, CUSTODY_REPORT_DATE, custody_words_get(words, N_("%s, %s UTC")), day, clock);
	else
		snprintf(out, CUSTODY_REPORT_DATE, "%s", day);
	return out;
}

struct custody_time custody_report_judged_at(const struct custody_report *r)
{
	return (struct custody_time){ r->evaluated_at.sec, 0 };
}

const char *custody_report_other_stamp(const struct custody_seal_stamp *stamp)
{
	if (stamp->independent)
		return N_("holds, and is independent of whoever sealed");
	return stamp->good ? N_("holds, and is not independent of whoever sealed") : N_("does not hold under what was given for this check");
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

const char *custody_report_local_beside(const struct custody_report *r, struct custody_time t, const struct custody_words *words, char *out)
{
	char utc[CUSTODY_REPORT_DATE], local[CUSTODY_REPORT_DATE], clock[CUSTODY_TIME_TEXT], offset[16];
	struct custody_zone zone = { 0, "" };
	struct custody_time there;
	out[0] = '\0';
	if (!custody_time_in_range(t) || !moved(r, t, &zone, &there) || zone.offset == 0)
		return out;
	custody_report_day(t, words, utc);
	date_parts(there, words, local, clock);
	offset_text(zone.offset, "UTC", offset);
	if (strcmp(utc, local) == 0)
		snprintf(out, CUSTODY_REPORT_LOCAL, " (%s %s, %s)", clock, zone.name, offset);
	else
		/* TRANSLATORS: day, time of day, name of the time zone, how far it is from UTC. */
		snprintf(out, CUSTODY_REPORT_LOCAL, custody_words_get(words, N_(" (%s, %s %s, %s)")), local, clock, zone.name, offset);
	return out;
}

int custody_report_append_local(
	struct custody_buf *out, const struct custody_report *r, struct custody_time t, const struct custody_words *words, struct custody_error *err)
{
	char text[CUSTODY_REPORT_LOCAL];
	return custody_buf_append_str(out, custody_report_local_beside(r, t, words, text), err);
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
		return N_("withdrawn: see what was found");
	if (custody_time_compare(r->evaluated_at, s->valid_from) < 0)
		return N_("not valid yet when it was judged");
	if (custody_time_compare(r->evaluated_at, s->valid_until) <= 0)
		return N_("not expired when it was judged");
	if (custody_report_not_later_than(r, &proven) && custody_time_compare(s->stated, s->valid_from) >= 0 &&
		custody_time_compare(s->stated, s->valid_until) <= 0)
		return N_("expired since; it had not at the proven time");
	return N_("expired, and no proven time speaks for it");
}
