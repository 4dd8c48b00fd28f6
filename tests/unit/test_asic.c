/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "libcustody/base/limits.h"
#include "libcustody/crypto/digest.h"
#include "libcustody/package/asic.h"
#include "tests/support/failing.h"
#include "tests/support/stored.h"

static const uint8_t key[16] = { 1, 2, 3 };
#define SIGNATURE "META-INF/signature001.p7s"
#define DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define OPEN "<asic:ASiCManifest xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\n"
#define SIGNED "<asic:SigReference URI=\"META-INF/signature001.p7s\" MimeType=\"application/pkcs7-signature\"/>\n"
#define METHOD "<ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>"
#define VALUE "<ds:DigestValue>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=</ds:DigestValue>"
#define REFERENCE(attributes) "<asic:DataObjectReference " attributes ">" METHOD VALUE "</asic:DataObjectReference>\n"
#define ONE REFERENCE("URI=\"data/a\" MimeType=\"application/octet-stream\"")
#define CLOSE "</asic:ASiCManifest>\n"

/* The members read, with a '*' behind the root file and the media type in brackets; the number of references, or -1. */
static int read_all(const void *p, size_t n, char *names, size_t room, struct custody_digest_values *digests, struct custody_error *err)
{
	struct custody_asic_reader *reader = NULL;
	struct custody_asic_reference ref;
	struct custody_source source;
	int count = 0, r;

	if (room)
		names[0] = '\0';
	custody_source_memory(&source, p, n);
	if (custody_asic_reader_new(&reader, &source, 0, n, SIGNATURE, key, CUSTODY_DIGESTS_SIGNED, err))
		return -1;
	while ((r = custody_asic_reader_next(reader, &ref, err)) == 1) {
		cr_assert_eq(strlen(ref.member), ref.member_len);
		if (room && strlen(names) + ref.member_len + 150 < room)
			sprintf(names + strlen(names), "%s%s[%s] ", ref.member, ref.rootfile ? "*" : "", ref.media_type);
		count++;
	}
	if (r == 0 && digests)
		custody_asic_reader_digests(reader, digests);
	if (r == 0)
		cr_expect_eq(custody_asic_reader_next(reader, &ref, err), 0, "the end stays the end");
	custody_asic_reader_free(&reader);
	custody_asic_reader_free(&reader);
	return r < 0 ? -1 : count;
}

Test(asic, reads_what_it_writes)
{
	static const char *const members[] = { "data/a", "data/x.txt", "data/a b/\xc3\xa9+&%\"<'~.json", "bagit.txt", "custody/seal.json",
		"custody/manifest.jsonl", "custody/ext/.txt", "custody/ext/..json", "custody/ext/a.pdf", "custody/ext.txt/a" };
	CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_digest_values digests;
	uint8_t digest[32] = { 0 };
	char names[1000];

	custody_buf_init(&b, 100000);
	cr_assert_eq(custody_asic_append_head(&b, SIGNATURE, &err), 0);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (i != 2)
			cr_assert_eq(custody_asic_append_reference(&b, members[i], digest, &err), 0);
	cr_assert_eq(custody_asic_append_tail(&b, &err), 0);
	cr_assert_eq(read_all(b.data, b.len, names, sizeof(names), &digests, &err), 9, "%s", err.text);
	cr_expect_str_eq(names,
		"data/a[application/octet-stream] data/x.txt[application/octet-stream] bagit.txt[text/plain] "
		"custody/seal.json*[application/json] custody/manifest.jsonl[application/x-ndjson] custody/ext/.txt[application/octet-stream] "
		"custody/ext/..json[application/octet-stream] custody/ext/a.pdf[application/octet-stream] "
		"custody/ext.txt/a[application/octet-stream] ");
	for (int id = CUSTODY_SHA256; id <= CUSTODY_SHA512; id++) {
		uint8_t want[CUSTODY_DIGEST_MAX];
		cr_expect_eq(custody_digest_once((enum custody_digest_id)id, b.data, b.len, want, &err), 0);
		cr_expect_eq(memcmp(want, digests.value[id], custody_digest_get((enum custody_digest_id)id)->size), 0);
	}

	custody_buf_clear(&b);
	cr_assert_eq(custody_asic_append_head(&b, SIGNATURE, &err) | custody_asic_append_reference(&b, "data/a", digest, &err) |
			     custody_asic_append_tail(&b, &err),
		0);
	cr_expect_str_eq(custody_buf_str(&b), DECLARATION OPEN SIGNED ONE CLOSE);
	custody_buf_clear(&b);
	cr_assert_eq(custody_asic_append_reference(&b, members[2], digest, &err), 0);
	cr_expect_str_eq(custody_buf_str(&b), REFERENCE("URI=\"data/a%20b/%C3%A9%2B%26%25%22%3C%27~.json\" MimeType=\"application/octet-stream\""));
}

