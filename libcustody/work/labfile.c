/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/labfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"
#include "libcustody/crypto/issue.h"

/* ---- reading ---- */

/* Opens dir_fd/path. INPUT if it is not there; a folder, FIFO or device is not taken. */
static int open_regular(int dir_fd, const char *path, const char *of, struct stat *st, struct custody_error *err)
{
	CUSTODY_CLOSE int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char shown[512];

	(void)custody_display(path, strlen(path), shown, sizeof(shown));
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return custody_fail(err, CUSTODY_ERR_INPUT, "there is no '%s' in %s", shown, of);
	if (fd < 0 || fstat(fd, st) != 0)
		return custody_fail_errno(err, errno, "cannot open '%s' of %s", shown, of);
	if (!S_ISREG(st->st_mode))
		return custody_fail(err, CUSTODY_ERR_INPUT, "'%s' of %s is not a regular file", shown, of);
	return custody_steal_fd(&fd);
}

static int read_whole(int fd, const struct stat *st, const char *path, size_t max, const char *of, struct custody_buf *out, struct custody_error *err)
{
	size_t got = 0;

	if ((uint64_t)st->st_size > max)
		return custody_fail(err, CUSTODY_ERR_LIMIT, "'%s' of %s has %jd bytes, want at most %zu", path, of, (intmax_t)st->st_size, max);
	custody_buf_init(out, max);
	if (custody_buf_reserve(out, (size_t)st->st_size, err) != 0 || custody_fd_read(fd, out->data, (size_t)st->st_size, &got, path, err) != 0)
		return -1;
	out->len = got;
	out->data[got] = 0;
	return 0;
}

int custody_labfile_read(
	int dir_fd, const char *path, size_t max, const char *of, struct custody_buf *out, struct stat *st, struct custody_error *err)
{
	struct stat own;
	CUSTODY_CLOSE int fd = open_regular(dir_fd, path, of, &own, err);

	if (fd < 0)
		return -1;
	if (st)
		*st = own;
	return read_whole(fd, &own, path, max, of, out, err);
}

int custody_labfile_read_key(int dir_fd, const char *path, const char *of, const char *dir, struct custody_buf *out, struct custody_error *err)
{
	char shown[256];
	struct stat st; /* mode and bytes are those of one descriptor */
	CUSTODY_CLOSE int fd = open_regular(dir_fd, path, of, &st, err);

	if (fd < 0)
		return -1;
	if (st.st_mode & (S_IRWXG | S_IRWXO)) {
		(void)custody_fail(err, CUSTODY_ERR_INPUT, "the key '%s' has mode %04o, want 0600: others can read or change it", path,
			(unsigned)(st.st_mode & 07777));
		return custody_hint(err, "chmod 600 '%s/%s', and consider whether the key is still only yours",
			custody_display(dir, strlen(dir), shown, sizeof(shown)), path);
	}
	return read_whole(fd, &st, path, CUSTODY_LIMIT_KEY_FILE, of, out, err);
}

/* ---- writing ---- */

void custody_labfile_abandon(struct custody_labfile *f)
{
	if (f->temp[0])
		(void)unlinkat(f->dir_fd, f->temp, 0);
	f->temp[0] = '\0';
}

int custody_labfile_prepare(struct custody_labfile *f, int dir_fd, const char *name, mode_t mode, const struct custody_buf *text, const char *of,
	struct custody_error *err)
{
	CUSTODY_CLOSE int fd = -1;

	*f = (struct custody_labfile){ .dir_fd = dir_fd, .name = name, .of = of };
	if (snprintf(f->temp, sizeof(f->temp), ".%s.tmp", name) >= (int)sizeof(f->temp)) {
		f->temp[0] = '\0';
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "the name of a file of %s has %zu bytes", of, strlen(name));
	}
	/* The folder's lock is held, so what lies here is of a run that was ended. */
	(void)unlinkat(dir_fd, f->temp, 0);
	fd = openat(dir_fd, f->temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0) {
		f->temp[0] = '\0'; /* not ours to remove */
		return custody_fail_errno(err, errno, "cannot make a file beside '%s' of %s", name, of);
	}
	if (custody_fd_write(fd, text->data, text->len, name, err) == 0 && fsync(fd) == 0)
		return 0;
	if (err->kind == CUSTODY_ERR_NONE)
		(void)custody_fail_errno(err, errno, "cannot sync '%s' of %s", name, of);
	custody_labfile_abandon(f);
	return -1;
}

int custody_labfile_place(struct custody_labfile *f, bool replace, struct custody_error *err)
{
	struct stat st;
	int rc = renameat2(f->dir_fd, f->temp, f->dir_fd, f->name, replace ? 0 : RENAME_NOREPLACE);

	/* A file system without that flag: the folder's lock is held, so looking first is enough among ourselves. */
	if (rc != 0 && !replace && (errno == EINVAL || errno == ENOSYS)) {
		if (fstatat(f->dir_fd, f->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			errno = EEXIST;
		else if (errno == ENOENT)
			rc = renameat(f->dir_fd, f->temp, f->dir_fd, f->name);
	}
	if (rc != 0 && errno == EEXIST)
		return custody_fail(err, CUSTODY_ERR_INPUT, "'%s' of %s exists already", f->name, f->of);
	if (rc != 0)
		return custody_fail_errno(err, errno, "cannot give '%s' of %s its name", f->name, f->of);
	f->temp[0] = '\0';
	/* A failed sync is fatal and never tried again: what it says is lost may be anything. */
	if (custody_fd_sync_folder(f->dir_fd) != 0)
		return custody_fail_errno(err, errno, "'%s' of %s is in place, but its folder cannot be synced", f->name, f->of);
	return 0;
}

int custody_labfile_write(
	int dir_fd, const char *name, mode_t mode, bool replace, const struct custody_buf *text, const char *of, struct custody_error *err)
{
	CUSTODY_LABFILE_CLEAN struct custody_labfile f = { 0 };

	return custody_labfile_prepare(&f, dir_fd, name, mode, text, of, err) != 0 ? -1 : custody_labfile_place(&f, replace, err);
}

/* ---- texts ---- */

/* Each line begins with a word of ours, so that no name can look like the beginning of a block. */
int custody_labfile_certificate_text(const struct custody_certificate *c, struct custody_buf *out, struct custody_error *err)
{
	char hex[65], until[CUSTODY_TIME_TEXT], subject[512];

	custody_hex_format(c->sha256, 32, hex);
	custody_time_format(c->facts.not_after, until);
	if (custody_buf_printf(
		    out, err, "certificate of %s\nvalid until %s\nSHA-256 %s\n", custody_x509_subject(c, subject, sizeof(subject)), until, hex) != 0)
		return -1;
	return custody_pem_append("CERTIFICATE", c->der, c->der_len, out, err);
}

int custody_labfile_crl_text(const struct custody_crl *crl, const char *issuer, struct custody_buf *out, struct custody_error *err)
{
	char text[2][CUSTODY_TIME_TEXT];

	custody_time_format(crl->facts.this_update, text[0]);
	if (crl->facts.has_next_update)
		custody_time_format(crl->facts.next_update, text[1]);
	if (custody_buf_printf(out, err, "revocation list of %s\nissued %s%s%s\n", issuer, text[0],
		    crl->facts.has_next_update ? ", the next one comes before " : "", crl->facts.has_next_update ? text[1] : "") != 0)
		return -1;
	return custody_pem_append("X509 CRL", crl->der, crl->der_len, out, err);
}
