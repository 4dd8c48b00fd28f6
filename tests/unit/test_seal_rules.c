/* SPDX-License-Identifier: Apache-2.0 */
/* The seal and its time, rule by rule, over seals that the forge makes. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/crypto/oid.h"
#include "libcustody/crypto/x509.h"
#include "tests/support/faults.h"
#include "tests/support/sealworld.h"

/* What a case says of the result: V valid (both groups), I invalid (something fails), ? neither. */
static char verdict_of(const struct world *w)
{
	if (custody_findings_have(&w->findings, CUSTODY_GROUP_COUNT, CUSTODY_EFFECT_FAILS))
		return 'I';
	return w->result.seal_pass && w->result.time_pass ? 'V' : '?';
}

/* Judges again and again, while each check of a signature in turn cannot be done: then nothing is decided, and nothing is found that is not there. */
static void expect_no_decision_without_checks(struct world *w, const char *what)
{
	uint64_t whole[CUSTODY_FINDING_COUNT];
	memcpy(whole, w->findings.count, sizeof(whole));
	bool hit = true;
	for (int nth = 1; hit; nth++) {
		faults_set("EVP_DigestVerifyInit", nth, 0);
		world_judge_again(w);
		hit = !faults_pending("EVP_DigestVerifyInit");
		faults_clear();
		cr_expect_eq(w->returned, hit ? -1 : 0, "%s: check %d: %s", what, nth, w->err.text);
		for (size_t id = 0; id < CUSTODY_FINDING_COUNT; id++)
			cr_expect_leq(w->findings.count[id], whole[id], "%s: check %d: %s", what, nth,
				custody_finding_get((enum custody_finding_id)id)->id);
	}
}

/* Judges while the nth call fails. true: there was one. */
static bool judge_without(struct world *w, const char *call, int nth, struct custody_error *err, int *returned)
{
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust trust;
	CUSTODY_CLEANUP(custody_findings_release) struct custody_findings findings;
	struct custody_seal_input in;
	struct custody_seal_result result;
	world_input(w, &in, &trust);
	custody_findings_init(&findings);
	faults_set(call, nth, 0);
	*returned = custody_seal_check(&in, &findings, &result, err);
	bool hit = !faults_pending(call);
	faults_clear();
	return hit;
}

/* Likewise while a digest cannot be computed: of what is signed, and of what tells who signed. */
static void expect_no_decision_without_digests(struct world *w, const char *what)
{
	static const char *const calls[] = { "EVP_DigestUpdate", "EVP_DigestFinal_ex" };
	for (size_t i = 0; i < 2; i++) {
		bool hit = true;
		for (int nth = 1; hit; nth++) {
			struct custody_error err = CUSTODY_ERROR_INIT;
			int returned;
			hit = judge_without(w, calls[i], nth, &err, &returned);
			cr_expect_eq(returned, hit ? -1 : 0, "%s: %s %d: %s", what, calls[i], nth, err.text);
		}
	}
}

/* Judges, compares the findings but notes, and lets go. */
static void expect(struct world *w, const char *what, char verdict, const char *found)
{
	world_judge(w);
	cr_expect_eq(w->returned, 0, "%s: %s", what, w->err.text);
	cr_expect_str_eq(world_found(w), found, "%s: %s (%s)", what, world_found(w),
		w->findings.n > 0 && w->findings.list[0].detail ? w->findings.list[0].detail : "");
	cr_expect_eq(verdict_of(w), verdict, "%s: found %c, want %c", what, verdict_of(w), verdict);
	expect_no_decision_without_checks(w, what);
	world_release(w);
}

Test(seal_rules, passes_with_an_independent_stamp)
{
	struct world w;
	world_default(&w);
	world_judge(&w);
	cr_expect_str_eq(world_found(&w), "");
	expect_no_decision_without_digests(&w, "an independent stamp");
	const struct custody_seal_result *r = &w.result;
	cr_expect(r->arithmetic && r->seal_pass && r->time_pass && r->independent && r->level_lt && r->has_signer && r->has_anchor && r->has_time);
	cr_expect_str_eq(r->signer, "CN=Analyst, O=Lab");
	cr_expect_str_eq(r->signer_name, "Analyst");
	cr_expect_str_eq(r->authority, "CN=Stamp, O=Authority");
	cr_expect(r->has_authority_anchor && r->has_claimed && !r->has_accuracy && r->has_revocation_until);
	cr_expect_eq(r->stated.sec, 1793611801);
	cr_expect_eq(r->claimed.sec, 1793611800);
	cr_expect_eq(r->revocation_known_until.sec, 1793491200);
	world_release(&w);
}

Test(seal_rules, passes_with_the_laboratorys_own_word_and_says_so)
{
	struct world w;
	world_default(&w);
	world_own_word(&w);
	world_judge(&w);
	cr_expect_eq(verdict_of(&w), 'V');
	cr_expect_not(w.result.independent);
	cr_expect_eq(w.findings.count[CUSTODY_FINDING_TIME_OWN_WORD], 2);
	world_release(&w);
}

