#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""Runs fuzz targets for a while, from their seeds on.

    tests/fuzz/run.py [--seconds N] [--seed N] [--findings FOLDER] [--corpus FOLDER] [TARGET]...

All inputs of the seeds run first. The exit status is 0 without a finding, 1 with one, which is
then in the folder of findings, and 77 where the targets have not been built.
"""

import argparse
import concurrent.futures
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
TARGETS = ["frames", "config", "routes", "acl", "console"]
LENGTH_MAX = {"frames": 8192, "config": 8192, "routes": 4096, "acl": 2048, "console": 4096}
SKIPPED = 77
SHOWN = 80  # lines of a log


def parse_arguments():
    parser = argparse.ArgumentParser(description="Runs fuzz targets from their seeds on.")
    parser.add_argument("--build", type=pathlib.Path, default=TOP / "build-fuzz")
    parser.add_argument("--seconds", type=int, default=10, help="of each target")
    parser.add_argument("--seed", type=int, default=os.environ.get("TEST_SEED"),
                        help="of libFuzzer; else TEST_SEED, else a random one")
    parser.add_argument("--findings", type=pathlib.Path, default=TOP / "fuzz-findings")
    parser.add_argument("--corpus", type=pathlib.Path,
                        help="where to keep inputs that led to new code, for the next time")
    parser.add_argument("targets", nargs="*", metavar="TARGET", default=TARGETS,
                        help=", ".join(TARGETS))
    arguments = parser.parse_args()
    for target in set(arguments.targets) - set(TARGETS):
        parser.error(f"{target}: found no such target, expected one of {', '.join(TARGETS)}")
    return arguments


def environment(folder):
    env = dict(os.environ, TMPDIR=str(folder))
    env["UBSAN_OPTIONS"] = "print_stacktrace=1"
    symbolizer = shutil.which("llvm-symbolizer") or shutil.which("llvm-symbolizer-14")
    if symbolizer:
        env.setdefault("ASAN_SYMBOLIZER_PATH", symbolizer)
    return env


def figure(log, name):
    found = re.search(rf"^stat::{name}:\s+(\d+)", log, re.MULTILINE)
    return int(found[1]) if found else 0


def tell(target, log, status, found, binary):
    if status == 0:
        print(f"{target}: {figure(log, 'number_of_executed_units')} inputs,"
              f" {figure(log, 'average_exec_per_sec')} a second, nothing found", flush=True)
        return
    print("\n".join(log.splitlines()[-SHOWN:]))
    print(f"{target}: exit status {status}")
    for path in found:
        print(f"{target}: finding {path}; to see it again:\n    {binary} {path}")
    sys.stdout.flush()


def fuzz(target, arguments, seed, folder):
    """Gives whether nothing was found."""
    binary = arguments.build.resolve() / "tests/fuzz" / f"fuzz_{target}"
    findings = arguments.findings.resolve()
    corpus = (arguments.corpus.resolve() if arguments.corpus else folder / "corpus") / target
    seeds = folder / "seeds" / target
    subprocess.run([HERE / "make-seeds.py", target, seeds], check=True)
    corpus.mkdir(parents=True, exist_ok=True)
    findings.mkdir(parents=True, exist_ok=True)
    before = set(findings.iterdir())
    command = [binary, f"-seed={seed}", f"-max_total_time={arguments.seconds}",
               f"-max_len={LENGTH_MAX[target]}", f"-dict={HERE / 'dictionaries' / target}",
               "-timeout=120", "-rss_limit_mb=4096", "-print_final_stats=1",
               f"-artifact_prefix={findings}/{target}-", corpus, seeds]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                          env=environment(folder), errors="replace")
    found = [path for path in sorted(set(findings.iterdir()) - before)
             if path.name.startswith(target + "-")]
    tell(target, done.stdout, done.returncode, found, binary)
    return done.returncode == 0


def main():
    arguments = parse_arguments()
    seed = arguments.seed if arguments.seed is not None else random.randrange(1, 1 << 31)
    missing = [target for target in arguments.targets
               if not (arguments.build / "tests/fuzz" / f"fuzz_{target}").exists()]
    if missing:
        print(f"no fuzz targets in {arguments.build}: make test and make fuzz build them, with"
              " clang-14")
        return SKIPPED
    print(f"seed {seed} (TEST_SEED sets it), {arguments.seconds} s each", flush=True)
    with tempfile.TemporaryDirectory(prefix="dpdk-vrouter-") as folder:
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = list(pool.map(
                lambda target: fuzz(target, arguments, seed, pathlib.Path(folder)),
                arguments.targets))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
