/* SPDX-License-Identifier: Apache-2.0 */
/* What content is by its first bytes alone, for what is looked into and for what is noted as an archive inside one. Pure; n may be anything. */
#ifndef CUSTODY_FORMATS_CONTENT_BEGINS_H
#define CUSTODY_FORMATS_CONTENT_BEGINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/inspect.h"

#define CUSTODY_TAR_BLOCK 512

/* A local header, the end record of an archive without members, or the mark of the first of several files (APPNOTE 4.3.7, 4.3.16, 8.5.3). */
bool custody_begins_zip(const uint8_t *p, size_t n);
bool custody_begins_split_zip(const uint8_t *p, size_t n); /* that mark alone */
bool custody_begins_7z(const uint8_t *p, size_t n);
/* A tar header has the sum of its own bytes, its own field taken as blanks (POSIX pax, "ustar Interchange Format"); old programs summed signed bytes. */
bool custody_begins_tar(const uint8_t *p, size_t n);
/* A tar without members is zeros: so is much else, but not of this length. whole: the n bytes are all there is. */
bool custody_begins_empty_tar(const uint8_t *p, size_t n, bool whole);
/* gzip, bzip2, xz, zstd; CUSTODY_INSPECT_PLAIN: none of them. */
enum custody_inspect_filter custody_begins_filter(const uint8_t *p, size_t n);
/* Something that holds other files, of the kinds that one meets; it does not have to be one that is looked into. */
bool custody_begins_archive(const uint8_t *p, size_t n);

#endif
