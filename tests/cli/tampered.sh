# SPDX-License-Identifier: Apache-2.0
# What the command says of every good and every forged package, as files: the verdict, its exit code (ADM-86), the finding. The library's own answers are checked in
# tests/prop/prop_fixtures.c; here the paths, the options and the JSON report between are. Lines whose source changes while it is read are for that test alone.
set -eu
command -v faketime >/dev/null || { echo "faketime is not installed: make deps"; exit 1; }
python3 -B - <<'PYTHON'
import concurrent.futures, json, os, subprocess, sys

EXIT = {"VALID": 0, "INVALID": 1, "INDETERMINATE": 2}
fixtures, custody = os.environ["FIXTURES"], os.environ["CUSTODY"]
lines = []
for folder in ("sealed", "tampered"):
    for line in open(os.path.join(fixtures, folder, "expected.tsv"), encoding="utf-8"):
        if not line.startswith("#") and "changes=" not in line:
            lines.append((os.path.join(fixtures, folder), *line.rstrip("\n").split("\t")))
os.mkdir("empty")
# faketime is loaded before everything else, which a sanitizer of the program would object to.
environment = dict(os.environ, TZ="UTC", ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0")

def check(line):
    folder, package, trust, options, verdict, finding, further = line
    clock, more = "2026-12-01 00:00:00", []
    for option in [] if options in ("-", "cli") else options.split(","):
        name, value = option.split("=")
        if name == "request-documents":
            value = os.path.join(folder, value)
        if name == "now":
            clock = value.replace("T", " ").rstrip("Z")
        else:
            more += ["--" + name, value]
    if "now=" in options:
        more = []  # the evaluation time is then the clock's
    anchors = os.path.join(folder, trust) if trust != "-" else "empty"
    command = ["faketime", "-f", clock, custody, "verify", "--json", "--trust", anchors] + more + [os.path.join(folder, package)]
    out = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, check=False)
    where = os.path.relpath(os.path.join(folder, package), fixtures)
    try:
        report = json.loads(out.stdout)
    except ValueError:
        return "%s: no report: exit %d %s" % (where, out.returncode, out.stderr.decode(errors="replace").strip())
    found = {f["id"] for f in report["findings"]}
    bad = {f["id"] for f in report["findings"] if f["severity"] != "note"}
    named = {finding} | set(further.split(",")) - {"-"}
    if report["verdict"] != verdict or out.returncode != EXIT[verdict]:
        return "%s: %s, exit %d; want %s" % (where, report["verdict"], out.returncode, verdict)
    if finding != "-" and finding not in found:
        return "%s: lacks %s, found %s" % (where, finding, sorted(found))
    if bad - named:
        return "%s: has also %s" % (where, sorted(bad - named))
    return None

with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    wrong = [w for w in pool.map(check, lines) if w]
for w in wrong:
    print(w)
print("%d packages judged by the command, %d wrong" % (len(lines), len(wrong)))
sys.exit(1 if wrong or not lines else 0)
PYTHON
