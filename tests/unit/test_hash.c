/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"
#include "libcustody/work/hash.h"
#include "tests/support/tmpdir.h"

static char folder[64];

static void enter(void)
{
	tmpdir_enter(folder);
}

static void leave(void)
{
	tmpdir_leave(folder);
}

TestSuite(hash, .init = enter, .fini = leave);

/* What the callback saw: a line an item. */
struct seen {
	char text[65536];
	size_t at;
	uint64_t bytes, interrupt_at;
	const char *fail_at;
};

static int take(void *ctx, const struct custody_hash_item *item, struct custody_error *err)
{
	static const char *const outcomes[] = { "read", "symlink", "special", "unreadable", "changed" };
	struct seen *s = ctx;
	char name[256], hex[9] = "";
	custody_display(item->path.p, item->path.n, name, sizeof(name));
	if (s->fail_at && strcmp(s->fail_at, name) == 0)
		return custody_fail(err, CUSTODY_ERR_IO, "enough");
	cr_expect_eq(item->digests != NULL, item->outcome == CUSTODY_HASH_READ);
	if (item->digests)
		custody_hex_format(item->digests->value[CUSTODY_SHA256], 4, hex);
	s->at += (size_t)snprintf(s->text + s->at, sizeof(s->text) - s->at, "%s %s", name, outcomes[item->outcome]);
	if (item->digests)
		s->at += (size_t)snprintf(s->text + s->at, sizeof(s->text) - s->at, " %llu %s", (unsigned long long)item->size, hex);
	if (item->link.n)
		s->at += (size_t)snprintf(s->text + s->at, sizeof(s->text) - s->at, " -> %.*s", (int)item->link.n, (const char *)item->link.p);
	s->at += (size_t)snprintf(s->text + s->at, sizeof(s->text) - s->at, " [%zu %s]\n", item->argument, name + item->below);
	return 0;
}

static void progress(void *ctx, uint64_t done, uint64_t total)
{
	cr_expect_eq(total, 0);
	((struct seen *)ctx)->bytes = done;
}

static bool interrupted(void *ctx)
{
	struct seen *s = ctx;
	return s->interrupt_at && s->bytes >= s->interrupt_at;
}

static struct custody_hash *begin(struct seen *s, size_t workers)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_hash *h = NULL;
	const struct custody_hash_options options = { .digests = CUSTODY_DIGEST_BIT(CUSTODY_SHA256),
		.workers = workers,
		.item = take,
		.ctx = s,
		.progress = progress,
		.progress_ctx = s,
		.interrupted = interrupted,
		.interrupted_ctx = s };
	cr_assert_eq(custody_hash_new(&h, &options, &err), 0, "%s", err.text);
	return h;
}

/* 0-terminated list of arguments. */
static void hash_all(struct seen *s, size_t workers, const char *const *arguments)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_hash *h = begin(s, workers);
	for (; *arguments; arguments++)
		cr_assert_eq(custody_hash_argument(h, *arguments, &err), 0, "%s", err.text);
	cr_assert_eq(custody_hash_finish(h, &err), 0, "%s", err.text);
	custody_hash_free(&h);
	custody_hash_free(&h);
}

Test(hash, gives_every_item_in_the_order_of_the_walk)
{
	static const size_t workers[] = { 0, 1, 2, 8 };
	static const char *const arguments[] = { "in", "in/sub/", "in/a", NULL };
	cr_assert_eq(mkdir("in", 0777), 0);
	cr_assert_eq(mkdir("in/sub", 0777), 0);
	tmpdir_write("in/a", "abc", 3);
	tmpdir_write("in/sub/empty", "", 0);
	tmpdir_write("in/z\n", "abc", 3);
	cr_assert_eq(link("in/a", "in/hard"), 0);
	cr_assert_eq(symlink("a", "in/link"), 0);
	cr_assert_eq(mkfifo("in/fifo", 0666), 0);
	for (size_t i = 0; i < 4; i++) {
		struct seen s = { .at = 0 };
		hash_all(&s, workers[i], arguments);
		cr_expect_str_eq(s.text, "in/a read 3 ba7816bf [0 a]\n"
					 "in/fifo special [0 fifo]\n"
					 "in/hard read 3 ba7816bf [0 hard]\n"
					 "in/link symlink -> a [0 link]\n"
					 "in/sub/empty read 0 e3b0c442 [0 sub/empty]\n"
					 "in/z\\u{000a} read 3 ba7816bf [0 z\\u{000a}]\n"
					 "in/sub/empty read 0 e3b0c442 [1 empty]\n"
					 "in/a read 3 ba7816bf [2 a]\n");
		cr_expect_eq(s.bytes, 12);
	}
}

Test(hash, follows_a_link_that_is_an_argument)
{
	static const char *const arguments[] = { "link", NULL };
	struct seen s = { .at = 0 };
	tmpdir_write("a", "abc", 3);
	cr_assert_eq(symlink("a", "link"), 0);
	hash_all(&s, 0, arguments);
	cr_expect_str_eq(s.text, "link read 3 ba7816bf [0 link]\n");
}

