/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/trust.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/base/fd.h"
#include "libcustody/base/hex.h"
#include "tests/support/pki.h"
#include "tests/support/tmpdir.h"

/* A PEM block of some label; lines of 64. */
static const char *pem(const char *label, struct custody_bytes der)
{
	char *text = pki_alloc(der.n * 2 + 200), *base64 = pki_alloc(custody_base64_len(der.n) + 1);
	custody_base64_format(der.p, der.n, base64);
	size_t n = (size_t)sprintf(text, "-----BEGIN %s-----\n", label);
	for (const char *at = base64; *at != '\0'; at += strlen(at) < 64 ? strlen(at) : 64)
		n += (size_t)sprintf(text + n, "%.64s\n", at);
	sprintf(text + n, "-----END %s-----\n", label);
	return text;
}

static const char *join(size_t n, const char *const *parts)
{
	size_t total = 1;
	for (size_t i = 0; i < n; i++)
		total += strlen(parts[i]);
	char *out = pki_alloc(total);
	for (size_t i = 0; i < n; i++)
		strcat(out, parts[i]);
	return out;
}
#define JOIN(...) join(sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *), (const char *[]){ __VA_ARGS__ })

Test(trust, adds_the_blocks_that_are_asked_for)
{
	const struct pki_party *a = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "A" }),
			       *b = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "B" });
	struct custody_bytes list = pki_crl((struct pki_crl_spec){ .issuer = a });
	const char *text = JOIN("A text in front, --- with dashes\n", pem("CERTIFICATE", a->certificate), "between\r\n", pem("X509 CRL", list),
		pem("PRIVATE KEY", list), pem("X509 CERTIFICATE", b->certificate), "-----BEGIN not a line", "\nthe end without a line feed");
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_trust t;
	custody_trust_init(&t);
	for (int part = CUSTODY_TRUST_SIGNERS; part <= CUSTODY_TRUST_CRLS; part++)
		cr_expect_eq(
			custody_trust_add_pem(&t, (enum custody_trust_part)part, (const uint8_t *)text, strlen(text), "x", &err), 0, "%s", err.text);
	cr_expect_eq(t.n_signers, 2);
	cr_expect_eq(t.n_tsas, 2);
	cr_expect_eq(t.n_crls, 1);
	cr_expect(t.signers[1].der_len == b->certificate.n && memcmp(t.signers[1].der, b->certificate.p, b->certificate.n) == 0);
	/* Lists grow past each power of two. */
	for (int i = 0; i < 9; i++) {
		cr_expect_eq(custody_trust_add_pem(&t, CUSTODY_TRUST_SIGNERS, (const uint8_t *)text, strlen(text), "x", &err), 0);
		cr_expect_eq(custody_trust_add_pem(&t, CUSTODY_TRUST_CRLS, (const uint8_t *)text, strlen(text), "x", &err), 0);
	}
	cr_expect_eq(t.n_signers, 20);
	cr_expect_eq(t.n_crls, 10);
	custody_trust_release(&t);
	pki_reset();
}

Test(trust, takes_lines_with_carriage_returns_and_spaces)
{
	const struct pki_party *a = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "A" });
	const char *unix_text = pem("CERTIFICATE", a->certificate);
	char *text = pki_alloc(strlen(unix_text) * 2), *out = text;
	for (const char *at = unix_text; *at != '\0'; at++) {
		if (*at == '\n') {
			*out++ = ' ';
			*out++ = '\r';
		}
		*out++ = *at;
	}
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_trust t;
	custody_trust_init(&t);
	cr_expect_eq(custody_trust_add_pem(&t, CUSTODY_TRUST_TSAS, (const uint8_t *)text, (size_t)(out - text), "x", &err), 0, "%s", err.text);
	cr_expect_eq(t.n_tsas, 1);
	custody_trust_release(&t);
	pki_reset();
}

