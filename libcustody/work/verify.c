/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One package, one pass (design/verdict.md rule 5): the ZIP directory, META-INF and the lists are read first; then every byte of the file goes by once, and
 * feeds the package's own digest, each member's digests and CRC, and the merge of the lists. What was read before must come by again.
 */
#include "libcustody/work/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcustody/base/utf8.h"
#include "libcustody/crypto/cms.h"
#include "libcustody/package/bag.h"
#include "libcustody/package/members.h"
#include "libcustody/package/sealfile.h"
#include "libcustody/package/zip.h"
#include "libcustody/verdict/lists.h"
#include "libcustody/verdict/stated.h"
#include "libcustody/work/pass.h"
#include "libcustody/work/record.h"
#include "libcustody/work/selftest.h"
#include "libcustody/work/statements.h"

#define CHUNK ((size_t)256 << 10) /* of a member that is read before the pass */

struct verify {
	const struct custody_source *source;
	const struct custody_verify_options *o;
	struct custody_report *report;
	struct custody_findings *findings; /* the report's */

	struct custody_zip zip;
	struct custody_member_index index;
	/* Members read before the pass: their bytes (of the manifests, which may be large, none are kept), and their digests to be met again. */
	struct custody_buf bytes[CUSTODY_MEMBER_CLASSES];
	struct custody_member_seen seen[CUSTODY_MEMBER_CLASSES];
	struct custody_sealfile sealfile;
	bool has_sealfile;
	struct custody_acquisition_facts acquisition;
	bool has_acquisition;
	struct custody_lists *lists;
	struct custody_statements statements;
	bool facts_right, members_right;
};

static bool interrupted(const struct verify *v)
{
	return v->o->interrupted && v->o->interrupted(v->o->interrupted_ctx);
}

/* ---- before the pass: structure and small members ---- */

static void name_collides(void *ctx, const char *name, size_t len)
{
	struct verify *v = ctx;

	custody_findings_add(v->findings, CUSTODY_FINDING_NAME_COLLISION, name, len, NULL);
}

/* 1: the container's directory is strict; 0: refused, said; -1. */
static int check_directory(struct verify *v, struct custody_error *err)
{
	uint8_t key[16];

	if (custody_random_fill(v->o->random, key, sizeof(key), err))
		return -1;
	if (custody_zip_check(&v->zip, v->source, key, name_collides, v, err))
		return custody_findings_take(v->findings, CUSTODY_FINDING_ZIP_END_RECORD, NULL, err);
	v->report->shown |= CUSTODY_SHOWN_DIRECTORY;
	return 1;
}

static void member_wrong(struct verify *v, enum custody_finding_id id, const struct custody_zip_member *m)
{
	v->members_right = false;
	custody_findings_add(v->findings, id, m->name, m->name_len, NULL);
}

static void index_member(struct verify *v, const struct custody_zip_member *m, enum custody_member_class c, enum custody_digest_id algorithm)
{
	if (c == CUSTODY_MEMBER_DATA) {
		v->index.data_members++;
	} else if (c == CUSTODY_MEMBER_LIST) {
		v->index.list[algorithm] = *m;
		v->index.list[algorithm].name = "manifest-*.txt";
		v->index.has_list[algorithm] = true;
	} else if (custody_member_name(c)) {
		v->index.member[c] = *m;
		v->index.member[c].name = custody_member_name(c);
		v->index.has[c] = true;
	}
}

