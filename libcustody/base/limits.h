/* SPDX-License-Identifier: Apache-2.0 */
/* Every limit of the product, each with its reason. Nothing else in the tree has a number that bounds input. */
#ifndef CUSTODY_BASE_LIMITS_H
#define CUSTODY_BASE_LIMITS_H

#define CUSTODY_LIMIT_BLOCK ((size_t)1 << 20) /* one read of evidence: large enough that a syscall costs nothing beside the digest */
#define CUSTODY_LIMIT_LIST ((uint64_t)1 << 30) /* bytes of one list in a package (sealed-package.md, "What makes it robust") */
#define CUSTODY_LIMIT_MEMBERS ((uint64_t)1 << 31) /* members of a package (likewise) */
#define CUSTODY_LIMIT_NAME ((size_t)1000) /* bytes of a member name that the writer makes (sealed-package.md, "Names") */
#define CUSTODY_LIMIT_NAME_PART ((size_t)200) /* bytes of one part of such a name */
#define CUSTODY_LIMIT_MEMBER_NAME \
	((size_t)4096) /* bytes of a member name that the reader takes: four times what the writer makes, and PATH_MAX: nothing unpacks a longer one */
#define CUSTODY_LIMIT_FOLDED_PART \
	((size_t)255) /* bytes of one part that is compared under all of Unicode: APFS has no longer one, nor has Linux, and a gigabyte of such names costs minutes, not hours */
#define CUSTODY_LIMIT_PATH ((size_t)1 << 20) /* bytes of an item's path: far beyond PATH_MAX, and a line still fits the line limit */
#define CUSTODY_LIMIT_DEPTH 16384 /* folders below each other: ten times what any system makes, and the walk's stack stays small */
#define CUSTODY_LIMIT_FOLDER_NAMES ((size_t)8 << 20) /* bytes of names of one folder held at once: some 150,000; a million take seven readings */
#define CUSTODY_LIMIT_WALK_NAMES \
	((size_t)12 << 20) /* bytes of names of all folders on the way down: those nearest the root are read again on the way up */
#define CUSTODY_LIMIT_OPEN_FOLDERS 32 /* folders on the way down held open: far below any descriptor limit */
#define CUSTODY_LIMIT_LINE ((size_t)4 << 20) /* bytes of one line of manifest.jsonl: path_b64 of the longest path and 64 KiB of xattrs fit */
#define CUSTODY_LIMIT_ITEM_ARENA \
	((size_t)16 << 20) /* what a parsed line borrows: its texts, and the lists of attributes and findings of the longest line */
#define CUSTODY_LIMIT_XATTRS ((size_t)65536) /* bytes of extended attributes an item kept in full (sealed-package.md) */
#define CUSTODY_LIMIT_SMALL_MEMBER ((uint64_t)1 << 20) /* seal.json, acquisition.json, bag-info.txt ...: read whole */
#define CUSTODY_LIMIT_ACQUISITION ((uint64_t)16 << 20) /* acquisition.json: some hundred thousand exceptions */
#define CUSTODY_LIMIT_HEADER ((size_t)66000) /* a local ZIP header: 30 bytes, a name of at most 65,535, a Zip64 extra */
#define CUSTODY_LIMIT_SIGNATURE ((uint64_t)1 << 20) /* one signature file: two CRLs of public authorities fit */
#define CUSTODY_LIMIT_CERTIFICATES 32 /* certificates in one CMS (reliability-security.md section 5) */
#define CUSTODY_LIMIT_CHAIN 8 /* certificates on a path (likewise) */
#define CUSTODY_LIMIT_CRLS 32 /* CRLs in one CMS: one an issuer on the paths */
#define CUSTODY_LIMIT_TOKENS 8 /* time-stamp tokens a signature: nobody asks more authorities */
#define CUSTODY_LIMIT_NONCE 64 /* bytes of a time-stamp request's nonce: clients use 8 to 32 */
#define CUSTODY_LIMIT_TSP_REQUEST ((size_t)1024) /* bytes of a TimeStampReq: SHA-512, the longest policy and nonce need 300 */
#define CUSTODY_LIMIT_TSP_TEXT 125 /* bytes of a refusal's text: two headers of two bytes around it */
#define CUSTODY_LIMIT_TSP_REPLY \
	((size_t)65536) /* bytes of an authority's reply: a token with its path has 4 to 8 KiB, and small revocation lists fit (reliability-security.md 1.5) */
