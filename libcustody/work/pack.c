/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/work/pack.h"

#include <string.h>

#include <openssl/crypto.h>

#include "libcustody/package/asic.h"
#include "libcustody/package/bag.h"
#include "libcustody/package/members.h"
#include "libcustody/work/lab.h"

#define CHUNK ((size_t)64 << 10)
#define EXCEPTIONS_MAX \
	(CUSTODY_LIMIT_ACQUISITION - ((uint64_t)4 << 20)) /* bytes: the rest is for what stands before them, mounts, links and arguments */

static int init_spools(struct custody_pack *p, int dir_fd, struct custody_error *err)
{
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		if ((p->digests & CUSTODY_DIGEST_BIT(id)) && custody_digest_get((enum custody_digest_id)id)->bagit &&
			custody_spool_init(&p->list[id], dir_fd, err))
			return -1;
	return custody_spool_init(&p->inventory, dir_fd, err) || custody_spool_init(&p->asic, dir_fd, err) ||
			       custody_spool_init(&p->exceptions, dir_fd, err)
		       ? -1
		       : 0;
}

/* ---- lists that could not be verified ---- */

static int too_long(const char *member, uint64_t size, uint64_t max, struct custody_error *err)
{
	custody_fail(err, CUSTODY_ERR_LIMIT, "'%s' would have at least %llu bytes, at most %llu can be verified", member, (unsigned long long)size,
		(unsigned long long)max);
	return custody_hint(err, "seal it as several packages, folder by folder, or put folders of many small files into one file each (tar)");
}

/* What is in p->line goes to the spool of that member, unless the list could not be verified then: what cannot be sealed is not read to its end first. */
static int flush_line(struct custody_pack *p, struct custody_spool *s, const char *member, uint64_t max, struct custody_error *err)
{
	const uint64_t size = custody_spool_size(s) + p->line.len;

	return size > max ? too_long(member, size, max, err) : custody_spool_append(s, p->line.data, p->line.len, err);
}

/* Lengths of the shortest line of an item, and of what a line has more for the status of an item and for content; the path is x, the member data/x. */
struct least {
	size_t item, status, content;
};

static int measure(const struct custody_item *item, size_t *out, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf line = { 0 };

	custody_buf_init(&line, CUSTODY_LIMIT_LINE);
	if (custody_item_format(&line, item, err))
		return -1;
	*out = line.len + 1; /* its LF */
	return 0;
}

static int measure_lines(uint32_t digests, struct least *out, struct custody_error *err)
{
	struct custody_item item = { .path = { (const uint8_t *)"x", 1 }, .kind = CUSTODY_KIND_DIR };
	size_t plain, full;

	if (measure(&item, &out->item, err))
		return -1;
	for (int i = CUSTODY_TIME_MODIFIED; i <= CUSTODY_TIME_ACCESSED; i++)
		item.has_time[i] = true;
	item.has_mode = item.has_owner = true;
	item.user = item.group = ""; /* shorter than null */
	if (measure(&item, &full, err))
		return -1;
	out->status = full - out->item;
	item = (struct custody_item){ .path = { (const uint8_t *)"x", 1 },
		.kind = CUSTODY_KIND_FILE,
		.has_content = true,
		.member = "data/x",
		.digests = { .mask = digests | CUSTODY_DIGEST_BIT(CUSTODY_SHA256) } };
	if (measure(&item, &plain, err))
		return -1;
	out->content = plain - out->item;
	return 0;
}