/* Every member is one of the format, in its place, and none is missing. */
static int index_members(struct verify *v, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_zip_cursor_free) struct custody_zip_cursor *cursor = NULL;
	struct custody_zip_member m;
	unsigned last = 0;
	int r;

	v->members_right = true;
	if (custody_zip_cursor_new(&cursor, &v->zip, err))
		return -1;
	while ((r = custody_zip_cursor_next(cursor, &m, err)) == 1) {
		enum custody_digest_id algorithm;
		enum custody_member_class c = custody_member_classify(m.name, m.name_len, &algorithm);
		unsigned place = custody_member_place(c, algorithm);

		if (c == CUSTODY_MEMBER_UNKNOWN)
			member_wrong(v, CUSTODY_FINDING_MEMBER_UNEXPECTED, &m);
		else if (c == CUSTODY_MEMBER_META_UNKNOWN)
			member_wrong(v, CUSTODY_FINDING_NEWER_FORMAT, &m);
		else if (place < last)
			member_wrong(v, CUSTODY_FINDING_MEMBER_ORDER, &m);
		else
			last = place;
		index_member(v, &m, c, algorithm);
		if (c == CUSTODY_MEMBER_EXT)
			custody_findings_add(v->findings, CUSTODY_FINDING_DOCUMENT_BESIDE_ITEMS, m.name, m.name_len, NULL);
		if (interrupted(v))
			return custody_fail(err, CUSTODY_ERR_INTERRUPTED, "interrupted");
	}
	return r < 0 ? custody_findings_take(v->findings, CUSTODY_FINDING_ZIP_CENTRAL_RECORD, NULL, err) : 0;
}

static void name_missing(struct verify *v)
{
	for (int c = 0; c < CUSTODY_MEMBER_CLASSES; c++) {
		const char *name = custody_member_name((enum custody_member_class)c);

		if (!custody_member_is_required((enum custody_member_class)c) || v->index.has[c])
			continue;
		v->members_right = false;
		custody_findings_add(v->findings, CUSTODY_FINDING_MEMBER_MISSING, name, strlen(name), NULL);
	}
}

/* Reads a small member whole, if it is there. */
static int read_small(struct verify *v, enum custody_member_class c, uint64_t max, struct custody_error *err)
{
	struct custody_buf *bytes = &v->bytes[c];

	if (!v->index.has[c])
		return 0;
	custody_buf_init(bytes, (size_t)max);
	if (custody_zip_read_member(&v->zip, &v->index.member[c], max, bytes, err))
		return custody_findings_take(v->findings, CUSTODY_FINDING_ZIP_LOCAL_RECORD, custody_member_name(c), err);
	v->seen[c].there = true;
	return custody_digest_once(CUSTODY_SHA256, bytes->data, bytes->len, v->seen[c].sha256, err);
}

/* Its bytes; NULL if it is not there, or could not be read. */
static struct custody_buf *small(struct verify *v, enum custody_member_class c)
{
	return v->seen[c].there ? &v->bytes[c] : NULL;
}

static const struct {
	enum custody_member_class c;
	uint64_t max;
} small_members[] = {
	{ CUSTODY_MEMBER_BAGIT, CUSTODY_LIMIT_SMALL_MEMBER },
	{ CUSTODY_MEMBER_BAG_INFO, CUSTODY_LIMIT_SMALL_MEMBER },
	{ CUSTODY_MEMBER_SEAL_FILE, CUSTODY_LIMIT_SMALL_MEMBER },
	{ CUSTODY_MEMBER_ACQUISITION, CUSTODY_LIMIT_ACQUISITION },
	{ CUSTODY_MEMBER_VERIFY, CUSTODY_LIMIT_SMALL_MEMBER },
	{ CUSTODY_MEMBER_SIGNATURE_1, CUSTODY_LIMIT_SIGNATURE },
	{ CUSTODY_MEMBER_SIGNATURE_2, CUSTODY_LIMIT_SIGNATURE },
};

static int read_small_members(struct verify *v, struct custody_error *err)
{
	for (size_t i = 0; i < sizeof(small_members) / sizeof(small_members[0]); i++)
		if (read_small(v, small_members[i].c, small_members[i].max, err))
			return -1;
	return 0;
}

static int copy_text(char **out, const char *s, struct custody_error *err)
{
	if (!s)
		return 0;
	*out = strdup(s);
	return *out ? 0 : custody_fail_nomem(err);
}

