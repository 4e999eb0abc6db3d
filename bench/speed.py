#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""What does a router cost, and what do many?

One worker forwards 64-byte frames from a net_pcap port that never runs dry to a net_null port, by
512 /24 routes. The same ports carry, in turn and in each round:

    testpmd     io forwarding: the ports alone, no look at the packet
    l3fwd       DPDK's own router, by its LPM table
    router      dpdk-vrouter with one router, whose interface is the whole port (untagged)
    N routers   dpdk-vrouter with N of them behind one port, told apart by VLAN, sharing the
                same traffic

The rate is that of the net_null port's own counter; cycles are those of the TSC. As the worker is
never idle, cycles a packet are the time for one packet. Ratios are taken within each round.
"""

import argparse

import l3fwd
import rig
import rounds

IN, OUT = "net_pcap0", "net_null0"
FIRST_VLAN = 100
PREFIXES = [f"198.{18 + i // 256}.{i % 256}.0/24" for i in range(512)]


def make_traffic(folder, arguments, vlans):
    path = folder / f"traffic-{len(vlans) or 'untagged'}.pcap"
    rig.run(rig.ROOT / "tools" / "make-traffic.py", path, f"--count={arguments.count}",
            f"--prefixes={len(PREFIXES)}", f"--destination-mac={rounds.ROUTER_MAC}",
            *(f"--vlan={vlan}" for vlan in vlans))
    return path


def devices(traffic):
    return {IN: f"{IN},rx_pcap={traffic},infinite_rx=1", OUT: f"{OUT},no-rx=1"}


def vdevs(traffic):
    return [f"--vdev={device}" for device in devices(traffic).values()]


def router_config(traffic, vlans):
    """One router for each of `vlans`; None stands for untagged."""

    def interface(name, port, vlan, mac, address):
        tag = {} if vlan is None else {"vlan": vlan}
        return {"name": name, "port": port, **tag, "mac": mac, "addresses": [address]}

    def router(number, vlan):
        return {
            "name": f"vr{number}",
            "weight": 1,
            "interfaces": [
                interface("in", "in", vlan, rounds.ROUTER_MAC, "192.0.2.1/24"),
                interface("out", "out", vlan, "02:00:00:00:00:02", "198.51.100.1/24"),
            ],
            "routes": [{"prefix": prefix, "via": "198.51.100.2"} for prefix in PREFIXES],
            "neighbours": [
                {"interface": "out", "address": "198.51.100.2", "mac": "02:00:00:00:02:01"}
            ],
        }

    devargs = devices(traffic)
    return {
        "ports": [{"name": "in", "device": devargs[IN]}, {"name": "out", "device": devargs[OUT]}],
        "routers": [router(number, vlan) for number, vlan in enumerate(vlans)],
    }


class Peers(rounds.Rounds):
    """The programs that are compared, all with the same memory, ports and worker."""

    def testpmd(self):
        traffic = make_traffic(self.folder, self.arguments, [])
        return ["dpdk-testpmd", *self.eal, self.two_lcores, *vdevs(traffic), "--",
                "--forward-mode=io", "--no-lsc-interrupt", "--total-num-mbufs=16384"]

    def l3fwd(self):
        traffic = make_traffic(self.folder, self.arguments, [])
        rules4, rules6 = self.folder / "l3fwd-v4.cfg", self.folder / "l3fwd-v6.cfg"
        rules4.write_text("".join(f"R{prefix} 1\n" for prefix in PREFIXES))
        rules6.write_text(l3fwd.SOME_IPV6_RULE)
        return l3fwd.command(self, "lpm", rules4, rules6, vdevs(traffic))

    def routers(self, vlans):
        tags = [vlan for vlan in vlans if vlan is not None]
        traffic = make_traffic(self.folder, self.arguments, tags)
        return self.vrouter(f"vrs-{len(tags) or 'untagged'}", router_config(traffic, vlans))

    def all(self):
        """{label: command}"""
        commands = {"testpmd": self.testpmd(), "l3fwd": self.l3fwd()}
        if self.arguments.vrouter:
            commands["router"] = self.routers([None])
            for number in self.arguments.routers:
                label = f"{number} router{'s' if number > 1 else ' (VLAN)'}"
                commands[label] = self.routers(range(FIRST_VLAN, FIRST_VLAN + number))
        return commands


def summarize(measured):
    summary = {}
    for label in measured[0]:
        summary[label] = {
            key: rounds.spread(results[label][key] for results in measured)
            for key in ("mpps", "cycles", "forwarded")
        }
        for base in ("testpmd", "l3fwd"):
            summary[label][f"cost_to_{base}"] = rounds.spread(
                results[label]["cycles"] / results[base]["cycles"] for results in measured)
    return summary


def print_table(report):
    rounds.print_machine(report)
    print(f"{len(report['rounds'])} rounds of {report['seconds']:g} s, 64-byte frames, "
          f"{len(PREFIXES)} routes, one worker; min / median / max\n")
    cell = rounds.cell
    print(f"{'':<12} {'Mpps':^22}   {'cycles a packet':^22}   {'cost, l3fwd = 1':^22}   "
          f"{'cost, testpmd = 1':^22}   forwarded")
    for label, line in report["summary"].items():
        print(f"{label:<12} {cell(line['mpps'], 2)}   {cell(line['cycles'], 1)}   "
              f"{cell(line['cost_to_l3fwd'], 2)}   {cell(line['cost_to_testpmd'], 2)}   "
              f"{line['forwarded']['median']:8.1%}")
    rounds.print_warnings(report)


def parse_arguments():
    def numbers(text):
        try:
            values = [int(part) for part in text.split(",")]
        except ValueError:
            values = [0]
        if not all(1 <= value <= 2048 for value in values) or len(set(values)) < len(values):
            raise argparse.ArgumentTypeError(f"'{text}' is no list of numbers, like 1,8,64")
        return values

    parser = rounds.argument_parser(__doc__, memory=6144)
    rounds.add_program_arguments(parser)
    parser.add_argument("--routers", type=numbers, default="1,8,64", help="behind one port")
    parser.add_argument("--count", type=rounds.positive(int), default=1152,
                        help="different frames in the traffic")
    parser.add_argument("--peers-only", action="store_true", help="without dpdk-vrouter")
    arguments = parser.parse_args()
    if arguments.peers_only:
        arguments.vrouter = None
    else:
        rounds.find_program(parser, arguments)
    return arguments


def experiment():
    arguments = parse_arguments()
    with rounds.workplace(arguments) as (folder, sockets, memory, pages):
        peers = Peers(arguments, IN, OUT, folder, sockets, memory)
        measured = peers.run(peers.all(), must_forward=("testpmd", "l3fwd"))
    path = folder / "speed.json"
    report = rounds.write_report(path, "speed", arguments, pages, peers.hz, {
        "frames": arguments.count,
        "summary": summarize(measured),
        "rounds": measured,
    })
    print_table(report)
    print(f"\n{path}")


if __name__ == "__main__":
    rounds.main("speed.py", experiment)
