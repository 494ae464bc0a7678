"""Runs the suite directly and through a proxy, and compares: `bin/regress` starts this."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import outcome
import suite
from console import progress
from options import parse
from packages import Missing
from processes import raise_open_files
from run import Workplace
from servers import HOME, Failed
from signals import Stopped, ignore_signals, stop_on_signals
from stage import Stage
from state import used

COMPLETED = 0
NOT_COMPLETED = 1
CANNOT_RUN = 2
STOPPED = 130


def main(arguments):
    options = parse(arguments)
    raise_open_files()
    stop_on_signals()
    try:
        return _regress(options, suite.provide(options))
    except Stopped:
        progress("stopped")
        return STOPPED
    except (Failed, Missing) as failure:
        progress(str(failure))
        return CANNOT_RUN


def _regress(options, files):
    groups = files.schedule(options.tests)
    keep = _emptied(suite.KEPT / options.name.replace(" ", "-"))
    directory = Path(tempfile.mkdtemp(prefix="trunkline-regress-"))
    # The server runs as another user and must get through to its files.
    directory.chmod(0o711)
    try:
        workplace = Workplace(directory, files, groups)
        runs = [_run(workplace, directory, files, options, name) for name in ("direct", "proxied")]
        return _report(options, files, [test for group in groups for test in group], runs, keep)
    finally:
        ignore_signals()
        _keep_logs(directory, keep)
        shutil.rmtree(directory)


def _run(workplace, directory, files, options, name):
    stage = Stage(directory, files.programs, options)
    try:
        stage.start_postgres()
        if name == "proxied" and options.mode != "direct":
            stage.start_proxy()
        return workplace.run(name, stage, options.limit)
    finally:
        stage.stop()


def _report(options, files, tests, runs, keep):
    direct, proxied = runs
    comparison = outcome.Comparison(direct, proxied, keep)
    known = outcome.known_causes(options.name, outcome.KNOWN.read_text())
    differences = comparison.differences(tests, known)
    _print_runs(options, files, runs)
    for difference in differences:
        print(f"  differs: {difference.test}  {difference.diff}  {_cause(difference, files)}")
    # A few tests alone do not get in each other's way as all do.
    if not options.tests:
        gone = outcome.no_longer_different(differences, tests, known)
        _print_list("no longer different, but in known-differences.ini", gone)
    _print_list("hung in the direct run", direct.hung)
    _print_list("hung", proxied.hung)
    _print_list("lost their connection", comparison.lost_connection(tests))
    _print_list("ENDED BY ITSELF", (*direct.ended, *proxied.ended))
    unexplained = sum(difference.cause == outcome.UNEXPLAINED for difference in differences)
    print(f"{unexplained} of {len(differences)} differences unexplained; result files, diffs and logs are in {keep}")
    print(f"regress {options.mode}: {len(tests) - len(differences)} of {len(tests)} as direct", flush=True)
    return COMPLETED if all(run.is_complete(tests) for run in runs) else NOT_COMPLETED


def _print_runs(options, files, runs):
    what = "a second direct run" if options.mode == "direct" else f"{options.name} mode, pools of {options.pool_size}"
    print(f"PostgreSQL {_first_line([files.programs / 'postgres', '--version'])}, suite of {files.version}; {what}")
    if options.mode != "direct":
        print(_proxy_version(options))
    for name, run in zip(("direct", "proxied"), runs):
        print(f"{name}: {run.count_ok()} of {len(run.verdicts)} ok by pg_regress itself, {run.seconds} s")


def _proxy_version(options):
    if options.via == "pgbouncer":
        return _first_line([options.pgbouncer, "--version"])
    commit = _first_line(["git", "-C", HOME, "describe", "--always", "--dirty"])
    return ", ".join([_first_line([HOME / "bin" / "trunkline", "--version"]), f"commit {commit}",
                      *options.trunkline_settings])


def _cause(difference, files):
    if difference.cause != outcome.UNEXPLAINED:
        return difference.cause
    uses = used((files.directory / "sql" / f"{difference.test}.sql").read_text(errors="replace"))
    return f"{difference.cause} (its text uses: {', '.join(uses) or 'no session state'})"


def _print_list(title, names):
    if names:
        print(f"  {title}: {' '.join(names)}")


def _first_line(command):
    try:
        done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return re.sub(r"^postgres \(PostgreSQL\) ", "", (done.stdout.strip().splitlines() or ["unknown"])[0])


def _emptied(path):
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def _keep_logs(directory, keep):
    for log in directory.glob("*.log"):
        shutil.copyfile(log, keep / log.name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
