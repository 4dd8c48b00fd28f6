/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker sends: whatever is taken has its length, and a payload that may be repeated to people and other programs. */
#include "cmd/worker/protocol.h"
#include "tests/fuzz/fuzz.h"

static void check_hello(const struct custody_worker_frame *f)
{
	struct custody_worker_hello h;

	FUZZ_ASSERT(f->n == sizeof(h));
	memcpy(&h, f->payload, sizeof(h));
	FUZZ_ASSERT(strlen(h.version) < sizeof(h.version) && strlen(h.by) < sizeof(h.by) && h.by[0]);
}

static void check_type(const struct custody_worker_frame *f)
{
	size_t slashes = 0;

	FUZZ_ASSERT(f->n >= 3 && f->n <= CUSTODY_WORKER_MIME_MAX);
	for (size_t i = 0; i < f->n; i++) {
		FUZZ_ASSERT(f->payload[i] > ' ' && f->payload[i] < 0x7f && f->payload[i] != '"' && f->payload[i] != '\\' && f->payload[i] != '<');
		slashes += f->payload[i] == '/';
	}
	FUZZ_ASSERT(slashes == 1 && f->payload[0] != '/' && f->payload[f->n - 1] != '/');
}

FUZZ_TARGET(worker_answer)
{
	struct custody_worker_frame f;

	if (!custody_worker_frame_parse(p, n, &f))
		return 0;
	FUZZ_ASSERT(n <= CUSTODY_WORKER_FRAME_MAX && f.head.length == n && f.n == n - sizeof(f.head) && f.payload == p + sizeof(f.head));
	FUZZ_ASSERT(f.head.kind >= CUSTODY_WORKER_HELLO);
	if (f.head.kind == CUSTODY_WORKER_HELLO)
		check_hello(&f);
	if (f.head.kind == CUSTODY_WORKER_TYPE)
		check_type(&f);
	if (f.head.kind == CUSTODY_WORKER_FAILED)
		FUZZ_ASSERT(f.n <= CUSTODY_WORKER_TEXT_MAX);
	return 0;
}
