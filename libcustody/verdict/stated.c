/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/verdict/stated.h"

#include <string.h>

#include "libcustody/base/limits.h"
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

static void check_signature(
	const struct custody_sealfile *s, enum custody_member_class signature, struct custody_time signing, struct custody_findings *f)
{
	int64_t apart = signing.sec - s->sealed.sec; /* years 1 to 9999 */

	if (apart > CUSTODY_LIMIT_SIGNED_APART || apart < -CUSTODY_LIMIT_SIGNED_APART)
		times_disagree(f, signature, (struct moment){ "signed", signing }, (struct moment){ "sealed", s->sealed }, "more than a day apart");
}

void custody_stated_times(const struct custody_sealfile *sealfile, const struct custody_acquisition_facts *acquisition,
	const struct custody_seal_result *seal, struct custody_findings *findings)
{
	if (acquisition)
		check_reading(sealfile, acquisition, findings);
	if (seal->has_claimed)
		check_signature(sealfile, CUSTODY_MEMBER_SIGNATURE_1, seal->claimed, findings);
	if (seal->has_claimed_second)
		check_signature(sealfile, CUSTODY_MEMBER_SIGNATURE_2, seal->claimed_second, findings);
}
