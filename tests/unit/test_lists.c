/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The merge of the lists when something fails under it: every read, allocation and digest in turn, over packages of every kind, good and forged. What is
 * found by a package's fault is in fixtures/tampered/; here, nothing may be found that is not there, and nothing may be shown that was not.
 */
#include "libcustody/verdict/lists.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/limits.h"
#include "tests/support/failing.h"
#include "tests/support/faults.h"
#include "tests/support/judge.h"
#include "tests/support/nomem.h"

#define MEMBERS 64

/* A package with what the pass would find of each member. */
struct package {
	struct custody_buf bytes;
	struct custody_zip_member member[MEMBERS];
	char *name[MEMBERS];
	enum custody_member_class class[MEMBERS];
	enum custody_digest_id algorithm[MEMBERS];
	struct custody_digest_values digests[MEMBERS];
	size_t n;
	struct custody_member_index index;
	struct custody_sealfile sealfile;
	bool has_sealfile;
};

struct outcome {
	int returned;
	struct custody_error err;
	struct custody_findings findings;
	struct custody_lists_result result;
};

static const uint8_t key[16] = "sixteen bytes...";

static void put_into_index(struct package *p, size_t i)
{
	enum custody_member_class c = p->class[i];

	if (c == CUSTODY_MEMBER_LIST) {
		p->index.list[p->algorithm[i]] = p->member[i];
		p->index.has_list[p->algorithm[i]] = true;
	} else if (custody_member_name(c)) {
		p->index.member[c] = p->member[i];
		p->index.has[c] = true;
	}
}

static void take_member(struct package *p, const struct custody_zip_member *m)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	size_t i = p->n++;

	cr_assert_lt(i, (size_t)MEMBERS);
	p->name[i] = strndup(m->name, m->name_len);
	p->member[i] = *m;
	p->member[i].name = p->name[i];
	p->class[i] = custody_member_classify(m->name, m->name_len, &p->algorithm[i]);
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		cr_assert_eq(
			custody_digest_once((enum custody_digest_id)id, p->bytes.data + m->data_offset, m->size, p->digests[i].value[id], &err), 0);
	put_into_index(p, i);
	if (p->class[i] == CUSTODY_MEMBER_SEAL_FILE)
		p->has_sealfile = custody_sealfile_parse(p->bytes.data + m->data_offset, m->size, &p->sealfile, &err) == 0;
}

static void package_init(struct package *p, size_t max)
{
	memset(p, 0, sizeof(*p));
	custody_sealfile_init(&p->sealfile);
	custody_buf_init(&p->bytes, max);
}

/* false: the directory of its bytes is refused, so the lists are never asked. */
static bool package_index(struct package *p)
{
	CUSTODY_CLEANUP(custody_zip_cursor_free) struct custody_zip_cursor *cursor = NULL;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_source source;
	struct custody_zip zip;
	struct custody_zip_member m;

	custody_source_memory(&source, p->bytes.data, p->bytes.len);
	if (custody_zip_check(&zip, &source, key, NULL, NULL, &err))
		return false;
	cr_assert_eq(custody_zip_cursor_new(&cursor, &zip, &err), 0);
	while (custody_zip_cursor_next(cursor, &m, &err) == 1)
		take_member(p, &m);
	return true;
}

static bool package_read(struct package *p, const char *path)
{
	package_init(p, 0);
	judge_read(path, &p->bytes);
	return package_index(p);
}

static void package_release(struct package *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->name[i]);
	custody_sealfile_release(&p->sealfile);
	custody_buf_release(&p->bytes);
}

static int merge(const struct package *p, struct custody_lists *l, struct outcome *o)
{
	for (size_t i = 0; i < p->n; i++)
		if (custody_lists_member(l, &p->member[i], p->class[i], p->algorithm[i], &p->digests[i], &o->err))
			return -1;
	if (custody_lists_finish(l, &o->err))
		return -1;
	custody_lists_result(l, &o->result);
	return 0;
}

