/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cmd/claims_file.h"
#include "cmd/cmd.h"
#include "cmd/environment.h"
#include "cmd/identify.h"
#include "cmd/options.h"
#include "cmd/package.h"
#include "cmd/request_file.h"
#include "cmd/seal_record.h"
#include "cmd/session.h"
#include "cmd/signing.h"
#include "cmd/terminal.h"
#include "formats/seal_result.h"
#include "libcustody/base/fd.h"
#include "libcustody/base/limits.h"
#include "libcustody/base/source.h"
#include "libcustody/package/members.h"
#include "libcustody/package/zip.h"
#include "libcustody/work/finish.h"
#include "libcustody/work/seal.h"
#include "libcustody/work/selftest.h"

struct options {
	const char *output, *lab, *case_id, *exhibit, *digests, *jobs, *as, *level, *accept, *previous, *name, *passphrase_fd, *stdin_name, *finish;
	const char *role;
	struct custody_option_list tsa, request, documents;
	struct custody_claims_files claims;
	bool no_identify, json, quiet, verbose;
};

struct seal_command {
	struct options given;
	struct custody_session session;
	struct custody_signing signing;
	struct custody_seal_record record;
	struct custody_progress progress;
	const char *phase; /* of the progress line at hand */
	struct custody_seal_exceptions exceptions;
	char sealer[CUSTODY_LIMIT_TEXT_FIELD + 1];
	struct custody_identify *identify; /* NULL: types are not identified, */
	const char *not_identified; /* for this reason */
	char why[CUSTODY_ERROR_TEXT];
	struct custody_buf request; /* custody/request.json */
	uint8_t request_sha256[32];
};

/* What was sealed is sealed: nothing about it can be chosen any more. */
static int check_finish(const struct options *o, const struct custody_operands *operands, const struct custody_usage *usage)
{
	if (operands->n > 0 || o->output || o->case_id || o->exhibit || o->digests || o->as || o->level || o->accept || o->previous || o->name ||
		o->stdin_name || o->no_identify || o->role || o->request.n > 0 || o->documents.n > 0 || o->claims.files.n > 0 ||
		o->claims.unverified.n > 0 || o->claims.by.n > 0 || o->claims.format || o->claims.confirmed_by)
		return custody_options_refuse(
			usage, "--finish takes no PATH, and beside it only --lab, --tsa, --passphrase-fd, -j, --json, -q and -v");
	return CUSTODY_EXIT_OK;
}

