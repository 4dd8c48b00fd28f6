/* SPDX-License-Identifier: Apache-2.0 */
/* Digests in letters and tables. ADM-13. */
#include "formats/claims_text.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "libcustody/base/hex.h"

#define M "d41d8cd98f00b204e9800998ecf8427e"
#define M2 "0123456789abcdef0123456789abcdef"
#define S1 "da39a3ee5e6b4b0d3255bfef95601890afd80709"
#define S2 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* "LINE name md5:d41d sha1:da39;": the first two bytes of each digest. */
static int keep(void *ctx, const struct custody_hash_record *r, uint64_t line, struct custody_bytes text, struct custody_error *err)
{
	struct custody_buf *out = ctx;

	(void)text;
	if (custody_buf_printf(out, err, "%llu [%.*s]", (unsigned long long)line, (int)r->path.n, (const char *)r->path.p) ||
		(r->has_size && custody_buf_printf(out, err, " size:%llu", (unsigned long long)r->size)))
		return -1;
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if ((r->digests.mask & CUSTODY_DIGEST_BIT(id)) &&
			custody_buf_printf(out, err, " %s:%02x%02x", custody_digest_get((enum custody_digest_id)id)->name, r->digests.value[id][0],
				r->digests.value[id][1]))
			return -1;
	return custody_buf_append_byte(out, ';', err);
}

Test(claims_text, finds_names_and_digests_as_people_write_them)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" }, { "no digest here, but an id 44784e18-be25-4570-9080-eb96d88e6437", "" }, { "a.zip " M "\n", "1 [a.zip] md5:d41d;" },
		{ M "  a.zip\r\n" M2 " *b c.zip\r\n", "1 [a.zip] md5:d41d;2 [b c.zip] md5:0123;" },
		{ "\xef\xbb\xbf"
		  "a.zip: MD5 = " M ", SHA-1: " S1,
			"1 [a.zip] md5:d41d sha1:da39;" },
		{ "SHA256 (a b) = " S2, "1 [a b] sha256:e3b0;" }, { "SHA3-256 (a b) = " S2, "1 [a b] sha3-256:e3b0;" },
		{ "MD5: " M " a", "1 [a] md5:d41d;" },
		{ "File: box.mbox\n  MD5 checksum: " M "\n  SHA1 hash value: " S1 "\n\n" M2, "2 [box.mbox] md5:d41d sha1:da39;5 [] md5:0123;" },
		{ "a D41D 8CD9 8F00 B204 E980 0998 ECF8 427E", "1 [a] md5:d41d;" },
		{ "a d4:1d:8c:d9:8f:00:b2:04:e9:80:09:98:ec:f8:42:7e", "1 [a] md5:d41d;" },
		{ "a.zip " M ", b.zip " M2, "1 [a.zip] md5:d41d;1 [b.zip] md5:0123;" },
		{ M " a.zip " M2 " b.zip", "1 [a.zip] md5:d41d;1 [b.zip] md5:0123;" }, { "x" M " " M "x " M "0", "" }, /* part of something longer */
		{ "name\n" M "\n" M2 "\n", "2 [name] md5:d41d;3 [name] md5:0123;" }, /* a person sees that one of them is another's */
		{ "file,md5\na.zip," M "\nb.zip,\n", "2 [a.zip] md5:d41d;" },
		{ "\nFile Name;Size (bytes);MD5 Hash;sha-256;remark\n\"a;\"\"b\";12;" M ";" S2 ";x\n c ;1,2;" M2 "\n",
			"3 [a;\"b] size:12 md5:d41d sha256:e3b0;4 [c] md5:0123;" },
		{ "path\thash\na\t" S1 "\nb\tnone\n", "2 [a] sha1:da39;" },
		{ "md5,sha1\n" M "," S1 "\n", "2 [md5,sha1] md5:d41d sha1:da39;" }, /* no column of names: text */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf out = { .max = 10000 };
		struct custody_error err = CUSTODY_ERROR_INIT;

		cr_assert_eq(custody_claims_text_read((const uint8_t *)cases[i].text, strlen(cases[i].text), keep, &out, &err), 0, "%s", err.text);
		cr_expect_str_eq(custody_buf_str(&out), cases[i].want, "%s: %s", cases[i].text, custody_buf_str(&out));
	}
}

