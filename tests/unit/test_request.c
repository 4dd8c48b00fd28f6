/* SPDX-License-Identifier: Apache-2.0 */
/* Request records: design/admissibility.md ADM-01 to ADM-10, section 1.1. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "formats/request.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/utf8.h"
#include "libcustody/crypto/digest.h"
#include "libcustody/record/request.h"
#include "tests/support/nomem.h"

#define DOCUMENT(records) "{\"format\":\"custody-request/1\",\"requests\":[" records "]}"
#define RECORD(rest) "{\"id\":\"a\",\"kind\":\"preservation\"" rest "}"
#define ONE(rest) DOCUMENT(RECORD(rest))

static int parse(const char *text, enum custody_request_reading reading, struct custody_requests *r, struct custody_error *err)
{
	return custody_requests_parse((const uint8_t *)text, strlen(text), reading, r, err);
}

/* text as a person wrote it, in the one form of a package. Gives "" and prints if it is refused. */
static const char *canonical(const char *text, struct custody_buf *out)
{
	CUSTODY_REQUESTS_CLEAN struct custody_requests r = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_buf_init(out, (size_t)64 << 20);
	if (parse(text, CUSTODY_REQUEST_WRITTEN, &r, &err) || custody_requests_format(&r, out, &err))
		cr_log_error("%s", err.text);
	return custody_buf_str(out);
}

Test(request, has_the_kinds_of_ADM_02)
{
	static const char *const kinds[] = { "preservation", "preservation-extension", "voluntary-disclosure", "emergency-disclosure",
		"production-order", "mla", "epoc", "epoc-pr", "consent", "spontaneous-disclosure", "other" };
	enum custody_request_kind kind;

	cr_assert_eq(sizeof(kinds) / sizeof(kinds[0]), CUSTODY_REQUEST_KINDS);
	for (int i = 0; i < CUSTODY_REQUEST_KINDS; i++) {
		cr_assert(custody_request_kind_find(kinds[i], &kind), "%s", kinds[i]);
		cr_expect_eq(kind, (enum custody_request_kind)i);
		cr_expect_str_eq(custody_request_kind_name(kind), kinds[i]);
		cr_expect(strlen(custody_request_kind_summary(kind)) > 10);
	}
	cr_expect(!custody_request_kind_find("Preservation", &kind) && !custody_request_kind_find("", &kind));
}

/* ADM-03: unknown is not empty, and neither is withheld. */
Test(request, keeps_given_not_given_and_withheld_apart)
{
	static const struct {
		const char *name, *written, *sealed;
	} cases[] = {
		{ "given", ONE(",\"language\":\"fr\""), ONE(",\"language\":\"fr\"") "\n" },
		{ "not given", ONE(",\"language\":null"), ONE("") "\n" },
		{ "absent", ONE(""), ONE("") "\n" },
		{ "withheld", ONE(",\"language\":{\"withheld\":\"sealed by the court\"}"),
			ONE(",\"language\":{\"withheld\":\"sealed by the court\"}") "\n" },
		{ "a number withheld", ONE(",\"generation\":{\"withheld\":\"w\"}"), ONE(",\"generation\":{\"withheld\":\"w\"}") "\n" },
		{ "a group withheld", ONE(",\"legal\":{\"withheld\":\"w\"}"), ONE(",\"legal\":{\"withheld\":\"w\"}") "\n" },
		{ "a list withheld", ONE(",\"conditions\":{\"withheld\":\"w\"}"), ONE(",\"conditions\":{\"withheld\":\"w\"}") "\n" },
		{ "stated that there is none", ONE(",\"conditions\":[]"), ONE(",\"conditions\":[]") "\n" },
		{ "an untouched element", ONE(",\"conditions\":[{\"kind\":null,\"text\":null}]"), ONE("") "\n" },
		{ "two, one untouched", ONE(",\"conditions\":[{\"kind\":null},null,{\"text\":\"x\"}]"),
			ONE(",\"conditions\":[{\"text\":\"x\"}]") "\n" },
		{ "an untouched group", ONE(",\"secrecy\":{\"basis\":null,\"until\":null}"), ONE("") "\n" },
		{ "an untouched group within", ONE(",\"authority\":{\"second_contact\":{\"name\":null}}"), ONE("") "\n" },
		{ "false is given", ONE(",\"secrecy\":{\"non_notification\":false}"), ONE(",\"secrecy\":{\"non_notification\":false}") "\n" },
		{ "zero is given", ONE(",\"generation\":0"), ONE(",\"generation\":0") "\n" },
		{ "texts of a list", ONE(",\"authority\":{\"references\":[null,\"a\",null]}"), ONE(",\"authority\":{\"references\":[\"a\"]}") "\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf out = { 0 }, again = { 0 };
		cr_expect_str_eq(canonical(cases[i].written, &out), cases[i].sealed, "%s: %s", cases[i].name, custody_buf_str(&out));
		cr_expect_str_eq(canonical(custody_buf_str(&out), &again), cases[i].sealed, "%s, again", cases[i].name);
	}
}

Test(request, has_one_form_whatever_the_order_and_the_blanks)
{
	CUSTODY_BUF_CLEAN struct custody_buf out = { 0 };
	static const char written[] = "\n {\"requests\": [ {\"x-b\":\"2\", \"x-about\": 7, \"documents\":[{\"sha256\":\""
				      "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
				      "\",\"name\":\"order\"}],\n"
				      "\"data\":{\"categories\":[\"traffic\",\"content\"],\"targets\":[{\"value\":\"Ren\xc3\xa9 "
				      "\\u2028\",\"line\":3,\"from\":\"2026-01-01\"}]},\r\n"
				      "\"kind\":\"mla\",\"id\":\"1\",\"x-a\":\"1\\n2\"}],\"x-about\":\"help\",\"format\":\"custody-request/1\"}\n\n";

	cr_expect_str_eq(canonical(written, &out),
		DOCUMENT("{\"id\":\"1\",\"kind\":\"mla\",\"data\":{\"targets\":[{\"line\":3,\"value\":\"Ren\xc3\xa9 "
			 "\xe2\x80\xa8\",\"from\":\"2026-01-01\"}],"
			 "\"categories\":[\"traffic\",\"content\"]},\"documents\":[{\"name\":\"order\",\"sha256\":"
			 "\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"}],"
			 "\"x-b\":\"2\",\"x-a\":\"1\\n2\"}") "\n",
		"%s", custody_buf_str(&out));
}

