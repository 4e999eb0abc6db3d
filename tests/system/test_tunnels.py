#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""Tunnels between a router and Linux's own devices, and a chain of routers with tunnels.

usage: test_tunnels.py DPDK_VROUTER [unittest's arguments]

    host 10.0.0.2 --- lan [r] wan --- eth0 far, with a tunnel device "tun" back to the wan
                           t 172.16.0.1/30, fd00:77::1/64 ====== 172.16.0.2, fd00:77::2

    left 10.1.0.2 --- [west] = gre over [core] = [middle] = vxlan over [transport] = [east] --- right
                                                                                     10.2.0.2

Each host is a network namespace. Without leave to make them it exits with 77 (skipped), and a kind
of device that the kernel has not is skipped by itself.
"""

import os
import subprocess
import sys
import unittest

import test_links
import test_paths
import vrouter
from test_paths import inside, make_host, run
from vrouter import wait_for

LAN = {4: ("10.0.0.1/24", "10.0.0.2/24"), 6: ("2001:db8:a::1/64", "2001:db8:a::2/64")}
WAN = {4: ("192.0.2.1/24", "192.0.2.2/24"), 6: ("2001:db8:b::1/64", "2001:db8:b::2/64")}
OUTER = {4: ("192.0.2.1", "192.0.2.2"), 6: ("2001:db8:b::1", "2001:db8:b::2")}
TUNNEL = {4: ("172.16.0.1/30", "172.16.0.2"), 6: ("fd00:77::1/64", "fd00:77::2")}
SIZES = 56, 1100, 1352, 1400

# Sends what it is told of by TCP, and reads as much.
SERVER = """
import socket, sys
server = socket.create_server(("::", 7), family=socket.AF_INET6, dualstack_ipv6=True)
print("ready", flush=True)
while True:
    client, _ = server.accept()
    with client:
        left = int(client.recv(16))
        client.sendall(bytes(left))
        while left > 0:
            left -= len(client.recv(65536))
"""
CLIENT = """
import socket, sys
n = 2000000
with socket.create_connection((sys.argv[1], 7), timeout=60) as client:
    client.sendall(str(n).encode())
    left = n
    while left > 0:
        data = client.recv(65536)
        assert data
        left -= len(data)
    client.sendall(bytes(n))
    client.shutdown(socket.SHUT_WR)
    assert client.recv(1) == b""
"""


class Tunnels(unittest.TestCase):
    def host(self, name, networks):
        make_host(name, networks)
        self.addCleanup(subprocess.run, ["ip", "netns", "delete", name], check=False)
        self.addCleanup(subprocess.run, ["ip", "link", "delete", name], check=False,
                        stderr=subprocess.DEVNULL)

    def start(self, config):
        self.program = vrouter.Program(PROGRAM, config)
        self.addCleanup(self.program.end)
        self.program.wait_up()

    def serve(self, host):
        server = subprocess.Popen(inside(host, sys.executable, "-c", SERVER),
                                  stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        self.assertEqual(server.stdout.readline(), "ready\n")

    def reaches(self, host, address):
        """Pings of all sizes, cut into fragments by who sends them where they must be, and TCP."""
        def answered(size):
            return subprocess.run(
                inside(host, "ping", "-n", "-c", "1", "-W", "2", "-s", str(size), address),
                stdout=subprocess.DEVNULL, check=False).returncode == 0
        wait_for(f"{address} to answer", lambda: answered(56))
        for size in SIZES:
            wait_for(f"an answer of {size} bytes", lambda size=size: answered(size))
        run(*inside(host, sys.executable, "-c", CLIENT, address), timeout=120)

    def stop(self):
        def balanced():
            return all(vrouter.balance(self.program.router(router["name"])) == 0
                       for router in self.program.json("show vr all"))
        wait_for("the counters to add up", balanced)
        self.assertEqual(self.program.stop(), 0)
        self.assertNotIn("did not come back", self.program.stderr())


class Linux(Tunnels):
    """Against the kernel's devices."""

    def config(self, tunnel, family):
        local, remote = OUTER[family]
        return {
            "ports": [{"name": name, "device": f"net_af_packet{i},iface={name}", "mtu": 1400}
                      for i, name in enumerate(("host", "far"))],
            "routers": [{
                "name": "r",
                "interfaces": [
                    {"name": "lan", "port": "host", "addresses": [LAN[4][0], LAN[6][0]]},
                    {"name": "wan", "port": "far", "addresses": [WAN[4][0], WAN[6][0]]},
                    {"name": "t", "tunnel": {**tunnel, "local": local, "remote": remote},
                     "mtu": 1300, "addresses": [TUNNEL[4][0], TUNNEL[6][0]]},
                ],
            }],
        }

    def device(self, kind, family, *options):
        """The other end; skipped where there is no such kind."""
        local, remote = OUTER[family][1], OUTER[family][0]
        made = subprocess.run(
            ["ip", "-n", "far", "link", "add", "tun", "type", kind, *options, "local", local,
             "remote", remote], capture_output=True, text=True, check=False)
        if made.returncode != 0:
            self.skipTest(f"no {kind} devices here: {made.stderr.strip()}")
        run("ip", "-n", "far", "link", "set", "tun", "mtu", "1300", "up")
        run("ip", "-n", "far", "address", "add", f"{TUNNEL[4][1]}/30", "dev", "tun")
        run("ip", "-n", "far", "address", "add", f"{TUNNEL[6][1]}/64", "dev", "tun", "nodad")
        for family_, network, gateway in (4, "10.0.0.0/24", TUNNEL[4][0]), \
                (6, "2001:db8:a::/64", TUNNEL[6][0]):
            run("ip", "-n", "far", f"-{family_}", "route", "replace", network, "via",
                gateway.partition("/")[0])

    def check(self, tunnel, family, kind, *options, inner=(4, 6)):
        self.host("host", LAN)
        self.host("far", WAN)
        self.device(kind, family, *options)
        self.serve("far")
        self.start(self.config(tunnel, family))
        for inside_ in inner:
            with self.subTest(inside=inside_):
                self.reaches("host", TUNNEL[inside_][1])
        interfaces = {i["name"]: i for i in self.program.json("show vr r interfaces")}
        self.assertEqual(interfaces["t"]["state"], "up")
        self.assertEqual(interfaces["t"]["tunnel"]["output_errors"], 0)
        self.assertGreater(interfaces["t"]["tx_packets"], 100)
        self.stop()

    def test_vxlan(self):
        self.check({"type": "vxlan", "vni": 42}, 4, "vxlan", "id", "42", "dstport", "4789")

    def test_vxlan_ipv6(self):
        """Whose UDP checksums Linux wants to be there, and sends."""
        self.check({"type": "vxlan", "vni": 42}, 6, "vxlan", "id", "42", "dstport", "4789")

    def test_gre(self):
        self.check({"type": "gre"}, 4, "gre", "ttl", "64")

    def test_gre_key_checksum(self):
        """The kernel sends a checksum and a sequence number, too."""
        self.check({"type": "gre", "key": 7}, 4, "gre", "ttl", "64", "key", "7", "ocsum", "oseq")

    def test_gre_ipv6(self):
        self.check({"type": "gre", "key": 9}, 6, "ip6gre", "key", "9")

    def test_ipip(self):
        self.check({"type": "ipip"}, 4, "ipip", "ttl", "64", "mode", "any", inner=(4,))

    def test_sit(self):
        self.check({"type": "ipip"}, 4, "sit", "ttl", "64", "mode", "any", inner=(6,))

    def test_ipip_ipv6(self):
        self.check({"type": "ipip"}, 6, "ip6tnl", "mode", "any")


class Chain(Tunnels):
    """configs/tunnels.json"""

    def test_chain(self):
        self.host("left", {4: ("10.1.0.1/24", "10.1.0.2/24"),
                           6: ("2001:db8:1::1/64", "2001:db8:1::2/64")})
        self.host("right", {4: ("10.2.0.1/24", "10.2.0.2/24"),
                            6: ("2001:db8:2::1/64", "2001:db8:2::2/64")})
        self.serve("right")
        self.start(test_links.example("tunnels.json"))
        for address in "10.2.0.2", "2001:db8:2::2":
            self.reaches("left", address)
        self.assertGreater(self.program.router("transport")["tunnelled"], 100)
        self.stop()

    def test_run(self):
        """It runs as it is."""
        with vrouter.Program(PROGRAM, vrouter.ROOT / "configs" / "tunnels.json") as program:
            def states():
                return {interface["state"] for name in ("west", "middle", "east")
                        for interface in program.json(f"show vr {name} interfaces")}
            wait_for("all to be up", lambda: states() == {"up"})
            self.assertEqual(program.stop(), 0)


if __name__ == "__main__":
    if os.environ.get("VROUTER_NETNS") != "inside":
        test_paths.enter()
    PROGRAM = vrouter.binary()
    # Names of namespaces are nobody else's.
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    unittest.main(verbosity=2)
