/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/package/asic.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <expat.h>

#include "libcustody/base/hex.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/set.h"
#include "libcustody/base/utf8.h"
#include "libcustody/base/watch.h"
#include "libcustody/crypto/digest.h"
#include "libcustody/package/names.h"

#define MALFORMED "asic-manifest-malformed"
#define ASIC_NAMESPACE "http://uri.etsi.org/02918/v1.2.1#"
#define DS_NAMESPACE "http://www.w3.org/2000/09/xmldsig#"
#define SHA256_URI "http://www.w3.org/2001/04/xmlenc#sha256"
#define SIGNATURE_TYPE "application/pkcs7-signature"
#define CONTENT_TYPE "application/octet-stream"
#define ROOT_FILE "custody/seal.json"

/* ---- names and types, for both directions ---- */

static bool is_unreserved(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c != '\0' && strchr("-._~/", c));
}

static const char *media_type(const char *member)
{
	static const struct {
		const char *suffix, *type;
	} types[] = { { ".txt", "text/plain" }, { ".json", "application/json" }, { ".jsonl", "application/x-ndjson" } };
	const char *slash = strrchr(member, '/'), *name = slash ? slash + 1 : member, *dot = strrchr(name, '.');

	if (strncmp(member, "data/", 5) == 0 || !dot || strspn(name, ".") > (size_t)(dot - name))
		return CONTENT_TYPE;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(dot, types[i].suffix) == 0)
			return types[i].type;
	return CONTENT_TYPE;
}

static int append_uri(struct custody_buf *b, const char *member, struct custody_error *err)
{
	for (const char *p = member; *p; p++) {
		uint8_t c = (uint8_t)*p;

		if (is_unreserved(c) ? custody_buf_append_byte(b, c, err) : custody_buf_printf(b, err, "%%%02X", c))
			return -1;
	}
	return 0;
}

/* ---- writer ---- */

int custody_asic_append_head(struct custody_buf *b, const char *signature_member, struct custody_error *err)
{
	return custody_buf_append_str(b,
		       "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		       "<asic:ASiCManifest xmlns:asic=\"" ASIC_NAMESPACE "\" xmlns:ds=\"" DS_NAMESPACE "\">\n"
		       "<asic:SigReference URI=\"",
		       err) || append_uri(b, signature_member, err) ||
			       custody_buf_append_str(b, "\" MimeType=\"" SIGNATURE_TYPE "\"/>\n", err)
		       ? -1
		       : 0;
}

static int append_reference(struct custody_buf *b, const char *member, const uint8_t sha256[32], struct custody_error *err)
{
	const char *root = strcmp(member, ROOT_FILE) == 0 ? "\" Rootfile=\"true" : "";

	return custody_buf_append_str(b, "<asic:DataObjectReference URI=\"", err) || append_uri(b, member, err) ||
			       custody_buf_append_str(b, "\" MimeType=\"", err) || custody_buf_append_str(b, media_type(member), err) ||
			       custody_buf_append_str(b, root, err) ||
			       custody_buf_append_str(b, "\"><ds:DigestMethod Algorithm=\"" SHA256_URI "\"/><ds:DigestValue>", err) ||
			       custody_base64_append(b, sha256, 32, err) ||
			       custody_buf_append_str(b, "</ds:DigestValue></asic:DataObjectReference>\n", err)
		       ? -1
		       : 0;
}

int custody_asic_append_reference(struct custody_buf *b, const char *member, const uint8_t sha256[32], struct custody_error *err)
{
	size_t before = b->len;

	if (append_reference(b, member, sha256, err) == 0)
		return 0;
	b->len = before;
	return -1;
}

int custody_asic_append_tail(struct custody_buf *b, struct custody_error *err)
{
	return custody_buf_append_str(b, "</asic:ASiCManifest>\n", err);
}

