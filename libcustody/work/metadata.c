/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/metadata.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/bytes.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"
#include "libcustody/crypto/digest.h"
#include "libcustody/work/owner.h"

#define XATTR_VALUE ((size_t)65536) /* XATTR_SIZE_MAX of the kernel */
#define XATTR_NAMES ((size_t)65536) /* XATTR_LIST_MAX */

struct custody_metadata {
	struct custody_owners *owners;
	char names[XATTR_NAMES];
	uint8_t value[XATTR_VALUE];
	struct custody_buf kept; /* names and values of the item's attributes */
	struct custody_xattr *xattrs;
	size_t xattrs_cap;
	struct custody_digest digest;
	struct custody_item_finding findings[3];
	char times_detail[64], xattrs_detail[80], unread_detail[200];
	size_t unread; /* attributes of the item that could not be read */
};

int custody_metadata_new(struct custody_metadata **out, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_metadata_free) struct custody_metadata *m = calloc(1, sizeof(*m));
	if (!m)
		return custody_fail_nomem(err);
	custody_buf_init(&m->kept, CUSTODY_LIMIT_XATTRS);
	if (custody_owners_new(&m->owners, CUSTODY_OWNERS_USERS, CUSTODY_OWNERS_GROUPS, err))
		return -1;
	*out = custody_steal(&m);
	return 0;
}

void custody_metadata_free(struct custody_metadata **m)
{
	if (!*m)
		return;
	custody_owners_free(&(*m)->owners);
	custody_buf_release(&(*m)->kept);
	custody_digest_release(&(*m)->digest);
	free((*m)->xattrs);
	free(*m);
	*m = NULL;
}

/* ---- times ---- */

static void add_finding(struct custody_metadata *m, struct custody_item *item, const char *id, const char *detail)
{
	m->findings[item->n_findings++] = (struct custody_item_finding){ id, detail };
	item->findings = m->findings;
}

static void set_times(struct custody_metadata *m, const struct custody_walk_entry *e, struct custody_item *item)
{
	static const char *const names[CUSTODY_TIMES] = { "modified", "changed", "accessed", "born" };
	const struct timespec from[] = { e->st.st_mtim, e->st.st_ctim, e->st.st_atim };
	for (size_t i = 0; i < 3; i++)
		item->time[i] = (struct custody_time){ from[i].tv_sec, (uint32_t)from[i].tv_nsec };
	item->time[CUSTODY_TIME_BORN] = e->born;
	m->times_detail[0] = '\0';
	for (size_t i = 0; i < CUSTODY_TIMES; i++) {
		bool there = e->has_st && (i != CUSTODY_TIME_BORN || e->has_born);
		item->has_time[i] = there && custody_time_in_range(item->time[i]);
		if (there && !item->has_time[i]) {
			size_t used = strlen(m->times_detail);
			snprintf(m->times_detail + used, sizeof(m->times_detail) - used, "%s%s", used ? " " : "", names[i]);
		}
	}
	/* Few systems know every time of birth, so that one's absence is no finding; a time that cannot be written is. */
	if (m->times_detail[0] || !e->has_st)
		add_finding(m, item, "times-absent", m->times_detail[0] ? m->times_detail : NULL);
}

/* ---- extended attributes ---- */

/* An attribute that could not be read, or (name NULL) the names of them all: the first is told of with the reason. One that is not there any more, and a file system that
 * has no such thing, lose nothing. A stream of NTFS, which Linux shows as an attribute, may be too long for it. */
static int miss(struct custody_metadata *m, const char *name, int why, struct custody_error *err)
{
	char shown[80];

	if (custody_errno_is_own(why))
		return custody_fail_errno(err, why, "cannot read the attributes of an item");
	if (why == ENODATA || why == EOPNOTSUPP || m->unread++ > 0)
		return 0;
	const char *text = why == E2BIG || why == ERANGE ? "more than 65536 bytes" : strerrordesc_np(why);
	snprintf(m->unread_detail, sizeof(m->unread_detail), "%s%s%s: %s", name ? "'" : "which there are",
		name ? custody_display(name, strlen(name), shown, sizeof(shown)) : "", name ? "'" : "", text ? text : "an error");
	return 0;
}

