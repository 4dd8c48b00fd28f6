/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/claims_signature.h"

#include <criterion/criterion.h>
#include <string.h>

#include "formats/claims_text.h"
#include "libcustody/base/fd.h"

Test(claims_signature, takes_the_name_of_what_was_signed_from_its_own)
{
	static const struct {
		const char *name, *want;
	} cases[] = {
		{ "a.zip.p7s", "a.zip" },
		{ "a.zip.P7S", "a.zip" },
		{ "a.zip.p7m", "a.zip" },
		{ "a.zip.sig", "a.zip" },
		{ "a.zip.cms.pem", "a.zip" },
		{ "a.zip.sig.p7s", "a.zip" },
		{ "a.p7s.der", "a" },
		{ "a.zip", "" },
		{ "a.pem", "" },
		{ ".p7s", "" },
		{ "smime.p7s", "" },
		{ "SMIME.p7s", "" },
		{ "signature.p7s", "" },
		{ "signature.sig", "" },
		{ "p7s", "" },
		{ "", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t n = custody_claims_signed_name(cases[i].name);

		cr_expect(n == strlen(cases[i].want) && memcmp(cases[i].name, cases[i].want, n) == 0, "%s: %zu", cases[i].name, n);
	}
}

Test(claims_signature, is_told_by_what_it_is_or_how_it_is_called)
{
	struct custody_bytes text = { (const uint8_t *)"text", 4 }, der = { (const uint8_t *)"\x30\x82\x01\x00", 4 };

	cr_expect(custody_claims_is_signature("a", der) && custody_claims_is_signature("a.p7s", text));
	cr_expect_not(custody_claims_is_signature("a.sig", text) || custody_claims_is_signature("a.pem", text)); /* others have these names, too */
}

Test(claims_signature, shows_a_serial_number_as_other_programs_do)
{
	static const uint8_t positive[] = { 0, 0x80 }, zero[] = { 0 }, most[32] = { 1 }, longer[33] = { 1 };
	const struct {
		struct custody_bytes serial;
		const char *want;
	} cases[] = {
		{ { positive, 2 }, "80" },
		{ { zero, 1 }, "00" },
		{ { most, 32 }, "0100000000000000000000000000000000000000000000000000000000000000" },
		{ { longer, 33 }, "0100000000000000000000000000000000000000000000000000000000000000..." },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_x509 x = { .serial = cases[i].serial };
		char out[CUSTODY_CLAIMS_SERIAL];

		cr_expect_str_eq(custody_claims_serial(&x, out), cases[i].want);
	}
}

/* A name from outside stays one text of the line, which reads back as the record that it is. */
Test(claims_signature, makes_a_line_that_is_a_record)
{
	CUSTODY_CLEANUP(custody_detached_release) struct custody_detached d = { 0 };
	CUSTODY_BUF_CLEAN struct custody_buf file = { .max = 1 << 20 }, out = { .max = 1 << 20 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	const char *name = "a\"},\n\x1b[2J";

	cr_assert_eq(custody_fd_slurp("fixtures/signature/ec.p7s", 1 << 20, &file, &err), 0, "%s", err.text);
	cr_assert_eq(custody_detached_verify((struct custody_bytes){ file.data, file.len }, NULL, &d, &err), 0, "%s", err.text);
	cr_assert_eq(custody_claims_signature_draft(&out, name, "00", (struct custody_bytes){ (const uint8_t *)name, strlen(name) }, &d, &err), 0);

	const char *line = custody_buf_str(&out);
	cr_expect(strncmp(line, CUSTODY_CLAIMS_SIGNATURE_DRAFT, strlen(CUSTODY_CLAIMS_SIGNATURE_DRAFT)) == 0);
	cr_expect_eq(strchr(line, '\n'), line + out.len - 1, "%s", line);
	cr_expect(!strchr(line, 0x1b) && strstr(line, "\"path\":\"a\\\"},\\n\\u001b[2J\",\"digests\":{\"sha256\":\"") &&
			  strstr(line, "\"subject\":\"CN=Signing (EC), O=Sender SA\""),
		"%s", line);
}
