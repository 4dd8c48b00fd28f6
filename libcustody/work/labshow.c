/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/labshow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/limits.h"
#include "libcustody/crypto/crl.h"
#include "libcustody/crypto/issue.h"
#include "libcustody/crypto/trust.h"
#include "libcustody/work/labfile.h"
#include "libcustody/work/rootstate.h"

void custody_lab_shown_release(struct custody_lab_shown *s)
{
	free(s->keys);
	free(s->anchors);
	free(s->lists);
	*s = (struct custody_lab_shown){ 0 };
}

const char *custody_lab_key_state_name(enum custody_lab_key_state s)
{
	static const char *const names[] = { [CUSTODY_LAB_KEY_SERVES] = "serves",
		[CUSTODY_LAB_KEY_EARLIER] = "earlier",
		[CUSTODY_LAB_KEY_REVOKED] = "revoked",
		[CUSTODY_LAB_KEY_NOT_YET] = "not-yet",
		[CUSTODY_LAB_KEY_ENDED] = "ended",
		[CUSTODY_LAB_KEY_MISSING] = "missing" };
	return names[s];
}

/* ---- lists and anchors ---- */

/* Signed by an anchor for signers that is the lab's own: one that issued a certificate in certificates/. */
struct look {
	const struct custody_lab *lab;
	struct custody_time now;
	struct custody_trust trust;
	const struct custody_certificate *root; /* the lab's own, of trust.signers; NULL: none that can be told */
	const struct custody_crl *crl; /* the newest of it, NULL: none */
};

static void look_cleanup(struct look *k)
{
	custody_trust_release(&k->trust);
}

static int load_trust(struct look *k, struct custody_error *err)
{
	CUSTODY_FREE char *dir = NULL;

	if (asprintf(&dir, "%s/trust", k->lab->dir) < 0) {
		dir = NULL;
		return custody_fail_nomem(err);
	}
	return custody_trust_load(&k->trust, dir, err);
}

static void find_crl(struct look *k)
{
	for (size_t i = 0; k->root && i < k->trust.n_crls; i++) {
		const struct custody_crl *crl = &k->trust.crls[i];

		if (custody_issue_crl_is_by(crl, k->root) && !crl->facts.unusable &&
			(!k->crl || custody_time_compare(crl->facts.this_update, k->crl->facts.this_update) >= 0))
			k->crl = crl;
	}
}

static int show_lists(const struct look *k, struct custody_lab_shown *out, struct custody_error *err)
{
	out->lists = calloc(k->trust.n_crls + 1, sizeof(*out->lists));
	if (!out->lists)
		return custody_fail_nomem(err);
	for (int own = 1; own >= 0; own--)
		for (size_t i = 0; i < k->trust.n_crls; i++) {
			const struct custody_crl *crl = &k->trust.crls[i];
			struct custody_lab_shown_list *l = &out->lists[out->n_lists];

			if ((crl == k->crl) != (own == 1) || (own == 0 && k->root && custody_issue_crl_is_by(crl, k->root)))
				continue;
			(void)snprintf(l->who, sizeof(l->who), "an authority whose certificate is not here");
			for (size_t j = 0; j < k->trust.n_signers + k->trust.n_tsas; j++) {
				const struct custody_certificate *c =
					j < k->trust.n_signers ? &k->trust.signers[j] : &k->trust.tsas[j - k->trust.n_signers];

				if (custody_issue_crl_is_by(crl, c))
					(void)custody_x509_subject(c, l->who, sizeof(l->who));
			}
			l->own = own == 1;
			l->has_number = custody_issue_crl_number(crl, &l->number);
			l->n_revoked = custody_issue_crl_count(crl);
			l->has_next_update = crl->facts.has_next_update;
			l->this_update = crl->facts.this_update;
			l->next_update = crl->facts.next_update;
			out->n_lists++;
		}
	return 0;
}

static void show_anchor(const struct look *k, const struct custody_certificate *c, bool signers, struct custody_lab_shown *out)
{
	struct custody_lab_shown_anchor *a = NULL;

	for (size_t i = 0; i < out->n_anchors; i++)
		if (memcmp(out->anchors[i].sha256, c->sha256, sizeof(c->sha256)) == 0)
			a = &out->anchors[i];
	if (!a) {
		a = &out->anchors[out->n_anchors++];
		(void)custody_x509_subject(c, a->who, sizeof(a->who));
		memcpy(a->sha256, c->sha256, sizeof(a->sha256));
		a->not_after = c->facts.not_after;
		a->own = k->root && memcmp(k->root->sha256, c->sha256, sizeof(c->sha256)) == 0;
	}
	a->for_signers = a->for_signers || signers;
	a->for_tsas = a->for_tsas || !signers;
}

