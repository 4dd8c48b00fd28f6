/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields of a request record, in the order in which a package holds them: data, not code. Designed around the topics that the UNODC's public descriptions of its model
 * forms, article 29 of the Budapest Convention with the T-CY's template, Regulation (EU) 2023/1543 and the practice of mutual legal assistance have in common; no
 * wording is theirs. A change of what is shown or asked for is a new CUSTODY_REQUEST_TEMPLATE number (request_template.c).
 */
#include <string.h>

#include "libcustody/record/request.h"

#define K(kind) CUSTODY_REQUEST_BIT(CUSTODY_REQUEST_##kind)
#define ALL (CUSTODY_REQUEST_BIT(CUSTODY_REQUEST_KINDS) - 1)
#define KEEPING (K(PRESERVATION) | K(EXTENSION) | K(EPOC_PR)) /* ask that data be kept */
#define ORDERS (K(PRODUCTION) | K(MLA) | K(EPOC)) /* oblige, or ask an authority to */
#define EUROPEAN (K(EPOC) | K(EPOC_PR))
#define GIVEN_FREELY (K(CONSENT) | K(SPONTANEOUS)) /* nobody was asked by an authority first */
#define ASKED (ALL & ~GIVEN_FREELY)
#define DISCLOSING (ALL & ~KEEPING) /* data are to come, or came */

#define FIELD(key, type, label) { key, label, CUSTODY_REQUEST_##type, NULL, NULL, ALL, 0, 0, NULL }
#define ASK(key, type, label, must, advised, why) { key, label, CUSTODY_REQUEST_##type, NULL, NULL, ALL, must, advised, why }
#define WORDS(key, type, label, words, must, advised, why) { key, label, CUSTODY_REQUEST_##type, NULL, words, ALL, must, advised, why }
#define PART(key, type, label, shape, shown, must, advised, why) { key, label, CUSTODY_REQUEST_##type, &(shape), NULL, shown, must, advised, why }
#define SHAPE(fields) { fields, sizeof(fields) / sizeof((fields)[0]) }

static const char *const kind_names[CUSTODY_REQUEST_KINDS + 1] = { "preservation", "preservation-extension", "voluntary-disclosure",
	"emergency-disclosure", "production-order", "mla", "epoc", "epoc-pr", "consent", "spontaneous-disclosure", "other", NULL };
static const char *const kind_summaries[CUSTODY_REQUEST_KINDS] = { "keep data as they are, until they are asked for",
	"keep preserved data for longer", "a provider is asked to disclose, without being obliged to", "disclosure because of danger to life or limb",
	"a national order to produce data", "mutual legal assistance: asked of another State's authority",
	"European Production Order, Regulation (EU) 2023/1543", "European Preservation Order, Regulation (EU) 2023/1543",
	"data handed over by a victim or witness, or with their consent", "data handed over without having been asked for",
	"anything else, for example an instrument of national law alone" };

const char *custody_request_kind_name(enum custody_request_kind kind)
{
	return kind_names[kind];
}

const char *custody_request_kind_summary(enum custody_request_kind kind)
{
	return kind_summaries[kind];
}

bool custody_request_kind_find(const char *name, enum custody_request_kind *kind)
{
	for (int i = 0; i < CUSTODY_REQUEST_KINDS; i++)
		if (strcmp(kind_names[i], name) == 0) {
			*kind = (enum custody_request_kind)i;
			return true;
		}
	return false;
}

static const char *const statuses[] = { "new", "extension", "withdrawn", NULL };
static const char *const relations[] = { "extends", "follows", "preserved-by", "replaces", "answers", NULL };
static const char *const categories[] = { "subscriber", "user-identification", "traffic", "content", "other", NULL };
static const char *const urgencies[] = { "routine", "urgent", "emergency", NULL };
static const char *const addressees[] = { "designated-establishment", "legal-representative", "emergency-direct", NULL };
static const char *const conditions_of[] = { "use-limitation", "onward-transfer", "retention", "return", "destruction", "other", NULL };
static const char *const channels[] = { "portal", "sftp", "e-codex", "medium", "mail", "post", "other", NULL };

/* ---- within groups ---- */

static const struct custody_request_field related_fields[] = {
	WORDS("relation", CHOICE, "relation", relations, ALL, 0, "how this request stands to the other one"),
	ASK("id", TEXT, "id of its record", 0, ALL, "so that the two records can be looked at together"),
	FIELD("reference", TEXT, "reference"),
	FIELD("date", WHEN, "date"),
};
static const struct custody_request_shape related_shape = SHAPE(related_fields);

