# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""Attackers, one at a time, against a victim of the same weight that stays within its share."""

import dataclasses

import chart
from fairness_frames import (PHYSICAL, Router, arp_frame, echo_frame, ethernet, flow, raw_flow,
                             udp_frame, ETHERTYPE_IPV4)
from fairness_report import Round
from fairness_rig import SLICE
from fairness_shares import tsc_hz

BURN = 1500      # of the victim's packets, and the attacker's unless it says otherwise
LOADS = (0.5, 0.9)
QUANTUM_US = 10
QUANTA = 3       # that the victim's 99.9th percentile may be above what it is alone
TIMES = 10       # a flood, in shares
TURN = 64        # packets of a full turn
PERIOD = 20      # turns, of which one is sampled
PERIODS = 20
NEW_FLOWS = 100000
SORTED = (10, 8, 6, 5, 4, 3, 2)  # rates to try on the shared queue, in shares


@dataclasses.dataclass
class Attack:
    """`flows` gives the attacker's, of (router, share in packets of the victim's cost a second).
    `stall_us` is what the longest turn may take."""

    name: str
    flows: object
    attacker: dict = dataclasses.field(default_factory=dict)
    victim: dict = dataclasses.field(default_factory=dict)
    own: bool = True
    cost: dict = None
    judged: bool = True
    stall_us: float = 200.0
    slice_seconds: float = SLICE


def flood(router, share):
    return [flow(router, TIMES * share, name="attack")]


def greedy(router, _):
    return [flow(router, name="attack")]


def bursts(on_ms, off_ms):
    return lambda router, share: [flow(router, TIMES * share, name="attack", on_us=on_ms * 1000.0,
                                       off_us=off_ms * 1000.0)]


def broken_frame(router):
    """Its checksum is wrong: it is dropped before the first element, and costs little."""
    return udp_frame(router, PHYSICAL, broken=True)[0].hex()


def alternate(*counts):
    """So many packets that cost little, so many that cost much, and so on, as fast as the port
    takes them."""
    def flows(router, _):
        kinds = broken_frame(router), flow(router)["frames"][0]["bytes"]
        return [flow(router, name="attack", frames=[
            {"bytes": kinds[number % 2], "count": count} for number, count in enumerate(counts)])]
    return flows


def raw(make, varied=None):
    return lambda router, share: [raw_flow(router, make(router), TIMES * share, "attack",
                                           varied(router) if varied else None)]


def asking_hosts(router):
    """The sender's address of an ARP request."""
    return [{"at": len(ethernet(router, 0)) + 14 + 2, "bytes": 2, "n": 60000}]


def nat_pipeline():
    addresses = [f"203.0.113.{number}" for number in range(1, 17)]
    return {"pipeline": {"max_memory": 1024, "ingress": ["nat"], "egress": [
        {"type": "nat44", "name": "nat", "outside": "outside", "addresses": addresses,
         "max_sessions": 500000}]}}


def dodge(cost, name, judged):
    """Half a period of turns that cost little, half a period of such that cost much: if one turn
    of a period is timed, always the same, it may be that no dear one ever is. Before, packets that
    cost little until they are predicted to, so that turns are full; and again now and then, to try
    another phase. (They cost so little that this takes no time.)"""
    half = PERIOD * TURN // 2
    return Attack(name, alternate(PERIODS * PERIOD * TURN, half, *[half] * (2 * PERIODS)),
                  attacker={"cycles": 3000}, cost=cost, judged=judged, stall_us=1000.0,
                  slice_seconds=0.1)


def all_attacks():
    fixed = {"mode": "sampled", "period": PERIOD, "phase": "fixed"}
    random = {"mode": "sampled", "period": PERIOD, "phase": "random"}
    yield Attack("flood, own queue", flood)
    yield Attack("flood, shared queue", flood, own=False)
    yield Attack("packets 100 times as dear", greedy, attacker={"cycles": 40000},
                 victim={"cycles": 300}, stall_us=400.0)
    yield Attack("cache thrash", flood,
                 attacker={"cycles": 0, "burn": {"reads": 32, "memory": 64}}, stall_us=400.0)
    yield Attack("bursts of 1 ms in 10", bursts(1, 9), slice_seconds=0.1)
    yield Attack("bursts of 100 ms in 200", bursts(100, 100), slice_seconds=0.4)
    yield dodge(None, "between samples, exact", True)
    yield dodge(random, "between samples, sampled at random", False)
    yield dodge(fixed, "between samples, sampled in turn", False)
    yield Attack("dear after cheap", alternate(40 * TURN, TURN), attacker={"cycles": 3000},
                 stall_us=1000.0)
    yield Attack("TTL runs out (ICMP)", lambda router, share: [
        flow(router, TIMES * share, name="attack", ttl=1)], attacker={"cycles": 0})
    yield Attack("TTL runs out, ICMP without a limit", lambda router, share: [
        flow(router, TIMES * share, name="attack", ttl=1)],
        attacker={"cycles": 0, "more": {"icmp_rate": 10000000}})
    yield Attack("echo requests", raw(echo_frame),
                 attacker={"cycles": 0, "more": {"echo_rate": 10000000}})
    yield Attack("hosts that are not there (ARP)", lambda router, share: [
        flow(router, TIMES * share, name="attack", destination="192.168.1.0",
             varied={"destination": 60000})], attacker={"cycles": 0})
    yield Attack("ARP requests of many hosts", raw(arp_frame, asking_hosts),
                 attacker={"cycles": 0})
    yield Attack("10^5 new flows a second, NAT", lambda router, _: [
        flow(router, NEW_FLOWS, name="attack", varied={"source_port": 60000, "source": 64})],
        attacker={"cycles": 0, "more": nat_pipeline()})


