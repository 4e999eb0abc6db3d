#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""Draws what a scenario names in "draw", from what `vrouter-sim --json` wrote.

    sim/plot.py FILE.json [FOLDER]

The charts go to FOLDER (default: beside the file) as NAME.svg, or NAME-1.svg, NAME-2.svg ...
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "bench"))

import chart  # noqa: E402

# More lines than the key has room for say nothing.
LINES_MAX = 16


def run_of(result, name):
    return next(run for run in result["runs"] if run["name"] == name)


def routers_of(run):
    return run["routers"][:LINES_MAX]


def exact(values):
    """Points of one figure each, from left to right; None: no point."""
    return {at: {"min": value, "median": value, "max": value}
            for at, value in enumerate(values) if value is not None}


def times(result, count):
    """Names of windows: the begin in ms of some, so that they have room."""
    every = -(-count // 10)
    return ["" if number % every else str(number * result["window_ms"]) for number in range(count)]


def curve(name, values, colour, dashed=False):
    return chart.Series(name, exact(values), dashed, colour, marks=False)


def over_time(result, run, lines):
    """A line for each router and each of `lines`: (what its name ends with, key, dashed)."""
    series = []
    for number, router in enumerate(routers_of(run)):
        for suffix, key, dashed in lines:
            name = "" if dashed else router["name"] + suffix
            series.append(curve(name, router["series"][key], number, dashed))
    return times(result, len(run["routers"][0]["series"]["received_percent"])), series


def draw_share(result, run):
    return ("% of the worker", *over_time(result, run, [
        (", received", "received_percent", False), ("", "entitled_percent", True)]))


def draw_throughput(result, run):
    return ("kpps", *over_time(result, run, [
        (", forwarded", "forwarded_kpps", False), ("", "offered_kpps", True)]))


def nearest(run, length, window):
    """Of all workers in a window, the pair that came nearest to its bound."""
    found = []
    for worker in run["workers"]:
        pairwise = worker["pairwise"][length]
        if window < len(pairwise["bound_us"]) and pairwise["bound_us"][window] > 0:
            found.append((pairwise["difference_us"][window], pairwise["bound_us"][window]))
    return max(found, key=lambda pair: pair[0] / pair[1], default=(None, None))


def draw_pairwise(result, run):
    first = run["workers"][0]["pairwise"]
    count = len(first[0]["bound_us"])
    series = []
    for number, pairwise in enumerate(first):
        width = pairwise["window_ms"] // result["window_ms"]
        differences, bounds = [None] * count, [None] * count
        for window in range(len(pairwise["bound_us"])):
            at = window * width
            if at < count:
                differences[at], bounds[at] = nearest(run, number, window)
        ms = f"{pairwise['window_ms']} ms"
        series.append(curve(f"{ms}: difference", differences, number * 2))
        series.append(curve(f"{ms}: its bound", bounds, number * 2, dashed=True))
    return "us of CPU time at weight 1", times(result, count), series


def over_runs(result, figure):
    """A line for each router, over the runs that it is in."""
    names = list(dict.fromkeys(router["name"] for run in result["runs"] for router in run["routers"]))
    series = []
    for name in names[:LINES_MAX]:
        values = []
        for run in result["runs"]:
            router = next((r for r in run["routers"] if r["name"] == name), None)
            values.append(None if router is None else figure(router))
        if any(value is not None for value in values):
            series.append(chart.Series(name, exact(values)))
    return [run["name"] for run in result["runs"]], series


def draw_runs_share(result, _run):
    return "% of the worker", *over_runs(result, lambda router: router["received_percent"])


def draw_runs_dominant(result, _run):
    return "% of what it needs most", *over_runs(result, lambda router: router["dominant_percent"])


def draw_runs_delay(result, _run):
    return ("p99.9, us", *over_runs(
        result, lambda router: router["delay_us"] and router["delay_us"]["p999"]))


DRAWINGS = {
    "share": draw_share,
    "throughput": draw_throughput,
    "pairwise": draw_pairwise,
    "runs_share": draw_runs_share,
    "runs_dominant": draw_runs_dominant,
    "runs_delay": draw_runs_delay,
}


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__.strip())
    path = pathlib.Path(sys.argv[1])
    folder = pathlib.Path(sys.argv[2]) if len(sys.argv) == 3 else path.parent
    result = json.loads(path.read_text(encoding="utf-8"))
    if not result["draw"]:
        sys.exit(f'{path}: the scenario names nothing to draw ("draw")')
    folder.mkdir(parents=True, exist_ok=True)
    for number, wanted in enumerate(result["draw"], 1):
        unit, axis, series = DRAWINGS[wanted["what"]](result, run_of(result, wanted["run"]))
        if not any(line.points for line in series):
            sys.exit(f"{path}: nothing came out to draw as {wanted['what']}")
        name = path.stem if len(result["draw"]) == 1 else f"{path.stem}-{number}"
        text = chart.draw(f"{wanted['title']} ({unit})", axis, series)
        (folder / f"{name}.svg").write_text(text, encoding="utf-8")
        print(folder / f"{name}.svg")


if __name__ == "__main__":
    main()
