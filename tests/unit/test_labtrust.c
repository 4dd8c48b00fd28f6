/* SPDX-License-Identifier: Apache-2.0 */
/* What `custody lab trust` takes from a file that somebody sent, and that nothing is written when one thing in it is refused. */
#include "libcustody/work/labtrust.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/fd.h"
#include "libcustody/base/limits.h"
#include "libcustody/crypto/issue.h"
#include "libcustody/crypto/oid.h"
#include "tests/support/faults.h"
#include "tests/support/pki.h"
#include "tests/support/testlab.h"
#include "tests/support/tmpdir.h"

#define END ((struct custody_bytes){ NULL, 0 })

static char dir[64];
static struct custody_lab lab;
static const struct pki_party *rsa;
static const struct custody_time now = { TESTLAB_NOW + 100, 0 };

static void enter(void)
{
	struct custody_error err = CUSTODY_ERROR_INIT;

	rsa = pki_party((struct pki_spec){ .kind = PKI_ROOT, .key = PKI_RSA2048, .label = "R" }); /* its key is a file below the working folder */
	tmpdir_enter(dir);
	testlab_folder("L", "p256", NULL);
	cr_assert_eq(custody_lab_open("L", &lab, &err), 0);
}

static void leave(void)
{
	custody_lab_release(&lab);
	pki_reset();
	tmpdir_leave(dir);
}

TestSuite(labtrust, .init = enter, .fini = leave);

static int add(const char *path, struct custody_lab_trust_result *r, struct custody_error *err)
{
	return custody_lab_trust_add(&lab, path, now, r, err);
}

/* Tries it, and says nothing was written if it is refused. want NULL: taken. */
static void expect(const char *what, const char *path, enum custody_error_kind kind, const char *want)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_lab_trust_result r = { NULL, 0 };
	struct custody_buf before[2] = { { 0 }, { 0 } }, after[2] = { { 0 }, { 0 } };

	for (int i = 0; i < 2; i++) {
		custody_buf_init(&before[i], 1 << 20);
		custody_buf_init(&after[i], 1 << 20);
		cr_assert_eq(custody_fd_slurp(i ? "L/trust/crls.pem" : "L/trust/tsas.pem", 1 << 20, &before[i], &err), 0);
	}
	cr_expect_eq(add(path, &r, &err), want ? -1 : 0, "%s: %s", what, err.text);
	if (want) {
		cr_expect_not_null(strstr(err.text, want), "%s: %s", what, err.text);
		cr_expect_eq(err.kind, kind, "%s: kind %d", what, (int)err.kind);
	}
	for (int i = 0; want && i < 2; i++) {
		cr_assert_eq(custody_fd_slurp(i ? "L/trust/crls.pem" : "L/trust/tsas.pem", 1 << 20, &after[i], &err), 0);
		cr_expect(after[i].len == before[i].len && memcmp(after[i].data, before[i].data, before[i].len) == 0, "%s: written", what);
	}
	for (int i = 0; i < 2; i++) {
		custody_buf_release(&before[i]);
		custody_buf_release(&after[i]);
	}
	custody_lab_trust_result_release(&r);
}

static void expect_der(const char *what, struct custody_bytes der, enum custody_error_kind kind, const char *want)
{
	tmpdir_write("given", der.p, der.n);
	expect(what, "given", kind, want);
}

static struct custody_bytes flip_last(struct custody_bytes der)
{
	struct custody_bytes copy = der_bytes(der.p, der.n);

	((uint8_t *)(uintptr_t)copy.p)[copy.n - 1] ^= 1;
	return copy;
}

