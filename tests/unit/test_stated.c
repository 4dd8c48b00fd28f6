/* SPDX-License-Identifier: Apache-2.0 */
/* What the sealer states twice. Whole packages that show it are in fixtures/tampered/seal-times-disagree/ and bag-info-differs/; here is where each rule begins. */
#include "libcustody/verdict/stated.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "libcustody/base/cleanup.h"

/* All of what was found, a line each, as "item: detail". */
static void tell(const struct custody_findings *f, char *out, size_t room)
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < f->n; i++)
		n += (size_t)snprintf(out + n, room - n, "%.*s: %s\n", (int)f->list[i].item_len, (const char *)f->list[i].item, f->list[i].detail);
}

static struct custody_time at(const char *text)
{
	struct custody_time t = { 0, 0 };

	cr_assert(custody_time_parse(text, strlen(text), false, &t), "%s", text);
	return t;
}

#define NOON "2026-11-02T12:00:00Z"

static const struct {
	const char *what, *started, *finished, *sealed, *first, *second; /* of a signature that does not hold: NULL */
	const char *found;
} cases[] = {
	{ "one reading of the clock", NOON, NOON, NOON, NOON, NOON, "" },
	{ "one after the other", "2026-11-01T12:00:00Z", "2026-11-02T11:59:59Z", NOON, "2026-11-02T12:00:01Z", "2026-11-02T12:00:02Z", "" },
	{ "read a year ago", "2025-11-01T12:00:00Z", "2025-11-01T12:00:00Z", NOON, NOON, NOON, "" },
	{ "a day later and earlier", NOON, NOON, NOON, "2026-11-03T12:00:00Z", "2026-11-01T12:00:00Z", "" },
	{ "a second more than a day later", NOON, NOON, NOON, "2026-11-03T12:00:01Z", NOON,
		"META-INF/signature001.p7s: signed 2026-11-03T12:00:01Z, sealed 2026-11-02T12:00:00Z: more than a day apart\n" },
	{ "a second more than a day earlier", NOON, NOON, NOON, NOON, "2026-11-01T11:59:59Z",
		"META-INF/signature002.p7s: signed 2026-11-01T11:59:59Z, sealed 2026-11-02T12:00:00Z: more than a day apart\n" },
	{ "from one end of time to the other", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", NULL,
		"META-INF/signature001.p7s: signed 9999-12-31T23:59:59Z, sealed 0001-01-01T00:00:00Z: more than a day apart\n" },
	{ "ended before it began", "2026-11-02T12:00:00Z", "2026-11-02T11:59:59Z", NOON, NOON, NOON,
		"custody/acquisition.json: reading began 2026-11-02T12:00:00Z, ended 2026-11-02T11:59:59Z: it ended before it began\n" },
	{ "ended after it was sealed", NOON, "2026-11-02T12:00:01Z", NOON, NOON, NOON,
		"custody/acquisition.json: reading ended 2026-11-02T12:00:01Z, sealed 2026-11-02T12:00:00Z: it was sealed before it was read to the "
		"end\n" },
	{ "both", "2026-11-02T12:00:03Z", "2026-11-02T12:00:01Z", NOON, NULL, NULL,
		"custody/acquisition.json: reading began 2026-11-02T12:00:03Z, ended 2026-11-02T12:00:01Z: it ended before it began\n"
		"custody/acquisition.json: reading ended 2026-11-02T12:00:01Z, sealed 2026-11-02T12:00:00Z: it was sealed before it was read to the "
		"end\n" },
	{ "no signature holds", NOON, NOON, NOON, NULL, NULL, "" },
};

Test(stated, times_of_one_seal_are_compared)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CUSTODY_CLEANUP(custody_findings_release) struct custody_findings findings;
		struct custody_sealfile sealfile = { .sealed = at(cases[i].sealed) };
		struct custody_acquisition_facts acquisition = { .started = at(cases[i].started), .finished = at(cases[i].finished) };
		struct custody_seal_result seal = { .has_claimed = cases[i].first, .has_claimed_second = cases[i].second };
		char found[1024];

		custody_findings_init(&findings);
		if (cases[i].first)
			seal.claimed = at(cases[i].first);
		if (cases[i].second)
			seal.claimed_second = at(cases[i].second);
		custody_stated_times(&sealfile, &acquisition, &seal, &findings);
		tell(&findings, found, sizeof(found));
		cr_expect_str_eq(found, cases[i].found, "%s: %s", cases[i].what, found);
		for (size_t k = 0; k < findings.n; k++)
			cr_expect_eq(findings.list[k].id, CUSTODY_FINDING_SEAL_TIMES_DISAGREE);
		cr_expect(!custody_findings_have(&findings, CUSTODY_GROUP_COUNT, CUSTODY_EFFECT_FAILS) &&
			  !custody_findings_have(&findings, CUSTODY_GROUP_COUNT, CUSTODY_EFFECT_OPENS));
	}
}

#define LAB "Lab of the City"

