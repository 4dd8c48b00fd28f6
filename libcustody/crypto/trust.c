/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/trust.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"
#include "libcustody/base/watch.h"
#include "libcustody/crypto/der.h"
#include "libcustody/crypto/digest.h"
#include "libcustody/crypto/pem.h"
#include "libcustody/crypto/signature.h"

void custody_certificate_release(struct custody_certificate *c)
{
	X509_free(c->x509);
	free(c->der);
	*c = (struct custody_certificate){ 0 };
}

void custody_crl_release(struct custody_crl *c)
{
	X509_CRL_free(c->crl);
	free(c->der);
	*c = (struct custody_crl){ 0 };
}

static int copy_der(const uint8_t *der, size_t n, uint8_t **out, struct custody_error *err)
{
	*out = malloc(n);
	if (*out == NULL)
		return custody_fail_nomem(err);
	memcpy(*out, der, n);
	return 0;
}

/* OpenSSL did not take what our own parse took, or did not take all of it. Returns -1. */
static int fail_parse(const char *what, struct custody_error *err)
{
	return custody_openssl_settle(err) < 0
		       ? -1
		       : custody_refuse(err, NULL, "found %s that the crypto library does not take, want one that it does", what);
}

/* Each is tried twice before it is refused: OpenSSL does not always say so when memory is what it lacked. */
static X509 *decode_certificate(const struct custody_certificate *c)
{
	X509 *x509 = NULL;
	ERR_clear_error();
	for (int attempt = 0; attempt < 2 && x509 == NULL; attempt++) {
		const unsigned char *at = c->der;
		x509 = d2i_X509(NULL, &at, (long)c->der_len);
	}
	return x509;
}

static X509_CRL *decode_crl(const struct custody_crl *c)
{
	X509_CRL *crl = NULL;
	ERR_clear_error();
	for (int attempt = 0; attempt < 2 && crl == NULL; attempt++) {
		const unsigned char *at = c->der;
		crl = d2i_X509_CRL(NULL, &at, (long)c->der_len);
	}
	return crl;
}

int custody_certificate_parse(const uint8_t *der, size_t n, struct custody_certificate *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_certificate_release) struct custody_certificate c = { 0 };
	if (n > CUSTODY_LIMIT_SIGNATURE)
		return custody_refuse(err, "limit-exceeded", "found a certificate of %zu bytes, want at most 1 MiB", n);
	if (custody_der_check(der, n, NULL, err) < 0)
		return custody_fail_in(err, "certificate");
	if (copy_der(der, n, &c.der, err) < 0)
		return -1;
	c.der_len = n;
	if (custody_x509_parse((struct custody_bytes){ c.der, n }, &c.facts, err) < 0 ||
		custody_digest_once(CUSTODY_SHA256, c.der, n, c.sha256, err) < 0)
		return -1;
	/* Its length is that of the one element, which the scan found to be n. */
	c.x509 = decode_certificate(&c);
	if (c.x509 == NULL)
		return fail_parse("a certificate", err);
	ERR_clear_error();
	*out = c;
	c = (struct custody_certificate){ 0 };
	return 0;
}

/* Names in DER carry their own lengths: one after the other is no other pair. */
int custody_certificate_identity(const struct custody_certificate *c, uint8_t out[32], struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_digest_release) struct custody_digest d = { 0 };
	return custody_digest_new(&d, CUSTODY_SHA256, err) || custody_digest_update(&d, c->facts.issuer.p, c->facts.issuer.n, err) ||
			       custody_digest_update(&d, c->facts.subject.p, c->facts.subject.n, err) || custody_digest_finish(&d, out, err)
		       ? -1
		       : 0;
}

int custody_crl_parse(const uint8_t *der, size_t n, struct custody_crl *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_crl_release) struct custody_crl c = { 0 };
	if (n > CUSTODY_LIMIT_TRUST_FILE)
		return custody_refuse(err, "limit-exceeded", "found a revocation list of %zu bytes, want at most 64 MiB", n);
	if (custody_der_check(der, n, NULL, err) < 0)
		return custody_fail_in(err, "revocation list");
	if (copy_der(der, n, &c.der, err) < 0)
		return -1;
	c.der_len = n;
	if (custody_crl_facts_parse((struct custody_bytes){ c.der, n }, &c.facts, err) < 0)
		return -1;
	c.crl = decode_crl(&c);
	if (c.crl == NULL)
		return fail_parse("a revocation list", err);
	ERR_clear_error();
	*out = c;
	c = (struct custody_crl){ 0 };
	return 0;
}

