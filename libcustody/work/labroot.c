/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/labroot.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/utf8.h"
#include "libcustody/crypto/crl.h"
#include "libcustody/crypto/issue.h"
#include "libcustody/crypto/sign.h"
#include "libcustody/work/labfile.h"
#include "libcustody/work/labtrust.h"
#include "libcustody/work/rootstate.h"

static const char of_root[] = "the root's folder";
static const char of_lab[] = "the lab";

/* An opened root, both folders locked. */
struct root {
	char *dir; /* as given, or LAB/root */
	int dir_fd;
	struct custody_root_state state;
	struct custody_signer signer; /* its key and certificate */
	struct custody_lab_trust trust; /* LAB/trust, locked */
	struct custody_time now; /* whole seconds */
	struct custody_crl crl; /* the new list */
};

static void root_cleanup(struct root *r)
{
	custody_lab_trust_release(&r->trust);
	custody_root_state_release(&r->state);
	custody_signer_release(&r->signer);
	custody_crl_release(&r->crl);
	if (r->dir)
		custody_cleanup_fd(&r->dir_fd);
	free(r->dir);
}

/* ---- opening ---- */

static int open_folder(const struct custody_lab *l, const char *dir, struct root *r, struct custody_error *err)
{
	char shown[512];

	r->dir_fd = -1;
	if (dir)
		r->dir = strdup(dir);
	else if (asprintf(&r->dir, "%s/root", l->dir) < 0)
		r->dir = NULL;
	if (!r->dir)
		return custody_fail_nomem(err);
	(void)custody_display(r->dir, strlen(r->dir), shown, sizeof(shown));
	r->dir_fd = open(r->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->dir_fd >= 0)
		return 0;
	if (errno != ENOENT && errno != ENOTDIR)
		return custody_fail_errno(err, errno, "cannot open the root's folder '%s'", shown);
	(void)custody_fail(err, CUSTODY_ERR_INPUT, "there is no root in '%s'", shown);
	return custody_hint(err, "if the root is kept elsewhere, say where with --root DIR");
}

int custody_lab_root_needs_passphrase(const struct custody_lab *l, const char *dir, bool *needs, struct custody_error *err)
{
	CUSTODY_CLEANUP(root_cleanup) struct root r = { 0 };
	CUSTODY_CLEANUP(custody_key_pem_release) struct custody_buf pem = { 0 };

	if (open_folder(l, dir, &r, err) != 0 || custody_labfile_read_key(r.dir_fd, "root.key", of_root, r.dir, &pem, err) != 0)
		return -1;
	*needs = custody_key_pem_is_encrypted(pem.data, pem.len);
	return 0;
}

static int lock(int fd, const char *of, struct custody_error *err)
{
	while (flock(fd, LOCK_EX) != 0)
		if (errno != EINTR)
			return custody_fail_errno(err, errno, "cannot lock %s", of);
	return 0;
}

static int load_state(struct root *r, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };

	return custody_labfile_read(r->dir_fd, "state.json", CUSTODY_LIMIT_ROOT_STATE, of_root, &text, NULL, err) != 0 ||
			       custody_root_state_parse(text.data, text.len, &r->state, err) != 0
		       ? -1
		       : 0;
}

static int load_certificate(struct root *r, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf pem = { 0 };
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust all;

	custody_trust_init(&all);
	if (custody_labfile_read(r->dir_fd, "root.pem", CUSTODY_LIMIT_KEY_FILE, of_root, &pem, NULL, err) != 0 ||
		custody_trust_add_pem(&all, CUSTODY_TRUST_SIGNERS, pem.data, pem.len, "root.pem", err) != 0)
		return -1;
	if (all.n_signers != 1)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "'root.pem' of the root's folder holds %zu certificates, want one", all.n_signers);
	r->signer.certificate = all.signers[0];
	memset(&all.signers[0], 0, sizeof(all.signers[0]));
	return 0;
}

/* A trial signature needs no secret value, only one that is not signed anywhere else. */
static int trial_value(void *ctx, uint8_t *p, size_t n, struct custody_error *err)
{
	(void)ctx;
	(void)err;
	memset(p, 'r', n);
	return 0;
}

