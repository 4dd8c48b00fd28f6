/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "libcustody/base/limits.h"
#include "libcustody/crypto/digest.h"
#include "libcustody/package/sealfile.h"
#include "tests/support/stored.h"

#define ROOT "0d7cc84690c1a5f2f6351b7bf09857ead4b0b1cd0e42bd2a1f9b7dfbd9eb6b43"
#define AUTHORITY "015a074d9432bdd9ac7e8c5f297c64f2ea25647a3a7ae44605fd3235cec6c5c3"
static const char good[] =
	"{\"format\":\"custody-seal/1\",\"critical\":[],\"package\":\"8c8d26f7-8de7-477c-8cea-1530ee090bf1\",\"case\":\"C-1\",\"exhibit\":null,"
	"\"sealed\":{\"time\":\"2026-11-24T09:58:41Z\",\"clock\":\"local\",\"proven\":false},\"sealer\":{\"name\":\"A. "
	"Nalyst\",\"organisation\":\"Lab\",\"role\":null},"
	"\"tool\":{\"name\":\"custody\",\"version\":\"0.1.0\",\"libraries\":{\"openssl\":\"3.0.22\",\"expat\":\"2.5.0\"}},\"items\":8,\"bytes\":3045,"
	"\"exceptions\":1,"
	"\"digests\":[\"sha256\",\"sha512\"],\"tree\":{\"type\":\"rfc9162-sha256\",\"size\":8,\"root\":\"" ROOT
	"\"},\"requires\":\"B-LT\",\"authorities\":[\"" AUTHORITY "\"],\"previous\":null}\n";

static int parse(const char *text, struct custody_sealfile *s, struct custody_error *err)
{
	return custody_sealfile_parse((const uint8_t *)text, strlen(text), s, err);
}

Test(sealfile, reads_and_writes_the_exact_form)
{
	static const struct custody_library_version libraries[] = { { "openssl", "3.0.22" }, { "expat", "2.5.0" } };
	CUSTODY_CLEANUP(custody_sealfile_release) struct custody_sealfile s;
	CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_sealfile_init(&s);
	custody_buf_init(&b, 100000);
	cr_assert_eq(parse(good, &s, &err), 0, "%s", err.text);
	cr_expect_str_eq(s.uuid, "8c8d26f7-8de7-477c-8cea-1530ee090bf1");
	cr_expect_str_eq(s.case_id, "C-1");
	cr_expect_null(s.exhibit);
	cr_expect_eq(s.sealed.sec, 1795514321);
	cr_expect_str_eq(s.sealer_name, "A. Nalyst");
	cr_expect_str_eq(s.sealer_organisation, "Lab");
	cr_expect_null(s.sealer_role);
	cr_expect_str_eq(s.tool_name, "custody");
	cr_expect_str_eq(s.tool_version, "0.1.0");
	cr_expect_eq(s.items, 8);
	cr_expect_eq(s.bytes, 3045);
	cr_expect_eq(s.exceptions, 1);
	cr_expect_eq(s.digests, CUSTODY_DIGEST_BIT(CUSTODY_SHA256) | CUSTODY_DIGEST_BIT(CUSTODY_SHA512));
	cr_expect_eq(s.tree_size, 8);
	cr_expect_eq(s.tree_root[31], 0x43);
	cr_expect(s.requires_lt);
	cr_expect_eq(s.n_authorities, 1);
	cr_expect_eq(s.authorities[0][0], 1);
	cr_expect(!s.has_previous && !s.has_private);
	s.libraries = libraries;
	s.n_libraries = 2;
	cr_assert_eq(custody_sealfile_format(&b, &s, &err), 0, "%s", err.text);
	cr_expect_str_eq(custody_buf_str(&b), good);
}