static void add_unread(struct custody_metadata *m, struct custody_item *item)
{
	size_t used = strlen(m->unread_detail);

	if (m->unread > 1)
		snprintf(m->unread_detail + used, sizeof(m->unread_detail) - used, ", and %zu more", m->unread - 1);
	if (m->unread > 0)
		add_finding(m, item, "xattrs-unreadable", m->unread_detail);
}

/* Attributes of an open descriptor, or of the path "/proc/self/fd/N" of one that was opened with O_PATH, which the fd calls refuse. */
struct target {
	int fd;
	char path[32]; /* empty: by fd */
};

static ssize_t list(const struct target *t, char *names, size_t size)
{
	return t->path[0] ? listxattr(t->path, names, size) : flistxattr(t->fd, names, size);
}

static ssize_t get(const struct target *t, const char *name, void *value, size_t size)
{
	return t->path[0] ? getxattr(t->path, name, value, size) : fgetxattr(t->fd, name, value, size);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Adds an attribute to the digest of all: length and bytes of name and value, lengths as 32 bits little-endian. */
static int digest_one(struct custody_metadata *m, const char *name, size_t value_len, struct custody_error *err)
{
	uint8_t length[4];
	size_t name_len = strlen(name);
	custody_put_le32(length, (uint32_t)name_len);
	if (custody_digest_update(&m->digest, length, 4, err) || custody_digest_update(&m->digest, name, name_len, err))
		return -1;
	custody_put_le32(length, (uint32_t)value_len);
	return custody_digest_update(&m->digest, length, 4, err) || custody_digest_update(&m->digest, m->value, value_len, err) ? -1 : 0;
}

/* Room for the attribute in m->kept; its bytes are found again by their offset, since m->kept moves while it grows. */
static int keep_one(struct custody_metadata *m, size_t i, const char *name, size_t value_len, bool *fits, struct custody_error *err)
{
	size_t name_len = strlen(name);
	if (m->kept.len + name_len + value_len > CUSTODY_LIMIT_XATTRS)
		*fits = false;
	if (!*fits)
		return 0;
	m->xattrs[i] = (struct custody_xattr){ { NULL, name_len }, { NULL, value_len } };
	return custody_buf_append(&m->kept, name, name_len, err) || custody_buf_append(&m->kept, m->value, value_len, err) ? -1 : 0;
}

/* Reads the named attributes in order; *kept is how many are in m->xattrs, or 0 and *fits false if they are too large together. */
static int read_all(
	struct custody_metadata *m, const struct target *t, const char *const *names, size_t n, size_t *kept, bool *fits, struct custody_error *err)
{
	*kept = 0;
	*fits = true;
	custody_buf_clear(&m->kept);
	if (!m->digest.ctx && custody_digest_new(&m->digest, CUSTODY_SHA256, err))
		return -1;
	if (custody_digest_start(&m->digest, err))
		return -1;
	for (size_t i = 0; i < n; i++) {
		ssize_t got = get(t, names[i], m->value, sizeof(m->value));
		if (got < 0 && miss(m, names[i], errno, err))
			return -1;
		if (got < 0)
			continue;
		if (digest_one(m, names[i], (size_t)got, err) || keep_one(m, *kept, names[i], (size_t)got, fits, err))
			return -1;
		++*kept;
	}
	const uint8_t *at = m->kept.data;
	for (size_t i = 0; *fits && i < *kept; i++) {
		m->xattrs[i].name.p = at;
		m->xattrs[i].value.p = at + m->xattrs[i].name.n;
		at += m->xattrs[i].name.n + m->xattrs[i].value.n;
	}
	return 0;
}

static int read_xattrs(struct custody_metadata *m, const struct target *t, struct custody_item *item, struct custody_error *err)
{
	ssize_t length = list(t, m->names, sizeof(m->names));
	if (length < 0)
		return miss(m, NULL, errno, err);
	if (length == 0)
		return 0;
	size_t n = 0;
	for (size_t i = 0; i < (size_t)length; i += strlen(m->names + i) + 1)
		n++;
	CUSTODY_FREE const char **names = calloc(n, sizeof(names[0]));
	if (!names)
		return custody_fail_nomem(err);
	n = 0;
	for (size_t i = 0; i < (size_t)length; i += strlen(m->names + i) + 1)
		names[n++] = m->names + i;
	qsort(names, n, sizeof(names[0]), compare_names);
	if (n > m->xattrs_cap) {
		struct custody_xattr *xattrs = reallocarray(m->xattrs, n, sizeof(xattrs[0]));
		if (!xattrs)
			return custody_fail_nomem(err);
		m->xattrs = xattrs;
		m->xattrs_cap = n;
	}
	bool fits;
	if (read_all(m, t, names, n, &item->n_xattrs, &fits, err))
		return -1;
	item->xattrs = m->xattrs;
	if (fits)
		return 0;
	item->n_xattrs = 0;
	uint8_t sha256[32];
	char hex[2 * sizeof(sha256) + 1];
	if (custody_digest_finish(&m->digest, sha256, err))
		return -1;
	custody_hex_format(sha256, sizeof(sha256), hex);
	snprintf(m->xattrs_detail, sizeof(m->xattrs_detail), "sha256 %s", hex);
	add_finding(m, item, "xattrs-digest-only", m->xattrs_detail);
	return 0;
}

/* Descriptor of an item that is not open, whatever its kind and without opening its content; -1 if it is not there or is another one now; errno is of the open. */
static int open_path(const struct custody_walk_entry *e)
{
	CUSTODY_CLOSE int fd = openat(e->dir_fd, e->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	if (fd < 0)
		return -1;
	errno = 0;
	if (fstat(fd, &st) || st.st_dev != e->st.st_dev || st.st_ino != e->st.st_ino)
		return -1;
	return custody_steal_fd(&fd);
}

int custody_metadata_read(
	struct custody_metadata *m, const struct custody_walk_entry *e, int fd, struct custody_item *item, struct custody_error *err)
{
	item->n_xattrs = item->n_findings = 0;
	item->xattrs = NULL;
	item->findings = NULL;
	item->has_mode = item->has_owner = e->has_st;
	if (item->has_mode) {
		item->mode = e->st.st_mode & 07777;
		item->uid = e->st.st_uid;
		item->gid = e->st.st_gid;
		if (custody_owners_user(m->owners, e->st.st_uid, &item->user, err) ||
			custody_owners_group(m->owners, e->st.st_gid, &item->group, err))
			return -1;
	}
	item->has_device = e->kind == CUSTODY_KIND_DEVICE && item->has_mode;
	if (item->has_device) {
		item->device_is_block = S_ISBLK(e->st.st_mode);
		item->major = major(e->st.st_rdev);
		item->minor = minor(e->st.st_rdev);
	}
	set_times(m, e, item);
	if (!item->has_mode)
		return 0;
	struct target t = { fd, "" };
	CUSTODY_CLOSE int path_fd = -1;
	if (fd < 0) {
		path_fd = open_path(e);
		if (path_fd < 0)
			return custody_errno_is_own(errno) ? custody_fail_errno(err, errno, "cannot read the attributes of an item") : 0;
		snprintf(t.path, sizeof(t.path), "/proc/self/fd/%d", path_fd);
	}
	m->unread = 0;
	if (read_xattrs(m, &t, item, err))
		return -1;
	add_unread(m, item);
	return 0;
}