/* Where the parser is. Expat 2.9 has it in 64 bits and deprecates the other form. */
static long long byte_index(XML_Parser parser)
{
#if XML_MAJOR_VERSION > 2 || XML_MINOR_VERSION >= 9
	return (long long)XML_GetCurrentByteIndex64(parser);
#else
	return (long long)XML_GetCurrentByteIndex(parser);
#endif
}

/* ---- reader ---- */

/* One read. Whatever a chunk completes is queued, so the queue is bounded by it. */
#define CHUNK ((size_t)16 << 10)

/* Where in the document the parser is: what came last. */
enum state { START, ROOT, SIGNATURE, AFTER_SIGNATURE, REFERENCE, METHOD, AFTER_METHOD, VALUE, AFTER_VALUE, END };

/* A reference that was parsed and not yet given out; its texts lie in the buffer beside, by offset. */
struct queued {
	size_t member, member_len, media;
	uint8_t sha256[32];
	bool rootfile;
};

/* The bytes themselves are watched too, before expat sees them: the two must agree on what is no part of a manifest. */
struct scan {
	uint64_t at; /* offset of the next byte */
	uint64_t last; /* offset of the last '<' */
	bool after_less; /* the byte before was '<' */
};

struct custody_asic_reader {
	const struct custody_source *source; /* borrowed */
	uint64_t begin, size, done; /* the document; bytes of it already parsed */
	char *signature; /* owned: what SigReference must name */
	struct XML_ParserStruct *parser;
	struct scan scan;
	enum state state;
	struct custody_error *err; /* of the call under way: where a handler puts its refusal */
	bool failed, ended;

	struct queued now; /* the reference under way */
	char value[64]; /* its digest value, white space left out */
	size_t value_len;
	struct custody_buf queue, text; /* struct queued one after another; their texts */
	size_t given; /* of the queue */
	uint64_t references; /* queued since the beginning */

	bool unique; /* look for a URI twice */
	struct custody_set seen;
	struct custody_digest_set running;
	struct custody_digest_values digests; /* after the end */
};

/* The first refusal stands; expat calls no more handlers that do anything. */
static void refuse(struct custody_asic_reader *r, const char *found, const char *quoted, const char *want)
{
	char shown[128];

	if (r->failed)
		return;
	r->failed = true;
	custody_refuse(r->err, MALFORMED, "byte %lld: found %s%s%s%s, want %s", byte_index(r->parser), found, quoted ? " '" : "",
		quoted ? custody_display(quoted, strlen(quoted), shown, sizeof(shown)) : "", quoted ? "'" : "", want);
	XML_StopParser(r->parser, XML_FALSE);
}

/* A failure that is none of the document's: r->err is set already. */
static void fail(struct custody_asic_reader *r)
{
	r->failed = true;
	XML_StopParser(r->parser, XML_FALSE);
}

/* ---- attributes ---- */

static int hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decodes once what the writer's encoding makes, and nothing else: so two URIs never name one member, and no scheme, query, fragment or second encoding
 * gets through. Appends the name with a NUL to r->text. */
static int take_uri(struct custody_asic_reader *r, const char *uri, size_t *at, size_t *len)
{
	*at = r->text.len;
	for (const char *p = uri; *p; p++) {
		bool escaped = *p == '%';
		int high = escaped ? hex_value(p[1]) : 0, low = escaped && high >= 0 ? hex_value(p[2]) : 0;
		uint8_t c = escaped ? (uint8_t)(high * 16 + low) : (uint8_t)*p;

		if (high < 0 || low < 0 || is_unreserved(c) == escaped) {
			refuse(r, "URI", uri, "a name with everything but A-Z a-z 0-9 - . _ ~ / percent-encoded, once, in upper case");
			return -1;
		}
		p += escaped ? 2 : 0;
		if (custody_buf_append_byte(&r->text, c, r->err)) {
			fail(r);
			return -1;
		}
	}
	*len = r->text.len - *at;
	const char *problem = custody_name_member_problem(r->text.data ? r->text.data + *at : NULL, *len);
	if (problem) {
		char found[160];

		snprintf(found, sizeof(found), "a name that %s: URI", problem);
		refuse(r, found, uri, "the name of a member");
		return -1;
	}
	if (custody_buf_append_byte(&r->text, '\0', r->err)) {
		fail(r);
		return -1;
	}
	return 0;
}

