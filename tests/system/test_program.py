#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""The real program from outside: its options, how it starts, runs and ends, telemetry, several
workers, and the shares that routers get. The console is test_console.py's.

usage: test_program.py DPDK_VROUTER [argument of unittest]...
"""

import json
import os
import pathlib
import random
import re
import shlex
import shutil
import signal
import socket
import stat
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import unittest

import vrouter
from vrouter import Program, demo, lcores, single, wait_for

EAL = ["--no-huge", "-m", str(vrouter.MEMORY), "--no-pci"]
NOBODY = 65534
SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(2**32)))
WINDOW_S = 0.5
as_root = unittest.skipUnless(os.geteuid() == 0, "needs root")


class WorkerThread:
    """How long a worker's thread was ready to run and did not: the kernel's schedstat and steal."""

    def __init__(self, pid):
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            if "worker-1" in (task / "comm").read_text():
                self.task = task
        cpus = re.search(r"Cpus_allowed_list:\s*(\d+)", (self.task / "status").read_text())
        self.cpu = f"cpu{cpus[1]}"

    def waited_ns(self):
        waited = int((self.task / "schedstat").read_text().split()[1])
        for line in pathlib.Path("/proc/stat").read_text().splitlines():
            words = line.split()
            if words[0] == self.cpu:
                waited += int(words[8]) * 1_000_000_000 // os.sysconf("SC_CLK_TCK")
        return waited


class WithFolder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vrouter-program-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.config = self.folder / "vrs.json"
        self.config.write_text(json.dumps(single({})))

    def run_to_end(self, *arguments, patience=vrouter.PATIENCE, binary=None, **options):
        """For a program that is expected to end by itself."""
        environment = {**os.environ, "RUNTIME_DIRECTORY": str(self.folder)}
        return subprocess.run([binary or BINARY, *map(str, arguments)], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=patience, check=False,
                              env=environment, cwd=self.folder, **options)

    def copy_binary(self):
        """For nobody, who may not be let into the folder of the build."""
        copy = self.folder / "dpdk-vrouter"
        shutil.copy(BINARY, copy)
        copy.chmod(0o755)
        self.folder.chmod(0o755)
        return copy

    def start(self, *options, config=None, **keywords):
        program = Program(BINARY, config or self.config, *options, folder=self.folder, **keywords)
        self.addCleanup(program.end)
        return program

    def capture(self, *arguments):
        path = self.folder / "traffic.pcap"
        vrouter.make_traffic(path, "--destination-mac", "02:00:00:00:00:01", *arguments)
        return path

    def check_final_statistics(self, program, *names):
        first = [line.split()[0] for line in program.stdout().splitlines() if line]
        for name in ("router", *names, "lcore"):
            self.assertIn(name, first)


class Options(WithFolder):
    def test_help(self):
        result = self.run_to_end("--help")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        source = (vrouter.ROOT / "app/options.c").read_text()
        options = re.findall(r'\[OPTION_\w+\] = \{ "(-[-a-z]+)"', source)
        self.assertGreater(len(options), 8)
        manual = (vrouter.ROOT / "docs/dpdk-vrouter.8").read_text()
        manual = manual.replace("Fl Fl ", "--").replace("Fl ", "-")
        for option in options:
            self.assertRegex(result.stdout, rf"(?m)^  {option}\b")
            self.assertIn(option, manual)

    def test_version(self):
        project = re.search(r"version: '([\d.]+)'", (vrouter.ROOT / "meson.build").read_text())[1]
        result = self.run_to_end("--version")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertRegex(result.stdout, rf"^dpdk-vrouter {re.escape(project)}, DPDK \d+\.\d+")

    def test_check(self):
        """Needs no EAL, and no more of the machine than the file."""
        for arguments in (["--check", "--vr-config", self.config],
                          [f"--vr-config={self.config}", "-l", "0", "--", "--check"]):
            result = self.run_to_end(*arguments)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertEqual(result.stdout, f"{self.config}: 1 ports, 1 routers: ok\n")
        self.config.write_text("{}")
        result = self.run_to_end("--check", "--vr-config", self.config)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn(f"{self.config}:1: $:", result.stderr)

    def test_any_order(self):
        """Whatever the order, EAL gets its options and we ours."""
        rng = random.Random(SEED)
        print(f"seed {SEED}")
        commands = self.folder / "commands"
        commands.write_text("set vr only weight 42\n")
        socket_path = self.folder / "console"
        for i in range(5):
            prefix = f"order-{os.getpid()}-{i}"
            ours = [["--vr-config", self.config], ["--cmdline-file", commands],
                    ["--console-socket", socket_path], ["--stats-period", 1000],
                    ["--run-for", 10000]]
            eal = [["--no-huge"], ["-m", "512"], ["--no-pci"], ["--file-prefix", prefix],
                   ["--lcores", lcores(1)], ["--vdev", "net_null7,no-rx=1"]]
            for option in ours + eal:
                if option[0].startswith("--") and len(option) == 2 and rng.random() < 0.5:
                    option[:] = [f"{option[0]}={option[1]}"]
            rng.shuffle(ours)
            mixed = ours[:2] + eal
            rng.shuffle(mixed)
            last = ours[2:]
            if rng.random() < 0.5:
                last.insert(0, ["--"])
            arguments = [str(word) for option in mixed + last for word in option]
            with self.subTest(shlex.join(arguments)):
                program = Program(BINARY, self.config, folder=self.folder, prefix=prefix, eal=(),
                                  ready=False, replace=arguments)
                try:
                    program.wait_ready(socket_path)
                    self.assertEqual(stat.S_IMODE(socket_path.stat().st_mode), 0o600)
                    program.socket = socket_path
                    self.assertEqual(program.router("only")["weight"], 42)
                    # EAL's own view of what it got: nothing of ours, all of its own.
                    given = " ".join(program.telemetry("/eal/params"))
                    for option in eal:
                        for word in option:
                            self.assertIn(word.rpartition("=")[0] or word, given)
                    for option in ("vr-config", "cmdline-file", "console-socket", "stats-period"):
                        self.assertNotIn(option, given)
                    self.assertIn("net_null7", json.dumps([
                        program.telemetry(f"/ethdev/info,{port}")
                        for port in program.telemetry("/ethdev/list")]))
                    self.assertEqual(program.stop(), 0)
                    self.assertFalse(socket_path.exists())
                finally:
                    program.end()

    def test_bad_options(self):
        config = ["--vr-config", self.config]
        prefix = ["--file-prefix", f"bad-{os.getpid()}"]
        for arguments, *words in (
                ([], "--vr-config FILE is missing"),
                (["-l", "0-1"], "--vr-config FILE is missing"),
                (["--vr-config"], "--vr-config: FILE is missing"),
                (["--vr-config="], "--vr-config: FILE is missing"),
                (["--vr-config", "--check"], "--vr-config: FILE is missing"),
                (["--vr-confg", self.config], "--vr-confg", "did you mean --vr-config"),
                (config + ["--comdline-file", "x"], "did you mean --cmdline-file"),
                (config + ["--stats-periods", "1"], "did you mean --stats-period"),
                (config + ["--chekc"], "did you mean --check"),
                (config + ["--run-fro=3"], "--run-fro=3"),
                (config + ["--cmdline-file"], "--cmdline-file: FILE is missing"),
                (config + ["--console-socket"], "--console-socket: PATH is missing"),
                (config + ["--run-for"], "--run-for: SECONDS is missing"),
                (config + ["--check=yes"], "--check takes no value"),
                (config + ["--help=me"], "--help takes no value"),
                (config + ["extra"], "extra: not an option"),
                (config + ["--", "--no-huge"], "--no-huge: not an option"),
                (config + ["--", "-l", "0"], "-l: not an option"),
                *((config + [option, value], option, f'"{value}"', "1 to 1000000")
                  for option in ("--run-for", "--stats-period")
                  for value in ("0", "-1", "x", "1x", "1.5", "1000001", "9" * 30, " 1", "")
                  if value),
                (["--vr-config", self.folder / "none"], f"{self.folder}/none", "No such file"),
                (["--vr-config", self.folder], str(self.folder)),
                (config + EAL + prefix + ["-l", "0", "--frobnicate"], "'--frobnicate'",
                 "EAL did not start"),
                (config + EAL + prefix + ["-Z"], "'Z'", "EAL did not start"),
                (config + ["--no-huge", "--file-prefix"], "--file-prefix", "EAL did not start"),
                (config + EAL + prefix + ["--lcores", "0@99999"], "EAL did not start"),
                (config + EAL + prefix + ["--lcores", lcores(0)], "no lcore is left"),
                (config + ["--no-huge", "-m", "4", "--no-pci", "--lcores", lcores(1)] + prefix,
                 "packet buffers", "larger -m"),
        ):
            with self.subTest(shlex.join(map(str, arguments))):
                result = self.run_to_end(*arguments)
                self.assertEqual(result.returncode, 1, result.stderr)
                for word in words:
                    self.assertIn(word, result.stderr)

    @as_root
    def test_unreadable_config(self):
        self.config.chmod(0)
        result = self.run_to_end("--check", "--vr-config", self.config,
                                 binary=self.copy_binary(), user=NOBODY)
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"{self.config}: found nothing to read (Permission denied)", result.stderr)


class Start(WithFolder):
    def fails(self, config, *options, words, status=1):
        """The program ends by itself, says why, and does not lose anything on the way."""
        program = self.start(*options, config=config, ready=False)
        self.assertEqual(program.wait_end(), status, program.stderr())
        for word in words:
            self.assertIn(word, program.stderr())
        self.assertNotIn("never came back", program.stderr())
        self.assertEqual(program.stdout(), "")
        return program

    def test_ports_that_do_not_probe(self):
        """All that are wrong are told, with their lines; the good ones are no victim."""
        config = single({})
        config["ports"] += [
            {"name": "gone", "device": "0000:ff:1f.7"},
            {"name": "typo", "device": "net_nul1"},
            {"name": "nofile", "device": f"net_pcap5,rx_pcap={self.folder}/none.pcap"},
            {"name": "good", "device": "net_null2,no-rx=1"},
        ]
        path = self.folder / "ports.json"
        path.write_text(json.dumps(config, indent=4))
        lines = path.read_text().splitlines()
        program = self.fails(path, words=['"0000:ff:1f.7"', '"net_nul1"'])
        told = {name: int(line) for line, name in re.findall(
            rf"(?m)^{path}:(\d+): port (\w+): device", program.stderr())}
        self.assertEqual(list(told), ["gone", "typo", "nofile"])
        for name, line in told.items():
            self.assertIn(f'"{name}"', "\n".join(lines[line - 1:line + 1]))

    def test_lcores_that_are_not_there(self):
        for place, lcore in (("router", 7), ("router", 0), ("port", 7), ("port", 0)):
            config = single({})
            config["ports" if place == "port" else "routers"][0]["lcore"] = lcore
            with self.subTest(f"{place} {lcore}"):
                self.fails(config, words=[f"lcore {lcore}"])

    def test_console_socket_refused(self):
        file = self.folder / "file"
        file.write_text("precious")
        with self.subTest("in use"):
            one = self.start()
            self.fails(single({}), "--console-socket", one.socket,
                       words=[str(one.socket), "another process listens"])
            one.ask("show vr all")
            self.assertEqual(one.stop(), 0)
        long = self.folder / ("x" * 120)
        for path, word in ((long, "longer than 107"), (file, "no socket"),
                           (self.folder, "no socket"), (self.folder / "none" / "s", "No such file")):
            with self.subTest(path):
                self.fails(single({}), f"--console-socket={path}", words=[str(path), word])
        self.assertEqual(file.read_text(), "precious")

    def test_stale_socket_is_replaced(self):
        path = self.folder / "stale"
        with socket.socket(socket.AF_UNIX) as stale:
            stale.bind(str(path))
        program = self.start("--console-socket", path, ready=False)
        program.wait_ready(path)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        program.socket = path
        program.ask("show vr all")

    def test_cmdline_file(self):
        for path in (self.folder / "none", self.folder):
            self.fails(single({}), "--cmdline-file", path, words=[f"{path}: "])
        commands = self.folder / "commands"
        commands.write_text("# weights\n\nset vr only weight 0\nset vr only weight 3\r\n"
                            "frobnicate\nset vr only weight 4")
        program = self.start("--cmdline-file", commands)
        self.assertEqual(program.router("only")["weight"], 4)
        wait_for("the answers", lambda: "frobnicate" in program.stdout())
        self.assertIn("found 0, expected an integer", program.stdout())
        commands.write_text("quit\n")
        program = self.start("--cmdline-file", commands, ready=False)
        self.assertEqual(program.wait_end(), 0)
        self.check_final_statistics(program, "only")

    def test_same_prefix(self):
        """The second is refused with a reason, the first takes no notice."""
        one = self.start()
        two = self.start(prefix=one.prefix, config=one.config, ready=False)
        self.assertEqual(two.wait_end(), 1)
        self.assertRegex(two.stderr(), "--file-prefix NAME")
        self.assertRegex(two.stderr(), "[Ii]s another")
        self.assertEqual(one.ask("show vr all json").count("only"), 1)
        self.assertEqual(one.telemetry("/vrouter/vr/list"), ["only"])
        self.assertEqual(one.stop(), 0)

    def test_two_prefixes(self):
        one, two = self.start(), self.start()
        one.ask("set vr only weight 2")
        self.assertEqual([p.router("only")["weight"] for p in (one, two)], [2, 1])
        self.assertEqual([one.stop(), two.stop()], [0, 0])

    @as_root
    def test_without_root(self):
        """Null and pcap ports need no privilege; runtime files go where the user may write."""
        nobodys = self.folder / "nobody"
        nobodys.mkdir()
        capture = self.capture("--vlan", "10", "--vlan", "20", "--vlan", "30")
        os.chown(nobodys, NOBODY, NOBODY)
        config = self.folder / "demo.json"
        config.write_text(json.dumps(demo(capture)))
        program = Program(
            self.copy_binary(), config, folder=self.folder, user=NOBODY, group=NOBODY, extra_groups=[],
            ready=False, environment={"XDG_RUNTIME_DIR": str(nobodys), "HOME": str(nobodys)},
            remove=["RUNTIME_DIRECTORY"])
        self.addCleanup(program.end)
        program.socket = nobodys / "dpdk" / program.prefix / "vrouter.sock"
        program.wait_ready()
        self.assertEqual(program.socket.stat().st_uid, NOBODY)
        wait_for("traffic", lambda: program.router("gold")["forwarded"] > 1000)
        self.assertEqual(program.stop(), 0)
        self.check_final_statistics(program, "gold", "silver", "bronze")


class Run(WithFolder):
    def test_run_for(self):
        began = time.monotonic()
        program = self.start("--run-for", 1, config=demo(self.capture("--vlan", "10")), ready=False)
        self.assertEqual(program.wait_end(), 0)
        self.assertGreaterEqual(time.monotonic() - began, 1)
        self.check_final_statistics(program, "gold", "silver", "bronze")

    def test_stats_period(self):
        program = self.start("--stats-period", 1, config=demo(self.capture("--vlan", "10")))
        wait_for("three tables", lambda: program.stdout().count("entitled") >= 3)
        # The others announce their addresses, in turns that may last while others have the CPU.
        wait_for("gold to have had it all", lambda: re.search(
            r"(?m)^gold +1 +3 +50.0% +100.0% ", program.stdout()))
        self.assertEqual(program.stop(), 0)

    def test_signals_under_traffic(self):
        capture = self.capture("--vlan", "10:4", "--vlan", "20:3", "--vlan", "30:2")
        for number in (signal.SIGINT, signal.SIGTERM):
            program = self.start(config=demo(capture))
            wait_for("more traffic than its share carries",
                     lambda: program.router("bronze")["drops"].get("fifo_full", 0) > 0)
            self.assertEqual(program.stop(number), 0, program.stderr())
            self.check_final_statistics(program, "gold", "silver", "bronze", "Dropped:")
            self.assertFalse(program.socket.exists())
            self.assertNotIn("came back", program.stderr())

    def test_shares(self):
        """3 : 2 : 1 of the CPU time, whatever comes as 4 : 3 : 2 and could be used by all."""
        expected = {"gold": 50, "silver": 100 / 3, "bronze": 100 / 6}
        capture = self.capture("--vlan", "10:4", "--vlan", "20:3", "--vlan", "30:2")
        program = self.start("--run-for", 1000, config=demo(capture))
        wait_for("traffic for all", lambda: program.router("bronze")["forwarded"] > 0)
        worker = WorkerThread(program.process.pid)
        quiet = []
        for _ in range(40):
            began = worker.waited_ns()
            program.ask("clear stats")
            time.sleep(WINDOW_S)
            routers = {router["name"]: router for router in program.json("show vr all")}
            # What others had of its CPU is billed to whoever's turn it was, and says nothing of us.
            if worker.waited_ns() - began < 0.02 * WINDOW_S * 1e9:
                quiet.append({name: router["share_percent"] for name, router in routers.items()})
                # All were short of CPU time, or the shares would say nothing.
                for name in ("silver", "bronze"):
                    self.assertGreater(routers[name]["dropped"], 0)
            if len(quiet) == 9:
                break
        print(f"shares in {len(quiet)} windows of {WINDOW_S} s: {quiet}")
        if len(quiet) < 3:
            self.skipTest("others had the worker's CPU too much of the time")
        for name, share in expected.items():
            # A hypervisor may take the CPU without telling, which spoils a window.
            median = statistics.median(window[name] for window in quiet)
            self.assertLess(abs(median - share), 2, f"{name}: {quiet}")
            self.assertAlmostEqual(routers[name]["entitlement_percent"], share, places=2)

    def test_telemetry(self):
        capture = self.capture("--vlan", "10:4", "--vlan", "20:3", "--vlan", "30:2")
        config = demo(capture, endless=False)
        count = {"type": "count", "name": "all.of-it", "prefixes": ["0.0.0.0/0"]}
        config["routers"][0]["pipeline"] = {
            "ingress": [count, {"type": "ttl_guard"}], "egress": ["all.of-it"]}
        program = self.start(config=config)
        wait_for("the frames", lambda: program.json("show port in")["rx_packets"] == 1152)
        wait_for("rest", lambda: all(
            vrouter.balance(r) == r["queued"] == r["waiting"] == 0
            for r in program.json("show vr all")))
        self.assertEqual(program.telemetry("/vrouter/vr/list"), ["gold", "silver", "bronze"])

        def same(ours, theirs):
            """Telemetry knows no fractions, no booleans and no null: those are text there."""
            self.assertEqual(list(ours), list(theirs))
            for key, value in ours.items():
                if isinstance(value, dict):
                    same(value, theirs[key])
                elif isinstance(value, bool):
                    self.assertEqual(theirs[key], "yes" if value else "no")
                elif value is None:
                    self.assertEqual(theirs[key], "none")
                elif isinstance(value, float):
                    float(theirs[key])
                elif "cycles" not in key:
                    self.assertEqual(theirs[key], value)

        def compared(value):
            if isinstance(value, list):
                return [compared(item) for item in value]
            if isinstance(value, dict):
                return {key: compared(item) for key, item in value.items() if "cycles" not in key}
            return None if isinstance(value, float) else value

        def both(line, command):
            """
            Two answers between which nothing has happened: routers announce their addresses in
            their own time.
            """
            def look():
                ours, theirs = program.json(line), program.telemetry(command)
                still = compared(program.json(line)) == compared(ours)
                return (ours, theirs) if still else None
            return wait_for("nothing to happen", look)
        for name in ("gold", "silver", "bronze"):
            same(*both(f"show vr {name}", f"/vrouter/vr/stats,{name}"))
        elements, pipeline = both("show vr gold pipeline", "/vrouter/vr/pipeline,gold")
        self.assertEqual(list(pipeline),
                         ["all_of_it_ingress", "ttl_guard_ingress", "all_of_it_egress"])
        for ours, theirs in zip(elements, pipeline.values()):
            same(ours, theirs)
        self.assertEqual(pipeline["ttl_guard_ingress"]["drops"],
                         {"ttl": pipeline["all_of_it_ingress"]["out"]})
        self.assertEqual(program.telemetry("/vrouter/vr/pipeline,silver"), {})
        ports = program.telemetry("/vrouter/port/list")
        self.assertEqual(list(ports), ["in", "out"])
        for name in ports:
            port, ports = both(f"show port {name}", "/vrouter/port/list")
            same(port, ports[name])
        (lcore,) = program.telemetry("/vrouter/lcore/stats").values()
        self.assertEqual(lcore["lcore"], 1)
        self.assertGreater(lcore["elapsed_cycles"], lcore["run_cycles"])
        for bad in ("/vrouter/vr/stats", "/vrouter/vr/stats,none", "/vrouter/vr/stats,",
                    "/vrouter/vr/pipeline", "/vrouter/vr/pipeline,none"):
            self.assertIsNone(program.telemetry(bad))
        for command in ("/vrouter/vr/list", "/vrouter/vr/stats", "/vrouter/vr/pipeline",
                        "/vrouter/lcore/stats", "/vrouter/link/list", "/vrouter/port/list"):
            self.assertIn(command, program.telemetry("/"))
        program.ask("del vr silver")
        self.assertEqual(program.telemetry("/vrouter/vr/list"), ["gold", "bronze"])


class Workers(WithFolder):
    """Ports are polled by one worker, routers run on another."""

    FRAMES = 9000

    def placed(self, capture, endless):
        config = demo(capture, endless)
        # One transmit queue, which both workers send to.
        empty = self.folder / "empty.pcap"
        empty.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        config["ports"][1]["device"] = f"net_pcap1,rx_pcap={empty}"
        for port in config["ports"]:
            port["lcore"] = 1
        gold, silver, bronze = config["routers"]
        gold["lcore"], silver["lcore"], bronze["lcore"] = 2, 1, 2
        return config

    def test_every_frame_is_accounted_for(self):
        capture = self.capture("--count", str(self.FRAMES), "--vlan", "10:4", "--vlan", "20:3",
                               "--vlan", "30:2")
        program = self.start(config=self.placed(capture, endless=False), workers=2)
        wait_for("the frames", lambda: program.json("show port in")["rx_packets"] == self.FRAMES)
        wait_for("rest", lambda: all(
            r["queued"] == r["waiting"] == vrouter.balance(r) == 0
            for r in program.json("show vr all")))
        routers = {router["name"]: router for router in program.json("show vr all")}
        self.assertEqual({name: (r["lcore"], r["received"]) for name, r in routers.items()},
                         {"gold": (2, 4000), "silver": (1, 3000), "bronze": (2, 2000)})
        out = program.json("show port out")
        self.assertEqual(out["tx_queues"], 1)
        self.assertEqual(out["tx_mode"], "shared, locked")
        self.assertIn("tx_lock_waits", out)
        # Routers announce their addresses too, each on its own port and in its own time.
        sent = lambda: sum(program.json(f"show port {port}")["tx_packets"] for port in ("in", "out"))
        wait_for("every frame sent to be some router's", lambda: sent() == sum(
            r["forwarded"] + r["originated"] for r in program.json("show vr all")))
        one, two = program.json("show lcore")
        self.assertEqual((one["lcore"], two["lcore"]), (1, 2))
        self.assertEqual((one["rx_packets"], two["rx_packets"]), (self.FRAMES, 0))
        # Gold's and bronze's, less what found their FIFOs full.
        lost = sum(r["dropped"] for name, r in routers.items() if name != "silver")
        self.assertEqual(one["crossed"] + two["crossed"], 6000 - lost)
        self.assertEqual(program.stop(), 0, program.stderr())

    def test_routers_come_and_go(self):
        capture = self.capture("--vlan", "10:4", "--vlan", "20:3", "--vlan", "30:2")
        config = self.placed(capture, endless=True)
        program = self.start(config=config, workers=2)
        for _ in range(3):
            for router in config["routers"]:
                wait_for("traffic", lambda: program.router(router["name"])["forwarded"] > 0)
                program.ask(f"del vr {router['name']}")
                # On the other worker now.
                router["lcore"] = 3 - router["lcore"]
                program.ask(f"add vr {json.dumps(router)}")
                self.assertEqual(program.router(router["name"])["lcore"], router["lcore"])
        for router in config["routers"]:
            wait_for("traffic", lambda: program.router(router["name"])["forwarded"] > 0)
        self.assertEqual(program.stop(), 0, program.stderr())


class Ring(WithFolder):
    """net_ring gives back what is sent there: the router hears its own ARP request, and no more."""

    def test_own_requests_come_back(self):
        config = single({"routes": [{"prefix": "198.18.0.0/15", "via": "10.0.0.2"}]})
        config["ports"][0]["device"] = "net_ring0"
        capture = self.capture("--count", "10")
        config["ports"].append({"name": "in", "device": f"net_pcap0,rx_pcap={capture}"})
        config["routers"][0]["interfaces"].append(
            {"name": "in", "port": "in", "mac": "02:00:00:00:00:01", "addresses": []})
        program = self.start(config=config)
        wait_for("the frames to be given up", lambda: program.router("only")["dropped"] >= 10)
        wait_for("the requests to come back",
                 lambda: program.json("show port p0")["rx_packets"] >= 1)
        wait_for("rest", lambda: vrouter.balance(program.router("only")) == 0)
        self.assertEqual(program.router("only")["forwarded"], 0)
        self.assertEqual(program.stop(), 0, program.stderr())


class ZStopTimes(unittest.TestCase):
    """Comes last: what the tests before measured."""

    def test_within_a_second(self):
        times = Program.stop_times
        if len(times) < 5:
            self.skipTest("too few programs were stopped")
        print("seconds to stop: median %.3f, most %.3f of %d" % (
            statistics.median(times), max(times), len(times)))
        self.assertLess(statistics.median(times), 1)


if __name__ == "__main__":
    BINARY = vrouter.binary()
    unittest.main(verbosity=2)
