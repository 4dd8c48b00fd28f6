/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/environment.h"

#include <errno.h>
#include <expat.h>
#include <fcntl.h>
#include <jansson.h>
#include <libdeflate.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>
#include <utf8proc.h>
#include <zlib.h>

#include "libcustody/base/utf8.h"
#include "libcustody/base/watch.h"
#include "libcustody/crypto/multibuffer.h"
#include "libcustody/crypto/openssl.h"

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
	caught = number;
}

bool custody_environment_interrupted(void *ctx)
{
	(void)ctx;
	return caught != 0;
}

int custody_environment_signal(void)
{
	return caught;
}

static int catch_signals(struct custody_error *err)
{
	static const int asked[] = { SIGINT, SIGTERM, SIGHUP };
	/* RESETHAND: whoever presses the key twice does not want to wait for the end of a block. */
	struct sigaction on = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND }, off = { .sa_handler = SIG_IGN },
			 standard = { .sa_handler = SIG_DFL }, old;
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		if (sigaction(asked[i], NULL, &old))
			return custody_fail_errno(err, errno, "cannot read a signal's disposition");
		/* Ignored by whoever started us (nohup, a background job): stays so. */
		if (old.sa_handler != SIG_IGN && sigaction(asked[i], &on, NULL))
			return custody_fail_errno(err, errno, "cannot catch signals");
	}
	if (sigaction(SIGPIPE, &off, NULL) || sigaction(SIGXFSZ, &off, NULL))
		return custody_fail_errno(err, errno, "cannot ignore signals");
	/* Where it was ignored, the kernel would tell nobody how a child ended, and give its number to another process meanwhile. */
	if (sigaction(SIGCHLD, &standard, NULL))
		return custody_fail_errno(err, errno, "cannot set a signal's disposition");
	return 0;
}

/* A file that gets descriptor 1 or 2 would be written to by every message. Opened the wrong way round, so that using one still fails. */
static int fill_standard_descriptors(struct custody_error *err)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) != -1)
			continue;
		if (open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
			return custody_fail(err, CUSTODY_ERR_IO, "descriptor %d is closed and /dev/null does not open", fd);
	}
	return 0;
}

static int harden(struct custody_error *err)
{
	const struct rlimit none = { 0, 0 };
	if (setrlimit(RLIMIT_CORE, &none))
		return custody_fail_errno(err, errno, "cannot switch core dumps off");
#if !defined(__SANITIZE_ADDRESS__) /* LeakSanitizer traces its own process */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return custody_fail_errno(err, errno, "cannot make the process untraceable");
#endif
	static const char *const variables[] = { "OPENSSL_CONF", "OPENSSL_CONF_INCLUDE", "OPENSSL_MODULES", "OPENSSL_ENGINES", "SSL_CERT_FILE",
		"SSL_CERT_DIR", "EXPAT_ACCOUNTING_DEBUG", "EXPAT_ENTITY_DEBUG", "EXPAT_ENTROPY_DEBUG", "EXPAT_MALLOC_DEBUG" };
	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++)
		unsetenv(variables[i]);
	custody_watch_begin(); /* to the end: what fails after memory ran out, fails because of that (custody_terminal_error()) */
	if (custody_openssl_start(err))
		return -1;
	/* Where memory was too short for its default context, OpenSSL 3.0 uses it all the same, and crashes. */
	return OSSL_LIB_CTX_get0_global_default() ? 0 : custody_fail_nomem(err);
}

int custody_environment_start(struct custody_error *err)
{
	tzset(); /* once, before there are threads: localtime_r() does not have to */
	if (fill_standard_descriptors(err) || catch_signals(err))
		return -1;
	return harden(err);
}

void custody_environment_end(void)
{
	(void)custody_watch_end();
}