static int load_key(const struct custody_lab_root *root, struct root *r, struct custody_error *err)
{
	const struct custody_random trial = { trial_value, NULL };
	CUSTODY_CLEANUP(custody_key_pem_release) struct custody_buf pem = { 0 };

	if (custody_labfile_read_key(r->dir_fd, "root.key", of_root, r->dir, &pem, err) != 0)
		return -1;
	if (custody_key_parse_pem(pem.data, pem.len, root->passphrase, root->passphrase_len, &r->signer.key, err) != 0)
		return custody_fail_in(err, "key of the root");
	r->signer.pss = custody_key_is_pss(r->signer.key);
	return custody_signer_try(&r->signer, &trial, err) != 0 ? custody_fail_in(err, "key of the root") : 0;
}

/* The root is this lab's, and serves now. */
static int check_root(const struct root *r, struct custody_error *err)
{
	const struct custody_certificate *c = &r->signer.certificate;
	char text[CUSTODY_TIME_TEXT];
	bool known = false;

	for (size_t i = 0; i < r->trust.anchors.n_signers; i++)
		known = known || memcmp(r->trust.anchors.signers[i].sha256, c->sha256, sizeof(c->sha256)) == 0;
	if (!known)
		return custody_fail(err, CUSTODY_ERR_INPUT, "the root is not this lab's: trust/signers.pem does not hold its certificate");
	if (memcmp(r->state.certificates[0].sha256, c->sha256, sizeof(c->sha256)) != 0)
		return custody_fail(err, CUSTODY_ERR_INPUT, "state.json is another root's: its first certificate is not that of root.pem");
	custody_time_format(c->facts.not_after, text);
	if (custody_time_compare(r->now, c->facts.not_after) > 0)
		return custody_fail(err, CUSTODY_ERR_INPUT, "the root's certificate ended at %s: it can issue nothing any more", text);
	custody_time_format(c->facts.not_before, text);
	if (custody_time_compare(r->now, c->facts.not_before) >= 0)
		return 0;
	(void)custody_fail(err, CUSTODY_ERR_INPUT, "the root's certificate begins at %s, which has not come yet", text);
	return custody_hint(err, "is this computer's clock right?");
}

/* A state that lacks what was published is an old copy: from it, numbers would come again and revocations be lost. */
static int refuse_old_copy(const struct root *r, const char *what, struct custody_error *err)
{
	char shown[200];

	(void)custody_fail(
		err, CUSTODY_ERR_INPUT, "state.json in '%s' is an old copy: %s", custody_display(r->dir, strlen(r->dir), shown, sizeof(shown)), what);
	return custody_hint(err, "use the newest copy of the root's folder; every use of the root changes it");
}

static int check_published(const struct root *r, const struct custody_crl *crl, struct custody_error *err)
{
	char text[CUSTODY_TIME_TEXT], what[160];
	uint64_t number = 0;

	if (!custody_issue_crl_number(crl, &number))
		return custody_fail(err, CUSTODY_ERR_FORMAT, "trust/crls.pem of the lab: a list of the root has no number");
	if (number > r->state.crl_number) {
		(void)snprintf(
			what, sizeof(what), "it knows of list %" PRIu64 ", and trust/crls.pem holds list %" PRIu64, r->state.crl_number, number);
		return refuse_old_copy(r, what, err);
	}
	for (size_t i = 0; i < custody_issue_crl_count(crl); i++) {
		struct custody_bytes serial;
		const struct custody_root_certificate *known = NULL;

		if (custody_issue_crl_serial(crl, i, &serial))
			known = custody_root_state_find(&r->state, serial);
		if (!known || !known->revoked)
			return refuse_old_copy(r, "trust/crls.pem holds a revocation that it does not know", err);
	}
	if (custody_time_compare(r->now, crl->facts.this_update) >= 0)
		return 0;
	custody_time_format(crl->facts.this_update, text);
	(void)custody_fail(err, CUSTODY_ERR_INPUT, "the lab's revocation list is of %s, which has not come yet", text);
	return custody_hint(err, "is this computer's clock right?");
}

