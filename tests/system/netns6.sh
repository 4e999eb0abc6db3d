#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
#
# Three Linux hosts that know nothing but their MAC, and what they make of a dpdk-vrouter's router
# advertisements:
#
#    a  2001:db8:a::/64 ----+
#                           |  dpdk-vrouter
#    b  2001:db8:b::/64 ----+
#                           |
#    c  2001:db8:c::1 ------+    which is the router's address, too
#
#   netns6.sh DPDK_VROUTER
#
# Each host is a network namespace, each line a veth pair whose other end is a port of the router.
# Everything is in namespaces of this script's own and ends with it. Works without root where user
# namespaces are allowed; where nothing works, it exits with 77 (skipped).

set -euo pipefail

name=${0##*/}
here=$(cd "$(dirname "$0")" && pwd)
skipped=77

die()
{
    echo "FAILED: $*" >&2
    [[ ! -s ${log:-} ]] || tail -n 15 "$log" >&2
    exit 1
}

skip()
{
    echo "skipped: $*"
    exit $skipped
}

# Where this script is, from inside: root over network, processes and mounts of our own.
enter()
{
    local unshare=(unshare --net --mount --pid --fork --kill-child --mount-proc)
    ((EUID == 0)) || unshare+=(--map-root-user)
    "${unshare[@]}" true 2>/dev/null ||
        skip "needs root, or user namespaces for all: cannot make network namespaces"
    VROUTER_NETNS=inside exec "${unshare[@]}" "$here/$name" "$@"
}

[[ ${VROUTER_NETNS:-} == inside ]] || enter "$@"
(($# == 1)) || {
    echo "usage: $name DPDK_VROUTER" >&2
    exit 2
}
[[ -x $1 ]] || die "$1: no program"
program=$(realpath "$1")
for tool in ip ethtool ping python3 sysctl; do
    command -v $tool >/dev/null || skip "needs $tool"
done
[[ -e /proc/sys/net/ipv6/conf ]] || skip "this kernel has no IPv6"

# Our own /run, so that names of namespaces and sockets are nobody else's.
mount -t tmpfs tmpfs /run
work=/run/lab
mkdir "$work"
console=$work/console
log=$work/log
ip link set lo up

# on HOST COMMAND...
on()
{
    nsenter --net="/run/netns/$1" -- "${@:2}"
}

# host NAME MAC: eth0 in namespace NAME, whose other end here is the router's port.
host()
{
    ip netns add "$1"
    ip link add name "$1" type veth peer name eth0 netns "$1"
    ethtool -K "$1" tx off tso off gso off gro off >/dev/null
    sysctl -qe -w "net.ipv6.conf.$1.disable_ipv6=1"
    on "$1" ethtool -K eth0 tx off tso off gso off gro off >/dev/null
    ip link set dev "$1" up
    ip -n "$1" link set lo up
    ip -n "$1" link set eth0 address "$2"
    # The address is to be made of the MAC, so that we know it, and asked for as soon as may be.
    on "$1" sysctl -qe -w net.ipv6.conf.eth0.addr_gen_mode=0 net.ipv6.conf.eth0.accept_ra=1 \
        net.ipv6.conf.eth0.use_tempaddr=0 net.ipv6.conf.eth0.forwarding=0
    ip -n "$1" link set eth0 up
}

# interface NAME NUMBER
interface()
{
    cat <<INTERFACE
    {"name": "$1", "port": "$1", "mac": "02:00:00:00:06:0$2", "addresses": ["2001:db8:$1::1/64"],
     "router_advertisement": {"max_interval": 4, "min_interval": 3, "lifetime": 1800, "mtu": 1400}}
INTERFACE
}

make_config()
{
    local port
    for port in a b c; do
        echo "{\"name\": \"$port\", \"device\": \"net_af_packet_$port,iface=$port\"}"
    done | paste -sd, | sed 's/.*/{"ports": [&],/'
    echo "\"routers\": [{\"name\": \"six\", \"interfaces\": ["
    interface a 1
    echo ,
    interface b 2
    echo ,
    interface c 3
    echo "]}]}"
}

started()
{
    [[ -S $console ]] || ! kill -0 "$vrouter" 2>/dev/null
}

start_router()
{
    local cpus
    mapfile -t cpus < <(python3 -c 'import os; print(*sorted(os.sched_getaffinity(0)), sep="\n")')
    make_config >"$work/vrs.json"
    "$program" --no-huge -m 1024 --no-pci --file-prefix netns6 \
        --lcores "0@${cpus[0]},1@${cpus[1]:-${cpus[0]}}" \
        --vr-config "$work/vrs.json" --console-socket "$console" </dev/null >"$log" 2>&1 &
    vrouter=$!
    until_true "the router to start" started
    kill -0 "$vrouter" 2>/dev/null || die "the router did not start"
}

ctl()
{
    "$here/../../tools/vrouterctl" --socket "$console" "$@"
}

step()
{
    echo "== $*"
}

# until_true WHAT COMMAND...
until_true()
{
    local try
    for ((try = 0; try < 600; try++)); do
        "${@:2}" >/dev/null 2>&1 && return
        ((try < 3)) || kill -0 "$vrouter" 2>/dev/null || die "the router ended"
        sleep 0.05
    done
    die "waited for $1"
}

# says EXPECTED COMMAND...: whether it does; the line is then in a file
says()
{
    local output
    output=$("${@:2}" 2>&1) || true
    grep -m 1 -E -- "$1" <<<"$output" >"$work/said"
}

# shows EXPECTED COMMAND...: that it does, sooner or later
shows()
{
    until_true "$1 of ${*:2}" says "$@"
    sed 's/^ */   /' "$work/said"
}

# The addresses that the hosts make of their MACs.
a=2001:db8:a:0:aa:ff:fe00:a
b=2001:db8:b:0:aa:ff:fe00:b
router_a=fe80::ff:fe00:601

step "three hosts; c has the address that the router is to have there"
host a 02:aa:00:00:00:0a
host b 02:aa:00:00:00:0b
host c 02:aa:00:00:00:0c
ip -n c address add 2001:db8:c::1/64 dev eth0 nodad
start_router

step "hosts configure themselves: an address, a default route, the MTU"
shows "inet6 $a/64 scope global .*mngtmpaddr|inet6 $a/64 scope global dynamic" \
    ip -n a -6 address show dev eth0 -tentative
shows "inet6 $b/64 scope global" ip -n b -6 address show dev eth0 -tentative
shows "default via $router_a .*proto ra" ip -n a -6 route
shows "^1400" on a cat /proc/sys/net/ipv6/conf/eth0/mtu

step "ping crosses the router; ttl=63 says: one router on the way"
shows "from $b: .*ttl=63 " on a ping -n -c 1 -W 1 $b
shows "from $a: .*ttl=63 " on b ping -n -c 1 -W 1 $a
shows "from 2001:db8:b::1: .*ttl=64 " on a ping -n -c 1 -W 1 2001:db8:b::1
shows "from $router_a.*: .*ttl=64 " on a ping -n -c 1 -W 1 $router_a%eth0

step "ICMPv6 errors come from the router"
shows "From 2001:db8:a::1 .*Time exceeded: Hop limit" on a ping -n -c 1 -W 1 -t 1 $b
shows "From 2001:db8:a::1 .*Destination unreachable: No route" on a ping -n -c 1 -W 1 2001:db8:ff::1
shows "From 2001:db8:a::1 .*Destination unreachable: Address unreachable" \
    on a ping -n -c 1 -W 5 2001:db8:b::99

step "each knows the other's MAC, and Linux that this is a router"
shows "^$router_a dev eth0 lladdr 02:00:00:00:06:01 router" ip -n a -6 neigh
shows "^$a +a +02:aa:00:00:00:0a +(reachable|stale|delay|probe)" ctl show vr six neighbours
shows "^$b +b +02:aa:00:00:00:0b +(reachable|stale|delay|probe)" ctl show vr six neighbours

step "while packets flow, each side asks the other whether it is still there, and is answered"
# Which sends more until it has a hundred answers, so that none is too late.
on a ping -n -i 0.2 -c 100 -w 60 $b >"$work/pings" &
pings=$!
shows "^$a +a +02:aa:00:00:00:0a +reachable" ctl show vr six neighbours
shows "^$router_a dev eth0 lladdr 02:00:00:00:06:01 router REACHABLE" ip -n a -6 neigh
wait $pings || die "pings were lost: $(cat "$work/pings")"
sed -n 's/^.* packets transmitted/   &/p' "$work/pings"
answered=$(grep -Eo 'icmp_seq=[0-9]+ ttl=' "$work/pings" | awk -F '[= ]' '$2 <= 100' | sort -u | wc -l)
((answered == 100)) || die "pings were lost: $(cat "$work/pings")"

step "the router's address that host c has stays unused, the others do not"
shows "^c .*2001:db8:c::1/64 .*duplicate preferred" ctl show vr six interfaces
shows "^a .*2001:db8:a::1/64 .*preferred preferred" ctl show vr six interfaces
shows "router six: interface c: 2001:db8:c::1 is claimed by 02:AA:00:00:00:0C" cat "$log"

step "nor can Linux take an address of the router's"
ip -n b address add 2001:db8:b::1/64 dev eth0
shows "inet6 2001:db8:b::1/64 scope global .*dadfailed" ip -n b -6 address show dev eth0
ip -n b address delete 2001:db8:b::1/64 dev eth0

step "a host whose link was down configures itself anew"
ip -n b link set eth0 down
says "scope global" ip -n b -6 address show dev eth0 && die "b has kept its address"
ip -n b link set eth0 up
shows "inet6 $b/64 scope global" ip -n b -6 address show dev eth0 -tentative
shows "from $b: .*ttl=63 " on a ping -n -c 1 -W 1 $b

step "the router goes: hosts have no default route any more"
status=0
kill $vrouter
wait $vrouter || status=$?
((status == 0)) || die "the router ended with status $status"
for host in a b; do
    # What the router has said last may still be on its way up in the host.
    for ((try = 0; try < 600; try++)); do
        [[ -n $(ip -n $host -6 route show default) ]] || break
        sleep 0.05
    done
    ((try < 600)) || die "$host still has $(ip -n $host -6 route show default)"
done
echo "all passed"
