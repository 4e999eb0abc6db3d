#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""Every chart that a scenario names can be drawn, of what the simulator writes.

    sim/test_plot.py VROUTER_SIM SCENARIO.json...
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

PLOT = pathlib.Path(__file__).resolve().parent / "plot.py"
LINES = "{http://www.w3.org/2000/svg}polyline"


def check(simulator, scenario, folder):
    wanted = json.loads(scenario.read_text(encoding="utf-8"))["draw"]
    result = folder / scenario.name
    subprocess.run([simulator, "--quiet", "--seconds", "0.2", "--json", result, scenario], check=True)
    drawn = subprocess.run([sys.executable, PLOT, result], check=True, capture_output=True, text=True)
    paths = drawn.stdout.split()
    assert wanted and len(paths) == len(wanted), f"{scenario}: drawn {paths}, wanted {len(wanted)}"
    for path in paths:
        assert ElementTree.parse(path).findall(LINES), f"{path}: no line"


def main():
    simulator, *scenarios = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        for scenario in scenarios:
            check(simulator, pathlib.Path(scenario), pathlib.Path(folder))
    print(f"charts of {len(scenarios)} scenarios")


if __name__ == "__main__":
    main()