static int open_root(const struct custody_lab_root *root, struct root *r, struct custody_error *err)
{
	if (open_folder(root->lab, root->dir, r, err) != 0 || lock(r->dir_fd, of_root, err) != 0 || load_certificate(r, err) != 0 ||
		load_state(r, err) != 0 || custody_lab_trust_open(root->lab, &r->trust, err) != 0 || load_key(root, r, err) != 0)
		return -1;
	/* After the locks, which may have been waited for. */
	if (root->clock->now(root->clock->ctx, &r->now, err) != 0)
		return -1;
	r->now.nsec = 0;
	if (check_root(r, err) != 0)
		return -1;
	for (size_t i = 0; i < r->trust.anchors.n_crls; i++)
		if (custody_issue_crl_is_by(&r->trust.anchors.crls[i], &r->signer.certificate) &&
			check_published(r, &r->trust.anchors.crls[i], err) != 0)
			return -1;
	return 0;
}

/* ---- issuing ---- */

/* The next list, with all that the state holds, in memory. */
static int make_crl(struct root *r, struct custody_error *err)
{
	CUSTODY_FREE struct custody_revoked *revoked = calloc(r->state.n, sizeof(*revoked));
	struct custody_issue_crl_request request = { &r->signer.certificate, r->signer.key, r->state.crl_number + 1, r->now, revoked, 0 };

	if (!revoked)
		return custody_fail_nomem(err);
	for (size_t i = 0; i < r->state.n; i++) {
		const struct custody_root_certificate *c = &r->state.certificates[i];

		if (c->revoked)
			revoked[request.n_revoked++] =
				(struct custody_revoked){ c->serial, c->serial_len, c->when, c->reason, c->has_since, c->since };
	}
	if (custody_issue_crl(&request, &r->crl, err) != 0)
		return -1;
	r->state.crl_number++;
	return 0;
}

static int write_state(const struct root *r, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };

	custody_buf_init(&text, CUSTODY_LIMIT_ROOT_STATE);
	if (custody_root_state_format(&r->state, &text, err) != 0)
		return custody_fail_in(err, "state.json");
	return custody_labfile_write(r->dir_fd, "state.json", 0644, true, &text, of_root, err);
}

static void tell_crl(const struct root *r, struct custody_lab_issued *out)
{
	out->crl_number = r->state.crl_number;
	out->crl_from = r->crl.facts.this_update;
	out->crl_until = r->crl.facts.next_update;
	out->n_revoked = custody_issue_crl_count(&r->crl);
}

int custody_lab_crl(const struct custody_lab_root *root, struct custody_lab_issued *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(root_cleanup) struct root r = { 0 };

	*out = (struct custody_lab_issued){ 0 };
	if (open_root(root, &r, err) != 0 || make_crl(&r, err) != 0 || write_state(&r, err) != 0 ||
		custody_lab_trust_put_own_crl(&r.trust, &r.signer.certificate, &r.crl, err) != 0)
		return -1;
	tell_crl(&r, out);
	return 0;
}

/* ---- certify ---- */

/* A certificate in the making. */
struct candidate {
	enum custody_issue_kind kind;
	char holder[CUSTODY_LAB_FILE_NAME], stem[CUSTODY_LAB_STEM], previous[CUSTODY_LAB_STEM];
	const char *name; /* borrowed: the holder's, as it was or as it was given */
	struct evp_pkey_st *key;
	struct custody_certificate certificate;
	struct custody_labfile key_file, certificate_file;
};

static void candidate_cleanup(struct candidate *c)
{
	custody_key_free(&c->key);
	custody_certificate_release(&c->certificate);
	custody_labfile_abandon(&c->key_file);
	custody_labfile_abandon(&c->certificate_file);
}

static const char *kind_words(enum custody_issue_kind kind)
{
	return kind == CUSTODY_ISSUE_STAMPING ? "time-stamping" : "sealing";
}

/*
 * The file name of the holder. 'ada--2' is the second key of Ada, as `lab show` and every hint have it, and not a person who is called so: the next key would be
 * that of somebody who does not exist, and her own would stay expired.
 */
static void name_holder(const struct root *r, const char *name, char holder[CUSTODY_LAB_FILE_NAME])
{
	char its[CUSTODY_LAB_FILE_NAME], theirs[CUSTODY_LAB_FILE_NAME];
	unsigned n = 0;

	custody_lab_file_name(name, holder);
	if (!custody_lab_stem_split(name, its, &n))
		return;
	for (size_t i = 1; i < r->state.n; i++)
		if (custody_lab_stem_split(r->state.certificates[i].file, theirs, &n) && strcmp(its, theirs) == 0)
			memcpy(holder, its, sizeof(its));
}