static const struct {
	const char *what, *sealed, *organisation, *name; /* in seal.json */
	const char *in_bag_organisation, *contact, *date;
	const char *found;
} bags[] = {
	{ "the same", NOON, LAB, "Ada", LAB, "Ada", "2026-11-02", "" },
	{ "nobody, twice", NOON, NULL, NULL, "", "", "2026-11-02", "" },
	{ "the date west of it", "2026-11-02T11:59:59Z", LAB, "Ada", LAB, "Ada", "2026-11-01", "" },
	{ "no such zone in the west", NOON, LAB, "Ada", LAB, "Ada", "2026-11-01",
		"bag-info.txt: Bagging-Date is '2026-11-01', custody/seal.json has '2026-11-02T12:00:00Z'\n" },
	{ "the date east of it", "2026-11-02T10:00:00Z", LAB, "Ada", LAB, "Ada", "2026-11-03", "" },
	{ "no such zone in the east", "2026-11-02T09:59:59Z", LAB, "Ada", LAB, "Ada", "2026-11-03",
		"bag-info.txt: Bagging-Date is '2026-11-03', custody/seal.json has '2026-11-02T09:59:59Z'\n" },
	{ "the first second that there is", "0001-01-01T00:00:00Z", LAB, "Ada", LAB, "Ada", "0001-01-01", "" },
	{ "the last one", "9999-12-31T23:59:59Z", LAB, "Ada", LAB, "Ada", "9999-12-31", "" },
	{ "another organisation", NOON, LAB, "Ada", LAB " ", "Ada", "2026-11-02",
		"bag-info.txt: Source-Organization is 'Lab of the City ', custody/seal.json has 'Lab of the City'\n" },
	{ "a person whom the seal does not name", NOON, LAB, NULL, LAB, "Ada\x1b", "2026-11-02",
		"bag-info.txt: Contact-Name is 'Ada\\u{001b}', custody/seal.json has ''\n" },
	{ "all of it", NOON, LAB, "Ada", "", "", "1999-12-31",
		"bag-info.txt: Source-Organization is '', custody/seal.json has 'Lab of the City'\n"
		"bag-info.txt: Contact-Name is '', custody/seal.json has 'Ada'\n"
		"bag-info.txt: Bagging-Date is '1999-12-31', custody/seal.json has '2026-11-02T12:00:00Z'\n" },
};

Test(stated, bag_info_is_compared_with_the_seal)
{
	for (size_t i = 0; i < sizeof(bags) / sizeof(bags[0]); i++) {
		CUSTODY_CLEANUP(custody_findings_release) struct custody_findings findings;
		struct custody_sealfile sealfile = {
			.sealed = at(bags[i].sealed), .sealer_organisation = bags[i].organisation, .sealer_name = bags[i].name
		};
		struct custody_bag_info info = { .organisation = bags[i].in_bag_organisation, .contact = bags[i].contact };
		char found[1024];

		custody_findings_init(&findings);
		snprintf(info.date, sizeof(info.date), "%s", bags[i].date);
		custody_stated_bag_info(&sealfile, &info, &findings);
		tell(&findings, found, sizeof(found));
		cr_expect_str_eq(found, bags[i].found, "%s: %s", bags[i].what, found);
		cr_expect_eq(findings.count[CUSTODY_FINDING_BAG_INFO_DIFFERS], findings.n);
	}
}

Test(stated, signing_times_lie_within_the_validity_of_the_certificate)
{
	static const struct {
		const char *signing, *found;
	} when[] = {
		{ "2026-11-02T11:00:00Z", "" },
		{ "2026-11-02T13:00:00Z", "" },
		{ "2026-11-02T10:59:59Z",
			"META-INF/signature001.p7s: signed 2026-11-02T10:59:59Z, certificate valid from 2026-11-02T11:00:00Z: it was not valid yet\n"
			"META-INF/signature002.p7s: signed 2026-11-02T10:59:59Z, certificate valid from 2026-11-02T11:00:00Z: it was not valid "
			"yet\n" },
		{ "2026-11-02T13:00:01Z", "META-INF/signature001.p7s: signed 2026-11-02T13:00:01Z, certificate valid until 2026-11-02T13:00:00Z: it "
					  "was not valid any more\n"
					  "META-INF/signature002.p7s: signed 2026-11-02T13:00:01Z, certificate valid until 2026-11-02T13:00:00Z: it "
					  "was not valid any more\n" },
	};

	for (size_t i = 0; i < sizeof(when) / sizeof(when[0]); i++) {
		CUSTODY_CLEANUP(custody_findings_release) struct custody_findings findings;
		const struct custody_sealfile sealfile = { .sealed = at(NOON) };
		const struct custody_acquisition_facts acquisition = { .started = at(NOON), .finished = at(NOON) };
		const struct custody_seal_result seal = { .has_claimed = true,
			.has_claimed_second = true,
			.claimed = at(when[i].signing),
			.claimed_second = at(when[i].signing),
			.has_signer = true,
			.valid_from = at("2026-11-02T11:00:00Z"),
			.valid_until = at("2026-11-02T13:00:00Z") };
		char found[1024];

		custody_findings_init(&findings);
		custody_stated_times(&sealfile, &acquisition, &seal, &findings);
		tell(&findings, found, sizeof(found));
		cr_expect_str_eq(found, when[i].found, "%s: %s", when[i].signing, found);
	}
}
