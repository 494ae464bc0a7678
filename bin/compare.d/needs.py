"""What the compared targets need of the machine."""

import shutil

from packages import bring, postgres_bin


def provide(targets, pgbouncer):
    """Installs what `targets` need and this machine lacks. Raises Missing if it cannot."""
    bring(lambda: _missing(targets, pgbouncer))


def _missing(targets, pgbouncer):
    packages = []
    directory = postgres_bin()
    if directory is None or not all((directory / name).exists() for name in ("postgres", "psql", "pgbench")):
        packages.append("postgresql")
    if any("pgbouncer" in target for target in targets) and shutil.which(pgbouncer) is None:
        packages.append("pgbouncer")
    if any("haproxy" in target for target in targets) and shutil.which("haproxy") is None:
        packages.append("haproxy")
    return packages
