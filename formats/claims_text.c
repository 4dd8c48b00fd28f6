/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/claims_text.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "formats/list.h"
#include "libcustody/base/hex.h"
#include "libcustody/base/json.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/utf8.h"

#define COLUMNS 32 /* of a table: more than any letter has */
#define SURROUND " \t,;|*:=()\"'" /* what stands around a name */
#define DRAFT "{\"draft\":"
#define PGP_HINT "verify a PGP signature with the sender's key (`gpg --verify`), and name it with custody seal --claims-unverified"

static struct custody_bytes trim(struct custody_bytes t, const char *what)
{
	while (t.n > 0 && strchr(what, t.p[t.n - 1]))
		t.n--;
	for (; t.n > 0 && strchr(what, *t.p); t.n--)
		t.p++;
	return t;
}

/* By the number of digits, the SHA-2 of it. */
static enum custody_digest_id by_digits(size_t digits)
{
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if (2 * custody_digest_get((enum custody_digest_id)id)->size == digits)
			return (enum custody_digest_id)id;
	return CUSTODY_DIGEST_COUNT;
}

static void put_digest(struct custody_hash_record *r, enum custody_digest_id id, const char *hex, size_t n)
{
	if (custody_hex_parse(hex, n, true, r->digests.value[id], custody_digest_get(id)->size))
		r->digests.mask |= CUSTODY_DIGEST_BIT(id);
}

/* ---- digests in a line of text ---- */

/* A digest found: where it stands, and its digits without what groups them. */
struct found {
	size_t from, to;
	char hex[2 * CUSTODY_DIGEST_MAX];
	size_t digits;
};

static bool is_word(uint8_t c)
{
	return isalnum(c) || c >= 0x80;
}

/* One run of hex digits that nothing alphanumeric touches, or such runs of one length with one separator between them: "d41d 8cd9 ...". */
static bool find_at(struct custody_bytes t, size_t at, struct found *f)
{
	if (at > 0 && is_word(t.p[at - 1]))
		return false;
	size_t group = custody_list_hex_run(t.p + at, t.n - at), end = at;
	uint8_t between = at + group < t.n ? t.p[at + group] : 0;

	if (group == 0 || group > sizeof(f->hex))
		return false;
	f->digits = 0;
	for (size_t i = at; i + group <= t.n && custody_list_hex_run(t.p + i, t.n - i) == group && f->digits + group <= sizeof(f->hex);
		i += group + 1) {
		memcpy(f->hex + f->digits, t.p + i, group);
		f->digits += group;
		end = i + group;
		if (end == t.n || t.p[end] != between || !strchr(" -:", between) || group > 8)
			break;
	}
	f->from = at;
	f->to = end;
	return by_digits(f->digits) != CUSTODY_DIGEST_COUNT && (end == t.n || !is_word(t.p[end]));
}

static bool is_one_of(struct custody_bytes word, const char *const *words)
{
	for (; *words; words++)
		if (strlen(*words) == word.n && strncasecmp(*words, (const char *)word.p, word.n) == 0)
			return true;
	return false;
}

/* Where the word begins that ends at n. */
static size_t word_before(struct custody_bytes t, size_t n)
{
	while (n > 0 && (is_word(t.p[n - 1]) || t.p[n - 1] == '-'))
		n--;
	return n;
}

/* Words before a digest that name its algorithm, or only say that it is one: they are no part of the name. */
static enum custody_digest_id label_before(struct custody_bytes t, size_t *from)
{
	static const char *const fillers[] = { "checksum", "hash", "digest", "value", "sum", "hashes", NULL };
	static const char blanks[] = " \t:=#(";