static int report_sealfile(struct verify *v, struct custody_error *err)
{
	const struct custody_sealfile *s = &v->sealfile;
	struct custody_report *r = v->report;

	r->has_sealfile = true;
	r->sealed = s->sealed;
	r->items = s->items;
	r->bytes = s->bytes;
	r->exceptions = s->exceptions;
	r->digests = s->digests;
	r->has_previous = s->has_previous;
	memcpy(r->previous, s->previous, sizeof(r->previous));
	if (s->has_private)
		custody_findings_add(v->findings, CUSTODY_FINDING_UNKNOWN_FIELD, NULL, 0, "custody/seal.json");
	return copy_text(&r->case_id, s->case_id, err) || copy_text(&r->exhibit, s->exhibit, err) ||
			       copy_text(&r->sealer_name, s->sealer_name, err) || copy_text(&r->sealer_organisation, s->sealer_organisation, err) ||
			       copy_text(&r->sealer_role, s->sealer_role, err) || copy_text(&r->tool_name, s->tool_name, err) ||
			       copy_text(&r->tool_version, s->tool_version, err) || copy_text(&r->uuid, s->uuid, err)
		       ? -1
		       : 0;
}

static int parse_sealfile(struct verify *v, struct custody_error *err)
{
	const struct custody_buf *text = small(v, CUSTODY_MEMBER_SEAL_FILE);

	if (!text)
		return 0;
	if (custody_sealfile_parse(text->data, text->len, &v->sealfile, err))
		return custody_findings_take(v->findings, CUSTODY_FINDING_SEAL_FILE_MALFORMED, custody_member_name(CUSTODY_MEMBER_SEAL_FILE), err);
	v->has_sealfile = true;
	return report_sealfile(v, err);
}

static int parse_acquisition(struct verify *v, struct custody_error *err)
{
	const struct custody_buf *text = small(v, CUSTODY_MEMBER_ACQUISITION);

	if (!text)
		return 0;
	if (custody_acquisition_parse(text->data, text->len, &v->acquisition, err))
		return custody_findings_take(v->findings, CUSTODY_FINDING_SEAL_FILE_MALFORMED, custody_member_name(CUSTODY_MEMBER_ACQUISITION), err);
	v->has_acquisition = true;
	v->report->has_reading = true;
	v->report->reading_from = v->acquisition.started;
	v->report->reading_until = v->acquisition.finished;
	v->report->role = v->acquisition.role;
	v->report->acquired = v->acquisition.stated;
	v->acquisition.stated = (struct custody_acquisition_stated){ .n_followed = 0 };
	v->report->clock_synchronised = v->acquisition.synchronised;
	if (!v->acquisition.identified)
		custody_findings_add(v->findings, CUSTODY_FINDING_NOT_IDENTIFIED, NULL, 0, NULL);
	return 0;
}

/* bagit.txt and VERIFY.txt are constants. */
static void check_constants(struct verify *v)
{
	const struct custody_buf *bagit = small(v, CUSTODY_MEMBER_BAGIT), *text = small(v, CUSTODY_MEMBER_VERIFY);

	if (bagit && (bagit->len != strlen(custody_bagit_txt) || memcmp(bagit->data, custody_bagit_txt, bagit->len) != 0)) {
		v->facts_right = false;
		custody_findings_add(v->findings, CUSTODY_FINDING_LIST_MALFORMED, "bagit.txt", 9, "it is not the text of BagIt 1.0 in UTF-8");
	}
	if (text && (text->len != custody_verify_txt_len || memcmp(text->data, custody_verify_txt, text->len) != 0)) {
		v->facts_right = false;
		custody_findings_add(v->findings, CUSTODY_FINDING_INSTRUCTIONS_DIFFER, NULL, 0, NULL);
	}
	v->facts_right = v->facts_right && bagit && text;
}