def sustained(bench, victim, attacker, share):
    """The highest of the rates at which classification leaves no frame in the shared queue."""
    for times in SORTED:
        flows = [flow(victim, LOADS[-1] * share), flow(attacker, times * share, name="attack")]
        phase = bench.phase(f"{times} shares", flows, seconds=0.1, warmup=0.02)
        if not any(phase.refused(name) for name in phase.flows):
            return times
    return 1


def run_attack(suite, result, attack):
    victim = Router("victim", own=attack.own, **{"cycles": BURN} | attack.victim)
    attacker = Router("attacker", own=attack.own, **{"cycles": BURN} | attack.attacker)
    name = "".join(c if c.isalnum() else "-" for c in f"attack-{attack.name}")
    with suite.bench(name, [victim, attacker], cost=attack.cost) as bench:
        share = tsc_hz(bench) / bench.cost(flow(victim)) / 2
        if not attack.own:
            times = sustained(bench, victim, attacker, share)
            result.note(f"{attack.name}: frames a second of the attacker", f"{times * share:,.0f}")
            flows = [flow(attacker, times * share, name="attack")]
        else:
            flows = attack.flows(attacker, share)
        for load in LOADS:
            judge(suite, result, bench, attack, load, flow(victim, load * share, delay=True), flows)


def judge(suite, result, bench, attack, load, victim, flows):
    seconds = max(attack.slice_seconds, suite.seconds)
    alone = bench.phase(f"victim alone at {load}", [victim])
    phase = bench.phase(f"attack, victim at {load}", [victim, *flows], seconds=seconds,
                        slice_seconds=attack.slice_seconds, stall_us=attack.stall_us)
    result.took(alone)
    result.took(phase)
    above = phase.delay_us("victim", 0.999) - alone.delay_us("victim", 0.999)
    cost = phase.shares["victim"]["charged"] / max(1, phase.shares["victim"]["packets"])
    result.row(f"{attack.name}, {load:.0%}", lost=phase.lost("victim"),
               loss_percent=100 * phase.loss("victim"),
               alone_p999_us=alone.delay_us("victim", 0.999),
               p50_us=phase.delay_us("victim", 0.5), p99_us=phase.delay_us("victim", 0.99),
               p999_us=phase.delay_us("victim", 0.999), more_quanta=above / QUANTUM_US,
               victim_cpu_percent=100 * phase.cpu("victim"),
               attacker_cpu_percent=100 * phase.cpu("attacker"), victim_cycles=cost,
               poll_us=phase.result["loop"]["longest_poll_ns"] / 1000)
    if not attack.judged:
        return
    disturbed = alone.disturbed or phase.disturbed
    result.check(f"{attack.name}, {load:.0%}: frames that the victim lost", phase.lost("victim"),
                 "<=", 0, disturbed)
    result.check(f"{attack.name}, {load:.0%}: p99.9 above that of the victim alone, quanta",
                 above / QUANTUM_US, "<=", QUANTA, disturbed)


def attackers(suite):
    result = Round()
    judged = []
    for attack in all_attacks():
        run_attack(suite, result, attack)
        if attack.judged:
            judged += [f"{attack.name}, {load:.0%}" for load in LOADS]
    worst = {column: max(result.rows[label][column] for label in judged)
             for column in ("lost", "loss_percent", "p999_us", "more_quanta")}
    result.row("the worst of all attackers", **worst)
    return result


def draw_attackers(summary):
    names = [attack.name for attack in all_attacks() if attack.judged]
    series = [chart.Series(f"victim at {load:.0%} of its share", {
        at: summary["rows"][f"{name}, {load:.0%}"]["more_quanta"]
        for at, name in enumerate(names)
        if summary["rows"].get(f"{name}, {load:.0%}", {}).get("more_quanta")}, joined=False)
        for load in LOADS]
    return chart.draw("99.9th percentile of the victim's delay above that alone, in quanta of "
                      f"{QUANTUM_US} us", [str(number + 1) for number in range(len(names))], series,
                      legend=[f"{number + 1} {name}" for number, name in enumerate(names)])
