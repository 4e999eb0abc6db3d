#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""The console of the real program: every command used well and badly, on the socket and on a
terminal, by many clients and by such as do not behave.

usage: test_console.py DPDK_VROUTER [argument of unittest]...
"""

import contextlib
import fcntl
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import unittest

import vrouter
from vrouter import Program, Terminal, demo, wait_for

PROMPT = "vrouter> "
CLEAR_LINE = "\x01\x0b"  # to its begin, cut the rest
SHOWS = ["show vr all", "show vr gold", "show vr gold routes", "show vr gold standby",
         "show vr gold neighbours", "show vr gold multicast",
         "show vr gold interfaces", "show vr gold pipeline", "show elements", "show port all",
         "show port in", "show port 1", "show lcore", "show drops"]


def fragment(**changes):
    return {
        "name": "late", "weight": 2,
        "interfaces": [
            {"name": "lan", "port": "in", "vlan": 40, "mac": "02:00:00:00:00:01",
             "addresses": ["10.0.0.1/24"]},
            {"name": "wan", "port": "out", "vlan": 40, "mac": "02:00:00:00:01:01",
             "addresses": ["192.0.2.1/24"]},
        ],
        "routes": [{"prefix": "198.18.0.0/15", "via": "192.0.2.2"}],
        "neighbours": [{"interface": "wan", "address": "192.0.2.2", "mac": "02:00:00:00:02:02"}],
        **changes,
    }


class WithProgram(unittest.TestCase):
    """One program for all tests of a class, with the routers of the demo. It must survive them."""

    traffic = ["--vlan", "10:4", "--vlan", "20:3", "--vlan", "30:2", "--vlan", "40:1"]
    endless = True

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="vrouter-console-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        capture = cls.folder / "traffic.pcap"
        vrouter.make_traffic(capture, "--destination-mac", "02:00:00:00:00:01", *cls.traffic)
        cls.config = cls.configure(capture)
        cls.program = Program(BINARY, cls.config, folder=cls.folder)
        cls.addClassCleanup(cls.program.end)

    @classmethod
    def configure(cls, capture):
        return demo(capture, cls.endless)

    @classmethod
    def tearDownClass(cls):
        status = cls.program.stop()
        assert status == 0, f"exit status {status}: {cls.program.stderr()}"


class AtRest(WithProgram):
    """The capture is played once; then the program rests, and its counters are exact."""

    endless = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        wait_for("the frames", lambda: cls.program.json("show port in")["rx_packets"] == 1152)
        wait_for("the routers to rest", lambda: all(
            vrouter.balance(r) == r["queued"] == r["waiting"] == 0
            for r in cls.program.json("show vr all")))


class ClearStats(AtRest):
    def test_clear_stats(self):
        get = lambda: self.program.json("show vr all") + self.program.json("show port all")
        packets = ("received", "forwarded", "dropped", "rx_packets", "tx_packets")
        self.assertGreater(sum(item.get(key, 0) for item in get() for key in packets), 2 * 1152)
        self.program.ask("clear stats")
        for item in get():
            for key in packets[:-1]:
                self.assertEqual(item.get(key, 0), 0)
            # Each of the three addresses on a port is announced twice, in its own time.
            self.assertLessEqual(item.get("tx_packets", 0), 6)
        self.assertEqual(self.program.json("show drops"), [])
        self.assertEqual(self.program.router("gold")["ipv4_routes"], 10)


class Commands(AtRest):
    def check_refused(self, cases):
        """Each command is refused in words that have all of these, and changes nothing."""
        before = {show: self.program.json(show) for show in SHOWS if "lcore" not in show}
        for line, *words in cases:
            with self.subTest(line):
                text = self.program.refuse(line)
                for word in words:
                    self.assertIn(word, text)
        for show, value in before.items():
            with self.subTest(show):
                self.assertEqual(settled(self.program.json(show)), settled(value))

    def test_help_has_every_command(self):
        text = self.program.ask("help")
        source = (vrouter.ROOT / "app/commands.c").read_text()
        # The text may be of several literals.
        commands = [
            re.sub(r'"\s+"', "", command.strip())[1:-1].replace('\\"', '"') for command in re.findall(
                r'^COMMAND\(\w+, \w+,\s+((?:"(?:[^"\\]|\\.)+"\s*)+),', source, re.MULTILINE)]
        self.assertGreater(len(commands), 15)
        self.assertEqual(sorted(text.splitlines()), sorted(f"  {c}" for c in commands))

    def test_documentation(self):
        """docs/console.md has every command, and shows what is printed; the manual names all."""
        page = (vrouter.ROOT / "docs/console.md").read_text()
        manual = re.sub(r"\.It |\b(Ic|Ar) ", "",
                        (vrouter.ROOT / "docs/dpdk-vrouter.8").read_text())
        headings = " ".join(re.findall(r"(?m)^## (.*)$", page))
        shown = [line.split() for line in page.splitlines()]
        for line in self.program.ask("help").splitlines():
            words = " ".join(word for word in re.match(r"[ a-z]+", line)[0].split()
                             if word != "json")
            self.assertIn(words, headings)
            self.assertIn(words, manual)
        for show in SHOWS:
            title = self.program.ask(show).splitlines()[0].split()
            if len(title) > 2:  # else it is no table
                self.assertIn(["vrouter>", *show.split()], shown)
                self.assertIn(title, shown)

    def test_multicast(self):
        """Routes of groups come, are shown and go; what is wrong is told and changes nothing."""
        self.assertEqual(self.program.json("show vr gold multicast"), [])
        self.assertEqual(self.program.ask("add multicast gold 239.1.1.1 any in lan out wan"), "")
        self.assertEqual(self.program.ask("add multicast gold ff0e::1 2001:db8::1 in wan out lan"), "")
        both = [{"group": "239.1.1.1", "source": "any", "in": "lan", "out": ["wan"]},
                {"group": "ff0e::1", "source": "2001:db8::1", "in": "wan", "out": ["lan"]}]
        self.assertEqual(self.program.json("show vr gold multicast"), both)
        for line, *words in [
                ("add multicast gold 239.1.1.1 any in lan out wan", "exists"),
                ("add multicast gold 10.0.0.1 any in lan out wan", "10.0.0.1", "no multicast group"),
                ("add multicast gold 224.0.0.5 any in lan out wan", "224.0.0.5", "one link"),
                ("add multicast gold 239.1.1.2 ::1 in lan out wan", "239.1.1.2", "IPv4"),
                ("add multicast gold 239.1.1.2 any in lan out lan", "both in and out"),
                ("add multicast gold 239.1.1.2 any in lan out wan wan", "twice"),
                ("add multicast gold 239.1.1.2 any in lna out wan", "lna"),
                ("add multicast gold group any in lan out wan", "group", "address"),
                ("add multicast none 239.1.1.2 any in lan out wan", "none"),
                ("add multicast gold 239.1.1.2 any lan wan", "add multicast NAME GROUP"),
                ("del multicast gold 239.1.1.2 any", "239.1.1.2"),
                ("del multicast gold 239.1.1.1 10.0.0.1", "239.1.1.1")]:
            with self.subTest(line):
                text = self.program.refuse(line)
                for word in words:
                    self.assertIn(word, text)
        self.assertEqual(self.program.json("show vr gold multicast"), both)
        self.assertEqual(self.program.ask("del multicast gold 239.1.1.1 any"), "")
        self.assertEqual(self.program.ask("del multicast gold ff0e::1 2001:db8::1"), "")
        self.assertEqual(self.program.json("show vr gold multicast"), [])

    def test_pipeline(self):
        """Elements come, change and go; what is wrong is told and changes nothing."""
        shown = lambda: [(e["element"], e["side"])
                         for e in self.program.json("show vr gold pipeline")]
        element = lambda name: self.program.json(f"show vr gold element {name}")
        count = json.dumps({"type": "count", "name": "c", "prefixes": ["10.0.0.0/8"]})
        path = self.folder / "pipeline.json"
        path.write_text(json.dumps({"ingress": [{"type": "mark", "dscp": 5}, json.loads(count)],
                                    "egress": ["c"]}, indent=1))
        self.assertEqual(shown(), [])
        self.program.ask(f"set vr gold pipeline {path}")
        before = [("mark", "ingress"), ("c", "ingress"), ("c", "egress")]
        self.assertEqual(shown(), before)
        self.assertEqual(self.program.json("show vr gold element c list"),
                         [{"prefix": "10.0.0.0/8", "packets": 0, "bytes": 0}])
        self.program.ask('set vr gold element mark {"type": "mark", "dscp": "ef"}')
        self.assertEqual(element("mark")["config"],
                         {"type": "mark", "dscp": "ef", "name": "mark"})
        self.program.ask('add element gold egress before c {"type": "burn"}')
        self.program.ask("add element gold egress mark")
        self.program.ask('add element gold ingress {"type": "urpf", "mode": "loose"}')
        self.assertEqual(shown(), [("mark", "ingress"), ("c", "ingress"), ("urpf", "ingress"),
                                   ("burn", "egress"), ("c", "egress"), ("mark", "egress")])
        for name in ("mark", "burn", "urpf"):
            self.program.ask(f"del element gold {name}")
        self.assertEqual(shown(), [("c", "ingress"), ("c", "egress")])
        types = {t["type"]: (t["ingress"], t["egress"]) for t in self.program.json("show elements")}
        self.assertEqual(types["urpf"], (True, False))
        self.assertEqual(types["shape"], (False, True))
        self.assertEqual(types["nat44"], (True, True))
        bad = self.folder / "bad-pipeline.json"
        bad.write_text('{\n"ingress": [\n{"type": "mark", "dscp": 64}]}')
        self.check_refused([
            ("show vr none pipeline", "router none"),
            ("show vr gold element x", "no element x", "show vr gold pipeline"),
            ("show vr gold element x list", "no element x"),
            ("show vr none element c", "router none"),
            ("set vr none pipeline {}", "router none"),
            ("set vr gold pipeline", "pipeline JSON|FILE"),
            ("set vr gold pipeline {", "console:1"),
            ("set vr gold pipeline /no/such/file", "/no/such/file: No such file"),
            (f"set vr gold pipeline {bad}", f"{bad}:3: $.ingress[0].dscp: found 64"),
            ('set vr gold pipeline {"ingress": [{"type": "marc"}]}', 'did you mean "mark"'),
            ('set vr gold pipeline {"ingres": []}', 'did you mean "ingress"'),
            ('set vr gold pipeline {"ingress": [{"type": "urpf", "interfaces": ["lam"]}]}',
             'did you mean "lan"'),
            ('set vr gold pipeline {"ingress": [{"type": "burn", "reads": 1, "memory": 100}]}',
             "element burn", '"max_memory" is 64'),
            ('set vr gold pipeline {"egress": [{"type": "shape", "rate": 1000000000,'
             ' "max_packets": 1000000}]}', '"mbufs"'),
            ('set vr gold element x {"type": "mark", "dscp": 1}', "no element x"),
            ("set vr gold element c", "element ELEMENT JSON|FILE"),
            ("set vr gold element c []", "[]: No such file"),
            ("set vr gold element c {", "as an object"),
            ('set vr gold element c {"type": "count"}', 'no "prefixes"'),
            ('set vr gold element c {"type": "shape", "rate": 8000}', '"c" in "ingress"'),
            ('add element none ingress {"type": "burn"}', "router none"),
            ('add element gold inside {"type": "burn"}', "add element NAME ingress|egress"),
            ('add element gold ingress before x {"type": "burn"}', "no element x"),
            (f"add element gold ingress {count}", 'second element "c"'),
            ("add element gold ingress c", "a second time"),
            ("add element gold ingress x", "told elsewhere"),
            ("add element gold ingress {", "as an object"),
            ("del element gold x", "no element x"),
            ("del element none c", "router none"),
        ])
        self.program.ask("set vr gold pipeline {}")
        self.assertEqual(shown(), [])

    def test_unknown(self):
        self.check_refused([
            ("frobnicate", "not a command: frobnicate", "help"),
            ("show", "show vr NAME|all", "show lcore"),
            ("show vr", "show vr NAME|all"),
            ("show vr gold routs", "show vr NAME routes"),
            ("show vr gold routes jsn", "not a command"),
            ("show vr none", "router none", "show vr all"),
            ("show vr none routes", "router none"),
            ("show port none", "port none", "show port all"),
            ("show port 2", "port 2", "show port all"),
            ("show port -1", "port -1"),
            ("show lcore 1", "show lcore"),
            ("clear", "clear stats"),
            ("clear stat", "clear stats"),
            ("quit now", "quit"),
            ("help me", "help"),
            ("watch gold", "watch vr"),
            ("SHOW vr all", "not a command"),
            ("show vr " + "x" * 300, "not a command"),
        ])

    def test_nothing_is_an_answer(self):
        for line in ("", "   ", "# a comment", "  # another"):
            self.assertEqual(self.program.ask(line), "")
        self.assertEqual(self.program.ask("  show   lcore  json  ")[:1], "[")
        self.assertEqual(self.program.ask("show lcore json\r")[:1], "[")

    def test_json_agrees_with_tables(self):
        """What the table of a resting program says is what the JSON says."""
        for show in SHOWS:
            with self.subTest(show):
                value = self.program.json(show)
                self.assertIn(type(value), (list, dict))
                table = self.program.ask(show)
                rows = value if isinstance(value, list) else [value]
                for row in rows:
                    for key in ("name", "prefix", "address", "received", "forwarded",
                                "rx_packets", "device", "weight", "routes"):
                        if key in row:
                            self.assertRegex(table, rf"(^|\s){re.escape(str(row[key]))}(\s|$)")

    def sent_by(self, name):
        """Forwarded, or announcing the router's addresses, as it does in its own time."""
        router = self.program.router(name)
        return router["forwarded"] + router["originated"]

    def test_json_agrees_with_json(self):
        names = [router["name"] for router in self.config["routers"]]
        routers = self.program.json("show vr all")
        self.assertEqual([router["name"] for router in routers], names)
        for summary in routers:
            whole = self.program.router(summary["name"])
            self.assertEqual({key: whole[key] for key in settled(summary)}, settled(summary))
            self.assertEqual(sum(whole["drops"].values()), whole["dropped"])
            self.assertEqual(vrouter.balance(whole), 0)
            self.assertEqual(whole["neighbours"],
                             len(self.program.json(f"show vr {summary['name']} neighbours")))
            interfaces = self.program.json(f"show vr {summary['name']} interfaces")
            self.assertEqual(whole["interfaces"], len(interfaces))
            wait_for("what interfaces have sent to be the router's",
                     lambda name=summary["name"]: self.sent_by(name) == sum(
                         interface["tx_packets"] for interface in
                         self.program.json(f"show vr {name} interfaces")))
        ports = self.program.json("show port all")
        self.assertEqual([port["name"] for port in ports], ["in", "out"])
        for index, port in enumerate(ports):
            for name in (index, port["name"]):
                self.assertEqual(settled(port), settled(self.program.json(f"show port {name}")))
        self.assertEqual(ports[0]["rx_packets"] + ports[0]["copies"],
                         sum(r["received"] for r in routers) + sum(ports[0]["drops"].values()))
        wait_for("what ports have sent to be the routers'",
                 lambda: sum(map(self.sent_by, names)) == sum(
                     port["tx_packets"] for port in self.program.json("show port all")))
        drops = self.program.json("show drops")
        self.assertEqual(sum(d["packets"] for d in drops if d["where"] == "router"),
                         sum(router["dropped"] for router in routers))

        def parts_add_up():
            """They may be read in the middle of a pass."""
            (lcore,) = self.program.json("show lcore")
            parts = sum(lcore[f"{part}_cycles"] for part in
                        ("run", "billed", "unbilled", "idle", "housekeeping"))
            return abs(parts - lcore["elapsed_cycles"]) <= lcore["elapsed_cycles"] / 100
        wait_for("the lcore's cycles to add up", parts_add_up)

    def test_weight(self):
        entitled = lambda: [r["entitlement_percent"] for r in self.program.json("show vr all")]
        self.assertEqual(entitled(), [50.0, 33.333, 16.667])
        self.program.ask("set vr gold weight 7")
        self.assertEqual(self.program.router("gold")["weight"], 7)
        self.assertEqual(entitled(), [70.0, 20.0, 10.0])
        for weight in (1, 10000, 3):
            self.program.ask(f"set vr gold weight {weight}")
            self.assertEqual(self.program.router("gold")["weight"], weight)
        self.check_refused([
            (f"set vr gold weight {bad}", f"found {bad}, expected an integer from 1 to 10000")
            for bad in ("0", "10001", "-1", "1.5", "x", "99999999999999999999", "0x3")
        ] + [("set vr none weight 2", "router none"), ("set vr gold weight", "weight N"),
             ("set vr all weight 2", "router all")])

    def test_reserve_and_limit(self):
        reserved = lambda: self.program.json("show lcore")[0]["reserved_percent"]
        gold = lambda key: self.program.router("gold")[key]
        self.addCleanup(lambda: [self.program.run(f"set vr {name} {what} none")
                                 for name in ("gold", "silver") for what in ("reserve", "limit")])
        self.assertEqual((gold("reserve"), gold("limit"), reserved()), (None, None, 0))
        for runtime, period in ((2000, 10000), (1, 100), (95000, 100000), (600, 1000)):
            self.program.ask(f"set vr gold reserve {runtime} {period}")
            self.assertEqual(gold("reserve"), {"runtime_us": runtime, "period_us": period})
            self.assertAlmostEqual(reserved(), 100 * runtime / period, delta=0.01)
        self.program.ask("set vr silver reserve 3000 10000")
        self.program.ask("set vr gold limit 100000 100000")
        self.assertEqual(gold("limit"), {"runtime_us": 100000, "period_us": 100000})
        self.assertRegex(self.program.ask("show vr all"),
                         r"(?m)^gold .* 600/1000 +100000/100000 ")
        self.assertRegex(self.program.ask("show vr all"), r"(?m)^bronze .* none +none ")
        self.assertRegex(self.program.ask("show vr bronze"), r"(?m)^limit +none$")
        stats = self.program.telemetry("/vrouter/vr/stats,gold")
        self.assertEqual(stats["reserve"], {"runtime_us": 600, "period_us": 1000})
        self.assertEqual(self.program.telemetry("/vrouter/vr/stats,bronze")["limit"], "none")
        self.check_refused([
            ("set vr silver reserve 36 100", "router silver: its reserve is 36.00% of lcore",
             "others reserve 60.00%", "expected 95.00% in all"),
            *((f"set vr gold {what} {bad} 1000", f"runtime: found {bad}", "from 1 to 100000")
              for what in ("reserve", "limit") for bad in ("0", "100001", "-1", "1.5", "x", "nil")),
            *((f"set vr gold {what} 10 {bad}", f"period: found {bad}", "from 100 to 100000")
              for what in ("reserve", "limit") for bad in ("0", "99", "100001", "x", "none")),
            ("set vr gold reserve 1001 1000", "runtime: found 1001", "the period, 1000"),
            ("set vr none limit 10 100", "router none"),
            ("set vr none limit none", "router none"),
            ("set vr all reserve none", "router all"),
            ("set vr gold reserve", "reserve RUNTIME_US PERIOD_US", "reserve none"),
            ("set vr gold limit 10", "limit RUNTIME_US PERIOD_US"),
            ("set vr gold limit 10 100 1000", "limit RUNTIME_US PERIOD_US"),
        ])
        self.program.ask("set vr gold reserve none")
        self.program.ask("set vr gold limit none")
        self.assertEqual((gold("reserve"), gold("limit")), (None, None))
        self.program.ask("set vr silver reserve 95 100")
        self.program.ask("set vr silver reserve none")
        self.assertEqual(reserved(), 0)

    def test_memory_counters(self):
        """A number where the machine counts misses, and nowhere else."""
        log = self.program.stdout() + self.program.stderr()
        routers = [self.program.router(name) for name in ("gold", "silver", "bronze")]
        for lcore in self.program.json("show lcore"):
            none = lcore["memory_counters"] == "none"
            self.assertIn(lcore["memory_counters"], ("none", "hardware"))
            self.assertEqual(log.count("memory counters: none: "), int(none))
            for key in ("misses", "misses_per_packet"):
                self.assertEqual(lcore[key] is None, none)
                for router in routers:
                    self.assertEqual(router[key] is None, none)
            for router in routers:
                self.assertIsNone(router["surcharge_cycles"])
            self.assertRegex(self.program.ask("show lcore"),
                             rf"(?m) {lcore['memory_counters']} +{'none' if none else ''}")
            told = self.program.telemetry("/vrouter/lcore/stats")[str(lcore["lcore"])]
            self.assertEqual(told["misses"] == "none", none)

    def test_routes(self):
        routes = lambda: {r["prefix"]: r for r in self.program.json("show vr gold routes")}
        before = routes()
        self.program.ask("add route gold 203.0.113.0/24 via 192.0.2.2")
        self.program.ask("add route gold 203.0.113.0/28 via 10.0.0.77")
        for kind in ("blackhole", "unreachable", "prohibit"):
            self.program.ask(f"add route gold 100.64.0.0/10 {kind}")
            self.assertEqual(routes()["100.64.0.0/10"]["type"], kind)
            self.program.ask("del route gold 100.64.0.0/10")
        self.assertEqual(routes()["203.0.113.0/24"],
                         {"prefix": "203.0.113.0/24", "type": "via", "distance": 1,
                          "via": "192.0.2.2", "interface": "wan"})
        self.assertEqual(routes()["203.0.113.0/28"]["interface"], "lan")
        self.assertNotIn("203.0.113.0/24",
                         [r["prefix"] for r in self.program.json("show vr silver routes")])
        self.program.ask("del route gold 203.0.113.0/24")
        self.program.ask("del route gold 203.0.113.0/28")
        self.program.refuse("del route gold 203.0.113.0/28")
        self.assertEqual(routes(), before)
        self.check_refused([
            ("add route none 203.0.113.0/24 via 192.0.2.2", "router none"),
            ("add route gold 203.0.113.1/24 via 192.0.2.2", "203.0.113.1/24", "host bits"),
            ("add route gold 203.0.113.0 via 192.0.2.2", "prefix: found 203.0.113.0"),
            ("add route gold 203.0.113.0/33 via 192.0.2.2", "203.0.113.0/33"),
            ("add route gold 203.0.113.0/24 via 192.0.2", 'found "192.0.2", expected an IP'),
            ("add route gold 203.0.113.0/24 via 172.16.0.1", "172.16.0.1"),
            ("add route gold 203.0.113.0/24 via 192.0.2.1", "192.0.2.1"),
            ("add route gold 203.0.113.0/24 via", "via ADDRESS"),
            ("add route gold 203.0.113.0/24 nowhere", "blackhole|unreachable|prohibit"),
            ("add route gold 192.0.2.0/24 via 192.0.2.2", "192.0.2.0/24"),
            ("add route gold 192.0.2.1/32 blackhole", "192.0.2.1/32"),
            ("del route gold 192.0.2.0/24", "192.0.2.0/24"),
            ("del route gold 192.0.2.1/32", "192.0.2.1/32"),
            ("del route gold 203.0.113.0/24", "203.0.113.0/24"),
            ("add route gold 203.0.113.0/24 via 192.0.2.2 weight 257", "found \"257\""),
            ("add route gold 203.0.113.0/24 via 192.0.2.2 wieght 2", "did you mean \"weight\"?"),
            ("add route gold 203.0.113.0/24 via 192.0.2.2 via 192.0.2.2", "192.0.2.2 twice"),
            ("add route gold 203.0.113.0/24 blackhole weight 2", "found \"weight\""),
            ("add route gold 203.0.113.0/24 blackhole distance 256", "found \"256\""),
            ("add route gold 198.18.0.0/15 blackhole", "a route to 198.18.0.0/15 exists"),
            ("set route gold 203.0.113.0/24 via 192.0.2.2", "no route to 203.0.113.0/24"),
            ("set route gold 198.18.0.0/15 via 192.0.2.2 distance 2", "distance 2"),
            ("set route gold 192.0.2.0/24 blackhole", "192.0.2.0/24"),
            ("set route gold 198.18.0.0/15", "set route NAME PREFIX"),
            ("set route none 198.18.0.0/15 blackhole", "router none"),
            ("del route gold 198.18.0.0/15 distance 2", "distance 2"),
            ("del route gold 198.18.0.0/15 distance 0", "distance: found 0"),
            ("del route gold 198.18.0.0/15 distance", "distance N"),
            ("del route gold x", "prefix: found x"),
            ("del route none 203.0.113.0/24", "router none"),
        ])

    def test_paths(self):
        """Routes with several gateways and distances, and interfaces that go down."""
        get = lambda what: [r for r in self.program.json(f"show vr gold {what}")
                            if r["prefix"] == "203.0.113.0/24"]
        before = {what: self.program.json(f"show vr gold {what}")
                  for what in ("routes", "standby", "interfaces")}
        self.program.ask("add route gold 203.0.113.0/24 via 192.0.2.7 distance 20")
        self.program.ask("add route gold 203.0.113.0/24 via 192.0.2.2 via 10.0.0.77 weight 2")
        self.program.ask("add route gold 203.0.113.0/24 prohibit distance 255")
        gateways = [{"address": "192.0.2.2", "interface": "wan", "weight": 1},
                    {"address": "10.0.0.77", "interface": "lan", "weight": 2}]
        nearest = {"prefix": "203.0.113.0/24", "type": "via", "distance": 1, "via": gateways}
        second = {"prefix": "203.0.113.0/24", "type": "via", "distance": 20, "via": "192.0.2.7",
                  "interface": "wan"}
        last = {"prefix": "203.0.113.0/24", "type": "prohibit", "distance": 255}
        self.assertEqual(get("routes"), [nearest])
        self.assertEqual(get("standby"), [{**second, "why": "farther"},
                                          {**last, "why": "farther"}])
        text = self.program.ask("show vr gold routes")
        self.assertRegex(text, r"203.0.113.0/24 +via +1 +192.0.2.2 +wan +1\n +10.0.0.77 +lan +2\n")
        # One that stands by may be there without being in the table, and changed there.
        self.program.ask("set route gold 203.0.113.0/24 via 192.0.2.8 distance 20")
        second["via"] = "192.0.2.8"
        self.program.ask("set vr gold interface lan down")
        states = {i["name"]: i["state"] for i in self.program.json("show vr gold interfaces")}
        self.assertEqual(states, {"lan": "taken down", "wan": "up"})
        self.assertEqual(get("routes"), [nearest])
        self.program.ask("set route gold 203.0.113.0/24 via 10.0.0.77")
        moved = {**second, "distance": 1, "via": "10.0.0.77", "interface": "lan"}
        self.assertEqual(get("routes"), [second])
        self.assertEqual(get("standby"), [{**moved, "why": "interface down"},
                                          {**last, "why": "farther"}])
        self.program.ask("set vr gold interface wan down")
        self.assertEqual(get("routes"), [last])
        self.program.ask("set vr gold interface wan up")
        self.program.ask("set vr gold interface lan up")
        self.assertEqual(get("routes"), [moved])
        self.assertIn("3 routes", self.program.refuse("del route gold 203.0.113.0/24"))
        self.program.ask("del route gold 203.0.113.0/24 distance 1")
        self.assertEqual(get("routes"), [second])
        self.program.ask("del route gold 203.0.113.0/24 distance 255")
        self.program.ask("del route gold 203.0.113.0/24")
        for what, value in before.items():
            self.assertEqual(settled(self.program.json(f"show vr gold {what}")), settled(value))
        self.check_refused([
            ("set vr gold interface lan", "interface INTERFACE up|down"),
            ("set vr gold interface lan sideways", "interface INTERFACE up|down"),
            ("set vr gold interface lam down", "no interface lam"),
            ("set vr none interface lan down", "router none"),
        ])

    def test_neighbours(self):
        get = lambda: {n["address"]: n for n in self.program.json("show vr gold neighbours")}
        before = get()
        self.program.ask("add neighbour gold lan 10.0.0.9 02:00:00:00:00:99")
        self.assertEqual(get()["10.0.0.9"]["mac"], "02:00:00:00:00:99")
        self.assertEqual(get()["10.0.0.9"]["state"], "static")
        self.program.ask("add neighbour gold lan 10.0.0.9 02:00:00:00:00:9A")
        self.assertEqual(get()["10.0.0.9"]["mac"], "02:00:00:00:00:9a")
        self.program.ask("del neighbour gold 10.0.0.9")
        # It is freed when no worker can still be at it.
        wait_for("the neighbour to go", lambda: "10.0.0.9" not in get())
        self.assertEqual(get(), before)
        self.check_refused([
            ("add neighbour none lan 10.0.0.9 02:00:00:00:00:99", "router none"),
            ("add neighbour gold lam 10.0.0.9 02:00:00:00:00:99", "no interface lam"),
            ("add neighbour gold lan 10.0.0 02:00:00:00:00:99", "address: found 10.0.0,"),
            ("add neighbour gold lan 192.0.2.9 02:00:00:00:00:99", "192.0.2.9"),
            ("add neighbour gold lan 10.0.0.1 02:00:00:00:00:99", "10.0.0.1"),
            ("add neighbour gold lan 10.0.0.9 02:00:00:00:00", "mac: found 02:00:00:00:00,"),
            ("add neighbour gold lan 10.0.0.9", "INTERFACE ADDRESS MAC"),
            ("add neighbour gold lan 10.0.0.9 01:00:5e:00:00:01", "10.0.0.9", "MAC"),
            ("add neighbour gold lan 10.0.0.9 00:00:00:00:00:00", "10.0.0.9", "MAC"),
            ("del neighbour gold 10.0.0.9", "10.0.0.9"),
            ("del neighbour gold x", "address: found x"),
            ("del neighbour none 10.0.0.9", "router none"),
        ])

    def test_routers(self):
        path = self.folder / "late.json"
        path.write_text(json.dumps(fragment(), indent=4))
        for what in (json.dumps(fragment()), str(path)):
            self.program.ask(f"add vr {what}")
            self.assertEqual(self.program.router("late")["ipv4_routes"], 10)
            self.assertIn('"late"', self.program.refuse(f"add vr {what}"))
            self.program.ask("del vr late")
            self.assertIn("router late", self.program.refuse("show vr late"))
        bad = self.folder / "bad.json"
        bad.write_text(json.dumps(fragment(weight=0), indent=4))
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        self.check_refused([
            ("add vr", "add vr FILE|{...}"),
            ("add vr {", "console:1"),
            ("add vr /no/such/file", "/no/such/file: No such file"),
            (f"add vr {bad}", f"{bad}:3: $.weight: found 0"),
            (f"add vr {self.folder}", "not a regular file"),
            (f"add vr {pipe}", "not a regular file"),
            ("add vr /dev/zero", "not a regular file"),
            ("add vr " + json.dumps(fragment(name="all")), '"all"'),
            ("add vr " + json.dumps(fragment(lcore=0)), "lcore"),
            ("add vr " + json.dumps(fragment(lcore=99)), "99"),
            ("add vr " + json.dumps(fragment(fifo=65536)), "mbufs"),
            ("add vr " + json.dumps(fragment(interfaces=[])), "routes"),
            ("add vr " + json.dumps(fragment(interfaces=fragment()["interfaces"][:1] + [
                {"name": "wan", "port": "nope", "addresses": []}])), '"nope"'),
            ("add vr " + json.dumps(fragment(interfaces=[
                {"name": "lan", "port": "in", "vlan": 10, "mac": "02:00:00:00:00:01",
                 "addresses": ["10.0.0.1/24"]}], routes=[], neighbours=[])), "gold"),
            ("add vr " + json.dumps(fragment(name="x" * 32)), "x" * 32),
            ("add vr " + json.dumps(fragment(name="x" * 4096)), "4095"),
            ("del vr none", "router none"),
            ("del vr", "del vr NAME"),
            ("del vr all", "router all"),
        ])