static void fact_differs(struct verify *v, const char *what, uint64_t stated, uint64_t found)
{
	if (stated == found)
		return;
	v->facts_right = false;
	custody_findings_add(v->findings, CUSTODY_FINDING_TOTALS_MISMATCH, NULL, 0, "%s: stated %llu, found %llu", what, (unsigned long long)stated,
		(unsigned long long)found);
}

/* bag-info.txt, acquisition.json and seal.json say the same, and what was found. */
static int check_facts(struct verify *v, const struct custody_lists_result *lists, struct custody_error *err)
{
	struct custody_buf *text = small(v, CUSTODY_MEMBER_BAG_INFO);
	/* What the sealer stated can be compared where it is the sealer's: of a package that was changed, the wrong person would be asked. */
	bool signed_so = lists->asic_digests && v->report->seal.arithmetic;
	struct custody_bag_info info;

	if (!text || !v->has_sealfile || !v->has_acquisition) {
		v->facts_right = false;
		return 0;
	}
	fact_differs(v, "exceptions (seal.json against acquisition.json)", v->sealfile.exceptions, v->acquisition.exceptions);
	if (signed_so)
		custody_stated_times(&v->sealfile, &v->acquisition, &v->report->seal, v->findings);
	if (custody_bag_info_parse((char *)text->data, text->len, &info, err)) {
		v->facts_right = false;
		return custody_findings_take(v->findings, CUSTODY_FINDING_LIST_MALFORMED, "bag-info.txt", err);
	}
	fact_differs(v, "bytes in Payload-Oxum", info.oxum_bytes, lists->data_bytes);
	fact_differs(v, "files in Payload-Oxum", info.oxum_files, lists->data_members);
	if (signed_so)
		custody_stated_bag_info(&v->sealfile, &info, v->findings);
	if (strcmp(info.uuid, v->sealfile.uuid) == 0)
		return 0;
	v->facts_right = false;
	custody_findings_add(v->findings, CUSTODY_FINDING_LISTS_DISAGREE, "bag-info.txt", 12, "it names another package than seal.json");
	return 0;
}

/* ---- the seal ---- */

/* Digests of a member's bytes: SHA-256, and that which the signature over it was made by. A signature that cannot be read is refused before it asks for one. */
static int hash_member(
	struct verify *v, enum custody_member_class c, struct custody_bytes signature, struct custody_digest_values *out, struct custody_error *err)
{
	const struct custody_zip_member *m = &v->index.member[c];
	CUSTODY_CLEANUP(custody_digest_set_release) struct custody_digest_set set = { .n = 0 };
	struct custody_error unreadable = CUSTODY_ERROR_INIT;
	CUSTODY_FREE uint8_t *chunk = NULL;
	struct custody_cms cms;
	uint32_t mask = CUSTODY_DIGEST_BIT(CUSTODY_SHA256);

	out->mask = 0;
	if (!v->index.has[c])
		return 0;
	if (signature.p && custody_cms_parse(signature, CUSTODY_CMS_SEAL, &cms, &unreadable) == 0)
		mask |= CUSTODY_DIGEST_BIT(cms.digest);
	chunk = malloc(CHUNK);
	if (!chunk)
		return custody_fail_nomem(err);
	if (custody_digest_set_new(&set, mask, err))
		return -1;
	for (uint64_t done = 0; done < m->size;) {
		size_t n = m->size - done < CHUNK ? (size_t)(m->size - done) : CHUNK;

		if (custody_source_read(v->source, m->data_offset + done, chunk, n, err) || custody_digest_set_update(&set, chunk, n, err))
			return -1;
		done += n;
	}
	return custody_digest_set_finish(&set, out, err);
}

static struct custody_bytes signature_bytes(struct verify *v, enum custody_member_class c)
{
	const struct custody_buf *der = small(v, c);

