#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
#
# Installs the Debian packages that a target of the Makefile needs, and nothing that is there
# already. This is the only place where anything gets installed.
#
#   tools/install-deps.sh [build|test|fuzz|bench|format]...      (default: build)

set -euo pipefail

build=(
    gcc libc6-dev make meson ninja-build pkg-config python3
    libdpdk-dev libnuma-dev libjansson-dev libcunit1-dev zlib1g-dev
)
# python3-jsonschema checks the config schema; the rest are the hosts of the system tests.
test=(
    python3-jsonschema
    ethtool iperf3 iproute2 iputils-ping procps tcpdump
)
# libFuzzer and the sanitizers are clang's run-time library; llvm has what names their stack traces.
fuzz=(clang-14 libclang-rt-14-dev llvm-14)
# dpdk-dev has testpmd, dpdk-doc the sources of l3fwd.
bench=(dpdk-dev dpdk-doc)
format=(clang-format-14 git make)

usage()
{
    echo "usage: ${0##*/} [build|test|fuzz|bench|format]..." >&2
    exit 2
}

(($#)) || set -- build
wanted=()
for group in "$@"; do
    case $group in
    build) wanted+=("${build[@]}") ;;
    test) wanted+=("${build[@]}" "${test[@]}") ;;
    fuzz) wanted+=("${build[@]}" "${fuzz[@]}") ;;
    bench) wanted+=("${build[@]}" "${bench[@]}") ;;
    format) wanted+=("${format[@]}") ;;
    *) usage ;;
    esac
done

if ! command -v dpkg-query >/dev/null; then
    echo "${0##*/}: not a Debian system, so nothing was checked or installed." >&2
    echo "Needed, by Debian's names: ${wanted[*]}" >&2
    exit 0
fi

installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null || true)
missing=()
for package in "${wanted[@]}"; do
    grep -qx "installed $package" <<<"$installed" || missing+=("$package")
done
((${#missing[@]})) || exit 0

echo "${0##*/}: missing: ${missing[*]}"
if ((EUID != 0)); then
    echo "${0##*/}: installing them needs root. Run this, then try again:" >&2
    echo "    sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt=(apt-get -q -y -o DPkg::Lock::Timeout=300 -o APT::Install-Recommends=false)

install()
{
    "${apt[@]}" install "${missing[@]}"
}

# Old lists can do, but they may name versions that the mirror no longer has.
if apt-cache show "${missing[@]}" >/dev/null 2>&1; then
    echo "${0##*/}: installing them"
    install && exit 0
    echo "${0##*/}: that failed; trying again with fresh package lists"
fi
"${apt[@]}" update
echo "${0##*/}: installing them"
install
