/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/exposure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/terminal.h"
#include "libcustody/base/fd.h"

#define NAMES(array) (sizeof(array) / sizeof((array)[0]))

/* What can be written to by others than owner and group: a group of analysts may share a lab, and many systems give each user a group of their own. */
static bool is_exposed(int dir_fd, const char *name, unsigned *mode)
{
	struct stat st;

	if (fstatat(dir_fd, name, &st, 0) != 0 || !(st.st_mode & S_IWOTH))
		return false;
	*mode = (unsigned)(st.st_mode & 07777);
	return true;
}

static void warn(const char *dir, const char *const *names, size_t n)
{
	CUSTODY_CLOSE int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char shown[CUSTODY_TERMINAL_NAME], typed[CUSTODY_TERMINAL_NAME], more[48] = "";
	const char *first = NULL;
	size_t exposed = 0;
	unsigned mode = 0;

	for (size_t i = 0; fd >= 0 && i < n; i++) {
		unsigned m = 0;

		if (!is_exposed(fd, names[i], &m))
			continue;
		if (exposed++ == 0) {
			first = names[i];
			mode = m;
		}
	}
	if (exposed == 0)
		return;
	if (exposed > 1)
		(void)snprintf(more, sizeof(more), ", and %zu more of it", exposed - 1);
	(void)custody_display(dir, strlen(dir), shown, sizeof(shown));
	custody_terminal_warn("anybody on this computer can change '%s%s%s' (mode %04o%s); nothing shows whether somebody did: chmod -R o-w %s",
		shown, strcmp(first, ".") == 0 ? "" : "/", strcmp(first, ".") == 0 ? "" : first, mode, more,
		custody_display_word(dir, typed, sizeof(typed)));
}

void custody_exposure_warn_lab(const char *dir)
{
	static const char *const names[] = { ".", "trust", "trust/signers.pem", "trust/tsas.pem", "trust/crls.pem", "root", "root/root.pem",
		"root/state.json", "keys", "certificates", "custody.conf", "journal.jsonl" };

	warn(dir, names, NAMES(names));
}

void custody_exposure_warn_trust(const char *dir)
{
	static const char *const names[] = { ".", "signers.pem", "tsas.pem", "crls.pem" };

	warn(dir, names, NAMES(names));
}

void custody_exposure_warn_journal(const char *dir)
{
	CUSTODY_CLOSE int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char shown[CUSTODY_TERMINAL_NAME];
	struct stat st;

	if (fd < 0)
		return;
	if (fstatat(fd, "journal.jsonl", &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_size > 0 || !S_ISREG(st.st_mode) : errno != ENOENT)
		return;
	custody_terminal_warn("the journal of '%s' is gone or empty: what was done with this lab before is not told any more, and a new one begins",
		custody_display(dir, strlen(dir), shown, sizeof(shown)));
}