static int parse(struct options *o, int argc, char **argv, struct custody_operands *operands, int *rc)
{
	const struct custody_option table[] = {
		CUSTODY_OPTION_TEXT('o', "output", "OUT.asice", &o->output, "the package to make; must not exist"),
		CUSTODY_OPTION_TEXT(0, "lab", "LAB", &o->lab, "the lab folder (default: $CUSTODY_LAB, then ~/.custody)"),
		CUSTODY_OPTION_TEXT(0, "case", "C", &o->case_id, "case number, as on the form"),
		CUSTODY_OPTION_TEXT(0, "exhibit", "E", &o->exhibit, "exhibit number, as on the form"),
		CUSTODY_OPTION_LIST(0, "request", "FILE", &o->request, "the request that is answered (custody request); may be repeated"),
		CUSTODY_OPTION_LIST(0, "request-documents", "PACKAGE", &o->documents,
			"the documents of the request, sealed before in a package of their own; may be repeated"),
		CUSTODY_OPTION_TEXT(0, "role", "ROLE", &o->role, "what is sealed: authority-document (default: evidence)"),
		CUSTODY_OPTION_LIST(0, "claims", "FILE", &o->claims.files, "digests stated by others, to be compared: a hash list; may be repeated"),
		CUSTODY_OPTION_LIST(0, "claims-unverified", "FILE", &o->claims.unverified,
			"a signature, certificate or letter of whoever handed it over, which is named and not verified; may be repeated"),
		CUSTODY_OPTION_LIST(0, "claims-by", "WHO", &o->claims.by, "who stated them: once for all, or once for each --claims"),
		CUSTODY_OPTION_TEXT(
			0, "claims-confirmed-by", "NAME", &o->claims.confirmed_by, "who answers for the drafts among them (custody claims)"),
		CUSTODY_OPTION_TEXT(0, "claims-format", "FORMAT", &o->claims.format,
			"of those lists: sha256sum, bagit, bsd, hashdeep, jsonl (default: found out)"),
		CUSTODY_OPTION_TEXT('d', "digests", "ALGS", &o->digests, "digests of every item (default: sha256,sha512; sha256 is always there)"),
		CUSTODY_OPTION_TEXT('j', "jobs", "N", &o->jobs, "threads that compute digests (default: the processors)"),
		CUSTODY_OPTION_TEXT(0, "as", "NAME", &o->as, "the analyst who seals (default: the one that init made)"),
		CUSTODY_OPTION_TEXT(0, "level", "B-T|B-LT", &o->level, "what the seal carries (default: B-LT, with revocation data)"),
		CUSTODY_OPTION_LIST(
			0, "tsa", "URL", &o->tsa, "a time-stamp authority; may be repeated, and each is asked (default: as in custody.conf)"),
		CUSTODY_OPTION_TEXT(0, "finish", "OUT.asice.unsealed", &o->finish, "stamp and finish a package whose authority had failed; no PATH"),
		CUSTODY_OPTION_FLAG(0, "no-identify", &o->no_identify, "do not identify the types of items"),
		CUSTODY_OPTION_TEXT(
			0, "accept-exceptions", "REASON", &o->accept, "record items that cannot be read, or change, and seal all the same"),
		CUSTODY_OPTION_TEXT(0, "previous", "FILE", &o->previous, "the package that this one replaces"),
		CUSTODY_OPTION_TEXT(0, "name", "NAME", &o->name, "name of the one PATH in the package (default: its last part)"),
		CUSTODY_OPTION_TEXT(0, "stdin", "NAME", &o->stdin_name, "seal standard input under this name"),
		CUSTODY_OPTION_TEXT(0, "passphrase-fd", "N", &o->passphrase_fd, "read the passphrase from this descriptor"),
		CUSTODY_OPTION_FLAG(0, "json", &o->json, "print JSON"),
		CUSTODY_OPTION_FLAG('q', "quiet", &o->quiet, "no notes and no progress"),
		CUSTODY_OPTION_FLAG('v', "verbose", &o->verbose, "more on what is done"),
		CUSTODY_OPTION_END,
	};
	const struct custody_usage usage = { "seal", "-o OUT.asice PATH...",
		"Seals received evidence into one package, reads it back, verifies it, and prints what goes on the form.", table, 0, SIZE_MAX };

	if (custody_options_parse(&usage, argc, argv, operands, rc))
		return -1;
	*rc = CUSTODY_EXIT_OK;
	if (o->finish)
		*rc = check_finish(o, operands, &usage);
	else if (!o->output)
		*rc = custody_options_refuse(&usage, "no output given: -o OUT.asice");
	else if (strcmp(o->output, "-") == 0)
		*rc = custody_options_refuse(&usage, "a package is read back, and cannot go to standard output: name a file (./- is one)");
	else if (o->stdin_name ? operands->n > 0 : operands->n == 0)
		*rc = custody_options_refuse(&usage, o->stdin_name ? "--stdin takes no PATH" : "nothing to seal: give at least one PATH");
	else if (o->name && operands->n != 1)
		*rc = custody_options_refuse(&usage, "--name is for exactly one PATH");
	else if (o->level && strcmp(o->level, "B-T") != 0 && strcmp(o->level, "B-LT") != 0)
		*rc = custody_options_refuse(&usage, "--level is B-T or B-LT");
	else if (o->role && custody_content_role_find(o->role) == CUSTODY_ROLE_UNKNOWN)
		*rc = custody_options_refuse(&usage, "--role is authority-document; without it, evidence is sealed");
	else if (o->documents.n > 0 && o->request.n == 0)
		*rc = custody_options_refuse(&usage, "--request-documents is for the request that --request gives");
	else if (o->accept && o->accept[0] == '\0')
		*rc = custody_options_refuse(&usage, "--accept-exceptions wants a reason");
	return *rc == CUSTODY_EXIT_OK ? 0 : -1;
}