Test(labtrust, judges_certificates)
{
	const struct pki_party *root = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Foreign" });
	const struct custody_bytes no_sign[] = { pki_basic_constraints(true, -1), pki_key_usage(CUSTODY_USAGE_CRL_SIGN, true), END };
	const struct custody_bytes no_usage[] = { pki_basic_constraints(true, -1), END };
	const struct custody_bytes purposes[] = { DER_OID(CUSTODY_OID_EMAIL_PROTECTION), DER_OID(CUSTODY_OID_TIME_STAMPING) };
	const struct custody_bytes mail[] = { pki_purposes(false, 1, purposes), END }, time[] = { pki_purposes(false, 2, purposes), END };
	const struct custody_bytes strange[] = { pki_extension(DER_RAW("\x2a\x03\x04"), true, DER_NULL_VALUE), END };
	const struct {
		const char *what;
		struct custody_bytes der;
		const char *want;
	} cases[] = {
		{ "a root", root->certificate, NULL },
		{ "one below", pki_party((struct pki_spec){ .kind = PKI_SUB, .label = "Below", .issuer = root })->certificate, NULL },
		{ "a stamper", pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Stamp", .issuer = root })->certificate, NULL },
		{ "RSA of 2048 bits", rsa->certificate, NULL },
		{ "P-521", pki_party((struct pki_spec){ .kind = PKI_ROOT, .key = PKI_P521, .label = "P" })->certificate, NULL },
		{ "a signer", pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Sign", .issuer = root })->certificate,
			"found a certificate that is neither an authority's (CA) nor one for time-stamping, want one of these" },
		{ "a broken root", flip_last(pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Broken" })->certificate),
			"found a root whose signature does not verify with its own key" },
		{ "a CA that may not certify", pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "No", .extensions = no_sign })->certificate,
			"found a CA whose keyUsage lacks keyCertSign" },
		{ "a CA that does not say what it may",
			pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Old", .extensions = no_usage })->certificate,
			"found a CA whose keyUsage lacks keyCertSign" },
		{ "a CA for mail", pki_party((struct pki_spec){ .kind = PKI_SUB, .label = "Mail", .issuer = root, .more = mail })->certificate,
			"found a CA for other purposes (extended key usage), want one for time-stamping, or for any" },
		{ "a CA for time-stamping", pki_party((struct pki_spec){ .kind = PKI_SUB, .label = "T", .issuer = root, .more = time })->certificate,
			NULL },
		{ "a strange one", pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Strange", .more = strange })->certificate,
			"found a critical extension that is not known here, want none" },
		{ "Ed25519", pki_party((struct pki_spec){ .kind = PKI_ROOT, .key = PKI_ED25519, .label = "Ed" })->certificate,
			"found a key that is not taken" },
		{ "another curve", pki_party((struct pki_spec){ .kind = PKI_ROOT, .key = PKI_SECP256K1, .label = "K" })->certificate,
			"found a key that is not taken" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_der(cases[i].what, cases[i].der, CUSTODY_ERR_INPUT, cases[i].want);
	expect_der("more behind it", der_concat(DER_LIST(root->certificate, DER_RAW("\x05\x00"))), CUSTODY_ERR_FORMAT, "");
	expect_der("half of it", (struct custody_bytes){ root->certificate.p, root->certificate.n / 2 }, CUSTODY_ERR_FORMAT, "");
	expect_der("nothing", DER_EMPTY, CUSTODY_ERR_FORMAT, "neither a certificate nor a revocation list");
}

/* As if there were no tsas.pem, the new anchors would take the place of the lab's own. */
Test(labtrust, a_file_that_cannot_be_looked_at_is_not_taken_for_none)
{
	const struct pki_party *root = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Foreign" });

	faults_set("fstatat", 1, EIO);
	expect_der("a root", root->certificate, CUSTODY_ERR_IO, "cannot look at 'tsas.pem': Input/output error");
	cr_expect_not(faults_pending("fstatat"));
	faults_clear();
	expect_der("a root", root->certificate, CUSTODY_ERR_INPUT, NULL);
}

/* The lab's own key under another name, as its own authority. */
Test(labtrust, own_keys_in_disguise_are_refused)
{
	static const char *const keys[] = { "L/keys/time-stamping.key", "L/keys/test-analyst.key", "L/root/root.key" };
	struct custody_error err = CUSTODY_ERROR_INIT;
	uint64_t seed = 3;
	const struct custody_random random = testlab_random(&seed);

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf pem = { 0 };
		struct evp_pkey_st *key = NULL;
		struct custody_certificate c;

		custody_buf_init(&pem, 65536);
		cr_assert_eq(custody_fd_slurp(keys[i], 65536, &pem, &err), 0);
		cr_assert_eq(custody_key_parse_pem(pem.data, pem.len, NULL, 0, &key, &err), 0);
		const struct custody_issue_request r = { CUSTODY_ISSUE_ROOT, "Independent", "Time Authority", key, NULL, NULL, { TESTLAB_NOW, 0 },
			&random };
		cr_assert_eq(custody_issue_certificate(&r, &c, &err), 0);
		expect_der(
			keys[i], (struct custody_bytes){ c.der, c.der_len }, CUSTODY_ERR_INPUT, "found a certificate, or a key, of this lab itself");
		custody_certificate_release(&c);
		custody_key_free(&key);
	}
	expect("its certificate", "L/certificates/time-stamping.pem", CUSTODY_ERR_INPUT, "of this lab itself");
	expect("its root is there", "L/root/root.pem", CUSTODY_ERR_INPUT, NULL);
}

/* Another's key under the name of the lab's root, or of its time-stamping key: reports would show the lab's name for it. */
Test(labtrust, own_names_on_other_keys_are_refused)
{
	static const char *const files[] = { "L/root/root.pem", "L/certificates/time-stamping.pem" };
	struct custody_error err = CUSTODY_ERROR_INIT;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		CUSTODY_BUF_CLEAN struct custody_buf pem = { 0 };
		CUSTODY_CLEANUP(custody_trust_release) struct custody_trust own = { 0 };
		struct custody_certificate forged;
		uint64_t seed = 4 + i;
		const struct custody_random random = testlab_random(&seed);
		char subject[512], cn[256], o[256];

		custody_buf_init(&pem, 65536);
		cr_assert_eq(custody_fd_slurp(files[i], 65536, &pem, &err), 0);
		cr_assert_eq(custody_trust_add_pem(&own, CUSTODY_TRUST_TSAS, pem.data, pem.len, files[i], &err), 0, "%s", err.text);
		cr_assert_eq(sscanf(custody_x509_subject(&own.tsas[0], subject, sizeof(subject)), "CN=%255[^,], O=%255[^,]", cn, o), 2);
		const struct custody_issue_request r = { CUSTODY_ISSUE_ROOT, o, cn, rsa->key, NULL, NULL, { TESTLAB_NOW, 0 }, &random };
		cr_assert_eq(custody_issue_certificate(&r, &forged, &err), 0, "%s", err.text);
		expect_der(files[i], (struct custody_bytes){ forged.der, forged.der_len }, CUSTODY_ERR_INPUT,
			"found the name of a certificate of this lab");
		custody_certificate_release(&forged);
	}
}

