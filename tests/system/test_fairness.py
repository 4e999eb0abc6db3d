#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""The bench of fairness: that its program counts right, both lcores on one CPU, and that its judge
does. How fast or fair anything was decides nothing here.

usage: test_fairness.py FAIRNESS_BENCH [argument of unittest]...
"""

import contextlib
import io
import json
import os
import pathlib
import random
import subprocess
import sys
import types
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "bench"))

import fairness_attackers  # noqa: E402
import fairness_report  # noqa: E402
import fairness_rig  # noqa: E402
import fairness_shares  # noqa: E402
from fairness_frames import Router, arp_frame, case, echo_frame, flow, raw_flow  # noqa: E402

SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(2**32)))
CPU = min(os.sched_getaffinity(0))
RATE = 20000


def run_case(*objects):
    """The program's answers, its status and what it told on stderr."""
    text = "\n".join(value if isinstance(value, str) else json.dumps(value) for value in objects)
    ran = subprocess.run(
        [BENCH, "--no-huge", "-m", "512", "--no-pci", "--no-telemetry", "--log-level=4",
         f"--lcores=0@{CPU},1@{CPU}", f"--file-prefix=fairness-{os.getpid()}", "--"],
        input=text, text=True, capture_output=True, check=False)
    return [json.loads(line) for line in ran.stdout.splitlines()], ran.returncode, ran.stderr


def phase(name, flows, **options):
    return {"name": name, "warmup_us": 20000.0, "measure_us": 100000.0, "flows": flows} | options