	for (;;) {
		struct custody_bytes head = { t.p, *from };
		while (head.n > 0 && strchr(blanks, head.p[head.n - 1]))
			head.n--;
		size_t begin = word_before(head, head.n);
		const struct custody_bytes word = { head.p + begin, head.n - begin };
		enum custody_digest_id id = word.n > 0 ? custody_digest_find((const char *)word.p, word.n) : CUSTODY_DIGEST_COUNT;

		if (id == CUSTODY_DIGEST_COUNT && !is_one_of(word, fillers))
			return CUSTODY_DIGEST_COUNT;
		*from = begin;
		if (id != CUSTODY_DIGEST_COUNT)
			return id;
	}
}

/* "SHA-256 (name) = digest", "MD5: name digest": the algorithm stands in front of the name. It is taken off. */
static enum custody_digest_id label_in_front(struct custody_bytes *t)
{
	struct custody_bytes rest = trim(*t, " \t");
	size_t n = 0;

	while (n < rest.n && (is_word(rest.p[n]) || rest.p[n] == '-'))
		n++;
	enum custody_digest_id id = n > 0 ? custody_digest_find((const char *)rest.p, n) : CUSTODY_DIGEST_COUNT;
	struct custody_bytes behind = trim((struct custody_bytes){ rest.p + n, rest.n - n }, " \t");
	struct found f;

	if (id == CUSTODY_DIGEST_COUNT || behind.n == 0 || !strchr(":(", *behind.p))
		return CUSTODY_DIGEST_COUNT;
	behind = trim((struct custody_bytes){ behind.p + 1, behind.n - 1 }, " \t");
	if (behind.n == 0 || find_at(behind, 0, &f)) /* the digest follows at once: the label is its own */
		return CUSTODY_DIGEST_COUNT;
	*t = behind;
	return id;
}

/* "File: a.zip" is a.zip. */
static struct custody_bytes without_label(struct custody_bytes name)
{
	static const char *const labels[] = { "file", "filename", "file name", "name", "path", NULL };
	const uint8_t *colon = name.n > 0 ? memchr(name.p, ':', name.n) : NULL;

	if (!colon || !is_one_of((struct custody_bytes){ name.p, (size_t)(colon - name.p) }, labels))
		return name;
	return trim((struct custody_bytes){ colon + 1, name.n - (size_t)(colon + 1 - name.p) }, " \t");
}

/*
 * Takes the digests out of a line from *at on; what is left goes to rest. front: the algorithm in front of the name, or COUNT. It ends at the end of the line, or before a second
 * digest of one kind, which is of something else.
 */
static int take_digests(struct custody_bytes t, size_t *at, enum custody_digest_id front, struct custody_hash_record *r, struct custody_buf *rest,
	struct custody_error *err)
{
	size_t kept = *at;
	struct found f;

	custody_buf_clear(rest);
	while (*at < t.n) {
		if (!find_at(t, *at, &f)) {
			(*at)++;
			continue;
		}
		size_t from = f.from;
		enum custody_digest_id id = label_before(t, &from);

		id = id == CUSTODY_DIGEST_COUNT ? front : id;
		if (id == CUSTODY_DIGEST_COUNT || 2 * custody_digest_get(id)->size != f.digits)
			id = by_digits(f.digits);
		from = from < kept ? kept : from;
		bool second = r->digests.mask & CUSTODY_DIGEST_BIT(id);

		if (second && trim((struct custody_bytes){ rest->data, rest->len }, SURROUND).n > 0) {
			*at = kept; /* names stand before digests here: what lies between is the next one's */
			return 0;
		}
		if (custody_buf_append(rest, t.p + kept, from - kept, err) || custody_buf_append_byte(rest, ' ', err))
			return -1;
		*at = kept = second ? f.from : f.to;
		if (second)
			return 0;
		put_digest(r, id, f.hex, f.digits);
	}
	return custody_buf_append(rest, t.p + kept, t.n - kept, err);
}

/* ---- tables ---- */

enum role { OTHER, NAME, SIZE, HASH, DIGEST };
struct column {
	enum role role;
	enum custody_digest_id id;
};
struct table {
	char separator; /* 0: no table */
	struct column columns[COLUMNS];
	size_t n;
};

