/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/work/owner.h"
#include "tests/support/tmpdir.h"

static const char users[] = "+nis::5:5:::\n"
			    "root:x:0:0:The Root,room 1:/root:/bin/sh\n"
			    "ada:x:7:7:Ada Analyst:/:/bin/sh\n"
			    "second:x:7:7:Another:/:/bin/sh\n"
			    "bare:x:71:7::/:/bin/sh\n"
			    "latin\xe4:x:9:9:L\xe4tin:/:/bin/sh\n"
			    "not a line\n"
			    "last:x:5:5:,,:/:\n";
static const char groups[] = "wheel:x:0:root\nlab:x:7:ada,second\n";

/* The name, "none" or the error's text; borrowed. */
static const char *user(struct custody_owners *o, uint32_t id)
{
	static struct custody_error err;
	const char *name = NULL;
	if (custody_owners_user(o, id, &name, &err))
		return err.text;
	return name ? name : "none";
}

static const char *full_name(struct custody_owners *o, uint32_t id)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	const char *name = NULL;
	cr_assert_eq(custody_owners_full_name(o, id, &name, &err), 0);
	return name;
}

static const char *group(struct custody_owners *o, uint32_t id)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	const char *name = NULL;
	cr_assert_eq(custody_owners_group(o, id, &name, &err), 0);
	return name ? name : "none";
}

Test(owner, has_the_name_of_the_first_line_with_the_id)
{
	CUSTODY_CLEANUP(custody_owners_free) struct custody_owners *o = NULL;
	struct custody_error err = CUSTODY_ERROR_INIT;
	char dir[64];
	tmpdir_enter(dir);
	tmpdir_write("users", users, sizeof(users) - 1);
	tmpdir_write("groups", groups, sizeof(groups) - 1);
	cr_assert_eq(custody_owners_new(&o, "users", "groups", &err), 0);
	cr_expect_str_eq(user(o, 0), "root");
	cr_expect_str_eq(user(o, 7), "ada");
	cr_expect_str_eq(user(o, 71), "bare"); /* in the place of 7 */
	cr_expect_str_eq(user(o, 7), "ada");
	cr_expect_str_eq(user(o, 5), "last", "a line of NIS is nobody");
	cr_expect_str_eq(user(o, 9), "none", "a name that is not UTF-8 is none");
	cr_expect_str_eq(user(o, 4000000000), "none");
	cr_expect_str_eq(full_name(o, 0), "The Root");
	cr_expect_str_eq(full_name(o, 5), "");
	cr_expect_str_eq(full_name(o, 9), "");
	cr_expect_str_eq(full_name(o, 4000000000), "");
	cr_expect_str_eq(group(o, 0), "wheel");
	cr_expect_str_eq(group(o, 7), "lab");
	cr_expect_str_eq(group(o, 8), "none");
	tmpdir_leave(dir);
}

Test(owner, a_line_without_end_names_nobody_and_neither_does_a_file_that_is_not_there)
{
	CUSTODY_CLEANUP(custody_owners_free) struct custody_owners *o = NULL, *none = NULL;
	struct custody_error err = CUSTODY_ERROR_INIT;
	static char text[40000];
	char dir[64];
	tmpdir_enter(dir);
	memset(text, 'x', sizeof(text));
	memcpy(text, "ada:x:7:7::/:\nlong:x:8:8:", 25);
	snprintf(text + 30000, 40, ":/:\nlater:x:9:9::/:\n");
	tmpdir_write("users", text, 30000 + strlen(text + 30000));
	cr_assert_eq(custody_owners_new(&o, "users", "nothing", &err), 0);
	cr_expect_str_eq(user(o, 7), "ada");
	cr_expect_str_eq(user(o, 8), "none");
	cr_expect_str_eq(group(o, 7), "none");
	/* A folder opens and cannot be read. */
	cr_assert_eq(custody_owners_new(&none, ".", "nothing", &err), 0);
	cr_expect_str_eq(user(none, 7), "cannot read the list of users: Is a directory");
	tmpdir_leave(dir);
}
