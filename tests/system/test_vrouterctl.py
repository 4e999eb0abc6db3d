#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""tools/vrouterctl against the real program.

usage: test_vrouterctl.py DPDK_VROUTER [argument of unittest]...
"""

import fcntl
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import termios
import unittest

import vrouter
from vrouter import Program, Terminal, single

VROUTERCTL = vrouter.ROOT / "tools/vrouterctl"
PROMPT = "vrouter> "


class Vrouterctl(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="vrouter-ctl-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.program = Program(BINARY, single({}), folder=cls.folder)
        cls.addClassCleanup(cls.program.end)
        cls.environment = {**os.environ, "RUNTIME_DIRECTORY": str(cls.folder)}

    def run_it(self, *arguments, given="", prefix=None, environment=None):
        result = subprocess.run(
            [VROUTERCTL, "--file-prefix", prefix or self.program.prefix, *arguments], input=given,
            capture_output=True, text=True, timeout=vrouter.PATIENCE, check=False,
            env=environment or self.environment)
        return result.returncode, result.stdout, result.stderr

    def test_command(self):
        status, out, err = self.run_it("show", "vr", "only", "json")
        self.assertEqual((status, err), (0, ""))
        self.assertEqual(json.loads(out)["name"], "only")
        self.assertEqual(self.run_it("set vr only weight 5"), (0, "", ""))
        self.assertEqual(self.program.router("only")["weight"], 5)

    def test_refused(self):
        for command in ("set vr only weight 0", "show vr none", "frobnicate", "status",
                        "interactive"):
            status, out, err = self.run_it(*command.split())
            self.assertEqual((status, out), (1, ""))
            self.assertTrue(err)

    def test_json_of_several_lines(self):
        router = {"name": "late", "interfaces": [
            {"name": "lan", "port": "p0", "mac": "02:00:00:00:00:07", "addresses": []}]}
        self.assertEqual(self.run_it("add", "vr", json.dumps(router, indent=4)), (0, "", ""))
        self.assertEqual(self.run_it("del", "vr", "late"), (0, "", ""))

    def test_unreachable(self):
        status, out, err = self.run_it("show", "lcore", prefix="nobody-home")
        self.assertEqual((status, out), (2, ""))
        self.assertIn(str(self.folder / "dpdk/nobody-home/vrouter.sock"), err)
        result = subprocess.run([VROUTERCTL, "--socket", self.folder / "none", "help"],
                                capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn("No such file", result.stderr)
        result = subprocess.run([VROUTERCTL, "--socket", self.program.socket, "help"],
                                capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 0)

    def test_lines(self):
        status, out, err = self.run_it(
            given="# weights\nset vr only weight 3\n\nshow vr only json\nset vr none weight 1\n"
            "show lcore json")
        self.assertEqual(status, 1)
        first, second = out.splitlines()
        self.assertEqual(json.loads(first)["weight"], 3)
        self.assertEqual(json.loads(second)[0]["lcore"], 1)
        self.assertIn("router none", err)
        self.assertEqual(self.run_it(given="show lcore\n")[0], 0)

    def test_watch_until_interrupted(self):
        with subprocess.Popen(
                [VROUTERCTL, "--socket", self.program.socket, "watch", "vr"], text=True,
                stdout=subprocess.PIPE) as watch:
            self.assertIn("entitled", watch.stdout.readline())
            while "entitled" not in watch.stdout.readline():
                self.assertIsNone(watch.poll())
            watch.send_signal(signal.SIGINT)
            self.assertEqual(watch.wait(vrouter.PATIENCE), 128 + signal.SIGINT)

    def test_terminal(self):
        terminal = Terminal()
        self.addCleanup(terminal.close)
        before = terminal.attributes()

        def take_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        with subprocess.Popen(
                [VROUTERCTL, "--socket", self.program.socket], stdin=terminal.slave,
                stdout=terminal.slave, preexec_fn=take_terminal) as client:
            terminal.wait(PROMPT)
            terminal.type("show vr on\t")
            terminal.wait("only")
            terminal.type("json\r")
            self.assertIn('{"name":"only"', terminal.wait(PROMPT))
            terminal.type("\x04")
            self.assertEqual(client.wait(vrouter.PATIENCE), 0)
        self.assertEqual(terminal.attributes(), before)

    def test_quit(self):
        with Program(BINARY, single({}), folder=self.folder) as program:
            self.assertEqual(self.run_it("quit", prefix=program.prefix)[0], 0)
            self.assertEqual(program.wait_end(), 0)


if __name__ == "__main__":
    BINARY = vrouter.binary()
    unittest.main(verbosity=2)
