#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""Routers joined by links, as the examples in configs/ have them, among Linux hosts.

usage: test_links.py DPDK_VROUTER [unittest's arguments]

configs/balance.json: a router that spreads flows over four others, of which one goes under traffic.

                       === [be1] --- s1  198.18.0.1, 2001:db8:f::1
    client --- [lb]    ...
                       === [be4] --- s4  198.18.0.1, 2001:db8:f::1

configs/ring.json: sixteen routers in a ring, each of which sends to the right what it does not know.

    west  10.0.0.2 --- [n0] === [n1] === ... [n8] --- 10.9.0.2  east
                        ====== [n15] === ... [n9] ==

Each host is a network namespace. Without leave to make them it exits with 77 (skipped).
"""

import json
import os
import shutil
import subprocess
import sys
import unittest

import test_paths
import vrouter
from test_paths import CLIENT, FAR, SERVER, inside, make_host, run
from vrouter import wait_for

FLOWS = 200
BACK_ENDS = [f"be{i}" for i in range(1, 5)]
RING = 16

# The way to a host by UDP to ports where nobody listens: who told of it, ICMP type and code.
TRACE = """
import json, select, socket, sys
IP_RECVERR, hops = 11, []
for ttl in range(1, 64):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
        probe.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
        poll = select.poll()
        poll.register(probe, 0)
        for _ in range(30):
            probe.sendto(b"probe", (sys.argv[1], 33434 + ttl))
            if poll.poll(1000):
                break
        _, ancillary, _, _ = probe.recvmsg(512, 512, socket.MSG_ERRQUEUE)
        error = next(data for level, kind, data in ancillary if kind == IP_RECVERR)
        # struct sock_extended_err, then the offender's struct sockaddr_in.
        hops.append([socket.inet_ntoa(error[20:24]), error[5], error[6]])
        if error[5] != 11:
            break
print(json.dumps(hops))
"""


def example(name):
    """A config of configs/, whose ports are those of the hosts that have their names."""
    config = json.loads((vrouter.ROOT / "configs" / name).read_text())
    for i, port in enumerate(config["ports"]):
        port["device"] = f"net_af_packet{i},iface={port['name']}"
        port["mtu"] = 1400
    return config


class Links(unittest.TestCase):
    workers = 1

    def host(self, name, networks):
        make_host(name, networks)
        self.addCleanup(run, "ip", "netns", "delete", name)
        self.addCleanup(run, "ip", "link", "delete", name)

    def start(self, config):
        self.program = vrouter.Program(PROGRAM, config, workers=self.workers)
        self.addCleanup(self.program.end)
        self.program.wait_up()

    def stop(self):
        """At rest everything is accounted for, over links too."""
        self.assertEqual(self.program.stop(), 0)
        self.assertNotIn("did not come back", self.program.stderr())

    def check_links(self):
        """What went over links was received by those at their ends."""
        def balanced():
            sent = sum(link["packets_from_a"] + link["packets_from_b"]
                       for link in self.program.json("show links"))
            received = sum(self.program.router(router["name"])["received_over_links"]
                           for router in self.program.json("show vr all"))
            return sent > 0 and sent == received
        wait_for("links to be at rest", balanced)
        # Hosts go on asking for neighbours and telling of groups.
        for router in self.program.json("show vr all"):
            wait_for(f"{router['name']} to be at rest", lambda name=router["name"]:
                     vrouter.balance(self.program.router(name)) == 0)


class Balance(Links):
    def setUp(self):
        self.host("clients", {4: ("10.0.0.1/24", "10.0.0.2/24"),
                              6: ("2001:db8:0:1::1/64", "2001:db8:0:1::2/64")})
        for i, name in enumerate(BACK_ENDS, 1):
            self.host(f"s{i}", {4: (f"10.2.{i}.1/24", f"10.2.{i}.2/24"),
                                6: (f"2001:db8:2:{i}::1/64", f"2001:db8:2:{i}::2/64")})
            for family in 4, 6:
                run("ip", "-n", f"s{i}", "address", "add", FAR[family], "dev", "lo",
                    *["nodad"] * (family == 6))
                self.serve(f"s{i}", name, family)
        self.config = example("balance.json")
        self.start(self.config)

    def serve(self, host, name, family):
        server = subprocess.Popen(
            inside(host, sys.executable, "-c", SERVER, name, str(family), FAR[family]),
            stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        self.assertEqual(server.stdout.readline(), "ready\n")

    def client(self, family):
        return subprocess.Popen(
            inside("clients", sys.executable, "-c", CLIENT, str(family), FAR[family], str(FLOWS)),
            stdout=subprocess.PIPE, text=True)

    def answers(self, family, client):
        """Who answers each flow of the client."""
        answers = json.loads(client.communicate()[0])
        self.assertEqual(client.returncode, 0)
        self.assertEqual(len(answers), FLOWS)
        return {(family, port): who for port, who in answers.items()}

    def all_flows(self):
        return {flow: who for family in (4, 6)
                for flow, who in self.answers(family, self.client(family)).items()}

    def originated(self, name):
        return self.program.router(name)["originated"]

    def announcements(self, name, interface=None, probes=1):
        """What a router says of the addresses of its interfaces, or of one, when they come up."""
        router = next(r for r in self.config["routers"] if r["name"] == name)
        return sum(2 + probes * (":" in address) for i in router["interfaces"]
                   if interface in (None, i["name"]) for address in i["addresses"])

    def links(self):
        return {link["b"]: link["state"] for link in self.program.json("show links")}

    def test_one_goes(self):
        first = self.all_flows()
        self.assertEqual(set(first.values()), set(BACK_ENDS))
        self.assertEqual(self.all_flows(), first)

        client = self.client(4)
        received = self.program.router("lb")["received"]
        wait_for("traffic", lambda: self.program.router("lb")["received"] > received + 20)
        self.program.ask("del vr be3")
        for flow, who in self.answers(4, client).items():
            self.assertIn(who, {first[flow]} if first[flow] != "be3" else BACK_ENDS)
        self.assertEqual(self.links(), {
            f"{name}:lb": "down" if name == "be3" else "up" for name in BACK_ENDS})
        for flow, who in self.all_flows().items():
            self.assertNotEqual(who, "be3")
            if first[flow] != "be3":
                self.assertEqual(who, first[flow])

        router = next(r for r in self.config["routers"] if r["name"] == "be3")
        announced = self.originated("lb") + self.announcements("lb", "be3", probes=0)
        self.program.ask(f"add vr {json.dumps(router)}")
        self.assertEqual(set(self.links().values()), {"up"})
        # What is on a link meanwhile would be counted at one end alone.
        wait_for("all that is announced by itself", lambda: self.originated("lb") >= announced
                 and self.originated("be3") >= self.announcements("be3"))
        # What the one that went had counted went with it.
        self.program.ask("clear stats")
        self.assertEqual(set(self.all_flows().values()), set(BACK_ENDS))
        self.check_links()
        self.stop()


class Ring(Links):
    def setUp(self):
        self.host("west", {4: ("10.0.0.1/24", "10.0.0.2/24")})
        self.host("east", {4: ("10.9.0.1/24", "10.9.0.2/24")})
        self.start(example("ring.json"))

    def ways(self):
        """From each host to the other: the hosts' own sides of the routers on the way."""
        there = ["10.0.0.1", *(f"10.8.{i}.2" for i in range(RING // 2))]
        back = ["10.9.0.1", *(f"10.8.{i}.2" for i in range(RING // 2, RING))]
        return {("west", "10.9.0.2"): there, ("east", "10.0.0.2"): back}

    def traced(self, host, target):
        """The hops that traceroute names; those that are slow to answer it shows as a star."""
        shown = run(*inside(host, "traceroute", "-n", target), stdout=subprocess.PIPE).stdout
        return [next((word for word in line.split()[1:] if word != "*"), None)
                for line in shown.splitlines()[1:]]

    def test_traceroute(self):
        for (host, target), way in self.ways().items():
            run(*inside(host, "ping", "-c", "3", "-i", "0.2", "-W", str(vrouter.PATIENCE), target),
                stdout=subprocess.DEVNULL)
            hops = json.loads(run(*inside(host, sys.executable, "-c", TRACE, target),
                                  stdout=subprocess.PIPE).stdout)
            self.assertEqual(hops, [[hop, 11, 0] for hop in way] + [[target, 3, 3]])
            if shutil.which("traceroute"):
                wait_for("traceroute to tell the same", lambda host=host, target=target, way=way:
                         self.traced(host, target) == way + [target])
        self.check_links()
        self.stop()

    def test_nobody(self):
        """What is for nobody goes round until its TTL ends, and the sender hears of it."""
        ping = subprocess.run(
            inside("west", "ping", "-c", "3", "-i", "0.2", "-W", str(vrouter.PATIENCE), "-t", "255",
                   "203.0.113.1"),
            stdout=subprocess.PIPE, text=True, check=False)
        self.assertIn("Time to live exceeded", ping.stdout)
        self.assertGreater(sum(r["forwarded"] for r in self.program.json("show vr all")), 3 * 254)
        self.check_links()
        self.stop()

    def test_flood(self):
        """A flood round the ring, beside two hosts who go on speaking to each other."""
        flood = subprocess.Popen(
            inside("west", "ping", "-f", "-q", "-t", "255", "203.0.113.1"),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(flood.wait)
        self.addCleanup(flood.kill)
        wait_for("a flood", lambda: self.program.router("n5")["forwarded"] > 10000)
        run(*inside("east", "ping", "-c", "3", "-W", str(vrouter.PATIENCE), "10.9.0.1"),
            stdout=subprocess.DEVNULL)
        flood.kill()
        flood.wait()
        self.check_links()
        self.stop()


class RingOfTwoWorkers(Ring):
    workers = 2


class Example(unittest.TestCase):
    def test_run(self):
        """They run as they are."""
        for name, routers in ("balance.json", 5), ("ring.json", RING):
            with vrouter.Program(PROGRAM, vrouter.ROOT / "configs" / name) as program:
                self.assertEqual(len(program.json("show vr all")), routers)
                self.assertEqual({link["state"] for link in program.json("show links")}, {"up"})
                self.assertEqual(program.stop(), 0)


if __name__ == "__main__":
    if os.environ.get("VROUTER_NETNS") != "inside":
        test_paths.enter()
    PROGRAM = vrouter.binary()
    # Names of namespaces are nobody else's.
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    unittest.main(verbosity=2)
