/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings: everything that can be wrong with, missing from, or worth saying about a sealed package.
 *
 * The table below is the only list. Its ids are permanent: scripts and reports name them. The manual page custody-findings(7) and the
 * folders of fixtures/tampered/ are the same list, and a test says so. To add a finding: one line here, one section in the manual page,
 * one folder of fixtures.
 *
 * Parsers in base, crypto and package do not know this table. They refuse input with custody_refuse(err, "finding-id", ...): the id
 * travels in struct custody_error as text and is looked up here by custody_findings_add_error().
 */
#ifndef CUSTODY_VERDICT_FINDING_H
#define CUSTODY_VERDICT_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcustody/base/error.h"

/* The groups of design/verdict.md, in report order. */
enum custody_group {
	CUSTODY_GROUP_CONTAINER,
	CUSTODY_GROUP_INTEGRITY,
	CUSTODY_GROUP_SEAL,
	CUSTODY_GROUP_TIME,
	CUSTODY_GROUP_CUSTODY,
	CUSTODY_GROUP_LONG_TERM,
	CUSTODY_GROUP_STATEMENTS,
	CUSTODY_GROUP_COUNT
};

enum custody_severity { CUSTODY_SEVERITY_NOTE, CUSTODY_SEVERITY_WARNING, CUSTODY_SEVERITY_ERROR };

/*
 * What a finding does to its group. FAILS: the bytes are proved wrong (verdict INVALID). OPENS: something needed is missing or cannot be
 * judged (INDETERMINATE). NOTHING: said, does not change the verdict.
 */
enum custody_effect { CUSTODY_EFFECT_NOTHING, CUSTODY_EFFECT_OPENS, CUSTODY_EFFECT_FAILS };

/*
 * X(NAME, id, group, severity, effect, ETSI EN 319 102-1 sub-indication or "", one line, what to do)
 * Order: by group, then as a reader meets them. A row a finding, however long.
 */
