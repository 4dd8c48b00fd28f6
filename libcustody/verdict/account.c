/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/verdict/account.h"

#include <stdlib.h>

void custody_account_release(struct custody_account *a)
{
	for (size_t i = 0; i < a->n_events; i++) {
		struct custody_account_event *e = &a->events[i];

		free(e->type);
		free(e->past);
		free(e->signer);
		free(e->to);
		free(e->purpose);
		free(e->authority);
		free(e->declared_later);
		free(e->note);
		free(e->attached);
		free(e->corrector);
		for (size_t k = 0; k < e->n_details; k++)
			free(e->details[k].text);
	}
	for (size_t i = 0; i < a->n_spans; i++) {
		free(a->spans[i].who);
		free(a->spans[i].to);
	}
	free(a->events);
	free(a->spans);
	*a = (struct custody_account){ .n_events = 0 };
}

int custody_account_reserve(struct custody_account *a, size_t events, size_t spans, struct custody_error *err)
{
	custody_account_release(a);
	a->events = calloc(events + 1, sizeof(*a->events));
	a->spans = calloc(spans + 1, sizeof(*a->spans));
	if (!a->events || !a->spans)
		return custody_fail_nomem(err);
	a->n_events = events;
	a->n_spans = spans;
	return 0;
}
