"""One start of the proxy, and what it cost."""

import os
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from client import first_answer
from processes import clean_environment
from servers import Failed

START_SECONDS = 60
# Later chunks that stand for the steady state.
STEADY = 3


@dataclass(frozen=True)
class Start:
    """`first_ms` from the start of the launcher to the answer, `cpu_ms` of the proxy until then, memory in MB, tps of each chunk."""

    first_ms: float
    cpu_ms: float
    rss_mb: float
    rss_after_mb: float
    tps: tuple

    @property
    def slowdown(self):
        """How many times longer the first chunk took than the median of the last ones; None with too few chunks."""
        if len(self.tps) <= STEADY:
            return None
        return sorted(self.tps[-STEADY:])[STEADY // 2] / self.tps[0]


def measure(bench, variant, options):
    """Starts the proxy once and stops it again. Raises Failed if it answers nothing."""
    os.environ["TRUNKLINE_JAVA_OPTS"] = variant.java_options
    begin = time.monotonic()
    daemon, port = bench.start_trunkline()
    try:
        first_answer(port, bench.user, bench.database, daemon.is_running, START_SECONDS)
        elapsed = time.monotonic() - begin
        cpu = daemon.cpu()
        rss = resident_mb(daemon.pid)
        tps = tuple(_pgbench(bench, port, options) for _ in range(options.chunks))
        return Start(elapsed * 1000, (cpu.user + cpu.system) * 1000, rss, resident_mb(daemon.pid), tps)
    except (TimeoutError, RuntimeError) as failure:
        raise Failed(variant.name, f"{failure}; log:\n{daemon.log.read_text(errors='replace')}") from failure
    finally:
        daemon.stop()


def resident_mb(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s*(\d+) kB", status).group(1)) / 1024


def _pgbench(bench, port, options):
    command = [bench.pgbench, "-n", "-S", "-h", "127.0.0.1", "-p", port, "-U", bench.user, "-M", options.protocol,
               "-c", options.clients, "-t", options.queries // options.clients, bench.database]
    done = subprocess.run([str(word) for word in command], cwd="/", env=clean_environment(), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600, check=False)
    tps = re.search(r"^tps = ([0-9.]+) \(without initial connection time\)", done.stdout, re.MULTILINE)
    if done.returncode != 0 or tps is None:
        raise Failed("pgbench", done.stdout.strip())
    return float(tps.group(1))
