/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loses memory in the way that its argument names, where an allocation fails: run.py must find each of these, whatever a library loses beside them, and must not
 * find what only the library lost.
 */
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* These give whether an allocation failed, and leave undone what it would be their duty to do then. */

static bool two(void)
{
	void *p = malloc(10), *q = malloc(20);

	if (!p || !q)
		return true;
	free(p);
	free(q);
	return false;
}

static bool from_one_line(void)
{
	void *p[3];

	for (int i = 0; i < 3; i++)
		if (!(p[i] = malloc(30)))
			return true;
	for (int i = 0; i < 3; i++)
		free(p[i]);
	return false;
}

static bool numbers(void)
{
	BIGNUM *p = BN_new(), *q = BN_new();

	if (!p || !q)
		return true;
	BN_free(p);
	BN_free(q);
	return false;
}

static bool numbers_from_one_line(void)
{
	BIGNUM *p[3];

	for (int i = 0; i < 3; i++)
		if (!(p[i] = BN_new()))
			return true;
	for (int i = 0; i < 3; i++)
		BN_free(p[i]);
	return false;
}

/* Of many allocations each. */
static bool certificates_from_one_line(void)
{
	X509 *p[3];

	for (int i = 0; i < 3; i++)
		if (!(p[i] = X509_new()))
			return true;
	for (int i = 0; i < 3; i++)
		X509_free(p[i]);
	return false;
}

static bool failed;

static int compare(const void *a, const void *b)
{
	(void)a;
	(void)b;
	failed = failed || two();
	return 0;
}

/* The library calls back. */
static bool in_a_library(void)
{
	int numbers_to_sort[] = { 1, 2 };

	qsort(numbers_to_sort, 2, sizeof(int), compare);
	return failed;
}

/* OpenSSL 3.0 cleans up all of it only when nothing fails. */
static bool the_librarys(void)
{
	OSSL_LIB_CTX *ctx = OSSL_LIB_CTX_new();

	OSSL_LIB_CTX_free(ctx);
	return !ctx;
}

/* Nothing fails before main(). Where memory runs out while it sets itself up, OpenSSL 3.5 waits for itself; what is lost then is not what this is about. */
__attribute__((constructor)) static void set_up(void)
{
	BN_free(BN_new());
	X509_free(X509_new());
	ERR_clear_error();
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		bool (*lose)(void);
	} ways[] = {
		{ "two", two },
		{ "from-one-line", from_one_line },
		{ "numbers", numbers },
		{ "numbers-from-one-line", numbers_from_one_line },
		{ "certificates-from-one-line", certificates_from_one_line },
		{ "in-a-library", in_a_library },
		{ "the-librarys", the_librarys },
	};

	for (size_t i = 0; argc == 2 && i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(argv[1], ways[i].name) != 0)
			continue;
		if (!ways[i].lose())
			return 0;
		fputs("custody: out of memory\n", stderr);
		return 70;
	}
	return 64;
}
