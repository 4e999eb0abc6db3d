#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""What do many routes, flows and interfaces cost a router, and what does IPv6?

One worker forwards 64-byte frames by one router. The simplest case has one route, one flow and two
interfaces, each a whole port, in IPv4; each other case differs from it as its name says:

    routes      512 side by side; 100,000 out of the table of the Internet; all of it. From 512
                on they lead to 256 gateways, so that neighbouring routes differ
    flows       a million pairs of addresses, in random order, the destinations inside the prefixes;
                "any address": of the whole unicast range, with a default route for the uncovered
    interfaces  two or 512, half of them on each port, told apart by VLAN. Frames arrive on all
                of them in turn and leave by all of them at random
    l3fwd       DPDK's own router, LPM or FIB, with the routes it has room for; it has one next hop
    testpmd     io forwarding: the ports alone, no look at the packet

Frames come from a net_null port and the plugin in source.c, which tells why, and go to another.
Every program must forward all of them. Cycles are those of the TSC; as the worker is never idle,
cycles a packet are the time for one packet. Ratios are taken within each round. They include what
the ports cost, as for any forwarder; what is left without it is given beside.
"""

import dataclasses

import chart
import l3fwd
import rig
import rounds

IN, OUT = "net_null0", "net_null1"
PORTS = {IN: f"{IN},size=60", OUT: f"{OUT},size=60,no-rx=1"}
FIRST_VLAN = 100
FULL = 0
MANY_FLOWS = 1000000
GATEWAYS = 256
SOURCE = "libbench_source.so"


@dataclasses.dataclass(frozen=True)
class Case:
    """One configuration of one program; `limit` of the ratio to another case's cycles."""

    label: str
    program: str = "vrouter"
    family: int = 4
    routes: int = 1
    flows: int = 1
    any_address: bool = False
    interfaces: int = 0  # by VLAN; 0: two, untagged
    limit: float = 0
    over: str = "IPv4, 1 route, 1 flow"

    @property
    def gateways(self):
        return 1 if self.routes == 1 else GATEWAYS


SIMPLEST = Case.over


def routes_text(routes):
    return {FULL: "full table", 1: "1 route"}.get(routes, f"{routes:,} routes")


def flows_text(flows):
    return "1 flow" if flows == 1 else "a million flows"


def table_cases(family):
    simplest = f"IPv{family}, 1 route, 1 flow"
    for routes in (1, 512, 100000, FULL):
        for flows in (1, MANY_FLOWS):
            label = f"IPv{family}, {routes_text(routes)}, {flows_text(flows)}"
            limit, over = 0, SIMPLEST
            if routes == FULL and flows == MANY_FLOWS:
                limit, over = 1.4, simplest
            elif label == simplest and family == 6:
                limit = 1.3
            yield Case(label, family=family, routes=routes, flows=flows, limit=limit, over=over)
    yield Case(f"IPv{family}, full table, any address", family=family, routes=FULL,
               flows=MANY_FLOWS, any_address=True, limit=1.4, over=simplest)


def interface_cases():
    yield Case("2 interfaces by VLAN", routes=512, flows=MANY_FLOWS, interfaces=2)
    yield Case("512 interfaces by VLAN", routes=512, flows=MANY_FLOWS, interfaces=512, limit=1.1)
    yield Case("512 interfaces, full table", routes=FULL, flows=MANY_FLOWS, interfaces=512)


def peer_cases():
    for family in (4, 6):
        for look_up in ("lpm", "fib"):
            for routes, flows in ((1, 1), (512, MANY_FLOWS)):
                yield Case(f"l3fwd {look_up.upper()}, IPv{family}, {routes_text(routes)}, "
                           f"{flows_text(flows)}", look_up, family, routes, flows)


def all_cases():
    yield Case("testpmd", "testpmd")
    for family in (4, 6):
        yield from table_cases(family)
    yield from interface_cases()
    yield from peer_cases()


# What a case needs


def gateway(family, number):
    return f"192.168.{number}.2" if family == 4 else f"fd00:0:0:{number:x}::2"