static int now(void *ctx, struct custody_time *out, struct custody_error *err)
{
	struct timespec ts;
	(void)ctx;
	if (clock_gettime(CLOCK_REALTIME, &ts))
		return custody_fail_errno(err, errno, "cannot read the clock");
	*out = (struct custody_time){ ts.tv_sec, (uint32_t)ts.tv_nsec };
	return 0;
}
const struct custody_clock custody_environment_clock = { now, NULL };

bool custody_environment_clock_accuracy(uint64_t *us)
{
	struct timex t = { .modes = 0 };
	int state = adjtimex(&t);
	const int64_t least = 1000000, most = 16000000; /* above 16 s the kernel itself says "not synchronised" (NTP_PHASE_LIMIT) */
	int64_t bound = t.maxerror;

	if (state < 0 || state == TIME_ERROR || (t.status & STA_UNSYNC) != 0 || bound < 0 || bound >= most)
		return false;
	/* What is still to be corrected, in microseconds or, with STA_NANO, nanoseconds. */
	bound += (t.offset < 0 ? -(int64_t)t.offset : (int64_t)t.offset) / ((t.status & STA_NANO) != 0 ? 1000 : 1) + 1;
	*us = (uint64_t)(bound > least ? (bound + 999) / 1000 * 1000 : least);
	return true;
}

int custody_environment_clock_synchronised(void)
{
	struct timex t = { .modes = 0 };
	int state = adjtimex(&t);

	return state < 0 ? -1 : state != TIME_ERROR && !(t.status & STA_UNSYNC);
}

bool custody_environment_local(struct custody_time t, struct custody_zone *out)
{
	const time_t seconds = (time_t)t.sec;
	struct tm tm;
	if (!localtime_r(&seconds, &tm) || tm.tm_gmtoff < -86400 || tm.tm_gmtoff > 86400)
		return false;
	out->offset = (int32_t)tm.tm_gmtoff;
	custody_display(tm.tm_zone ? tm.tm_zone : "", tm.tm_zone ? strlen(tm.tm_zone) : 0, out->name, sizeof(out->name));
	return true;
}

static int fill(void *ctx, uint8_t *p, size_t n, struct custody_error *err)
{
	(void)ctx;
	while (n > 0) {
		int part = n < INT_MAX ? (int)n : INT_MAX;
		if (RAND_priv_bytes(p, part) != 1)
			return custody_fail(err, CUSTODY_ERR_CRYPTO, "OpenSSL has no random numbers");
		p += part;
		n -= (size_t)part;
	}
	return 0;
}
const struct custody_random custody_environment_random = { fill, NULL };

const struct custody_library_version *custody_environment_libraries(size_t *n)
{
	static struct custody_library_version libraries[7];
	const char *expat = XML_ExpatVersion(); /* "expat_2.5.0" */
	const char *number = strchr(expat, '_');
	libraries[0] = (struct custody_library_version){ "openssl", OpenSSL_version(OPENSSL_VERSION_STRING) };
	libraries[1] = (struct custody_library_version){ "zlib", zlibVersion() };
	libraries[2] = (struct custody_library_version){ "jansson", jansson_version_str() };
	libraries[3] = (struct custody_library_version){ "expat", number ? number + 1 : expat };
	libraries[4] = (struct custody_library_version){ "utf8proc", utf8proc_version() };
	libraries[5] = (struct custody_library_version){ "libdeflate", LIBDEFLATE_VERSION_STRING };
	*n = 6;
	if (custody_multibuffer_version())
		libraries[(*n)++] = (struct custody_library_version){ "libipsec-mb", custody_multibuffer_version() };
	return libraries;
}

int custody_environment_default_lab(char **out, struct custody_error *err)
{
	const char *lab = getenv("CUSTODY_LAB"), *home = getenv("HOME");
	char *path = NULL;

	*out = NULL;
	if (lab && *lab)
		path = strdup(lab);
	else if (!home || !*home)
		return 0;
	else if (asprintf(&path, "%s/.custody", home) < 0)
		path = NULL;
	*out = path;
	return path ? 0 : custody_fail_nomem(err);
}
