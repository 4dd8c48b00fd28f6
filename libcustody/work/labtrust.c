/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/labtrust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"
#include "libcustody/crypto/crl.h"
#include "libcustody/crypto/issue.h"
#include "libcustody/crypto/signature.h"
#include "libcustody/work/labfile.h"

static const char of_lab[] = "the lab's trust folder";

/* ---- the folder ---- */

void custody_lab_trust_release(struct custody_lab_trust *t)
{
	if (t->open)
		custody_cleanup_fd(&t->dir_fd); /* gives the lock back */
	custody_trust_release(&t->anchors);
	*t = (struct custody_lab_trust){ 0 };
}

int custody_lab_trust_open(const struct custody_lab *l, struct custody_lab_trust *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_lab_trust_release) struct custody_lab_trust t = { 0 };
	CUSTODY_FREE char *dir = NULL;

	if (asprintf(&dir, "%s/trust", l->dir) < 0) {
		dir = NULL;
		return custody_fail_nomem(err);
	}
	t.dir_fd = openat(l->dir_fd, "trust", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	t.open = t.dir_fd >= 0;
	if (!t.open && (errno == ENOENT || errno == ENOTDIR))
		return custody_fail(err, CUSTODY_ERR_INPUT, "there is no folder 'trust' in the lab");
	if (!t.open)
		return custody_fail_errno(err, errno, "cannot open the folder 'trust' of the lab");
	while (flock(t.dir_fd, LOCK_EX) != 0)
		if (errno != EINTR)
			return custody_fail_errno(err, errno, "cannot lock the folder 'trust' of the lab");
	if (custody_trust_load(&t.anchors, dir, err) != 0)
		return -1;
	*out = t;
	t = (struct custody_lab_trust){ 0 };
	return 0;
}

/* ---- lists, and who issued them ---- */

static const struct custody_certificate *find_issuer(const struct custody_crl *crl, const struct custody_certificate *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (custody_issue_crl_is_by(crl, &list[i]))
			return &list[i];
	return NULL;
}

static int append_list(const struct custody_crl *crl, const struct custody_certificate *issuer, struct custody_buf *out, struct custody_error *err)
{
	char who[512] = "an authority whose certificate is not here";

	if (issuer)
		(void)custody_x509_subject(issuer, who, sizeof(who));
	return custody_labfile_crl_text(crl, who, out, err);
}

/* Of anybody in the folder. */
static const struct custody_certificate *find_known_issuer(const struct custody_trust *t, const struct custody_crl *crl)
{
	const struct custody_certificate *c = find_issuer(crl, t->signers, t->n_signers);

	return c ? c : find_issuer(crl, t->tsas, t->n_tsas);
}

int custody_lab_trust_put_own_crl(
	const struct custody_lab_trust *t, const struct custody_certificate *root, const struct custody_crl *crl, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };

	custody_buf_init(&text, CUSTODY_LIMIT_TRUST_FILE);
	if (append_list(crl, root, &text, err) != 0)
		return -1;
	for (size_t i = 0; i < t->anchors.n_crls; i++) {
		const struct custody_crl *other = &t->anchors.crls[i];

		if (!custody_issue_crl_is_by(other, root) && append_list(other, find_known_issuer(&t->anchors, other), &text, err) != 0)
			return custody_fail_in(err, "crls.pem");
	}
	return custody_labfile_write(t->dir_fd, "crls.pem", 0644, true, &text, of_lab, err);
}

/* ---- what is given ---- */

/* Everything in the file, and what becomes of it. */
struct given {
	struct custody_trust all; /* tsas and crls */
	enum custody_lab_trust_fate *fates; /* owned: of all.tsas, then of all.crls */
	bool *drop; /* owned: of the lab's lists: one given takes its place */
};

static void given_cleanup(struct given *g)
{
	custody_trust_release(&g->all);
	free(g->fates);
	free(g->drop);
}