static const struct {
	const char *text, *want;
} refused[] = {
	{ "", "found nothing, want a JSON object" },
	{ " \n ", "found nothing, want a JSON object" },
	{ "[]", "line 1: not our JSON at byte 0: want an object" },
	{ "\n\n{\"format\":\n1.5}", "line 4: not our JSON at byte 11: a number that is not an integer" },
	{ "{} x", "line 1: not our JSON at byte 3: want the end of the object" },
	{ "{\"format\":\"a\",\"format\":\"a\"}", "line 1: not JSON at byte 22: duplicate object key near '\"format\"'" },
	{ "{}", "'format' is missing or no text, want 'custody-request/1'" },
	{ "{\"format\":1}", "'format' is missing or no text, want 'custody-request/1'" },
	{ "{\"format\":\"custody-seal/1\"}", "found format 'custody-seal/1', want 'custody-request/1'" },
	{ "{\"format\":\"custody-request/2\"}", "found format 'custody-request/2', want 'custody-request/1'" },
	{ "{\"format\":\"custody-request/1\"}", "'requests' is no list of at least one record" },
	{ DOCUMENT(""), "'requests' is no list of at least one record" },
	{ "{\"format\":\"custody-request/1\",\"id\":1}", "found 'id' beside 'format' and 'requests', want it in a record" },
	{ DOCUMENT("1"), "request 1: found an integer, want an object" },
	{ DOCUMENT("{}"), "request 1: 'id' is missing" },
	{ DOCUMENT("{\"id\":\"a\"}"), "request 1: 'kind' is missing" },
	{ DOCUMENT("{\"id\":{\"withheld\":\"x\"}}"), "request 1: 'id' is withheld, want it given" },
	{ DOCUMENT("{\"id\":\"a\",\"kind\":{\"withheld\":\"x\"}}"), "request 1: 'kind' is withheld, want it given" },
	{ DOCUMENT("{\"id\":\"a\",\"kind\":\"preserve\"}"), "request 1: kind: found 'preserve', want preservation, preservation-extension, "
							    "voluntary-disclosure, emergency-disclosure, production-order, mla, epoc, "
							    "epoc-pr, consent, spontaneous-disclosure or other" },
	{ DOCUMENT(RECORD("") "," RECORD("")), "the id 'a' is there twice, want one for each record" },
	{ DOCUMENT(RECORD("") ",7"), "request 2: found an integer, want an object" },
	{ ONE(",\"organisation\":\"x\""), "request 1: organisation: found a field that a record does not have here" },
	{ ONE(",\"o\\u001b[31m\":1"), "request 1: o\\u{001b}[31m: found a field that a record does not have here" },
	{ ONE(",\"language\":1"), "request 1: language: found an integer, want text" },
	{ ONE(",\"language\":\"\""), "request 1: language: found text without a character, want text" },
	{ ONE(",\"language\":\" \""), "request 1: language: found text without a character, want text" },
	{ ONE(",\"language\":\"a\\nb\""), "request 1: language: found the control character U+000A, want one line of text" },
	{ ONE(",\"language\":\"\\u0085\""), "request 1: language: found the control character U+0085, want one line of text" },
	{ ONE(",\"legal\":{\"facts\":\"a\\u001bb\"}"), "request 1: legal: facts: found the control character U+001B, want text" },
	{ ONE(",\"date\":\"24.11.2026\""),
		"request 1: date: found '24.11.2026', want a date like 2026-11-24 or a time like 2026-11-24T04:12:09+01:00" },
	{ ONE(",\"date\":\"2026-02-30\""),
		"request 1: date: found '2026-02-30', want a date like 2026-11-24 or a time like 2026-11-24T04:12:09+01:00" },
	{ ONE(",\"date\":20261124"), "request 1: date: found an integer, want a date or a time" },
	{ ONE(",\"generation\":\"1\""), "request 1: generation: found a string, want a number" },
	{ ONE(",\"generation\":-1"), "request 1: generation: found -1, want a number from 0 to 2^53 - 1" },
	{ ONE(",\"status\":\"old\""), "request 1: status: found 'old', want new, extension or withdrawn" },
	{ ONE(",\"status\":true"), "request 1: status: found true, want a word" },
	{ ONE(",\"secrecy\":{\"non_notification\":\"yes\"}"), "request 1: secrecy: non_notification: found a string, want true or false" },
	{ ONE(",\"authority\":\"Police\""), "request 1: authority: found a string, want an object" },
	{ ONE(",\"authority\":{\"references\":\"17\"}"), "request 1: authority: references: found a string, want a list" },
	{ ONE(",\"authority\":{\"references\":[\"a\",17]}"), "request 1: authority: references 2: found an integer, want text" },
	{ ONE(",\"authority\":{\"second_contact\":{\"name\":[]}}"), "request 1: authority: second_contact: name: found an array, want text" },
	{ ONE(",\"data\":{\"targets\":[null,{\"type\":null},{\"from\":\"x\"}]}"),
		"request 1: data: targets 3: from: found 'x', want a date like 2026-11-24 or a time like 2026-11-24T04:12:09+01:00" },
	{ ONE(",\"data\":{\"targets\":[7]}"), "request 1: data: targets 1: found an integer, want an object" },
	{ ONE(",\"data\":{\"targets\":[{\"withheld\":\"x\"}]}"),
		"request 1: data: targets 1: found 'withheld' in place of an element, want it in place of a field or of the whole list" },
	{ ONE(",\"data\":{\"categories\":[\"traffic\",\"traffic\"]}"), "request 1: data: categories 2: found 'traffic' a second time" },
	{ ONE(",\"data\":{\"categories\":[\"metadata\"]}"),
		"request 1: data: categories 1: found 'metadata', want subscriber, user-identification, traffic, content or other" },
	{ ONE(",\"legal\":{\"withheld\":\"x\",\"facts\":\"y\"}"), "request 1: legal: found 'withheld' beside other fields, want it alone" },
	{ ONE(",\"legal\":{\"withheld\":\"\"}"), "request 1: legal: the reason for withholding: found text without a character, want text" },
	{ ONE(",\"legal\":{\"withheld\":true}"), "request 1: legal: the reason for withholding: found true, want text" },
	{ ONE(",\"documents\":[{\"sha256\":\"00FF\"}]"), "request 1: documents 1: sha256: found '00FF', want 64 lower-case hex digits" },
	{ ONE(",\"documents\":[{\"sha256\":0}]"), "request 1: documents 1: sha256: found an integer, want 64 lower-case hex digits" },
	{ ONE(",\"x-note\":1"), "request 1: x-note: found an integer, want text" },
};