static int judge_with(const struct package *p, const struct custody_source *source, const struct custody_random *random, struct outcome *o)
{
	CUSTODY_CLEANUP(custody_lists_free) struct custody_lists *l = NULL;
	struct custody_zip zip;
	struct custody_lists_options options = { &zip, &p->index, p->has_sealfile ? &p->sealfile : NULL, random, &o->findings };

	if (custody_zip_check(&zip, source, key, NULL, NULL, &o->err) || custody_lists_new(&l, &options, &o->err))
		return -1;
	return merge(p, l, o);
}

static void judge(const struct package *p, const struct custody_source *source, struct outcome *o)
{
	memset(o, 0, sizeof(*o));
	custody_findings_init(&o->findings);
	o->err = (struct custody_error)CUSTODY_ERROR_INIT;
	o->returned = judge_with(p, source, &judge_random, o);
}

/* ---- packages that are not in fixtures/tampered/, since their seals are none: made of a good one by changes of its members ---- */

struct change {
	const char *member, *from, *to; /* each `from` becomes `to`; `to` NULL: the member goes; `from` NULL: it becomes `to` */
};

static char *replace_all(const char *text, const char *from, const char *to)
{
	size_t room = strlen(text) + 1;
	for (const char *p = text; (p = strstr(p, from)); p += strlen(from))
		room += strlen(to);
	char *out = calloc(1, room), *end = out;

	for (const char *p; (p = strstr(text, from)); text = p + strlen(from)) {
		end = mempcpy(end, text, (size_t)(p - text));
		end = mempcpy(end, to, strlen(to));
	}
	strcpy(end, text);
	return out;
}

/* The member's new bytes, or NULL if it goes. Owned. */
static char *changed(const char *name, char *text, const struct change *c, size_t n)
{
	for (size_t i = 0; i < n && c[i].member && text; i++) {
		char *before = text;

		if (strcmp(c[i].member, name) != 0)
			continue;
		cr_expect(!c[i].from || strstr(text, c[i].from), "'%s' is not in %s", c[i].from, name);
		text = !c[i].to ? NULL : c[i].from ? replace_all(text, c[i].from, c[i].to) : strdup(c[i].to);
		free(before);
	}
	return text;
}

/* Writes the package with its members changed into p. */
static void package_changed(struct package *p, const char *path, const struct change *c, size_t n)
{
	CUSTODY_CLEANUP(custody_zip_writer_free) struct custody_zip_writer *w = NULL;
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct package whole;
	uint64_t size = 0;
	size_t got = 0;
	CUSTODY_CLOSE int fd = memfd_create("package", MFD_CLOEXEC);
	CUSTODY_CLOSE int dir = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	cr_assert(package_read(&whole, path));
	cr_assert_eq(custody_zip_writer_new(&w, fd, dir, "package", &err), 0, "%s", err.text);
	for (size_t i = 0; i < whole.n; i++) {
		const struct custody_zip_member *m = &whole.member[i];
		char *was = strndup((const char *)whole.bytes.data + m->data_offset, m->size);
		bool same_bytes = strlen(was) < m->size; /* no text: a signature */
		CUSTODY_FREE char *text = same_bytes ? was : changed(m->name, was, c, n);

		if (text)
			cr_assert_eq(custody_zip_writer_add(w, m->name, same_bytes ? (const char *)whole.bytes.data + m->data_offset : text,
					     same_bytes ? m->size : strlen(text), &err),
				0, "%s", err.text);
	}
	cr_assert_eq(custody_zip_writer_finish(w, &size, &err), 0, "%s", err.text);
	package_release(&whole);
	package_init(p, (size_t)size);
	cr_assert_eq(custody_buf_reserve(&p->bytes, (size_t)size, &err), 0);
	cr_assert_eq(custody_fd_pread(fd, 0, p->bytes.data, (size_t)size, &got, "package", &err), 0);
	p->bytes.len = (size_t)size;
	cr_assert(package_index(p));
}