static int show_anchors(const struct look *k, struct custody_lab_shown *out, struct custody_error *err)
{
	out->anchors = calloc(k->trust.n_signers + k->trust.n_tsas + 1, sizeof(*out->anchors));
	if (!out->anchors)
		return custody_fail_nomem(err);
	for (size_t i = 0; i < k->trust.n_signers; i++)
		show_anchor(k, &k->trust.signers[i], true, out);
	for (size_t i = 0; i < k->trust.n_tsas; i++)
		show_anchor(k, &k->trust.tsas[i], false, out);
	return 0;
}

/* ---- keys ---- */

static enum custody_lab_key_state key_state(const struct look *k, const struct custody_certificate *c, const struct custody_lab_shown_key *key,
	bool newest, bool has_key, struct custody_time *since)
{
	bool revoked = false;

	if (k->crl && custody_crl_find(&k->crl->facts, c->facts.serial, &revoked, since) && revoked)
		return CUSTODY_LAB_KEY_REVOKED;
	if (!newest)
		return CUSTODY_LAB_KEY_EARLIER;
	if (!has_key)
		return CUSTODY_LAB_KEY_MISSING;
	if (k->now.sec < key->use_from.sec || k->now.sec < c->facts.not_before.sec)
		return CUSTODY_LAB_KEY_NOT_YET;
	return k->now.sec > key->use_until.sec || k->now.sec > c->facts.not_after.sec ? CUSTODY_LAB_KEY_ENDED : CUSTODY_LAB_KEY_SERVES;
}

/* Whether the key file is there, and encrypted, which stands in its first line. What is wrong with it is for the seal to say; but what could not be read now is not
 * known. */
static int look_at_key(const struct custody_lab *l, const char *stem, bool *there, bool *encrypted, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_key_pem_release) struct custody_buf pem = { 0 };
	struct custody_error wrong = CUSTODY_ERROR_INIT;
	char path[CUSTODY_LAB_STEM + 16];
	struct stat st;

	(void)snprintf(path, sizeof(path), "keys/%s.key", stem);
	*there = fstatat(l->dir_fd, path, &st, 0) == 0;
	if (!*there)
		return errno == ENOENT ? 0 : custody_fail_errno(err, errno, "cannot look at '%s' of the lab", path);
	if (custody_labfile_read(l->dir_fd, path, CUSTODY_LIMIT_KEY_FILE, "the lab", &pem, NULL, &wrong) == 0) {
		*encrypted = custody_key_pem_is_encrypted(pem.data, pem.len);
	} else if (wrong.kind == CUSTODY_ERR_IO || wrong.kind == CUSTODY_ERR_NOMEM) {
		*err = wrong;
		return -1;
	}
	return 0;
}

static int show_key(const struct look *k, const char *stem, struct custody_lab_shown_key *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_certificate_release) struct custody_certificate c = { 0 };
	char holder[CUSTODY_LAB_FILE_NAME], newest[CUSTODY_LAB_STEM];
	unsigned generation = 0;
	bool has_key = false;

	if (custody_lab_certificate(k->lab, stem, &c, err) != 0 || !custody_lab_stem_split(stem, holder, &generation) ||
		custody_lab_newest(k->lab, holder, newest, err) != 0)
		return -1;
	(void)snprintf(out->stem, sizeof(out->stem), "%s", stem);
	(void)custody_x509_common_name(&c, out->who, sizeof(out->who));
	memcpy(out->sha256, c.sha256, sizeof(out->sha256));
	out->stamping = custody_x509_unfit_for_stamping(&c.facts) == NULL;
	out->type = custody_key_type_name(&c.facts);
	out->not_after = c.facts.not_after;
	out->use_from = c.facts.has_use_from ? c.facts.use_from : c.facts.not_before;
	out->use_until = c.facts.has_use_until ? c.facts.use_until : c.facts.not_after;
	out->by_default = strcmp(newest, stem) == 0 && strcmp(holder, out->stamping ? k->lab->stamper_name : k->lab->signer_name) == 0;
	if (look_at_key(k->lab, stem, &has_key, &out->encrypted, err) != 0)
		return -1;
	out->state = key_state(k, &c, out, strcmp(newest, stem) == 0, has_key, &out->revoked_since);
	return 0;
}

