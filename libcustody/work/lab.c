/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a lab and taking its keys (work/lab.h). Making one is lab_new.c, its configuration conf.c, its journal journal.c. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <unistd.h>

#include "libcustody/base/fd.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"
#include "libcustody/crypto/crl.h"
#include "libcustody/crypto/issue.h"
#include "libcustody/crypto/x509.h"
#include "libcustody/work/lab.h"
#include "libcustody/work/labfile.h"

#define SECONDS_A_DAY INT64_C(86400)
#define WARN_DAYS 14 /* before the revocation list ends (cli.md) */

void custody_lab_release(struct custody_lab *l)
{
	if (l->dir)
		custody_cleanup_fd(&l->dir_fd);
	free(l->dir);
	free(l->organisation);
	free(l->operator_name);
	free(l->role);
	free(l->signer_name);
	free(l->stamper_name);
	free(l->authorities);
	free(l->proxy);
	memset(l, 0, sizeof(*l));
	l->dir_fd = -1;
}

static bool may_stay(uint32_t cp)
{
	if (cp < 0x80)
		return (cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9') || cp == '.' || cp == '_';
	return !custody_utf8_is_unsafe(cp);
}

void custody_lab_file_name(const char *name, char *out)
{
	const uint8_t *p = (const uint8_t *)name;
	size_t left = strlen(name), n = 0, step = 0;

	for (; left > 0; p += step, left -= step) {
		uint32_t cp = 0;
		size_t room = CUSTODY_LAB_FILE_NAME - 1 - n;

		step = custody_utf8_decode(p, left, &cp);
		if (cp >= 'A' && cp <= 'Z')
			cp += 'a' - 'A';
		if (step == 0 || !may_stay(cp)) {
			step = step == 0 ? 1 : step;
			cp = '-';
		}
		if ((cp == '-' || cp == '.') && (n == 0 || out[n - 1] == '-'))
			continue; /* none first, so no hidden file; no two in a row */
		if ((cp < 0x80 ? 1 : step) > room)
			break;
		if (cp < 0x80) {
			out[n++] = (char)cp;
		} else {
			memcpy(out + n, p, step);
			n += step;
		}
	}
	while (n > 0 && (out[n - 1] == '-' || out[n - 1] == '.'))
		n--;
	out[n] = '\0';
}

/* ---- one key after another ---- */

static bool read_generation(const char *digits, unsigned *out)
{
	unsigned n = 0;

	if (digits[0] < '1' || digits[0] > '9')
		return false;
	for (; *digits; digits++) {
		if (*digits < '0' || *digits > '9' || n > CUSTODY_LIMIT_LAB_KEYS)
			return false;
		n = n * 10 + (unsigned)(*digits - '0');
	}
	*out = n;
	return n >= 2 && n <= CUSTODY_LIMIT_LAB_KEYS;
}

bool custody_lab_stem_split(const char *stem, char *holder, unsigned *generation)
{
	const char *mark = strstr(stem, "--");
	size_t n = mark ? (size_t)(mark - stem) : strlen(stem);
	char name[CUSTODY_LAB_FILE_NAME];

	*generation = 1;
	if (n == 0 || n >= sizeof(name) || (mark && !read_generation(mark + 2, generation)))
		return false;
	memcpy(name, stem, n);
	name[n] = '\0';
	custody_lab_file_name(name, holder);
	return strcmp(name, holder) == 0;
}

void custody_lab_stem_join(const char *holder, unsigned generation, char *out)
{
	if (generation == 1)
		(void)snprintf(out, CUSTODY_LAB_STEM, "%s", holder);
	else
		(void)snprintf(out, CUSTODY_LAB_STEM, "%s--%u", holder, generation);
}

static void close_folder(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

void custody_lab_stems_release(struct custody_lab_stems *s)
{
	free(s->stem);
	*s = (struct custody_lab_stems){ NULL, 0 };
}

/* "NAME.pem" that certify could have made. */
static bool is_certificate_name(const char *name, char stem[CUSTODY_LAB_STEM])
{
	char holder[CUSTODY_LAB_FILE_NAME];
	unsigned generation = 0;
	size_t n = strlen(name);

	if (n < 4 || n - 4 >= CUSTODY_LAB_STEM || strcmp(name + n - 4, ".pem") != 0)
		return false;
	memcpy(stem, name, n - 4);
	stem[n - 4] = '\0';
	return custody_lab_stem_split(stem, holder, &generation);
}

static int add_stem(struct custody_lab_stems *s, const char *stem, struct custody_error *err)
{
	if (s->n >= CUSTODY_LIMIT_LAB_CERTIFICATES)
		return custody_fail(
			err, CUSTODY_ERR_LIMIT, "there are more than %d certificates in 'certificates' of the lab", CUSTODY_LIMIT_LAB_CERTIFICATES);
	if ((s->n & (s->n - 1)) == 0) { /* doubles at each power of two */
		void *bigger = reallocarray(s->stem, s->n == 0 ? 1 : s->n * 2, sizeof(*s->stem));

		if (!bigger)
			return custody_fail_nomem(err);
		s->stem = bigger;
	}
	(void)snprintf(s->stem[s->n++], sizeof(*s->stem), "%s", stem);
	return 0;
}

static int compare_stems(const void *a, const void *b)
{
	char holder[2][CUSTODY_LAB_FILE_NAME];
	unsigned generation[2] = { 0, 0 };

	(void)custody_lab_stem_split(a, holder[0], &generation[0]);
	(void)custody_lab_stem_split(b, holder[1], &generation[1]);
	int by_holder = strcmp(holder[0], holder[1]);

	return by_holder != 0 ? by_holder : generation[0] < generation[1] ? -1 : generation[0] > generation[1];
}

int custody_lab_stems(const struct custody_lab *l, struct custody_lab_stems *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_lab_stems_release) struct custody_lab_stems s = { NULL, 0 };
	CUSTODY_CLOSE int fd = openat(l->dir_fd, "certificates", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CUSTODY_CLEANUP(close_folder) DIR *d = fd < 0 ? NULL : fdopendir(fd);
	char stem[CUSTODY_LAB_STEM];

	if (!d)
		return fd < 0 && errno == ENOENT ? 0 : custody_fail_errno(err, errno, "cannot look into 'certificates' of the lab");
	fd = -1; /* the stream's now */
	errno = 0;
	for (struct dirent *e = readdir(d); e; e = readdir(d)) {
		if (is_certificate_name(e->d_name, stem) && add_stem(&s, stem, err) != 0)
			return -1;
		errno = 0;
	}
	if (errno != 0)
		return custody_fail_errno(err, errno, "cannot look into 'certificates' of the lab");
	if (s.n > 1)
		qsort(s.stem, s.n, sizeof(*s.stem), compare_stems);
	*out = s;
	s = (struct custody_lab_stems){ NULL, 0 };
	return 0;
}

int custody_lab_newest(const struct custody_lab *l, const char *holder, char *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_lab_stems_release) struct custody_lab_stems s = { NULL, 0 };
	unsigned best = 1;

	if (custody_lab_stems(l, &s, err) != 0)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		char of[CUSTODY_LAB_FILE_NAME];
		unsigned generation = 0;

		if (custody_lab_stem_split(s.stem[i], of, &generation) && strcmp(of, holder) == 0 && generation > best)
			best = generation;
	}
	custody_lab_stem_join(holder, best, out);
	return 0;
}

