"""The rounds of the probes, and their tables."""

from dataclasses import dataclass, field
from typing import Optional

from client import Rejected
from console import log_tail, progress
from probes import PROBES
from results import spread


@dataclass
class ProbeCell:
    """One target at one probe. A problem reads "verdict: detail", and the numbers then count for nothing."""

    probe: str
    target: str
    rounds: list = field(default_factory=list)
    problem: Optional[str] = None

    def is_good(self):
        return self.problem is None and bool(self.rounds)

    def values(self, name):
        return [one[name] for one in self.rounds if one[name] is not None] if self.is_good() else []


class Probing:
    """The cells of all probes that were asked for, and the loop that fills them."""

    def __init__(self, options):
        self._options = options
        self._probes = [PROBES[part] for part in options.parts if part in PROBES]
        self.cells = [ProbeCell(probe.name, target) for probe in self._probes for target in options.targets
                      if target in probe.targets]

    def run(self, bench, targets):
        """Each probe in turns over the targets that have started."""
        for probe in self._probes:
            for number in range(1, self._options.rounds + 1):
                for cell in self.cells:
                    if cell.probe == probe.name and cell.problem is None:
                        self._fill(bench, probe, cell, targets.get(cell.target), number)

    def _fill(self, bench, probe, cell, target, number):
        where = f"{probe.title}, round {number}, {cell.target}"
        if target is None:
            cell.problem = "did not start: see above"
            return
        try:
            figures = probe.run(bench, target, self._options)
        except (Rejected, OSError, TimeoutError) as trouble:
            cell.problem = f"refused, errors: {trouble or type(trouble).__name__}"
            progress(f"{where}: REFUSED: {trouble!r}")
            for daemon in target.daemons:
                log_tail(daemon.name, daemon.log)
            return
        cell.rounds.append(figures)
        shown = (f"{figure.title} {format(figures[figure.name], figure.form)}" for figure in probe.figures
                 if figures[figure.name] is not None)
        progress(f"{where}: {', '.join(shown)}")


def base_of(cells, cell):
    """The cell that ratios are formed with."""
    base = PROBES[cell.probe].base
    return next((one for one in cells if (one.probe, one.target) == (cell.probe, base)), None)


def ratios(cell, base, figure):
    """The cell's number over the base's of the same round."""
    if base is None or not (figure.compared and cell.is_good() and base.is_good()):
        return []
    pairs = [(mine[figure.name], theirs[figure.name]) for mine, theirs in zip(cell.rounds, base.rounds)]
    return [mine / theirs for mine, theirs in pairs if mine is not None and theirs]


def tables(cells):
    """A heading and the rows of each probe, each row a tuple of texts, the first of them the header."""
    for probe in PROBES.values():
        here = [cell for cell in cells if cell.probe == probe.name]
        if here:
            header = ["target"]
            for figure in probe.figures:
                header += [figure.title, f"/ {probe.base}"] if figure.compared else [figure.title]
            yield probe.title, [tuple(header), *(_row(probe, cell, base_of(cells, cell)) for cell in here)]


def _row(probe, cell, base):
    if not cell.is_good():
        verdict = cell.problem.partition(":")[0] if cell.problem else "not measured"
        columns = len(probe.figures) + sum(figure.compared for figure in probe.figures)
        return (cell.target, verdict, *["-"] * (columns - 1))
    row = [cell.target]
    for figure in probe.figures:
        values = cell.values(figure.name)
        ratio = spread(ratios(cell, base, figure))
        row.append(ranged(values, figure.form) if values else "-")
        if figure.compared:
            row.append(format(ratio["median"], ".2f") if ratio else "-")
    return tuple(row)


def ranged(values, form):
    """The median, and the least and the most where there are several."""
    all_of_it = spread(values)
    middle = format(all_of_it["median"], form)
    if len(values) == 1:
        return middle
    return f"{middle} [{format(all_of_it['min'], form)}..{format(all_of_it['max'], form)}]"


def as_json(cells):
    return [{
        "probe": cell.probe,
        "target": cell.target,
        "problem": cell.problem,
        "figures": {figure.name: {
            "value": spread(cell.values(figure.name)),
            f"ratio_to_{PROBES[cell.probe].base}": spread(ratios(cell, base_of(cells, cell), figure)),
        } for figure in PROBES[cell.probe].figures},
        "rounds": cell.rounds,
    } for cell in cells]
