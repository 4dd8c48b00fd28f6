/* SPDX-License-Identifier: Apache-2.0 */
/* The package that a command was given. */
#ifndef CUSTODY_CMD_PACKAGE_H
#define CUSTODY_CMD_PACKAGE_H

#include "libcustody/base/error.h"

/*
 * Opens it for reading. Only a regular file has bytes that stay: INPUT for anything else, and for nothing; links are followed. Never waits. Gives a descriptor, or
 * -1 with err.
 */
int custody_package_open(const char *path, struct custody_error *err) CUSTODY_MUST_USE;

#endif