/* ---- callbacks ---- */

static void exception_met(void *ctx, const struct custody_seal_exception *e)
{
	struct seal_command *c = ctx;
	char name[CUSTODY_TERMINAL_NAME];

	custody_terminal_warn("'%s': %s: %s", custody_display(e->path, e->path_len, name, sizeof(name)), e->id, e->detail);
	custody_seal_exceptions_add(&c->exceptions, e);
}

static void progress_made(void *ctx, const char *phase, uint64_t done, uint64_t total)
{
	struct seal_command *c = ctx;

	if (phase != c->phase && (!c->phase || strcmp(phase, c->phase) != 0)) {
		custody_progress_end(&c->progress);
		custody_progress_begin(&c->progress, phase);
		c->phase = phase;
	}
	if (strcmp(phase, "checking") != 0)
		custody_progress_update(&c->progress, done, total);
}

/* ---- what the acquisition record says of this machine ---- */

/* "Linux 6.1.0 x86_64" */
static void describe_system(char host[256], char system[512])
{
	struct utsname u;

	host[0] = system[0] = '\0';
	if (uname(&u) != 0)
		return;
	custody_display(u.nodename, strlen(u.nodename), host, 256);
	snprintf(system, 512, "%.120s %.120s %.120s", u.sysname, u.release, u.machine);
}

/* The command as typed, each word in display form; none of seal's options takes a secret. */
static int describe_command(int argc, char **argv, char ***out, struct custody_error *err)
{
	char **list = calloc((size_t)argc + 1, sizeof(*list));

	if (!list)
		return custody_fail_nomem(err);
	*out = list;
	for (int i = 0; i < argc; i++) {
		CUSTODY_BUF_CLEAN struct custody_buf b = { 0 };

		custody_buf_init(&b, CUSTODY_LIMIT_PATH * 8);
		if (custody_display_append(&b, (const uint8_t *)argv[i], strlen(argv[i]), err))
			return -1;
		list[i] = strdup(custody_buf_str(&b));
		if (!list[i])
			return custody_fail_nomem(err);
	}
	return 0;
}

static void free_command(char ***list)
{
	for (size_t i = 0; *list && (*list)[i]; i++)
		free((*list)[i]);
	free(*list);
}

/* ---- putting it together ---- */

/* What is replaced may be damaged, and its number is recorded all the same: but another file is easily given by mistake. */
static void look_at_previous(const char *path)
{
	struct custody_error err = CUSTODY_ERROR_INIT;
	CUSTODY_CLOSE int fd = custody_package_open(path, &err);
	char name[CUSTODY_TERMINAL_NAME];
	struct custody_source_fd state;
	struct custody_source source;
	struct custody_zip_member m;
	struct custody_zip zip;
	uint8_t key[16];

	if (fd >= 0 && custody_source_open_fd(&source, &state, fd, &err) == 0 &&
		custody_random_fill(&custody_environment_random, key, sizeof(key), &err) == 0 &&
		custody_zip_check(&zip, &source, key, NULL, NULL, &err) == 0 &&
		custody_zip_find(&zip, custody_member_name(CUSTODY_MEMBER_SEAL_FILE), &m, &err) > 0)
		return;
	custody_terminal_warn("--previous: '%s' is no sealed package that can be read; its number is recorded all the same",
		custody_display(path, strlen(path), name, sizeof(name)));
}

