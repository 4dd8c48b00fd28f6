/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/verdict/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/cleanup.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/words.h"

static const struct custody_finding_info table[] = {
#define ROW(name, id, group, severity, effect, etsi, text, action) \
	[CUSTODY_FINDING_##name] = { id, CUSTODY_GROUP_##group, CUSTODY_SEVERITY_##severity, CUSTODY_EFFECT_##effect, etsi, text, action },
	CUSTODY_FINDINGS(ROW)
#undef ROW
};

const struct custody_finding_info *custody_finding_get(enum custody_finding_id id)
{
	return &table[id];
}

enum custody_finding_id custody_finding_find(const char *text)
{
	unsigned id = 0;
	while (id < CUSTODY_FINDING_COUNT && (text == NULL || strcmp(table[id].id, text) != 0))
		id++;
	return (enum custody_finding_id)id;
}

const char *custody_group_name(enum custody_group group)
{
	static const char *const names[CUSTODY_GROUP_COUNT] = {
		[CUSTODY_GROUP_CONTAINER] = N_("container"),
		[CUSTODY_GROUP_INTEGRITY] = N_("integrity"),
		[CUSTODY_GROUP_SEAL] = N_("seal"),
		[CUSTODY_GROUP_TIME] = N_("time"),
		[CUSTODY_GROUP_CUSTODY] = N_("custody"),
		[CUSTODY_GROUP_LONG_TERM] = N_("long-term"),
		[CUSTODY_GROUP_STATEMENTS] = N_("statements"),
	};
	return names[group];
}

const char *custody_severity_name(enum custody_severity severity)
{
	static const char *const names[] = {
		[CUSTODY_SEVERITY_NOTE] = N_("note"),
		[CUSTODY_SEVERITY_WARNING] = N_("warning"),
		[CUSTODY_SEVERITY_ERROR] = N_("error"),
	};
	return names[severity];
}

void custody_findings_init(struct custody_findings *f)
{
	*f = (struct custody_findings){ 0 };
}

void custody_findings_release(struct custody_findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->list[i].detail);
		free(f->list[i].item);
	}
	free(f->list);
	custody_findings_init(f);
}

/* Room for one more. */
static bool grow(struct custody_findings *f)
{
	if (f->n < f->cap)
		return true;
	size_t cap = f->cap == 0 ? 16 : f->cap * 2; /* CUSTODY_LIMIT_FINDINGS bounds it: no overflow */
	struct custody_finding *list = realloc(f->list, cap * sizeof(*list));
	if (list == NULL)
		return false;
	f->list = list;
	f->cap = cap;
	return true;
}

/* Keeps one finding with its texts; false when memory is out. */
static bool keep(struct custody_findings *f, enum custody_finding_id id, const void *item, size_t item_len, const char *detail)
{
	CUSTODY_FREE char *text = detail != NULL ? strdup(detail) : NULL;
	/* One byte more, so that an empty name is not a missing one. */
	CUSTODY_FREE uint8_t *name = item != NULL ? malloc(item_len + 1) : NULL;
	if ((detail != NULL && text == NULL) || (item != NULL && name == NULL) || !grow(f))
		return false;
	if (name != NULL)
		memcpy(name, item, item_len);
	f->list[f->n++] = (struct custody_finding){ .id = id, .detail = custody_steal(&text), .item = custody_steal(&name), .item_len = item_len };
	return true;
}

/* Is there room for this one? Whether or not, it is counted. */
static bool has_room(const struct custody_findings *f, enum custody_finding_id id, size_t bytes)
{
	static const size_t quarters[] = { [CUSTODY_SEVERITY_NOTE] = 2, [CUSTODY_SEVERITY_WARNING] = 3, [CUSTODY_SEVERITY_ERROR] = 4 };
	size_t most = CUSTODY_LIMIT_FINDINGS_BYTES / 4 * quarters[table[id].severity];
	return f->n < CUSTODY_LIMIT_FINDINGS / 4 * quarters[table[id].severity] && f->bytes < most && bytes <= most - f->bytes;
}

static void add(struct custody_findings *f, enum custody_finding_id id, const void *item, size_t item_len, const char *detail)
{
	size_t bytes = item_len + (detail != NULL ? strlen(detail) : 0);
	f->count[id]++;
	if (!has_room(f, id, bytes))
		return;
	if (keep(f, id, item, item_len, detail))
		f->bytes += bytes;
	else
		f->out_of_memory = true;
}

void custody_findings_add(struct custody_findings *f, enum custody_finding_id id, const void *item, size_t item_len, const char *fmt, ...)
{
	if (fmt == NULL) {
		add(f, id, item, item_len, NULL);
		return;
	}
	/* The detail is cut as every message is, by the one function that cuts at a character boundary. */
	struct custody_error text = CUSTODY_ERROR_INIT;
	char line[CUSTODY_ERROR_TEXT + 8]; /* longer than what it is cut to */
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	(void)custody_fail(&text, CUSTODY_ERR_FORMAT, "%s", line);
	add(f, id, item, item_len, text.text);
}

void custody_findings_add_error(
	struct custody_findings *f, enum custody_finding_id fallback, const void *item, size_t item_len, const struct custody_error *err)
{
	enum custody_finding_id id = custody_finding_find(err->rule);
	add(f, id == CUSTODY_FINDING_COUNT ? fallback : id, item, item_len, err->text);
}

int custody_findings_take(struct custody_findings *f, enum custody_finding_id fallback, const char *item, const struct custody_error *err)
{
	size_t n = item ? strlen(item) : 0;

	if (err->kind == CUSTODY_ERR_LIMIT) {
		custody_findings_add(f, CUSTODY_FINDING_LIMIT_EXCEEDED, item, n, "%s", err->text);
		return 0;
	}
	if (err->kind != CUSTODY_ERR_FORMAT)
		return -1;
	custody_findings_add_error(f, fallback, item, n, err);
	return 0;
}

bool custody_findings_have(const struct custody_findings *f, enum custody_group group, enum custody_effect effect)
{
	for (unsigned id = 0; id < CUSTODY_FINDING_COUNT; id++) {
		if (f->count[id] != 0 && table[id].effect == effect && (group == CUSTODY_GROUP_COUNT || table[id].group == group))
			return true;
	}
	return false;
}
