# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What holds for every subcommand: help, exit codes, options, and that nothing is said to be done when nobody could read it.
set -u
fail() { echo "$*"; exit 1; }
# code N COMMAND...: exits with N, keeps what was said in out and err
code() {
	want=$1 rc=0
	shift
	"$@" >out 2>err </dev/null || rc=$?
	[ $rc = "$want" ] || fail "$*: exits $rc, want $want: $(cat err)"
}
said() { grep -qF -- "$2" "$1" || fail "$1 does not say '$2': $(cat "$1")"; }

code 0 "$CUSTODY" --help && said out 'usage: custody COMMAND'
code 0 "$CUSTODY" --version && said out 'custody 0' && said out 'openssl '
code 64 "$CUSTODY" && said err 'usage: custody COMMAND'
code 64 "$CUSTODY" nosuch && said err "there is no command 'nosuch'" && said err 'hint: '
code 64 "$CUSTODY" verfy && said err 'did you mean `custody verify`?'
code 64 "$CUSTODY" "$(printf 'a\033[31mb')" && said err 'a\u{001b}[31mb'

for c in $("$CUSTODY" --help | sed -n 's/^  \([a-z]\{2,\}\) .*/\1/p'); do
	code 0 "$CUSTODY" "$c" --help && said out "usage: custody $c " && said out 'print this'
	code 0 "$CUSTODY" "$c" -h
	code 64 "$CUSTODY" "$c" --nosuch-option && said err "there is no option '--nosuch-option'"
	[ -e "$ROOT/cmd/custody-$c.1" ] || fail "there is no manual page custody-$c.1"
	# every option of the usage is in the manual page
	"$CUSTODY" "$c" --help | sed -n 's/^  \(-., \|    \)--\([a-z-]*\) .*/\2/p' | while read -r o; do
		[ "$o" = help ] || grep -q -- "Fl -$o" "$ROOT/cmd/custody-$c.1" || { echo "custody-$c.1 does not have --$o"; exit 1; }
	done || exit 1
done

# options, by the example of verify
code 64 "$CUSTODY" verify && said err 'want PACKAGE...'
code 64 "$CUSTODY" verify --trsut x y && said err 'did you mean --trust?'
code 64 "$CUSTODY" verify --json --json x && said err '--json is given twice'
code 64 "$CUSTODY" verify -t a --trust=b x && said err '--trust is given twice'
code 64 "$CUSTODY" verify --json=yes x && said err '--json takes no value'
code 64 "$CUSTODY" verify x --trust && said err '--trust needs a value (DIR)'
code 64 "$CUSTODY" verify -Z x && said err "there is no option '-Z'"
code 64 "$CUSTODY" verify -j many x && said err "--jobs is 'many', want a number"
code 64 "$CUSTODY" verify -j 18446744073709551616 x && said err 'want a number'
code 66 "$CUSTODY" verify -- --help && said err "cannot verify '--help': no such file"
code 66 "$CUSTODY" verify -qj2 x && said err "cannot verify 'x': no such file"
code 66 "$CUSTODY" verify -j2 - && said err "cannot verify '-': no such file"
code 0 "$CUSTODY" verify --help --nosuch

# output that cannot be written is a failure, whatever the result
rc=0 && "$CUSTODY" --help >/dev/full 2>err || rc=$?
[ $rc = 74 ] || fail "stdout full: exits $rc"
said err 'cannot write to standard output'
rc=0 && "$CUSTODY" --help >&- 2>err || rc=$?
[ $rc = 74 ] || fail "stdout closed: exits $rc"
rc=0 && { "$CUSTODY" verify "$ROOT/fixtures/report/"* 2>/dev/null; echo $? >rc; } | head -c 1 >/dev/null
case $(cat rc) in 1 | 74) ;; *) fail "stdout a closed pipe: exits $(cat rc)" ;; esac
# a closed stderr is not given to a file that is opened
rc=0 && "$CUSTODY" verify "$FIXTURES/report/invalid.txt" >out 2>&- </dev/null || rc=$?
[ $rc = 1 ] || fail "stderr closed: exits $rc"

# neither OpenSSL's configuration nor a locale nor a time zone has a say
printf 'openssl_conf = x\n[x]\nproviders = y\n[y]\nz = z\n[z]\nmodule = /nonexistent\nactivate = 1\n' >bad.cnf
code 0 env OPENSSL_CONF="$PWD/bad.cnf" OPENSSL_MODULES=/nonexistent "$CUSTODY" --version
code 0 env EXPAT_ACCOUNTING_DEBUG=3 EXPAT_ENTROPY_DEBUG=1 "$CUSTODY" verify -q --trust "$FIXTURES/sealed/trust-own" "$FIXTURES/sealed/own-p256.asice"
! grep -q expat err || fail "the XML reader's own variables have a say: $(cat err)"
code 0 env LC_ALL=tr_TR.UTF-8 TZ=Asia/Kathmandu "$CUSTODY" --version

# no core dump holds a key
[ "$(sed -n 's/.*RLIMIT_CORE.*/found/p' "$ROOT/cmd/environment.c" | head -1)" = found ] || fail "core dumps are not switched off"
ldd "$CUSTODY" | grep -E 'libmagic|libarchive|libmicrohttpd|libcurl' && fail "links what reads evidence, or a network server"
exit 0