/* The values of the attributes that an element may have; NULL where it is not there. Any other attribute is refused. */
static int take_attributes(struct custody_asic_reader *r, const XML_Char **attributes, const char *const *names, const char **values, size_t n)
{
	for (size_t i = 0; attributes[i]; i += 2) {
		size_t k = 0;

		while (k < n && strcmp(attributes[i], names[k]) != 0)
			k++;
		if (k == n) {
			refuse(r, "attribute", attributes[i], "none of that name here");
			return -1;
		}
		values[k] = attributes[i + 1];
	}
	return 0;
}

static void take_signature(struct custody_asic_reader *r, const XML_Char **attributes)
{
	static const char *const names[] = { "URI", "MimeType" };
	const char *values[2] = { NULL, NULL };
	size_t at = 0, len = 0;

	if (take_attributes(r, attributes, names, values, 2))
		return;
	if (!values[0] || !values[1]) {
		refuse(r, "SigReference without URI or MimeType", NULL, "both");
		return;
	}
	if (strcmp(values[1], SIGNATURE_TYPE) != 0) {
		refuse(r, "SigReference of type", values[1], "'" SIGNATURE_TYPE "'");
		return;
	}
	if (take_uri(r, values[0], &at, &len))
		return;
	if (strcmp((const char *)r->text.data + at, r->signature) != 0)
		refuse(r, "SigReference to", values[0], r->signature);
	r->text.len = at;
}

/* A media type as RFC 6838 4.2 allows it, without parameters. */
static bool is_media_type(const char *s)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&-^_.+";
	size_t type = strspn(s, allowed), sub = s[type] == '/' ? strspn(s + type + 1, allowed) : 0;

	return type > 0 && type <= 127 && sub > 0 && sub <= 127 && s[type + 1 + sub] == '\0';
}

/* What the attributes of a reference must be to each other. */
static bool reference_fits(struct custody_asic_reader *r, const char *type, const char *root)
{
	const char *member = (const char *)r->text.data + r->now.member;
	bool is_root = strcmp(member, ROOT_FILE) == 0;

	if (type && !is_media_type(type)) {
		refuse(r, "MimeType", type, "a media type");
		return false;
	}
	if (type && strncmp(member, "data/", 5) == 0 && strcmp(type, CONTENT_TYPE) != 0) {
		refuse(r, "MimeType", type, "'" CONTENT_TYPE "' for all evidence");
		return false;
	}
	if (root && strcmp(root, "true") != 0 && strcmp(root, "1") != 0 && strcmp(root, "false") != 0 && strcmp(root, "0") != 0) {
		refuse(r, "Rootfile", root, "true or false");
		return false;
	}
	r->now.rootfile = root && (root[0] == 't' || root[0] == '1');
	if (r->now.rootfile != is_root) {
		refuse(r, is_root ? "no Rootfile at" : "Rootfile at", member, "it at " ROOT_FILE " and there alone");
		return false;
	}
	return true;
}

static void take_reference(struct custody_asic_reader *r, const XML_Char **attributes)
{
	static const char *const names[] = { "URI", "MimeType", "Rootfile" };
	const char *values[3] = { NULL, NULL, NULL };

	if (take_attributes(r, attributes, names, values, 3))
		return;
	if (!values[0]) {
		refuse(r, "DataObjectReference without URI", NULL, "one");
		return;
	}
	memset(&r->now, 0, sizeof(r->now));
	if (take_uri(r, values[0], &r->now.member, &r->now.member_len) || !reference_fits(r, values[1], values[2]))
		return;
	const char *type = values[1] ? values[1] : "";
	r->now.media = r->text.len;
	if (custody_buf_append(&r->text, type, strlen(type) + 1, r->err))
		fail(r);
}

