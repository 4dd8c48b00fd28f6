/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/chain.h"

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/crypto/signature.h"

#define SIGNER_RSA_BITS 3072 /* design/sealed-package.md, "Signatures" */
#define AUTHORITY_RSA_BITS 2048 /* likewise, "tokens of others" */
#define MAX_STEPS 1024 /* certificates tried on the way to one anchor: crossed CAs of one name could make a search endless */
#define NAME_TEXT 200 /* bytes of a name in a message */

static bool same_certificate(const struct custody_certificate *a, const struct custody_certificate *b)
{
	return a->der_len == b->der_len && memcmp(a->der, b->der, a->der_len) == 0;
}

/* ---- what was looked at already ---- */

static int find_signature(const struct custody_memo *memo, const void *subject, const struct custody_certificate *issuer)
{
	for (size_t i = 0; i < memo->n_signatures; i++) {
		if (memo->signature[i].subject == subject && memo->signature[i].issuer == issuer)
			return (int)i;
	}
	return -1;
}

static int check_signature(struct custody_memo *memo, const void *subject, struct custody_bytes tbs, struct custody_bytes algorithm,
	struct custody_bytes signature, const struct custody_certificate *issuer, bool *good, struct custody_error *err)
{
	int known = find_signature(memo, subject, issuer);
	if (known >= 0) {
		*good = memo->signature[known].good;
		return 0;
	}
	if (memo->n_signatures == CUSTODY_MEMO_SIGNATURES)
		return custody_refuse(err, "limit-exceeded", "found too many certificates of one name, want fewer signatures to check");
	struct custody_algorithm parsed;
	*good = false;
	/* The larger set of keys: whether a path may have them is the path's question. */
	if (custody_x509_key_is_taken(&issuer->facts, AUTHORITY_RSA_BITS, true) && custody_algorithm_parse(algorithm, &parsed) &&
		custody_signature_check(issuer, parsed, tbs, (struct custody_bytes){ NULL, 0 }, signature, good, err) < 0)
		return -1;
	memo->signature[memo->n_signatures].subject = subject;
	memo->signature[memo->n_signatures].issuer = issuer;
	memo->signature[memo->n_signatures++].good = *good;
	return 0;
}

int custody_certificate_issued_by(struct custody_memo *memo, const struct custody_certificate *subject, const struct custody_certificate *issuer,
	bool *good, struct custody_error *err)
{
	*good = false;
	if (!custody_bytes_equal(subject->facts.issuer, issuer->facts.subject))
		return 0;
	return check_signature(memo, subject, subject->facts.tbs, subject->facts.algorithm, subject->facts.signature, issuer, good, err);
}

int custody_crl_issued_by(
	struct custody_memo *memo, const struct custody_crl *subject, const struct custody_certificate *issuer, bool *good, struct custody_error *err)
{
	*good = false;
	if (!custody_bytes_equal(subject->facts.issuer, issuer->facts.subject) || (issuer->facts.key_usage & CUSTODY_USAGE_CRL_SIGN) == 0)
		return 0;
	return check_signature(memo, subject, subject->facts.tbs, subject->facts.algorithm, subject->facts.signature, issuer, good, err);
}

int custody_certificate_is_root(struct custody_memo *memo, const struct custody_certificate *c, bool *root, struct custody_error *err)
{
	return custody_certificate_issued_by(memo, c, c, root, err);
}

/* ---- OpenSSL's opinion ---- */

static void free_store(X509_STORE **store)
{
	X509_STORE_free(*store);
}

static void free_context(X509_STORE_CTX **context)
{
	X509_STORE_CTX_free(*context);
}

static void free_stack(STACK_OF(X509) * *stack)
{
	sk_X509_free(*stack); /* the certificates are borrowed */
}

/* What OpenSSL said about validity, by depth. */
struct validity {
	bool late[CUSTODY_LIMIT_CHAIN], early[CUSTODY_LIMIT_CHAIN];
	bool elsewhere; /* about a depth that our path does not have */
};

/* Expiry is noted and passed over: it is another question than trust. Everything else stops the verification. */
static int note_validity(int ok, X509_STORE_CTX *context)
{
	struct validity *validity = X509_STORE_CTX_get_app_data(context);
	int error = X509_STORE_CTX_get_error(context);
	int depth = X509_STORE_CTX_get_error_depth(context);
	if (ok == 1)
		return 1;
	if (error != X509_V_ERR_CERT_HAS_EXPIRED && error != X509_V_ERR_CERT_NOT_YET_VALID)
		return 0;
	if (depth < 0 || depth >= CUSTODY_LIMIT_CHAIN) {
		validity->elsewhere = true;
		return 1;
	}
	*(error == X509_V_ERR_CERT_HAS_EXPIRED ? &validity->late[depth] : &validity->early[depth]) = true;
	return 1;
}