Test(seal_rules, takes_the_keys_of_the_format)
{
	static const struct {
		enum pki_key key;
		bool pss;
		char verdict;
		const char *found;
	} cases[] = {
		{ PKI_P256, false, 'V', "" },
		{ PKI_P384, false, 'V', "" },
		{ PKI_RSA3072, false, 'V', "" },
		{ PKI_RSA3072, true, 'V', "" },
		{ PKI_P521, false, 'I', "seal-algorithm-refused" },
		{ PKI_RSA2048, false, 'I', "seal-algorithm-refused" },
		{ PKI_SECP256K1, false, 'I', "seal-algorithm-refused" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;
		world_default(&w);
		world_set_signer(&w,
			pki_party((struct pki_spec){
				.kind = PKI_SIGNER, .key = cases[i].key, .label = "Other", .issuer = w.root, .pss = cases[i].pss }),
			NULL);
		expect(&w, "key", cases[i].verdict, cases[i].found);
	}
}

Test(seal_rules, takes_more_keys_of_authorities)
{
	static const struct {
		enum pki_key key;
		bool pss;
		char verdict;
		const char *found;
	} cases[] = {
		{ PKI_P384, false, 'V', "" },
		{ PKI_P521, false, 'V', "" },
		{ PKI_RSA2048, false, 'V', "" },
		{ PKI_RSA3072, true, 'V', "" },
		{ PKI_SECP256K1, false, 'I', "time-algorithm-refused" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;
		world_default(&w);
		const struct pki_party *stamper = pki_party((struct pki_spec){ .kind = PKI_STAMPER,
			.key = cases[i].key,
			.label = "other stamp",
			.organisation = "Authority",
			.issuer = w.tsa_root,
			.pss = cases[i].pss });
		for (size_t k = 0; k < 2; k++)
			w.stamp[k][0].stamper = stamper;
		expect(&w, "key of an authority", cases[i].verdict, cases[i].found);
	}
}

/* ---- time and validity: the clock tests ---- */

static const struct pki_party *short_signer(const struct world *w, const char *from, const char *until)
{
	return pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Short", .issuer = w->root, .from = from, .until = until });
}

Test(seal_rules, judges_a_signer_at_the_proven_time)
{
	static const struct {
		const char *what, *from, *until;
		bool own;
		char verdict;
		const char *found;
	} cases[] = {
		{ "expired since, independent", NULL, "2026-11-20T00:00:00Z", false, 'V', "" },
		{ "expired since, own word", NULL, "2026-11-20T00:00:00Z", true, '?', "seal-expired" },
		{ "expired in the stamp's second", NULL, "2026-11-02T09:30:01Z", false, 'V', "" },
		{ "expired a second before the stamp", NULL, "2026-11-02T09:30:00Z", false, '?', "seal-expired" },
		{ "valid from the stamp's second", "2026-11-02T09:30:01Z", NULL, false, '?', "revocation-unknown" },
		{ "valid from a second after the stamp", "2026-11-02T09:30:02Z", NULL, false, 'I', "seal-not-yet-valid,revocation-unknown" },
		{ "valid from after the stamp, own word", "2026-11-20T00:00:00Z", NULL, true, '?', "revocation-unknown" },
		{ "not valid yet, own word", "2026-12-20T00:00:00Z", NULL, true, '?', "seal-expired,revocation-unknown" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;
		world_default(&w);
		if (cases[i].own)
			world_own_word(&w);
		world_set_signer(&w, short_signer(&w, cases[i].from, cases[i].until), NULL);
		expect(&w, cases[i].what, cases[i].verdict, cases[i].found);
	}
}

Test(seal_rules, judges_an_authority_at_the_time_of_judgement)
{
	static const struct {
		const char *what, *from, *until, *when, *at;
		char verdict;
		const char *found;
	} cases[] = {
		{ "expired since", NULL, "2026-11-20T00:00:00Z", NULL, "2026-12-01T00:00:00Z", '?', "time-authority-expired" },
		{ "expired since, judged before", NULL, "2026-11-20T00:00:00Z", NULL, "2026-11-19T00:00:00Z", 'V', "" },
		{ "expired before it stamped", NULL, "2026-11-02T09:00:00Z", NULL, "2026-12-01T00:00:00Z", '?', "time-authority-expired" },
		{ "stamped before its certificate", "2026-11-02T09:30:02Z", NULL, NULL, "2026-12-01T00:00:00Z", 'I', "time-before-certificate" },
		{ "dated after the clock", NULL, NULL, "2026-12-01T00:00:01Z", "2026-12-01T00:00:00Z", '?', "time-in-future" },
		{ "dated at the clock", NULL, NULL, "2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z", 'V', "" },
		{ "judged before the stamp", NULL, NULL, NULL, "2026-11-02T09:30:00Z", '?', "time-in-future" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;
		world_default(&w);
		const struct pki_party *stamper = pki_party((struct pki_spec){ .kind = PKI_STAMPER,
			.label = "Other Stamp",
			.organisation = "Authority",
			.issuer = w.tsa_root,
			.from = cases[i].from,
			.until = cases[i].until });
		for (size_t k = 0; k < 2; k++) {
			w.stamp[k][0].stamper = stamper;
			w.stamp[k][0].when = cases[i].when;
		}
		w.at = cases[i].at;
		expect(&w, cases[i].what, cases[i].verdict, cases[i].found);
	}
}

Test(seal_rules, remarks_on_times_that_do_not_fit)
{
	struct world w;
	world_default(&w);
	w.cms[0].signing_time = "2026-11-02T09:30:02Z";
	expect(&w, "claimed after the stamp", 'V', "time-claim-after-stamp");
	world_default(&w);
	w.cms[0].signing_time = "2026-11-02T09:30:02Z";
	w.stamp[0][0].accuracy = DER_SEQ(der_integer(1));
	expect(&w, "claimed within the stamp's accuracy", 'V', "");
}

Test(seal_rules, reports_the_later_of_two_stamps_with_its_accuracy)
{
	struct world w;
	world_default(&w);
	w.stamp[1][0].when = "2026-11-02T09:31:00Z";
	w.stamp[1][0].fraction = "25";
	w.stamp[1][0].accuracy = DER_SEQ(der_integer(2), der_tlv(0x80, DER_RAW("\x05")), der_tlv(0x81, DER_RAW("\x01")));
	world_judge(&w);
	cr_expect_eq(verdict_of(&w), 'V');
	cr_expect_eq(w.result.stated.sec, 1793611860);
	cr_expect_eq(w.result.stated.nsec, 250000000);
	cr_expect(w.result.has_accuracy);
	cr_expect_eq(w.result.accuracy_ms, 2006);
	world_release(&w);
}

/* ---- revocation ---- */

struct revocation_case {
	const char *what;
	bool given; /* in crls.pem instead of the signatures */
	bool own;
	const char *since, *invalid, *claimed;
	char verdict;
	const char *found;
};

static void add_revocation(struct world *w, const struct revocation_case *c)
{
	struct custody_bytes list =
		pki_crl((struct pki_crl_spec){ .issuer = w->root, .revoked = w->signer, .since = c->since, .invalid = c->invalid });
	for (size_t i = 0; i < 2; i++) {
		w->cms[i].signing_time = c->claimed;
		if (!c->given)
			w->cms[i].crls[0] = list;
	}
	if (c->given)
		w->lists[w->n_lists++] = list;
}

Test(seal_rules, weighs_a_revocation_against_the_stamp)
{
	static const struct revocation_case cases[] = {
		{ "after the stamp", false, false, "2026-11-10T00:00:00Z", NULL, NULL, 'V', "" },
		{ "after the stamp, given", true, false, "2026-11-10T00:00:00Z", NULL, NULL, 'V', "" },
		{ "before the stated time", false, false, "2026-11-02T09:00:00Z", NULL, NULL, 'I', "seal-revoked" },
		{ "before the stated time, given", true, false, "2026-11-02T09:00:00Z", NULL, NULL, 'I', "seal-revoked" },
		{ "in the stated second", false, false, "2026-11-02T09:30:00Z", NULL, NULL, 'I', "seal-revoked" },
		{ "between the stated time and the stamp", false, false, "2026-11-02T09:30:01Z", NULL, NULL, '?', "seal-revoked-no-proof-before" },
		{ "just after the stamp", false, false, "2026-11-02T09:30:02Z", NULL, NULL, 'V', "" },
		{ "later, but invalid from before", false, false, "2026-11-10T00:00:00Z", "2026-11-01T00:00:00Z", NULL, 'I', "seal-revoked" },
		{ "earlier than its invalidity date", false, false, "2026-11-01T00:00:00Z", "2026-11-10T00:00:00Z", NULL, 'I', "seal-revoked" },
		{ "later, own word", false, true, "2026-11-10T00:00:00Z", NULL, NULL, '?', "seal-revoked-no-proof-before" },
		{ "later, own word, given", true, true, "2026-11-10T00:00:00Z", NULL, NULL, '?', "seal-revoked-no-proof-before" },
		{ "before, own word", true, true, "2026-11-01T00:00:00Z", NULL, NULL, 'I', "seal-revoked" },
		{ "before, but stated back-dated", false, false, "2026-11-02T00:00:00Z", NULL, "2026-11-01T00:00:00Z", '?',
			"seal-revoked-no-proof-before" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;
		world_default(&w);
		if (cases[i].own)
			world_own_word(&w);
		add_revocation(&w, &cases[i]);
		expect(&w, cases[i].what, cases[i].verdict, cases[i].found);
	}
}

Test(seal_rules, counts_what_is_known_later_than_the_time_chosen)
{
	struct world w;
	world_default(&w);
	world_own_word(&w);
	w.lists[w.n_lists++] = pki_crl(
		(struct pki_crl_spec){ .issuer = w.root, .revoked = w.signer, .from = "2026-11-25T00:00:00Z", .since = "2026-11-24T00:00:00Z" });
	w.at = "2026-11-10T00:00:00Z";
	expect(&w, "judged before the revocation", '?', "seal-revoked-no-proof-before");
}

Test(seal_rules, doubts_a_stamp_whose_authority_was_revoked)
{
	struct world w;
	world_default(&w);
	w.lists[w.n_lists++] = pki_crl((struct pki_crl_spec){ .issuer = w.tsa_root, .revoked = w.stamper, .since = "2026-11-24T00:00:00Z" });
	expect(&w, "authority revoked", '?', "time-authority-expired");
}

Test(seal_rules, wants_lists_that_speak_of_the_stamps_time)
{
	static const struct {
		const char *what;
		struct pki_crl_spec spec;
		const char *found;
		char verdict;
	} cases[] = {
		{ "stale", { .from = "2026-10-01T00:00:00Z", .until = "2026-11-02T09:30:00Z" }, "revocation-unknown", '?' },
		{ "to the second", { .from = "2026-10-01T00:00:00Z", .until = "2026-11-02T09:30:01Z" }, "", 'V' },
		{ "older than the certificate", { .from = "2025-12-31T00:00:00Z" }, "revocation-unknown", '?' },
		{ "as old as the certificate", { .from = "2026-01-01T00:00:00Z" }, "", 'V' },
		{ "after the stamp", { .from = "2026-11-20T00:00:00Z" }, "", 'V' },
		{ "without an end", { .until = "" }, "revocation-unknown", '?' },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t which = 0; which < 2; which++) {
			struct world w;
			world_default(&w);
			struct pki_crl_spec spec = cases[i].spec;
			spec.issuer = which == 0 ? w.root : w.tsa_root;
			w.cms[0].crls[which] = w.cms[1].crls[which] = pki_crl(spec);
			expect(&w, cases[i].what, cases[i].verdict, cases[i].found);
		}
	}
}

Test(seal_rules, refuses_lists_that_are_not_whole)
{
	const struct custody_bytes delta[] = { pki_extension(DER_RAW(CUSTODY_OID_DELTA_CRL_INDICATOR), true, der_integer(1)), { NULL, 0 } };
	const struct custody_bytes indirect[] = {
		pki_extension(DER_RAW(CUSTODY_OID_ISSUING_DISTRIBUTION_POINT), true, DER_SEQ(der_tlv(0x84, DER_RAW("\xff")))), { NULL, 0 }
	};
	const struct custody_bytes unknown[] = { pki_extension(DER_RAW("\x55\x1d\x7f"), true, DER_NULL_VALUE), { NULL, 0 } };
	const struct custody_bytes harmless[] = { pki_extension(DER_RAW("\x55\x1d\x7f"), false, DER_NULL_VALUE), { NULL, 0 } };
	const struct custody_bytes cas_only[] = {
		pki_extension(DER_RAW(CUSTODY_OID_ISSUING_DISTRIBUTION_POINT), true, DER_SEQ(der_tlv(0x82, DER_RAW("\xff")))), { NULL, 0 }
	};
	const struct custody_bytes users_only[] = {
		pki_extension(DER_RAW(CUSTODY_OID_ISSUING_DISTRIBUTION_POINT), true, DER_SEQ(der_tlv(0x81, DER_RAW("\xff")))), { NULL, 0 }
	};
	const struct {
		const char *what;
		const struct custody_bytes *more;
		char verdict;
		const char *found;
	} cases[] = {
		{ "delta", delta, 'I', "revocation-malformed" },
		{ "indirect", indirect, 'I', "revocation-malformed" },
		{ "unknown", unknown, 'I', "revocation-malformed" },
		{ "not critical", harmless, 'V', "" },
		{ "of CAs only", cas_only, '?', "revocation-unknown" },
		{ "of users only", users_only, 'V', "" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;
		world_default(&w);
		/* world_release() would free what the table holds: the list is made last. */
		w.cms[0].crls[0] = w.cms[1].crls[0] = pki_crl((struct pki_crl_spec){ .issuer = w.root, .more = cases[i].more });
		world_judge(&w);
		cr_expect_str_eq(world_found(&w), cases[i].found, "%s: %s", cases[i].what, world_found(&w));
		cr_expect_eq(verdict_of(&w), cases[i].verdict, "%s", cases[i].what);
		custody_findings_release(&w.findings);
	}
	pki_reset();
}

Test(seal_rules, needs_no_list_for_a_signer_that_nobody_will_revoke)
{
	for (int with = 0; with < 2; with++) {
		struct world w;
		world_default(&w);
		const struct custody_bytes more[] = { pki_extension(DER_RAW(CUSTODY_OID_NO_REV_AVAIL), false, DER_NULL_VALUE), { NULL, 0 } };
		world_set_signer(
			&w, pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Brief", .issuer = w.root, .more = with ? more : NULL }), NULL);
		for (size_t i = 0; i < 2; i++) {
			w.cms[i].crls[0] = w.cms[i].crls[1];
			w.cms[i].n_crls = 1;
		}
		expect(&w, "noRevAvail", with ? 'V' : 'I', with ? "" : "revocation-unknown,level-below-required");
	}
}

/* ---- paths ---- */

Test(seal_rules, takes_an_anchor_anywhere_on_the_path)
{
	for (int which = 0; which < 4; which++) {
		struct world w;
		world_default(&w);
		const struct pki_party *sub = pki_party((struct pki_spec){ .kind = PKI_SUB, .label = "Lab Sub", .issuer = w.root });
		world_set_signer(&w, pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Below", .issuer = sub }), sub);
		w.signer_anchors[0] = which == 0   ? w.root->certificate
				      : which == 1 ? sub->certificate
				      : which == 2 ? w.signer->certificate
						   : w.tsa_root->certificate;
		expect(&w, "anchor", which == 3 ? '?' : 'V', which == 3 ? "seal-untrusted" : "");
	}
}

Test(seal_rules, takes_a_self_signed_signer_that_is_pinned)
{
	struct world w;
	world_default(&w);
	const struct custody_bytes exts[] = { pki_basic_constraints(false, -1),
		pki_key_usage(CUSTODY_USAGE_DIGITAL_SIGNATURE | CUSTODY_USAGE_NON_REPUDIATION, true), { NULL, 0 } };
	world_set_signer(&w, pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Alone", .extensions = exts }), NULL);
	for (size_t i = 0; i < 2; i++) {
		w.cms[i].crls[0] = w.cms[i].crls[1];
		w.cms[i].n_crls = 1;
	}
	w.signer_anchors[0] = w.signer->certificate;
	expect(&w, "pinned", 'V', "");
}

/* A file with a whole path in it makes each certificate of the path an anchor. What is known of them counts as if they were not. */
Test(seal_rules, counts_a_revocation_of_an_anchor_that_is_no_root)
{
	for (int which = 0; which < 6; which++) {
		struct world w;
		world_default(&w);
		bool time = which == 2 || which == 5;
		const struct pki_party *revoked = time ? w.stamp[0][0].stamper : w.signer;
		struct custody_bytes *anchors = time ? w.tsa_anchors : w.signer_anchors;
		size_t *n = time ? &w.n_tsa_anchors : &w.n_signer_anchors;
		anchors[(*n)++] = revoked->certificate; /* beside the root: the shorter path is found first */
		if (which == 1)
			anchors[0] = revoked->certificate; /* alone: whose the list is cannot be said */
		if (which < 3)
			w.lists[w.n_lists++] = pki_crl((struct pki_crl_spec){ .issuer = time ? w.tsa_root : w.root,
				.revoked = revoked,
				.from = "2026-11-20T00:00:00Z",
				.since = "2026-11-01T00:00:00Z" });
		expect(&w, time ? "authority" : "signer",
			which == 0   ? 'I'
			: which == 2 ? '?'
				     : 'V',
			which == 0   ? "seal-revoked"
			: which == 2 ? "time-authority-expired"
				     : "");
	}
}

/* A list that is not whole says nothing of what it does not name; where it names one, an older whole list does not take that back. */
Test(seal_rules, doubts_what_a_partial_list_names)
{
	for (int which = 0; which < 3; which++) {
		struct world w;
		world_default(&w);
		const struct custody_bytes delta[] = { pki_extension(DER_RAW(CUSTODY_OID_DELTA_CRL_INDICATOR), true, der_integer(1)), { NULL, 0 } };
		const struct pki_party *named[] = { w.signer, w.stamp[0][0].stamper, w.root };
		w.lists[w.n_lists++] = pki_crl((struct pki_crl_spec){
			.issuer = which == 1 ? w.tsa_root : w.root, .revoked = named[which], .from = "2026-11-20T00:00:00Z", .more = delta });
		expect(&w, "partial", which == 2 ? 'V' : '?', which == 2 ? "" : "revocation-unknown");
	}
}

/* A list of another point, or of CAs alone, is not asked about a signer. But serial numbers are the issuer's: whom it names, the issuer has revoked, and no older list of
 * the certificate's own point takes that back. */
Test(seal_rules, doubts_what_a_list_names_that_is_of_others)
{
	for (int which = 0; which < 8; which++) {
		struct world w;
		world_default(&w);
		const struct custody_bytes oid = DER_RAW(CUSTODY_OID_ISSUING_DISTRIBUTION_POINT), url = der_tlv(0x86, DER_RAW("http://moved"));
		const struct custody_bytes points[] = { DER_SEQ(DER(0xa0, DER(0xa0, url))), DER_SEQ(der_tlv(0x82, DER_RAW("\xff"))) };
		bool time = (which & 1) != 0, named = (which & 2) == 0;
		const struct custody_bytes more[] = { pki_extension(oid, true, points[which / 4]), { NULL, 0 } };
		w.lists[w.n_lists++] = pki_crl((struct pki_crl_spec){ .issuer = time ? w.tsa_root : w.root,
			.revoked = !named ? w.root
				   : time ? w.stamp[0][0].stamper
					  : w.signer,
			.from = "2026-11-20T00:00:00Z",
			.more = more });
		expect(&w, named ? "named" : "not named", named ? '?' : 'V', named ? "revocation-unknown" : "");
	}
}

/* A root's next key, certified by the one before, names itself as issuer; it is no root, and can be revoked. */
Test(seal_rules, counts_a_revocation_of_an_anchor_that_is_issued_by_its_namesake)
{
	for (int revoked = 0; revoked < 2; revoked++) {
		struct world w;
		world_default(&w);
		const struct pki_party *next = pki_party((struct pki_spec){
			.kind = PKI_SUB, .label = "Stamp Root", .organisation = "Authority", .issuer = w.tsa_root, .key_label = "Stamp Root 2" });
		w.stamper = pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Stamp 2", .organisation = "Authority", .issuer = next });
		for (size_t i = 0; i < 2; i++) {
			w.stamp[i][0].stamper = w.stamper;
			w.cms[i].crls[1] = pki_crl((struct pki_crl_spec){ .issuer = next });
		}
		w.tsa_anchors[w.n_tsa_anchors++] = next->certificate;
		w.lists[w.n_lists++] = pki_crl((struct pki_crl_spec){
			.issuer = w.tsa_root, .revoked = revoked ? next : w.root, .from = "2026-11-20T00:00:00Z", .since = "2026-11-01T00:00:00Z" });
		expect(&w, "namesake", revoked ? '?' : 'V', revoked ? "time-authority-expired" : "");
	}
}

/* Anchors move a verdict between VALID and INDETERMINATE (rule 12): whose the root's list in the token is cannot be said where the root is not known, and need not. */
Test(seal_rules, takes_a_list_in_a_token_from_above_the_anchor)
{
	for (int which = 0; which < 3; which++) {
		struct world w;
		world_default(&w);
		const struct pki_party *sub =
			pki_party((struct pki_spec){ .kind = PKI_SUB, .label = "Stamp CA", .organisation = "Authority", .issuer = w.tsa_root });
		const struct pki_party *other =
			pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Stamp Root", .organisation = "Authority", .key_label = "Other" });
		const struct custody_bytes above = pki_crl((struct pki_crl_spec){ .issuer = which == 2 ? other : w.tsa_root });
		w.stamper = pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Sub Stamp", .organisation = "Authority", .issuer = sub });
		for (size_t i = 0; i < 2; i++) {
			struct pki_cms *c = &w.stamp[i][0].cms;
			w.stamp[i][0].stamper = w.stamper;
			c->certificates[c->n_certificates++] = w.stamper->certificate;
			c->certificates[c->n_certificates++] = sub->certificate;
			c->crls[c->n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = sub });
			c->crls[c->n_crls++] = above;
			w.cms[i].n_crls = 1;
		}
		if (which == 1)
			w.tsa_anchors[0] = sub->certificate;
		/* where the root is known, it has to be its list */
		expect(&w, "from above", which == 2 ? 'I' : 'V', which == 2 ? "seal-surplus-data,revocation-unknown" : "");
	}
}

/* Anchors need not be roots. Where one is not, who issued it is not on its path, but is named in it. */
Test(seal_rules, knows_own_word_where_the_anchors_are_below_the_laboratorys_root)
{
	for (int which = 0; which < 4; which++) {
		struct world w;
		world_default(&w);
		world_own_word(&w);
		if (which != 1)
			w.tsa_anchors[0] = w.stamp[0][0].stamper->certificate;
		if (which != 0)
			w.signer_anchors[0] = w.signer->certificate;
		if (which == 3) { /* the same with an authority of its own is nobody's word but its own */
			w.stamp[0][0].stamper = w.stamp[1][0].stamper =
				pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Other Stamp", .issuer = w.tsa_root });
			w.tsa_anchors[0] = w.stamp[0][0].stamper->certificate;
		}
		world_judge(&w);
		cr_expect_eq(w.result.independent, which == 3, "anchors %d", which);
		world_release(&w);
	}
}

/* A file with a whole path in it: the signer's ends at the first anchor, and what issued that one is known all the same. It issued the authority too. */
Test(seal_rules, knows_own_word_by_what_is_given_above_the_anchor)
{
	for (int which = 0; which < 3; which++) {
		struct world w;
		world_default(&w);
		const struct pki_party *top = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Top" });
		const struct pki_party *first = pki_party((struct pki_spec){ .kind = PKI_SUB, .label = "First", .issuer = top });
		const struct pki_party *second = pki_party((struct pki_spec){ .kind = PKI_SUB, .label = "Second", .issuer = first });
		world_set_signer(&w, pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Analyst", .issuer = second }), NULL);
		w.stamper = pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Stamp", .organisation = "Other", .issuer = top });
		for (size_t i = 0; i < 2; i++) {
			w.stamp[i][0].stamper = w.stamper;
			w.cms[i].crls[0] = pki_crl((struct pki_crl_spec){ .issuer = second });
			w.cms[i].crls[1] = pki_crl((struct pki_crl_spec){ .issuer = top });
		}
		w.tsa_anchors[0] = top->certificate;
		w.signer_anchors[0] = second->certificate;
		if (which >= 1)
			w.signer_anchors[w.n_signer_anchors++] = first->certificate;
		if (which == 2)
			w.signer_anchors[w.n_signer_anchors++] = top->certificate;
		world_judge(&w);
		cr_expect_eq(verdict_of(&w), 'V', "%d: %s", which, world_found(&w));
		cr_expect_eq(w.result.independent, which == 0, "%d", which); /* 0: nobody can know */
		world_release(&w);
	}
}

/* Above an anchor there are more certificates of its key than are looked at: whose the stamp is cannot be said, and it is nobody else's by running out of room. */
Test(seal_rules, calls_nothing_independent_that_it_could_not_look_through)
{
	for (size_t above = 10; above <= 110; above += 100) {
		struct world w;
		world_default(&w);
		for (size_t i = 0; i < above; i++) {
			char label[32];
			snprintf(label, sizeof(label), "Cross %zu", i);
			const struct pki_party *by = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = label, .key_label = "Cross" });
			w.signer_anchors[w.n_signer_anchors++] =
				pki_party((struct pki_spec){ .kind = PKI_SUB, .label = "Lab Root", .issuer = by })->certificate;
		}
		world_judge(&w);
		cr_expect_eq(verdict_of(&w), 'V', "%zu: %s", above, world_found(&w));
		cr_expect_eq(w.result.independent, above == 10, "%zu", above);
		world_release(&w);
	}
}

/* A laboratory whose root has a new key: the signer is under the new one, the stamp still under the old. Or two laboratories that somebody made under one name. */
Test(seal_rules, knows_own_word_by_the_name_of_the_root)
{
	struct world w;
	world_default(&w);
	world_own_word(&w);
	const struct pki_party *root = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Lab Root", .key_label = "Lab Root 2" });
	world_set_signer(&w, pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Analyst", .issuer = root }), NULL);
	w.signer_anchors[0] = root->certificate;
	w.lists[w.n_lists++] = pki_crl((struct pki_crl_spec){ .issuer = root });
	world_judge(&w);
	cr_expect_eq(verdict_of(&w), 'V', "%s", world_found(&w));
	cr_expect_not(w.result.independent);
	world_release(&w);
}

/* A sub-CA that was certified twice for one key, the first time until before now: whatever comes first, there is a path that holds. */
Test(seal_rules, takes_the_path_of_an_authority_that_has_not_expired)
{
	for (int order = 0; order < 3; order++) {
		struct world w;
		world_default(&w);
		const struct pki_party *both[] = { pki_party((struct pki_spec){
							   .kind = PKI_SUB, .label = "TSA Sub", .organisation = "Authority", .issuer = w.tsa_root }),
			pki_party((struct pki_spec){ .kind = PKI_SUB,
				.label = "TSA Sub",
				.organisation = "Authority",
				.issuer = w.tsa_root,
				.until = "2026-11-05T00:00:00Z" }) };
		const struct pki_party *stamper =
			pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Below", .organisation = "Authority", .issuer = both[0] });
		for (size_t i = 0; i < 2; i++) {
			w.stamp[i][0].stamper = stamper;
			w.cms[i].certificates[w.cms[i].n_certificates++] = both[order != 0]->certificate;
			if (order < 2)
				w.cms[i].certificates[w.cms[i].n_certificates++] = both[order == 0]->certificate;
			w.cms[i].crls[w.cms[i].n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = both[0] });
		}
		expect(&w, "certified twice", order < 2 ? 'V' : '?', order < 2 ? "" : "time-authority-expired");
	}
}

Test(seal_rules, knows_own_word_by_any_shared_key)
{
	/* The authority's root is another certificate, but its key is the laboratory's. */
	struct world w;
	world_default(&w);
	const struct pki_party *root =
		pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Front", .key_label = "Lab Root", .organisation = "Authority" });
	const struct pki_party *stamper =
		pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Front Stamp", .organisation = "Authority", .issuer = root });
	w.tsa_anchors[0] = root->certificate;
	for (size_t i = 0; i < 2; i++) {
		w.stamp[i][0].stamper = stamper;
		w.cms[i].crls[1] = pki_crl((struct pki_crl_spec){ .issuer = root });
	}
	world_judge(&w);
	cr_expect_eq(verdict_of(&w), 'V');
	cr_expect_not(w.result.independent);
	world_release(&w);
}

Test(seal_rules, says_nothing_of_anchors_that_were_not_given)
{
	struct world w;
	world_default(&w);
	w.n_signer_anchors = w.n_tsa_anchors = 0;
	world_judge(&w);
	cr_expect_str_eq(world_found(&w), "seal-untrusted,time-untrusted");
	cr_expect(w.result.arithmetic && w.result.has_signer && !w.result.has_anchor && !w.result.independent && w.result.level_lt);
	cr_expect_eq(verdict_of(&w), '?');
	world_release(&w);
	/* Anchors for one do not serve for the other. */
	world_default(&w);
	w.signer_anchors[0] = w.tsa_root->certificate;
	w.tsa_anchors[0] = w.root->certificate;
	expect(&w, "exchanged", '?', "seal-untrusted,time-untrusted");
}

Test(seal_rules, does_not_pass_without_the_facts_of_seal_json)
{
	struct world w;
	world_default(&w);
	w.has_sealfile = false;
	expect(&w, "no seal.json", '?', "");
}

/* ---- several stamps ---- */

static const struct pki_party *second_authority(const struct pki_party **root)
{
	*root = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Second Root", .organisation = "Second" });
	return pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Second Stamp", .organisation = "Second", .issuer = *root });
}

static void add_second(struct world *w, bool trusted, bool with_list)
{
	const struct pki_party *root;
	const struct pki_party *second = second_authority(&root);
	for (size_t i = 0; i < 2; i++) {
		w->stamp[i][w->n_stamps[i]].stamper = second;
		w->stamp[i][w->n_stamps[i]++].when = "2026-11-02T09:30:05Z";
		if (with_list)
			w->cms[i].crls[w->cms[i].n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = root });
	}
	if (trusted)
		w->tsa_anchors[w->n_tsa_anchors++] = root->certificate;
}

Test(seal_rules, passes_with_one_good_stamp_of_several)
{
	struct world w;
	world_default(&w);
	add_second(&w, true, true);
	expect(&w, "both good", 'V', "");
	world_default(&w);
	add_second(&w, false, true);
	expect(&w, "second without anchor", 'V', "time-untrusted-extra");
	world_default(&w);
	add_second(&w, true, true);
	w.n_tsa_anchors = 2;
	w.tsa_anchors[0] = w.tsa_anchors[1];
	expect(&w, "first without anchor", 'V', "time-untrusted-extra");
	world_default(&w);
	add_second(&w, true, false);
	expect(&w, "second without a list", 'I', "level-below-required,time-untrusted-extra");
	world_default(&w);
	add_second(&w, false, true);
	w.n_tsa_anchors = 0;
	expect(&w, "none with an anchor", '?', "time-untrusted");
}

Test(seal_rules, wants_the_stamps_that_are_listed_and_no_others)
{
	struct world w;
	world_default(&w);
	world_sign(&w);
	memset(w.authorities[w.n_authorities++], 7, 32);
	expect(&w, "one more listed", 'I', "time-missing");
	world_default(&w);
	w.listed_by_hand = true;
	expect(&w, "none listed", 'I', "time-authority-not-listed");
	world_default(&w);
	w.stamp[0][1] = w.stamp[0][0];
	w.n_stamps[0] = 2;
	expect(&w, "one authority twice", 'I', "seal-surplus-data");
	world_default(&w);
	w.n_stamps[0] = 0;
	expect(&w, "none", 'I', "level-below-required,time-missing");
}

/* ---- surplus ---- */

Test(seal_rules, refuses_what_nothing_needs)
{
	for (int which = 0; which < 9; which++) {
		struct world w;
		world_default(&w);
		struct pki_cms *c = &w.cms[0];
		const struct pki_party *root = NULL;
		const struct pki_party *stranger = second_authority(&root);
		const char *what = "";
		switch (which) {
		case 0:
			what = "a stranger's certificate";
			c->certificates[c->n_certificates++] = stranger->certificate;
			break;
		case 1:
			what = "the root";
			c->certificates[c->n_certificates++] = w.root->certificate;
			break;
		case 2:
			what = "the authority's certificate outside its token too";
			c->certificates[c->n_certificates++] = w.stamper->certificate;
			break;
		case 3:
			what = "a certificate twice";
			c->certificates[c->n_certificates++] = c->certificates[0];
			break;
		case 4:
			what = "a stranger's list";
			c->crls[c->n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = root });
			break;
		case 5:
			what = "a second list of one issuer";
			c->crls[c->n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = w.root, .from = "2026-10-01T00:00:00Z" });
			break;
		case 6:
			what = "a list twice";
			c->crls[c->n_crls++] = c->crls[0];
			break;
		case 7:
			what = "a stranger's certificate in the token";
			w.stamp[0][0].cms.certificates[0] = w.stamper->certificate;
			w.stamp[0][0].cms.certificates[1] = stranger->certificate;
			w.stamp[0][0].cms.n_certificates = 2;
			break;
		case 8:
		default:
			what = "a stranger's list in the token";
			w.stamp[0][0].cms.crls[w.stamp[0][0].cms.n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = root });
			break;
		}
		expect(&w, what, 'I', "seal-surplus-data");
	}
}

Test(seal_rules, leaves_in_a_strangers_token_what_verifies)
{
	struct world w;
	world_default(&w);
	const struct pki_party *other =
		pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Colleague", .organisation = "Authority", .issuer = w.tsa_root });
	for (size_t i = 0; i < 2; i++) {
		struct pki_cms *c = &w.stamp[i][0].cms;
		c->certificates[c->n_certificates++] = w.stamper->certificate;
		c->certificates[c->n_certificates++] = other->certificate;
		c->certificates[c->n_certificates++] = w.tsa_root->certificate;
		c->crls[c->n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = w.tsa_root, .from = "2026-10-02T00:00:00Z" });
	}
	expect(&w, "further ones of the authority", 'V', "");
	/* Nobody can place it: the stamp has no anchor, so it may be needed or not. */
	world_default(&w);
	add_second(&w, false, true);
	const struct pki_party *nobody = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Nobody", .organisation = "Nowhere" });
	const struct pki_party *stranger =
		pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Stranger", .organisation = "Nowhere", .issuer = nobody });
	w.stamp[0][1].cms.certificates[0] = w.stamp[0][1].stamper->certificate;
	w.stamp[0][1].cms.certificates[1] = stranger->certificate;
	w.stamp[0][1].cms.n_certificates = 2;
	for (size_t i = 0; i < 2; i++)
		w.cms[i].crls[w.cms[i].n_crls++] =
			pki_crl((struct pki_crl_spec){ .issuer = w.stamp[i][1].stamper->issuer, .from = "2026-10-05T00:00:00Z" });
	world_judge(&w);
	cr_expect(w.findings.count[CUSTODY_FINDING_TIME_UNTRUSTED] == 1 && !w.result.seal_pass && !w.result.time_pass, "%s", world_found(&w));
	world_release(&w);
	/* A list of the issuer that is not known is left. */
	world_default(&w);
	add_second(&w, false, false);
	for (size_t i = 0; i < 2; i++)
		w.stamp[i][1].cms.crls[w.stamp[i][1].cms.n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = w.stamp[i][1].stamper->issuer });
	expect(&w, "its own list", 'V', "time-untrusted-extra");
	/* A list of somebody else in a token that has no anchor cannot be placed. */
	world_default(&w);
	add_second(&w, false, true);
	w.stamp[0][1].cms.crls[w.stamp[0][1].cms.n_crls++] = pki_crl(
		(struct pki_crl_spec){ .issuer = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Nobody", .organisation = "Nowhere" }) });
	expect(&w, "somebody's list", '?', "time-untrusted,time-untrusted-extra");
}

Test(seal_rules, takes_the_authoritys_path_from_the_signature_where_the_token_lacks_it)
{
	for (int both = 0; both < 2; both++) {
		struct world w;
		world_default(&w);
		const struct pki_party *sub =
			pki_party((struct pki_spec){ .kind = PKI_SUB, .label = "Stamp Sub", .organisation = "Authority", .issuer = w.tsa_root });
		const struct pki_party *stamper =
			pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Below", .organisation = "Authority", .issuer = sub });
		for (size_t i = 0; i < 2; i++) {
			w.stamp[i][0].stamper = stamper;
			w.cms[i].certificates[w.cms[i].n_certificates++] = sub->certificate;
			w.cms[i].crls[w.cms[i].n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = sub });
			if (both) {
				struct pki_cms *c = &w.stamp[i][0].cms;
				c->certificates[c->n_certificates++] = stamper->certificate;
				c->certificates[c->n_certificates++] = sub->certificate;
			}
		}
		expect(&w, "path beside the token", both ? 'I' : 'V', both ? "seal-surplus-data" : "");
	}
}

Test(seal_rules, keeps_what_continues_a_path_above_the_anchor)
{
	struct world w;
	world_default(&w);
	const struct pki_party *sub = pki_party((struct pki_spec){ .kind = PKI_SUB, .label = "Lab Sub", .issuer = w.root });
	world_set_signer(&w, pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Below", .issuer = sub }), sub);
	w.signer_anchors[0] = sub->certificate;
	expect(&w, "the root's list, and no root", 'V', "");
}

Test(seal_rules, knows_revocation_until_the_earliest_of_a_paths_lists)
{
	/* The signer's list is newer than its issuer's, and the other way round. */
	static const char *const from[][2] = { { "2026-11-10T00:00:00Z", "2026-11-05T00:00:00Z" },
		{ "2026-11-05T00:00:00Z", "2026-11-10T00:00:00Z" } };
	for (size_t i = 0; i < 2; i++) {
		struct world w;
		world_default(&w);
		const struct pki_party *sub = pki_party((struct pki_spec){ .kind = PKI_SUB, .label = "Lab Sub", .issuer = w.root });
		world_set_signer(&w, pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Below", .issuer = sub }), sub);
		for (size_t k = 0; k < 2; k++) {
			w.cms[k].n_crls = 0;
			w.cms[k].crls[w.cms[k].n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = sub, .from = from[i][0] });
			w.cms[k].crls[w.cms[k].n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = w.root, .from = from[i][1] });
			w.cms[k].crls[w.cms[k].n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = w.tsa_root, .from = "2026-11-20T00:00:00Z" });
		}
		world_judge(&w);
		cr_expect(w.result.seal_pass && w.result.has_revocation_until, "%s", world_found(&w));
		cr_expect_eq(w.result.revocation_known_until.sec, 1793836800, "%lld", (long long)w.result.revocation_known_until.sec);
		world_release(&w);
	}
}

