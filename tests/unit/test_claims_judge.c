/* SPDX-License-Identifier: Apache-2.0 */
/* What stated digests are worth beside an inventory, and what comes of it when something fails meanwhile. ADM-13. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "libcustody/verdict/claims.h"
#include "tests/support/failing.h"
#include "tests/support/faults.h"
#include "tests/support/judge.h"
#include "tests/support/nomem.h"

#define ZERO32 "0000000000000000000000000000000000000000000000000000000000000000"
#define MD5 "00000000000000000000000000000000"
#define SHA1 "0000000000000000000000000000000000000000"
#define LISTS                                                                                                                                  \
	"{\"name\":\"l\",\"sha256\":\"" ZERO32 "\",\"format\":\"bsd\",\"by\":null,\"confirmed_by\":null},{\"name\":\"m\",\"sha256\":\"" ZERO32 \
	"\",\"format\":\"table\",\"by\":\"X\",\"confirmed_by\":\"Y\"}"
#define HEAD(claims) "{\"format\":\"custody-claims/1\",\"claims\":" #claims ",\"sources\":[" LISTS "]}\n"
#define LINE(item, source, line, path, rest) "{\"item\":" item ",\"source\":" source ",\"line\":" line ",\"path\":\"" path "\"," rest "}\n"

struct told {
	int returned;
	struct custody_error err;
	struct custody_findings findings;
	struct custody_claims_result result;
};

static void told_release(struct told *t)
{
	custody_findings_release(&t->findings);
	custody_claims_result_release(&t->result);
}

/* Two items with content and a folder between them; digests are zeros. */
static const struct {
	const char *path;
	bool has_content;
} items[] = { { "a", true }, { "d", false }, { "d/b", true } };

static int tell_with(const struct custody_source *source, uint64_t size, const uint8_t seen[32], bool whole, struct told *t)
{
	CUSTODY_CLEANUP(custody_claims_judge_free) struct custody_claims_judge *j = NULL;

	if (custody_claims_judge_new(&j, source, 0, size, &t->findings, &t->result, &t->err))
		return -1;
	for (size_t i = 0; i < 3; i++) {
		const struct custody_item item = { .n = i,
			.path = { (const uint8_t *)items[i].path, strlen(items[i].path) },
			.kind = items[i].has_content ? CUSTODY_KIND_FILE : CUSTODY_KIND_DIR,
			.has_content = items[i].has_content,
			.digests.mask = CUSTODY_DIGEST_BIT(CUSTODY_MD5) | CUSTODY_DIGEST_BIT(CUSTODY_SHA1) | CUSTODY_DIGEST_BIT(CUSTODY_SHA256) };
		if (custody_claims_judge_item(j, &item, &t->err))
			return -1;
	}
	return custody_claims_judge_finish(j, seen, whole, &t->err);
}

static void tell_source(const struct custody_source *source, const char *text, bool whole, struct told *t)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint8_t seen[32];

	memset(t, 0, sizeof(*t));
	custody_findings_init(&t->findings);
	cr_assert_eq(custody_digest_once(CUSTODY_SHA256, text, strlen(text), seen, &err), 0);
	t->returned = tell_with(source, strlen(text), seen, whole, t);
}

static void tell(const char *text, bool whole, struct told *t)
{
	struct custody_source source;

	custody_source_memory(&source, (const uint8_t *)text, strlen(text));
	tell_source(&source, text, whole, t);
}

/* The detail of the only finding of that id; "" if there is none. */
static const char *detail(const struct told *t, enum custody_finding_id id)
{
	for (size_t i = 0; i < t->findings.n; i++)
		if (t->findings.list[i].id == id)
			return t->findings.list[i].detail ? t->findings.list[i].detail : "(none)";
	return "";
}

#define GOOD                                                                                    \
	HEAD(3)                                                                                 \
	LINE("0", "0", "1", "a", "\"digests\":{\"md5\":\"" MD5 "\",\"sha256\":\"" ZERO32 "\"}") \
	LINE("2", "0", "2", "d/b", "\"size\":0,\"digests\":{\"sha256\":\"" ZERO32 "\"}")        \
	LINE("2", "1", "1", "other", "\"digests\":{\"sha1\":\"" SHA1 "\"}")

