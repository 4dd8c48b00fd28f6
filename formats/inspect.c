/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/inspect.h"

#define INFO(name, id, differs, text) { id, differs, text },
static const struct custody_inspect_note_info member_notes[] = { CUSTODY_INSPECT_MEMBER_NOTES(INFO) };
static const struct custody_inspect_note_info archive_notes[] = { CUSTODY_INSPECT_ARCHIVE_NOTES(INFO) };
#undef INFO
_Static_assert(CUSTODY_INSPECT_MEMBER_NOTE_COUNT <= 32, "a member's notes are bits of 32");

const struct custody_inspect_note_info *custody_inspect_member_note_get(enum custody_inspect_member_note note)
{
	return &member_notes[note];
}

const struct custody_inspect_note_info *custody_inspect_archive_note_get(enum custody_inspect_archive_note note)
{
	return &archive_notes[note];
}

const char *custody_inspect_format_name(enum custody_inspect_format f)
{
	static const char *const names[] = { NULL, "zip", "tar", "7z", "stream", NULL };
	_Static_assert(sizeof(names) / sizeof(names[0]) == CUSTODY_INSPECT_FORMATS, "a name for each");
	return names[f];
}

const char *custody_inspect_filter_name(enum custody_inspect_filter f)
{
	static const char *const names[] = { NULL, "gzip", "bzip2", "xz", "zstd" };
	_Static_assert(sizeof(names) / sizeof(names[0]) == CUSTODY_INSPECT_FILTERS, "a name for each");
	return names[f];
}

const char *custody_inspect_kind_name(enum custody_inspect_kind k)
{
	static const char *const names[] = { "file", "folder", "symlink", "hardlink", "fifo", "socket", "device", "other" };
	_Static_assert(sizeof(names) / sizeof(names[0]) == CUSTODY_INSPECT_KINDS, "a name for each");
	return names[k];
}

const char *custody_inspect_state_name(enum custody_inspect_state s)
{
	static const char *const names[] = { "read", "no-content", "encrypted", "unsupported", "damaged", "limit" };
	_Static_assert(sizeof(names) / sizeof(names[0]) == CUSTODY_INSPECT_STATES, "a name for each");
	return names[s];
}

static const struct {
	const char *name, *text;
} outcomes[] = {
	{ "complete", "every member that the archive lists was read to its end" },
	{ "partly", "every listed member was met; the content of some cannot be read" },
	{ "damaged", "every listed member was met; some are damaged, or not all there" },
	{ "not-an-archive", "no archive of a kind that is looked into" },
	{ "opaque", "encrypted: what lies inside cannot be seen, or not all of it" },
	{ "broken", "damaged or cut short: what is listed may not be all" },
	{ "limit-members", "ended at the limit: too many members" },
	{ "limit-bytes", "ended at the limit: too many bytes come out" },
	{ "limit-ratio", "ended at the limit: far more bytes come out than went in, as of a decompression bomb" },
	{ "limit-time", "ended at the limit: it takes too long" },
	{ "limit-memory", "ended at the limit: it needs too much memory" },
	{ "no-reader", "not looked into to the end: the sandboxed reader died, or did not answer as it must" },
	{ "changed", "the file changed while it was read: nothing of this holds" },
};
_Static_assert(sizeof(outcomes) / sizeof(outcomes[0]) == CUSTODY_INSPECT_OUTCOMES, "a text for each");

const char *custody_inspect_outcome_name(enum custody_inspect_outcome o)
{
	return outcomes[o].name;
}

const char *custody_inspect_outcome_text(enum custody_inspect_outcome o)
{
	return outcomes[o].text;
}

void custody_inspect_count(struct custody_inspect_end *end, const struct custody_inspect_member *m)
{
	end->members++;
	end->bytes += m->size;
	end->by_kind[m->kind]++;
	end->by_state[m->state]++;
}
