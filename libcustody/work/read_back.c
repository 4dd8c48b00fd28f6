/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/read_back.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/work/verify.h"

/* After a sync and POSIX_FADV_DONTNEED, pages that stay are in memory, not on storage (tmpfs): then the result says so. */
static bool pages_stay(int fd, uint64_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), window = (size_t)1 << 28;
	CUSTODY_FREE unsigned char *resident = malloc(window / page);
	bool stay = false;

	for (uint64_t at = 0; resident && at < size && !stay; at += window) {
		size_t n = size - at < window ? (size_t)(size - at) : window;
		void *p = mmap(NULL, n, PROT_READ, MAP_SHARED, fd, (off_t)at);

		if (p == MAP_FAILED)
			return true;
		if (mincore(p, n, resident) == 0)
			for (size_t i = 0; i < (n + page - 1) / page; i++)
				stay = stay || (resident[i] & 1);
		munmap(p, n);
	}
	return stay || !resident;
}

/* Nothing that changes a verdict was found but the two ids, and at least one of the first. */
static bool only(const struct custody_report *r, enum custody_finding_id first, enum custody_finding_id second)
{
	if (r->groups[CUSTODY_GROUP_CONTAINER] != CUSTODY_RESULT_PASS || r->groups[CUSTODY_GROUP_INTEGRITY] != CUSTODY_RESULT_PASS ||
		r->findings.out_of_memory)
		return false;
	for (int id = 0; id < CUSTODY_FINDING_COUNT; id++)
		if (r->findings.count[id] > 0 && custody_finding_get((enum custody_finding_id)id)->effect != CUSTODY_EFFECT_NOTHING &&
			id != (int)first && id != (int)second)
			return false;
	return r->findings.count[first] > 0;
}

/* B-T was asked for: then it may be missing that nobody knows of revocation, and nothing else. */
static bool only_revocation_unknown(const struct custody_report *r)
{
	return r->verdict == CUSTODY_VERDICT_INDETERMINATE && only(r, CUSTODY_FINDING_REVOCATION_UNKNOWN, CUSTODY_FINDING_REVOCATION_UNKNOWN);
}

/* Both signatures hold, over everything, by the lab's key; only their time-stamps, and so the level, are missing. */
static bool only_unstamped(const struct custody_report *r)
{
	return r->seal.arithmetic && r->seal.has_anchor && !r->seal.has_time && r->findings.count[CUSTODY_FINDING_TIME_MISSING] == 2 &&
	       only(r, CUSTODY_FINDING_TIME_MISSING, CUSTODY_FINDING_LEVEL_BELOW_REQUIRED);
}

/* What was found, in one line. */
static int refuse_verdict(const struct custody_report *r, const char *what, struct custody_error *err)
{
	const char *name = custody_verdict_name(r->verdict);
	const struct custody_finding *worst = NULL;

	for (size_t i = 0; i < r->findings.n && !worst; i++)
		if (custody_finding_get(r->findings.list[i].id)->effect != CUSTODY_EFFECT_NOTHING)
			worst = &r->findings.list[i];
	return custody_fail(err, CUSTODY_ERR_INTERNAL, "the package was read back and found %s (%s%s%s); %s", name ? name : "unjudged",
		worst ? custody_finding_get(worst->id)->id : "no finding", worst && worst->detail ? ": " : "",
		worst && worst->detail ? worst->detail : "", what);
}

int custody_read_back_source(const struct custody_source *source, const struct custody_read_back *how, const char *what,
	struct custody_report *report, struct custody_error *err)
{
	struct custody_verify_options options = {
		.trust = how->trust,
		.random = how->random,
		.workers = how->workers,
		.progress = how->progress,
		.progress_ctx = how->ctx,
		.interrupted = how->interrupted,
		.interrupted_ctx = how->ctx,
	};

	if (how->clock->now(how->clock->ctx, &options.now, err))
		return -1;
	if (custody_time_compare(how->latest, options.now) > 0)
		options.now = how->latest;
	options.evaluated_at = options.now;
	if (custody_verify(source, &options, report, err))
		return -1;
	/* INVALID stands without all of its findings, but what is missing among them may be the reason. */
	if (report->findings.out_of_memory)
		return custody_fail_nomem(err);
	if (how->unstamped ? only_unstamped(report) : report->verdict == CUSTODY_VERDICT_VALID || (!how->level_lt && only_revocation_unknown(report)))
		return 0;
	return refuse_verdict(report, what, err);
}

int custody_read_back(
	struct custody_output *output, const struct custody_read_back *how, struct custody_report *report, bool *cached, struct custody_error *err)
{
	struct custody_source source;
	struct custody_source_fd state;

	if (custody_output_sync(output, err))
		return -1;
	(void)posix_fadvise(output->fd, 0, 0, POSIX_FADV_DONTNEED);
	if (custody_source_open_fd(&source, &state, output->fd, err))
		return -1;
	*cached = pages_stay(output->fd, source.size);
	if (custody_read_back_source(&source, how, "it was removed", report, err))
		return custody_fail_in(err, "cannot read back '%s'", output->path);
	return 0;
}