	return der ? (struct custody_bytes){ der->data, der->len } : (struct custody_bytes){ NULL, 0 };
}

/* What the signature is checked over must be what the pass meets: otherwise a file that changes could show one manifest to be signed, another to be kept. */
static void note_signed(struct verify *v, enum custody_member_class c, const struct custody_digest_values *digests)
{
	if (!v->index.has[c])
		return;
	v->seen[c].there = true;
	memcpy(v->seen[c].sha256, digests->value[CUSTODY_SHA256], 32);
}

static int check_seal(struct verify *v, struct custody_error *err)
{
	struct custody_seal_input in = {
		.signature = { signature_bytes(v, CUSTODY_MEMBER_SIGNATURE_1), signature_bytes(v, CUSTODY_MEMBER_SIGNATURE_2) },
		.has_sealfile = v->has_sealfile,
		.trust = v->o->trust,
		.evaluated_at = v->o->evaluated_at,
		.now = v->o->now,
	};

	if (v->has_sealfile) {
		in.requires_lt = v->sealfile.requires_lt;
		in.authorities = (const uint8_t(*)[32])v->sealfile.authorities;
		in.n_authorities = v->sealfile.n_authorities;
	}
	if (hash_member(v, CUSTODY_MEMBER_ASIC_1, in.signature[0], &in.manifest[0], err) ||
		hash_member(v, CUSTODY_MEMBER_ASIC_2, in.signature[1], &in.manifest[1], err))
		return -1;
	note_signed(v, CUSTODY_MEMBER_ASIC_1, &in.manifest[0]);
	note_signed(v, CUSTODY_MEMBER_ASIC_2, &in.manifest[1]);
	if (custody_seal_check(&in, v->findings, &v->report->seal, err))
		return -1;
	v->report->has_seal = v->has_sealfile;
	if (v->report->seal.seal_pass)
		v->report->shown |= CUSTODY_SHOWN_SEAL;
	if (v->report->seal.time_pass)
		v->report->shown |= CUSTODY_SHOWN_TIME;
	return 0;
}

/* ---- the whole ---- */

static void take_lists(struct verify *v, const struct custody_lists_result *lists)
{
	struct custody_report *r = v->report;

	r->files = lists->files;
	r->unread_folders = lists->unread_folders;
	r->has_lists = lists->met;
	r->all_compared = lists->inventory_whole && lists->compared == lists->data_members;
	r->compared = lists->compared;
	r->equal = lists->equal;
	memcpy(r->list_sha256, lists->list_sha256, 32);
	memcpy(r->inventory_sha256, lists->inventory_sha256, 32);
	r->shown |= lists->covered ? CUSTODY_SHOWN_COVERED : 0;
	r->shown |= lists->asic_digests ? CUSTODY_SHOWN_ASIC_DIGESTS : 0;
	r->shown |= lists->lists ? CUSTODY_SHOWN_LISTS : 0;
	r->shown |= lists->inventory ? CUSTODY_SHOWN_INVENTORY : 0;
	r->shown |= lists->tree ? CUSTODY_SHOWN_TREE : 0;
	r->shown |= v->members_right ? CUSTODY_SHOWN_MEMBERS : 0;
	if (lists->inventory && lists->files == 0)
		custody_findings_add(v->findings, CUSTODY_FINDING_NO_CONTENT, NULL, 0, NULL);
}

