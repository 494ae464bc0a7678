"""Measures the start of the proxy: `bin/startup` starts this."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import Bench
from console import progress
from measure import measure
from options import parse
from packages import Missing, bring, postgres_bin
from report import table
from servers import HOME, Failed
from signals import Stopped, ignore_signals, stop_on_signals

MEASURED = 0
CANNOT_RUN = 2
STOPPED = 130


def main(arguments):
    options = parse(arguments)
    stop_on_signals()
    try:
        bring(_missing)
        return _run(options)
    except Stopped:
        progress("stopped")
        return STOPPED
    except (Failed, Missing) as failure:
        progress(str(failure))
        return CANNOT_RUN


def _missing():
    return [] if postgres_bin() else ["postgresql"]


def _run(options):
    # What has to be built is built now, and is not part of a start.
    subprocess.run([HOME / "bin" / "trunkline", "--version"], stdin=subprocess.DEVNULL, stdout=sys.stderr, check=True)
    directory = Path(tempfile.mkdtemp(prefix="trunkline-startup-"))
    bench = Bench(directory, postgres_bin())
    starts = {variant.name: [] for variant in options.variants}
    try:
        directory.chmod(0o711)
        bench.start_postgres()
        # Round 0 brings the files into the machine's cache and is not kept.
        for number in range(options.rounds + 1):
            for variant in options.variants:
                start = measure(bench, variant, options)
                progress(f"round {number}, {variant.name}: {start.first_ms:.0f} ms, {start.cpu_ms:.0f} ms of CPU, "
                         f"{start.rss_mb:.0f} MB, tps {' '.join(f'{tps:.0f}' for tps in start.tps) or '-'}")
                if number:
                    starts[variant.name].append(start)
    finally:
        ignore_signals()
        bench.stop()
        shutil.rmtree(directory)
    print(table(starts))
    return MEASURED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