/* ---- the folder ---- */

static const char of_lab[] = "the lab";

int custody_lab_open(const char *dir, struct custody_lab *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_lab_release) struct custody_lab at = { .dir_fd = -1 };
	struct custody_lab lab = { .dir_fd = -1 };
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };
	char shown[512];

	(void)custody_display(dir, strlen(dir), shown, sizeof(shown));
	at.dir = strdup(dir);
	if (!at.dir)
		return custody_fail_nomem(err);
	at.dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (at.dir_fd < 0 || faccessat(at.dir_fd, "custody.conf", F_OK, 0) != 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			return custody_fail_errno(err, errno, "cannot open the lab '%s'", shown);
		(void)custody_fail(err, CUSTODY_ERR_INPUT, "there is no lab in '%s'", shown);
		return custody_hint(err, "make one with: custody init LAB");
	}
	if (custody_labfile_read(at.dir_fd, "custody.conf", CUSTODY_LIMIT_CONF, of_lab, &text, NULL, err) != 0 ||
		custody_lab_conf_parse(text.data, text.len, &lab, err) != 0)
		return custody_fail_in(err, "lab '%s'", shown);
	lab.dir = custody_steal(&at.dir);
	lab.dir_fd = at.dir_fd;
	*out = lab;
	return 0;
}

/* ---- one key and its certificate ---- */

