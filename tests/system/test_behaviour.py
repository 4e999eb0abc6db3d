#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""Every test that docs/behaviour.md names is there."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def titles(path):
    """The titles of CUnit's tests in a file."""
    text = path.read_text()
    return (re.findall(r'^\t\{ "([^"]+)",', text, re.MULTILINE)
            + re.findall(r'CU_add_test\(\w+, "([^"]+)"', text))


def problem(kind, name, title):
    """What is wrong with a reference, or None."""
    if kind == "system":
        path, title = ROOT / "tests/system" / name, None
    else:
        path = ROOT / "tests" / kind / f"test_{name}.c"
    if not path.exists():
        return f"there is no {path.relative_to(ROOT)}"
    if title is not None and title not in titles(path):
        return f"{path.relative_to(ROOT)} has no test \"{title}\""
    return None


def main():
    text = (ROOT / "docs/behaviour.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    failures, count = [], 0
    for row in rows[1:]:
        references = re.findall(r"`(dataplane|unit|system) ([\w.]+)(?:: ([^`]+))?`", row)
        if not references:
            failures.append(f"no test in the row: {row}")
        for reference in references:
            count += 1
            wrong = problem(*reference[:2], reference[2] or None)
            if wrong is not None:
                failures.append(wrong)
    for failure in failures:
        print("FAILED:", failure)
    print(f"{count} references in {len(rows) - 1} rows")
    return 1 if failures or count < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
