#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""VLAN tags on their way through the kernel's devices, as its own raw sockets see them.

usage: test_tags.py DPDK_VROUTER [unittest's arguments]

The hosts are sockets of type SOCK_RAW, which need no VLAN support in the kernel, in a network namespace
of the test's own. Without leave to make one, or without /dev/net/tun, it exits with 77 (skipped).
"""

import os
import socket
import struct
import subprocess
import sys
import unittest

import vrouter

SKIPPED = 77
S, C = 0x88A8, 0x8100
IPV4, ARP = 0x0800, 0x0806
BROADCAST = "ff:ff:ff:ff:ff:ff"
LAN_MAC, WAN_MAC = "02:00:00:00:00:01", "02:00:00:00:00:02"
HOST_MAC, GATEWAY_MAC = "02:00:00:00:0a:02", "02:00:00:00:02:02"
MTU = 1500
# Of linux/if_packet.h.
SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC, PACKET_AUXDATA = 263, 1, 1, 8
VLAN_VALID, VLAN_TPID_VALID = 1 << 4, 1 << 6
ETH_P_ALL = 3


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def ethernet(to, source, tags, ether_type, payload):
    header = mac(to) + mac(source) + b"".join(struct.pack("!HH", *tag) for tag in tags)
    return header + struct.pack("!H", ether_type) + payload


def ipv4(source, destination, length, ttl=64):
    """A UDP packet of so many bytes in all."""
    addresses = socket.inet_aton(source) + socket.inet_aton(destination)
    head = struct.pack("!BBHHHBBH", 0x45, 0, length, 7, 0, ttl, 17, 0) + addresses
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return head + bytes(i % 251 for i in range(length - len(head)))


def arp(operation, sender, sender_address, target, target_address):
    return (struct.pack("!HHBBH", 1, IPV4, 6, 4, operation) + mac(sender)
            + socket.inet_aton(sender_address) + mac(target) + socket.inet_aton(target_address))


class Wire:
    """The far side of a port: whole frames in and out."""

    def __init__(self, device):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.bind((device, ETH_P_ALL))
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        index = socket.if_nametoindex(device)
        self.socket.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP,
                               struct.pack("iHH8s", index, PACKET_MR_PROMISC, 0, b""))
        self.socket.settimeout(vrouter.PATIENCE)

    def close(self):
        self.socket.close()

    def send(self, frame):
        self.socket.send(frame)

    def receive(self):
        """
        The next frame sent to a host of this test, with the tag that the kernel took off it. What
        the router says to all on its own account, as when a port's link comes up, is none.
        """
        while True:
            frame, auxiliary, _, address = self.socket.recvmsg(4096, 256)
            if address[2] == socket.PACKET_OUTGOING:
                continue
            for _, _, data in auxiliary:
                status, _, _, _, _, tci, tpid = struct.unpack("IIIHHHH", data)
                if status & VLAN_VALID:
                    tpid = tpid if status & VLAN_TPID_VALID else C
                    frame = frame[:12] + struct.pack("!HH", tpid, tci) + frame[12:]
            if not frame[0] & 1 and frame[6:12] in (mac(LAN_MAC), mac(WAN_MAC)):
                return frame


class Tags(unittest.TestCase):
    def interface(self, name, port, router_mac, address, tags):
        vlan = {{S: "outer_vlan", C: "vlan"}[tpid]: number for tpid, number in tags}
        return {"name": name, "port": port, "mac": router_mac, "addresses": [address], **vlan}

    def start(self, devices, lan, wan):
        program = vrouter.Program(PROGRAM, {
            "ports": [{"name": f"p{i}", "device": device, "mtu": MTU}
                      for i, device in enumerate(devices)],
            "routers": [{
                "name": "r",
                "interfaces": [self.interface("lan", "p0", LAN_MAC, "10.0.0.1/24", lan),
                               self.interface("wan", "p1", WAN_MAC, "192.0.2.1/24", wan)],
                "neighbours": [
                    {"interface": "lan", "address": "10.0.0.2", "mac": HOST_MAC},
                    {"interface": "wan", "address": "192.0.2.2", "mac": GATEWAY_MAC}]}]})
        self.addCleanup(program.end)
        return program

    def wire(self, device):
        wire = Wire(device)
        self.addCleanup(wire.close)
        return wire

    def forwards(self, source, destination, tags_in, tags_out, there=True):
        """Packets of several lengths, the longest as long as the MTU."""
        addresses = ("10.0.0.2", "192.0.2.2") if there else ("192.0.2.2", "10.0.0.2")
        macs = ((LAN_MAC, HOST_MAC), (GATEWAY_MAC, WAN_MAC)) if there else (
            (WAN_MAC, GATEWAY_MAC), (HOST_MAC, LAN_MAC))
        for length in (46, 512, MTU - 8, MTU - 4, MTU - 1, MTU):
            source.send(ethernet(*macs[0], tags_in, IPV4, ipv4(*addresses, length)))
            self.assertEqual(
                destination.receive().hex(),
                ethernet(*macs[1], tags_out, IPV4, ipv4(*addresses, length, 63)).hex())

    def answers_arp(self, wire, tags):
        wire.send(ethernet(BROADCAST, HOST_MAC, tags, ARP,
                           arp(1, HOST_MAC, "10.0.0.2", "00:00:00:00:00:00", "10.0.0.1")))
        wanted = arp(2, LAN_MAC, "10.0.0.1", HOST_MAC, "10.0.0.2")
        got = wire.receive()
        self.assertEqual(got[:len(got) - len(wanted)],
                         ethernet(HOST_MAC, LAN_MAC, tags, ARP, b""))
        self.assertEqual(got[-len(wanted):], wanted)

    def drops(self, program):
        return {drop["reason"]: drop["packets"] for drop in program.json("show drops")
                if drop["where"] == "port"}

    def test_tap(self):
        """net_tap hands over every tag as it is."""
        lan, wan = [(S, 5), (C, 10)], [(S, 4094), (C, 10)]
        program = self.start(["net_tap0,iface=tap0", "net_tap1,iface=tap1"], lan, wan)
        for device in ("tap0", "tap1"):
            # The sockets here are on the port's own device, and may send what it may.
            subprocess.run(["ip", "link", "set", device, "mtu", str(MTU + 8), "up"], check=True)
        program.wait_up()
        host, gateway = self.wire("tap0"), self.wire("tap1")
        self.answers_arp(host, lan)
        self.forwards(host, gateway, lan, wan)
        self.forwards(gateway, host, wan, lan, there=False)
        self.forwards(host, gateway, [(S, 0xE005), (C, 0x700A)], wan)
        before = self.drops(program)
        for tags, reason in (([(C, 5), (C, 10)], "double_tag"), ([(S, 5)], "outer_tag_only"),
                             ([(S, 6), (C, 10)], "unknown_outer_vlan"),
                             ([(S, 5), (C, 11)], "unknown_vlan"),
                             ([(S, 5), (C, 10), (C, 10)], "more_tags")):
            with self.subTest(reason):
                host.send(ethernet(LAN_MAC, HOST_MAC, tags, IPV4,
                                   ipv4("10.0.0.2", "192.0.2.2", 46)))
                vrouter.wait_for(reason, lambda: self.drops(program).get(reason, 0)
                                 > before.get(reason, 0))

    def veths(self, port_mtu):
        for i in range(2):
            subprocess.run(["ip", "link", "add", f"port{i}", "type", "veth", "peer", "name",
                            f"host{i}"], check=True)
            self.addCleanup(subprocess.run, ["ip", "link", "delete", f"port{i}"], check=True)
            for device, mtu in ((f"port{i}", port_mtu), (f"host{i}", MTU + 8)):
                subprocess.run(["ip", "link", "set", device, "mtu", str(mtu), "up"], check=True)

    def test_af_packet(self):
        """Priorities in, both tags out. An outer tag that comes in looks like one of 802.1Q here."""
        self.veths(MTU + 8)
        wan = [(S, 5), (C, 10)]
        program = self.start([f"net_af_packet{i},iface=port{i}" for i in range(2)], [], wan)
        program.wait_up()
        host, gateway = self.wire("host0"), self.wire("host1")
        self.answers_arp(host, [])
        for tags in ([], [(C, 0xE000)], [(C, 0)], [(S, 0xE000)]):
            self.forwards(host, gateway, tags, wan)
        self.assertEqual(program.router("r")["dropped"], 0)

    def test_af_xdp(self):
        """The same as net_tap; a kernel's device that is too small for two tags is made larger."""
        self.veths(MTU)
        lan, wan = [(S, 5), (C, 10)], [(S, 4094), (C, 10)]
        try:
            program = self.start([f"net_af_xdp{i},iface=port{i}" for i in range(2)], lan, wan)
        except AssertionError as error:
            if "port p0: " not in str(error):
                raise
            self.skipTest("no AF_XDP here")
        program.wait_up()
        host, gateway = self.wire("host0"), self.wire("host1")
        self.answers_arp(host, lan)
        self.forwards(host, gateway, lan, wan)
        self.forwards(gateway, host, wan, lan, there=False)


def enter():
    """Goes on in a network namespace of its own."""
    unshare = ["unshare", "--net"] + ["--map-root-user"] * (os.geteuid() != 0)
    if subprocess.run([*unshare, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print("skipped: needs root, or user namespaces for all: cannot make a network namespace")
        sys.exit(SKIPPED)
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        print("skipped: needs /dev/net/tun")
        sys.exit(SKIPPED)
    os.environ["VROUTER_NETNS"] = "inside"
    os.execvp(unshare[0], [*unshare, sys.executable, *sys.argv])


if __name__ == "__main__":
    if os.environ.get("VROUTER_NETNS") != "inside":
        enter()
    PROGRAM = vrouter.binary()
    # Nobody speaks IPv6 unasked.
    subprocess.run(["sysctl", "-qe", "-w", "net.ipv6.conf.all.disable_ipv6=1",
                    "net.ipv6.conf.default.disable_ipv6=1"], check=False)
    unittest.main(verbosity=2)