static int fill_options(struct seal_command *c, const struct custody_operands *operands, struct custody_seal_options *o, struct custody_error *err)
{
	const struct custody_lab *lab = &c->session.lab;
	uint64_t size;

	o->digests = lab->digests;
	o->level_lt = c->given.level ? strcmp(c->given.level, "B-LT") == 0 : lab->level_lt;
	if (c->given.digests && custody_digest_parse_list(c->given.digests, &o->digests, err))
		return -1;
	if (custody_options_jobs(c->given.jobs, &o->workers, err))
		return -1;
	o->digests |= CUSTODY_DIGEST_BIT(CUSTODY_SHA256);
	if (c->given.previous) {
		o->has_previous = true;
		if (custody_package_digest(c->given.previous, o->previous, &size, err))
			return custody_fail_in(err, "the package of --previous");
		look_at_previous(c->given.previous);
	}
	custody_buf_init(&c->request, CUSTODY_LIMIT_REQUEST);
	if (custody_request_files_bind(&c->given.request, &c->given.documents, &c->session.trust, &c->request, err) ||
		custody_digest_once(CUSTODY_SHA256, c->request.data, c->request.len, c->request_sha256, err))
		return -1;
	o->request = (struct custody_bytes){ c->request.data, c->request.len };
	if (custody_claims_files_read(&c->given.claims, o->request, err))
		return -1;
	o->role = c->given.role ? custody_content_role_find(c->given.role) : CUSTODY_ROLE_NONE;
	o->claims = c->given.claims.claims;
	o->digests |= o->claims ? custody_claims_digests(o->claims) : 0;
	o->output = c->given.output;
	o->n_arguments = operands->n;
	o->stdin_fd = c->given.stdin_name ? STDIN_FILENO : -1;
	o->stdin_name = c->given.stdin_name;
	o->lab_dir_fd = lab->dir_fd;
	o->lab = c->given.lab;
	o->accept_reason = c->given.accept;
	o->case_id = c->given.case_id;
	o->exhibit = c->given.exhibit;
	if (custody_lab_analyst(lab, c->given.as, c->sealer, sizeof(c->sealer), err))
		return -1;
	o->sealer_name = c->sealer;
	o->sealer_organisation = lab->organisation;
	o->sealer_role = lab->role;
	o->libraries = custody_environment_libraries(&o->n_libraries);
	o->clock_synchronised = custody_environment_clock_synchronised();
	o->clock = &custody_environment_clock;
	o->random = &custody_environment_random;
	o->load_keys = custody_signing_load_keys;
	o->load_keys_ctx = &c->signing;
	o->authorities = c->signing.authorities;
	o->n_authorities = c->signing.n_authorities;
	o->transport = &c->signing.transport;
	o->trust = &c->session.trust;
	o->exception = exception_met;
	o->progress = progress_made;
	o->interrupted = custody_environment_interrupted;
	o->ctx = c;
	return 0;
}

/* verify goes by the clock at hand: until it has reached the authority's time, that is a time of the future. */
static int note_ahead(const struct custody_seal_result *seal, struct custody_error *err)
{
	struct custody_time now;

	if (custody_environment_clock.now(custody_environment_clock.ctx, &now, err))
		return -1;
	if (seal->has_time && custody_time_compare(seal->stated, now) > 0)
		custody_terminal_note("the authority's clock is ahead of this computer's: for the next %lld seconds verify says time-in-future",
			(long long)(seal->stated.sec - now.sec + 1));
	return 0;
}

static int print_result(const struct seal_command *c, const struct custody_seal_form *form, struct custody_error *err)
{
	CUSTODY_BUF_CLEAN struct custody_buf text = { 0 };

	custody_buf_init(&text, CUSTODY_LIMIT_REPORT);
	if (c->given.json ? custody_seal_result_json(&text, form, err) : custody_seal_result_text(&text, form, err))
		return -1;
	custody_terminal_print(&text);
	if (form->result->many_members && !c->given.json)
		custody_terminal_note("the package has more than 1000 members: validators that hold a container in memory may refuse it");
	return note_ahead(&form->result->report.seal, err) || custody_terminal_flush(err) ? -1 : 0;
}