static const struct custody_request_field contact_fields[] = {
	ASK("name", TEXT, "name", ALL, 0, "who can be asked"),
	FIELD("function", TEXT, "function"),
	FIELD("phone", TEXT, "telephone"),
	FIELD("mail", TEXT, "mail"),
};
static const struct custody_request_shape contact_shape = SHAPE(contact_fields);

static const struct custody_request_field body_fields[] = {
	ASK("organisation", TEXT, "organisation", ALL, 0, "which authority it is"),
	FIELD("unit", TEXT, "unit"),
	ASK("country", TEXT, "country", 0, ALL, "which State's authority it is"),
	ASK("reference", TEXT, "its own file number", 0, EUROPEAN, "each authority has a file number of its own"),
	FIELD("officer", TEXT, "officer"),
	FIELD("date", WHEN, "date"),
};
static const struct custody_request_shape body_shape = SHAPE(body_fields);

static const struct custody_request_field offence_fields[] = {
	ASK("label", TEXT, "offence", ALL, 0, "which offence it is"),
	FIELD("provision", TEXT, "provision"),
	FIELD("penalty", TEXT, "penalty"),
};
static const struct custody_request_shape offence_shape = SHAPE(offence_fields);

static const struct custody_request_field basis_fields[] = {
	ASK("instrument", TEXT, "instrument", ALL, 0, "law, treaty or order that gives the power"),
	FIELD("article", TEXT, "article"),
	FIELD("jurisdiction", TEXT, "jurisdiction"),
	FIELD("reference", TEXT, "reference"),
	FIELD("issuing_body", TEXT, "issued by"),
	FIELD("validating_body", TEXT, "validated by"),
	FIELD("date", WHEN, "date"),
};
static const struct custody_request_shape basis_shape = SHAPE(basis_fields);

static const struct custody_request_field target_fields[] = {
	FIELD("line", COUNT, "line"),
	ASK("type", TEXT, "type of identifier", 0, ALL, "account, telephone number, address ...: a value alone can be misread"),
	ASK("value", TEXT, "identifier", ALL, 0, "which account, number or address it is about"),
	ASK("from", WHEN, "from", 0, ASKED, "without a first and a last day the request asks for everything"),
	ASK("to", WHEN, "to", 0, ASKED, "without a first and a last day the request asks for everything"),
	FIELD("time_zone", TEXT, "time zone"),
	WORDS("categories", CHOICES, "categories", categories, 0, 0, NULL),
};
static const struct custody_request_shape target_shape = SHAPE(target_fields);

static const struct custody_request_field extension_fields[] = {
	ASK("until", WHEN, "until", ALL, 0, "the day until which the data are kept now"),
	FIELD("reference", TEXT, "reference"),
	FIELD("date", WHEN, "date"),
};
static const struct custody_request_shape extension_shape = SHAPE(extension_fields);

static const struct custody_request_field follow_up_fields[] = {
	ASK("made", YES, "a regular order followed", ALL, 0, "whether a regular order followed"),
	FIELD("reference", TEXT, "reference"),
	FIELD("date", WHEN, "date"),
};
static const struct custody_request_shape follow_up_shape = SHAPE(follow_up_fields);

static const struct custody_request_field digest_fields[] = {
	FIELD("name", TEXT, "name"),
	ASK("algorithm", TEXT, "algorithm", ALL, 0, "a digest without its algorithm cannot be compared"),
	ASK("value", TEXT, "value", ALL, 0, "what was stated"),
};
static const struct custody_request_shape digest_shape = SHAPE(digest_fields);

static const struct custody_request_field item_fields[] = {
	ASK("path", TEXT, "path", ALL, 0, "the file or folder, as it is sealed"),
	FIELD("line", COUNT, "answers line"),
	FIELD("note", TEXT, "note"),
};
static const struct custody_request_shape item_shape = SHAPE(item_fields);

static const struct custody_request_field stated_fields[] = {
	FIELD("reference", TEXT, "reference"),
	FIELD("identifiers", TEXTS, "identifiers"),
	FIELD("from", WHEN, "from"),
	FIELD("to", WHEN, "to"),
};
static const struct custody_request_shape stated_shape = SHAPE(stated_fields);

/* ---- the groups ---- */

