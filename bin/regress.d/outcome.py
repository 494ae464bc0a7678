"""Compares two runs test by test, and says what is known of each difference."""

import configparser
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

KNOWN = Path(__file__).with_name("known-differences.ini")
UNEXPLAINED = "UNEXPLAINED"
LOST = (b"server closed the connection unexpectedly", b"connection to server was lost",
        b"terminating connection because of crash of another server process")


@dataclass(frozen=True)
class Difference:
    test: str
    diff: Path
    cause: str


class Comparison:
    """`keep` gets the result files that differ and their diffs."""

    def __init__(self, direct, proxied, keep):
        self._direct = direct
        self._proxied = proxied
        self._keep = keep

    def same(self, test):
        """To the byte. A test without a result in either run is not the same: nobody knows what it would have been."""
        result = self._direct.result(test)
        return result is not None and result == self._proxied.result(test)

    def lost_connection(self, tests):
        """The tests that say so in the second run and not in the direct one."""
        return [test for test in tests if _lost(self._proxied.result(test)) and not _lost(self._direct.result(test))]

    def differences(self, tests, known):
        return [Difference(test, self._write(test), known.get(test, UNEXPLAINED)) for test in tests if not self.same(test)]

    def _write(self, test):
        sides = [self._copy(test, run, name) for run, name in ((self._direct, "direct"), (self._proxied, "proxied"))]
        path = self._keep / f"{test}.diff"
        with path.open("wb") as file:
            subprocess.run(["diff", "-a", "-U", "3", *sides], stdin=subprocess.DEVNULL, stdout=file, check=False)
        return path

    def _copy(self, test, run, name):
        copy = self._keep / f"{test}.{name}"
        if run.result(test) is None:
            copy.write_text("(the test did not run)\n")
        else:
            shutil.copyfile(run.results / f"{test}.out", copy)
        return copy


def known_causes(name, text):
    """Test and cause of each difference that is understood, from the section of that name."""
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    parser.read_string(text)
    causes = {}
    for tests, cause in parser[name].items() if parser.has_section(name) else ():
        for test in tests.split():
            causes.setdefault(test, []).append(cause)
    return {test: "; ".join(several) for test, several in causes.items()}


def no_longer_different(differences, tests, known):
    """Entries of the list for tests that ran and are the same now."""
    different = {difference.test for difference in differences}
    return [test for test in tests if test in known and test not in different]


def _lost(result):
    return result is not None and any(text in result for text in LOST)
