"""Options that the programs have in common, and how values of options are read."""

import argparse


def number(least, most):
    def read(text):
        value = int(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{value} is not between {least} and {most}")
        return value

    # What argparse calls it in front of a text that is no number at all.
    read.__name__ = "number"
    return read


def add_proxies(parser, pgbouncer_note=""):
    """Which PgBouncer, and what more for Trunkline's configuration than the run needs."""
    parser.add_argument("--pgbouncer", default="pgbouncer", metavar="PROGRAM",
                        help="another PgBouncer than the one on the PATH" + pgbouncer_note)
    parser.add_argument("--trunkline-config", action="append", default=[], metavar="'KEY: VALUE'",
                        help="one more top-level line of Trunkline's configuration, as 'workers: 1'; may be repeated")