Test(labtrust, judges_lists)
{
	const struct pki_party *root = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Foreign" });
	const struct pki_party *other = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Other" });
	const struct custody_bytes mute[] = { pki_basic_constraints(true, -1), pki_key_usage(CUSTODY_USAGE_CERT_SIGN, true), END };
	const struct pki_party *silent = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Silent", .extensions = mute });
	const struct pki_party *bad = pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Bad", .issuer = root });
	const struct custody_bytes delta[] = { pki_extension(DER_RAW(CUSTODY_OID_DELTA_CRL_INDICATOR), true, der_integer(1)), END };
	const struct custody_bytes strange[] = { pki_extension(DER_RAW("\x2a\x03\x04"), true, DER_NULL_VALUE), END };
	const struct {
		const char *what;
		struct pki_crl_spec spec;
		enum custody_error_kind kind;
		const char *want;
	} cases[] = {
		{ "a list", { .issuer = root }, CUSTODY_ERR_INPUT, NULL },
		{ "one with an entry", { .issuer = root, .revoked = bad }, CUSTODY_ERR_INPUT, NULL },
		{ "one of somebody else", { .issuer = other }, CUSTODY_ERR_INPUT, "found a list that none of the trusted authorities issued" },
		{ "one by another key", { .issuer = root, .key = other->key }, CUSTODY_ERR_INPUT,
			"found a list that none of the trusted authorities issued" },
		{ "a delta", { .issuer = root, .more = delta }, CUSTODY_ERR_INPUT,
			"found a list that says nothing here (a delta list), want a complete one" },
		{ "one that may not", { .issuer = silent }, CUSTODY_ERR_INPUT, "found a list whose issuer's keyUsage lacks cRLSign" },
		{ "an entry that is not understood", { .issuer = root, .revoked = bad, .entry_more = strange }, CUSTODY_ERR_FORMAT,
			"entry 1 of it cannot be read" },
	};

	expect_der("root", root->certificate, CUSTODY_ERR_INPUT, NULL);
	expect_der("silent", silent->certificate, CUSTODY_ERR_INPUT, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_der(cases[i].what, pki_crl(cases[i].spec), cases[i].kind, cases[i].want);
	expect("the lab's own", "L/trust/crls.pem", CUSTODY_ERR_INPUT, NULL); /* it is there already, to the byte */
}

/* A CA of the same name with another key is another issuer, and a list that ends earlier says less. */
Test(labtrust, a_list_replaces_only_one_of_the_same_key_that_ends_no_later)
{
	const struct pki_party *old = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Foreign" });
	const struct pki_party *next = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Foreign", .key_label = "Foreign 2" });
	const struct custody_bytes lists[] = {
		pki_crl((struct pki_crl_spec){ .issuer = old }),
		pki_crl((struct pki_crl_spec){ .issuer = next, .from = "2026-11-02T00:00:00Z" }),
		pki_crl((struct pki_crl_spec){ .issuer = old, .from = "2026-11-03T00:00:00Z", .until = "2026-12-01T00:00:00Z" }),
		pki_crl((struct pki_crl_spec){ .issuer = old, .from = "2026-11-04T00:00:00Z" }),
	};
	static const enum custody_lab_trust_fate want[] = { CUSTODY_TRUST_ADDED, CUSTODY_TRUST_ADDED, CUSTODY_TRUST_ADDED, CUSTODY_TRUST_RENEWED };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_trust t;

	expect_der("root", old->certificate, CUSTODY_ERR_INPUT, NULL);
	expect_der("its next key", next->certificate, CUSTODY_ERR_INPUT, NULL);
	for (size_t i = 0; i < 4; i++) {
		struct custody_lab_trust_result r = { NULL, 0 };

		tmpdir_write("list", lists[i].p, lists[i].n);
		cr_assert_eq(add("list", &r, &err), 0, "%s", err.text);
		cr_expect_eq(r.entries[0].fate, want[i], "%zu: %d", i, (int)r.entries[0].fate);
		custody_lab_trust_result_release(&r);
	}
	custody_trust_init(&t);
	cr_assert_eq(custody_trust_load(&t, "L/trust", &err), 0, "%s", err.text);
	cr_expect_eq(t.n_crls, 3, "%zu", t.n_crls); /* the lab's own, that of the next key, and the last */
	custody_trust_release(&t);
}

/* Where a seal is judged, names are compared byte by byte: a list that writes its issuer's in other strings would not be found. */
Test(labtrust, refuses_a_list_that_writes_its_issuers_name_in_another_way)
{
	const struct pki_party *root = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "FOREIGN" });
	struct pki_party other = *root;

	other.name = pki_name("Lab", "Foreign");
	expect_der("root", root->certificate, CUSTODY_ERR_INPUT, NULL);
	expect_der("its list in other letters", pki_crl((struct pki_crl_spec){ .issuer = &other }), CUSTODY_ERR_INPUT,
		"found a list that writes its issuer's name in another way than the certificate, want the same bytes");
}

