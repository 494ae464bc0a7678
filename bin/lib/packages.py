"""Finds PostgreSQL's programs and whom they run as, and installs what is missing."""

import os
import pwd
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import console

# Debian's packages make and start a cluster and services of their own; this run wants only the programs.
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/trunkline-run.conf")
NO_SERVICES = Path("/usr/sbin/policy-rc.d")


class Missing(Exception):
    """Something that is needed is not there and cannot be installed; the text is for the user."""


def bring(missing):
    """Installs the packages that `missing` lists, and asks it again. Raises Missing if there are still some."""
    packages = missing()
    if not packages:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise Missing("not installed: " + ", ".join(packages) + " (installed by itself only as root on Debian)")
    _install(packages)
    still = missing()
    if still:
        raise Missing("apt-get did not bring: " + ", ".join(still))


def daemon_user():
    """Whom the daemons run as, because PostgreSQL and PgBouncer refuse to run as root; None: as this process."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise Missing("started by root, and there is no user postgres for PostgreSQL to run as") from None


def postgres_bin():
    """The directory of PostgreSQL's programs, of the newest version if there are several; None if there is none."""
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if versions:
        return max(versions, key=lambda path: float(path.parent.name))
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _install(packages):
    console.progress("installing " + ", ".join(packages))
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    with _file(NO_CLUSTER, "create_main_cluster = false\n", 0o644), _file(NO_SERVICES, "#!/bin/sh\nexit 101\n", 0o755):
        for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
            done = subprocess.run(["apt-get", "-qq", *command], env=environment, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            if done.returncode != 0:
                raise Missing(f"apt-get {' '.join(command)} failed:\n{done.stdout.strip()}")


@contextmanager
def _file(path, text, mode):
    """Puts a file there for the time of the installation; one that is there already stays as it is."""
    if path.exists():
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
