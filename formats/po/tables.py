#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the languages of reports as C text: tables.py ALL.mo LANGUAGE.mo... >words.c (formats/words.h). ALL.mo has every text that there is to translate; each other
file is named after its language. All were made by msgfmt, which has compared the format directives.

A catalogue is refused when it has a text that there is not, when its formula of plurals is not one or leads beyond its forms, and when a translation holds a byte that no
report may show, or begins or ends with other blanks than the English one.
"""
import gettext
import os
import re
import sys
import unicodedata


def refuse(path, text):
    sys.exit(f"{path}: {text}")


def read(path):
    """{English: [forms]} and the C text of the formula."""
    with open(path, "rb") as f:
        t = gettext.GNUTranslations(f)
    texts = {}
    for key, value in t._catalog.items():
        english, form = key if isinstance(key, tuple) else (key, 0)
        if english:
            texts.setdefault(english, {})[form] = value
    header = t.info().get("plural-forms", "nplurals=1; plural=0;")
    m = re.fullmatch(r"\s*nplurals\s*=\s*(\d+)\s*;\s*plural\s*=\s*([n0-9 ?:%=!<>&|()]+?)\s*;?\s*", header)
    if not m:
        refuse(path, f"a formula of plurals that is not one: {header!r}")
    count, formula = int(m[1]), m[2]
    index = gettext.c2py(formula)
    if any(not 0 <= index(n) < count for n in list(range(2000)) + [10**6, 10**9 + 11]):
        refuse(path, "the formula of plurals leads beyond its forms")
    return {e: [f[i] for i in sorted(f)] for e, f in texts.items()}, formula


def check(path, english, form):
    if form.strip(" \n") == "" or form.replace(form.strip(" \n"), "|") != english.replace(english.strip(" \n"), "|"):
        refuse(path, f"other blanks around it than in English: {form!r} for {english!r}")
    for c in form:
        if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            refuse(path, f"U+{ord(c):04X} in {form!r}: no report shows it")
    if form.count("\n") != english.count("\n"):
        refuse(path, f"other line feeds than in English: {form!r}")


def literal(text):
    return '"' + "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else f"\\{b:03o}" for b in text.encode()) + '"'


def main(everything, paths):
    known, _ = read(everything)
    out = ["/* Made by make. */", '#include "formats/words.h"']
    rows = []
    for path in paths:
        name = os.path.basename(path).removesuffix(".mo")
        texts, formula = read(path)
        for english, forms in texts.items():
            if english not in known:
                refuse(path, f"translates what is not there: {english!r}")
            for form in forms:
                check(path, english, form)
        order = sorted(texts, key=lambda e: e.encode())
        for i, english in enumerate(order):
            out.append(f"static const char *const {name}_{i}[] = {{ {', '.join(map(literal, texts[english]))} }};")
        out.append(f"static const struct custody_word {name}[] = {{")
        out += [f"\t{{ {literal(e)}, {name}_{i}, {len(texts[e])} }}," for i, e in enumerate(order)]
        out.append("};")
        out.append(f"static size_t {name}_form(uint64_t n)\n{{\n\t(void)n;\n\treturn (size_t)({formula});\n}}")
        rows.append(f'\t{{ "{name}", {name}, {len(order)}, {len(known)}, {name}_form }},')
    out.append("const struct custody_words custody_words_languages[] = {")
    print("\n".join(out + rows + ["\t{ NULL, NULL, 0, 0, NULL },", "};"]))


main(sys.argv[1], sys.argv[2:])
