/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/documents_file.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/package.h"
#include "cmd/terminal.h"
#include "libcustody/base/source.h"

void custody_documents_files_release(struct custody_documents_files *f)
{
	for (size_t i = 0; i < f->n; i++)
		custody_documents_release(&f->list[i]);
	free(f->list);
	*f = (struct custody_documents_files){ .list = NULL };
}

static int judge(const char *path, const struct custody_verify_options *question, struct custody_documents *out, struct custody_error *err)
{
	CUSTODY_CLOSE int fd = custody_package_open(path, err);
	struct custody_source source;
	struct custody_source_fd state;
	char name[CUSTODY_TERMINAL_NAME];

	if (fd < 0 || custody_source_open_fd(&source, &state, fd, err) || custody_documents_judge(&source, question, out, err))
		return custody_fail_in(err, "the documents '%s'", custody_display(path, strlen(path), name, sizeof(name)));
	return 0;
}

int custody_documents_files_judge(const struct custody_option_list *files, const struct custody_verify_options *question,
	struct custody_documents_files *out, struct custody_error *err)
{
	out->list = calloc(files->n + 1, sizeof(*out->list));
	if (!out->list)
		return custody_fail_nomem(err);
	for (size_t i = 0; i < files->n; i++) {
		if (judge(files->values[i], question, &out->list[i], err))
			return -1;
		out->n++;
	}
	return 0;
}