/* The stem meant by --as: the newest of that holder; the default's without. */
static int signer_file(const struct custody_lab *l, const char *as, char *out, struct custody_error *err)
{
	char shown[256], holder[CUSTODY_LAB_FILE_NAME];

	custody_lab_file_name(as ? as : l->signer_name, holder);
	if (holder[0] == '\0')
		return custody_fail(err, CUSTODY_ERR_INPUT, "'%s' cannot be the name of a key",
			custody_display(as ? as : "", as ? strlen(as) : 0, shown, sizeof(shown)));
	return custody_lab_newest(l, holder, out, err);
}

static int read_key_file(const struct custody_lab *l, const char *stem, struct custody_buf *out, struct custody_error *err)
{
	char path[CUSTODY_LAB_STEM + 16];

	(void)snprintf(path, sizeof(path), "keys/%s.key", stem);
	if (custody_labfile_read_key(l->dir_fd, path, of_lab, l->dir, out, err) == 0)
		return 0;
	return err->kind == CUSTODY_ERR_INPUT && err->hint[0] == '\0' ? custody_hint(err, "'custody lab show' lists the keys that there are") : -1;
}

int custody_lab_analyst(const struct custody_lab *l, const char *as, char *out, size_t out_size, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_certificate_release) struct custody_certificate c = { 0 };
	char stem[CUSTODY_LAB_STEM];

	if (!as) {
		(void)snprintf(out, out_size, "%s", l->operator_name);
		return 0;
	}
	if (signer_file(l, as, stem, err) != 0)
		return -1;
	if (custody_lab_certificate(l, stem, &c, err) != 0)
		return err->kind == CUSTODY_ERR_INPUT ? custody_hint(err, "'custody lab show' lists the keys that there are") : -1;
	(void)custody_x509_common_name_exact(&c, out, out_size);
	return 0;
}

int custody_lab_needs_passphrase(const struct custody_lab *l, const char *as, bool *needs, struct custody_error *err)
{
	char signer_stem[CUSTODY_LAB_STEM], stamper_stem[CUSTODY_LAB_STEM];
	CUSTODY_CLEANUP(custody_key_pem_release) struct custody_buf signer = { 0 };
	CUSTODY_CLEANUP(custody_key_pem_release) struct custody_buf stamper = { 0 };

	if (signer_file(l, as, signer_stem, err) != 0 || custody_lab_newest(l, l->stamper_name, stamper_stem, err) != 0 ||
		read_key_file(l, signer_stem, &signer, err) != 0 || read_key_file(l, stamper_stem, &stamper, err) != 0)
		return -1;
	*needs = custody_key_pem_is_encrypted(signer.data, signer.len) || custody_key_pem_is_encrypted(stamper.data, stamper.len);
	return 0;
}

int custody_lab_certificate(const struct custody_lab *l, const char *stem, struct custody_certificate *out, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf pem = { 0 };
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust all;
	char path[CUSTODY_LAB_STEM + 32];

	custody_trust_init(&all);
	(void)snprintf(path, sizeof(path), "certificates/%s.pem", stem);
	if (custody_labfile_read(l->dir_fd, path, CUSTODY_LIMIT_KEY_FILE, of_lab, &pem, NULL, err) != 0 ||
		custody_trust_add_pem(&all, CUSTODY_TRUST_SIGNERS, pem.data, pem.len, path, err) != 0)
		return -1;
	if (all.n_signers != 1)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "'%s' holds %zu certificates, want one", path, all.n_signers);
	*out = all.signers[0];
	memset(&all.signers[0], 0, sizeof(all.signers[0]));
	return 0;
}

/* now is within both bounds, in whole seconds: the dates have no fractions, and the last second is still within. */
static bool within(struct custody_time from, struct custody_time until, struct custody_time now)
{
	return now.sec >= from.sec && now.sec <= until.sec;
}

/* As it can be typed: with the lab, and with the holder, whose file name stands before the number of the key. */
static int hint_next_key(const struct custody_lab *l, const char *why, const char *stem, bool stamping, struct custody_error *err)
{
	char holder[CUSTODY_LAB_FILE_NAME], shown[128]; /* a hint has no room for more */
	unsigned generation = 0;

	if (!custody_lab_stem_split(stem, holder, &generation))
		(void)snprintf(holder, sizeof(holder), "%s", stem);
	return custody_hint(err, "%s: custody lab certify --lab %s%s %s", why, custody_display_word(l->dir, shown, sizeof(shown)),
		stamping ? " --tsa" : "", holder);
}

