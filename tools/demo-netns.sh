#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
#
# Two tenants, red and blue, with two Linux hosts each and the very same addresses, behind one
# dpdk-vrouter:
#
#    red-a  10.0.1.2 ----+                +---- red-b  10.0.2.2
#                        |  dpdk-vrouter  |
#    blue-a 10.0.1.2 ----+                +---- blue-b 10.0.2.2
#
# Shows that each host reaches its own tenant's peer, and leaves a shell on red-a if there is a
# terminal. All of it lives in namespaces of its own, and ends with this script. Works without root
# where unprivileged user namespaces are allowed.

set -euo pipefail
cd "$(dirname "$0")/.."

name=${0##*/}

die()
{
    echo "$name: $*" >&2
    exit 1
}

if [[ ${VROUTER_DEMO:-} != inside ]]; then
    unshare=(unshare --net --mount --pid --fork --kill-child --mount-proc)
    ((EUID == 0)) || unshare+=(--map-root-user)
    "${unshare[@]}" true 2>/dev/null ||
        die "cannot make namespaces (${unshare[*]}): run it as root"
    VROUTER_DEMO=inside exec "${unshare[@]}" tools/"$name"
fi

work=build/demo-netns
mkdir -p "$work"

# Our own /run, so that names of namespaces and sockets are nobody else's.
mount -t tmpfs tmpfs /run
ip link set lo up

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

# host NAME ADDRESS GATEWAY: eth0 in namespace NAME, whose other end here is the router's port NAME.
host()
{
    ip netns add "$1"
    ip link add "$1" type veth peer name eth0 netns "$1"
    wire "$1"
    wire eth0 on "$1"
    ip link set "$1" up
    ip -n "$1" link set lo up
    ip -n "$1" link set eth0 up
    ip -n "$1" address add "$2" dev eth0
    ip -n "$1" route add default via "$3"
}

for tenant in red blue; do
    host $tenant-a 10.0.1.2/24 10.0.1.1
    host $tenant-b 10.0.2.2/24 10.0.2.1
done

# port NUMBER NAME
port()
{
    printf '{"name": "%s", "device": "net_af_packet%d,iface=%s"}' "$2" "$1" "$2"
}

# router NAME NUMBER
router()
{
    cat <<ROUTER
    {
      "name": "$1", "weight": 1,
      "interfaces": [
        {"name": "a", "port": "$1-a", "mac": "02:00:00:00:0$2:01", "addresses": ["10.0.1.1/24"]},
        {"name": "b", "port": "$1-b", "mac": "02:00:00:00:0$2:02", "addresses": ["10.0.2.1/24"]}
      ]
    }
ROUTER
}

cat >"$work/vrs.json" <<CONFIG
{
  "ports": [
    $(port 0 red-a),
    $(port 1 red-b),
    $(port 2 blue-a),
    $(port 3 blue-b)
  ],
  "routers": [
$(router red 1),
$(router blue 2)
  ]
}
CONFIG

mapfile -t cpus < <(taskset -pc $$ | sed 's/.*: //; s/,/\n/g' | while IFS=- read -r first last; do
    seq "$first" "${last:-$first}"
done)
console=/run/vrouter-console
build/app/dpdk-vrouter --no-huge -m 512 --no-pci --file-prefix vrouter-demo-netns \
    --lcores "0@${cpus[0]},1@${cpus[1]:-${cpus[0]}}" \
    --vr-config "$work/vrs.json" --console-socket "$console" </dev/null >"$work/log" 2>&1 &
vrouter=$!

# Ends early if the router does.
reaches()
{
    local try
    for ((try = 0; try < 60; try++)); do
        kill -0 $vrouter 2>/dev/null || break
        on "$1" ping -q -c 1 -W 1 "$2" >/dev/null 2>&1 && return
    done
    tail -n 15 "$work/log" >&2
    die "$1 does not reach $2; the router's log is $work/log"
}

for tenant in red blue; do
    reaches $tenant-a 10.0.2.2
    echo "== $tenant-a to $tenant-b, through $tenant (ttl=63: one router on the way)"
    on $tenant-a ping -n -c 3 -i 0.2 10.0.2.2
    echo
done

echo "== The same address, two hosts: who answers red-a, and who blue-a?"
for tenant in red blue; do
    on $tenant-b python3 -c "
import socket
server = socket.create_server(('10.0.2.2', 7))
print('up', flush=True)
server.accept()[0].sendall(b'$tenant-b')" >"$work/$tenant-up" &
    until [[ -s $work/$tenant-up ]]; do sleep 0.05; done
    rm "$work/$tenant-up"
    answer=$(on $tenant-a timeout 10 python3 -c "
import socket
print(socket.create_connection(('10.0.2.2', 7)).recv(64).decode())")
    echo "$tenant-a asks 10.0.2.2: $answer"
    [[ $answer == "$tenant-b" ]] || die "that was the wrong tenant's host"
done

echo
echo "== TCP from red-a to red-b"
on red-b iperf3 -s -1 -D --pidfile "/run/iperf3.pid" >/dev/null
until on red-b ss -Hltn sport = 5201 | grep -q .; do sleep 0.05; done
on red-a iperf3 -c 10.0.2.2 -t 3 | sed -n '/ID\]/,$p'

if [[ -t 0 && -t 1 ]]; then
    echo
    echo "A shell on red-a; 'exit' ends the demo. Try: ping 10.0.2.2, traceroute, tcpdump -ni eth0"
    nsenter --net=/run/netns/red-a -- env PS1='red-a# ' bash --norc || true
fi

kill $vrouter
wait $vrouter || die "the router ended with status $?; its log is $work/log"
