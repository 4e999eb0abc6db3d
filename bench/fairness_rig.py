# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""Runs fairness-bench: a case, then phases, each tried again while the machine disturbs it."""

import json
import math
import os
import signal
import subprocess
import types

import rig
from rig import Failure
from fairness_frames import case

# Of a phase, in seconds: short enough that many are not disturbed even on a machine that does
# something a few times a second.
SLICE = 0.03
ATTEMPTS = 8   # slices for each that is wanted
HOPELESS = 10  # if of so many more than twice those wanted none is quiet, none will be
# A pass of the worker that takes longer than this, in us, had its CPU taken away, unless the case
# has turns as long. A generator and sink that is away for longer lets go what it is late with, and
# has made delays longer.
STALL_US = 60
SLIP_US = 60
# The worker's core is far from the generator's where a cache line takes so much longer between them
# than it did at best in this run.
FAR = 2


class Disturbance:
    """What the machine took away during a phase."""

    nearest = math.inf  # round trip between the cores, in cycles, at best

    def __init__(self, result, expected_seconds, saturated):
        worker, generator = (result["preemption"][name] for name in ("worker", "generator"))
        # A hypervisor that stops the whole machine tells nobody; the worker's clock does.
        self.lost = (max(worker["waited_ns"], result.get("stalled_ns", 0)) / 1e9
                     / expected_seconds)
        self.stolen = max(worker["stolen_ms"], generator["stolen_ms"])
        self.stalls = result.get("stalls", 0)
        self.switches = worker["switches"]
        offered = sum(flow["counted"]["offered"] for flow in result["flows"])
        slipped = sum(flow["counted"]["slipped"] for flow in result["flows"])
        # Where more is offered than can be done, what comes a little later changes nothing.
        self.slipped = 0 if saturated else slipped / max(1, offered + slipped)
        self.late = 0 if saturated else result["loop"]["long"]
        # But all were to be busy all the time.
        self.idle = result.get("slept", 0) > 0 or (
            "worker" in result and result["worker"]["idle"] > 0.001 * result["worker"]["elapsed"])
        self.idle &= saturated
        trips = [trip for trip in result["round_trip_cycles"] if trip]
        Disturbance.nearest = min([Disturbance.nearest, *trips])
        self.far = max(trips) / Disturbance.nearest if trips else 1.0

    @property
    def is_bad(self):
        # One tick of stolen time may be rounding.
        return (self.lost > rig.DISTURBED or self.stolen > 10 or self.stalls > 0
                or self.slipped > 0.0005 or self.late > 0 or self.idle
                or self.far > FAR)

    @property
    def weight(self):
        return self.lost + self.slipped + self.stalls / 1000 + self.idle + self.far / 10

    def __str__(self):
        return (f"{self.switches} switches, {self.lost:.2%} of the time without its CPU, "
                f"{self.stalls} stalls, {self.stolen} ms stolen, generator late {self.late} times"
                f"{', idle' if self.idle else ''}"
                f"{f', cores {self.far:.1f} times as far apart' if self.far > FAR else ''}")


