# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""Figures of experiments: of one round, over rounds, and as tables."""

import math
import operator

import rounds

HOLDS = {"<=": operator.le, ">=": operator.ge}


class Round:
    """What one round of an experiment has come to."""

    def __init__(self):
        self.rows = {}       # {label: {column: number}}
        self.checks = {}     # {name: what was promised, and the figure}
        self.curves = {}     # {name: [figure]}, for charts
        self.notes = {}      # {name: number or text}
        self.disturbed = 0
        self.slices, self.attempts = 0, 0

    def took(self, phase):
        self.slices += phase.wanted
        self.attempts += phase.attempts
        self.disturbed += phase.disturbed

    def row(self, label, **columns):
        self.rows.setdefault(label, {}).update(columns)

    def check(self, name, value, relation, bound, disturbed=False):
        self.checks[name] = {"value": value, "relation": relation, "bound": bound,
                             "disturbed": disturbed}

    def curve(self, name, values):
        self.curves[name] = values

    def note(self, name, value):
        self.notes[name] = value


def spread(values):
    values = [value for value in values if not math.isnan(value)]
    return rounds.spread(values) if values else None


def summarize_check(checks):
    """The worst round decides; one that was disturbed each time only if there is no other."""
    relation = checks[0]["relation"]
    quiet = [check for check in checks if not check["disturbed"]]
    values = [check["value"] for check in quiet or checks]
    worst = max(values) if relation == "<=" else min(values)
    return {"relation": relation, "bound": checks[0]["bound"], "value": rounds.spread(values),
            "met": HOLDS[relation](worst, checks[0]["bound"]), "disturbed": not quiet}


def summarize(all_rounds):
    """Over rounds: of each figure the minimum, the median and the maximum."""
    first = all_rounds[0]
    rows = {label: {column: spread(each.rows[label][column] for each in all_rounds
                                   if column in each.rows.get(label, {}))
                    for column in columns}
            for label, columns in first.rows.items()}
    length = {name: min(len(each.curves.get(name, [])) for each in all_rounds)
              for name in first.curves}
    curves = {name: [spread([each.curves[name][at] for each in all_rounds])
                     for at in range(length[name])] for name in first.curves}
    return {
        "rows": rows,
        "checks": {name: summarize_check([each.checks[name] for each in all_rounds
                                          if name in each.checks]) for name in first.checks},
        "curves": curves,
        "notes": first.notes,
        "disturbed": sum(each.disturbed for each in all_rounds),
        "slices": sum(each.slices for each in all_rounds),
        "attempts": sum(each.attempts for each in all_rounds),
    }


def digits(values):
    highest = max(abs(values["min"]), abs(values["max"]))
    return 0 if highest >= 1000 else 2 if highest >= 10 else 4


def cell(values):
    if values is None:
        return "-"
    figures = [f"{values[key]:.{digits(values)}f}" for key in ("min", "median", "max")]
    return figures[0] if len(set(figures)) == 1 else " / ".join(figures)


def print_rows(rows):
    """Rows with the same columns are a table."""
    at = 0
    items = list(rows.items())
    while at < len(items):
        columns = list(items[at][1])
        block = []
        while at < len(items) and list(items[at][1]) == columns:
            block.append(items[at])
            at += 1
        lines = [["", *(column.replace("_", " ") for column in columns)]]
        lines += [[label, *(cell(line[column]) for column in columns)] for label, line in block]
        widths = [max(len(line[column]) for line in lines) for column in range(len(columns) + 1)]
        for line in lines:
            print("  " + f"{line[0]:<{widths[0]}}" + "".join(
                f"  {text:>{width}}" for text, width in zip(line[1:], widths[1:])))
        print()


def print_experiment(name, title, summary):
    print(f"\n{name}: {title} (min / median / max over rounds)\n")
    print_rows(summary["rows"])
    for note, value in summary["notes"].items():
        print(f"  {note}: {value}")
    for label, check in summary["checks"].items():
        verdict = "met" if check["met"] else "NOT MET"
        if check["disturbed"]:
            verdict += ", but disturbed each time"
        print(f"  {label} {check['relation']} {check['bound']:g}: {cell(check['value'])}  "
              f"{verdict}")
    print(f"  {summary['slices']} slices of time measured, {summary['attempts']} tried: the others "
          "were disturbed")
    if summary["disturbed"]:
        print(f"  The machine disturbed {summary['disturbed']} phases each time they were tried: "
              "take them with care.")
