"""Am I further than some weeks ago: the best value so far over calendar time.

A run counts from when it had been trained: its beginning and the seconds of its epochs. What it monitors is compared
in the metric's own direction; runs that monitor something else than the newest one are left out, and counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from logbook_schemas.records.progress import Improvement, Progress, Week
from logbook_schemas.records.summary import RunSummary

__all__ = ["best_so_far", "by_name", "progress"]


class _Trained(NamedTuple):
    """A run, when it had been trained, and its best value, None where it is no number."""

    at: datetime
    run: RunSummary
    value: float | None


def by_name(runs: Sequence[RunSummary], *, now: datetime, weeks: int) -> tuple[Progress, ...]:
    """Return the progress of each name, the one that was last worked on first."""
    names: dict[str, list[RunSummary]] = {}
    for run in sorted(runs, key=lambda run: run.number, reverse=True):
        names.setdefault(run.name, []).append(run)
    return tuple(progress(some, now=now, weeks=weeks, name=name) for name, some in names.items())


def progress(runs: Sequence[RunSummary], *, now: datetime, weeks: int, name: str = "", tag: str = "") -> Progress:
    """Return how the best value of some runs, of which there is at least one, came about."""
    newest = max(runs, key=lambda run: run.number)
    monitored = (newest.monitor_metric, newest.monitor_mode)
    alike = [run for run in runs if (run.monitor_metric, run.monitor_mode) == monitored]
    trained = sorted((_trained(run) for run in alike), key=lambda one: (one.at, one.run.number))
    improvements = tuple(_improvements(trained, newest.monitor_mode))
    since = len(trained) - 1 - _place(trained, improvements[-1].id) if improvements else len(trained)
    found = Progress(
        name=name,
        tag=tag,
        metric=newest.monitor_metric,
        mode=newest.monitor_mode,
        runs=len(alike),
        left_out=len(runs) - len(alike),
        first_at=min(run.started_at for run in alike),
        now=_text(now),
        improvements=improvements,
        runs_since=since,
        weeks=tuple(_week(trained, improvements, newest.monitor_mode, now, ago) for ago in range(weeks + 1)),
    )
    return found.model_copy(update={"sentence": _sentence(found, now)})


def best_so_far(found: Progress, points: int) -> list[float | None]:
    """Return the best value at equal steps of time from the first run until now; None before there was one."""
    start, end = _moment(found.first_at), _moment(found.now)
    known = [(_moment(one.at), one.value) for one in found.improvements]
    values: list[float | None] = []
    for place in range(points):
        # The last point is now itself: a share of a span, rounded, might lie a moment before it.
        at = end if place == points - 1 else start + (end - start) * place / (points - 1)
        values.append(next((value for then, value in reversed(known) if then <= at), None))
    return values


def _trained(run: RunSummary) -> _Trained:
    value = run.best_value
    at = _moment(run.started_at) + timedelta(seconds=run.seconds if math.isfinite(run.seconds) else 0)
    return _Trained(at, run, value if value is not None and math.isfinite(value) else None)


def _improvements(trained: Sequence[_Trained], mode: str) -> Iterator[Improvement]:
    best: float | None = None
    waited = 0
    for at, run, value in trained:
        waited += 1
        gain = _gain(best, value, mode)
        if value is None or (gain is not None and gain <= 0):
            continue
        yield Improvement(
            id=run.id,
            words=run.words,
            name=run.name,
            version=run.version,
            at=_text(at),
            value=value,
            gain=gain,
            runs=waited,
        )
        best, waited = value, 0


def _week(trained: Sequence[_Trained], improvements: Sequence[Improvement], mode: str, now: datetime, ago: int) -> Week:
    at = now - timedelta(weeks=ago)
    then = next((one for one in reversed(improvements) if _moment(one.at) <= at), None)
    latest = next((one for one in reversed(improvements) if _moment(one.at) <= now), None)
    return Week(
        weeks_ago=ago,
        at=_text(at),
        best=then.value if then else None,
        run=then.id if then else None,
        gain=_gain(then.value, latest.value, mode) if then and latest else None,
        runs=sum(at < one.at <= now for one in trained),
    )


def _gain(before: float | None, after: float | None, mode: str) -> float | None:
    """Return how much better a value is than one before; None where there is no other."""
    if before is None or after is None:
        return None
    return before - after if mode == "min" else after - before


def _place(trained: Sequence[_Trained], run: str) -> int:
    return next(place for place, one in enumerate(trained) if one.run.id == run)


def _sentence(found: Progress, now: datetime) -> str:
    if not found.improvements:
        return f"none of {_runs(found.runs)} has a {found.metric} that is a number"
    best = found.improvements[-1]
    parts = [f"best {found.metric} {best.value:.4g}, by {best.id} {best.words} {_ago(now - _moment(best.at))}"]
    oldest = found.weeks[-1]
    if oldest.weeks_ago:
        weeks = "a week ago" if oldest.weeks_ago == 1 else f"{oldest.weeks_ago} weeks ago"
        if oldest.best is None:
            parts.append(f"{weeks} there was none")
        elif not oldest.gain:
            parts.append(f"{weeks} it was the same, {_runs(oldest.runs)} ago")
        else:
            parts.append(f"{weeks} it was {oldest.best:.4g}, {_runs(oldest.runs)} ago")
    if found.runs_since:
        parts.append(f"{_runs(found.runs_since)} since {'was' if found.runs_since == 1 else 'were'} no better")
    return "; ".join(parts)


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"


def _ago(span: timedelta) -> str:
    units = ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute"))
    for unit, name in units:
        count = span // unit
        if count:
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "just now"


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