#define CUSTODY_LIMIT_CLOCK_BEHIND \
	300 /* seconds that a stamp may be older than the moment it was asked for, by our clock: a clock not set for weeks; and that it may be off by */
#define CUSTODY_LIMIT_CLOCK_AHEAD 60 /* and newer than the moment it arrived: until our clock has got there, the package is not yet VALID */
#define CUSTODY_LIMIT_OID 128 /* bytes of an object identifier (reliability-security.md section 5, slow OIDs) */
#define CUSTODY_LIMIT_RSA_BITS 8192 /* larger keys only cost time */
#define CUSTODY_LIMIT_DER_DEPTH 32 /* nested DER elements: our structures need 17 */
#define CUSTODY_LIMIT_JSON_DEPTH 16 /* nested JSON: our lines need 4 */
#define CUSTODY_LIMIT_TRUST_FILE ((size_t)64 << 20) /* signers.pem, tsas.pem, crls.pem: a CRL of a public authority can be tens of MiB */
#define CUSTODY_LIMIT_CONF ((size_t)1 << 20) /* custody.conf */
#define CUSTODY_LIMIT_ROOT_STATE ((size_t)1 << 20) /* root/state.json: some 3,000 certificates, and comparing each with each takes no time */
#define CUSTODY_LIMIT_LAB_CERTIFICATES 10000 /* files in the lab's certificates/: more than state.json takes */
#define CUSTODY_LIMIT_LAB_KEYS 9999 /* keys of one holder one after the other, two years each; four digits in a file name */
#define CUSTODY_LIMIT_FINDINGS 1000 /* findings kept in full a package: nobody reads more; the rest is counted */
#define CUSTODY_LIMIT_FINDINGS_BYTES ((size_t)8 << 20) /* bytes of their texts and names: a thousand with the longest paths would be a gigabyte */
#define CUSTODY_LIMIT_REPORT \
	((size_t)16 << 20) /* bytes of findings listed in one report: a thousand of them with the longest names would be gigabytes */
#define CUSTODY_LIMIT_XML_TOKEN \
	((size_t)65536) /* bytes from one '<' of an ASiCManifest to the next: the longest name, percent-encoded, needs 13,000 */