/* The next field of a row, unquoted into out (RFC 4180). false: there is none. */
static int next_field(struct custody_bytes row, char separator, size_t *at, struct custody_buf *out, bool *got, struct custody_error *err)
{
	bool quoted = *at < row.n && row.p[*at] == '"';

	custody_buf_clear(out);
	*got = *at <= row.n;
	if (!*got)
		return 0;
	for (*at += quoted; *at < row.n; (*at)++) {
		if (quoted && row.p[*at] == '"') {
			if (*at + 1 < row.n && row.p[*at + 1] == '"') {
				(*at)++;
			} else {
				quoted = false;
				continue;
			}
		} else if (!quoted && row.p[*at] == (uint8_t)separator) {
			break;
		}
		if (custody_buf_append_byte(out, row.p[*at], err))
			return -1;
	}
	(*at)++;
	return quoted ? custody_fail(err, CUSTODY_ERR_FORMAT, "a quoted field without its end, want each row on one line") : 0;
}

static struct column column_of(const struct custody_buf *field)
{
	static const char *const names[] = { "file", "filename", "file name", "file_name", "name", "path", "filepath", "file path", "full path",
		"item", NULL };
	static const char *const sizes[] = { "size", "bytes", "file size", "filesize", "size (bytes)", NULL };
	static const char *const hashes[] = { "hash", "digest", "checksum", "hash value", NULL };
	static const char *const tails[] = { " hash", " checksum", " digest", " value" };
	struct custody_bytes word = trim((struct custody_bytes){ field->data, field->len }, " \t");

	if (word.n == 0)
		return (struct column){ .role = OTHER };
	if (is_one_of(word, names))
		return (struct column){ .role = NAME };
	if (is_one_of(word, sizes))
		return (struct column){ .role = SIZE };
	if (is_one_of(word, hashes))
		return (struct column){ .role = HASH };
	for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++)
		if (word.n > strlen(tails[i]) && strncasecmp((const char *)word.p + word.n - strlen(tails[i]), tails[i], strlen(tails[i])) == 0)
			word.n -= strlen(tails[i]);
	enum custody_digest_id id = custody_digest_find((const char *)word.p, word.n);
	return (struct column){ .role = id == CUSTODY_DIGEST_COUNT ? OTHER : DIGEST, .id = id };
}

/* A head has one name and at least one digest. */
static int read_head(struct custody_bytes row, char separator, struct table *t, struct custody_buf *field, struct custody_error *err)
{
	size_t at = 0, names = 0, digests = 0;
	bool got = true;

	t->n = 0;
	while (t->n < COLUMNS) {
		if (next_field(row, separator, &at, field, &got, err))
			return err->kind == CUSTODY_ERR_FORMAT ? 0 : -1;
		if (!got)
			break;
		t->columns[t->n] = column_of(field);
		names += t->columns[t->n].role == NAME;
		digests += t->columns[t->n].role == HASH || t->columns[t->n].role == DIGEST;
		t->n++;
	}
	t->separator = names == 1 && digests > 0 ? separator : 0;
	return 0;
}

static void take_size(struct custody_bytes v, struct custody_hash_record *r)
{
	uint64_t size = 0;

	if (v.n == 0 || v.n > 15)
		return;
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] < '0' || v.p[i] > '9')
			return;
		size = size * 10 + (uint64_t)(v.p[i] - '0');
	}
	r->has_size = true;
	r->size = size;
}

static void take_hash(struct column c, struct custody_bytes v, struct custody_hash_record *r)
{
	struct found f;

	if (v.n > 0 && find_at(v, 0, &f) && f.to == v.n)
		put_digest(r, c.role == DIGEST ? c.id : by_digits(f.digits), f.hex, f.digits);
}