#define KINDS "fixtures/sealed/kinds-p256.asice"
#define ASIC "META-INF/ASiCManifest001.xml"
#define ASIC_2 "META-INF/ASiCManifest002.xml"
#define INVENTORY "custody/manifest.jsonl"
#define REFERENCE(uri)                                                                                                             \
	"<asic:DataObjectReference URI=\"" uri "\" MimeType=\"application/octet-stream\"><ds:DigestMethod "                        \
	"Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue>feFVXfDCcAMp6BW5OzLFccPqVNyWe4noGrc7mXK3LR0=</ds:" \
	"DigestValue></asic:DataObjectReference>\n"
#define OWNER "\"mode\":\"0777\",\"owner\":{\"uid\":1000,\"gid\":1000,\"user\":\"analyst\",\"group\":\"analyst\"}"
#define FIRST_LINE                                                                                                                              \
	"{\"n\":0,\"salt\":\"e8a7ae9ba45633a8bb1468c4b75295f4\",\"path\":\"k\",\"kind\":\"dir\",\"times\":{\"modified\":\"2026-10-30T08:15:00." \
	"000000000Z\","                                                                                                                         \
	"\"changed\":\"2026-10-30T08:15:00.000000000Z\",\"accessed\":\"2026-10-30T08:15:00.000000000Z\"},\"mode\":\"0755\"}\n"

