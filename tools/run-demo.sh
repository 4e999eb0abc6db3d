#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
#
# Runs configs/demo.json on made-up traffic: no root, no hugepages, no NIC, one core at least. On a
# terminal the routers are watched until Ctrl-C; elsewhere it runs for ten seconds.

set -euo pipefail
cd "$(dirname "$0")/.."

# The CPUs this process may use, one a line; they need not begin at 0.
allowed_cpus()
{
    local range
    while IFS= read -r -d, range; do
        seq "${range%-*}" "${range#*-}"
    done < <(sed -n 's/^Cpus_allowed_list:[[:space:]]*\(.*\)$/\1,/p' /proc/self/status)
}

# The control thread sleeps most of the time, so one CPU carries both where there is only one.
mapfile -t cpus < <(allowed_cpus)
lcores="0@${cpus[0]},1@${cpus[1]:-${cpus[0]}}"

# The traffic comes as 4 : 3 : 2; what becomes of it is for the weights to say.
tools/make-traffic.py build/demo.pcap --destination-mac 02:00:00:00:00:01 \
    --vlan 10:4 --vlan 20:3 --vlan 30:2

if [[ -t 0 && -t 1 ]]; then
    manner=(-i --cmdline-file configs/demo.cmd)
else
    manner=(--run-for 10)
fi

command=(
    build/app/dpdk-vrouter --no-huge -m 512 --no-pci --file-prefix vrouter-demo
    --lcores "$lcores" --vr-config configs/demo.json "${manner[@]}"
)
echo "+ ${command[*]}"
exec "${command[@]}"