static bool valid_at(const struct custody_x509 *x, struct custody_time t, bool *early)
{
	*early = custody_time_compare(t, x->not_before) < 0;
	return !*early && custody_time_compare(t, x->not_after) <= 0;
}

/* Our judgement of validity and OpenSSL's are the same. The very last second is left out: OpenSSL takes it for expired, RFC 5280 4.1.2.5 does not. */
static bool agree_on_validity(const struct custody_chain *chain, struct custody_time when, const struct validity *validity)
{
	struct custody_time second = { when.sec, 0 };
	if (validity->elsewhere)
		return false;
	for (size_t i = 0; i < chain->n; i++) {
		const struct custody_x509 *x = &chain->certificate[i]->facts;
		bool early;
		bool valid = valid_at(x, second, &early);
		if (x->not_after.sec != when.sec && (validity->early[i] != early || validity->late[i] != (!valid && !early)))
			return false;
	}
	return true;
}

static int set_up(X509_STORE_CTX *context, X509_STORE *store, STACK_OF(X509) * untrusted, const struct custody_chain *chain, bool time_stamping,
	struct custody_time when, struct validity *validity)
{
	const struct custody_certificate *anchor = chain->certificate[chain->n - 1];
	for (size_t i = 1; i + 1 < chain->n; i++) {
		if (sk_X509_push(untrusted, chain->certificate[i]->x509) == 0)
			return -1;
	}
	if (X509_STORE_add_cert(store, anchor->x509) != 1 || X509_STORE_CTX_init(context, store, chain->certificate[0]->x509, untrusted) != 1)
		return -1;
	X509_VERIFY_PARAM *parameters = X509_STORE_CTX_get0_param(context);
	if (X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_X509_STRICT | X509_V_FLAG_PARTIAL_CHAIN) != 1)
		return -1;
	X509_VERIFY_PARAM_set_depth(parameters, CUSTODY_LIMIT_CHAIN);
	X509_VERIFY_PARAM_set_auth_level(parameters, 2);
	X509_VERIFY_PARAM_set_time(parameters, (time_t)when.sec);
	if (time_stamping && X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_TIMESTAMP_SIGN) != 1)
		return -1;
	X509_STORE_CTX_set_verify_cb(context, note_validity);
	return X509_STORE_CTX_set_app_data(context, validity) == 1 ? 0 : -1;
}

/* The path that OpenSSL found is ours. */
static bool same_path(X509_STORE_CTX *context, const struct custody_chain *chain)
{
	STACK_OF(X509) *found = X509_STORE_CTX_get0_chain(context);
	if (found == NULL || sk_X509_num(found) != (int)chain->n)
		return false;
	for (size_t i = 0; i < chain->n; i++) {
		if (X509_cmp(sk_X509_value(found, (int)i), chain->certificate[i]->x509) != 0)
			return false;
	}
	return true;
}

static int ask_openssl(const struct custody_chain *chain, bool time_stamping, struct custody_time when, bool *good, char *why, size_t why_size,
	struct custody_error *err)
{
	CUSTODY_CLEANUP(free_store) X509_STORE *store = X509_STORE_new();
	CUSTODY_CLEANUP(free_stack) STACK_OF(X509) *untrusted = sk_X509_new_null();
	CUSTODY_CLEANUP(free_context) X509_STORE_CTX *context = X509_STORE_CTX_new();
	struct validity validity = { 0 };
	*good = false;
	if (store == NULL || untrusted == NULL || context == NULL || set_up(context, store, untrusted, chain, time_stamping, when, &validity) < 0)
		return custody_openssl_settle(err) < 0 ? -1 : custody_fail(err, CUSTODY_ERR_CRYPTO, "the crypto library cannot verify a path");
	int verified = X509_verify_cert(context);
	int error = X509_STORE_CTX_get_error(context);
	if (error == X509_V_ERR_OUT_OF_MEM)
		verified = -1;
	if (verified == 1)
		*good = same_path(context, chain) && agree_on_validity(chain, when, &validity);
	if (!*good)
		(void)snprintf(why, why_size, "OpenSSL does not agree: %s",
			verified == 1 ? "it finds another path or another validity" : X509_verify_cert_error_string(error));
	if (custody_openssl_settle(err) < 0 || error == X509_V_ERR_OUT_OF_MEM) {
		*good = false;
		return custody_fail_nomem(err);
	}
	return 0;
}

static bool same_chain(const struct custody_chain *a, const struct custody_chain *b)
{
	return a->n == b->n && memcmp(a->certificate, b->certificate, a->n * sizeof(a->certificate[0])) == 0;
}