/* It is the holder's name, or that of one of their key files. */
static bool names_holder(const char *name, const struct root *r, const struct custody_root_certificate *e)
{
	char its[CUSTODY_LAB_FILE_NAME], holder[CUSTODY_LAB_FILE_NAME];
	unsigned n = 0;

	name_holder(r, name, holder);
	return strcmp(name, e->name) == 0 || (custody_lab_stem_split(name, its, &n) && strcmp(its, holder) == 0);
}

/* Who it is for: a new holder, or the next key of one there is. */
static int find_holder(const struct root *r, const struct custody_lab_certify *what, struct candidate *c, struct custody_error *err)
{
	unsigned generation = 0;

	for (size_t i = 1; i < r->state.n; i++) {
		const struct custody_root_certificate *e = &r->state.certificates[i];
		char holder[CUSTODY_LAB_FILE_NAME];
		unsigned its = 0;

		if (!custody_lab_stem_split(e->file, holder, &its) || strcmp(holder, c->holder) != 0)
			continue;
		if (e->kind != c->kind) {
			(void)custody_fail(err, CUSTODY_ERR_INPUT, "'%s' is there already, with a key for %s", c->holder, kind_words(e->kind));
			return custody_hint(
				err, c->kind == CUSTODY_ISSUE_STAMPING ? "the next such key: without --tsa" : "the next such key: with --tsa");
		}
		if (!names_holder(what->name, r, e)) {
			(void)custody_fail(err, CUSTODY_ERR_INPUT, "the file name '%s' is that of '%s' already", c->holder, e->name);
			return custody_hint(
				err, "for the next key of the same holder give '%s'; another holder needs a name with another file name", c->holder);
		}
		if (its > generation) {
			generation = its;
			c->name = e->name;
			memcpy(c->previous, e->file, sizeof(c->previous));
		}
	}
	if (generation >= CUSTODY_LIMIT_LAB_KEYS)
		return custody_fail(
			err, CUSTODY_ERR_LIMIT, "'%s' has had %d keys, which is all that can be named", c->holder, CUSTODY_LIMIT_LAB_KEYS);
	custody_lab_stem_join(c->holder, generation + 1, c->stem);
	return 0;
}