static const struct custody_request_field authority_fields[] = {
	ASK("references", TEXTS, "references", ALL, 0, "the authority's own case or file number; all of them, if there are several"),
	ASK("organisation", TEXT, "organisation", ALL, 0, "which authority asks, or received the data"),
	FIELD("unit", TEXT, "unit"),
	ASK("country", TEXT, "country", 0, ALL, "which State's authority it is"),
	ASK("person", TEXT, "person in charge", 0, ALL, "whom the provider can ask"),
	FIELD("function", TEXT, "function"),
	FIELD("officer", TEXT, "officer with overall responsibility"),
	FIELD("address", TEXT, "address"),
	FIELD("phone", TEXT, "telephone"),
	FIELD("mobile", TEXT, "mobile telephone"),
	ASK("mail", TEXT, "mail", 0, ASKED, "where the provider can answer"),
	FIELD("fax", TEXT, "fax"),
	FIELD("office_hours", TEXT, "office hours"),
	ASK("time_zone", TEXT, "time zone", 0, ASKED, "which clock office hours and deadlines mean"),
	FIELD("answer_channel", TEXT, "preferred channel for the answer"),
	PART("second_contact", OBJECT, "second contact, to confirm the request", contact_shape, ASKED, 0, K(EMERGENCY) | K(VOLUNTARY),
		"a provider confirms with somebody else that the request is real"),
	PART("investigating", OBJECT, "investigating authority", body_shape, ORDERS | K(EPOC_PR), 0, 0, NULL),
	PART("issuing", OBJECT, "issuing authority", body_shape, ORDERS | K(EPOC_PR), EUROPEAN, 0, "the authority that issued the order"),
	PART("validating", OBJECT, "validating authority", body_shape, ORDERS | K(EPOC_PR), 0, 0, NULL),
};
static const struct custody_request_shape authority_shape = SHAPE(authority_fields);

static const struct custody_request_field provider_fields[] = {
	ASK("legal_entity", TEXT, "legal entity", ALL, 0, "who is asked, or hands over: the legal entity or person, often not the brand"),
	ASK("country", TEXT, "country", 0, ALL & ~K(CONSENT), "where it is established"),
	ASK("service", TEXT, "service", 0, ASKED, "one entity can run several services"),
	FIELD("brand", TEXT, "brand"),
	FIELD("contact", TEXT, "contact"),
	FIELD("portal", TEXT, "portal"),
	FIELD("always_on_point", TEXT, "24/7 point of contact that was used"),
	FIELD("references", TEXTS, "the provider's references"),
};
static const struct custody_request_shape provider_shape = SHAPE(provider_fields);

static const struct custody_request_field legal_fields[] = {
	PART("offences", OBJECTS, "offences", offence_shape, ALL, 0, ASKED, "what is investigated"),
	ASK("facts", LONG, "facts", 0, ORDERS | KEEPING, "a short account, so that the need can be understood"),
	PART("bases", OBJECTS, "legal bases", basis_shape, ALL, ORDERS | K(EPOC_PR), ALL & ~(ORDERS | K(EPOC_PR)),
		"the power under which it is asked or handed over"),
	ASK("necessity", LONG, "necessity", 0, EUROPEAN | K(VOLUNTARY) | K(EMERGENCY), "why the data are needed"),
	ASK("proportionality", LONG, "proportionality", 0, EUROPEAN | K(VOLUNTARY) | K(EMERGENCY), "why no less would do"),
	FIELD("dual_criminality", LONG, "dual criminality"),
	FIELD("assurances", LONG, "assurances on human rights"),
};
static const struct custody_request_shape legal_shape = SHAPE(legal_fields);

static const struct custody_request_field data_fields[] = {
	PART("targets", OBJECTS, "lines: identifiers and periods", target_shape, ALL, ASKED, GIVEN_FREELY,
		"which accounts, numbers or addresses, from when to when"),
	WORDS("categories", CHOICES, "categories", categories, ASKED & ~KEEPING, KEEPING, "which categories of data"),
	ASK("link", LONG, "connection with the offence", 0, ASKED, "what the data have to do with the offence"),
	FIELD("location", LONG, "where the data may be"),
};
static const struct custody_request_shape data_shape = SHAPE(data_fields);

static const struct custody_request_field timing_fields[] = {
	WORDS("urgency", CHOICE, "urgency", urgencies, 0, 0, NULL),
	ASK("grounds", LONG, "grounds for the urgency", K(EMERGENCY), 0, "what danger there is, and why it cannot wait"),
	ASK("deadline", WHEN, "deadline for the answer", 0, K(EMERGENCY) | ORDERS, "when the answer is needed"),
	ASK("preserve_from", WHEN, "preserved from", 0, KEEPING, "the day on which the data were frozen"),
	ASK("preserve_until", WHEN, "preserved until", 0, KEEPING,
		"the day on which the promise to keep the data ends; how long it lasts, the law or the provider says"),
	PART("extensions", OBJECTS, "extensions", extension_shape, ALL, K(EXTENSION), 0, "until when it is extended"),
	ASK("intends_mla", YES, "a request for assistance is to follow", 0, K(PRESERVATION),
		"whether the data will be asked for, by mutual legal assistance or otherwise"),
	PART("follow_up", OBJECT, "regular order afterwards", follow_up_shape, K(EMERGENCY), 0, K(EMERGENCY),
		"whether a regular order followed the emergency (reminder)"),
};
static const struct custody_request_shape timing_shape = SHAPE(timing_fields);

