# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What a browser makes of reports and certificates of hostile names (ADM-92, ADM-96): no script runs, nothing is asked of any network, and what is shown is the
# escaped name. In headless Chromium, where that is (`make deps-view`).
set -u
fail() { echo "$*"; exit 1; }
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || { echo "there is no Chromium"; exit 77; }

# every byte but those that no name has, and forms that mean something to a browser, a terminal, a spreadsheet
python3 - <<'P' || fail "names"
import os
names = [bytes(b for b in range(i, i + 32) if b not in (0, 47)) for i in range(0, 256, 32)]
names += [b"<script>document.title='run'<!-", b"\"><img src=x onerror=document.title='run'>", b"' onmouseover='document.title=1", b"--><svg onload=document.title='run'>", b"&lt;b&gt;&#60;script&#62;",
          b"</title></style></bdi><iframe src=http:..a.example>", b"<link rel=stylesheet href=http:a.example>", b"@import url(http:a.example)", b"=cmd|' C calc'!A0", b"\x1b[31mVALID\x1b[0m", b"\x1b]8;;http:x\x07y",
          "\u202egpj.exe".encode(), "\u2066a\u2069\u200b\ufeff".encode(), "\u0645\u0644\u0641 \u05e7\u05d5\u05d1\u05e5".encode(), "e\u0301\u0301\u0301\u0301\u0301".encode(), b"a\nVALID: b", b"\xff\xfe\x80", b"\\x1b\\u{202e}", b"javascript:document.title=1"]
os.mkdir("in")
for n in names:
    open(b"in/" + n.replace(b"/", b":"), "wb").write(b"x")
P
script='"><script>document.title="run";fetch("http://a.example/")</script>'
"$CUSTODY" init lab -q --org "<img src=http://a.example/x>" --name "${script:0:60}" >/dev/null 2>err || fail "init: $(cat err)"
"$CUSTODY" seal -q --lab lab --case "$script" --exhibit '</title></style></bdi><iframe src=//a.example>' -o odd.asice in >/dev/null 2>err || fail "seal: $(cat err)"
name="<img src=x onerror=document.title='run'>"$'\e'"[31m.asice" && cp odd.asice "$name"
python3 -c 'd = bytearray(open("odd.asice", "rb").read()); d[len(d) // 2] ^= 1; open("bent.asice", "wb").write(d)'
"$CUSTODY" certificate -q --trust lab/trust -f neutral -o certificate.html odd.asice 2>err || fail "certificate: $(cat err)"
"$CUSTODY" verify --trust lab/trust --report valid.html "$name" >/dev/null 2>err || fail "verify: $(cat err)"
"$CUSTODY" verify --trust lab/trust --report invalid.html bent.asice >/dev/null 2>&1
"$CUSTODY" verify --report undecided.html odd.asice >/dev/null 2>&1
"$CUSTODY" verify --trust lab/trust --language fr --report french.html "$name" >/dev/null 2>err || fail "verify: $(cat err)"
"$CUSTODY" verify --trust lab/trust --language ar --report arabic.html "$name" >/dev/null 2>err || fail "verify: $(cat err)"
"$CUSTODY" show --json odd.asice >show.json

# a proxy that nobody may call: it writes down who does
python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(64); open("port", "w").write(str(s.getsockname()[1]))
while True:
    c, _ = s.accept(); c.settimeout(2)
    try: asked = c.recv(4096)
    except OSError: asked = b"?"
    open("asked", "ab").write(asked + b"\n"); c.close()' &
proxy=$!
trap 'kill $proxy 2>/dev/null' EXIT
for _ in $(seq 100); do [ -s port ] && break; sleep 0.1; done
# the test itself: what a page asks for is seen
printf '<!DOCTYPE html><title>t</title><img src="http://a.example/planted">' >planted.html
for page in planted certificate valid invalid undecided french arabic; do
	timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --disable-background-networking --disable-component-update --disable-sync \
		--disable-default-apps --disable-extensions --user-data-dir="$PWD/profile" --proxy-server="127.0.0.1:$(cat port)" --proxy-bypass-list='<-loopback>' --virtual-time-budget=2000 \
		--dump-dom "file://$PWD/$page.html" >$page.dom 2>browser.err || fail "Chromium: $(tail -n 3 browser.err)"
	[ -s $page.dom ] || fail "Chromium shows nothing of $page.html: $(tail -n 3 browser.err)"
done
grep -aq 'http://a.example/planted' asked || fail "what a page asks for is not seen"
! grep -aE '(//|CONNECT )(a\.example|x)([/: ]|$)' asked | grep -av planted || fail "something was asked of the network"
python3 "$ROOT/tests/support/browser.py" certificate valid invalid undecided french arabic || fail "what the browser shows"

# Where things stand on the Arabic page, as the browser prints it: labels at the right of what they label, digests and commands from left to right.
command -v pdftotext >/dev/null || { echo "there is no pdftotext: where things stand on a page from right to left was not looked at"; exit 77; }
"$CUSTODY" verify --trust "$FIXTURES/sealed/trust-own" --language ar --report right.html "$FIXTURES/sealed/own-p256.asice" >/dev/null 2>err || fail "verify: $(cat err)"
timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --user-data-dir="$PWD/profile" --no-pdf-header-footer --print-to-pdf="$PWD/right.pdf" \
	"file://$PWD/right.html" >/dev/null 2>browser.err || fail "Chromium: $(tail -n 3 browser.err)"
pdftotext -bbox right.pdf right.xml || fail "pdftotext"
python3 -B "$ROOT/tests/support/right_to_left.py" right.xml "$(sha256sum <"$FIXTURES/sealed/own-p256.asice" | head -c 64)" own-p256.asice || fail "the Arabic page"
exit 0