class Counting(unittest.TestCase):
    """What goes in comes out, or somebody says what became of it."""

    def check_phase(self, result, order, flows_of):
        """`flows_of`: the flows of each router, by name."""
        flows = {entry["name"]: entry["total"] for entry in result["flows"]}
        self.assertEqual(result["starved"], 0)
        for name, router in zip(order, result["routers"]):
            sent = sum(flows[each]["offered"] - flows[each]["refused"] for each in flows_of[name])
            self.assertEqual(router["received"], sent, name)
            self.assertEqual(
                router["received"], router["forwarded"] + router["answered"] + router["consumed"]
                + sum(router["dropped"].values()) + router["waiting"], name)
            marked = sum(flows[each]["received"] for each in flows_of[name])
            self.assertEqual(marked, router["forwarded"], name)
        self.assertEqual(result["port_drops"], {})

    def check_cycles(self, result):
        worker = result["worker"]
        self.assertEqual(worker["elapsed"], sum(worker[key] for key in (
            "run", "billed", "unbilled", "idle", "housekeeping")))
        self.assertEqual(worker["run"] + worker["billed"],
                         sum(share["charged"] for share in result["shares"]))

    def test_own_and_shared_queues(self):
        routers = [Router("a", cycles=2000), Router("b", weight=3, own=False, fifo=32),
                   Router("c", own=False, fifo=32)]
        first = case(routers, ring=256)
        flows = [flow(routers[0], RATE, delay=True), flow(routers[1], RATE),
                 flow(routers[2], 10 * RATE, on_us=3000.0, off_us=7000.0)]
        results, status, told = run_case(
            first, phase("plain", flows, window_us=10000.0),
            phase("forward", flows, work="forward"), phase("receive", flows, work="receive"),
            phase("again", flows), phase("greedy", [flow(router) for router in routers]))
        self.assertEqual(status, 0, told)
        plain, forward, receive, again, greedy = results
        each = {router.name: [router.name] for router in routers}
        for result in (plain, again, greedy):
            self.check_phase(result, each, each)
            self.check_cycles(result)
            self.assertGreater(sum(entry["total"]["received"] for entry in result["flows"]), 0)
        delays = plain["flows"][0]["delay_ns"]
        self.assertEqual(sum(delays[1::2]), plain["flows"][0]["counted"]["received"])
        self.assertEqual(delays[::2], sorted(delays[::2]))
        self.assertIsNone(plain["flows"][1]["delay_ns"])
        self.assertEqual(len(plain["windows"]), 10)
        self.assertEqual([sum(window) for window in zip(*plain["windows"])],
                         [share["charged"] for share in plain["shares"]])
        for entry in forward["flows"]:
            total = entry["total"]
            self.assertEqual(total["received"], total["offered"] - total["refused"])
        for result in (forward, receive):
            self.assertEqual([router["received"] for router in result["routers"]], [0, 0, 0])
        self.assertEqual(sum(entry["total"]["received"] for entry in receive["flows"]), 0)

    def test_what_is_not_forwarded(self):
        """TTLs that run out, echo requests, ARP of and for hosts, broken checksums."""
        router = Router("r", more={"icmp_rate": 10000000, "echo_rate": 10000000})
        first = case([router], ring=256)
        flows = {
            "ttl": flow(router, RATE, name="ttl", ttl=1),
            "echo": raw_flow(router, echo_frame(router), RATE, "echo"),
            "arp": raw_flow(router, arp_frame(router), RATE, "arp",
                            fairness_attackers.asking_hosts(router)),
            "nobody": flow(router, RATE, name="nobody", destination="192.168.1.0",
                           varied={"destination": 1000}),
            "broken": flow(router, RATE, name="broken", frames=[
                {"bytes": fairness_attackers.broken_frame(router)}]),
            "many": flow(router, RATE, name="many",
                         varied={"source_port": 60000, "source": 64}),
        }
        results, status, told = run_case(first, *(phase(name, [entry])
                                                  for name, entry in flows.items()))
        self.assertEqual(status, 0, told)
        results = dict(zip(flows, results))
        for name, result in results.items():
            router, total = result["routers"][0], result["flows"][0]["total"]
            sent = total["offered"] - total["refused"]
            self.assertGreater(sent, 0, name)
            dropped = router["dropped"].get
            if name in ("ttl", "broken"):
                reason = {"ttl": "ttl_exceeded", "broken": "checksum"}[name]
                self.assertEqual(dropped(reason, 0) + dropped("fifo_full", 0), sent)
            elif name in ("echo", "arp"):
                self.assertEqual(router["answered"] + sum(router["dropped"].values()), sent, name)
            elif name == "many":
                self.assertEqual(total["received"] + dropped("fifo_full", 0), sent)
        self.assertGreater(results["ttl"]["sink"]["icmp"], 0)
        self.assertGreater(results["echo"]["sink"]["icmp"], 0)
        self.assertGreater(results["arp"]["sink"]["arp"], 0)
        self.assertGreater(results["nobody"]["sink"]["arp"], 0)

    def test_bad_cases(self):
        router = Router("r")
        first = case([router])
        good = flow(router, RATE)
        for objects, told in (
                (({"ring": 1024},), "expected config"),
                ((first | {"ring": 1000},), "power of two"),
                ((first, "{"), "line"),
                ((first, phase("p", [good | {"port": "nowhere"}])), "no port nowhere"),
                ((first, phase("p", [good], work="sleep")), "work: expected"),
                ((first, phase("p", [good | {"mark_at": 59}])), "mark_at"),
                ((first, phase("p", [good | {"frames": [{"bytes": "00"}]}])), "frames"),
                ((first, phase("p", [good | {"frames": [{"bytes": "zz" * 60}]}])), "frames"),
                ((first, phase("p", [good | {"varied": [{"at": 58, "bytes": 4, "n": 2}]}])),
                 "varied"),
                ((first, phase("p", [good], window_us=1.0)), "windows"),
                ((first, phase("p", [good | {"on_us": 0.0, "off_us": 5.0}])), "times")):
            with self.subTest(told):
                _, status, errors = run_case(*objects)
                self.assertEqual(status, 1, errors)
                self.assertIn(told, errors)


