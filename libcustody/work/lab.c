/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a lab and taking its keys (work/lab.h). Making one is lab_new.c, its configuration conf.c, its journal journal.c. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/base/fd.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"
#include "libcustody/crypto/crl.h"
#include "libcustody/crypto/issue.h"
#include "libcustody/crypto/x509.h"
#include "libcustody/work/lab.h"

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

/* ---- files of the folder ---- */

/* Opens LAB/path. INPUT if it is not there; a folder, FIFO or device is not taken. */
static int open_in(const struct custody_lab *l, const char *path, struct stat *st, struct custody_error *err)
{
	CUSTODY_CLOSE int fd = openat(l->dir_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char shown[512];
	int taken = fd;

	(void)custody_display(path, strlen(path), shown, sizeof(shown));
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return custody_fail(err, CUSTODY_ERR_INPUT, "there is no '%s' in the lab", shown);
	if (fd < 0 || fstat(fd, st) != 0)
		return custody_fail_errno(err, errno, "cannot open '%s' of the lab", shown);
	if (!S_ISREG(st->st_mode))
		return custody_fail(err, CUSTODY_ERR_INPUT, "'%s' of the lab is not a regular file", shown);
	fd = -1;
	return taken;
}

/* The whole file into memory that is reserved at once: it never grows, so cleansing it once is enough for a key. */
static int read_all(int fd, const struct stat *st, const char *path, size_t max, struct custody_buf *out, struct custody_error *err)
{
	size_t got = 0;

	if ((uint64_t)st->st_size > max)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "'%s' of the lab has %jd bytes, want at most %zu", path, (intmax_t)st->st_size, max);
	custody_buf_init(out, max);
	if (custody_buf_reserve(out, (size_t)st->st_size, err) != 0 || custody_fd_read(fd, out->data, (size_t)st->st_size, &got, path, err) != 0)
		return -1;
	out->len = got;
	out->data[got] = 0;
	return 0;
}

static int read_in(const struct custody_lab *l, const char *path, size_t max, struct custody_buf *out, struct custody_error *err)
{
	struct stat st;
	CUSTODY_CLOSE int fd = open_in(l, path, &st, err);

	return fd < 0 ? -1 : read_all(fd, &st, path, max, out, err);
}

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
	if (at.dir_fd < 0 && errno != ENOENT && errno != ENOTDIR)
		return custody_fail_errno(err, errno, "cannot open the lab '%s'", shown);
	if (at.dir_fd < 0 || faccessat(at.dir_fd, "custody.conf", F_OK, 0) != 0) {
		(void)custody_fail(err, CUSTODY_ERR_INPUT, "there is no lab in '%s'", shown);
		return custody_hint(err, "make one with: custody init LAB");
	}
	if (read_in(&at, "custody.conf", CUSTODY_LIMIT_CONF, &text, err) != 0 || custody_lab_conf_parse(text.data, text.len, &lab, err) != 0)
		return custody_fail_in(err, "lab '%s'", shown);
	lab.dir = custody_steal(&at.dir);
	lab.dir_fd = at.dir_fd;
	*out = lab;
	return 0;
}

/* ---- one key and its certificate ---- */

/* The file name meant by --as; the default's without. */
static int signer_file(const struct custody_lab *l, const char *as, char *out, struct custody_error *err)
{
	char shown[256];

	custody_lab_file_name(as ? as : l->signer_name, out);
	if (out[0] == '\0')
		return custody_fail(err, CUSTODY_ERR_INPUT, "'%s' cannot be the name of a key",
			custody_display(as ? as : "", as ? strlen(as) : 0, shown, sizeof(shown)));
	return 0;
}