Test(asic, takes_any_prefix_and_white_space)
{
	static const char *const good[] = {
		OPEN SIGNED ONE CLOSE,
		" \n\t" OPEN SIGNED ONE CLOSE,
		DECLARATION OPEN SIGNED ONE "</asic:ASiCManifest>",
		DECLARATION OPEN SIGNED ONE CLOSE "\r\n \t",
		"<?xml version='1.0'?>" OPEN SIGNED ONE CLOSE,
		"<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>" OPEN SIGNED ONE CLOSE,
		/* other prefixes, none, declared in other places */
		"<ASiCManifest xmlns=\"http://uri.etsi.org/02918/v1.2.1#\"><SigReference MimeType=\"application/pkcs7-signature\" "
		"URI=\"META-INF/signature001.p7s\"></SigReference><DataObjectReference URI = 'data/a' ><x:DigestMethod "
		"xmlns:x='http://www.w3.org/2000/09/xmldsig#' Algorithm='http://www.w3.org/2001/04/xmlenc#sha256' />\n<DigestValue "
		"xmlns='http://www.w3.org/2000/09/xmldsig#'>\n AAAAAAAAAAAAAAAAAAAAAA\r\nAAAAAAAAAAAAAAAAAAAAA= </DigestValue "
		"></DataObjectReference></ASiCManifest>",
		/* what no writer needs, but means the same */
		OPEN SIGNED REFERENCE("URI=\"data&#x2F;a\" Rootfile=\"false\"") CLOSE,
		OPEN SIGNED REFERENCE("URI=\"data/a\" Rootfile=\"0\"") CLOSE,
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		char names[400];

		cr_expect_eq(read_all(good[i], strlen(good[i]), names, sizeof(names), NULL, &err), 1, "%zu: %s", i, err.text);
		cr_expect_eq(strncmp(names, "data/a[", 7), 0);
	}
	struct custody_error err = CUSTODY_ERROR_INIT;
	char names[400];
	static const char root[] = OPEN SIGNED REFERENCE("URI=\"custody/seal.json\" Rootfile=\"1\" MimeType=\"application/json\"") CLOSE;
	cr_expect_eq(read_all(root, sizeof(root) - 1, names, sizeof(names), NULL, &err), 1, "%s", err.text);
	cr_expect_str_eq(names, "custody/seal.json*[application/json] ");
}

