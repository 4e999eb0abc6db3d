#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""Do shares, isolation and reservations hold? Each experiment prints what routers are entitled to,
what they received, and the error.

The program's own code runs on ports of rings: a generator of traffic at offered rates and a sink on
one core, the worker on another (bench/fairness/). Packets are 64 bytes long unless said otherwise,
and made dear by the `burn` element where overload is wanted, so that the generator can offer more
than the worker can do; rates are ratios of the capacity that each run measures first. Of each rate
it is shown first that generator and sink alone lose nothing. Where the machine took the CPU away,
a slice of the time is repeated; if it always did, that is told.
"""

import os
import shutil

import rounds
from rig import Failure
import fairness_attackers
import fairness_isolation
import fairness_overload
import fairness_report
import fairness_reservations
import fairness_rig
import fairness_shares

MEMORY = 3072

# {name: (what it shows, one round, charts as {suffix: function of the summary})}
EXPERIMENTS = {
    "shares": ("busy routers with weights 1..8 and equal cost", fairness_shares.shares,
               {"": fairness_shares.draw_shares}),
    "costs": ("packets that cost 1x to 100x, and of mixed sizes", fairness_shares.costs,
              {"": fairness_shares.draw_costs}),
    "rising": ("three routers, rates rising by steps of 3:2:1", fairness_isolation.rising,
               {"": fairness_isolation.draw_rising}),
    "isolation": ("a victim at 60% of its share, a neighbour at up to ten times its own",
                  fairness_isolation.isolation, {"": fairness_isolation.draw_isolation}),
    "attackers": ("one at a time against a victim at 50% and 90% of its share",
                  fairness_attackers.attackers, {"": fairness_attackers.draw_attackers}),
    "overload": ("0.5x to 5x of the capacity, FIFOs of 32 to 4,096", fairness_overload.overload,
                 {"": fairness_overload.draw_throughput,
                  "-delay": fairness_overload.draw_delay}),
    "reservations": ("35% to 95% of the CPU reserved", fairness_reservations.reservations,
                     {"": fairness_reservations.draw_reservations}),
}


def names(text):
    chosen = text.split(",")
    unknown = [name for name in chosen if name not in EXPERIMENTS]
    if unknown:
        raise rounds.argparse.ArgumentTypeError(
            f"'{unknown[0]}' is none of {', '.join(EXPERIMENTS)}")
    return chosen


def parse_arguments():
    parser = rounds.argument_parser(__doc__, memory=MEMORY)
    parser.set_defaults(rounds=3)
    parser.add_argument("--only", type=names, metavar="NAME[,NAME]...", default=list(EXPERIMENTS),
                        help=f"some of {', '.join(EXPERIMENTS)}")
    parser.add_argument("--seconds", type=rounds.positive(float), default=0.3,
                        help="of a measurement, in slices of which those that are disturbed are "
                        "repeated")
    parser.add_argument("--warmup", type=rounds.positive(float), default=0.02,
                        help="seconds before each slice of it")
    parser.add_argument("--quick", action="store_true",
                        help="one short round, nothing repeated: to see that it works")
    parser.add_argument("--case", type=rounds.pathlib.Path, metavar="FILE",
                        help="only run the phases of a file of build/bench/fairness-cases/ again, "
                        "and print what came of each")
    parser.add_argument("--verbose", action="store_true",
                        help="tell of each phase that was disturbed and is tried again")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.seconds, arguments.warmup = 1, 0.2, 0.05
    if arguments.case and not arguments.case.is_file():
        parser.error(f"argument --case: {arguments.case} is no file")
    if not os.access(arguments.build / "bench" / "fairness-bench", os.X_OK):
        parser.error(f"{arguments.build}/bench/fairness-bench is missing: run make")
    return arguments


def run_all(arguments, suite):
    done = {name: [] for name in arguments.only}
    for number in range(arguments.rounds):
        for name in rounds.in_turn(arguments.only, number):
            print(f"round {number + 1} of {arguments.rounds}: {name}", flush=True)
            done[name].append(EXPERIMENTS[name][1](suite))
    return {name: fairness_report.summarize(all_rounds) for name, all_rounds in done.items()}


def draw_all(folder, summaries):
    for name, summary in summaries.items():
        for suffix, draw in EXPERIMENTS[name][2].items():
            path = folder / f"fairness-{name}{suffix}.svg"
            path.write_text(draw(summary), encoding="utf-8")
            print(path)


def print_verdict(summaries):
    missed = [(f"{name}: {label}", check["disturbed"]) for name, summary in summaries.items()
              for label, check in summary["checks"].items() if not check["met"]]
    told = [label for label, disturbed in missed if not disturbed]
    print(f"\n{len(told)} figures not met" + "".join(f"\n  {label}" for label in told))
    if len(missed) > len(told):
        print(f"{len(missed) - len(told)} more were not, but in phases that were disturbed each "
              "time: they say nothing")


def show_case(suite, path):
    for phase in fairness_rig.run_case(suite, path):
        print(f"{phase.result['name']}{' (disturbed)' if phase.disturbed else ''}\n")
        rows = {f"flow {name}": {
            "offered_mpps": fairness_report.spread([phase.offered_rate(name) / 1e6]),
            "refused": fairness_report.spread([phase.refused(name)]),
            "lost": fairness_report.spread([phase.lost(name)])} | {
                f"p{100 * fraction:g}_us": fairness_report.spread([phase.delay_us(name, fraction)])
                for fraction in (0.5, 0.9, 0.99, 0.999)} for name in phase.flows}
        rows |= {f"router {name}": {
            "cpu_percent": fairness_report.spread([100 * phase.cpu(name)]),
            "packets": fairness_report.spread([share["packets"]]),
            "turns": fairness_report.spread([share["turns"]])}
            for name, share in phase.shares.items()}
        fairness_report.print_rows(rows)


def experiment():
    arguments = parse_arguments()
    with rounds.workplace(arguments) as (folder, _, memory, pages):
        suite = fairness_rig.Suite(arguments, folder, memory)
        if arguments.case:
            show_case(suite, arguments.case)
            return
        shutil.rmtree(folder / "fairness-cases", ignore_errors=True)
        hz = int(rounds.rig.run(folder / "tsc_hz"))
        summaries = run_all(arguments, suite)
        path = folder / "fairness.json"
        report = rounds.write_report(path, "fairness", arguments, pages, hz, {
            "number_of_rounds": arguments.rounds, "experiments": summaries})
    rounds.print_machine(report)
    for name, summary in summaries.items():
        fairness_report.print_experiment(name, EXPERIMENTS[name][0], summary)
    print_verdict(summaries)
    print(f"\n{path}\ncases to show a phase again: {folder / 'fairness-cases'}")
    draw_all(folder, summaries)
    if not summaries:
        raise Failure("nothing was measured")


if __name__ == "__main__":
    rounds.main("fairness.py", experiment)
