"""The tables, in Markdown that is also readable as it is."""

from against import told
from probes import PROBES
from probing import ranged, tables
from results import base_of, ratios, since_earlier, spread

HEADER = ("target", "tps", "tps / PgBouncer", "average ms", "p50 ms", "p99 ms", "CPU µs (user + system)",
          "CPU / PgBouncer")


def report(machine, options, cells, probed=(), changes=()):
    """The whole text that goes to stdout."""
    parts = [_facts(machine, options)]
    for clients, protocol in options.settings():
        here = [cell for cell in cells if (cell.clients, cell.protocol) == (clients, protocol)]
        if here:
            noun = "client" if clients == 1 else "clients"
            parts.append(f"### {clients} {noun}, {protocol}\n\n" + table(here, cells))
    parts.extend(f"### {title}\n\n" + aligned(rows) for title, rows in tables(probed))
    pairs = since_earlier(cells)
    if pairs:
        rows = [("clients", "protocol", "tps / earlier build", "CPU / earlier build"), *map(_since, pairs)]
        parts.append("### Against the earlier build, in the same run\n\n" + aligned(rows))
    if changes:
        parts.append("### Against the earlier run\n\n" + aligned(told(changes)))
    problems = [f"- {cell.target}, {cell.clients} × {cell.protocol}: {cell.problem}" for cell in cells if cell.problem]
    problems += [f"- {cell.target}, {PROBES[cell.probe].title}: {cell.problem}" for cell in probed if cell.problem]
    if problems:
        parts.append("### Not measured\n\n" + "\n".join(problems))
    return "\n\n".join(parts)


def table(rows, cells):
    return aligned([HEADER, *(_row(cell, base_of(cells, cell)) for cell in rows)])


def aligned(lines):
    """A table whose first line is its header."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    rows = [_aligned(line, widths) for line in lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in (rows[0], rule, *rows[1:]))


def _aligned(line, widths):
    return [line[0].ljust(widths[0]), *(text.rjust(width) for text, width in zip(line[1:], widths[1:]))]


def _row(cell, base):
    if not cell.is_good():
        verdict = cell.problem.partition(":")[0] if cell.problem else "not measured"
        return (cell.target, verdict, *["-"] * (len(HEADER) - 2))
    return (
        cell.target,
        ranged(cell.values("tps"), ",.0f"),
        _ratio(cell, base, "tps"),
        ranged(cell.values("average_ms"), ".3f"),
        ranged(cell.values("p50_ms"), ".3f"),
        ranged(cell.values("p99_ms"), ".3f"),
        _cpu(cell),
        _ratio(cell, base, "cpu_us"),
    )


def _since(pair):
    cell, earlier = pair
    return (str(cell.clients), cell.protocol,
            *(ranged(values, ".2f") if values else "-"
              for values in (ratios(cell, earlier, name) for name in ("tps", "cpu_us"))))


def _ratio(cell, base, name):
    values = ratios(cell, base, name)
    return format(spread(values)["median"], ".2f") if values else "-"


def _cpu(cell):
    if not cell.values("cpu_us"):
        return "-"
    user, system = (spread(cell.values(name))["median"] for name in ("user_us", "system_us"))
    return f"{ranged(cell.values('cpu_us'), '.1f')} ({user:.1f} + {system:.1f})"


def _facts(machine, options):
    lines = [f"- {name}: {value}" for name, value in machine.items()]
    lines.append(f"- {options.rounds} × {options.seconds} s in turns, each setting after {options.warmup} s of "
                 "warm-up per target; medians with [least..most]; ratios are medians of the ratios within a round")
    return "\n".join(lines)
