"""What is measured beside pgbench's transactions alone: large results, a slow reader, idle clients, a storm of logins, the start,
finding out what reads.

Each probe runs once per round and target and gives numbers by name. A number is a figure of the whole, so that ratios are
formed within a round as for pgbench.
"""

import asyncio
import re
import time
from dataclasses import dataclass
from pathlib import Path

from client import Connection, Rejected, scram_login
from measure import Refused, Work, measure
from slow import SlowReader, most_in_sockets
from targets import NAME, PASSWORD, PROVING

ROW = 1000
STORM_SECONDS = 120
SETTLE_SECONDS = 2
# With the slow reader they are a hundred.
OTHERS = 99
# A source address has some 28,000 ports, and those of an earlier round may still be closing.
CLIENTS_PER_ADDRESS = 5_000
ROUTED = 32
# Texts of 200 characters, about pgbench's own table: always the same one, and one that hardly ever comes again.
_READS = ("SELECT a.aid, a.bid, coalesce(a.abalance, 0) AS balance, lower(a.filler) AS filler FROM pgbench_accounts AS a "
          "WHERE a.aid = 4711 AND a.bid >= 0 AND length(a.filler) >= 0 AND a.filler <> '%s'")
TEXTS = {
    "known": _READS % "123456789012",
    "new": "\\set any random(100000000, 999999999)\n" + _READS % "xxx:any",
}


@dataclass(frozen=True)
class Figure:
    """A number of a probe, and how it is printed. One that can be next to nothing is `compared` with no other."""

    name: str
    title: str
    form: str
    more_is_better: bool
    compared: bool = True


class Sources:
    """Addresses of the loopback interface, in 127.`net`, from which nobody has connected yet."""

    def __init__(self, net):
        self._net = net
        self._used = 0

    def take(self, clients):
        """One address for each of so many clients."""
        first = self._used
        self._used += -(-clients // CLIENTS_PER_ADDRESS)
        numbers = (first + client // CLIENTS_PER_ADDRESS for client in range(clients))
        return [f"127.{self._net}.{number // 250}.{1 + number % 250}" for number in numbers]


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
        rows = _rows(options)
        text = _large_query(rows)
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


class AmongOthers(Probe):
    """What a client that reads slowly costs the others: the same work right before it comes, and while it is there."""

    name = "slow"
    title = "99 clients beside a slow reader"
    targets = ("pgbouncer", "haproxy", "trunkline")
    base = "haproxy"
    figures = (
        Figure("tps_kept", "tps with / without it", ",.3f", True),
        Figure("p99_ms", "p99 ms with it", ",.3f", False),
        Figure("p99_alone_ms", "p99 ms without it", ",.3f", False),
        Figure("growth_mb", "resident MB more meanwhile", ",.1f", False, compared=False),
    )

    def run(self, bench, target, options):
        if options.warmup:
            self._work(bench, target, options.warmup)
        alone = self._work(bench, target, options.seconds)
        rows = _rows(options)
        slow = SlowReader(Connection(target.port, NAME), _large_query(rows), rows * ROW,
                          lambda: _memory(target, "VmRSS"), most_in_sockets())
        with slow:
            beside = self._work(bench, target, options.seconds)
        slow.check()
        return {"tps_kept": beside.tps / alone.tps, "p99_ms": beside.p99_ms, "p99_alone_ms": alone.p99_ms,
                "growth_mb": slow.growth / 1e6}

    def _work(self, bench, target, seconds):
        try:
            return measure(bench.pgbench, target, Work(OTHERS, "simple", seconds), 0, bench.directory)
        except Refused as refusal:
            raise Rejected(str(refusal)) from refusal


class IdleClients(Probe):
    name = "idle"
    title = "idle clients"
    targets = ("pgbouncer", "trunkline")
    figures = (
        Figure("bytes_each", "bytes for each", ",.0f", False),
        Figure("resident_mb", "resident MB", ",.0f", False),
        Figure("base_mb", "before, MB", ",.0f", False),
    )

    def __init__(self):
        self._sources = Sources(1)

    def run(self, bench, target, options):
        daemon, command, user, port = bench.another(target.name)
        clients = []
        try:
            daemon.start(command, user)
            _answered(port, daemon)
            # What the start has left behind may be given back.
            time.sleep(SETTLE_SECONDS)
            before = _resident(daemon.pid, "VmRSS")
            for source in self._sources.take(options.idle):
                clients.append(Connection(port, NAME, source))
            time.sleep(SETTLE_SECONDS)
            after = _resident(daemon.pid, "VmRSS")
            clients[0].query("SELECT 1")
            clients[-1].query("SELECT 1")
        finally:
            for client in clients:
                client.close()
            daemon.stop()
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

    def __init__(self):
        self._sources = Sources(2)

    def run(self, bench, target, options):
        asking = bench.asking_passwords(target.name)
        before = asking.cpu_seconds()
        begin = time.monotonic()
        asyncio.run(self._storm(asking.port, options.storm))
        seconds = time.monotonic() - begin
        spent = asking.cpu_seconds() - before
        return {"logins": options.storm / seconds, "cpu_us": spent * 1e6 / options.storm, "last_ms": seconds * 1e3}

    async def _storm(self, port, count):
        logins = [scram_login(port, NAME, PASSWORD, source) for source in self._sources.take(count)]
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


class Routing(Probe):
    """What it costs the proxy to find out that a statement reads: the same statements with `read_routing: auto` and without.

    There is no replica, so that both go the same way.
    """

    name = "routing"
    title = "finding out what reads"
    targets = ("trunkline",)
    base = "trunkline"
    figures = tuple(
        Figure(f"{text}_{what}", f"{text} text: {title}", form, False, compared=False)
        for text in ("known", "new")
        for what, title, form in (
            ("off_us", "CPU µs without", ",.1f"), ("auto_us", "with", ",.1f"), ("more_us", "more", "+,.1f"))
    )

    def __init__(self):
        self._warm = set()

    def run(self, bench, target, options):
        proxy = bench.proving()
        figures = {}
        for text in TEXTS:
            off, auto = (self._work(bench, proxy, options, text, database) for database in (NAME, PROVING))
            figures |= {f"{text}_off_us": off, f"{text}_auto_us": auto, f"{text}_more_us": auto - off}
        return figures

    def _work(self, bench, proxy, options, text, database):
        script = bench.directory / f"{text}.sql"
        script.write_text(TEXTS[text] + ";\n")
        if options.warmup and (text, database) not in self._warm:
            self._warm.add((text, database))
            self._once(bench, proxy, Work(ROUTED, "simple", options.warmup, script, database))
        return self._once(bench, proxy, Work(ROUTED, "simple", options.seconds, script, database)).cpu_us

    def _once(self, bench, proxy, work):
        try:
            return measure(bench.pgbench, proxy, work, 0, bench.directory)
        except Refused as refusal:
            raise Rejected(str(refusal)) from refusal


PROBES = {probe.name: probe for probe in (LargeResults(), AmongOthers(), IdleClients(), Storm(), Start(), Routing())}


def _rows(options):
    return options.megabytes * 1_000_000 // ROW


def _large_query(rows):
    return f"SELECT repeat('x', {ROW}) FROM generate_series(1, {rows})"


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
