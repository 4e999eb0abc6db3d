#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
#
# Two tenants with the very same addresses behind one dpdk-vrouter, each with two Linux hosts in
# network namespaces: shows that ping, TCP and ICMP errors work as with a router of their own, and
# that nothing crosses from one to the other. On a terminal it leaves a shell on one of the hosts.
# It is the system test, told aloud; the whole lab is in tests/system/netns.sh.
#
#   tools/demo-netns.sh [--driver af_packet|af_xdp]...     (default: af_packet)

set -euo pipefail
cd "$(dirname "$0")/.."

exec tests/system/netns.sh --shell "$@" build/app/dpdk-vrouter
