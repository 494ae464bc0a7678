"""PostgreSQL, and the proxy that is started again and again before it."""

import signal

from processes import free_port
from servers import HOME, Servers

NAME = "startup"


class Bench(Servers):
    """The daemons of one run: trust on loopback, the leader fixed, so that no login and no Patroni is measured."""

    user = NAME
    database = NAME

    def __init__(self, directory, programs):
        super().__init__(directory, programs, NAME)
        self.pgbench = programs / "pgbench"

    def start_postgres(self):
        self._start_postgres({"shared_buffers": "128MB", "max_connections": 100})
        self._psql("postgres", f"CREATE DATABASE {NAME}")
        self._run("pgbench", ["-h", "127.0.0.1", "-p", self._postgres_port, "-U", NAME, "-i", "-q", "-s", 1, NAME])

    def start_trunkline(self):
        """Starts it on a new port and does not wait; the caller stops it."""
        port = free_port()
        config = self._write("trunkline.yaml", f"""\
listeners:
  - {{ address: 127.0.0.1, port: {port} }}
auth_type: trust
log_connections: false
log_disconnections: false
clusters:
  main: {{ leader: "127.0.0.1:{self._postgres_port}" }}
databases:
  {NAME}: {{ cluster: main }}
""")
        daemon = self._daemon("trunkline", signal.SIGTERM)
        daemon.log.unlink(missing_ok=True)
        daemon.start([HOME / "bin" / "trunkline", "run", config])
        return daemon, port