/* clang-format off */
#define CUSTODY_FINDINGS(X) \
	/* ---- container: the strict ZIP of design/sealed-package.md ---- */ \
	X(ZIP_END_RECORD, "zip-end-record", CONTAINER, ERROR, FAILS, "FORMAT_FAILURE", "the file does not end in exactly one correct ZIP end record", "ask for the package again; it was cut, extended, or is not a package") \
	X(ZIP_ZIP64, "zip-zip64", CONTAINER, ERROR, FAILS, "FORMAT_FAILURE", "a Zip64 record is missing, not needed, or wrong", "ask for the package again") \
	X(ZIP_COUNT, "zip-count", CONTAINER, ERROR, FAILS, "FORMAT_FAILURE", "the number of members differs from the number stated", "ask for the package again") \
	X(ZIP_CENTRAL_RECORD, "zip-central-record", CONTAINER, ERROR, FAILS, "FORMAT_FAILURE", "a record of the central directory is cut or malformed", "ask for the package again") \
	X(ZIP_LOCAL_RECORD, "zip-local-record", CONTAINER, ERROR, FAILS, "FORMAT_FAILURE", "a member's local header differs from its central record", "ask for the package again; two readers would see two contents") \
	X(ZIP_GAP, "zip-gap", CONTAINER, ERROR, FAILS, "FORMAT_FAILURE", "bytes that belong to nothing, or to two things", "ask for the package again; something was inserted, hidden or removed") \
	X(ZIP_VERSION, "zip-version", CONTAINER, ERROR, FAILS, "FORMAT_FAILURE", "a version field is not the one the format fixes", "ask for the package again") \
	X(ZIP_FLAGS, "zip-flags", CONTAINER, ERROR, FAILS, "FORMAT_FAILURE", "a general purpose flag is not the one the format fixes", "ask for the package again") \
	X(ZIP_METHOD, "zip-method", CONTAINER, ERROR, FAILS, "FORMAT_FAILURE", "a member is not stored", "ask for the package again") \
	X(ZIP_TIME, "zip-time", CONTAINER, ERROR, FAILS, "FORMAT_FAILURE", "a member's time is not the fixed one", "ask for the package again") \
	X(ZIP_SIZE, "zip-size", CONTAINER, ERROR, FAILS, "FORMAT_FAILURE", "a stored member's two sizes differ", "ask for the package again") \
	X(ZIP_EXTRA, "zip-extra", CONTAINER, ERROR, FAILS, "FORMAT_FAILURE", "an extra field that the format does not have", "ask for the package again") \
	X(ZIP_COMMENT, "zip-comment", CONTAINER, ERROR, FAILS, "FORMAT_FAILURE", "a comment, which the format does not have", "ask for the package again") \
	X(ZIP_ATTRIBUTES, "zip-attributes", CONTAINER, ERROR, FAILS, "FORMAT_FAILURE", "a member's attributes are not those of a plain file", "ask for the package again") \
	X(ZIP_NAME, "zip-name", CONTAINER, ERROR, FAILS, "FORMAT_FAILURE", "a member's name breaks the rules for names", "ask for the package again; do not unpack it") \
	X(ZIP_NAME_TWICE, "zip-name-twice", CONTAINER, ERROR, FAILS, "FORMAT_FAILURE", "two members have one name, or a file is also a folder", "ask for the package again; do not unpack it") \
	X(ZIP_CRC, "zip-crc", CONTAINER, ERROR, FAILS, "FORMAT_FAILURE", "a member's CRC-32 is not the one stated", "ask for the package again; it was damaged or changed") \
	X(ZIP_MIMETYPE, "zip-mimetype", CONTAINER, ERROR, FAILS, "FORMAT_FAILURE", "the first member is not the media type of an ASiC-E container", "ask for the package again") \
	X(NAME_COLLISION, "name-collision", CONTAINER, WARNING, NOTHING, "", "two names are equal for some file systems", "unpack on a case-sensitive file system, or use custody extract") \
	X(MEMBER_ORDER, "member-order", CONTAINER, ERROR, FAILS, "FORMAT_FAILURE", "members are not in the order of the format", "ask for the package again") \
	X(MEMBER_UNCOVERED, "member-uncovered", CONTAINER, ERROR, FAILS, "FORMAT_FAILURE", "a member that the seal does not cover", "ask for the package again; something was added") \
	X(MEMBER_MISSING, "member-missing", CONTAINER, ERROR, FAILS, "SIGNED_DATA_NOT_FOUND", "a member that the seal or the format names is not there", "ask for the package again; something was removed") \
	X(MEMBER_UNEXPECTED, "member-unexpected", CONTAINER, ERROR, FAILS, "FORMAT_FAILURE", "a member that the format does not have", "ask for the package again") \
	X(ASIC_MANIFEST_MALFORMED, "asic-manifest-malformed", CONTAINER, ERROR, FAILS, "FORMAT_FAILURE", "an ASiCManifest is not what ETSI EN 319 162-1 and the format say", "ask for the package again") \
	X(NOT_A_CUSTODY_PACKAGE, "not-a-custody-package", CONTAINER, ERROR, OPENS, "FORMAT_FAILURE", "an ASiC-E container without custody/seal.json", "use a validator for ASiC-E") \
	X(NEWER_FORMAT, "newer-format", CONTAINER, ERROR, OPENS, "FORMAT_FAILURE", "the package uses something that this program does not know", "use a newer version of custody") \
	X(NOT_THE_PACKAGE_EXPECTED, "not-the-package-expected", CONTAINER, ERROR, FAILS, "HASH_FAILURE", "the package number is not the one expected", "compare the number with the form; ask for the right package") \
	X(PACKAGE_CHANGED_WHILE_READ, "package-changed-while-read", CONTAINER, ERROR, OPENS, "GENERIC", "the file changed while it was read", "copy the package to a quiet place and verify the copy") \
	X(LIMIT_EXCEEDED, "limit-exceeded", CONTAINER, ERROR, OPENS, "GENERIC", "the package is larger than this program judges", "use a newer version of custody, or tell us") \
	/* ---- integrity: three lists, one truth ---- */ \
	X(ITEM_DIGEST_MISMATCH, "item-digest-mismatch", INTEGRITY, ERROR, FAILS, "HASH_FAILURE", "content does not have the digest stated", "ask for the package again; the content was changed") \
	X(LISTS_DISAGREE, "lists-disagree", INTEGRITY, ERROR, FAILS, "HASH_FAILURE", "the three lists do not state the same", "ask for the package again") \
	X(LIST_MALFORMED, "list-malformed", INTEGRITY, ERROR, FAILS, "FORMAT_FAILURE", "a checksum list or BagIt tag file is not in its exact form", "ask for the package again") \
	X(INVENTORY_MALFORMED, "inventory-malformed", INTEGRITY, ERROR, FAILS, "FORMAT_FAILURE", "a line of custody/manifest.jsonl is not in its exact form", "ask for the package again") \
	X(SEAL_FILE_MALFORMED, "seal-file-malformed", INTEGRITY, ERROR, FAILS, "FORMAT_FAILURE", "custody/seal.json or custody/acquisition.json is not in its exact form", "ask for the package again") \
	X(TREE_ROOT_MISMATCH, "tree-root-mismatch", INTEGRITY, ERROR, FAILS, "HASH_FAILURE", "the inventory does not have the Merkle root that seal.json states", "ask for the package again") \
	X(TOTALS_MISMATCH, "totals-mismatch", INTEGRITY, ERROR, FAILS, "HASH_FAILURE", "counts or bytes stated are not those found", "ask for the package again") \
	X(INSTRUCTIONS_DIFFER, "instructions-differ", INTEGRITY, ERROR, FAILS, "HASH_FAILURE", "custody/VERIFY.txt is not the text of this format", "do not follow it; ask for the package again") \
	/* ---- seal: CMS, certificates, revocation ---- */ \
	X(SEAL_MISSING, "seal-missing", SEAL, ERROR, FAILS, "FORMAT_FAILURE", "a signature of the seal is not there", "ask for the package again") \
	X(SEAL_MALFORMED, "seal-malformed", SEAL, ERROR, FAILS, "FORMAT_FAILURE", "a signature file is not strict DER of the profile", "ask for the package again") \
	X(SEAL_ATTRIBUTES_MISSING, "seal-attributes-missing", SEAL, ERROR, FAILS, "SIG_CONSTRAINTS_FAILURE", "a signed attribute is missing, doubled or not allowed", "ask for the package again") \
	X(SEAL_ALGORITHM_REFUSED, "seal-algorithm-refused", SEAL, ERROR, FAILS, "SIG_CONSTRAINTS_FAILURE", "an algorithm or key that the format does not take", "ask for a package sealed with an algorithm of the format") \
	X(SEAL_SIGNATURE_INVALID, "seal-signature-invalid", SEAL, ERROR, FAILS, "SIG_CRYPTO_FAILURE", "a signature does not match what it is said to sign", "ask for the package again; it was changed after sealing, or forged") \
	X(SEAL_CERTIFICATE_MISMATCH, "seal-certificate-mismatch", SEAL, ERROR, FAILS, "SIG_CONSTRAINTS_FAILURE", "the certificate is not the one that the signature names", "ask for the package again") \
	X(SEAL_CERTIFICATE_UNSUITABLE, "seal-certificate-unsuitable", SEAL, ERROR, FAILS, "CHAIN_CONSTRAINTS_FAILURE", "a certificate is not made for what it was used for", "ask who sealed it for a package under a proper certificate") \
	X(SEAL_SURPLUS_DATA, "seal-surplus-data", SEAL, ERROR, FAILS, "SIG_CONSTRAINTS_FAILURE", "a certificate, revocation list or attribute that nothing needs", "ask for the package again; something was added") \
	X(SEAL_UNTRUSTED, "seal-untrusted", SEAL, ERROR, OPENS, "NO_CERTIFICATE_CHAIN_FOUND", "the seal holds arithmetically; who made it cannot be said", "get signers.pem from the laboratory by another way and give it with --trust") \
	X(SEAL_EXPIRED, "seal-expired", SEAL, ERROR, OPENS, "OUT_OF_BOUNDS_NO_POE", "a certificate of the signer was not valid at the time that counts", "a stamp of an independent authority from when it was valid is needed") \
	X(SEAL_NOT_YET_VALID, "seal-not-yet-valid", SEAL, ERROR, FAILS, "NOT_YET_VALID", "the proven time is before the signer's certificate was valid", "ask who sealed it") \
	X(SEAL_REVOKED, "seal-revoked", SEAL, ERROR, FAILS, "REVOKED", "the signer's certificate was revoked when the seal was made", "ask who sealed it") \
	X(SEAL_REVOKED_NO_PROOF_BEFORE, "seal-revoked-no-proof-before", SEAL, ERROR, OPENS, "REVOKED_NO_POE", "the signer's certificate was revoked, and nothing proves that the seal is older", "a stamp of an independent authority from before is needed") \
	X(REVOCATION_UNKNOWN, "revocation-unknown", SEAL, ERROR, OPENS, "TRY_LATER", "whether a certificate was revoked cannot be said", "give a revocation list of its issuer in crls.pem") \
	X(REVOCATION_MALFORMED, "revocation-malformed", SEAL, ERROR, FAILS, "FORMAT_FAILURE", "a revocation list in the package is malformed or not signed by its issuer", "ask for the package again") \
	X(REVOCATION_STALE, "revocation-stale", SEAL, WARNING, NOTHING, "", "a revocation list in the package had ended before the time-stamp: the package alone does not show that nothing was revoked by then", "keep the newer list that was used for this check with the package") \
	X(LEVEL_BELOW_REQUIRED, "level-below-required", SEAL, ERROR, FAILS, "SIG_CONSTRAINTS_FAILURE", "the seal holds less than seal.json says it must", "ask for the package again; something was taken out") \
	X(KEY_OUTSIDE_USAGE_PERIOD, "key-outside-usage-period", SEAL, WARNING, NOTHING, "", "the signing key was used outside its private key usage period", "ask the laboratory") \
	/* ---- time ---- */ \
	X(TIME_MISSING, "time-missing", TIME, ERROR, FAILS, "SIG_CONSTRAINTS_FAILURE", "a signature carries no time-stamp of an authority that seal.json lists", "ask for the package again; a stamp was taken out") \
	X(TIME_MALFORMED, "time-malformed", TIME, ERROR, FAILS, "FORMAT_FAILURE", "a time-stamp token is not strict DER of the profile", "ask for the package again") \
	X(TIME_WRONG_OBJECT, "time-wrong-object", TIME, ERROR, FAILS, "HASH_FAILURE", "a time-stamp is of something else than this signature", "ask for the package again") \
	X(TIME_ALGORITHM_REFUSED, "time-algorithm-refused", TIME, ERROR, FAILS, "SIG_CONSTRAINTS_FAILURE", "an algorithm or key in a time-stamp that the format does not take", "ask for a stamp of another authority") \
	X(TIME_SIGNATURE_INVALID, "time-signature-invalid", TIME, ERROR, FAILS, "SIG_CRYPTO_FAILURE", "a time-stamp's signature does not verify", "ask for the package again") \
	X(TIME_CERTIFICATE_MISMATCH, "time-certificate-mismatch", TIME, ERROR, FAILS, "SIG_CONSTRAINTS_FAILURE", "the authority's certificate is not the one that the token names", "ask for the package again") \
	X(TIME_CERTIFICATE_UNSUITABLE, "time-certificate-unsuitable", TIME, ERROR, FAILS, "CHAIN_CONSTRAINTS_FAILURE", "the authority's certificate is not one for time-stamping", "ask for a stamp of another authority") \
	X(TIME_BEFORE_CERTIFICATE, "time-before-certificate", TIME, ERROR, FAILS, "TIMESTAMP_ORDER_FAILURE", "a time-stamp is dated before its authority's certificate existed", "ask for the package again") \
	X(TIME_AUTHORITY_NOT_LISTED, "time-authority-not-listed", TIME, ERROR, FAILS, "SIG_CONSTRAINTS_FAILURE", "a time-stamp of an authority that seal.json does not list", "ask for the package again; a stamp was exchanged") \
	X(TIME_UNTRUSTED, "time-untrusted", TIME, ERROR, OPENS, "NO_CERTIFICATE_CHAIN_FOUND", "no time-stamp comes from an authority that was given for this check", "get tsas.pem from the laboratory by another way and give it with --trust") \
	X(TIME_UNTRUSTED_EXTRA, "time-untrusted-extra", TIME, WARNING, NOTHING, "", "one of several time-stamps comes from an authority that is not trusted here", "nothing needs to be done") \
	X(TIME_IN_FUTURE, "time-in-future", TIME, ERROR, OPENS, "TIMESTAMP_ORDER_FAILURE", "a time-stamp is dated after the time as at which it was judged: this computer's clock, or --at", "set the clock if it is wrong, or leave out --at, and verify again") \
	X(TIME_AUTHORITY_EXPIRED, "time-authority-expired", TIME, ERROR, OPENS, "OUT_OF_BOUNDS_NO_POE", "the authority's certificate has expired or was revoked since, and no later proof covers the stamp", "a renewal from before is needed") \
	X(TIME_CLAIM_AFTER_STAMP, "time-claim-after-stamp", TIME, WARNING, NOTHING, "", "the sealer stated a time after the stamp's", "the laboratory's clock was wrong; the stamp counts") \
	X(TIME_OWN_WORD, "time-own-word", TIME, NOTE, NOTHING, "", "the time is the laboratory's own word; nothing independent proves it", "nothing; know it when you rely on the time") \
	X(TIME_LEGACY_REFERENCE, "time-legacy-reference", TIME, NOTE, NOTHING, "", "a token names its certificate by SHA-1 only (ESSCertID of RFC 2634)", "nothing; the certificate was checked in other ways too") \
	/* ---- custody: the record of what happened after sealing ---- */ \
	X(RECORD_MALFORMED, "record-malformed", CUSTODY, ERROR, FAILS, "FORMAT_FAILURE", "the custody record is not in its exact form", "ask for the record again") \
	X(RECORD_NEWER_FORMAT, "record-newer-format", CUSTODY, ERROR, OPENS, "FORMAT_FAILURE", "the custody record uses something that this program does not know", "use a newer version of custody") \
	X(RECORD_WRONG_PACKAGE, "record-wrong-package", CUSTODY, ERROR, FAILS, "HASH_FAILURE", "the custody record, or an event in it, is of another package", "ask for the record of this package") \
	X(RECORD_CHAIN_BROKEN, "record-chain-broken", CUSTODY, ERROR, FAILS, "HASH_FAILURE", "an event of the custody record is missing, was changed, or does not follow the one before it", "ask for the record again; it was changed") \
	X(RECORD_FORK, "record-fork", CUSTODY, ERROR, FAILS, "HASH_FAILURE", "the custody record tells two histories", "ask everybody who held the package for their copy of the record") \
	X(RECORD_SIGNATURE_INVALID, "record-signature-invalid", CUSTODY, ERROR, FAILS, "SIG_CRYPTO_FAILURE", "a signature or time-stamp in the custody record is proved wrong", "ask for the record again; it was changed, or forged") \
	X(RECORD_UNTRUSTED, "record-untrusted", CUSTODY, ERROR, OPENS, "NO_CERTIFICATE_CHAIN_FOUND", "who signed an event of the custody record, or when, cannot be judged", "give anchors and revocation lists of everybody who held the package with --trust") \
	X(RECORD_WRONG_PARTY, "record-wrong-party", CUSTODY, ERROR, FAILS, "SIG_CONSTRAINTS_FAILURE", "an event of the custody record is signed by somebody who could not make it", "ask everybody who held the package for their copy of the record") \
	X(RECORD_DOUBLE_RELEASE, "record-double-release", CUSTODY, ERROR, FAILS, "FORMAT_FAILURE", "the package was released again before the first release was answered", "ask who released it which release counts") \
	X(RECORD_REPLAYED, "record-replayed", CUSTODY, ERROR, FAILS, "FORMAT_FAILURE", "an event of the custody record stands there twice, or answers what was answered already", "ask for the record again; something was repeated") \
	X(RECORD_OUT_OF_ORDER, "record-out-of-order", CUSTODY, ERROR, FAILS, "FORMAT_FAILURE", "an event of the custody record cannot follow those before it", "ask for the record again") \
	X(RECORD_BACK_DATED, "record-back-dated", CUSTODY, ERROR, FAILS, "TIMESTAMP_ORDER_FAILURE", "an event of the custody record states a time before an event that it follows", "ask who signed it; it was back-dated, or a clock was wrong") \
	X(RECORD_HEAD_MISSING, "record-head-missing", CUSTODY, ERROR, FAILS, "HASH_FAILURE", "the custody record lacks a head that was given: the head is mistyped, events were cut off, or there is another history", "compare the head with the paper; then ask who gave it for their copy of the record") \
	X(RECORD_TIMES_DISAGREE, "record-times-disagree", CUSTODY, WARNING, NOTHING, "", "times of one event of the custody record differ by more than clocks do", "ask who signed it") \
	X(RECORD_GAP, "record-gap", CUSTODY, WARNING, NOTHING, "", "the custody record leaves open who held the package, or somebody else than the holder handled it", "ask those who held the package") \
	X(RECORD_AFTER_DESTRUCTION, "record-after-destruction", CUSTODY, WARNING, NOTHING, "", "the package is there, or was acted on, after an event of its custody record says that it was destroyed", "ask who destroyed it what it was that they destroyed") \
	X(RECORD_DISCREPANCY, "record-discrepancy", CUSTODY, WARNING, NOTHING, "", "an event of the custody record says that something did not fit", "read the event: custody record show") \
	X(RECORD_DECLARED_LATER, "record-declared-later", CUSTODY, NOTE, NOTHING, "", "an event of the custody record was told afterwards, from paper", "look at the paper that it names") \
	X(RECORD_TIME_OWN_WORD, "record-time-own-word", CUSTODY, NOTE, NOTHING, "", "the time of an event of the custody record is the word of whoever signed it", "nothing; know it when you rely on the time") \
	X(RECORD_END_NOT_ANCHORED, "record-end-not-anchored", CUSTODY, NOTE, NOTHING, "", "whether later events of the custody record were cut off cannot be said", "give the head that somebody else noted with --head") \
	/* ---- statements: said, never judged ---- */ \
	X(NO_ANCHORS, "no-anchors", STATEMENTS, NOTE, NOTHING, "", "no trust anchors were given", "give the folder with signers.pem and tsas.pem with --trust") \
	X(ANCHORS_BESIDE_PACKAGE, "anchors-beside-package", STATEMENTS, NOTE, NOTHING, "", "the trust anchors lie below the package's own folder", "make sure that they did not come with the package") \
	X(NO_CONTENT, "no-content", STATEMENTS, NOTE, NOTHING, "", "the package holds no file content", "nothing; know it") \
	X(DOCUMENT_BESIDE_ITEMS, "document-beside-items", STATEMENTS, NOTE, NOTHING, "", "the seal covers a document that is no item of the package", "custody show lists such documents; take it out with unzip, and read it as what the sealer added") \
	X(SEAL_TIMES_DISAGREE, "seal-times-disagree", STATEMENTS, WARNING, NOTHING, "", "times that the sealer stated cannot all be of one seal", "ask the laboratory; a clock was wrong or was set back, or a time was made up") \
	X(BAG_INFO_DIFFERS, "bag-info-differs", STATEMENTS, WARNING, NOTHING, "", "bag-info.txt names another organisation, person or date than seal.json", "go by the certificate and the time-stamp, which neither file can change; ask the laboratory") \
	X(SOURCE_CHANGED_WHILE_READ, "source-changed-while-read", STATEMENTS, WARNING, NOTHING, "", "a source file changed while it was read; the bytes read were sealed", "ask the laboratory why this was accepted") \
	X(SOURCE_UNREADABLE, "source-unreadable", STATEMENTS, WARNING, NOTHING, "", "a source file, or what lay in a folder, could not be read and is not in the package", "ask the laboratory why this was accepted") \
	X(NAME_ALIASED, "name-aliased", STATEMENTS, NOTE, NOTHING, "", "an item lies in the package under another name; its own is in the inventory", "use custody extract to get the own name back") \
	X(XATTRS_DIGEST_ONLY, "xattrs-digest-only", STATEMENTS, NOTE, NOTHING, "", "extended attributes too large for the inventory; only their digest is there", "nothing; know it") \
	X(XATTRS_UNREADABLE, "xattrs-unreadable", STATEMENTS, WARNING, NOTHING, "", "extended attributes of an item could not be read and are not in the inventory", "ask the laboratory what they held") \
	X(TIMES_ABSENT, "times-absent", STATEMENTS, NOTE, NOTHING, "", "a time of an item was unknown or out of range", "nothing; know it") \
	X(NOT_IDENTIFIED, "not-identified", STATEMENTS, NOTE, NOTHING, "", "the types of items were not identified", "nothing; know it") \
	X(TYPE_MISMATCH, "type-mismatch", STATEMENTS, NOTE, NOTHING, "", "an item's content is not of the type that its name says", "look at the item") \
	X(ITEM_FINDING_UNKNOWN, "item-finding-unknown", STATEMENTS, WARNING, NOTHING, "", "the sealer noted something about an item that this program cannot interpret", "read what was noted; ask the laboratory, or use a newer version of custody") \
	X(CLAIM_MISMATCH, "claim-mismatch", STATEMENTS, WARNING, NOTHING, "", "a digest stated by somebody else is not the one computed", "ask who stated it") \
	X(CLAIM_MISSING, "claim-missing", STATEMENTS, WARNING, NOTHING, "", "somebody stated a digest of something that, as the sealer says, is no item of the package", "look whether an item has that name; ask who stated it whether everything was received and sealed") \
	X(CLAIM_NOT_COMPARED, "claim-not-compared", STATEMENTS, WARNING, NOTHING, "", "a digest stated by somebody else could not be compared", "nothing was shown by it; ask for a digest of a kind that the package has") \
	X(CLAIM_LEGACY, "claim-legacy", STATEMENTS, NOTE, NOTHING, "", "stated digests agree, but are of a legacy algorithm alone", "nothing; know that somebody who made the content can make another with the same digest") \
	X(CLAIM_NAME_DIFFERS, "claim-name-differs", STATEMENTS, NOTE, NOTHING, "", "a digest was stated under another name than the item has", "make sure that the two names mean the same thing") \
	X(CLAIM_ABSENT, "claim-absent", STATEMENTS, NOTE, NOTHING, "", "nobody stated a digest of some items", "ask who handed them over whether a digest was stated") \
	X(CLAIM_UNVERIFIED, "claim-unverified", STATEMENTS, NOTE, NOTHING, "", "a signature, certificate or letter of whoever handed it over was not verified", "a detached CMS signature: custody claims verifies it; anything else by the means of whoever made it; its SHA-256 says which file it is") \
	X(CLAIMS_MALFORMED, "claims-malformed", STATEMENTS, WARNING, NOTHING, "", "the digests stated by others are not in a form that this program reads", "nothing was compared; use a newer version of custody, or ask the laboratory") \
	X(REQUEST_MALFORMED, "request-malformed", STATEMENTS, WARNING, NOTHING, "", "the request record is not in a form that this program reads", "nothing of it was compared; use a newer version of custody, or ask the laboratory") \
	X(REQUEST_PRESERVATION_LAPSED, "request-preservation-lapsed", STATEMENTS, WARNING, NOTHING, "", "the answer came after the promise to preserve the data had ended", "ask the provider since when the data were kept, and what may be missing") \
	X(REQUEST_REFERENCE_DIFFERS, "request-reference-differs", STATEMENTS, WARNING, NOTHING, "", "the return names a reference that the request record does not have", "ask the provider which request was answered") \
	X(REQUEST_OUTSIDE_SCOPE, "request-outside-scope", STATEMENTS, WARNING, NOTHING, "", "the return says of itself that it goes beyond what was asked", "ask whether more was handed over than was asked for, and what may be kept") \
	X(REQUEST_SCOPE_UNKNOWN, "request-scope-unknown", STATEMENTS, NOTE, NOTHING, "", "whether the return goes beyond what was asked cannot be said", "compare by hand what is withheld, or written in another way") \
	X(REQUEST_NOT_ANSWERED, "request-not-answered", STATEMENTS, NOTE, NOTHING, "", "the return does not name everything that was asked for", "ask the provider whether there was nothing else") \
	X(REQUEST_ITEM_MISSING, "request-item-missing", STATEMENTS, WARNING, NOTHING, "", "the request record names something received that is not in the package", "ask the laboratory where it is") \
	X(REQUEST_ITEMS_UNLINKED, "request-items-unlinked", STATEMENTS, NOTE, NOTHING, "", "items answer no line of a request that the package holds", "ask the laboratory why they were received") \
	X(REQUEST_DOCUMENTS_NOT_PRESENTED, "request-documents-not-presented", STATEMENTS, NOTE, NOTHING, "", "the documents of the request are sealed in a package of their own, which was not looked at", "give it with --request-documents") \
	X(REQUEST_DOCUMENTS_DIFFER, "request-documents-differ", STATEMENTS, WARNING, NOTHING, "", "a package of documents that was given is not as the request record names it", "compare its number, and what is in it, with what the record names") \
	X(REQUEST_DOCUMENTS_NOT_VALID, "request-documents-not-valid", STATEMENTS, WARNING, NOTHING, "", "a package of documents that was given is not VALID", "verify it by itself, which says why") \
	X(REQUEST_DOCUMENT_MISSING, "request-document-missing", STATEMENTS, WARNING, NOTHING, "", "the request record names a document that is not among those that are sealed", "ask the laboratory where it is") \
	X(RECEIPT_NOT_SEALED, "receipt-not-sealed", STATEMENTS, WARNING, NOTHING, "", "nothing in the package has the digest of something when it was received", "ask the laboratory what happened between receipt and sealing") \
	X(UNKNOWN_FIELD, "unknown-field", STATEMENTS, NOTE, NOTHING, "", "a private field (x-...) that this program does not interpret", "ask the laboratory what it means")