/* What is changed, and a finding that is then there: its id, and text that its detail contains ("" where it has none). */
static const struct {
	const char *what;
	struct change change[3];
	const char *id, *detail;
} cases[] = {
	{ "a second reference in the second manifest", { { ASIC_2, "</asic:ASiCManifest>", REFERENCE("bagit.txt") "</asic:ASiCManifest>" } },
		"asic-manifest-malformed", "the second manifest lists something else than custody/seal.json, the root file, alone" },
	{ "something else in the second manifest", { { ASIC_2, "custody/seal.json\"", "bagit.txt\"" }, { ASIC_2, " Rootfile=\"true\"", "" } },
		"asic-manifest-malformed", "the second manifest lists something else than custody/seal.json, the root file, alone" },
	{ "no list that seal.json and the tag list name",
		{ { "manifest-md5.txt", NULL, NULL },
			{ "tagmanifest-sha256.txt", "16f7f19d272181c1eb866452c2d67f5b1e029be55d06069375a8a62d4eb1d498  manifest-md5.txt\n", "" } },
		"member-missing", "seal.json names the digest of this list" },
	{ "no root file in the second manifest", { { ASIC_2, " Rootfile=\"true\"", "" } }, "asic-manifest-malformed",
		"found no Rootfile at 'custody/seal.json', want it at custody/seal.json and there alone" },
	{ "no root file in the first", { { ASIC, " Rootfile=\"true\"", "" } }, "asic-manifest-malformed",
		"found no Rootfile at 'custody/seal.json', want it at custody/seal.json and there alone" },
	{ "a list that seal.json does not name", { { "custody/seal.json", "\"md5\",", "" } }, "member-unexpected",
		"seal.json does not name the digest of" },
	{ "no list that seal.json names", { { "manifest-md5.txt", NULL, NULL } }, "member-missing", "seal.json names the digest of this list" },
	{ "no list of the digest that every package has", { { "manifest-sha256.txt", NULL, NULL } }, "member-missing",
		"seal.json names the digest of this list" },
	{ "no inventory", { { INVENTORY, NULL, NULL } }, "member-missing", "the seal lists it, the container does not have it" },
	{ "no inventory, and a list that is wrong",
		{ { INVENTORY, NULL, NULL }, { "manifest-md5.txt", "48a24b70a0b376535542b996af517398", "48a24b70a0b376535542b996af517399" } },
		"lists-disagree", "the lists state different md5 digests" },
	{ "no tag list", { { "tagmanifest-sha256.txt", NULL, NULL } }, "member-missing",
		"the seal lists it, and it is not where a covered member lies" },
	{ "a reference to a member that is not there, with a name as long", { { ASIC, "URI=\"data/_names/000001\"", "URI=\"data/_names/000099\"" } },
		"member-missing", "the seal lists it, the container does not have it" },
	{ "references to more members that are not there than are looked up", { { ASIC, "URI=\"data/_names/", "URI=\"data/_others/" } },
		"member-missing", "the seal lists it, the container does not have it" },
	{ "no references to the last members",
		{ { ASIC, "URI=\"custody/VERIFY.txt\"", "URI=\"z\"" }, { ASIC, "URI=\"tagmanifest-sha256.txt\"", "URI=\"zz\"" } }, "member-uncovered",
		"" },
	{ "a reference behind all members", { { ASIC, "</asic:ASiCManifest>", REFERENCE("none") "</asic:ASiCManifest>" } }, "member-missing",
		"the seal lists it, and it is not where a covered member lies" },
	{ "a member of another name", { { INVENTORY, "\"member\":\"data/k/-rf\"", "\"member\":\"data/k/-rg\"" } }, "inventory-malformed",
		"line 3: the member is neither data/ and the path, nor the alias of the line" },
	{ "a member of a shorter name", { { INVENTORY, "\"member\":\"data/k/-rf\"", "\"member\":\"data/k/-r\"" } }, "inventory-malformed",
		"line 3: the member is neither data/ and the path, nor the alias of the line" },
	{ "a member outside data/", { { INVENTORY, "\"member\":\"data/k/-rf\"", "\"member\":\"bagit.txt\"" } }, "inventory-malformed", "line 3: " },
	{ "a member of another alias", { { INVENTORY, "\"member\":\"data/_names/000001\"", "\"member\":\"data/_names/000002\"" } },
		"inventory-malformed", "line 2: the member is neither data/ and the path, nor the alias of the line" },
	{ "an offset", { { INVENTORY, "\"member\":\"data/k/-rf\",\"offset\":0", "\"member\":\"data/k/-rf\",\"offset\":1" } }, "inventory-malformed",
		"line 3: " },
	{ "a path with two dots", { { INVENTORY, "\"path\":\"k/-rf\"", "\"path\":\"k/../f\"" } }, "inventory-malformed", "line 3: " },
	{ "a path below nothing", { { INVENTORY, "\"path\":\"k\"", "\"path\":\"j/k\"" } }, "inventory-malformed",
		"line 1: it lies below something that is not a folder of the lines before" },
	{ "a path below a longer one", { { INVENTORY, "\"path\":\"k/-rf\"", "\"path\":\"k/\\u001b[31mred/x/y/z/longer\"" } }, "inventory-malformed",
		"line 3: it lies below something that is not a folder of the lines before" },
	{ "an inventory that ends early", { { INVENTORY, NULL, FIRST_LINE } }, "lists-disagree", "the inventory has no item for this member" },
	{ "findings of nobody and of another group",
		{ { INVENTORY, "\"path\":\"k/-rf\"", "\"path\":\"k/-rf\"" },
			{ INVENTORY, OWNER, OWNER ",\"findings\":[{\"id\":\"no-such\"},{\"id\":\"seal-revoked\"}]" } },
		"tree-root-mismatch", "" },
	{ "a finding of nobody", { { INVENTORY, OWNER, OWNER ",\"findings\":[{\"id\":\"no-such\"}]" } }, "item-finding-unknown",
		"the sealer noted 'no-such'" },
	{ "one of nobody beside others",
		{ { INVENTORY, OWNER, OWNER ",\"findings\":[{\"id\":\"times-absent\"},{\"id\":\"no-such\",\"detail\":\"a\\u001b[2J\"}]" } },
		"item-finding-unknown", "the sealer noted 'no-such': a\\u{001b}[2J" },
	{ "one that only who verifies can find",
		{ { INVENTORY, OWNER, OWNER ",\"findings\":[{\"id\":\"request-documents-not-valid\",\"detail\":\"x\"}]" } }, "item-finding-unknown",
		"the sealer noted 'request-documents-not-valid': x" },
	{ "one of another group", { { INVENTORY, OWNER, OWNER ",\"findings\":[{\"id\":\"seal-revoked\",\"detail\":\"x\"}]" } },
		"item-finding-unknown", "the sealer noted 'seal-revoked': x" },
	{ "two exceptions of one item",
		{ { INVENTORY, OWNER,
			OWNER ",\"findings\":[{\"id\":\"source-unreadable\",\"detail\":\"x\"},"
			      "{\"id\":\"source-changed-while-read\"}]" } },
		"totals-mismatch", "exceptions: seal.json states 0, found 1" },
};

