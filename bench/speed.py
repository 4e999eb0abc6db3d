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
import contextlib
import datetime
import json
import os
import pathlib
import shlex
import signal
import statistics
import sys
import tempfile
import time

import rig
from rig import Failure

L3FWD = pathlib.Path("/usr/share/dpdk/examples/l3fwd")
L3FWD_SOURCES = ["main.c", "l3fwd_acl.c", "l3fwd_em.c", "l3fwd_event.c", "l3fwd_event_generic.c",
                 "l3fwd_event_internal_port.c", "l3fwd_fib.c", "l3fwd_lpm.c"]
# l3fwd asks its ports to check IPv4 and L4 checksums, and gives up where they can't, as no software
# port can. Newer ones have --relax-rx-offload for that; this does the same to any, from outside.
L3FWD_PORTS_WITHOUT_CHECKSUMS = """\
#include <rte_ethdev.h>
#undef RTE_ETH_RX_OFFLOAD_CHECKSUM
#define RTE_ETH_RX_OFFLOAD_CHECKSUM 0
"""

IN, OUT = "net_pcap0", "net_null0"
ROUTER_MAC = "02:00:00:00:00:01"
FIRST_VLAN = 100
PREFIXES = [f"198.{18 + i // 256}.{i % 256}.0/24" for i in range(512)]
ATTEMPTS = 4


def build_l3fwd(folder):
    """Compiles l3fwd as the router is compiled: optimised, for this machine."""
    if not L3FWD.is_dir():
        raise Failure(f"{L3FWD} is missing: run tools/install-deps.sh bench")
    sources = [L3FWD / name for name in L3FWD_SOURCES if (L3FWD / name).exists()]
    program, header = folder / "l3fwd", folder / "l3fwd_ports.h"
    newest = max(path.stat().st_mtime for path in [*L3FWD.iterdir(), pathlib.Path(__file__)])
    if program.exists() and program.stat().st_mtime > newest:
        return program
    print("building l3fwd", flush=True)
    header.write_text(L3FWD_PORTS_WITHOUT_CHECKSUMS)
    flags = shlex.split(rig.run("pkg-config", "--cflags", "libdpdk"))
    libraries = shlex.split(rig.run("pkg-config", "--libs", "libdpdk"))
    native = "-march=native" if os.uname().machine == "x86_64" else "-mcpu=native"
    partial = program.with_suffix(".new")
    rig.run("cc", "-O3", *flags, native, "-w", "-DALLOW_EXPERIMENTAL_API", "-include", header,
            f"-I{L3FWD.parent / 'common'}", *sources, "-o", partial, *libraries)
    partial.rename(program)
    return program


