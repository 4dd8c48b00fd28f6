/* SPDX-License-Identifier: Apache-2.0 */
/* Making a lab: keys, certificates, the first revocation list, and the folder that holds them, whole or not at all (work/lab.h). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/base/fd.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"
#include "libcustody/crypto/crl.h"
#include "libcustody/crypto/issue.h"
#include "libcustody/crypto/x509.h"
#include "libcustody/work/journal.h"
#include "libcustody/work/lab.h"
#include "libcustody/work/labfile.h"
#include "libcustody/work/rootstate.h"

/* The folder that a lab is built in, beside its own: random hex digits between these. */
#define TEMP_BEGIN ".custody-lab."
#define TEMP_END ".tmp"
enum { TEMP_DIGITS = 16 };

/* ---- keys and certificates ---- */

enum { ROOT, ANALYST, STAMPER, HOLDERS };

/* All that a new lab is made of. */
struct parts {
	struct evp_pkey_st *key[HOLDERS];
	struct custody_certificate certificate[HOLDERS];
	struct custody_crl crl;
	char common_name[HOLDERS][CUSTODY_LIMIT_CERTIFICATE_NAME];
	char file[CUSTODY_LAB_FILE_NAME]; /* the analyst's */
	struct custody_time now; /* notBefore of all, thisUpdate of the list */
};

static void parts_cleanup(struct parts *p)
{
	for (int i = 0; i < HOLDERS; i++) {
		custody_key_free(&p->key[i]);
		custody_certificate_release(&p->certificate[i]);
	}
	custody_crl_release(&p->crl);
}

/* What custody.conf cannot hold, it must not be given. */
static int check_conf_word(const char *what, const char *text, struct custody_error *err)
{
	static const char *const refused[] = { "$", ".include", ".pragma" };

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (strcasestr(text, refused[i]))
			return custody_fail(err, CUSTODY_ERR_USAGE, "%s holds '%s', which custody.conf does not take", what, refused[i]);
	return custody_issue_check_name(what, text, err);
}

/* Names. The root's has a random part, so that the roots of two labs of one name are two issuers; and each says what it is. */
static int name_holders(const struct custody_lab_new *n, struct parts *p, struct custody_error *err)
{
	uint8_t id[4];
	char hex[2 * sizeof(id) + 1];

	if (check_conf_word("organisation", n->organisation, err) != 0 || check_conf_word("name", n->name, err) != 0)
		return -1;
	custody_lab_file_name(n->name, p->file);
	if (p->file[0] == '\0' || strcmp(p->file, CUSTODY_LAB_STAMPER) == 0)
		return custody_fail(err, CUSTODY_ERR_USAGE, "name gives the file name '%s', want a person's with a letter or digit in it", p->file);
	if (custody_random_fill(n->random, id, sizeof(id), err) != 0)
		return -1;
	custody_hex_format(id, sizeof(id), hex);
	(void)snprintf(p->common_name[ROOT], sizeof(p->common_name[ROOT]), "Own root %s (laboratory without PKI)", hex);
	(void)snprintf(p->common_name[STAMPER], sizeof(p->common_name[STAMPER]), "Time-stamping %s (laboratory without PKI)", hex);
	(void)snprintf(p->common_name[ANALYST], sizeof(p->common_name[ANALYST]), "%s", n->name);
	return 0;
}

static int certify(const struct custody_lab_new *n, struct parts *p, struct custody_error *err)
{
	static const enum custody_issue_kind kinds[HOLDERS] = { CUSTODY_ISSUE_ROOT, CUSTODY_ISSUE_SEALING, CUSTODY_ISSUE_STAMPING };

	for (int i = 0; i < HOLDERS; i++) {
		const struct custody_issue_request r = {
			.kind = kinds[i],
			.organisation = n->organisation,
			.common_name = p->common_name[i],
			.key = p->key[i],
			.issuer = i == ROOT ? NULL : &p->certificate[ROOT],
			.issuer_key = i == ROOT ? NULL : p->key[ROOT],
			.not_before = p->now,
			.random = n->random,
		};

		if (custody_issue_certificate(&r, &p->certificate[i], err) != 0)
			return -1;
	}
	return 0;
}

