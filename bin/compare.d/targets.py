"""PostgreSQL, the proxies before it, and the targets that pgbench is sent through.

All get the same: trust on loopback (so that no login is measured), TCP everywhere, twenty server connections per pool,
no log line per connection.
"""

import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

from client import scram_secret
from console import progress
from processes import free_port
from servers import HOME, START_SECONDS, TRUNKLINE_START_SECONDS, Failed, Servers, version_of

NAME = "bench"
PROVING = "proving"
PASSWORD = "not a secret"
SECRET = scram_secret(PASSWORD, b"the salt of all!")
MAX_CLIENTS = 15_000
POOL_SIZE = 20
SCALE = 10


@dataclass(frozen=True)
class Target:
    """Where pgbench connects to, and whose CPU time it costs."""

    name: str
    port: int
    daemons: tuple

    def cpu_seconds(self):
        """Spent so far, in user code and in the kernel."""
        return sum(sum(daemon.cpu()) for daemon in self.daemons)


class Bench(Servers):
    """The daemons of one comparison."""

    def __init__(self, directory, programs, options):
        super().__init__(directory, programs, NAME)
        self._options = options
        self._pgbouncer = None
        self._haproxy = None
        self._asking = {}
        self._proving = None
        self._pgbouncer_port = free_port()

    @property
    def directory(self):
        """Of this run."""
        return self._directory

    @property
    def pgbench(self):
        """The program."""
        return self._programs / "pgbench"

    def start_postgres(self):
        """Starts a new cluster and fills pgbench's tables."""
        progress(f"starting PostgreSQL, scale {SCALE}")
        self._start_postgres({"shared_buffers": "256MB", "max_connections": 300})
        self._psql("postgres", f"CREATE DATABASE {NAME}")
        self._run("pgbench", ["-h", "127.0.0.1", "-p", self._postgres_port, "-U", NAME, "-i", "-q", "-s", SCALE, NAME])

    def start_target(self, name):
        """Starts what the target needs and is not running yet, and waits until a query through it is answered."""
        progress(f"starting {name}")
        target = {"direct": self._direct, "pgbouncer": self._through_pgbouncer, "haproxy": self._through_haproxy,
                  "haproxy+pgbouncer": self._through_both, "trunkline": self._through_trunkline,
                  "earlier": self._through_earlier}[name]()
        patience = TRUNKLINE_START_SECONDS if name in ("trunkline", "earlier") else START_SECONDS
        self._await(name, self._url(target.port, NAME), target.daemons, patience)
        return target

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
            self._pgbouncer = self._daemon("pgbouncer", signal.SIGINT)
            self._pgbouncer.start(*self._pgbouncer_command("pgbouncer", self._pgbouncer_port))
        return self._pgbouncer

    def _pgbouncer_command(self, name, port, auth="trust"):
        users = self._write(f"{name}-users.txt", f'"{NAME}" "{SECRET}"\n')
        prepared = "max_prepared_statements = 200\n" if version_of(self._options.pgbouncer) >= (1, 21) else ""
        config = self._write(f"{name}.ini", f"""\
[databases]
{NAME} = host=127.0.0.1 port={self._postgres_port} dbname={NAME}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = {auth}
auth_file = {users}
pool_mode = transaction
default_pool_size = {POOL_SIZE}
max_client_conn = {MAX_CLIENTS}
log_connections = 0
log_disconnections = 0
{prepared}""")
        return [Path(shutil.which(self._options.pgbouncer)).absolute(), config], self._user

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
        port = free_port()
        daemon = self._daemon("trunkline", signal.SIGTERM)
        daemon.start(*self._trunkline_command("trunkline", port))
        return Target("trunkline", port, (daemon,))

    def _through_earlier(self):
        port = free_port()
        daemon = self._daemon("earlier", signal.SIGTERM)
        daemon.start(*self._trunkline_command("earlier", port, home=self._options.earlier))
        return Target("earlier", port, (daemon,))

    def _trunkline_command(self, name, port, auth="trust", home=HOME, databases=""):
        launcher = home / "bin" / "trunkline"
        if not launcher.exists():
            raise Failed("trunkline", "bin/trunkline is not there")
        users = self._write(f"{name}-users.txt", f'"{NAME}" "{SECRET}"\n')
        more = "".join(line + "\n" for line in self._options.trunkline_settings)
        config = self._write(f"{name}.yaml", f"""\
listeners:
  - {{ address: 127.0.0.1, port: {port} }}
auth_type: {auth}
users_file: {users}
max_client_conn: {MAX_CLIENTS}
default_pool_size: {POOL_SIZE}
log_connections: false
log_disconnections: false
clusters:
  main: {{ leader: "127.0.0.1:{self._postgres_port}" }}
databases:
  {NAME}: {{ cluster: main }}
{databases}{more}""")
        return [launcher, "run", config], None

    def asking_passwords(self, name):
        """The same target with SCRAM for its clients; started when it is first asked for."""
        if name not in self._asking:
            daemon, command, user, port = self.another(name, "scram-sha-256")
            daemon.start(command, user)
            self._asking[name] = Target(name, port, (daemon,))
            login = f"postgresql://{NAME}:{PASSWORD}@127.0.0.1:{port}/{NAME}?connect_timeout=5"
            self._await(name, login, [daemon], START_SECONDS)
        return self._asking[name]

    def proving(self):
        """Trunkline with the same database twice: as NAME, and as PROVING with `read_routing: auto`; started at its first use."""
        if self._proving is None:
            port = free_port()
            daemon = self._daemon("trunkline-proving", signal.SIGTERM)
            again = f"  {PROVING}: {{ cluster: main, dbname: {NAME}, read_routing: auto }}\n"
            daemon.start(*self._trunkline_command("trunkline-proving", port, databases=again))
            self._proving = Target("trunkline", port, (daemon,))
            for database in (NAME, PROVING):
                self._await(database, self._url(port, database), [daemon], TRUNKLINE_START_SECONDS)
        return self._proving

    def another(self, name, auth="trust"):
        """One more of that kind, not started: the daemon, its command, the user that it runs as, and its port."""
        port = free_port()
        again = f"{name}-{port}"
        if name == "trunkline":
            return self._daemon(again, signal.SIGTERM), *self._trunkline_command(again, port, auth), port
        return self._daemon(again, signal.SIGINT), *self._pgbouncer_command(again, port, auth), port