static int openssl_agrees(const struct custody_chain_request *request, const struct custody_chain *chain, bool *good, char *why, size_t why_size,
	struct custody_error *err)
{
	struct custody_memo *memo = request->memo;
	for (size_t i = 0; i < memo->n_chains; i++) {
		if (memo->chain[i].good && memo->chain[i].when == request->when.sec && memo->chain[i].time_stamping == request->time_stamping &&
			same_chain(&memo->chain[i].chain, chain)) {
			*good = true;
			return 0;
		}
	}
	if (ask_openssl(chain, request->time_stamping, request->when, good, why, why_size, err) < 0)
		return -1;
	if (*good && memo->n_chains < CUSTODY_MEMO_CHAINS) {
		memo->chain[memo->n_chains].chain = *chain;
		memo->chain[memo->n_chains].when = request->when.sec;
		memo->chain[memo->n_chains].time_stamping = request->time_stamping;
		memo->chain[memo->n_chains++].good = true;
	}
	return 0;
}

/* ---- the search ---- */

/* One candidate after the other at each place of the path, depth first. */
struct search {
	const struct custody_chain_request *request;
	struct custody_chain path;
	size_t next[CUSTODY_LIMIT_CHAIN]; /* the candidate to try next above this certificate: anchors first, then embedded ones */
	size_t steps;
	char *why; /* NULL in a survey */
	size_t why_size;
	/* a survey's results */
	bool *reached;
	const struct custody_certificate *unfit;
	const char *unfit_why;
};

static const struct custody_certificate *anchor_like(const struct custody_chain_request *request, const struct custody_certificate *c)
{
	for (size_t i = 0; i < request->n_anchors; i++) {
		if (same_certificate(&request->anchors[i], c))
			return &request->anchors[i];
	}
	return NULL;
}

static bool key_fits(const struct custody_chain_request *request, const struct custody_x509 *x)
{
	return custody_x509_key_is_taken(x, request->time_stamping ? AUTHORITY_RSA_BITS : SIGNER_RSA_BITS, request->time_stamping);
}

/* May c stand above the path so far? NULL, or why not. */
static const char *unfit_as_issuer(const struct search *search, const struct custody_certificate *c)
{
	const struct custody_x509 *x = &c->facts;
	uint64_t below = 0; /* CAs below that are not self-issued: RFC 5280 4.2.1.9 */
	for (size_t i = 1; i < search->path.n; i++)
		below += !custody_x509_is_self_issued(&search->path.certificate[i]->facts);
	if (!x->is_ca || (x->key_usage & CUSTODY_USAGE_CERT_SIGN) == 0)
		return "is not a CA with keyCertSign";
	if (x->has_path_length && x->path_length < below)
		return "allows only a shorter path";
	if (x->unknown_critical)
		return "has a critical extension that is not known";
	/* Extended key usage of a CA limits what is below it, by common practice and RFC 3161's purpose. */
	if (search->request->time_stamping && x->has_purposes && (x->purposes & (CUSTODY_PURPOSE_TIME_STAMPING | CUSTODY_PURPOSE_ANY)) == 0)
		return "is not for time-stamping authorities";
	return NULL;
}

/* A certificate that signed the path's top but may not stand there: said in words, or kept for the survey. */
static void note_unfit(struct search *search, const struct custody_certificate *c, const char *why)
{
	char name[NAME_TEXT];
	if (search->why != NULL)
		(void)snprintf(search->why, search->why_size, "the certificate of '%s' %s", custody_x509_subject(c, name, sizeof(name)), why);
	else if (search->unfit == NULL) {
		search->unfit = c;
		search->unfit_why = why;
	}
}

/* Looks at one candidate: *good if it may be the next on the path. */
static int try_candidate(struct search *search, const struct custody_certificate *c, bool *good, struct custody_error *err)
{
	const struct custody_certificate *top = search->path.certificate[search->path.n - 1];
	*good = false;
	for (size_t i = 0; i < search->path.n; i++) {
		if (same_certificate(search->path.certificate[i], c))
			return 0;
	}
	if (custody_certificate_issued_by(search->request->memo, top, c, good, err) < 0)
		return -1;
	if (!*good)
		return 0;
	const char *unfit = unfit_as_issuer(search, c);
	if (unfit != NULL)
		note_unfit(search, c, unfit);
	*good = unfit == NULL;
	if (*good && search->why != NULL && !key_fits(search->request, &c->facts)) {
		note_unfit(search, c, "has a key that is not taken");
		*good = false;
	}
	return 0;
}