class Bench:
    """One fairness-bench, from start to end; a context manager. `options` are of case()."""

    def __init__(self, suite, name, routers, **options):
        self.suite, self.name = suite, name
        self.routers = {router.name: router for router in routers}
        self.case = case(routers, **options)
        self.order = [router["name"] for router in self.case["config"]["routers"]]
        self.path = suite.folder / "fairness-cases" / f"{name}.json"
        self.path.parent.mkdir(exist_ok=True)
        self.child = None

    def __enter__(self):
        self.log = self.path.with_suffix(".log").open("w", encoding="utf-8")
        self.child = subprocess.Popen(
            self.suite.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
            text=True, start_new_session=True)
        self.inputs = self.path.open("w", encoding="utf-8")
        self.send(self.case)
        return self

    def __exit__(self, kind, *_):
        self.inputs.close()
        if kind is None:
            self.child.stdin.close()
            status = self.child.wait(60)
            self.child.stdout.close()
            if status:
                self.fail(f"ended with status {status}")
        else:
            self.child.send_signal(signal.SIGKILL)
            self.child.wait()
        self.log.close()

    def fail(self, message):
        self.log.flush()
        told = self.path.with_suffix(".log").read_text(encoding="utf-8", errors="replace")
        raise Failure("\n".join([f"fairness-bench, {self.name}: {message}",
                                 *("    " + line for line in told.splitlines()[-15:]),
                                 f"({self.path})"]))

    def send(self, value):
        """To the program, and into the file that shows the same again."""
        text = json.dumps(value) + "\n"
        self.inputs.write(text)
        self.inputs.flush()
        try:
            self.child.stdin.write(text)
            self.child.stdin.flush()
        except BrokenPipeError:
            self.child.wait()
            self.fail(f"ended with status {self.child.returncode}")

    def once(self, phase):
        self.send(phase)
        line = self.child.stdout.readline()
        if not line:
            self.child.wait()
            self.fail(f"ended with status {self.child.returncode}")
        return json.loads(line)

    def phase(self, name, flows, seconds=None, warmup=None, slice_seconds=SLICE, saturated=False,
              **options):
        """Runs slices of so many seconds until there are enough that nothing has disturbed, and
        adds them up. If there never are, the least disturbed ones."""
        seconds = seconds or self.suite.seconds
        slice_seconds = min(slice_seconds, seconds)
        wanted = max(1, round(seconds / slice_seconds))
        warmup = self.suite.warmup if warmup is None else warmup
        phase = {"name": name, "warmup_us": warmup * 1e6, "measure_us": slice_seconds * 1e6,
                 "slip_us": float(SLIP_US), "stall_us": float(STALL_US), "flows": flows} | options
        tries = []
        quiet = 0
        while quiet < wanted and len(tries) < wanted * self.suite.attempts and (
                len(tries) < 2 * wanted + HOPELESS or quiet > 0):
            result = self.once(phase)
            disturbance = Disturbance(result, slice_seconds + warmup, saturated)
            tries.append((disturbance, result))
            quiet += not disturbance.is_bad
            if disturbance.is_bad and self.suite.verbose:
                print(f"    {self.name}, {name}: disturbed ({disturbance})", flush=True)
        tries.sort(key=lambda pair: (pair[0].is_bad, pair[0].weight))
        return Phase(self, merged([result for _, result in tries[:wanted]]),
                     wanted * slice_seconds, len(tries), wanted, quiet < wanted)

    def cost(self, flow):
        """Cycles that one packet of the flow costs its router at full bursts, with its part of
        receiving and of what the worker does for all: the inverse of the capacity."""
        phase = self.phase(f"cost of {flow['name']}",
                           [{key: value for key, value in flow.items() if key != "rate"}
                            | {"greedy": True}], seconds=min(0.1, self.suite.seconds), warmup=0.02,
                           saturated=True)
        worker = phase.result["worker"]
        frames = phase.offered(flow["name"])
        packets = sum(share["packets"] for share in phase.result["shares"])
        if not packets or not frames:
            self.fail(f"{flow['name']}: nothing was forwarded")
        others = (worker["housekeeping"] + worker["unbilled"]) / worker["elapsed"]
        return (worker["run"] / packets + worker["billed"] / frames) / (1 - others)


def added(values):
    """Results of slices, or parts of them, as one: numbers are added up."""
    first = values[0]
    if isinstance(first, dict):
        keys = dict.fromkeys(key for value in values for key in value)
        return {key: added([value[key] for value in values if key in value]) for key in keys}
    if isinstance(first, list):
        return [added(list(parts)) for parts in zip(*values)]
    return sum(values) if isinstance(first, (int, float)) else first


def merged(results):
    """What is the same in each is taken from one, delays become {ns: how many}."""
    for result in results:
        for flow in result["flows"]:
            slots = flow.pop("delay_ns") or []
            flow["delay_ns"] = dict(zip(slots[::2], slots[1::2]))
    same = ("hz", "quantum", "bucket")
    most = {key: max(result[key] for result in results) for key in ("longest_pass_ns",)
            if key in results[0]}
    largest = [max(shares) for shares in zip(*([share["largest"] for share in result["shares"]]
                                               for result in results))] \
        if "shares" in results[0] else []
    weights = [share["weight"] for share in results[0].get("shares", [])]
    loop = {key: max(result["loop"][key] for result in results) for key in results[0]["loop"]}
    receive = [result["receive"] for result in results if "receive" in result]
    result = added(results) | {key: results[0][key] for key in same if key in results[0]} | most
    result["loop"] = loop
    for share, most_charged, weight in zip(result.get("shares", []), largest, weights):
        share |= {"largest": most_charged, "weight": weight}
    if receive:
        frames = max(1, sum(part["frames"] for part in receive))
        result["receive"] = {key: sum(part[key] * part["frames"] for part in receive) / frames
                             for key in ("receive_cycles", "read_cycles", "free_cycles")}
    return result