static void take_method(struct custody_asic_reader *r, const XML_Char **attributes)
{
	static const char *const names[] = { "Algorithm" };
	const char *algorithm = NULL;

	if (take_attributes(r, attributes, names, &algorithm, 1))
		return;
	if (!algorithm)
		refuse(r, "DigestMethod without Algorithm", NULL, "'" SHA256_URI "'");
	else if (strcmp(algorithm, SHA256_URI) != 0)
		refuse(r, "Algorithm", algorithm, "'" SHA256_URI "'");
}

static void take_none(struct custody_asic_reader *r, const XML_Char **attributes)
{
	(void)take_attributes(r, attributes, NULL, NULL, 0);
}

/* ---- a reference is whole ---- */

/* Is the member named by a reference before this one? Asked only when the set says so, which it does wrongly once in 2^64: looked up in the document itself. */
static int named_before(struct custody_asic_reader *r, bool *twice, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_asic_reader_free) struct custody_asic_reader *again = NULL;
	struct custody_asic_reference other;
	static const uint8_t key[16];
	const char *member = (const char *)r->text.data + r->now.member;

	*twice = false;
	if (custody_asic_reader_new(&again, r->source, r->begin, r->size, r->signature, key, 0, err))
		return -1;
	again->unique = false;
	for (uint64_t i = 0; i < r->references && !*twice; i++) {
		if (custody_asic_reader_next(again, &other, err) < 0)
			return -1;
		*twice = other.member_len == r->now.member_len && memcmp(other.member, member, other.member_len) == 0;
	}
	return 0;
}

static int check_unique(struct custody_asic_reader *r)
{
	const char *member = (const char *)r->text.data + r->now.member;
	bool there = false, twice = false;

	if (!r->unique)
		return 0;
	if (custody_set_add(&r->seen, custody_set_hash(&r->seen, 0, member, r->now.member_len), &there, r->err) ||
		(there && named_before(r, &twice, r->err))) {
		fail(r);
		return -1;
	}
	if (twice) {
		refuse(r, "for the second time", member, "each member once");
		return -1;
	}
	return 0;
}

static void end_reference(struct custody_asic_reader *r)
{
	uint8_t digest[sizeof(r->value) / 4 * 3];
	size_t n = 0;

	if (!custody_base64_parse(r->value, r->value_len, digest, &n) || n != 32) {
		refuse(r, "a DigestValue that is not canonical base64 of 32 bytes", NULL, "a SHA-256 digest");
		return;
	}
	memcpy(r->now.sha256, digest, 32);
	if (check_unique(r))
		return;
	if (custody_buf_append(&r->queue, &r->now, sizeof(r->now), r->err)) {
		fail(r);
		return;
	}
	r->references++;
}

/* ---- expat's handlers ---- */

/* Namespace and name as expat joins them; the state in which it may begin, the state inside, the state in which it may end, and the one after. So the nesting is
 * never deeper than three, and every element has its one place. */
static const struct element {
	const char *name;
	enum state before, inside, last, after;
	void (*take)(struct custody_asic_reader *r, const XML_Char **attributes);
} elements[] = {
	{ ASIC_NAMESPACE "\nASiCManifest", START, ROOT, AFTER_SIGNATURE, END, take_none },
	{ ASIC_NAMESPACE "\nSigReference", ROOT, SIGNATURE, SIGNATURE, AFTER_SIGNATURE, take_signature },
	{ ASIC_NAMESPACE "\nDataObjectReference", AFTER_SIGNATURE, REFERENCE, AFTER_VALUE, AFTER_SIGNATURE, take_reference },
	{ DS_NAMESPACE "\nDigestMethod", REFERENCE, METHOD, METHOD, AFTER_METHOD, take_method },
	{ DS_NAMESPACE "\nDigestValue", AFTER_METHOD, VALUE, VALUE, AFTER_VALUE, take_none },
};
#define ELEMENTS (sizeof(elements) / sizeof(elements[0]))