static void append_pem(struct custody_buf *out, const char *label, struct custody_bytes der)
{
	struct custody_error err = CUSTODY_ERROR_INIT;

	cr_assert_eq(custody_pem_append(label, der.p, der.n, out, &err), 0);
}

Test(labtrust, takes_a_file_whole_or_not_at_all)
{
	const struct pki_party *root = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Foreign" });
	const struct pki_party *signer = pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Sign", .issuer = root });
	const struct custody_bytes list = pki_crl((struct pki_crl_spec){ .issuer = root });
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_lab_trust_result r = { NULL, 0 };
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };

	custody_buf_init(&text, 1 << 20);
	append_pem(&text, "CERTIFICATE", root->certificate);
	append_pem(&text, "X509 CRL", list);
	append_pem(&text, "CERTIFICATE", signer->certificate);
	tmpdir_write("mixed", text.data, text.len);
	expect("a good one and a bad one", "mixed", CUSTODY_ERR_INPUT, "certificate 2 (CN=Sign, O=Lab)");
	text.len = 0;
	append_pem(&text, "CERTIFICATE", root->certificate);
	append_pem(&text, "PRIVATE KEY", list);
	tmpdir_write("key", text.data, text.len);
	expect("a key in it", "key", CUSTODY_ERR_FORMAT, "found a block 'PRIVATE KEY', want certificates and revocation lists only");
	text.len = 0;
	append_pem(&text, "PKCS7", root->certificate);
	tmpdir_write("bundle", text.data, text.len);
	expect("PKCS #7", "bundle", CUSTODY_ERR_FORMAT, "found a block 'PKCS7'");
	text.len = 0;
	cr_assert_eq(custody_buf_append_str(&text, "here: ", &err), 0);
	append_pem(&text, "CERTIFICATE", root->certificate);
	tmpdir_write("shifted", text.data, text.len);
	expect("not at the beginning of a line", "shifted", CUSTODY_ERR_FORMAT, "found 1 beginnings of blocks and 0 whole blocks");
	text.len = 0;
	append_pem(&text, "CERTIFICATE", root->certificate);
	append_pem(&text, "X509 CRL", list);
	append_pem(&text, "CERTIFICATE", root->certificate);
	tmpdir_write("good", text.data, text.len);
	cr_assert_eq(add("good", &r, &err), 0, "%s", err.text);
	cr_assert_eq(r.n, 3);
	cr_expect(r.entries[0].fate == CUSTODY_TRUST_ADDED && r.entries[1].fate == CUSTODY_TRUST_THERE && r.entries[2].fate == CUSTODY_TRUST_ADDED);
	cr_expect(r.entries[0].root && r.entries[0].authority && !r.entries[0].list && r.entries[2].list && r.entries[2].has_until);
	cr_expect_str_eq(r.entries[2].who, "CN=Foreign, O=Lab");
	custody_lab_trust_result_release(&r);
	cr_assert_eq(add("good", &r, &err), 0, "%s", err.text);
	for (size_t i = 0; i < r.n; i++)
		cr_expect_eq(r.entries[i].fate, CUSTODY_TRUST_THERE);
	custody_lab_trust_result_release(&r);
	expect("no file", "none", CUSTODY_ERR_INPUT, "no such file");
}