/* What the state does not know must not be there: it would be an old copy, or somebody's file. */
static int check_free(const struct custody_lab *l, const struct root *r, const struct candidate *c, struct custody_error *err)
{
	char path[CUSTODY_LAB_STEM + 32], what[CUSTODY_LAB_STEM + 64];
	struct stat st;

	(void)snprintf(path, sizeof(path), "certificates/%s.pem", c->stem);
	(void)snprintf(what, sizeof(what), "it does not know of %s", path);
	if (fstatat(l->dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return refuse_old_copy(r, what, err);
	(void)snprintf(path, sizeof(path), "keys/%s.key", c->stem);
	if (fstatat(l->dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return custody_fail(err, CUSTODY_ERR_INPUT, "'%s' of the lab exists already, and the root has issued no certificate for it", path);
	return 0;
}

/* What the next key is like, unless another type was asked for: the one before, else the default analyst's. */
static int choose_type(const struct custody_lab *l, const struct custody_lab_certify *what, const struct candidate *c, enum custody_key_type *out,
	struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_certificate_release) struct custody_certificate like = { 0 };
	struct custody_error ignored = CUSTODY_ERROR_INIT;
	char stem[CUSTODY_LAB_STEM];

	if (what->key_type)
		return custody_key_type_find(what->key_type, out, err);
	if (custody_lab_newest(l, l->signer_name, stem, err) != 0)
		return -1;
	*out = CUSTODY_KEY_P256;
	if (custody_lab_certificate(l, c->previous[0] ? c->previous : stem, &like, &ignored) == 0 &&
		custody_key_type_find(custody_key_type_name(&like.facts), out, &ignored) != 0)
		*out = CUSTODY_KEY_P256;
	return 0;
}

static int make_candidate(
	const struct custody_lab_root *root, struct root *r, const struct custody_lab_certify *what, struct candidate *c, struct custody_error *err)
{
	enum custody_key_type type = CUSTODY_KEY_P256;
	struct custody_issue_request request = {
		.organisation = root->lab->organisation,
		.issuer = &r->signer.certificate,
		.issuer_key = r->signer.key,
		.not_before = r->now,
		.random = root->random,
	};

	name_holder(r, what->name, c->holder);
	c->kind = what->stamping ? CUSTODY_ISSUE_STAMPING : CUSTODY_ISSUE_SEALING;
	c->name = what->name;
	if (custody_issue_check_name("name", what->name, err) != 0)
		return -1;
	if (c->holder[0] == '\0')
		return custody_fail(err, CUSTODY_ERR_USAGE, "name gives an empty file name, want one with a letter or digit in it");
	if (find_holder(r, what, c, err) != 0 || check_free(root->lab, r, c, err) != 0 || choose_type(root->lab, what, c, &type, err) != 0 ||
		custody_key_generate(type, &c->key, err) != 0)
		return -1;
	request.kind = c->kind;
	request.common_name = c->name;
	request.key = c->key;
	return custody_issue_certificate(&request, &c->certificate, err);
}

/* Key and certificate beside their names, synced. */
static int prepare_files(const struct custody_lab_certify *what, struct candidate *c, int keys_fd, int certificates_fd,
	char names[2][CUSTODY_LAB_STEM + 8], struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_key_pem_release) struct custody_buf pem = { 0 };
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };

	custody_buf_init(&pem, CUSTODY_LIMIT_KEY_FILE);
	custody_buf_init(&text, CUSTODY_LIMIT_KEY_FILE);
	(void)snprintf(names[0], CUSTODY_LAB_STEM + 8, "%s.key", c->stem);
	(void)snprintf(names[1], CUSTODY_LAB_STEM + 8, "%s.pem", c->stem);
	if (custody_key_format_pem(c->key, what->passphrase, what->passphrase_len, &pem, err) != 0 ||
		custody_labfile_certificate_text(&c->certificate, &text, err) != 0)
		return -1;
	return custody_labfile_prepare(&c->key_file, keys_fd, names[0], 0600, &pem, of_lab, err) != 0
		       ? -1
		       : custody_labfile_prepare(&c->certificate_file, certificates_fd, names[1], 0644, &text, of_lab, err);
}

static int open_room(const struct custody_lab *l, const char *room, struct custody_error *err)
{
	int fd = openat(l->dir_fd, room, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? custody_fail_errno(err, errno, "cannot open the folder '%s' of the lab", room) : fd;
}

/* The order that the header gives reasons for. */
static int place(const struct custody_lab *l, const struct custody_lab_certify *what, struct root *r, struct candidate *c, struct custody_error *err)
{
	CUSTODY_CLOSE int keys = open_room(l, "keys", err);
	CUSTODY_CLOSE int certificates = keys < 0 ? -1 : open_room(l, "certificates", err);
	char names[2][CUSTODY_LAB_STEM + 8];
	int rc = -1;

	if (certificates >= 0 && prepare_files(what, c, keys, certificates, names, err) == 0 &&
		custody_root_state_add(&r->state, &c->certificate, c->kind, c->stem, c->name, err) == 0 && make_crl(r, err) == 0 &&
		write_state(r, err) == 0 && custody_labfile_place(&c->key_file, false, err) == 0 &&
		custody_lab_trust_put_own_crl(&r->trust, &r->signer.certificate, &r->crl, err) == 0)
		rc = custody_labfile_place(&c->certificate_file, false, err);
	/* Before the folders and names that they borrow go. */
	custody_labfile_abandon(&c->key_file);
	custody_labfile_abandon(&c->certificate_file);
	return rc;
}

int custody_lab_certify(
	const struct custody_lab_root *root, const struct custody_lab_certify *what, struct custody_lab_issued *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(root_cleanup) struct root r = { 0 };
	CUSTODY_CLEANUP(candidate_cleanup) struct candidate c = { 0 };
	char name[CUSTODY_LIMIT_CERTIFICATE_NAME];

	*out = (struct custody_lab_issued){ 0 };
	if (open_root(root, &r, err) != 0 || make_candidate(root, &r, what, &c, err) != 0)
		return -1;
	(void)snprintf(name, sizeof(name), "%s", c.name); /* the state's array moves when it grows */
	c.name = name;
	if (place(root->lab, what, &r, &c, err) != 0)
		return -1;
	tell_crl(&r, out);
	memcpy(out->stem, c.stem, sizeof(out->stem));
	memcpy(out->previous, c.previous, sizeof(out->previous));
	memcpy(out->name, name, sizeof(out->name));
	memcpy(out->sha256, c.certificate.sha256, sizeof(out->sha256));
	out->not_after = c.certificate.facts.not_after;
	out->use_until = c.certificate.facts.use_until;
	out->stamping = what->stamping;
	return 0;
}

/* ---- revoke ---- */

/* The one certificate in a file. */
static int read_given(const char *path, struct custody_certificate *out, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };
	CUSTODY_CLEANUP(custody_trust_release) struct custody_trust all;
	char shown[256];

	custody_trust_init(&all);
	custody_buf_init(&text, CUSTODY_LIMIT_TRUST_FILE);
	if (custody_fd_slurp(path, CUSTODY_LIMIT_TRUST_FILE, &text, err) != 0 ||
		custody_trust_add_pem(&all, CUSTODY_TRUST_SIGNERS, text.data, text.len, path, err) != 0)
		return -1;
	if (all.n_signers != 1)
		return custody_fail(err, CUSTODY_ERR_FORMAT, "'%s' holds %zu certificates, want one",
			custody_display(path, strlen(path), shown, sizeof(shown)), all.n_signers);
	*out = all.signers[0];
	memset(&all.signers[0], 0, sizeof(all.signers[0]));
	return 0;
}

static int find_by_file(const struct root *r, const char *path, struct custody_root_certificate **out, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_certificate_release) struct custody_certificate c = { 0 };
	char shown[256];

	(void)custody_display(path, strlen(path), shown, sizeof(shown));
	if (read_given(path, &c, err) != 0)
		return -1;
	*out = custody_root_state_find(&r->state, c.facts.serial);
	if (*out && memcmp((*out)->sha256, c.sha256, sizeof(c.sha256)) == 0)
		return 0;
	if (custody_issue_is_by(&c, &r->signer.certificate))
		return refuse_old_copy(r, "the root has issued this certificate, and it does not know of it", err);
	return custody_fail(err, CUSTODY_ERR_INPUT, "the certificate in '%s' was not issued by this lab's root", shown);
}