static const struct element *find_element(const XML_Char *name)
{
	for (size_t i = 0; i < ELEMENTS; i++)
		if (strcmp(elements[i].name, name) == 0)
			return &elements[i];
	return NULL;
}

/* The name without its namespace, for messages. */
static const char *local_name(const XML_Char *name)
{
	const char *newline = strchr(name, '\n');
	return newline ? newline + 1 : name;
}

static void XMLCALL on_start(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
	struct custody_asic_reader *r = ctx;
	const struct element *e = find_element(name);

	if (r->failed)
		return;
	if (!e) {
		refuse(r, "element", local_name(name), "none that the format does not have");
		return;
	}
	if (e->before != r->state) {
		refuse(r, "element", local_name(name), "SigReference, then DataObjectReferences with DigestMethod and DigestValue each");
		return;
	}
	r->state = e->inside;
	r->value_len = 0;
	e->take(r, attributes);
}

static void XMLCALL on_end(void *ctx, const XML_Char *name)
{
	struct custody_asic_reader *r = ctx;
	const struct element *e = find_element(name);

	if (r->failed)
		return;
	if (!e || e->last != r->state) {
		refuse(r, "the end of", local_name(name), "what belongs into it first");
		return;
	}
	if (e->after == END && r->references == 0) {
		refuse(r, "no DataObjectReference", NULL, "at least one");
		return;
	}
	if (e->inside == REFERENCE)
		end_reference(r);
	r->state = e->after;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Text belongs into DigestValue, where xs:base64Binary allows white space; elsewhere there is white space only. */
static void XMLCALL on_text(void *ctx, const XML_Char *s, int n)
{
	struct custody_asic_reader *r = ctx;

	for (int i = 0; i < n && !r->failed; i++) {
		if (is_space(s[i]))
			continue;
		if (r->state != VALUE)
			refuse(r, "text between elements", NULL, "white space only");
		else if (r->value_len == sizeof(r->value))
			refuse(r, "a DigestValue that is too long", NULL, "a SHA-256 digest in base64");
		else
			r->value[r->value_len++] = s[i];
	}
}

static void XMLCALL on_declaration(void *ctx, const XML_Char *version, const XML_Char *encoding, int standalone)
{
	(void)standalone;
	if (!version || strcmp(version, "1.0") != 0)
		refuse(ctx, "XML version", version ? version : "", "'1.0'");
	else if (encoding && strcasecmp(encoding, "UTF-8") != 0)
		refuse(ctx, "encoding", encoding, "'UTF-8'");
}

static void XMLCALL on_namespace(void *ctx, const XML_Char *prefix, const XML_Char *uri)
{
	(void)prefix;
	if (!uri || (strcmp(uri, ASIC_NAMESPACE) != 0 && strcmp(uri, DS_NAMESPACE) != 0))
		refuse(ctx, "namespace", uri ? uri : "", "'" ASIC_NAMESPACE "' and '" DS_NAMESPACE "' only");
}

/* What follows is refused by the scan of the bytes before expat ever tells of it; these stand for the case that the two disagree. */

static void XMLCALL on_doctype(void *ctx, const XML_Char *name, const XML_Char *system, const XML_Char *public, int internal)
{
	(void)system, (void)public, (void)internal;
	refuse(ctx, "a DOCTYPE", name, "none");
}

static void XMLCALL on_entity(void *ctx, const XML_Char *name, int parameter, const XML_Char *value, int n, const XML_Char *base,
	const XML_Char *system, const XML_Char *public, const XML_Char *notation)
{
	(void)parameter, (void)value, (void)n, (void)base, (void)system, (void)public, (void)notation;
	refuse(ctx, "an entity declaration", name, "none");
}

static void XMLCALL on_skipped(void *ctx, const XML_Char *name, int parameter)
{
	(void)parameter;
	refuse(ctx, "an entity", name, "none");
}

static void XMLCALL on_comment(void *ctx, const XML_Char *text)
{
	(void)text;
	refuse(ctx, "a comment", NULL, "none");
}

static void XMLCALL on_cdata(void *ctx)
{
	refuse(ctx, "a CDATA section", NULL, "none");
}

static void XMLCALL on_instruction(void *ctx, const XML_Char *target, const XML_Char *data)
{
	(void)data;
	refuse(ctx, "a processing instruction", target, "none");
}

static void set_handlers(struct custody_asic_reader *r)
{
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, on_start, on_end);
	XML_SetCharacterDataHandler(r->parser, on_text);
	XML_SetXmlDeclHandler(r->parser, on_declaration);
	XML_SetStartNamespaceDeclHandler(r->parser, on_namespace);
	XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
	XML_SetEntityDeclHandler(r->parser, on_entity);
	XML_SetSkippedEntityHandler(r->parser, on_skipped);
	XML_SetCommentHandler(r->parser, on_comment);
	XML_SetStartCdataSectionHandler(r->parser, on_cdata);
	XML_SetProcessingInstructionHandler(r->parser, on_instruction);
	XML_SetParamEntityParsing(r->parser, XML_PARAM_ENTITY_PARSING_NEVER);
}

