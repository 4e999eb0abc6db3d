#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""Many routes in the real program: from files, and shown piece by piece.

usage: test_routes.py DPDK_VROUTER [argument of unittest]...
"""

import gzip
import ipaddress
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import vrouter
from vrouter import Program, Terminal, single, wait_for

MANY = 100_000
FIRST = int(ipaddress.IPv4Address("20.0.0.0"))
# So that memory can be compared: the address sanitizer keeps what was freed for a while.
ASAN_OPTIONS = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"
# What the interface of single() makes by itself.
OWN = {"10.0.0.0/24", "10.0.0.0/32", "10.0.0.1/32", "10.0.0.255/32"}


def prefix(i):
    return f"{ipaddress.IPv4Address(FIRST + (i << 8))}/24"


def line(i):
    """The i-th route of the file: most lead to one of 200 neighbours, some nowhere."""
    if i % 100 == 99:
        return f"{prefix(i)} {('blackhole', 'unreachable', 'prohibit')[i % 3]}\n"
    return f"{prefix(i)} via 10.0.0.{2 + i % 200}\n"


def shown(i):
    """The same as the console shows it."""
    words = line(i).split()
    if words[1] != "via":
        return {"prefix": words[0], "type": words[1], "distance": 1}
    return {"prefix": words[0], "type": "via", "distance": 1, "via": words[2],
            "interface": "lan"}


def order(route):
    network = ipaddress.IPv4Network(route["prefix"])
    return int(network.network_address), network.prefixlen


class Routes(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vrouter-routes-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def start(self, **router):
        program = Program(BINARY, single({"max_routes": MANY + 1000, **router}),
                          environment={"ASAN_OPTIONS": ASAN_OPTIONS})
        self.addCleanup(program.end)
        return program

    def write(self, name, text):
        path = self.folder / name
        if name.endswith(".gz"):
            path.write_bytes(gzip.compress(text.encode()))
        else:
            path.write_text(text)
        return path

    def write_many(self, name):
        return self.write(name, "".join(map(line, range(MANY))))

    def check_many(self, program):
        """The program has just those of the file, in order; as text, too."""
        routes = program.json("show vr only routes")
        self.assertEqual(routes, sorted(routes, key=order))
        self.assertEqual([r for r in routes if r["prefix"] not in OWN],
                         list(map(shown, range(MANY))))
        self.assertEqual(len(routes), MANY + len(OWN))
        rows = [row.split() for row in program.ask("show vr only routes").splitlines()]
        keys = ["prefix", "type", "distance", "via", "interface"]
        self.assertEqual(rows[0], [*keys, "weight"])
        self.assertEqual(rows[1:], [[str(r[key]) for key in keys if key in r] for r in routes])
        self.assertEqual(program.router("only")["ipv4_routes"], len(routes))


class Files(Routes):
    def test_config(self):
        for name in "plain.routes", "compressed.gz":
            with self.subTest(name):
                program = self.start(routes_file=str(self.write_many(name)))
                self.check_many(program)
                self.assertEqual(program.stop(), 0)

    def test_load(self):
        for name in "plain.routes", "compressed.gz":
            with self.subTest(name):
                program = self.start()
                program.ask(f"load routes only {self.write_many(name)}")
                self.check_many(program)
                self.assertEqual(program.stop(), 0)

    def test_check(self):
        config = self.folder / "config.json"
        config.write_text(json.dumps(single({"routes_file": "r.routes", "max_routes": 5})))
        for text, status, error in (
                ("30.0.0.0/8 via 10.0.0.2\n", 0, ""),
                ("30.0.0.0/8 via 10.0.0.2\n30.0.0.0/8 blackhole\n", 1,
                 f'{self.folder}/r.routes:2: found "30.0.0.0/8", expected a prefix no other route '
                 "of the router with distance 1 has (first on line 1)\n"),
                ("30.0.0.0/8 blackhole\n31.0.0.0/8 blackhole\n32.0.0.0/8 blackhole\n"
                 "33.0.0.0/8 blackhole\n", 1,
                 f"{config}:1: $.routers[0].max_routes: found 5, expected 6 at least for IPv4: "
                 "0 static routes and 4 of its file, 1 connected subnets, 1 own addresses\n")):
            with self.subTest(text):
                self.write("r.routes", text)
                result = subprocess.run([BINARY, "--check", "--vr-config", config], check=False,
                                        capture_output=True, text=True, timeout=vrouter.PATIENCE)
                self.assertEqual(result.returncode, status, result.stderr)
                self.assertEqual(result.stderr, error)

    def test_failed_loads_leave_all_as_it_was(self):
        program = self.start(
            max_neighbours=210, max_routes=MANY,
            routes=[{"prefix": "30.0.0.0/8", "via": "10.0.0.9"}],
            neighbours=[{"interface": "lan", "address": "10.0.0.3", "mac": "02:00:00:00:00:03"}])
        some = "".join(map(line, range(1000)))
        compressed = gzip.compress(some.encode())
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        (self.folder / "cut.gz").write_bytes(compressed[:-20])
        (self.folder / "more.gz").write_bytes(compressed + b"31.0.0.0/8 blackhole\n")
        (self.folder / "damaged.gz").write_bytes(
            compressed[:1000] + bytes([compressed[1000] ^ 1]) + compressed[1001:])
        for name, text, expected in (
                ("syntax", some + "31.0.0.0/8 nowhere\n", ':1001: found "nowhere", expected "via"'),
                ("twice", some + line(0), ":1001: found"),
                ("subnet", some + "31.0.0.0/8 via 10.1.0.2\n", ':1001: found "10.1.0.2"'),
                ("own", some + "31.0.0.0/8 via 10.0.0.1\n", ':1001: found "10.0.0.1"'),
                ("there", some + "30.0.0.0/8 blackhole\n",
                 ":1001: router only: a route to 30.0.0.0/8 exists (via)"),
                # A subnet, an address and a route are there; the host route does not count.
                ("room", "".join(map(line, range(MANY - 2))),
                 f":{MANY - 2}: router only: no room for {MANY - 2} more IPv4 routes: the table holds "
                 f"3, its max_routes is {MANY}"),
                # Shows when the routes before are in the table, and takes the host route's place.
                ("neighbours",
                 "10.0.0.3/32 blackhole\n" + some +
                 "".join(f"31.{i}.0.0/16 via 10.0.0.{i}\n" for i in range(202, 250)),
                 ": router only: next hop of 31."),
                ("pipe", None, ": found nothing to read (Not a regular file)"),
                ("none", None, ": found nothing to read (No such file or directory)"),
                (".", None, ": found nothing to read (Is a directory)"),
                ("cut.gz", None, ": found the end of the file within compressed data"),
                ("more.gz", None, ":1001: found damaged compressed data"),
                ("damaged.gz", None, ": found damaged compressed data")):
            with self.subTest(name):
                path = self.folder / name
                if text is not None:
                    path.write_text(text)
                before = [program.ask(f"show vr only {what}") for what in ("routes", "neighbours")]
                answer = program.refuse(f"load routes only {path}")
                self.assertTrue(answer.startswith(f"{path}:"), answer)
                self.assertIn(expected, answer)
                self.assertEqual(len(answer.splitlines()), 1, answer)
                after = [program.ask(f"show vr only {what}") for what in ("routes", "neighbours")]
                self.assertEqual(before, after)
        program.ask(f"load routes only {self.write('good', some)}")
        self.assertEqual(program.router("only")["ipv4_routes"], 1000 + 1 + len(OWN) + 1)
        self.assertEqual(program.stop(), 0)

    def test_many_errors(self):
        program = self.start()
        path = self.write("r.routes", "x\n" * 25)
        answer = program.refuse(f"load routes only {path}").splitlines()
        self.assertEqual(len(answer), 21)
        self.assertEqual(answer[-1], f"{path}: and 30 more")
        path = self.write_many("many.routes")
        program.ask(f"load routes only {path}")
        answer = program.refuse(f"load routes only {path}").splitlines()
        self.assertEqual(answer[0], f"{path}:1: router only: a route to {prefix(0)} exists (via)")
        self.assertEqual(answer[-1], f"{path}: and {MANY - 20} more")
        self.check_many(program)

    def test_added_router(self):
        """Its file is found beside the fragment; one with an error in it leaves no router."""
        program = self.start()
        router = {"name": "late", "routes_file": "late.routes",
                  "interfaces": [{"name": "lan", "port": "p0", "vlan": 7,
                                  "addresses": ["10.0.0.1/24"]}]}
        fragment = self.write("late.json", json.dumps(router))
        self.write("late.routes", line(0) + "wrong\n")
        answer = program.refuse(f"add vr {fragment}")
        self.assertTrue(answer.startswith(f'{self.folder}/late.routes:2: found "wrong"'), answer)
        self.assertNotIn("late", program.ask("show vr all"))
        self.write("late.routes", line(0) + line(1))
        program.ask(f"add vr {fragment}")
        self.assertEqual(program.json("show vr late routes")[-2:], [shown(0), shown(1)])
        self.assertEqual(program.stop(), 0)


class Engines(Routes):
    """Whatever looks up, the routes are the same; what a table takes tells the engines apart."""

    def test_engines(self):
        six = {"2001:db8::/64", "2001:db8::/128", "2001:db8::1/128", "2001:db8:1::/48", "::/0"}
        interface = {**single({})["routers"][0]["interfaces"][0],
                     "addresses": ["10.0.0.1/24", "2001:db8::1/64", "fe80::1/64"]}
        path = self.write("few.routes", "".join(map(line, range(500))) +
                          "2001:db8:1::/48 via fe80::2%lan\n::/0 via 2001:db8::2\n")
        tables = {}
        for engine in "compact", "fib", "lpm":
            with self.subTest(engine):
                program = self.start(max_routes=2000, table_engine=engine, interfaces=[interface])
                program.ask(f"load routes only {path}")
                routes = program.json("show vr only routes")
                self.assertEqual([r for r in routes if r["prefix"] not in OWN | six],
                                 list(map(shown, range(500))))
                self.assertLess(six, {r["prefix"] for r in routes})
                self.assertEqual(program.router("only")["table_engine"], engine)
                tables[engine] = program.json("show vr only memory")["tables_bytes"]
                self.assertEqual(program.stop(), 0)
        self.assertLess(tables["compact"], 1_000_000)
        self.assertGreater(tables["fib"], 16_000_000)
        self.assertGreater(tables["lpm"], 16_000_000)
        self.assertNotEqual(tables["fib"], tables["lpm"])


class Lists(Routes):
    """What is shown of many routes, to clients of all sorts."""

    def setUp(self):
        super().setUp()
        self.program = self.start(routes_file=str(self.write_many("r.routes")))

    def tearDown(self):
        self.assertEqual(self.program.stop(), 0)
        super().tearDown()

    def stopped(self, command="show vr only routes json", until=b","):
        """A client that has begun to read a list and stopped."""
        console = self.program.connect()
        console.send(f"status\n{command}\n")
        console.read_until(until)
        return console

    def memory(self):
        """
        What it has asked for, on the heap above all. What is resident depends on when the kernel
        makes huge pages of EAL's memory.
        """
        status = pathlib.Path(f"/proc/{self.program.process.pid}/status").read_text()
        return int(status.partition("VmData:")[2].split()[0]) * 1024

    def finish(self, console):
        """The rest of the list of a stopped client, without the route it began with."""
        text, _, status = console.read_rest().rpartition("# ")
        return json.loads("[" + text[text.index("{"):]), status

    def test_readers_that_stop(self):
        self.program.json("show vr only routes")
        before = self.memory()
        consoles = [self.stopped() for _ in range(20)]
        # Others are served, lists too, and routes come and go.
        for _ in range(3):
            self.assertEqual(self.program.router("only")["ipv4_routes"], MANY + len(OWN))
            self.program.ask("add route only 30.0.0.0/8 via 10.0.0.2")
            self.program.ask("del route only 30.0.0.0/8")
            self.assertEqual(len(self.program.json("show vr only routes")), MANY + len(OWN))
        # A list has some 7 MB, of which next to nothing is kept for those who don't read.
        self.assertLess(self.memory() - before, 20_000_000)
        for console in consoles[:10]:
            routes, status = self.finish(console)
            self.assertEqual(status, "ok\n")
            self.assertEqual(routes[-MANY:], list(map(shown, range(MANY))))
        # The others go away without having read.
        for console in consoles[10:]:
            console.close()
        self.check_many(self.program)

    def test_changes_meanwhile(self):
        """
        A list that has come to a stop near its beginning: what changes behind that is as it was,
        what changes before it as it is; all the rest is there, once and in order.
        """
        console = self.stopped()
        last, gone = MANY - 1, [i for i in range(MANY // 2, MANY) if i % 10 == 3]
        new = self.write("new.routes", "".join(f"99.{i}.0.0/16 blackhole\n" for i in range(256)))
        self.program.ask("add route only 1.0.0.0/8 blackhole")
        self.program.ask(f"del route only {prefix(0)}")
        self.program.ask("add route only 255.255.255.255/32 blackhole")
        self.program.ask(f"load routes only {new}")
        commands = self.program.connect()
        commands.send("".join(f"del route only {prefix(i)}\n" for i in gone))
        self.assertEqual(commands.read_rest(), "")
        self.assertNotIn(last, gone)
        routes, status = self.finish(console)
        self.assertEqual(status, "ok\n")
        prefixes = [r["prefix"] for r in routes]
        self.assertEqual(routes, sorted(routes, key=order))
        self.assertEqual(len(set(prefixes)), len(prefixes))
        self.assertNotIn("1.0.0.0/8", prefixes)
        left = [prefix(i) for i in range(MANY) if i not in set(gone)]
        added = [f"99.{i}.0.0/16" for i in range(256)] + ["255.255.255.255/32"]
        self.assertEqual([p for p in prefixes if p not in OWN], left + added)
        # And a new list has it all.
        prefixes = [r["prefix"] for r in self.program.json("show vr only routes")]
        self.assertEqual(prefixes[0], "1.0.0.0/8")
        self.assertEqual([p for p in prefixes[1:] if p not in OWN], left[1:] + added)

    def test_deleted_router(self):
        console = self.stopped()
        table = self.stopped("show vr only routes", b"weight\n")
        self.program.ask("del vr only")
        routes, status = self.finish(console)
        self.assertEqual(status, "error\n")
        self.assertLess(len(routes), MANY)
        self.assertTrue(table.read_rest().endswith(
            "\nrouter only: deleted while its routes were shown\n# error\n"))

    def test_order_of_answers(self):
        """Commands that are sent in one go, lists among them, are answered one after the other."""
        console = self.program.connect()
        console.send("status\nshow vr only routes json\nshow vr none\nshow vr only routes\n"
                     "show vr only routes json\nshow lcore json")
        answers = console.read_rest().splitlines()
        self.assertEqual(len(json.loads(answers[0])), MANY + len(OWN))
        self.assertEqual(answers[1], "# ok")
        self.assertTrue(answers[2].startswith("router none"))
        self.assertEqual(answers[3], "# error")
        self.assertEqual(len(answers[4:-4]), 2 + MANY + len(OWN))
        self.assertEqual(answers[-5], "# ok")
        self.assertEqual(answers[-4], answers[0])
        self.assertEqual(answers[-3], "# ok")
        json.loads(answers[-2])
        self.assertEqual(answers[-1], "# ok")

    def test_editor(self):
        """The prompt comes after the list, and what was typed meanwhile is not lost."""
        console = self.program.connect()
        console.send("interactive\nshow vr only routes json\nshow vr none\n")
        console.read_until(b"[")
        routes = json.loads("[" + console.read_until(b"\r\n"))
        self.assertEqual(len(routes), MANY + len(OWN))
        console.read_until(b"vrouter> ")
        self.assertIn("router none: there is none", console.read_until(b"\r\nvrouter> "))

    def test_quit(self):
        console = self.program.connect()
        stopped = self.stopped()
        console.send("show vr only routes json\nquit\n")
        routes = json.loads(console.read_until(b"\n"))
        self.assertEqual(len(routes), MANY + len(OWN))
        self.assertEqual(self.program.wait_end(), 0)
        stopped.close()


class Outputs(Routes):
    """Lists on the program's own standard output."""

    def check_output(self, text):
        rows = [row.split()[0] for row in text.splitlines() if "/24 " in row]
        self.assertEqual(rows, ["10.0.0.0/24"] + [prefix(i) for i in range(MANY)])

    def test_command_file(self):
        commands = self.write("commands", "show vr only routes\nshow lcore\nquit\n")
        config = single({"max_routes": MANY + 1000,
                         "routes_file": str(self.write_many("r.routes"))})
        with Program(BINARY, config, "--cmdline-file", commands, ready=False) as program:
            self.assertEqual(program.wait_end(), 0)
            self.check_output(program.stdout())
            self.assertLess(program.stdout().index(prefix(MANY - 1)),
                            program.stdout().index("memory counters"))

    def test_standard_input(self):
        """Its end is the end of the program, but not of the list."""
        config = single({"max_routes": MANY + 1000,
                         "routes_file": str(self.write_many("r.routes"))})
        for end in "", "\n":
            with self.subTest(end), Program(BINARY, config, "-i", stdin=subprocess.PIPE,
                                            ready=False) as program:
                program.process.stdin.write(f"show vr only routes{end}".encode())
                program.process.stdin.close()
                self.assertEqual(program.wait_end(), 0)
                self.check_output(program.stdout())

    def test_terminal(self):
        terminal = Terminal()
        self.addCleanup(terminal.close)
        config = single({"routes": [{"prefix": prefix(i), "via": "10.0.0.2"} for i in range(2000)]})
        with Program(BINARY, config, "-i", stdin=terminal.slave, stdout=terminal.slave) as program:
            terminal.wait("vrouter> ")
            terminal.type("show vr only routes\n")
            terminal.wait("interface")
            text = terminal.wait("vrouter> ")
            self.assertEqual([row.split()[0] for row in text.splitlines() if "/24 " in row],
                             ["10.0.0.0/24"] + [prefix(i) for i in range(2000)])
            terminal.type("quit\n")
            wait_for("the end", lambda: program.process.poll() is not None)
            self.assertEqual(program.process.returncode, 0)


if __name__ == "__main__":
    BINARY = vrouter.binary()
    unittest.main(verbosity=2)
