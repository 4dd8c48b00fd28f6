/* SPDX-License-Identifier: Apache-2.0 */
/* A look at what is read from its first byte to its last: tar, 7z, and streams that bzip2, gzip, xz or zstd made. Steps as in look.h; head, n: the file's first bytes. */
#ifndef CUSTODY_FORMATS_CONTENT_LOOK_STREAM_H
#define CUSTODY_FORMATS_CONTENT_LOOK_STREAM_H

#include "formats/content/look.h"

int custody_look_7z(struct custody_look *k, const uint8_t *head, size_t n) CUSTODY_MUST_USE;
int custody_look_tar(struct custody_look *k, const uint8_t *head, size_t n) CUSTODY_MUST_USE;

/* A tar below the filter, or one stream. gzip is read by gunzip.h. */
int custody_look_gzip(struct custody_look *k, const uint8_t *head, size_t n) CUSTODY_MUST_USE;
int custody_look_filtered(struct custody_look *k, enum custody_inspect_filter filter, const uint8_t *head, size_t n) CUSTODY_MUST_USE;

#endif
