# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""Lines with their spread, as SVG."""

import dataclasses
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 860, 460
LEFT, RIGHT, TOP, BOTTOM = 60, 270, 50, 50
# Okabe and Ito's, which people who see few colours can tell apart.
COLOURS = ["#0072b2", "#56b4e9", "#d55e00", "#e69f00", "#009e73", "#cc79a7", "#000000", "#999999"]


@dataclasses.dataclass
class Series:
    """A line; `points` are {position on the axis: {"min", "median", "max"}}. `dashed` and `colour`
    (a number) are by its place among the lines unless given; `marks`: points have a dot and their
    spread; `joined`: there is a line between them. One whose name is empty is not in the key."""

    name: str
    points: dict
    dashed: bool = None
    colour: int = None
    marks: bool = True
    joined: bool = True


def step(highest):
    """Between two lines of the grid: about six of them, at round numbers."""
    power = 10 ** math.floor(math.log10(highest / 6))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor * 6 >= highest)


def draw(title, axis, series, legend=()):
    """The text of a file: `axis` names the positions from left to right; `legend` are lines of text
    under the names of the series."""
    highest = max(point["max"] for line in series for point in line.points.values())
    lowest = min(0, min(point["min"] for line in series for point in line.points.values()))
    grid = step(max(highest - lowest, 1e-9))
    top, bottom = math.ceil(highest / grid) * grid, math.floor(lowest / grid) * grid
    height = max(HEIGHT, TOP + 20 + 22 * (len(series) + len(legend)))
    x = lambda at: LEFT + (WIDTH - LEFT - RIGHT) * (at + 0.5) / len(axis)
    y = lambda value: (HEIGHT - BOTTOM
                       - (HEIGHT - TOP - BOTTOM) * (value - bottom) / (top - bottom or 1))

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        f'<text x="{LEFT}" y="28" font-size="16">{escape(title)}</text>',
    ]
    for number in range(round(bottom / grid), round(top / grid) + 1):
        value = number * grid
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" '
                     f'y2="{y(value):.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end">'
                     f'{value:g}</text>')
    for at, name in enumerate(axis):
        parts.append(f'<text x="{x(at):.1f}" y="{HEIGHT - BOTTOM + 22}" text-anchor="middle">'
                     f'{escape(name)}</text>')
    keys = 0
    for number, line in enumerate(series):
        # Beside each other, so that spreads do not hide behind spreads.
        shift = (number - (len(series) - 1) / 2) * 4 if line.marks else 0
        colour = COLOURS[(number if line.colour is None else line.colour) % len(COLOURS)]
        dashed = number >= len(COLOURS) if line.dashed is None else line.dashed
        parts += draw_line(line, colour, dashed, lambda at: x(at) + shift, y)
        if line.name:
            parts += draw_key(line, colour, dashed, TOP + 10 + keys * 22)
            keys += 1
    for number, text in enumerate(legend):
        parts.append(f'<text x="{WIDTH - RIGHT + 20}" y="{TOP + 14 + (keys + number) * 22}">'
                     f'{escape(text)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def dashes(dashed):
    return ' stroke-dasharray="4 3"' if dashed else ""


def draw_line(line, colour, dashed, x, y):
    points = sorted(line.points.items())
    path = " ".join(f"{x(at):.1f},{y(point['median']):.1f}" for at, point in points)
    if len(points) > 1 and line.joined:
        yield (f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"'
               f'{dashes(dashed)}/>')
    for at, point in points if line.marks else ():
        yield (f'<line x1="{x(at):.1f}" x2="{x(at):.1f}" y1="{y(point["min"]):.1f}" '
               f'y2="{y(point["max"]):.1f}" stroke="{colour}"/>')
        yield (f'<circle cx="{x(at):.1f}" cy="{y(point["median"]):.1f}" r="4" fill="'
               f'{"white" if dashed else colour}" stroke="{colour}"/>')


def draw_key(line, colour, dashed, at):
    left = WIDTH - RIGHT + 20
    yield (f'<line x1="{left}" x2="{left + 24}" y1="{at}" y2="{at}" stroke="{colour}" '
           f'stroke-width="2"{dashes(dashed)}/>')
    yield f'<text x="{left + 32}" y="{at + 4}">{escape(line.name)}</text>'