/* A container that has no seal.json is not ours to judge, unless its own seal says that there was one. */
static int not_ours(struct verify *v, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_asic_reader_free) struct custody_asic_reader *reader = NULL;
	const struct custody_zip_member *m = &v->index.member[CUSTODY_MEMBER_ASIC_1];
	const char *seal_file = custody_member_name(CUSTODY_MEMBER_SEAL_FILE);
	struct custody_asic_reference reference;
	struct custody_zip_member copy;
	uint8_t key[16] = { 0 };
	int r;

	/* The member of a record that no package has. */
	r = custody_zip_find(&v->zip, custody_record_copy_name(0), &copy, err);
	if (r < 0)
		return -1;
	custody_findings_add(v->findings, CUSTODY_FINDING_NOT_A_CUSTODY_PACKAGE, NULL, 0,
		r == 1 ? "it has what a custody record has: a record is judged beside its package, with --record" : NULL);
	r = 0;
	if (v->index.has[CUSTODY_MEMBER_ASIC_1] &&
		custody_asic_reader_new(&reader, v->source, m->data_offset, m->size, custody_member_name(CUSTODY_MEMBER_SIGNATURE_1), key, 0, err))
		return err->kind == CUSTODY_ERR_FORMAT || err->kind == CUSTODY_ERR_LIMIT ? 0 : -1;
	while (reader && (r = custody_asic_reader_next(reader, &reference, err)) == 1)
		if (strcmp(reference.member, seal_file) == 0)
			custody_findings_add(v->findings, CUSTODY_FINDING_MEMBER_MISSING, seal_file, strlen(seal_file),
				"the seal lists it, the container does not have it");
	return r < 0 && err->kind != CUSTODY_ERR_FORMAT && err->kind != CUSTODY_ERR_LIMIT ? -1 : 0;
}

/* Findings about members are for packages of ours; of somebody else's container they would say nothing. */
static int index_ours(struct verify *v, bool *ours, struct custody_error *err)
{
	struct custody_zip_member m;
	int r = custody_zip_find(&v->zip, custody_member_name(CUSTODY_MEMBER_SEAL_FILE), &m, err);

	if (r < 0)
		return -1;
	*ours = r == 1;
	if (r == 1) {
		if (index_members(v, err))
			return -1;
		name_missing(v);
		return 0;
	}
	r = custody_zip_find(&v->zip, custody_member_name(CUSTODY_MEMBER_ASIC_1), &v->index.member[CUSTODY_MEMBER_ASIC_1], err);
	v->index.has[CUSTODY_MEMBER_ASIC_1] = r == 1;
	return r < 0 || not_ours(v, err) ? -1 : 0;
}

static struct custody_pass pass_of(struct verify *v)
{
	return (struct custody_pass){ v->source, v->o, &v->zip, v->seen, v->lists, &v->statements, v->report };
}

static int judge_package(struct verify *v, struct custody_error *err)
{
	struct custody_lists_options options = { &v->zip, &v->index, NULL, v->o->random, v->findings };
	struct custody_lists_result lists;
	struct custody_pass passing;
	int r;

	v->facts_right = true;
	if (read_small_members(v, err) || parse_sealfile(v, err) || parse_acquisition(v, err))
		return -1;
	check_constants(v);
	if (check_seal(v, err))
		return -1;
	options.sealfile = v->has_sealfile ? &v->sealfile : NULL;
	v->statements.requested.presented = v->o->documents;
	v->statements.requested.n_presented = v->o->n_documents;
	if (custody_lists_new(&v->lists, &options, err) || custody_statements_begin(&v->statements, &v->zip, &v->index, v->report, err))
		return -1;
	custody_lists_watch(v->lists, custody_statements_item, &v->statements);
	passing = pass_of(v);
	r = custody_pass_package(&passing, err);
	if (r <= 0)
		return r;
	if (custody_lists_finish(v->lists, err))
		return -1;
	custody_lists_result(v->lists, &lists);
	if (custody_statements_finish(&v->statements, v->report, lists.inventory_whole, err))
		return -1;
	take_lists(v, &lists);
	if (check_facts(v, &lists, err))
		return -1;
	if (v->facts_right)
		v->report->shown |= CUSTODY_SHOWN_FACTS;
	return 0;
}

static int judge_file(struct verify *v, struct custody_error *err)
{
	bool ours = false;
	struct custody_pass passing;
	int r = check_directory(v, err);

	if (r < 0 || (r == 1 && index_ours(v, &ours, err)))
		return -1;
	if (ours)
		return judge_package(v, err);
	passing = pass_of(v);
	return custody_pass_file(&passing, err);
}

