/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls that fail when a test says so: running as root, chmod proves nothing, and nobody can pull a plug. The functions below stand in front of the C
 * library's in every program that links this file (openat, renameat2, linkat, unlinkat, fsync, statx, fstatat, getdents64, readlinkat, pread, pwrite, ftruncate,
 * fstat, flistxattr, fgetxattr), and in front of OpenSSL's EVP_DigestUpdate, EVP_DigestFinal_ex and EVP_DigestVerifyInit, which hardly ever fail for their own part.
 */
#ifndef CUSTODY_TESTS_FAULTS_H
#define CUSTODY_TESTS_FAULTS_H

#include <stdbool.h>

/* The nth call (1 is the next) of this name fails with this errno; all from the nth on if it is negative. One fault at a time a name. pread with errno 0
 * says that the file ends. */
void faults_set(const char *call, int nth, int error);
/* As the errno: the process ends at once, before the call does anything, with this exit status; nothing is cleaned up. For a child of the test. */
#define FAULTS_CRASH (-1)
#define FAULTS_CRASHED 99
/* It has not failed yet. */
bool faults_pending(const char *call);
/* Nothing fails any more. */
void faults_clear(void);

#endif