/* ---- odd corners ---- */

Test(seal_rules, judges_a_path_of_authorities_by_all_of_it)
{
	/* A sub-CA of the authority that is not valid yet, one of the signer that was not at the proven time, and both revoked or unknown. */
	struct world w;
	world_default(&w);
	const struct pki_party *sub = pki_party((struct pki_spec){
		.kind = PKI_SUB, .label = "Stamp Sub", .organisation = "Authority", .issuer = w.tsa_root, .from = "2026-12-20T00:00:00Z" });
	const struct pki_party *stamper =
		pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Below", .organisation = "Authority", .issuer = sub });
	for (size_t i = 0; i < 2; i++) {
		w.stamp[i][0].stamper = stamper;
		w.cms[i].certificates[w.cms[i].n_certificates++] = sub->certificate;
		w.cms[i].crls[1] = pki_crl((struct pki_crl_spec){ .issuer = w.tsa_root, .from = "2026-12-21T00:00:00Z" });
		w.cms[i].crls[w.cms[i].n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = sub });
	}
	expect(&w, "authority's sub-CA not valid yet", '?', "time-authority-expired");
	for (int which = 0; which < 4; which++) {
		static const char *const found[] = { "seal-expired", "seal-revoked", "seal-revoked", "revocation-unknown,level-below-required" };
		world_default(&w);
		sub = pki_party((struct pki_spec){
			.kind = PKI_SUB, .label = "Lab Sub", .issuer = w.root, .from = which == 0 ? "2026-11-03T00:00:00Z" : NULL });
		world_set_signer(&w, pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Below", .issuer = sub }), sub);
		for (size_t i = 0; i < 2; i++) {
			struct pki_cms *c = &w.cms[i];
			if (which == 0)
				c->crls[0] = pki_crl((struct pki_crl_spec){ .issuer = w.root, .from = "2026-11-04T00:00:00Z" });
			if (which == 1 || which == 2) {
				c->crls[0] = pki_crl((struct pki_crl_spec){
					.issuer = w.root, .revoked = sub, .since = which == 1 ? "2026-11-01T00:00:00Z" : NULL });
				c->crls[2] = pki_crl((struct pki_crl_spec){
					.issuer = sub, .revoked = w.signer, .since = which == 2 ? "2026-11-01T00:00:00Z" : NULL });
			}
			if (which == 3)
				c->n_crls = 0;
		}
		expect(&w, "signer's sub-CA", which == 0 ? '?' : 'I', found[which]);
	}
}

