# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""More than the worker can do: throughput, what a drop costs, and delay against the FIFO's length
(Rathore et al., figures 4 and 5; Abeni et al., figures 15 to 17)."""

import chart
from fairness_frames import Router, flow
from fairness_report import Round
from fairness_shares import prove_generator, tsc_hz

BURN = 1500
FIFOS = (32, 128, 256, 1024, 4096)
LOADS = (0.5, 0.8, 1.0, 1.2, 1.5, 2.0, 3.0, 4.0, 5.0)
DELAY_LOAD = 2.0
DROP_CYCLES = 25
BLIND_MPPS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 14)
DEAR = 25000        # cycles: a packet a turn
BUSY_RATE = 200000  # frames a second, several times what its share can carry
REFUSED = 0.001  # of what was offered: the port drops
LATE = 0.05      # of what was to be offered: the generator can do no more


def overload(suite):
    result = Round()
    for own in (True, False):
        for fifo in FIFOS[::2] if suite.quick else FIFOS:
            overload_of(suite, result, own, fifo)
    drops(suite, result)
    return result


def kind(own):
    return "own queue" if own else "shared queue"


def overload_of(suite, result, own, fifo):
    """What waits does so in the port's ring where that is the router's own, else in its FIFO."""
    router = Router("r", cycles=BURN, own=own, fifo=fifo)
    idle = Router("idle", own=own)  # so that the shared queue is shared
    peak = 0
    loads = LOADS[::4] if suite.quick else LOADS
    with suite.bench(f"overload-{'own' if own else 'shared'}-{fifo}", [router, idle],
                     ring=max(64, fifo) if own else 1024) as bench:
        capacity = tsc_hz(bench) / bench.cost(flow(router))
        prove_generator(result, bench, [flow(router, LOADS[-1] * capacity)])
        for load in loads:
            phase = bench.phase(f"{load} of the capacity",
                                [flow(router, load * capacity, delay=True)],
                                saturated=load > 1.1)
            result.took(phase)
            rate = phase.received_rate("r")
            peak = max(peak, rate)
            dropped = phase.counters["r"]["dropped"].get("fifo_full", 0)
            result.row(f"{kind(own)}, FIFO of {fifo}, {load}x",
                       offered_mpps=phase.offered_rate("r") / 1e6, received_mpps=rate / 1e6,
                       refused_percent=100 * phase.refused("r") / phase.offered("r"),
                       fifo_full_percent=100 * dropped / phase.counters["r"]["received"],
                       p50_us=phase.delay_us("r", 0.5), p999_us=phase.delay_us("r", 0.999))
            if load == LOADS[-1] and own:
                result.check(f"own queue, FIFO of {fifo}: throughput at {load}x, % of its peak",
                             100 * rate / peak, ">=", 98, phase.disturbed)


def drops(suite, result):
    """A flood on the shared queue of a router whose packets are so dear that nearly all are dropped
    at its FIFO."""
    router, busy = (Router(name, cycles=DEAR, own=False) for name in ("r", "busy"))
    with suite.bench("overload-drops", [router, busy], ring=4096) as bench:
        options = {"seconds": min(0.3, suite.seconds), "saturated": True, "stall_us": 2000.0}
        rate = sorted_rate(result, bench, router, busy, options)
        flows = [flow(router, rate), flow(busy, BUSY_RATE)]
        bare = bench.phase("receive and free", flows, work="receive", **options)
        phase = bench.phase("all dropped", flows, **options)
    result.took(bare)
    result.took(phase)
    port = bare.result["receive"]
    cost = phase.result["worker"]["billed"] / (phase.offered("r") + phase.offered("busy"))
    receive, read, free = (port[key] for key in ("receive_cycles", "read_cycles", "free_cycles"))
    result.row("a frame dropped at a full FIFO, cycles", whole=cost, port_receives=receive,
               header_from_other_core=read, buffer_back=free, beyond_receive=cost - receive,
               beyond_receive_and_free=cost - receive - free,
               beyond_all_three=cost - receive - read - free)
    result.check("cycles of a drop beyond receiving the frame and giving its buffer back",
                 cost - receive - free, "<=", DROP_CYCLES, phase.disturbed)
    worker = phase.result["worker"]
    paid = sum(share["charged"] for share in phase.shares.values()) / max(
        1, worker["billed"] + worker["run"])
    result.check("part of turns and drops that routers were charged, %", 100 * paid, ">=", 99.9,
                 phase.disturbed)


def sorted_rate(result, bench, router, busy, options):
    """The rate up to which classification keeps up while all routers have work; what comes on top
    the port drops blindly."""
    kept = BLIND_MPPS[0]
    for mpps in BLIND_MPPS:
        phase = bench.phase(f"{mpps} Mpps", [flow(router, mpps * 1e6), flow(busy, BUSY_RATE)],
                            **options)
        counted = phase.flows["r"]["counted"]
        refused = phase.refused("r") / max(1, phase.offered("r"))
        late = counted["slipped"] / max(1, counted["slipped"] + counted["offered"])
        result.row(f"shared queue, {mpps} Mpps",
                   sorted_mpps=(phase.offered("r") - phase.refused("r")) / phase.seconds / 1e6,
                   refused_percent=100 * refused, generator_late_percent=100 * late,
                   receiving_percent=100 * phase.result["worker"]["billed"]
                   / phase.result["worker"]["elapsed"])
        if refused > REFUSED or late > LATE:
            reason = ("the port drops" if refused > REFUSED
                      else "the generator can offer no more, classification keeps up")
            result.note("shared queue", f"from {mpps} Mpps on {reason}")
            break
        kept = mpps
    result.row("shared queue: classification keeps up", up_to_mpps=kept)
    return kept * 1e6


def draw_throughput(summary):
    rows = summary["rows"]
    loads = [load for load in LOADS if f"own queue, FIFO of {FIFOS[0]}, {load}x" in rows]
    series = [chart.Series(f"{kind(own)}, FIFO of {fifo}", {
        at: rows[f"{kind(own)}, FIFO of {fifo}, {load}x"]["received_mpps"]
        for at, load in enumerate(loads)}, dashed=not own, colour=number)
        for own in (True, False) for number, fifo in enumerate(FIFOS)
        if f"{kind(own)}, FIFO of {fifo}, {loads[0]}x" in rows]
    return chart.draw("Forwarded, Mpps, over the offered rate in capacities",
                      [f"{load:g}" for load in loads], series)


def draw_delay(summary):
    rows = summary["rows"]
    labels = [fifo for fifo in FIFOS if f"own queue, FIFO of {fifo}, {DELAY_LOAD}x" in rows]
    load = DELAY_LOAD
    if not labels:
        load = LOADS[-1]
        labels = [fifo for fifo in FIFOS if f"own queue, FIFO of {fifo}, {load}x" in rows]
    series = [chart.Series(f"{kind(own)}, {'median' if column == 'p50_us' else '99.9th'}", {
        at: rows[f"{kind(own)}, FIFO of {fifo}, {load}x"][column]
        for at, fifo in enumerate(labels)}, dashed=not own, colour=column != "p50_us")
        for own in (True, False) for column in ("p50_us", "p999_us")]
    return chart.draw(f"Delay at {load:g}x of the capacity, us, over the FIFO's length",
                      [str(fifo) for fifo in labels], series)