def make_traffic(folder, arguments, vlans):
    path = folder / f"traffic-{len(vlans) or 'untagged'}.pcap"
    rig.run(rig.ROOT / "tools" / "make-traffic.py", path, f"--count={arguments.count}",
            f"--prefixes={len(PREFIXES)}", f"--destination-mac={ROUTER_MAC}",
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
                interface("in", "in", vlan, ROUTER_MAC, "192.0.2.1/24"),
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


class Peers:
    """Commands of the programs that are compared, all with the same memory, ports and worker."""

    def __init__(self, arguments, folder, sockets, memory):
        self.arguments = arguments
        self.folder = folder
        self.sockets = sockets
        self.eal = ["--no-pci", *memory]
        self.control_cpu, self.worker_cpu = rig.worker_cpus()
        self.two_lcores = f"--lcores=0@{self.control_cpu},1@{self.worker_cpu}"

    def testpmd(self):
        traffic = make_traffic(self.folder, self.arguments, [])
        return ["dpdk-testpmd", *self.eal, self.two_lcores, *vdevs(traffic), "--",
                "--forward-mode=io", "--no-lsc-interrupt", "--total-num-mbufs=16384"]

    def l3fwd(self):
        traffic = make_traffic(self.folder, self.arguments, [])
        rules4, rules6 = self.folder / "l3fwd-v4.cfg", self.folder / "l3fwd-v6.cfg"
        rules4.write_text("".join(f"R{prefix} 1\n" for prefix in PREFIXES))
        rules6.write_text("R2001:0200:0000:0000:0000:0000:0000:0000/64 1\n")
        # It wants a tx queue for each lcore, and net_pcap has one: its only lcore is the worker.
        return [build_l3fwd(self.folder), *self.eal, f"--lcores=1@{self.worker_cpu}",
                *vdevs(traffic), "--", "-p", "0x3", "-P", "--lookup=lpm", "--parse-ptype",
                "--config=(0,0,1),(1,0,1)", f"--rule_ipv4={rules4}", f"--rule_ipv6={rules6}"]

    def vrouter(self, vlans):
        tags = [vlan for vlan in vlans if vlan is not None]
        traffic = make_traffic(self.folder, self.arguments, tags)
        config = self.folder / f"vrs-{len(tags) or 'untagged'}.json"
        config.write_text(json.dumps(router_config(traffic, vlans), indent=1))
        console = pathlib.Path(self.sockets) / f"console-{len(vlans)}.sock"
        return [self.arguments.vrouter, *self.eal, self.two_lcores, "--vr-config", config,
                "--console-socket", console]

    def all(self):
        """{label: command}"""
        commands = {"testpmd": self.testpmd(), "l3fwd": self.l3fwd()}
        if self.arguments.vrouter:
            commands["router"] = self.vrouter([None])
            for number in self.arguments.routers:
                label = f"{number} router{'s' if number > 1 else ' (VLAN)'}"
                commands[label] = self.vrouter(range(FIRST_VLAN, FIRST_VLAN + number))
        return commands


def measure_once(command, log, peers, hz):
    with rig.Process(command, log, [IN, OUT]) as process:
        time.sleep(peers.arguments.warmup)
        sample = rig.Sample(process, peers.worker_cpu, peers.arguments.seconds)
        received = sample.packets[IN]["ipackets"]
        sent = sample.packets[OUT]["opackets"]
        if sent == 0 or received == 0:
            process.fail("stopped forwarding")
    rate = sent / sample.seconds
    return {
        "mpps": rate / 1e6,
        "cycles": hz / rate,
        "forwarded": sent / received,
        "lost": sample.lost,
        "switches": sample.switches,
        "disturbed": sample.disturbed,
    }


def measure(label, command, peers, hz):
    """A result for the report; tried again while the machine disturbs it. If it always does, the
    least disturbed one."""
    log = peers.folder / f"{label.split(' (')[0].replace(' ', '-')}.log"
    tries = []
    while len(tries) < ATTEMPTS:
        result = measure_once(command, log, peers, hz)
        tries.append(result)
        if not result["disturbed"]:
            break
        print(f"    {label}: disturbed ({result['lost']:.1%} of the time without its CPU, "
              f"{result['switches']} switches)", flush=True)
    return min(tries, key=lambda result: result["lost"]) | {"attempts": len(tries)}


def in_turn(labels, number):
    """The order of a round: each round another begins."""
    start = number % len(labels)
    return labels[start:] + labels[:start]


def run_rounds(peers, hz):
    commands = peers.all()
    rounds = []
    for number in range(peers.arguments.rounds):
        print(f"round {number + 1} of {peers.arguments.rounds}", flush=True)
        results = {}
        for label in in_turn(list(commands), number):
            results[label] = measure(label, commands[label], peers, hz)
            print(f"    {label:<12} {results[label]['mpps']:7.2f} Mpps "
                  f"{results[label]['cycles']:7.1f} cycles", flush=True)
            # A peer that drops would look faster than it is, or measure something else.
            if label in ("testpmd", "l3fwd") and results[label]["forwarded"] < 0.99:
                raise Failure(f"{label} forwards only {results[label]['forwarded']:.1%} of what it "
                              "receives, so there is nothing to compare with")
        rounds.append({label: results[label] for label in commands})
    return rounds


def spread(values):
    values = list(values)
    return {"min": min(values), "median": statistics.median(values), "max": max(values)}


def summarize(rounds):
    summary = {}
    for label in rounds[0]:
        summary[label] = {
            key: spread(results[label][key] for results in rounds)
            for key in ("mpps", "cycles", "forwarded")
        }
        for base in ("testpmd", "l3fwd"):
            summary[label][f"cost_to_{base}"] = spread(
                results[label]["cycles"] / results[base]["cycles"] for results in rounds)
    return summary


def print_table(report):
    machine = report["machine"]
    print(f"\n{machine['cpu']}, TSC {report['tsc_hz'] / 1e9:.3f} GHz, Linux {machine['kernel']}, "
          f"DPDK {machine['dpdk']}, {machine['memory']}")
    print(f"{len(report['rounds'])} rounds of {report['seconds']:g} s, 64-byte frames, "
          f"{len(PREFIXES)} routes, one worker; min / median / max\n")

    def cell(values, digits):
        return " /".join(f"{values[key]:6.{digits}f}" for key in ("min", "median", "max"))

    print(f"{'':<12} {'Mpps':^22}   {'cycles a packet':^22}   {'cost, l3fwd = 1':^22}   "
          f"{'cost, testpmd = 1':^22}   forwarded")
    for label, line in report["summary"].items():
        print(f"{label:<12} {cell(line['mpps'], 2)}   {cell(line['cycles'], 1)}   "
              f"{cell(line['cost_to_l3fwd'], 2)}   {cell(line['cost_to_testpmd'], 2)}   "
              f"{line['forwarded']['median']:8.1%}")
    disturbed = sum(result["disturbed"] for results in report["rounds"]
                    for result in results.values())
    if disturbed:
        print(f"\nThe machine disturbed {disturbed} of these measurements, each time they were "
              "tried: take them with care.")
    if machine["memory"] != "hugepages":
        print("\nWithout hugepages all programs wait for the TLB much of the time, which hides "
              "their own cost:\n--reserve-hugepages (as root) reserves some while this runs.")


def parse_arguments():
    def positive(kind):
        def parse(text):
            try:
                value = kind(text)
            except ValueError:
                value = 0
            if not 0 < value < 1e6:
                raise argparse.ArgumentTypeError(f"'{text}' is no positive number")
            return value
        return parse

    def numbers(text):
        try:
            values = [int(part) for part in text.split(",")]
        except ValueError:
            values = [0]
        if not all(1 <= value <= 2048 for value in values) or len(set(values)) < len(values):
            raise argparse.ArgumentTypeError(f"'{text}' is no list of numbers, like 1,8,64")
        return values

    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n", maxsplit=1)[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--rounds", type=positive(int), default=5)
    parser.add_argument("--seconds", type=positive(float), default=2.0, help="of a measurement")
    parser.add_argument("--warmup", type=positive(float), default=1.0, help="seconds before it")
    parser.add_argument("--routers", type=numbers, default="1,8,64", help="behind one port")
    parser.add_argument("--count", type=positive(int), default=1152,
                        help="different frames in the traffic")
    parser.add_argument("--memory", type=positive(int), default=6144, metavar="MB",
                        help="of each program; the tables of many routers need much")
    parser.add_argument("--reserve-hugepages", action="store_true",
                        help="reserve that much in hugepages while this runs (root)")
    parser.add_argument("--build", type=pathlib.Path, default=rig.ROOT / "build",
                        help="build folder")
    parser.add_argument("--vrouter", type=pathlib.Path, help="the dpdk-vrouter to measure, if not "
                        "the build folder's")
    parser.add_argument("--peers-only", action="store_true", help="without dpdk-vrouter")
    arguments = parser.parse_args()
    if arguments.peers_only:
        arguments.vrouter = None
    else:
        arguments.vrouter = arguments.vrouter or arguments.build / "app" / "dpdk-vrouter"
        if not os.access(arguments.vrouter, os.X_OK):
            parser.error(f"{arguments.vrouter} is missing: run make")
    return arguments


def experiment(arguments):
    folder = arguments.build.resolve() / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        if arguments.reserve_hugepages:
            stack.enter_context(rig.reserved_hugepages(arguments.memory))
        memory, pages = rig.memory_options(arguments.memory)
        hz = int(rig.run(folder / "tsc_hz"))
        # Paths of sockets must be short, and the build folder's may not be.
        sockets = stack.enter_context(tempfile.TemporaryDirectory(prefix="vrouter-bench-"))
        rounds = run_rounds(Peers(arguments, folder, sockets, memory), hz)
    report = {
        "experiment": "speed",
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": rig.machine(pages),
        "tsc_hz": hz,
        "seconds": arguments.seconds,
        "frames": arguments.count,
        "summary": summarize(rounds),
        "rounds": rounds,
    }
    path = folder / "speed.json"
    partial = path.with_suffix(".new")
    partial.write_text(json.dumps(report, indent=2) + "\n")
    partial.rename(path)
    print_table(report)
    print(f"\n{path}")


def main():
    # So that the programs under way are ended and the hugepages given back.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        experiment(parse_arguments())
    except Failure as failure:
        sys.exit(f"speed.py: {failure}")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


if __name__ == "__main__":
    main()
