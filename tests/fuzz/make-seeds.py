#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""Writes the inputs that fuzzing a target starts from, one a file.

    tests/fuzz/make-seeds.py frames|config|routes|acl|console FOLDER

Those of `frames` are made here, in the form that fuzz_frames.c describes, for the routers of
stage.h; for the others there are files in seeds/, examples and the cases of unit tests.
"""

import gzip
import ipaddress
import pathlib
import shutil
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent

# Steps

PORT_A, PORT_B, PORT_C, EVENT = range(4)
FIX, CHAIN, TAIL_ROOM, NO_HEAD_ROOM, PUMP, LONG = 0x04, 0x08, 0x10, 0x20, 0x40, 0x80
CLOCK, POLL, PASS, HOLD, STARVE, ELEMENTS = range(6)


def step(port, frame, flags=FIX | PUMP, segment=None):
    if segment is not None:
        flags |= CHAIN
    if len(frame) > 255:
        flags |= LONG
    length = struct.pack("<H" if flags & LONG else "B", len(frame))
    return bytes([port | flags]) + (b"" if segment is None else bytes([segment])) + length + frame


def event(what, amount=0, flags=PUMP):
    return bytes([EVENT | flags, what, amount])


# Frames

BROADCAST = "ff:ff:ff:ff:ff:ff"
HOST = "02:00:00:00:0a:02"  # a static neighbour of r.plain
STRANGER = "02:00:00:00:0a:07"
PLAIN, TAGGED, UPLINK, INNER, OTHER_PLAIN, OTHER_UPLINK = (
    f"02:00:00:00:00:{i}" for i in ("01", "02", "03", "06", "11", "12"))
INSIDE, OUTSIDE = {"to": "02:00:00:00:00:31", "vlan": 50}, {"to": "02:00:00:00:00:32", "vlan": 51}
NAT_LAN, NAT_WAN = "02:00:00:00:00:31", "02:00:00:00:00:32"
ICMP, TCP, UDP, ICMP6 = 1, 6, 17, 58


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def ip(text):
    return bytes(int(octet) for octet in text.split("."))


def address6(text):
    return ipaddress.ip_address(text).packed


def ethernet(kind, payload, to=PLAIN, source=HOST, vlan=None, outer=None):
    tags = b"" if outer is None else struct.pack("!HH", 0x88A8, outer)
    if vlan is not None:
        tags += struct.pack("!HH", 0x8100, vlan)
    return mac(to) + mac(source) + tags + struct.pack("!H", kind) + payload


def ipv4(target, protocol=UDP, payload=b"\x04\xd2\x00\x09\x00\x0c\x00\x00data", source="10.0.0.2",
         ttl=64, options=b"", fragment=0, **ether):
    header = struct.pack("!BBHHHBBH", 0x45 + len(options) // 4, 0, 20 + len(options) + len(payload),
                         1, fragment, ttl, protocol, 0)
    header += ip(source) + ip(target) + options
    total = sum(struct.unpack(f"!{len(header) // 2}H", header))
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    header = header[:10] + struct.pack("!H", total ^ 0xFFFF) + header[12:]
    return ethernet(0x0800, header + payload, **ether)


def echo(target, size=16, **more):
    return ipv4(target, ICMP, struct.pack("!BBHHH", 8, 0, 0, 7, 1) + bytes(size), **more)


def arp(operation, sender, target, sender_mac=STRANGER, target_mac="00:00:00:00:00:00", **ether):
    ether.setdefault("to", BROADCAST if operation == 1 else PLAIN)
    body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation)
    body += mac(sender_mac) + ip(sender) + mac(target_mac) + ip(target)
    return ethernet(0x0806, body, source=sender_mac, **ether)


def ipv6(target, following=UDP, payload=b"\x04\xd2\x00\x09\x00\x0c\x00\x00data", source="fe80::2",
         hops=64, **ether):
    addresses = address6(source) + address6(target)
    header = struct.pack("!IHBB", 6 << 28, len(payload), following, hops)
    return ethernet(0x86DD, header + addresses + payload, **ether)


def icmp6(kind, body, target="fe80::1", **more):
    return ipv6(target, ICMP6, struct.pack("!BBH", kind, 0, 0) + body, hops=255, **more)


# One of each kind of packet: some alone, some as a conversation.

def frame_seeds():
    far = "198.18.0.1"
    udp = ipv4(far)
    seeds = {
        "forward": step(PORT_A, udp),
        "forward-back": step(PORT_B, ethernet(0x0800, ipv4("10.0.0.2", source=far)[14:],
                                              to=UPLINK, vlan=20)),
        "forward-tagged": step(PORT_A, ethernet(0x0800, ipv4("10.0.0.2", source="192.0.2.2")[14:],
                                                to=TAGGED, vlan=10)),
        "forward-out-of-uplink": step(PORT_A, ipv4("198.20.0.1")),
        "priority-tag": step(PORT_A, ethernet(0x0800, udp[14:], vlan=0)),
        "double-tag": step(PORT_A, ethernet(0x0800, udp[14:], vlan=10, outer=5)),
        "unknown-vlan": step(PORT_A, ethernet(0x0800, udp[14:], vlan=99)),
        "unknown-mac": step(PORT_A, ethernet(0x0800, udp[14:], to="02:00:00:00:00:99")),
        "broadcast-frame": step(PORT_A, ethernet(0x0800, udp[14:], to=BROADCAST)),
        "multicast": step(PORT_A, ethernet(0x0800, ipv4("224.0.0.5")[14:], to="01:00:5e:00:00:05")),
        "padding": step(PORT_A, udp + bytes(18)),
        "short": step(PORT_A, udp[:13]),
        "wrong-checksum": step(PORT_A, udp[:24] + b"\xff\xff" + udp[26:], PUMP),
        "wrong-echo-checksum": step(PORT_A, echo("10.0.0.1"), PUMP),
        "version": step(PORT_A, udp[:14] + b"\x65" + udp[15:]),
        "tag-cut": step(PORT_A, ethernet(0x0800, b"", vlan=10)[:16]),
        "options": step(PORT_A, ipv4(far, options=b"\x07\x07\x04\x00\x00\x00\x00\x00")),
        "source-route": step(PORT_A, ipv4("10.0.0.1", options=b"\x83\x07\x04\xc6\x12\x00\x01\x00")),
        "router-alert": step(PORT_A, ipv4(far, options=b"\x94\x04\x00\x00")),
        "ttl-1": step(PORT_A, ipv4(far, ttl=1)),
        "ttl-0": step(PORT_A, ipv4(far, ttl=0)),
        "too-big": step(PORT_A, ipv4("198.20.0.1", payload=bytes(700), fragment=0x4000)),
        "to-fragment": step(PORT_A, ipv4("198.20.0.1", payload=bytes(1400))),
        "fragments": step(PORT_A, ipv4(far, payload=bytes(64), fragment=0x2000), FIX)
        + step(PORT_A, ipv4(far, payload=bytes(8), fragment=8)),
        "fragments-for-us": step(PORT_A, ipv4("10.0.0.1", ICMP, struct.pack("!BBHHH", 8, 0, 0xf7f8, 0, 7)
                                              + bytes(56), fragment=0x2000), PUMP | FIX)
        + step(PORT_A, ipv4("10.0.0.1", ICMP, bytes(24), fragment=8), PUMP),
        "echo": step(PORT_A, echo("10.0.0.1")),
        "echo-all-addresses": b"".join(step(PORT_A, echo(to), FIX) for to in (
            "10.0.1.1", "10.0.2.1", "192.0.2.1", "203.0.113.0", "198.51.100.1")),
        "echo-large": step(PORT_A, echo("10.0.0.1", 1400)),
        "echo-reply": step(PORT_A, ipv4("10.0.0.1", ICMP, b"\0\0\0\0\0\7\0\1")),
        "closed-udp": step(PORT_A, ipv4("10.0.0.1")),
        "closed-tcp": step(PORT_A, ipv4("10.0.0.1", TCP, bytes(12) + b"\x50\x02" + bytes(6))),
        "unknown-protocol": step(PORT_A, ipv4("10.0.0.1", 200)),
        "error-about-error": step(PORT_A, ipv4("172.17.0.1", ICMP, b"\3\1\0\0" + bytes(4) + udp[14:42])),
        "directed-broadcast": step(PORT_A, ipv4("10.0.1.255")),
        "limited-broadcast": step(PORT_A, ethernet(0x0800, ipv4("255.255.255.255")[14:],
                                                    to=BROADCAST)),
        "martian-source": step(PORT_A, ipv4(far, source="127.0.0.1")),
        "martian-destination": step(PORT_A, ipv4("240.0.0.1")),
        "other-router": step(PORT_A, ethernet(0x0800, ipv4("10.0.0.9")[14:], to=OTHER_PLAIN)),
        "ipv6": step(PORT_A, ipv6("2001:db8::1")),
        "ipv6-extensions": step(PORT_A, ipv6("2001:db8::1", 0, b"\x3c\0\5\2\0\0\1\0" + b"\x2b\0\1\4\0\0\0\0"
                                             + b"\x2c\0\0\0\0\0\0\0" + b"\x11\0\0\1\0\0\0\7" + bytes(8))),
        "ipv6-echo": step(PORT_A, icmp6(128, b"\0\7\0\1data")),
        "neighbour-solicitation": step(PORT_A, icmp6(
            135, bytes(4) + address6("fe80::1") + b"\1\1" + mac(HOST), "ff02::1:ff00:1", to="33:33:ff:00:00:01")),
        "neighbour-advertisement": step(PORT_A, icmp6(
            136, b"\x60\0\0\0" + address6("fe80::2") + b"\2\1" + mac(HOST))),
        "router-solicitation": step(PORT_A, icmp6(133, bytes(4) + b"\1\1" + mac(HOST), "ff02::2",
                                                to="33:33:00:00:00:02")),
        "arp-request": step(PORT_A, arp(1, "10.0.0.7", "10.0.0.1")),
        "arp-request-tagged": step(PORT_B, arp(1, "203.0.113.1", "203.0.113.0", vlan=20)),
        "arp-reply": step(PORT_A, arp(2, "10.0.0.7", "10.0.0.1")),
        "arp-probe": step(PORT_A, arp(1, "0.0.0.0", "10.0.0.1")),
        "arp-gratuitous": step(PORT_A, arp(1, "10.0.0.7", "10.0.0.7")),
        "arp-conflict": step(PORT_A, arp(1, "10.0.0.1", "10.0.0.1")),
        "arp-off-subnet": step(PORT_A, arp(1, "11.0.0.7", "10.0.0.1")),
        "arp-invalid": step(PORT_A, arp(3, "10.0.0.7", "10.0.0.1")),
        "bare": step(PORT_C, ethernet(0x0800, ipv4("8.8.8.8")[14:], to="02:00:00:00:00:05")),
        "inner-vlan": step(PORT_C, ethernet(0x0800, echo("198.51.101.1", source="198.51.101.2")[14:],
                                            to=INNER, vlan=10, outer=5)),
        "inner-arp": step(PORT_C, arp(1, "198.51.101.2", "198.51.101.1", vlan=10, outer=5)),
        "to-inner-vlan": step(PORT_A, ipv4("198.51.101.9")) + step(
            PORT_C, arp(2, "198.51.101.9", "198.51.101.1", to=INNER, vlan=10, outer=5)),
        "other-type": step(PORT_A, ethernet(0x88CC, bytes(46))),
        "segments": step(PORT_A, udp, segment=13) + step(PORT_A, echo("10.0.0.1", 300), segment=40)
        + step(PORT_A, ipv4(far, payload=bytes(600)), segment=99),
        "segments-padding": step(PORT_A, udp + bytes(18), segment=len(udp) + 3)
        + step(PORT_A, echo("10.0.0.1") + bytes(40), segment=25),
        "no-head-room": step(PORT_A, ipv4("192.0.2.2"), FIX | PUMP | NO_HEAD_ROOM),
        "tail-room": step(PORT_A, arp(1, "10.0.0.7", "10.0.0.1"), PUMP | TAIL_ROOM),
    }
    # Routes of each kind, in one burst.
    seeds["routes"] = b"".join(step(PORT_A, ipv4(to), FIX) for to in (
        "198.18.0.1", "198.19.0.1", "198.20.0.1", "10.0.1.200", "172.16.0.1", "172.17.0.1",
        "172.18.0.1", "8.8.8.8", "10.0.2.2"))
    # Packets wait for a neighbour, who answers.
    seeds["resolve"] = (step(PORT_A, ipv4("10.0.0.7")) + step(PORT_A, ipv4("10.0.0.7"))
                        + event(CLOCK, 11) + step(PORT_A, arp(2, "10.0.0.7", "10.0.0.1"))
                        + step(PORT_A, ipv4("10.0.0.7")))
    # They wait for one who does not; he fails, is refused, and is forgotten.
    seeds["fail"] = (step(PORT_A, ipv4("10.0.0.8")) + event(CLOCK, 11) * 3
                     + step(PORT_A, ipv4("10.0.0.8")) + event(CLOCK, 40))
    # A neighbour of s times out after 2 s, and is probed.
    seeds["probe"] = (step(PORT_A, arp(1, "10.0.0.9", "10.0.0.1", to=OTHER_PLAIN))
                      + event(CLOCK, 21) + event(CLOCK, 11)
                      + step(PORT_A, arp(2, "10.0.0.9", "10.0.0.1", to=OTHER_PLAIN)))
    # More neighbours than there may be, more packets than may wait.
    seeds["sweep"] = b"".join(
        step(PORT_A, ethernet(0x0800, ipv4(f"10.0.0.{i}")[14:], to=OTHER_PLAIN), FIX)
        for i in range(20, 40)) + event(POLL) + event(CLOCK, 35)
    # IPv6, of which r.plain is 2001:db8::1/64 and, by its MAC, fe80::ff:fe00:1.
    link_local, host6 = "fe80::ff:fe00:1", "2001:db8::2"
    own6 = "2001:db8::1"
    solicited = {"to": "33:33:ff:00:00:01", "source": host6}
    option = b"\1\1" + mac(HOST)
    seeds["solicitation-global"] = step(PORT_A, icmp6(
        135, bytes(4) + address6(own6) + option, "ff02::1:ff00:1", **solicited))
    seeds["solicitation-link-local"] = step(PORT_A, icmp6(
        135, bytes(4) + address6(link_local) + option, link_local))
    seeds["solicitation-probe"] = step(PORT_A, icmp6(
        135, bytes(4) + address6(own6), "ff02::1:ff00:1", to="33:33:ff:00:00:01", source="::"))
    seeds["echo6"] = step(PORT_A, icmp6(128, b"\0\7\0\1data", own6, source=host6))
    seeds["echo6-link-local"] = step(PORT_A, icmp6(128, b"\0\7\0\1data", link_local))
    seeds["closed-udp6"] = step(PORT_A, ipv6(own6, source=host6))
    seeds["forward6"] = step(PORT_A, ipv6("2001:db8:1::1", source=host6))
    seeds["hop-limit-1"] = step(PORT_A, ipv6("2001:db8:1::1", source=host6, hops=1))
    seeds["too-big6"] = step(PORT_A, ipv6("2001:db8:2::1", payload=bytes(1400), source=host6))
    seeds["no-route6"] = step(PORT_A, ipv6("2001:dead::1", source=host6))
    seeds["fragments6"] = step(PORT_A, ipv6(own6, 44, b"\x3a\0\0\1" + bytes(4) + bytes(16),
                                            source=host6), FIX) + step(
        PORT_A, ipv6(own6, 44, b"\x3a\0\0\x10" + bytes(12), source=host6))
    seeds["routing-0"] = step(PORT_A, ipv6(own6, 43, b"\x11\2\0\1" + bytes(4)
                                           + address6("2001:db8:1::1") + bytes(8), source=host6))
    seeds["resolve6"] = (step(PORT_A, ipv6("2001:db8::7", source=host6)) + event(CLOCK, 11)
                         + step(PORT_A, icmp6(136, b"\x60\0\0\0" + address6("2001:db8::7")
                                              + b"\2\1" + mac(STRANGER), own6,
                                              source="2001:db8::7")))
    seeds["fail6"] = step(PORT_A, ipv6("2001:db8::8", source=host6)) + event(CLOCK, 11) * 3
    # Cut off after every octet behind the Ethernet header.
    for name in ("forward", "options", "echo", "closed-udp", "arp-request", "ipv6-extensions",
                 "solicitation-global", "echo6"):
        whole = seeds[name][2:]
        seeds["cut-" + name] = b"".join(step(PORT_A, whole[:n], FIX)
                                        for n in range(14, min(len(whole), 14 + 60)))
    # No buffer for copies, errors, requests.
    seeds["starve"] = b"".join(step(PORT_A, frame, FIX) for frame in (
        seeds["arp-request"][2:], ipv4(far, ttl=1), ipv4("10.0.0.7"),
        echo("10.0.0.1"))) + event(STARVE) + event(CLOCK, 11)
    # Over the link, through the wire, back over the link until the TTL ends, and the wire's own.
    seeds["link"] = step(PORT_A, ipv4("198.22.0.1"))
    seeds["link-loop"] = step(PORT_A, ipv4("198.22.128.1", ttl=9))
    seeds["link-too-long"] = step(PORT_A, ipv4("198.22.0.1", payload=bytes(1400)))
    seeds["link-burst"] = b"".join(step(PORT_A, ipv4("198.22.0.1"), FIX) for _ in range(60))
    seeds["link-echo"] = step(PORT_A, echo("10.5.0.2")) + step(
        PORT_A, ipv6("2001:db8:5::2", source="2001:db8::2"))
    seeds["wire"] = step(PORT_C, ethernet(
        0x0800, ipv4("198.22.0.1", source="10.6.0.7")[14:], to="02:00:00:00:00:22", vlan=40))
    seeds["wire-arp"] = step(PORT_C, arp(1, "10.6.0.7", "10.6.0.1", to=BROADCAST, vlan=40))
    seeds["wire-other"] = step(PORT_C, ethernet(0x88cc, bytes(60), to=STRANGER, vlan=40))
    # Through the pipeline of p: out, back to what NAT made of it, and what its elements drop.
    def tcp(source, target, flags):
        return struct.pack("!HHIIBBHI", source, target, 1, 0, 0x50, flags, 1024, 0)

    def out(target, *args, **more):
        return ipv4(target, *args, **{"source": "10.8.0.2", **INSIDE, **more})

    def back(*args, **more):
        return ipv4("192.0.2.140", *args, **{"source": "198.18.0.1", **OUTSIDE, **more})

    seeds["elements"] = step(PORT_A, out(far)) + b"".join(
        step(PORT_C, back(UDP, struct.pack("!HHHH", 9, port, 12, 0) + b"data"), FIX)
        for port in range(1024, 1040)) + event(CLOCK, 1)
    seeds["elements-tcp"] = b"".join(step(PORT_A, frame) for frame in (
        out(far, TCP, tcp(1234, 80, 2)), out(far, TCP, tcp(1234, 80, 0x10)),
        out(far, TCP, tcp(1234, 80, 3)), out(far, TCP, tcp(1234, 179, 2)),
        out(far, TCP, tcp(1234, 179, 2), ttl=255))) + step(
            PORT_C, back(TCP, tcp(80, 80, 2))) + step(PORT_C, back(TCP, tcp(5, 1024, 4)))
    seeds["elements-icmp"] = step(PORT_A, out(far, ICMP, struct.pack(
        "!BBHHH", 8, 0, 0, 7, 1) + bytes(16))) + step(PORT_C, back(
            ICMP, struct.pack("!BBHI", 3, 3, 0, 0) + ipv4(far, source="192.0.2.140")[14:])) + step(
                PORT_A, out("10.8.0.1", ICMP, struct.pack("!BBHHH", 8, 0, 0, 7, 1))) + step(
                    PORT_A, out(far, ICMP, struct.pack("!BBHHH", 13, 0, 0, 7, 1) + bytes(12)))
    seeds["elements-hairpin"] = step(PORT_A, out("192.0.2.140", TCP, tcp(5, 80, 2))) + step(
        PORT_A, out("192.0.2.141")) + step(PORT_C, ipv4(
            "192.0.2.141", source="198.18.0.1", **OUTSIDE))
    seeds["elements-fragments"] = step(PORT_A, out(far, fragment=0x2000), FIX) + step(
        PORT_A, out(far, fragment=2), FIX) + step(PORT_C, back(fragment=1)) + step(
            PORT_A, out(far, payload=bytes(1400)))
    seeds["elements-flood"] = b"".join(
        step(PORT_A, out(far, UDP, struct.pack("!HHHH", port, 9, 12, 0) + b"data"), FIX)
        for port in range(2000, 2040)) + event(CLOCK, 255) * 4
    seeds["elements-urpf"] = step(PORT_A, out(far, source="8.8.8.8")) + step(
        PORT_A, out(far, source="172.16.0.1")) + step(PORT_A, out("239.1.1.1", **{
            **INSIDE, "to": "01:00:5e:01:01:01"}))
    seeds["elements6"] = b"".join(step(PORT_A, ipv6(to, *what, source="2001:db8:8::2", **INSIDE))
                                  for to, *what in (
        ("2001:db8:1::1",), ("2001:db8:dead::1", 44, b"\x11\0\0\x08" + bytes(12)),
        ("2001:db8:1::1", TCP, tcp(5, 179, 2)), ("2001:db8:8::1",)))
    seeds["elements-options"] = step(PORT_A, out(far, options=b"\x07\x07\x04\0\0\0\0\0"))
    for name in [name for name in seeds if name.startswith("elements")]:
        seeds[name] = event(ELEMENTS, 1) + seeds[name]
    # They go and come while packets wait, and while a connection is open.
    seeds["elements-change"] = (event(ELEMENTS, 1) + 8 * step(PORT_A, out(far), FIX)
                                + event(PASS, 1, 0) + event(ELEMENTS, 1, 0) + seeds["elements"]
                                + event(ELEMENTS, 0, 0) + 8 * step(PORT_A, out(far), FIX))
    # More errors and echoes than s may send.
    seeds["rates"] = b"".join(
        step(PORT_A, ethernet(0x0800, frame[14:], to=OTHER_PLAIN), FIX)
        for frame in 12 * [echo("10.0.0.1"), ipv4("10.0.0.1")])
    # Frames of two interfaces of a router, and of two routers, by turns.
    seeds["by-turns"] = b"".join(step(PORT_A, frame, FIX) for frame in 3 * [
        udp, ethernet(0x0800, ipv4("10.0.0.2", source="192.0.2.2")[14:], to=TAGGED, vlan=10),
        ethernet(0x0800, udp[14:], to=OTHER_PLAIN)])
    # Answers and errors for a host that has to be found first, and is or is not.
    for name, packet in ("echo", echo("10.0.0.1", source="10.0.0.7")), ("error", ipv4(
            "10.0.0.1", source="10.0.0.7")):
        seeds[name + "-resolve"] = step(PORT_A, packet) + step(
            PORT_A, arp(2, "10.0.0.7", "10.0.0.1"))
        seeds[name + "-fail"] = step(PORT_A, packet) + event(CLOCK, 11) * 3
    # Into tunnels, out of them, and what is told of them.
    for number in range(23, 28):
        seeds[f"tunnel-{number}"] = step(PORT_A, ipv4(f"198.{number}.0.1")) + step(
            PORT_A, ipv4(f"198.{number}.0.1", payload=bytes(1400), fragment=0x4000))
    seeds["tunnel-loop"] = step(PORT_A, ipv4("198.23.1.1")) + step(PORT_A, ipv4("198.26.1.1"))
    inside = ipv4("10.0.0.2", source="198.23.0.1")[14:]
    seeds["ipip"] = step(PORT_A, ipv4("10.0.0.1", 4, inside))
    seeds["ipip-ipv6"] = step(PORT_A, ipv4("10.0.0.1", 41, ipv6(
        "2001:db8::2", source="2001:db8:27::1")[14:]))
    nest = inside
    for _ in range(6):
        nest = ipv4("10.0.0.1", 4, nest)[14:]
    seeds["ipip-nest"] = step(PORT_A, ethernet(0x0800, nest))
    seeds["ipip-fragments"] = step(PORT_A, ipv4(
        "10.0.0.1", 4, inside[:24], fragment=0x2000)) + step(
            PORT_A, ipv4("10.0.0.1", 4, inside[24:], fragment=3))
    for name, header in (("key", "200008000000 0001"), ("all", "b00008001234 0000 00000001 00000009"),
                         ("short", "2000"), ("other", "200065580000 0001")):
        seeds[f"gre-{name}"] = step(PORT_A, ipv6(
            "2001:db8::1", 47, bytes.fromhex(header) + inside, source="2001:db8::2"))
    frame = arp(1, "10.7.2.9", "10.7.2.1"), ethernet(0x0800, inside, to="02:00:00:00:00:08")
    for name, inner in zip(("arp", "ipv4"), frame):
        vxlan = struct.pack("!HHHHII", 50000, 4789, 16 + len(inner), 0, 0x08000000, 0x100) + inner
        seeds[f"vxlan-{name}"] = step(PORT_A, ethernet(0x0800, ipv4(
            "192.0.2.1", UDP, vxlan, source="192.0.2.2")[14:], to=TAGGED, vlan=10))
    seeds["gre-away"] = step(PORT_A, ethernet(0x0800, ipv4(
        "192.0.2.1", 47, bytes.fromhex("00000800") + inside, source="192.0.2.2")[14:],
        to=TAGGED, vlan=10))
    quoted = ipv4("10.0.0.2", 4, inside, source="10.0.0.1", fragment=0x4000)[14:]
    told = struct.pack("!BBHHH", 3, 4, 0, 0, 600) + quoted
    total = sum(struct.unpack(f"!{len(told) // 2}H", told))
    total = (total & 0xFFFF) + (total >> 16)
    told = told[:2] + struct.pack("!H", total ^ 0xFFFF) + told[4:]
    seeds["tunnel-mtu"] = step(PORT_A, ipv4("10.0.0.1", ICMP, told)) + step(
        PORT_A, ipv4("198.23.0.1", payload=bytes(1000))) + event(CLOCK, 255) * 3
    seeds |= nat_seeds()
    # A burst that the FIFO, then one that the transmit queue does not hold.
    seeds["fifo-full"] = b"".join(
        step(PORT_A, ethernet(0x0800, udp[14:], to=OTHER_PLAIN), FIX) for _ in range(60))
    seeds["burst"] = event(HOLD) + b"".join(step(PORT_A, udp, FIX) for _ in range(60)) + event(PASS)
    return seeds


# Through the NAT: what goes out, what comes back, errors about both, hairpinning, fragments.

def nat_seeds():
    far, outside, udp = "198.51.100.9", "192.0.2.1", struct.pack("!HHHH", 1025, 53, 12, 0) + b"data"
    back = struct.pack("!HHHH", 53, 1025, 12, 0) + b"data"

    def syn(source, target, flags):
        return struct.pack("!HHIIBBHHH", source, target, 1, 0, 0x50, flags, 100, 0, 0)

    def inside(target, *what, **more):
        return step(PORT_A, ethernet(0x0800, ipv4(target, *what, **more)[14:], to=NAT_LAN, vlan=11))

    def from_far(target, *what, **more):
        frame = ipv4(target, *what, source=more.pop("source", far), **more)
        return step(PORT_B, ethernet(0x0800, frame[14:], to=NAT_WAN, vlan=21))

    def error(kind, code, quoted):
        return ICMP, struct.pack("!BBHHH", kind, code, 0, 0, 0) + quoted[14:]

    begin = inside(far, UDP, udp)
    ping = struct.pack("!BBHHH", 8, 0, 0, 1025, 1) + bytes(8)
    peer = inside(far, UDP, struct.pack("!HHHH", 1026, 53, 12, 0) + b"data", source="10.0.0.4")
    seeds = {
        "udp": begin + from_far(outside, UDP, back),
        "tcp": inside(far, TCP, syn(1025, 80, 2)) + from_far(outside, TCP, syn(80, 1025, 0x12)) +
        inside(far, TCP, syn(1025, 80, 0x11)) + from_far(outside, TCP, syn(80, 1025, 0x11)),
        "reset": inside(far, TCP, syn(1025, 80, 2)) + from_far(outside, TCP, syn(80, 1025, 4)),
        "ping": inside(far, ICMP, ping) + from_far(outside, ICMP, b"\0" + ping[1:]),
        "static": inside(far, 47, udp, source="10.0.0.3") + from_far("192.0.2.8", 47, back),
        "forward": from_far(outside, UDP, struct.pack("!HHHH", 53, 9, 12, 0) + b"data"),
        "forward-ttl": from_far(outside, UDP, struct.pack("!HHHH", 53, 9, 12, 0), ttl=1),
        "hairpin": begin + peer + inside(
            outside, UDP, struct.pack("!HHHH", 1026, 1025, 12, 0) + b"data", source="10.0.0.4"),
        "error-in": begin + from_far(outside, *error(11, 0, ipv4(far, UDP, udp, source=outside))),
        "error-out": begin + from_far(outside, UDP, back) + inside(
            far, *error(3, 3, ipv4("10.0.0.2", UDP, back, source=far))),
        "error-hairpin": begin + peer + inside(outside, *error(3, 3, ipv4(
            "10.0.0.2", UDP, struct.pack("!HHHH", 1026, 1025, 12, 0), source=outside))),
        "error-static": from_far("192.0.2.8", *error(3, 1, ipv4(far, 47, udp, source="192.0.2.8"))),
        "fragments": inside(far, UDP, udp + bytes(4), fragment=0x2000) +
        inside(far, UDP, bytes(8), fragment=2) +
        from_far(outside, UDP, back + bytes(4), fragment=0x2000) +
        from_far(outside, UDP, bytes(8), fragment=2),
        "cut-by-router": inside(far, UDP, udp + bytes(1200)),
        "filtered": begin + from_far(outside, UDP, back, source="198.51.100.8"),
        "limits": b"".join(inside(far, UDP, struct.pack("!HHHH", port, 53, 8, 0),
                                  source=f"10.0.0.{host}")
                           for host in (2, 4) for port in range(2000, 2010)),
    }
    return {f"nat-{name}": seed for name, seed in seeds.items()}


# Cases of the unit tests: a piece of a text put another way

def read_cases(path):
    """Lists of the lines of each case that begin with - and with +."""
    cases, case = [], {"-": [], "+": []}
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        if line[:1] in case:
            case[line[0]].append(line[2:])
        elif not line and case["-"]:
            cases.append(case)
            case = {"-": [], "+": []}
    return cases


def config_seeds():
    base = (TOP / "tests/unit/config_base.json").read_text(encoding="utf-8")
    seeds = {"base": base.encode()}
    for i, case in enumerate(read_cases(TOP / "tests/unit/config_errors.txt")):
        old, new = "\n".join(case["-"]), "\n".join(case["+"])
        text = new if old == "*" else base.replace(old, new, 1)
        seeds[f"error-{i}"] = text.encode()
    for path in (TOP / "configs").glob("*.json"):
        seeds[path.stem] = path.read_bytes()
    return seeds


def routes_seeds():
    seeds = {}
    escapes = {"\\t": "\t", "\\r": "\r", "\\0": "\0"}
    for i, case in enumerate(read_cases(TOP / "tests/unit/routes_errors.txt")):
        text = "\n".join(case["-"]) + "\n"
        for escape, character in escapes.items():
            text = text.replace(escape, character)
        seeds[f"error-{i}"] = text.encode()
    for path in (HERE / "seeds/routes").iterdir():
        plain = path.read_bytes()
        packed = gzip.compress(plain, mtime=0)
        seeds[path.stem + "-gzip"] = packed
        seeds[path.stem + "-members"] = packed + packed
        seeds[path.stem + "-cut"] = packed[:-5]
        seeds[path.stem + "-packed"] = b"z\0" + plain
        seeds[path.stem + "-packed-members"] = b"z\2" + plain
    return seeds


def acl_seeds():
    seeds = {}
    for i, case in enumerate(read_cases(TOP / "tests/unit/acl_errors.txt")):
        seeds[f"error-{i}"] = ("\n".join(case["-"]) + "\n").encode()
    for fragment in (0, 0x2000, 1, 100):
        packet = bytes.fromhex("4500002800000000400600000a000001c0000201") + bytes(20)
        packet = packet[:6] + fragment.to_bytes(2, "big") + packet[8:]
        seeds[f"ipv4-{fragment}"] = b"\0\0" + packet
    for header in (0, 6, 17, 43, 44, 58, 60):
        packet = bytes.fromhex("60000000001c") + bytes([header, 64]) + bytes(32) + bytes([6]) + bytes(27)
        seeds[f"ipv6-{header}"] = b"\0\1" + packet
    return seeds


MADE = {"frames": frame_seeds, "config": config_seeds, "routes": routes_seeds, "acl": acl_seeds}


def main():
    target, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in MADE.get(target, dict)().items():
        (folder / name).write_bytes(text)
    written = HERE / "seeds" / target
    if written.is_dir():
        for path in written.iterdir():
            shutil.copy(path, folder / path.name)


if __name__ == "__main__":
    main()
