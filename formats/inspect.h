/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lies inside a received archive: the model between whoever looks (formats/content/archive.h, in the worker) and whoever writes it down (inspect_text.c,
 * inspect_json.c). A look at one file is a stream: one begin, then members and notes in the order in which they are met, then one end. Nothing of it
 * is a verdict, and all of it is what the archive's author wrote: names, sizes and times are his, the digests are of the bytes that came out.
 */
#ifndef CUSTODY_FORMATS_INSPECT_H
#define CUSTODY_FORMATS_INSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/buf.h"
#include "libcustody/base/bytes.h"
#include "libcustody/base/error.h"
#include "libcustody/base/time.h"
#include "libcustody/crypto/digest.h"

enum custody_inspect_format {
	CUSTODY_INSPECT_NONE, /* no archive of a kind that is looked into */
	CUSTODY_INSPECT_ZIP,
	CUSTODY_INSPECT_TAR,
	CUSTODY_INSPECT_7Z,
	CUSTODY_INSPECT_STREAM, /* one compressed stream that is no tar: its only member has no name */
	CUSTODY_INSPECT_UNKNOWN, /* nobody said: the reader died before. Never sent */
	CUSTODY_INSPECT_FORMATS
};

enum custody_inspect_filter {
	CUSTODY_INSPECT_PLAIN,
	CUSTODY_INSPECT_GZIP,
	CUSTODY_INSPECT_BZIP2,
	CUSTODY_INSPECT_XZ,
	CUSTODY_INSPECT_ZSTD,
	CUSTODY_INSPECT_FILTERS
};

enum custody_inspect_kind {
	CUSTODY_INSPECT_FILE,
	CUSTODY_INSPECT_FOLDER,
	CUSTODY_INSPECT_SYMLINK,
	CUSTODY_INSPECT_HARDLINK,
	CUSTODY_INSPECT_FIFO,
	CUSTODY_INSPECT_SOCKET,
	CUSTODY_INSPECT_DEVICE,
	CUSTODY_INSPECT_OTHER,
	CUSTODY_INSPECT_KINDS
};

/* How far a member's content was read. Digests are there for READ alone, and mean the whole content. */
enum custody_inspect_state {
	CUSTODY_INSPECT_READ,
	CUSTODY_INSPECT_NO_CONTENT, /* a folder, link or device: there are no bytes */
	CUSTODY_INSPECT_ENCRYPTED,
	CUSTODY_INSPECT_UNSUPPORTED, /* a compression that is not looked into, or content where the reader takes none */
	CUSTODY_INSPECT_DAMAGED, /* what came out is not what went in, or not all of it */
	CUSTODY_INSPECT_LIMITED, /* a limit was reached on the way */
	CUSTODY_INSPECT_STATES
};

/*
 * Everything that can be said beside the facts: id, whether two readings of the file disagree by it, the sentence. Ids are permanent. A note of an archive
 * has a number that takes the place of %s.
 */
#define CUSTODY_INSPECT_MEMBER_NOTES(X)                                                                                       \
	X(NAME_ABSOLUTE, "name-absolute", false, "the name is an absolute path")                                              \
	X(NAME_PARENT, "name-parent", false, "the name leads out of its folder with '..'")                                    \
	X(NAME_EMPTY, "name-empty", false, "there is no name")                                                                \
	X(NAME_BACKSLASH, "name-backslash", false, "the name has backslashes, which some programs take for folders")          \
	X(NAME_DUPLICATE, "name-duplicate", false, "an earlier member has the same name: programs unpack one over the other") \
	X(LINK_OUTSIDE, "link-outside", false, "the link leads out of the archive's folder")                                  \
	X(NESTED, "nested", false, "an archive itself, not looked into: one level is")                                        \
	X(NAME_DIFFERS, "name-differs", true, "the directory and the member's own header give different names")               \
	X(SIZE_DIFFERS, "size-differs", true, "the archive states one size, and another came out")                            \
	X(SIZES_DIFFER, "sizes-differ", true, "the directory and the member's own header give different sizes")               \
	X(CRC_DIFFERS, "crc-differs", true, "the directory and the member's own header give different checksums")             \
	X(METHOD_DIFFERS, "method-differs", true, "the directory and the member's own header give different compressions")    \
	X(FLAGS_DIFFER, "flags-differ", true, "the directory and the member's own header disagree whether it is encrypted")   \
	X(HEADER_MISSING, "header-missing", true, "the directory lists it where there is no member")                          \
	X(OVERLAPS, "overlaps", true, "its bytes are also another member's")                                                  \
	X(NOT_LISTED, "not-listed", true, "the reader finds it, the directory does not list it")                              \
	X(READER_WARNED, "reader-warned", true, "the reader takes it only with a warning")                                    \
	X(KIND_DIFFERS, "kind-differs", true, "it has content, and is listed as what has none: some programs write a file")   \
	X(TIME_UNKNOWN, "time-unknown", false, "its time is outside the years 1 to 9999, and is not shown")                   \
	X(NAME_CUT, "name-cut", false, "its name, or where its link leads, is longer than 65,536 bytes, and is cut here")     \
	X(NAME_NUL, "name-nul", true, "the name has a NUL byte, where many programs end it")