static const struct custody_finding *find_finding(const struct outcome *o, const char *id, const char *detail)
{
	for (size_t i = 0; i < o->findings.n; i++) {
		const struct custody_finding *f = &o->findings.list[i];

		if (strcmp(custody_finding_get(f->id)->id, id) == 0 && strstr(f->detail ? f->detail : "", detail))
			return f;
	}
	return NULL;
}

static void show(const char *what, const struct outcome *o)
{
	fprintf(stderr, "%s: returned %d %s\n", what, o->returned, o->err.text);
	for (size_t i = 0; i < o->findings.n; i++)
		fprintf(stderr, "\t%s %s\n", custody_finding_get(o->findings.list[i].id)->id,
			o->findings.list[i].detail ? o->findings.list[i].detail : "");
}

static void expect_found(const char *what, const struct package *p, const char *id, const char *detail)
{
	struct custody_source source;
	struct outcome o;

	custody_source_memory(&source, p->bytes.data, p->bytes.len);
	judge(p, &source, &o);
	cr_expect_eq(o.returned, 0, "%s: %s", what, o.err.text);
	cr_expect_not_null(find_finding(&o, id, detail), "%s: no %s '%s'", what, id, detail);
	if (!find_finding(&o, id, detail))
		show(what, &o);
	cr_expect(!o.result.covered || !o.result.lists || !o.result.inventory || !o.result.tree, "%s: everything was shown", what);
	custody_findings_release(&o.findings);
}

Test(lists, says_what_does_not_agree)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CUSTODY_CLEANUP(package_release) struct package p;

		package_changed(&p, KINDS, cases[i].change, 3);
		expect_found(cases[i].what, &p, cases[i].id, cases[i].detail);
	}
}

Test(lists, takes_a_package_that_was_only_written_again)
{
	CUSTODY_CLEANUP(package_release) struct package p;
	struct custody_source source;
	struct outcome o;

	package_changed(&p, KINDS, NULL, 0);
	custody_source_memory(&source, p.bytes.data, p.bytes.len);
	judge(&p, &source, &o);
	cr_expect_eq(o.returned, 0);
	cr_expect(o.result.covered && o.result.asic_digests && o.result.lists && o.result.inventory && o.result.tree);
	cr_expect_eq(o.result.lines, 29u);
	custody_findings_release(&o.findings);
}

Test(lists, leaves_open_what_is_beyond_a_limit)
{
	CUSTODY_CLEANUP(package_release) struct package p;
	CUSTODY_FREE char *spaces = malloc(CUSTODY_LIMIT_XML_TOKEN + 2);
	struct change change = { ASIC_2, "</asic:ASiCManifest>\n", NULL };

	memset(spaces, '\n', CUSTODY_LIMIT_XML_TOKEN + 1);
	spaces[CUSTODY_LIMIT_XML_TOKEN + 1] = '\0';
	change.to = spaces;
	package_changed(&p, KINDS, &change, 1);
	expect_found("XML without '<'", &p, "limit-exceeded", "65536 bytes without '<'");
}

