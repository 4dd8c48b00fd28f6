/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/cmd.h"
#include "cmd/environment.h"

int custody_exit_of(const struct custody_error *err)
{
	switch (err->kind) {
	case CUSTODY_ERR_USAGE:
		return CUSTODY_EXIT_USAGE;
	case CUSTODY_ERR_FORMAT:
	case CUSTODY_ERR_LIMIT:
		return CUSTODY_EXIT_FORMAT;
	case CUSTODY_ERR_INPUT:
		return CUSTODY_EXIT_INPUT;
	case CUSTODY_ERR_IO:
		return CUSTODY_EXIT_IO;
	case CUSTODY_ERR_TEMPORARY:
		return CUSTODY_EXIT_TEMPORARY;
	case CUSTODY_ERR_INTERRUPTED:
		return CUSTODY_EXIT_SIGNAL + custody_environment_signal();
	case CUSTODY_ERR_NONE: /* an error without a cause is our mistake, never a success */
	case CUSTODY_ERR_CRYPTO:
	case CUSTODY_ERR_NOMEM:
	case CUSTODY_ERR_INTERNAL:
		break;
	}
	return CUSTODY_EXIT_INTERNAL;
}

int custody_exit_of_verdict(enum custody_verdict v)
{
	switch (v) {
	case CUSTODY_VERDICT_VALID:
		return CUSTODY_EXIT_OK;
	case CUSTODY_VERDICT_INVALID:
		return CUSTODY_EXIT_INVALID;
	case CUSTODY_VERDICT_INDETERMINATE:
		return CUSTODY_EXIT_INDETERMINATE;
	case CUSTODY_VERDICT_NONE:
		break;
	}
	return CUSTODY_EXIT_INTERNAL;
}

/* A proved tampering is never hidden by a failure elsewhere in the run; only a run that was ended says so whatever it had found. */
static int rank(int code)
{
	switch (code) {
	case CUSTODY_EXIT_OK:
		return 0;
	case CUSTODY_EXIT_INDETERMINATE:
		return 1;
	case CUSTODY_EXIT_INPUT:
	case CUSTODY_EXIT_IO:
		return 2;
	case CUSTODY_EXIT_INVALID:
		return 4;
	default:
		return code >= CUSTODY_EXIT_SIGNAL ? 5 : 3;
	}
}

int custody_exit_worse(int a, int b)
{
	return rank(b) > rank(a) ? b : a;
}
