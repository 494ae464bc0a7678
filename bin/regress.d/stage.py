"""PostgreSQL and the proxy before it.

The direct run and the other one get the same: a new data directory at the same path, the same settings, trust on loopback TCP.
"""

import re
import shutil
import signal
import subprocess
import time

from shared import HOME, Daemon, Failed, clean_environment, daemon_user, free_port, log_tail, progress

OWNER = "postgres"
DATABASE = "regression"
START_SECONDS = 30
# bin/trunkline may have to build first, with an empty Maven repository at worst.
TRUNKLINE_START_SECONDS = 600

# What pg_regress itself sets for a database that it creates.
DATABASE_SETTINGS = (("lc_messages", "C"), ("lc_monetary", "C"), ("lc_numeric", "C"), ("lc_time", "C"),
                     ("bytea_output", "hex"), ("timezone_abbreviations", "Default"))

# prepared_xacts wants two; every user whom a test creates may get a pool of its own.
SERVER_SETTINGS = {"fsync": "off", "max_prepared_transactions": 2, "max_connections": 400}


class Stage:
    """Owns the daemons of one run of the suite, in a directory that both runs use one after the other."""

    def __init__(self, directory, programs, options):
        self._directory = directory
        self._programs = programs
        self._options = options
        self._user = daemon_user()
        self._postgres_port = free_port()
        self.postgres = None
        self.proxy = None
        self.port = self._postgres_port

    def start_postgres(self):
        """A new cluster, and in it the database that pg_regress is told to use."""
        home = self._fresh("postgres")
        data = home / "data"
        self._run("initdb", ["-D", data, "-U", OWNER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"])
        settings = {"port": self._postgres_port, "listen_addresses": "127.0.0.1", "unix_socket_directories": home,
                    **SERVER_SETTINGS}
        command = [self._programs / "postgres", "-D", data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        self.postgres = self._daemon("postgres", signal.SIGINT)
        self.postgres.start(command, self._user)
        self._await(self.postgres, START_SECONDS)
        statements = [f"CREATE DATABASE {DATABASE} TEMPLATE template0"]
        statements += [f"ALTER DATABASE {DATABASE} SET {name} TO '{value}'" for name, value in DATABASE_SETTINGS]
        address = ["-h", "127.0.0.1", "-p", self._postgres_port, "-U", OWNER, "-d", "postgres"]
        self._run("psql", ["-Xq", *address, *(word for statement in statements for word in ("-c", statement))])

    def start_proxy(self):
        """Trunkline or PgBouncer; from here on `port` is its port."""
        progress(f"starting {self._options.via}")
        self.port = free_port()
        self.proxy = self._daemon(self._options.via, signal.SIGINT if self._options.via == "pgbouncer" else signal.SIGTERM)
        {"trunkline": self._start_trunkline, "pgbouncer": self._start_pgbouncer}[self._options.via]()

    def stop(self):
        """The proxy first, so that it sees no lost server."""
        for daemon in (self.proxy, self.postgres):
            if daemon is not None:
                daemon.stop()

    def dead(self):
        """The names of the daemons that ended by themselves."""
        return [daemon.name for daemon in (self.proxy, self.postgres) if daemon is not None and not daemon.is_running()]

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
        self._await(self.proxy, TRUNKLINE_START_SECONDS)

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
        self._await(self.proxy, START_SECONDS)

    def _daemon(self, name, stop_signal):
        return Daemon(name, self._directory / f"{name}.log", stop_signal)

    def _fresh(self, name):
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
        identity = {"user": self._user, "group": self._user, "extra_groups": []} if self._user else {}
        done = subprocess.run([str(part) for part in (self._programs / program, *arguments)], cwd="/", text=True,
                              env=clean_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=120, check=False, **identity)
        if done.returncode != 0:
            raise Failed(f"{program}: {done.stdout.strip()}")

    def _await(self, daemon, seconds):
        deadline = time.monotonic() + seconds
        while True:
            answer = self._ask()
            if answer is None:
                return
            if not daemon.is_running() or time.monotonic() > deadline:
                log_tail(daemon.name, daemon.log)
                raise Failed(f"{daemon.name} " + ("did not answer: " + answer if daemon.is_running() else "ended"))
            time.sleep(0.1)

    def _ask(self):
        """None if the query is answered, else what psql says. Not asked in the database of the tests."""
        url = f"postgresql://{OWNER}@127.0.0.1:{self.port}/postgres?connect_timeout=5"
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
