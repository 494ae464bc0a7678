"""What the command line asks for."""

import argparse
from dataclasses import dataclass

from arguments import add_proxies, number

MODES = ("session", "transaction", "direct")
PROXIES = ("trunkline", "pgbouncer")

ABOUT = """\
Runs PostgreSQL's own regression suite twice, directly and through a proxy, and counts the tests whose result file is the
same to the byte. MODE is the proxy's pool mode; `direct` runs the suite directly both times and so shows what differs by
itself. Everything is started on free loopback ports and in a temporary directory, and stopped and removed again at the end.
What is missing is installed where that is possible (root on Debian). docs/regress.md has the numbers.
"""


@dataclass(frozen=True)
class Options:
    mode: str
    via: str
    pgbouncer: str
    pool_size: int
    limit: int
    tests: tuple
    trunkline_settings: tuple

    @property
    def name(self):
        """Names the run in the list of known differences and under target/regress."""
        return self.mode if self.mode == "direct" else f"{self.via} {self.mode}"


def parse(arguments):
    given = _parser().parse_args(arguments)
    return Options(
        mode=given.mode,
        via=given.via,
        pgbouncer=given.pgbouncer,
        pool_size=given.pool_size,
        limit=given.limit,
        tests=tuple(name for name in given.tests.split(",") if name),
        trunkline_settings=tuple(given.trunkline_config),
    )


def _parser():
    parser = argparse.ArgumentParser(prog="regress", description=ABOUT)
    add = parser.add_argument
    add("mode", choices=MODES, metavar="MODE", help="session, transaction or direct")
    add("--via", choices=PROXIES, default=PROXIES[0], metavar="PROXY", help="trunkline (default) or pgbouncer")
    add("--pool-size", type=number(1, 200), default=40, metavar="N",
        help="server connections of one pool (default 40; the suite opens up to 20 at once)")
    add("--limit", type=number(1, 86_400), default=180, metavar="S",
        help="seconds after which a test counts as hung and is ended (default 180)")
    add("--tests", default="", metavar="T,...",
        help="only these tests, and test_setup, which most need (default: the whole schedule)")
    add_proxies(parser)
    return parser
