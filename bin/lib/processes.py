"""Starting, watching and stopping the daemons, each by its process id."""

import os
import random
import resource
import signal
import socket
import subprocess
from collections import namedtuple
from contextlib import contextmanager
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
OPEN_FILES = 20_000

# The signals that end this run.
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

# Seconds spent so far in user code and in the kernel.
Cpu = namedtuple("Cpu", "user system")


class Daemon:
    """A process of this run, with a log file. Its children count as part of it."""

    def __init__(self, name, log, stop_signal=signal.SIGTERM):
        self.name = name
        self.log = log
        self._stop_signal = stop_signal
        self._process = None

    def start(self, command, user=None):
        """Starts `command` as `user` (None: as this process), in a session of its own: Ctrl-C reaches only us."""
        identity = {"user": user, "group": user, "extra_groups": []} if user else {}
        with open(self.log, "ab") as log, _signals_held_back():
            self._process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=log,
                                             stderr=log, cwd="/", env=clean_environment(), start_new_session=True,
                                             preexec_fn=_let_signals_in, **identity)

    @property
    def pid(self):
        return self._process.pid

    def is_running(self):
        return self._process is not None and self._process.poll() is None

    def stop(self):
        """Asks it to end, and kills what is left of its process group after ten seconds."""
        if self._process is None:
            return
        if self.is_running():
            self._process.send_signal(self._stop_signal)
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            _kill_group(self._process.pid)
            self._process.wait()
        _kill_group(self._process.pid)

    def cpu(self):
        """Includes its threads, its children and the children that it has already waited for."""
        family = _descendants(self._process.pid)
        fields = [line for line in map(_stat, family) if line is not None]
        user = sum(int(line[11]) + int(line[13]) for line in fields)
        system = sum(int(line[12]) + int(line[14]) for line in fields)
        return Cpu(user / TICKS_PER_SECOND, system / TICKS_PER_SECOND)


def clean_environment():
    """Without PGHOST, PGOPTIONS and the like: they would change what is measured."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def raise_open_files():
    """For this process and all that it starts: at its limit PgBouncer stops accepting without a word."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = max(hard, OPEN_FILES) if os.geteuid() == 0 and hard != resource.RLIM_INFINITY else hard
    wanted = OPEN_FILES if most == resource.RLIM_INFINITY else min(OPEN_FILES, most)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def free_port():
    """A loopback port below the ephemeral range, where no outgoing connection can take it before it is bound."""
    ephemeral = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for _ in range(1000):
        port = random.randrange(10_000, max(ephemeral, 10_001))
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no free loopback port below the ephemeral range")


@contextmanager
def _signals_held_back():
    """Between the fork and the moment when we know whom to stop."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        _let_signals_in()


def _let_signals_in():
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


def _kill_group(pid):
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _stat(pid):
    """The fields of /proc/PID/stat from the state (the third of proc(5)) on; None if the process is gone."""
    try:
        # The name before it may hold anything, parentheses and blanks included.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _descendants(root):
    children = {}
    for entry in os.listdir("/proc"):
        fields = _stat(entry) if entry.isdigit() else None
        if fields is not None:
            children.setdefault(int(fields[1]), []).append(int(entry))
    family = [root]
    for pid in family:
        family.extend(children.get(pid, ()))
    return family