Test(request, says_where_and_why_a_record_is_refused)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		CUSTODY_REQUESTS_CLEAN struct custody_requests r = { 0 };
		struct custody_error err = CUSTODY_ERROR_INIT;

		cr_expect_eq(parse(refused[i].text, CUSTODY_REQUEST_WRITTEN, &r, &err), -1, "%s", refused[i].text);
		cr_expect_str_eq(err.text, refused[i].want);
		cr_expect_eq(err.kind, CUSTODY_ERR_FORMAT, "%s", refused[i].text);
		cr_expect_null(r.records);
	}
}

Test(request, a_later_format_is_said_to_be_one)
{
	CUSTODY_REQUESTS_CLEAN struct custody_requests r = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;

	cr_expect_eq(parse("{\"format\":\"custody-request/2\"}\n", CUSTODY_REQUEST_SEALED, &r, &err), -1);
	cr_expect_str_eq(err.rule, "newer-format");
}

Test(request, in_a_package_is_one_line_and_may_have_more_than_is_known)
{
	CUSTODY_REQUESTS_CLEAN struct custody_requests r = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_BUF_CLEAN struct custody_buf out = { 0 };

	custody_buf_init(&out, 100000);
	cr_assert_eq(parse("{\"format\":\"custody-request/"
			   "1\",\"seen\":1,\"requests\":[{\"id\":\"a\",\"kind\":\"summons\",\"new\":{},\"status\":\"paused\",\"x-k\":\"v\"}]}\n",
			     CUSTODY_REQUEST_SEALED, &r, &err),
		0, "%s", err.text);
	cr_expect_eq(r.unknown, 4);
	cr_expect(r.other_form);
	cr_expect_eq(r.private_fields, 1);
	cr_expect_eq(custody_requests_kind(&r, 0), CUSTODY_REQUEST_KINDS);
	cr_assert_eq(custody_request_text_show(&r, &out, &err), 0, "%s", err.text);
	cr_expect_not_null(strstr(custody_buf_str(&out), "4 fields or words of a later version"));
	cr_expect_not_null(strstr(custody_buf_str(&out), "of an unknown kind"));
	cr_expect_not_null(strstr(custody_buf_str(&out), "no digest is given"));
	custody_requests_release(&r);
	cr_assert_eq(
		parse("{\"format\":\"custody-request/1\",\"requests\":[{\"kind\":\"mla\",\"id\":\"a\"}]}\n", CUSTODY_REQUEST_SEALED, &r, &err), 0);
	cr_expect(r.other_form && r.unknown == 0);
	custody_requests_release(&r);
	cr_assert_eq(parse(ONE("") "\n", CUSTODY_REQUEST_SEALED, &r, &err), 0);
	cr_expect(!r.other_form);
	custody_requests_release(&r);
	cr_expect_eq(parse(ONE(""), CUSTODY_REQUEST_SEALED, &r, &err), -1);
	cr_expect_str_eq(err.text, "found no LF at the end, want one line and an LF");
	cr_expect_eq(parse("{\"format\": \"custody-request/1\"}\n", CUSTODY_REQUEST_SEALED, &r, &err), -1);
	cr_expect_str_eq(err.text, "not our JSON at byte 10: white space between the parts");
}

/* ---- limits ---- */

/* {"...":"xxx"} around n bytes of text */
static int parse_repeated(const char *head, const char *piece, size_t n, const char *tail, struct custody_error *err)
{
	CUSTODY_REQUESTS_CLEAN struct custody_requests r = { 0 };
	CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };
	struct custody_error mine = CUSTODY_ERROR_INIT;

	custody_buf_init(&b, (size_t)64 << 20);
	cr_assert_eq(custody_buf_append_str(&b, head, &mine), 0);
	for (size_t i = 0; i < n; i++)
		cr_assert_eq(custody_buf_append_str(&b, piece, &mine), 0);
	cr_assert_eq(custody_buf_append_str(&b, tail, &mine), 0);
	*err = (struct custody_error)CUSTODY_ERROR_INIT;
	return custody_requests_parse(b.data, b.len, CUSTODY_REQUEST_WRITTEN, &r, err);
}

Test(request, takes_what_the_limits_say_and_no_more)
{
	static const struct {
		const char *head, *piece, *tail;
		size_t most;
		const char *want;
	} cases[] = {
		{ "{\"format\":\"custody-request/1\",\"requests\":[{\"id\":\"a\",\"kind\":\"mla\",\"language\":\"", "x", "\"}]}",
			CUSTODY_LIMIT_TEXT_FIELD, "request 1: language: found 4097 bytes of text, at most 4096 are taken" },
		{ "{\"format\":\"custody-request/1\",\"requests\":[{\"id\":\"a\",\"kind\":\"mla\",\"legal\":{\"facts\":\"", "x", "\"}}]}",
			CUSTODY_LIMIT_REQUEST_TEXT, "request 1: legal: facts: found 65537 bytes of text, at most 65536 are taken" },
		{ "{\"format\":\"custody-request/1\",\"requests\":[{\"id\":\"a\",\"kind\":\"mla\",\"data\":{\"targets\":[{\"value\":\"x\"}",
			",{\"value\":\"x\"}", "]}}]}", CUSTODY_LIMIT_REQUEST_LIST - 1,
			"request 1: data: targets: found 2001 elements, at most 2000 are taken" },
		{ ONE(""), " ", "", CUSTODY_LIMIT_REQUEST - sizeof(ONE("")) + 1, "found 1048577 bytes, at most 1048576 are taken" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err;

		cr_expect_eq(parse_repeated(cases[i].head, cases[i].piece, cases[i].most, cases[i].tail, &err), 0, "%zu: %s", i, err.text);
		cr_expect_eq(parse_repeated(cases[i].head, cases[i].piece, cases[i].most + 1, cases[i].tail, &err), -1);
		cr_expect_str_eq(err.text, cases[i].want);
		cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	}
}

static int parse_records(size_t n, struct custody_requests *r, const char *stem, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };

	custody_buf_init(&b, (size_t)1 << 20);
	cr_assert_eq(custody_buf_append_str(&b, "{\"format\":\"custody-request/1\",\"requests\":[", err), 0);
	for (size_t i = 0; i < n; i++)
		cr_assert_eq(custody_buf_printf(&b, err, "%s{\"id\":\"%s%zu\",\"kind\":\"mla\"}", i ? "," : "", stem, i), 0);
	cr_assert_eq(custody_buf_append_str(&b, "]}", err), 0);
	return custody_requests_parse(b.data, b.len, CUSTODY_REQUEST_WRITTEN, r, err);
}

