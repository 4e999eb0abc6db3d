#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""What does it cost to send packets into a tunnel?

One worker forwards 64-byte IPv4 frames of one flow by one route: to a neighbour (plain), or into a
tunnel whose outer packets go to the same neighbour. The outer router is the same; "elsewhere" it is
another one on the same worker, to which each packet is handed over.

Frames come from a net_null port and the plugin in source.c, and go to another. Every program must
forward all of them, but for the one "elsewhere": while the outer router sleeps between two turns its
worker looks for frames for it, more than it can forward, and has to sort and drop them. Cycles are those of the TSC; as the worker is never idle, cycles a packet are
the time for one packet. Differences to the plain path are taken within each round.
"""

import dataclasses

import rig
import rounds

IN, OUT = "net_null0", "net_null1"
PORTS = {IN: f"{IN},size=60", OUT: f"{OUT},size=60,no-rx=1"}
SOURCE = "libbench_source.so"
PLAIN = "plain"


@dataclasses.dataclass(frozen=True)
class Case:
    """A tunnel's members of the config, {} for none; `limit` of its cycles over the plain path."""

    label: str
    tunnel: tuple = ()
    outer6: bool = False
    elsewhere: bool = False
    limit: float = 0


CASES = [
    Case(PLAIN),
    Case("gre", (("type", "gre"),), limit=40),
    Case("gre, a key", (("type", "gre"), ("key", 7))),
    Case("gre over IPv6", (("type", "gre"),), outer6=True),
    Case("ipip", (("type", "ipip"),)),
    Case("ipip over IPv6", (("type", "ipip"),), outer6=True),
    Case("vxlan", (("type", "vxlan"), ("vni", 7))),
    Case("vxlan over IPv6", (("type", "vxlan"), ("vni", 7)), outer6=True),
    Case("gre, elsewhere", (("type", "gre"),), elsewhere=True),
]


def tunnel_interface(case):
    local, remote = ("fd02::1", "fd03::9") if case.outer6 else ("172.16.0.1", "203.0.113.9")
    outer = {"router": "outer"} if case.elsewhere else {}
    return {"name": "t", "tunnel": {**dict(case.tunnel), "local": local, "remote": remote, **outer},
            "addresses": ["192.168.0.1/24"]}


def router_config(case, routes_file):
    way_in = {"name": "in", "port": "in", "mac": rounds.ROUTER_MAC, "addresses": ["10.0.0.1/24"]}
    way_out = {"name": "out", "port": "out", "mac": "02:00:00:00:00:02"}
    mac = "02:00:00:00:02:02"
    inner = {"name": "r", "interfaces": [way_in], "routes_file": str(routes_file)}
    if not case.tunnel:
        inner["interfaces"].append({**way_out, "addresses": ["192.168.0.1/24"]})
        inner["neighbours"] = [{"interface": "out", "address": "192.168.0.2", "mac": mac}]
        return config([inner])
    inner["interfaces"].append(tunnel_interface(case))
    vxlan = dict(case.tunnel)["type"] == "vxlan"
    inner["neighbours"] = [{"interface": "t", "address": "192.168.0.2", "mac": mac}] * vxlan
    outer = {"name": "outer", "interfaces": []} if case.elsewhere else inner
    outer["interfaces"].append({**way_out, "addresses": ["172.16.0.1/24", "fd02::1/64"]})
    outer["routes"] = [{"prefix": "203.0.113.0/24", "via": "172.16.0.2"},
                       {"prefix": "fd03::/64", "via": "fd02::2"}]
    outer.setdefault("neighbours", []).extend(
        {"interface": "out", "address": address, "mac": mac} for address in ("172.16.0.2", "fd02::2"))
    return config([inner, outer] if case.elsewhere else [inner])


def config(routers):
    return {"ports": [{"name": "in", "device": PORTS[IN]}, {"name": "out", "device": PORTS[OUT]}],
            "routers": routers}


def summarize(cases, measured):
    summary = {}
    for case in cases:
        line = {key: rounds.spread(results[case.label][key] for results in measured)
                for key in ("mpps", "cycles", "forwarded")}
        line["over_plain"] = rounds.spread(
            results[case.label]["cycles"] - results[PLAIN]["cycles"] for results in measured)
        line["ratio"] = rounds.spread(
            results[case.label]["cycles"] / results[PLAIN]["cycles"] for results in measured)
        if case.limit:
            line["limit"] = case.limit
            line["met"] = line["over_plain"]["median"] <= case.limit
        summary[case.label] = line
    return summary


def print_table(report):
    rounds.print_machine(report)
    print(f"{len(report['rounds'])} rounds of {report['seconds']:g} s, 64-byte frames, one worker; "
          "min / median / max\n")
    width = max(map(len, report["summary"]))
    print(f"{'':<{width}} {'cycles a packet':^22}   {'over the plain path':^22}   "
          f"{'ratio to it':^22}   wanted")
    for label, line in report["summary"].items():
        wanted = ""
        if "limit" in line:
            wanted = f"<= {line['limit']:g} over: {'met' if line['met'] else 'NOT MET'}"
        print(f"{label:<{width}} {rounds.cell(line['cycles'], 1)}   "
              f"{rounds.cell(line['over_plain'], 1)}   {rounds.cell(line['ratio'], 2)}   "
              f"{wanted}".rstrip())
    rounds.print_warnings(report)


def parse_arguments():
    parser = rounds.argument_parser(__doc__, memory=1024)
    rounds.add_program_arguments(parser)
    # An IPv6 address is probed for before a tunnel may use it.
    parser.set_defaults(warmup=4)
    parser.add_argument("--only", metavar="TEXT", action="append",
                        help="only cases with this in their name, and the plain path")
    arguments = parser.parse_args()
    rounds.find_program(parser, arguments)
    arguments.cases = [case for case in CASES if not arguments.only or case.label == PLAIN
                       or any(text in case.label for text in arguments.only)]
    return arguments


def experiment():
    arguments = parse_arguments()
    with rounds.workplace(arguments) as (folder, sockets, memory, pages):
        runner = rounds.Rounds(arguments, IN, OUT, folder, sockets, memory)
        path = folder / "tunnels"
        rig.run(folder / "scenario", "--family=4", "--routes=1", "--flows=1", "--gateways=1",
                f"--output={path}")
        environment = {"LD_PRELOAD": str(folder / SOURCE), "BENCH_TRAFFIC": f"{path}.traffic"}
        commands = {case.label: runner.vrouter(f"tunnels-{number}",
                                               router_config(case, f"{path}.routes"))
                    for number, case in enumerate(arguments.cases)}
        measured = runner.run(commands,
                              must_forward=[case.label for case in arguments.cases
                                            if not case.elsewhere],
                              environments={label: environment for label in commands})
    report = rounds.write_report(folder / "tunnels.json", "tunnels", arguments, pages, runner.hz, {
        "summary": summarize(arguments.cases, measured),
        "rounds": measured,
    })
    print_table(report)
    print(f"\n{folder / 'tunnels.json'}")


if __name__ == "__main__":
    rounds.main("tunnels.py", experiment)