static int read_row(
	struct custody_bytes row, const struct table *t, struct custody_hash_record *r, struct custody_buf *name, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf field = { .max = CUSTODY_LIMIT_HASH_LINE };
	size_t at = 0;
	bool got = true;

	custody_buf_clear(name);
	for (size_t i = 0; i < t->n; i++) {
		if (next_field(row, t->separator, &at, &field, &got, err))
			return -1;
		if (!got)
			break;
		struct custody_bytes v = trim((struct custody_bytes){ field.data, field.len }, " \t");
		if (t->columns[i].role == NAME && custody_buf_append(name, v.p, v.n, err))
			return -1;
		if (t->columns[i].role == SIZE)
			take_size(v, r);
		if (t->columns[i].role == HASH || t->columns[i].role == DIGEST)
			take_hash(t->columns[i], v, r);
	}
	return 0;
}

/* ---- lines ---- */

struct reader {
	custody_claims_text_tell *tell;
	void *ctx;
	struct table table;
	bool begun; /* a line that is not blank was seen */
	struct custody_buf rest, above; /* what a line has beside digests; the last line that has none */
	/* a name whose digests go on over several lines */
	struct custody_hash_record record;
	struct custody_buf name, text;
	uint64_t line;
};

static int flush(struct reader *r, struct custody_error *err)
{
	const struct custody_bytes text = { r->text.data, r->text.len };

	if (r->record.digests.mask == 0)
		return 0;
	r->record.path = (struct custody_bytes){ r->name.data, r->name.len };
	int rc = r->tell(r->ctx, &r->record, r->line, text, err);
	r->record = (struct custody_hash_record){ .has_size = false };
	return rc;
}

static int start(struct reader *r, const struct custody_hash_record *record, struct custody_bytes name, struct custody_bytes text, uint64_t line,
	struct custody_error *err)
{
	if (flush(r, err))
		return -1;
	r->record = *record;
	r->line = line;
	custody_buf_clear(&r->name);
	custody_buf_clear(&r->text);
	return custody_buf_append(&r->name, name.p, name.n, err) || custody_buf_append(&r->text, text.p, text.n, err) ? -1 : 0;
}

/* Another digest of the same name, such as "SHA-1: ..." below "MD5: ...". */
static bool goes_on(const struct reader *r, const struct custody_hash_record *record, struct custody_bytes name)
{
	return name.n == 0 && r->record.digests.mask != 0 && (r->record.digests.mask & record->digests.mask) == 0;
}

static void add_digests(struct custody_hash_record *to, const struct custody_hash_record *from)
{
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if (from->digests.mask & CUSTODY_DIGEST_BIT(id))
			memcpy(to->digests.value[id], from->digests.value[id], CUSTODY_DIGEST_MAX);
	to->digests.mask |= from->digests.mask;
}

/* One name with its digests. */
static int take_part(struct reader *r, const struct custody_hash_record *record, struct custody_bytes text, uint64_t line, struct custody_error *err)
{
	struct custody_bytes name = without_label(trim((struct custody_bytes){ r->rest.data, r->rest.len }, SURROUND));

	if (record->digests.mask == 0) {
		/* A blank line ends what stood above it; any other may be the name of what comes. */
		if (flush(r, err))
			return -1;
		custody_buf_clear(&r->above);
		return custody_buf_append(&r->above, name.p, name.n, err);
	}
	if (goes_on(r, record, name)) {
		add_digests(&r->record, record);
		return 0;
	}
	if (name.n == 0)
		name = (struct custody_bytes){ r->above.data, r->above.len };
	return start(r, record, name, text, line, err);
}

static int take_text(struct reader *r, struct custody_bytes text, uint64_t line, struct custody_error *err)
{
	struct custody_bytes rest = text;
	enum custody_digest_id front = label_in_front(&rest);
	size_t at = 0;

	do {
		struct custody_hash_record record = { .has_size = false };

		if (take_digests(rest, &at, front, &record, &r->rest, err) || take_part(r, &record, text, line, err))
			return -1;
	} while (at < rest.n);
	return 0;
}