/* clang-format on */

enum custody_finding_id {
#define CUSTODY_FINDING_ENUM(name, id, group, severity, effect, etsi, text, action) CUSTODY_FINDING_##name,
	CUSTODY_FINDINGS(CUSTODY_FINDING_ENUM)
#undef CUSTODY_FINDING_ENUM
		CUSTODY_FINDING_COUNT
};

/* One row of the table; static, never freed. */
struct custody_finding_info {
	const char *id; /* kebab-case, permanent */
	enum custody_group group;
	enum custody_severity severity;
	enum custody_effect effect;
	const char *etsi; /* ETSI EN 319 102-1 sub-indication, "" where there is none */
	const char *text; /* one line, plain words, no full stop */
	const char *action; /* what a reader can do */
};

/* The row of id. Borrows static memory. */
const struct custody_finding_info *custody_finding_get(enum custody_finding_id id);

/* Looks an id up by its kebab-case text. Returns CUSTODY_FINDING_COUNT when there is none of that name (text may be NULL). */
enum custody_finding_id custody_finding_find(const char *text);

/* Name of a group as in the JSON report: "container" ... "long-term", "statements". Static. */
const char *custody_group_name(enum custody_group group);
const char *custody_severity_name(enum custody_severity severity);

/* One finding of one package. detail and item are owned; item is raw bytes (a path or member name), not yet escaped. */
struct custody_finding {
	enum custody_finding_id id;
	char *detail; /* UTF-8, plain, escaped by whoever made it where it quotes input; may be NULL */
	uint8_t *item; /* raw bytes of the item's or member's name; NULL when the finding is about the whole */
	size_t item_len;
};

