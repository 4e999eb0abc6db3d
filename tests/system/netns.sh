#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
#
# Two tenants, red and blue, with two Linux hosts each and the very same addresses, behind one
# dpdk-vrouter:
#
#    red-a  10.0.1.2 ----+                +---- red-b  10.0.2.2
#                        |  dpdk-vrouter  |
#    blue-a 10.0.1.2 ----+                +---- blue-b 10.0.2.2     (MTU 1400 towards blue-b)
#
#   netns.sh [--driver af_packet|af_xdp]... [--shell] DPDK_VROUTER
#
# Each host is a network namespace, each line a veth pair whose other end is a port of the router.
# Everything is in namespaces of this script's own and ends with it. Where user namespaces are allowed
# it works without root, but for the captures, as tcpdump does not; then, and where nothing works, it
# exits with 77 (skipped). With --shell, and on a terminal, it leaves a shell on red-a at the end.

set -euo pipefail

name=${0##*/}
here=$(cd "$(dirname "$0")" && pwd)
drivers=()
shell=
skipped=77

usage()
{
    echo "usage: $name [--driver af_packet|af_xdp]... [--shell] DPDK_VROUTER" >&2
    exit 2
}

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
while (($#)); do
    case $1 in
    --driver)
        [[ ${2:-} == af_packet || ${2:-} == af_xdp ]] || usage
        drivers+=("$2")
        shift
        ;;
    --shell) shell=yes ;;
    -*) usage ;;
    *) break ;;
    esac
    shift
