#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""What does deciding who runs next cost? Runs sched-bench (sched.c), which tells how."""

import os
import subprocess

import rig
import rounds
from rig import Failure

MEMORY = 16  # MB: it needs next to nothing


def experiment():
    parser = rounds.argument_parser(__doc__, memory=MEMORY)
    parser.set_defaults(rounds=7)
    arguments = parser.parse_args()
    program = arguments.build / "bench" / "sched-bench"
    if not os.access(program, os.X_OK):
        parser.error(f"{program} is missing: run make")
    with rounds.workplace(arguments) as (folder, _, _, _):
        _, cpu = rig.worker_cpus()
        path = folder / "sched.json"
        path.unlink(missing_ok=True)
        # 1 is for figures that are not met, which are in the file.
        status = subprocess.run(["taskset", "--cpu-list", str(cpu), program, "--rounds",
                                 str(arguments.rounds), "--json", path], check=False).returncode
    if status not in (0, 1) or not path.exists():
        raise Failure(f"sched-bench ended with status {status}")
    print(f"\n{path}")


if __name__ == "__main__":
    rounds.main("sched.py", experiment)