static int make_parts(const struct custody_lab_new *n, struct parts *p, struct custody_error *err)
{
	enum custody_key_type type = CUSTODY_KEY_P256;

	if (name_holders(n, p, err) != 0 || custody_key_type_find(n->key_type, &type, err) != 0)
		return -1;
	for (int i = 0; i < HOLDERS; i++)
		if (custody_key_generate(i == ROOT ? custody_key_type_of_root(type) : type, &p->key[i], err) != 0)
			return -1;
	/* The clock after the keys, which may take seconds; the list after the certificates, in the same second: thisUpdate is not before notBefore. */
	if (n->clock->now(n->clock->ctx, &p->now, err) != 0 || certify(n, p, err) != 0)
		return -1;
	p->now.nsec = 0;
	const struct custody_issue_crl_request r = {
		.issuer = &p->certificate[ROOT], .issuer_key = p->key[ROOT], .number = 1, .this_update = p->now
	};
	return custody_issue_crl(&r, &p->crl, err);
}

/* ---- texts ---- */

static int append_quoted(struct custody_buf *out, const char *key, const char *value, struct custody_error *err)
{
	if (custody_buf_printf(out, err, "%s = \"", key) != 0)
		return -1;
	for (const char *p = value; *p; p++) {
		if ((*p == '"' || *p == '\\') && custody_buf_append_byte(out, '\\', err) != 0)
			return -1;
		if (custody_buf_append_byte(out, (uint8_t)*p, err) != 0)
			return -1;
	}
	return custody_buf_append_str(out, "\"\n", err);
}

static int conf_text(const struct custody_lab_new *n, const struct parts *p, struct custody_buf *out, struct custody_error *err)
{
	if (custody_buf_append_str(out,
		    "# What this laboratory is, and what 'custody seal' takes when the command line does not say it.\n"
		    "# One 'key = value' a line; a value with # or quotes in it stands in double quotes.\n",
		    err) != 0 ||
		append_quoted(out, "organisation", n->organisation, err) != 0 || append_quoted(out, "operator", n->name, err) != 0 ||
		custody_buf_append_str(out,
			"# role = forensic analyst\n"
			"# digests = sha256,sha512\n"
			"# level = B-LT\n"
			"# authorities = http://tsa.example.org/\n"
			"\n"
			"# The key that seals unless --as says another, and the one that stamps (files in keys/ and certificates/).\n",
			err) != 0)
		return -1;
	return custody_buf_printf(out, err, "signer = %s\nstamper = %s\n", p->file, CUSTODY_LAB_STAMPER);
}

/* root/state.json: what the root has issued, and the number of its list. */
static int state_text(const struct parts *p, struct custody_buf *out, struct custody_error *err)
{
	static const enum custody_issue_kind kinds[HOLDERS] = { CUSTODY_ISSUE_ROOT, CUSTODY_ISSUE_SEALING, CUSTODY_ISSUE_STAMPING };
	CUSTODY_CLEANUP(custody_root_state_release) struct custody_root_state s = { .crl_number = 1 };
	const char *files[HOLDERS] = { "root", p->file, CUSTODY_LAB_STAMPER };

	for (int i = 0; i < HOLDERS; i++)
		if (custody_root_state_add(&s, &p->certificate[i], kinds[i], files[i], p->common_name[i], err) != 0)
			return -1;
	return custody_root_state_format(&s, out, err);
}

static int crl_text(const struct parts *p, struct custody_buf *out, struct custody_error *err)
{
	char issuer[512];

	return custody_labfile_crl_text(&p->crl, custody_x509_subject(&p->certificate[ROOT], issuer, sizeof(issuer)), out, err);
}

/* ---- the folder ---- */

static const char *const rooms[] = { "root", "keys", "certificates", "trust" };
#define ROOMS (sizeof(rooms) / sizeof(rooms[0]))