/* ADM-01: one or more. */
Test(request, takes_several_records_and_joins_documents)
{
	CUSTODY_REQUESTS_CLEAN struct custody_requests a = { 0 }, b = { 0 }, none = { 0 };
	CUSTODY_BUF_CLEAN struct custody_buf out = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_buf_init(&out, 100000);
	cr_expect_eq(custody_requests_format(&none, &out, &err), -1);
	cr_expect_eq(parse_records(CUSTODY_LIMIT_REQUESTS + 1, &a, "a", &err), -1);
	cr_expect_str_eq(err.text, "more than 64 request records");
	cr_assert_eq(parse_records(CUSTODY_LIMIT_REQUESTS - 1, &a, "a", &err), 0);
	cr_assert_eq(parse_records(1, &b, "b", &err), 0);
	cr_assert_eq(custody_requests_join(&none, &a, &err), 0);
	cr_expect_null(a.records);
	cr_assert_eq(custody_requests_join(&none, &b, &err), 0);
	cr_expect_eq(none.n, CUSTODY_LIMIT_REQUESTS);
	cr_expect_str_eq(custody_requests_id(&none, 63), "b0");
	cr_assert_eq(parse_records(1, &b, "c", &err), 0);
	cr_expect_eq(custody_requests_join(&none, &b, &err), -1);
	cr_expect_str_eq(err.text, "more than 64 request records");
	cr_assert_eq(parse_records(2, &a, "a", &err), 0);
	cr_expect_eq(custody_requests_join(&b, &a, &err), 0);
	cr_assert_eq(parse_records(1, &a, "a", &err), 0);
	cr_expect_eq(custody_requests_join(&b, &a, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INPUT);
}

/* ---- templates ---- */

Test(request, a_form_of_each_kind_reads_as_empty_and_shows_every_group)
{
	for (int kind = 0; kind < CUSTODY_REQUEST_KINDS; kind++) {
		CUSTODY_REQUESTS_CLEAN struct custody_requests r = { 0 };
		CUSTODY_BUF_CLEAN struct custody_buf form = { 0 }, out = { 0 };
		struct custody_error err = CUSTODY_ERROR_INIT;
		const char *name = custody_request_kind_name((enum custody_request_kind)kind);
		char want[512];

		custody_buf_init(&form, 100000);
		custody_buf_init(&out, 100000);
		cr_assert_eq(custody_request_template((enum custody_request_kind)kind, "id-1", "2026-11-24", &form, &err), 0, "%s", err.text);
		cr_assert_eq(custody_requests_parse(form.data, form.len, CUSTODY_REQUEST_WRITTEN, &r, &err), 0, "%s: %s\n%s", name, err.text,
			custody_buf_str(&form));
		cr_assert_eq(custody_requests_format(&r, &out, &err), 0);
		snprintf(want, sizeof(want),
			DOCUMENT("{\"id\":\"id-1\",\"kind\":\"%s\",\"status\":\"%s\",\"template\":\"%s/1\",\"date\":\"2026-11-24\"}") "\n", name,
			kind == CUSTODY_REQUEST_EXTENSION ? "extension" : "new", name);
		cr_expect_str_eq(custody_buf_str(&out), want);
		cr_expect_eq(r.private_fields, 0);
		cr_expect_not_null(strstr(custody_buf_str(&form), "\"references\": null"));
		cr_expect_eq(strstr(custody_buf_str(&form), "\"european\"") != NULL, kind == CUSTODY_REQUEST_EPOC || kind == CUSTODY_REQUEST_EPOC_PR);
		cr_expect_eq(strstr(custody_buf_str(&form), "\"consent\": {") != NULL, kind == CUSTODY_REQUEST_CONSENT);
		cr_expect_eq(strstr(custody_buf_str(&form), "\"proceedings\"") != NULL,
			kind == CUSTODY_REQUEST_MLA || kind == CUSTODY_REQUEST_EPOC || kind == CUSTODY_REQUEST_PRODUCTION);
	}
}

/* ---- checks ---- */

#define BASE                                                                                                                                       \
	",\"date\":\"2026-01-02\",\"authority\":{\"references\":[\"2026/17\"],\"organisation\":\"Police\"},\"provider\":{\"legal_entity\":\"Acme " \
	"SA\",\"references\":[\"T-1\"]},"                                                                                                          \
	"\"legal\":{\"bases\":[{\"instrument\":\"Act\"}]}"
#define LINES                                                                                                                                  \
	",\"data\":{\"targets\":[{\"value\":\"bob@example.org\",\"from\":\"2026-01-01\",\"to\":\"2026-02-01\"},{\"line\":7,\"value\":\"eve\"," \
	"\"from\":\"2026-01-05\",\"to\":\"2026-01-06\"}],"                                                                                     \
	"\"categories\":[\"subscriber\"]}"
#define ZONED(zone) ",\"data\":{\"targets\":[{\"value\":\"x\",\"from\":\"2026-01-01\",\"to\":\"2026-02-01\",\"time_zone\":\"" zone "\"}]}"
#define KIND(kind, rest) DOCUMENT("{\"id\":\"a\",\"kind\":\"" kind "\"" BASE rest "}")

static const struct {
	const char *what, *text;
	const char *says; /* a line of the check */
	const char * not; /* what no line may have; NULL */
} checks[] = {
	{ "ADM-03: authority's own reference", DOCUMENT(RECORD("")), "must    authority: references: not given: ", NULL },
	{ "ADM-03: authority", DOCUMENT(RECORD("")), "must    authority: organisation: not given: ", NULL },
	{ "ADM-03: provider", DOCUMENT(RECORD("")), "must    provider: legal_entity: not given: ", NULL },
	{ "withheld is answered", DOCUMENT(RECORD(",\"provider\":{\"withheld\":\"protected\"}")), "must    authority: organisation", "provider: " },
	{ "complete", KIND("preservation", LINES), "complete: 1 record; 0 missing or wrong, ", "must    " },
	{ "two records are told apart", DOCUMENT(RECORD("") ",{\"id\":\"b\",\"kind\":\"mla\"}"),
		"must    request 2: assistance: purpose: not given: ", NULL },
	{ "a line without identifier", KIND("mla", ",\"data\":{\"targets\":[{\"value\":\"x\"},{\"type\":\"phone\"}]}"),
		"must    data: targets 2: value: not given: ", "targets 1: value" },
	{ "a contact without name", KIND("epoc", ",\"european\":{\"transfer_to\":{\"phone\":\"1\"}}"),
		"must    european: transfer_to: name: not given: ", NULL },
	{ "a period upside down",
		KIND("preservation", ",\"data\":{\"targets\":[{\"value\":\"x\",\"from\":\"2026-02-01\",\"to\":\"2026-01-31T23:00:00Z\"}]}"),
		"must    data: targets 1: 'from' (2026-02-01) lies after 'to' (2026-01-31T23:00:00Z), want it before", NULL },
	{ "one day is a period", KIND("preservation", ",\"data\":{\"targets\":[{\"value\":\"x\",\"from\":\"2026-02-01\",\"to\":\"2026-02-01\"}]}"),
		"complete", "lies after" },
	{ "zones are counted in",
		KIND("preservation",
			",\"data\":{\"targets\":[{\"value\":\"x\",\"from\":\"2026-02-01T01:00:00+02:00\",\"to\":\"2026-01-31T23:30:00Z\"}]}"),
		"complete", "lies after" },
	{ "ADM-04: another ticket", KIND("production-order", LINES ",\"answer\":{\"stated\":{\"reference\":\"T-2\\u202e\"}}"),
		"notice  answer: stated: reference: the return says 'T-2\\u{202e}', which is none of the provider's references in this record",
		NULL },
	{ "ADM-04: the same ticket", KIND("production-order", LINES ",\"answer\":{\"stated\":{\"reference\":\"t-1\"}}"), "complete",
		"none of the provider's" },
	{ "ADM-04: a ticket of the answer", KIND("production-order", LINES ",\"answer\":{\"references\":[\"X\"],\"stated\":{\"reference\":\"X\"}}"),
		"complete", "none of the provider's" },
	{ "ADM-05: lapsed",
		KIND("preservation", LINES ",\"timing\":{\"preserve_until\":\"2026-03-01\"},\"answer\":{\"answered\":\"2026-03-11T08:00:00Z\"}"),
		"notice  timing: preserve_until: preservation lapsed by 10 days: promised until 2026-03-01, the answer is of 2026-03-11T08:00:00Z",
		NULL },
	{ "ADM-05: the last day counts",
		KIND("preservation", LINES ",\"timing\":{\"preserve_until\":\"2026-03-01\"},\"answer\":{\"answered\":\"2026-03-01T23:59:59Z\"}"),
		"complete", "lapsed" },
	{ "ADM-05: less than a day",
		KIND("preservation",
			LINES ",\"timing\":{\"preserve_until\":\"2026-03-01T10:00:00Z\"},\"answer\":{\"answered\":\"2026-03-01T12:00:00Z\"}"),
		"preservation lapsed by 1 day: ", NULL },
	{ "ADM-05: extended",
		KIND("preservation", LINES ",\"timing\":{\"preserve_until\":\"2026-03-01\",\"extensions\":[{\"until\":\"2026-05-30\"}]},\"answer\":{"
					   "\"answered\":\"2026-03-11\"}"),
		"complete", "lapsed" },
	{ "ADM-05: an extension whose end is withheld may be longer",
		KIND("preservation", LINES ",\"timing\":{\"preserve_until\":\"2026-03-01\",\"extensions\":[{\"until\":{\"withheld\":\"w\"}}]},"
					   "\"answer\":{\"answered\":\"2026-03-11\"}"),
		"complete", "lapsed" },
	{ "ADM-05: all extensions are withheld",
		KIND("preservation", LINES ",\"timing\":{\"preserve_until\":\"2026-03-01\",\"extensions\":{\"withheld\":\"w\"}},"
					   "\"answer\":{\"answered\":\"2026-03-11\"}"),
		"complete", "lapsed" },
	{ "ADM-03: categories of a line are withheld",
		KIND("mla", ",\"data\":{\"targets\":[{\"value\":\"x\",\"categories\":{\"withheld\":\"w\"}}],\"categories\":[\"subscriber\"]},"
			    "\"answer\":{\"categories\":[\"content\"]}"),
		"complete", "outside" },
	{ "ADM-03: all lines are withheld, and an item answers one",
		KIND("mla", ",\"data\":{\"targets\":{\"withheld\":\"w\"}},\"answer\":{\"items\":[{\"path\":\"a\",\"line\":1}]}"), "complete",
		"want the number of a line" },
	{ "ADM-03: which line an item answers is withheld",
		KIND("mla", LINES ",\"answer\":{\"items\":[{\"path\":\"a\",\"line\":{\"withheld\":\"w\"}}]}"), "complete", "unlinked" },
	{ "ADM-08: what came is an answer, too",
		KIND("emergency-disclosure", LINES ",\"timing\":{\"grounds\":\"g\",\"follow_up\":{\"made\":false}},\"receipts\":[{\"path\":\"x\"}]"),
		"advice  timing: follow_up: reminder: it was answered as an emergency, and no regular order has followed", NULL },
	{ "ADM-05: by the receipt",
		KIND("preservation", LINES ",\"timing\":{\"preserve_until\":\"2026-03-01\"},\"receipts\":[{\"path\":\"x\",\"channel\":\"portal\","
					   "\"ended\":\"2026-03-02\"}]"),
		"preservation lapsed by 1 day: promised until 2026-03-01, the answer is of 2026-03-02", NULL },
	{ "ADM-05: promised in another record, extended in a third",
		DOCUMENT("{\"id\":\"p\",\"kind\":\"preservation\",\"timing\":{\"preserve_until\":\"2026-03-01\"}},"
			 "{\"id\":\"o\",\"kind\":\"mla\",\"related\":[{\"relation\":\"preserved-by\",\"id\":\"p\"}],\"answer\":{\"answered\":\"2026-"
			 "06-02\"}},"
			 "{\"id\":\"e\",\"kind\":\"preservation-extension\",\"related\":[{\"relation\":\"extends\",\"id\":\"p\"}],\"timing\":{"
			 "\"extensions\":[{\"until\":\"2026-05-31\"}]}}"),
		"notice  request 2: timing: preserve_until: preservation lapsed by 2 days: promised until 2026-05-31, the answer is of 2026-06-02",
		"2026-03-01" },
	{ "ADM-05: nothing is said of records that have no relation",
		DOCUMENT("{\"id\":\"p\",\"kind\":\"preservation\",\"timing\":{\"preserve_until\":\"2026-03-01\"}},{\"id\":\"o\",\"kind\":\"mla\","
			 "\"answer\":{\"answered\":\"2026-06-02\"}}"),
		"incomplete", "lapsed" },
	{ "ADM-06: a legal basis is asked for, and any text is taken", DOCUMENT("{\"id\":\"a\",\"kind\":\"mla\"}"),
		"must    legal: bases: not given: ", NULL },
	{ "ADM-07: identifiers outside", KIND("mla", LINES ",\"answer\":{\"stated\":{\"identifiers\":[\"BOB@example.org\",\"mallory\"]}}"),
		"notice  answer: stated: identifiers: outside the request: 1 of 2", NULL },
	{ "ADM-07: identifiers missing", KIND("mla", LINES ",\"answer\":{\"stated\":{\"identifiers\":[\"BOB@example.org\"]}}"),
		"notice  answer: stated: identifiers: 1 of 2 lines of the request are not named by the return", "outside" },
	{ "ADM-07: cannot tell",
		KIND("mla", ",\"data\":{\"targets\":[{\"value\":{\"withheld\":\"w\"}}]},\"answer\":{\"stated\":{\"identifiers\":[\"x\"]}}"),
		"notice  answer: stated: identifiers: cannot tell whether they were asked for: not every line gives its identifier", "outside" },
	{ "ADM-07: dates before", KIND("mla", LINES ",\"answer\":{\"stated\":{\"from\":\"2025-12-31\",\"to\":\"2026-02-01\"}}"),
		"notice  answer: stated: from: outside the request: the return begins at 2025-12-31, the earliest line at 2026-01-01", "stated: to" },
	{ "ADM-07: dates after", KIND("mla", LINES ",\"answer\":{\"stated\":{\"from\":\"2026-01-01\",\"to\":\"2026-02-02\"}}"),
		"notice  answer: stated: to: outside the request: the return ends at 2026-02-02, the latest line at 2026-02-01", "stated: from" },
	{ "ADM-07: a bare date of another zone ends later than that of UTC",
		KIND("mla", ZONED("America/Los_Angeles") ",\"answer\":{\"stated\":{\"to\":\"2026-02-01T23:59:59-08:00\"}}"),
		"notice  answer: stated: to: cannot tell whether it was asked for: the return ends at 2026-02-01T23:59:59-08:00, the latest line at "
		"2026-02-01 "
		"by the clock of another zone",
		"outside" },
	{ "ADM-07: and begins earlier, or later",
		KIND("mla", ZONED("Asia/Tokyo") ",\"answer\":{\"stated\":{\"from\":\"2026-01-01T00:00:00+09:00\"}}"),
		"notice  answer: stated: from: cannot tell whether it was asked for: the return begins at 2026-01-01T00:00:00+09:00, ", "outside" },
	{ "ADM-07: days of one clock are compared",
		KIND("mla", ZONED("Asia/Tokyo") ",\"answer\":{\"stated\":{\"from\":\"2026-01-01\",\"to\":\"2026-02-01\"}}"), "incomplete",
		"cannot tell" },
	{ "ADM-07: more than a day is outside in every zone",
		KIND("mla", ZONED("Asia/Tokyo") ",\"answer\":{\"stated\":{\"to\":\"2026-02-03T00:00:00Z\"}}"),
		"notice  answer: stated: to: outside the request: ", "cannot tell" },
	{ "ADM-07: a zone that is UTC is no other", KIND("mla", ZONED("utc") ",\"answer\":{\"stated\":{\"to\":\"2026-02-02T00:00:00Z\"}}"),
		"notice  answer: stated: to: outside the request: ", "cannot tell" },
	{ "ADM-07: a zone that is withheld",
		KIND("mla", ",\"data\":{\"targets\":[{\"value\":\"x\",\"to\":\"2026-02-01\",\"time_zone\":{\"withheld\":\"w\"}}]},"
			    "\"answer\":{\"stated\":{\"to\":\"2026-02-02\"}}"),
		"cannot tell whether it was asked for: the return ends at 2026-02-02, ", "outside" },
	{ "ADM-07: of two lines that end on one day the bare date reaches further",
		KIND("mla", ",\"data\":{\"targets\":[{\"value\":\"x\",\"to\":\"2026-02-01T20:00:00Z\"},{\"value\":\"y\",\"to\":\"2026-02-01\"}]},"
			    "\"answer\":{"
			    "\"stated\":{\"to\":\"2026-02-01T22:00:00Z\"}}"),
		"incomplete", "outside" },
	{ "ADM-07: identifiers that differ in form alone",
		KIND("mla", ",\"data\":{\"targets\":[{\"value\":\"+43 1 "
			    "234567\"},{\"value\":\"https://x.example/a/\"},{\"value\":\"Bob@example.org\"}]},\"answer\":{"
			    "\"stated\":{\"identifiers\":[\"+431234567\",\"https://x.example/A\",\"bob@EXAMPLE.org\"]}}"),
		"notice  answer: stated: identifiers: cannot tell whether they were asked for: written differently than in the request: 2 of 3",
		"outside" },
	{ "ADM-07: none of them is missing for its form",
		KIND("mla", ",\"data\":{\"targets\":[{\"value\":\"+43 1 "
			    "234567\"}]},\"answer\":{\"stated\":{\"identifiers\":[\"+431234567\",\"+431234568\"]}}"),
		"notice  answer: stated: identifiers: outside the request: 1 of 2", "not named by the return" },
	{ "ADM-07: an open period has no outside",
		KIND("mla", ",\"data\":{\"targets\":[{\"value\":\"x\",\"from\":\"2026-01-01\"},{\"value\":\"y\"}]},\"answer\":{\"stated\":{\"from\":"
			    "\"2020-01-01\",\"to\":\"2030-01-01\"}}"),
		"incomplete", "outside" },
	{ "ADM-07: categories", KIND("mla", LINES ",\"answer\":{\"categories\":[\"subscriber\",\"content\"]}"),
		"notice  answer: categories: outside the request: 'content' was delivered and not asked for", "'subscriber'" },
	{ "ADM-08: grounds", KIND("emergency-disclosure", LINES), "must    timing: grounds: not given: ", NULL },
	{ "ADM-08: reminder", KIND("emergency-disclosure", LINES),
		"advice  timing: follow_up: not given: whether a regular order followed the emergency (reminder)", NULL },
	{ "ADM-08: none followed",
		KIND("emergency-disclosure", LINES ",\"timing\":{\"follow_up\":{\"made\":false}},\"answer\":{\"answered\":\"2026-01-03\"}"),
		"advice  timing: follow_up: reminder: it was answered as an emergency, and no regular order has followed", NULL },
	{ "ADM-08: one followed",
		KIND("emergency-disclosure", LINES ",\"timing\":{\"follow_up\":{\"made\":true}},\"answer\":{\"answered\":\"2026-01-03\"}"),
		"incomplete", "reminder" },
	{ "ADM-09: expiry", KIND("mla", ",\"secrecy\":{\"non_notification\":true,\"basis\":\"b\"}"),
		"advice  secrecy: until: not given: ", "secrecy: basis" },
	{ "ADM-09: who may lift it", KIND("mla", ",\"secrecy\":{\"non_notification\":true}"),
		"advice  secrecy: lifted_by: not given: who may lift it", NULL },
	{ "ADM-09: no secrecy", KIND("mla", ",\"secrecy\":{\"non_notification\":false}"), "incomplete", "secrecy" },
	{ "ADM-10: conditions", KIND("mla", LINES), "advice  conditions: not given: ", NULL },
	{ "ADM-10: none is an answer", KIND("mla", LINES ",\"conditions\":[]"), "incomplete", "conditions" },
	{ "ADM-01: linked", KIND("production-order", LINES ",\"answer\":{\"items\":[{\"path\":\"a\",\"line\":1},{\"path\":\"b\",\"line\":7}]}"),
		"complete", "unlinked" },
	{ "ADM-01: unlinked", KIND("production-order", LINES ",\"answer\":{\"items\":[{\"path\":\"a\",\"line\":1},{\"path\":\"b\"}]}"),
		"notice  answer: items: unrequested or unlinked: 1 of 2 items name no line of the request", NULL },
	{ "ADM-01: linked to nothing", KIND("production-order", LINES ",\"answer\":{\"items\":[{\"path\":\"b\",\"line\":2}]}"),
		"must    answer: items 1: line: found 2, want the number of a line of data: targets", NULL },
	{ "two lines of one number",
		KIND("production-order", ",\"data\":{\"targets\":[{\"line\":2,\"value\":\"x\"},{\"value\":\"y\"}],\"categories\":[\"other\"]}"),
		"must    data: targets 2: line: line 2 is there twice, want one number for each line", NULL },
	{ "an extension without what it extends", KIND("epoc-pr", ",\"status\":\"extension\""),
		"advice  related: not given: which request is extended", NULL },
	{ "EPOC: issuing authority", KIND("epoc", LINES), "must    authority: issuing: not given: ", NULL },
	{ "EPOC: to whom the data go", KIND("epoc", LINES), "must    european: transfer_to: not given: ", NULL },
	{ "MLA: the certificate is to be asked for now", KIND("mla", LINES), "advice  assistance: certificates: not given: ", NULL },
	{ "consent: whose", KIND("consent", ""), "must    consent: person: not given: ", "assistance" },
};

Test(request, check_says_what_is_missing_and_what_differs)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		CUSTODY_REQUESTS_CLEAN struct custody_requests r = { 0 };
		CUSTODY_BUF_CLEAN struct custody_buf out = { 0 };
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_request_counts counts;

		custody_buf_init(&out, 100000);
		cr_assert_eq(parse(checks[i].text, CUSTODY_REQUEST_WRITTEN, &r, &err), 0, "%s: %s", checks[i].what, err.text);
		cr_assert_eq(custody_request_text_check(&r, &counts, &out, &err), 0, "%s", err.text);
		cr_expect_not_null(
			strstr(custody_buf_str(&out), checks[i].says), "%s: want '%s' in\n%s", checks[i].what, checks[i].says, custody_buf_str(&out));
		cr_expect(!checks[i].not|| !strstr(custody_buf_str(&out), checks[i].not), "%s: do not want '%s' in\n%s", checks[i].what,
			checks[i].not, custody_buf_str(&out));
		cr_expect_eq(strstr(custody_buf_str(&out), "incomplete") != NULL, counts.must > 0, "%s", checks[i].what);
	}
}