Test(claims_judge, counts_what_agrees_and_by_what)
{
	CUSTODY_CLEANUP(told_release) struct told t;

	tell(GOOD, true, &t);
	cr_expect_eq(t.returned, 0, "%s", t.err.text);
	cr_expect(t.result.complete && t.result.stated == 3 && t.result.matched == 3 && t.result.legacy == 1 && t.result.items_matched == 2);
	cr_expect(!custody_claims_result_holds(&t.result));
	cr_expect_str_eq(detail(&t, CUSTODY_FINDING_CLAIM_NAME_DIFFERS), "the digest was stated for 'other' (line 1 of 'm', stated by 'X')");
	cr_expect_str_eq(detail(&t, CUSTODY_FINDING_CLAIM_LEGACY), "1 of 3 digests that agree");
	cr_expect_str_eq(t.result.sources[1].confirmed_by, "Y");
}

Test(claims_judge, names_all_that_differs)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ HEAD(1) LINE("0", "0", "1", "a",
			  "\"size\":5,\"digests\":{\"md5\":\"1"
			  "0000000000000000000000000000000\",\"sha1\":\"1"
			  "000000000000000000000000000000000000000\"}"),
			"md5, sha1, size of 'a' (line 1 of 'l', by whom is not said)" },
		{ HEAD(1) LINE("0", "0", "1", "a", "\"size\":5,\"digests\":{\"md5\":\"" MD5 "\"}"),
			"size of 'a' (line 1 of 'l', by whom is not said)" },
	};

	for (size_t i = 0; i < 2; i++) {
		CUSTODY_CLEANUP(told_release) struct told t;

		tell(cases[i].text, true, &t);
		cr_expect_eq(t.returned, 0, "%s", t.err.text);
		cr_expect_str_eq(detail(&t, CUSTODY_FINDING_CLAIM_MISMATCH), cases[i].want);
		cr_expect_eq(t.result.mismatched, 1u);
	}
}

/* Where the inventory was not read to its end, a digest without an item may be of one behind it. */
Test(claims_judge, says_nothing_of_what_is_left_when_the_inventory_was_not_read)
{
	static const char text[] = HEAD(2) LINE("7", "0", "1", "x", "\"digests\":{\"md5\":\"" MD5 "\"}")
		LINE("null", "0", "2", "y", "\"digests\":{\"md5\":\"" MD5 "\"}");
	CUSTODY_CLEANUP(told_release) struct told part, whole;

	tell(text, false, &part);
	cr_expect_eq(part.returned, 0, "%s", part.err.text);
	cr_expect(!part.result.complete && part.result.missing == 0 && part.findings.n == 0);
	tell(text, true, &whole);
	cr_expect_eq(whole.returned, 0, "%s", whole.err.text);
	cr_expect(!whole.result.complete);
	cr_expect_str_eq(detail(&whole, CUSTODY_FINDING_CLAIMS_MALFORMED), "found a digest of item 7, which the inventory does not have");
}

Test(claims_judge, says_when_the_member_was_another_in_the_pass)
{
	static const uint8_t other[32] = { 1 };
	CUSTODY_CLEANUP(told_release) struct told t;
	struct custody_source source;

	memset(&t, 0, sizeof(t));
	custody_findings_init(&t.findings);
	custody_source_memory(&source, (const uint8_t *)GOOD, strlen(GOOD));
	cr_expect_eq(tell_with(&source, strlen(GOOD), other, true, &t), 0);
	cr_expect_eq(t.findings.count[CUSTODY_FINDING_PACKAGE_CHANGED_WHILE_READ], 1u);
}

Test(claims_judge, a_line_beyond_the_limit_is_a_finding)
{
	CUSTODY_CLEANUP(told_release) struct told t;
	CUSTODY_FREE char *text = malloc(CUSTODY_LIMIT_LINE + 4096);

	cr_assert_not_null(text);
	size_t n = (size_t)sprintf(text, "%s", HEAD(1));
	memset(text + n, ' ', CUSTODY_LIMIT_LINE + 2);
	snprintf(text + n + CUSTODY_LIMIT_LINE + 2, 2, "\n");
	tell(text, true, &t);
	cr_expect_eq(t.returned, 0, "%s", t.err.text);
	cr_expect_eq(t.findings.count[CUSTODY_FINDING_CLAIMS_MALFORMED], 1u);
}

/* ---- what fails ---- */