static int show_keys(const struct look *k, const struct custody_lab_stems *stems, struct custody_lab_shown *out, struct custody_error *err)
{
	out->keys = calloc(stems->n + 1, sizeof(*out->keys));
	if (!out->keys)
		return custody_fail_nomem(err);
	for (size_t i = 0; i < stems->n; i++, out->n_keys++)
		if (show_key(k, stems->stem[i], &out->keys[i], err) != 0)
			return -1;
	return 0;
}

/* The anchor that issued what is in certificates/. */
static int find_root(struct look *k, const struct custody_lab_stems *stems, struct custody_error *err)
{
	for (size_t i = 0; i < stems->n && !k->root; i++) {
		CUSTODY_CLEANUP(custody_certificate_release) struct custody_certificate c = { 0 };

		if (custody_lab_certificate(k->lab, stems->stem[i], &c, err) != 0)
			return -1;
		for (size_t j = 0; j < k->trust.n_signers && !k->root; j++)
			if (custody_issue_is_by(&c, &k->trust.signers[j]))
				k->root = &k->trust.signers[j];
	}
	return 0;
}

/* ---- the root's folder ---- */

static int read_state(const struct look *k, const char *root_dir, struct custody_root_state *s, bool *here, struct custody_error *err)
{
	CUSTODY_CLOSE int fd =
		root_dir ? open(root_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : openat(k->lab->dir_fd, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };

	*here = fd >= 0;
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return root_dir ? custody_fail(err, CUSTODY_ERR_INPUT, "--root names no folder") : 0;
	if (fd < 0)
		return custody_fail_errno(err, errno, "cannot open the root's folder");
	return custody_labfile_read(fd, "state.json", CUSTODY_LIMIT_ROOT_STATE, "the root's folder", &text, NULL, err) != 0
		       ? -1
		       : custody_root_state_parse(text.data, text.len, s, err);
}

/* What the state tells and the world does not show yet. A state that cannot be read is told, the rest is shown all the same. */
static int compare_state(const struct look *k, const char *root_dir, struct custody_lab_shown *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_root_state_release) struct custody_root_state s = { 0 };
	struct custody_error trouble = CUSTODY_ERROR_INIT;
	bool here = false;

	if (read_state(k, root_dir, &s, &here, &trouble) != 0) {
		if (trouble.kind == CUSTODY_ERR_NOMEM || (root_dir && !here)) {
			*err = trouble;
			return -1;
		}
		(void)snprintf(out->root_trouble, sizeof(out->root_trouble), "%.*s", (int)sizeof(out->root_trouble) - 1, trouble.text);
		return 0;
	}
	out->root_here = here;
	for (size_t i = 1; i < s.n; i++) {
		const struct custody_root_certificate *e = &s.certificates[i];
		struct custody_time since;
		bool revoked = false, there = false;

		if (e->revoked &&
			(!k->crl || !custody_crl_find(&k->crl->facts, (struct custody_bytes){ e->serial, e->serial_len }, &revoked, &since) ||
				!revoked))
			out->unpublished++;
		for (size_t j = 0; j < out->n_keys; j++)
			there = there || memcmp(out->keys[j].sha256, e->sha256, sizeof(e->sha256)) == 0;
		out->unplaced += !there;
	}
	return 0;
}

int custody_lab_show(
	const struct custody_lab *l, const char *root_dir, struct custody_time now, struct custody_lab_shown *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_lab_shown_release) struct custody_lab_shown shown = { 0 };
	CUSTODY_CLEANUP(custody_lab_stems_release) struct custody_lab_stems stems = { 0 };
	CUSTODY_CLEANUP(look_cleanup) struct look k = { .lab = l, .now = now };

	custody_trust_init(&k.trust);
	if (load_trust(&k, err) != 0 || custody_lab_stems(l, &stems, err) != 0 || find_root(&k, &stems, err) != 0)
		return -1;
	find_crl(&k);
	if (show_keys(&k, &stems, &shown, err) != 0 || show_anchors(&k, &shown, err) != 0 || show_lists(&k, &shown, err) != 0 ||
		compare_state(&k, root_dir, &shown, err) != 0)
		return -1;
	*out = shown;
	shown = (struct custody_lab_shown){ 0 };
	return 0;
}
