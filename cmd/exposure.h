/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether others can reach into the folders that everything rests on. A key that others can read is refused (work/lab.h); a trust folder or a journal that anybody
 * can write to still serves, since what was done with it before does not become wrong, but it is said each time.
 */
#ifndef CUSTODY_CMD_EXPOSURE_H
#define CUSTODY_CMD_EXPOSURE_H

void custody_exposure_warn_lab(const char *dir);
void custody_exposure_warn_trust(const char *dir); /* a folder of anchors, wherever it lies */
/* The journal of the lab is gone or empty: what was done before is not told any more, and nothing else would say so. */
void custody_exposure_warn_journal(const char *dir);

#endif
