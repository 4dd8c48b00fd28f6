/* SPDX-License-Identifier: Apache-2.0 */
/* The object identifiers that crypto/ knows, as the content bytes of their DER encoding. */
#ifndef CUSTODY_CRYPTO_OID_H
#define CUSTODY_CRYPTO_OID_H

/* CMS, RFC 5652 and RFC 3161 */
#define CUSTODY_OID_DATA "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
#define CUSTODY_OID_SIGNED_DATA "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
#define CUSTODY_OID_TST_INFO "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x04"
#define CUSTODY_OID_CONTENT_TYPE "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03"
#define CUSTODY_OID_MESSAGE_DIGEST "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04"
#define CUSTODY_OID_SIGNING_TIME "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05"
#define CUSTODY_OID_SIGNING_CERTIFICATE "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0c"
#define CUSTODY_OID_SIGNING_CERTIFICATE_V2 "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x2f"
#define CUSTODY_OID_TIME_STAMP_TOKEN "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0e"
/* digests, RFC 8017 and NIST */
#define CUSTODY_OID_SHA1 "\x2b\x0e\x03\x02\x1a"
#define CUSTODY_OID_SHA256 "\x60\x86\x48\x01\x65\x03\x04\x02\x01"
#define CUSTODY_OID_SHA384 "\x60\x86\x48\x01\x65\x03\x04\x02\x02"
#define CUSTODY_OID_SHA512 "\x60\x86\x48\x01\x65\x03\x04\x02\x03"
#define CUSTODY_OID_MD5 "\x2a\x86\x48\x86\xf7\x0d\x02\x05"
/* signatures and keys, RFC 4055, RFC 5758, RFC 5480 */
#define CUSTODY_OID_RSA "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
#define CUSTODY_OID_MGF1 "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08"
#define CUSTODY_OID_RSA_PSS "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"
#define CUSTODY_OID_SHA1_RSA "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05"
#define CUSTODY_OID_SHA256_RSA "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"
#define CUSTODY_OID_SHA384_RSA "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c"
#define CUSTODY_OID_SHA512_RSA "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d"
#define CUSTODY_OID_EC "\x2a\x86\x48\xce\x3d\x02\x01"
#define CUSTODY_OID_P256 "\x2a\x86\x48\xce\x3d\x03\x01\x07"
#define CUSTODY_OID_P384 "\x2b\x81\x04\x00\x22"
#define CUSTODY_OID_P521 "\x2b\x81\x04\x00\x23"
#define CUSTODY_OID_SHA1_ECDSA "\x2a\x86\x48\xce\x3d\x04\x01"
#define CUSTODY_OID_SHA256_ECDSA "\x2a\x86\x48\xce\x3d\x04\x03\x02"
#define CUSTODY_OID_SHA384_ECDSA "\x2a\x86\x48\xce\x3d\x04\x03\x03"
#define CUSTODY_OID_SHA512_ECDSA "\x2a\x86\x48\xce\x3d\x04\x03\x04"
/* certificate and CRL extensions, RFC 5280 and RFC 9608 */
#define CUSTODY_OID_SUBJECT_KEY_IDENTIFIER "\x55\x1d\x0e"
#define CUSTODY_OID_KEY_USAGE "\x55\x1d\x0f"
#define CUSTODY_OID_PRIVATE_KEY_USAGE_PERIOD "\x55\x1d\x10"
#define CUSTODY_OID_SUBJECT_ALT_NAME "\x55\x1d\x11"
#define CUSTODY_OID_BASIC_CONSTRAINTS "\x55\x1d\x13"
#define CUSTODY_OID_CRL_NUMBER "\x55\x1d\x14"
#define CUSTODY_OID_REASON_CODE "\x55\x1d\x15"
#define CUSTODY_OID_INVALIDITY_DATE "\x55\x1d\x18"
#define CUSTODY_OID_DELTA_CRL_INDICATOR "\x55\x1d\x1b"
#define CUSTODY_OID_ISSUING_DISTRIBUTION_POINT "\x55\x1d\x1c"
#define CUSTODY_OID_CERTIFICATE_ISSUER "\x55\x1d\x1d"
#define CUSTODY_OID_NAME_CONSTRAINTS "\x55\x1d\x1e"
#define CUSTODY_OID_CRL_DISTRIBUTION_POINTS "\x55\x1d\x1f"
#define CUSTODY_OID_CERTIFICATE_POLICIES "\x55\x1d\x20"
#define CUSTODY_OID_AUTHORITY_KEY_IDENTIFIER "\x55\x1d\x23"
#define CUSTODY_OID_EXT_KEY_USAGE "\x55\x1d\x25"
#define CUSTODY_OID_INHIBIT_ANY_POLICY "\x55\x1d\x36"
#define CUSTODY_OID_NO_REV_AVAIL "\x55\x1d\x38"
/* purposes, RFC 5280 4.2.1.12 and RFC 9336 */
#define CUSTODY_OID_ANY_PURPOSE "\x55\x1d\x25\x00"
#define CUSTODY_OID_EMAIL_PROTECTION "\x2b\x06\x01\x05\x05\x07\x03\x04"
#define CUSTODY_OID_TIME_STAMPING "\x2b\x06\x01\x05\x05\x07\x03\x08"
#define CUSTODY_OID_DOCUMENT_SIGNING "\x2b\x06\x01\x05\x05\x07\x03\x24"
/* policies of time-stamp tokens, made for them under UUIDs (X.667) */
/* "The time is the lab's own word; its clock is not compared with anything, and nothing independent proves the time":
 * 2.25.158388215558745765731388170316660901063 */
#define CUSTODY_POLICY_OWN_WORD "\x69\x81\xee\xa8\xba\xfc\xb4\x9d\xc2\xbe\xbf\x80\xf8\xb9\xa6\x8e\xa4\xe2\x89\x47"
/* "Stamped on request for others by a laboratory's service (custody tsa), by the clock of its computer; an accuracy is stated only while the system says
 * that the clock is synchronised": 2.25.17884524901015966708602065365171390584 */
#define CUSTODY_POLICY_SERVED "\x69\x9a\xf4\xb7\xca\x81\xbb\xd2\x8e\xa9\x95\xeb\x8e\xe3\xf7\xaf\xad\x90\x78"

#endif
