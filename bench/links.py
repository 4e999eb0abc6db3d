#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""What does it cost to hand a packet over a link to the next router on the same worker?

One worker forwards 64-byte frames of one flow from a port to another, by one router or by several in
a row that are linked; and the same by wires, which do next to nothing with a frame, so that what one
more of them costs is hardly anything but the hand-over. Cycles are those of the worker's turns
(show lcore), for each frame that came out: without receiving and classification, which the source
keeps as busy as it will, and with the transmit buffer. Routers behind the first have more weight, so
that they run whenever they have a packet, and none is lost on the way.

`one more` is what a case costs beyond the case with one router or wire fewer: for a wire, pushing the
frames, a turn and taking them; for a router its work on the packet besides.
"""

import time

import rig
import rounds
import scale

LIMIT = 25  # cycles that one more wire may take, its turn included
KINDS = {"router": (1, 2, 3), "wire": (1, 2, 3, 5)}
WEIGHT = 1000


def label(kind, number):
    return f"{number} {kind}{'s' * (number > 1)}"


def chain(kind, number):
    """Interfaces of each: the first has the port that frames come from, the last the other."""
    for i in range(number):
        left = {"name": "left"} | ({"port": "in"} if i == 0 else {})
        right = {"name": "right"} | ({"port": "out"} if i == number - 1 else {})
        if kind == "wire":
            yield {"name": f"r{i}", "forwarder": "wire", "interfaces": [left, right]}
            continue
        left |= {"addresses": [f"10.{i}.0.2/16"]}
        right |= {"addresses": [f"10.{i + 1}.0.1/16"]}
        if i == 0:
            left["mac"] = rounds.ROUTER_MAC
        last = {"interface": "right", "address": f"10.{i + 1}.0.2", "mac": "02:00:00:00:02:00"}
        yield {"name": f"r{i}", "interfaces": [left, right],
               "routes": [{"prefix": "0.0.0.0/0", "via": f"10.{i + 1}.0.2"}],
               "neighbours": [last] if i == number - 1 else []}


def config(kind, number):
    routers = list(chain(kind, number))
    for router in routers[1:]:
        router["weight"] = WEIGHT
    return {
        "ports": [{"name": "in", "device": scale.PORTS[scale.IN]},
                  {"name": "out", "device": scale.PORTS[scale.OUT]}],
        "routers": routers,
        "links": [[f"r{i}:right", f"r{i + 1}:left"] for i in range(number - 1)],
    }


class Chains(scale.Cases):
    """Measured by the cycles of turns instead of the time."""

    def _measure_once(self, command, log, environment):
        with rig.Process(command, log, [self.in_port, self.out_port], environment) as process:
            def read():
                lcore = next(iter(process.telemetry.ask("/vrouter/lcore/stats").values()))
                first = process.telemetry.ask("/vrouter/vr/stats", "r0")
                return lcore["run_cycles"], lcore["elapsed_cycles"], first["forwarded"]
            time.sleep(self.arguments.warmup)
            before = read()
            sample = rig.Sample(process, self.worker_cpu, self.arguments.seconds)
            spent, elapsed, entered = (b - a for a, b in zip(before, read()))
            sent = sample.packets[self.out_port]["opackets"]
        # The readings of the worker enclose those of the port.
        part = sample.seconds * self.hz / elapsed
        return {
            "mpps": sent / sample.seconds / 1e6,
            "cycles": spent * part / sent,
            "forwarded": sent / (entered * part),
            "lost": sample.lost,
            "switches": sample.switches,
            "disturbed": sample.disturbed,
        }


def summarize(measured):
    summary = {}
    for kind, numbers in KINDS.items():
        for fewer, number in zip((None, *numbers), numbers):
            name = label(kind, number)
            line = {"cycles": rounds.spread(results[name]["cycles"] for results in measured)}
            if fewer is not None:
                line["one_more"] = rounds.spread(
                    (results[name]["cycles"] - results[label(kind, fewer)]["cycles"])
                    / (number - fewer) for results in measured)
                if kind == "wire":
                    line["limit"] = LIMIT
                    line["met"] = line["one_more"]["median"] <= LIMIT
            summary[name] = line
    return summary


def print_table(report):
    rounds.print_machine(report)
    print(f"{len(report['rounds'])} rounds of {report['seconds']:g} s, 64-byte frames, one worker; "
          f"min / median / max\n")
    empty = {"min": float("nan"), "median": float("nan"), "max": float("nan")}
    print(f"{'':<10} {'cycles a packet':^22}   {'one more':^22}")
    for name, line in report["summary"].items():
        verdict = "" if "met" not in line else (
            f"<= {LIMIT}: {'met' if line['met'] else 'NOT MET'}")
        print(f"{name:<10} {rounds.cell(line['cycles'], 1)}   "
              f"{rounds.cell(line.get('one_more', empty), 1)}   {verdict}".rstrip())
    rounds.print_warnings(report)


def experiment():
    parser = rounds.argument_parser(__doc__, memory=1024)
    rounds.add_program_arguments(parser)
    arguments = parser.parse_args()
    arguments.routes = None
    rounds.find_program(parser, arguments)
    with rounds.workplace(arguments) as (folder, sockets, memory, pages):
        chains = Chains(arguments, scale.IN, scale.OUT, folder, sockets, memory)
        case = scale.Case(scale.SIMPLEST)
        commands = {label(kind, number): chains.vrouter(
            f"{kind}-{number}", config(kind, number))
                    for kind, numbers in KINDS.items() for number in numbers}
        measured = chains.run(commands, must_forward=commands, environments=dict.fromkeys(
            commands, chains.environment(case)))
    path = folder / "links.json"
    report = rounds.write_report(path, "links", arguments, pages, chains.hz,
                                 {"summary": summarize(measured), "rounds": measured})
    print_table(report)
    print(f"\n{path}")


if __name__ == "__main__":
    rounds.main("links.py", experiment)