static const struct custody_request_field secrecy_fields[] = {
	ASK("non_notification", YES, "the user is not to be told", 0, ASKED, "whether the provider may tell the user"),
	FIELD("basis", TEXT, "basis"),
	FIELD("from", WHEN, "from"),
	FIELD("until", WHEN, "until"),
	FIELD("lifted_by", TEXT, "who may lift it"),
	FIELD("handling", LONG, "handling caveat"),
};
static const struct custody_request_shape secrecy_shape = SHAPE(secrecy_fields);

static const struct custody_request_field european_fields[] = {
	ASK("issuing_state", TEXT, "issuing State", EUROPEAN, 0, "the State whose authority issued the order"),
	WORDS("addressee", CHOICE, "addressee", addressees, EUROPEAN, 0, "as what the provider is addressed"),
	PART("enforcing", OBJECT, "enforcing authority", body_shape, ALL, 0, K(EPOC), "the authority of the State where the addressee is"),
	ASK("notified", YES, "enforcing authority was notified", 0, K(EPOC), "a notification lengthens the time for the answer"),
	PART("transfer_to", OBJECT, "to whom the data go", contact_shape, ALL, K(EPOC), 0, "to whom the data are to be handed"),
	ASK("kept_intact", YES, "addressee keeps order and data confidential, secret and intact", 0, EUROPEAN, "whether the addressee has said so"),
};
static const struct custody_request_shape european_shape = SHAPE(european_fields);

static const struct custody_request_field assistance_fields[] = {
	PART("central_authority", OBJECT, "central authority", body_shape, K(MLA), 0, K(MLA), "through whom the request goes"),
	ASK("proceedings", LONG, "subject and nature of the proceedings", K(MLA), 0, "what the request is made for"),
	ASK("sought", LONG, "assistance sought", K(MLA), 0, "what the other State is asked to do"),
	FIELD("persons", TEXTS, "persons concerned"),
	ASK("purpose", LONG, "purpose", K(MLA), 0, "what the data will be used for"),
	ASK("special_procedure", LONG, "special procedure", 0, K(MLA), "any form that your own law needs must be asked for in the request"),
	ASK("certificates", TEXTS, "certificates wanted", 0, ORDERS,
		"a declaration or certificate by the provider that your own court needs is easiest to get when this request asks for it"),
};
static const struct custody_request_shape assistance_shape = SHAPE(assistance_fields);

static const struct custody_request_field consent_fields[] = {
	ASK("person", TEXT, "person who consents or submits", K(CONSENT), 0, "whose decision it was; it can be withheld"),
	FIELD("relation", TEXT, "relation to the data"),
	ASK("form", TEXT, "form of the consent", 0, K(CONSENT), "written, recorded, by a representative ..."),
	ASK("scope", LONG, "what it covers", K(CONSENT), 0, "which data and which use were agreed to"),
	FIELD("date", WHEN, "date"),
	FIELD("withdrawn", WHEN, "withdrawn"),
};
static const struct custody_request_shape consent_shape = SHAPE(consent_fields);

static const struct custody_request_field answer_fields[] = {
	FIELD("references", TEXTS, "references of the answer"),
	FIELD("served", WHEN, "served"),
	FIELD("served_by", TEXT, "served by"),
	FIELD("answered", WHEN, "answered"),
	WORDS("categories", CHOICES, "categories delivered", categories, 0, 0, NULL),
	FIELD("gaps", TEXTS, "stated gaps"),
	FIELD("certificate", YES, "a certificate is attached"),
	PART("digests", OBJECTS, "digests stated by the provider", digest_shape, DISCLOSING, 0, 0, NULL),
	FIELD("signature", TEXT, "signature by the provider"),
	PART("stated", OBJECT, "what the return says of itself", stated_shape, DISCLOSING, 0, 0, NULL),
	PART("items", OBJECTS, "items received", item_shape, DISCLOSING, 0, 0, NULL),
};
static const struct custody_request_shape answer_shape = SHAPE(answer_fields);

