"""The facts about machine and programs without which numbers mean nothing."""

import os
import platform
import re
import subprocess
import time
from pathlib import Path

from servers import HOME
from targets import POOL_SIZE, SCALE


def facts(programs, options):
    """Name and value of each, in the order of printing."""
    known = {
        "date": time.strftime("%Y-%m-%d %H:%M %Z"),
        "machine": f"{os.cpu_count()} cores, {_processor()}, {_memory()}, Linux {platform.release()}",
        "load before the run": "{:.2f} {:.2f} {:.2f} (1, 5, 15 minutes)".format(*os.getloadavg()),
        "PostgreSQL": _first_line([programs / "postgres", "--version"]) + f", fsync off, pgbench scale {SCALE}",
        "pools": f"{POOL_SIZE} server connections, transaction mode, trust on loopback TCP",
    }
    for target, name, command in (("pgbouncer", "PgBouncer", [options.pgbouncer, "--version"]),
                                  ("haproxy", "HAProxy", ["haproxy", "-v"])):
        if any(target in chosen for chosen in options.targets):
            known[name] = _first_line(command)
    if "trunkline" in options.targets:
        known["Trunkline"] = _trunkline(options)
    return known


def _trunkline(options):
    commit = _first_line(["git", "-C", HOME, "describe", "--always", "--dirty"])
    version = _first_line([HOME / "bin" / "trunkline", "--version"])
    java = _first_line([Path(_first_line([HOME / "bin" / "find-jdk", "25"])) / "bin" / "java", "--version"])
    flags = os.environ.get("TRUNKLINE_JAVA_OPTS")
    return ", ".join([version, "commit " + commit, java, *([flags] if flags else []), *options.trunkline_settings])


def _processor():
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return found.group(1) if found else platform.machine()


def _memory():
    kib = re.search(r"MemTotal:\s*(\d+) kB", Path("/proc/meminfo").read_text())
    return f"{int(kib.group(1)) / 2**20:.0f} GiB" if kib else "memory unknown"


def _first_line(command):
    try:
        done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, timeout=600, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    lines = done.stdout.strip().splitlines()
    return lines[0] if done.returncode == 0 and lines else "unknown"
