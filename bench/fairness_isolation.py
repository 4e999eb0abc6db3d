# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""Who stays within a share loses nothing: rates that rise, after Egi et al. (CoNEXT 2008, figure
5), and a neighbour's flood, after the table of Rathore et al., scaled to this machine by ratios."""

import chart
from fairness_frames import Router, flow
from fairness_report import Round
from fairness_rig import max_min
from fairness_shares import prove_generator, tsc_hz

BURN = 1500
RATIOS = (3, 2, 1)
# Of the sum of all rates, in capacities.
STEPS = (0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0)
VICTIM = 0.6  # of its share
NEIGHBOUR = (0, 0.5, 1, 1.4, 2, 5, 10)  # of its own
NO_FLOOD = 1.5  # the least of NEIGHBOUR's kind at which the worker has no time left
TOLERANCE = 0.02


def rising(suite):
    result = Round()
    routers = [Router(name, cycles=BURN) for name in "abc"]
    ratios = dict(zip("abc", RATIOS))
    weights = dict.fromkeys("abc", 1)
    with suite.bench("rising", routers) as bench:
        hz = tsc_hz(bench)
        cost = bench.cost(flow(routers[0]))
        capacity = hz / cost
        result.note("capacity, Mpps", f"{capacity / 1e6:.2f}")
        rates = lambda step: {name: ratio / sum(RATIOS) * step * capacity
                              for name, ratio in ratios.items()}
        flows_at = lambda step: [flow(router, rates(step)[router.name], delay=True)
                                 for router in routers]
        prove_generator(result, bench, flows_at(STEPS[-1]))
        for step in STEPS[::3] if suite.quick else STEPS:
            phase = bench.phase(f"{step} of the capacity", flows_at(step))
            result.took(phase)
            judge_step(result, phase, step, capacity, max_min(capacity, rates(step), weights))
    return result


def judge_step(result, phase, step, capacity, entitled):
    for name, rate in entitled.items():
        received = phase.received_rate(name)
        result.row(f"{name}, {step}x", offered_mpps=phase.offered_rate(name) / 1e6,
                   entitled_mpps=rate / 1e6, received_mpps=received / 1e6,
                   error_percent=100 * (received / rate - 1))
        disturbed = phase.disturbed
        if phase.offered_rate(name) < 0.97 * capacity / 3:
            result.check(f"{name}, {step}x: below its third, frames lost", phase.lost(name),
                         "<=", 0, disturbed)
        elif step >= 1.25:
            result.check(f"{name}, {step}x: below what it is entitled to, %",
                         100 * (1 - received / rate), "<=", 100 * TOLERANCE, disturbed)


def draw_rising(summary):
    rows = summary["rows"]
    steps = [step for step in STEPS if f"a, {step}x" in rows]
    series = [chart.Series(f"{name}, {what}", {at: rows[f"{name}, {step}x"][f"{what}_mpps"]
                                               for at, step in enumerate(steps)},
                           dashed=what == "offered", colour=number)
              for number, name in enumerate("abc") for what in ("received", "offered")]
    return chart.draw("Mpps of three routers, rates rising by 3:2:1, over the sum of rates in "
                      "capacities", [f"{step:g}" for step in steps], series)


# The isolation table


def isolation(suite):
    result = Round()
    for own in (True, False):
        isolation_of(suite, result, own)
    return result


def isolation_of(suite, result, own):
    kind = "own queues" if own else "one shared queue"
    victim, neighbour = (Router(name, cycles=BURN, own=own) for name in ("victim", "neighbour"))
    with suite.bench(f"isolation-{'own' if own else 'shared'}", [victim, neighbour]) as bench:
        hz = tsc_hz(bench)
        capacity = hz / bench.cost(flow(victim))
        share = capacity / 2
        flows_at = lambda times: [flow(victim, VICTIM * share, delay=True),
                                  flow(neighbour, times * share)]
        prove_generator(result, bench, flows_at(NEIGHBOUR[-1]))
        level = bench.phase("no flood", flows_at(NO_FLOOD))
        total = sum(level.received_rate(name) for name in level.flows)
        for times in NEIGHBOUR[::3] if suite.quick else NEIGHBOUR:
            phase = bench.phase(f"neighbour at {times} times its share", flows_at(times))
            result.took(phase)
            judge_flood(result, phase, f"{kind}, neighbour at {times}x", times, share, total)


def judge_flood(result, phase, label, times, share, total):
    received = {name: phase.received_rate(name) for name in phase.flows}
    rest = min(times * share, total - VICTIM * share)
    both = sum(received.values())
    result.row(label, victim_offered_mpps=phase.offered_rate("victim") / 1e6,
               victim_received_mpps=received["victim"] / 1e6, victim_lost=phase.lost("victim"),
               neighbour_offered_mpps=phase.offered_rate("neighbour") / 1e6,
               neighbour_received_mpps=received["neighbour"] / 1e6,
               refused_by_port_percent=100 * phase.refused("neighbour")
               / max(1, phase.offered("neighbour")),
               of_the_rest_percent=100 * received["neighbour"] / rest if rest else float("nan"),
               total_percent=100 * both / total,
               victim_p999_us=phase.delay_us("victim", 0.999))
    disturbed = phase.disturbed
    # Of a shared queue that is full the port drops blindly, whoever it is for.
    if not label.startswith("own") and phase.refused("neighbour") > 0:
        return
    result.check(f"{label}: frames that the victim lost", phase.lost("victim"), "<=", 0, disturbed)
    if times > NO_FLOOD and label.startswith("own"):
        result.check(f"{label}: total, % of without a flood", 100 * both / total, ">=", 98,
                     disturbed)


def draw_isolation(summary):
    rows = summary["rows"]
    series = []
    for number, kind in enumerate(("own queues", "one shared queue")):
        axis = [times for times in NEIGHBOUR if f"{kind}, neighbour at {times}x" in rows]
        for what in ("victim", "neighbour"):
            series.append(chart.Series(
                f"{what}, {kind}",
                {at: rows[f"{kind}, neighbour at {times}x"][f"{what}_received_mpps"]
                 for at, times in enumerate(axis)}, dashed=number > 0, colour=what == "neighbour"))
    return chart.draw("Received, Mpps, over the neighbour's offered rate in its shares",
                      [f"{times:g}" for times in axis], series)