static int find_by_name(const struct root *r, const char *name, struct custody_root_certificate **out, struct custody_error *err)
{
	char wanted[CUSTODY_LAB_FILE_NAME], holder[CUSTODY_LAB_FILE_NAME], shown[256];
	struct custody_root_certificate *only = NULL;
	size_t n = 0, n_any = 0;
	unsigned generation = 0;

	custody_lab_file_name(name, wanted);
	(void)custody_display(name, strlen(name), shown, sizeof(shown));
	for (size_t i = 1; i < r->state.n; i++) {
		struct custody_root_certificate *e = &r->state.certificates[i];

		if (strcmp(e->name, name) != 0 && (!custody_lab_stem_split(e->file, holder, &generation) || strcmp(holder, wanted) != 0))
			continue;
		n_any++;
		if (!only || !e->revoked)
			only = e;
		n += !e->revoked;
	}
	if (n_any == 0) {
		(void)custody_fail(
			err, CUSTODY_ERR_INPUT, "there is no file '%s', and the root has issued no certificate to one of this name", shown);
		return custody_hint(err, "'custody lab show' lists the certificates that there are");
	}
	if (n > 1 || (n == 0 && n_any > 1)) {
		(void)custody_fail(err, CUSTODY_ERR_INPUT, "'%s' has %zu certificates%s, want one named by its file", shown, n_any,
			n == 0 ? ", all revoked" : "");
		return custody_hint(err, "give the file, for example certificates/%.100s.pem of the lab", only->file);
	}
	*out = only;
	return 0;
}

