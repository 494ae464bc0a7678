"""Progress goes to stderr, so that stdout holds the tables and nothing else."""

import sys
from pathlib import Path

# `compare` or `regress`: each lives in the directory of its name.
PROGRAM = Path(sys.argv[0]).stem


def progress(line):
    print(f"{PROGRAM}: {line}", file=sys.stderr, flush=True)


def log_tail(name, path, lines=20):
    """Shows the end of a log, because the directory that holds it is removed at the end."""
    text = path.read_text(errors="replace").splitlines() if path.exists() else []
    progress(f"the last lines of the log of {name}:")
    for line in text[-lines:] or ["(it is empty)"]:
        print("    | " + line, file=sys.stderr, flush=True)
