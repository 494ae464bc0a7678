"""PostgreSQL and the proxy before it.

The direct run and the other one get the same: a new data directory at the same path, the same settings, trust on loopback TCP.
"""

import shutil
import signal

from console import progress
from processes import free_port
from servers import HOME, START_SECONDS, TRUNKLINE_START_SECONDS, Servers, version_of

OWNER = "postgres"
DATABASE = "regression"

# What pg_regress itself sets for a database that it creates.
DATABASE_SETTINGS = (("lc_messages", "C"), ("lc_monetary", "C"), ("lc_numeric", "C"), ("lc_time", "C"),
                     ("bytea_output", "hex"), ("timezone_abbreviations", "Default"))

# prepared_xacts wants two; every user whom a test creates may get a pool of its own.
SERVER_SETTINGS = {"max_prepared_transactions": 2, "max_connections": 400}


class Stage(Servers):
    """The daemons of one run of the suite, in a directory that both runs use one after the other."""

    def __init__(self, directory, programs, options):
        super().__init__(directory, programs, OWNER)
        self._options = options
        self.postgres = None
        self.proxy = None
        self.port = self._postgres_port

    def start_postgres(self):
        """A new cluster, and in it the database that pg_regress is told to use."""
        self.postgres = self._start_postgres(SERVER_SETTINGS)
        settings = [f"ALTER DATABASE {DATABASE} SET {name} TO '{value}'" for name, value in DATABASE_SETTINGS]
        self._psql("postgres", f"CREATE DATABASE {DATABASE} TEMPLATE template0", *settings)

    def start_proxy(self):
        """Trunkline or PgBouncer; from here on `port` is its port."""
        progress(f"starting {self._options.via}")
        self.port = free_port()
        self.proxy = self._daemon(self._options.via, signal.SIGINT if self._options.via == "pgbouncer" else signal.SIGTERM)
        {"trunkline": self._start_trunkline, "pgbouncer": self._start_pgbouncer}[self._options.via]()

    def dead(self):
        """The names of the daemons that ended by themselves."""
        return [daemon.name for daemon in self._daemons if not daemon.is_running()]

    def _start_trunkline(self):
        more = "".join(line + "\n" for line in self._options.trunkline_settings)
        config = self._write("trunkline.yaml", f"""\
listeners:
  - {{ address: 127.0.0.1, port: {self.port} }}
auth_type: trust
pool_mode: {self._options.mode}
default_pool_size: {self._options.pool_size}
log_connections: false
log_disconnections: false
clusters:
  main: {{ leader: "127.0.0.1:{self._postgres_port}" }}
databases:
  "*": {{ cluster: main }}
{more}""")
        self.proxy.start([HOME / "bin" / "trunkline", "run", config])
        self._await_proxy(TRUNKLINE_START_SECONDS)

    def _start_pgbouncer(self):
        """It wants to know every user; those whom the tests create it can only ask the server for."""
        users = self._write("userlist.txt", f'"{OWNER}" ""\n')
        program = shutil.which(self._options.pgbouncer)
        # Since 1.20 it reads `options`, with which pg_regress sets IntervalStyle; before it can only ignore them.
        ignored = "" if version_of(program) >= (1, 20) else "ignore_startup_parameters = options, extra_float_digits\n"
        auth_database = f"auth_dbname = {OWNER}\n" if version_of(program) >= (1, 19) else ""
        config = self._write("pgbouncer.ini", f"""\
[databases]
* = host=127.0.0.1 port={self._postgres_port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self.port}
unix_socket_dir =
auth_type = trust
auth_file = {users}
auth_user = {OWNER}
{auth_database}pool_mode = {self._options.mode}
default_pool_size = {self._options.pool_size}
max_client_conn = 1000
log_connections = 0
log_disconnections = 0
{ignored}""")
        self.proxy.start([program, config], self._user)
        self._await_proxy(START_SECONDS)

    def _await_proxy(self, seconds):
        """Not asked in the database of the tests."""
        self._await(self.proxy.name, self._url(self.port, "postgres"), [self.proxy], seconds)
