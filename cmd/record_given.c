/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/record_given.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/counterpart.h"
#include "cmd/package.h"
#include "cmd/terminal.h"
#include "libcustody/base/cleanup.h"
#include "libcustody/base/utf8.h"

void custody_record_given_release(struct custody_record_given *g)
{
	custody_cleanup_fd(&g->fd);
	custody_record_view_release(&g->copy);
	custody_option_list_release(&g->heads);
	free(g->numbers);
	g->numbers = NULL;
}

int custody_record_given_check(struct custody_record_given *g, struct custody_verify_options *o, struct custody_error *err)
{
	if (g->counterpart && !g->path)
		return custody_fail(err, CUSTODY_ERR_USAGE, "--counterpart is for the custody record that --record gives");
	if (g->heads.n > 0 && !g->path)
		return custody_fail(err, CUSTODY_ERR_USAGE, "--head is for the custody record that --record gives");
	if (custody_counterpart_heads(&g->heads, &g->numbers, err))
		return -1;
	o->heads = (const uint8_t(*)[32])g->numbers;
	o->n_heads = g->heads.n;
	return 0;
}

int custody_record_given_open(
	struct custody_record_given *g, const struct custody_trust *trust, struct custody_verify_options *o, struct custody_error *err)
{
	char shown[CUSTODY_TERMINAL_NAME];

	if (g->path) {
		g->fd = custody_package_open(g->path, err);
		if (g->fd < 0 || custody_source_open_fd(&g->source, &g->state, g->fd, err))
			return custody_fail_in(err, "the custody record '%s'", custody_display(g->path, strlen(g->path), shown, sizeof(shown)));
		o->record = &g->source;
		o->record_path = g->path;
	}
	if (g->counterpart) {
		if (custody_counterpart_read(g->counterpart, g->path, trust, o->evaluated_at, &g->copy, err))
			return -1;
		o->counterpart = &g->copy.record;
		o->counterpart_path = g->counterpart;
		o->counterpart_sha256 = g->copy.has_sha256 ? g->copy.sha256 : NULL;
	}
	return 0;
}