/* ---- bytes ---- */

static int scan_refuse(const struct scan *s, const char *found, const char *want, struct custody_error *err)
{
	return custody_refuse(err, MALFORMED, "byte %" PRIu64 ": found %s, want %s", s->at, found, want);
}

/* In well-formed XML "<!" begins a DOCTYPE, a comment or CDATA and "<?" a processing instruction, wherever they stand; and no token is longer than from one
 * '<' to the next, so expat never has to hold more than the limit. */
static int scan_bytes(struct scan *s, const uint8_t *p, size_t n, struct custody_error *err)
{
	for (size_t i = 0; i < n; i++, s->at++) {
		uint8_t c = p[i];

		if (s->at == 0 && c != '<' && !is_space((char)c))
			return scan_refuse(s, "no '<' at the beginning", "XML in UTF-8 without a byte order mark", err);
		if (c == '\0')
			return scan_refuse(s, "a NUL byte", "text", err);
		if (s->after_less && c == '!')
			return scan_refuse(s, "'<!'", "no DOCTYPE, entity, comment or CDATA section", err);
		if (s->after_less && c == '?' && s->at != 1)
			return scan_refuse(s, "'<?'", "no processing instruction", err);
		s->after_less = c == '<';
		if (s->after_less)
			s->last = s->at;
		else if (s->at - s->last > CUSTODY_LIMIT_XML_TOKEN)
			return custody_fail(err, CUSTODY_ERR_LIMIT, "byte %" PRIu64 ": %zu bytes without '<'", s->at, CUSTODY_LIMIT_XML_TOKEN);
	}
	return 0;
}

static int parse_failed(struct custody_asic_reader *r, struct custody_error *err)
{
	bool ours = r->failed; /* a handler's refusal stands in err already */

	r->failed = true;
	if (ours)
		return -1;
	return custody_refuse(err, MALFORMED, "byte %lld: found XML that is not well-formed (%s)", byte_index(r->parser),
		XML_ErrorString(XML_GetErrorCode(r->parser)));
}

/* Reads and parses the next chunk; what it completes is in the queue. */
static int feed(struct custody_asic_reader *r, struct custody_error *err)
{
	uint8_t chunk[CHUNK];
	size_t n = r->size - r->done < CHUNK ? (size_t)(r->size - r->done) : CHUNK;
	bool last = r->done + n == r->size;

	r->err = err;
	if (custody_source_read(r->source, r->begin + r->done, chunk, n, err) || custody_digest_set_update(&r->running, chunk, n, err) ||
		scan_bytes(&r->scan, chunk, n, err)) {
		r->failed = true;
		return -1;
	}
	r->done += n;
	custody_watch_begin();
	enum XML_Status status = XML_Parse(r->parser, (const char *)chunk, (int)n, last);
	if (custody_watch_end()) {
		r->failed = true;
		return custody_fail_nomem(err);
	}
	if (status != XML_STATUS_OK || r->failed)
		return parse_failed(r, err);
	if (!last)
		return 0;
	r->ended = true;
	return custody_digest_set_finish(&r->running, &r->digests, err);
}

