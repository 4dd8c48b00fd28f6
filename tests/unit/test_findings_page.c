/* SPDX-License-Identifier: Apache-2.0 */
/* One list in three places: the table of verdict/finding.h, the page custody-findings(7), the folders of fixtures/tampered/. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "libcustody/base/fd.h"
#include "libcustody/verdict/finding.h"

#define PAGE "libcustody/verdict/custody-findings.7"
#define FORGED "fixtures/tampered"

/* About a run, not about a file: no package can show it. */
static bool has_no_fixture(const char *id)
{
	return strcmp(id, "anchors-beside-package") == 0;
}

static const char *effect_word(const struct custody_finding_info *info)
{
	if (info->effect == CUSTODY_EFFECT_FAILS)
		return "INVALID.";
	if (info->effect == CUSTODY_EFFECT_OPENS)
		return "INDETERMINATE.";
	return info->severity == CUSTODY_SEVERITY_WARNING ? "Warning." : "Note.";
}

Test(findings_page, explains_every_finding_in_the_order_of_the_table)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_BUF_CLEAN struct custody_buf page;
	custody_buf_init(&page, 1 << 20);
	cr_assert(custody_fd_slurp(PAGE, 1 << 20, &page, &err) == 0, "%s", err.text);
	const char *at = custody_buf_str(&page);
	for (int id = 0; id < CUSTODY_FINDING_COUNT; id++) {
		const struct custody_finding_info *info = custody_finding_get((enum custody_finding_id)id);
		char head[256];
		snprintf(head, sizeof(head), "\n.It Sy %s\n%s%s%s%s\n", info->id, effect_word(info), info->etsi[0] ? " [" : "", info->etsi,
			info->etsi[0] ? "]" : "");
		at = strstr(at, head);
		cr_assert(at, PAGE " has no, or in another place: %s", head);
		at += strlen(head) - 1;
		snprintf(head, sizeof(head), ".Em To do :\n%s.\n", info->action);
		at = strstr(at, head);
		cr_assert(at, PAGE " says something else to do for %s, want: %s", info->id, info->action);
	}
	cr_expect(!strstr(at + 1, "\n.It Sy "), "the page explains more findings than there are");
}

Test(findings_page, has_forged_packages_for_every_finding)
{
	struct stat st;
	char path[512];
	for (int id = 0; id < CUSTODY_FINDING_COUNT; id++) {
		const char *name = custody_finding_get((enum custody_finding_id)id)->id;
		snprintf(path, sizeof(path), FORGED "/%s", name);
		cr_expect(has_no_fixture(name) || (stat(path, &st) == 0 && S_ISDIR(st.st_mode)), "no folder %s", path);
	}
	DIR *dir = opendir(FORGED);
	cr_assert(dir);
	for (struct dirent *e; (e = readdir(dir)) != NULL;) {
		snprintf(path, sizeof(path), FORGED "/%s", e->d_name);
		if (e->d_name[0] != '.' && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
			cr_expect(custody_finding_find(e->d_name) != CUSTODY_FINDING_COUNT, "%s is no finding", path);
	}
	closedir(dir);
}
