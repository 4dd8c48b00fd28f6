/* SPDX-License-Identifier: Apache-2.0 */
/* First touch: receipts in the document that a person keeps filling in, and sources without secrets. ADM-12. */
#include <criterion/criterion.h>
#include <string.h>

#include "libcustody/base/limits.h"
#include "libcustody/record/request.h"

Test(request_receive, leaves_out_of_a_source_what_may_be_secret)
{
	static const struct {
		const char *source, *want;
		bool cut;
	} cases[] = {
		{ "https://a.example/x", "https://a.example/x", false },
		{ "https://a.example/x?token=1", "https://a.example/x", true },
		{ "https://a.example?token=1", "https://a.example", true },
		{ "https://a.example/x#secret", "https://a.example/x", true },
		{ "https://user@a.example", "https://a.example", true },
		{ "sftp://user:p@ss@a.example:22/in/x", "sftp://a.example:22/in/x", true },
		{ "https://a.example/x@y", "https://a.example/x@y", false },
		{ "https://@", "https://", true },
		{ "https://", "https://", false },
		{ "://x?y", "://x", true },
		{ "portal.example/case?token=abc", "portal.example/case", true },
		{ "portal.example/case/77", "portal.example/case/77", false },
		{ "//user:pw@h/x?y", "//h/x", true },
		{ "sftp:user:pw@host/path", "host/path", true },
		{ "user:pw@host", "host", true },
		{ "user@host:/path", "host:/path", true },
		{ "https://a.example/x;tok=1/y;b?c", "https://a.example/x/y", true },
		{ "https://user:p/w@a.example/x", "https://a.example/x", true },
		{ "https://user:p?w#@a.example:8443/x?m=a@b", "https://b", true }, /* nobody can say where the password ends */
		{ "https://a.example:8443/x?mail=a@b", "https://a.example:8443/x", true },
		{ "https://[::1]:80/x@y?m=a@b", "https://[::1]:80/x@y", true },
		{ "https://a.example/x y?token=a b", "https://a.example/x y", true },
		{ "mailto:a@b.example?body=x", "mailto:a@b.example", true },
		{ "urn:case:77", "urn:case:77", false },
		{ "C:/in/a@b", "C:/in/a@b", false },
		{ "host:22", "host:22", false },
		{ "delivery 24/7? yes;no", "delivery 24/7? yes;no", false },
		{ "parcel 4711, from https://u@a", "parcel 4711, from https://u@a", false }, /* a sentence is no URL */
		{ "a@b.example", "a@b.example", false },
		{ "", "", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf out = { .max = 1000 };
		struct custody_error err = CUSTODY_ERROR_INIT;
		bool cut = !cases[i].cut;

		cr_assert_eq(custody_request_source(cases[i].source, &out, &cut, &err), 0);
		cr_expect_str_eq(custody_buf_str(&out), cases[i].want);
		cr_expect_eq(cut, cases[i].cut, "%s", cases[i].source);
	}
}

/* 0, or -1 with the text of the error; *text has the document afterwards. */
static int receive(
	const char *document, const char *id, const struct custody_request_receipt *r, size_t n, struct custody_buf *text, struct custody_error *err)
{
	custody_buf_init(text, CUSTODY_LIMIT_REQUEST);
	cr_assert_eq(custody_buf_append_str(text, document, err), 0);
	return custody_request_receive(text, id, r, n, err);
}

#define ONE(fields) " {\"format\": \"custody-request/1\", \"requests\": [{\"id\": \"a\", \"kind\": \"mla\"" fields "}]} \r\n"
#define TWO "{\"format\":\"custody-request/1\",\"requests\":[{\"id\":\"a\",\"kind\":\"mla\"},{\"id\":\"b\",\"kind\":\"mla\"}]}"

Test(request_receive, adds_to_the_record_that_is_meant_and_keeps_everything_else)
{
	const struct custody_request_receipt r = { .path = "a\"b", .channel = "post", .operator_name = "Ada", .size = 9007199254740991 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_buf text;

	cr_assert_eq(receive(ONE(", \"legal\": {\"facts\": null}, \"x-own\": \"kept\", \"receipts\": [{\"path\": null, \"x-about\": \"...\"}]"), NULL,
			     &r, 1, &text, &err),
		0, "%s", err.text);
	cr_expect(strstr(custody_buf_str(&text), "\"facts\": null") && strstr(custody_buf_str(&text), "\"x-own\": \"kept\""));
	cr_expect(strstr(custody_buf_str(&text), "\"path\": \"a\\\"b\"") && strstr(custody_buf_str(&text), "\"size\": 9007199254740991"));
	cr_expect(!strstr(custody_buf_str(&text), "x-about") && !strstr(custody_buf_str(&text), "\"source\""), "%s", custody_buf_str(&text));
	custody_buf_release(&text);
	cr_assert_eq(receive(TWO, "b", &r, 1, &text, &err), 0, "%s", err.text);
	cr_expect(strstr(custody_buf_str(&text), "\"receipts\"") > strstr(custody_buf_str(&text), "\"b\""));
	custody_buf_release(&text);
	cr_assert_eq(receive(ONE(", \"receipts\": null"), "a", &r, 0, &text, &err), 0, "%s", err.text);
	custody_buf_release(&text);
}

Test(request_receive, refuses_what_would_be_no_record_and_says_why)
{
	static const struct custody_request_receipt good = { .path = "a", .channel = "post" }, no_channel = { .path = "a", .channel = "pigeon" },
						    no_time = { .path = "a", .channel = "post", .ended = "now" }, no_line = { .path = "a\nb" };
	static const struct {
		const char *document, *id;
		const struct custody_request_receipt *receipt;
		enum custody_error_kind kind;
		const char *want;
	} cases[] = {
		{ "{", NULL, &good, CUSTODY_ERR_FORMAT, NULL },
		{ ONE(""), "b", &good, CUSTODY_ERR_INPUT, "no record of the document has this id" },
		{ TWO, NULL, &good, CUSTODY_ERR_INPUT, "the document has 2 records, and which one is meant is not said" },
		{ ONE(", \"receipts\": {\"withheld\": \"why\"}"), NULL, &good, CUSTODY_ERR_INPUT, "the record withholds its receipts" },
		{ ONE(""), NULL, &no_channel, CUSTODY_ERR_FORMAT, NULL },
		{ ONE(""), NULL, &no_time, CUSTODY_ERR_FORMAT,
			"request 1: receipts 1: ended: found 'now', want a date like 2026-11-24 or a time like 2026-11-24T04:12:09+01:00" },
		{ ONE(""), NULL, &no_line, CUSTODY_ERR_FORMAT, NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_buf text;

		cr_expect_eq(receive(cases[i].document, cases[i].id, cases[i].receipt, 1, &text, &err), -1, "%zu", i);
		cr_expect_eq(err.kind, cases[i].kind, "%zu: %s", i, err.text);
		if (cases[i].want)
			cr_expect_str_eq(err.text, cases[i].want);
		custody_buf_release(&text);
	}
}

/* ---- packages of documents: ADM-11 ---- */

#define PACKAGE_1 "0101010101010101010101010101010101010101010101010101010101010101"

static int add_documents(const char *document, struct custody_buf *out, struct custody_error *err)
{
	CUSTODY_REQUESTS_CLEAN struct custody_requests r = { 0 };
	uint8_t sha256[32];

	memset(sha256, 1, sizeof(sha256));
	custody_buf_init(out, CUSTODY_LIMIT_REQUEST);
	cr_assert_eq(custody_requests_parse((const uint8_t *)document, strlen(document), CUSTODY_REQUEST_WRITTEN, &r, err), 0, "%s", err->text);
	return custody_requests_add_documents(&r, sha256, 7, err) || custody_requests_format(&r, out, err) ? -1 : 0;
}

#define SEALED(fields) "{\"format\":\"custody-request/1\",\"requests\":[{\"id\":\"a\",\"kind\":\"mla\"" fields "}]}\n"
#define NAMED "{\"package\":\"" PACKAGE_1 "\",\"role\":\"authority-document\",\"items\":7}"

Test(request_receive, names_a_package_of_documents_once_in_the_record_that_is_meant)
{
	static const struct {
		const char *document, *want;
	} cases[] = {
		{ ONE(""), SEALED(",\"document_packages\":[" NAMED "]") },
		{ ONE(", \"document_packages\": null"), SEALED(",\"document_packages\":[" NAMED "]") },
		{ ONE(", \"document_packages\": [{\"package\": \"" PACKAGE_1 "\"}]"),
			SEALED(",\"document_packages\":[{\"package\":\"" PACKAGE_1 "\"}]") },
		{ ONE(", \"receipts\": [], \"documents\": []"), SEALED(",\"documents\":[],\"document_packages\":[" NAMED "],\"receipts\":[]") },
		{ "{\"format\":\"custody-request/1\",\"requests\":[{\"id\":\"a\",\"kind\":\"mla\"},{\"id\":\"b\",\"kind\":\"mla\","
		  "\"document_packages\":[{\"package\":\"" PACKAGE_1 "\"}]}]}",
			"{\"format\":\"custody-request/1\",\"requests\":[{\"id\":\"a\",\"kind\":\"mla\"},{\"id\":\"b\",\"kind\":\"mla\","
			"\"document_packages\":[{\"package\":\"" PACKAGE_1 "\"}]}]}\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf out;
		struct custody_error err = CUSTODY_ERROR_INIT;

		cr_assert_eq(add_documents(cases[i].document, &out, &err), 0, "%s", err.text);
		cr_expect_str_eq(custody_buf_str(&out), cases[i].want);
	}
}

Test(request_receive, says_why_a_package_of_documents_is_not_named)
{
	static const struct {
		const char *document, *error;
	} cases[] = {
		{ TWO, "it is named by none of the 2 request records, and which one is meant is not said" },
		{ ONE(", \"document_packages\": {\"withheld\": \"secret\"}"), "the request record withholds its document_packages" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf out;
		struct custody_error err = CUSTODY_ERROR_INIT;

		cr_expect_eq(add_documents(cases[i].document, &out, &err), -1);
		cr_expect_str_eq(err.text, cases[i].error);
		cr_expect_eq(err.kind, CUSTODY_ERR_INPUT);
	}
}
