# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""What the experiments share: running a DPDK program, asking it for its counters, and telling
whether the machine let it run undisturbed.

Every program is measured from outside, in the same way: by the counters that DPDK itself keeps of
its ports, read over its telemetry socket.
"""

import contextlib
import ctypes
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
HUGEPAGES = pathlib.Path("/sys/kernel/mm/hugepages")
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")

# More than this share of an interval without the CPU, and the measurement is repeated.
DISTURBED = 0.005


class Failure(Exception):
    """Something a person should read; the message is all they need."""


def run(*command, **options):
    """The output of a command that must succeed."""
    result = subprocess.run(command, text=True, capture_output=True, check=False, **options)
    if result.returncode:
        raise Failure(f"{' '.join(map(str, command))}\n{result.stdout}{result.stderr}".rstrip())
    return result.stdout


def worker_cpus():
    """CPUs for the control thread and for the worker: the first and the last we may use."""
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2:
        raise Failure("an experiment needs two CPUs: one for the worker, one for everything else")
    return cpus[0], cpus[-1]


# Memory


def hugepage_pool():
    """The kernel's folder of the hugepages of its default size, and that size in bytes."""
    match = re.search(r"^Hugepagesize:\s*(\d+) kB$", pathlib.Path("/proc/meminfo").read_text(),
                      re.MULTILINE)
    if not match:
        return None, 0
    return HUGEPAGES / f"hugepages-{match[1]}kB", int(match[1]) * 1024


def free_hugepage_memory():
    """Bytes in unused hugepages."""
    pool, size = hugepage_pool()
    if pool is None or not pool.exists():
        return 0
    return int((pool / "free_hugepages").read_text()) * size