def settled(value):
    """Without what goes on by itself in a program at rest: cycles, memory freed under RCU, and
    announcements of addresses."""
    if isinstance(value, list):
        return [settled(item) for item in value]
    return {key: item for key, item in value.items() if "percent" not in key
            and key not in ("cycles_per_packet", "cycles", "turns", "packets_per_turn",
                            "memory_bytes", "originated",
                            "tx_packets", "tx_bytes")}


class UnderTraffic(WithProgram):
    """Gold is far within its share, the others are not; what happens to them is none of its."""

    traffic = ["--vlan", "10:1", "--vlan", "20:5", "--vlan", "30:4"]

    @classmethod
    def configure(cls, capture):
        config = demo(capture)
        config["mbufs"] = 131072
        config["routers"][0].update(weight=20, fifo=65536)
        return config

    def test_gold_loses_nothing(self):
        gold = lambda: self.program.router("gold")
        forwarded = gold()["forwarded"]
        wait_for("gold to forward", lambda: gold()["forwarded"] > forwarded)
        before = gold()
        silver, bronze = self.config["routers"][1:]
        for i in range(10):
            self.program.ask("del vr silver")
            self.program.ask(f"set vr bronze weight {i + 1}")
            self.program.ask("add route bronze 198.18.0.0/16 blackhole")
            self.program.ask("add route gold 203.0.113.0/24 via 192.0.2.2")
            self.program.ask(f"add vr {json.dumps(silver)}")
            self.program.ask("del route bronze 198.18.0.0/16")
            self.program.ask("del route gold 203.0.113.0/24")
            self.program.ask("del vr bronze")
            self.program.ask(f"add vr {json.dumps(bronze)}")
            came = gold()["forwarded"]
            wait_for("gold to go on", lambda: gold()["forwarded"] > came)
        after = gold()
        self.assertEqual(after["drops"], before["drops"])
        self.assertGreater(after["forwarded"], before["forwarded"])
        for name in ("silver", "bronze"):
            wait_for(f"{name} to forward", lambda: self.program.router(name)["forwarded"] > 0)

    def test_all_may_go_and_come_back(self):
        names = [router["name"] for router in self.config["routers"]]
        for _ in range(3):
            for name in names:
                self.program.ask(f"del vr {name}")
            self.assertEqual(self.program.json("show vr all"), [])
            for router in self.config["routers"]:
                self.program.ask(f"add vr {json.dumps(router)}")
            self.assertEqual([r["name"] for r in self.program.json("show vr all")], names)
        for name in names:
            wait_for(f"{name} to forward", lambda: self.program.router(name)["forwarded"] > 0)

    def test_long_names_that_begin_alike(self):
        vlan = iter(range(100, 200))
        names = ["x" * 30 + c for c in "abc"]
        for name in names:
            number = next(vlan)
            router = fragment(name=name)
            for interface in router["interfaces"]:
                interface["vlan"] = number
            self.program.ask(f"add vr {json.dumps(router)}")
        for name in names:
            self.program.ask(f"del vr {name}")


