# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""CPU time reserved (after Abeni et al., figures 4 to 6): the reserved router's throughput follows
its reservation, the others share what is left by weight."""

import chart
from fairness_frames import Router, flow
from fairness_report import Round
from fairness_shares import ABOVE, prove_generator, tsc_hz

BURN = 1000
RESERVED = (35, 45, 55, 65, 75, 85, 95)  # percent
PERIOD_US = 1000
OTHERS = {"one": 1, "two": 2}  # weights
LINEAR = 2.0  # percent


def reservations(suite):
    result = Round()
    phases = {percent: reservation_of(suite, result, percent)
              for percent in (RESERVED[::3] if suite.quick else RESERVED)}
    # The line through the origin that fits best; of a machine that is quiet its slope is the
    # capacity.
    slope = (sum(percent * phase.received_rate("reserved") for percent, phase in phases.items())
             / sum(percent * percent for percent in phases))
    result.row("slope of the line", capacity_mpps=100 * slope / 1e6)
    for percent, phase in phases.items():
        judge(result, phase, percent, percent * slope)
    return result


def reservation_of(suite, result, percent):
    routers = [Router("reserved", cycles=BURN, more={
        "reserve": {"runtime_us": PERIOD_US * percent // 100, "period_us": PERIOD_US}})]
    routers += [Router(name, weight=weight, cycles=BURN) for name, weight in OTHERS.items()]
    with suite.bench(f"reservation-{percent}", routers, ring=4096) as bench:
        hz = tsc_hz(bench)
        capacity = hz / bench.cost(flow(routers[0]))
        flows = [flow(router, ABOVE * capacity) for router in routers]
        prove_generator(result, bench, flows)
        phase = bench.phase(f"{percent}% reserved", flows, saturated=True)
    result.took(phase)
    return phase


def judge(result, phase, percent, entitled):
    disturbed = phase.disturbed
    received = phase.received_rate("reserved")
    rest = {name: phase.shares[name]["charged"] for name in OTHERS}
    result.row(f"{percent}% reserved", entitled_mpps=entitled / 1e6,
               received_mpps=received / 1e6, error_percent=100 * (received / entitled - 1),
               cpu_percent=100 * phase.cpu("reserved"))
    result.check(f"{percent}% reserved: throughput against the line, %",
                 100 * abs(received / entitled - 1), "<=", LINEAR, disturbed)
    result.check(f"{percent}% reserved: CPU time against it, %",
                 abs(100 * phase.cpu("reserved") - percent), "<=", LINEAR, disturbed)
    for name, weight in OTHERS.items():
        part = rest[name] / max(1, sum(rest.values()))
        wanted = weight / sum(OTHERS.values())
        result.row(f"{percent}% reserved, of the rest: weight {weight}",
                   entitled_percent=100 * wanted, received_percent=100 * part,
                   error_percent=100 * (part / wanted - 1))
        result.check(f"{percent}% reserved: weight {weight} of the rest, error %",
                     100 * abs(part / wanted - 1), "<=", LINEAR, disturbed)


def draw_reservations(summary):
    rows = summary["rows"]
    axis = [percent for percent in RESERVED if f"{percent}% reserved" in rows]
    series = [chart.Series(name, {at: rows[f"{percent}% reserved"][column]
                                  for at, percent in enumerate(axis)}, dashed=column[0] == "e")
              for name, column in (("received", "received_mpps"), ("reserved", "entitled_mpps"))]
    return chart.draw("Throughput, Mpps, over the CPU time reserved, %",
                      [str(percent) for percent in axis], series)