/* A block that is neither would be passed over: a private key, PKCS #7 ... */
static int refuse_other_blocks(const char *p, size_t n, size_t *blocks, struct custody_error *err)
{
	static const char mark[] = "-----BEGIN ";
	static const char *const taken[] = { "CERTIFICATE-----", "X509 CERTIFICATE-----", "TRUSTED CERTIFICATE-----", "X509 CRL-----" };

	for (const char *at = memmem(p, n, mark, sizeof(mark) - 1); at; at = memmem(at, n - (size_t)(at - p), mark, sizeof(mark) - 1)) {
		const char *label = at + sizeof(mark) - 1;
		size_t left = n - (size_t)(label - p), end = 0;
		bool good = false;
		char shown[64];

		for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
			good = good || (left >= strlen(taken[i]) && memcmp(label, taken[i], strlen(taken[i])) == 0);
		while (end < left && label[end] != '-' && label[end] != '\n')
			end++;
		if (!good) {
			(void)custody_fail(err, CUSTODY_ERR_FORMAT, "found a block '%s', want certificates and revocation lists only",
				custody_display(label, end, shown, sizeof(shown)));
			return left >= 4 && memcmp(label, "PKCS", 4) == 0 ? custody_hint(err, "take it apart with: openssl pkcs7 -print_certs") : -1;
		}
		at = label;
		++*blocks;
	}
	return 0;
}

/* One certificate or one list in DER, as authorities publish them. */
static int parse_der(struct given *g, const struct custody_buf *text, struct custody_error *err)
{
	struct custody_error ignored = CUSTODY_ERROR_INIT;

	g->all.crls = calloc(1, sizeof(*g->all.crls));
	g->all.tsas = calloc(1, sizeof(*g->all.tsas));
	if (!g->all.crls || !g->all.tsas)
		return custody_fail_nomem(err);
	if (custody_crl_parse(text->data, text->len, &g->all.crls[0], &ignored) == 0) {
		g->all.n_crls = 1;
		return 0;
	}
	if (custody_certificate_parse(text->data, text->len, &g->all.tsas[0], err) != 0)
		return -1;
	g->all.n_tsas = 1;
	return 0;
}

static int read_given(const char *path, struct given *g, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };
	size_t blocks = 0;

	custody_buf_init(&text, CUSTODY_LIMIT_TRUST_FILE);
	if (custody_fd_slurp(path, CUSTODY_LIMIT_TRUST_FILE, &text, err) != 0)
		return -1;
	/* A SEQUENCE of more than 127 bytes, which no PEM text begins like; what is in it may look like a block. */
	if (text.len > 1 && text.data[0] == 0x30 && (text.data[1] & 0x80))
		return parse_der(g, &text, err);
	if (refuse_other_blocks(custody_buf_str(&text), text.len, &blocks, err) != 0 ||
		custody_trust_add_pem(&g->all, CUSTODY_TRUST_TSAS, text.data, text.len, path, err) != 0 ||
		custody_trust_add_pem(&g->all, CUSTODY_TRUST_CRLS, text.data, text.len, path, err) != 0)
		return -1;
	/* The reader passes over what does not look like the beginning of a block; whoever wrote it meant it. */
	if (g->all.n_tsas + g->all.n_crls != blocks)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "found %zu beginnings of blocks and %zu whole blocks, want each on a line of its own",
			blocks, g->all.n_tsas + g->all.n_crls);
	if (blocks > 0)
		return 0;
	return custody_fail(err, CUSTODY_ERR_FORMAT, "there is neither a certificate nor a revocation list in it");
}

/* ---- certificates ---- */

static bool same_key(const struct custody_certificate *a, const struct custody_certificate *b)
{
	return custody_bytes_equal(a->facts.public_key, b->facts.public_key);
}

/* Whatever shows the authority's name would show the lab's: by what a person reads, since the same name has many encodings. */
static bool same_name(const struct custody_certificate *a, const struct custody_certificate *b)
{
	char x[1024], y[1024];

	return strcmp(custody_x509_subject(a, x, sizeof(x)), custody_x509_subject(b, y, sizeof(y))) == 0;
}

/* Certificates and keys of the lab itself: as an anchor for time-stamps such a one would make the lab's own word look like another's. */
static int refuse_own(const struct custody_lab *l, const struct custody_trust *t, const struct custody_certificate *c, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_lab_stems_release) struct custody_lab_stems stems = { 0 };
	bool own = false, named = false;

	for (size_t i = 0; i < t->n_signers; i++) {
		named = named || same_name(c, &t->signers[i]);
		own = own || same_key(c, &t->signers[i]) || custody_issue_is_by(c, &t->signers[i]);
	}
	if (custody_lab_stems(l, &stems, err) != 0)
		return -1;
	for (size_t i = 0; i < stems.n && !own; i++) {
		CUSTODY_CLEANUP(custody_certificate_release) struct custody_certificate mine = { 0 };

		if (custody_lab_certificate(l, stems.stem[i], &mine, err) != 0)
			return -1;
		own = same_key(c, &mine);
		named = named || same_name(c, &mine);
	}
	if (named && !own)
		return custody_fail(err, CUSTODY_ERR_INPUT,
			"found the name of a certificate of this lab and another key, want another's name: what it stamps would be taken for the "
			"lab's");
	return own ? custody_fail(err, CUSTODY_ERR_INPUT,
			     "found a certificate, or a key, of this lab itself, want another's: what the lab stamps is its own word")
		   : 0;
}