/* The key file's text, at most CUSTODY_LIMIT_KEY_FILE bytes; mode and bytes are those of one descriptor. */
static int read_key_file(const struct custody_lab *l, const char *name, struct custody_buf *out, struct custody_error *err)
{
	char path[CUSTODY_LAB_FILE_NAME + 16], lab[256];
	struct stat st;
	CUSTODY_CLOSE int fd = -1;

	(void)snprintf(path, sizeof(path), "keys/%s.key", name);
	fd = open_in(l, path, &st, err);
	if (fd < 0)
		return err->kind == CUSTODY_ERR_INPUT ? custody_hint(err, "'custody lab show' lists the keys that there are") : -1;
	if (st.st_mode & (S_IRWXG | S_IRWXO)) {
		(void)custody_fail(err, CUSTODY_ERR_INPUT, "the key '%s' has mode %04o, want 0600: others can read or change it", path,
			(unsigned)(st.st_mode & 07777));
		return custody_hint(err, "chmod 600 '%s/%s', and consider whether the key is still only yours",
			custody_display(l->dir, strlen(l->dir), lab, sizeof(lab)), path);
	}
	return read_all(fd, &st, path, CUSTODY_LIMIT_KEY_FILE, out, err);
}

int custody_lab_needs_passphrase(const struct custody_lab *l, const char *as, bool *needs, struct custody_error *err)
{
	char name[CUSTODY_LAB_FILE_NAME];
	CUSTODY_CLEANUP(custody_key_pem_release) struct custody_buf signer = { 0 };
	CUSTODY_CLEANUP(custody_key_pem_release) struct custody_buf stamper = { 0 };

	if (signer_file(l, as, name, err) != 0 || read_key_file(l, name, &signer, err) != 0 || read_key_file(l, l->stamper_name, &stamper, err) != 0)
		return -1;
	*needs = custody_key_pem_is_encrypted(signer.data, signer.len) || custody_key_pem_is_encrypted(stamper.data, stamper.len);
	return 0;
}