static const struct custody_request_field condition_fields[] = {
	WORDS("kind", CHOICE, "condition", conditions_of, ALL, 0, "what kind of condition it is"),
	ASK("text", LONG, "text", ALL, 0, "the condition as it was made"),
	FIELD("by", TEXT, "made by"),
	FIELD("until", WHEN, "until"),
};
static const struct custody_request_shape condition_shape = SHAPE(condition_fields);

static const struct custody_request_field document_fields[] = {
	ASK("name", TEXT, "name", ALL, 0, "which document it is"),
	FIELD("description", TEXT, "description"),
	ASK("sha256", DIGEST, "SHA-256", 0, ALL, "without it the document can be exchanged"),
	FIELD("date", WHEN, "date"),
};
static const struct custody_request_shape document_shape = SHAPE(document_fields);

static const char *const roles[] = { "authority-document", NULL };
static const struct custody_request_field document_package_fields[] = {
	ASK("package", DIGEST, "number of the package", ALL, 0, "which package it is"),
	WORDS("role", CHOICE, "role", roles, 0, 0, "what its content is"),
	FIELD("items", COUNT, "items with content"),
};
static const struct custody_request_shape document_package_shape = SHAPE(document_package_fields);

static const struct custody_request_field receipt_fields[] = {
	ASK("path", NAME, "path", ALL, 0, "what was received"),
	WORDS("channel", CHOICE, "channel", channels, ALL, 0, "how it arrived"),
	FIELD("source", TEXT, "source, without secrets"),
	FIELD("tls_name", TEXT, "TLS server name"),
	FIELD("tls_sha256", DIGEST, "SHA-256 of the TLS certificate"),
	ASK("operator", TEXT, "operator", 0, ALL, "who received it"),
	ASK("started", WHEN, "started", 0, ALL, "when receiving began"),
	ASK("ended", WHEN, "ended", 0, ALL, "when receiving ended"),
	FIELD("size", COUNT, "size"),
	ASK("sha256", DIGEST, "SHA-256", 0, ALL, "the first digest, before anything was opened"),
};
static const struct custody_request_shape receipt_shape = SHAPE(receipt_fields);

/* ---- the record ---- */

static const struct custody_request_field record_fields[] = {
	ASK("id", TEXT, "id of this record", 0, 0, NULL),
	WORDS("kind", CHOICE, "kind", kind_names, 0, 0, NULL),
	FIELD("generation", COUNT, "version of this record"),
	WORDS("status", CHOICE, "status", statuses, 0, 0, NULL),
	FIELD("template", TEXT, "template"),
	ASK("date", WHEN, "date", 0, ALL, "the day on which it was made"),
	FIELD("language", TEXT, "language"),
	PART("related", OBJECTS, "related requests", related_shape, ALL, 0, K(EXTENSION), "which request is extended"),
	PART("authority", OBJECT, "requesting side", authority_shape, ALL, 0, 0, "The authority that asks, or that received what was handed over."),
	PART("provider", OBJECT, "requested side", provider_shape, ALL, 0, 0, "Who is asked, or who handed over."),
	PART("legal", OBJECT, "legal", legal_shape, ALL, 0, 0, "Stated, never checked by this program."),
	PART("data", OBJECT, "data", data_shape, ALL, 0, 0, "What is asked for. Received items are linked to these lines by their number."),
	PART("timing", OBJECT, "time", timing_shape, ALL, 0, 0, "Urgency, deadlines, preservation. A date alone means that day in UTC."),
	PART("secrecy", OBJECT, "secrecy", secrecy_shape, ALL, 0, 0, "Who must not be told, on which basis, and until when."),
	PART("european", OBJECT, "European order", european_shape, EUROPEAN, 0, 0, "What only the orders of Regulation (EU) 2023/1543 have."),
	PART("assistance", OBJECT, "assistance and form", assistance_shape, ORDERS, 0, 0,
		"What another authority is asked to do, and in which form."),
	PART("consent", OBJECT, "consent", consent_shape, K(CONSENT), 0, 0, "Who agreed to what."),
	PART("answer", OBJECT, "answer", answer_shape, ALL, 0, 0, "What came back. Leave it as it is until then."),
	PART("conditions", OBJECTS, "conditions", condition_shape, ALL, 0, DISCLOSING,
		"conditions attached by the sender; an empty list says that there are none"),
	PART("documents", OBJECTS, "documents", document_shape, ALL, 0, 0, NULL),
	PART("document_packages", OBJECTS, "documents, sealed in packages of their own", document_package_shape, 0, 0, 0, NULL),
	PART("receipts", OBJECTS, "receipts", receipt_shape, DISCLOSING, 0, 0, NULL),
};
const struct custody_request_shape custody_request_record = SHAPE(record_fields);