#define CUSTODY_INSPECT_ARCHIVE_NOTES(X)                                                                                                         \
	X(DATA_BEFORE, "data-before", false, "%s bytes lie before the archive")                                                                  \
	X(DATA_AFTER, "data-after", false, "%s bytes lie after the end of the archive; nothing lists them")                                      \
	X(DATA_BETWEEN, "data-between", false, "%s bytes between the members belong to none")                                                    \
	X(COMMENT, "comment", false, "the archive has a comment of %s bytes")                                                                    \
	X(COMPRESSED_TWICE, "compressed-twice", false, "compressed %s times over; what came out of the last is listed")                          \
	X(SPLIT, "split", true, "part %s of an archive that is split over several files")                                                        \
	X(TWO_FORMATS, "two-formats", true, "the file ends with a ZIP directory, at byte %s: other programs may read it as that")                \
	X(TWO_ENDS, "two-ends", true, "there is a second end of a directory, at byte %s: other programs may take that")                          \
	X(COUNT_DIFFERS, "count-differs", true, "the end of the directory states %s members, and its list has another number")                   \
	X(READER_DIFFERS, "reader-differs", true, "the directory lists %s members, and the reader finds another number")                         \
	X(NO_DIRECTORY, "no-directory", false, "no directory was found in up to %s bytes at the end: the members' own headers are all there is") \
	X(DIRECTORY_DAMAGED, "directory-damaged", false, "the directory cannot be read on from byte %s")                                         \
	X(UNLISTED, "unlisted-member", true, "the header of a member that the directory does not list lies at byte %s: some programs show it")

#define CUSTODY_INSPECT_ENUM_(name, id, differs, text) CUSTODY_INSPECT_NOTE_##name,
enum custody_inspect_member_note { CUSTODY_INSPECT_MEMBER_NOTES(CUSTODY_INSPECT_ENUM_) CUSTODY_INSPECT_MEMBER_NOTE_COUNT };
enum custody_inspect_archive_note { CUSTODY_INSPECT_ARCHIVE_NOTES(CUSTODY_INSPECT_ENUM_) CUSTODY_INSPECT_ARCHIVE_NOTE_COUNT };
#undef CUSTODY_INSPECT_ENUM_

struct custody_inspect_note_info {
	const char *id;
	bool differs; /* two programs would show two different archives */
	const char *text;
};
const struct custody_inspect_note_info *custody_inspect_member_note_get(enum custody_inspect_member_note note);
const struct custody_inspect_note_info *custody_inspect_archive_note_get(enum custody_inspect_archive_note note);

#define CUSTODY_INSPECT_BIT(note) (UINT32_C(1) << (note))
#define CUSTODY_INSPECT_TYPE 128 /* bytes of a media type with its NUL */
#define CUSTODY_INSPECT_WORDS 256 /* bytes of what a library says with its NUL: cut, printable after custody_display() */

struct custody_inspect_begin {
	enum custody_inspect_format format;
	enum custody_inspect_filter filter;
	char type[CUSTODY_INSPECT_TYPE]; /* of the file itself; "" if not identified */
};

struct custody_inspect_member {
	uint64_t number; /* from 1, in the order of the archive */
	enum custody_inspect_kind kind;
	enum custody_inspect_state state;
	uint32_t notes; /* bits of enum custody_inspect_member_note */
	struct custody_bytes name; /* raw; of ZIP what the directory says */
	struct custody_bytes other_name; /* raw; what the member's own header says, if NAME_DIFFERS */
	struct custody_bytes link; /* raw target of a link */
	bool has_stated, has_modified;
	uint64_t stated; /* size that the archive states */
	uint64_t size; /* bytes that came out */
	struct custody_time modified; /* as the archive has it */
	struct custody_digest_values digests; /* mask 0 unless READ */
	char type[CUSTODY_INSPECT_TYPE]; /* by its first bytes; "" if not identified */
	char words[CUSTODY_INSPECT_WORDS]; /* the reader's own about it, "" if none */
};

struct custody_inspect_note {
	enum custody_inspect_archive_note id;
	uint64_t number;
};

