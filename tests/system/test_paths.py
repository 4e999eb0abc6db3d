#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""Several gateways and routes that stand by, among Linux hosts whose links go down and come back.

usage: test_paths.py DPDK_VROUTER [unittest's arguments]

    host --- lan [edge] --- east    192.0.2.0/31, 2001:db8:0:e::/127      weight 1
                        --- west    192.0.2.2/31, 2001:db8:0:3::2/127     weight 2
                        --- spare   198.51.100.0/30, 2001:db8:0:5::/64    distance 10

The gateways all have the far addresses, and say on a UDP port who they are. Each host is a network
namespace, all in one of the test's own. Without leave for that it exits with 77 (skipped).
"""

import json
import os
import subprocess
import sys
import unittest

import vrouter
from vrouter import wait_for

SKIPPED = 77
FAR = {4: "198.18.0.1", 6: "2001:db8:f::1"}
FLOWS = 150
GATEWAYS = {
    "east": {4: ("192.0.2.0/31", "192.0.2.1/31"),
             6: ("2001:db8:0:e::/127", "2001:db8:0:e::1/127")},
    "west": {4: ("192.0.2.2/31", "192.0.2.3/31"),
             6: ("2001:db8:0:3::2/127", "2001:db8:0:3::3/127")},
    "spare": {4: ("198.51.100.2/30", "198.51.100.1/30"),
              6: ("2001:db8:0:5::2/64", "2001:db8:0:5::1/64")},
}
HOST = {4: ("10.0.0.1/24", "10.0.0.2/24"), 6: ("2001:db8:0:1::1/64", "2001:db8:0:1::2/64")}

# Says its name to whoever asks, from the address that was asked, and what it was asked with.
SERVER = """
import socket, sys
server = socket.socket(socket.AF_INET6 if sys.argv[2] == "6" else socket.AF_INET, socket.SOCK_DGRAM)
server.bind((sys.argv[3], 7))
print("ready", flush=True)
while True:
    question, client = server.recvfrom(64)
    server.sendto(sys.argv[1].encode() + b" " + question, client)
"""
# Who answers each of many flows. One that gets no answer asks again; an answer to what was asked
# before, maybe of another client that had the port, is none.
CLIENT = """
import json, os, socket, sys
family = socket.AF_INET6 if sys.argv[1] == "6" else socket.AF_INET
answers, tries = {}, 300
for port in range(20000, 20000 + int(sys.argv[3])):
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.bind(("", port))
        client.settimeout(0.2)
        while port not in answers and tries > 0:
            question = os.urandom(8).hex()
            client.sendto(question.encode(), (sys.argv[2], 7))
            try:
                while port not in answers:
                    name, _, asked = client.recv(64).decode().partition(" ")
                    if asked == question:
                        answers[port] = name
            except TimeoutError:
                tries -= 1
print(json.dumps(answers))
"""


def run(*command, **options):
    return subprocess.run(command, check=True, text=True, **options)


def inside(name, *command):
    return ["nsenter", f"--net=/run/netns/{name}", "--", *command]


def address(text):
    return text.partition("/")[0]


def bring_up(name, networks):
    """The link of a host, and what the kernel forgets when it goes down."""
    run("ip", "-n", name, "link", "set", "eth0", "up")
    for family, (router, own) in networks.items():
        nodad = ["nodad"] * (family == 6)
        run("ip", "-n", name, "address", "replace", own, "dev", "eth0", *nodad)
        run("ip", "-n", name, f"-{family}", "route", "replace", "default", "via",
            address(router))


def make_host(name, networks):
    run("ip", "netns", "add", name)
    run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
    for device, prefix in ((name, []), ("eth0", inside(name))):
        # What leaves is complete, as on a real wire.
        run(*prefix, "ethtool", "-K", device, "tx", "off", "tso", "off", "gso", "off", "gro", "off",
            stdout=subprocess.DEVNULL)
    run("sysctl", "-qe", "-w", f"net.ipv6.conf.{name}.disable_ipv6=1")
    # Asks with an address of the link, as a router answers no others.
    run(*inside(name, "sysctl", "-qe", "-w", "net.ipv4.conf.all.arp_announce=2"))
    run("ip", "link", "set", name, "up")
    run("ip", "-n", name, "link", "set", "lo", "up")
    bring_up(name, networks)


class Paths(unittest.TestCase):
    driver = "net_af_packet"

    def setUp(self):
        hosts = {"host": HOST, **GATEWAYS}
        for name, networks in hosts.items():
            make_host(name, networks)
            self.addCleanup(run, "ip", "netns", "delete", name)
            self.addCleanup(run, "ip", "link", "delete", name)
        for name in GATEWAYS:
            for family in 4, 6:
                run("ip", "-n", name, "address", "add", FAR[family], "dev", "lo",
                    *["nodad"] * (family == 6))
                self.serve(name, family)
        self.program = vrouter.Program(PROGRAM, self.config(hosts))
        self.addCleanup(self.program.end)
        self.program.wait_up()

    def serve(self, name, family):
        server = subprocess.Popen(
            inside(name, sys.executable, "-c", SERVER, name, str(family), FAR[family]),
            stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        self.assertEqual(server.stdout.readline(), "ready\n")

    def config(self, hosts):
        def via(name, family):
            return address(GATEWAYS[name][family][1])
        routes = []
        for family, prefix in (4, "0.0.0.0/0"), (6, "::/0"):
            routes += [
                {"prefix": prefix,
                 "via": [via("east", family), {"address": via("west", family), "weight": 2}]},
                {"prefix": prefix, "via": via("spare", family), "distance": 10}]
        return {
            "ports": [{"name": name, "device": f"{self.driver}{i},iface={name}", "mtu": 1400}
                      for i, name in enumerate(hosts)],
            "routers": [{
                "name": "edge",
                "interfaces": [
                    {"name": name, "port": name, "mac": f"02:00:00:00:00:{i:02x}",
                     "addresses": [networks[4][0], networks[6][0]]}
                    for i, (name, networks) in enumerate(hosts.items(), 1)],
                "routes": routes}]}

    def flows(self, family):
        """Who answers each flow."""
        result = run(*inside("host", sys.executable, "-c", CLIENT, str(family), FAR[family],
                             str(FLOWS)), stdout=subprocess.PIPE)
        answers = json.loads(result.stdout)
        self.assertEqual(len(answers), FLOWS)
        return answers

    def all_flows(self):
        return {(family, port): who for family in (4, 6)
                for port, who in self.flows(family).items()}

    def wait_state(self, name, state):
        wait_for(f"{name} to be {state}", lambda: state == {
            i["name"]: i["state"] for i in self.program.json("show vr edge interfaces")}[name])

    def link(self, name, up):
        if up:
            bring_up(name, GATEWAYS[name])
        else:
            run("ip", "-n", name, "link", "set", "eth0", "down")
        self.wait_state(name, "up" if up else "link down")

    def defaults(self, what):
        return [(r["prefix"], r["distance"]) for r in self.program.json(f"show vr edge {what}")
                if r["prefix"] in ("0.0.0.0/0", "::/0")]

    def check_spread(self, flows):
        for family in 4, 6:
            who = [name for (f, _), name in flows.items() if f == family]
            self.assertEqual(set(who), {"east", "west"})
            self.assertGreater(who.count("west"), who.count("east"))

    def check_moved(self, before, after, gone):
        """Who was elsewhere stays there."""
        for flow, name in after.items():
            self.assertNotEqual(name, gone)
            if before[flow] != gone:
                self.assertEqual(name, before[flow])

    def test_links(self):
        first = self.all_flows()
        self.check_spread(first)
        self.assertEqual(self.all_flows(), first)
        for far in FAR.values():
            run(*inside("host", "ping", "-c", "3", "-i", "0.2", "-W", str(vrouter.PATIENCE), far),
                stdout=subprocess.DEVNULL)
        self.link("west", False)
        self.check_moved(first, self.all_flows(), "west")
        self.link("east", False)
        self.assertEqual(set(self.all_flows().values()), {"spare"})
        self.assertEqual(self.defaults("routes"), [("0.0.0.0/0", 10), ("::/0", 10)])
        self.assertEqual(self.defaults("standby"), [("0.0.0.0/0", 1), ("::/0", 1)])
        self.link("west", True)
        self.assertEqual(set(self.all_flows().values()), {"west"})
        self.link("east", True)
        both = self.all_flows()
        self.check_spread(both)
        self.assertEqual(self.defaults("standby"), [("0.0.0.0/0", 10), ("::/0", 10)])
        self.program.ask("set vr edge interface east down")
        self.check_moved(both, self.all_flows(), "east")
        self.program.ask("set vr edge interface east up")
        self.check_spread(self.all_flows())
        self.assertEqual(self.program.stop(), 0)

    def test_pairs(self):
        """Both ends of links of two addresses reach each other (RFC 3021, RFC 6164)."""
        for name in "east", "west":
            for family in 4, 6:
                run(*inside(name, "ping", "-c", "2", "-i", "0.2", "-W", str(vrouter.PATIENCE),
                            address(GATEWAYS[name][family][0])), stdout=subprocess.DEVNULL)
            neighbours = {n["address"]: n["interface"]
                          for n in self.program.json("show vr edge neighbours")}
            for family in 4, 6:
                self.assertEqual(neighbours[address(GATEWAYS[name][family][1])], name)


class PathsXdp(Paths):
    driver = "net_af_xdp"

    def setUp(self):
        try:
            super().setUp()
        except AssertionError as error:
            if "port " not in str(error):
                raise
            self.skipTest("no AF_XDP here")


class Example(unittest.TestCase):
    def test_uplinks(self):
        """configs/uplinks.json runs as it is."""
        with vrouter.Program(PROGRAM, vrouter.ROOT / "configs/uplinks.json") as program:
            self.assertEqual(len(program.json("show vr edge standby")), 4)
            self.assertEqual(program.stop(), 0)


def enter():
    """Goes on in namespaces of its own."""
    unshare = ["unshare", "--net", "--mount"] + ["--map-root-user"] * (os.geteuid() != 0)
    if subprocess.run([*unshare, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print("skipped: needs root, or user namespaces for all: cannot make a network namespace")
        sys.exit(SKIPPED)
    os.environ["VROUTER_NETNS"] = "inside"
    os.execvp(unshare[0], [*unshare, sys.executable, *sys.argv])


if __name__ == "__main__":
    if os.environ.get("VROUTER_NETNS") != "inside":
        enter()
    PROGRAM = vrouter.binary()
    # Names of namespaces are nobody else's.
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    unittest.main(verbosity=2)