Test(sealfile, reads_what_it_writes)
{
	CUSTODY_CLEANUP(custody_sealfile_release) struct custody_sealfile s, again;
	CUSTODY_BUF_CLEAN struct custody_buf b = { 0 }, c = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_sealfile_init(&s);
	custody_sealfile_init(&again);
	custody_buf_init(&b, 100000);
	custody_buf_init(&c, 100000);
	strcpy(s.uuid, "00000000-0000-4000-8000-000000000000");
	s.case_id = "quote \" newline \n \xe2\x80\xae";
	s.exhibit = "";
	s.tool_name = s.tool_version = "x";
	s.digests = (1u << CUSTODY_DIGEST_COUNT) - 1;
	s.items = s.tree_size = s.bytes = s.exceptions = (UINT64_C(1) << 53) - 1;
	s.n_authorities = CUSTODY_LIMIT_TOKENS;
	for (size_t i = 0; i < s.n_authorities; i++)
		s.authorities[i][0] = (uint8_t)i;
	s.has_previous = true;
	memset(s.previous, 0xab, 32);
	cr_assert_eq(custody_sealfile_format(&b, &s, &err), 0, "%s", err.text);
	cr_expect_not_null(
		strstr(custody_buf_str(&b), "\"digests\":[\"md5\",\"sha1\",\"sha256\",\"sha384\",\"sha512\",\"sha3-256\",\"sha3-512\",\"blake2b\"]"));
	cr_expect_not_null(strstr(custody_buf_str(&b), "\"libraries\":{}}"));
	cr_expect_not_null(strstr(custody_buf_str(&b), "\"requires\":\"B-T\""));
	cr_assert_eq(custody_sealfile_parse(b.data, b.len, &again, &err), 0, "%s", err.text);
	cr_assert_eq(custody_sealfile_format(&c, &again, &err), 0, "%s", err.text);
	cr_expect_str_eq(custody_buf_str(&c), custody_buf_str(&b));
}

static void make(struct custody_sealfile *s)
{
	custody_sealfile_init(s);
	strcpy(s->uuid, "00000000-0000-4000-8000-000000000000");
	s->tool_name = s->tool_version = "x";
	s->digests = CUSTODY_DIGEST_BIT(CUSTODY_SHA256);
	s->n_authorities = 1;
}

#define EXPECT_INTERNAL(change, want)                                    \
	do {                                                             \
		make(&s);                                                \
		change;                                                  \
		cr_expect_eq(custody_sealfile_format(&b, &s, &err), -1); \
		cr_expect_eq(err.kind, CUSTODY_ERR_INTERNAL);            \
		cr_expect_str_eq(err.text, "seal.json: " want);          \
	} while (0)

Test(sealfile, does_not_write_what_contradicts_itself)
{
	CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_sealfile s;

	custody_buf_init(&b, 100000);
	make(&s);
	cr_expect_eq(custody_sealfile_format(&b, &s, &err), 0);
	custody_buf_clear(&b);
	EXPECT_INTERNAL(s.uuid[0] = 'G', "the number of the package is not a UUID");
	EXPECT_INTERNAL(s.uuid[8] = '0', "the number of the package is not a UUID");
	EXPECT_INTERNAL(s.uuid[35] = 0, "the number of the package is not a UUID");
	EXPECT_INTERNAL(s.sealed.sec = INT64_MIN, "the time of sealing is out of range");
	EXPECT_INTERNAL(s.tool_version = NULL, "the tool has no name or version");
	EXPECT_INTERNAL(s.bytes = UINT64_MAX, "a number is beyond 2^53");
	EXPECT_INTERNAL(s.items = 1, "the tree does not have one leaf an item");
	EXPECT_INTERNAL(s.digests = CUSTODY_DIGEST_BIT(CUSTODY_MD5), "sha256 is not among the digests");
	EXPECT_INTERNAL(s.n_authorities = 0, "there is no authority, or too many");
	EXPECT_INTERNAL(s.n_authorities = CUSTODY_LIMIT_TOKENS + 1, "there is no authority, or too many");
	EXPECT_INTERNAL(s.sealer_role = "\xff", "a text is not UTF-8");
	cr_expect_eq(b.len, 0);
	CUSTODY_BUF_CLEAN struct custody_buf whole = { 0 };
	custody_buf_init(&whole, 100000);
	make(&s);
	cr_assert_eq(custody_sealfile_format(&whole, &s, &err), 0);
	for (size_t max = 0; max < whole.len; max++) {
		CUSTODY_BUF_CLEAN struct custody_buf small = { 0 };
		custody_buf_init(&small, max);
		cr_expect_eq(custody_sealfile_format(&small, &s, &err), -1);
		cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
		cr_expect_eq(small.len, 0);
	}
}

/* `text` with the first `from` exchanged for `to`. */
static void change(char *out, const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	cr_assert_not_null(at, "%s", from);
	memcpy(out, text, (size_t)(at - text));
	strcpy(out + (at - text), to);
	strcat(out, at + strlen(from));
}

struct change {
	const char *from, *to, *want, *rule;
};

#define MALFORMED "seal-file-malformed"
#define NEWER "newer-format"

