#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""What does deciding who runs next cost? Runs sched-bench (sched.c), which tells how."""

import argparse
import os
import pathlib
import subprocess

import rig
import rounds
from rig import Failure


def experiment():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--rounds", type=rounds.positive(int), default=7)
    parser.add_argument("--build", type=pathlib.Path, default=rig.ROOT / "build",
                        help="build folder")
    arguments = parser.parse_args()
    program = arguments.build / "bench" / "sched-bench"
    if not os.access(program, os.X_OK):
        parser.error(f"{program} is missing: run make")
    path = program.parent.resolve() / "sched.json"
    path.unlink(missing_ok=True)
    _, cpu = rig.worker_cpus()
    # 1 is for figures that are not met, which are in the file.
    status = subprocess.run(["taskset", "--cpu-list", str(cpu), program, "--rounds",
                             str(arguments.rounds), "--json", path], check=False).returncode
    if status not in (0, 1) or not path.exists():
        raise Failure(f"sched-bench ended with status {status}")
    print(f"\n{path}")


if __name__ == "__main__":
    rounds.main("sched.py", experiment)