int custody_pack_fits(uint32_t digests, const struct custody_pack_extent *e, uint64_t max, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf line = { 0 };
	char name[CUSTODY_LIST_NAME];
	const size_t member = sizeof("data/x") - 1;
	const uint8_t sha256[32] = { 0 };
	struct least least;
	uint64_t size;

	custody_buf_init(&line, CUSTODY_LIMIT_LINE);
	if (measure_lines(digests, &least, err) || custody_asic_append_reference(&line, "data/x", sha256, err))
		return -1;
	size = e->items * (least.item - 1) + e->path_bytes + e->with_status * least.status + e->files * (least.content - member) + e->member_bytes;
	if (size > max)
		return too_long(custody_member_name(CUSTODY_MEMBER_INVENTORY), size, max, err);
	size = e->files * (line.len - member) + e->member_bytes;
	if (size > max)
		return too_long(custody_member_name(CUSTODY_MEMBER_ASIC_1), size, max, err);
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		const struct custody_digest_info *info = custody_digest_get((enum custody_digest_id)id);

		if (!(digests & CUSTODY_DIGEST_BIT(id)) || !info->bagit)
			continue;
		size = e->files * (2 * (uint64_t)info->size + 3) + e->member_bytes; /* two spaces and an LF */
		custody_member_list_name((enum custody_digest_id)id, name);
		if (size > max)
			return too_long(name, size, max, err);
	}
	return 0;
}

/* ---- beginning ---- */

/* The signed list has an end, which must fit too. */
static int flush_asic(struct custody_pack *p, struct custody_error *err)
{
	return flush_line(p, &p->asic, custody_member_name(CUSTODY_MEMBER_ASIC_1), p->list_max - p->tail_asic.max, err);
}

int custody_pack_init(struct custody_pack *p, int fd, int dir_fd, const char *name, uint32_t digests, const struct custody_random *random,
	struct custody_error *err)
{
	uint8_t key[16];

	memset(p, 0, sizeof(*p));
	p->digests = digests | CUSTODY_DIGEST_BIT(CUSTODY_SHA256);
	p->list_max = CUSTODY_LIMIT_LIST;
	custody_buf_init(&p->tags, CUSTODY_LIMIT_SMALL_MEMBER);
	custody_buf_init(&p->line, CUSTODY_LIMIT_LINE);
	custody_buf_init(&p->member, CUSTODY_LIMIT_PATH);
	custody_buf_init(&p->acquisition, (size_t)CUSTODY_LIMIT_ACQUISITION);
	custody_buf_init(&p->sealfile, CUSTODY_LIMIT_SMALL_MEMBER);
	custody_buf_init(&p->tail_tags, CUSTODY_LIMIT_SMALL_MEMBER);
	custody_buf_init(&p->tail_asic, CUSTODY_LIMIT_SMALL_MEMBER);
	custody_buf_init(&p->asic_2, CUSTODY_LIMIT_SMALL_MEMBER);
	for (size_t i = 0; i < 2; i++)
		custody_buf_init(&p->signature[i], (size_t)CUSTODY_LIMIT_SIGNATURE);
	if (custody_random_fill(random, p->seed, sizeof(p->seed), err) || custody_random_fill(random, key, sizeof(key), err))
		return -1;
	custody_names_init(&p->names, key);
	if (custody_zip_writer_new(&p->zip, fd, dir_fd, name, err) || init_spools(p, dir_fd, err) || custody_tree_init(&p->tree, err) ||
		custody_digest_new(&p->sha256, CUSTODY_SHA256, err) || custody_hmac_new(&p->hmac, err) ||
		custody_asic_append_head(&p->line, custody_member_name(CUSTODY_MEMBER_SIGNATURE_1), err) || flush_asic(p, err))
		return -1;
	return custody_zip_writer_add(p->zip, custody_member_name(CUSTODY_MEMBER_MIMETYPE), CUSTODY_MIMETYPE, strlen(CUSTODY_MIMETYPE), err);
}

void custody_pack_release(struct custody_pack *p)
{
	custody_zip_writer_free(&p->zip);
	custody_names_release(&p->names);
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++)
		custody_spool_release(&p->list[id]);
	custody_spool_release(&p->inventory);
	custody_spool_release(&p->asic);
	custody_spool_release(&p->exceptions);
	custody_buf_release(&p->tags);
	custody_buf_release(&p->line);
	custody_buf_release(&p->member);
	custody_buf_release(&p->acquisition);
	custody_buf_release(&p->sealfile);
	custody_buf_release(&p->tail_tags);
	custody_buf_release(&p->tail_asic);
	custody_buf_release(&p->asic_2);
	for (size_t i = 0; i < 2; i++)
		custody_buf_release(&p->signature[i]);
	custody_tree_release(&p->tree);
	custody_digest_release(&p->sha256);
	custody_hmac_release(&p->hmac);
	OPENSSL_cleanse(p->seed, sizeof(p->seed));
}