Test(hash, refuses_an_argument_and_goes_on_with_the_next)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct seen s = { .at = 0 };
	struct custody_hash *h = begin(&s, 0);
	tmpdir_write("a", "abc", 3);
	cr_assert_eq(mkfifo("fifo", 0666), 0);
	cr_expect_eq(custody_hash_argument(h, "none", &err), 1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INPUT);
	cr_expect_eq(custody_hash_argument(h, "fifo", &err), 1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INPUT);
	cr_expect_eq(custody_hash_argument(h, "a/b", &err), 1);
	cr_expect_eq(custody_hash_argument(h, "a", &err), 0);
	cr_expect_eq(custody_hash_finish(h, &err), 0);
	cr_expect_str_eq(s.text, "a read 3 ba7816bf [3 a]\n");
	custody_hash_free(&h);
}

Test(hash, reads_a_descriptor_to_its_end)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct seen s = { .at = 0 };
	struct custody_hash *h = begin(&s, 2);
	int p[2];
	cr_assert_eq(pipe(p), 0);
	cr_assert_eq(write(p[1], "abc", 3), 3);
	close(p[1]);
	cr_expect_eq(custody_hash_descriptor(h, p[0], "-", &err), 0);
	close(p[0]);
	/* A folder cannot be read as bytes. */
	int fd = open(".", O_RDONLY);
	cr_expect_eq(custody_hash_descriptor(h, fd, "x", &err), 0);
	close(fd);
	cr_expect_eq(custody_hash_finish(h, &err), 0);
	cr_expect_str_eq(s.text, "- read 3 ba7816bf [0 -]\nx unreadable [1 x]\n");
	custody_hash_free(&h);
}

/* A file of the kernel that has content and no size. */
Test(hash, reads_files_without_a_size)
{
	static const char *const arguments[] = { "/proc/version", NULL };
	struct seen s = { .at = 0 };
	if (access(arguments[0], R_OK) != 0)
		return;
	hash_all(&s, 0, arguments);
	cr_expect(s.bytes > 0);
	cr_expect_eq(strncmp(s.text, "/proc/version read ", 19), 0, "%s", s.text);
}

static void append_to(const char *name)
{
	int fd = open(name, O_WRONLY | O_APPEND);
	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, "x", 1), 1);
	close(fd);
}

static void grow_while_read(void *ctx, uint64_t done, uint64_t total)
{
	(void)total;
	(void)done;
	append_to(ctx);
}

static void cut_while_read(void *ctx, uint64_t done, uint64_t total)
{
	(void)total;
	(void)done;
	cr_assert_eq(truncate(ctx, 1), 0);
}

Test(hash, gives_no_digest_of_a_file_that_did_not_keep_still)
{
	static void (*const changes[])(void *, uint64_t, uint64_t) = { grow_while_read, cut_while_read };
	static uint8_t big[3 << 20];
	char name[] = "big";
	for (size_t i = 0; i < 2; i++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct seen s = { .at = 0 };
		struct custody_hash *h = NULL;
		const struct custody_hash_options options = {
			.digests = CUSTODY_DIGEST_BIT(CUSTODY_SHA256), .item = take, .ctx = &s, .progress = changes[i], .progress_ctx = name
		};
		tmpdir_write("big", big, sizeof(big));
		cr_assert_eq(custody_hash_new(&h, &options, &err), 0);
		cr_expect_eq(custody_hash_argument(h, "big", &err), 0);
		cr_expect_eq(custody_hash_finish(h, &err), 0);
		cr_expect_str_eq(s.text, "big changed [0 big]\n");
		custody_hash_free(&h);
	}
}

Test(hash, ends_when_it_is_interrupted)
{
	static uint8_t big[3 << 20];
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct seen s = { .interrupt_at = 1 << 20 };
	struct custody_hash *h = begin(&s, 2);
	tmpdir_write("big", big, sizeof(big));
	cr_expect_eq(custody_hash_argument(h, "big", &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INTERRUPTED);
	cr_expect_eq(s.bytes, 1 << 20);
	custody_hash_free(&h);
	cr_expect_str_eq(s.text, "");
}

Test(hash, ends_at_an_error_of_the_callback)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct seen s = { .fail_at = "b" };
	struct custody_hash *h = begin(&s, 0);
	tmpdir_write("a", "abc", 3);
	tmpdir_write("b", "abc", 3);
	tmpdir_write("c", "abc", 3);
	cr_expect_eq(custody_hash_argument(h, "a", &err), 0);
	cr_expect_eq(custody_hash_argument(h, "b", &err), 0);
	cr_expect_eq(custody_hash_argument(h, "c", &err), 0);
	cr_expect_eq(custody_hash_finish(h, &err), -1);
	cr_expect_str_eq(err.text, "enough");
	cr_expect_str_eq(s.text, "a read 3 ba7816bf [0 a]\n");
	custody_hash_free(&h);
}
