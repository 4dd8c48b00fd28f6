/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/package.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/options.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/nih.h"
#include "libcustody/base/source.h"
#include "libcustody/crypto/digest.h"

static const char *type_of(mode_t mode)
{
	if (S_ISDIR(mode))
		return "a folder";
	if (S_ISCHR(mode) || S_ISBLK(mode))
		return "a device";
	return S_ISFIFO(mode) ? "a FIFO" : "a socket";
}

int custody_package_open(const char *path, struct custody_error *err)
{
	struct stat st;
	CUSTODY_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ENXIO || errno == ELOOP || errno == ENAMETOOLONG))
		return custody_fail(err, CUSTODY_ERR_INPUT, "%s", errno == ENXIO ? "a socket or a device, want a regular file" : "no such file");
	if (fd < 0)
		return custody_fail_errno(err, errno, "cannot open");
	if (fstat(fd, &st))
		return custody_fail_errno(err, errno, "cannot look at it");
	if (!S_ISREG(st.st_mode))
		return custody_fail(err, CUSTODY_ERR_INPUT, "%s, want a regular file", type_of(st.st_mode));
	int opened = fd;
	fd = -1; /* the caller's now */
	return opened;
}

int custody_package_note_anchors(const char *path, const char *trust_dir, struct custody_report *report, struct custody_error *err)
{
	CUSTODY_FREE char *anchors = NULL;
	CUSTODY_FREE char *folder = NULL;
	if (!trust_dir || report->n_anchors == 0)
		return 0;
	errno = 0;
	anchors = realpath(trust_dir, NULL);
	folder = anchors ? realpath(path, NULL) : NULL;
	if (!folder && (errno == ENOMEM || errno == EIO))
		return custody_fail_errno(err, errno, "cannot tell whether the trust anchors lie beside it");
	if (!folder)
		return 0; /* a pipe */
	char *slash = strrchr(folder, '/');
	size_t n = (size_t)(slash - folder);
	if (strncmp(anchors, folder, n) != 0 || (anchors[n] != '/' && anchors[n] != '\0'))
		return 0;
	custody_findings_add(&report->findings, CUSTODY_FINDING_ANCHORS_BESIDE_PACKAGE, NULL, 0, NULL);
	return 0;
}

int custody_package_digest(const char *path, uint8_t sha256[32], uint64_t *size, struct custody_error *err)
{
	CUSTODY_CLOSE int fd = custody_package_open(path, err);
	struct custody_source_fd state;
	struct custody_source source;

	if (fd < 0 || custody_source_open_fd(&source, &state, fd, err) || custody_digest_source(&source, sha256, err))
		return -1;
	*size = source.size;
	int unchanged = custody_source_unchanged(&source, err);
	return unchanged < 0 ? -1 : unchanged ? 0 : custody_fail(err, CUSTODY_ERR_IO, "it changed while it was read");
}

int custody_package_question(const char *expect, const char *jobs, struct custody_verify_options *o, struct custody_error *err)
{
	if (expect && !custody_nih_parse(expect, o->expected))
		return custody_fail(err, CUSTODY_ERR_USAGE, "--expect wants a package number: 64 hexadecimal digits, or what its QR code says");
	o->has_expected = expect != NULL;
	return custody_options_jobs(jobs, &o->workers, err);
}