static int hint_crl(const struct custody_lab *l, struct custody_error *err)
{
	char shown[128];

	return custody_hint(err, "make a new one with: custody lab crl --lab %s", custody_display_word(l->dir, shown, sizeof(shown)));
}

/* Whose key or certificate is looked at. */
struct of_key {
	const struct custody_lab *l;
	const char *stem;
	bool stamping;
};

static int refuse_period(const char *what, const struct of_key *k, struct custody_time from, struct custody_time until, struct custody_time now,
	struct custody_error *err)
{
	char text[2][CUSTODY_TIME_TEXT];

	custody_time_format(from, text[0]);
	custody_time_format(until, text[1]);
	(void)custody_fail(err, CUSTODY_ERR_INPUT, "%s of '%s' serves from %s to %s only", what, k->stem, text[0], text[1]);
	if (now.sec < from.sec)
		return custody_hint(err, "is this computer's clock right?");
	return hint_next_key(k->l, "the next key of the same holder", k->stem, k->stamping, err);
}

/* The certificate is one for this, valid now, and the key may be used now. */
static int check_certificate(const struct custody_certificate *c, const struct of_key *k, struct custody_time now, struct custody_error *err)
{
	struct custody_x509 x;
	const char *unfit = NULL;

	if (custody_x509_parse((struct custody_bytes){ c->der, c->der_len }, &x, err) != 0)
		return custody_fail_in(err, "certificate of '%s'", k->stem);
	unfit = k->stamping ? custody_x509_unfit_for_stamping(&x) : custody_x509_unfit_for_sealing(&x);
	if (unfit)
		return custody_fail(err, CUSTODY_ERR_INPUT, "the certificate of '%s' is not one for %s: %s", k->stem,
			k->stamping ? "time-stamping" : "sealing", unfit);
	if (!within(x.not_before, x.not_after, now))
		return refuse_period("the certificate", k, x.not_before, x.not_after, now, err);
	x.use_from = x.has_use_from ? x.use_from : x.not_before;
	x.use_until = x.has_use_until ? x.use_until : x.not_after;
	if (!within(x.use_from, x.use_until, now))
		return refuse_period("the key", k, x.use_from, x.use_until, now, err);
	return 0;
}

/* A trial signature needs no secret value, only one that is not signed anywhere else. */
static int trial_value(void *ctx, uint8_t *p, size_t n, struct custody_error *err)
{
	(void)ctx;
	(void)err;
	memset(p, 't', n);
	return 0;
}

static int load_signer(const struct custody_lab *l, const char *name, bool stamping, const uint8_t *passphrase, size_t passphrase_len,
	struct custody_time now, struct custody_signer *out, struct custody_error *err)
{
	const struct custody_random trial = { trial_value, NULL };
	CUSTODY_CLEANUP(custody_key_pem_release) struct custody_buf pem = { 0 };
	CUSTODY_CLEANUP(custody_signer_release) struct custody_signer s = { 0 };

	if (read_key_file(l, name, &pem, err) != 0)
		return -1;
	if (custody_key_parse_pem(pem.data, pem.len, passphrase, passphrase_len, &s.key, err) != 0)
		return custody_fail_in(err, "key of '%s'", name);
	s.pss = custody_key_is_pss(s.key);
	if (custody_lab_certificate(l, name, &s.certificate, err) != 0 ||
		check_certificate(&s.certificate, &(struct of_key){ l, name, stamping }, now, err) != 0)
		return -1;
	if (custody_signer_try(&s, &trial, err) != 0)
		return custody_fail_in(err, "key of '%s'", name);
	*out = s;
	memset(&s, 0, sizeof(s));
	return 0;
}

/* ---- the root and its revocation list ---- */

static int load_trust(const struct custody_lab *l, struct custody_trust *out, struct custody_error *err)
{
	CUSTODY_FREE char *dir = NULL;

	if (asprintf(&dir, "%s/trust", l->dir) < 0) {
		dir = NULL;
		return custody_fail_nomem(err);
	}
	return custody_trust_load(out, dir, err);
}

static const struct custody_certificate *find_root(const struct custody_trust *t, const struct custody_certificate *leaf)
{
	for (size_t i = 0; i < t->n_signers; i++)
		if (custody_issue_is_by(leaf, &t->signers[i]))
			return &t->signers[i];
	return NULL;
}