static void judge_expected(struct verify *v)
{
	struct custody_report *r = v->report;

	r->has_expected = v->o->has_expected;
	if (!v->o->has_expected || !r->has_package)
		return;
	memcpy(r->expected, v->o->expected, 32);
	if (memcmp(r->expected, r->sha256, 32) != 0)
		custody_findings_add(v->findings, CUSTODY_FINDING_NOT_THE_PACKAGE_EXPECTED, NULL, 0, NULL);
}

static int add_anchor(struct custody_report *r, const struct custody_certificate *c, const char *file, const char *from, struct custody_error *err)
{
	size_t room = strlen(file) + strlen(from) + 8;
	char *text = malloc(room);

	if (!text)
		return custody_fail_nomem(err);
	snprintf(text, room, "%s/%s", from, file);
	memcpy(r->anchors[r->n_anchors].sha256, c->sha256, 32);
	r->anchors[r->n_anchors++].from = text;
	return 0;
}

/* The report names its inputs (rule 10). */
static int report_inputs(struct verify *v, struct custody_error *err)
{
	const struct custody_trust *t = v->o->trust;
	struct custody_report *r = v->report;
	const char *from = t->from ? t->from : "";

	r->evaluated_at = v->o->evaluated_at;
	r->at_chosen = v->o->at_chosen;
	r->anchors_own_lab = t->own_lab;
	r->anchors = calloc(t->n_signers + t->n_tsas + 1, sizeof(*r->anchors));
	if (!r->anchors)
		return custody_fail_nomem(err);
	for (size_t i = 0; i < t->n_signers; i++)
		if (add_anchor(r, &t->signers[i], "signers.pem", from, err))
			return -1;
	for (size_t i = 0; i < t->n_tsas; i++)
		if (add_anchor(r, &t->tsas[i], "tsas.pem", from, err))
			return -1;
	if (t->n_signers == 0)
		custody_findings_add(v->findings, CUSTODY_FINDING_NO_ANCHORS, NULL, 0, NULL);
	return 0;
}

/* SHA-256 of a member that was read before the pass, NULL if it was not. */
static const uint8_t *digest_of(const struct verify *v, enum custody_member_class c)
{
	return v->seen[c].there ? v->seen[c].sha256 : NULL;
}

static int copy_path(char **to, const char *path, struct custody_error *err)
{
	*to = path ? strdup(path) : NULL;
	return path && !*to ? custody_fail_nomem(err) : 0;
}

/* The report names the record, and what shows where it ends (rule 10). */
static int report_record_inputs(struct verify *v, const struct custody_record_view *view, struct custody_error *err)
{
	const struct custody_verify_options *o = v->o;
	struct custody_record_inputs *in = &v->report->record_given;

	in->has_sha256 = view->has_sha256;
	memcpy(in->sha256, view->sha256, 32);
	in->has_counterpart = o->counterpart != NULL;
	in->in_counterpart = view->in_counterpart;
	in->has_counterpart_sha256 = o->counterpart && o->counterpart_sha256;
	if (in->has_counterpart_sha256)
		memcpy(in->counterpart_sha256, o->counterpart_sha256, 32);
	if (copy_path(&in->path, o->record_path, err) || copy_path(&in->counterpart, o->counterpart ? o->counterpart_path : NULL, err))
		return -1;
	in->heads = calloc(o->n_heads + 1, sizeof(*in->heads));
	if (!in->heads)
		return custody_fail_nomem(err);
	for (; in->n_heads < o->n_heads; in->n_heads++) {
		memcpy(in->heads[in->n_heads].sha256, o->heads[in->n_heads], 32);
		in->heads[in->n_heads].event = custody_record_find_head(&view->record, o->heads[in->n_heads]);
	}
	return 0;
}