/*
 * A list of findings of one package. At most CUSTODY_LIMIT_FINDINGS with CUSTODY_LIMIT_FINDINGS_BYTES of texts are kept in full, notes at most half of
 * either and warnings three quarters (a sealer can put thousands into the lines of items), so that a flood of them never hides what is wrong; further ones are counted per id (their effect on the verdict is never lost). Init with custody_findings_init(), free with custody_findings_release().
 */
struct custody_findings {
	struct custody_finding *list;
	size_t n, cap;
	size_t bytes; /* of the texts and names kept */
	uint64_t count[CUSTODY_FINDING_COUNT]; /* how often each id was found, kept or not */
	bool out_of_memory; /* an addition was lost for want of memory: the verdict cannot be VALID */
};

void custody_findings_init(struct custody_findings *f);
void custody_findings_release(struct custody_findings *f);

/*
 * Adds a finding. item may be NULL. fmt may be NULL for no detail. Never fails visibly: when memory is out the count is kept and
 * out_of_memory is set.
 */
void custody_findings_add(struct custody_findings *f, enum custody_finding_id id, const void *item, size_t item_len, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/*
 * Turns an error of a parser into a finding: err->rule names it, err->text is the detail. An error without a known rule becomes
 * `fallback`. Errors of kind IO, NOMEM, LIMIT, INTERNAL or INTERRUPTED must not be passed here (a failure is not a finding).
 */
void custody_findings_add_error(
	struct custody_findings *f, enum custody_finding_id fallback, const void *item, size_t item_len, const struct custody_error *err);

/*
 * What an error of a parser comes to. A refusal becomes a finding (as above), a limit the finding `limit-exceeded`, which leaves the verdict open: 0. Everything else is a
 * failure: -1, and no finding.
 */
int custody_findings_take(
	struct custody_findings *f, enum custody_finding_id fallback, const char *item, const struct custody_error *err) CUSTODY_MUST_USE;

/* True if a finding with that effect is in that group (COUNT of group = any group). */
bool custody_findings_have(const struct custody_findings *f, enum custody_group group, enum custody_effect effect);

#endif