class Phase:
    """What came of a phase: of its quiet slices, unless it is `disturbed`."""

    def __init__(self, bench, result, seconds, attempts, wanted, disturbed):
        self.bench, self.result, self.seconds = bench, result, seconds
        self.attempts, self.wanted, self.disturbed = attempts, wanted, disturbed
        self.hz = result["hz"]
        self.flows = {flow["name"]: flow for flow in result["flows"]}
        self.shares = dict(zip(bench.order, result.get("shares", [])))
        self.counters = {router["name"]: router for router in result["routers"]}

    def offered(self, name):
        return self.flows[name]["counted"]["offered"]

    def offered_rate(self, name):
        return self.offered(name) / self.seconds

    def received_rate(self, name):
        return self.flows[name]["counted"]["received"] / self.seconds

    def lost(self, name):
        counted = self.flows[name]["counted"]
        return counted["offered"] - counted["received"]

    def refused(self, name):
        return self.flows[name]["counted"]["refused"]

    def loss(self, name):
        return self.lost(name) / max(1, self.offered(name))

    def delay_us(self, name, fraction):
        """The delay that so many of the frames do not exceed."""
        delay = self.flows[name]["delay_ns"]
        wanted = math.ceil(fraction * sum(delay.values()))
        seen = 0
        for nanoseconds, count in sorted(delay.items()):
            seen += count
            if seen >= wanted:
                return nanoseconds / 1000
        return float("nan")

    def cpu(self, name):
        """Share of the worker's time that the router was charged."""
        return self.shares[name]["charged"] / self.result["worker"]["elapsed"]


class Suite:
    """What all experiments of a run share."""

    def __init__(self, arguments, folder, memory):
        self.folder = folder
        self.seconds, self.warmup = arguments.seconds, arguments.warmup
        self.attempts = 1 if arguments.quick else ATTEMPTS
        self.quick, self.verbose = arguments.quick, arguments.verbose
        self.program = arguments.build.resolve() / "bench" / "fairness-bench"
        self.memory = memory
        self.control_cpu, self.worker_cpu = rig.worker_cpus()

    def command(self):
        return [self.program, "--no-pci", "--no-telemetry", *self.memory, "--log-level=4",
                f"--lcores=0@{self.control_cpu},1@{self.worker_cpu}",
                f"--file-prefix=vrouter-bench-{os.getpid()}-fairness", "--", "-n"]

    def bench(self, name, routers, **options):
        return Bench(self, name, routers, **options)


def run_case(suite, path):
    """What comes of the phases of a file of Bench's, each by itself: Phase."""
    texts = path.read_text(encoding="utf-8").splitlines()
    order = [router["name"] for router in json.loads(texts[0])["config"]["routers"]]
    ran = subprocess.run([*suite.command(), path], text=True, capture_output=True, check=False)
    if ran.returncode:
        raise Failure(f"fairness-bench, {path}: ended with status {ran.returncode}\n{ran.stderr}")
    for text, line in zip(texts[1:], ran.stdout.splitlines()):
        asked, result = json.loads(text), json.loads(line)
        seconds = asked["measure_us"] / 1e6
        disturbance = Disturbance(result, seconds + asked["warmup_us"] / 1e6, False)
        yield Phase(types.SimpleNamespace(order=order), merged([result]), seconds, 1, 1,
                    disturbance.is_bad)


# Figures


def max_min(capacity, demands, weights):
    """What each is entitled to: shares by weight, no more than is asked for, what is left over to
    the others by weight (weighted max-min)."""
    entitled = dict.fromkeys(demands, 0.0)
    open_ones = set(demands)
    left = capacity
    while open_ones:
        unit = left / sum(weights[name] for name in open_ones)
        content = {name for name in open_ones if demands[name] <= unit * weights[name]}
        if not content:
            return entitled | {name: unit * weights[name] for name in open_ones}
        for name in content:
            entitled[name] = demands[name]
            left -= demands[name]
        open_ones -= content
    return entitled


def jain(values):
    """Jain's index (1984) of values that should be equal: 1 if they are."""
    return sum(values) ** 2 / (len(values) * sum(value * value for value in values))