/* The next certificate above the path's top that fits, or NULL when all candidates were tried. *anchor: it is one. */
static int climb(struct search *search, const struct custody_certificate **found, bool *anchor, struct custody_error *err)
{
	const struct custody_chain_request *request = search->request;
	size_t *next = &search->next[search->path.n - 1];
	*found = NULL;
	for (bool good = false; *next < request->n_anchors + request->n_embedded;) {
		size_t i = (*next)++;
		*anchor = i < request->n_anchors;
		const struct custody_certificate *c = *anchor ? &request->anchors[i] : request->embedded[i - request->n_anchors];
		if (try_candidate(search, c, &good, err) < 0)
			return -1;
		if (good) {
			if (search->reached != NULL)
				search->reached[i - request->n_anchors] = true;
			*found = c;
			return 0;
		}
	}
	return 0;
}

/* The path is complete but for OpenSSL's opinion. */
static int finish(struct search *search, struct custody_chain *out, struct custody_error *err)
{
	bool good;
	if (openssl_agrees(search->request, &search->path, &good, search->why, search->why_size, err) < 0)
		return -1;
	if (good)
		*out = search->path;
	return 0;
}

/* An authority's path is judged now. One that has expired is only taken where there is no other: of a CA that was certified again, tokens may hold both certificates. */
static bool is_second_best(const struct search *search, const struct custody_chain *chain)
{
	bool early;
	return search->request->time_stamping && custody_chain_validity(chain, search->request->when, &early) != NULL;
}

static int run(struct search *search, struct custody_chain *out, struct custody_error *err)
{
	struct custody_chain second_best = { .n = 0 };
	while (out->n == 0 && search->path.n > 0) {
		const struct custody_certificate *found;
		bool anchor;
		if (climb(search, &found, &anchor, err) < 0)
			return -1;
		if (found == NULL || search->path.n == CUSTODY_LIMIT_CHAIN) {
			search->path.n--;
			continue;
		}
		if (++search->steps > MAX_STEPS)
			return custody_refuse(err, "limit-exceeded", "found too many ways from a certificate to an anchor, want fewer");
		search->next[search->path.n] = 0;
		search->path.certificate[search->path.n++] = found;
		if (!anchor)
			continue;
		if (finish(search, out, err) < 0)
			return -1;
		search->path.n--;
		if (out->n > 0 && is_second_best(search, out)) {
			second_best = second_best.n == 0 ? *out : second_best;
			out->n = 0;
		}
	}
	if (out->n == 0)
		*out = second_best;
	return 0;
}

int custody_chain_build(const struct custody_chain_request *request, struct custody_chain *out, char *why, size_t why_size, struct custody_error *err)
{
	struct search search = { .request = request, .why = why, .why_size = why_size };
	char name[NAME_TEXT];
	*out = (struct custody_chain){ .n = 0 };
	(void)snprintf(why, why_size, "no path from '%s' to an anchor", custody_x509_subject(request->leaf, name, sizeof(name)));
	if (!key_fits(request, &request->leaf->facts)) {
		(void)snprintf(why, why_size, "'%s' has a key that is not taken", custody_x509_subject(request->leaf, name, sizeof(name)));
		return 0;
	}
	search.path.certificate[0] = request->leaf;
	search.path.n = 1;
	if (anchor_like(request, request->leaf) != NULL)
		return finish(&search, out, err);
	return run(&search, out, err);
}

int custody_chain_survey(const struct custody_chain_request *request, bool *reached, const struct custody_certificate **unfit, const char **why,
	struct custody_error *err)
{
	struct custody_chain_request without = *request;
	struct search search = { .request = &without, .reached = reached };
	struct custody_chain none = { .n = 0 };
	without.n_anchors = 0;
	search.path.certificate[0] = request->leaf;
	search.path.n = 1;
	if (run(&search, &none, err) < 0)
		return -1;
	*unfit = search.unfit;
	*why = search.unfit_why;
	return 0;
}

const struct custody_certificate *custody_chain_validity(const struct custody_chain *chain, struct custody_time t, bool *early)
{
	for (size_t i = 0; i == 0 || i + 1 < chain->n; i++) {
		if (!valid_at(&chain->certificate[i]->facts, t, early))
			return chain->certificate[i];
	}
	return NULL;
}

/* The same key, or the same name above both: of a root that is its own. */
static bool same_house(const struct custody_x509 *a, const struct custody_x509 *b)
{
	return custody_bytes_equal(a->public_key, b->public_key) || custody_bytes_equal(a->issuer, b->issuer);
}

bool custody_certificates_related(const struct custody_certificate *const *a, size_t n_a, const struct custody_certificate *const *b, size_t n_b)
{
	for (size_t i = 0; i < n_a; i++) {
		for (size_t k = 0; k < n_b; k++) {
			if (same_house(&a[i]->facts, &b[k]->facts))
				return true;
		}
	}
	return false;
}

bool custody_chain_has(const struct custody_chain *chain, const struct custody_certificate *c)
{
	for (size_t i = 0; i < chain->n; i++) {
		if (same_certificate(chain->certificate[i], c))
			return true;
	}
	return false;
}