static int stop(void *ctx, const struct custody_request_remark *remark, struct custody_error *err)
{
	(void)ctx;
	(void)remark;
	return custody_fail(err, CUSTODY_ERR_INTERRUPTED, "stop");
}

Test(request, check_ends_when_it_is_told_to)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		CUSTODY_REQUESTS_CLEAN struct custody_requests r = { 0 };
		struct custody_error err = CUSTODY_ERROR_INIT;

		cr_assert_eq(parse(checks[i].text, CUSTODY_REQUEST_WRITTEN, &r, &err), 0);
		cr_expect_eq(custody_requests_check(&r, stop, NULL, &err), -1);
		cr_expect_str_eq(err.text, "stop");
	}
}

/* ---- what people and programs see ---- */

static bool is_harmless(const struct custody_buf *b)
{
	uint32_t cp = 0;

	for (size_t i = 0, step; i < b->len; i += step) {
		step = custody_utf8_decode(b->data + i, b->len - i, &cp);
		if (step == 0 || (cp != '\n' && custody_utf8_is_unsafe(cp)))
			return false;
	}
	return true;
}

static const char hostile[] = DOCUMENT(
	"{\"id\":\"a\\u202eb\",\"kind\":\"mla\",\"language\":{\"withheld\":\"w\\u2028x\"},\"authority\":{\"references\":[\"r\\u200b\",\"s\"]},"
	"\"legal\":{\"facts\":\"one\\nRequest 2 of 2: "
	"\\ue000\"},\"conditions\":[],\"secrecy\":{\"non_notification\":true},\"generation\":3,\"x-\\u001b[31m\":\"p\\nq\"}");