int custody_pack_begin(struct custody_pack *p, const char *member, uint64_t size, struct custody_error *err)
{
	return custody_zip_writer_begin(p->zip, member, size, err);
}

int custody_pack_write(struct custody_pack *p, const uint8_t *data, size_t n, uint32_t crc, struct custody_error *err)
{
	return custody_zip_writer_write_crc(p->zip, data, n, crc, err);
}

int custody_pack_cut(struct custody_pack *p, struct custody_error *err)
{
	return custody_zip_writer_cut(p->zip, err);
}

/* The signed list names every covered member, in member order. */
static int cover(struct custody_pack *p, const char *member, const uint8_t sha256[32], struct custody_error *err)
{
	custody_buf_clear(&p->line);
	return custody_asic_append_reference(&p->line, member, sha256, err) || flush_asic(p, err) ? -1 : 0;
}

int custody_pack_end(struct custody_pack *p, const struct custody_item *item, struct custody_error *err)
{
	char name[CUSTODY_LIST_NAME];

	if (custody_zip_writer_end(p->zip, err))
		return -1;
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		const struct custody_digest_info *info = custody_digest_get((enum custody_digest_id)id);

		if (!(p->digests & CUSTODY_DIGEST_BIT(id)) || !info->bagit)
			continue;
		custody_buf_clear(&p->line);
		custody_member_list_name((enum custody_digest_id)id, name);
		if (custody_bag_append_line(&p->line, item->digests.value[id], info->size, item->member, err) ||
			flush_line(p, &p->list[id], name, p->list_max, err))
			return -1;
	}
	p->files++;
	p->bytes += item->size;
	return cover(p, item->member, item->digests.value[CUSTODY_SHA256], err);
}

/* HMAC-SHA-256 of n, as eight bytes, most significant first, cut to 16. */
static int make_salt(struct custody_pack *p, uint64_t n, uint8_t salt[16], struct custody_error *err)
{
	uint8_t message[8], mac[32];

	for (int i = 0; i < 8; i++)
		message[i] = (uint8_t)(n >> (56 - 8 * i));
	if (custody_hmac_compute(&p->hmac, p->seed, sizeof(p->seed), message, sizeof(message), mac, err))
		return -1;
	memcpy(salt, mac, 16);
	return 0;
}

int custody_pack_item(struct custody_pack *p, struct custody_item *item, struct custody_error *err)
{
	if (item->n != p->items)
		return custody_fail(
			err, CUSTODY_ERR_INTERNAL, "item %llu comes as number %llu", (unsigned long long)item->n, (unsigned long long)p->items);
	custody_buf_clear(&p->line);
	if (make_salt(p, item->n, item->salt, err) || custody_item_format(&p->line, item, err) ||
		custody_tree_add(&p->tree, p->line.data, p->line.len, err) || custody_buf_append_byte(&p->line, '\n', err))
		return -1;
	p->items++;
	return flush_line(p, &p->inventory, custody_member_name(CUSTODY_MEMBER_INVENTORY), p->list_max, err);
}

int custody_pack_exception(struct custody_pack *p, const struct custody_acquisition_exception *e, const char *reason, struct custody_error *err)
{
	custody_buf_clear(&p->line);
	if (custody_acquisition_append_exception(&p->line, p->n_exceptions == 0, e, reason, err))
		return -1;
	p->n_exceptions++;
	return flush_line(p, &p->exceptions, custody_member_name(CUSTODY_MEMBER_ACQUISITION), EXCEPTIONS_MAX, err);
}

/* ---- closing ---- */

/* A tag file is covered by the signed list and by tagmanifest. */
static int list_tag(struct custody_pack *p, const char *member, const uint8_t sha256[32], struct custody_error *err)
{
	return custody_bag_append_line(&p->tags, sha256, 32, member, err) || cover(p, member, sha256, err) ? -1 : 0;
}

