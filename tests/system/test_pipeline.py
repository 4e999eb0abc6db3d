#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""Pipelines of the real program between two Linux hosts: rates, changes under traffic, examples.

usage: test_pipeline.py DPDK_VROUTER [unittest's arguments]

    near --- lan [r] wan --- far

Rates are those of real traffic in both families, in bytes that the far host's link has carried and that
the router has counted, over the time between two looks at them. A window in which sender or program
did not get the CPU says nothing of the rate; there is another then, up to a number of them. In no
window may there be more than the rate and a burst.

Each host is a network namespace, all in one of the test's own. Without leave for that it exits with
77 (skipped).
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import vrouter
from test_paths import enter, inside, make_host, run
from vrouter import wait_for

HOSTS = {"lan": {4: ("10.0.1.1/24", "10.0.1.2/24"), 6: ("2001:db8:1::1/64", "2001:db8:1::2/64")},
         "wan": {4: ("10.0.2.1/24", "10.0.2.2/24"), 6: ("2001:db8:2::1/64", "2001:db8:2::2/64")}}
FAR = {4: "10.0.2.2", 6: "2001:db8:2::2"}
HEADERS = {4: 28, 6: 48}
RATE = 20_000_000  # bit/s
BURST = 500_000  # what there is of the rate in 0.2 s, for which nobody need get the CPU
WINDOW_S = 3
WINDOWS = 20
LOOKS = 5
TOLERANCE = 0.02
ETHERNET = 14

# Twice the rate, in packets of 1000 bytes; what it could not send in time it does not send later.
SENDER = """
import socket, sys, time
family = socket.AF_INET6 if sys.argv[1] == "6" else socket.AF_INET
payload, gap = bytes(1000 - int(sys.argv[3])), 1000 * 8 / float(sys.argv[4])
with socket.socket(family, socket.SOCK_DGRAM) as sender:
    sender.connect((sys.argv[2], 9))
    due = time.monotonic()
    while True:
        now = time.monotonic()
        due = max(due, now - 0.1)
        while due <= now:
            try:
                sender.send(payload)
            except OSError:  # the port is told to be closed
                pass
            due += gap
        time.sleep(0.002)
"""


def sent_to(device):
    """Bytes of IP packets that have left by a link."""
    with open("/proc/self/net/dev", encoding="ascii") as lines:
        for line in lines:
            name, _, fields = line.partition(":")
            if name.strip() == device:
                transmitted, packets = map(int, fields.split()[8:10])
                return transmitted - ETHERNET * packets
    raise AssertionError(f"no {device}")


class Sample:
    """Bytes by who counts them, each with the times before and after the look."""

    def __init__(self, **counters):
        self.counters = {name: min((self.look(counter) for _ in range(LOOKS)),
                                   key=lambda look: look[2] - look[0])
                         for name, counter in counters.items()}

    @staticmethod
    def look(counter):
        before = time.monotonic()
        value = counter()
        return before, value, time.monotonic()

    def rates(self, later):
        """The least and the most that each may have been since, in bit/s, and in which time."""
        for name, (before, value, after) in self.counters.items():
            end_before, end_value, end_after = later.counters[name]
            bits = 8 * (end_value - value)
            yield (name, bits / (end_after - before), bits / (end_before - after),
                   end_after - before)


class Pipeline(unittest.TestCase):
    def setUp(self):
        for name, networks in HOSTS.items():
            make_host(name, networks)
            self.addCleanup(run, "ip", "netns", "delete", name)
            self.addCleanup(run, "ip", "link", "delete", name)
        self.program = vrouter.Program(PROGRAM, {
            "ports": [{"name": name, "device": f"net_af_packet{i},iface={name}", "mtu": 1400}
                      for i, name in enumerate(HOSTS)],
            "routers": [{
                "name": "r", "icmp_rate": 0,
                "interfaces": [{"name": name, "port": name, "mac": f"02:00:00:00:00:{i:02x}",
                                "addresses": [networks[4][0], networks[6][0]]}
                               for i, (name, networks) in enumerate(HOSTS.items(), 1)]}]})
        self.addCleanup(self.program.end)
        self.program.wait_up()
        for family in 4, 6:
            wait_for(f"the far host, IPv{family}",
                     lambda family=family: self.ping(family, "-c", "1", "-W", "1")[0] == 0)

    def tearDown(self):
        self.assertEqual(self.program.stop(), 0)
        self.assertNotIn("did not come back", self.program.stderr())

    def ping(self, family, *arguments):
        done = subprocess.run(inside("lan", "ping", f"-{family}", "-n", *arguments, FAR[family]),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        return done.returncode, done.stdout

    def set(self, pipeline):
        self.program.ask(f"set vr r pipeline {json.dumps(pipeline)}")

    def send(self, family, rate=2 * RATE):
        sender = subprocess.Popen(inside("lan", sys.executable, "-c", SENDER, str(family),
                                         FAR[family], str(HEADERS[family]), str(rate)))
        self.addCleanup(sender.wait)
        self.addCleanup(sender.kill)
        return sender

    def drops(self, element, side):
        return self.program.json(f"show vr r element {element}")[side]["drops"]

    def check_rate(self, counted, dropping):
        """In a window that nobody was late in, both counters are at the rate."""
        wait_for("more than the rate", dropping)
        seen = []
        for _ in range(WINDOWS):
            first = Sample(counted=counted, link=lambda: sent_to("wan"))
            time.sleep(WINDOW_S)
            second = Sample(counted=counted, link=lambda: sent_to("wan"))
            rates = list(first.rates(second))
            seen.append([f"{name} {least / 1e6:.3f} .. {most / 1e6:.3f}"
                         for name, least, most, _ in rates])
            print(seen[-1])
            for name, least, _, took in rates:
                self.assertLess(least, RATE * (1 + TOLERANCE) + 8 * BURST / took,
                                f"{name}: {seen}")
            if all(least > RATE * (1 - TOLERANCE) and most < RATE * (1 + TOLERANCE)
                   for _, least, most, _ in rates):
                return
        self.fail(f"in no window at the rate: {seen}")

    def test_police(self):
        for family, side in (4, "ingress"), (6, "egress"):
            with self.subTest(family=family):
                self.set({side: [{"type": "police", "name": f"p{family}",
                                  "committed_rate": RATE, "committed_burst": BURST,
                                  "peak_rate": RATE, "peak_burst": BURST}]})
                sender = self.send(family)

                def passed(name=f"p{family}"):
                    (row,) = self.program.json(f"show vr r element {name} list")
                    return row["green_bytes"] + row["yellow_bytes"]
                self.check_rate(passed, lambda family=family, side=side:
                                self.drops(f"p{family}", side).get("red", 0) > 100)
                sender.kill()

    def test_shape(self):
        for family in 4, 6:
            with self.subTest(family=family):
                self.set({"egress": [{"type": "shape", "name": f"s{family}", "rate": RATE,
                                      "burst": BURST, "max_delay": 100, "interface": "wan"}]})
                sender = self.send(family)

                def passed(name=f"s{family}"):
                    (row,) = self.program.json("show vr r pipeline")
                    self.assertEqual(row["element"], name)
                    return 1000 * row["out"]
                self.check_rate(passed, lambda family=family:
                                self.drops(f"s{family}", "egress").get("delay", 0) > 100)
                # What is behind the queue has waited as long as one may.
                (row,) = self.program.json("show vr r pipeline")
                self.assertGreater(row["released"], row["in"] / 10)
                sender.kill()
                wait_for("the queue to be empty", lambda family=family: self.program.json(
                    f"show vr r element s{family}")["state"]["queued"] == 0)

    def test_shape_delays(self):
        """A ping behind a full queue waits for it; one that leaves by another interface does not."""
        self.set({"egress": [{"type": "shape", "rate": RATE, "max_delay": 100}]})
        self.send(4)
        wait_for("the queue", lambda: self.drops("shape", "egress").get("delay", 0) > 100)
        times = []

        def delayed():
            times.extend(float(t) for t in re.findall(
                r"time=([\d.]+) ms", self.ping(4, "-c", "5", "-i", "0.05", "-W", "1")[1]))
            return max(times, default=0) > 80
        wait_for("a ping behind the queue", delayed)
        self.set({"egress": [{"type": "shape", "rate": RATE, "max_delay": 100,
                              "interface": "lan"}]})
        wait_for("a ping past the queue", lambda: self.ping(4, "-c", "1", "-W", "1")[0] == 0)

    def test_change_under_traffic(self):
        """Each change of the pipeline, again and again, and no ping is lost."""
        rates = {"committed_rate": 10**9, "committed_burst": 10**6, "peak_rate": 10**9,
                 "peak_burst": 10**6}
        elements = [
            {"type": "mark", "dscp": "ef"}, {"type": "mark", "dscp": "be"},
            {"type": "count", "prefixes": ["0.0.0.0/0", "::/0"]},
            {"type": "count", "prefixes": ["10.0.0.0/8"], "by": "source"},
            {"type": "police", **rates}, {"type": "urpf"}, {"type": "urpf", "mode": "loose"},
            {"type": "acl", "default": "deny", "rules": [{"action": "permit"}]},
            # What hosts tell groups, as IGMP and MLD do, has a TTL of 1.
            {"type": "burn", "cycles": 1000}, {"type": "ttl_guard", "minimum": 1},
            {"type": "mirror", "interface": "lan", "sample": 1000000},
            {"type": "shape", "rate": 10**11, "max_packets": 64},
        ]
        pings = [subprocess.Popen(
            inside("lan", "ping", f"-{family}", "-n", "-i", "0.01", "-c", "600", "-w",
                   str(vrouter.PATIENCE), FAR[family]), stdout=subprocess.PIPE, text=True)
                 for family in (4, 6)]
        changes = 0
        while any(ping.poll() is None for ping in pings):
            element = elements[changes % len(elements)]
            sides = [side for side in ("ingress", "egress")
                     if side != {"shape": "ingress", "urpf": "egress",
                                 "ttl_guard": "egress"}.get(element["type"])]
            side = sides[changes // len(elements) % len(sides)]
            self.set({side: [element, {"type": "burn", "name": "other"}]})
            self.program.ask(f"add element r {side} before other "
                             + json.dumps({**element, "name": "more"}))
            self.program.ask(f"set vr r element more {json.dumps(element)}")
            self.program.ask("del element r other")
            if changes % 3 == 0:
                self.set({})
            changes += 1
        for ping in pings:
            text = ping.communicate()[0]
            self.assertEqual(vrouter.answered(text, 600), 600, text)
        print(f"{changes} rounds of changes")
        self.assertGreater(changes, len(elements))
        # What hosts tell groups is for nobody here.
        drops = self.program.router("r")["drops"]
        print(f"drops: {drops}")
        self.assertFalse({"element", "stopped", "fifo_full", "tx_full"} & set(drops))

    def test_ttl_guard(self):
        self.set({"ingress": [{"type": "ttl_guard", "interfaces": ["lan"]}]})
        for family, reason in (4, "ttl"), (6, "hop_limit"):
            with self.subTest(family=family):
                self.assertEqual(self.ping(family, "-c", "3", "-i", "0.01", "-t", "255")[0], 0)
                # The far host's answers come by another interface.
                self.assertNotEqual(
                    self.ping(family, "-c", "3", "-i", "0.01", "-W", "0.1", "-t", "254")[0], 0)
                wait_for("the drops", lambda reason=reason:
                         self.drops("ttl_guard", "ingress").get(reason, 0) >= 3)
        # Beside what hosts tell groups, with a TTL of 1.
        wait_for("the list", lambda: [{"ttl": 254, "packets": 6}] == [
            row for row in self.program.json("show vr r element ttl_guard list")
            if row["ttl"] != 1])

    def test_documented(self):
        """Every pipeline and element of docs/elements.md is taken by the program that runs."""
        text = (vrouter.ROOT / "docs/elements.md").read_text()
        blocks = re.findall(r"^```json\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        self.assertGreater(len(blocks), 8)
        for block in blocks:
            with self.subTest(block):
                value = json.loads(block)
                if "type" in value:
                    value = {"egress" if value["type"] == "shape" else "ingress": [value]}
                self.set(value)
                n = sum(len(value.get(side, [])) for side in ("ingress", "egress"))
                self.assertEqual(len(self.program.json("show vr r pipeline")), n)
        self.set({})


class Example(unittest.TestCase):
    def test_example(self):
        """configs/pipeline.json on the traffic that it is written for: each element sees packets."""
        config = json.loads((vrouter.ROOT / "configs/pipeline.json").read_text())
        folder = tempfile.mkdtemp(prefix="vrouter-pipeline-")
        self.addCleanup(shutil.rmtree, folder)
        capture = f"{folder}/traffic.pcap"
        vrouter.make_traffic(capture, "--destination-mac", "02:00:00:00:00:01",
                             "--vlan", "10:4", "--vlan", "20:3")
        config["ports"][0]["device"] = f"net_pcap0,rx_pcap={capture},infinite_rx=1"
        with vrouter.Program(PROGRAM, config) as program:
            wait_for("packets in all elements", lambda: all(
                element["in"] > 0 for element in program.json("show vr gold pipeline")))
            wait_for("a copy", lambda: program.json(
                "show vr gold element mirror")["state"]["copied"] > 0)
            wait_for("packets out of all elements", lambda: all(
                element["out"] > 0 for element in program.json("show vr gold pipeline")))
            self.assertEqual(program.stop(), 0)
            self.assertNotIn("did not come back", program.stderr())


if __name__ == "__main__":
    if os.environ.get("VROUTER_NETNS") != "inside":
        enter()
    PROGRAM = vrouter.binary()
    # Names of namespaces are nobody else's.
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    unittest.main(verbosity=2)
