"""One run of pgbench, and what it and the operating system say about it."""

import math
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from processes import clean_environment
from targets import NAME

# The share of transactions that pgbench writes to its log, the same for every target: the log costs pgbench CPU time,
# and a quarter is plenty for a 99th percentile.
SAMPLED = 0.25

NOTHING_LOST = re.compile(r"number of failed transactions: 0 \(")


class Refused(Exception):
    """Clients had errors, so the numbers say nothing; the text is the first error."""


@dataclass(frozen=True)
class Round:
    """Latencies in milliseconds, CPU time of the proxy in microseconds per transaction (None without a proxy)."""

    number: int
    transactions: int
    tps: float
    average_ms: float
    p50_ms: float
    p99_ms: float
    user_us: Optional[float]
    system_us: Optional[float]

    @property
    def cpu_us(self):
        return None if self.user_us is None else self.user_us + self.system_us


@dataclass(frozen=True)
class Work:
    """What pgbench is asked for: its own `-S`, or a script, if one is given."""

    clients: int
    protocol: str
    seconds: int
    script: Optional[Path] = None
    database: str = NAME


def measure(pgbench, target, work, number, directory):
    """Runs it once through `target`. Raises Refused if a client had an error or a proxy ended."""
    logs = directory / "pgbench"
    logs.mkdir(exist_ok=True)
    try:
        before = _cpu(target)
        output = _run(pgbench, target, work, logs / "log")
        after = _cpu(target)
        return _round(number, output, latencies(logs), before, after)
    finally:
        for log in logs.iterdir():
            log.unlink()


def _run(pgbench, target, work, log_prefix):
    what = ["-S"] if work.script is None else ["-f", work.script]
    command = [pgbench, *what, "-n", "-M", work.protocol, "-c", work.clients, "-j", min(work.clients, 2),
               "-T", work.seconds, "--log", f"--log-prefix={log_prefix}", f"--sampling-rate={SAMPLED}",
               "-h", "127.0.0.1", "-p", target.port, "-U", NAME, work.database]
    try:
        done = subprocess.run([str(part) for part in command], env=clean_environment(), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=work.seconds + 60,
                              start_new_session=True, check=False)
    except subprocess.TimeoutExpired:
        raise Refused(f"pgbench was not done 60 s after its {work.seconds} s were over") from None
    lost = [daemon.name for daemon in target.daemons if not daemon.is_running()]
    if lost:
        raise Refused(f"{lost[0]} ended")
    # pgbench goes on, with status 0, after a Prepare that failed: what it writes to stderr counts as well.
    if done.returncode != 0 or "error" in done.stderr.lower() or not NOTHING_LOST.search(done.stdout):
        raise Refused(first_error(done.stderr))
    return done.stdout


def first_error(stderr):
    """The first complaint of pgbench, without its own name before it."""
    lines = [line for line in stderr.splitlines() if "error" in line.lower()] or ["pgbench gave up without a word"]
    return re.sub(r"^pgbench: (error: )?", "", lines[0]).strip()


def latencies(directory):
    """All sampled latencies in microseconds, sorted. Each thread of pgbench writes a log of its own."""
    samples = []
    for log in directory.iterdir():
        with open(log, encoding="ascii") as lines:
            samples.extend(int(line.split(" ", 3)[2]) for line in lines)
    samples.sort()
    return samples


def percentile(ordered, percent):
    """By nearest rank: a latency that a transaction really had."""
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1]


def _cpu(target):
    spent = [daemon.cpu() for daemon in target.daemons]
    return sum(cpu.user for cpu in spent), sum(cpu.system for cpu in spent)


def _round(number, output, samples, before, after):
    if not samples:
        raise Refused("too few transactions for a latency")
    transactions = int(_number(r"number of transactions actually processed: (\d+)", output))
    user, system = ((end - start) * 1e6 / transactions for start, end in zip(before, after))
    # A daemon spends some time on any transaction; only the direct way has none.
    proxied = user + system > 0
    return Round(
        number=number,
        transactions=transactions,
        tps=_number(r"tps = ([\d.]+)", output),
        average_ms=_number(r"latency average = ([\d.]+) ms", output),
        p50_ms=percentile(samples, 50) / 1000,
        p99_ms=percentile(samples, 99) / 1000,
        user_us=user if proxied else None,
        system_us=system if proxied else None,
    )


def _number(pattern, output):
    found = re.search(pattern, output)
    if found is None:
        raise Refused(f"pgbench did not print what was expected: {output.strip()}")
    return float(found.group(1))
