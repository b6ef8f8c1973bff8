"""One sentence on what explains the difference between runs, where exactly one thing sets them apart.

A thing is a setting of the recipe with what comes with it, the code, the data, or the environment. What a setting of
the data makes of the data is no second thing; what isn't known to be the same is said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from logbook.history.diff import same_value
from logbook_schemas.records.difference import DRAWS

if TYPE_CHECKING:
    from pydantic import JsonValue

    from logbook_schemas.records.comparison import ComparedRun, Setting
    from logbook_schemas.records.replicates import Noise
    from logbook_schemas.records.runs import RunRecord
    from logbook_schemas.records.summary import RunSummary

__all__ = ["causes_of", "explained"]

_MOST_NAMED = 3


def explained(
    runs: Sequence[RunRecord],
    settings: Sequence[Setting],
    environment: Sequence[Setting],
    columns: Sequence[ComparedRun],
) -> str:
    """Return the sentence; empty where more than one thing differs."""
    causes = causes_of(settings)
    others = {what for what in ("code", "data", "environment") if _verdicts(columns, what) & {"different"}}
    if any(_makes_other_data(cause, runs) for cause in causes):
        others.discard("data")
    if len(causes) + len(others) > 1:
        return ""
    if len(runs) > 2:
        return _of_many(runs, causes, others)
    if not causes and not others:
        is_known = all("unknown" not in _verdicts(columns, what) for what in ("code", "data"))
        return _of_nothing(runs, settings) if is_known else ""
    before, after = runs[0].summary, runs[1].summary
    if others == {"data"}:
        return _of_data(before, after)
    what = _step(causes[0], runs) if causes else _other(columns[1], environment, is_code="code" in others)
    draws = any(setting.path in DRAWS for setting in settings) and columns[1].noise is None
    told = f"{_result(what, before, after, columns[1].noise)}{_aside(columns, draws=draws)}"
    return f"{told[0].upper() if others else told[0]}{told[1:]}."


def causes_of(settings: Sequence[Setting]) -> list[Setting]:
    """Return the settings that a person changed: less what has no effect, and what comes with another of them.

    Another kind brings settings of its own, and drops those of the one before; so does a section that is switched on.
    """
    changed = [setting for setting in settings if setting.matters]
    sections = {setting.path.removesuffix(".kind") for setting in changed}
    return [
        setting
        for setting in changed
        if not (_is_partial(setting) and _is_below(setting.path.removesuffix(".kind"), sections))
    ]


def _shown(value: JsonValue) -> str:
    """Return a config value as JSON people read: 0.001, "adam", null."""
    return json.dumps(value, ensure_ascii=False)


def _makes_other_data(cause: Setting, runs: Sequence[RunRecord]) -> bool:
    """Say whether a setting chooses the rows; a split does so among the same ones."""
    prints = [run.data.fingerprint if run.data else None for run in runs]
    is_same_whole = all(one is not None and one == prints[0] for one in prints)
    chosen = {"data.source", "data.limit", *(["data.split"] if is_same_whole else [])}
    return cause.path in chosen or _is_below(cause.path, chosen)


def _is_partial(setting: Setting) -> bool:
    return any(value is None for value in setting.values)


def _is_below(path: str, sections: set[str]) -> bool:
    return any(path.startswith((f"{section}.", f"{section}[")) for section in sections)


def _verdicts(columns: Sequence[ComparedRun], what: str) -> set[str]:
    return {getattr(column, what) for column in columns[1:]}


def _step(cause: Setting, runs: Sequence[RunRecord]) -> str:
    left, right = (_value(cause, runs, place) for place, _ in enumerate(runs))
    return f"{cause.path} from {left} to {right}"


def _value(cause: Setting, runs: Sequence[RunRecord], place: int) -> str:
    """Return a setting of a run as JSON; where one run has a value and another a section, the section whole."""
    return _shown(
        _value_at(runs[place].config, cause.path) if _is_partial(cause) else cause.values[place],
    )


def _value_at(config: Mapping[str, JsonValue], path: str) -> JsonValue:
    """Return what a config has at a path, a section whole; None where it has nothing there."""
    found: JsonValue = dict(config)
    for key, place in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        if isinstance(found, dict):
            found = found.get(key)
        elif isinstance(found, list) and place and int(place) < len(found):
            found = found[int(place)]
        else:
            return None
    return found


def _other(column: ComparedRun, environment: Sequence[Setting], *, is_code: bool) -> str:
    if is_code:
        return f"other code{_named(column.changed_files)}"
    changed = [f"{one.path} {_bare(one.values[0])} → {_bare(one.values[1])}" for one in environment if one.matters]
    return f"another environment{_named(changed)}"


def _bare(value: JsonValue) -> str:
    return _shown(value).strip('"')


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    listed = ", ".join([*names[:_MOST_NAMED], *([f"{more} more"] if more > 0 else [])])
    return f" ({listed})" if listed else ""


def _result(what: str, before: RunSummary, after: RunSummary, noise: Noise | None) -> str:
    metric, left, right = before.monitor_metric, before.best_value, after.best_value
    if left is None or right is None or not _are_alike(before, after):
        return f"{what} is all that differs: {_ending(before)}, {_ending(after)}"
    if same_value(left, right):
        return f"{what} left the best {metric} at {left:.4g}"
    is_better = (right < left) == (before.monitor_mode == "min")
    verb = "improved" if is_better else "worsened"
    return f"{what} {verb} the best {metric} from {left:.4g} to {right:.4g}{_beyond_noise(noise)}"


def _are_alike(before: RunSummary, after: RunSummary) -> bool:
    """Say whether two results compare: of the same metric, and of trainings that came to their end."""
    ended = {before.status, after.status} <= {"finished", "early-stopped"}
    return ended and before.monitor_metric == after.monitor_metric


def _ending(run: RunSummary) -> str:
    best = "" if run.best_value is None else f" with a best {run.monitor_metric} of {run.best_value:.4g}"
    return f"{run.id} {_ENDINGS.get(run.status, run.status)}{best}"


_ENDINGS = {"early-stopped": "stopped early", "interrupted": "was interrupted", "running": "is running"}


def _beyond_noise(found: Noise | None) -> str:
    """Say whether seeds alone could have done it, where that was tested."""
    if found is None:
        return ""
    return "; seeds alone rarely make so much" if found.is_exceeded else "; seeds alone may make so much"


def _aside(columns: Sequence[ComparedRun], *, draws: bool) -> str:
    """Say what limits the statement: measured on other rows, by another seed, not known to be all that differs."""
    on_other = ", measured on other data" if "different" in _verdicts(columns, "data") else ""
    by_other = ", with another seed" if draws else ""
    unknown = [what for what in ("code", "data") if "unknown" in _verdicts(columns, what)]
    doubt = (
        f"; whether the {' and the '.join(unknown)} {'are' if unknown[1:] else 'is'} the same is unknown"
        if unknown
        else ""
    )
    return f"{on_other}{by_other}{doubt}"


def _of_data(before: RunSummary, after: RunSummary) -> str:
    """Return what is to be said where the data are another: each loss is measured on its own, so neither is better."""
    left, right = before.best_value, after.best_value
    if left is None or right is None or not _are_alike(before, after):
        return f"The data are all that differs: {_ending(before)}, {_ending(after)}."
    told = f"the best {before.monitor_metric} is {left:.4g} and {right:.4g}, each measured on its own"
    return f"The data are all that differs: {told}."


def _of_nothing(runs: Sequence[RunRecord], settings: Sequence[Setting]) -> str:
    """Return what is to be said of two runs of one recipe, code, data and environment."""
    before, after = runs[0].summary, runs[1].summary
    left, right = before.best_value, after.best_value
    drawn = [setting.path for setting in settings if setting.path in DRAWS]
    words = "the fold" if drawn == ["data.split.fold"] else "the seed"
    if left is None or right is None or not _are_alike(before, after):
        what = f"Only {words} differs" if drawn else "Nothing that can change the result differs"
        return f"{what}: {_ending(before)}, {_ending(after)}."
    if drawn:
        return f"Only {words} differs: the best {before.monitor_metric} is {left:.4g} and {right:.4g} by chance."
    if same_value(left, right):
        return f"Nothing that can change the result differs, and the best {before.monitor_metric} is the same."
    told = f"Nothing that is recorded differs but the best {before.monitor_metric}, {left:.4g} and {right:.4g}"
    return f"{told}: this training isn't repeatable to the bit."


def _of_many(runs: Sequence[RunRecord], causes: Sequence[Setting], others: set[str]) -> str:
    """Return which of several runs is best, where one setting is all that sets them apart."""
    first = runs[0].summary
    known = [place for place, run in enumerate(runs) if run.summary.best_value is not None]
    if len(causes) != 1 or others or {run.summary.monitor_metric for run in runs} != {first.monitor_metric}:
        return ""
    if len(known) < 2:
        return ""
    pick = max if first.monitor_mode == "max" else min
    place = pick(known, key=lambda one: runs[one].summary.best_value or 0.0)
    best = runs[place].summary
    told = f"{best.best_value:.4g}, is that of {_value(causes[0], runs, place)} ({best.id})"
    return f"{causes[0].path} is the one setting that differs; the best {best.monitor_metric}, {told}."
