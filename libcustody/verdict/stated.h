/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the sealer states more than once, against itself: the times of one seal, and who sealed (decisions/0022). Who holds the key can state what they like, and agree with themselves; what
 * does not agree tells of a wrong clock, of a program that guessed, or of parts of two seals. All of it is a word to the reader: nothing here moves the verdict.
 */
#ifndef CUSTODY_VERDICT_STATED_H
#define CUSTODY_VERDICT_STATED_H

#include "libcustody/package/bag.h"
#include "libcustody/package/sealfile.h"
#include "libcustody/verdict/finding.h"
#include "libcustody/verdict/seal.h"

/*
 * "seal-times-disagree", once for each two times that cannot be of one seal: the reading that ends before it begins; that ends after seal.json says that it was sealed; a
 * signature that holds and states a time more than CUSTODY_LIMIT_SIGNED_APART from seal.json's, or one outside the validity of the signer's certificate.
 */
void custody_stated_times(const struct custody_sealfile *sealfile, const struct custody_acquisition_facts *acquisition,
	const struct custody_seal_result *seal, struct custody_findings *findings);

/*
 * "bag-info-differs", once for each of organisation, contact and date that is not what seal.json says. A value that seal.json does not have (null) is an empty one in bag-info.txt;
 * a date has no zone there: that of `sealed` anywhere on Earth is taken.
 */
void custody_stated_bag_info(const struct custody_sealfile *sealfile, const struct custody_bag_info *info, struct custody_findings *findings);

#endif