/* The newest list of the root. NULL if there is none; *facts borrows from it. */
static int find_crl(const struct custody_trust *t, const struct custody_certificate *root, struct custody_crl **out, struct custody_crl_facts *facts,
	struct custody_error *err)
{
	struct custody_crl_facts f;

	*out = NULL;
	for (size_t i = 0; i < t->n_crls; i++) {
		if (!custody_issue_crl_is_by(&t->crls[i], root))
			continue;
		if (custody_crl_facts_parse((struct custody_bytes){ t->crls[i].der, t->crls[i].der_len }, &f, err) != 0)
			return custody_fail_in(err, "trust/crls.pem of the lab");
		if (f.unusable || !f.has_next_update || (*out && custody_time_compare(f.this_update, facts->this_update) < 0))
			continue;
		*out = &t->crls[i];
		*facts = f;
	}
	return 0;
}

static int check_crl_dates(const struct custody_lab *l, struct custody_time from, struct custody_time until, struct custody_time now, char *warning,
	size_t warning_size, struct custody_error *err)
{
	char text[CUSTODY_TIME_TEXT], shown[128];
	int64_t left = until.sec - now.sec;

	warning[0] = '\0';
	if (custody_time_compare(now, from) < 0) {
		custody_time_format(from, text);
		(void)custody_fail(err, CUSTODY_ERR_INPUT, "the lab's revocation list is of %s, which has not come yet", text);
		return custody_hint(err, "is this computer's clock right?");
	}
	custody_time_format(until, text);
	if (custody_time_compare(now, until) >= 0) {
		(void)custody_fail(err, CUSTODY_ERR_INPUT, "the lab's revocation list ended at %s", text);
		return hint_crl(l, err);
	}
	if (left <= WARN_DAYS * SECONDS_A_DAY)
		(void)snprintf(warning, warning_size,
			"the lab's revocation list ends at %s (%" PRId64 " days left); make a new one with: custody lab crl --lab %s", text,
			left / SECONDS_A_DAY, custody_display_word(l->dir, shown, sizeof(shown)));
	return 0;
}

static int refuse_revoked(const struct custody_crl_facts *crl, const struct custody_certificate *c, const struct of_key *k, struct custody_error *err)
{
	struct custody_x509 x;
	struct custody_time since;
	bool revoked = false;

	if (custody_x509_parse((struct custody_bytes){ c->der, c->der_len }, &x, err) != 0)
		return -1;
	if (!custody_crl_find(crl, x.serial, &revoked, &since))
		return custody_fail(err, CUSTODY_ERR_FORMAT, "an entry of the lab's revocation list cannot be read");
	if (!revoked)
		return 0;
	(void)custody_fail(err, CUSTODY_ERR_INPUT, "the certificate of '%s' is revoked", k->stem);
	return hint_next_key(k->l, "a new key of the same holder", k->stem, k->stamping, err);
}

/* Root and list for both keys; gives the list. */
static int take_crl(const struct custody_lab *l, const char *name, const char *stamper, struct custody_time now, struct custody_lab_keys *k,
	char *warning, size_t warning_size, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust t;
	const struct custody_certificate *root = NULL;
	struct custody_crl *crl = NULL;
	struct custody_crl_facts facts;

	custody_trust_init(&t);
	if (load_trust(l, &t, err) != 0)
		return -1;
	root = find_root(&t, &k->signer.certificate);
	if (!root || !custody_issue_is_by(&k->stamper.certificate, root))
		return custody_fail(err, CUSTODY_ERR_INPUT,
			"trust/signers.pem of the lab holds no root that issued the certificates of both '%s' and '%s'", name, stamper);
	if (find_crl(&t, root, &crl, &facts, err) != 0)
		return -1;
	if (!crl) {
		(void)custody_fail(err, CUSTODY_ERR_INPUT, "trust/crls.pem of the lab holds no revocation list of its root");
		return hint_crl(l, err);
	}
	if (check_crl_dates(l, facts.this_update, facts.next_update, now, warning, warning_size, err) != 0 ||
		refuse_revoked(&facts, &k->signer.certificate, &(struct of_key){ l, name, false }, err) != 0 ||
		refuse_revoked(&facts, &k->stamper.certificate, &(struct of_key){ l, stamper, true }, err) != 0)
		return -1;
	memcpy(k->anchor_sha256, root->sha256, sizeof(k->anchor_sha256));
	k->crl = *crl;
	memset(crl, 0, sizeof(*crl));
	return 0;
}