static int take_row(struct reader *r, struct custody_bytes text, uint64_t line, struct custody_error *err)
{
	struct custody_hash_record record = { .has_size = false };

	if (read_row(text, &r->table, &record, &r->rest, err))
		return -1;
	if (record.digests.mask == 0)
		return 0;
	return start(r, &record, (struct custody_bytes){ r->rest.data, r->rest.len }, text, line, err);
}

static int take_line(struct reader *r, struct custody_bytes text, uint64_t line, struct custody_error *err)
{
	static const char separators[] = ",;\t";

	if (r->table.separator)
		return take_row(r, text, line, err);
	if (!r->begun && text.n > 0) {
		r->begun = true;
		for (size_t i = 0; i < sizeof(separators) - 1 && !r->table.separator; i++)
			if (read_head(text, separators[i], &r->table, &r->rest, err))
				return -1;
		if (r->table.separator)
			return 0;
	}
	return take_text(r, text, line, err);
}

static int take_all(struct reader *r, struct custody_bytes rest, struct custody_error *err)
{
	for (uint64_t line = 1; rest.n > 0; line++) {
		const uint8_t *lf = memchr(rest.p, '\n', rest.n);
		size_t n = lf ? (size_t)(lf - rest.p) : rest.n;

		if (n > CUSTODY_LIMIT_HASH_LINE)
			return custody_fail(err, CUSTODY_ERR_LIMIT, "line %" PRIu64 ": more than %zu bytes", line, CUSTODY_LIMIT_HASH_LINE);
		if (take_line(r, trim((struct custody_bytes){ rest.p, n }, "\r"), line, err))
			return custody_fail_in(err, "line %" PRIu64, line);
		rest.p += n + (lf != NULL);
		rest.n -= n + (lf != NULL);
	}
	return flush(r, err);
}

static bool has(struct custody_bytes text, const char *word)
{
	return text.n > 0 && memmem(text.p, text.n, word, strlen(word));
}

static bool begins(struct custody_bytes text, const char *word)
{
	return text.n >= strlen(word) && memcmp(text.p, word, strlen(word)) == 0;
}

/* An OpenPGP signature packet (RFC 4880 4.2 and 5.2): its tag, in the old or new format, and after its length a version from 3 to 6. */
static bool is_pgp_signature(struct custody_bytes t)
{
	if (t.n < 4 || ((t.p[0] & 0xfc) != 0x88 && t.p[0] != 0xc2))
		return false;
	size_t at = t.p[0] == 0xc2 ? (t.p[1] < 192 ? 2 : 3) : 1 + ((size_t)1 << (t.p[0] & 3));

	return at < t.n && t.p[at] >= 3 && t.p[at] <= 6;
}

/* What it is that is no text, by what its bytes look like, and what can be done. */
static int refuse_bytes(struct custody_bytes t, struct custody_error *err)
{
	if (begins(t, "%PDF-")) {
		custody_fail(err, CUSTODY_ERR_FORMAT, "found a PDF%s, want text",
			has(t, "/ByteRange") ? ", with a signature inside that is not verified here" : "");
		return custody_hint(err, "convert a copy: `pdftotext`");
	}
	if (is_pgp_signature(t)) {
		custody_fail(err, CUSTODY_ERR_FORMAT, "found a PGP signature, which is not verified here, want text or a CMS signature");
		return custody_hint(err, PGP_HINT);
	}
	if (begins(t, "PK\3\4")) {
		custody_fail(err, CUSTODY_ERR_FORMAT, "found a ZIP file, want text or a CMS signature");
		return custody_hint(err, "unpack it: a signature inside, as in ASiC, is a file in META-INF");
	}
	custody_fail(err, CUSTODY_ERR_FORMAT, "found bytes that are not UTF-8 text");
	if (begins(t, "\xff\xfe") || begins(t, "\xfe\xff") || memchr(t.p, 0, t.n))
		return custody_hint(err, "convert a copy: `iconv -f UTF-16 -t UTF-8`, if it is text at all");
	return custody_hint(err, "convert a copy: `iconv -f CP1252 -t UTF-8` for a Western Windows text");
}

