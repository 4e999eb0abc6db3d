#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""What can the tables do? Runs lpm-bench (lpm.c), and prints what it found in one table.

The compact tables and DPDK's rte_fib and rte_fib6 look up the same addresses in turn; ratios are
taken within each round. All else are figures of the compact tables by themselves.
"""

import json
import os
import subprocess

import rig
import rounds
from rig import Failure

LPM_BENCH_MEMORY = 7000


def run_bench(arguments, folder, memory):
    """Its output as it comes, for it takes minutes. Gives the report."""
    first, last = rig.worker_cpus()
    path = folder / "lpm.json"
    command = [folder / "lpm-bench", "--no-pci", "--no-telemetry", *memory,
               f"--file-prefix=vrouter-bench-{os.getpid()}-lpm", f"--lcores=0@{first},1@{last}",
               "--force-max-simd-bitwidth=512", "--", f"--json={path}",
               f"--rounds={arguments.rounds}"]
    if arguments.routes:
        command.append(f"--routes={arguments.routes}")
    environment = {key: value for key, value in os.environ.items() if key != "BENCH_ROUTES"}
    status = subprocess.run(command, check=False, env=environment).returncode
    if status:
        raise Failure(f"lpm-bench ended with status {status}")
    return path, json.loads(path.read_text())


def best(result, ours):
    """The fastest of ours, or the peer that the ratio is to."""
    if not ours:
        return next(s for s in result["subjects"] if s["name"] == result["peer"])
    return min((s for s in result["subjects"] if s["name"].startswith("compact")),
               key=lambda subject: subject["cycles"]["median"])


def bound_text(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:g}"


def wanted(result):
    """What is wanted of it, in words; nothing if it is only told."""
    if not result["wanted"]:
        return ""
    more = "ratio" in result or result["unit"] == "a second"
    bound = f"{'>=' if more else '<='} {bound_text(result['wanted'])}{' x' if 'ratio' in result else ''}"
    return f"{bound:<14} {'met' if result['met'] else 'NOT MET'}"


def print_table(report):
    pages = "hugepages" if report["hugepages"] else "4 kB pages"
    routes = "the given file" if report["routes"] == "file" else "made-up routes"
    print(f"\n{report['rounds']} rounds, {routes}, bursts of {report['burst']}, "
          f"{report['next_hops']} next hops, {pages}; medians, ratios with minimum and maximum\n")
    print(f"{'':<44} {'ours':>14} {'rte_fib':>10} {'ratio':>22}   wanted")
    for result in report["results"]:
        verdict = wanted(result)
        if "ratio" in result:
            ratio = result["ratio"]
            print(f"{result['name']:<44} {best(result, True)['cycles']['median']:>9.1f} cyc."
                  f" {best(result, False)['cycles']['median']:>10.1f} "
                  f"{ratio['min']:6.2f} /{ratio['median']:6.2f} /{ratio['max']:6.2f}   {verdict}")
        else:
            text = f"{result['value']['median']:,.0f} {result['unit']}"
            print(f"{result['name']:<44} {text:>48}   {verdict}".rstrip())


def experiment():
    parser = rounds.argument_parser(__doc__, memory=LPM_BENCH_MEMORY)
    parser.set_defaults(rounds=7)
    rounds.add_routes_argument(parser)
    arguments = parser.parse_args()
    if not os.access(arguments.build / "bench" / "lpm-bench", os.X_OK):
        parser.error(f"{arguments.build}/bench/lpm-bench is missing: run make")
    with rounds.workplace(arguments) as (folder, _, memory, _):
        path, report = run_bench(arguments, folder, memory)
    print_table(report)
    print(f"\n{path}")


if __name__ == "__main__":
    rounds.main("tables.py", experiment)