def interfaces(case):
    """Of the router: where frames come in, and where they go out, with as many gateways each."""
    half = case.interfaces // 2 or 1
    length = {4: 24, 6: 64} if half > 1 else {4: 16, 6: 48}
    for number in range(half):
        tag = {"vlan": FIRST_VLAN + number} if case.interfaces else {}
        address = f"10.0.{number}.1/24" if case.family == 4 else f"fd01:0:0:{number:x}::1/64"
        yield {"name": f"in{number}", "port": "in", **tag, "mac": rounds.ROUTER_MAC,
               "addresses": [address]}
    for number in range(half):
        tag = {"vlan": FIRST_VLAN + number} if case.interfaces else {}
        address = f"192.168.{number}.1" if case.family == 4 else f"fd00:0:0:{number:x}::1"
        yield {"name": f"out{number}", "port": "out", **tag, "mac": "02:00:00:00:00:02",
               "addresses": [f"{address}/{length[case.family]}"]}


def neighbours(case):
    half = case.interfaces // 2 or 1
    for number in range(case.gateways):
        yield {"interface": f"out{number % half}", "address": gateway(case.family, number),
               "mac": f"02:00:00:00:02:{number:02x}"}


def router_config(case, routes_file):
    return {
        "ports": [{"name": "in", "device": PORTS[IN]}, {"name": "out", "device": PORTS[OUT]}],
        "routers": [{
            "name": "r",
            "max_routes": 1 << 20,
            "interfaces": list(interfaces(case)),
            "routes_file": str(routes_file),
            "neighbours": list(neighbours(case)),
        }],
    }


class Cases(rounds.Rounds):
    """The commands of all cases, with the same memory, ports and worker."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.devices = [f"--vdev={device}" for device in PORTS.values()]
        self.counts = {}

    def scenario(self, case):
        """Writes the case's files. Gives their path without what is behind the dot."""
        vlans = case.interfaces // 2
        name = (f"v{case.family}-r{case.routes}-f{case.flows}{'-any' if case.any_address else ''}"
                f"-i{case.interfaces}")
        path = self.folder / name
        if name not in self.counts:
            options = [f"--family={case.family}", f"--routes={case.routes}",
                       f"--flows={case.flows}", f"--gateways={case.gateways}", f"--output={path}"]
            if vlans:
                options.append(f"--vlans={FIRST_VLAN}:{vlans}")
            if case.any_address:
                options.append("--uniform")
            if self.arguments.routes:
                options.append(f"--table={self.arguments.routes}")
            self.counts[name] = int(rig.run(self.folder / "scenario", *options))
        return path, self.counts[name]

    def command(self, case):
        path, _ = self.scenario(case)
        if case.program == "vrouter":
            return self.vrouter(path.name, router_config(case, f"{path}.routes"))
        if case.program == "testpmd":
            return ["dpdk-testpmd", *self.eal, self.two_lcores, *self.devices, "--",
                    "--forward-mode=io", "--no-lsc-interrupt", "--total-num-mbufs=16384"]
        rules = {4: self.folder / "l3fwd-some-v4.cfg", 6: self.folder / "l3fwd-some-v6.cfg"}
        rules[4].write_text(l3fwd.SOME_IPV4_RULE)
        rules[6].write_text(l3fwd.SOME_IPV6_RULE)
        rules[case.family] = f"{path}.rules"
        return l3fwd.command(self, case.program, rules[4], rules[6], self.devices)

    def environment(self, case):
        path, _ = self.scenario(case)
        return {"LD_PRELOAD": str(self.folder / SOURCE), "BENCH_TRAFFIC": f"{path}.traffic"}


# The report


def summarize(cases, measured):
    summary = {}
    for case in cases:
        line = {key: rounds.spread(results[case.label][key] for results in measured)
                for key in ("mpps", "cycles", "forwarded")}
        if "testpmd" in measured[0]:
            line["without_ports"] = rounds.spread(
                results[case.label]["cycles"] - results["testpmd"]["cycles"]
                for results in measured)
        if case.over in measured[0]:
            line["over"] = case.over
            line["ratio"] = rounds.spread(
                results[case.label]["cycles"] / results[case.over]["cycles"]
                for results in measured)
        if case.limit and "ratio" in line:
            line["limit"] = case.limit
            line["met"] = line["ratio"]["median"] <= case.limit
        summary[case.label] = line
    return summary


