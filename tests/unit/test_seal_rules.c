/* SPDX-License-Identifier: Apache-2.0 */
/* The seal and its time, rule by rule, over seals that the forge makes. */
#include <criterion/criterion.h>
#include <string.h>

#include "libcustody/crypto/oid.h"
#include "libcustody/crypto/x509.h"
#include "tests/support/sealworld.h"

/* What a case says of the result: V valid (both groups), I invalid (something fails), ? neither. */
static char verdict_of(const struct world *w)
{
	if (custody_findings_have(&w->findings, CUSTODY_GROUP_COUNT, CUSTODY_EFFECT_FAILS))
		return 'I';
	return w->result.seal_pass && w->result.time_pass ? 'V' : '?';
}

/* Judges, compares the findings but notes, and lets go. */
static void expect(struct world *w, const char *what, char verdict, const char *found)
{
	world_judge(w);
	cr_expect_eq(w->returned, 0, "%s: %s", what, w->err.text);
	cr_expect_str_eq(world_found(w), found, "%s: %s (%s)", what, world_found(w),
		w->findings.n > 0 && w->findings.list[0].detail ? w->findings.list[0].detail : "");
	cr_expect_eq(verdict_of(w), verdict, "%s: found %c, want %c", what, verdict_of(w), verdict);
	world_release(w);
}

Test(seal_rules, passes_with_an_independent_stamp)
{
	struct world w;
	world_default(&w);
	world_judge(&w);
	cr_expect_str_eq(world_found(&w), "");
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
	const struct pki_party *stranger =
		pki_party((struct pki_spec){ .kind = PKI_SIGNER, .label = "Stranger", .organisation = "Nobody", .issuer = w.signer });
	w.stamp[0][1].cms.certificates[0] = w.stamp[0][1].stamper->certificate;
	w.stamp[0][1].cms.certificates[1] = stranger->certificate;
	w.stamp[0][1].cms.n_certificates = 2;
	world_judge(&w);
	cr_expect_neq(verdict_of(&w), 'V', "%s", world_found(&w));
	world_release(&w);
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
