#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""What does each element of a pipeline cost? Runs elements-bench (elements.c), which tells how.

Without hugepages a pass over a burst costs several times as much, in TLB misses.
"""

import json
import os
import subprocess

import rig
import rounds
from rig import Failure

MEMORY = 2048


def experiment():
    parser = rounds.argument_parser(__doc__, memory=MEMORY)
    parser.set_defaults(rounds=9)
    arguments = parser.parse_args()
    program = arguments.build / "bench" / "elements-bench"
    if not os.access(program, os.X_OK):
        parser.error(f"{program} is missing: run make")
    with rounds.workplace(arguments) as (folder, _, memory, pages):
        _, cpu = rig.worker_cpus()
        path = folder / "elements.json"
        print(pages, flush=True)
        status = subprocess.run(
            [program, "--no-pci", "--no-telemetry", *memory, f"--lcores=0@{cpu}",
             f"--file-prefix=vrouter-bench-{os.getpid()}-elements", "--log-level=4", "--",
             "-r", str(arguments.rounds), "-j", path], check=False).returncode
    if not path.exists():
        raise Failure(f"elements-bench ended with status {status}")
    missed = [result["name"] for result in json.loads(path.read_text())["results"]
              if not result["met"]]
    if missed:
        print(f"not met: {', '.join(missed)}")
    print(f"\n{path}")


if __name__ == "__main__":
    rounds.main("elements.py", experiment)
