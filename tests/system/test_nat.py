#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""Linux hosts behind nat44, and those outside that see one address.

usage: test_nat.py DPDK_VROUTER [unittest's arguments]

    in1  10.0.1.2 --- .1 [       ]
                         [router ] 203.0.113.1 --- .2 [isp] 198.51.100.1 --- .2  srv
    in2  10.0.2.2 --- .1 [       ]

Each host is a network namespace; isp is a Linux router that knows no way to the inside, so that
what is not translated is lost. Without leave to make them it exits with 77 (skipped).
"""

import contextlib
import ctypes
import errno
import json
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
OUTSIDE = "203.0.113.1"
ISP = "203.0.113.2"
SRV = "198.51.100.2"
HOSTS = {"in1": "10.0.1", "in2": "10.0.2", "isp": "203.0.113"}
WEB, CLOSED = 8080, 9090
FLOWS = 200
TRANSFER = "20M"
# Of linux/in.h and linux/errqueue.h.
IP_RECVERR, SO_EE_ORIGIN_ICMP = 11, 2
CLONE_NEWNET = 0x40000000

LIBC = ctypes.CDLL(None, use_errno=True)


def run(*command, **more):
    return subprocess.run([str(word) for word in command], check=True, **more)


def on(name, *command, **more):
    return run("ip", "netns", "exec", name, *command, **more)


@contextlib.contextmanager
def inside(name):
    """This thread is in the namespace of that host."""
    here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{name}", os.O_RDONLY)
    try:
        assert LIBC.setns(there, CLONE_NEWNET) == 0
        yield
    finally:
        assert LIBC.setns(here, CLONE_NEWNET) == 0
        os.close(here)
        os.close(there)


def udp_socket(name, address="", port=0):
    with inside(name):
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        made.bind((address, port))
    made.settimeout(vrouter.PATIENCE)
    return made


def tcp_socket(name):
    with inside(name):
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.settimeout(vrouter.PATIENCE)
    return made


def plain(where, device):
    prefix = [] if where is None else ["ip", "netns", "exec", where]
    run(*prefix, "ethtool", "-K", device, "tx", "off", "tso", "off", "gso", "off", "gro", "off",
        stdout=subprocess.DEVNULL)
    run(*prefix, "ip", "link", "set", device, "up")


def make_hosts():
    for name, net in HOSTS.items():
        run("ip", "netns", "add", name)
        on(name, "ip", "link", "set", "lo", "up")
        run("ip", "link", "add", f"port_{name}", "type", "veth", "peer", "name", "eth0", "netns",
            name)
        plain(None, f"port_{name}")
        plain(name, "eth0")
        on(name, "ip", "address", "add", f"{net}.2/24", "dev", "eth0")
        if name != "isp":
            on(name, "ip", "route", "add", "default", "via", f"{net}.1")
    run("ip", "netns", "add", "srv")
    on("srv", "ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "eth1", "netns", "isp", "type", "veth", "peer", "name", "eth0", "netns",
        "srv")
    plain("isp", "eth1")
    plain("srv", "eth0")
    on("isp", "ip", "address", "add", "198.51.100.1/24", "dev", "eth1")
    on("srv", "ip", "address", "add", f"{SRV}/24", "dev", "eth0")
    on("srv", "ip", "route", "add", "default", "via", "198.51.100.1")
    for name in ("isp", "srv"):
        on(name, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.icmp_ratelimit=0",
           "net.ipv4.icmp_msgs_per_sec=100000", "net.ipv4.icmp_msgs_burst=100000")


def config():
    # So that no session of what a test did goes before it has looked.
    nat = {"type": "nat44", "name": "nat", "outside": "isp", "addresses": [OUTSIDE],
           "icmp_timeout": 3600, "tcp_transitory_timeout": 3600,
           "forwards": [
               {"protocol": "tcp", "outside": OUTSIDE, "port": WEB, "inside": "10.0.1.2",
                "inside_port": 80},
               {"protocol": "udp", "outside": OUTSIDE, "port": CLOSED, "inside": "10.0.1.2"}]}
    return {
        "ports": [{"name": name, "device": f"net_af_xdp_{name},iface=port_{name}"}
                  for name in HOSTS],
        "routers": [{
            "name": "r", "icmp_rate": 1000000, "echo_rate": 1000000,
            "interfaces": [
                {"name": name, "port": name, "mac": f"02:00:00:00:00:0{i}",
                 "addresses": [f"{net}.1/24"]} for i, (name, net) in enumerate(HOSTS.items(), 1)],
            "routes": [{"prefix": "0.0.0.0/0", "via": ISP}],
            "pipeline": {"ingress": [nat], "egress": ["nat"]}}]}


class Server:
    """Sends back what comes, and by UDP before it the address that it came from."""

    def __init__(self, name, *ports):
        self.sockets = [udp_socket(name, port=port) for port in ports]
        self.threads = [threading.Thread(target=self.serve_udp, args=(s,), daemon=True)
                        for s in self.sockets]
        for thread in self.threads:
            thread.start()

    @staticmethod
    def serve_udp(served):
        served.settimeout(None)
        while True:
            data, peer = served.recvfrom(65536)
            if data == b"end":
                return
            served.sendto(f"{peer[0]}:{peer[1]} ".encode() + data, peer)

    def end(self, name):
        for served, thread in zip(self.sockets, self.threads):
            with udp_socket(name) as last:
                last.sendto(b"end", ("127.0.0.1", served.getsockname()[1]))
            thread.join(vrouter.PATIENCE)
            assert not thread.is_alive()
            served.close()


def ask(sender, port, data=b""):
    """As whom the server sees the sender; lost datagrams are sent again."""
    # So that late answers are known, to what was sent again among them.
    data = os.urandom(8) + data[8:]
    for _ in range(5):
        sender.sendto(data, (SRV, port))
        sender.settimeout(vrouter.PATIENCE / 5)
        with contextlib.suppress(TimeoutError):
            while True:
                text, _, echoed = sender.recvfrom(65536)[0].partition(b" ")
                if echoed == data:
                    address, _, number = text.decode().partition(":")
                    return address, int(number)
    raise AssertionError("no answer")


def hear(receiver, data):
    """Who sends this; late answers to what was asked before are not it."""
    receiver.settimeout(vrouter.PATIENCE)
    while True:
        received, sender = receiver.recvfrom(65536)
        if received == data:
            return sender


class Nat(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        make_hosts()
        try:
            cls.program = vrouter.Program(PROGRAM, config())
        except AssertionError as error:
            if "port in1: " not in str(error):
                raise
            raise unittest.SkipTest("no AF_XDP here") from error
        cls.program.wait_up()
        for name in HOSTS:
            on(name, "ping", "-qnc", "1", "-w", str(vrouter.PATIENCE), f"{HOSTS[name]}.1",
               stdout=subprocess.DEVNULL)
        cls.server = Server("srv", 7, 8)

    @classmethod
    def tearDownClass(cls):
        cls.server.end("srv")
        cls.program.end()

    def tearDown(self):
        def at_rest():
            return vrouter.balance(self.program.router("r")) == 0
        vrouter.wait_for("the counters to add up", at_rest)

    def element(self):
        return self.program.json("show vr r element nat")

    def test_mappings(self):
        """One outside endpoint for each inside one, whoever the other end is, and none twice."""
        seen = {}
        with contextlib.ExitStack() as stack:
            for name in ("in1", "in2"):
                for _ in range(FLOWS):
                    sender = stack.enter_context(udp_socket(name))
                    mapped = ask(sender, 7)
                    self.assertEqual(mapped[0], OUTSIDE)
                    self.assertEqual(ask(sender, 8), mapped)
                    self.assertEqual(mapped[1] % 2, sender.getsockname()[1] % 2)
                    seen.setdefault(mapped, []).append(sender)
            self.assertEqual(len(seen), 2 * FLOWS)
            # Again, much later as ports go.
            for mapped, senders in seen.items():
                self.assertEqual(ask(senders[0], 7), mapped)

    def test_fragments(self):
        for name in ("in1", "in2"):
            with udp_socket(name) as sender:
                for size in (1472, 1473, 4000, 9000, 20000):
                    self.assertEqual(ask(sender, 7, os.urandom(size))[0], OUTSIDE)

    def test_many_at_once(self):
        """Transfers by TCP, both ways, and pings, of both hosts at the same time."""
        servers, clients = [], []
        for i, (name, way) in enumerate((n, w) for n in ("in1", "in2") for w in ([], ["-R"])):
            port = str(5201 + i)
            servers.append(subprocess.Popen(
                ["ip", "netns", "exec", "srv", "iperf3", "-s", "-1", "-p", port],
                stdout=subprocess.DEVNULL))
            vrouter.wait_for("iperf3", lambda p=port: p in on(
                "srv", "ss", "-Hltn", f"sport = :{p}", stdout=subprocess.PIPE, text=True).stdout)
            clients.append(subprocess.Popen(
                ["ip", "netns", "exec", name, "iperf3", "-c", SRV, "-p", port, "-P", "8", "-n",
                 TRANSFER, *way], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
        for name in ("in1", "in2"):
            for i in range(5):
                clients.append(subprocess.Popen(
                    ["ip", "netns", "exec", name, "ping", "-nc", "20", "-i", "0.02", "-w",
                     str(vrouter.PATIENCE), "-s", str(56 + 500 * i), SRV],
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
        for client in clients:
            text = client.communicate(timeout=2 * vrouter.PATIENCE)[0]
            self.assertEqual(client.returncode, 0, text)
        for server in servers:
            self.assertEqual(server.wait(vrouter.PATIENCE), 0)
        states = self.element()["state"]["sessions"]
        self.assertGreaterEqual(states["icmp"], 10)
        # All connections were closed, of which the NAT took note.
        self.assertGreaterEqual(states["tcp_transitory"], 4 * 9)

    def provoke(self, name, to, port, hops):
        """Sends UDP until an ICMP error comes: its type, its code, who sent it."""
        with udp_socket(name) as sender:
            sender.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, hops)

            def attempt():
                with contextlib.suppress(OSError):
                    sender.sendto(bytes(20), (to, port))
                try:
                    _, control, _, about = sender.recvmsg(
                        2048, 512, socket.MSG_ERRQUEUE | socket.MSG_DONTWAIT)
                except OSError as error:
                    if error.errno == errno.EAGAIN:
                        return None
                    raise
                for _, _, data in control:
                    _, origin, icmp, code = struct.unpack("=IBBB", data[:7])
                    if origin == SO_EE_ORIGIN_ICMP:
                        self.assertEqual(about, (to, port))
                        return icmp, code, socket.inet_ntoa(data[20:24])
                return None

            return vrouter.wait_for("an ICMP error", attempt)

    def test_traceroute(self):
        for name in ("in1", "in2"):
            hops = [self.provoke(name, SRV, 33434 + ttl, ttl) for ttl in (1, 2, 3)]
            self.assertEqual(hops, [(11, 0, f"{HOSTS[name]}.1"), (11, 0, ISP), (3, 3, SRV)])
            for ttl, who in ((1, f"{HOSTS[name]}.1"), (2, ISP)):
                done = subprocess.run(
                    ["ip", "netns", "exec", name, "ping", "-nc", "1", "-w",
                     str(vrouter.PATIENCE), "-t", str(ttl), SRV],
                    stdout=subprocess.PIPE, text=True, check=False)
                self.assertRegex(done.stdout, rf"From {re.escape(who)} .*Time to live exceeded")

    def test_traceroute_in(self):
        """The host behind a forward is one with the router to those outside."""
        self.assertEqual(self.provoke("srv", OUTSIDE, CLOSED, 1), (11, 0, "198.51.100.1"))
        self.assertEqual(self.provoke("srv", OUTSIDE, CLOSED, 2), (11, 0, OUTSIDE))
        self.assertEqual(self.provoke("srv", OUTSIDE, CLOSED, 3), (3, 3, OUTSIDE))

    def test_forward(self):
        """From outside, and from inside by the outside address."""
        data = os.urandom(1 << 20)
        with inside("in1"):
            listening = socket.create_server(("10.0.1.2", 80))
        with listening:
            for name in ("srv", "in2", "in1"):
                with tcp_socket(name) as client:
                    client.connect((OUTSIDE, WEB))
                    serving, peer = listening.accept()
                    with serving:
                        self.assertEqual(peer[0], SRV if name == "srv" else OUTSIDE)
                        sender = threading.Thread(target=client.sendall, args=(data,))
                        sender.start()
                        received = bytearray()
                        while len(received) < len(data):
                            received += serving.recv(65536)
                        sender.join(vrouter.PATIENCE)
                        self.assertEqual(bytes(received), data)
        self.assertGreater(self.element()["state"]["hairpinned"], 0)

    def test_hairpin_udp(self):
        """Two hosts that learnt of each other from a server outside, as peers do."""
        with udp_socket("in1") as one, udp_socket("in2") as two:
            to_one, to_two = ask(one, 7), ask(two, 8)
            two.sendto(b"hello", to_one)
            self.assertEqual(hear(one, b"hello"), to_two)
            one.sendto(b"you", to_two)
            self.assertEqual(hear(two, b"you"), to_one)

    def test_router_itself(self):
        on("srv", "ping", "-qnc", "3", "-i", "0.1", "-w", str(vrouter.PATIENCE), OUTSIDE,
           stdout=subprocess.DEVNULL)
        on("in1", "ping", "-qnc", "3", "-i", "0.1", "-w", str(vrouter.PATIENCE), OUTSIDE,
           stdout=subprocess.DEVNULL)

    def test_change(self):
        """Sessions outlive a change of the element, and are shown."""
        with udp_socket("in1") as sender:
            mapped = ask(sender, 7)
            nat = config()["routers"][0]["pipeline"]["ingress"][0]
            self.program.ask(f"set vr r element nat {json.dumps({**nat, 'udp_timeout': 400})}")
            self.assertEqual(ask(sender, 8), mapped)
            rows = self.program.json("show vr r element nat list")
            self.assertIn(f"{OUTSIDE}:{mapped[1]}",
                          [row["outside"] for row in rows if row["protocol"] == "udp"])


def enter():
    """Goes on in namespaces of its own."""
    unshare = ["unshare", "--net", "--mount"] + ["--map-root-user"] * (os.geteuid() != 0)
    if subprocess.run([*unshare, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print("skipped: needs root, or user namespaces for all: cannot make network namespaces")
        sys.exit(SKIPPED)
    for tool in ("ip", "ethtool", "ping", "sysctl", "iperf3", "ss"):
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
