"""The regression suite of the installed PostgreSQL: its files, its library in C, and the program that runs it."""

import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from console import progress
from packages import Missing, bring, postgres_bin
from servers import HOME
from sources import apt

KEPT = HOME / "target" / "regress"
INSIDE = re.compile(r"[^/]+/src/test/regress/(.+)")


@dataclass(frozen=True)
class Suite:
    """`version` is that of the files, `directory` holds them and `library` beside them."""

    version: str
    directory: Path
    programs: Path

    @property
    def runner(self):
        return self.programs.parent / "lib" / "pgxs" / "src" / "test" / "regress" / "pg_regress"

    def schedule(self, only):
        """The groups of tests that run at the same time, in order; `only` leaves out all other tests but the first."""
        groups = read_schedule((self.directory / "parallel_schedule").read_text())
        known = {name for group in groups for name in group}
        unknown = sorted(set(only) - known)
        if unknown:
            raise Missing("the suite has no test " + ", ".join(unknown))
        kept = {*only, groups[0][0]} if only else known
        return [left for left in ([name for name in group if name in kept] for group in groups) if left]


def provide(options):
    """Installs, fetches and compiles what is not there yet. Raises Missing if it cannot."""
    bring(lambda: _missing(options))
    programs = postgres_bin()
    version = _installed_version(programs)
    kept = KEPT / f"suite-{version}"
    if not kept.exists():
        _make(kept, programs.parent.name, version)
    suite = Suite((kept / "version").read_text().strip(), kept, programs)
    if not suite.runner.exists():
        raise Missing(f"{suite.runner} is not there: PostgreSQL's package does not bring it")
    return suite


def read_schedule(text):
    """Groups of names; other lines of a schedule (comments, `ignore:`) name no test to run."""
    return [line[len("test:"):].split() for line in text.splitlines() if line.startswith("test:")]


def _missing(options):
    packages = []
    directory = postgres_bin()
    if directory is None or not all((directory / name).exists() for name in ("postgres", "psql", "initdb")):
        packages.append("postgresql")
    if shutil.which("gcc") is None:
        packages.append("gcc")
    if not Path("/usr/include/stdio.h").exists():
        packages.append("libc6-dev")
    if options.via == "pgbouncer" and options.mode != "direct" and shutil.which(options.pgbouncer) is None:
        packages.append("pgbouncer")
    return packages


def _installed_version(programs):
    """Of Debian's package, because the suite must be of the same version as the server."""
    done = subprocess.run(["dpkg-query", "-W", "-f", "${source:Version}", f"postgresql-{programs.parent.name}"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          check=False) if shutil.which("dpkg-query") else None
    if done is None or done.returncode != 0:
        raise Missing(f"PostgreSQL in {programs} is not from a Debian package, so that its suite cannot be fetched")
    return done.stdout.strip()


def _make(kept, major, version):
    """Made under another name first: a run that is stopped here leaves nothing that looks complete."""
    progress(f"fetching the suite of PostgreSQL {version}; kept in {kept}")
    KEPT.mkdir(parents=True, exist_ok=True)
    with apt() as fetcher, tempfile.TemporaryDirectory(prefix="making-", dir=KEPT) as name:
        making = Path(name) / "suite"
        _unpack(fetcher.source(f"postgresql-{major}", version), making)
        headers = Path(name) / "headers"
        for package in (f"postgresql-server-dev-{major}", "libpq-dev"):
            _execute(["dpkg-deb", "-x", fetcher.package(package, version), headers])
        _compile(making, headers / "usr" / "include" / "postgresql", major)
        os.rename(making, kept)


def _unpack(archive, target):
    """Only the suite's own directory. Debian has no patch for it."""
    target.mkdir()
    with tarfile.open(archive) as tar:
        for member in tar:
            inside = INSIDE.fullmatch(member.name)
            if inside and member.isfile():
                member.name = inside.group(1)
                tar.extract(member, target)
    (target / "version").write_text(re.sub(r".*_(.+)\.orig\.tar\..*", r"\1", archive.name) + "\n")


def _compile(making, include, major):
    headers = [f"-I{include / part}" for part in (f"{major}/server", "internal")] + [f"-I{include}"]
    _execute(["gcc", "-O2", "-fPIC", "-shared", "-fwrapv", "-fno-strict-aliasing", *headers, "-o", making / "regress.so",
              making / "regress.c"])


def _execute(command):
    done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise Missing(f"{command[0]} failed:\n{done.stdout.strip()}")
