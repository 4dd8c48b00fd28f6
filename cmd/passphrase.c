/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include "cmd/environment.h"
#include "cmd/options.h"
#include "libcustody/base/limits.h"

/* Whole pages of its own: locking and leaving out of dumps go by page. One byte more than the limit, to see that a passphrase is too long. */
#define ROOM (CUSTODY_LIMIT_PASSPHRASE + 1)

static uint8_t *room_new(bool *locked, struct custody_error *err)
{
	uint8_t *p = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED) {
		custody_fail_nomem(err);
		return NULL;
	}
	*locked = mlock(p, ROOM) == 0;
	madvise(p, ROOM, MADV_DONTDUMP);
	return p;
}

void custody_passphrase_release(struct custody_passphrase *p)
{
	if (p->text) {
		OPENSSL_cleanse(p->text, ROOM);
		munmap(p->text, ROOM);
	}
	*p = (struct custody_passphrase){ NULL, 0, false };
}

/* One line without its LF, byte by byte: what comes behind it in a pipe belongs to somebody else. */
static int read_line(int fd, struct custody_passphrase *p, struct custody_error *err)
{
	p->len = 0;
	for (;;) {
		uint8_t *c = p->text + p->len;
		ssize_t n = read(fd, c, 1);
		if (custody_environment_interrupted(NULL))
			return custody_fail(err, CUSTODY_ERR_INTERRUPTED, "interrupted");
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return custody_fail_errno(err, errno, "cannot read the passphrase");
		if (n == 0 || *c == '\n')
			break;
		if (++p->len > CUSTODY_LIMIT_PASSPHRASE)
			return custody_fail(err, CUSTODY_ERR_INPUT, "the passphrase is longer than %d bytes", CUSTODY_LIMIT_PASSPHRASE);
	}
	if (p->len == 0)
		return custody_fail(err, CUSTODY_ERR_INPUT, "the passphrase is empty");
	return 0;
}

static int ask(int tty, const char *prompt, struct custody_passphrase *p, struct custody_error *err)
{
	struct termios old, silent;
	if (tcgetattr(tty, &old))
		return custody_fail_errno(err, errno, "cannot read the terminal's settings");
	silent = old;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	silent.c_lflag |= ICANON | ISIG;
	if (tcsetattr(tty, TCSAFLUSH, &silent))
		return custody_fail_errno(err, errno, "cannot switch the terminal's echo off");
	dprintf(tty, "%s: ", prompt);
	int rc = read_line(tty, p, err);
	dprintf(tty, "\n");
	/* The echo comes back whatever happened; a terminal that went away in between has no echo to give back. */
	(void)tcsetattr(tty, TCSAFLUSH, &old);
	return rc;
}

static int ask_again(int tty, const struct custody_passphrase *first, struct custody_error *err)
{
	CUSTODY_PASSPHRASE_CLEAN struct custody_passphrase second = { NULL, 0, false };
	second.text = room_new(&second.locked, err);
	if (!second.text || ask(tty, "the same again", &second, err))
		return -1;
	if (second.len != first->len || CRYPTO_memcmp(second.text, first->text, first->len) != 0)
		return custody_fail(err, CUSTODY_ERR_INPUT, "the two passphrases differ");
	return 0;
}

static int read_terminal(struct custody_passphrase *p, const char *prompt, bool twice, struct custody_error *err)
{
	CUSTODY_CLOSE int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (tty < 0) {
		custody_fail(err, CUSTODY_ERR_INPUT, "a passphrase is needed and there is no terminal to ask at");
		return custody_hint(err, "give it with --passphrase-fd N");
	}
	if (ask(tty, prompt, p, err))
		return -1;
	return twice ? ask_again(tty, p, err) : 0;
}

int custody_passphrase_read(struct custody_passphrase *p, const char *fd_option, const char *prompt, bool twice, struct custody_error *err)
{
	uint64_t fd = 0;
	if (fd_option && custody_options_number("passphrase-fd", fd_option, 0, INT_MAX, &fd, err))
		return -1;
	CUSTODY_PASSPHRASE_CLEAN struct custody_passphrase got = { NULL, 0, false };
	got.text = room_new(&got.locked, err);
	if (!got.text)
		return -1;
	if (fd_option ? read_line((int)fd, &got, err) : read_terminal(&got, prompt, twice, err))
		return -1;
	*p = got;
	got = (struct custody_passphrase){ NULL, 0, false };
	return 0;
}