static const struct change seal_changes[] = {
	/* versions */
	{ "custody-seal/1", "custody-seal/2", "found format 'custody-seal/2', want 'custody-seal/1'", NEWER },
	{ "custody-seal/1", "custody-seal/1.1", "found format 'custody-seal/1.1', want 'custody-seal/1'", NEWER },
	{ "custody-seal/1", "custody-acquisition/1", "'format': found 'custody-acquisition/1', want 'custody-seal/1'", MALFORMED },
	{ "\"custody-seal/1\"", "1", "'format' is missing or no string, want 'custody-seal/1'", MALFORMED },
	{ "\"format\":\"custody-seal/1\",", "", "'format' is missing or no string, want 'custody-seal/1'", MALFORMED },
	{ "\"critical\":[]", "\"critical\":[\"layout-packed\"]", "'critical': found 'layout-packed', which this program does not understand", NEWER },
	{ "\"critical\":[]", "\"critical\":[1]", "'critical': 0: found an integer, want a string", MALFORMED },
	{ "\"critical\":[]", "\"critical\":null", "'critical': found null, want an array", MALFORMED },
	{ "\"critical\":[],", "", "'critical' is missing", MALFORMED },
	{ "\"items\":8", "\"witness\":1,\"items\":8", "found 'witness', which this version of the format does not have", NEWER },
	{ "\"proven\":false", "\"proven\":false,\"by\":1", "found 'by', which this version of the format does not have", NEWER },
	{ "\"sha512\"", "\"sha512\",\"blake3\"", "'digests': 2: found digest 'blake3', which this version of the format does not have", NEWER },
	{ "\"sha512\"", "\"SHA512\"", "'digests': 1: found digest 'SHA512'", NEWER },
	{ "rfc9162-sha256", "rfc9162-sha512", "'tree': 'type': found tree 'rfc9162-sha512', want 'rfc9162-sha256'", NEWER },
	{ "B-LT", "B-LTA", "'requires': found level 'B-LTA', want 'B-T' or 'B-LT'", NEWER },
	/* form */
	{ "}\n", "}", "found no LF at the end, want one line and an LF", MALFORMED },
	{ "}\n", "}\n\n", "not our JSON", MALFORMED },
	{ "}\n", "}\r\n", "not our JSON", MALFORMED },
	{ "{\"format\"", " {\"format\"", "not our JSON", MALFORMED },
	{ "{\"format\"", "{ \"format\"", "white space", MALFORMED },
	{ "\"items\":8", "\"items\":8,\"items\":8", "duplicate", MALFORMED },
	{ "\"items\":8,\"bytes\":3045", "\"bytes\":3045,\"items\":8", "'items' comes after 'bytes', want it before", MALFORMED },
	{ "\"items\":8", "\"items\":8.0", "not an integer", MALFORMED },
	{ "\"items\":8", "\"items\":-8", "'items': found -8, want an integer from 0", MALFORMED },
	{ "\"items\":8", "\"items\":\"8\"", "'items': found a string, want an integer", MALFORMED },
	{ ",\"previous\":null", "", "'previous' is missing", MALFORMED },
	{ "8c8d26f7-", "8C8D26F7-", "'package': found '8C8D26F7-8de7-477c-8cea-1530ee090bf1', want a UUID in lower case", MALFORMED },
	{ "8c8d26f7-", "", "'package': found '8de7-477c-8cea-1530ee090bf1', want a UUID in lower case", MALFORMED },
	{ "\"C-1\"", "1", "'case': found an integer, want a string or null", MALFORMED },
	{ "\"C-1\"", "\"\\u0000\"", "NUL", MALFORMED },
	{ "\"C-1\"", "\"\\ud800\"", "not JSON", MALFORMED },
	{ "09:58:41Z", "09:58:60Z", "'sealed': 'time': found '2026-11-24T09:58:60Z', want a time like 2026-11-24T04:12:09Z", MALFORMED },
	{ "09:58:41Z", "09:58:41.5Z", "'sealed': 'time': found '2026-11-24T09:58:41.5Z', want a time like", MALFORMED },
	{ "09:58:41Z", "09:58:41+00:00", "'sealed': 'time': found", MALFORMED },
	{ "\"local\"", "\"ntp\"", "'sealed': 'clock': found 'ntp', want 'local'", MALFORMED },
	{ "\"local\"", "null", "'sealed': 'clock': found null, want 'local'", MALFORMED },
	{ "\"proven\":false", "\"proven\":true", "'sealed': 'proven': found true, want false", MALFORMED },
	{ "\"proven\":false", "\"proven\":0", "'sealed': 'proven': found an integer, want false", MALFORMED },
	{ ",\"proven\":false", "", "'sealed': 'proven' is missing", MALFORMED },
	{ "\"role\":null", "\"role\":1", "'sealer': 'role': found an integer, want a string or null", MALFORMED },
	{ ",\"role\":null", "", "'sealer': 'role' is missing", MALFORMED },
	{ "\"custody\"", "null", "'tool': 'name': found null, want a string", MALFORMED },
	{ "\"0.1.0\"", "\"\"", "'tool': 'version': found an empty string, want text", MALFORMED },
	{ "\"3.0.22\"", "3", "'tool': 'libraries': found an integer, want a string", MALFORMED },
	{ "{\"openssl\":\"3.0.22\",\"expat\":\"2.5.0\"}", "[]", "'tool': 'libraries': found an array, want an object", MALFORMED },
	{ "[\"sha256\",\"sha512\"]", "[\"sha512\",\"sha256\"]", "'digests': 1: found 'sha256' twice or out of order", MALFORMED },
	{ "[\"sha256\",\"sha512\"]", "[\"sha256\",\"sha256\"]", "'digests': 1: found 'sha256' twice or out of order", MALFORMED },
	{ "[\"sha256\",\"sha512\"]", "[\"sha512\"]", "'digests': found no 'sha256', want it always", MALFORMED },
	{ "[\"sha256\",\"sha512\"]", "[1]", "'digests': 0: found an integer, want a string", MALFORMED },
	{ "[\"sha256\",\"sha512\"]", "\"sha256\"", "'digests': found a string, want an array", MALFORMED },
	{ "rfc9162-sha256", "", "'tree': 'type': found an empty string, want text", MALFORMED },
	{ "\"size\":8,", "", "'tree': 'size' is missing", MALFORMED },
	{ ROOT, "00", "'tree': 'root': found '00', want 64 lower-case hex digits", MALFORMED },
	{ "\"B-LT\"", "null", "'requires': found null, want a string", MALFORMED },
	{ "[\"" AUTHORITY "\"]", "[]", "'authorities': found no authority, want at least one", MALFORMED },
	{ "[\"" AUTHORITY "\"]", "[\"" AUTHORITY "\",\"" AUTHORITY "\"]", "'authorities': 1: found an authority for the second time", MALFORMED },
	{ "[\"" AUTHORITY "\"]", "[\"A\"]", "'authorities': 0: found 'A', want 64 lower-case hex digits", MALFORMED },
	{ "[\"" AUTHORITY "\"]", "\"" AUTHORITY "\"", "'authorities': found a string, want an array", MALFORMED },
	{ "[\"" AUTHORITY "\"]", "[1,2,3,4,5,6,7,8,9]", "'authorities': found 9 authorities, at most 8 are taken", NULL },
	{ "\"previous\":null", "\"previous\":\"\"", "'previous': found '', want 64 lower-case hex digits", MALFORMED },
	{ "\"previous\":null", "\"previous\":false", "'previous': found false, want hex digits", MALFORMED },
	/* what is wrong is wrong in any version; but of another version, or with something critical, nothing is known */
	{ "\"items\":8", "\"witness\":1,\"items\":\"8\"", "'items': found a string, want an integer", MALFORMED },
	{ "\"critical\":[],\"package\":\"8c8d26f7-", "\"critical\":[\"x\"],\"package\":\"", "'critical': found 'x'", NEWER },
	{ "\"custody-seal/1\",\"critical\":[]", "\"custody-seal/9\"", "found format 'custody-seal/9'", NEWER },
};

