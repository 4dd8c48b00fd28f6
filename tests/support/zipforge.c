/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/zipforge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

void zipforge_init(struct zipforge *f)
{
	memset(f, 0, sizeof(*f));
}

void zipforge_name(struct zipforge_member *m, const void *name, size_t n)
{
	if (n > sizeof(m->local.name))
		abort();
	memcpy(m->local.name, name, n);
	memcpy(m->central.name, name, n);
	m->local.name_bytes = m->central.name_bytes = n;
}

struct zipforge_member *zipforge_add(struct zipforge *f, const char *name, const void *data, size_t size)
{
	if (f->n == ZIPFORGE_MEMBERS)
		abort();
	struct zipforge_member *m = &f->members[f->n++];
	m->data = data;
	m->size = size;
	zipforge_name(m, name, strlen(name));
	return m;
}

void zipforge_package(struct zipforge *f)
{
	zipforge_init(f);
	zipforge_add(f, "mimetype", "application/vnd.etsi.asic-e+zip", 31);
	zipforge_add(f, "data/a.txt", "hello", 5);
	zipforge_add(f, "data/b/c.bin", "\0\1\2\3", 4);
}

static bool is_ascii(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] & 0x80)
			return false;
	return true;
}

static void fill(struct zipforge_record *r, const struct zipforge_member *m, uint32_t offset)
{
	r->made_by = 0x032D;
	r->needed = 20;
	r->flags = is_ascii(r->name, r->name_bytes) ? 0 : 0x0800;
	r->date = 0x21;
	r->crc = (uint32_t)crc32(0, m->data, (uInt)m->size);
	r->compressed = r->size = (uint32_t)m->size;
	r->name_len = (uint16_t)r->name_bytes;
	r->extra_len = (uint16_t)r->extra_bytes;
	r->external = 0x81A40000;
	r->offset = offset;
}

/* Sizes are those of a good package: 30 bytes and the name before each content, 46 and the name in the directory. */
void zipforge_layout(struct zipforge *f)
{
	uint32_t at = 0, directory = 0;
	for (size_t i = 0; i < f->n; i++) {
		struct zipforge_member *m = &f->members[i];
		m->local.signature = 0x04034b50;
		m->central.signature = 0x02014b50;
		fill(&m->local, m, 0);
		fill(&m->central, m, at);
		at += (uint32_t)(30 + m->local.name_bytes + m->size);
		directory += (uint32_t)(46 + m->central.name_bytes);
	}
	f->end.signature = 0x06054b50;
	f->end.here = f->end.total = (uint16_t)f->n;
	f->end.size = directory;
	f->end.offset = at;
	f->end64.signature = 0x06064b50;
	f->end64.locator_signature = 0x07064b50;
	f->end64.length = 44;
	f->end64.made_by = 0x032D;
	f->end64.needed = 45;
	f->end64.here = f->end64.total = f->n;
	f->end64.size = directory;
	f->end64.offset = at;
	f->end64.at = at + directory;
	f->end64.disks = 1;
}

void zipforge_extra(struct zipforge_record *r, uint16_t id, const void *p, size_t n)
{
	if (r->extra_bytes + 4 + n > sizeof(r->extra))
		abort();
	uint8_t *e = r->extra + r->extra_bytes;
	e[0] = (uint8_t)id;
	e[1] = (uint8_t)(id >> 8);
	e[2] = (uint8_t)n;
	e[3] = (uint8_t)(n >> 8);
	if (n > 0)
		memcpy(e + 4, p, n);
	r->extra_bytes += 4 + n;
	r->extra_len = (uint16_t)r->extra_bytes;
}

/* ---- emitting ---- */

static void put(FILE *out, uint64_t v, int width)
{
	for (int i = 0; i < width; i++)
		fputc((int)(v >> (8 * i) & 0xFF), out);
}

static void put_text(FILE *out, const char *text)
{
	if (text)
		fputs(text, out);
}

static void put_common(FILE *out, const struct zipforge_record *r)
{
	put(out, r->needed, 2);
	put(out, r->flags, 2);
	put(out, r->method, 2);
	put(out, r->time, 2);
	put(out, r->date, 2);
	put(out, r->crc, 4);
	put(out, r->compressed, 4);
	put(out, r->size, 4);
	put(out, r->name_len, 2);
	put(out, r->extra_len, 2);
}

static void put_local(FILE *out, const struct zipforge_member *m)
{
	const struct zipforge_record *r = &m->local;
	put_text(out, m->gap);
	if (r->absent)
		return;
	put(out, r->signature, 4);
	put_common(out, r);
	fwrite(r->name, 1, r->name_bytes, out);
	fwrite(r->extra, 1, r->extra_bytes, out);
	fwrite(m->data, 1, m->size, out);
}

static void put_central(FILE *out, const struct zipforge_record *r)
{
	if (r->absent)
		return;
	put(out, r->signature, 4);
	put(out, r->made_by, 2);
	put_common(out, r);
	put(out, r->comment_len, 2);
	put(out, r->disk, 2);
	put(out, r->internal, 2);
	put(out, r->external, 4);
	put(out, r->offset, 4);
	fwrite(r->name, 1, r->name_bytes, out);
	fwrite(r->extra, 1, r->extra_bytes, out);
	put_text(out, r->comment);
}

static void put_end64(FILE *out, const struct zipforge *f)
{
	put(out, f->end64.signature, 4);
	put(out, f->end64.length, 8);
	put(out, f->end64.made_by, 2);
	put(out, f->end64.needed, 2);
	put(out, f->end64.disk, 4);
	put(out, f->end64.directory_disk, 4);
	put(out, f->end64.here, 8);
	put(out, f->end64.total, 8);
	put(out, f->end64.size, 8);
	put(out, f->end64.offset, 8);
	put(out, f->end64.locator_signature, 4);
	put(out, f->end64.locator_disk, 4);
	put(out, f->end64.at, 8);
	put(out, f->end64.disks, 4);
}

uint8_t *zipforge_emit(const struct zipforge *f, size_t *n)
{
	char *bytes = NULL;
	FILE *out = open_memstream(&bytes, n);
	if (!out)
		abort();
	put_text(out, f->prefix);
	for (size_t i = 0; i < f->n; i++)
		put_local(out, &f->members[i]);
	put_text(out, f->before_directory);
	for (size_t i = 0; i < f->n; i++)
		put_central(out, &f->members[i].central);
	put_text(out, f->before_end);
	if (f->end64.present)
		put_end64(out, f);
	put(out, f->end.signature, 4);
	put(out, f->end.disk, 2);
	put(out, f->end.directory_disk, 2);
	put(out, f->end.here, 2);
	put(out, f->end.total, 2);
	put(out, f->end.size, 4);
	put(out, f->end.offset, 4);
	put(out, f->end.comment_len, 2);
	put_text(out, f->end.comment);
	put_text(out, f->suffix);
	fclose(out);
	return (uint8_t *)bytes;
}
