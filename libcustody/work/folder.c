/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libcustody/base/cleanup.h"

#define DENTS 32768 /* bytes of one getdents: what the C library takes too */

void custody_folder_release(struct custody_folder *f)
{
	free(f->text);
	free(f->at);
	*f = (struct custody_folder){ 0 };
}

size_t custody_folder_memory(const struct custody_folder *f)
{
	return f->text_cap + f->cap * sizeof(f->at[0]);
}

/* strcmp compares as unsigned char, so this is the order of raw bytes. */
static int compare(const void *a, const void *b, void *text)
{
	return strcmp((const char *)text + *(const uint32_t *)a, (const char *)text + *(const uint32_t *)b);
}

/* Sorts; a name that a changing folder gave twice stays once. */
static void sort(struct custody_folder *f)
{
	if (f->n > 1) /* qsort takes no NULL, not even for nothing */
		qsort_r(f->at, f->n, sizeof(f->at[0]), compare, f->text);
	size_t kept = 0;
	for (size_t i = 0; i < f->n; i++)
		if (kept == 0 || strcmp(f->text + f->at[kept - 1], f->text + f->at[i]) != 0)
			f->at[kept++] = f->at[i];
	f->n = kept;
}

static int append(struct custody_folder *f, const char *name, size_t len, uint8_t type, struct custody_error *err)
{
	size_t need = f->text_len + len + 2;
	if (need > f->text_cap) {
		size_t cap = f->text_cap ? f->text_cap : 1024;
		while (cap < need)
			cap *= 2; /* need stays below the budget */
		char *text = realloc(f->text, cap);
		if (!text)
			return custody_fail_nomem(err);
		f->text = text;
		f->text_cap = cap;
	}
	if (f->n == f->cap) {
		size_t cap = f->cap ? f->cap * 2 : 64;
		uint32_t *at = realloc(f->at, cap * sizeof(at[0]));
		if (!at)
			return custody_fail_nomem(err);
		f->at = at;
		f->cap = cap;
	}
	f->text[f->text_len] = (char)type;
	f->at[f->n++] = (uint32_t)(f->text_len + 1);
	memcpy(f->text + f->text_len + 1, name, len);
	f->text[f->text_len + 1 + len] = '\0';
	f->text_len = need;
	return 0;
}

/* Keeps the first half of the names, and copies the last of them: the ceiling for what is still to come. */
static int keep_half(struct custody_folder *f, char **ceiling, struct custody_error *err)
{
	sort(f);
	size_t half = (f->n + 1) / 2; /* a hostile file system may give one name again and again: then n is 1 */
	struct custody_folder kept = { 0 };
	CUSTODY_CLEANUP(custody_folder_release) struct custody_folder old = *f;
	*f = kept;
	for (size_t i = 0; i < half; i++) {
		const char *name = old.text + old.at[i];
		if (append(f, name, strlen(name), (uint8_t)name[-1], err))
			return -1;
	}
	char *last = strdup(old.text + old.at[half - 1]);
	if (!last)
		return custody_fail_nomem(err);
	free(*ceiling);
	*ceiling = last;
	f->more = true;
	return 0;
}

static int take(struct custody_folder *f, const char *name, uint8_t type, const char *after, char **ceiling, size_t budget, struct custody_error *err)
{
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || (after && strcmp(name, after) <= 0))
		return 0;
	/* Halving copies, so a list may have half of the budget. */
	size_t len = strlen(name);
	bool full = f->n > 1 && (!*ceiling || strcmp(name, *ceiling) <= 0) && f->text_len + len + 2 + f->n * sizeof(f->at[0]) > budget / 2;
	if (full && keep_half(f, ceiling, err))
		return -1;
	if (*ceiling && strcmp(name, *ceiling) > 0) {
		f->more = true;
		return 0;
	}
	return append(f, name, len, type, err);
}

static int read_names(struct custody_folder *f, int fd, const char *after, size_t budget, int *problem, struct custody_error *err)
{
	CUSTODY_FREE char *ceiling = NULL;
	CUSTODY_FREE uint8_t *block = malloc(DENTS);
	if (!block)
		return custody_fail_nomem(err);
	if (lseek(fd, 0, SEEK_SET) < 0) {
		*problem = errno;
		return custody_fail_errno(err, errno, "cannot read a folder");
	}
	for (;;) {
		ssize_t got = getdents64(fd, block, DENTS);
		if (got == 0)
			break;
		if (got < 0) {
			*problem = errno;
			return custody_fail_errno(err, errno, "cannot read a folder");
		}
		for (size_t i = 0; i < (size_t)got;) {
			/* malloc's alignment and the kernel's records of multiples of 8 bytes */
			const struct dirent64 *d = (const struct dirent64 *)(const void *)(block + i);
			if (take(f, d->d_name, d->d_type, after, &ceiling, budget, err))
				return -1;
			i += d->d_reclen;
		}
	}
	sort(f);
	return 0;
}

int custody_folder_read(struct custody_folder *f, int fd, const char *after, size_t budget, int *problem, struct custody_error *err)
{
	struct custody_folder read = { 0 }; /* `after` may lie in f */
	*problem = 0;
	int r = read_names(&read, fd, after, budget, problem, err);
	custody_folder_release(f);
	if (r)
		custody_folder_release(&read);
	*f = read;
	return r;
}

const char *custody_folder_next(struct custody_folder *f, uint8_t *type)
{
	if (f->next == f->n)
		return NULL;
	const char *name = f->text + f->at[f->next++];
	*type = (uint8_t)name[-1];
	return name;
}