/* ---- the interface ---- */

static const XML_Memory_Handling_Suite memory = { custody_watch_malloc, custody_watch_realloc, free };

int custody_asic_reader_new(struct custody_asic_reader **out, const struct custody_source *source, uint64_t off, uint64_t size,
	const char *signature_member, const uint8_t key[16], uint32_t digests, struct custody_error *err)
{
	if (size > CUSTODY_LIMIT_LIST)
		return custody_fail(
			err, CUSTODY_ERR_LIMIT, "the manifest has %" PRIu64 " bytes, at most %" PRIu64 " are read", size, CUSTODY_LIMIT_LIST);
	CUSTODY_CLEANUP(custody_asic_reader_free) struct custody_asic_reader *r = calloc(1, sizeof(*r));
	if (!r)
		return custody_fail_nomem(err);
	r->source = source;
	r->begin = off;
	r->size = size;
	r->unique = true;
	custody_set_init(&r->seen, key);
	/* Neither can grow beyond what one chunk completes. */
	custody_buf_init(&r->queue, CHUNK * sizeof(struct queued));
	custody_buf_init(&r->text, 2 * (CHUNK + CUSTODY_LIMIT_XML_TOKEN));
	r->signature = strdup(signature_member);
	r->parser = XML_ParserCreate_MM("UTF-8", &memory, "\n");
	if (!r->signature || !r->parser)
		return custody_fail_nomem(err);
	set_handlers(r);
	if (custody_digest_set_new(&r->running, digests, err))
		return -1;
	*out = custody_steal(&r);
	return 0;
}

void custody_asic_reader_free(struct custody_asic_reader **reader)
{
	struct custody_asic_reader *r = *reader;

	if (!r)
		return;
	if (r->parser)
		XML_ParserFree(r->parser);
	free(r->signature);
	custody_set_release(&r->seen);
	custody_buf_release(&r->queue);
	custody_buf_release(&r->text);
	custody_digest_set_release(&r->running);
	free(r);
	*reader = NULL;
}

/* Forgets what was given out; the texts of a reference that is still under way move to the front. */
static void forget_given(struct custody_asic_reader *r)
{
	bool under_way = r->state >= REFERENCE && r->state <= AFTER_VALUE;
	size_t from = under_way ? r->now.member : r->text.len;

	custody_buf_clear(&r->queue);
	r->given = 0;
	if (from == 0)
		return;
	memmove(r->text.data, r->text.data + from, r->text.len - from);
	r->text.len -= from;
	r->now.member -= under_way ? from : 0;
	r->now.media -= under_way ? from : 0;
}

int custody_asic_reader_next(struct custody_asic_reader *r, struct custody_asic_reference *ref, struct custody_error *err)
{
	struct queued q;

	if (r->failed)
		return custody_fail(err, CUSTODY_ERR_INTERNAL, "a manifest was read on after an error");
	while (r->given * sizeof(q) == r->queue.len) {
		if (r->ended)
			return 0;
		forget_given(r);
		if (feed(r, err))
			return -1;
	}
	memcpy(&q, r->queue.data + r->given++ * sizeof(q), sizeof(q));
	ref->member = (const char *)r->text.data + q.member;
	ref->member_len = q.member_len;
	ref->media_type = (const char *)r->text.data + q.media;
	ref->rootfile = q.rootfile;
	memcpy(ref->sha256, q.sha256, sizeof(ref->sha256));
	return 1;
}

void custody_asic_reader_digests(const struct custody_asic_reader *r, struct custody_digest_values *out)
{
	*out = r->digests;
}