/* More lines than the first room for hard links' targets holds. */
Test(lists, keeps_targets_of_hard_links_in_a_long_inventory)
{
	enum { LINES = 10000 };
	CUSTODY_CLEANUP(package_release) struct package p;
	CUSTODY_FREE char *text = malloc(LINES * 300);
	struct change change = { INVENTORY, NULL, text };
	char *end = text;

	for (int i = 0; i < LINES; i++)
		end += sprintf(end,
			"{\"n\":%d,\"salt\":\"e8a7ae9ba45633a8bb1468c4b75295f4\",\"path\":\"d%06d\",\"kind\":\"%s\",%s\"mode\":\"0755\"}\n", i, i,
			i == LINES - 1 ? "hardlink" : "fifo", i == LINES - 1 ? "\"target_n\":9000," : "");
	package_changed(&p, KINDS, &change, 1);
	expect_found("a hard link to a FIFO", &p, "inventory-malformed", "line 10000: the target of the hard link is not a file");
}

static int no_random(void *ctx, uint8_t *p, size_t n, struct custody_error *err)
{
	(void)ctx, (void)p, (void)n;
	return custody_fail(err, CUSTODY_ERR_CRYPTO, "no random numbers");
}

Test(lists, needs_random_numbers)
{
	static const struct custody_random random = { no_random, NULL };
	CUSTODY_CLEANUP(package_release) struct package p;
	struct custody_source source;
	struct outcome o = { .err = CUSTODY_ERROR_INIT };

	cr_assert(package_read(&p, KINDS));
	custody_source_memory(&source, p.bytes.data, p.bytes.len);
	cr_expect_eq(judge_with(&p, &source, &random, &o), -1);
	cr_expect_str_eq(o.err.text, "no random numbers");
	custody_findings_release(&o.findings);
}

/* An item is known by its own name: under an alias a finding would tell nobody which file it is (ADM-87). Of one that has its name nothing is added. */
Test(lists, names_what_differs_as_the_inventory_does)
{
	CUSTODY_CLEANUP(package_release) struct package p;
	struct custody_source source;
	struct outcome o = { .err = CUSTODY_ERROR_INIT };
	size_t aliases = 0, plain = 0, told = 0;

	cr_assert(package_read(&p, KINDS));
	for (size_t i = 0; i < p.n; i++) {
		if (p.class[i] != CUSTODY_MEMBER_DATA)
			continue;
		*(strncmp(p.name[i], "data/_names/", 12) == 0 ? &aliases : &plain) += 1;
		for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++)
			p.digests[i].value[id][0] ^= 1;
	}
	cr_assert(aliases > 1 && plain > 1);
	custody_source_memory(&source, p.bytes.data, p.bytes.len);
	cr_assert_eq(judge_with(&p, &source, &judge_random, &o), 0, "%s", o.err.text);
	for (size_t i = 0; i < o.findings.n; i++) {
		const struct custody_finding *f = &o.findings.list[i];
		const bool named = f->detail && strstr(f->detail, "; by the inventory it is '");
		if (f->id != CUSTODY_FINDING_ITEM_DIGEST_MISMATCH)
			continue;
		cr_expect_eq(named, f->item_len > 12 && memcmp(f->item, "data/_names/", 12) == 0, "%.*s: %s", (int)f->item_len, (const char *)f->item,
			f->detail);
		told += named;
	}
	cr_expect_eq(told, aliases);
	custody_findings_release(&o.findings);
}

/* ---- what fails ---- */

/* Fails at item *ctx. */
static int watch_until(void *ctx, const struct custody_item *item, struct custody_error *err)
{
	return item->n < *(uint64_t *)ctx ? 0 : custody_fail(err, CUSTODY_ERR_IO, "enough");
}

