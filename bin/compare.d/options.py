"""What the command line asks for."""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from arguments import add_proxies, number

TARGETS = ("direct", "pgbouncer", "haproxy", "haproxy+pgbouncer", "trunkline")
PROTOCOLS = ("simple", "extended", "prepared")
# Another build of Trunkline, if one is given.
EARLIER = "earlier"
# What a run measures: pgbench's transactions, and the probes by their names.
PARTS = ("pgbench", "results", "slow", "idle", "logins", "start", "routing")

ABOUT = """\
Runs `pgbench -S` through each target in turns and prints throughput, latency and the CPU time that the proxy spends on
a transaction; with --parts also large results, clients beside a slow reader, idle clients, a storm of logins, the
start, and what it costs to find out which statements read. Everything is started on free loopback ports and in a
temporary directory, and stopped and removed again at the end. Missing packages are installed where that is possible
(root on Debian). docs/performance.md says how the numbers come about.
"""


@dataclass(frozen=True)
class Options:
    rounds: int
    seconds: int
    warmup: int
    clients: tuple
    protocols: tuple
    targets: tuple
    parts: tuple
    megabytes: int
    idle: int
    storm: int
    json: Path
    against: dict
    earlier: Path
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
        targets=given.targets + ((EARLIER,) if given.earlier else ()),
        parts=given.parts,
        megabytes=given.megabytes,
        idle=given.idle,
        storm=given.storm,
        json=given.json,
        against=given.against,
        earlier=given.earlier,
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
    add("--parts", type=_list(_one_of(PARTS)), default=("pgbench",), metavar="P,...",
        help="of " + ",".join(PARTS) + " (default pgbench)")
    add("--megabytes", type=number(1, 100_000), default=1000, metavar="N",
        help="size of each large result (default 1000)")
    add("--idle", type=number(1, 14_000), default=10_000, metavar="N", help="idle clients (default 10000)")
    add("--storm", type=number(1, 14_000), default=2000, metavar="N", help="clients that log in at once (default 2000)")
    add("--against", type=_readable, metavar="FILE",
        help="an earlier --json: says what has become worse by more than 5 %% since, and ends with 3 if anything has")
    add("--earlier", type=_built, metavar="DIR",
        help="another tree of Trunkline, built there: pgbench runs through it as well, in turns with the rest")
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


def _readable(text):
    """As it was written by --json."""
    try:
        return json.loads(Path(text).read_text(encoding="utf-8"))
    except (OSError, ValueError) as trouble:
        raise argparse.ArgumentTypeError(f"{text} cannot be read: {trouble}") from trouble


def _built(text):
    """Its launcher would build it in the middle of the first measurement."""
    tree = Path(text).absolute()
    if not (tree / "bin" / "trunkline").exists() or not list(tree.glob("server/target/**/server-*.jar")):
        raise argparse.ArgumentTypeError(f"{tree} is no built tree of Trunkline (mvn package)")
    return tree


def _writable(text):
    """Found out now and not after a quarter of an hour."""
    path = Path(text).absolute()
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{path.parent} is not a directory")
    return path