/* Nothing is said that is not said when nothing fails. */
static bool says_no_more(const struct told *t, const struct told *whole)
{
	for (size_t id = 0; id < CUSTODY_FINDING_COUNT; id++)
		if (t->findings.count[id] > whole->findings.count[id])
			return false;
	return true;
}

/* More than one read of the source. */
static char *long_text(void)
{
	enum { LINES = 3000 };
	char *text = malloc(LINES * 128 + 1024), *end = text;

	cr_assert_not_null(text);
	end += sprintf(end, "{\"format\":\"custody-claims/1\",\"claims\":%d,\"sources\":[" LISTS "]}\n", 2 * LINES);
	for (int i = 0; i < LINES; i++)
		end += sprintf(end, "{\"item\":0,\"source\":0,\"line\":%d,\"path\":\"a\",\"digests\":{\"md5\":\"" MD5 "\"}}\n", i + 1);
	text = realloc(text, (size_t)(end - text) + LINES * 128);
	end = text + strlen(text);
	for (int i = 0; i < LINES; i++)
		end += sprintf(end, "{\"item\":null,\"source\":0,\"line\":%d,\"path\":\"c\",\"digests\":{\"md5\":\"" MD5 "\"}}\n", LINES + i + 1);
	return text;
}

Test(claims_judge, a_read_that_fails_is_handed_on)
{
	CUSTODY_CLEANUP(told_release) struct told whole;
	CUSTODY_FREE char *text = long_text();
	size_t failures = 0;

	tell(text, true, &whole);
	cr_assert_eq(whole.returned, 0, "%s", whole.err.text);
	cr_assert(whole.result.complete && whole.result.missing == 3000);
	for (bool hit = true; hit;) {
		CUSTODY_CLEANUP(told_release) struct told t;
		struct custody_source source;
		struct failing failing;

		failing_source(&source, &failing, (const uint8_t *)text, strlen(text), failures);
		tell_source(&source, text, true, &t);
		hit = failing.reads > failures;
		cr_expect_eq(t.returned, hit ? -1 : 0, "read %zu: %s", failures, t.err.text);
		cr_expect(!hit || t.err.kind == CUSTODY_ERR_IO);
		cr_expect(!hit || (says_no_more(&t, &whole) && !t.result.complete), "read %zu", failures);
		failures += hit;
	}
	cr_expect_geq(failures, 3u);
}

static size_t fail_each(const char *call, const struct told *whole)
{
	size_t failures = 0;

	for (bool hit = true; hit;) {
		CUSTODY_CLEANUP(told_release) struct told t;
		struct custody_source source;
		uint8_t seen[32] = { 0 };
		struct custody_error err = CUSTODY_ERROR_INIT;

		cr_assert_eq(custody_digest_once(CUSTODY_SHA256, GOOD, strlen(GOOD), seen, &err), 0);
		memset(&t, 0, sizeof(t));
		custody_findings_init(&t.findings);
		custody_source_memory(&source, (const uint8_t *)GOOD, strlen(GOOD));
		if (call)
			faults_set(call, (int)failures + 1, 0);
		else
			nomem_arm(failures + 1);
		t.returned = tell_with(&source, strlen(GOOD), seen, true, &t);
		hit = call ? !faults_pending(call) : nomem_disarm();
		faults_clear();
		/* OpenSSL gets over some of them; then everything is as it would have been. A finding that was lost is remembered as that. */
		bool as_ever = t.returned == 0 &&
			       (t.findings.out_of_memory || memcmp(t.findings.count, whole->findings.count, sizeof(t.findings.count)) == 0);
		cr_expect(hit && call ? t.returned == -1 : t.returned == -1 || as_ever, "%s %zu: %s", call ? call : "allocation", failures + 1,
			t.err.text);
		cr_expect(says_no_more(&t, whole), "%s %zu", call ? call : "allocation", failures + 1);
		failures += hit;
	}
	return failures;
}

Test(claims_judge, every_failure_is_handed_on_and_none_is_a_finding)
{
	CUSTODY_CLEANUP(told_release) struct told whole;

	tell(GOOD, true, &whole);
	cr_expect_geq(fail_each("EVP_DigestUpdate", &whole), 1u);
	cr_expect_geq(fail_each("EVP_DigestFinal_ex", &whole), 1u);
	if (nomem_available())
		cr_expect_geq(fail_each(NULL, &whole), 50u);
}