int custody_lab_load_keys(const struct custody_lab *l, const char *as, const uint8_t *passphrase, size_t passphrase_len, struct custody_time now,
	struct custody_lab_keys *out, char *warning, size_t warning_size, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_lab_keys_release) struct custody_lab_keys k = { 0 };
	char name[CUSTODY_LAB_STEM], stamper[CUSTODY_LAB_STEM];

	if (signer_file(l, as, name, err) != 0 || custody_lab_newest(l, l->stamper_name, stamper, err) != 0 ||
		load_signer(l, name, false, passphrase, passphrase_len, now, &k.signer, err) != 0 ||
		load_signer(l, stamper, true, passphrase, passphrase_len, now, &k.stamper, err) != 0 ||
		take_crl(l, name, stamper, now, &k, warning, warning_size, err) != 0)
		return -1;
	*out = k;
	memset(&k, 0, sizeof(k));
	return 0;
}

void custody_lab_keys_release(struct custody_lab_keys *k)
{
	custody_signer_release(&k->signer);
	custody_signer_release(&k->stamper);
	custody_crl_release(&k->crl);
	memset(k, 0, sizeof(*k));
}

/* ---- the authority alone ---- */

int custody_lab_stamper_needs_passphrase(const struct custody_lab *l, bool *needs, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_key_pem_release) struct custody_buf pem = { 0 };
	char stem[CUSTODY_LAB_STEM];

	if (custody_lab_newest(l, l->stamper_name, stem, err) != 0 || read_key_file(l, stem, &pem, err) != 0)
		return -1;
	*needs = custody_key_pem_is_encrypted(pem.data, pem.len);
	return 0;
}

/* Its root is one that verifiers are told to trust for time, the root's newest list does not name it. facts borrows from t. */
static int find_stamper_crl(const struct custody_lab *l, const struct custody_signer *stamper, struct custody_trust *t,
	struct custody_crl_facts *facts, struct custody_error *err)
{
	const struct custody_certificate *root = NULL;
	struct custody_crl *crl = NULL;

	if (load_trust(l, t, err) != 0)
		return -1;
	for (size_t i = 0; i < t->n_tsas && !root; i++)
		if (custody_issue_is_by(&stamper->certificate, &t->tsas[i]))
			root = &t->tsas[i];
	if (!root)
		return custody_fail(
			err, CUSTODY_ERR_INPUT, "trust/tsas.pem of the lab holds no root that issued the certificate of '%s'", l->stamper_name);
	if (find_crl(t, root, &crl, facts, err) != 0)
		return -1;
	if (!crl) {
		(void)custody_fail(err, CUSTODY_ERR_INPUT, "trust/crls.pem of the lab holds no revocation list of its root");
		return hint_crl(l, err);
	}
	return refuse_revoked(facts, &stamper->certificate, &(struct of_key){ l, l->stamper_name, true }, err);
}

int custody_lab_load_stamper(const struct custody_lab *l, const uint8_t *passphrase, size_t passphrase_len, struct custody_time now,
	struct custody_signer *out, char *warning, size_t warning_size, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_signer_release) struct custody_signer s = { 0 };
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust t;
	struct custody_crl_facts facts;
	char stem[CUSTODY_LAB_STEM];

	custody_trust_init(&t);
	if (custody_lab_newest(l, l->stamper_name, stem, err) != 0 || load_signer(l, stem, true, passphrase, passphrase_len, now, &s, err) != 0 ||
		find_stamper_crl(l, &s, &t, &facts, err) != 0 ||
		check_crl_dates(l, facts.this_update, facts.next_update, now, warning, warning_size, err) != 0)
		return -1;
	*out = s;
	memset(&s, 0, sizeof(s));
	return 0;
}

int custody_lab_check_stamper(const struct custody_lab *l, const struct custody_signer *stamper, struct custody_time now, struct custody_error *err)
{
	return check_certificate(&stamper->certificate, &(struct of_key){ l, l->stamper_name, true }, now, err);
}

int custody_lab_check_stamper_revocation(const struct custody_lab *l, const struct custody_signer *stamper, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust t;
	struct custody_crl_facts facts;

	custody_trust_init(&t);
	return find_stamper_crl(l, stamper, &t, &facts, err);
}
