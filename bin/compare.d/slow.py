"""A client that reads what it has asked for more slowly than it comes."""

import threading
from pathlib import Path

from client import Rejected

TAKEN_AT_ONCE = 64 * 1024
PAUSE_SECONDS = 0.1


def most_in_sockets():
    """Bytes that can lie between a server and a client with a proxy between them. Source: tcp(7), tcp_rmem and tcp_wmem."""
    return 2 * sum(int(Path("/proc/sys/net/ipv4", name).read_text().split()[2]) for name in ("tcp_rmem", "tcp_wmem"))


class SlowReader:
    """While it is entered a thread reads, a little at a time, and costs next to no CPU time.

    `memory` tells how much the proxy has at a moment; the most of it is kept. As long as no more than `aside` bytes of the `expected`
    ones are to come, they may all lie in sockets, and hold up nobody.
    """

    def __init__(self, connection, sql, expected, memory, aside, pause=PAUSE_SECONDS):
        self._connection = connection
        self._sql = sql
        self._expected = expected
        self._memory = memory
        self._aside = aside
        self._pause = pause
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._trouble = None
        self._before = 0
        self._most = 0
        self.total = 0

    def __enter__(self):
        self._before = self._most = self._memory()
        self._connection.send(self._sql)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        self._connection.close()

    def wait(self):
        """Until there is nothing more to read."""
        self._thread.join()

    @property
    def growth(self):
        """How much more than at first there was at most; never negative."""
        return self._most - self._before

    def check(self):
        """Raises Rejected unless rows have come, and more are still to come than sockets hold."""
        if self._trouble is not None:
            raise Rejected(f"the slow reader: {self._trouble or type(self._trouble).__name__}")
        if self.total == 0:
            raise Rejected("the slow reader got nothing")
        if self._expected - self.total <= self._aside:
            raise Rejected("the slow reader was done too early: ask for more --megabytes")

    def _read(self):
        try:
            while not self._stop.wait(self._pause) and self.total < self._expected:
                self.total += self._connection.take(TAKEN_AT_ONCE)
                self._most = max(self._most, self._memory())
        except (OSError, Rejected) as trouble:
            self._trouble = trouble