/* NULL, or why it can be no anchor for time-stamps. */
static const char *unfit(const struct custody_certificate *c)
{
	const struct custody_x509 *x = &c->facts;

	if (x->unknown_critical)
		return "found a critical extension that is not known here, want none";
	if (!custody_x509_key_is_taken(x, 2048, true))
		return "found a key that is not taken, want RSA of 2048 bits or more, P-256, P-384 or P-521";
	if (!x->is_ca && custody_x509_unfit_for_stamping(x))
		return "found a certificate that is neither an authority's (CA) nor one for time-stamping, want one of these";
	/* As paths are built (crypto/chain.c): what is passed over there must not look trusted here. */
	if (x->is_ca && !(x->key_usage & CUSTODY_USAGE_CERT_SIGN))
		return "found a CA whose keyUsage lacks keyCertSign";
	if (x->is_ca && x->has_purposes && !(x->purposes & (CUSTODY_PURPOSE_TIME_STAMPING | CUSTODY_PURPOSE_ANY)))
		return "found a CA for other purposes (extended key usage), want one for time-stamping, or for any";
	return x->is_ca && custody_x509_is_self_issued(x) && !custody_issue_is_by(c, c)
		       ? "found a root whose signature does not verify with its own key"
		       : NULL;
}

static int judge_certificate(const struct custody_lab *l, const struct custody_lab_trust *t, struct given *g, size_t i, struct custody_error *err)
{
	const struct custody_certificate *c = &g->all.tsas[i];
	const char *why = NULL;
	char who[256];

	g->fates[i] = CUSTODY_TRUST_ADDED;
	for (size_t j = 0; j < t->anchors.n_tsas; j++)
		if (memcmp(t->anchors.tsas[j].sha256, c->sha256, sizeof(c->sha256)) == 0)
			g->fates[i] = CUSTODY_TRUST_THERE;
	for (size_t j = 0; j < i; j++)
		if (memcmp(g->all.tsas[j].sha256, c->sha256, sizeof(c->sha256)) == 0)
			g->fates[i] = CUSTODY_TRUST_THERE;
	if (g->fates[i] == CUSTODY_TRUST_THERE)
		return 0;
	why = unfit(c);
	if (why)
		(void)custody_fail(err, CUSTODY_ERR_INPUT, "%s", why);
	else if (refuse_own(l, &t->anchors, c, err) == 0)
		return 0;
	return custody_fail_in(err, "certificate %zu (%s)", i + 1, custody_x509_subject(c, who, sizeof(who)));
}

/* ---- lists ---- */

/* The entries of a list, sorted by serial number, the earliest of each first. Borrow from the list. */
struct entries {
	struct custody_crl_entry *at; /* owned */
	size_t n;
};

static void entries_cleanup(struct entries *e)
{
	free(e->at);
}

static int compare_entries(const void *a, const void *b)
{
	const struct custody_crl_entry *x = a, *y = b;

	if (x->serial.n != y->serial.n)
		return x->serial.n < y->serial.n ? -1 : 1;
	int by_serial = memcmp(x->serial.p, y->serial.p, x->serial.n);

	return by_serial != 0 ? by_serial : custody_time_compare(x->since, y->since);
}

/* FORMAT if one of them cannot be read. */
static int collect(const struct custody_crl *crl, struct entries *out, struct custody_error *err)
{
	struct custody_bytes rest = crl->facts.revoked;
	size_t n = custody_issue_crl_count(crl);

	out->at = calloc(n + 1, sizeof(*out->at));
	if (!out->at)
		return custody_fail_nomem(err);
	while (out->n < n && custody_crl_next(&rest, &out->at[out->n]))
		out->n++;
	if (rest.n != 0 || out->n != n)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "entry %zu of it cannot be read", out->n + 1);
	if (n > 1)
		qsort(out->at, n, sizeof(*out->at), compare_entries);
	return 0;
}

