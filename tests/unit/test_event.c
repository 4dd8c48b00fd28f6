/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/record/event.h"

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
static const char good[] =
	"{\"format\":\"custody-event/"
	"1\",\"critical\":[],\"seq\":2,\"id\":\"8c8d26f7-8de7-477c-8cea-1530ee090bf1\",\"type\":\"released\",\"prev\":\"" A64 "\","
	"\"package\":{\"uuid\":\"8c8d26f7-8de7-477c-8cea-1530ee090bf2\",\"sha256\":\"" B64 "\",\"size\":1234,\"measured\":true},"
	"\"actor\":{\"name\":\"A. Nalyst\",\"organisation\":\"Lab\",\"role\":null,\"id\":null},"
	"\"to\":{\"name\":\"R. Eceiver\",\"organisation\":null,\"role\":null,\"id\":\"badge 7\",\"certificate\":\"" A64 "\"},"
	"\"authority\":\"order 7\",\"purpose\":\"analysis\",\"place\":null,\"occurred\":{\"time\":\"2026-11-24T04:12:09Z\",\"offset\":\"-03:30\"},"
	"\"recorded\":{\"time\":\"2026-11-24T04:13:09Z\",\"clock\":\"local\",\"synchronised\":true},\"declared_later\":null,"
	"\"requires\":\"B-LT\",\"authorities\":[\"" B64 "\"],\"tool\":{\"name\":\"custody\",\"version\":\"0.1.0\"},"
	"\"fields\":{\"nonce\":\"00112233445566778899aabbccddeeff\",\"transport\":\"courier\"},"
	"\"attachments\":[{\"name\":\"seal.jpg\",\"sha256\":\"" A64 "\",\"size\":77}]}\n";

static int parse(const char *text, struct custody_event *e, struct custody_error *err)
{
	return custody_event_parse((const uint8_t *)text, strlen(text), e, err);
}

Test(event, reads_and_writes_the_exact_form)
{
	CUSTODY_CLEANUP(custody_event_release) struct custody_event e;
	CUSTODY_BUF_CLEAN struct custody_buf b;
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_event_init(&e);
	custody_buf_init(&b, CUSTODY_LIMIT_EVENT);
	cr_assert_eq(parse(good, &e, &err), 0, "%s", err.text);
	cr_expect_eq(e.seq, 2);
	cr_expect_eq(e.type, CUSTODY_EVENT_RELEASED);
	cr_expect(e.has_prev && e.prev[0] == 0xaa && e.package_sha256[31] == 0xbb && e.package_size == 1234 && e.measured);
	cr_expect_str_eq(e.actor.name, "A. Nalyst");
	cr_expect_str_eq(e.to.id, "badge 7");
	cr_expect(e.has_to && e.has_to_certificate && e.to_certificate[0] == 0xaa);
	cr_expect(e.has_occurred && e.offset == -210 && e.synchronised == 1 && e.requires_lt && e.n_authorities == 1 && !e.declared_later);
	cr_expect_str_eq(custody_event_value(&e, "transport")->text, "courier");
	cr_expect_eq(custody_event_value(&e, "nonce")->bytes[15], 0xff);
	cr_expect_null(custody_event_value(&e, "conditions"));
	cr_expect_null(custody_event_value(&e, "no such field"));
	cr_expect(e.n_attachments == 1 && e.attachments[0].size == 77);
	cr_assert_eq(custody_event_format(&b, &e, &err), 0, "%s", err.text);
	cr_expect_str_eq(custody_buf_str(&b), good);
}

/* good with one piece of text replaced. */
static char *with(const char *old, const char *new)
{
	const char *at = strstr(good, old);
	char *out = malloc(sizeof(good) + strlen(new));

	cr_assert(at && out, "%s", old);
	sprintf(out, "%.*s%s%s", (int)(at - good), good, new, at + strlen(old));
	return out;
}