class Clients(WithProgram):
    def test_many_at_once(self):
        consoles = [self.program.connect() for _ in range(40)]
        for turn in range(3):
            for console in consoles:
                console.send("status\nshow vr gold interfaces json\nset vr none weight 1\n")
            for console in reversed(consoles):
                self.assertEqual([i["name"] for i in json.loads(console.read_until(b"# ok\n"))],
                                 ["lan", "wan"])
                self.assertIn("router none", console.read_until(b"# error\n"))
        for console in consoles:
            self.assertEqual(console.read_rest(), "")
            console.close()

    def test_plain_answers_have_no_status(self):
        console = self.program.connect()
        console.send("show vr none\nshow vr all json")
        refusal, _, answer = console.read_rest().partition("\n")
        self.assertEqual(refusal, "router none: there is none of this name (see show vr all)")
        self.assertEqual(len(json.loads(answer)), 3)

    def test_line_in_pieces_and_too_long(self):
        console = self.program.connect()
        for piece in ("sta", "tus\nshow ", "lcore", " json", "\n"):
            console.send(piece)
        self.assertEqual(json.loads(console.read_until(b"# ok\n"))[0]["lcore"], 1)
        console.send("x" * 5000 + "\n")
        self.assertIn("4095", console.read_until(b"# error\n"))
        console.send("\0show lcore\nshow lcore json\n")
        self.assertIn("zero byte", console.read_until(b"# error\n"))
        self.assertEqual(json.loads(console.read_until(b"# ok\n"))[0]["lcore"], 1)

    def test_client_that_never_reads(self):
        """It gets no more than it takes, and nobody waits for it."""
        stuck = self.program.connect()
        stuck.socket.setblocking(False)
        sent = 0
        with contextlib.suppress(BlockingIOError):
            while sent < 10_000_000:
                sent += stuck.socket.send(b"show vr all json\n" * 100)
        self.assertLess(sent, 10_000_000, "the program reads on and on")
        forwarded = self.program.router("gold")["forwarded"]
        wait_for("gold to go on", lambda: self.program.router("gold")["forwarded"] > forwarded)
        self.assertEqual(self.program.telemetry("/vrouter/vr/list"), ["gold", "silver", "bronze"])

    def test_clients_that_leave_unread(self):
        """More of them than there may be at once, so that none may stay behind."""
        for _ in range(300):
            console = self.program.connect()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                console.send("show vr all json\n" * 1000)
            console.close()
        self.assertEqual(len(self.program.json("show vr all")), 3)

        def sockets():
            count = 0
            for entry in pathlib.Path(f"/proc/{self.program.process.pid}/fd").iterdir():
                # It may be closed between the one look and the other.
                with contextlib.suppress(FileNotFoundError):
                    count += os.readlink(entry).startswith("socket:")
            return count
        wait_for("their sockets to be closed", lambda: sockets() < 20)

    def test_watch_on_a_plain_client(self):
        console = self.program.connect()
        console.send("watch vr\n")
        for _ in range(2):
            table = console.read_until(b"\n\n")
            self.assertEqual([line.split()[0] for line in table.splitlines()],
                             ["router", "gold", "silver", "bronze", "lcore"])
        console.send("show vr gold json\n")
        wait_for("the answer", lambda: console.read_until(b"\n").startswith('{"name":"gold"'))

    def test_interactive(self):
        console = self.program.connect()
        console.send("interactive\nshow vr go\t\r")
        self.assertIn("show vr go", console.read_until(b"cycles_per_packet"))
        console.read_until(PROMPT.encode())
        console.send("watch vr\r")
        console.read_until(b"any key ends this")
        console.send("q")
        console.read_until(PROMPT.encode())
        console.send("\x04")
        console.read_rest()