struct builder {
	const char *dir; /* as given */
	char *parent, *base; /* its two parts; owned */
	int parent_fd, fd; /* -1: not open */
	char temp[64]; /* name in parent_fd; "" if there is none to remove */
};

static void empty_folder(int dir_fd)
{
	DIR *d = NULL;
	int own = fcntl(dir_fd, F_DUPFD_CLOEXEC, 0);

	if (own < 0)
		return;
	d = fdopendir(own);
	if (!d) {
		(void)close(own);
		return;
	}
	for (struct dirent *e = readdir(d); e; e = readdir(d))
		(void)unlinkat(dir_fd, e->d_name, 0); /* what is a folder stays for the caller */
	(void)closedir(d);
}

/* Takes away what was built, if it still has its temporary name. */
static void builder_cleanup(struct builder *b)
{
	for (size_t i = 0; b->temp[0] && b->fd >= 0 && i < ROOMS; i++) {
		CUSTODY_CLOSE int room = openat(b->fd, rooms[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (room < 0)
			continue;
		empty_folder(room);
		(void)unlinkat(b->fd, rooms[i], AT_REMOVEDIR);
	}
	if (b->temp[0] && b->fd >= 0)
		empty_folder(b->fd);
	if (b->temp[0])
		(void)unlinkat(b->parent_fd, b->temp, AT_REMOVEDIR);
	custody_cleanup_fd(&b->fd);
	custody_cleanup_fd(&b->parent_fd);
	free(b->parent);
	free(b->base);
}

/* "a/b/" is "b" in "a"; "b" is in "."; "/b" in "/". */
static int split(struct builder *b, struct custody_error *err)
{
	size_t n = strlen(b->dir);
	const char *slash = NULL;

	while (n > 1 && b->dir[n - 1] == '/')
		n--;
	slash = memrchr(b->dir, '/', n);
	b->base = slash ? strndup(slash + 1, n - (size_t)(slash + 1 - b->dir)) : strndup(b->dir, n);
	b->parent = !slash ? strdup(".") : strndup(b->dir, slash == b->dir ? 1 : (size_t)(slash - b->dir));
	return b->base && b->parent ? 0 : custody_fail_nomem(err);
}

static int begin(struct builder *b, const struct custody_random *random, struct custody_error *err)
{
	uint8_t id[TEMP_DIGITS / 2];
	char hex[2 * sizeof(id) + 1], shown[512];
	struct stat st;

	(void)custody_display(b->dir, strlen(b->dir), shown, sizeof(shown));
	if (b->dir[0] == '\0')
		return custody_fail(err, CUSTODY_ERR_USAGE, "the lab's folder has an empty name");
	if (lstat(b->dir, &st) == 0)
		return custody_fail(err, CUSTODY_ERR_INPUT, "'%s' exists already; a lab is made in a new folder", shown);
	if (split(b, err) != 0 || custody_random_fill(random, id, sizeof(id), err) != 0)
		return -1;
	b->parent_fd = open(b->parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (b->parent_fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return custody_fail(err, CUSTODY_ERR_INPUT, "the folder that '%s' is to be made in does not exist", shown);
	if (b->parent_fd < 0)
		return custody_fail_errno(err, errno, "cannot open the folder that '%s' is to be made in", shown);
	custody_hex_format(id, sizeof(id), hex);
	(void)snprintf(b->temp, sizeof(b->temp), TEMP_BEGIN "%s" TEMP_END, hex);
	if (mkdirat(b->parent_fd, b->temp, 0700) != 0) {
		b->temp[0] = '\0'; /* not ours to remove */
		return custody_fail_errno(err, errno, "cannot make a folder beside '%s'", shown);
	}
	b->fd = openat(b->parent_fd, b->temp, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (b->fd < 0)
		return custody_fail_errno(err, errno, "cannot open the folder made beside '%s'", shown);
	for (size_t i = 0; i < ROOMS; i++)
		if (mkdirat(b->fd, rooms[i], 0700) != 0)
			return custody_fail_errno(err, errno, "cannot make the folder '%s' of the lab", rooms[i]);
	return 0;
}

/* ".custody-lab." and hex digits and ".tmp". */
static bool is_temporary(const char *name)
{
	size_t begin = strlen(TEMP_BEGIN), n = strlen(name);

	return n == begin + TEMP_DIGITS + strlen(TEMP_END) && memcmp(name, TEMP_BEGIN, begin) == 0 &&
	       strspn(name + begin, "0123456789abcdef") == TEMP_DIGITS && strcmp(name + begin + TEMP_DIGITS, TEMP_END) == 0;
}

bool custody_lab_leftover(const char *dir, char out[NAME_MAX + 1])
{
	struct custody_error unsaid = CUSTODY_ERROR_INIT; /* what hinders us here is told when the lab is made */
	CUSTODY_CLEANUP(builder_cleanup) struct builder b = { .dir = dir, .parent_fd = -1, .fd = -1 };
	bool found = false;

	if (split(&b, &unsaid) != 0)
		return false;
	DIR *folder = opendir(b.parent);
	if (!folder)
		return false;
	for (const struct dirent *e; !found && (e = readdir(folder));) {
		found = is_temporary(e->d_name);
		if (found)
			snprintf(out, NAME_MAX + 1, "%s", e->d_name);
	}
	closedir(folder);
	return found;
}

static int put_file(const struct builder *b, const char *path, mode_t mode, const struct custody_buf *text, struct custody_error *err)
{
	CUSTODY_CLOSE int fd = openat(b->fd, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);

	if (fd < 0)
		return custody_fail_errno(err, errno, "cannot make '%s' of the lab", path);
	if (custody_fd_write(fd, text->data, text->len, path, err) != 0)
		return -1;
	if (fsync(fd) != 0)
		return custody_fail_errno(err, errno, "cannot sync '%s' of the lab", path);
	return 0;
}

static int put_key(
	const struct builder *b, const struct custody_lab_new *n, const char *path, const struct evp_pkey_st *key, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_key_pem_release) struct custody_buf pem = { 0 };

	custody_buf_init(&pem, CUSTODY_LIMIT_KEY_FILE);
	if (custody_key_format_pem(key, n->passphrase, n->passphrase_len, &pem, err) != 0)
		return -1;
	return put_file(b, path, 0600, &pem, err);
}

static int put_keys(const struct builder *b, const struct custody_lab_new *n, const struct parts *p, struct custody_error *err)
{
	char path[CUSTODY_LAB_FILE_NAME + 16];

	(void)snprintf(path, sizeof(path), "keys/%s.key", p->file);
	if (put_key(b, n, path, p->key[ANALYST], err) != 0)
		return -1;
	return put_key(b, n, "keys/" CUSTODY_LAB_STAMPER ".key", p->key[STAMPER], err) != 0 ? -1 : put_key(b, n, "root/root.key", p->key[ROOT], err);
}

/* The certificate of one holder into up to three files. */
static int put_certificate(const struct builder *b, const struct parts *p, int holder, const char *const paths[3], struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };

	custody_buf_init(&text, CUSTODY_LIMIT_KEY_FILE);
	if (custody_labfile_certificate_text(&p->certificate[holder], &text, err) != 0)
		return -1;
	for (int i = 0; i < 3 && paths[i]; i++)
		if (put_file(b, paths[i], 0644, &text, err) != 0)
			return -1;
	return 0;
}

static int put_certificates(const struct builder *b, const struct parts *p, struct custody_error *err)
{
	char analyst[CUSTODY_LAB_FILE_NAME + 32];
	const char *const paths[HOLDERS][3] = {
		[ROOT] = { "root/root.pem", "trust/signers.pem", "trust/tsas.pem" },
		[ANALYST] = { analyst },
		[STAMPER] = { "certificates/" CUSTODY_LAB_STAMPER ".pem" },
	};

	(void)snprintf(analyst, sizeof(analyst), "certificates/%s.pem", p->file);
	for (int i = 0; i < HOLDERS; i++)
		if (put_certificate(b, p, i, paths[i], err) != 0)
			return -1;
	return 0;
}

static int journal_text(const struct custody_lab_new *n, const struct parts *p, struct custody_buf *out, struct custody_error *err)
{
	struct custody_journal_entry first;

	if (!n->journal)
		return 0;
	first = *n->journal;
	first.time = p->now;
	return custody_journal_format(&first, out, err);
}

/* The files that one function each makes the text of. */
static int put_texts(const struct builder *b, const struct custody_lab_new *n, const struct parts *p, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };

	custody_buf_init(&text, CUSTODY_LIMIT_JOURNAL_LINE);
	if (conf_text(n, p, &text, err) != 0 || put_file(b, "custody.conf", 0644, &text, err) != 0)
		return -1;
	custody_buf_clear(&text);
	if (state_text(p, &text, err) != 0 || put_file(b, "root/state.json", 0644, &text, err) != 0)
		return -1;
	custody_buf_clear(&text);
	if (crl_text(p, &text, err) != 0 || put_file(b, "trust/crls.pem", 0644, &text, err) != 0)
		return -1;
	custody_buf_clear(&text);
	return journal_text(n, p, &text, err) != 0 ? -1 : put_file(b, "journal.jsonl", 0600, &text, err);
}

static int sync_folder(int dir_fd, const char *path, struct custody_error *err)
{
	CUSTODY_CLOSE int fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || custody_fd_sync_folder(fd) != 0)
		return custody_fail_errno(err, errno, "cannot sync the folder '%s' of the lab", path);
	return 0;
}

/* The name appears with everything below it on the disk, and never over something else. */
static int finish(struct builder *b, struct custody_error *err)
{
	char shown[512];
	struct stat st;
	int rc = 0;

	(void)custody_display(b->dir, strlen(b->dir), shown, sizeof(shown));
	for (size_t i = 0; i < ROOMS; i++)
		if (sync_folder(b->fd, rooms[i], err) != 0)
			return -1;
	if (sync_folder(b->fd, ".", err) != 0)
		return -1;
	rc = renameat2(b->parent_fd, b->temp, b->parent_fd, b->base, RENAME_NOREPLACE);
	/* A file system without that flag: rename() of a folder replaces nothing but an empty folder, so look first. */
	if (rc != 0 && (errno == EINVAL || errno == ENOSYS)) {
		if (fstatat(b->parent_fd, b->base, &st, AT_SYMLINK_NOFOLLOW) == 0)
			errno = EEXIST;
		else if (errno == ENOENT)
			rc = renameat(b->parent_fd, b->temp, b->parent_fd, b->base);
	}
	if (rc != 0 && (errno == EEXIST || errno == ENOTEMPTY))
		return custody_fail(err, CUSTODY_ERR_INPUT, "'%s' exists already; a lab is made in a new folder", shown);
	if (rc != 0)
		return custody_fail_errno(err, errno, "cannot give the lab its name '%s'", shown);
	if (sync_folder(b->parent_fd, ".", err) == 0) {
		b->temp[0] = '\0';
		return 0;
	}
	/* What is reported as failed must not lie there under its name: back to the temporary one, which the cleanup removes. */
	if (renameat(b->parent_fd, b->base, b->parent_fd, b->temp) != 0)
		b->temp[0] = '\0';
	return -1;
}

int custody_lab_create(const struct custody_lab_new *n, uint8_t anchor_sha256[32], struct custody_error *err)
{
	CUSTODY_CLEANUP(parts_cleanup) struct parts p = { 0 };
	CUSTODY_CLEANUP(builder_cleanup) struct builder b = { .dir = n->dir, .parent_fd = -1, .fd = -1 };

	/* The folder first: a name that is taken is said before keys are made. */
	if (begin(&b, n->random, err) != 0 || make_parts(n, &p, err) != 0)
		return -1;
	if (put_keys(&b, n, &p, err) != 0 || put_certificates(&b, &p, err) != 0 || put_texts(&b, n, &p, err) != 0 || finish(&b, err) != 0)
		return -1;
	memcpy(anchor_sha256, p.certificate[ROOT].sha256, 32);
	return 0;
}
