# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""DPDK's own router, one of the peers: compiled from the sources that Debian ships."""

import os
import pathlib
import shlex

import rig
from rig import Failure

L3FWD = pathlib.Path("/usr/share/dpdk/examples/l3fwd")
L3FWD_SOURCES = ["main.c", "l3fwd_acl.c", "l3fwd_em.c", "l3fwd_event.c", "l3fwd_event_generic.c",
                 "l3fwd_event_internal_port.c", "l3fwd_fib.c", "l3fwd_lpm.c"]
# l3fwd asks its ports to check IPv4 and L4 checksums, and gives up where they can't, as no software
# port can. Newer ones have --relax-rx-offload for that; this does the same to any, from outside.
L3FWD_PORTS_WITHOUT_CHECKSUMS = """\
#include <rte_ethdev.h>
#undef RTE_ETH_RX_OFFLOAD_CHECKSUM
#define RTE_ETH_RX_OFFLOAD_CHECKSUM 0
"""


def build(folder):
    """Compiles l3fwd as the router is compiled: optimised, for this machine."""
    if not L3FWD.is_dir():
        raise Failure(f"{L3FWD} is missing: run tools/install-deps.sh bench")
    sources = [L3FWD / name for name in L3FWD_SOURCES if (L3FWD / name).exists()]
    program, header = folder / "l3fwd", folder / "l3fwd_ports.h"
    newest = max(path.stat().st_mtime for path in [*L3FWD.iterdir(), pathlib.Path(__file__)])
    if program.exists() and program.stat().st_mtime > newest:
        return program
    print("building l3fwd", flush=True)
    header.write_text(L3FWD_PORTS_WITHOUT_CHECKSUMS)
    flags = shlex.split(rig.run("pkg-config", "--cflags", "libdpdk"))
    libraries = shlex.split(rig.run("pkg-config", "--libs", "libdpdk"))
    native = "-march=native" if os.uname().machine == "x86_64" else "-mcpu=native"
    partial = program.with_suffix(".new")
    rig.run("cc", "-O3", *flags, native, "-w", "-DALLOW_EXPERIMENTAL_API", "-include", header,
            f"-I{L3FWD.parent / 'common'}", *sources, "-o", partial, *libraries)
    partial.rename(program)
    return program


# It wants rules of both families.
SOME_IPV4_RULE = "R198.18.0.0/24 1\n"
SOME_IPV6_RULE = "R2001:0200:0000:0000:0000:0000:0000:0000/64 1\n"


def command(rounds, look_up, rules4, rules6, devices):
    """Runs it on the first two ports, from the one to the other."""
    # It wants a tx queue for each lcore, and net_pcap has one: its only lcore is the worker.
    return [build(rounds.folder), *rounds.eal, f"--lcores=1@{rounds.worker_cpu}", *devices, "--",
            "-p", "0x3", "-P", f"--lookup={look_up}", "--parse-ptype",
            "--config=(0,0,1),(1,0,1)", f"--rule_ipv4={rules4}", f"--rule_ipv6={rules6}"]