void custody_trust_init(struct custody_trust *t)
{
	*t = (struct custody_trust){ 0 };
}

static void release_certificates(struct custody_certificate *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		custody_certificate_release(&list[i]);
	free(list);
}

void custody_trust_release(struct custody_trust *t)
{
	release_certificates(t->signers, t->n_signers);
	release_certificates(t->tsas, t->n_tsas);
	for (size_t i = 0; i < t->n_crls; i++)
		custody_crl_release(&t->crls[i]);
	free(t->crls);
	free(t->from);
	custody_trust_init(t);
}

/* ---- PEM ---- */

/* list with room for one more than n elements of that size, or NULL. Doubles at each power of two: crowds of anchors are allowed. */
static void *grow(void *list, size_t n, size_t size)
{
	size_t bytes;
	if (n != 0 && (n & (n - 1)) != 0)
		return list;
	if (__builtin_mul_overflow(n == 0 ? 1 : n * 2, size, &bytes))
		return NULL;
	return realloc(list, bytes);
}

static int add_certificate(struct custody_certificate **list, size_t *n, const uint8_t *der, size_t der_len, struct custody_error *err)
{
	struct custody_certificate *bigger = grow(*list, *n, sizeof(**list));
	if (bigger == NULL)
		return custody_fail_nomem(err);
	*list = bigger;
	if (custody_certificate_parse(der, der_len, &bigger[*n], err) < 0)
		return -1;
	++*n;
	return 0;
}

static int add_crl(struct custody_crl **list, size_t *n, const uint8_t *der, size_t der_len, struct custody_error *err)
{
	struct custody_crl *bigger = grow(*list, *n, sizeof(**list));
	if (bigger == NULL)
		return custody_fail_nomem(err);
	*list = bigger;
	if (custody_crl_parse(der, der_len, &bigger[*n], err) < 0)
		return -1;
	++*n;
	return 0;
}

static int add_der(struct custody_trust *t, enum custody_trust_part part, const uint8_t *der, size_t n, struct custody_error *err)
{
	switch (part) {
	case CUSTODY_TRUST_SIGNERS:
		return add_certificate(&t->signers, &t->n_signers, der, n, err);
	case CUSTODY_TRUST_TSAS:
		return add_certificate(&t->tsas, &t->n_tsas, der, n, err);
	case CUSTODY_TRUST_CRLS:
	default:
		return add_crl(&t->crls, &t->n_crls, der, n, err);
	}
}

static bool is_wanted(struct custody_bytes label, enum custody_trust_part part)
{
	if (part == CUSTODY_TRUST_CRLS)
		return custody_bytes_is(label, "X509 CRL");
	return custody_bytes_is(label, "CERTIFICATE") || custody_bytes_is(label, "X509 CERTIFICATE");
}

static int add_block(struct custody_trust *t, enum custody_trust_part part, const struct custody_buf *text, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf der = { .max = CUSTODY_LIMIT_TRUST_FILE };
	return custody_pem_decode(text, &der, err) || add_der(t, part, der.data, der.len, err) ? -1 : 0;
}

/* *taken counts the blocks of that part, those that were there already too. */
static int add_pem(struct custody_trust *t, enum custody_trust_part part, const uint8_t *pem, size_t n, const char *from, size_t *taken,
	struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };
	struct custody_bytes rest = { pem, n }, label;
	char shown[200];
	custody_buf_init(&text, CUSTODY_LIMIT_TRUST_FILE);
	for (size_t block = 1; custody_pem_next(&rest, &label); block++) {
		int result = custody_pem_read(&rest, label, &text, err);
		/* It holds more than a certificate: what OpenSSL should trust it for. Passing over it would surprise. */
		if (result == 0 && custody_bytes_is(label, "TRUSTED CERTIFICATE"))
			result = custody_refuse(err, NULL, "found a TRUSTED CERTIFICATE, want a CERTIFICATE");
		else if (result == 0 && is_wanted(label, part)) {
			result = add_block(t, part, &text, err);
			++*taken;
		}
		if (result < 0)
			return custody_fail_in(err, "block %zu of '%s'", block, custody_display(from, strlen(from), shown, sizeof(shown)));
	}
	return 0;
}

static int add_watched(struct custody_trust *t, enum custody_trust_part part, const uint8_t *pem, size_t n, const char *from, size_t *taken,
	struct custody_error *err)
{
	custody_watch_begin();
	*taken = 0;
	int result = add_pem(t, part, pem, n, from, taken, err);
	/* OpenSSL keeps with a certificate that it could not read it, and does not say why. */
	return custody_watch_end() ? custody_fail_nomem(err) : result;
}

