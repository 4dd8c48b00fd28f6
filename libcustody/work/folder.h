/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names in one folder, in order of their bytes, in bounded memory whatever their number: what does not fit is read again later, from the last name given
 * on. A folder that changes meanwhile gives each name at most once and stays in order.
 */
#ifndef CUSTODY_WORK_FOLDER_H
#define CUSTODY_WORK_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"

struct custody_folder {
	char *text; /* owned: the names one after the other, a byte of dirent's d_type in front and a NUL behind each */
	size_t text_len, text_cap;
	uint32_t *at; /* owned: where each name begins in text, sorted by name once read */
	size_t n, cap;
	size_t next;
	bool more; /* there are names behind the last one */
};

/* Frees and zeroes. Safe on a zeroed struct. */
void custody_folder_release(struct custody_folder *f);
/*
 * Reads the names of the folder fd (read from its start) that come after `after` (NULL: all), as many of the first as fit into `budget` bytes (at least
 * 64 KiB, at most 1 GiB). Replaces what f held. -1: NOMEM, or IO, where *problem = errno and f is empty.
 */
int custody_folder_read(struct custody_folder *f, int fd, const char *after, size_t budget, int *problem, struct custody_error *err) CUSTODY_MUST_USE;
/* The next name, or NULL; then, if f->more, read again after the last one. *type is its d_type. Borrowed from f. */
const char *custody_folder_next(struct custody_folder *f, uint8_t *type);
/* Bytes that f occupies. */
size_t custody_folder_memory(const struct custody_folder *f);

#endif