Test(seal_rules, prefers_a_stamp_that_proves_to_one_that_does_not)
{
	for (int future = 0; future < 2; future++) {
		struct world w;
		world_default(&w);
		const struct pki_party *own = pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Lab Stamp", .issuer = w.root });
		w.tsa_anchors[w.n_tsa_anchors++] = w.root->certificate;
		for (size_t i = 0; i < 2; i++) {
			w.stamp[i][1] = w.stamp[i][0];
			w.stamp[i][0] = (struct pki_token_spec){ .stamper = own, .when = "2026-11-02T09:30:00Z" };
			w.n_stamps[i] = 2;
		}
		if (future)
			w.stamp[1][1].when = "2026-12-11T00:00:00Z";
		world_judge(&w);
		cr_expect_str_eq(world_found(&w), future ? "time-untrusted-extra" : "", "%s", world_found(&w));
		cr_expect_eq(verdict_of(&w), 'V');
		cr_expect_eq(w.result.independent, !future);
		world_release(&w);
	}
}

Test(seal_rules, keeps_two_issuers_of_one_name_apart_by_their_keys)
{
	struct world w;
	world_default(&w);
	const struct pki_party *root = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Lab Root", .key_label = "another" });
	const struct pki_party *stamper = pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Other Stamp", .issuer = root });
	w.tsa_anchors[0] = root->certificate;
	for (size_t i = 0; i < 2; i++) {
		w.stamp[i][0].stamper = stamper;
		w.cms[i].crls[1] = pki_crl((struct pki_crl_spec){ .issuer = root });
	}
	expect(&w, "one name, two keys", 'V', "");
	/* Above the anchor no key is known, and one name is one issuer. */
	world_default(&w);
	const struct pki_party *sub = pki_party((struct pki_spec){ .kind = PKI_SUB, .label = "Lab Sub", .issuer = w.root });
	world_set_signer(&w, pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Below", .issuer = sub }), sub);
	w.signer_anchors[0] = sub->certificate;
	w.cms[0].crls[w.cms[0].n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = w.root, .from = "2026-10-01T00:00:00Z" });
	expect(&w, "two lists of a root that is not known", 'I', "seal-surplus-data");
}