Test(request, show_has_all_three_states_and_nothing_that_a_terminal_acts_on)
{
	static const char *const wanted[] = { "STATED, NOT CHECKED", "id of this record: a\\u{202e}b", "language: withheld (w\\u{2028}x)",
		"1. r\\u{200b}\n", "facts:\n      | one\n      | Request 2 of 2: \\u{e000}\n", "conditions: none", "the user is not to be told: yes",
		"version of this record: 3", "x-\\u{001b}[31m (private):\n    | p\n    | q\n", "not given: status, ", "incomplete: 1 record" };
	CUSTODY_REQUESTS_CLEAN struct custody_requests r = { 0 };
	CUSTODY_BUF_CLEAN struct custody_buf out = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_buf_init(&out, 100000);
	cr_assert_eq(parse(hostile, CUSTODY_REQUEST_WRITTEN, &r, &err), 0, "%s", err.text);
	cr_assert_eq(custody_request_text_show(&r, &out, &err), 0, "%s", err.text);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		cr_expect_not_null(strstr(custody_buf_str(&out), wanted[i]), "want '%s' in\n%s", wanted[i], custody_buf_str(&out));
	cr_expect(is_harmless(&out));
}

Test(request, json_is_one_object_that_reads_back)
{
	CUSTODY_REQUESTS_CLEAN struct custody_requests r = { 0 };
	struct custody_request_counts counts;
	struct custody_error err = CUSTODY_ERROR_INIT;

	cr_assert_eq(parse(hostile, CUSTODY_REQUEST_WRITTEN, &r, &err), 0, "%s", err.text);
	for (int show = 0; show < 2; show++) {
		CUSTODY_BUF_CLEAN struct custody_buf out = { 0 };

		custody_buf_init(&out, 100000);
		cr_assert_eq(
			show ? custody_request_json_show(&r, &out, &err) : custody_request_json_check(&r, &counts, &out, &err), 0, "%s", err.text);
		cr_expect(is_harmless(&out) && memchr(out.data, '\n', out.len) == out.data + out.len - 1);
		json_t *j = json_loadb((const char *)out.data, out.len, 0, NULL);
		cr_assert_not_null(j);
		cr_expect(json_is_false(json_object_get(j, "complete")));
		cr_expect_gt(json_array_size(json_object_get(j, "remarks")), 5);
		cr_expect_eq(json_string_length(json_object_get(j, "sha256")), 64);
		cr_expect_eq(json_array_size(json_object_get(j, "requests")), (size_t)show);
		json_decref(j);
	}
	cr_expect_gt(counts.must, 0);
}

