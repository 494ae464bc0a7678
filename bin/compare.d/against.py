"""What has become worse since an earlier run.

Two runs are minutes or weeks apart, so that it is the ratio to the rival of the same run that is compared, where there is one.
"""

from dataclasses import dataclass

from probes import PROBES

# A loss up to this share is noise.
ALLOWED = 0.05
OURS = "trunkline"


@dataclass(frozen=True)
class Change:
    """A number then and now, and by what share it has become better; negative if worse."""

    what: str
    then: float
    now: float
    gain: float

    def is_loss(self):
        return self.gain < -ALLOWED


def changes(earlier, later):
    """Of all numbers that both runs have, in the order of the later one."""
    before = dict(_numbers(earlier))
    found = []
    for key, (now, more_is_better) in _numbers(later):
        then = before.get(key, (None, None))[0]
        if then and now:
            gain = now / then - 1 if more_is_better else then / now - 1
            found.append(Change(key, then, now, gain))
    return found


def _numbers(run):
    """Key, and the median with whether more of it is better."""
    for one in run.get("results", ()):
        if one["target"] == OURS and one["problem"] is None:
            where = f"{one['clients']} × {one['protocol']}"
            yield from _either(where + ", tps", one["tps_ratio_to_pgbouncer"], one["tps"], True)
            yield from _either(where + ", CPU", one["cpu_ratio_to_pgbouncer"], one["cpu_us"], False)
    for one in run.get("probes", ()):
        if one["target"] == OURS and one["problem"] is None and one["probe"] in PROBES:
            probe = PROBES[one["probe"]]
            for figure in (one for one in probe.figures if one.compared):
                known = one["figures"].get(figure.name, {})
                yield from _either(f"{probe.title}, {figure.title}", known.get(f"ratio_to_{probe.base}"),
                                   known.get("value"), figure.more_is_better)


def _either(key, ratio, value, more_is_better):
    if ratio:
        yield key + " / rival", (ratio["median"], more_is_better)
    elif value:
        yield key, (value["median"], more_is_better)


def told(found):
    """The section of the report."""
    lines = [("figure", "then", "now", "change")]
    for change in found:
        mark = " LOSS" if change.is_loss() else ""
        lines.append((change.what, f"{change.then:,.2f}", f"{change.now:,.2f}", f"{change.gain:+.0%}{mark}"))
    return lines