Test(trust, refuses_a_broken_block_by_its_number)
{
	const struct pki_party *a = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "A" });
	const char *good = pem("CERTIFICATE", a->certificate);
	struct custody_bytes cut = { a->certificate.p, a->certificate.n - 1 };
	const struct {
		const char *text, *want;
	} cases[] = {
		{ JOIN(good, "-----BEGIN CERTIFICATE-----\nAAAA\n"),
			"block 2 of 'a.pem': found a block without its own end line, want '-----END ...-----'" },
		{ JOIN("-----BEGIN CERTIFICATE-----\nAAAA\n-----END X509 CRL-----\n"),
			"block 1 of 'a.pem': found a block without its own end line, want '-----END ...-----'" },
		{ JOIN("-----BEGIN CERTIFICATE-----\nAA*A\n-----END CERTIFICATE-----\n"),
			"block 1 of 'a.pem': found something that is not base64, want base64" },
		{ JOIN("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"),
			"block 1 of 'a.pem': certificate: at byte 0: found the end, want an identifier and a length" },
		{ pem("CERTIFICATE", cut), "block 1 of 'a.pem': certificate: at byte 0: found a length beyond the end, want one that fits" },
		{ pem("CERTIFICATE", DER_SEQ(der_integer(1))),
			"block 1 of 'a.pem': found something that is not a certificate, want one of RFC 5280" },
		{ pem("TRUSTED CERTIFICATE", a->certificate), "block 1 of 'a.pem': found a TRUSTED CERTIFICATE, want a CERTIFICATE" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_trust t;
		custody_trust_init(&t);
		cr_expect_eq(
			custody_trust_add_pem(&t, CUSTODY_TRUST_SIGNERS, (const uint8_t *)cases[i].text, strlen(cases[i].text), "a.pem", &err), -1);
		cr_expect_str_eq(err.text, cases[i].want, "%s", err.text);
		cr_expect_eq(err.kind, CUSTODY_ERR_FORMAT);
		custody_trust_release(&t);
	}
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_trust t;
	const char *list = pem("X509 CRL", DER_SEQ(der_integer(1)));
	custody_trust_init(&t);
	cr_expect_eq(custody_trust_add_pem(&t, CUSTODY_TRUST_CRLS, (const uint8_t *)list, strlen(list), "c.pem", &err), -1);
	cr_expect_str_eq(err.text, "block 1 of 'c.pem': found something that is not a revocation list, want one of RFC 5280");
	custody_trust_release(&t);
	pki_reset();
}

static void write_file(const char *dir, const char *name, const char *text)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	char path[1200];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	cr_assert_eq(custody_output_write_file(path, 0644, text, strlen(text), &err), 0, "%s", err.text);
}

Test(trust, loads_what_is_in_a_folder)
{
	const struct pki_party *a = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "A" });
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_trust t;
	char dir[64];
	tmpdir_enter(dir);
	custody_trust_init(&t);
	cr_expect_eq(custody_trust_load(&t, dir, &err), 0);
	cr_expect(t.n_signers == 0 && t.n_tsas == 0 && t.from == NULL);
	write_file(dir, "signers.pem", pem("CERTIFICATE", a->certificate));
	cr_expect_eq(custody_trust_load(&t, dir, &err), 0);
	cr_expect(t.n_signers == 1 && t.n_tsas == 0);
	cr_expect_str_eq(t.from, dir);
	write_file(dir, "crls.pem", "-----BEGIN X509 CRL-----\n");
	cr_expect_eq(custody_trust_load(&t, dir, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_FORMAT);
	/* DER, another's file, an empty one: whoever put it there believes that lists are looked at */
	char path[1200], list[1200];
	snprintf(list, sizeof(list), "%s/crls.pem", dir);
	for (int i = 0; i < 3; i++) {
		cr_assert_eq(unlink(list), 0);
		write_file(dir, "crls.pem", i == 0 ? "\x30\x82\x01\x01" : i == 1 ? pem("CERTIFICATE", a->certificate) : "");
		cr_expect_eq(custody_trust_load(&t, dir, &err), -1);
		cr_expect_eq(err.kind, CUSTODY_ERR_FORMAT);
		cr_expect_not_null(strstr(err.text, "crls.pem' holds no revocation list in PEM, want at least one"), "%s", err.text);
	}
	snprintf(path, sizeof(path), "%s/signers.pem", dir);
	cr_expect_eq(custody_trust_load(&t, path, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INPUT);
	snprintf(path, sizeof(path), "%s/nothing", dir);
	cr_expect_eq(custody_trust_load(&t, path, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INPUT);
	snprintf(path, sizeof(path), "%s/tsas.pem", dir);
	cr_assert_eq(mkdir(path, 0700), 0);
	cr_expect_eq(custody_trust_load(&t, dir, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INPUT);
	tmpdir_leave(dir);
	custody_trust_release(&t);
	pki_reset();
}

/* A revocation in a list that is passed over would be ignored. */
Test(trust, refuses_what_it_would_pass_over)
{
	const struct pki_party *a = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "A" });
	const char *good = pem("CERTIFICATE", a->certificate), *list = pem("X509 CRL", pki_crl((struct pki_crl_spec){ .issuer = a }));
	const char *other = pem("CRL", pki_crl((struct pki_crl_spec){ .issuer = a, .from = "2026-11-02T00:00:00Z" }));
	const char *stray =
		"found the beginning of a block behind blanks or a mark, or with other dashes, want '-----BEGIN ...-----' on a line of its own";
	const char *no_begin = "found the end of a block without its beginning, want '-----BEGIN ...-----' on a line of its own";
	const char *no_text = "found a NUL or a carriage return without a line feed, want text with lines that end with LF or CR LF";
	const char *misplaced = "found a revocation list, want certificates here and lists in crls.pem: it would not be looked at";
	const struct {
		const char *name, *text, *want; /* NULL: taken */
	} cases[] = {
		{ "crls.pem", JOIN("CN=A, -----BEGIN X509 CRL-----\n", good, list), NULL },
		{ "crls.pem", JOIN("\xef\xbb\xbf", list, list), stray },
		{ "crls.pem", JOIN(list, " \t", list), stray },
		{ "crls.pem", JOIN(list, "-", list), stray },
		{ "crls.pem", JOIN(list, "-----BEGIN X509 CRL----\n"), stray },
		{ "crls.pem", JOIN(list, "of CN=A ", list), no_begin }, /* a file without an end of line, and another behind it */
		{ "crls.pem", JOIN(list, "\xc2\xa0", list), no_begin }, /* a blank that is none */
		{ "crls.pem", JOIN(list, "-----END X509 CRL-----\n"), no_begin },
		{ "crls.pem", JOIN(list, "of CN=A\r-----BEGIN X509 CRL-----\r"), no_text },
		{ "crls.pem", JOIN(list, "a\r\nb\r\n"), NULL },
		{ "crls.pem", JOIN(list, "a\r"), no_text },
		{ "crls.pem", JOIN(list, other), "found a block 'CRL', want 'X509 CRL'" },
		{ "tsas.pem", JOIN(good, list), misplaced },
		{ "signers.pem", JOIN(list, good), misplaced },
		{ "signers.pem", JOIN("\xef\xbb\xbf", good, good), stray },
		{ "tsas.pem", JOIN("---- a text ----\n-- BEGIN\n", good, other), NULL },
	};
	char dir[64], want[1400];
	tmpdir_enter(dir);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_trust t;
		custody_trust_init(&t);
		write_file(".", cases[i].name, cases[i].text);
		cr_expect_eq(custody_trust_load(&t, dir, &err), cases[i].want ? -1 : 0, "%zu: %s", i, err.text);
		if (cases[i].want) {
			snprintf(want, sizeof(want), "'%s/%s': %s", dir, cases[i].name, cases[i].want);
			cr_expect_str_eq(err.text, want, "%zu: %s", i, err.text);
			cr_expect_eq(err.kind, CUSTODY_ERR_FORMAT);
		}
		cr_assert_eq(unlink(cases[i].name), 0);
		custody_trust_release(&t);
	}
	tmpdir_leave(dir);
	pki_reset();
}