Test(seal_rules, takes_no_list_of_an_issuer_that_may_not_sign_lists)
{
	struct world w;
	world_default(&w);
	const struct custody_bytes sub_exts[] = { pki_basic_constraints(true, -1), pki_key_usage(CUSTODY_USAGE_CERT_SIGN, true),
		pki_extension(DER_RAW(CUSTODY_OID_SUBJECT_KEY_IDENTIFIER), false, der_octets(DER_RAW("12345678901234567890"))), { NULL, 0 } };
	const struct pki_party *root = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Mute Root", .extensions = sub_exts });
	const struct custody_bytes leaf[] = { pki_basic_constraints(false, -1), pki_key_usage(3, true),
		pki_extension(DER_RAW(CUSTODY_OID_AUTHORITY_KEY_IDENTIFIER), false, DER_SEQ(der_tlv(0x80, DER_RAW("12345678901234567890")))),
		{ NULL, 0 } };
	world_set_signer(&w, pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Below", .issuer = root, .extensions = leaf }), NULL);
	w.signer_anchors[0] = root->certificate;
	for (size_t i = 0; i < 2; i++)
		w.cms[i].crls[0] = pki_crl((struct pki_crl_spec){ .issuer = root });
	expect(&w, "root without cRLSign", '?', "revocation-unknown");
}

Test(seal_rules, finds_an_authoritys_list_in_its_token)
{
	struct world w;
	world_default(&w);
	for (size_t i = 0; i < 2; i++) {
		struct pki_cms *c = &w.stamp[i][0].cms;
		c->crls[c->n_crls++] = w.cms[i].crls[1];
		w.cms[i].n_crls = 1;
	}
	expect(&w, "in the token", 'V', "");
}

Test(seal_rules, takes_a_self_signed_authority_that_is_pinned)
{
	for (int stranger = 0; stranger < 2; stranger++) {
		struct world w;
		world_default(&w);
		const struct custody_bytes exts[] = { pki_basic_constraints(false, -1), pki_key_usage(CUSTODY_USAGE_DIGITAL_SIGNATURE, true),
			pki_purposes(true, DER_LIST(DER_OID(CUSTODY_OID_TIME_STAMPING))), { NULL, 0 } };
		const struct pki_party *alone =
			pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Alone", .organisation = "Authority", .extensions = exts });
		w.tsa_anchors[0] = alone->certificate;
		for (size_t i = 0; i < 2; i++) {
			w.stamp[i][0].stamper = alone;
			w.cms[i].n_crls = 1;
			if (stranger) {
				/* Its certificate beside the token, which holds a root of somebody else. */
				w.stamp[i][0].cms.certificates[0] = w.tsa_root->certificate;
				w.stamp[i][0].cms.n_certificates = 1;
				w.cms[i].certificates[w.cms[i].n_certificates++] = alone->certificate;
			}
		}
		expect(&w, "pinned authority", stranger ? 'I' : 'V', stranger ? "seal-surplus-data" : "");
	}
}

Test(seal_rules, is_b_t_at_least)
{
	struct world w;
	world_default(&w);
	w.requires_lt = false;
	w.n_stamps[0] = w.n_stamps[1] = 0;
	w.cms[0].n_crls = w.cms[1].n_crls = 1;
	expect(&w, "no stamp, B-T required", 'I', "level-below-required,time-missing");
	world_default(&w);
	w.requires_lt = false;
	w.lists[w.n_lists++] = w.cms[0].crls[0];
	w.lists[w.n_lists++] = w.cms[0].crls[1];
	w.cms[0].n_crls = w.cms[1].n_crls = 0;
	world_judge(&w);
	cr_expect(verdict_of(&w) == 'V' && !w.result.level_lt, "%s", world_found(&w));
	world_release(&w);
}

Test(seal_rules, remarks_on_keys_outside_their_period)
{
	static const struct {
		const char *from, *until, *found;
	} cases[] = {
		{ "20260101000000Z", NULL, "" },
		{ "20261103000000Z", NULL, "key-outside-usage-period" },
		{ NULL, "20261102093000Z", "key-outside-usage-period" },
		{ NULL, "20261102093001Z", "" },
		{ "20260101000000Z", "20261102093000Z", "key-outside-usage-period" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;
		world_default(&w);
		struct custody_bytes from = cases[i].from ? der_tlv(0x80, der_bytes(cases[i].from, 15)) : DER_EMPTY;
		struct custody_bytes until = cases[i].until ? der_tlv(0x81, der_bytes(cases[i].until, 15)) : DER_EMPTY;
		const struct custody_bytes more[] = { pki_extension(DER_RAW(CUSTODY_OID_PRIVATE_KEY_USAGE_PERIOD), false, DER_SEQ(from, until)),
			{ NULL, 0 } };
		world_set_signer(&w, pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Period", .issuer = w.root, .more = more }), NULL);
		expect(&w, "period", 'V', cases[i].found);
	}
}

/* Twelve CAs of one name and key have signed each other: a search without end, for a signer and for an authority. */
Test(seal_rules, stops_where_certificates_go_in_circles)
{
	for (int stamping = 0; stamping < 2; stamping++) {
		struct world w;
		world_default(&w);
		const struct pki_party *ring = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Ring" });
		const struct pki_party *leaf =
			pki_party((struct pki_spec){ .kind = stamping ? PKI_STAMPER : PKI_SIGNER, .label = "In the ring", .issuer = ring });
		struct pki_cms *c = stamping ? &w.stamp[0][0].cms : &w.cms[0];
		if (stamping) {
			w.stamp[0][0].stamper = leaf;
			c->certificates[c->n_certificates++] = leaf->certificate;
		} else {
			world_set_signer(&w, leaf, NULL);
		}
		for (size_t i = 0; i < 12; i++)
			c->certificates[c->n_certificates++] = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Ring" })->certificate;
		world_judge(&w);
		cr_expect_eq(w.findings.count[CUSTODY_FINDING_LIMIT_EXCEEDED], 1);
		cr_expect_neq(verdict_of(&w), 'V');
		world_release(&w);
	}
}

Test(seal_rules, goes_on_behind_a_broken_stamp)
{
	struct world w;
	world_default(&w);
	add_second(&w, true, true);
	w.stamp[0][0].version = der_integer(2);
	expect(&w, "first of two broken", 'I', "time-malformed");
	world_default(&w);
	add_second(&w, true, true);
	w.stamp[0][0].version = w.stamp[0][1].version = der_integer(2);
	expect(&w, "both broken", 'I', "time-malformed");
	world_default(&w);
	add_second(&w, true, true);
	world_sign(&w);
	w.n_authorities = 0;
	expect(&w, "neither listed", 'I', "time-authority-not-listed");
}

/* Certificates of one name in both tokens, each by its own key: to say that none issued another, too many signatures would have to be checked. */
Test(seal_rules, leaves_open_what_takes_too_many_checks, .timeout = 120)
{
	enum { EACH = 30 };
	struct world w;
	world_default(&w);
	for (size_t i = 0; i < 2; i++)
		w.stamp[i][0].cms.certificates[w.stamp[i][0].cms.n_certificates++] = w.stamper->certificate;
	for (int i = 0; i < 2 * EACH; i++) {
		struct pki_cms *c = &w.stamp[i / EACH][0].cms;
		char label[32];
		snprintf(label, sizeof(label), "one of many %d", i);
		c->certificates[c->n_certificates++] =
			pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "One of many", .key_label = label })->certificate;
	}
	world_judge(&w);
	cr_expect_eq(w.returned, 0, "%s", w.err.text);
	cr_expect_gt(w.findings.count[CUSTODY_FINDING_LIMIT_EXCEEDED], 0u, "%s", world_found(&w));
	cr_expect_not(w.result.seal_pass);
	world_release(&w);
}

/* What only the search for surplus asks about, so that its own failures are seen. */
Test(seal_rules, asks_about_everything_that_lies_in_a_token)
{
	struct world w;
	const struct pki_party *other;

	/* A colleague whose issuer is given and not embedded. */
	world_default(&w);
	other = pki_party((struct pki_spec){ .kind = PKI_STAMPER, .label = "Colleague", .organisation = "Authority", .issuer = w.tsa_root });
	for (size_t i = 0; i < 2; i++) {
		struct pki_cms *c = &w.stamp[i][0].cms;
		c->certificates[c->n_certificates++] = w.stamper->certificate;
		c->certificates[c->n_certificates++] = other->certificate;
	}
	expect(&w, "a colleague of the authority", 'V', "");

	/* Another department of the authority, and its list. */
	world_default(&w);
	other = pki_party((struct pki_spec){ .kind = PKI_SUB, .label = "Department", .organisation = "Authority", .issuer = w.tsa_root });
	for (size_t i = 0; i < 2; i++) {
		struct pki_cms *c = &w.stamp[i][0].cms;
		c->certificates[c->n_certificates++] = w.stamper->certificate;
		c->certificates[c->n_certificates++] = other->certificate;
		c->crls[c->n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = other });
	}
	expect(&w, "another department and its list", 'V', "");

	/* The list of another authority that is trusted, too. */
	world_default(&w);
	(void)second_authority(&other);
	w.tsa_anchors[w.n_tsa_anchors++] = other->certificate;
	for (size_t i = 0; i < 2; i++) {
		struct pki_cms *c = &w.stamp[i][0].cms;
		c->crls[c->n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = other });
	}
	expect(&w, "another authority's list", 'V', "");

	/* And behind it, its own, which is nowhere else. */
	world_default(&w);
	(void)second_authority(&other);
	w.tsa_anchors[w.n_tsa_anchors++] = other->certificate;
	for (size_t i = 0; i < 2; i++) {
		struct pki_cms *c = &w.stamp[i][0].cms;
		w.cms[i].n_crls = 0;
		w.cms[i].crls[w.cms[i].n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = w.root });
		c->crls[c->n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = other });
		c->crls[c->n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = w.tsa_root, .from = "2026-11-03T00:00:00Z" });
	}
	expect(&w, "both lists in the token", 'V', "");
}

