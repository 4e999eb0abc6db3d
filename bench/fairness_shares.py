# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""Shares of busy routers: by weight, whatever packets cost."""

import chart
from fairness_frames import Router, flow
from fairness_report import Round
from fairness_rig import jain

QUANTUM_US = 10
COUNTS = (2, 6, 64, 1024)
OWN_PORTS = 6      # up to so many routers have ports of their own
BURN = 1000        # so that the generator has more than the worker can do
ABOVE = 1.3        # what is offered of what each is entitled to
WINDOW_MS = 10
FACTORS = (1, 3, 10, 30, 100)
CHEAPEST = 200     # cycles burnt for a packet that costs 1
LONGEST_TURN_US = 1000.0  # 64 packets of the dearest kind, where turns are not sized by cost
SIZES = (64, 256, 512, 1024, 1514)


def weights(n):
    if n < 8:
        return [round(1 + 7 * number / (n - 1)) for number in range(n)]
    return [1 + number % 8 for number in range(n)]


def largest_lag(charged, routers, bounds, bucket):
    """Of all pairs in one window: the largest difference of what two received, by weight, and by
    how much any pair is beyond the bound of sched.h (cycles)."""
    received = [cycles / router.weight for cycles, router in zip(charged, routers)]
    beyond = (max(value - bound for value, bound in zip(received, bounds))
              - min(value + bound for value, bound in zip(received, bounds)) - 2 * bucket)
    most, least = received.index(max(received)), received.index(min(received))
    return (received[most] - received[least], bounds[most] + bounds[least] + 2 * bucket, beyond)


def joined(windows, n):
    """Each of `n` in a row."""
    return [[sum(parts) for parts in zip(*windows[at:at + n])]
            for at in range(0, len(windows) - n + 1, n)]


def share_errors(phase, routers, what="charged"):
    """What each router is entitled to, and has got. What one is charged is what it used if turns
    are charged what they take."""
    charged = [phase.shares[router.name][what] for router in routers]
    total, all_weights = sum(charged), sum(router.weight for router in routers)
    return {router.name: (router.weight / all_weights, cycles / total)
            for router, cycles in zip(routers, charged)}