@contextlib.contextmanager
def reserved_hugepages(megabytes):
    """Reserves hugepages for as long as the context lasts, and then restores what was."""
    pool, size = hugepage_pool()
    if pool is None:
        raise Failure("the kernel has no hugepages")
    count = pool / "nr_hugepages"
    before = int(count.read_text())
    missing = (megabytes << 20) - free_hugepage_memory()
    try:
        count.write_text(str(before + max(0, -(-missing // size))))
        if free_hugepage_memory() < megabytes << 20:
            raise Failure(f"could reserve only {free_hugepage_memory() >> 20} MB of hugepages, "
                          f"not {megabytes}: memory is short or fragmented")
        yield
    except PermissionError:
        raise Failure("reserving hugepages needs root") from None
    finally:
        with contextlib.suppress(PermissionError):
            count.write_text(str(before))


def memory_options(megabytes):
    """EAL options, the same for every peer, and their name in the report."""
    if free_hugepage_memory() >= megabytes << 20:
        # Needs no mounted hugetlbfs, and takes pages only as they are wanted.
        return ["--in-memory", "--iova-mode=va"], "hugepages"
    return ["--no-huge", "-m", str(megabytes), "--iova-mode=va"], "4 kB pages"


# Telemetry


class Telemetry:
    """A client of one process's telemetry socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self.socket.settimeout(5)
            self.socket.connect(str(path))
            self.size = json.loads(self.socket.recv(65536))["max_output_len"]
        except BaseException:
            self.socket.close()
            raise

    def close(self):
        self.socket.close()

    def ask(self, command, *parameters):
        self.socket.send(",".join([command, *map(str, parameters)]).encode())
        # What was asked before and came too late is read over.
        while command not in (reply := json.loads(self.socket.recv(self.size))):
            pass
        return reply[command]

    def port(self, name):
        """The number of the port with this device name, or None."""
        for port in self.ask("/ethdev/list") or []:
            if (self.ask("/ethdev/info", port) or {}).get("name") == name:
                return port
        return None

    def port_stats(self, port):
        try:
            stats = self.ask("/ethdev/stats", port)
        except TimeoutError:
            raise Failure(f"no answer about port {port} over telemetry within 5 seconds") from None
        if stats is None:
            raise Failure(f"port {port} has no statistics")
        return stats


def runtime_folder(prefix):
    """Where EAL keeps the sockets of a process with this --file-prefix."""
    base = "/var/run" if os.getuid() == 0 else os.environ.get("XDG_RUNTIME_DIR", "/tmp")
    return pathlib.Path(base) / "dpdk" / prefix


def _die_with_parent():
    """In the child: no peer outlives an experiment that was killed."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


class Process:
    """A DPDK program, from start to end; a context manager."""

    def __init__(self, command, log, ports, environment=None):
        """Adds `--file-prefix` behind command[0]; `ports` are device names to wait for,
        `environment` is added to our own."""
        self.prefix = f"vrouter-bench-{os.getpid()}-{log.stem}"
        self.command = [command[0], "--file-prefix", self.prefix, *command[1:]]
        self.log = log
        self.wanted = ports
        self.environment = environment or {}
        self.child = None
        self.telemetry = None
        self.ports = {}

    def __enter__(self):
        environment = {key: value for key, value in os.environ.items()
                       if key != "RUNTIME_DIRECTORY"} | self.environment
        with self.log.open("w", encoding="utf-8") as log:
            log.write(f"+ {' '.join(map(str, self.command))}\n")
            log.flush()
            self.child = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True, preexec_fn=_die_with_parent, env=environment)
        try:
            self._wait_until_forwarding()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_):
        self._end()

    def fail(self, message):
        tail = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        raise Failure("\n".join([f"{self.log.stem}: {message}", *("    " + l for l in tail),
                                 f"({self.log})"]))

    def check(self):
        if self.child.poll() is not None:
            self.fail(f"ended with status {self.child.returncode}")

    def _wait_until_forwarding(self, seconds=60):
        path = runtime_folder(self.prefix) / "dpdk_telemetry.v2"
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.check()
            with contextlib.suppress(OSError, Failure):
                self.telemetry = self.telemetry or Telemetry(path)
                self.ports = {name: self.telemetry.port(name) for name in self.wanted}
                if None not in self.ports.values() and any(
                        self.telemetry.port_stats(port)["opackets"]
                        for port in self.ports.values()):
                    return
            time.sleep(0.05)
        self.fail(f"forwarded nothing within {seconds} seconds")

    def _end(self):
        if self.telemetry:
            self.telemetry.close()
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        self.child.stdin.close()
        shutil.rmtree(runtime_folder(self.prefix), ignore_errors=True)


# Measuring


class Thread:
    """What the kernel tells of one thread at one moment."""

    def __init__(self, task):
        fields = (task / "stat").read_text().rpartition(")")[2].split()
        self.run = (int(fields[11]) + int(fields[12])) / CLOCK_TICKS
        self.cpu = int(fields[36])
        self.waited = None
        with contextlib.suppress(FileNotFoundError):  # a kernel without it
            run, waited, _ = map(int, (task / "schedstat").read_text().split())
            self.run, self.waited = run / 1e9, waited / 1e9
        match = re.search(r"^nonvoluntary_ctxt_switches:\s*(\d+)", (task / "status").read_text(),
                          re.MULTILINE)
        self.switches = int(match[1])


def _threads(pid):
    found = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found[task.name] = Thread(task)
    return found


def _stolen(cpu):
    """Seconds that the hypervisor has given this CPU to others since the machine started."""
    for line in pathlib.Path("/proc/stat").read_text().splitlines():
        fields = line.split()
        if fields[0] == f"cpu{cpu}":
            return int(fields[8]) / CLOCK_TICKS
    return 0.0


class Sample:
    """The counters of a process's ports, between two readings some seconds apart.

    packets     {device name: {counter: difference}}
    seconds     between the readings
    lost        share of that time for which the worker thread did not have its CPU, whoever had it
    switches    how often the worker thread was taken off its CPU
    """

    def __init__(self, process, cpu, seconds):
        start = self._read(process, cpu)
        time.sleep(seconds)
        process.check()
        end = self._read(process, cpu)

        self.seconds = end["time"] - start["time"]
        self.packets = {
            name: {key: end["ports"][name][key] - value for key, value in counters.items()
                   if isinstance(value, int)}
            for name, counters in start["ports"].items()
        }
        # The worker is the thread that burns the CPU, whatever its program calls it.
        both = [(start["threads"][task], thread) for task, thread in end["threads"].items()
                if task in start["threads"]]
        before, after = max(both, key=lambda pair: pair[1].run - pair[0].run)
        if after.cpu != cpu:
            raise Failure(f"{process.log.stem}: its worker ran on CPU {after.cpu}, not {cpu}")
        self.switches = after.switches - before.switches
        if after.waited is None:
            waited = self.seconds - (after.run - before.run)
        else:
            waited = after.waited - before.waited
        self.lost = max(0.0, waited + end["stolen"] - start["stolen"]) / self.seconds

    @staticmethod
    def _read(process, cpu):
        threads = _threads(process.child.pid)
        stolen = _stolen(cpu)
        before = time.monotonic()
        ports = {name: process.telemetry.port_stats(port) for name, port in process.ports.items()}
        after = time.monotonic()
        return {"threads": threads, "stolen": stolen, "ports": ports, "time": (before + after) / 2}

    @property
    def disturbed(self):
        # One clock tick of stolen time may be rounding.
        return self.lost > max(DISTURBED, 1.5 / CLOCK_TICKS / self.seconds)


def machine(pages):
    """What a reader must know to compare figures."""
    info = pathlib.Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*:\s*(.*)$", info, re.MULTILINE)
    commit = None
    with contextlib.suppress(OSError, Failure):  # no git, or no repository
        commit = run("git", "-C", ROOT, "describe", "--always", "--dirty").strip()
    return {
        "cpu": model[1] if model else os.uname().machine,
        "cpus": len(os.sched_getaffinity(0)),
        "kernel": os.uname().release,
        "dpdk": run("pkg-config", "--modversion", "libdpdk").strip(),
        "memory": pages,
        "commit": commit,
    }