/* The journal tells of failures too. */
static int journal(const struct seal_command *c, int argc, char **argv, const struct custody_seal_result_out *result,
	const struct custody_error *failure, struct custody_error *err)
{
	const uint8_t *digest = failure ? NULL : result->report.sha256;
	char text[CUSTODY_ERROR_TEXT + 48] = "sealed";

	if (failure)
		snprintf(text, sizeof(text), "failed: %.*s", CUSTODY_ERROR_TEXT, failure->text);
	else if (!c->record.begun)
		snprintf(text, sizeof(text), "sealed, without a custody record: %.*s", CUSTODY_ERROR_TEXT, c->record.why.text);
	return custody_session_journal(&c->session, argc, argv, digest, text, custody_self_test_state(), err);
}

/* Without a worker, or without its sandbox, evidence is sealed all the same, and what is printed says so. */
static int start_identifying(struct seal_command *c, struct custody_seal_options *o, struct custody_seal_types *types, struct custody_error *err)
{
	struct custody_error why = CUSTODY_ERROR_INIT;

	if (c->given.no_identify) {
		c->not_identified = "--no-identify";
		return 0;
	}
	if (custody_identify_start(&c->identify, o->workers, &why)) {
		if (why.kind == CUSTODY_ERR_INTERRUPTED || why.kind == CUSTODY_ERR_NOMEM) {
			*err = why;
			return -1;
		}
		snprintf(c->why, sizeof(c->why), "%s", why.text);
		c->not_identified = c->why;
		custody_terminal_warn("types are not identified: %s", c->why);
		return 0;
	}
	*types = custody_identify_types(c->identify);
	o->types = types;
	return 0;
}

/* Only where the file system has no files without a name does a killed run leave one. */
static void note_leftover(const char *output)
{
	char left[NAME_MAX + 1], name[CUSTODY_TERMINAL_NAME];

	if (custody_output_leftover(output, left))
		custody_terminal_note(
			"'%s' beside the output is what a killed run left, or of one at work: it is never read, and can be removed if none is",
			custody_display(left, strlen(left), name, sizeof(name)));
}

/* What the form says of the record. */
static void form_record(const struct seal_command *c, struct custody_seal_form *form)
{
	form->record = c->record.begun ? c->record.path : NULL;
	form->record_head = c->record.begun ? c->record.head : NULL;
	form->no_record = c->record.begun ? NULL : c->record.why.text;
}

/* As it is to be typed: with the lab and the person that were given. */
static void hint_record(struct seal_command *c, const char *output)
{
	char lab[160] = "", as[160] = "", package[160];

	if (c->given.lab)
		custody_display_word(c->given.lab, lab, sizeof(lab));
	if (c->given.as)
		custody_display_word(c->given.as, as, sizeof(as));
	custody_hint(&c->record.why, "begin it later: custody record add sealed %s%s%s%s%s%s%s", *lab ? "--lab " : "", lab, *lab ? " " : "",
		*as ? "--as " : "", as, *as ? " " : "", custody_display_word(output, package, sizeof(package)));
}

/* The package is sealed, whatever became of its record. Gives the exit code. */
static int tell_record(struct seal_command *c, const char *output, const char *name)
{
	char shown[CUSTODY_ERROR_TEXT / 8];

	if (c->record.begun && c->record.taken)
		custody_terminal_warn("the usual name is taken by another custody record, which was left alone; this one is '%s'",
			custody_display(c->record.path, strlen(c->record.path), shown, sizeof(shown)));
	if (c->record.begun)
		return CUSTODY_EXIT_OK;
	hint_record(c, output);
	return custody_terminal_error(&c->record.why, "'%s' is sealed, but its custody record could not be begun", name);
}