static int add_tag(struct custody_pack *p, const char *member, const void *data, size_t n, struct custody_error *err)
{
	uint8_t sha256[32];

	if (custody_digest_once(CUSTODY_SHA256, data, n, sha256, err) || custody_zip_writer_add(p->zip, member, data, n, err))
		return -1;
	return list_tag(p, member, sha256, err);
}

/* Digest of a whole spool, and of what is to follow it. */
static int hash_spool(struct custody_spool *s, const struct custody_buf *tail, enum custody_digest_id id, uint8_t *out, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_digest_release) struct custody_digest d = { 0 };
	CUSTODY_FREE uint8_t *chunk = malloc(CHUNK);
	uint64_t size = custody_spool_size(s);

	if (!chunk)
		return custody_fail_nomem(err);
	if (custody_digest_new(&d, id, err) || custody_digest_start(&d, err))
		return -1;
	for (uint64_t at = 0; at < size;) {
		size_t n = size - at < CHUNK ? (size_t)(size - at) : CHUNK;

		if (custody_spool_read(s, at, chunk, n, err) || custody_digest_update(&d, chunk, n, err))
			return -1;
		at += n;
	}
	if (tail && custody_digest_update(&d, tail->data, tail->len, err))
		return -1;
	return custody_digest_finish(&d, out, err);
}

static int hash_list(const char *member, struct custody_spool *s, uint8_t sha256[32], struct custody_error *err)
{
	if (custody_spool_size(s) > CUSTODY_LIMIT_LIST)
		return too_long(member, custody_spool_size(s), CUSTODY_LIMIT_LIST, err);
	return hash_spool(s, NULL, CUSTODY_SHA256, sha256, err);
}

static int add_tag_spool(struct custody_pack *p, const char *member, struct custody_spool *s, struct custody_error *err)
{
	uint8_t sha256[32];

	if (hash_list(member, s, sha256, err) || custody_zip_writer_add_spool(p->zip, member, s, err))
		return -1;
	return list_tag(p, member, sha256, err);
}

static int add_bag_files(struct custody_pack *p, const struct custody_pack_seal *s, struct custody_error *err)
{
	struct custody_bag_info info = {
		.organisation = s->organisation,
		.contact = s->contact,
		.oxum_bytes = p->bytes,
		.oxum_files = p->files,
		.agent = s->agent,
	};
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };
	char date[CUSTODY_TIME_TEXT], name[CUSTODY_LIST_NAME];
	static const enum custody_digest_id first = CUSTODY_SHA256;

	custody_buf_init(&text, CUSTODY_LIMIT_SMALL_MEMBER);
	memcpy(info.uuid, s->sealfile->uuid, sizeof(info.uuid));
	custody_time_format(s->sealfile->sealed, date);
	memcpy(info.date, date, 10);
	if (custody_bag_info_format(&text, &info, err) || add_tag(p, "bagit.txt", custody_bagit_txt, strlen(custody_bagit_txt), err) ||
		add_tag(p, "bag-info.txt", text.data, text.len, err))
		return -1;
	custody_member_list_name(first, name);
	if (add_tag_spool(p, name, &p->list[first], err))
		return -1;
	for (int id = 0; id < CUSTODY_DIGEST_COUNT; id++) {
		if (id == (int)first || !p->list[id].buf)
			continue;
		custody_member_list_name((enum custody_digest_id)id, name);
		if (add_tag_spool(p, name, &p->list[id], err))
			return -1;
	}
	return 0;
}

/* acquisition.json, kept until it is written: its exceptions are spooled. */
static int make_acquisition(struct custody_pack *p, const struct custody_acquisition *a, struct custody_error *err)
{
	uint64_t size = custody_spool_size(&p->exceptions);

	if (custody_acquisition_append_head(&p->acquisition, a, err) || custody_buf_reserve(&p->acquisition, (size_t)size, err) ||
		custody_spool_read(&p->exceptions, 0, p->acquisition.data + p->acquisition.len, (size_t)size, err))
		return -1;
	p->acquisition.len += (size_t)size;
	return custody_acquisition_append_tail(&p->acquisition, err);
}

