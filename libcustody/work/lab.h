/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lab folder: own root, keys, certificates, a CRL, custody.conf, journal.jsonl, trust/ (design/cli.md, "custody init").
 *
 *   LAB/custody.conf          organisation, operator, role, digests, level (OpenSSL's CONF syntax; '$', .include, .pragma refused)
 *   LAB/root/root.key         the root's private key, 0600; may be kept offline (the whole folder root/ may)
 *   LAB/root/root.pem         its certificate         LAB/root/state.json: serials, revocations and the CRL number
 *   LAB/keys/NAME.key         PKCS#8 PEM, 0600, encrypted if a passphrase was given    LAB/certificates/NAME.pem
 *   LAB/trust/signers.pem tsas.pem crls.pem           what to give to those who verify
 *   LAB/journal.jsonl         one line an action, O_APPEND under a lock
 */
#ifndef CUSTODY_WORK_LAB_H
#define CUSTODY_WORK_LAB_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/error.h"
#include "libcustody/base/random.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/sign.h"
#include "libcustody/crypto/trust.h"

struct custody_lab_new {
	const char *dir; /* must not exist */
	const char *organisation, *name; /* name = the analyst */
	const char *key_type; /* "p256", "p384", "rsa3072", "rsa-pss" */
	const uint8_t *passphrase; /* NULL: keys are not encrypted */
	size_t passphrase_len;
	const struct custody_clock *clock;
	const struct custody_random *random; /* certificate serials; key generation uses OpenSSL's generator */
	const struct custody_journal_entry *journal; /* the first line of the journal, its time replaced by the clock's; NULL: an empty journal */
};
/*
 * Makes the folder whole or not at all (built beside under a temporary name, synced, renamed). anchor_sha256: fingerprint of the root.
 * Errors: USAGE (a name that X.509 or custody.conf cannot hold, key type, passphrase), INPUT (dir exists, its parent does not), IO.
 */
int custody_lab_create(const struct custody_lab_new *n, uint8_t anchor_sha256[32], struct custody_error *err) CUSTODY_MUST_USE;
/* Is there, where a lab would be made in dir, a folder that a killed custody_lab_create() left, or one at work? Its name, if so: keys may lie in it. Errors are none. */
bool custody_lab_leftover(const char *dir, char out[NAME_MAX + 1]);

/* File name of a person's or an authority's key: ASCII letters in lower case, digits, '.', '_' and safe characters beyond ASCII stay, anything else
 * becomes '-', none of them first or last. "Bar Analyst" gives "bar-analyst". Empty for a name that leaves nothing. out: CUSTODY_LAB_FILE_NAME bytes. */
#define CUSTODY_LAB_FILE_NAME 208
void custody_lab_file_name(const char *name, char *out);
#define CUSTODY_LAB_STAMPER "time-stamping" /* that of the authority which init makes */
/*
 * One holder has one key after another: NAME.key, then NAME--2.key, NAME--3.key ..., their certificates likewise; no file name of a person has two hyphens in a row. Sealing
 * takes the newest that there is a certificate of. Splits such a stem into the holder's file name (CUSTODY_LAB_FILE_NAME bytes) and the number, from 1;
 * false if it is none.
 */
#define CUSTODY_LAB_STEM (CUSTODY_LAB_FILE_NAME + 8)
bool custody_lab_stem_split(const char *stem, char *holder, unsigned *generation);
/* generation 1 is the bare name. out: CUSTODY_LAB_STEM bytes. */
void custody_lab_stem_join(const char *holder, unsigned generation, char *out);

/* An opened lab. Owned strings. */
struct custody_lab {
	char *dir;
	int dir_fd;
	char *organisation, *operator_name, *role; /* from custody.conf; role may be NULL */
	char *signer_name, *stamper_name; /* file names of the default analyst and authority, from custody.conf */
	uint32_t digests;
	bool level_lt; /* default true */
	char *authorities; /* URLs of time-stamp authorities, separated by spaces, in the order given; NULL: none, the lab's own word */
	char *proxy; /* "http://HOST:PORT" through which they are reached; NULL: directly */
	int timeout; /* seconds that one answer of theirs may take, 1 to 600; 0: not said */
};
int custody_lab_open(
	const char *dir, struct custody_lab *out, struct custody_error *err) CUSTODY_MUST_USE; /* INPUT if there is none, FORMAT if broken */
void custody_lab_release(struct custody_lab *l);
/*
 * The text of custody.conf into a zeroed out (dir NULL, dir_fd -1): a strict part of OpenSSL's CONF syntax, so that both read the same. A line is blank, a
 * comment ("#"), or `key = value` with a known key, once; a value is bare (no quote, backslash or '#') or wholly in double quotes, where \" and \\ are the
 * only escapes. No sections, no continuation, no control characters; '$', ".include" and ".pragma" are refused wherever they stand. FORMAT names the line.
 */
int custody_lab_conf_parse(const uint8_t *p, size_t n, struct custody_lab *out, struct custody_error *err) CUSTODY_MUST_USE;

/* Asked at most once, and only if a key is encrypted. Writes at most max bytes to out, *len. */
typedef int custody_passphrase_ask(void *ctx, uint8_t *out, size_t max, size_t *len, struct custody_error *err);

/* Stems of all certificates in LAB/certificates, sorted: by holder, then by number. At most CUSTODY_LIMIT_LAB_CERTIFICATES. */
struct custody_lab_stems {
	char (*stem)[CUSTODY_LAB_STEM]; /* owned */
	size_t n;
};
void custody_lab_stems_release(struct custody_lab_stems *s);
int custody_lab_stems(const struct custody_lab *l, struct custody_lab_stems *out, struct custody_error *err) CUSTODY_MUST_USE;
/* The stem of the newest certificate of a holder in LAB/certificates; the bare name if there is none. out: CUSTODY_LAB_STEM bytes. */
int custody_lab_newest(const struct custody_lab *l, const char *holder, char *out, struct custody_error *err) CUSTODY_MUST_USE;
/* A certificate of the lab by its stem. INPUT if it is not there, FORMAT if it is not one. */
int custody_lab_certificate(
	const struct custody_lab *l, const char *stem, struct custody_certificate *out, struct custody_error *err) CUSTODY_MUST_USE;

/* Who seals: the name in the certificate that --as means (NULL: the operator of custody.conf), its characters as they are. out: CUSTODY_LIMIT_CERTIFICATE_NAME bytes or more. */
int custody_lab_analyst(const struct custody_lab *l, const char *as, char *out, size_t out_size, struct custody_error *err) CUSTODY_MUST_USE;

/* What one seal needs: the analyst's key (name as in --as, NULL = default), the authority's, and the CRL. Checked: key and certificate belong
 * together, certificates valid and within the private key usage period at `now`, CRL verified under the root, thisUpdate <= now < nextUpdate; *warning gets
 * text when the CRL ends within 14 days, else "". Errors: INPUT with a hint for expired, stale, wrong passphrase, wrong mode. */
struct custody_lab_keys {
	struct custody_signer signer, stamper; /* both certificates are issued by the lab's root */
	struct custody_crl crl;
	uint8_t anchor_sha256[32];
};
int custody_lab_load_keys(const struct custody_lab *l, const char *as, const uint8_t *passphrase, size_t passphrase_len, struct custody_time now,
	struct custody_lab_keys *out, char *warning, size_t warning_size, struct custody_error *err) CUSTODY_MUST_USE;
void custody_lab_keys_release(struct custody_lab_keys *k);
/* A key of the lab (analyst or authority) is encrypted. */
int custody_lab_needs_passphrase(const struct custody_lab *l, const char *as, bool *needs, struct custody_error *err) CUSTODY_MUST_USE;

/* What a lab needs to stamp for others: the authority's key alone. Checked as in custody_lab_load_keys(), but for the analyst's. */
int custody_lab_load_stamper(const struct custody_lab *l, const uint8_t *passphrase, size_t passphrase_len, struct custody_time now,
	struct custody_signer *out, char *warning, size_t warning_size, struct custody_error *err) CUSTODY_MUST_USE;
int custody_lab_stamper_needs_passphrase(const struct custody_lab *l, bool *needs, struct custody_error *err) CUSTODY_MUST_USE;
/* The certificate and the key's usage period still serve at `now`: before each stamp, for as long as the key is held. */
int custody_lab_check_stamper(
	const struct custody_lab *l, const struct custody_signer *stamper, struct custody_time now, struct custody_error *err) CUSTODY_MUST_USE;
/* The lab's newest revocation list does not name it: after that file has changed. Its dates are not looked at. */
int custody_lab_check_stamper_revocation(
	const struct custody_lab *l, const struct custody_signer *stamper, struct custody_error *err) CUSTODY_MUST_USE;

/* One journal line: {"time","tool","command","arguments":[...],"package":HEX|null,"result":...,"self_test":"passed"|"failed"|"not-run"}. */
struct custody_journal_entry {
	struct custody_time time;
	const char *command;
	const char *const *arguments; /* without secrets, raw bytes */
	size_t n_arguments;
	const uint8_t *package_sha256; /* 32 bytes or NULL */
	const char *result; /* "VALID", "sealed", "failed: ..." */
	const char *self_test;
};
int custody_lab_journal(const struct custody_lab *l, const struct custody_journal_entry *entry, struct custody_error *err) CUSTODY_MUST_USE;
/* The journal can be written (tried before work starts). IO otherwise. */
int custody_lab_journal_check(const struct custody_lab *l, struct custody_error *err) CUSTODY_MUST_USE;

#endif