Test(sealfile, refuses_another_form_and_names_newer_ones)
{
	for (size_t i = 0; i < sizeof(seal_changes) / sizeof(seal_changes[0]); i++) {
		const struct change *c = &seal_changes[i];
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_sealfile s;
		char text[4096];

		custody_sealfile_init(&s);
		change(text, good, c->from, c->to);
		cr_expect_eq(parse(text, &s, &err), -1, "%s", text);
		cr_expect_not_null(strstr(err.text, c->want), "%s\n\tgives %s\n\twant  %s", text, err.text, c->want);
		cr_expect(c->rule ? err.rule && strcmp(err.rule, c->rule) == 0 : err.kind == CUSTODY_ERR_LIMIT, "%s: %s", c->want, err.rule);
		cr_expect_null(s.arena.data);
	}
}

Test(sealfile, notes_private_keys)
{
	CUSTODY_CLEANUP(custody_sealfile_release) struct custody_sealfile s;
	struct custody_error err = CUSTODY_ERROR_INIT;
	char text[4096];

	custody_sealfile_init(&s);
	change(text, good, "\"items\":8", "\"x-lab\":{\"room\":[7]},\"items\":8");
	cr_expect_eq(parse(text, &s, &err), 0, "%s", err.text);
	cr_expect(s.has_private);
	change(text, good, "\"proven\":false", "\"proven\":false,\"x-\":null");
	cr_expect_eq(parse(text, &s, &err), 0, "%s", err.text);
	cr_expect(s.has_private);
	cr_expect_eq(parse(good, &s, &err), 0, "again into the same struct");
	cr_expect(!s.has_private);
}