static int load_certificate(const struct custody_lab *l, const char *name, struct custody_certificate *out, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf pem = { 0 };
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust all;
	char path[CUSTODY_LAB_FILE_NAME + 32];

	custody_trust_init(&all);
	(void)snprintf(path, sizeof(path), "certificates/%s.pem", name);
	if (read_in(l, path, CUSTODY_LIMIT_KEY_FILE, &pem, err) != 0 ||
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

static int refuse_period(
	const char *what, const char *name, struct custody_time from, struct custody_time until, struct custody_time now, struct custody_error *err)
{
	char text[2][CUSTODY_TIME_TEXT];

	custody_time_format(from, text[0]);
	custody_time_format(until, text[1]);
	(void)custody_fail(err, CUSTODY_ERR_INPUT, "%s of '%s' serves from %s to %s only", what, name, text[0], text[1]);
	return custody_hint(err, now.sec < from.sec ? "is this computer's clock right?" : "the next key of the same holder: custody lab certify");
}

/* The certificate is one for this, valid now, and the key may be used now. */
static int check_certificate(const struct custody_certificate *c, const char *name, bool stamping, struct custody_time now, struct custody_error *err)
{
	struct custody_x509 x;
	const char *unfit = NULL;

	if (custody_x509_parse((struct custody_bytes){ c->der, c->der_len }, &x, err) != 0)
		return custody_fail_in(err, "certificate of '%s'", name);
	unfit = stamping ? custody_x509_unfit_for_stamping(&x) : custody_x509_unfit_for_sealing(&x);
	if (unfit)
		return custody_fail(
			err, CUSTODY_ERR_INPUT, "the certificate of '%s' is not one for %s: %s", name, stamping ? "time-stamping" : "sealing", unfit);
	if (!within(x.not_before, x.not_after, now))
		return refuse_period("the certificate", name, x.not_before, x.not_after, now, err);
	x.use_from = x.has_use_from ? x.use_from : x.not_before;
	x.use_until = x.has_use_until ? x.use_until : x.not_after;
	if (!within(x.use_from, x.use_until, now))
		return refuse_period("the key", name, x.use_from, x.use_until, now, err);
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
	s.pss = EVP_PKEY_is_a(s.key, "RSA-PSS") == 1;
	if (load_certificate(l, name, &s.certificate, err) != 0 || check_certificate(&s.certificate, name, stamping, now, err) != 0)
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

static int check_crl_dates(
	struct custody_time from, struct custody_time until, struct custody_time now, char *warning, size_t warning_size, struct custody_error *err)
{
	char text[CUSTODY_TIME_TEXT];
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
		return custody_hint(err, "make a new one with: custody lab crl");
	}
	if (left <= WARN_DAYS * SECONDS_A_DAY)
		(void)snprintf(warning, warning_size,
			"the lab's revocation list ends at %s (%" PRId64 " days left); make a new one with: custody lab crl", text,
			left / SECONDS_A_DAY);
	return 0;
}

static int refuse_revoked(const struct custody_crl_facts *crl, const struct custody_certificate *c, const char *name, struct custody_error *err)
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
	(void)custody_fail(err, CUSTODY_ERR_INPUT, "the certificate of '%s' is revoked", name);
	return custody_hint(err, "a new key of the same holder: custody lab certify");
}

/* Root and list for both keys; gives the list. */
static int take_crl(const struct custody_lab *l, const char *name, struct custody_time now, struct custody_lab_keys *k, char *warning,
	size_t warning_size, struct custody_error *err)
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
			"trust/signers.pem of the lab holds no root that issued the certificates of both '%s' and '%s'", name, l->stamper_name);
	if (find_crl(&t, root, &crl, &facts, err) != 0)
		return -1;
	if (!crl) {
		(void)custody_fail(err, CUSTODY_ERR_INPUT, "trust/crls.pem of the lab holds no revocation list of its root");
		return custody_hint(err, "make one with: custody lab crl");
	}
	if (check_crl_dates(facts.this_update, facts.next_update, now, warning, warning_size, err) != 0 ||
		refuse_revoked(&facts, &k->signer.certificate, name, err) != 0 ||
		refuse_revoked(&facts, &k->stamper.certificate, l->stamper_name, err) != 0)
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
	char name[CUSTODY_LAB_FILE_NAME];

	if (signer_file(l, as, name, err) != 0 || load_signer(l, name, false, passphrase, passphrase_len, now, &k.signer, err) != 0 ||
		load_signer(l, l->stamper_name, true, passphrase, passphrase_len, now, &k.stamper, err) != 0 ||
		take_crl(l, name, now, &k, warning, warning_size, err) != 0)
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

	if (read_key_file(l, l->stamper_name, &pem, err) != 0)
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
		return custody_hint(err, "make one with: custody lab crl");
	}
	return refuse_revoked(facts, &stamper->certificate, l->stamper_name, err);
}

int custody_lab_load_stamper(const struct custody_lab *l, const uint8_t *passphrase, size_t passphrase_len, struct custody_time now,
	struct custody_signer *out, char *warning, size_t warning_size, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_signer_release) struct custody_signer s = { 0 };
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust t;
	struct custody_crl_facts facts;

	custody_trust_init(&t);
	if (load_signer(l, l->stamper_name, true, passphrase, passphrase_len, now, &s, err) != 0 || find_stamper_crl(l, &s, &t, &facts, err) != 0 ||
		check_crl_dates(facts.this_update, facts.next_update, now, warning, warning_size, err) != 0)
		return -1;
	*out = s;
	memset(&s, 0, sizeof(s));
	return 0;
}

int custody_lab_check_stamper(const struct custody_lab *l, const struct custody_signer *stamper, struct custody_time now, struct custody_error *err)
{
	return check_certificate(&stamper->certificate, l->stamper_name, true, now, err);
}

int custody_lab_check_stamper_revocation(const struct custody_lab *l, const struct custody_signer *stamper, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust t;
	struct custody_crl_facts facts;

	custody_trust_init(&t);
	return find_stamper_crl(l, stamper, &t, &facts, err);
}
