"""PostgreSQL and what stands before it, for one run: on free loopback ports, in the directory of the run, trust on TCP."""

import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

from console import log_tail
from packages import daemon_user
from processes import Daemon, clean_environment, free_port

HOME = Path(__file__).resolve().parent.parent.parent

START_SECONDS = 30
# bin/trunkline may have to build first, with an empty Maven repository at worst.
TRUNKLINE_START_SECONDS = 600


class Failed(Exception):
    """A program did not start, does not answer, or gave up; the text is for the user."""

    def __init__(self, name, detail):
        super().__init__(f"{name}: {detail}")
        self.detail = detail


class Servers:
    """Owns the daemons of one run. `programs` is the directory of PostgreSQL's, `owner` its superuser."""

    def __init__(self, directory, programs, owner):
        self._directory = directory
        self._programs = programs
        self._owner = owner
        self._user = daemon_user()
        self._daemons = []
        # Chosen before anything runs, because one configuration names the port of another program.
        self._postgres_port = free_port()

    def stop(self):
        """In the opposite order of starting, so that the proxies see no lost server."""
        for daemon in reversed(self._daemons):
            daemon.stop()

    def _start_postgres(self, settings):
        """A new cluster with these settings beside those that every run needs."""
        home = self._fresh("postgres")
        data = home / "data"
        self._run("initdb", ["-D", data, "-U", self._owner, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"])
        command = [self._programs / "postgres", "-D", data]
        for name, value in {"port": self._postgres_port, "listen_addresses": "127.0.0.1",
                            "unix_socket_directories": home, "fsync": "off", **settings}.items():
            command += ["-c", f"{name}={value}"]
        daemon = self._daemon("postgres", signal.SIGINT)
        daemon.start(command, self._user)
        self._await("PostgreSQL", self._url(self._postgres_port, "postgres"), [daemon], START_SECONDS)
        return daemon

    def _psql(self, database, *statements):
        address = ["-h", "127.0.0.1", "-p", self._postgres_port, "-U", self._owner, "-d", database]
        self._run("psql", ["-Xq", *address, *(word for statement in statements for word in ("-c", statement))])

    def _daemon(self, name, stop_signal):
        daemon = Daemon(name, self._directory / f"{name}.log", stop_signal)
        self._daemons.append(daemon)
        return daemon

    def _fresh(self, name):
        """An empty directory that belongs to the daemons' user."""
        path = self._directory / name
        if path.exists():
            shutil.rmtree(path)
        path.mkdir()
        if self._user:
            shutil.chown(path, self._user, self._user)
        return path

    def _write(self, name, text):
        path = self._directory / name
        path.write_text(text)
        path.chmod(0o640)
        if self._user:
            shutil.chown(path, group=self._user)
        return path

    def _run(self, program, arguments):
        """One of PostgreSQL's programs, to its end."""
        identity = {"user": self._user, "group": self._user, "extra_groups": []} if self._user else {}
        done = subprocess.run([str(part) for part in (self._programs / program, *arguments)], cwd="/", text=True,
                              env=clean_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=120, check=False, **identity)
        if done.returncode != 0:
            raise Failed(program, done.stdout.strip())

    def _url(self, port, database):
        return f"postgresql://{self._owner}@127.0.0.1:{port}/{database}?connect_timeout=5"

    def _await(self, name, url, daemons, seconds):
        """Until a query is answered there, or one of the daemons on the way ends."""
        deadline = time.monotonic() + seconds
        while True:
            answer = self._ask(url)
            if answer is None:
                return
            dead = [daemon.name for daemon in daemons if not daemon.is_running()]
            if dead or time.monotonic() > deadline:
                for daemon in daemons:
                    log_tail(daemon.name, daemon.log)
                raise Failed(name, f"{dead[0]} ended (its log is on stderr)" if dead else "no answer: " + answer)
            time.sleep(0.1)

    def _ask(self, url):
        """None if the query is answered, else what psql says."""
        try:
            done = subprocess.run([self._programs / "psql", "-XAtqc", "SELECT 1", url], env=clean_environment(),
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  timeout=10, check=False)
        except subprocess.TimeoutExpired:
            return "no answer to SELECT 1 within 10 s"
        return None if (done.returncode, done.stdout) == (0, "1\n") else " ".join(done.stdout.split())


def version_of(program):
    """Of PgBouncer, as (major, minor); (0, 0) if it does not tell."""
    printed = subprocess.run([program, "--version"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False)
    found = re.search(r"(\d+)\.(\d+)", printed.stdout)
    return tuple(map(int, found.groups())) if found else (0, 0)