Test(sealfile, refuses_every_cut)
{
	for (size_t n = 0; n < sizeof(good) - 1; n++) {
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_sealfile s;
		char *copy = malloc(n + 1);

		cr_assert_not_null(copy);
		memcpy(copy, good, n);
		custody_sealfile_init(&s);
		cr_expect_eq(custody_sealfile_parse((uint8_t *)copy, n, &s, &err), -1, "%zu bytes", n);
		free(copy);
	}
}

Test(sealfile, limits_the_file_and_its_texts)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_sealfile s;
	static char text[CUSTODY_LIMIT_TEXT_FIELD + 4096], longer[CUSTODY_LIMIT_TEXT_FIELD + 4] = "\"";

	custody_sealfile_init(&s);
	memset(longer + 1, 'x', CUSTODY_LIMIT_TEXT_FIELD + 1);
	longer[CUSTODY_LIMIT_TEXT_FIELD + 2] = '"';
	change(text, good, "\"C-1\"", longer);
	cr_expect_eq(parse(text, &s, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	cr_expect_eq(custody_sealfile_parse((const uint8_t *)text, CUSTODY_LIMIT_SMALL_MEMBER + 1, &s, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
}

/* ---- acquisition.json ---- */

static const char good_acquisition[] =
	"{\"format\":\"custody-acquisition/"
	"1\",\"started\":\"2026-11-24T09:58:41Z\",\"finished\":\"2026-11-24T09:58:43Z\",\"host\":\"vm\",\"system\":\"Linux\","
	"\"operator\":null,\"arguments\":[\"in/"
	"returns\"],\"clock\":{\"source\":\"system\",\"synchronised\":null},\"tool\":{\"name\":\"custody\",\"version\":\"0.1.0\"},"
	"\"identification\":null,\"exceptions\":[{\"id\":\"source-unreadable\",\"path\":\"a\",\"detail\":\"Input/output error\",\"reason\":\"disk "
	"broken\"},"
	"{\"id\":\"source-changed-while-read\",\"path_b64\":\"/w==\"},{\"id\":\"x\"}]}\n";

static int format_acquisition(struct custody_buf *b, const struct custody_acquisition *a, struct custody_error *err)
{
	static const struct custody_acquisition_exception e[] = { { "source-unreadable", (const uint8_t *)"a", 1, "Input/output error" },
		{ "source-changed-while-read", (const uint8_t *)"\xff", 1, NULL }, { "x", NULL, 0, NULL } };
	return custody_acquisition_append_head(b, a, err) || custody_acquisition_append_exception(b, true, &e[0], "disk broken", err) ||
			       custody_acquisition_append_exception(b, false, &e[1], NULL, err) ||
			       custody_acquisition_append_exception(b, false, &e[2], NULL, err) || custody_acquisition_append_tail(b, err)
		       ? -1
		       : 0;
}

static const char *const arguments[] = { "in/returns", "\xff" };
static struct custody_acquisition acquisition = { .started = { 1795514321, 0 },
	.finished = { 1795514323, 0 },
	.host = "vm",
	.system = "Linux",
	.arguments = arguments,
	.n_arguments = 1,
	.clock_source = "system",
	.synchronised = -1,
	.tool_name = "custody",
	.tool_version = "0.1.0" };

Test(acquisition, writes_the_exact_form_and_reads_it)
{
	CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_acquisition_facts facts;

	custody_buf_init(&b, 100000);
	cr_assert_eq(format_acquisition(&b, &acquisition, &err), 0, "%s", err.text);
	cr_expect_str_eq(custody_buf_str(&b), good_acquisition);
	cr_assert_eq(custody_acquisition_parse(b.data, b.len, &facts, &err), 0, "%s", err.text);
	cr_expect_eq(facts.started.sec, 1795514321);
	cr_expect_eq(facts.finished.sec, 1795514323);
	cr_expect_eq(facts.exceptions, 3);
	cr_expect_eq(facts.synchronised, -1);
	cr_expect(!facts.identified);
	cr_expect_str_eq(facts.stated.reason, "disk broken");
	cr_expect(!facts.stated.reasons_differ && facts.stated.n_followed == 0);
	custody_acquisition_stated_release(&facts.stated);

	for (int synchronised = 0; synchronised < 2; synchronised++) {
		acquisition.synchronised = synchronised;
		acquisition.mounts = "\"a/proc\",\"b\"";
		acquisition.host = "\xff";
		acquisition.n_arguments = 2;
		custody_buf_clear(&b);
		cr_assert_eq(format_acquisition(&b, &acquisition, &err), 0, "%s", err.text);
		cr_expect_not_null(strstr(custody_buf_str(&b), "\"host\":\"\\\\xff\",\"system\""));
		cr_expect_not_null(strstr(custody_buf_str(&b), "\"arguments\":[\"in/returns\",\"\\\\xff\"],"));
		cr_expect_not_null(strstr(custody_buf_str(&b), ",\"mounts\":[\"a/proc\",\"b\"],\"exceptions\":["));
		cr_assert_eq(custody_acquisition_parse(b.data, b.len, &facts, &err), 0, "%s", err.text);
		cr_expect_eq(facts.synchronised, synchronised);
		custody_acquisition_stated_release(&facts.stated);
	}
	acquisition.synchronised = 2;
	cr_expect_eq(custody_acquisition_append_head(&b, &acquisition, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_INTERNAL);
}

/* ADM-11 */
Test(acquisition, says_what_the_content_is)
{
	static const struct {
		enum custody_content_role role;
		const char *text;
	} roles[] = { { CUSTODY_ROLE_NONE, "\"identification\":null,\"exceptions\":[" },
		{ CUSTODY_ROLE_UNKNOWN, "\"identification\":null,\"exceptions\":[" },
		{ CUSTODY_ROLE_AUTHORITY_DOCUMENT, "\"identification\":null,\"role\":\"authority-document\",\"exceptions\":[" } };
	CUSTODY_BUF_CLEAN struct custody_buf b = { .max = 100000 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_acquisition_facts facts;
	char text[4096];

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		acquisition.role = roles[i].role;
		custody_buf_clear(&b);
		cr_assert_eq(format_acquisition(&b, &acquisition, &err), 0, "%s", err.text);
		cr_expect_not_null(strstr(custody_buf_str(&b), roles[i].text));
		cr_assert_eq(custody_acquisition_parse(b.data, b.len, &facts, &err), 0, "%s", err.text);
		cr_expect_eq(facts.role, roles[i].role == CUSTODY_ROLE_UNKNOWN ? CUSTODY_ROLE_NONE : roles[i].role);
		custody_acquisition_stated_release(&facts.stated);
	}
	/* a word of a later version is no reason to refuse, and is not taken for one of ours */
	change(text, good_acquisition, "\"exceptions\":[", "\"role\":\"authority-documents\",\"exceptions\":[");
	cr_assert_eq(custody_acquisition_parse((const uint8_t *)text, strlen(text), &facts, &err), 0, "%s", err.text);
	cr_expect_eq(facts.role, CUSTODY_ROLE_UNKNOWN);
	custody_acquisition_stated_release(&facts.stated);
}

Test(acquisition, tells_which_links_were_followed_and_why_exceptions_were_accepted)
{
	CUSTODY_BUF_CLEAN struct custody_buf b = { .max = 100000 }, followed = { .max = 1000 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_acquisition_facts facts;
	char text[4096];

	cr_assert_eq(custody_acquisition_append_followed(&followed, "case", "data/2026", &err), 0, "%s", err.text);
	cr_assert_eq(custody_acquisition_append_followed(&followed, "b", "\xff", &err), 0, "%s", err.text);
	acquisition.followed = custody_buf_str(&followed);
	cr_assert_eq(format_acquisition(&b, &acquisition, &err), 0, "%s", err.text);
	cr_expect_not_null(strstr(custody_buf_str(&b),
		",\"followed\":[{\"path\":\"case\",\"target\":\"data/2026\"},{\"path\":\"b\",\"target\":\"\\\\xff\"}],\"exceptions\":["));
	cr_assert_eq(custody_acquisition_parse(b.data, b.len, &facts, &err), 0, "%s", err.text);
	cr_assert_eq(facts.stated.n_followed, 2);
	cr_expect_str_eq(facts.stated.followed[0].path, "case");
	cr_expect_str_eq(facts.stated.followed[1].target, "\\xff");
	custody_acquisition_stated_release(&facts.stated);
	/* what no reader looked at before is no reason to refuse now */
	change(text, good_acquisition, "\"reason\":\"disk broken\"", "\"reason\":null");
	cr_assert_eq(custody_acquisition_parse((const uint8_t *)text, strlen(text), &facts, &err), 0, "%s", err.text);
	cr_expect_null(facts.stated.reason);
	change(text, good_acquisition, "\"exceptions\":[{", "\"exceptions\":[{\"id\":\"x\",\"reason\":\"old\"},{");
	cr_assert_eq(custody_acquisition_parse((const uint8_t *)text, strlen(text), &facts, &err), 0, "%s", err.text);
	cr_expect(facts.stated.reasons_differ && strcmp(facts.stated.reason, "old") == 0);
	custody_acquisition_stated_release(&facts.stated);
	change(text, good_acquisition, "\"exceptions\":[", "\"followed\":[{\"path\":\"a\"}],\"exceptions\":[");
	cr_expect_eq(custody_acquisition_parse((const uint8_t *)text, strlen(text), &facts, &err), -1);
}

Test(acquisition, leaves_the_buffer_as_it_was_when_it_is_full)
{
	static const struct custody_acquisition_exception e = { "x", (const uint8_t *)"\xff", 1, "d" };
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_BUF_CLEAN struct custody_buf head = { 0 }, exception = { 0 };

	custody_buf_init(&head, 10000);
	custody_buf_init(&exception, 10000);
	acquisition.mounts = "\"m\"";
	cr_assert_eq(custody_acquisition_append_head(&head, &acquisition, &err), 0);
	cr_assert_eq(custody_acquisition_append_exception(&exception, true, &e, "r", &err), 0);
	for (size_t max = 0; max < head.len; max++) {
		CUSTODY_BUF_CLEAN struct custody_buf small = { 0 };
		custody_buf_init(&small, max);
		cr_expect_eq(custody_acquisition_append_head(&small, &acquisition, &err), -1);
		cr_expect_eq(small.len, 0);
		cr_expect_eq(
			max >= exception.len ? 0 : custody_acquisition_append_exception(&small, true, &e, "r", &err), max >= exception.len ? 0 : -1);
		cr_expect_eq(small.len, 0);
	}
}

static const struct change acquisition_changes[] = {
	{ "custody-acquisition/1", "custody-acquisition/2", "found format 'custody-acquisition/2', want 'custody-acquisition/1'", NEWER },
	{ "custody-acquisition/1", "custody-seal/1", "'format': found 'custody-seal/1'", MALFORMED },
	{ "}\n", "}", "found no LF at the end", MALFORMED },
	{ "\"host\":\"vm\"", "\"host\": \"vm\"", "white space", MALFORMED },
	{ "\"host\":\"vm\"", "\"host\":\"vm\",\"host\":\"vm\"", "duplicate", MALFORMED },
	{ "\"host\":\"vm\"", "\"host\":1", "'host': found an integer, want a string or null", MALFORMED },
	{ "\"host\":\"vm\",\"system\":\"Linux\"", "\"system\":\"Linux\",\"host\":\"vm\"", "'host' comes after 'system', want it before", MALFORMED },
	{ "\"host\":\"vm\",", "", "'host' is missing", MALFORMED },
	{ "09:58:41Z", "09:58:41", "'started': found '2026-11-24T09:58:41', want a time", MALFORMED },
	{ "09:58:43Z", "09:58:43.000000000Z", "'finished': found", MALFORMED },
	{ "[\"in/returns\"]", "[1]", "'arguments': 0: found an integer, want a string", MALFORMED },
	{ "[\"in/returns\"]", "[null]", "'arguments': 0: found null, want a string", MALFORMED },
	{ "\"source\":\"system\"", "\"source\":null", "'clock': 'source': found null, want a string", MALFORMED },
	{ "\"name\":\"custody\"", "\"name\":null", "'tool': 'name': found null, want a string", MALFORMED },
	{ "\"identification\":null", "\"identification\":{\"by\":null,\"database\":\"d\"}", "'identification': 'by': found null, want a string",
		MALFORMED },
	{ "{\"id\":\"x\"}", "{}", "'exceptions': 2: 'id' is missing", MALFORMED },
	{ "{\"id\":\"x\"}", "{\"id\":null}", "'exceptions': 2: 'id': found null, want a string", MALFORMED },
	{ "[\"in/returns\"]", "{}", "'arguments': found an object, want an array", MALFORMED },
	{ "\"synchronised\":null", "\"synchronised\":\"yes\"", "'clock': 'synchronised': found a string, want true, false or null", MALFORMED },
	{ ",\"synchronised\":null", "", "'clock': 'synchronised' is missing", MALFORMED },
	{ "\"version\":\"0.1.0\"", "\"version\":1", "'tool': 'version': found an integer", MALFORMED },
	{ "\"identification\":null", "\"identification\":false", "'identification': found false, want an object", MALFORMED },
	{ "\"identification\":null", "\"identification\":{\"by\":\"a\"}", "'identification': 'database' is missing", MALFORMED },
	{ "\"exceptions\":[", "\"role\":null,\"exceptions\":[", "'role': found null, want a string", MALFORMED },
	{ "\"identification\":null", "\"role\":\"authority-document\",\"identification\":null", "'identification' comes after 'role', want it before",
		MALFORMED },
	{ "{\"id\":\"x\"}", "1", "'exceptions': 2: found an integer, want an object", MALFORMED },
	{ "{\"id\":\"x\"}", "{\"id\":1}", "'exceptions': 2: 'id': found an integer", MALFORMED },
	{ "\"exceptions\":[", "\"exceptions\":{}}\n", "not our JSON", MALFORMED },
};

Test(acquisition, refuses_another_form)
{
	for (size_t i = 0; i < sizeof(acquisition_changes) / sizeof(acquisition_changes[0]); i++) {
		const struct change *c = &acquisition_changes[i];
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_acquisition_facts facts;
		char text[4096];

		change(text, good_acquisition, c->from, c->to);
		cr_expect_eq(custody_acquisition_parse((const uint8_t *)text, strlen(text), &facts, &err), -1, "%s", text);
		cr_expect(strstr(err.text, c->want) || strcmp(c->want, "not our JSON") == 0, "%s\n\tgives %s\n\twant  %s", text, err.text, c->want);
		cr_expect(err.rule && strcmp(err.rule, c->rule) == 0, "%s: %s", c->want, err.rule);
	}
}

Test(acquisition, ignores_unknown_keys)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	struct custody_acquisition_facts facts;
	char text[4096], again[4096];

	change(text, good_acquisition, "\"host\"", "\"weather\":[{\"a\":1}],\"host\"");
	change(again, text, "\"identification\":null", "\"x-y\":0,\"identification\":{\"by\":\"libmagic 5.44\",\"database\":null,\"other\":1}");
	cr_expect_eq(custody_acquisition_parse((const uint8_t *)again, strlen(again), &facts, &err), 0, "%s", err.text);
	cr_expect(facts.identified);
	custody_acquisition_stated_release(&facts.stated);
}

Test(sealfile, reads_the_files_of_the_second_implementation)
{
	for (size_t i = 0; stored_packages[i]; i++) {
		CUSTODY_CLEANUP(custody_sealfile_release) struct custody_sealfile s;
		CUSTODY_BUF_CLEAN struct custody_buf again = { 0 };
		struct custody_error err = CUSTODY_ERROR_INIT;
		struct custody_acquisition_facts facts;
		size_t n = 0;
		uint8_t *text = stored_member(stored_packages[i], "custody/seal.json", &n);

		custody_sealfile_init(&s);
		custody_buf_init(&again, 1 << 20);
		cr_expect_eq(custody_sealfile_parse(text, n, &s, &err), 0, "%s: %s", stored_packages[i], err.text);
		cr_expect_eq(custody_sealfile_format(&again, &s, &err), 0, "%s", err.text);
		cr_expect_str_eq(custody_buf_str(&again), (char *)text);
		free(text);
		text = stored_member(stored_packages[i], "custody/acquisition.json", &n);
		cr_expect_eq(custody_acquisition_parse(text, n, &facts, &err), 0, "%s: %s", stored_packages[i], err.text);
		cr_expect_eq(facts.exceptions, s.exceptions);
		custody_acquisition_stated_release(&facts.stated);
		free(text);
	}
}