/* The record is judged by itself, and then against this package. */
static int judge_record(struct verify *v, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_record_view_release) struct custody_record_view view = { .n = 0 };
	const struct custody_verify_options *o = v->o;
	struct custody_report *r = v->report;
	const struct custody_record_question question = { .trust = o->trust,
		.evaluated_at = o->evaluated_at,
		.now = o->now,
		.random = o->random,
		.heads = o->heads,
		.n_heads = o->n_heads,
		.counterpart = o->counterpart,
		.package_sha256 = r->has_package ? r->sha256 : NULL,
		.package_size = r->size,
		.seal_sha256 = {
			digest_of(v, CUSTODY_MEMBER_SEAL_FILE), digest_of(v, CUSTODY_MEMBER_ASIC_2), digest_of(v, CUSTODY_MEMBER_SIGNATURE_2) } };

	if (!o->record)
		return 0;
	r->has_record = true;
	if (custody_record_judge(o->record, &question, v->findings, &view, err))
		return -1;
	if (custody_record_tell(&view, &r->account, err) || report_record_inputs(v, &view, err))
		return -1;
	r->record_events = view.record.n;
	r->record_anchored = view.anchored == view.record.n && view.whole;
	if (view.passed && r->has_package)
		r->shown |= CUSTODY_SHOWN_RECORD;
	return 0;
}

static void verify_release(struct verify *v)
{
	for (int c = 0; c < CUSTODY_MEMBER_CLASSES; c++)
		custody_buf_release(&v->bytes[c]);
	custody_sealfile_release(&v->sealfile);
	custody_lists_free(&v->lists);
	custody_statements_release(&v->statements);
}

static int verify_source(
	const struct custody_source *source, const struct custody_verify_options *options, struct custody_report *report, struct custody_error *err)
{
	CUSTODY_CLEANUP(verify_release) struct verify v = { .source = source, .o = options, .report = report, .findings = &report->findings };

	custody_sealfile_init(&v.sealfile);
	if (report_inputs(&v, err))
		return -1;
	/* What passed once and is refused on second sight was changed meanwhile: a finding, and whatever was not shown stays so. */
	if (judge_file(&v, err) && custody_findings_take(v.findings, CUSTODY_FINDING_PACKAGE_CHANGED_WHILE_READ, NULL, err))
		return -1;
	judge_expected(&v);
	if (judge_record(&v, err))
		return -1;
	int unchanged = custody_source_unchanged(source, err);
	if (unchanged < 0)
		return -1;
	if (!unchanged)
		custody_findings_add(
			v.findings, CUSTODY_FINDING_PACKAGE_CHANGED_WHILE_READ, NULL, 0, "size or times of the file are not those of the beginning");
	else if (report->findings.count[CUSTODY_FINDING_PACKAGE_CHANGED_WHILE_READ] == 0)
		report->shown |= CUSTODY_SHOWN_UNCHANGED;
	return 0;
}

int custody_verify_unchecked(
	const struct custody_source *source, const struct custody_verify_options *options, struct custody_report *report, struct custody_error *err)
{
	if (verify_source(source, options, report, err)) {
		report->verdict = CUSTODY_VERDICT_NONE;
		return -1;
	}
	report->shown |= CUSTODY_SHOWN_SELF_TEST;
	custody_verdict_decide(report);
	if (!report->findings.out_of_memory || report->verdict == CUSTODY_VERDICT_INVALID)
		return 0;
	/* A finding was lost. What that leaves open is no property of the package. */
	report->verdict = CUSTODY_VERDICT_NONE;
	return custody_fail_nomem(err);
}

int custody_verify(
	const struct custody_source *source, const struct custody_verify_options *options, struct custody_report *report, struct custody_error *err)
{
	if (custody_self_test(err))
		return -1;
	return custody_verify_unchecked(source, options, report, err);
}
