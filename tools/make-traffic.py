#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""Writes a capture file of UDP/IPv4 frames to feed to a net_pcap port.

The destinations are taken in turn from the /24 networks of 198.18.0.0/15, the range that RFC 2544
sets aside for benchmarks. With --vlan the frames are tagged, in the shares asked for, and shuffled,
so that the VLANs alternate as they would on a busy link. The same arguments give the same file.

net_pcap with infinite_rx=1 loads the whole file into the mbufs of the port: keep it small.
"""

import argparse
import ipaddress
import os
import random
import struct
import sys
import tempfile

NETWORK = ipaddress.ip_network("198.18.0.0/15")
MAX_PREFIXES = NETWORK.num_addresses // 256
ETHER_HEADER = 14
VLAN_TAG = 4
IP_HEADER = 20
UDP_HEADER = 8
FCS = 4
MIN_SIZE = 64  # IEEE 802.3, with the FCS, with or without a tag
MAX_SIZE = 9018
TTL = 64
PCAP_MAGIC = 0xA1B2C3D4
LINKTYPE_ETHERNET = 1


def checksum(data):
    """RFC 1071: the ones' complement of the ones' complement sum of 16-bit words."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(arguments, vlan, source, destination, source_port, destination_port):
    """One frame without its FCS."""
    tag = b"" if vlan is None else struct.pack("!HH", 0x8100, vlan)
    ether = arguments.destination_mac + arguments.source_mac + tag + b"\x08\x00"
    payload = bytes(arguments.size - FCS - len(ether) - IP_HEADER - UDP_HEADER)
    udp_length = UDP_HEADER + len(payload)

    def udp(check):
        return struct.pack("!HHHH", source_port, destination_port, udp_length, check)

    pseudo = struct.pack("!IIHH", source, destination, 17, udp_length)
    # RFC 768: a sum of zero is sent as all ones, as zero means none.
    datagram = udp(checksum(pseudo + udp(0) + payload) or 0xFFFF) + payload

    def ip(check):
        return struct.pack(
            "!BBHHHBBHII", 0x45, 0, IP_HEADER + udp_length, 0, 0x4000, TTL, 17, check,
            source, destination,
        )

    return ether + ip(checksum(ip(0))) + datagram


def vlan_sequence(shares, count, rng):
    """VLAN of each of `count` frames: shares kept as nearly as whole frames allow, shuffled."""
    if not shares:
        return [None] * count
    total = sum(share for _, share in shares)
    sequence = []
    given = upto = 0
    for vlan, share in shares:
        upto += share
        end = count * upto // total
        sequence += [vlan] * (end - given)
        given = end
    rng.shuffle(sequence)
    return sequence


def frames(arguments):
    rng = random.Random(arguments.seed)
    first = int(NETWORK.network_address)
    turn = {}
    for vlan in vlan_sequence(arguments.vlan, arguments.count, rng):
        # Each VLAN goes through the prefixes by itself, so that a router of its own sees them all.
        index = turn.get(vlan)
        if index is None:
            index = rng.randrange(arguments.prefixes)
        turn[vlan] = index + 1
        yield frame(
            arguments,
            vlan,
            int(arguments.sources.network_address) + 1 + rng.randrange(arguments.hosts),
            first + index % arguments.prefixes * 256 + rng.randint(1, 254),
            rng.randint(1024, 65535),
            rng.randint(1024, 65535),
        )


def capture(arguments):
    """The file: classic pcap, which every libpcap reads."""
    yield struct.pack("<IHHiIII", PCAP_MAGIC, 2, 4, 0, 0, 65535, LINKTYPE_ETHERNET)
    for number, data in enumerate(frames(arguments)):
        yield struct.pack("<IIII", 0, number, len(data), len(data)) + data


def write_atomically(path, chunks):
    """Whoever reads `path` finds the old file or the new one, never half of one."""
    folder = os.path.dirname(os.path.abspath(path))
    os.makedirs(folder, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=os.path.basename(path) + ".", dir=folder)
    try:
        with os.fdopen(handle, "wb") as output:
            output.writelines(chunks)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def mac(text):
    parts = text.split(":")
    if len(parts) != 6 or not all(
        len(part) == 2 and set(part.lower()) <= set("0123456789abcdef") for part in parts
    ):
        raise argparse.ArgumentTypeError(f"'{text}' is no MAC address, like 02:00:00:00:00:01")
    return bytes(int(part, 16) for part in parts)


def integer(low, high):
    def parse(text):
        try:
            value = int(text)
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            raise argparse.ArgumentTypeError(f"'{text}' is no integer from {low} to {high}")
        return value

    return parse


def vlan_share(text):
    vlan, _, share = text.partition(":")
    try:
        return integer(1, 4094)(vlan), integer(1, 1000000)(share or "1")
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(
            f"'{text}' is no VLAN and share, like 10:4 (VLAN 1 to 4094, share 1 or more)"
        ) from None


def ipv4_network(text):
    try:
        network = ipaddress.IPv4Network(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is no IPv4 prefix: {error}") from None
    if network.prefixlen > 30:
        raise argparse.ArgumentTypeError(f"'{text}' is too small: /30 at most")
    return network


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n", maxsplit=1)[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("output", help="the capture file to write")
    parser.add_argument("--count", type=integer(1, 1000000), default=1152, help="frames")
    parser.add_argument("--size", type=integer(MIN_SIZE, MAX_SIZE), default=64,
                        help="bytes of a frame, its FCS (which is not in the file) included")
    parser.add_argument("--vlan", type=vlan_share, action="append", default=[], metavar="ID[:SHARE]",
                        help="tag frames with this VLAN; may be given many times")
    parser.add_argument("--prefixes", type=integer(1, MAX_PREFIXES), default=MAX_PREFIXES,
                        help=f"number of /24 destinations, from {NETWORK} upwards")
    parser.add_argument("--sources", type=ipv4_network, default=ipv4_network("10.0.0.0/8"),
                        help="the prefix that source addresses are drawn from")
    parser.add_argument("--destination-mac", type=mac, default="02:00:00:00:00:01")
    parser.add_argument("--source-mac", type=mac, default="02:00:00:00:01:00")
    parser.add_argument("--seed", type=integer(0, 2**32 - 1), default=1)
    arguments = parser.parse_args()
    arguments.hosts = arguments.sources.num_addresses - 2

    vlans = [vlan for vlan, _ in arguments.vlan]
    for vlan in vlans:
        if vlans.count(vlan) > 1:
            parser.error(f"argument --vlan: VLAN {vlan} is given more than once")
    if vlans:
        # Else the share of some VLAN is not even one frame.
        total = sum(share for _, share in arguments.vlan)
        smallest = min(share for _, share in arguments.vlan)
        if arguments.count * smallest < total:
            parser.error(f"argument --count: {arguments.count} frames are too few for these shares:"
                         f" at least {-(-total // smallest)} are needed")
    return arguments


def main():
    arguments = parse_arguments()
    try:
        write_atomically(arguments.output, capture(arguments))
    except OSError as error:
        sys.exit(f"make-traffic.py: {arguments.output}: {error.strerror}")


if __name__ == "__main__":
    main()
