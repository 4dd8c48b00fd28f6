/* SPDX-License-Identifier: Apache-2.0 */
/* A look at a ZIP: libarchive's members beside the records of the directory as we read it (zipdir.h); where they differ, that is said. Steps as in look.h. */
#ifndef CUSTODY_FORMATS_CONTENT_LOOK_ZIP_H
#define CUSTODY_FORMATS_CONTENT_LOOK_ZIP_H

#include "formats/content/look.h"
#include "formats/content/zipdir.h"

/* dir: NULL where there is none: then by the members' own headers, and nobody knows whether it is all. head, n: the file's first bytes. */
int custody_look_zip(struct custody_look *k, const struct custody_zipdir *dir, const uint8_t *head, size_t n) CUSTODY_MUST_USE;

#endif