/* One of two lists of one name is by another key; in either order. */
Test(seal_rules, refuses_a_list_by_another_key_beside_the_right_one)
{
	for (size_t i = 0; i < 2; i++) {
		struct world w;
		world_default(&w);
		struct pki_cms *c = &w.cms[0];
		const struct pki_party *thief = pki_party((struct pki_spec){ .kind = PKI_ROOT, .label = "Thief" });
		struct custody_bytes forged = pki_crl((struct pki_crl_spec){ .issuer = w.root, .from = "2026-11-20T00:00:00Z", .key = thief->key });
		c->crls[c->n_crls++] = forged;
		if (i == 1) {
			c->crls[c->n_crls - 1] = c->crls[0];
			c->crls[0] = forged;
		}
		world_judge(&w);
		cr_expect(w.findings.count[CUSTODY_FINDING_REVOCATION_MALFORMED] > 0 && !w.result.seal_pass, "%s", world_found(&w));
		expect_no_decision_without_checks(&w, "a list by another key");
		world_release(&w);
	}
}

/* Lists of public authorities are large; the signature that OpenSSL is asked about is then too. */
Test(seal_rules, takes_a_large_list_in_a_token)
{
	for (size_t size = 200; size <= 200000; size *= 10) {
		struct world w;
		world_default(&w);
		uint8_t *padding = pki_alloc(size);
		const struct custody_bytes more[] = { pki_extension(DER_RAW("\x2a\x03"), false, der_octets((struct custody_bytes){ padding, size })),
			{ NULL, 0 } };
		for (size_t i = 0; i < 2; i++) {
			struct pki_cms *c = &w.stamp[i][0].cms;
			c->crls[c->n_crls++] = pki_crl((struct pki_crl_spec){ .issuer = w.tsa_root, .more = more });
		}
		expect(&w, "large list", 'V', "");
	}
}

