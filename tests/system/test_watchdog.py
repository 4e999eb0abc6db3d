#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""Routers whose code takes too long, or does not come back, beside others, among Linux hosts.

usage: test_watchdog.py DPDK_VROUTER [unittest's arguments]

    h0  10.0.0.2/24 --- [bad]   lcore 1
    h1  10.0.1.2/24 --- [good]  lcore 1
    h2  10.0.2.2/24 --- [away]  lcore 2, if there is one

The element burn stands for code that hangs. All workers share a CPU. Each host is a network
namespace. Without leave to make them it exits with 77 (skipped).
"""

import contextlib
import os
import signal
import subprocess
import sys
import unittest

import test_paths
import vrouter
from test_paths import inside, make_host, run
from vrouter import wait_for

HARD_MS = 100
ROUTERS = ["bad", "good", "away"]
SPIN = "import os, sys; os.sched_setaffinity(0, {int(sys.argv[1])})\nwhile True: pass"


def network(i):
    return {4: (f"10.0.{i}.1/24", f"10.0.{i}.2/24")}


def config(names, hard):
    return {
        "watchdog": {"soft_ms": 50, "hard_ms": hard},
        "ports": [{"name": f"h{i}", "device": f"net_af_packet{i},iface=h{i}", "mtu": 1400}
                  for i in range(len(names))],
        "routers": [{"name": name, "lcore": 2 if name == "away" else 1,
                     "echo_rate": 1000000,
                     "interfaces": [{"name": "lan", "port": f"h{i}",
                                     "addresses": [network(i)[4][0]]}]}
                    for i, name in enumerate(names)],
    }


class Watchdog(unittest.TestCase):
    def start(self, workers, hard=HARD_MS):
        names = ROUTERS[:workers + 1]
        for i in range(len(names)):
            make_host(f"h{i}", network(i))
            self.addCleanup(run, "ip", "netns", "delete", f"h{i}")
            self.addCleanup(run, "ip", "link", "delete", f"h{i}")
        self.program = vrouter.Program(PROGRAM, config(names, hard), workers=workers)
        self.addCleanup(self.program.end)
        self.program.wait_up()
        for i in range(len(names)):
            wait_for("an answer", lambda i=i: self.ping_once(i))

    def ping_command(self, i, count, interval):
        return inside(f"h{i}", "ping", "-n", "-c", str(count), "-i", str(interval), "-w",
                      str(vrouter.PATIENCE), f"10.0.{i}.1")

    def ping(self, i, count, interval=0.01):
        """How many answers there were from the host's router."""
        return vrouter.answered(subprocess.run(
            self.ping_command(i, count, interval), text=True, check=False,
            stdout=subprocess.PIPE).stdout, count)

    def ping_once(self, i):
        """One packet; whether it was answered, and within a second."""
        return subprocess.run(inside(f"h{i}", "ping", "-n", "-c", "1", "-W", "1", f"10.0.{i}.1"),
                              check=False, stdout=subprocess.DEVNULL).returncode == 0

    @contextlib.contextmanager
    def pinging(self, i, count, interval):
        """Meanwhile; each of them has its answer in the end."""
        with subprocess.Popen(self.ping_command(i, count, interval), text=True,
                              stdout=subprocess.PIPE) as ping:
            # The first answer: it has begun.
            first = [ping.stdout.readline(), ping.stdout.readline()]
            self.assertIn("bytes from", first[1])
            yield
            text = "".join(first) + ping.stdout.read()
            self.assertEqual(vrouter.answered(text, count), count, text)

    def burn(self, seconds):
        hz = self.program.json("show lcore")[0]["tsc_hz"]
        self.program.ask(f'set vr bad pipeline {{"ingress": [{{"type": "burn", "cycles": '
                         f'{int(seconds * hz)}}}]}}')

    def wait_event(self, text):
        wait_for(f"the event {text!r}", lambda: text in self.program.stderr())

    def states(self):
        return {router["name"]: router["state"] for router in self.program.json("show vr all")}

    def check_counters(self):
        for router in self.program.json("show vr all"):
            # Hosts go on telling of groups.
            wait_for(f"{router['name']} to be at rest", lambda name=router["name"]:
                     vrouter.balance(self.program.router(name)) == 0)

    def test_soft_limit(self):
        self.start(2, hard=3600000)
        # Far above the limit: what others take of the CPU does not count.
        self.burn(2)
        self.ping_once(0)
        self.wait_event("router bad: faulted: turn of ")
        self.assertRegex(self.states()["bad"],
                         r"^faulted: turn of \d+ ms on lcore 1 \(limit 50 ms\)$")
        self.assertEqual(self.states()["good"], "running")
        self.assertFalse(self.ping_once(0))
        self.assertEqual(self.ping(1, count=20), 20)
        wait_for("drops", lambda: self.program.router("bad")["drops"].get("faulted", 0) > 0)
        self.assertIn("it is not faulted", self.program.refuse("reset vr good"))
        self.program.ask("set vr bad pipeline {}")
        self.program.ask("reset vr bad")
        self.assertEqual(self.ping(0, count=20), 20)
        self.assertEqual(self.states(), dict.fromkeys(ROUTERS, "running"))
        self.assertEqual(self.program.telemetry("/vrouter/vr/stats,bad")["state"], "running")
        self.assertEqual(self.program.stop(), 0)

    def test_comes_back(self):
        """Whatever the others are sent meanwhile is answered."""
        self.start(2)
        # Where others take most of the CPU it lasts long until the limit is reached.
        self.burn(15)
        with self.pinging(1, 200, 0.02), self.pinging(2, 200, 0.02):
            self.ping_once(0)
            self.wait_event("router bad: stuck on lcore 1: a turn takes longer than "
                            f"{HARD_MS} ms: the 1 other routers and 2 ports")
            self.wait_event("router bad: its code has come back after ")
        self.wait_event("router bad: faulted: turn of ")
        self.assertEqual(self.program.json("show lcore")[0]["state"], "running")
        self.assertEqual(self.program.router("good")["lcore"], 2)
        self.program.ask("set vr bad pipeline {}")
        self.program.ask("reset vr bad")
        self.assertEqual(self.ping(0, count=20), 20)
        self.assertEqual(self.states(), dict.fromkeys(ROUTERS, "running"))
        self.check_counters()
        self.assertEqual(self.program.stop(), 0)

    def check_stuck(self):
        """While it is away for longer than this takes."""
        self.assertEqual(self.ping(1, count=20), 20)
        self.assertEqual(self.ping(2, count=20), 20)
        lcores = self.program.json("show lcore")
        self.assertIn("stuck in router bad since", lcores[0]["state"])
        self.assertEqual(lcores[1]["state"], "running")
        self.assertEqual(self.program.router("good")["lcore"], 2)
        self.assertRegex(self.states()["bad"], "^stuck on lcore 1 since")
        for command in ("reset vr bad", "del vr bad", "set vr bad pipeline {}",
                        "add route bad 10.9.0.0/16 blackhole",
                        "set vr bad interface lan down"):
            self.assertIn("bad is stuck on lcore 1 since", self.program.refuse(command))
        self.program.ask("add route good 10.9.0.0/16 blackhole")

    def test_never_back(self):
        """The program ends all the same, and says so."""
        for workers in 2, 1:
            with self.subTest(workers=workers):
                try:
                    self.start(workers)
                    self.burn(300)
                    self.ping_once(0)
                    self.wait_event("router bad: stuck on lcore 1: a turn takes longer than ")
                    if workers == 2:
                        self.check_stuck()
                    else:
                        self.assertIn("there is no other lcore", self.program.stderr())
                        self.assertEqual(self.states()["good"],
                                         "waiting: lcore 1 is stuck in router bad")
                    self.assertEqual(self.program.stop(), 1)
                    self.assertIn("router bad: its code has not come back on lcore 1",
                                  self.program.stderr())
                finally:
                    self.doCleanups()

    def test_oversubscribed(self):
        """Two workers and a program that never sleeps share a CPU: nobody is to blame."""
        self.start(2)
        cpu = vrouter.lcores(2).rpartition("@")[2]
        with subprocess.Popen([sys.executable, "-c", SPIN, cpu]) as spin:
            try:
                for i in range(3):
                    # Some may be lost where it waits too long for the CPU.
                    self.assertGreater(self.ping(i, count=200), 0)
            finally:
                spin.send_signal(signal.SIGKILL)
        self.assertEqual(self.states(), dict.fromkeys(ROUTERS, "running"))
        self.assertNotIn("faulted", self.program.stderr())
        self.assertNotIn("stuck", self.program.stderr())
        self.assertEqual(self.program.stop(), 0)


if __name__ == "__main__":
    if os.environ.get("VROUTER_NETNS") != "inside":
        test_paths.enter()
    PROGRAM = vrouter.binary()
    # Names of namespaces are nobody else's.
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    unittest.main(verbosity=2)