const char *custody_claims_text_other(const uint8_t *p, size_t n)
{
	static const struct {
		const char *word, *hint;
	} others[] = {
		{ "-----BEGIN PGP SIGNATURE-----", PGP_HINT },
		{ "-----BEGIN PGP MESSAGE-----", "a PGP message: read it with `gpg --decrypt`, which also says who signed it" },
		{ "http://www.w3.org/2000/09/xmldsig#", "an XML signature: it is not verified here; name it with custody seal --claims-unverified" },
		{ "multipart/signed", "a signed mail: it signs the text of its parts, and no file; name it with custody seal --claims-unverified" },
		{ "-----BEGIN CERTIFICATE-----", "a certificate states no digest; name it with custody seal --claims-unverified" },
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (has((struct custody_bytes){ p, n }, others[i].word))
			return others[i].hint;
	return NULL;
}

bool custody_claims_text_is_clearsigned(const uint8_t *p, size_t n)
{
	return has((struct custody_bytes){ p, n }, "-----BEGIN PGP SIGNED MESSAGE-----");
}

int custody_claims_text_read(const uint8_t *p, size_t n, custody_claims_text_tell *tell, void *ctx, struct custody_error *err)
{
	struct reader r = { .tell = tell, .ctx = ctx };
	struct custody_bytes text = { p, n };

	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		text = (struct custody_bytes){ p + 3, n - 3 };
	if (!custody_utf8_valid(text.p, text.n) || (text.n > 0 && memchr(text.p, 0, text.n)))
		return refuse_bytes((struct custody_bytes){ p, n }, err);
	custody_buf_init(&r.rest, 2 * CUSTODY_LIMIT_HASH_LINE);
	custody_buf_init(&r.above, 2 * CUSTODY_LIMIT_HASH_LINE);
	custody_buf_init(&r.name, 2 * CUSTODY_LIMIT_HASH_LINE);
	custody_buf_init(&r.text, 2 * CUSTODY_LIMIT_HASH_LINE);
	int rc = take_all(&r, text, err);
	custody_buf_release(&r.rest);
	custody_buf_release(&r.above);
	custody_buf_release(&r.name);
	custody_buf_release(&r.text);
	return rc;
}

/* ---- drafts ---- */

int custody_claims_draft_line(struct custody_buf *out, const char *of, const char *sha256, const struct custody_hash_record *record, uint64_t line,
	struct custody_bytes text, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf one = { .max = 8 * CUSTODY_LIMIT_HASH_LINE };

	if (custody_hash_jsonl.write_record(&one, record->digests.mask, record, err) || custody_buf_append_str(out, DRAFT "{\"of\":", err) ||
		custody_json_append_safe(out, of, strlen(of), err) ||
		custody_buf_printf(out, err, ",\"sha256\":\"%s\",\"line\":%" PRIu64 ",\"text\":", sha256, line) ||
		custody_json_append_safe(out, text.p, text.n, err))
		return -1;
	/* The record's own object goes on where "draft" ends. */
	return custody_buf_append_str(out, "},", err) || custody_buf_append(out, one.data + 1, one.len - 1, err) ? -1 : 0;
}

void custody_claims_drafts_count(struct custody_claims_drafts *d, const uint8_t *p, size_t n)
{
	const size_t draft = strlen(DRAFT), signature = strlen(CUSTODY_CLAIMS_SIGNATURE_DRAFT);

	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\n') {
			d->n = 0;
			continue;
		}
		if (d->n == signature || strchr(" \t", p[i]))
			continue;
		d->head[d->n++] = (char)p[i];
		if (d->n == draft && memcmp(d->head, DRAFT, draft) == 0)
			d->texts++;
		if (d->n == signature && memcmp(d->head, CUSTODY_CLAIMS_SIGNATURE_DRAFT, signature) == 0) {
			d->texts--;
			d->signatures++;
		}
	}
}