class OnTerminal(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vrouter-terminal-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.terminal = Terminal()
        self.addCleanup(self.terminal.close)
        self.before = self.terminal.attributes()

    def start(self, *options):
        def take_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        capture = self.folder / "traffic.pcap"
        vrouter.make_traffic(capture, "--destination-mac", "02:00:00:00:00:01",
                             *WithProgram.traffic)
        program = Program(BINARY, demo(capture), "-i", *options, folder=self.folder,
                          stdin=self.terminal.slave, stdout=self.terminal.slave,
                          preexec_fn=take_terminal)
        self.addCleanup(program.end)
        self.terminal.wait(PROMPT)
        self.assertNotEqual(self.terminal.attributes(), self.before)
        return program

    def ended(self, program):
        """Well, and the terminal is as it was."""
        self.assertEqual(program.wait_end(), 0, program.stderr())
        self.assertEqual(self.terminal.attributes(), self.before)

    def final_statistics(self):
        self.terminal.wait("entitled")
        for name in ("gold", "silver", "bronze", "lcore 1:"):
            self.terminal.wait(name)

    def test_line_editor(self):
        terminal = self.terminal
        program = self.start()
        terminal.type("show vr go\t")
        terminal.wait("gold")
        terminal.type("json\n")
        self.assertIn('{"name":"gold"', terminal.wait(PROMPT))
        terminal.type("show vr \t")
        shown = terminal.wait(PROMPT + "show vr ")
        for word in ("all", "gold", "silver", "bronze"):
            self.assertRegex(shown, rf"\b{word}\b")
        terminal.type(CLEAR_LINE + "\x1b[A")
        terminal.wait(PROMPT + "show vr gold json")
        terminal.type("\n")
        self.assertIn('{"name":"gold"', terminal.wait(PROMPT))
        terminal.type(CLEAR_LINE + "set vr gold interface w\t")
        terminal.wait("interface wan")
        terminal.type(CLEAR_LINE + "set vr gold res\t")
        terminal.wait("gold reserve ")
        terminal.type("n\t")
        terminal.wait("none ")
        terminal.type(CLEAR_LINE + "set vr gold lim\t")
        terminal.wait("gold limit ")
        terminal.type(CLEAR_LINE + "add route gold 203.0.113.0/24 v\t")
        terminal.wait("/24 via ")
        terminal.type("192.0.2.2 wei\t")
        terminal.wait("192.0.2.2 weight ")
        terminal.type("3 \t")
        shown = terminal.wait("weight 3 ")
        for word in ("via", "distance"):
            self.assertRegex(shown, rf"(?m)^ {word} \[")
        self.assertNotRegex(shown, r"(?m)^ weight \[")
        terminal.type("d\t")
        terminal.wait("distance ")
        terminal.type(CLEAR_LINE + "show port n\t")
        terminal.type(CLEAR_LINE + "frobnicate\n")
        self.assertIn("not a command: frobnicate", terminal.wait(PROMPT))
        terminal.type("watch vr\n")
        terminal.wait("any key ends this")
        terminal.wait("any key ends this")
        terminal.type("x")
        terminal.wait(PROMPT)
        terminal.type("quit\n")
        self.ended(program)
        self.final_statistics()

    def test_control_c(self):
        program = self.start()
        self.terminal.type("watch vr\n")
        self.terminal.wait("any key ends this")
        self.terminal.type("\x03")
        self.ended(program)
        self.final_statistics()

    def test_control_d(self):
        program = self.start()
        self.terminal.type("\x04")
        self.ended(program)
        self.final_statistics()

    def test_sigterm_and_file(self):
        commands = self.folder / "commands"
        commands.write_text("# what the demo does\nset vr gold weight 9\nset vr none weight 1\n")
        program = self.start("--cmdline-file", commands)
        self.terminal.wait("router none: there is none")
        self.terminal.wait(PROMPT)
        self.assertEqual(program.router("gold")["weight"], 9)
        program.process.send_signal(signal.SIGTERM)
        self.ended(program)
        self.final_statistics()

    def test_stopped_terminal(self):
        """Nobody reads what the program writes; it goes on all the same."""
        program = self.start()
        os.set_blocking(self.terminal.master, False)
        with contextlib.suppress(BlockingIOError):
            for _ in range(5000):
                self.terminal.type("show vr all json\n")
        for _ in range(20):
            program.ask("show vr all")
        # Now it is read, up to the answer of the last line.
        self.terminal.wait("vrouter")
        program.process.send_signal(signal.SIGTERM)
        self.terminal.wait("entitled")
        self.ended(program)


class OnPipe(unittest.TestCase):
    def test_lines_then_end(self):
        """-i without a terminal: plain lines and answers; the end of input is the wish to go."""
        with Program(BINARY, vrouter.single({}), "-i", stdin=subprocess.PIPE) as program:
            program.process.stdin.write(b"show vr all json\nset vr only weight 5\nshow vr x\n"
                                        b"show vr only json")
            program.process.stdin.close()
            self.assertEqual(program.wait_end(), 0)
            lines = program.stdout().splitlines()
            self.assertEqual(json.loads(lines[0])[0]["name"], "only")
            self.assertIn("router x: there is none", lines[1])
            self.assertEqual(json.loads(lines[2])["weight"], 5)
            self.assertIn("entitled", lines[3])

    def test_quit(self):
        with Program(BINARY, vrouter.single({}), "-i", stdin=subprocess.PIPE) as program:
            program.process.stdin.write(b"quit\n")
            program.process.stdin.flush()
            self.assertEqual(program.wait_end(), 0)

    def test_quit_on_the_socket(self):
        with Program(BINARY, vrouter.single({})) as program:
            console = program.connect()
            console.send("quit\n")
            self.assertEqual(program.wait_end(), 0)
            self.assertFalse(program.socket.exists())


if __name__ == "__main__":
    BINARY = vrouter.binary()
    unittest.main(verbosity=2)