static bool is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* The certificate's own beginning, from its file in the lab; false if that is not there any more. */
static bool find_beginning(const struct custody_lab *l, const struct custody_root_certificate *e, struct custody_certificate *out)
{
	struct custody_error ignored = CUSTODY_ERROR_INIT;

	return e->kind != CUSTODY_ISSUE_ROOT && custody_lab_certificate(l, e->file, out, &ignored) == 0 &&
	       memcmp(out->sha256, e->sha256, sizeof(e->sha256)) == 0;
}

static int check_since(const struct root *r, const struct custody_lab_revoke *what, const struct custody_certificate *c, struct custody_error *err)
{
	char text[2][CUSTODY_TIME_TEXT];

	if (!what->has_since)
		return 0;
	custody_time_format(what->since, text[0]);
	custody_time_format(r->now, text[1]);
	if (custody_time_compare(what->since, r->now) > 0)
		return custody_fail(err, CUSTODY_ERR_USAGE, "since %s is in the future: it is %s", text[0], text[1]);
	if (!c || custody_time_compare(what->since, c->facts.not_before) >= 0)
		return 0;
	custody_time_format(c->facts.not_before, text[1]);
	return custody_fail(err, CUSTODY_ERR_USAGE, "since %s is before the certificate, which begins at %s", text[0], text[1]);
}

/* Since when it counts as revoked: as every reader of the list takes it. */
static struct custody_time effective(const struct custody_root_certificate *e)
{
	return e->has_since && custody_time_compare(e->since, e->when) < 0 ? e->since : e->when;
}

static int mark_revoked(const struct root *r, const struct custody_lab_revoke *what, struct custody_root_certificate *e, struct custody_error *err)
{
	char text[CUSTODY_TIME_TEXT];
	bool earlier = what->has_since && custody_time_compare(what->since, effective(e)) < 0;
	bool worse = what->reason == 1 && e->reason != 1; /* keyCompromise */

	if (e->revoked && !earlier && !worse) {
		custody_time_format(effective(e), text);
		return custody_fail(err, CUSTODY_ERR_INPUT, "the certificate of '%s' is revoked already: %s, since %s", e->file,
			custody_issue_reason_name(e->reason), text);
	}
	if (!e->revoked) {
		e->when = r->now;
		e->reason = what->reason;
	}
	e->revoked = true;
	if (worse)
		e->reason = what->reason;
	if (earlier || (what->has_since && !e->has_since)) {
		e->has_since = true;
		e->since = what->since;
	}
	return 0;
}

int custody_lab_revoke(
	const struct custody_lab_root *root, const struct custody_lab_revoke *what, struct custody_lab_issued *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(root_cleanup) struct root r = { 0 };
	CUSTODY_CLEANUP(custody_certificate_release) struct custody_certificate c = { 0 };
	struct custody_root_certificate *e = NULL;

	*out = (struct custody_lab_issued){ 0 };
	if (open_root(root, &r, err) != 0)
		return -1;
	if (is_file(what->certificate) ? find_by_file(&r, what->certificate, &e, err) : find_by_name(&r, what->certificate, &e, err))
		return -1;
	if (e->kind == CUSTODY_ISSUE_ROOT)
		return custody_fail(
			err, CUSTODY_ERR_INPUT, "this is the root's own certificate, which it cannot revoke: those who trust it must be told");
	bool known = find_beginning(root->lab, e, &c);
	if (check_since(&r, what, known ? &c : NULL, err) != 0 || mark_revoked(&r, what, e, err) != 0 || make_crl(&r, err) != 0 ||
		write_state(&r, err) != 0)
		return -1;
	out->stands = true;
	memcpy(out->stem, e->file, sizeof(out->stem));
	memcpy(out->name, e->name, sizeof(out->name));
	memcpy(out->sha256, e->sha256, sizeof(out->sha256));
	out->stamping = e->kind == CUSTODY_ISSUE_STAMPING;
	out->revoked_since = effective(e);
	if (custody_lab_trust_put_own_crl(&r.trust, &r.signer.certificate, &r.crl, err) != 0) {
		(void)custody_fail_in(err, "the revocation is recorded, but the new list may not be in trust/crls.pem");
		return custody_hint(err, "once that is mended: custody lab crl");
	}
	tell_crl(&r, out);
	return 0;
}