int custody_trust_add_pem(
	struct custody_trust *t, enum custody_trust_part part, const uint8_t *pem, size_t n, const char *from, struct custody_error *err)
{
	size_t taken;
	return add_watched(t, part, pem, n, from, &taken, err);
}

/*
 * 1: there is something of that name, which the caller opens; 0: there is nothing. Only what surely is not there may be passed over: a list behind a link that
 * leads nowhere is one that was meant to be looked at, and a revocation in it would be ignored.
 */
static int is_there(const char *path, struct custody_error *err)
{
	struct stat st;
	char shown[200];
	custody_display(path, strlen(path), shown, sizeof(shown));
	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : custody_fail_errno(err, errno, "cannot look for '%s'", shown);
	if (stat(path, &st) == 0)
		return 1;
	if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
		return custody_fail(err, CUSTODY_ERR_INPUT, "'%s' is a symbolic link that leads to nothing, want a file", shown);
	return custody_fail_errno(err, errno, "cannot look for '%s'", shown);
}

/* What is in the file and would not be looked at. Of certificates beside lists nothing is lost. */
static int refuse_passed_over(enum custody_trust_part part, struct custody_bytes text, struct custody_error *err)
{
	struct custody_bytes label;
	char shown[64];
	const char *stray = custody_pem_stray(text);
	if (stray)
		return custody_refuse(err, NULL, "found %s", stray);
	while (custody_pem_next(&text, &label)) {
		bool list = custody_bytes_is(label, "X509 CRL");
		if (list && part != CUSTODY_TRUST_CRLS)
			return custody_refuse(
				err, NULL, "found a revocation list, want certificates here and lists in crls.pem: it would not be looked at");
		if (part == CUSTODY_TRUST_CRLS && !list && !is_wanted(label, CUSTODY_TRUST_TSAS))
			return custody_refuse(
				err, NULL, "found a block '%s', want 'X509 CRL'", custody_display(label.p, label.n, shown, sizeof(shown)));
	}
	return 0;
}

static int load_file(struct custody_trust *t, enum custody_trust_part part, const char *dir, const char *name, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf path = { 0 }, text = { 0 };
	char shown[200];
	custody_buf_init(&path, CUSTODY_LIMIT_PATH);
	custody_buf_init(&text, CUSTODY_LIMIT_TRUST_FILE);
	if (custody_buf_printf(&path, err, "%s/%s", dir, name) < 0)
		return -1;
	int there = is_there(custody_buf_str(&path), err);
	if (there <= 0)
		return there;
	if (custody_fd_slurp(custody_buf_str(&path), CUSTODY_LIMIT_TRUST_FILE, &text, err) < 0)
		return -1;
	size_t taken;
	if (add_watched(t, part, text.data, text.len, custody_buf_str(&path), &taken, err) < 0)
		return -1;
	if (refuse_passed_over(part, (struct custody_bytes){ text.data, text.len }, err) < 0)
		return custody_fail_in(err, "'%s'", custody_display(custody_buf_str(&path), path.len, shown, sizeof(shown)));
	/* Without anchors there is no VALID. Without lists there is: whoever gives a file of them must not believe that they were looked at. */
	if (part == CUSTODY_TRUST_CRLS && taken == 0)
		return custody_refuse(err, NULL, "'%s' holds no revocation list in PEM, want at least one",
			custody_display(custody_buf_str(&path), path.len, shown, sizeof(shown)));
	return 0;
}

int custody_trust_load(struct custody_trust *t, const char *dir, struct custody_error *err)
{
	struct stat st;
	char shown[200];
	custody_display(dir, strlen(dir), shown, sizeof(shown));
	bool failed = stat(dir, &st) < 0;
	if (failed && (errno == EIO || errno == EACCES))
		return custody_fail_errno(err, errno, "cannot look at '%s'", shown);
	if (failed || !S_ISDIR(st.st_mode))
		return custody_fail(err, CUSTODY_ERR_INPUT, "'%s' is not a folder with trust anchors", shown);
	if (load_file(t, CUSTODY_TRUST_SIGNERS, dir, "signers.pem", err) < 0 || load_file(t, CUSTODY_TRUST_TSAS, dir, "tsas.pem", err) < 0 ||
		load_file(t, CUSTODY_TRUST_CRLS, dir, "crls.pem", err) < 0)
		return -1;
	if (t->n_signers + t->n_tsas == 0)
		return 0;
	free(t->from);
	t->from = strdup(dir);
	return t->from != NULL ? 0 : custody_fail_nomem(err);
}
