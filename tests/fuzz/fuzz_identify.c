/* SPDX-License-Identifier: Apache-2.0 */
/* libmagic as the worker calls it, over the system's database: never past the content's end, and a media type or an error, twice the same. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/worker/protocol.h"
#include "formats/content/identify.h"
#include "libcustody/base/limits.h"
#include "tests/fuzz/fuzz.h"

static struct custody_identifier *identifier(void)
{
	static struct custody_identifier *i;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct stat st;
	int fd;

	if (i)
		return i;
	fd = open("/usr/lib/file/magic.mgc", O_RDONLY | O_CLOEXEC);
	FUZZ_ASSERT(fd >= 0 && fstat(fd, &st) == 0);
	void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	FUZZ_ASSERT(p != MAP_FAILED && custody_identifier_new(&i, p, (size_t)st.st_size, &err) == 0);
	close(fd);
	return i;
}

FUZZ_TARGET(identify)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	const char *mime = NULL;
	char first[CUSTODY_WORKER_TEXT_MAX] = "";

	if (n > CUSTODY_LIMIT_BLOCK)
		return 0;
	int rc = custody_identify(identifier(), p, n, &mime, &err);
	if (rc == 0)
		snprintf(first, sizeof(first), "%s", mime);
	FUZZ_ASSERT(custody_identify(identifier(), p, n, &mime, &err) == rc && (rc != 0 || strncmp(first, mime, sizeof(first) - 1) == 0));
	return 0;
}