/* A subject that looks like a block must not become one when tsas.pem is written. */
Test(labtrust, a_hostile_name_is_text)
{
	const struct pki_party *root = pki_party(
		(struct pki_spec){ .kind = PKI_ROOT, .label = "x\n-----BEGIN CERTIFICATE-----\nAAAA", .organisation = "-----BEGIN X-----" });
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_trust t;

	expect_der("a hostile root", root->certificate, CUSTODY_ERR_INPUT, NULL);
	custody_trust_init(&t);
	cr_assert_eq(custody_trust_load(&t, "L/trust", &err), 0, "%s", err.text);
	cr_expect_eq(t.n_tsas, 2);
	custody_trust_release(&t);
}

/* Many entries take a moment, not a morning. */
Test(labtrust, compares_large_lists)
{
	enum { N = 20000 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct testlab foreign;
	struct custody_revoked *revoked = calloc(N, sizeof(*revoked));
	uint8_t(*serials)[3] = calloc(N, 3);

	cr_assert(revoked && serials);
	testlab_make(&foreign, "p256");
	for (size_t i = 0; i < N; i++) {
		serials[i][0] = (uint8_t)(0x80 | i >> 16), serials[i][1] = (uint8_t)(i >> 8), serials[i][2] = (uint8_t)i;
		revoked[i] = (struct custody_revoked){ serials[i], 3, { TESTLAB_NOW, 0 }, 0, false, { 0, 0 } };
	}
	expect_der("root", (struct custody_bytes){ foreign.root.der, foreign.root.der_len }, CUSTODY_ERR_INPUT, NULL);
	for (uint64_t i = 0; i < 3; i++) {
		const struct custody_issue_crl_request request = { &foreign.root, foreign.root_key, i + 1, { TESTLAB_NOW + (int64_t)i, 0 }, revoked,
			i == 2 ? N - 1 : N };
		struct custody_crl crl;
		struct custody_lab_trust_result r = { NULL, 0 };

		cr_assert_eq(custody_issue_crl(&request, &crl, &err), 0, "%s", err.text);
		tmpdir_write("list", crl.der, crl.der_len);
		cr_assert_eq(add("list", &r, &err), 0, "%s", err.text);
		cr_expect_eq(r.entries[0].fate, i == 1 ? CUSTODY_TRUST_RENEWED : CUSTODY_TRUST_ADDED);
		custody_lab_trust_result_release(&r);
		custody_crl_release(&crl);
	}
	testlab_release(&foreign);
	free(revoked);
	free(serials);
}
