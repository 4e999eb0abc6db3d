#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""Draws text as a terminal window, for the pictures in docs/.

    PROGRAM | tools/terminal-svg.py TITLE > PICTURE.svg
"""

import html
import sys

CHARACTER = 7.8  # width of a character at this size, in pixels
LINE = 18
MARGIN = 16
BAR = 28


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: PROGRAM | terminal-svg.py TITLE > PICTURE.svg")
    lines = [line.rstrip().expandtabs() for line in sys.stdin]
    width = MARGIN * 2 + CHARACTER * max(map(len, lines + [""]))
    height = BAR + MARGIN * 2 + LINE * len(lines)
    print(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" '
        f'viewBox="0 0 {width:.0f} {height}" font-family="monospace" font-size="13">'
    )
    print(f'<rect width="{width:.0f}" height="{height}" rx="8" fill="#1c2128"/>')
    for i, colour in enumerate(("#e5534b", "#c69026", "#57ab5a")):
        print(f'<circle cx="{18 + 18 * i}" cy="{BAR / 2}" r="5.5" fill="{colour}"/>')
    print(
        f'<text x="{width / 2:.0f}" y="{BAR / 2 + 4.5}" fill="#768390" text-anchor="middle">'
        f"{html.escape(sys.argv[1])}</text>"
    )
    for i, line in enumerate(lines):
        y = BAR + MARGIN + LINE * i + 10
        # A set length keeps columns in line whatever font the reader has.
        length = f' textLength="{CHARACTER * len(line):.1f}"' if line else ""
        print(
            f'<text x="{MARGIN}" y="{y}" fill="#adbac7" xml:space="preserve"{length}>'
            f"{html.escape(line)}</text>"
        )
    print("</svg>")


if __name__ == "__main__":
    main()