Test(claims_text, refuses_what_is_no_text_and_says_why)
{
	static const struct {
		const char *text;
		size_t n;
		const char *want, *hint;
	} cases[] = {
		{ "\xff\xfe"
		  "a\0",
			4, "found bytes that are not UTF-8 text", "iconv -f UTF-16" },
		{ "a\0b", 3, "found bytes that are not UTF-8 text", "iconv -f UTF-16" },
		{ "0\xe9", 2, "found bytes that are not UTF-8 text", "iconv -f CP1252" },
		{ "%PDF-1.7\n\xff", 10, "found a PDF, want text", "pdftotext" },
		{ "%PDF-1.7\n\xff/ByteRange [0 1", 23, "found a PDF, with a signature inside that is not verified here, want text", "pdftotext" },
		{ "PK\3\4\0\0", 6, "found a ZIP file, want text or a CMS signature", "META-INF" },
		/* signature packets: old format with lengths of one, two and four bytes, new format */
		{ "\x88\x75\x04\x00", 4, "found a PGP signature, which is not verified here, want text or a CMS signature", "gpg --verify" },
		{ "\x89\x01\x33\x04", 4, "found a PGP signature, which is not verified here, want text or a CMS signature", "gpg --verify" },
		{ "\x8a\0\0\x01\x33\x04", 6, "found a PGP signature, which is not verified here, want text or a CMS signature", "gpg --verify" },
		{ "\xc2\x75\x04\x00", 4, "found a PGP signature, which is not verified here, want text or a CMS signature", "gpg --verify" },
		{ "\xc2\xc0\x05\x04", 4, "found a PGP signature, which is not verified here, want text or a CMS signature", "gpg --verify" },
		{ "\x89t\xe9.", 4, "found bytes that are not UTF-8 text", "iconv -f CP1252" },
		{ "\x8b\x04\x04", 3, "found bytes that are not UTF-8 text", "iconv -f CP1252" },
		{ "file,md5\n\"a," M "\n", 43, "line 2: a quoted field without its end, want each row on one line", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf out = { .max = 10000 };
		struct custody_error err = CUSTODY_ERROR_INIT;

		cr_expect_eq(custody_claims_text_read((const uint8_t *)cases[i].text, cases[i].n, keep, &out, &err), -1, "%zu", i);
		cr_expect_eq(err.kind, CUSTODY_ERR_FORMAT);
		cr_expect_str_eq(err.text, cases[i].want, "%zu: %s", i, err.text);
		cr_expect(strstr(err.hint, cases[i].hint), "%zu: %s", i, err.hint);
	}
}

Test(claims_text, says_what_a_text_without_digests_is)
{
	static const struct {
		const char *text, *want; /* a part of the hint; NULL: none */
	} cases[] = {
		{ "-----BEGIN PGP SIGNATURE-----\n\niQ", "gpg --verify" },
		{ "-----BEGIN PGP MESSAGE-----\n\niQ", "gpg --decrypt" },
		{ "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">", "an XML signature" },
		{ "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"", "a signed mail" },
		{ "-----BEGIN CERTIFICATE-----\nMII", "a certificate states no digest" },
		{ "Dear all,", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *hint = custody_claims_text_other((const uint8_t *)cases[i].text, strlen(cases[i].text));

		cr_expect(cases[i].want ? hint && strstr(hint, cases[i].want) : !hint, "%s: %s", cases[i].text, hint ? hint : "");
	}
	cr_expect(custody_claims_text_is_clearsigned((const uint8_t *)"-----BEGIN PGP SIGNED MESSAGE-----\n", 35));
	cr_expect_not(custody_claims_text_is_clearsigned((const uint8_t *)cases[0].text, strlen(cases[0].text)));
}

/* A line of a draft is known wherever it stands, however the list is cut while it is read, and with blanks that another program put in. */
Test(claims_text, counts_lines_of_drafts)
{
	static const char list[] = "{\"path\":\"a\"}\n"
				   "{\"draft\":{\"of\":\"letter.txt\"}}\n"
				   "{ \"draft\": {\"signature\": \"x\"}}\r\n"
				   "\n"
				   "{\"draft\":{\"signature\":\"x\"},\"path\":\"{\\\"draft\\\":\"}\n"
				   "{\"draft\":{\"signatures\":1}}";

	for (size_t step = 1; step < sizeof(list); step++) {
		struct custody_claims_drafts d = { 0 };

		for (size_t at = 0; at < sizeof(list) - 1; at += step)
			custody_claims_drafts_count(&d, (const uint8_t *)list + at, sizeof(list) - 1 - at < step ? sizeof(list) - 1 - at : step);
		cr_expect(d.texts == 2 && d.signatures == 2, "%zu: %d %d", step, (int)d.texts, (int)d.signatures);
	}
}
