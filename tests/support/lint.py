#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The house rules that no compiler knows. Run from the root: tests/support/lint.py; prints each breach as FILE:LINE, exit 1 if there is one.

layers    includes point downwards only (libcustody/README.md)
calls     no call of what is banned everywhere; no printing, clock, environment, process or network in the library
licence   the SPDX line comes first
lines     no blanks at the end (columns are clang-format's)
"""
import os
import re
import subprocess
import sys

# Who may include whom; each room also itself. What looks into content (formats/content) is the worker's alone.
MAY = {
    "libcustody/base": [],
    "libcustody/crypto": ["libcustody/base"],
    "libcustody/package": ["libcustody/base", "libcustody/crypto"],
    "libcustody/record": ["libcustody/base", "libcustody/crypto", "libcustody/package"],
    "libcustody/verdict": ["libcustody/base", "libcustody/crypto", "libcustody/package"],
    "libcustody/work": ["libcustody/base", "libcustody/crypto", "libcustody/package", "libcustody/record", "libcustody/verdict"],
    "libcustody": [],
    "formats": ["libcustody"],
    "formats/content": ["libcustody", "formats"],
    "cmd": ["libcustody", "formats", "cmd/worker", "cmd/tsad"],
    "cmd/worker": ["libcustody", "formats", "formats/content"],
    "cmd/tsad": ["libcustody"],
    "tests": ["libcustody", "formats", "formats/content", "cmd", "cmd/worker", "cmd/tsad"],
}

# Names of users: decision 0017.
BANNED = "getpwuid getpwuid_r getpwnam getpwnam_r getgrgid getgrgid_r getgrnam getgrnam_r strcpy strcat strncat sprintf vsprintf gets atoi atol atoll atof strtok system popen localtime gmtime ctime asctime tmpnam tempnam mktemp " \
    "alloca rand srand random strerror scanf sscanf fscanf strdupa setlocale"
# The library gets these as parameters or leaves them to cmd/.
BANNED_IN_LIBRARY = "printf fprintf vprintf vfprintf dprintf puts fputs putchar perror fopen exit _exit abort assert getenv secure_getenv setenv " \
    "time clock_gettime gettimeofday timespec_get getrandom arc4random RAND_bytes fork vfork execv execve execvp posix_spawn socket connect bind listen " \
    "signal sigaction isatty ioctl umask chdir fchdir getopt getopt_long ERR_print_errors_fp"
# The installed interface is a door of its own.
DOORS = {"formats/api.c": ["RAND_bytes"]}
TIME = {"gmtime": "gmtime_r", "localtime": "localtime_r"}

breaches = 0


def breach(path, line, text):
    global breaches
    breaches += 1
    print(f"{path}:{line}: {text}")


def blank_out(text):
    """The code without comments and literals; lines stay where they are."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def room(path):
    """The longest name of MAY that path lies in."""
    folder = os.path.dirname(path)
    while folder and folder not in MAY:
        folder = os.path.dirname(folder)
    return folder


def check_layers(path, text):
    here = room(path)
    for n, line in enumerate(text.split("\n"), 1):
        m = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
        if not m:
            continue
        there = room(m.group(1))
        if there == "libcustody" and "/" in m.group(1)[11:]:
            breach(path, n, f"includes '{m.group(1)}' of an unknown room")
        if there == "":
            breach(path, n, f"includes '{m.group(1)}': want a path from the root")
        elif there != here and not any(there == m or m == "libcustody" and there.startswith("libcustody/") for m in MAY[here]):
            breach(path, n, f"{here} may not include {there}")


def check_calls(path, text):
    words = BANNED.split()
    if not path.startswith(("cmd/", "tests/")):
        words += BANNED_IN_LIBRARY.split()
    if path.startswith("tests/"):
        words = ["gets", "mktemp", "tmpnam", "alloca"]
    pattern = re.compile(r"(?<![\w.>])(" + "|".join(words) + r")\s*\(")
    for n, line in enumerate(blank_out(text).split("\n"), 1):
        for m in pattern.finditer(line):
            if m.group(1) not in DOORS.get(path, []):
                breach(path, n, f"calls {m.group(1)}()" + (f", want {TIME[m.group(1)]}()" if m.group(1) in TIME else ""))


def check_text(path, text):
    head = text.split("\n", 2)[:2]
    if not any("SPDX-License-Identifier: Apache-2.0" in line for line in head):
        breach(path, 1, "the first line is not the SPDX line")
    for n, line in enumerate(text.split("\n"), 1):
        if line != line.rstrip():
            breach(path, n, "blanks at the end of the line")


def main():
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], check=True, capture_output=True, text=True).stdout.split("\n")
    for path in files:
        if not path.endswith((".c", ".h", ".py", ".sh")) or path.startswith("fixtures/") or not os.path.isfile(path):
            continue
        with open(path, encoding="utf-8") as f:
            text = f.read()
        check_text(path, text)
        if path.endswith((".c", ".h")) and room(path):
            check_layers(path, text)
            check_calls(path, text)
    return 1 if breaches else 0


sys.exit(main())