def verdict(line):
    if "limit" not in line:
        return ""
    over = "" if line["over"] == SIMPLEST else f" of {line['over']}"
    return f"<= {line['limit']:.2f}{over}: {'met' if line['met'] else 'NOT MET'}"


def print_table(report):
    rounds.print_machine(report)
    print(f"{len(report['rounds'])} rounds of {report['seconds']:g} s, 64-byte frames, one worker, "
          f"full table: {report['full_table']}; min / median / max\n")
    width = max(map(len, report["summary"]))
    empty = {"min": float("nan"), "median": float("nan"), "max": float("nan")}
    print(f"{'':<{width}} {'cycles a packet':^22}   {'without the ports':^22}   "
          f"{'cost, simplest = 1':^22}   wanted")
    for label, line in report["summary"].items():
        print(f"{label:<{width}} {rounds.cell(line['cycles'], 1)}   "
              f"{rounds.cell(line.get('without_ports', empty), 1)}   "
              f"{rounds.cell(line.get('ratio', empty), 2)}   {verdict(line)}".rstrip())
    rounds.print_warnings(report)


def draw(path, summary):
    """Cycles over the number of routes."""
    axis = [routes_text(routes) for routes in (1, 512, 100000, FULL)]
    series = []
    for program in ("", "l3fwd LPM, ", "l3fwd FIB, "):
        for name in (f"{program}IPv{family}, {{}}, {flows_text(flows)}"
                     for family in (4, 6) for flows in (1, MANY_FLOWS)):
            points = {at: summary[name.format(routes)]["cycles"]
                      for at, routes in enumerate(axis) if name.format(routes) in summary}
            if points:
                series.append(chart.Series(name.replace("{}, ", ""), points))
    path.write_text(chart.draw("Cycles a packet, the ports' included", axis, series),
                    encoding="utf-8")


def parse_arguments():
    parser = rounds.argument_parser(__doc__, memory=2048)
    rounds.add_program_arguments(parser)
    rounds.add_routes_argument(parser)
    parser.add_argument("--only", metavar="TEXT", action="append",
                        help="only cases with this in their name, and the simplest one")
    arguments = parser.parse_args()
    rounds.find_program(parser, arguments)
    if arguments.routes:
        if not arguments.routes.is_file():
            parser.error(f"argument --routes: {arguments.routes} is no file")
        arguments.routes = arguments.routes.resolve()
    arguments.cases = [case for case in all_cases()
                       if not arguments.only or case.label in (SIMPLEST, "testpmd")
                       or any(text in case.label for text in arguments.only)]
    return arguments


def experiment():
    arguments = parse_arguments()
    with rounds.workplace(arguments) as (folder, sockets, memory, pages):
        cases = Cases(arguments, IN, OUT, folder, sockets, memory)
        labels = {case.label: case for case in arguments.cases}
        measured = cases.run({label: cases.command(case) for label, case in labels.items()},
                             must_forward=labels,
                             environments={label: cases.environment(case)
                                           for label, case in labels.items()})
        tables = {case.family: cases.scenario(case)[1] for case in arguments.cases
                  if case.routes == FULL}
    summary = summarize(arguments.cases, measured)
    path = folder / "scale.json"
    report = rounds.write_report(path, "scale", arguments, pages, cases.hz, {
        "full_table": ("from a file" if arguments.routes else "made up") + "".join(
            f", {count:,} IPv{family} prefixes" for family, count in tables.items()),
        "summary": summary,
        "rounds": measured,
    })
    print_table(report)
    print(f"\n{path}")
    if not arguments.only:
        draw(folder / "scale.svg", summary)
        print(folder / "scale.svg")


if __name__ == "__main__":
    rounds.main("scale.py", experiment)
