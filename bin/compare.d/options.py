"""What the command line asks for."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from arguments import add_proxies, number

TARGETS = ("direct", "pgbouncer", "haproxy", "haproxy+pgbouncer", "trunkline")
PROTOCOLS = ("simple", "extended", "prepared")

ABOUT = """\
Runs `pgbench -S` through each target in turns and prints throughput, latency and the CPU time that the proxy spends on
a transaction. Everything is started on free loopback ports and in a temporary directory, and stopped and removed again
at the end. Missing packages are installed where that is possible (root on Debian). docs/performance.md says how the
numbers come about.
"""


@dataclass(frozen=True)
class Options:
    rounds: int
    seconds: int
    warmup: int
    clients: tuple
    protocols: tuple
    targets: tuple
    json: Path
    pgbouncer: str
    trunkline_settings: tuple

    def settings(self):
        """Every (clients, protocol), in the order in which they are measured."""
        return [(clients, protocol) for clients in self.clients for protocol in self.protocols]


def parse(arguments):
    given = _parser().parse_args(arguments)
    return Options(
        rounds=given.rounds,
        seconds=given.seconds,
        warmup=given.warmup,
        clients=given.clients,
        protocols=given.protocols,
        targets=given.targets,
        json=given.json,
        pgbouncer=given.pgbouncer,
        trunkline_settings=tuple(given.trunkline_config),
    )


def _parser():
    parser = argparse.ArgumentParser(prog="compare", description=ABOUT)
    add = parser.add_argument
    add("--rounds", type=number(1, 1000), default=3, metavar="N", help="counted rounds of each setting (default 3)")
    add("--seconds", type=number(1, 3600), default=5, metavar="S", help="length of one measurement (default 5)")
    add("--warmup", type=number(0, 3600), default=5, metavar="S",
        help="seconds that each target runs uncounted before the first round of each setting (default 5)")
    add("--clients", type=_list(number(1, 250)), default=(1, 32, 128), metavar="N,...", help="default 1,32,128")
    add("--protocols", type=_list(_one_of(PROTOCOLS)), default=PROTOCOLS, metavar="P,...",
        help="default " + ",".join(PROTOCOLS))
    add("--targets", type=_list(_one_of(TARGETS)), default=TARGETS, metavar="T,...",
        help="default " + ",".join(TARGETS))
    add("--json", type=_writable, metavar="FILE", help="also write everything, each round included, as JSON")
    add_proxies(parser, " (versions before 1.21 cannot do `prepared`)")
    return parser


def _one_of(names):
    def name(text):
        if text not in names:
            raise argparse.ArgumentTypeError(f"unknown name '{text}'; known are {', '.join(names)}")
        return text

    return name


def _list(read_one):
    def read(text):
        values = tuple(read_one(part.strip()) for part in text.split(","))
        if len(set(values)) != len(values):
            raise argparse.ArgumentTypeError(f"'{text}' names something twice")
        return values

    return read


def _writable(text):
    """Found out now and not after a quarter of an hour."""
    path = Path(text).absolute()
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{path.parent} is not a directory")
    return path
