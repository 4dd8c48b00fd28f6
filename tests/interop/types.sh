#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Types: every file under /usr/share (or those given), and thousands of broken ones made from them with a fixed seed, go through the worker. None may end one, take too long or be left out:
# then a library needs a system call that the sandbox does not list. What file(1) says otherwise is counted: the worker looks less far (1 MiB, shorter regular expressions, no ELF
# sections).
# shellcheck source=common.bash
. "$(dirname "$0")/common.bash"
want file unzip python3
source=${1:-/usr/share}
"$CUSTODY" init "$work/lab" --org T --name T >/dev/null 2>&1
python3 - "$source" "$work/broken" <<'P'
import os, random, sys
source, out = sys.argv[1:]
rng, files = random.Random(1), []
for folder, _, names in sorted(os.walk(source)):
    files += [p for n in sorted(names) if os.path.isfile(p := os.path.join(folder, n)) and not os.path.islink(p) and 0 < os.path.getsize(p) < 1 << 18]
rng.shuffle(files)
os.mkdir(out)
kinds, last = {}, b"x"
for p in files:
    data = open(p, "rb").read()
    k = data[:4] + os.path.splitext(p)[1].encode()
    kinds[k] = kinds.get(k, 0) + 1
    if kinds[k] > 3:
        continue
    for i in range(6):
        b = bytearray(data)
        if i == 0: b = b[:rng.randrange(len(b))]                                             # cut
        elif i == 1: b = data[:rng.randrange(1, 600)] + last                                 # one's head, another's body
        else:
            for _ in range(1 << rng.randrange(1, 7)):                                        # numbers at their limits, near the head
                at = rng.randrange(min(len(b), 64 << (2 * i)))
                new = rng.choice([b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\x80\0\0\0", bytes([rng.randrange(256)])])
                b[at:at + len(new)] = new
        open(os.path.join(out, f"{len(kinds)}-{kinds[k]}-{i}"), "wb").write(b)
    last = data
P
for what in "$source" "$work/broken"; do
	rm -f "$work/t.asice"
	"$CUSTODY" seal -q --json --lab "$work/lab" -o "$work/t.asice" "$what" >"$work/result" || fail "seal of $what"
	unzip -p "$work/t.asice" custody/manifest.jsonl >"$work/manifest"
	python3 - "$work/manifest" "$(dirname "$what")" <<'P' || fail "$what: not every file went through the worker"
import collections, json, os, subprocess, sys
base, ours, ended = sys.argv[2], {}, collections.Counter()
for line in open(sys.argv[1], encoding="utf-8"):
    item = json.loads(line)
    if "type" in item:
        ours[os.path.join(base, item["path"]) if "path" in item else None] = item["type"]["mime"]
    elif item["kind"] == "file":
        ended[next(f.get("detail") for f in item["findings"] if f["id"] == "not-identified")] += 1
ours.pop(None, None)
names = [n for n in ours if "\n" not in n]
said = subprocess.run(["file", "--mime-type", "--no-pad", "--separator", "\x1f", "--raw", "-f", "-"], input="\n".join(names) + "\n", capture_output=True, text=True).stdout.split("\n")
theirs = dict(l.split("\x1f ", 1) for l in said if "\x1f " in l)
other = collections.Counter((theirs[n], ours[n]) for n in names if n in theirs and theirs[n] != ours[n])
print(f"{base}: {len(ours)} identified, {len(set(ours.values()))} types; not: {dict(ended)}; file(1) says otherwise of {sum(other.values())}")
for (a, b), n in other.most_common(5):
    print(f"    {n} times file says {a}, the worker {b}")
sys.exit(1 if set(ended) - {"libmagic cannot say"} else 0)
P
done
echo "no worker ended or was too slow"