def judge_windows(result, phase, routers, label):
    bucket = phase.result["bucket"]
    bounds = [phase.shares[router.name]["largest"] / router.weight for router in routers]
    for milliseconds in (WINDOW_MS, 10 * WINDOW_MS):
        windows = joined(phase.result["windows"], milliseconds // WINDOW_MS)
        if not windows:
            continue
        lags = [largest_lag(window, routers, bounds, bucket) for window in windows]
        in_us = 1e6 / phase.hz
        worst = max(lags)
        result.row(f"{label}, windows of {milliseconds} ms",
                   lag_us=worst[0] * in_us, bound_us=worst[1] * in_us)
        result.check(f"{label}: largest excess over the bound, {milliseconds} ms, us",
                     max(lag[2] for lag in lags) * in_us, "<=", 0,
                     disturbed=phase.result["slept"] > 0)  # it is of those that stay awake
        if milliseconds == WINDOW_MS:
            result.curve(label, [lag[0] * in_us for lag in lags])
            result.curve(f"{label}, bound", [lag[1] * in_us for lag in lags])


def busy_flows(routers, cost, hz):
    total = sum(router.weight for router in routers)
    return [flow(router, ABOVE * hz / cost * router.weight / total) for router in routers]


def prove_generator(result, bench, flows):
    """The same flows through bare ports: nothing is lost, or what is lost later says nothing."""
    phase = bench.phase("generator alone", flows, seconds=min(0.1, bench.suite.seconds),
                        warmup=0.02, work="forward")
    lost = sum(phase.lost(name) for name in phase.flows)
    result.check(f"{bench.name}: frames that the generator alone loses", lost, "<=", 0,
                 disturbed=phase.disturbed)


def shares_of(suite, result, n, quantum_us):
    """`n` routers, and what they are called in the report."""
    label = f"{n} routers" + (f", quantum of {quantum_us} us" if quantum_us != QUANTUM_US else "")
    routers = [Router(f"r{number}", weight=weight, cycles=BURN, own=n <= OWN_PORTS, fifo=256)
               for number, weight in enumerate(weights(n))]
    with suite.bench(f"shares-{n}-{quantum_us}", routers, ring=4096,
                     quantum_us=quantum_us) as bench:
        cost = bench.cost(flow(routers[0]))
        hz = tsc_hz(bench)
        flows = busy_flows(routers, cost, hz)
        prove_generator(result, bench, flows)
        phase = bench.phase(label, flows, seconds=max(1.0, suite.seconds),
                            warmup=max(suite.warmup, 0.3),
                            slice_seconds=max(1.0, suite.seconds), saturated=True,
                            window_us=WINDOW_MS * 1000.0)
    errors = share_errors(phase, routers)
    relative = [received / entitled - 1 for entitled, received in errors.values()]
    result.took(phase)
    result.row(label, error_percent=100 * max(map(abs, relative)),
               jain=jain([1 + error for error in relative]), mpps=hz / cost / 1e6,
               emptied=phase.result["slept"])
    for weight in sorted({router.weight for router in routers}):
        of_weight = [errors[router.name] for router in routers if router.weight == weight]
        result.row(f"{label}, weight {weight}",
                   entitled_percent=100 * of_weight[0][0],
                   received_percent=100 * sum(pair[1] for pair in of_weight) / len(of_weight),
                   error_percent=100 * max(abs(got / entitled - 1)
                                           for entitled, got in of_weight))
    disturbed = phase.disturbed
    result.check(f"{label}: largest share error over {phase.seconds:g} s, %",
                 100 * max(map(abs, relative)), "<=", 1 if n <= 64 else 3, disturbed=disturbed)
    result.check(f"{label}: Jain's index", jain([1 + error for error in relative]), ">=",
                 0.9999, disturbed=disturbed)
    judge_windows(result, phase, routers, label)


def tsc_hz(bench):
    """The unit of all cycles, from a phase without traffic."""
    return bench.once({"name": "clock", "warmup_us": 1.0, "measure_us": 100.0, "flows": []})["hz"]


def shares(suite):
    result = Round()
    for n in COUNTS[:3] if suite.quick else COUNTS:
        shares_of(suite, result, n, QUANTUM_US)
    # A router of weight 1 among 1,024 has some 22 turns of 10 us in a second.
    if not suite.quick:
        shares_of(suite, result, COUNTS[-1], QUANTUM_US // 2)
    return result


def draw_shares(summary):
    curves = summary["curves"]
    axis = [str(at * WINDOW_MS) if at % 10 == 0 else "" for at in range(
        max(map(len, curves.values()), default=0))]
    series = [chart.Series(name, dict(enumerate(points)), dashed="bound" in name, marks=False,
                           colour=number // 2)
              for number, (name, points) in enumerate(curves.items())]
    return chart.draw("Largest lag of a router behind another, in each 10 ms (us at weight 1)",
                      axis, series)


# Costs

MODES = {
    "exact": None,
    "sampled": {"mode": "sampled", "period": 20, "phase": "random"},
    "packets": {"mode": "packets"},
    "round robin": {"mode": "round_robin"},
}


def cost_routers():
    return [Router(f"x{factor}", cycles=CHEAPEST * factor) for factor in FACTORS]


def report_shares(result, phase, routers, label):
    errors = share_errors(phase, routers, "used")
    for router in routers:
        entitled, received = errors[router.name]
        result.row(f"{label}, {router.name}", entitled_percent=100 * entitled,
                   received_percent=100 * received,
                   error_percent=100 * abs(received / entitled - 1))
    worst = 100 * max(abs(received / entitled - 1) for entitled, received in errors.values())
    result.took(phase)
    return worst


def costs_of(suite, result, mode, cost_mode):
    routers = cost_routers()
    name = f"costs-{mode.replace(' ', '-')}"
    with suite.bench(name, routers, cost=cost_mode, ring=4096) as bench:
        hz = tsc_hz(bench)
        costs = {router.name: bench.cost(flow(router)) for router in routers}
        flows = [flow(router, ABOVE * hz / costs[router.name] / (1 if cost_mode else len(routers)))
                 for router in routers]
        phase = bench.phase(mode, flows, saturated=True, stall_us=LONGEST_TURN_US)
    worst = report_shares(result, phase, routers, f"{mode}")
    if mode == "exact":
        result.check("exact: largest share error, %", worst, "<=", 1,
                     disturbed=phase.disturbed)
    result.row(f"{mode}, the worst", error_percent=worst)


def sizes_of(suite, result):
    """Frames of a size for each router, and one router with all sizes."""
    routers = [Router(f"bytes{size}", cycles=BURN) for size in SIZES]
    routers.append(Router("mixed", cycles=BURN))
    with suite.bench("costs-sizes", routers, frame_room=1536, ring=4096) as bench:
        hz = tsc_hz(bench)
        flows = []
        for router, size in zip(routers, [*SIZES, 0]):
            flows.append(flow(router, 1.0, length=(size or 64) - 4))
        flows[-1]["frames"] = [{"bytes": flow(routers[-1], 1.0, length=size - 4)
                                ["frames"][0]["bytes"]} for size in SIZES]
        costs = [bench.cost(entry) for entry in flows]
        for entry, cost in zip(flows, costs):
            entry["rate"] = ABOVE * hz / cost / len(routers)
        phase = bench.phase("sizes", flows, saturated=True)
    worst = report_shares(result, phase, routers, "sizes")
    result.check("sizes: largest share error, %", worst, "<=", 1,
                 disturbed=phase.disturbed)


def costs(suite):
    result = Round()
    for mode, cost_mode in MODES.items():
        costs_of(suite, result, mode, cost_mode)
    sizes_of(suite, result)
    return result


def draw_costs(summary):
    series = [chart.Series(mode, {at: summary["rows"][f"{mode}, x{factor}"]["received_percent"]
                                  for at, factor in enumerate(FACTORS)}) for mode in MODES]
    return chart.draw("CPU share of five busy routers, % (each is entitled to 20)",
                      [f"{factor}x" for factor in FACTORS], series)
