# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""What the experiments with programs share: programs run in turn, round after round, measured again
when the machine disturbed them, and reported with minimum, median and maximum."""

import argparse
import contextlib
import datetime
import json
import os
import pathlib
import signal
import statistics
import sys
import tempfile
import time

import rig
from rig import Failure

ROUTER_MAC = "02:00:00:00:00:01"
ATTEMPTS = 4


class Rounds:
    """A run of an experiment.

    in_port, out_port   device names: the source of frames, and where they have to come out
    folder              for what is made and logged
    eal                 options for every program, the same
    two_lcores          options for those with a control thread of their own
    """

    def __init__(self, arguments, in_port, out_port, folder, sockets, memory):
        self.arguments = arguments
        self.in_port, self.out_port = in_port, out_port
        self.folder = folder
        self.sockets = pathlib.Path(sockets)
        self.eal = ["--no-pci", *memory]
        self.control_cpu, self.worker_cpu = rig.worker_cpus()
        self.two_lcores = f"--lcores=0@{self.control_cpu},1@{self.worker_cpu}"
        self.hz = int(rig.run(folder / "tsc_hz"))

    def vrouter(self, name, config):
        """The command that runs dpdk-vrouter on this config."""
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(config, indent=1))
        return [self.arguments.vrouter, *self.eal, self.two_lcores, "--vr-config", path,
                "--console-socket", self.sockets / "console.sock"]

    def _measure_once(self, command, log, environment):
        ports = [self.in_port, self.out_port]
        with rig.Process(command, log, ports, environment) as process:
            time.sleep(self.arguments.warmup)
            sample = rig.Sample(process, self.worker_cpu, self.arguments.seconds)
            received = sample.packets[self.in_port]["ipackets"]
            sent = sample.packets[self.out_port]["opackets"]
            if sent == 0 or received == 0:
                process.fail("stopped forwarding")
        rate = sent / sample.seconds
        return {
            "mpps": rate / 1e6,
            "cycles": self.hz / rate,
            "forwarded": sent / received,
            "lost": sample.lost,
            "switches": sample.switches,
            "disturbed": sample.disturbed,
        }

    def measure(self, label, command, environment=None):
        """A result for the report; tried again while the machine disturbs it. If it always does,
        the least disturbed one."""
        log = self.folder / f"{label.split(' (')[0].replace(',', '').replace(' ', '-')}.log"
        tries = []
        while len(tries) < ATTEMPTS:
            result = self._measure_once(command, log, environment)
            tries.append(result)
            if not result["disturbed"]:
                break
            print(f"    {label}: disturbed ({result['lost']:.1%} of the time without its CPU, "
                  f"{result['switches']} switches)", flush=True)
        return min(tries, key=lambda result: result["lost"]) | {"attempts": len(tries)}

    def run(self, commands, must_forward, environments=None):
        """One {label: result} a round. Those of `must_forward` may not drop: a program that does
        would look faster than it is, or measure something else. Whose worker has lost its CPU may
        have had to."""
        rounds = []
        width = max(map(len, commands))
        for number in range(self.arguments.rounds):
            print(f"round {number + 1} of {self.arguments.rounds}", flush=True)
            results = {}
            for label in in_turn(list(commands), number):
                result = self.measure(label, commands[label], (environments or {}).get(label))
                print(f"    {label:<{width}} {result['mpps']:7.2f} Mpps "
                      f"{result['cycles']:7.1f} cycles", flush=True)
                if (label in must_forward and result["forwarded"] < 0.99
                        and not result["disturbed"]):
                    raise Failure(f"{label} forwards only {result['forwarded']:.1%} of what it "
                                  "receives, so there is nothing to compare with")
                results[label] = result
            rounds.append({label: results[label] for label in commands})
        return rounds


def in_turn(labels, number):
    """The order of a round: each round another begins."""
    start = number % len(labels)
    return labels[start:] + labels[:start]


def spread(values):
    values = list(values)
    return {"min": min(values), "median": statistics.median(values), "max": max(values)}


def cell(values, digits):
    return " /".join(f"{values[key]:6.{digits}f}" for key in ("min", "median", "max"))


# Reports


def write_report(path, name, arguments, pages, hz, content):
    """The JSON file of an experiment, whole or not at all. Gives what was written."""
    report = {
        "experiment": name,
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": rig.machine(pages),
        "tsc_hz": hz,
        "seconds": arguments.seconds,
        **content,
    }
    partial = path.with_suffix(".new")
    partial.write_text(json.dumps(report, indent=2) + "\n")
    partial.rename(path)
    return report


def print_machine(report):
    machine = report["machine"]
    print(f"\n{machine['cpu']}, TSC {report['tsc_hz'] / 1e9:.3f} GHz, Linux {machine['kernel']}, "
          f"DPDK {machine['dpdk']}, {machine['memory']}")


def print_warnings(report):
    disturbed = sum(result["disturbed"] for results in report["rounds"]
                    for result in results.values())
    if disturbed:
        print(f"\nThe machine disturbed {disturbed} of these measurements, each time they were "
              "tried: take them with care.")
    if report["machine"]["memory"] != "hugepages":
        print("\nWithout hugepages all programs wait for the TLB much of the time, which hides "
              "their own cost:\n--reserve-hugepages (as root) reserves some while this runs.")


# The command line


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


def argument_parser(description, memory):
    """What all experiments take."""
    parser = argparse.ArgumentParser(
        description=description.split("\n\n", maxsplit=1)[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--rounds", type=positive(int), default=5)
    parser.add_argument("--memory", type=positive(int), default=memory, metavar="MB",
                        help="of each program")
    parser.add_argument("--reserve-hugepages", action="store_true",
                        help="reserve that much in hugepages while this runs (root)")
    parser.add_argument("--build", type=pathlib.Path, default=rig.ROOT / "build",
                        help="build folder")
    return parser


def add_program_arguments(parser):
    """What those take that run programs."""
    parser.add_argument("--seconds", type=positive(float), default=2.0, help="of a measurement")
    parser.add_argument("--warmup", type=positive(float), default=1.0, help="seconds before it")
    parser.add_argument("--vrouter", type=pathlib.Path, help="the dpdk-vrouter to measure, if not "
                        "the build folder's")


def find_program(parser, arguments):
    arguments.vrouter = arguments.vrouter or arguments.build / "app" / "dpdk-vrouter"
    if not os.access(arguments.vrouter, os.X_OK):
        parser.error(f"{arguments.vrouter} is missing: run make")


def add_routes_argument(parser):
    parser.add_argument("--routes", type=pathlib.Path, metavar="FILE",
                        default=os.environ.get("BENCH_ROUTES") or None,
                        help="a table of the Internet, a prefix a line, of both families, plain or "
                        "gzip; one is made up without it (environment: BENCH_ROUTES)")


@contextlib.contextmanager
def workplace(arguments):
    """A folder for files, one with a short path for sockets, EAL's options for memory, and what they
    are called in the report."""
    folder = arguments.build.resolve() / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        if arguments.reserve_hugepages:
            stack.enter_context(rig.reserved_hugepages(arguments.memory))
        memory, pages = rig.memory_options(arguments.memory)
        sockets = stack.enter_context(tempfile.TemporaryDirectory(prefix="vrouter-bench-"))
        yield folder, sockets, memory, pages


def main(name, experiment):
    """Runs an experiment; a failure is told in its own words."""
    # So that the programs under way are ended and the hugepages given back.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        experiment()
    except Failure as failure:
        sys.exit(f"{name}: {failure}")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