Test(trust, refuses_a_file_that_is_named_and_not_there)
{
	static const char *const names[] = { "signers.pem", "tsas.pem", "crls.pem" };
	static const char *const targets[] = { "gone.pem", "gone/gone.pem", "file/gone.pem", "@" };
	const struct pki_party *a = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "A" });
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_trust t;
	char dir[64], want[1200];
	tmpdir_enter(dir);
	custody_trust_init(&t);
	write_file(dir, "file", "");
	for (size_t i = 0; i < 3; i++) {
		for (size_t j = 0; j < 4; j++) {
			cr_assert_eq(symlink(strcmp(targets[j], "@") == 0 ? names[i] : targets[j], names[i]), 0);
			cr_expect_eq(custody_trust_load(&t, dir, &err), -1);
			snprintf(want, sizeof(want), "'%s/%s' is a symbolic link that leads to nothing, want a file", dir, names[i]);
			cr_expect_str_eq(err.text, want);
			cr_expect_eq(err.kind, CUSTODY_ERR_INPUT);
			cr_assert_eq(unlink(names[i]), 0);
		}
	}
	/* a link that leads somewhere is as good as the file */
	write_file(dir, "elsewhere.pem", pem("CERTIFICATE", a->certificate));
	cr_assert_eq(symlink("elsewhere.pem", "signers.pem"), 0);
	cr_expect_eq(custody_trust_load(&t, dir, &err), 0, "%s", err.text);
	cr_expect_eq(t.n_signers, 1u);
	/* a link to a longer name than there can be: whether something is there cannot be said */
	char far[301];
	memset(far, 'x', 300);
	far[300] = '\0';
	cr_assert_eq(symlink(far, "crls.pem"), 0);
	cr_expect_eq(custody_trust_load(&t, dir, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_IO);
	cr_expect_not_null(strstr(err.text, "crls.pem': File name too long"), "%s", err.text);
	tmpdir_leave(dir);
	custody_trust_release(&t);
	pki_reset();
}

Test(trust, takes_no_certificate_above_the_limit)
{
	static uint8_t big[(1 << 20) + 1];
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_certificate c;
	cr_expect_eq(custody_certificate_parse(big, sizeof(big), &c, &err), -1);
	cr_expect_str_eq(err.rule, "limit-exceeded");
}
