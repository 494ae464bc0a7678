"""Debian's source packages, without a change to the machine's own configuration of apt.

The lists of packages are fetched once more into a directory of ours: the machine's own sources say from where, and only the
kind of package that they ask for is widened.
"""

import os
import re
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from packages import Missing

CONFIGURED = Path("/etc/apt")


class Apt:
    """Fetches source packages and packages into a directory that is deleted with it."""

    def __init__(self, directory):
        self.directory = directory
        self._options = _private(directory)

    def update(self):
        """Its status is not asked: one source that fails does not matter if the others have what is needed."""
        self._get("update")

    def source(self, package, version):
        """The original archive of the newest version there is, or of `version` if that is still to be had."""
        self._newest(("source", "--download-only"), package, version)
        return self._one("*.orig.tar.*")

    def package(self, package, version):
        self._newest(("download",), package, version)
        return self._one(f"{package}_*.deb")

    def _newest(self, command, package, version):
        """A security update takes the version before it out of the lists, though it may be the installed one."""
        for wanted in (f"{package}={version}", package):
            done = self._get(*command, wanted)
            if done.returncode == 0:
                return
        raise Missing(f"apt-get {' '.join(command)} {package} failed:\n{done.stdout.strip()}")

    def _get(self, *command):
        return subprocess.run(["apt-get", "-q", *self._options, *command], cwd=self.directory, text=True,
                              env=dict(os.environ, LC_ALL="C"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)

    def _one(self, pattern):
        # The signature of an archive has its name with something behind.
        found = sorted(path for path in self.directory.glob(pattern) if path.suffix != ".asc")
        if not found:
            raise Missing(f"apt-get brought no {pattern}")
        return found[0]


@contextmanager
def apt():
    with tempfile.TemporaryDirectory(prefix="trunkline-apt-") as name:
        fetcher = Apt(Path(name))
        fetcher.update()
        yield fetcher


def with_sources(text, deb822):
    """What the machine has configured, with source packages; `deb822` says in which of apt's two forms it stands."""
    if deb822:
        return re.sub(r"(?mi)^Types:.*$", "Types: deb deb-src", text)
    return re.sub(r"(?m)^deb(\s.*)$", r"deb\1\ndeb-src\1", text)


def _private(directory):
    parts, lists, cache = (directory / name for name in ("sources", "lists", "cache"))
    for path in (parts, lists, cache):
        path.mkdir()
    for path in _configured():
        text = path.read_text(errors="replace")
        (parts / path.name).write_text(with_sources(text, path.suffix == ".sources"))
    # As the user who runs this: apt's own user cannot write here.
    values = {"Dir::Etc::sourcelist": "/dev/null", "Dir::Etc::sourceparts": parts, "Dir::State::lists": lists,
              "Dir::Cache": cache, "APT::Sandbox::User": ""}
    return [word for name, value in values.items() for word in ("-o", f"{name}={value}")]


def _configured():
    parts = CONFIGURED / "sources.list.d"
    main = CONFIGURED / "sources.list"
    return [path for path in (main, *sorted(parts.glob("*.list")), *sorted(parts.glob("*.sources"))) if path.is_file()]
