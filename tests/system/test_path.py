#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""What Linux hosts find out about the path between them, in both families.

usage: test_path.py DPDK_VROUTER [unittest's arguments]

    a  10.0.1.2 2001:db8:1::2 --- .1 ::1 [router] .1 ::1 --- 10.0.2.2 2001:db8:2::2  b
                                              MTU 1400

The same is asked of a Linux namespace as the router, for reference, and of dpdk-vrouter: echo of all
sizes, fragments on the way, the MTU of the path as ping, UDP and TCP find it, time exceeded, closed
ports, recorded routes. Each host is a network namespace. Without leave to make them it exits with 77
(skipped).
"""

import contextlib
import errno
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import threading
import unittest

import vrouter

SKIPPED = 77
MTU = 1400
ROUTER_MACS = {"a": "02:00:00:00:00:01", "b": "02:00:00:00:00:02"}
ADDRESSES = {
    4: {"a": "10.0.1.2", "b": "10.0.2.2", "near": "10.0.1.1", "far": "10.0.2.1"},
    6: {"a": "2001:db8:1::2", "b": "2001:db8:2::2", "near": "2001:db8:1::1",
        "far": "2001:db8:2::1"},
}
NETS = {"a": ("10.0.1", "2001:db8:1:"), "b": ("10.0.2", "2001:db8:2:")}
# Of linux/in.h, linux/in6.h and linux/errqueue.h.
IP_MTU_DISCOVER, IP_PMTUDISC_DO, IP_RECVERR, IP_MTU = 10, 2, 11, 14
IPV6_MTU_DISCOVER, IPV6_RECVERR, IPV6_MTU = 23, 25, 24
SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6 = 2, 3
CLONE_NEWNET = 0x40000000


def run(*command, **more):
    return subprocess.run([str(word) for word in command], check=True, **more)


@contextlib.contextmanager
def inside(name):
    """This thread is in the namespace of that host."""
    here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{name}", os.O_RDONLY)
    libc = __import__("ctypes").CDLL(None, use_errno=True)
    try:
        assert libc.setns(there, CLONE_NEWNET) == 0
        yield
    finally:
        assert libc.setns(here, CLONE_NEWNET) == 0
        os.close(here)
        os.close(there)


def on(name, *command, **more):
    return run("ip", "netns", "exec", name, *command, **more)


def link(name, device, mtu):
    """A veth pair: eth0 of the host with that MTU, and `device` here."""
    run("ip", "link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", name)
    for where, what in ((None, device), (name, "eth0")):
        prefix = [] if where is None else ["ip", "netns", "exec", where]
        run(*prefix, "ethtool", "-K", what, "tx", "off", "tso", "off", "gso", "off", "gro", "off",
            stdout=subprocess.DEVNULL)
        run(*prefix, "ip", "link", "set", what, "up")
    on(name, "ip", "link", "set", "eth0", "mtu", mtu)


def host(name):
    run("ip", "netns", "add", name)
    on(name, "sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0",
       "net.ipv6.conf.default.accept_dad=0")
    on(name, "ip", "link", "set", "lo", "up")
    link(name, f"port_{name}", MTU if name == "b" else 1500)
    ipv4, ipv6 = NETS[name]
    on(name, "ip", "address", "add", f"{ipv4}.2/24", "dev", "eth0")
    on(name, "ip", "-6", "address", "add", f"{ipv6}:2/64", "dev", "eth0", "nodad")
    # What TCP tells the other side is as on a link that takes 1500.
    on(name, "ip", "route", "add", "default", "via", f"{ipv4}.1", "advmss", 1460)
    on(name, "ip", "-6", "route", "add", "default", "via", f"{ipv6}:1", "advmss", 1440)


class Path:
    """The tests, whatever the router is. A class for each router starts it in setUpClass()."""

    def setUp(self):
        # Errors that the test before has caused come before the answer, and are forgotten with it.
        for family in ADDRESSES:
            vrouter.wait_for(f"an answer, IPv{family}", lambda family=family: self.ping(
                family, "-c", "1", ADDRESSES[family]["b"])[0] == 0)
        for name in ("a", "b"):
            on(name, "ip", "route", "flush", "cache")
            on(name, "ip", "-6", "route", "flush", "cache")

    def ping(self, family, *arguments):
        """Gives the output of a ping by host a, which may be without an answer."""
        done = subprocess.run(
            ["ip", "netns", "exec", "a", "ping", f"-{family}", "-n", "-w", str(vrouter.PATIENCE),
             *[str(argument) for argument in arguments]],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        return done.returncode, done.stdout

    def path_mtu(self, family):
        text = on("a", "ip", f"-{family}", "route", "get", ADDRESSES[family]["b"],
                  stdout=subprocess.PIPE, text=True).stdout
        found = re.search(r"\bmtu (\d+)", text)
        return int(found[1]) if found else None

    def test_sizes(self):
        """Echo requests in one piece and in many, to the router and through it, and back."""
        for family, addresses in ADDRESSES.items():
            for to in ("near", "far", "b"):
                for size in (0, 56, 1352, 1353, 1373, 1472, 1473, 3000, 8972, 9000):
                    with self.subTest(family=family, to=to, size=size):
                        status, text = self.ping(family, "-c", "1", "-M", "dont", "-s", size,
                                                 addresses[to])
                        # Through it only IPv4 is cut; IPv6 hosts are told, and cut the next.
                        if status != 0 and family == 6 and to == "b":
                            self.assertIn("too big", text)
                            status, text = self.ping(family, "-c", "1", "-s", size,
                                                     addresses[to])
                        self.assertEqual(status, 0, text)

    def test_path_mtu_by_ping(self):
        for family, addresses in ADDRESSES.items():
            with self.subTest(family=family):
                fits = MTU - (28 if family == 4 else 48)
                self.assertEqual(
                    self.ping(family, "-c", "1", "-M", "do", "-s", fits, addresses["b"])[0], 0)
                self.assertIsNone(self.path_mtu(family))
                _, text = self.ping(family, "-c", "1", "-M", "do", "-s", fits + 1, addresses["b"])
                self.assertRegex(text, rf"From {addresses['near']} .*mtu ?= ?{MTU}")
                self.assertEqual(self.path_mtu(family), MTU)

    def test_path_mtu_by_tcp(self):
        """A transfer gets through, and the sender knows the MTU of the path afterwards."""
        data = os.urandom(1 << 20)
        for family, addresses in ADDRESSES.items():
            kind = socket.AF_INET if family == 4 else socket.AF_INET6
            with self.subTest(family=family):
                with inside("b"):
                    server = socket.create_server((addresses["b"], 0), family=kind)
                received = bytearray()

                def serve(listening=server, into=received):
                    connection = listening.accept()[0]
                    with connection:
                        connection.settimeout(vrouter.PATIENCE)
                        while chunk := connection.recv(65536):
                            into += chunk

                thread = threading.Thread(target=serve)
                thread.start()
                with inside("a"):
                    client = socket.socket(kind, socket.SOCK_STREAM)
                with client, server:
                    client.settimeout(vrouter.PATIENCE)
                    client.connect(server.getsockname()[:2])
                    client.sendall(data)
                    client.shutdown(socket.SHUT_WR)
                    thread.join(vrouter.PATIENCE)
                self.assertEqual(bytes(received), data)
                self.assertEqual(self.path_mtu(family), MTU)

    def provoke(self, family, to, port, size, hops=None):
        """Sends UDP until an ICMP error comes: its type, its code, who sent it, what it says."""
        kind, level = ((socket.AF_INET, socket.IPPROTO_IP) if family == 4 else
                       (socket.AF_INET6, socket.IPPROTO_IPV6))
        with inside("a"):
            sender = socket.socket(kind, socket.SOCK_DGRAM)
        with sender:
            sender.setsockopt(level, IP_RECVERR if family == 4 else IPV6_RECVERR, 1)
            if hops is not None:
                sender.setsockopt(level, socket.IP_TTL if family == 4 else
                                  socket.IPV6_UNICAST_HOPS, hops)
            sender.setsockopt(level, IP_MTU_DISCOVER if family == 4 else IPV6_MTU_DISCOVER,
                              IP_PMTUDISC_DO)

            def attempt():
                with contextlib.suppress(OSError):
                    sender.sendto(bytes(size), (ADDRESSES[family][to], port))
                try:
                    _, control, _, _ = sender.recvmsg(
                        2048, 512, socket.MSG_ERRQUEUE | socket.MSG_DONTWAIT)
                except OSError as error:
                    if error.errno == errno.EAGAIN:
                        return None
                    raise
                for _, _, data in control:
                    _, origin, icmp, code, _, info = struct.unpack("=IBBBBI", data[:12])
                    if origin not in (SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6):
                        continue
                    offender = (socket.inet_ntop(kind, data[20:24]) if family == 4 else
                                socket.inet_ntop(kind, data[24:40]))
                    return icmp, code, offender, info
                return None

            return vrouter.wait_for("an ICMP error", attempt)

    def test_errors(self):
        for family, addresses in ADDRESSES.items():
            with self.subTest(family=family):
                times, port, big = (((11, 0), (3, 3), (3, 4)) if family == 4 else
                                    ((3, 0), (1, 4), (2, 0)))
                self.assertEqual(self.provoke(family, "b", 33434, 20, hops=1)[:3],
                                 (*times, addresses["near"]))
                for to in ("near", "far"):
                    self.assertEqual(self.provoke(family, to, 33434, 20)[:3],
                                     (*port, addresses[to]))
                self.assertEqual(self.provoke(family, "b", 33434, 20)[:3],
                                 (*port, addresses["b"]))
                self.assertEqual(self.provoke(family, "b", 33434, MTU),
                                 (*big, addresses["near"], MTU))

    def test_record_route(self):
        """There and back: each writes down the address of the side by which the packet left it."""
        status, text = self.ping(4, "-c", "1", "-R", ADDRESSES[4]["b"])
        self.assertEqual(status, 0, text)
        found = re.findall(r"^(?:RR:)?\s+(\d+\.\d+\.\d+\.\d+)$", text, re.MULTILINE)
        self.assertEqual(found[:5], ["10.0.1.2", "10.0.2.1", "10.0.2.2", "10.0.2.2", "10.0.1.1"])

    def test_timestamp(self):
        status, text = self.ping(4, "-c", "1", "-T", "tsandaddr", ADDRESSES[4]["b"])
        self.assertEqual(status, 0, text)
        found = re.findall(r"^(?:TS:)?\s+(10\.\d+\.\d+\.\d+)\s+-?\d+", text, re.MULTILINE)
        self.assertEqual(len(found), 4, text)
        # Which of its addresses a router registers is its own affair.
        self.assertIn(found[1], ("10.0.1.1", "10.0.2.1"))
        self.assertEqual(found[2:], ["10.0.2.2", "10.0.2.2"])


class Linux(Path, unittest.TestCase):
    """The reference."""

    @classmethod
    def setUpClass(cls):
        run("ip", "netns", "add", "router")
        on("router", "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1",
           "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0",
           "net.ipv4.icmp_ratelimit=0", "net.ipv6.icmp.ratelimit=0",
           "net.ipv4.icmp_msgs_per_sec=100000", "net.ipv4.icmp_msgs_burst=100000",
           stdout=subprocess.DEVNULL)
        for name in ("a", "b"):
            host(name)
            port = f"port_{name}"
            run("ip", "link", "set", port, "netns", "router")
            ipv4, ipv6 = NETS[name]
            on("router", "ip", "link", "set", port, "up")
            on("router", "ip", "address", "add", f"{ipv4}.1/24", "dev", port)
            on("router", "ip", "-6", "address", "add", f"{ipv6}:1/64", "dev", port, "nodad")
        on("router", "ip", "link", "set", "port_b", "mtu", str(MTU))

    @classmethod
    def tearDownClass(cls):
        for name in ("a", "b", "router"):
            run("ip", "netns", "delete", name)


class Vrouter(Path, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for name in ("a", "b"):
            host(name)
        config = {
            "ports": [{"name": name, "device": f"net_af_xdp_{name},iface=port_{name}"}
                      for name in ("a", "b")],
            "routers": [{
                "name": "r", "icmp_rate": 1000000, "echo_rate": 1000000,
                "interfaces": [{
                    "name": name, "port": name, "mac": ROUTER_MACS[name],
                    "addresses": [f"{ipv4}.1/24", f"{ipv6}:1/64"],
                    **({"mtu": MTU} if name == "b" else {})}
                    for name, (ipv4, ipv6) in NETS.items()]}]}
        try:
            cls.program = vrouter.Program(PROGRAM, config)
        except AssertionError as error:
            cls.remove_hosts()
            if "port a: " not in str(error):
                raise
            raise unittest.SkipTest("no AF_XDP here") from error
        cls.program.wait_up()

    @classmethod
    def tearDownClass(cls):
        cls.program.end()
        cls.remove_hosts()

    @staticmethod
    def remove_hosts():
        for name in ("a", "b"):
            run("ip", "netns", "delete", name)


def enter():
    """Goes on in namespaces of its own."""
    unshare = ["unshare", "--net", "--mount"] + ["--map-root-user"] * (os.geteuid() != 0)
    if subprocess.run([*unshare, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print("skipped: needs root, or user namespaces for all: cannot make network namespaces")
        sys.exit(SKIPPED)
    for tool in ("ip", "ethtool", "ping", "sysctl"):
        if shutil.which(tool) is None:
            print(f"skipped: needs {tool}")
            sys.exit(SKIPPED)
    os.environ["VROUTER_NETNS"] = "inside"
    os.execvp(unshare[0], [*unshare, sys.executable, *sys.argv])


if __name__ == "__main__":
    if os.environ.get("VROUTER_NETNS") != "inside":
        enter()
    PROGRAM = vrouter.binary()
    # Names of namespaces are nobody else's.
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    run("ip", "link", "set", "lo", "up")
    run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
    unittest.main(verbosity=2)