static int run_seal(struct seal_command *c, struct custody_seal_options *o, int argc, char **argv)
{
	CUSTODY_CLEANUP(custody_seal_result_release) struct custody_seal_result_out result;
	struct custody_error err = CUSTODY_ERROR_INIT, later = CUSTODY_ERROR_INIT;
	struct custody_seal_form form = {
		.output = o->output,
		.result = &result,
		.exceptions = &c->exceptions,
		.accept_reason = o->accept_reason,
		.level_lt = o->level_lt,
		.request_sha256 = o->request.n > 0 ? c->request_sha256 : NULL,
		.identified_by = o->types ? o->types->by : NULL,
		.not_identified = c->not_identified,
	};
	char name[CUSTODY_TERMINAL_NAME];
	int failed, rc;

	custody_display(o->output, strlen(o->output), name, sizeof(name));
	custody_seal_result_init(&result);
	note_leftover(o->output);
	custody_progress_begin(&c->progress, "sealing");
	failed = custody_seal(o, &result, &err);
	custody_progress_end(&c->progress);
	if (!failed)
		custody_seal_record_begin(&c->record, o->output, &result, &c->signing, o->trust, o->level_lt);
	if (journal(c, argc, argv, &result, failed ? &err : NULL, &later))
		rc = custody_terminal_error(&later, "%s", failed ? "the failure is not journalled" : "the package is sealed, but not journalled");
	else
		rc = CUSTODY_EXIT_OK;
	if (failed)
		return custody_terminal_error(&err, "cannot seal '%s'", name);
	result.report.path = strdup(o->output);
	form_record(c, &form);
	if (print_result(c, &form, &err))
		return custody_terminal_error(&err, "'%s' is sealed, but what goes on the form cannot be printed", name);
	return custody_exit_worse(rc, tell_record(c, o->output, name));
}

static int seal_with_lab(struct seal_command *c, const struct custody_operands *operands, int argc, char **argv, struct custody_error *err)
{
	CUSTODY_FREE struct custody_walk_argument *arguments = calloc(operands->n + 1, sizeof(*arguments));
	CUSTODY_CLEANUP(free_command) char **command = NULL;
	struct custody_seal_options o = { 0 };
	struct custody_seal_types types;
	char host[256], system[512];

	c->signing.as = c->given.as;
	if (!arguments)
		return custody_fail_nomem(err);
	for (size_t i = 0; i < operands->n; i++)
		arguments[i] = (struct custody_walk_argument){ operands->values[i], c->given.name };
	if (custody_session_open(&c->session, c->given.lab, true, err) || custody_session_trust(&c->session, NULL, err) ||
		custody_lab_journal_check(&c->session.lab, err) || custody_signing_authorities(&c->signing, &c->session.lab, &c->given.tsa, err) ||
		fill_options(c, operands, &o, err) || custody_seal_record_look(&c->record, c->given.output, err) ||
		describe_command(argc, argv, &command, err) || custody_signing_ask(&c->signing, c->given.passphrase_fd, err) ||
		start_identifying(c, &o, &types, err))
		return -1;
	describe_system(host, system);
	o.arguments = arguments;
	o.host = host;
	o.system = system;
	o.command = (const char *const *)command;
	o.n_command = (size_t)argc;
	return run_seal(c, &o, argc, argv);
}

/* ---- --finish ---- */

/* Nothing of the package is signed when it is finished, but its record is begun: by whoever sealed it. -1: that key is not here, which is no failure. */
static int begin_finished_record(
	struct seal_command *c, const char *output, const struct custody_seal_result_out *result, bool level_lt, const char *name)
{
	char holder[CUSTODY_LAB_FILE_NAME];

	if (custody_seal_record_find_sealer(result, &c->signing, holder, &c->record.why) ||
		custody_signing_ask(&c->signing, c->given.passphrase_fd, &c->record.why)) {
		if (c->record.why.kind != CUSTODY_ERR_INPUT)
			return 0;
		custody_terminal_warn("'%s' has no custody record yet: %s", name, c->record.why.text);
		return -1;
	}
	custody_seal_record_begin(&c->record, output, result, &c->signing, &c->session.trust, level_lt);
	c->signing.as = NULL;
	return 0;
}