/* Each of these is among those, from the same time or before. Both are sorted: one pass over both. */
static bool all_among(const struct entries *these, const struct entries *those)
{
	size_t j = 0;

	for (size_t i = 0; i < these->n; i++) {
		const struct custody_crl_entry *want = &these->at[i];

		if (i > 0 && custody_bytes_equal(want->serial, these->at[i - 1].serial))
			continue; /* later than the one before */
		while (j < those->n && compare_entries(&those->at[j], want) < 0 && !custody_bytes_equal(those->at[j].serial, want->serial))
			j++;
		if (j == those->n || !custody_bytes_equal(those->at[j].serial, want->serial) ||
			custody_time_compare(those->at[j].since, want->since) > 0)
			return false;
	}
	return true;
}

/* One of these issued both: lists of one name may be by different keys, and then neither says anything of the other's certificates. */
static bool issued_both(const struct custody_crl *x, const struct custody_crl *y, const struct custody_certificate *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (custody_issue_crl_is_by(x, &list[i]) && custody_issue_crl_is_by(y, &list[i]))
			return true;
	return false;
}

/* Of the same certificates; the newer one until as late, or later. */
static bool speaks_of_all(const struct custody_crl_facts *newer, const struct custody_crl_facts *older)
{
	bool as_long = !older->has_next_update || (newer->has_next_update && custody_time_compare(newer->next_update, older->next_update) >= 0);

	return as_long && !newer->unusable && custody_bytes_equal(newer->issuer, older->issuer) &&
	       custody_time_compare(newer->this_update, older->this_update) >= 0 && newer->only_user == older->only_user &&
	       newer->only_ca == older->only_ca && custody_bytes_equal(newer->point, older->point);
}

/* All that the older one says, the newer one says too: of the same certificates, each of its entries, from the same time or before. */
static int replaces(const struct custody_lab_trust *t, const struct given *g, const struct custody_crl *newer, const struct custody_crl *older,
	bool *yes, struct custody_error *err)
{
	CUSTODY_CLEANUP(entries_cleanup) struct entries a = { NULL, 0 }, b = { NULL, 0 };

	*yes = speaks_of_all(&newer->facts, &older->facts) &&
	       (issued_both(newer, older, t->anchors.tsas, t->anchors.n_tsas) || issued_both(newer, older, g->all.tsas, g->all.n_tsas));
	if (!*yes)
		return 0;
	if (collect(newer, &a, err) != 0 || collect(older, &b, err) != 0)
		return -1;
	*yes = all_among(&b, &a);
	return 0;
}

static int check_list(const struct custody_lab_trust *t, const struct given *g, const struct custody_crl *crl, struct custody_error *err)
{
	const struct custody_certificate *issuer = NULL;
	struct custody_algorithm algorithm;

	if (crl->facts.unusable)
		return custody_fail(err, CUSTODY_ERR_INPUT, "found a list that says nothing here (%s), want a complete one", crl->facts.unusable);
	if (!custody_algorithm_parse(crl->facts.algorithm, &algorithm))
		return custody_fail(err, CUSTODY_ERR_INPUT, "found a signature by an algorithm that is not taken, want SHA-256 or better");
	if (find_issuer(crl, t->anchors.signers, t->anchors.n_signers)) {
		(void)custody_fail(err, CUSTODY_ERR_INPUT, "found a list of this lab's own root, want another authority's");
		return custody_hint(err, "the lab's own list: custody lab crl");
	}
	issuer = find_issuer(crl, t->anchors.tsas, t->anchors.n_tsas);
	issuer = issuer ? issuer : find_issuer(crl, g->all.tsas, g->all.n_tsas);
	if (!issuer) {
		(void)custody_fail(err, CUSTODY_ERR_INPUT, "found a list that none of the trusted authorities issued");
		return custody_hint(err, "put the certificate of its issuer into the same file");
	}
	/* Names are compared byte by byte where a seal is judged: the list would not be found there. */
	if (!custody_bytes_equal(crl->facts.issuer, issuer->facts.subject))
		return custody_fail(err, CUSTODY_ERR_INPUT,
			"found a list that writes its issuer's name in another way than the certificate, want the same bytes");
	if (!(issuer->facts.key_usage & CUSTODY_USAGE_CRL_SIGN))
		return custody_fail(err, CUSTODY_ERR_INPUT, "found a list whose issuer's keyUsage lacks cRLSign");
	return 0;
}