Test(asic, refuses_everything_else)
{
	static const struct {
		const char *input, *want; /* part of the message */
	} cases[] = {
		{ "", "byte 0: found XML that is not well-formed (no element found)" },
		{ " ", "not well-formed (no element found)" },
		{ "\xef\xbb\xbf" OPEN SIGNED ONE CLOSE, "byte 0: found no '<' at the beginning, want XML in UTF-8 without a byte order mark" },
		{ "x", "byte 0: found no '<' at the beginning" },
		{ "<", "not well-formed (unclosed token)" },
		{ "<?xml version=\"1.1\"?>" OPEN SIGNED ONE CLOSE, "found XML version '1.1', want '1.0'" },
		{ "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" OPEN SIGNED ONE CLOSE, "found encoding 'ISO-8859-1', want 'UTF-8'" },
		{ "<?xml version=\"1.0\" encoding=\"UTF-16\"?>" OPEN SIGNED ONE CLOSE, "found encoding 'UTF-16', want 'UTF-8'" },
		{ "<?xml-stylesheet href='x'?>" OPEN SIGNED ONE CLOSE, "found a processing instruction 'xml-stylesheet', want none" },
		{ DECLARATION "<?x y?>" OPEN SIGNED ONE CLOSE, "byte 40: found '<?', want no processing instruction" },
		{ DECLARATION "<!DOCTYPE x>" OPEN SIGNED ONE CLOSE, "byte 40: found '<!', want no DOCTYPE, entity, comment or CDATA section" },
		{ DECLARATION "<!-- x -->" OPEN SIGNED ONE CLOSE, "found '<!'" },
		{ OPEN SIGNED ONE CLOSE "<!-- x -->", "found '<!'" },
		{ OPEN SIGNED ONE CLOSE "<?x?>", "found '<?'" },
		{ OPEN SIGNED "<![CDATA[ ]]>" ONE CLOSE, "found '<!'" },
		{ OPEN SIGNED "&x;" ONE CLOSE, "not well-formed (undefined entity)" },
		{ OPEN SIGNED ONE CLOSE "x", "not well-formed (junk after document element)" },
		{ OPEN SIGNED ONE CLOSE OPEN, "not well-formed (junk after document element)" },
		{ OPEN SIGNED ONE CLOSE "<x/>", "not well-formed (junk after document element)" },
		{ OPEN SIGNED ONE, "not well-formed (no element found)" },
		{ OPEN SIGNED "x" ONE CLOSE, "found text between elements, want white space only" },
		{ OPEN SIGNED "&#65;" ONE CLOSE, "found text between elements" },
		{ OPEN SIGNED "\xc3\xa9" ONE CLOSE, "found text between elements" },
		{ OPEN SIGNED "\xff" ONE CLOSE, "invalid token" },
		{ OPEN CLOSE, "found the end of 'ASiCManifest', want what belongs into it first" },
		{ OPEN ONE CLOSE, "found element 'DataObjectReference', want SigReference, then" },
		{ OPEN SIGNED CLOSE, "found no DataObjectReference, want at least one" },
		{ OPEN SIGNED SIGNED ONE CLOSE, "found element 'SigReference', want SigReference, then" },
		{ OPEN SIGNED ONE SIGNED CLOSE, "found element 'SigReference', want SigReference, then" },
		{ OPEN SIGNED OPEN CLOSE CLOSE, "found element 'ASiCManifest', want SigReference, then" },
		{ "<x/>", "found element 'x', want none that the format does not have" },
		{ "<ASiCManifest/>", "found element 'ASiCManifest', want none that the format does not have" },
		{ "<ASiCManifest xmlns=\"http://uri.etsi.org/2918/v1.2.1#\"/>", "found namespace 'http://uri.etsi.org/2918/v1.2.1#', want" },
		{ "<ds:ASiCManifest xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>", "found element 'ASiCManifest', want none that" },
		{ OPEN "<asic:SigReference xmlns:x=\"urn:x\" URI=\"META-INF/signature001.p7s\" MimeType=\"application/pkcs7-signature\"/>" ONE CLOSE,
			"found namespace 'urn:x', want" },
		{ OPEN "<SigReference xmlns=\"\"/>" ONE CLOSE, "found namespace '', want" },
		{ OPEN SIGNED ONE "<asic:ASiCManifestExtensions/>" CLOSE, "found element 'ASiCManifestExtensions', want none that" },
		{ OPEN SIGNED "<asic:DataObjectReference URI=\"data/a\"><asic:Other/>" METHOD VALUE "</asic:DataObjectReference>" CLOSE,
			"found element 'Other'" },
		{ "<asic:ASiCManifest xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\" Id=\"x\"/>",
			"found attribute 'Id', want none of that name here" },
		{ OPEN "<asic:SigReference URI=\"META-INF/signature002.p7s\" MimeType=\"application/pkcs7-signature\"/>" ONE CLOSE,
			"found SigReference to 'META-INF/signature002.p7s', want META-INF/signature001.p7s" },
		{ OPEN "<asic:SigReference URI=\"META-INF/signature001.p7s\" MimeType=\"application/vnd.etsi.timestamp-token\"/>" ONE CLOSE,
			"found SigReference of type 'application/vnd.etsi.timestamp-token', want 'application/pkcs7-signature'" },
		{ OPEN "<asic:SigReference URI=\"META-INF/signature001.p7s\"/>" ONE CLOSE, "found SigReference without URI or MimeType, want both" },
		{ OPEN "<asic:SigReference MimeType=\"application/pkcs7-signature\"/>" ONE CLOSE,
			"found SigReference without URI or MimeType, want both" },
		{ OPEN "<asic:SigReference URI=\"META-INF/signature001.p7s\" MimeType=\"application/pkcs7-signature\">x</asic:SigReference>" ONE
				CLOSE,
			"found text between elements" },
		{ OPEN "<asic:SigReference URI=\"%\" MimeType=\"application/pkcs7-signature\"/>" ONE CLOSE, "found URI '%', want a name" },
		{ OPEN SIGNED REFERENCE("") CLOSE, "found DataObjectReference without URI, want one" },
		{ OPEN SIGNED REFERENCE("URI=\"data/a\" xml:lang=\"en\"") CLOSE, "found attribute" },
		{ OPEN SIGNED REFERENCE("URI=\"data/a\" asic:Rootfile=\"true\"") CLOSE, "found attribute" },
		{ OPEN SIGNED REFERENCE("URI=\"data/a\" URI=\"data/b\"") CLOSE, "not well-formed (duplicate attribute)" },
		{ OPEN SIGNED REFERENCE("URI=\"data/a\" MimeType=\"text/plain\"") CLOSE,
			"found MimeType 'text/plain', want 'application/octet-stream' for all evidence" },
		{ OPEN SIGNED REFERENCE("URI=\"bagit.txt\" MimeType=\"text/plain; charset=utf-8\"") CLOSE,
			"found MimeType 'text/plain; charset=utf-8', want" },
		{ OPEN SIGNED REFERENCE("URI=\"bagit.txt\" MimeType=\"\"") CLOSE, "found MimeType '', want a media type" },
		{ OPEN SIGNED REFERENCE("URI=\"bagit.txt\" MimeType=\"text/\"") CLOSE, "found MimeType 'text/', want a media type" },
		{ OPEN SIGNED REFERENCE("URI=\"bagit.txt\" MimeType=\"text\"") CLOSE, "found MimeType 'text', want a media type" },
		{ OPEN SIGNED REFERENCE("URI=\"bagit.txt\" Rootfile=\"yes\"") CLOSE, "found Rootfile 'yes', want true or false" },
		{ OPEN SIGNED REFERENCE("URI=\"bagit.txt\" Rootfile=\"true\"") CLOSE, "found Rootfile at 'bagit.txt', want it at custody/seal.json" },
		{ OPEN SIGNED REFERENCE("URI=\"custody/seal.json\"") CLOSE,
			"found no Rootfile at 'custody/seal.json', want it at custody/seal.json" },
		{ OPEN SIGNED REFERENCE("URI=\"custody/seal.json\" Rootfile=\"false\"") CLOSE, "found no Rootfile at" },
		/* URIs */
		{ OPEN SIGNED REFERENCE("URI=\"\"") CLOSE, "found a name that is empty: URI '', want the name of a member" },
		{ OPEN SIGNED REFERENCE("URI=\"/data/a\"") CLOSE, "found a name that has an empty part: URI '/data/a'" },
		{ OPEN SIGNED REFERENCE("URI=\"data/../a\"") CLOSE, "found a name that has a part '.' or '..'" },
		{ OPEN SIGNED REFERENCE("URI=\"./data/a\"") CLOSE, "found a name that has a part '.' or '..'" },
		{ OPEN SIGNED REFERENCE("URI=\"data/%2E%2E/a\"") CLOSE, "found URI 'data/%2E%2E/a', want" },
		{ OPEN SIGNED REFERENCE("URI=\"file:///data/a\"") CLOSE, "found URI 'file:///data/a', want" },
		{ OPEN SIGNED REFERENCE("URI=\"data/a#x\"") CLOSE, "found URI 'data/a#x', want" },
		{ OPEN SIGNED REFERENCE("URI=\"data/a?x\"") CLOSE, "found URI 'data/a?x', want" },
		{ OPEN SIGNED REFERENCE("URI=\"data/a b\"") CLOSE, "found URI 'data/a b', want" },
		{ OPEN SIGNED REFERENCE("URI=\"data/a+b\"") CLOSE, "found URI 'data/a+b', want" },
		{ OPEN SIGNED REFERENCE("URI=\"data/\xc3\xa9\"") CLOSE, "found URI 'data/\xc3\xa9', want" },
		{ OPEN SIGNED REFERENCE("URI=\"data/%61\"") CLOSE, "found URI 'data/%61', want" },
		{ OPEN SIGNED REFERENCE("URI=\"data%2Fa\"") CLOSE, "found URI 'data%2Fa', want" },
		{ OPEN SIGNED REFERENCE("URI=\"data/%c3%a9\"") CLOSE, "found URI 'data/%c3%a9', want" },
		{ OPEN SIGNED REFERENCE("URI=\"data/%C3\"") CLOSE, "found a name that is not valid UTF-8" },
		{ OPEN SIGNED REFERENCE("URI=\"data/%00\"") CLOSE, "found a name that has a control or bidi character" },
		{ OPEN SIGNED REFERENCE("URI=\"data/%1B\"") CLOSE, "found a name that has a control or bidi character" },
		{ OPEN SIGNED REFERENCE("URI=\"data/%2561\"") CLOSE, "found a name that has a percent sign" },
		{ OPEN SIGNED REFERENCE("URI=\"data/%2\"") CLOSE, "found URI 'data/%2', want" },
		{ OPEN SIGNED REFERENCE("URI=\"data/%\"") CLOSE, "found URI 'data/%', want" },
		{ OPEN SIGNED REFERENCE("URI=\"data/%G0\"") CLOSE, "found URI 'data/%G0', want" },
		{ OPEN SIGNED REFERENCE("URI=\"data/%0G\"") CLOSE, "found URI 'data/%0G', want" },
		{ OPEN SIGNED ONE ONE CLOSE, "found for the second time 'data/a', want each member once" },
		{ OPEN SIGNED ONE REFERENCE("URI=\"data/b\"") ONE CLOSE, "found for the second time 'data/a', want each member once" },
		/* digests */
		{ OPEN SIGNED "<asic:DataObjectReference URI=\"data/a\"/>" CLOSE,
			"found the end of 'DataObjectReference', want what belongs into it first" },
		{ OPEN SIGNED "<asic:DataObjectReference URI=\"data/a\">" METHOD "</asic:DataObjectReference>" CLOSE,
			"found the end of 'DataObjectReference'" },
		{ OPEN SIGNED "<asic:DataObjectReference URI=\"data/a\">" VALUE METHOD "</asic:DataObjectReference>" CLOSE,
			"found element 'DigestValue', want" },
		{ OPEN SIGNED "<asic:DataObjectReference URI=\"data/a\">" METHOD METHOD, "found element 'DigestMethod', want" },
		{ OPEN SIGNED "<asic:DataObjectReference URI=\"data/a\">" METHOD VALUE VALUE, "found element 'DigestValue', want" },
		{ OPEN SIGNED "<asic:DataObjectReference URI=\"data/a\"><ds:DigestMethod/>", "found DigestMethod without Algorithm, want" },
		{ OPEN SIGNED "<asic:DataObjectReference URI=\"data/a\"><ds:DigestMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#sha1\"/>",
			"found Algorithm 'http://www.w3.org/2000/09/xmldsig#sha1', want" },
		{ OPEN SIGNED "<asic:DataObjectReference URI=\"data/a\"><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha512\"/>",
			"found Algorithm 'http://www.w3.org/2001/04/xmlenc#sha512', want" },
		{ OPEN SIGNED "<asic:DataObjectReference URI=\"data/a\"><ds:DigestMethod X=\"\"/>", "found attribute 'X'" },
		{ OPEN SIGNED "<asic:DataObjectReference URI=\"data/a\">" METHOD "<ds:DigestValue></ds:DigestValue></asic:DataObjectReference>" CLOSE,
			"found a DigestValue that is not canonical base64 of 32 bytes" },
		{ OPEN SIGNED "<asic:DataObjectReference URI=\"data/a\">" METHOD
			      "<ds:DigestValue>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=</ds:DigestValue></asic:DataObjectReference>",
			"found a DigestValue that is not canonical base64 of 32 bytes" },
		{ OPEN SIGNED "<asic:DataObjectReference URI=\"data/a\">" METHOD
			      "<ds:DigestValue>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA</ds:DigestValue></asic:DataObjectReference>",
			"found a DigestValue that is not canonical base64 of 32 bytes" },
		{ OPEN SIGNED "<asic:DataObjectReference URI=\"data/a\">" METHOD
			      "<ds:DigestValue>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA</ds:DigestValue>",
			"found a DigestValue that is too long" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		char names[400];

		cr_expect_eq(read_all(cases[i].input, strlen(cases[i].input), names, sizeof(names), NULL, &err), -1, "%s", cases[i].input);
		cr_expect_not_null(strstr(err.text, cases[i].want), "%s\n\tgives %s\n\twant  %s", cases[i].input, err.text, cases[i].want);
		cr_expect(err.rule && strcmp(err.rule, "asic-manifest-malformed") == 0, "%s", cases[i].input);
	}
}

Test(asic, refuses_bytes_that_are_no_utf8_text)
{
	static const char nul[] = OPEN SIGNED "\0" ONE CLOSE;
	static const char utf16[] = "\xff\xfe<\0?\0x\0m\0l\0";
	struct custody_error err = CUSTODY_ERROR_INIT;
	char names[400];

	cr_expect_eq(read_all(nul, sizeof(nul) - 1, names, sizeof(names), NULL, &err), -1);
	cr_expect_not_null(strstr(err.text, "found a NUL byte, want text"), "%s", err.text);
	cr_expect_eq(read_all(utf16, sizeof(utf16) - 1, names, sizeof(names), NULL, &err), -1);
	cr_expect_eq(read_all("<\0?\0", 4, names, sizeof(names), NULL, &err), -1);
}

Test(asic, is_dead_after_an_error)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_asic_reader *reader = NULL;
	struct custody_asic_reference ref;
	struct custody_source source;

	custody_source_memory(&source, (const uint8_t *)"x", 1);
	cr_assert_eq(custody_asic_reader_new(&reader, &source, 0, 1, SIGNATURE, key, CUSTODY_DIGESTS_SIGNED, &err), 0);
	cr_expect_eq(custody_asic_reader_next(reader, &ref, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_FORMAT);
	cr_expect_eq(custody_asic_reader_next(reader, &ref, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INTERNAL);
	custody_asic_reader_free(&reader);
}

Test(asic, refuses_every_cut)
{
	static const char good[] = DECLARATION OPEN SIGNED ONE "</asic:ASiCManifest>";

	for (size_t n = 0; n < sizeof(good) - 1; n++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		char names[400];

		cr_expect_eq(read_all(good, n, names, sizeof(names), NULL, &err), -1, "%zu bytes", n);
	}
}

/* A manifest of n members "data/0..." whose names have `length` bytes. */
static void many(struct custody_buf *b, size_t n, size_t length, struct custody_error *err)
{
	char *name = malloc(length + 13);
	uint8_t digest[32];

	cr_assert_not_null(name);
	cr_assert_eq(custody_asic_append_head(b, SIGNATURE, err), 0);
	for (size_t i = 0; i < n; i++) {
		size_t len = (size_t)sprintf(name, "data/%07zu", i);
		for (; len + 2 <= length; len += 2)
			memcpy(name + len, "\xc3\xa9", 3);
		memset(digest, (int)i, sizeof(digest));
		cr_assert_eq(custody_asic_append_reference(b, name, digest, err), 0);
	}
	cr_assert_eq(custody_asic_append_tail(b, err), 0);
	free(name);
}

Test(asic, streams_many_references_in_order)
{
	CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_asic_reader *reader = NULL;
	struct custody_asic_reference ref;
	struct custody_source source;

	custody_buf_init(&b, (size_t)64 << 20);
	for (size_t length = 12; length <= 1013; length += 91) {
		size_t n = 0;
		int r;

		custody_buf_clear(&b);
		many(&b, 2000, length, &err);
		custody_source_memory(&source, b.data, b.len);
		cr_assert_eq(custody_asic_reader_new(&reader, &source, 0, b.len, SIGNATURE, key, CUSTODY_DIGESTS_SIGNED, &err), 0);
		while ((r = custody_asic_reader_next(reader, &ref, &err)) == 1) {
			char want[20];
			sprintf(want, "data/%07zu", n);
			cr_assert_eq(strncmp(ref.member, want, 12), 0, "%zu: %s", n, ref.member);
			cr_assert_eq(strlen(ref.member), ref.member_len);
			cr_assert_eq(ref.sha256[31], (uint8_t)n);
			cr_assert_str_eq(ref.media_type, "application/octet-stream");
			n++;
		}
		cr_expect_eq(r, 0, "%s", err.text);
		cr_expect_eq(n, 2000);
		custody_asic_reader_free(&reader);
	}
}

Test(asic, finds_a_member_named_twice_far_apart)
{
	CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint8_t digest[32] = { 0 };
	char names[10];

	custody_buf_init(&b, (size_t)64 << 20);
	many(&b, 3000, 12, &err);
	b.len -= strlen(CLOSE);
	cr_assert_eq(custody_asic_append_reference(&b, "data/0001234", digest, &err) | custody_asic_append_tail(&b, &err), 0);
	cr_expect_eq(read_all(b.data, b.len, names, 0, NULL, &err), -1);
	cr_expect_not_null(strstr(err.text, "found for the second time 'data/0001234'"), "%s", err.text);
}

Test(asic, limits_tokens_and_the_document)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_asic_reader *reader = NULL;
	struct custody_source source;
	size_t n = CUSTODY_LIMIT_XML_TOKEN + 100;
	char *text = malloc(n), names[10];

	cr_assert_not_null(text);
	memset(text, 'x', n);
	text[0] = '<';
	cr_expect_eq(read_all(text, n, names, sizeof(names), NULL, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	cr_expect_str_eq(err.text, "byte 65537: 65536 bytes without '<'");
	memset(text, ' ', n);
	cr_expect_eq(read_all(text, n, names, sizeof(names), NULL, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	free(text);

	custody_source_memory(&source, (const uint8_t *)"", 0);
	cr_expect_eq(custody_asic_reader_new(&reader, &source, 0, CUSTODY_LIMIT_LIST + 1, SIGNATURE, key, CUSTODY_DIGESTS_SIGNED, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	cr_expect_null(reader);
	struct custody_asic_reference ref;
	cr_assert_eq(custody_asic_reader_new(&reader, &source, 0, 10, SIGNATURE, key, CUSTODY_DIGESTS_SIGNED, &err), 0);
	cr_expect_eq(custody_asic_reader_next(reader, &ref, &err), -1, "a read past the source");
	cr_expect_eq(err.kind, CUSTODY_ERR_INTERNAL);
	custody_asic_reader_free(&reader);
}

Test(asic, writes_what_the_second_implementation_writes)
{
	for (size_t i = 0; stored_packages[i]; i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		CUSTODY_BUF_CLEAN struct custody_buf again = { 0 };
		struct custody_asic_reader *reader = NULL;
		struct custody_asic_reference ref;
		struct custody_source source;
		size_t n = 0;
		uint8_t *text = stored_member(stored_packages[i], "META-INF/ASiCManifest001.xml", &n);
		int r;

		custody_buf_init(&again, 1 << 20);
		custody_source_memory(&source, text, n);
		cr_assert_eq(custody_asic_reader_new(&reader, &source, 0, n, SIGNATURE, key, CUSTODY_DIGESTS_SIGNED, &err), 0);
		cr_assert_eq(custody_asic_append_head(&again, SIGNATURE, &err), 0);
		while ((r = custody_asic_reader_next(reader, &ref, &err)) == 1)
			cr_assert_eq(custody_asic_append_reference(&again, ref.member, ref.sha256, &err), 0);
		cr_expect_eq(r, 0, "%s: %s", stored_packages[i], err.text);
		cr_assert_eq(custody_asic_append_tail(&again, &err), 0);
		cr_expect_str_eq(custody_buf_str(&again), (char *)text, "%s", stored_packages[i]);
		custody_asic_reader_free(&reader);
		free(text);
	}
}

/* Also of the second look that a member named twice makes necessary. */
Test(asic, fails_when_a_read_fails)
{
	CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint8_t digest[32] = { 0 };
	uint64_t at = 0;

	custody_buf_init(&b, (size_t)64 << 20);
	many(&b, 500, 12, &err);
	b.len -= strlen(CLOSE);
	cr_assert_eq(custody_asic_append_reference(&b, "data/0000499", digest, &err) | custody_asic_append_tail(&b, &err), 0);
	for (;; at++) {
		struct custody_asic_reader *reader = NULL;
		struct custody_asic_reference ref;
		struct custody_source source;
		struct failing f;
		int r;

		failing_source(&source, &f, b.data, b.len, at);
		cr_assert_eq(custody_asic_reader_new(&reader, &source, 0, b.len, SIGNATURE, key, CUSTODY_DIGESTS_SIGNED, &err), 0);
		while ((r = custody_asic_reader_next(reader, &ref, &err)) == 1)
			;
		custody_asic_reader_free(&reader);
		cr_assert_eq(r, -1);
		if (err.kind == CUSTODY_ERR_FORMAT)
			break;
		cr_assert_eq(err.kind, CUSTODY_ERR_IO);
	}
	cr_expect_geq(at, 2 * (b.len / 16384), "the document is read twice (%llu reads)", (unsigned long long)at);
}

Test(asic, leaves_the_buffer_as_it_was_when_it_is_full)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint8_t digest[32] = { 0 };

	for (size_t max = 1; max < 180; max++) {
		CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };

		custody_buf_init(&b, max);
		cr_assert_eq(custody_buf_append_byte(&b, '!', &err), 0);
		cr_expect_eq(custody_asic_append_reference(&b, "data/%", digest, &err), -1);
		cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
		cr_expect_eq(b.len, 1);
	}
}
