# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""Configs, frames and flows for fairness-bench.

Every router is the same but for its name, VLANs, weight and pipeline: an inside 10.0.0.1/16, an
outside 192.168.0.1/16, a default route to 192.168.0.2, which is a static neighbour. Outsides are
VLANs of the port "out", which is the last one. An inside is a port of its own, or a VLAN of the
port "shared".
"""

import dataclasses
import struct

PHYSICAL = 60  # bytes of a frame of 64, without its checksum
MARK = 12
SHARED, OUT = "shared", "out"
FIRST_VLAN = 10
INSIDE_MAC = "02:00:00:00:00:01"
OUTSIDE_MAC = "02:00:00:00:00:02"
HOST, ROUTER_INSIDE, FAR = "10.0.0.2", "10.0.0.1", "198.18.0.1"
ETHERTYPE_IPV4, ETHERTYPE_ARP, ETHERTYPE_VLAN = 0x0800, 0x0806, 0x8100
UDP, ICMP = 17, 1
DISCARD = 9


@dataclasses.dataclass
class Router:
    """`cycles` are burnt for each packet, see docs/elements.md; `own` is the port that the router
    has to itself, else it has a VLAN of the shared one."""

    name: str
    weight: int = 1
    cycles: int = 0
    own: bool = True
    fifo: int = 256
    burn: dict = dataclasses.field(default_factory=dict)  # more of the element's keys
    more: dict = dataclasses.field(default_factory=dict)  # more of the router's keys
    vlan: int = 0

    @property
    def port(self):
        return f"own-{self.name}" if self.own else SHARED

    def pipeline(self):
        if not self.cycles and not self.burn:
            return {}
        memory = self.burn.get("memory", 0)
        return {"pipeline": {"max_memory": 64 + memory, "ingress": [
            {"type": "burn", "cycles": self.cycles} | self.burn]}}

    def config(self):
        inside = {"name": "inside", "port": self.port, "mac": INSIDE_MAC,
                  "addresses": [f"{ROUTER_INSIDE}/16"]}
        if not self.own:
            inside["vlan"] = self.vlan
        return {
            "name": self.name, "weight": self.weight, "fifo": self.fifo, "redirects": False,
            "interfaces": [inside, {"name": "outside", "port": OUT, "vlan": self.vlan,
                                    "mac": OUTSIDE_MAC, "addresses": ["192.168.0.1/16"]}],
            "routes": [{"prefix": "0.0.0.0/0", "via": "192.168.0.2"}],
            "neighbours": [{"interface": "outside", "address": "192.168.0.2",
                            "mac": "02:00:00:00:02:02"},
                           {"interface": "inside", "address": HOST,
                            "mac": "02:00:00:00:01:02"}],
        } | self.pipeline() | self.more


def case(routers, quantum_us=10, ring=1024, frame_room=256, cost=None):
    """The first object of fairness-bench's input."""
    for number, router in enumerate(routers):
        router.vlan = FIRST_VLAN + number
    ports = [router.port for router in routers if router.own]
    if not all(router.own for router in routers):
        ports.append(SHARED)
    config = {
        "quantum_us": quantum_us,
        "ports": [{"name": name, "device": f"net_ring_{name}"} for name in [*ports, OUT]],
        "routers": [router.config() for router in routers],
    }
    if cost:
        config["cost"] = cost
    return {"ring": ring, "frame_room": frame_room, "config": config}


# Frames


def address(text):
    return bytes(map(int, text.split(".")))


def mac(text):
    return bytes(int(part, 16) for part in text.split(":"))


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ethernet(router, ethertype, target=INSIDE_MAC):
    header = mac(target) + mac("02:00:00:00:01:02")
    if not router.own:
        header += struct.pack("!HH", ETHERTYPE_VLAN, router.vlan)
    return header + struct.pack("!H", ethertype)


def ipv4(payload, protocol, source=HOST, destination=FAR, ttl=64, broken=False):
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0, ttl, protocol, 0,
                         address(source), address(destination))
    total = checksum(header) ^ (0xffff if broken else 0)
    return header[:10] + struct.pack("!H", total) + header[12:] + payload


def udp_frame(router, length=PHYSICAL, **header):
    """The bytes, where the mark goes, and where the IPv4 header is."""
    l2 = ethernet(router, ETHERTYPE_IPV4)
    size = length - len(l2) - 28
    payload = struct.pack("!HHHH", 1024, DISCARD, 8 + size, 0) + bytes(size)
    return l2 + ipv4(payload, UDP, **header), len(l2) + 28, len(l2)


def echo_frame(router):
    l2 = ethernet(router, ETHERTYPE_IPV4)
    message = struct.pack("!BBHHH", 8, 0, 0, 1, 1) + bytes(PHYSICAL - len(l2) - 28)
    message = message[:2] + struct.pack("!H", checksum(message)) + message[4:]
    return l2 + ipv4(message, ICMP, destination=ROUTER_INSIDE)


def arp_frame(router):
    """A host asks for the router."""
    body = struct.pack("!HHBBH", 1, ETHERTYPE_IPV4, 6, 4, 1) + mac("02:00:00:00:01:02")
    body += address("10.0.1.0") + bytes(6) + address(ROUTER_INSIDE)
    frame = ethernet(router, ETHERTYPE_ARP, "ff:ff:ff:ff:ff:ff") + body
    return frame + bytes(PHYSICAL - len(frame))


# Flows, as fairness-bench reads them


def flow(router, rate=None, name=None, length=PHYSICAL, varied=None, frames=None, **options):
    """UDP to a far host at `rate` frames a second, or as fast as the port takes them; `varied`
    may have "source_port", "source" and "destination": how many of each."""
    header = {key: options.pop(key) for key in ("ttl", "destination", "source") if key in options}
    bytes_, mark_at, ipv4_at = udp_frame(router, length, **header)
    result = {"name": name or router.name, "port": router.port,
              "frames": frames or [{"bytes": bytes_.hex()}], "mark_at": mark_at} | options
    if rate is None:
        result["greedy"] = True
    else:
        result["rate"] = float(rate)
    places = {"source_port": (ipv4_at + 20, 2), "source": (ipv4_at + 12, 4),
              "destination": (ipv4_at + 16, 4)}
    if varied:
        result["varied"] = [{"at": places[key][0], "bytes": places[key][1], "n": n}
                            for key, n in varied.items()]
        result["ipv4_at"] = ipv4_at
    return result


def raw_flow(router, frame, rate, name, varied=None):
    """Frames that the sink need not know again."""
    result = {"name": name, "port": router.port, "rate": float(rate),
              "frames": [{"bytes": frame.hex()}]}
    if varied:
        result["varied"] = varied
    return result
