"""One run of pg_regress, with a time limit for each of its tests."""

import os
import re
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from console import log_tail, progress
from packages import daemon_user
from processes import Daemon
from servers import Failed
from stage import DATABASE, OWNER

LOOK_SECONDS = 0.5
VERDICT = re.compile(r"^(?:test)?\s+(\S+)\s+\.\.\. (ok|FAILED|failed)\b", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """What a run left: `results` has a file for each test that ran, `verdicts` says ok or not of each."""

    results: Path
    verdicts: dict
    hung: tuple
    ended: tuple
    seconds: int

    def result(self, test):
        """The bytes of the test's output; None if it did not run."""
        path = self.results / f"{test}.out"
        return path.read_bytes() if path.exists() else None

    def is_complete(self, tests):
        """pg_regress has come to its end, and the servers have outlived it."""
        return not self.ended and all(test in self.verdicts for test in tests)

    def count_ok(self):
        return sum(verdict == "ok" for verdict in self.verdicts.values())


class Workplace:
    """The files of the suite where the server's user reads and writes them, at the same path for both runs.

    Tests copy from and to files by their absolute names, and these names come up in the output.
    """

    def __init__(self, directory, suite, groups):
        self._directory = directory
        self._suite = suite
        self._groups = groups
        self._place = directory / "work"

    def run(self, name, stage, limit):
        """Runs the suite through `stage`, and keeps what it left as directory `name`."""
        progress(f"running the suite, {name}")
        self._lay()
        log = self._directory / f"{name}.log"
        runner = Daemon("pg_regress", log)
        began = time.monotonic()
        runner.start(self._command(stage), daemon_user())
        try:
            hung, ended = self._watch(runner, stage, limit)
        finally:
            runner.stop()
        results = self._directory / name
        if not (self._place / "results").exists():
            log_tail("pg_regress", log)
            raise Failed("pg_regress", "it ran no test")
        shutil.move(self._place / "results", results)
        return Run(results, verdicts(log.read_text(errors="replace")), tuple(hung), tuple(ended),
                   round(time.monotonic() - began))

    def _lay(self):
        shutil.rmtree(self._place, ignore_errors=True)
        shutil.copytree(self._suite.directory, self._place)
        (self._place / "schedule").write_text("".join(f"test: {' '.join(group)}\n" for group in self._groups))
        user = daemon_user()
        if user:
            for path, _, files in os.walk(self._place):
                for entry in (path, *(os.path.join(path, file) for file in files)):
                    shutil.chown(entry, user, user)

    def _command(self, stage):
        place = self._place
        return [self._suite.runner, f"--inputdir={place}", f"--outputdir={place}", f"--dlpath={place}",
                f"--bindir={self._suite.programs}", f"--schedule={place}/schedule", "--use-existing",
                f"--dbname={DATABASE}", "--host=127.0.0.1", f"--port={stage.port}", f"--user={OWNER}"]

    def _watch(self, runner, stage, limit):
        """Waits for its end. Gives the tests that hung and the daemons that ended; with one of them gone, it is over."""
        clients = Clients(runner.pid, limit)
        hung = []
        while runner.is_running():
            for test in clients.end_overdue():
                progress(f"{test} hung: ended after {limit} s")
                hung.append(test)
            if stage.dead():
                break
            time.sleep(LOOK_SECONDS)
        return hung, stage.dead()


class Clients:
    """The psql processes that pg_regress has started, and since when each is known."""

    def __init__(self, parent, limit):
        self._parent = parent
        self._limit = limit
        self._since = {}

    def end_overdue(self):
        """Ends those beyond the limit; pg_regress counts their tests as failed and goes on. Gives their tests."""
        now = time.monotonic()
        alive = children(self._parent)
        self._since = {pid: self._since.get(pid, now) for pid in alive}
        return [test for test in (self._end(pid) for pid, since in self._since.items() if now - since > self._limit) if test]

    @staticmethod
    def _end(pid):
        try:
            # Its output goes to the result file of its test.
            test = Path(os.readlink(f"/proc/{pid}/fd/1")).stem
            os.kill(pid, signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError):
            return None
        return test


def children(parent):
    """The process ids of the direct children of `parent`."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            fields = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found.append(int(entry))
    return found


def verdicts(log):
    """What pg_regress printed for each test: ok, FAILED, or failed (which its schedule ignores)."""
    return dict(VERDICT.findall(log))
