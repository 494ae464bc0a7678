"""PostgreSQL, the proxies before it, and the targets that pgbench is sent through.

All get the same: trust on loopback (so that no login is measured), TCP everywhere, twenty server connections per pool,
no log line per connection.
"""

import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import console
from packages import daemon_user
from processes import Daemon, clean_environment, free_port

NAME = "bench"
POOL_SIZE = 20
SCALE = 10
HOME = Path(__file__).resolve().parent.parent.parent

START_SECONDS = 30
# bin/trunkline may have to build first, with an empty Maven repository at worst.
TRUNKLINE_START_SECONDS = 600


class Failed(Exception):
    """A program did not start or does not answer."""

    def __init__(self, name, detail):
        super().__init__(f"{name}: {detail}")
        self.detail = detail


@dataclass(frozen=True)
class Target:
    """Where pgbench connects to, and whose CPU time it costs."""

    name: str
    port: int
    daemons: tuple


class Bench:
    """Owns the daemons of one run and the directory that they live in."""

    def __init__(self, directory, programs, options):
        self._directory = directory
        self._programs = programs
        self._options = options
        self._daemons = []
        self._pgbouncer = None
        self._haproxy = None
        # Chosen before anything runs, because one configuration names the port of another program.
        self._postgres_port = free_port()
        self._pgbouncer_port = free_port()
        self._user = daemon_user()

    def start_postgres(self):
        """Starts a new cluster and fills pgbench's tables."""
        console.progress(f"starting PostgreSQL, scale {SCALE}")
        home = self._subdirectory("postgres")
        data = home / "data"
        self._run("initdb", ["-D", data, "-U", NAME, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"])
        daemon = self._daemon("postgres", signal.SIGINT)
        settings = {"port": self._postgres_port, "listen_addresses": "127.0.0.1", "unix_socket_directories": home,
                    "fsync": "off", "shared_buffers": "256MB", "max_connections": 300}
        command = [self._programs / "postgres", "-D", data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        daemon.start(command, self._user)
        self._await("PostgreSQL", self._postgres_port, [daemon], START_SECONDS, database="postgres")
        address = ["-h", "127.0.0.1", "-p", self._postgres_port, "-U", NAME]
        self._run("psql", [*address, "-d", "postgres", "-qc", f"CREATE DATABASE {NAME}"])
        self._run("pgbench", [*address, "-i", "-q", "-s", SCALE, NAME])

    def start_target(self, name):
        """Starts what the target needs and is not running yet, and waits until a query through it is answered."""
        console.progress(f"starting {name}")
        target = {"direct": self._direct, "pgbouncer": self._through_pgbouncer, "haproxy": self._through_haproxy,
                  "haproxy+pgbouncer": self._through_both, "trunkline": self._through_trunkline}[name]()
        patience = TRUNKLINE_START_SECONDS if name == "trunkline" else START_SECONDS
        self._await(name, target.port, target.daemons, patience)
        return target

    def stop(self):
        """In the opposite order of starting, so that the proxies see no lost server."""
        for daemon in reversed(self._daemons):
            daemon.stop()

    def _direct(self):
        return Target("direct", self._postgres_port, ())

    def _through_pgbouncer(self):
        return Target("pgbouncer", self._pgbouncer_port, (self._shared_pgbouncer(),))

    def _through_haproxy(self):
        daemon, port, _ = self._shared_haproxy()
        return Target("haproxy", port, (daemon,))

    def _through_both(self):
        haproxy, _, port = self._shared_haproxy()
        return Target("haproxy+pgbouncer", port, (haproxy, self._shared_pgbouncer()))

    def _shared_pgbouncer(self):
        """One process serves both targets that have it: they never run at the same time."""
        if self._pgbouncer is None:
            self._pgbouncer = self._start_pgbouncer()
        return self._pgbouncer

    def _start_pgbouncer(self):
        users = self._write("userlist.txt", f'"{NAME}" ""\n')
        prepared = "max_prepared_statements = 200\n" if self._version() >= (1, 21) else ""
        config = self._write("pgbouncer.ini", f"""\
[databases]
{NAME} = host=127.0.0.1 port={self._postgres_port} dbname={NAME}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self._pgbouncer_port}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = transaction
default_pool_size = {POOL_SIZE}
max_client_conn = 1000
log_connections = 0
log_disconnections = 0
{prepared}""")
        daemon = self._daemon("pgbouncer", signal.SIGINT)
        daemon.start([Path(shutil.which(self._options.pgbouncer)).absolute(), config], self._user)
        return daemon

    def _version(self):
        printed = subprocess.run([self._options.pgbouncer, "--version"], stdout=subprocess.PIPE, text=True, check=False)
        found = re.search(r"(\d+)\.(\d+)", printed.stdout)
        return tuple(map(int, found.groups())) if found else (0, 0)

    def _shared_haproxy(self):
        """Likewise: one process with a port before PostgreSQL and one before PgBouncer."""
        if self._haproxy is None:
            ports = (free_port(), free_port())
            self._haproxy = (self._start_haproxy(*ports), *ports)
        return self._haproxy

    def _start_haproxy(self, before_postgres, before_pgbouncer):
        config = self._write("haproxy.cfg", f"""\
global
    maxconn 2000
defaults
    mode tcp
    timeout connect 5s
    timeout client 1h
    timeout server 1h
listen before_postgres
    bind 127.0.0.1:{before_postgres}
    server postgres 127.0.0.1:{self._postgres_port}
listen before_pgbouncer
    bind 127.0.0.1:{before_pgbouncer}
    server pgbouncer 127.0.0.1:{self._pgbouncer_port}
""")
        daemon = self._daemon("haproxy", signal.SIGTERM)
        daemon.start([shutil.which("haproxy"), "-db", "-f", config], self._user)
        return daemon

    def _through_trunkline(self):
        launcher = HOME / "bin" / "trunkline"
        if not launcher.exists():
            raise Failed("trunkline", "bin/trunkline is not there")
        port = free_port()
        users = self._write("trunkline-users.txt", f'"{NAME}" "{NAME}"\n')
        more = "".join(line + "\n" for line in self._options.trunkline_settings)
        config = self._write("trunkline.yaml", f"""\
listeners:
  - {{ address: 127.0.0.1, port: {port} }}
auth_type: trust
users_file: {users}
default_pool_size: {POOL_SIZE}
log_connections: false
log_disconnections: false
clusters:
  main: {{ leader: "127.0.0.1:{self._postgres_port}" }}
databases:
  {NAME}: {{ cluster: main }}
{more}""")
        daemon = self._daemon("trunkline", signal.SIGTERM)
        daemon.start([launcher, "run", config])
        return Target("trunkline", port, (daemon,))

    def _daemon(self, name, stop_signal):
        daemon = Daemon(name, self._directory / f"{name}.log", stop_signal)
        self._daemons.append(daemon)
        return daemon

    def _subdirectory(self, name):
        path = self._directory / name
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
        identity = {"user": self._user, "group": self._user, "extra_groups": []} if self._user else {}
        done = subprocess.run([str(part) for part in (self._programs / program, *arguments)], cwd="/", text=True,
                              env=clean_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=120, check=False, **identity)
        if done.returncode != 0:
            raise Failed(program, done.stdout.strip())

    def _await(self, name, port, daemons, seconds, database=NAME):
        deadline = time.monotonic() + seconds
        while True:
            answer = self._ask(port, database)
            if answer is None:
                return
            dead = [daemon.name for daemon in daemons if not daemon.is_running()]
            if dead or time.monotonic() > deadline:
                for daemon in daemons:
                    console.log_tail(daemon.name, daemon.log)
                raise Failed(name, f"{dead[0]} ended (its log is on stderr)" if dead else "no answer: " + answer)
            time.sleep(0.1)

    def _ask(self, port, database):
        """None if the query is answered, else what psql says."""
        url = f"postgresql://{NAME}@127.0.0.1:{port}/{database}?connect_timeout=5"
        try:
            done = subprocess.run([self._programs / "psql", "-XAtqc", "SELECT 1", url], env=clean_environment(),
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  timeout=10, check=False)
        except subprocess.TimeoutExpired:
            return "no answer to SELECT 1 within 10 s"
        return None if (done.returncode, done.stdout) == (0, "1\n") else " ".join(done.stdout.split())