static bool same_list(const struct custody_crl *a, const struct custody_crl *b)
{
	return a->der_len == b->der_len && memcmp(a->der, b->der, a->der_len) == 0;
}

static bool is_there(const struct custody_crl *crl, const struct custody_crl *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (same_list(crl, &list[i]))
			return true;
	return false;
}

static int find_fate(const struct custody_lab_trust *t, struct given *g, const struct custody_crl *crl, enum custody_lab_trust_fate *fate,
	struct custody_error *err)
{
	bool yes = false;

	for (size_t j = 0; j < t->anchors.n_crls && !yes; j++)
		if (replaces(t, g, &t->anchors.crls[j], crl, &yes, err) != 0)
			return -1;
	*fate = yes ? CUSTODY_TRUST_OLDER : CUSTODY_TRUST_ADDED;
	for (size_t j = 0; j < t->anchors.n_crls && *fate != CUSTODY_TRUST_OLDER; j++) {
		if (replaces(t, g, crl, &t->anchors.crls[j], &yes, err) != 0)
			return -1;
		if (yes)
			g->drop[j] = (*fate = CUSTODY_TRUST_RENEWED, true);
	}
	return 0;
}

static int judge_list(const struct custody_lab_trust *t, struct given *g, size_t i, struct custody_error *err)
{
	CUSTODY_CLEANUP(entries_cleanup) struct entries all = { NULL, 0 };
	const struct custody_crl *crl = &g->all.crls[i];
	enum custody_lab_trust_fate *fate = &g->fates[g->all.n_tsas + i];

	*fate = CUSTODY_TRUST_THERE;
	if (is_there(crl, t->anchors.crls, t->anchors.n_crls) || is_there(crl, g->all.crls, i))
		return 0;
	if (check_list(t, g, crl, err) != 0 || collect(crl, &all, err) != 0 || find_fate(t, g, crl, fate, err) != 0)
		return custody_fail_in(err, "list %zu", i + 1);
	return 0;
}

/* ---- writing ---- */

static bool is_new(const struct given *g, size_t i)
{
	return g->fates[i] == CUSTODY_TRUST_ADDED || g->fates[i] == CUSTODY_TRUST_RENEWED;
}

/* What is in tsas.pem stays, to the byte. */
static int certificates_text(const struct custody_lab_trust *t, const struct given *g, struct custody_buf *out, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf old = { 0 };
	struct stat st;

	custody_buf_init(out, CUSTODY_LIMIT_TRUST_FILE);
	if (fstatat(t->dir_fd, "tsas.pem", &st, 0) == 0) {
		if (custody_labfile_read(t->dir_fd, "tsas.pem", CUSTODY_LIMIT_TRUST_FILE, of_lab, &old, NULL, err) != 0 ||
			custody_buf_append(out, old.data, old.len, err) != 0)
			return -1;
		if (old.len > 0 && old.data[old.len - 1] != '\n' && custody_buf_append_byte(out, '\n', err) != 0)
			return -1;
	} else if (errno != ENOENT) {
		return custody_fail_errno(
			err, errno, "cannot look at 'tsas.pem'"); /* as if there were none, the new would take the place of the old */
	}
	for (size_t i = 0; i < g->all.n_tsas; i++)
		if (is_new(g, i) && custody_labfile_certificate_text(&g->all.tsas[i], out, err) != 0)
			return custody_fail_in(err, "tsas.pem");
	return 0;
}

static int lists_text(const struct custody_lab_trust *t, const struct given *g, struct custody_buf *out, struct custody_error *err)
{
	custody_buf_init(out, CUSTODY_LIMIT_TRUST_FILE);
	for (size_t i = 0; i < t->anchors.n_crls; i++)
		if (!g->drop[i] && append_list(&t->anchors.crls[i], find_known_issuer(&t->anchors, &t->anchors.crls[i]), out, err) != 0)
			return custody_fail_in(err, "crls.pem");
	for (size_t i = 0; i < g->all.n_crls; i++) {
		const struct custody_crl *crl = &g->all.crls[i];
		const struct custody_certificate *issuer = find_known_issuer(&t->anchors, crl);

		if (is_new(g, g->all.n_tsas + i) && append_list(crl, issuer ? issuer : find_issuer(crl, g->all.tsas, g->all.n_tsas), out, err) != 0)
			return custody_fail_in(err, "crls.pem");
	}
	return 0;
}

