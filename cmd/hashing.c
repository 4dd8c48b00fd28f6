/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/hashing.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/terminal.h"

static const char *kind_text(enum custody_kind kind)
{
	return kind == CUSTODY_KIND_FIFO ? "a FIFO" : kind == CUSTODY_KIND_SOCKET ? "a socket" : "a device";
}

int custody_hashing_explain(const struct custody_hash_item *item)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	char path[CUSTODY_TERMINAL_NAME], link[CUSTODY_TERMINAL_NAME];
	(void)custody_display(item->path.p, item->path.n, path, sizeof(path));
	switch (item->outcome) {
	case CUSTODY_HASH_READ:
		return CUSTODY_EXIT_OK;
	case CUSTODY_HASH_SYMLINK:
		custody_terminal_note("'%s' is a symbolic link to '%s' and was not followed", path,
			custody_display(item->link.p, item->link.n, link, sizeof(link)));
		return CUSTODY_EXIT_OK;
	case CUSTODY_HASH_SPECIAL:
		custody_terminal_note("'%s' is %s and was passed over", path, kind_text(item->kind));
		return CUSTODY_EXIT_OK;
	case CUSTODY_HASH_CHANGED:
		custody_fail(&err, CUSTODY_ERR_IO, "'%s' changed while it was read, so that it has no digest", path);
		return custody_terminal_error(&err, "%s", "");
	case CUSTODY_HASH_UNREADABLE:
	default:
		custody_fail_errno(&err, item->problem, "cannot read '%s'", path);
		return custody_terminal_error(&err, "%s", "");
	}
}

void custody_hashing_label(uint32_t digests, bool nothing_else)
{
	uint32_t legacy = digests & (CUSTODY_DIGEST_BIT(CUSTODY_MD5) | CUSTODY_DIGEST_BIT(CUSTODY_SHA1));
	if (!legacy)
		return;
	const char *names = legacy & (legacy - 1)			? "md5 and sha1 are legacy digests"
			    : legacy == CUSTODY_DIGEST_BIT(CUSTODY_MD5) ? "md5 is a legacy digest"
									: "sha1 is a legacy digest";
	custody_terminal_warn("%s, good for matching old lists: different files with the same one can be made%s", names,
		nothing_else ? ", and the list has nothing better" : "");
}

int custody_hashing_flush(struct custody_buf *out, struct custody_error *err)
{
	custody_terminal_print(out);
	custody_buf_clear(out);
	return ferror(stdout) ? custody_fail_errno(err, errno ? errno : EIO, "cannot write to standard output") : 0;
}