/* Whoever looks on as the inventory goes by can stop it, at the first line, in the middle and at the last. */
Test(lists, hands_on_what_fails_in_those_who_look_on)
{
	CUSTODY_CLEANUP(package_release) struct package p;
	uint64_t last[] = { 0, 13, 28, 29 };

	cr_assert(package_read(&p, KINDS));
	for (size_t i = 0; i < sizeof(last) / sizeof(last[0]); i++) {
		CUSTODY_CLEANUP(custody_lists_free) struct custody_lists *l = NULL;
		struct outcome o = { .err = CUSTODY_ERROR_INIT };
		struct custody_source source;
		struct custody_zip zip;
		struct custody_lists_options options = { &zip, &p.index, &p.sealfile, &judge_random, &o.findings };

		custody_findings_init(&o.findings);
		custody_source_memory(&source, p.bytes.data, p.bytes.len);
		cr_assert_eq(custody_zip_check(&zip, &source, key, NULL, NULL, &o.err), 0);
		cr_assert_eq(custody_lists_new(&l, &options, &o.err), 0);
		custody_lists_watch(l, watch_until, &last[i]);
		cr_expect_eq(merge(&p, l, &o), last[i] < 29 ? -1 : 0);
		cr_expect_str_eq(o.err.text, last[i] < 29 ? "enough" : "");
		custody_findings_release(&o.findings);
	}
}

enum way { READ, MEMORY, UPDATE, FINISH, WAYS };

static const char *const call[WAYS] = { NULL, NULL, "EVP_DigestUpdate", "EVP_DigestFinal_ex" };
static const char *const way_name[WAYS] = { "read", "allocation", "digest update", "digest end" };

/* The nth of them fails. false: there were fewer. */
static bool judge_failing(const struct package *p, enum way way, size_t nth, struct outcome *o)
{
	struct custody_source source;
	struct failing failing;
	bool hit;

	failing_source(&source, &failing, p->bytes.data, p->bytes.len, way == READ ? nth - 1 : UINT64_MAX);
	if (way == MEMORY)
		nomem_arm(nth);
	if (call[way])
		faults_set(call[way], (int)nth, 0);
	judge(p, &source, o);
	hit = way == READ ? failing.reads >= nth : way == MEMORY ? nomem_disarm() : !faults_pending(call[way]);
	faults_clear();
	return hit;
}

static bool same_findings(const struct custody_findings *a, const struct custody_findings *b)
{
	return memcmp(a->count, b->count, sizeof(a->count)) == 0;
}

/* Nothing is found of a package that is not found when nothing fails. */
static bool finds_no_more(const struct custody_findings *found, const struct custody_findings *whole)
{
	for (size_t id = 0; id < CUSTODY_FINDING_COUNT; id++)
		if (found->count[id] > whole->count[id])
			return false;
	return true;
}

static size_t fail_each(const char *path, const struct package *p, enum way way, const struct outcome *whole)
{
	size_t nth = 1;

	for (bool hit = true; hit; nth++) {
		struct outcome o;

		hit = judge_failing(p, way, nth, &o);
		if (o.returned < 0) {
			cr_expect(hit, "%s: %s %zu: %s", path, way_name[way], nth, o.err.text);
			cr_expect(o.err.kind == CUSTODY_ERR_IO || o.err.kind == CUSTODY_ERR_NOMEM || o.err.kind == CUSTODY_ERR_CRYPTO,
				"%s: %s %zu: %s", path, way_name[way], nth, o.err.text);
			cr_expect(finds_no_more(&o.findings, &whole->findings), "%s: %s %zu found more", path, way_name[way], nth);
		} else {
			/* What failed was not needed (OpenSSL does without some memory), or only a finding's text was lost, which the verdict asks about. */
			cr_expect(way == MEMORY || !hit, "%s: %s %zu made no difference", path, way_name[way], nth);
			cr_expect(same_findings(&o.findings, &whole->findings), "%s: %s %zu changed findings", path, way_name[way], nth);
			cr_expect(
				memcmp(&o.result, &whole->result, sizeof(o.result)) == 0, "%s: %s %zu changed the result", path, way_name[way], nth);
		}
		custody_findings_release(&o.findings);
	}
	return nth - 2;
}

