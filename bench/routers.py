#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""What do thousands of routers cost, busy or idle?

One worker forwards 64-byte frames from one port to another, by 16 routes of each router. Routers
share both ports, told apart by VLAN and MAC:

    N busy    frames for all of them, in turn: no two that follow each other are for the same one
    N idle    frames for one; the others share two ports where nothing happens

What arrives is more than the worker can take: frames that a full FIFO refuses are dropped, and what
is compared is what leaves. Frames come from a net_null port and the plugin in source.c, which
tells why. Ratios are taken within each round, to one router on the same ports.
"""

import argparse

import chart
import rig
import rounds

IN, OUT = "net_null0", "net_null1"
PORTS = {"in": f"{IN},size=60", "out": f"{OUT},size=60,no-rx=1"}
QUIET_PORTS = {"quiet-in": "net_null2,no-rx=1", "quiet-out": "net_null3,no-rx=1"}
FIRST_VLAN = 100
VLANS = 2048
FLOWS = 1 << 16
ROUTES = 16
# Packets a router; there are buffers for all of them at once.
FIFO, FIFO_OF_THOUSANDS = 256, 64
SOURCE = "libbench_source.so"
# What is wanted of so many, of the rate of one router.
LIMITS = {"64 busy": 0.95, "1,024 busy": 0.85, "1,024 idle": 0.90}


def router(number, prefix, fifo):
    vlan, mac = FIRST_VLAN + number % VLANS, number // VLANS + 1
    return {
        "name": f"vr{number}",
        "max_neighbours": 16,
        "max_routes": 64,
        "fifo": fifo,
        "interfaces": [
            {"name": "in", "port": f"{prefix}in", "vlan": vlan, "mac": f"02:00:00:00:00:{mac:02x}",
             "addresses": ["192.0.2.1/24"]},
            {"name": "out", "port": f"{prefix}out", "vlan": vlan, "mac": f"02:00:00:00:01:{mac:02x}",
             "addresses": ["192.168.0.1/16"]},
        ],
        "routes": [{"prefix": f"198.18.{route}.0/24", "via": "192.168.0.2"}
                   for route in range(ROUTES)],
        "neighbours": [{"interface": "out", "address": "192.168.0.2", "mac": "02:00:00:00:02:01"}],
    }


class Cases(rounds.Rounds):
    """The commands of all cases."""

    def traffic(self, routers):
        path = self.folder / f"routers-{routers}"
        rig.run(self.folder / "scenario", "--family=4", f"--routes={ROUTES}", f"--flows={FLOWS}",
                "--gateways=1", f"--output={path}", f"--vlans={FIRST_VLAN}:{min(routers, VLANS)}",
                f"--macs={-(-routers // VLANS)}")
        return {"LD_PRELOAD": str(self.folder / SOURCE), "BENCH_TRAFFIC": f"{path}.traffic"}

    def command(self, busy, idle):
        ports = PORTS | QUIET_PORTS if idle else PORTS
        fifo = FIFO if busy + idle <= 1024 else FIFO_OF_THOUSANDS
        return self.vrouter(f"routers-{busy}-{idle}", {
            "ports": [{"name": name, "device": device} for name, device in ports.items()],
            "routers": [router(number, "quiet-" if number >= busy else "", fifo)
                        for number in range(busy + idle)],
        })


def label_of(routers, what):
    return f"{routers:,} {what}"


def summarize(measured):
    summary = {}
    for label in measured[0]:
        line = {key: rounds.spread(results[label][key] for results in measured)
                for key in ("mpps", "cycles", "forwarded")}
        line["of_one"] = rounds.spread(results[label]["mpps"] / results["1 busy"]["mpps"]
                                       for results in measured)
        if label in LIMITS:
            line["limit"] = LIMITS[label]
            line["met"] = line["of_one"]["median"] >= LIMITS[label]
        summary[label] = line
    return summary


def print_table(report):
    rounds.print_machine(report)
    print(f"{len(report['rounds'])} rounds of {report['seconds']:g} s, 64-byte frames, one worker; "
          "min / median / max\n")
    print(f"{'routers':<12} {'Mpps':^22}   {'cycles a packet':^22}   {'rate, one router = 1':^22}   "
          "wanted")
    for label, line in report["summary"].items():
        wanted = f">= {line['limit']}: {'met' if line['met'] else 'NOT MET'}" if "limit" in line else ""
        print(f"{label:<12} {rounds.cell(line['mpps'], 2)}   {rounds.cell(line['cycles'], 1)}   "
              f"{rounds.cell(line['of_one'], 3)}   {wanted}".rstrip())
    rounds.print_warnings(report)


def draw(path, numbers, summary):
    series = [chart.Series(name, {at: summary[label_of(number, what)]["of_one"]
                                  for at, number in enumerate(numbers)
                                  if label_of(number, what) in summary})
              for name, what in (("all busy", "busy"), ("one busy, the others idle", "idle"))]
    path.write_text(chart.draw("Rate of so many routers on one worker, one router = 1",
                               [f"{number:,}" for number in numbers], series), encoding="utf-8")


def parse_arguments():
    def numbers(text):
        try:
            values = [int(part) for part in text.split(",")]
        except ValueError:
            values = [0]
        if not all(1 <= value <= 4096 for value in values) or len(set(values)) < len(values):
            raise argparse.ArgumentTypeError(f"'{text}' is no list of numbers, like 1,8,64")
        return values

    parser = rounds.argument_parser(__doc__, memory=3072)
    rounds.add_program_arguments(parser)
    parser.add_argument("--routers", type=numbers, default="1,8,64,256,1024,4096")
    arguments = parser.parse_args()
    rounds.find_program(parser, arguments)
    if arguments.routers[0] != 1:
        arguments.routers.insert(0, 1)
    return arguments


def experiment():
    arguments = parse_arguments()
    with rounds.workplace(arguments) as (folder, sockets, memory, pages):
        cases = Cases(arguments, IN, OUT, folder, sockets, memory)
        commands, environments = {}, {}
        for what in ("busy", "idle"):
            for number in arguments.routers:
                if what == "idle" and number == 1:
                    continue
                label = label_of(number, what)
                busy = number if what == "busy" else 1
                commands[label] = cases.command(busy, number - busy)
                environments[label] = cases.traffic(busy)
        measured = cases.run(commands, must_forward=(), environments=environments)
    summary = summarize(measured)
    path = folder / "routers.json"
    report = rounds.write_report(path, "routers", arguments, pages, cases.hz,
                                 {"summary": summary, "rounds": measured})
    print_table(report)
    print(f"\n{path}")
    draw(folder / "routers.svg", arguments.routers, summary)
    print(folder / "routers.svg")


if __name__ == "__main__":
    rounds.main("routers.py", experiment)
