# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""The real program under test: started, spoken to, stopped. For the tests in this folder."""

import contextlib
import fcntl
import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Longer than anything takes; only a program that hangs comes to know it.
PATIENCE = 60
MEMORY = 1024

counter = itertools.count()


def wait_for(what, condition, patience=PATIENCE):
    """Gives the first true value of `condition()`."""
    waited, looked = 0, time.monotonic()
    while True:
        value = condition()
        if value:
            return value
        # All of us may have been stopped meanwhile, which is no time that anything took.
        now = time.monotonic()
        waited += min(now - looked, 5)
        looked = now
        if waited > patience:
            raise AssertionError(f"waited {patience} s for {what}")
        time.sleep(0.01)


def lcores(workers):
    """EAL's --lcores for a control thread and so many workers, on the CPUs there are."""
    cpus = sorted(os.sched_getaffinity(0))
    return ",".join(f"{i}@{cpus[min(i, len(cpus) - 1)]}" for i in range(workers + 1))


def make_traffic(path, *arguments):
    subprocess.run([ROOT / "tools/make-traffic.py", path, *arguments], check=True)


class Console:
    """A client of the console's socket: lines go there, answers come back, and their status."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.received = b""
        try:
            self.socket.connect(str(path))
        except OSError:
            self.socket.close()
            raise
        self.socket.settimeout(PATIENCE)

    def close(self):
        self.socket.close()

    def send(self, text):
        self.socket.sendall(text.encode())

    def read_until(self, end):
        while end not in self.received:
            data = self.socket.recv(65536)
            if not data:
                raise AssertionError(f"the console ended after {self.received!r}")
            self.received += data
        text, _, self.received = self.received.partition(end)
        return text.decode()

    def read_rest(self):
        """What comes until the program closes the connection."""
        self.socket.shutdown(socket.SHUT_WR)
        text, self.received = self.received, b""
        while data := self.socket.recv(65536):
            text += data
        return text.decode()


class Program:
    """
    A running dpdk-vrouter; to be used with `with`. Its runtime folder (sockets, EAL's files) is its
    own, in `folder`, so that no two are ever in each other's way.
    """

    stop_times = []

    def __init__(self, binary, config, *options, workers=1, folder=None, prefix=None,
                 stdin=subprocess.DEVNULL, stdout=None, eal=("--no-huge", "-m", str(MEMORY)),
                 environment=None, remove=(), replace=None, ready=True, **popen):
        self.own_folder = None
        if folder is None:
            self.own_folder = tempfile.mkdtemp(prefix="vrouter-test-")
            folder = self.own_folder
        self.folder = pathlib.Path(folder)
        self.prefix = prefix or f"test-{os.getpid()}-{next(counter)}"
        self.runtime = self.folder / "dpdk" / self.prefix
        self.socket = self.runtime / "vrouter.sock"
        self.telemetry_socket = self.runtime / "dpdk_telemetry.v2"
        self.log = self.folder / f"{self.prefix}.err"
        self.out = self.folder / f"{self.prefix}.out"
        if not isinstance(config, (str, pathlib.Path)):
            path = self.folder / f"{self.prefix}.json"
            path.write_text(json.dumps(config, indent=4))
            config = path
        self.config = config
        self.arguments = [str(binary), *eal, "--no-pci", "--file-prefix", self.prefix,
                          "--lcores", lcores(workers), "--vr-config", str(config),
                          *map(str, options)]
        if replace is not None:
            self.arguments = [str(binary), *replace]
        # The folder for EAL's runtime files; see systemd.exec(5).
        environment = {**os.environ, "RUNTIME_DIRECTORY": str(self.folder), **(environment or {})}
        for name in remove:
            del environment[name]
        with open(self.log, "wb") as log, open(self.out, "wb") as out:
            self.process = subprocess.Popen(
                self.arguments, stdin=stdin, stdout=stdout or out, stderr=log, env=environment,
                cwd=ROOT, **popen)
        self.consoles = []
        if ready:
            try:
                self.wait_ready()
            except BaseException:
                self.end()
                raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        for console in self.consoles:
            console.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        if self.own_folder is not None:
            shutil.rmtree(self.own_folder)

    def stderr(self):
        return self.log.read_text(errors="replace")

    def stdout(self):
        return self.out.read_text(errors="replace")

    def answers(self, path=None):
        try:
            with contextlib.closing(Console(path or self.socket)):
                return True
        except OSError:
            return False

    def wait_ready(self, path=None):
        def ready():
            if self.process.poll() is not None:
                raise AssertionError(
                    f"ended with {self.process.returncode}: {self.arguments}\n{self.stderr()}")
            return self.answers(path)
        wait_for("the console's socket", ready)

    def connect(self, path=None):
        console = Console(path or self.socket)
        self.consoles.append(console)
        return console

    def run(self, line):
        """The answer to a line of the console, and whether it was carried out."""
        console = self.connect()
        console.send(f"status\n{line}\n")
        text = console.read_rest()
        console.close()
        self.consoles.remove(console)
        *answer, status = text.splitlines(keepends=True)
        assert status in ("# ok\n", "# error\n"), text
        return "".join(answer), status == "# ok\n"

    def ask(self, line):
        text, done = self.run(line)
        assert done, f"{line}: {text}"
        return text

    def refuse(self, line):
        text, done = self.run(line)
        assert not done, f"{line} was carried out: {text}"
        return text

    def json(self, line):
        return json.loads(self.ask(f"{line} json"))

    def router(self, name):
        return self.json(f"show vr {name}")

    def wait_up(self):
        """
        Until all interfaces are up and have their addresses. A device of the kernel may come up
        some time after its port: packets find no way until then.
        """
        def up():
            return all(
                interface["state"] == "up" and "tentative" not in interface["address_states"]
                for router in self.json("show vr all")
                for interface in self.json(f"show vr {router['name']} interfaces"))
        wait_for("all interfaces to be up", up)

    def telemetry_once(self, command):
        """The answer in a list; an empty one for a client too many, which is hung up on."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
            client.settimeout(PATIENCE)
            client.connect(str(self.telemetry_socket))
            greeting = client.recv(65536)
            if not greeting:
                return []
            greeting = json.loads(greeting)
            assert greeting["pid"] == self.process.pid
            client.send(command.encode())
            answer = json.loads(client.recv(greeting["max_output_len"]))
            return [answer[command.partition(",")[0]]]

    def telemetry(self, command):
        """EAL serves ten at a time, and may not have noticed yet that others have left."""
        (answer,) = wait_for("telemetry to answer", lambda: self.telemetry_once(command))
        return answer

    def wait_end(self):
        wait_for("the program to end", lambda: self.process.poll() is not None)
        return self.process.returncode

    def stop(self, how=signal.SIGTERM):
        """Gives the exit status; how long it took is noted."""
        began = time.monotonic()
        self.process.send_signal(how)
        status = self.wait_end()
        Program.stop_times.append(time.monotonic() - began)
        return status


def answered(text, count):
    """
    How many of the first so many pings have an answer, by what `ping -n -c COUNT -w SECONDS` says.
    It sends more until it has COUNT answers. Without -w it ends soon after the last that it sends,
    if there was any answer: whatever -W says, those that come later are no more heard of.
    """
    numbers = {int(number) for number in re.findall(r"icmp_seq=(\d+) ttl=", text)}
    return len(numbers & set(range(1, count + 1)))


def balance(router):
    """Packets received that are not accounted for; 0 in a router at rest."""
    return router["received"] - sum(router[key] for key in (
        "forwarded", "answered", "consumed", "dropped", "queued", "waiting"))


class Terminal:
    """A pseudo-terminal for a program's standard input and output."""

    def __init__(self):
        self.master, self.slave = os.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        self.text = ""

    def close(self):
        os.close(self.master)
        os.close(self.slave)

    def attributes(self):
        return termios.tcgetattr(self.slave)

    def type(self, text):
        os.write(self.master, text.encode())

    def wait(self, text):
        """Reads until `text` was shown, and gives what was shown before."""
        os.set_blocking(self.master, False)

        def shown():
            with contextlib.suppress(BlockingIOError):
                self.text += os.read(self.master, 65536).decode(errors="replace")
            return text in self.text
        try:
            wait_for(f"{text!r} on the terminal", shown)
        except AssertionError as error:
            raise AssertionError(f"{error}; shown: {self.text!r}") from None
        before, _, self.text = self.text.partition(text)
        return before


def single(router):
    """A config with one router that nothing arrives at, and whatever `router` changes of it."""
    return {
        "ports": [{"name": "p0", "device": "net_null0,no-rx=1"}],
        "routers": [{
            "name": "only",
            "interfaces": [{"name": "lan", "port": "p0", "mac": "02:00:00:00:00:01",
                            "addresses": ["10.0.0.1/24"]}],
            **router,
        }],
    }


def demo(capture, endless=True):
    """configs/demo.json, fed from a capture file of VLANs 10, 20 and 30."""
    config = json.loads((ROOT / "configs/demo.json").read_text())
    config["ports"][0]["device"] = f"net_pcap0,rx_pcap={capture}" + ",infinite_rx=1" * endless
    return config


def binary():
    """The program to test, from the command line of the test, which unittest then reads."""
    if len(sys.argv) < 2 or not os.access(sys.argv[1], os.X_OK):
        sys.exit(f"usage: {sys.argv[0]} DPDK_VROUTER [unittest's arguments]")
    return str(pathlib.Path(sys.argv.pop(1)).resolve())
