/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "libcustody/base/error.h"

Test(error, keeps_kind_and_text_of_the_root_cause)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	cr_expect_eq(custody_fail(&err, CUSTODY_ERR_INPUT, "found %d, want %d", 1, 2), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INPUT);
	cr_expect_str_eq(err.text, "found 1, want 2");
	cr_expect_eq(err.rule, NULL);
}

Test(error, a_new_cause_replaces_everything_of_the_old_one)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_refuse(&err, "some-rule", "first");
	custody_hint(&err, "do %s", "this");
	cr_expect_str_eq(err.hint, "do this");
	custody_fail_nomem(&err);
	cr_expect_eq(err.kind, CUSTODY_ERR_NOMEM);
	cr_expect_eq(err.rule, NULL);
	cr_expect_str_eq(err.hint, "");
	cr_expect_str_eq(err.text, "out of memory");
}

Test(error, may_quote_its_own_old_text)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_fail(&err, CUSTODY_ERR_FORMAT, "inner");
	custody_refuse(&err, "rule", "outer (%s)", err.text);
	cr_expect_str_eq(err.text, "outer (inner)");
	cr_expect_str_eq(err.rule, "rule");
	cr_expect_eq(err.kind, CUSTODY_ERR_FORMAT);
}

Test(error, puts_frames_in_front_and_keeps_rule_and_hint)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_refuse(&err, "rule", "cause");
	custody_hint(&err, "hint");
	custody_fail_in(&err, "line %d", 7);
	cr_expect_eq(custody_fail_in(&err, "file '%s'", "x"), -1);
	cr_expect_str_eq(err.text, "file 'x': line 7: cause");
	cr_expect_str_eq(err.rule, "rule");
	cr_expect_str_eq(err.hint, "hint");
}

Test(error, drops_a_frame_that_does_not_fit_and_never_the_cause)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	custody_fail(&err, CUSTODY_ERR_FORMAT, "cause");
	/* exactly full: frame, ": ", "cause", NUL */
	custody_fail_in(&err, "%0*d", (int)sizeof(err.text) - 2 - 6, 0);
	cr_expect_eq(strlen(err.text), sizeof(err.text) - 1);
	cr_expect_str_eq(err.text + sizeof(err.text) - 8, ": cause");
	custody_fail_in(&err, "more");
	cr_expect_eq(err.text[0], '0');
	custody_fail(&err, CUSTODY_ERR_FORMAT, "cause");
	custody_fail_in(&err, "%0*d", (int)sizeof(err.text) - 1 - 6, 0);
	cr_expect_str_eq(err.text, "cause");
}

Test(error, cuts_long_text_at_a_character_boundary)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	static const struct {
		const char *what, *character;
	} cases[] = { { "two bytes", "\xc3\xa9" }, { "three bytes", "\xe2\x82\xac" }, { "four bytes", "\xf0\x9f\x98\x80" }, { "one byte", "x" } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t n = strlen(cases[i].character);
		for (int pad = 0; pad < 4; pad++) {
			char text[3000] = "yyyy";
			text[pad] = '\0';
			while (strlen(text) < 2000)
				strcat(text, cases[i].character);
			custody_fail(&err, CUSTODY_ERR_FORMAT, "%s", text);
			size_t len = strlen(err.text);
			cr_expect_eq((len - (size_t)pad) % n, 0, "%s, pad %d: %zu", cases[i].what, pad, len);
			cr_expect(len <= sizeof(err.text) - 1 && len + n > sizeof(err.text) - 1, "%s", cases[i].what);
			custody_hint(&err, "%s", text);
			cr_expect_eq((strlen(err.hint) - (size_t)pad) % n, 0, "%s", cases[i].what);
		}
	}
}

Test(error, takes_bytes_that_are_no_text_without_harm)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	char text[2000];
	memset(text, 0x80, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	custody_fail(&err, CUSTODY_ERR_FORMAT, "%s", text);
	cr_expect_eq(strlen(err.text), sizeof(err.text) - 1);
}

Test(error, says_what_errno_means_whatever_the_length)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	cr_expect_eq(custody_fail_errno(&err, ENOSPC, "cannot write '%s'", "x"), -1);
	cr_expect_str_eq(err.text, "cannot write 'x': No space left on device");
	cr_expect_eq(err.kind, CUSTODY_ERR_IO);
	cr_expect_eq(err.sys_errno, ENOSPC);
	custody_fail_errno(&err, ENOMEM, "x");
	cr_expect_eq(err.kind, CUSTODY_ERR_NOMEM);
	custody_fail_errno(&err, 99999, "x");
	cr_expect_str_eq(err.text, "x: error 99999");
	custody_fail_errno(&err, EIO, "%01100d", 0);
	cr_expect_str_eq(err.text + strlen(err.text) - strlen("0: Input/output error"), "0: Input/output error");
	cr_expect_eq(strlen(err.text), sizeof(err.text) - 1);
}

Test(error, tells_what_is_short_here_from_what_is_wrong_with_a_file)
{
	cr_expect(custody_errno_is_own(EMFILE));
	cr_expect(custody_errno_is_own(ENFILE));
	cr_expect(custody_errno_is_own(ENOMEM));
	cr_expect_not(custody_errno_is_own(0));
	cr_expect_not(custody_errno_is_own(EACCES));
	cr_expect_not(custody_errno_is_own(EIO));
	cr_expect_not(custody_errno_is_own(ELOOP));
}