/* Both are written before the first gets its name; lists first: one of an authority that is not trusted yet says nothing, and the same command again completes it. */
static int write_both(const struct custody_lab_trust *t, const struct given *g, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf certificates = { 0 };
	CUSTODY_BUF_CLEAN struct custody_buf lists = { 0 };
	CUSTODY_LABFILE_CLEAN struct custody_labfile first = { 0 };
	CUSTODY_LABFILE_CLEAN struct custody_labfile second = { 0 };
	bool news[2] = { false, false };

	for (size_t i = 0; i < g->all.n_tsas + g->all.n_crls; i++)
		news[i >= g->all.n_tsas] = news[i >= g->all.n_tsas] || is_new(g, i);
	if (news[0] && (certificates_text(t, g, &certificates, err) != 0 ||
			       custody_labfile_prepare(&second, t->dir_fd, "tsas.pem", 0644, &certificates, of_lab, err) != 0))
		return -1;
	if (news[1] && (lists_text(t, g, &lists, err) != 0 || custody_labfile_prepare(&first, t->dir_fd, "crls.pem", 0644, &lists, of_lab, err) != 0))
		return -1;
	if (news[1] && custody_labfile_place(&first, true, err) != 0)
		return -1;
	return news[0] ? custody_labfile_place(&second, true, err) : 0;
}

/* ---- what is told ---- */

void custody_lab_trust_result_release(struct custody_lab_trust_result *r)
{
	free(r->entries);
	*r = (struct custody_lab_trust_result){ 0 };
}

static void tell(const struct custody_lab_trust *t, const struct given *g, struct custody_time now, struct custody_lab_trust_entry *out, size_t i)
{
	out->list = i >= g->all.n_tsas;
	out->fate = g->fates[i];
	if (out->list) {
		const struct custody_crl *crl = &g->all.crls[i - g->all.n_tsas];
		const struct custody_certificate *issuer = find_known_issuer(&t->anchors, crl);

		issuer = issuer ? issuer : find_issuer(crl, g->all.tsas, g->all.n_tsas);
		if (issuer)
			(void)custody_x509_subject(issuer, out->who, sizeof(out->who));
		out->has_until = crl->facts.has_next_update;
		out->until = crl->facts.next_update;
	} else {
		const struct custody_certificate *c = &g->all.tsas[i];

		(void)custody_x509_subject(c, out->who, sizeof(out->who));
		memcpy(out->sha256, c->sha256, sizeof(out->sha256));
		out->root = custody_x509_is_self_issued(&c->facts);
		out->authority = c->facts.is_ca;
		out->has_until = true;
		out->until = c->facts.not_after;
	}
	out->ended = out->has_until && custody_time_compare(out->until, now) < 0;
}

int custody_lab_trust_add(
	const struct custody_lab *l, const char *path, struct custody_time now, struct custody_lab_trust_result *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_lab_trust_release) struct custody_lab_trust t = { 0 };
	CUSTODY_CLEANUP(given_cleanup) struct given g = { 0 };
	CUSTODY_CLEANUP(custody_lab_trust_result_release) struct custody_lab_trust_result result = { 0 };

	custody_trust_init(&g.all);
	if (read_given(path, &g, err) != 0 || custody_lab_trust_open(l, &t, err) != 0)
		return -1;
	result.n = g.all.n_tsas + g.all.n_crls;
	result.entries = calloc(result.n, sizeof(*result.entries));
	g.fates = calloc(result.n, sizeof(*g.fates));
	g.drop = calloc(t.anchors.n_crls + 1, sizeof(*g.drop));
	if (!result.entries || !g.fates || !g.drop)
		return custody_fail_nomem(err);
	for (size_t i = 0; i < g.all.n_tsas; i++)
		if (judge_certificate(l, &t, &g, i, err) != 0)
			return -1;
	for (size_t i = 0; i < g.all.n_crls; i++)
		if (judge_list(&t, &g, i, err) != 0)
			return -1;
	if (write_both(&t, &g, err) != 0)
		return -1;
	for (size_t i = 0; i < result.n; i++)
		tell(&t, &g, now, &result.entries[i], i);
	*out = result;
	result = (struct custody_lab_trust_result){ 0 };
	return 0;
}