#define CUSTODY_LIMIT_XML_DEPTH 16 /* nested elements of an ASiCManifest: it needs 4 */
#define CUSTODY_LIMIT_PASSPHRASE 1024 /* bytes */
#define CUSTODY_LIMIT_CERTIFICATE_NAME 264 /* bytes of O or CN with its NUL: X.509 takes 64 characters */
#define CUSTODY_LIMIT_KEY_FILE ((size_t)65536) /* a private key in PEM with text around it: RSA-8192 needs 7 KiB */
#define CUSTODY_LIMIT_JOURNAL_LINE ((size_t)64 << 20) /* the longest command line (6 MiB), every byte of it escaped twice */
#define CUSTODY_LIMIT_HASH_LINE ((size_t)2 << 20) /* a line of somebody's hash list: the longest path, escaped, and a few digests */
#define CUSTODY_LIMIT_SPOOL_BUFFER ((size_t)65536) /* a spool below it never touches the disk (base/fd.h) */
#define CUSTODY_LIMIT_TEXT_FIELD ((size_t)4096) /* case, exhibit, names of people: one line of a form */
#define CUSTODY_LIMIT_REQUEST ((size_t)1 << 20) /* a document of request records, as a person wrote it and in a package: a request is some pages */
#define CUSTODY_LIMIT_REQUESTS 64 /* records in one document: a request, its extensions and what followed */
#define CUSTODY_LIMIT_REQUEST_TEXT ((size_t)65536) /* bytes of a text of several lines in it: the facts of a case on some twenty pages */
#define CUSTODY_LIMIT_DOCUMENTS 100000 /* items of a package of a request's documents: 3 MB of digests, and no request has as many papers */
#define CUSTODY_LIMIT_REQUEST_LIST 2000 /* elements of one list in it: more lines than a request has, and comparing each with each takes no time */
#define CUSTODY_LIMIT_CLAIM_SOURCES 64 /* lists of digests stated by others, one package: a list for each part of an answer */
#define CUSTODY_LIMIT_FORM ((size_t)65536) /* bytes of a form of a certificate: a law's form has a page or two */
#define CUSTODY_LIMIT_FORM_PARTS 200 /* its lines */
#define CUSTODY_LIMIT_FORM_OPTIONS 16 /* boxes of one choice, rules to sign on */
#define CUSTODY_LIMIT_FORM_SOURCES 4 /* addresses that a form was checked against */
#define CUSTODY_LIMIT_FORM_ITEMS 1000 /* items in a hash report: some forty pages; of more, the package's own list is named by its digest */
#define CUSTODY_LIMIT_CLAIMS_TEXT ((size_t)4 << 20) /* a letter or table with digests, of which a person compares every line */
#define CUSTODY_LIMIT_EVENTS ((size_t)500) /* events of a custody record: each signed list names all before it, so a record grows with the square */
#define CUSTODY_LIMIT_RECORD ((uint64_t)128 << 20) /* bytes of a custody record: so many events with small revocation lists have some 100 MiB */
#define CUSTODY_LIMIT_EVENT ((size_t)1 << 20) /* bytes of one event: every text at its longest, escaped, needs 400 KiB */
#define CUSTODY_LIMIT_ATTACHMENTS 32 /* attachments an event: photographs of a seal, a scan, a form */
#define CUSTODY_LIMIT_TRANSIT 86400 /* seconds between release and answer, or seal and first event, that are not worth a warning: a courier's day */
#define CUSTODY_LIMIT_SIGNED_APART 86400 /* seconds between the time in seal.json and a signature's: whoever holds the card comes the next morning */
#define CUSTODY_LIMIT_STAMP_LATE 86400 /* seconds that a stamp may come after the event: an authority that could not be reached over night */
#define CUSTODY_LIMIT_INSPECT_END \
	((size_t)1 << 20) /* from the end of a foreign ZIP, where its directory's end is looked for: a comment of 65,535, and data after it */
#define CUSTODY_LIMIT_INSPECT_MEMBERS UINT64_C(1000000) /* members of a foreign archive: a hundred times a large return, and 64 MiB of directory */
#define CUSTODY_LIMIT_INSPECT_BYTES ((uint64_t)1 << 40) /* bytes that come out of one: some hours */
#define CUSTODY_LIMIT_INSPECT_RATIO UINT64_C(200) /* times its own size: text gives 50, a bomb 1000 and more (formats.md section 8) */
#define CUSTODY_LIMIT_INSPECT_RATIO_FROM ((uint64_t)1 << 30) /* bytes that come out before the ratio counts: a small archive of zeros is no bomb */
#define CUSTODY_LIMIT_INSPECT_SECONDS UINT64_C(3600) /* for one file */
#define CUSTODY_LIMIT_INSPECT_NAME ((size_t)65536) /* bytes of a member's name or link: all that ZIP can say, and no tar means more */
#define CUSTODY_LIMIT_INSPECT_HEAD ((size_t)65536) /* first bytes of a member by which it is identified */
#define CUSTODY_LIMIT_INSPECT_AGAIN 64 /* times that a foreign ZIP is opened again behind a damaged member */

#endif
