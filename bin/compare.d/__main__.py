"""Measures the targets in turns: `bin/compare` starts this."""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import machine
import probing
from against import changes
from console import log_tail, progress
from measure import Refused, Work, measure
from needs import provide
from options import parse
from packages import Missing, postgres_bin
from probing import Probing
from processes import raise_open_files
from report import report
from results import Cell, as_json
from servers import Failed
from signals import Stopped, ignore_signals, stop_on_signals
from targets import Bench

MEASURED = 0
NOT_ALL_MEASURED = 1
CANNOT_RUN = 2
LOST = 3
STOPPED = 130


class Comparison:
    """The cells of all targets and settings, and the loop that fills them."""

    def __init__(self, options, programs, directory):
        self._options = options
        self._pgbench = programs / "pgbench"
        self._directory = directory
        self._targets = {}
        self._probing = Probing(options)
        self.probed = self._probing.cells
        settings = options.settings() if "pgbench" in options.parts else ()
        self.cells = [Cell(clients, protocol, target) for clients, protocol in settings for target in options.targets]

    def start(self, bench):
        """A target that does not start is told and stays in the tables; the others are measured."""
        bench.start_postgres()
        for name in self._options.targets:
            try:
                self._targets[name] = bench.start_target(name)
            except Failed as failure:
                progress(str(failure))
                for cell in (*self.cells, *self.probed):
                    if cell.target == name:
                        cell.problem = f"did not start: {failure.detail}"

    def run(self, bench):
        self._probing.run(bench, self._targets)
        for clients, protocol in self._options.settings():
            here = [cell for cell in self.cells if (cell.clients, cell.protocol) == (clients, protocol)]
            if self._options.warmup:
                self._turn(here, 0, self._options.warmup)
            for number in range(1, self._options.rounds + 1):
                self._turn(here, number, self._options.seconds)

    def _turn(self, cells, number, seconds):
        """Each target once, in order. Round 0 is the warm-up and is not kept."""
        for cell in cells:
            if cell.problem is None:
                self._fill(cell, number, seconds)

    def _fill(self, cell, number, seconds):
        target = self._targets[cell.target]
        where = f"{cell.clients} × {cell.protocol}, {f'round {number}' if number else 'warm-up'}, {cell.target}"
        try:
            result = measure(self._pgbench, target, Work(cell.clients, cell.protocol, seconds), number, self._directory)
        except Refused as refusal:
            cell.problem = f"refused, errors: {refusal}"
            progress(f"{where}: REFUSED: {refusal}")
            for daemon in target.daemons:
                log_tail(daemon.name, daemon.log)
            return
        if number:
            cell.rounds.append(result)
        cost = "" if result.cpu_us is None else f", {result.cpu_us:.1f} µs of CPU"
        progress(f"{where}: {result.tps:,.0f} tps, p99 {result.p99_ms:.3f} ms{cost}")


def main(arguments):
    options = parse(arguments)
    raise_open_files()
    stop_on_signals()
    try:
        provide(options.targets, options.pgbouncer)
        return _compare(options, postgres_bin())
    except Stopped:
        progress("stopped")
        return STOPPED
    except (Failed, Missing) as failure:
        progress(str(failure))
        return CANNOT_RUN


def _compare(options, programs):
    facts = machine.facts(programs, options)
    directory = Path(tempfile.mkdtemp(prefix="trunkline-compare-"))
    bench = Bench(directory, programs, options)
    comparison = Comparison(options, programs, directory)
    try:
        # The daemons run as another user and must get through to their files.
        directory.chmod(0o711)
        comparison.start(bench)
        comparison.run(bench)
    finally:
        ignore_signals()
        bench.stop()
        shutil.rmtree(directory)
    everything = {**as_json(facts, options, comparison.cells), "probes": probing.as_json(comparison.probed)}
    since = changes(options.against, everything) if options.against else []
    print(report(facts, options, comparison.cells, comparison.probed, since))
    if options.json:
        options.json.write_text(json.dumps(everything, indent=2, ensure_ascii=False) + "\n")
    if any(change.is_loss() for change in since):
        return LOST
    measured = all(cell.is_good() for cell in (*comparison.cells, *comparison.probed))
    return MEASURED if measured else NOT_ALL_MEASURED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