static void fail_all(const char *path, const struct package *p, size_t failed[WAYS])
{
	struct custody_source source;
	struct outcome whole;

	custody_source_memory(&source, p->bytes.data, p->bytes.len);
	judge(p, &source, &whole);
	cr_assert_eq(whole.returned, 0, "%s: %s", path, whole.err.text);
	for (enum way way = 0; way < WAYS; way++)
		if (way != MEMORY || nomem_available())
			failed[way] += fail_each(path, p, way, &whole);
	custody_findings_release(&whole.findings);
}

/* References to members that are not there, more than one reading of the manifest takes, and then the end. Owned. */
static char *more_references(const char *last)
{
	enum { MORE = 400 };
	char *text = calloc(1, MORE * (sizeof(REFERENCE("none/000000")) + 20)), *end = text;

	for (int i = 0; i < MORE; i++)
		end += sprintf(end, REFERENCE("none/%06d"), i);
	strcpy(end, last);
	return text;
}

/* References beyond one reading of the manifest are read when the members have gone by. */
Test(lists, every_failure_at_the_end_is_handed_on, .timeout = 600)
{
	CUSTODY_CLEANUP(package_release) struct package p;
	CUSTODY_FREE char *text = more_references("</asic:ASiCManifest>\n");
	struct change change = { ASIC, "</asic:ASiCManifest>\n", text };
	size_t failed[WAYS] = { 0 };

	package_changed(&p, KINDS, &change, 1);
	expect_found("references behind all members", &p, "member-missing", "the seal lists it, and it is not where a covered member lies");
	fail_all("references behind all members", &p, failed);
	cr_expect_gt(failed[READ], 10u);
}

/* What follows the first reading of the manifest is malformed: seen when a member is looked for in it. */
Test(lists, a_manifest_that_is_malformed_behind_its_beginning_names_nothing)
{
	CUSTODY_CLEANUP(package_release) struct package p;
	CUSTODY_FREE char *text = more_references("");
	const struct change change[] = { { ASIC, "</asic:ASiCManifest>\n", text }, { ASIC, "URI=\"data/_names/000001\"", "URI=\"mimetype\"" } };

	package_changed(&p, KINDS, change, 2);
	expect_found("a manifest without an end", &p, "member-uncovered", "");
}

Test(lists, every_failure_is_handed_on_and_none_is_a_finding, .timeout = 600)
{
	static const char *const patterns[] = { "fixtures/sealed/*-p256.asice", "fixtures/tampered/asic-*/*.asice",
		"fixtures/tampered/inventory-*/*.asice", "fixtures/tampered/list*/*.asice", "fixtures/tampered/member-*/*.asice",
		"fixtures/tampered/item-digest-mismatch/*.asice", "fixtures/tampered/t*-mismatch/*.asice",
		"fixtures/tampered/seal-file-malformed/*.asice" };
	size_t failed[WAYS] = { 0 }, packages = 0;

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		glob_t g;

		cr_assert_eq(glob(patterns[i], 0, NULL, &g), 0, "%s", patterns[i]);
		for (size_t k = 0; k < g.gl_pathc; k++, packages++) {
			CUSTODY_CLEANUP(package_release) struct package p;

			if (package_read(&p, g.gl_pathv[k]))
				fail_all(g.gl_pathv[k], &p, failed);
		}
		globfree(&g);
	}
	cr_expect_gt(packages, 50u);
	cr_expect_gt(failed[READ], 500u);
	cr_expect_gt(failed[UPDATE], 500u);
	cr_expect_gt(failed[FINISH], 500u);
	cr_expect(!nomem_available() || failed[MEMORY] > 5000, "%zu", failed[MEMORY]);
}
