#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""What does each element of a pipeline cost?

One worker forwards 64-byte IPv4 frames of many flows by one router with 512 routes, first without a
pipeline, then with one element, as its name says. Frames come and go as in scale.py. Cycles are those
of the TSC; as the worker is never idle, cycles a packet are the time for one packet. What an element
costs is the difference to the plain path, taken within each round.
"""

import dataclasses
import random

import chart
import rig
import rounds
import scale

PLAIN = "plain"
FLOWS = 100000
ROUTES = 512


@dataclasses.dataclass(frozen=True)
class Element:
    """A pipeline, and what it may cost in cycles a packet beyond the plain path."""

    label: str
    make: object = None  # gives the pipeline, called with the folder for files
    limit: float = 0
    flows: int = FLOWS
    rate: float = 0  # millions of packets a second that it has to reach


def ingress(*elements):
    return lambda folder: {"ingress": list(elements), "max_memory": 1024}


def egress(*elements):
    return lambda folder: {"egress": list(elements), "max_memory": 1024}


def acl_rules(count, seed=1):
    """Rules that look like those of an operator and match none of the frames but the last."""
    chance = random.Random(seed)
    for _ in range(count - 1):
        network = f"{chance.choice((10, 172, 203))}.{chance.randrange(256)}.{chance.randrange(256)}"
        last = chance.choice((".0/24", f".{chance.randrange(256)}/32"))
        port = chance.choice((22, 53, 80, 123, 443, 8080))
        yield (f"deny {chance.choice(('tcp', 'udp'))} from {network}{last} "
               f"to any port {port}")
    yield "permit any"


def acl(count):
    def make(folder):
        path = folder / f"acl-{count}.rules"
        path.write_text("\n".join(acl_rules(count)) + "\n")
        return {"ingress": [{"type": "acl", "rules_file": str(path), "default": "permit"}],
                "max_memory": 4096}
    return make


def prefixes(count):
    return [f"198.{18 + number // 256}.{number % 256}.0/24" for number in range(count)]


RATES = {"committed_rate": 10**11, "committed_burst": 2**28, "peak_rate": 2 * 10**11,
         "peak_burst": 2**29}

NAT = {"type": "nat44", "name": "nat", "outside": "out0",
       "addresses": [f"203.0.113.{number}" for number in range(1, 9)]}


def nat(sessions):
    """Sources are translated on the way out; what comes in is looked at, too."""
    return lambda folder: {"ingress": [{**NAT, "max_sessions": sessions}], "egress": ["nat"],
                           "max_memory": 1024}


ELEMENTS = [
    Element(PLAIN),
    Element("empty pipeline", lambda folder: {}, 1),
    Element("mark", ingress({"type": "mark", "dscp": "ef"}), 8),
    Element("mark at egress", egress({"type": "mark", "dscp": "ef"})),
    Element("mark, 8 rules", ingress({"type": "mark", "rules": [
        {"protocol": "udp", "destination_port": f"{number}-{number + 9}", "dscp": 1}
        for number in range(10, 90, 10)]})),
    Element("police", ingress({"type": "police", **RATES}), 15),
    Element("police, RFC 4115", ingress({"type": "police", "mode": "rfc4115", **RATES})),
    Element("urpf", ingress({"type": "urpf", "mode": "loose"}), 15),
    Element("count, 512 prefixes", ingress({"type": "count", "prefixes": prefixes(512)}), 15),
    Element("acl, 10 rules", acl(10)),
    Element("acl, 1,000 rules", acl(1000), 60),
    Element("shape, below its rate", egress({"type": "shape", "rate": 10**12, "burst": 2**30})),
    Element("mirror, 1 in 1,000", ingress({"type": "mirror", "interface": "out0",
                                          "sample": 1000})),
    Element("nat44, 100,000 sessions", nat(1 << 17), 90),
    # Each flow comes back when its session, never answered, has long made room for others.
    Element("nat44, a new session each", nat(1 << 17), flows=1 << 20, rate=0.5),
    Element("burn, 100 cycles", ingress({"type": "burn", "cycles": 100})),
    Element("all of them", lambda folder: {
        "ingress": [*acl(1000)(folder)["ingress"], {"type": "police", **RATES},
                    {"type": "urpf", "mode": "loose"},
                    {"type": "count", "prefixes": prefixes(512)}],
        "egress": [{"type": "mark", "dscp": "ef"}], "max_memory": 4096}),
]


class Cases(scale.Cases):
    """The commands of all elements on the same traffic."""

    @staticmethod
    def case_of(element):
        return scale.Case(element.label, routes=ROUTES, flows=element.flows)

    def element_command(self, element):
        case = self.case_of(element)
        path, _ = self.scenario(case)
        config = scale.router_config(case, f"{path}.routes")
        # A default route, so that all sources have one.
        config["routers"][0]["routes"] = [{"prefix": "0.0.0.0/0", "via": scale.gateway(4, 0)}]
        if element.make:
            config["routers"][0]["pipeline"] = element.make(self.folder)
        return self.vrouter(element.label.replace(", ", "-").replace(" ", "-"), config)


def summarize(elements, measured):
    summary = {}
    for element in elements:
        line = {key: rounds.spread(results[element.label][key] for results in measured)
                for key in ("mpps", "cycles", "forwarded")}
        line["cost"] = rounds.spread(results[element.label]["cycles"] - results[PLAIN]["cycles"]
                                     for results in measured)
        if element.limit:
            line["limit"] = element.limit
            line["met"] = line["cost"]["median"] <= element.limit
        if element.rate:
            line["rate"] = element.rate
            line["met"] = line["mpps"]["median"] >= element.rate
        summary[element.label] = line
    return summary


def print_table(report):
    rounds.print_machine(report)
    print(f"{len(report['rounds'])} rounds of {report['seconds']:g} s, 64-byte frames, "
          f"{FLOWS:,} flows, {ROUTES} routes, one worker; min / median / max\n")
    width = max(map(len, report["summary"]))
    print(f"{'':<{width}} {'cycles a packet':^22}   {'over the plain path':^22}   wanted")
    for label, line in report["summary"].items():
        verdict = ""
        if "limit" in line:
            verdict = f"<= {line['limit']:g}: {'met' if line['met'] else 'NOT MET'}"
        if "rate" in line:
            verdict = (f">= {line['rate']:g} Mpps: {line['mpps']['median']:.2f}, "
                       f"{'met' if line['met'] else 'NOT MET'}")
        print(f"{label:<{width}} {rounds.cell(line['cycles'], 1)}   "
              f"{rounds.cell(line['cost'], 1)}   {verdict}".rstrip())
    rounds.print_warnings(report)


def parse_arguments():
    parser = rounds.argument_parser(__doc__, memory=2048)
    rounds.add_program_arguments(parser)
    parser.add_argument("--only", metavar="TEXT", action="append",
                        help="only elements with this in their name, and the plain path")
    arguments = parser.parse_args()
    arguments.routes = None
    rounds.find_program(parser, arguments)
    arguments.elements = [element for element in ELEMENTS
                          if not arguments.only or element.label == PLAIN
                          or any(text in element.label for text in arguments.only)]
    return arguments


def experiment():
    arguments = parse_arguments()
    elements = {element.label: element for element in arguments.elements}
    with rounds.workplace(arguments) as (folder, sockets, memory, pages):
        cases = Cases(arguments, scale.IN, scale.OUT, folder, sockets, memory)
        commands = {label: cases.element_command(element) for label, element in elements.items()}
        # One that takes so long gets more than it can forward, and the rest is dropped before it.
        must_forward = [label for label, element in elements.items() if not element.rate]
        measured = cases.run(commands, must_forward,
                             environments={label: cases.environment(cases.case_of(element))
                                           for label, element in elements.items()})
    summary = summarize(arguments.elements, measured)
    path = folder / "elements.json"
    report = rounds.write_report(path, "elements", arguments, pages, cases.hz, {
        "flows": FLOWS,
        "routes": ROUTES,
        "summary": summary,
        "rounds": measured,
    })
    print_table(report)
    print(f"\n{path}")


if __name__ == "__main__":
    rounds.main("elements.py", experiment)