/* What others found before counts too, and what was not given is not invented. */
Test(seal_rules, sets_nothing_against_what_others_found)
{
	static const enum custody_finding_id others[] = { CUSTODY_FINDING_SEAL_MISSING, CUSTODY_FINDING_SEAL_UNTRUSTED, CUSTODY_FINDING_TIME_MISSING,
		CUSTODY_FINDING_TIME_UNTRUSTED };
	for (size_t i = 0; i < 4; i++) {
		struct world w;
		struct custody_trust trust;
		struct custody_seal_input in;
		struct custody_findings findings;
		struct custody_seal_result result;
		struct custody_error err = CUSTODY_ERROR_INIT;
		world_default(&w);
		world_sign(&w);
		world_input(&w, &in, &trust);
		custody_findings_init(&findings);
		custody_findings_add(&findings, others[i], NULL, 0, NULL);
		cr_expect_eq(custody_seal_check(&in, &findings, &result, &err), 0);
		cr_expect_eq(result.seal_pass, i >= 2);
		cr_expect_eq(result.time_pass, i < 2);
		findings.out_of_memory = true;
		cr_expect_eq(custody_seal_check(&in, &findings, &result, &err), 0);
		cr_expect_not(result.seal_pass || result.time_pass);
		in.manifest[0].mask = CUSTODY_DIGEST_BIT(CUSTODY_SHA512);
		cr_expect_eq(custody_seal_check(&in, &findings, &result, &err), -1);
		cr_expect_eq(err.kind, CUSTODY_ERR_INTERNAL);
		in.manifest[0].mask = 0;
		cr_expect_eq(custody_seal_check(&in, &findings, &result, &err), 0);
		cr_expect_not(result.arithmetic || result.seal_pass);
		custody_findings_release(&findings);
		custody_trust_release(&trust);
		world_release(&w);
	}
}

