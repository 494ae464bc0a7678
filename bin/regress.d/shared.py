"""What bin/compare has already: daemons, ports, packages, progress lines. Nothing else imports from its directory."""

import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent.parent

# At the end of the path: a module of the same name beside this one comes first.
sys.path.append(str(HOME / "bin" / "compare.d"))

from console import log_tail, progress  # noqa: E402
from packages import Missing, bring, daemon_user, postgres_bin  # noqa: E402
from processes import ENDING, Daemon, clean_environment, free_port, raise_open_files  # noqa: E402

__all__ = ["ENDING", "HOME", "Daemon", "Failed", "Missing", "bring", "clean_environment", "daemon_user", "free_port",
           "log_tail", "postgres_bin", "progress", "raise_open_files"]


class Failed(Exception):
    """A program did not start, does not answer, or gave up; the text is for the user."""
