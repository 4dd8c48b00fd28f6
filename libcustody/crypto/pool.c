/* SPDX-License-Identifier: Apache-2.0 */
#include "libcustody/crypto/pool.h"

#include <stdlib.h>

void custody_pool_release(struct custody_pool *pool)
{
	for (size_t i = 0; i < pool->n_certificates; i++) {
		custody_certificate_release(pool->certificates[i]);
		free(pool->certificates[i]);
	}
	for (size_t i = 0; i < pool->n_crls; i++) {
		custody_crl_release(pool->crls[i]);
		free(pool->crls[i]);
	}
	free(pool->certificates);
	free(pool->crls);
	*pool = (struct custody_pool){ 0 };
}

int custody_pool_certificate(struct custody_pool *pool, struct custody_bytes der, const struct custody_certificate **out, struct custody_error *err)
{
	for (size_t i = 0; i < pool->n_certificates; i++) {
		*out = pool->certificates[i];
		if (custody_bytes_equal((struct custody_bytes){ (*out)->der, (*out)->der_len }, der))
			return 0;
	}
	struct custody_certificate **list = realloc(pool->certificates, (pool->n_certificates + 1) * sizeof(*list));
	if (list == NULL)
		return custody_fail_nomem(err);
	pool->certificates = list;
	CUSTODY_FREE struct custody_certificate *c = calloc(1, sizeof(*c));
	if (c == NULL)
		return custody_fail_nomem(err);
	if (custody_certificate_parse(der.p, der.n, c, err) < 0)
		return -1;
	*out = c;
	list[pool->n_certificates++] = custody_steal(&c);
	return 0;
}

int custody_pool_crl(struct custody_pool *pool, struct custody_bytes der, const struct custody_crl **out, struct custody_error *err)
{
	for (size_t i = 0; i < pool->n_crls; i++) {
		*out = pool->crls[i];
		if (custody_bytes_equal((struct custody_bytes){ (*out)->der, (*out)->der_len }, der))
			return 0;
	}
	struct custody_crl **list = realloc(pool->crls, (pool->n_crls + 1) * sizeof(*list));
	if (list == NULL)
		return custody_fail_nomem(err);
	pool->crls = list;
	CUSTODY_FREE struct custody_crl *c = calloc(1, sizeof(*c));
	if (c == NULL)
		return custody_fail_nomem(err);
	if (custody_crl_parse(der.p, der.n, c, err) < 0)
		return -1;
	*out = c;
	list[pool->n_crls++] = custody_steal(&c);
	return 0;
}
