/* SPDX-License-Identifier: Apache-2.0 */
/* An empty folder for one test, removed with all that is in it. */
#ifndef CUSTODY_TESTS_TMPDIR_H
#define CUSTODY_TESTS_TMPDIR_H

/* Makes a folder below $TMPDIR or /tmp, writes its path to out (64 bytes), and makes it the working folder. Aborts if it cannot. */
void tmpdir_enter(char out[64]);
/* Goes back to the folder the process was in and removes path with everything below it, however deep. */
void tmpdir_leave(const char *path);
/* Writes a file of n bytes (relative to the working folder); aborts if it cannot. */
void tmpdir_write(const char *name, const void *p, unsigned long n);

#endif
