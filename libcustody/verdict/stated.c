/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/verdict/stated.h"

#include <string.h>

#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"
#include "libcustody/package/members.h"

/* One of the times, and what it is said to be of. */
struct moment {
	const char *what;
	struct custody_time when;
};

static void times_disagree(struct custody_findings *f, enum custody_member_class where, struct moment first, struct moment second, const char *so)
{
	const char *member = custody_member_name(where);
	char a[CUSTODY_TIME_TEXT], b[CUSTODY_TIME_TEXT];

	custody_time_format(first.when, a);
	custody_time_format(second.when, b);
	custody_findings_add(f, CUSTODY_FINDING_SEAL_TIMES_DISAGREE, member, strlen(member), "%s %s, %s %s: %s", first.what, a, second.what, b, so);
}

/* The order is compared to the second: whoever wrote these times took them one after the other from one clock. */
static void check_reading(const struct custody_sealfile *s, const struct custody_acquisition_facts *a, struct custody_findings *f)
{
	if (custody_time_compare(a->started, a->finished) > 0)
		times_disagree(f, CUSTODY_MEMBER_ACQUISITION, (struct moment){ "reading began", a->started }, (struct moment){ "ended", a->finished },
			"it ended before it began");
	if (custody_time_compare(a->finished, s->sealed) > 0)
		times_disagree(f, CUSTODY_MEMBER_ACQUISITION, (struct moment){ "reading ended", a->finished }, (struct moment){ "sealed", s->sealed },
			"it was sealed before it was read to the end");
}

static void check_signature(const struct custody_sealfile *s, const struct custody_seal_result *seal, enum custody_member_class signature,
	struct custody_time signing, struct custody_findings *f)
{
	int64_t apart = signing.sec - s->sealed.sec; /* years 1 to 9999 */

	if (apart > CUSTODY_LIMIT_SIGNED_APART || apart < -CUSTODY_LIMIT_SIGNED_APART)
		times_disagree(f, signature, (struct moment){ "signed", signing }, (struct moment){ "sealed", s->sealed }, "more than a day apart");
	if (seal->has_signer && custody_time_compare(signing, seal->valid_from) < 0)
		times_disagree(f, signature, (struct moment){ "signed", signing }, (struct moment){ "certificate valid from", seal->valid_from },
			"it was not valid yet");
	if (seal->has_signer && custody_time_compare(signing, seal->valid_until) > 0)
		times_disagree(f, signature, (struct moment){ "signed", signing }, (struct moment){ "certificate valid until", seal->valid_until },
			"it was not valid any more");
}

void custody_stated_times(const struct custody_sealfile *sealfile, const struct custody_acquisition_facts *acquisition,
	const struct custody_seal_result *seal, struct custody_findings *findings)
{
	check_reading(sealfile, acquisition, findings);
	if (seal->has_claimed)
		check_signature(sealfile, seal, CUSTODY_MEMBER_SIGNATURE_1, seal->claimed, findings);
	if (seal->has_claimed_second)
		check_signature(sealfile, seal, CUSTODY_MEMBER_SIGNATURE_2, seal->claimed_second, findings);
}

/* ---- bag-info.txt ---- */

#define SHOWN 200 /* of a name: enough to tell one from another */
#define WESTMOST (-12 * 3600) /* seconds from UTC: the zones of ships; and Kiribati's Line Islands */
#define EASTMOST (14 * 3600)

static void bag_differs(struct custody_findings *f, const char *key, const char *in_bag, const char *in_seal)
{
	const char *member = custody_member_name(CUSTODY_MEMBER_BAG_INFO);
	char a[SHOWN], b[SHOWN];

	custody_findings_add(f, CUSTODY_FINDING_BAG_INFO_DIFFERS, member, strlen(member), "%s is '%s', custody/seal.json has '%s'", key,
		custody_display(in_bag, strlen(in_bag), a, sizeof(a)), custody_display(in_seal, strlen(in_seal), b, sizeof(b)));
}

static void compare_names(struct custody_findings *f, const char *key, const char *in_bag, const char *in_seal)
{
	const char *wanted = in_seal ? in_seal : "";

	if (strcmp(in_bag, wanted) != 0)
		bag_differs(f, key, in_bag, wanted);
}

/* The date that a clock so far from UTC shows; at the ends of time, UTC's. */
static void date_at(struct custody_time t, int64_t offset, char out[CUSTODY_TIME_TEXT])
{
	const struct custody_time local = { t.sec + offset, 0 };

	custody_time_format(custody_time_in_range(local) ? local : t, out);
	out[sizeof("YYYY-MM-DD") - 1] = '\0';
}

void custody_stated_bag_info(const struct custody_sealfile *sealfile, const struct custody_bag_info *info, struct custody_findings *findings)
{
	char first[CUSTODY_TIME_TEXT], last[CUSTODY_TIME_TEXT], sealed[CUSTODY_TIME_TEXT];

	compare_names(findings, "Source-Organization", info->organisation, sealfile->sealer_organisation);
	compare_names(findings, "Contact-Name", info->contact, sealfile->sealer_name);
	date_at(sealfile->sealed, WESTMOST, first);
	date_at(sealfile->sealed, EASTMOST, last);
	custody_time_format(sealfile->sealed, sealed);
	if (strcmp(info->date, first) < 0 || strcmp(info->date, last) > 0)
		bag_differs(findings, "Bagging-Date", info->date, sealed);
}
