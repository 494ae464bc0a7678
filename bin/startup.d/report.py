"""The table of all variants."""

from statistics import median

COLUMNS = (("first answer ms", "first_ms", 0), ("CPU ms until then", "cpu_ms", 0), ("resident MB", "rss_mb", 0),
           ("behind pgbench", "rss_after_mb", 0), ("first / steady time", "slowdown", 2))


def table(starts):
    """`starts`: the list of Start for each name of a variant. Medians with [least..most]."""
    rows = [["variant", "starts", *(title for title, _, _ in COLUMNS)]]
    for name, all_of_it in starts.items():
        rows.append([name, str(len(all_of_it)), *(_cell(all_of_it, field, digits) for _, field, digits in COLUMNS)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["| " + " | ".join(text.ljust(width) for text, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(lines)


def _cell(starts, field, digits):
    values = [value for value in (getattr(start, field) for start in starts) if value is not None]
    if not values:
        return "-"
    return f"{median(values):.{digits}f} [{min(values):.{digits}f}..{max(values):.{digits}f}]"
