/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/tmpdir.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int home = -1;

static void must(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	abort();
}

void tmpdir_enter(char out[64])
{
	home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(home >= 0, "open .");
	snprintf(out, 64, "/tmp/custody-test.XXXXXX");
	must(mkdtemp(out) != NULL, "mkdtemp");
	must(chdir(out) == 0, out);
}

void tmpdir_leave(const char *path)
{
	must(fchdir(home) == 0, "fchdir");
	close(home);
	home = -1;
	/* rm goes down by descriptors, so depth and length do not matter */
	char command[128];
	snprintf(command, sizeof(command), "chmod -R u+rwx '%s' 2>/dev/null; rm -rf '%s'", path, path);
	must(system(command) == 0, command);
}

void tmpdir_write(const char *name, const void *p, unsigned long n)
{
	FILE *f = fopen(name, "wb");
	must(f != NULL, name);
	must(fwrite(p, 1, n, f) == n, name);
	must(fclose(f) == 0, name);
}