Test(request, memory_that_runs_out_is_an_error_anywhere)
{
	if (!nomem_available())
		cr_skip_test("a sanitizer brings its own malloc");
	struct custody_error first = CUSTODY_ERROR_INIT;
	uint8_t digest[32];
	/* OpenSSL remembers an algorithm that it could not make, so it makes it before. */
	cr_assert_eq(custody_digest_once(CUSTODY_SHA256, "", 0, digest, &first), 0);
	for (size_t n = 1;; n++) {
		CUSTODY_REQUESTS_CLEAN struct custody_requests r = { 0 };
		CUSTODY_BUF_CLEAN struct custody_buf out = { 0 };
		struct custody_error err = CUSTODY_ERROR_INIT;

		cr_assert_lt(n, 10000);
		custody_buf_init(&out, 100000);
		nomem_arm(n);
		int rc = parse(hostile, CUSTODY_REQUEST_WRITTEN, &r, &err) || custody_request_text_show(&r, &out, &err) ||
			 custody_request_json_show(&r, &out, &err);
		bool failed = nomem_disarm();
		if (!failed) {
			cr_expect_eq(rc, 0, "%s", err.text);
			break;
		}
		if (rc)
			cr_expect(err.kind == CUSTODY_ERR_NOMEM || err.kind == CUSTODY_ERR_CRYPTO, "%zu: %s", n, err.text);
	}
}