Test(event, refuses_with_what_it_found_and_wanted)
{
	static const struct {
		const char *old, *new, *rule, *text;
	} table[] = {
		{ "}\n", "}", "record-malformed", "found no LF at the end, want one line and an LF" },
		{ "custody-event/1", "custody-event/2", "record-newer-format", "'format': found 'custody-event/2', want 'custody-event/1'" },
		{ "custody-event/1", "custody-seal/1", "record-malformed", "'format': found 'custody-seal/1', want 'custody-event/1'" },
		{ "\"format\":\"custody-event/1\",", "", "record-malformed", "'format' is missing or no string, want 'custody-event/1'" },
		{ "\"critical\":[]", "\"critical\":[1]", "record-newer-format",
			"'critical': found a name in 'critical', want none that this program does not know" },
		{ "\"seq\":2", "\"seq\":0", "record-malformed", "'seq': found 0, want a number from 1" },
		{ "\"seq\":2", "\"seq\":1", "record-malformed", "the first event follows none, and 'prev' is not null" },
		{ "\"prev\":\"" A64 "\"", "\"prev\":null", "record-malformed", "'prev' is null, want the head of the event before" },
		{ "8c8d26f7-8de7-477c-8cea-1530ee090bf1", "8C8d26f7-8de7-477c-8cea-1530ee090bf1", "record-malformed",
			"'id': found '8C8d26f7-8de7-477c-8cea-1530ee090bf1', want a UUID" },
		{ "\"measured\":true", "\"measured\":1", "record-malformed", "'package': 'measured': found an integer, want true or false" },
		{ "\"measured\":true", "\"measured\":false", "record-malformed", "the package was not measured, and an event of this type needs it" },
		{ "\"purpose\":\"analysis\"", "\"purpose\":null", "record-malformed", "'purpose' is missing" },
		{ "\"authority\":\"order 7\"", "\"authority\":null", "record-malformed", "'authority' is missing" },
		{ "\"A. Nalyst\"", "\"\"", "record-malformed", "'actor': 'name': found an empty string, want text" },
		{ "\"A. Nalyst\"", "null", "record-malformed", "'actor': 'name': found null, want a string" },
		{ "-03:30", "-3:30", "record-malformed", "'occurred': 'offset': found '-3:30', want an offset like +01:00" },
		{ "-03:30", "-00:00", "record-malformed", "'occurred': 'offset': found '-00:00', want an offset like +01:00" },
		{ "-03:30", "+14:01", "record-malformed", "'occurred': 'offset': found '+14:01', want an offset like +01:00" },
		{ "-03:30", "+03:60", "record-malformed", "'occurred': 'offset': found '+03:60', want an offset like +01:00" },
		{ "\"clock\":\"local\"", "\"clock\":\"gps\"", "record-malformed", "'recorded': 'clock': found 'gps', want 'local'" },
		{ "\"synchronised\":true", "\"synchronised\":2", "record-malformed",
			"'recorded': 'synchronised': found an integer, want true, false or null" },
		{ "\"declared_later\":null", "\"declared_later\":\"log\"", "record-malformed", "an event of this type cannot be declared later" },
		{ "\"B-LT\"", "\"B-B\"", "record-malformed", "'requires': found 'B-B', want 'B-T'" },
		{ "[\"" B64 "\"]", "[]", "record-malformed", "'authorities': found 0, want 1 to 8" },
		{ "[\"" B64 "\"]", "[\"" B64 "\",\"" B64 "\"]", "record-malformed", "'authorities': found an authority twice, want each once" },
		{ "00112233445566778899aabbccddeeff", "0011", "record-malformed", "'fields': 'nonce': found '0011', want 32 lower-case hex digits" },
		{ "\"nonce\":\"00112233445566778899aabbccddeeff\",", "", "record-malformed", "'fields': 'nonce' is missing" },
		{ "\"transport\":\"courier\"", "\"transport\":null", "record-malformed", "'fields': 'transport': found null, want a string" },
		{ "\"transport\":\"courier\"", "\"seal\":\"courier\"", "record-newer-format",
			"found 'seal', which this version of the format does not have" },
		{ "\"place\":null,", "\"place\":null,\"weather\":1,", "record-newer-format",
			"found 'weather', which this version of the format does not have" },
		{ "\"size\":77", "\"size\":-1", "record-malformed", "'attachments': 'size': found -1, want an integer from 0 to 2^53 - 1" },
		{ "\"authority\":\"order 7\",\"purpose\":\"analysis\"", "\"purpose\":\"analysis\",\"authority\":\"order 7\"", "record-malformed",
			"'authority' comes after 'purpose', want it before" },
		{ "\"type\":\"released\"", "\"type\":\"sealed\"", "record-malformed", "'fields': 'root' is missing" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		CUSTODY_CLEANUP(custody_event_release) struct custody_event e;
		struct custody_error err = CUSTODY_ERROR_INIT;
		char *text = with(table[i].old, table[i].new);

		custody_event_init(&e);
		cr_expect_eq(parse(text, &e, &err), -1, "%s", table[i].text);
		cr_expect_eq(err.kind, CUSTODY_ERR_FORMAT);
		cr_expect_str_eq(err.rule ? err.rule : "none", table[i].rule);
		cr_expect_str_eq(err.text, table[i].text);
		free(text);
	}
}

Test(event, takes_a_private_key_and_a_type_that_it_does_not_know)
{
	CUSTODY_CLEANUP(custody_event_release) struct custody_event e;
	struct custody_error err = CUSTODY_ERROR_INIT;
	char *private = with("\"place\":null", "\"x-weather\":1,\"place\":null"), *unknown = with("\"type\":\"released\"", "\"type\":\"teleported\"");

	custody_event_init(&e);
	cr_expect_eq(parse(private, &e, &err), 0, "%s", err.text);
	cr_expect(e.has_private);
	cr_expect_eq(parse(unknown, &e, &err), 0, "%s", err.text);
	cr_expect_eq(e.type, CUSTODY_EVENT_TYPES);
	cr_expect_str_eq(e.type_name, "teleported");
	free(private);
	free(unknown);
}

Test(event, knows_the_closed_list_and_the_way_out)
{
	for (int t = 0; t < CUSTODY_EVENT_OTHER; t++)
		cr_expect_eq(custody_event_find(custody_event_get((enum custody_event_type)t)->name), (enum custody_event_type)t);
	cr_expect_eq(custody_event_find("other:moved-house-2"), CUSTODY_EVENT_OTHER);
	cr_expect_eq(custody_event_find("other:"), CUSTODY_EVENT_TYPES);
	cr_expect_eq(custody_event_find("other:Moved"), CUSTODY_EVENT_TYPES);
	cr_expect_eq(custody_event_find("other"), CUSTODY_EVENT_TYPES);
	cr_expect_eq(custody_event_find(""), CUSTODY_EVENT_TYPES);
}

/* Every type, with all its fields, reads back as it was written. */
Test(event, reads_what_it_writes_of_every_type)
{
	for (int t = 0; t < CUSTODY_EVENT_TYPES; t++) {
		CUSTODY_CLEANUP(custody_event_release) struct custody_event e, again;
		CUSTODY_BUF_CLEAN struct custody_buf b, c;
		struct custody_error err = CUSTODY_ERROR_INIT;
		const struct custody_event_info *info = custody_event_get((enum custody_event_type)t);

		custody_event_init(&e);
		custody_event_init(&again);
		custody_buf_init(&b, CUSTODY_LIMIT_EVENT);
		custody_buf_init(&c, CUSTODY_LIMIT_EVENT);
		cr_assert_eq(parse(good, &e, &err), 0);
		e.type = (enum custody_event_type)t;
		e.type_name = t == CUSTODY_EVENT_OTHER ? "other:x" : info->name;
		e.has_to = t == CUSTODY_EVENT_RELEASED || t == CUSTODY_EVENT_DISCLOSED || t == CUSTODY_EVENT_RETURNED;
		e.seq = t == CUSTODY_EVENT_SEALED ? 1 : 2;
		e.has_prev = e.seq == 2;
		for (size_t i = 0; i < info->n; i++) {
			char word[32];

			snprintf(word, sizeof(word), "%.*s", info->fields[i].words ? (int)strcspn(info->fields[i].words, " ") : 0,
				info->fields[i].words ? info->fields[i].words : "");
			e.values[i] = (struct custody_event_value){ .present = true, .text = "quote \" \xe2\x80\xae", .count = 1 };
			if (info->fields[i].words)
				e.values[i].text = strcmp(word, "VALID") == 0 ? "VALID" : strcmp(word, "master") == 0 ? "master" : "changed";
		}
		cr_assert_eq(custody_event_format(&b, &e, &err), 0, "%s: %s", info->name, err.text);
		cr_assert_eq(custody_event_parse(b.data, b.len, &again, &err), 0, "%s: %s", info->name, err.text);
		cr_assert_eq(custody_event_format(&c, &again, &err), 0);
		cr_expect_str_eq(custody_buf_str(&c), custody_buf_str(&b));
	}
}

Test(event, does_not_write_what_cannot_be_read)
{
	CUSTODY_CLEANUP(custody_event_release) struct custody_event e;
	CUSTODY_BUF_CLEAN struct custody_buf b;
	struct custody_error err = CUSTODY_ERROR_INIT;

	custody_event_init(&e);
	custody_buf_init(&b, CUSTODY_LIMIT_EVENT);
	cr_assert_eq(parse(good, &e, &err), 0);
	e.purpose = NULL;
	cr_expect_eq(custody_event_format(&b, &e, &err), -1);
	cr_expect(err.kind == CUSTODY_ERR_USAGE && strcmp(err.text, "'purpose' is missing") == 0, "%s", err.text);
	e.purpose = "";
	cr_expect_eq(custody_event_format(&b, &e, &err), -1);
	cr_expect_str_eq(err.text, "'purpose' wants 1 to 4096 bytes of UTF-8");
	e.purpose = "\xff";
	cr_expect_eq(custody_event_format(&b, &e, &err), -1);
	e.purpose = "x";
	e.values[0].present = false;
	cr_expect_eq(custody_event_format(&b, &e, &err), -1);
	cr_expect_str_eq(err.text, "'nonce' is missing");
	e.values[0].present = true;
	e.offset = 841;
	cr_expect_eq(custody_event_format(&b, &e, &err), -1);
	e.offset = 840;
	cr_expect_eq(custody_event_format(&b, &e, &err), 0, "%s", err.text);
	e.id[0] = 'x';
	cr_expect_eq(custody_event_format(&b, &e, &err), -1);
	cr_expect(err.kind == CUSTODY_ERR_INTERNAL, "%s", err.text);
}

/* At each limit, and one beyond. */
Test(event, keeps_its_limits)
{
	char *longest = malloc(CUSTODY_LIMIT_TEXT_FIELD + 8);

	for (size_t more = 0; more < 2; more++) {
		CUSTODY_CLEANUP(custody_event_release) struct custody_event e;
		struct custody_error err = CUSTODY_ERROR_INIT;
		size_t n = CUSTODY_LIMIT_TEXT_FIELD + more;

		memset(longest, 'a', n);
		longest[n] = '\0';
		char *text = with("courier", longest);
		custody_event_init(&e);
		cr_expect_eq(parse(text, &e, &err), more ? -1 : 0, "%s", err.text);
		cr_expect(!more || err.kind == CUSTODY_ERR_LIMIT);
		free(text);
	}
	free(longest);
	for (size_t n = CUSTODY_LIMIT_ATTACHMENTS; n <= CUSTODY_LIMIT_ATTACHMENTS + 1; n++) {
		CUSTODY_CLEANUP(custody_event_release) struct custody_event e;
		CUSTODY_BUF_CLEAN struct custody_buf list;
		struct custody_error err = CUSTODY_ERROR_INIT;

		custody_buf_init(&list, 100000);
		for (size_t i = 0; i < n; i++)
			cr_assert_eq(custody_buf_append_str(&list, "{\"name\":\"a\",\"sha256\":\"" A64 "\",\"size\":1},", &err), 0);
		list.data[list.len - 1] = '\0';
		char *text = with("{\"name\":\"seal.jpg\",\"sha256\":\"" A64 "\",\"size\":77}", (const char *)list.data);
		custody_event_init(&e);
		cr_expect_eq(parse(text, &e, &err), n > CUSTODY_LIMIT_ATTACHMENTS ? -1 : 0, "%s", err.text);
		free(text);
	}
	CUSTODY_CLEANUP(custody_event_release) struct custody_event e;
	struct custody_error err = CUSTODY_ERROR_INIT;
	char *large = calloc(1, CUSTODY_LIMIT_EVENT + 1);
	custody_event_init(&e);
	cr_expect_eq(custody_event_parse((uint8_t *)large, CUSTODY_LIMIT_EVENT + 1, &e, &err), -1);
	cr_expect_eq(err.kind, CUSTODY_ERR_LIMIT);
	free(large);
}