/* Why a look ended where it did; each is one line. */
enum custody_inspect_outcome {
	CUSTODY_INSPECT_COMPLETE, /* every member was met, and its whole content read */
	CUSTODY_INSPECT_PARTLY, /* every member was met; of some the content could not be read */
	CUSTODY_INSPECT_SPOILT, /* every member was met; some are damaged */
	CUSTODY_INSPECT_NOT_ARCHIVE,
	CUSTODY_INSPECT_OPAQUE, /* encrypted as a whole: not even the names can be seen */
	CUSTODY_INSPECT_BROKEN, /* damaged or cut short: there may be more than was met */
	CUSTODY_INSPECT_TOO_MANY, /* the limits, each by its name */
	CUSTODY_INSPECT_TOO_MUCH,
	CUSTODY_INSPECT_TOO_DENSE,
	CUSTODY_INSPECT_TOO_SLOW,
	CUSTODY_INSPECT_TOO_BIG, /* memory */
	CUSTODY_INSPECT_NO_READER, /* the reader died, or did not answer as it must */
	CUSTODY_INSPECT_CHANGED, /* said by the client alone: the file was not the same at the end */
	CUSTODY_INSPECT_OUTCOMES
};

struct custody_inspect_end {
	enum custody_inspect_outcome outcome;
	uint64_t members, bytes; /* met, and that came out */
	uint64_t by_kind[CUSTODY_INSPECT_KINDS];
	uint64_t by_state[CUSTODY_INSPECT_STATES];
	char words[CUSTODY_INSPECT_WORDS]; /* the reader's own, "" if none */
};

/* Whoever takes the stream. Each gives 0 to go on, -1 with *err to end. */
struct custody_inspect_sink {
	int (*begin)(void *ctx, const struct custody_inspect_begin *begin, struct custody_error *err);
	int (*member)(void *ctx, const struct custody_inspect_member *member, struct custody_error *err);
	int (*note)(void *ctx, const struct custody_inspect_note *note, struct custody_error *err);
	void *ctx;
};

/* Words of the schema: "zip", "gzip" (NULL of PLAIN), "file", "read", "complete" ... Static. */
const char *custody_inspect_format_name(enum custody_inspect_format f);
const char *custody_inspect_filter_name(enum custody_inspect_filter f);
const char *custody_inspect_kind_name(enum custody_inspect_kind k);
const char *custody_inspect_state_name(enum custody_inspect_state s);
const char *custody_inspect_outcome_name(enum custody_inspect_outcome o);
/* The sentence of an outcome. Static. */
const char *custody_inspect_outcome_text(enum custody_inspect_outcome o);
/* Counts a member into an end. */
void custody_inspect_count(struct custody_inspect_end *end, const struct custody_inspect_member *m);

/* ---- the way between the two processes: bytes that are decoded as if a stranger had written them ---- */

enum custody_inspect_record_type {
	CUSTODY_INSPECT_RECORD_BEGIN = 'B',
	CUSTODY_INSPECT_RECORD_MEMBER = 'M',
	CUSTODY_INSPECT_RECORD_NOTE = 'N',
	CUSTODY_INSPECT_RECORD_END = 'E'
};

struct custody_inspect_record {
	enum custody_inspect_record_type type;
	union {
		struct custody_inspect_begin begin;
		struct custody_inspect_member member; /* its bytes are borrowed from what was decoded */
		struct custody_inspect_note note;
		struct custody_inspect_end end;
	};
};
/* Appends one record. LIMIT if a name is longer than the format of the record allows. */
int custody_inspect_encode(struct custody_buf *out, const struct custody_inspect_record *r, struct custody_error *err) CUSTODY_MUST_USE;
/* Exactly n bytes that are one record, each field within its range. FORMAT error otherwise. */
int custody_inspect_decode(const uint8_t *p, size_t n, struct custody_inspect_record *r, struct custody_error *err) CUSTODY_MUST_USE;

/* ---- the writers: text is appended to a buffer, so that nothing of an archive is held but what is under way ---- */

struct custody_inspect_file {
	const char *path;
	uint64_t size;
	const struct custody_digest_values *digests;
};

struct custody_inspect_writer {
	int (*begin)(struct custody_buf *out, const struct custody_inspect_file *file, const struct custody_inspect_begin *begin,
		struct custody_error *err);
	int (*member)(struct custody_buf *out, const struct custody_inspect_member *member, struct custody_error *err);
	/* After the last member: all notes together, and the end. */
	int (*end)(struct custody_buf *out, const struct custody_inspect_note *notes, size_t n, const struct custody_inspect_end *end,
		struct custody_error *err);
	/* Instead of all that: so many files were looked at, and none of them was listed. */
	int (*none)(struct custody_buf *out, uint64_t files, struct custody_error *err);
};
extern const struct custody_inspect_writer custody_inspect_text, custody_inspect_json;

#endif