/* ---- the page ---- */

static const char *type_name(enum custody_request_type type)
{
	static const char *const names[] = { "text", "text", "lines", "time", "truth", "count", "word", "digest", "object", "list of text",
		"list of words", "list of objects" };
	return names[type];
}

static void expect_on_page(const char *page, const struct custody_request_field *f)
{
	char want[256];

	snprintf(want, sizeof(want), ".It Cm %s\n%c%s; %s.\n", f->key, f->label[0] >= 'a' && f->label[0] <= 'z' ? f->label[0] - 32 : f->label[0],
		f->label + 1, type_name(f->type));
	cr_expect_not_null(strstr(page, want), "custody-request(5) does not have\n%s", want);
}

Test(request, every_field_and_kind_is_on_the_page)
{
	CUSTODY_BUF_CLEAN struct custody_buf page = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	const struct custody_request_shape *shapes[64] = { &custody_request_record };
	size_t n = 1, fields = 0;

	custody_buf_init(&page, 1000000);
	cr_assert_eq(custody_fd_slurp("libcustody/record/custody-request.5", 1000000, &page, &err), 0, "%s", err.text);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < shapes[i]->n; k++, fields++) {
			const struct custody_request_field *f = &shapes[i]->fields[k];

			expect_on_page(custody_buf_str(&page), f);
			cr_assert_lt(n, 64);
			if (f->of)
				shapes[n++] = f->of;
		}
	cr_expect_gt(fields, 150);
	for (int i = 0; i < CUSTODY_REQUEST_KINDS; i++) {
		char want[128];

		snprintf(want, sizeof(want), ".It Cm %s\n", custody_request_kind_name((enum custody_request_kind)i));
		cr_expect_not_null(strstr(custody_buf_str(&page), want), "%s", want);
	}
}
