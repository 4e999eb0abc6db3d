#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""The element that docs/elements.md builds is the one that is compiled and tested.

The guide's blocks of C, in their order and with an empty line between them, are
lib/element/ttl_guard.c; its line of meson is one of lib/element/meson.build.
"""

import difflib
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ELEMENT = ROOT / "lib/element/ttl_guard.c"


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def main():
    text = (ROOT / "docs/elements.md").read_text()
    code = blocks(text, "c")
    built = "\n".join(code).splitlines()
    compiled = ELEMENT.read_text().splitlines()
    failures = list(difflib.unified_diff(built, compiled, "docs/elements.md",
                                         str(ELEMENT.relative_to(ROOT)), lineterm=""))
    meson = (ROOT / "lib/element/meson.build").read_text().splitlines()
    lines = "".join(blocks(text, "meson")).splitlines()
    failures += [f"lib/element/meson.build has no line {line}" for line in lines
                 if line not in meson]
    if ELEMENT.name not in "".join(lines):
        failures.append(f"the guide has no line of meson with {ELEMENT.name}")
    print(f"{len(code)} blocks, {len(built)} lines of C")
    if len(code) < 5:
        failures.append("the guide has too few blocks for a guide")
    for failure in failures:
        print("FAILED:", failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