class Judging(unittest.TestCase):
    def test_max_min(self):
        """Against filling all up in small steps, by weight."""
        chance = random.Random(SEED)
        for _ in range(200):
            names = range(chance.randint(1, 6))
            demands = {name: chance.choice([0, chance.random(), 2 * chance.random()])
                       for name in names}
            weights = {name: chance.randint(1, 8) for name in names}
            filled = dict.fromkeys(names, 0.0)
            left = 1.0
            while left > 1e-6 and (hungry := [name for name in names
                                              if filled[name] < demands[name] - 1e-9]):
                step = min(left / 50, 1e-2) / sum(weights[name] for name in hungry)
                for name in hungry:
                    part = min(step * weights[name], demands[name] - filled[name])
                    filled[name] += part
                    left -= part
            entitled = fairness_rig.max_min(1.0, demands, weights)
            for name in names:
                self.assertAlmostEqual(entitled[name], filled[name], delta=1e-4, msg=SEED)

    def test_lag(self):
        """Against looking at each pair."""
        chance = random.Random(SEED)
        for _ in range(200):
            routers = [types.SimpleNamespace(weight=chance.randint(1, 8))
                       for _ in range(chance.randint(2, 6))]
            charged = [chance.randint(0, 100) for _ in routers]
            bounds = [chance.random() * 20 for _ in routers]
            received = [cycles / router.weight for cycles, router in zip(charged, routers)]
            wanted = max(abs(received[i] - received[k]) - bounds[i] - bounds[k] - 2 * 3
                         for i in range(len(routers)) for k in range(len(routers)) if i != k)
            lag, _, beyond = fairness_shares.largest_lag(charged, routers, bounds, 3)
            self.assertAlmostEqual(lag, max(received) - min(received))
            # It may take a router for its own pair, which is within the bound anyhow.
            self.assertEqual(beyond > 0, wanted > 0, SEED)

    def test_slices_add_up(self):
        one = {"name": "x", "hz": 5, "quantum": 7, "bucket": 1.0, "longest_pass_ns": 3.0,
               "loop": {"longest_ns": 4.0}, "shares": [{"charged": 10, "largest": 3, "weight": 2}],
               "flows": [{"name": "f", "total": {"offered": 5}, "delay_ns": [1.0, 2, 3.0, 4]}]}
        other = json.loads(json.dumps(one)) | {"longest_pass_ns": 9.0}
        other["flows"][0]["delay_ns"] = [3.0, 1, 8.0, 1]
        other["shares"][0]["largest"] = 8
        both = fairness_rig.merged([one, other])
        self.assertEqual((both["hz"], both["longest_pass_ns"], both["quantum"]), (5, 9.0, 7))
        self.assertEqual(both["shares"], [{"charged": 20, "largest": 8, "weight": 2}])
        self.assertEqual(both["flows"][0]["total"], {"offered": 10})
        self.assertEqual(both["flows"][0]["delay_ns"], {1.0: 2, 3.0: 5, 8.0: 1})

    def test_summary(self):
        """The worst of the rounds that nothing disturbed decides."""
        rounds = []
        for value, disturbed in ((1, False), (3, False), (9, True)):
            each = fairness_report.Round()
            each.check("loss", value, "<=", 2, disturbed)
            each.row("r", figure=value)
            rounds.append(each)
        summary = fairness_report.summarize(rounds)
        self.assertFalse(summary["checks"]["loss"]["met"])
        self.assertEqual(summary["checks"]["loss"]["value"]["max"], 3)
        self.assertEqual(summary["rows"]["r"]["figure"], {"min": 1, "median": 3, "max": 9})
        self.assertTrue(fairness_report.summarize(rounds[:1])["checks"]["loss"]["met"])
        only = fairness_report.summarize(rounds[2:])["checks"]["loss"]
        self.assertTrue(only["disturbed"] and not only["met"])
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            fairness_report.print_experiment("x", "y", summary)
        self.assertIn("NOT MET", printed.getvalue())


if __name__ == "__main__":
    BENCH = sys.argv.pop(1)
    print(f"seed {SEED}", flush=True)
    unittest.main(verbosity=2)
