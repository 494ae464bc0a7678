"""What the command line asks for."""

import argparse
from dataclasses import dataclass

from arguments import number

ABOUT = """\
Starts `bin/trunkline run` again and again before a PostgreSQL of its own, and prints how long it takes until a query is
answered, what CPU time and memory that costs, and how fast the first queries are, compared with later ones. Variants of
the JVM's options are started in turns, so that a slow minute of the machine hits all of them.
"""


@dataclass(frozen=True)
class Variant:
    """Options of the JVM behind those of the launcher."""

    name: str
    java_options: str


@dataclass(frozen=True)
class Options:
    rounds: int
    chunks: int
    queries: int
    clients: int
    protocol: str
    variants: tuple


DEFAULT_VARIANTS = (Variant("as shipped", ""), Variant("without cache", "-XX:AOTMode=off"))


def parse(arguments):
    given = _parser().parse_args(arguments)
    return Options(given.rounds, given.chunks, given.queries, given.clients, given.protocol,
                   tuple(given.variant) or DEFAULT_VARIANTS)


def _parser():
    parser = argparse.ArgumentParser(prog="startup", description=ABOUT)
    add = parser.add_argument
    add("--rounds", type=number(1, 1000), default=7, metavar="N", help="starts of each variant (default 7)")
    add("--chunks", type=number(0, 1000), default=0, metavar="N",
        help="runs of pgbench behind each start; 0: none, the start alone (default 0)")
    add("--queries", type=number(100, 10**7), default=10_000, metavar="N", help="queries of one run (default 10000)")
    add("--clients", type=number(1, 250), default=1, metavar="N", help="clients of pgbench (default 1)")
    add("--protocol", choices=("simple", "extended", "prepared"), default="simple", help="of pgbench (default simple)")
    add("--variant", type=_variant, action="append", default=[], metavar="'NAME=OPTIONS'",
        help="options of the JVM, as 'g1=-XX:+UseG1GC'; may be repeated (default: as shipped, and without the cache)")
    return parser


def _variant(text):
    name, equals, options = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=OPTIONS")
    return Variant(name, options)