done
(($# == 1)) || usage
[[ -x $1 ]] || die "$1: no program"
program=$(realpath "$1")
((${#drivers[@]})) || drivers=(af_packet)
for tool in ip ethtool ping iperf3 tcpdump ss python3; do
    command -v $tool >/dev/null || skip "needs $tool"
done

# Our own /run, so that names of namespaces and sockets are nobody else's.
mount -t tmpfs tmpfs /run
work=/run/lab
mkdir "$work"
# Root of a user namespace may not set groups, which tcpdump insists on.
root=
[[ $(</proc/self/setgroups) != allow ]] || root=yes
ip link set lo up
console=$work/console

# --- the hosts ---

# on HOST COMMAND...
on()
{
    nsenter --net="/run/netns/$1" -- "${@:2}"
}

# wire DEVICE [PREFIX...]: what leaves the device is complete, as on a real wire: the sender makes the
# checksums and the segments. And nobody speaks IPv6 unasked.
wire()
{
    "${@:2}" ethtool -K "$1" tx off tso off gso off gro off >/dev/null
    "${@:2}" sysctl -qe -w "net.ipv6.conf.$1.disable_ipv6=1"
}

# host NAME ADDRESS GATEWAY MAC: eth0 in namespace NAME, whose other end here is the router's port.
host()
{
    ip netns add "$1"
    ip link add "$1" type veth peer name eth0 netns "$1"
    wire "$1"
    wire eth0 on "$1"
    ip link set "$1" up
    ip -n "$1" link set lo up
    ip -n "$1" link set eth0 address "$4"
    ip -n "$1" link set eth0 up
    ip -n "$1" address add "$2" dev eth0
    ip -n "$1" route add default via "$3"
}

make_hosts()
{
    host red-a 10.0.1.2/24 10.0.1.1 02:aa:00:00:00:0a
    host red-b 10.0.2.2/24 10.0.2.1 02:aa:00:00:00:0b
    host blue-a 10.0.1.2/24 10.0.1.1 02:bb:00:00:00:0a
    host blue-b 10.0.2.2/24 10.0.2.1 02:bb:00:00:00:0b
}

remove_hosts()
{
    local host
    for host in red-a red-b blue-a blue-b; do
        ip link delete $host
        ip netns delete $host
    done
}

# --- the router ---

# port NAME MTU
port()
{
    printf '{"name": "%s", "device": "net_%s_%s,iface=%s", "mtu": %s}' "$1" "$driver" "$1" "$1" "$2"
}

# router NAME NUMBER: blackhole, unreachable and prohibit have a route each.
router()
{
    cat <<ROUTER
    {
      "name": "$1", "weight": 1,
      "interfaces": [
        {"name": "a", "port": "$1-a", "mac": "02:00:00:00:0$2:01", "addresses": ["10.0.1.1/24"]},
        {"name": "b", "port": "$1-b", "mac": "02:00:00:00:0$2:02", "addresses": ["10.0.2.1/24"]}
      ],
      "routes": [
        {"prefix": "192.0.2.0/24", "type": "unreachable"},
        {"prefix": "198.51.100.0/24", "type": "prohibit"},
        {"prefix": "198.18.0.0/15", "type": "blackhole"}
      ]
    }
ROUTER
}

make_config()
{
    cat <<CONFIG
{
  "ports": [
    $(port red-a 1500),
    $(port red-b 1500),
    $(port blue-a 1500),
    $(port blue-b 1400)
  ],
  "routers": [
$(router red 1),
$(router blue 2)
  ]
}
CONFIG
}

start_router()
{
    local cpus
    mapfile -t cpus < <(python3 -c 'import os; print(*sorted(os.sched_getaffinity(0)), sep="\n")')
    log=$work/log.$driver
    make_config >"$work/vrs.json"
    "$program" --no-huge -m 1024 --no-pci --file-prefix "netns-$driver" \
        --lcores "0@${cpus[0]},1@${cpus[1]:-${cpus[0]}}" \
        --vr-config "$work/vrs.json" --console-socket "$console" </dev/null >"$log" 2>&1 &
    vrouter=$!
    until_true "the router to start" started
    kill -0 "$vrouter" 2>/dev/null || refused || die "the router did not start"
}

# Or has ended already.
started()
{
    [[ -S $console ]] || ! kill -0 "$vrouter" 2>/dev/null
}

# AF_XDP needs the kernel's leave, which says no in many ways.
refused()
{
    [[ $driver == af_xdp ]] && grep -q ": port red-a: " "$log" &&
        skip "no AF_XDP here: $(grep -m 1 -o "port red-a: .*" "$log")"
}

# SIGTERM must end it well: 0 also says that no packet buffer was lost.
stop_router()
{
    local began status=0
    began=$(date +%s%N)
    kill $vrouter
    wait $vrouter || status=$?
    ((status == 0)) || die "the router ended with status $status"
    echo "   ended by SIGTERM with status 0 after $((($(date +%s%N) - began) / 1000000)) ms"
}

# ctl COMMAND...: on the router's console
ctl()
{
    "$here/../../tools/vrouterctl" --socket "$console" "$@"
}

# --- checks ---

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
        kill -0 "$vrouter" 2>/dev/null || die "the router ended"
        sleep 0.05
    done
    die "waited for $1"
}

# shows EXPECTED COMMAND...: whatever status the command has. A ping may give up on an answer that
# comes late, and is then sent again.
shows()
{
    local try output
    for ((try = 0; try < 5; try++)); do
        output=$("${@:2}" 2>&1) || true
        ! grep -m 1 -E -- "$1" <<<"$output" | sed 's/^/   /' | grep . || return 0
    done
    die "${*:2}: expected $1, found: $output"
}

# What the console's JSON says of router $1: field $2.
count()
{
    ctl show vr "$1" json | python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$2"
}

# answered FILE COUNT: how many of the first so many pings have an answer, by what `ping -n -c COUNT -w
# SECONDS` said. It sends more until it has COUNT answers; without -w it ends soon after the last that
# it sends, whatever -W says, and does not hear of answers that come later.
answered()
{
    grep -Eo 'icmp_seq=[0-9]+ ttl=' "$1" | sort -u | awk -F '[= ]' -v n="$2" '$2 <= n' | wc -l
}

# reaches HOST ADDRESS: ends early if the router does.
reaches()
{
    until_true "$1 to reach $2" on "$1" ping -q -c 1 -W 1 "$2"
}

check_ping()
{
    local tenant
    step "ping crosses each router; ttl=63 says: one router on the way"
    for tenant in red blue; do
        reaches $tenant-a 10.0.2.2
        shows "from 10.0.2.2: .*ttl=63 " on $tenant-a ping -n -c 1 10.0.2.2
        shows "from 10.0.1.2: .*ttl=63 " on $tenant-b ping -n -c 1 10.0.1.2
    done
    step "a router answers for its own addresses, the far one too"
    for tenant in red blue; do
        shows "from 10.0.1.1: .*ttl=64 " on $tenant-a ping -n -c 1 10.0.1.1
        shows "from 10.0.2.1: .*ttl=64 " on $tenant-a ping -n -c 1 10.0.2.1
    done
}

check_neighbours()
{
    step "Linux has learnt the routers' MACs, each host its own router's"
    shows "10.0.1.1 dev eth0 lladdr 02:00:00:00:01:01" ip -n red-a neigh
    shows "10.0.2.1 dev eth0 lladdr 02:00:00:00:01:02" ip -n red-b neigh
    shows "10.0.1.1 dev eth0 lladdr 02:00:00:00:02:01" ip -n blue-a neigh
    step "and the routers those of Linux"
    shows "10.0.1.2 +a +02:aa:00:00:00:0a +(reachable|stale|delay|probe)" ctl show vr red neighbours
    shows "10.0.2.2 +b +02:bb:00:00:00:0b +(reachable|stale|delay|probe)" ctl show vr blue neighbours
}

check_errors()
{
    local tenant
    step "ICMP errors come from the router that could not go on"
    for tenant in red blue; do
        shows "From 10.0.1.1 .*Time to live exceeded" on $tenant-a ping -n -c 1 -t 1 10.0.2.2
        shows "From 10.0.1.1 .*Destination Net Unreachable" on $tenant-a ping -n -c 1 203.0.113.9
        shows "From 10.0.1.1 .*Destination Host Unreachable" on $tenant-a ping -n -c 1 192.0.2.1
        shows "From 10.0.1.1 .*Packet filtered" on $tenant-a ping -n -c 1 198.51.100.1
        shows "From 10.0.1.1 .*Destination Host Unreachable" on $tenant-a ping -n -c 1 10.0.2.99
        shows "100% packet loss" on $tenant-a ping -n -c 1 -W 0.2 198.18.0.1
        shows "refused" on $tenant-a python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(60)
s.connect(("10.0.1.1", 9))
s.send(b"?")
s.recv(1)'
    done
    step "MTU 1400 towards blue-b: blue tells who may not have it cut"
    shows "mtu ?= ?1400" on blue-a ping -n -c 1 -M "do" -s 1472 10.0.2.2
    shows "from 10.0.2.2" on blue-a ping -n -c 1 -M "do" -s 1372 10.0.2.2
    shows "from 10.0.2.2" on red-a ping -n -c 1 -M "do" -s 1472 10.0.2.2
}

# tcp HOST: from there to its tenant's b and, with -R, back
tcp()
{
    local tenant=${1%-a} reverse server
    for reverse in "" -R; do
        on "$tenant-b" iperf3 -s -1 >"$work/iperf3.$tenant" 2>&1 &
        server=$!
        until_true "iperf3 on $tenant-b" listening "$tenant-b" 5201
        on "$tenant-a" iperf3 -c 10.0.2.2 -n 40M $reverse -J >"$work/iperf3.json" ||
            die "iperf3 ${reverse:-forth} on $tenant-a: $(cat "$work/iperf3.json")"
        # It listens until then, which the next one's listening is not to be taken for.
        wait $server || die "iperf3 on $tenant-b: $(cat "$work/iperf3.$tenant")"
        python3 - "$tenant" "${reverse:-forth}" "$work/iperf3.json" <<'PYTHON' || die "no TCP data: $(cat "$work/iperf3.json")"
import json, sys
end = json.load(open(sys.argv[3]))["end"]
received, sent = end["sum_received"], end["sum_sent"]
print("   %s %s: %.1f MB received, %.0f Mbit/s, %d segments sent again" % (
    sys.argv[1], sys.argv[2].replace("-R", "back"), received["bytes"] / 1e6,
    received["bits_per_second"] / 1e6, sent.get("retransmits", 0)))
sys.exit(received["bytes"] < 20e6)
PYTHON
    done
}

listening()
{
    on "$1" ss -Hltn "sport = $2" | grep -q .
}

check_tcp()
{
    step "TCP crosses each router, in both directions"
    tcp red-a
    tcp blue-a
}

check_identity()
{
    local tenant answer
    step "the same address, two hosts: who answers 10.0.2.2?"
    for tenant in red blue; do
        on $tenant-b python3 -c "
import socket
socket.create_server(('10.0.2.2', 7)).accept()[0].sendall(b'$tenant-b')" &
        until_true "the server on $tenant-b" listening $tenant-b 7
        answer=$(on $tenant-a python3 -c "
import socket
print(socket.create_connection(('10.0.2.2', 7), timeout=60).recv(64).decode())")
        echo "   $tenant-a asks 10.0.2.2: $answer"
        [[ $answer == "$tenant-b" ]] || die "that was the wrong tenant's host"
    done
}

# Frames in the capture of a host that match.
frames()
{
    tcpdump -r "$work/$1.pcap" -xx -n "${@:2}" 2>/dev/null | grep -c '^[0-9]' || true
}

# Payload pattern, as it shows in a dump.
payload()
{
    tcpdump -r "$work/$1.pcap" -x -n icmp 2>/dev/null | grep -c "0x0030: .*$2 $2" || true
}

# marked HOST PATTERN NUMBER: that there are so many with that payload, or more
marked()
{
    (($(payload "$1" "$2") >= $3))
}

# drops_differ FROM: whether other drops are told by now
drops_differ()
{
    [[ $(ctl show drops json) != "$1" ]]
}

check_isolation()
{
    local host captures=() other own last pattern before
    step "what is red's never gets to blue, nor back: captures on all four hosts"
    for host in red-a red-b blue-a blue-b; do
        # Not by on(): it is tcpdump itself that is to be ended.
        nsenter --net=/run/netns/$host -- tcpdump -Z root -U -n -i eth0 -w "$work/$host.pcap" \
            2>"$work/$host.tcpdump" &
        captures+=($!)
        until_true "tcpdump on $host" grep -q "listening on" "$work/$host.tcpdump"
    done
    on red-a ping -q -n -i 0.01 -c 100 -w 60 -p a5a5 10.0.2.2 >/dev/null &
    on blue-a ping -q -n -i 0.01 -c 100 -w 60 -p 5c5c 10.0.2.2 >/dev/null
    wait $!
    # Frames for blue's router, and for blue's host, put on red's wire.
    before=$(ctl show drops json)
    ip -n red-a neigh replace 10.0.1.1 lladdr 02:00:00:00:02:01 dev eth0
    on red-a ping -q -n -i 0.01 -c 20 -W 0.1 -p a5a5 10.0.2.2 >/dev/null && die "a wrong MAC passed"
    ip -n red-a neigh replace 10.0.1.1 lladdr 02:bb:00:00:00:0b dev eth0
    on red-a ping -q -n -i 0.01 -c 20 -W 0.1 -p a5a5 10.0.2.2 >/dev/null && die "a wrong MAC passed"
    ip -n red-a neigh del 10.0.1.1 dev eth0
    until_true "frames for nobody to be counted" drops_differ "$before"
    on red-a ping -q -n -c 1 -w 60 -p a5b7 10.0.2.2 >/dev/null || die "red does not go on"
    on blue-a ping -q -n -c 1 -w 60 -p 5cb7 10.0.2.2 >/dev/null || die "blue does not go on"
    # What is behind those that went astray has been written: so would they be.
    for host in red-a red-b blue-a blue-b; do
        [[ $host == red-* ]] && last=a5b7 || last=5cb7
        until_true "the last frames on $host" marked $host $last 2
    done
    kill "${captures[@]}"
    wait "${captures[@]}" || true
    for host in red-a red-b blue-a blue-b; do
        case $host in
        red-*) own=a5a5 other=5c5c pattern='ether[6:2] == 0x02bb or ether[0:2] == 0x02bb or
            ether[0:4] == 0x02000000 and ether[4] == 2 or ether[6:4] == 0x02000000 and ether[10] == 2' ;;
        *) own=5c5c other=a5a5 pattern='ether[6:2] == 0x02aa or ether[0:2] == 0x02aa or
            ether[0:4] == 0x02000000 and ether[4] == 1 or ether[6:4] == 0x02000000 and ether[10] == 1' ;;
        esac
        # What red-a itself sent astray does not count.
        [[ $host != red-a ]] || pattern="($pattern) and not ether src 02:aa:00:00:00:0a"
        echo "   $host: $(frames $host) frames, $(payload $host $own) with its tenant's payload," \
            "$(payload $host $other) with the other's, $(frames $host "$pattern") with the other's MACs"
        (($(payload $host $own) >= 200)) || die "the capture on $host lacks its own tenant's pings"
        (($(payload $host $other) == 0 && $(frames $host "$pattern") == 0)) ||
            die "$host sees the other tenant"
    done
}

check_changes()
{
    local pings load i
    step "red is loaded, its weight, routes and neighbours change, routers come and go: blue loses nothing"
    on red-b iperf3 -s -1 >/dev/null 2>&1 &
    until_true "iperf3 on red-b" listening red-b 5201
    on red-a iperf3 -c 10.0.2.2 -t 4 >"$work/load" 2>&1 &
    load=$!
    on blue-a ping -n -i 0.01 -c 300 -w 60 10.0.2.2 >"$work/pings" &
    pings=$!
    i=0
    while kill -0 $pings 2>/dev/null; do
        i=$((i + 1))
        ctl <<COMMANDS || die "a change was refused"
set vr red weight $((i % 100 + 1))
add route red 172.16.0.0/12 via 10.0.2.2
add route red 172.16.0.0/24 blackhole
add neighbour red b 10.0.2.77 02:aa:00:00:00:77
del route red 172.16.0.0/24
del route red 172.16.0.0/12
del neighbour red 10.0.2.77
add vr {"name": "green", "interfaces": [{"name": "a", "port": "blue-a", "mac": "02:00:00:00:03:01", "addresses": ["10.0.1.3/24"]}]}
del vr green
COMMANDS
    done
    wait $pings || true
    grep "packets transmitted" "$work/pings" | sed "s/^/   $i rounds of changes; blue: /"
    (($(answered "$work/pings" 300) == 300)) || die "blue lost pings: $(cat "$work/pings")"
    wait $load || die "red's TCP broke: $(cat "$work/load")"
    grep receiver "$work/load" | sed 's/^/   red: /'
    ctl set vr red weight 1
}

balanced()
{
    ctl show vr all json | python3 -c '
import json, sys
for r in json.load(sys.stdin):
    parts = [r[k] for k in ("forwarded", "answered", "consumed", "dropped")]
    if r["received"] != sum(parts) or r["queued"] or r["waiting"]:
        sys.exit(1)
    print("   %s: %d received = %d forwarded + %d answered + %d consumed + %d dropped" % (
        r["name"], r["received"], *parts))' >"$work/balance"
}

check_counters()
{
    step "every packet is accounted for"
    # Hosts go on asking for neighbours: they need not agree a moment later.
    until_true "the counters to agree: $(ctl show vr all)" balanced
    cat "$work/balance"
    (($(count red forwarded) > 1000 && $(count blue forwarded) > 1000)) || die "that is too few"
}

lab()
{
    driver=$1
    echo "=== net_$driver ==="
    make_hosts
    start_router
    check_ping
    check_neighbours
    check_errors
    check_identity
    check_tcp
    [[ ! $root ]] || check_isolation
    check_changes
    check_counters
    if [[ $shell && -t 0 && -t 1 ]]; then
        step "a shell on red-a; 'exit' ends the demo. Try: ping 10.0.2.2, tcpdump -ni eth0"
        echo "   and the router's console: tools/vrouterctl --socket $console"
        nsenter --net=/run/netns/red-a -- env PS1='red-a# ' bash --norc || true
    fi
    stop_router
    remove_hosts
}

for driver in "${drivers[@]}"; do
    lab "$driver"
done
[[ $root || $shell ]] || skip "needs root for the captures; all else passed"
echo "all passed: ${drivers[*]}"
