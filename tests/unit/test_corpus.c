/* SPDX-License-Identifier: Apache-2.0 */
/* Every fuzz target over its whole corpus, with the empty input in front. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

struct fuzz_target *fuzz_targets;

/* Runs target over the file; the input is a heap block of exactly its size, so that a sanitizer sees a read past it. */
static void replay(const struct fuzz_target *target, int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY);
	cr_assert_geq(fd, 0, "%s/%s", target->name, name);
	struct stat st;
	cr_assert_eq(fstat(fd, &st), 0);
	size_t n = (size_t)st.st_size;
	uint8_t *p = malloc(n ? n : 1);
	cr_assert_not_null(p);
	cr_assert_eq(read(fd, p, n), (ssize_t)n);
	close(fd);
	cr_expect_eq(target->run(p, n), 0, "%s over %s", target->name, name);
	free(p);
}

Test(corpus, every_fuzz_target_survives_its_corpus)
{
	size_t inputs = 0;
	for (const struct fuzz_target *t = fuzz_targets; t; t = t->next) {
		t->run(NULL, 0);
		char path[256];
		snprintf(path, sizeof(path), "fixtures/fuzz/%s", t->name);
		DIR *d = opendir(path);
		cr_assert_not_null(d, "%s has no corpus: put a few seeds there", path);
		struct dirent *e;
		while ((e = readdir(d)))
			if (e->d_name[0] != '.') {
				replay(t, dirfd(d), e->d_name);
				inputs++;
			}
		closedir(d);
	}
	cr_expect(inputs > 0 || !fuzz_targets, "no inputs at all");
}
