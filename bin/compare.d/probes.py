"""What is measured beside pgbench's transactions: large results, idle clients, a storm of logins, the start.

Each probe runs once per round and target and gives numbers by name. A number is a figure of the whole, so that ratios are
formed within a round as for pgbench.
"""

import asyncio
import re
import time
from dataclasses import dataclass
from pathlib import Path

from client import Connection, Rejected, scram_login
from targets import NAME, PASSWORD

ROW = 1000
STORM_SECONDS = 120
# A source address has some 28,000 ports; those of one address may still be closing when the next round begins.
CLIENTS_PER_ADDRESS = 5_000


@dataclass(frozen=True)
class Figure:
    """A number of a probe, and how it is printed."""

    name: str
    title: str
    form: str
    more_is_better: bool


class Probe:
    """`targets` are those for which it means something, `base` the one that ratios are formed with."""

    name = ""
    title = ""
    targets = ()
    base = "pgbouncer"
    figures = ()

    def run(self, bench, target, options):
        """Gives the figures by name; None for what this target has none of. Raises Rejected if clients had errors."""
        raise NotImplementedError


class LargeResults(Probe):
    name = "results"
    title = "large results"
    targets = ("direct", "pgbouncer", "haproxy", "trunkline")
    base = "haproxy"
    figures = (
        Figure("select_mb", "SELECT MB/s", ",.0f", True),
        Figure("copy_out_mb", "COPY out MB/s", ",.0f", True),
        Figure("copy_in_mb", "COPY in MB/s", ",.0f", True),
        Figure("cpu_ms", "CPU ms per GB", ",.0f", False),
        Figure("peak_mb", "most resident MB since its start", ",.0f", False),
    )

    def run(self, bench, target, options):
        rows = options.megabytes * 1_000_000 // ROW
        text = f"SELECT repeat('x', {ROW}) FROM generate_series(1, {rows})"
        connection = Connection(target.port, NAME)
        before = target.cpu_seconds()
        try:
            select = _rate(options, lambda: connection.drain(text))
            out = _rate(options, lambda: connection.drain(f"COPY ({text}) TO STDOUT"))
            connection.query("CREATE TABLE IF NOT EXISTS sink (x text)")
            lines = (b"x" * (ROW - 1) + b"\n") * 64
            into = _rate(options, lambda: connection.copy_in(
                "COPY sink FROM STDIN WHERE false", lines, rows // 64))
        finally:
            connection.close()
        spent = target.cpu_seconds() - before
        return {"select_mb": select, "copy_out_mb": out, "copy_in_mb": into,
                "cpu_ms": spent * 1e6 / (3 * options.megabytes) if target.daemons else None,
                "peak_mb": _memory(target, "VmHWM") / 1e6 if target.daemons else None}


class IdleClients(Probe):
    name = "idle"
    title = "idle clients"
    targets = ("pgbouncer", "trunkline")
    figures = (
        Figure("bytes_each", "bytes for each", ",.0f", False),
        Figure("resident_mb", "resident MB", ",.0f", False),
        Figure("base_mb", "before, MB", ",.0f", False),
    )

    def run(self, bench, target, options):
        before = _memory(target, "VmRSS")
        clients = []
        try:
            for number in range(options.idle):
                clients.append(Connection(target.port, NAME, f"127.0.0.{2 + number // CLIENTS_PER_ADDRESS}"))
            # What the logins have left behind may be given back.
            time.sleep(2)
            after = _memory(target, "VmRSS")
            clients[0].query("SELECT 1")
            clients[-1].query("SELECT 1")
        finally:
            for client in clients:
                client.close()
        return {"bytes_each": (after - before) / options.idle, "resident_mb": after / 1e6, "base_mb": before / 1e6}


class Storm(Probe):
    name = "logins"
    title = "a storm of logins with SCRAM"
    targets = ("pgbouncer", "trunkline")
    figures = (
        Figure("logins", "logins per second", ",.0f", True),
        Figure("cpu_us", "CPU µs for each", ",.0f", False),
        Figure("last_ms", "the last after ms", ",.0f", False),
    )

    def run(self, bench, target, options):
        asking = bench.asking_passwords(target.name)
        before = asking.cpu_seconds()
        begin = time.monotonic()
        asyncio.run(self._storm(asking.port, options.storm))
        seconds = time.monotonic() - begin
        spent = asking.cpu_seconds() - before
        return {"logins": options.storm / seconds, "cpu_us": spent * 1e6 / options.storm, "last_ms": seconds * 1e3}

    async def _storm(self, port, count):
        logins = [scram_login(port, NAME, PASSWORD) for _ in range(count)]
        results = await asyncio.wait_for(asyncio.gather(*logins, return_exceptions=True), STORM_SECONDS)
        failed = [result for result in results if isinstance(result, BaseException)]
        for result in results:
            if not isinstance(result, BaseException):
                result[1].close()
        if failed:
            raise Rejected(f"{len(failed)} of {count} logins failed, the first: {failed[0]!r}")


class Start(Probe):
    name = "start"
    title = "from the command to the first answer"
    targets = ("pgbouncer", "trunkline")
    figures = (Figure("start_ms", "ms", ",.0f", False), Figure("resident_mb", "resident MB", ",.0f", False))

    def run(self, bench, target, options):
        daemon, command, user, port = bench.another(target.name)
        try:
            begin = time.monotonic()
            daemon.start(command, user)
            _answered(port, daemon)
            taken = time.monotonic() - begin
            return {"start_ms": taken * 1e3, "resident_mb": _resident(daemon.pid, "VmRSS") / 1e6}
        finally:
            daemon.stop()


PROBES = {probe.name: probe for probe in (LargeResults(), IdleClients(), Storm(), Start())}


def _rate(options, work):
    begin = time.monotonic()
    work()
    return options.megabytes / (time.monotonic() - begin)


def _answered(port, daemon):
    while True:
        try:
            connection = Connection(port, NAME)
        except (OSError, Rejected) as trouble:
            if not daemon.is_running():
                raise Rejected("it ended") from trouble
            time.sleep(0.002)
            continue
        connection.query("SELECT 1")
        connection.close()
        return


def _memory(target, field):
    return sum(_resident(daemon.pid, field) for daemon in target.daemons)


def _resident(pid, field):
    """In bytes. Source: proc(5), status."""
    found = re.search(field + r":\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found.group(1)) * 1024 if found else 0