static int run_finish(struct seal_command *c, struct custody_finish_options *o, const char *output, int argc, char **argv)
{
	CUSTODY_CLEANUP(custody_seal_result_release) struct custody_seal_result_out result;
	struct custody_error err = CUSTODY_ERROR_INIT, later = CUSTODY_ERROR_INIT;
	struct custody_seal_form form = {
		.output = output,
		.result = &result,
		.exceptions = &c->exceptions,
		.accept_reason = "as recorded in the package",
		.finished = true,
	};
	char name[CUSTODY_TERMINAL_NAME];
	bool level_lt = true;
	int failed, no_key = 0, rc = CUSTODY_EXIT_OK;

	custody_display(output, strlen(output), name, sizeof(name));
	custody_seal_result_init(&result);
	note_leftover(output);
	custody_progress_begin(&c->progress, "verifying");
	failed = custody_finish(o, &result, &level_lt, &err);
	custody_progress_end(&c->progress);
	if (!failed)
		no_key = begin_finished_record(c, output, &result, level_lt, name);
	if (journal(c, argc, argv, &result, failed ? &err : NULL, &later))
		rc = custody_terminal_error(&later, "%s", failed ? "the failure is not journalled" : "the package is sealed, but not journalled");
	if (failed)
		return custody_terminal_error(&err, "cannot finish '%s'", name);
	result.report.path = strdup(output);
	form.level_lt = level_lt;
	form_record(c, &form);
	if (print_result(c, &form, &err))
		return custody_terminal_error(&err, "'%s' is sealed, but what goes on the form cannot be printed", name);
	return no_key ? rc : custody_exit_worse(rc, tell_record(c, output, name));
}

static int finish_with_lab(struct seal_command *c, int argc, char **argv, struct custody_error *err)
{
	CUSTODY_FREE char *output = NULL;
	struct custody_finish_options o = {
		.unsealed = c->given.finish,
		.transport = &c->signing.transport,
		.trust = &c->session.trust,
		.clock = &custody_environment_clock,
		.random = &custody_environment_random,
		.progress = progress_made,
		.interrupted = custody_environment_interrupted,
		.ctx = c,
	};

	if (custody_finish_name(c->given.finish, &output, err) || custody_session_open(&c->session, c->given.lab, true, err) ||
		custody_session_trust(&c->session, NULL, err) || custody_lab_journal_check(&c->session.lab, err) ||
		custody_signing_authorities(&c->signing, &c->session.lab, &c->given.tsa, err) || custody_seal_record_look(&c->record, output, err) ||
		custody_options_jobs(c->given.jobs, &o.workers, err))
		return -1;
	if (c->given.tsa.n > 0) {
		o.authorities = c->signing.authorities;
		o.n_authorities = c->signing.n_authorities;
	} else {
		o.usual = c->signing.authorities;
		o.n_usual = c->signing.n_authorities;
	}
	return run_finish(c, &o, output, argc, argv);
}

static void release(struct seal_command *c)
{
	custody_identify_stop(&c->identify);
	custody_option_list_release(&c->given.tsa);
	custody_option_list_release(&c->given.request);
	custody_option_list_release(&c->given.documents);
	custody_claims_files_release(&c->given.claims);
	custody_buf_release(&c->request);
	custody_session_release(&c->session);
	custody_signing_release(&c->signing);
	custody_seal_record_release(&c->record);
	custody_seal_exceptions_release(&c->exceptions);
}

int custody_cmd_seal(int argc, char **argv)
{
	CUSTODY_CLEANUP(release) struct seal_command c = { .session = CUSTODY_SESSION_INIT, .given.claims = CUSTODY_CLAIMS_FILES_INIT };
	CUSTODY_OPERANDS_CLEAN struct custody_operands operands = { NULL, 0 };
	struct custody_error err = CUSTODY_ERROR_INIT;
	char name[CUSTODY_TERMINAL_NAME];
	const char *what;
	int rc;

	if (parse(&c.given, argc, argv, &operands, &rc))
		return rc;
	custody_terminal_setup(c.given.quiet, c.given.verbose);
	rc = c.given.finish ? finish_with_lab(&c, argc, argv, &err) : seal_with_lab(&c, &operands, argc, argv, &err);
	if (rc >= 0)
		return rc;
	what = c.given.finish ? c.given.finish : c.given.output;
	return custody_terminal_error(
		&err, "cannot %s '%s'", c.given.finish ? "finish" : "seal", custody_display(what, strlen(what), name, sizeof(name)));
}
