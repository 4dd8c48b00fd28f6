/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person says of an event of a custody record, from options to the model: record add, release and accept.
 */
#ifndef CUSTODY_CMD_EVENT_WORDS_H
#define CUSTODY_CMD_EVENT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/options.h"
#include "libcustody/base/error.h"
#include "libcustody/base/limits.h"
#include "libcustody/record/event.h"

/* As given; borrowed from argv. */
struct custody_event_words {
	struct custody_option_list set, attach, tsa;
	const char *to, *to_organisation, *to_role, *to_id, *to_certificate;
	const char *authority, *purpose, *place, *occurred, *declared_later, *role, *id;
	const char *lab, *as, *trust, *record, *passphrase_fd;
	bool json, quiet;
};
void custody_event_words_release(struct custody_event_words *w);

/* Rows of an option table. Those that every event has, */
#define CUSTODY_EVENT_WORDS(w)                                                                                                                   \
	CUSTODY_OPTION_LIST('s', "set", "KEY=VALUE", &(w)->set, "a field of the event; may be repeated"),                                        \
		CUSTODY_OPTION_LIST(0, "attach", "FILE", &(w)->attach, "name, size and digest of this file go into the event; may be repeated"), \
		CUSTODY_OPTION_TEXT(0, "place", "TEXT", &(w)->place, "where it happened"),                                                       \
		CUSTODY_OPTION_TEXT(0, "occurred", "TIME", &(w)->occurred, "when it happened, with its zone: 2026-11-24T10:00:00+01:00"),        \
		CUSTODY_OPTION_TEXT(0, "role", "TEXT", &(w)->role, "in which role you act (default: as in custody.conf)"),                       \
		CUSTODY_OPTION_TEXT(0, "id", "TEXT", &(w)->id, "your badge or staff number"),                                                    \
		CUSTODY_OPTION_TEXT(0, "lab", "LAB", &(w)->lab, "the lab folder (default: $CUSTODY_LAB, then ~/.custody)"),                      \
		CUSTODY_OPTION_TEXT(0, "as", "NAME", &(w)->as, "the analyst who signs (default: the one that init made)"),                       \
		CUSTODY_OPTION_TEXT('t', "trust", "DIR", &(w)->trust, "anchors of others who signed, beside your own lab's"),                    \
		CUSTODY_OPTION_LIST(                                                                                                             \
			0, "tsa", "URL", &(w)->tsa, "a time-stamp authority; may be repeated, and each is asked (default: as in custody.conf)"), \
		CUSTODY_OPTION_TEXT(0, "passphrase-fd", "N", &(w)->passphrase_fd, "read the passphrase from this descriptor"),                   \
		CUSTODY_OPTION_FLAG(0, "json", &(w)->json, "print JSON"), CUSTODY_OPTION_FLAG('q', "quiet", &(w)->quiet, "no notes and no progress")
/* and those of events that hand something to somebody, or need a reason. */
#define CUSTODY_EVENT_WORDS_TO(w)                                                                                                             \
	CUSTODY_OPTION_TEXT(0, "to", "NAME", &(w)->to, "to whom: the name in the certificate with which they will sign"),                     \
		CUSTODY_OPTION_TEXT(                                                                                                          \
			0, "to-certificate", "FILE", &(w)->to_certificate, "that certificate (PEM); its name is taken if --to is not given"), \
		CUSTODY_OPTION_TEXT(0, "to-organisation", "TEXT", &(w)->to_organisation, "of whom that is"),                                  \
		CUSTODY_OPTION_TEXT(0, "to-role", "TEXT", &(w)->to_role, "and in which role"),                                                \
		CUSTODY_OPTION_TEXT(0, "to-id", "TEXT", &(w)->to_id, "their badge or staff number"),                                          \
		CUSTODY_OPTION_TEXT(0, "authority", "TEXT", &(w)->authority, "on whose authority: an order, a request, a rule"),              \
		CUSTODY_OPTION_TEXT(0, "purpose", "TEXT", &(w)->purpose, "what for")

/* The same as the model has it. */
struct custody_event_said {
	struct custody_event event;
	char to_name[CUSTODY_LIMIT_CERTIFICATE_NAME];
	uint8_t to_identity[32]; /* of the certificate of --to-certificate, where the event has one: custody_certificate_identity() */
	char *attached[CUSTODY_LIMIT_ATTACHMENTS]; /* owned: names of attachments */
};
void custody_event_said_init(struct custody_event_said *s);
void custody_event_said_release(struct custody_event_said *s);
/* Everything but who acts. type is its name. Borrows from argv. USAGE names the word that is off; for a file it is the file's error. */
int custody_event_words_take(
	const struct custody_event_words *w, const char *type, struct custody_event_said *out, struct custody_error *err) CUSTODY_MUST_USE;
/* Sets a field by its key, from text ("@FILE" for a digest: that file's). USAGE. */
int custody_event_words_set(struct custody_event *e, const char *key, const char *text, struct custody_error *err) CUSTODY_MUST_USE;

#endif
