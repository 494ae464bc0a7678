"""What was measured, and the medians and ratios that follow from it."""

from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Optional

BASE = "pgbouncer"


@dataclass
class Cell:
    """One target at one setting. A problem reads "verdict: detail", and the numbers then count for nothing."""

    clients: int
    protocol: str
    target: str
    rounds: list = field(default_factory=list)
    problem: Optional[str] = None

    def is_good(self):
        return self.problem is None and bool(self.rounds)

    def values(self, name):
        """That number of each round; empty if it has none, as the CPU time of no proxy."""
        return [value for value in (getattr(one, name) for one in self.rounds) if value is not None]


def ratios(cell, base, name):
    """The cell's number over the base's of the same round, so that a slow minute of the machine hits both."""
    if not (cell.is_good() and base is not None and base.is_good()):
        return []
    of_base = {one.number: getattr(one, name) for one in base.rounds}
    pairs = [(getattr(one, name), of_base.get(one.number)) for one in cell.rounds]
    return [mine / theirs for mine, theirs in pairs if mine is not None and theirs]


def spread(values):
    """The median with the least and the most; None of nothing."""
    return {"median": median(values), "min": min(values), "max": max(values)} if values else None


def base_of(cells, cell, name=BASE):
    """The cell of PgBouncer, or of another target, at the same setting, if it was measured."""
    same = (one for one in cells if (one.clients, one.protocol, one.target) == (cell.clients, cell.protocol, name))
    return next(same, None)


def since_earlier(cells):
    """For each setting: its cell of Trunkline, and that of the earlier build."""
    pairs = ((cell, base_of(cells, cell, "earlier")) for cell in cells if cell.target == "trunkline")
    return [(cell, earlier) for cell, earlier in pairs if earlier is not None]


def as_json(machine, options, cells):
    """Everything, as values that the json module writes."""
    asked = {name: str(value) if name in ("json", "earlier") else value for name, value in asdict(options).items()
             if name != "against"}
    return {"machine": machine, "options": asked, "results": [_summary(cell, base_of(cells, cell)) for cell in cells]}


def _summary(cell, base):
    names = ("tps", "average_ms", "p50_ms", "p99_ms", "user_us", "system_us", "cpu_us")
    good = cell.is_good()
    return {
        "clients": cell.clients,
        "protocol": cell.protocol,
        "target": cell.target,
        "problem": cell.problem,
        **{name: spread(cell.values(name)) if good else None for name in names},
        "tps_ratio_to_pgbouncer": spread(ratios(cell, base, "tps")),
        "cpu_ratio_to_pgbouncer": spread(ratios(cell, base, "cpu_us")),
        "rounds": [dict(asdict(one), cpu_us=one.cpu_us) for one in cell.rounds],
    }