int custody_pack_list(struct custody_pack *p, const struct custody_pack_seal *s, struct custody_error *err)
{
	if (add_bag_files(p, s, err) || hash_list(custody_member_name(CUSTODY_MEMBER_INVENTORY), &p->inventory, p->inventory_sha256, err))
		return -1;
	p->request = s->request;
	p->claims = s->claims;
	if (p->claims && hash_list(custody_member_name(CUSTODY_MEMBER_CLAIMS), p->claims, p->claims_sha256, err))
		return -1;
	return make_acquisition(p, s->acquisition, err);
}

/* ---- signing: everything that seal.json has a part in is made again with it ---- */

/* The facts that only the finished lists know. */
static int make_sealfile(struct custody_pack *p, const struct custody_pack_seal *s, struct custody_error *err)
{
	struct custody_sealfile *f = s->sealfile;

	f->items = p->items;
	f->tree_size = p->items;
	f->bytes = p->bytes;
	f->exceptions = p->n_exceptions;
	f->digests = p->digests;
	f->n_authorities = s->n_authorities > 0 ? s->n_authorities : 1;
	if (s->n_authorities > 0)
		memcpy(f->authorities, s->authorities, s->n_authorities * sizeof(f->authorities[0]));
	else
		memcpy(f->authorities[0], s->keys->stamper.certificate.sha256, 32);
	custody_buf_clear(&p->sealfile);
	return custody_tree_root(&p->tree, f->tree_root, err) || custody_sealfile_format(&p->sealfile, f, err) ? -1 : 0;
}

static int tail_tag(struct custody_pack *p, enum custody_member_class c, const uint8_t sha256[32], struct custody_error *err)
{
	const char *member = custody_member_name(c);

	return custody_bag_append_line(&p->tail_tags, sha256, 32, member, err) || custody_asic_append_reference(&p->tail_asic, member, sha256, err)
		       ? -1
		       : 0;
}

static int tail_tag_bytes(struct custody_pack *p, enum custody_member_class c, const void *data, size_t n, struct custody_error *err)
{
	uint8_t sha256[32];

	return custody_digest_once(CUSTODY_SHA256, data, n, sha256, err) || tail_tag(p, c, sha256, err) ? -1 : 0;
}

/* What tagmanifest-sha256.txt and the signed list have behind the checksum lists. */
static int make_tails(struct custody_pack *p, struct custody_error *err)
{
	CUSTODY_CLEANUP(custody_digest_release) struct custody_digest d = { 0 };
	uint8_t sha256[32];

	custody_buf_clear(&p->tail_tags);
	custody_buf_clear(&p->tail_asic);
	if (tail_tag_bytes(p, CUSTODY_MEMBER_SEAL_FILE, p->sealfile.data, p->sealfile.len, err) ||
		tail_tag(p, CUSTODY_MEMBER_INVENTORY, p->inventory_sha256, err) ||
		tail_tag_bytes(p, CUSTODY_MEMBER_ACQUISITION, p->acquisition.data, p->acquisition.len, err) ||
		(p->request.n > 0 && tail_tag_bytes(p, CUSTODY_MEMBER_REQUEST, p->request.p, p->request.n, err)) ||
		(p->claims && tail_tag(p, CUSTODY_MEMBER_CLAIMS, p->claims_sha256, err)) ||
		tail_tag_bytes(p, CUSTODY_MEMBER_VERIFY, custody_verify_txt, custody_verify_txt_len, err))
		return -1;
	if (custody_digest_new(&d, CUSTODY_SHA256, err) || custody_digest_start(&d, err) ||
		custody_digest_update(&d, p->tags.data, p->tags.len, err) || custody_digest_update(&d, p->tail_tags.data, p->tail_tags.len, err) ||
		custody_digest_finish(&d, sha256, err))
		return -1;
	return custody_asic_append_reference(&p->tail_asic, custody_member_name(CUSTODY_MEMBER_TAG_LIST), sha256, err) ||
			       custody_asic_append_tail(&p->tail_asic, err)
		       ? -1
		       : 0;
}