/* ---- the whole file, byte by byte ---- */

/* Each byte gets one bit flipped here, another one in each place; tests/prop/prop_tamper.c flips them all. */
#if defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
#define FLIP_EVERY 13
#else
#define FLIP_EVERY 1
#endif

/* The signature file holds the token: every byte of both. */
Test(seal_rules, passes_no_single_flipped_bit, .timeout = 300)
{
	struct world w;
	world_default(&w);
	world_judge(&w);
	cr_assert(w.result.seal_pass && w.result.time_pass);
	struct custody_bytes good = w.signature[0];
	uint8_t *changed = pki_alloc(good.n);
	memcpy(changed, good.p, good.n);
	w.signature[0] = (struct custody_bytes){ changed, good.n };
	for (size_t i = 0; i < good.n; i += FLIP_EVERY) {
		uint8_t bit = (uint8_t)(1u << i * 5 % 8);
		changed[i] ^= bit;
		world_judge_again(&w);
		cr_expect_eq(w.returned, 0, "byte %zu: %s", i, w.err.text);
		cr_expect_not(w.result.seal_pass && w.result.time_pass, "byte %zu xor %02x passes", i, bit);
		changed[i] ^= bit;
	}
	world_judge_again(&w);
	cr_expect(w.result.seal_pass && w.result.time_pass);
	world_release(&w);
}

Test(seal_rules, passes_no_truncation_or_extension)
{
	struct world w;
	world_default(&w);
	world_judge(&w);
	struct custody_bytes good = w.signature[1];
	for (size_t n = 1; n < good.n; n += FLIP_EVERY) {
		w.signature[1].n = n;
		world_judge_again(&w);
		cr_expect_not(w.result.seal_pass, "%zu", n);
	}
	w.signature[1] = der_concat(DER_LIST(good, DER_RAW("\0")));
	expect(&w, "one byte more", 'I', "seal-malformed");
}
