/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FUZZ_TARGET(name) { ... return 0; } defines a fuzz target over `const uint8_t *p, size_t n`. Built with MODE=fuzz it is libFuzzer's entry point of the program
 * fuzz_<name>; in every other build it is an ordinary function that `make check` runs over fixtures/fuzz/<name>/ (tests/unit/test_corpus.c), so no
 * target rots and every input that ever broke something stays a test. p may be NULL when n is 0. Assert round trips and invariants with
 * FUZZ_ASSERT, not only that nothing crashes. A dictionary lies beside it as fuzz_<name>.dict.
 */
#ifndef CUSTODY_TESTS_FUZZ_H
#define CUSTODY_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define FUZZ_ASSERT(cond)                                                                          \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "%s:%d: fuzz: not true: %s\n", __FILE__, __LINE__, #cond); \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
#define FUZZ_TARGET(name) int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
#else
/* A list in the binary of all targets that are linked in: each registers itself before main(). */
struct fuzz_target {
	const char *name;
	int (*run)(const uint8_t *p, size_t n);
	struct fuzz_target *next;
};
extern struct fuzz_target *fuzz_targets;
#define FUZZ_TARGET(name)                                                        \
	static int fuzz_##name(const uint8_t *p, size_t n);                      \
	__attribute__((constructor)) static void fuzz_register_##name(void)      \
	{                                                                        \
		static struct fuzz_target target = { #name, fuzz_##name, NULL }; \
		target.next = fuzz_targets;                                      \
		fuzz_targets = &target;                                          \
	}                                                                        \
	static int fuzz_##name(const uint8_t *p, size_t n)
#endif

#endif