/* The disclosable seal's manifest: over seal.json alone. */
static int make_disclosable(struct custody_pack *p, struct custody_error *err)
{
	uint8_t sha256[32];

	custody_buf_clear(&p->asic_2);
	if (custody_digest_once(CUSTODY_SHA256, p->sealfile.data, p->sealfile.len, sha256, err) ||
		custody_asic_append_head(&p->asic_2, custody_member_name(CUSTODY_MEMBER_SIGNATURE_2), err) ||
		custody_asic_append_reference(&p->asic_2, custody_member_name(CUSTODY_MEMBER_SEAL_FILE), sha256, err))
		return -1;
	return custody_asic_append_tail(&p->asic_2, err);
}

/* One signature over a content of this digest; with the lab's own time-stamp if nobody else will stamp. */
static int make_signature(const struct custody_pack_seal *s, const uint8_t *digest, struct custody_buf *out, struct custody_error *err)
{
	struct custody_sign_request request = {
		.signer = &s->keys->signer,
		.content_digest = digest,
		.content_digest_len = custody_digest_get(custody_signer_digest(&s->keys->signer))->size,
		.signing_time = s->sealfile->sealed,
		.stamper = s->n_authorities > 0 ? NULL : &s->keys->stamper,
		.random = s->random,
		.crls = &s->keys->crl,
		.n_crls = s->sealfile->requires_lt ? 1 : 0,
	};

	custody_buf_clear(out);
	if (request.stamper && s->clock->now(s->clock->ctx, &request.stamp_time, err))
		return -1;
	return custody_sign(&request, out, err);
}

int custody_pack_sign(struct custody_pack *p, const struct custody_pack_seal *s, struct custody_error *err)
{
	enum custody_digest_id id = custody_signer_digest(&s->keys->signer);
	uint8_t digest[2][CUSTODY_DIGEST_MAX];

	if (make_sealfile(p, s, err) || make_tails(p, err) || make_disclosable(p, err) || hash_spool(&p->asic, &p->tail_asic, id, digest[0], err) ||
		custody_digest_once(id, p->asic_2.data, p->asic_2.len, digest[1], err))
		return -1;
	return make_signature(s, digest[0], &p->signature[0], err) || make_signature(s, digest[1], &p->signature[1], err) ? -1 : 0;
}

/* ---- writing ---- */

static int add(struct custody_pack *p, enum custody_member_class c, const struct custody_buf *b, struct custody_error *err)
{
	return custody_zip_writer_add(p->zip, custody_member_name(c), b->data, b->len, err);
}

int custody_pack_finish(struct custody_pack *p, uint64_t *size, struct custody_error *err)
{
	if (add(p, CUSTODY_MEMBER_SEAL_FILE, &p->sealfile, err) ||
		custody_zip_writer_add_spool(p->zip, custody_member_name(CUSTODY_MEMBER_INVENTORY), &p->inventory, err) ||
		add(p, CUSTODY_MEMBER_ACQUISITION, &p->acquisition, err) ||
		(p->request.n > 0 && custody_zip_writer_add(p->zip, custody_member_name(CUSTODY_MEMBER_REQUEST), p->request.p, p->request.n, err)) ||
		(p->claims && custody_zip_writer_add_spool(p->zip, custody_member_name(CUSTODY_MEMBER_CLAIMS), p->claims, err)) ||
		custody_zip_writer_add(p->zip, custody_member_name(CUSTODY_MEMBER_VERIFY), custody_verify_txt, custody_verify_txt_len, err))
		return -1;
	if (custody_buf_append(&p->tags, p->tail_tags.data, p->tail_tags.len, err) || add(p, CUSTODY_MEMBER_TAG_LIST, &p->tags, err) ||
		custody_spool_append(&p->asic, p->tail_asic.data, p->tail_asic.len, err) ||
		custody_zip_writer_add_spool(p->zip, custody_member_name(CUSTODY_MEMBER_ASIC_1), &p->asic, err))
		return -1;
	if (add(p, CUSTODY_MEMBER_SIGNATURE_1, &p->signature[0], err) || add(p, CUSTODY_MEMBER_ASIC_2, &p->asic_2, err) ||
		add(p, CUSTODY_MEMBER_SIGNATURE_2, &p->signature[1], err))
		return -1;
	return custody_zip_writer_finish(p->zip, size, err);
}
