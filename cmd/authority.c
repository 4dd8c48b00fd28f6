/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/authority.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "cmd/environment.h"
#include "cmd/terminal.h"
#include "libcustody/base/hex.h"
#include "libcustody/crypto/timestamp.h"

/* When the list of revoked certificates was last written. */
static int look_at_crls(const struct custody_lab *lab, struct stat *st, struct custody_error *err)
{
	return fstatat(lab->dir_fd, "trust/crls.pem", st, 0) == 0 ? 0 : custody_fail_errno(err, errno, "cannot look at trust/crls.pem of the lab");
}

int custody_authority_open(struct custody_authority *a, const struct custody_lab *lab, const uint8_t *passphrase, size_t passphrase_len,
	char *warning, size_t warning_size, struct custody_error *err)
{
	const struct custody_clock *clock = &custody_environment_clock;
	struct custody_time now;

	*a = (struct custody_authority){ .lab = lab };
	if (clock->now(clock->ctx, &now, err) != 0 || look_at_crls(lab, &a->crls, err) != 0)
		return -1;
	return custody_lab_load_stamper(lab, passphrase, passphrase_len, now, &a->stamper, warning, warning_size, err);
}

void custody_authority_release(struct custody_authority *a)
{
	custody_signer_release(&a->stamper);
	memset(a, 0, sizeof(*a));
}

/* ---- whether it may stamp ---- */

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Certificate and key still serve, and `custody lab revoke` has not been there meanwhile. */
static int may_stamp(struct custody_authority *a, struct custody_time now, struct custody_error *err)
{
	struct stat st;

	if (custody_lab_check_stamper(a->lab, &a->stamper, now, err) != 0 || look_at_crls(a->lab, &st, err) != 0)
		return -1;
	if (same_file(&st, &a->crls))
		return 0;
	if (custody_lab_check_stamper_revocation(a->lab, &a->stamper, err) != 0)
		return -1;
	a->crls = st;
	return 0;
}

/* Once until it is over: whoever can send requests must not be able to fill the log with it. */
static void warn_once(struct custody_authority *a, const char *text)
{
	if (!a->warned)
		custody_terminal_warn("no time-stamps are given: %s", text);
	a->warned = true;
}

/* The time of the stamp: the order is here already, so what it names existed before. A clock that went back makes tokens that contradict each other. */
static int take_time(const struct custody_authority *a, struct custody_time *now, struct custody_error *err)
{
	const struct custody_clock *clock = &custody_environment_clock;

	if (clock->now(clock->ctx, now, err) != 0)
		return -1;
	if (custody_time_compare(*now, a->last) < 0)
		return custody_fail(err, CUSTODY_ERR_TEMPORARY, "the clock was set back behind the last time-stamp");
	return 0;
}

/* ---- the journal ---- */

#define HEX_MAX (2 * CUSTODY_DIGEST_MAX + 1)

static int journal(const struct custody_authority *a, const struct custody_token *t, struct custody_time now, struct custody_error *err)
{
	char serial[HEX_MAX], imprint[HEX_MAX], words[4][HEX_MAX + 32];
	const char *arguments[] = { words[0], words[1], words[2], words[3] };
	const struct custody_journal_entry entry = { .time = now,
		.command = "stamp",
		.arguments = arguments,
		.n_arguments = t->has_accuracy ? 4 : 3,
		.result = "granted",
		.self_test = "not-run" };

	if (t->serial.n > CUSTODY_DIGEST_MAX)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "a serial number of %zu bytes", t->serial.n);
	custody_hex_format(t->serial.p, t->serial.n, serial);
	custody_hex_format(t->imprint.p, t->imprint.n, imprint);
	(void)snprintf(words[0], sizeof(words[0]), "serial=%s", serial);
	(void)snprintf(words[1], sizeof(words[1]), "%s=%s", custody_digest_get(t->imprint_digest)->name, imprint);
	(void)snprintf(words[2], sizeof(words[2]), "time=");
	custody_time_format_ns(t->time, words[2] + 5);
	(void)snprintf(words[3], sizeof(words[3]), "accuracy=%ju us", (uintmax_t)t->accuracy_us);
	return custody_lab_journal(a->lab, &entry, err);
}

/* ---- one stamp ---- */

static int make(struct custody_authority *a, const struct custody_tsp_order *order, struct custody_time now, struct custody_buf *token,
	struct custody_error *err)
{
	uint64_t accuracy = 0;
	struct custody_stamp_request r = { .imprint_digest = order->imprint_digest,
		.imprint = order->imprint,
		.time = now,
		.random = &custody_environment_random,
		.served = true,
		.bare_algorithm = order->bare_algorithm,
		.without_certificates = !order->wants_certificate,
		.nonce = { order->nonce, order->nonce_len } };

	if (custody_environment_clock_accuracy(&accuracy))
		r.accuracy_us = accuracy;
	return custody_stamp_for(&a->stamper, &r, token, err);
}

int custody_authority_stamp(struct custody_authority *a, const struct custody_tsp_order *order, struct custody_buf *token,
	enum custody_tsp_failure *failure, bool *final, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf made = { 0 };
	struct custody_token facts;
	struct custody_time now;

	custody_buf_init(&made, token->max);
	*failure = CUSTODY_TSP_TIME_NOT_AVAILABLE;
	*final = false;
	if (take_time(a, &now, err) != 0) {
		warn_once(a, err->text);
		return -1;
	}
	*failure = CUSTODY_TSP_SYSTEM_FAILURE;
	*final = true;
	if (may_stamp(a, now, err) != 0 || make(a, order, now, &made, err) != 0 ||
		custody_token_parse((struct custody_bytes){ made.data, made.len }, &facts, err) != 0)
		return -1;
	a->last = now; /* also of one that nobody gets: its serial number is used up, and so is its time */
	if (journal(a, &facts, now, err) != 0) {
		*final = false;
		warn_once(a, err->text);
		return custody_fail(err, CUSTODY_ERR_IO, "the journal of this authority cannot be written");
	}
	if (custody_buf_append(token, made.data, made.len, err) != 0)
		return -1;
	a->warned = false;
	a->stamped++;
	return 0;
}
