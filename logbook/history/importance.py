"""Which settings go with the result, over many runs: rank statistics, one setting at a time.

Ranks, since a loss of 1e5 isn't a hundred thousand times as bad as one of 1, and since a run that diverged has a rank,
the last one, though it has no loss. What always changed together can't be told apart, and is told together.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from logbook_schemas.records.importance import Importance, Influence

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = ["FEWEST", "LEVEL", "Outcome", "average_ranks", "importance", "ranks_of"]

FEWEST = 5
"""Runs of a setting below which nothing is said of it: four can be put in one order by chance (1 in 24, times two)."""

LEVEL = 0.05

_MOST_VALUES = 12
"""A setting without an order that has more values than this, as a free text, says nothing in groups."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One run: its settings, and its result; infinite where it diverged."""

    settings: Mapping[str, JsonValue]
    result: float


def importance(
    outcomes: Sequence[Outcome], *, metric: str, mode: Literal["min", "max"], left_out: int = 0
) -> Importance:
    """Return what goes with a metric, the strongest first; `outcomes` with a NaN are runs that diverged, too."""
    worth = [_worth(outcome.result, mode) for outcome in outcomes]
    ranks = ranks_of([outcome.result for outcome in outcomes], mode)
    groups, same = _together(outcomes)
    asked = [
        found
        for paths, members, values in groups
        if (found := _influence(paths, members, values, ranks, worth, mode)) is not None
    ]
    level = LEVEL / max(len(asked), 1)
    clear = [found.model_copy(update={"is_clear": found.p < level}) for found in asked]
    return Importance(
        metric=metric,
        mode=mode,
        runs=len(outcomes),
        diverged=sum(math.isinf(value) for value in worth),
        left_out=left_out,
        influences=tuple(sorted(clear, key=lambda found: (not found.is_clear, -found.strength, found.paths))),
        same=tuple(same),
    )


def ranks_of(results: Sequence[float], mode: Literal["min", "max"]) -> list[float]:
    """Return the rank of each result, 1 for the best; those that aren't finite share the last ones."""
    return average_ranks([_worth(result, mode) for result in results])


def average_ranks(values: Sequence[float]) -> list[float]:
    """Return the rank of each value from 1 for the least; equals share the mean of theirs."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        stop = start
        while stop < len(order) and values[order[stop]] == values[order[start]]:
            stop += 1
        for place in order[start:stop]:
            ranks[place] = (start + stop + 1) / 2
        start = stop
    return ranks


def _worth(result: float, mode: Literal["min", "max"]) -> float:
    """Return a number that is the smaller the better; a run that diverged has the largest there is."""
    if not math.isfinite(result):
        return math.inf
    return result if mode == "min" else -result


_Group = tuple[tuple[str, ...], list[int], list["JsonValue"]]
"""Paths, the runs that have them, and the first path's value in each."""


def _together(outcomes: Sequence[Outcome]) -> tuple[list[_Group], list[str]]:
    """Return the settings that vary, those that always change together as one, and the names of those that don't."""
    members_of: dict[str, list[int]] = {}
    values_of: dict[str, list[JsonValue]] = {}
    for place, outcome in enumerate(outcomes):
        for path, value in outcome.settings.items():
            members_of.setdefault(path, []).append(place)
            values_of.setdefault(path, []).append(value)
    groups: dict[tuple[object, ...], _Group] = {}
    same, unordered = [], []
    for path, members in members_of.items():
        values = values_of[path]
        if len(set(map(_key, values))) < 2:
            if len(members) == len(outcomes):
                same.append(path)
        elif _is_ordered(values):
            _put(groups, (tuple(members), _order(values)), path, members, values)
        else:
            unordered.append((path, members, values))
    # A group that an order divides likewise says the same, and less.
    divided = {(tuple(members), _partition(values)): key for key, (_, members, values) in groups.items()}
    for path, members, values in unordered:
        key = (tuple(members), _partition(values))
        _put(groups, divided.get(key, key), path, members, values)
    return list(groups.values()), same


def _put(
    groups: dict[tuple[object, ...], _Group],
    key: tuple[object, ...],
    path: str,
    members: list[int],
    values: list[JsonValue],
) -> None:
    known = groups.get(key)
    groups[key] = ((path,), members, values) if known is None else ((*known[0], path), known[1], known[2])


def _order(values: Sequence[JsonValue]) -> tuple[float, ...]:
    """Return the ranks of numbers; the same for those that run the other way."""
    up = tuple(average_ranks([float(value) for value in values]))  # type: ignore[arg-type]
    return min(up, tuple(len(up) + 1 - rank for rank in up))


def _partition(values: Sequence[JsonValue]) -> tuple[int, ...]:
    """Return which values are the same, whatever they are."""
    seen: dict[str, int] = {}
    return tuple(seen.setdefault(_key(value), len(seen)) for value in values)


def _influence(
    paths: tuple[str, ...],
    members: Sequence[int],
    values: Sequence[JsonValue],
    all_ranks: Sequence[float],
    worth: Sequence[float],
    mode: Literal["min", "max"],
) -> Influence | None:
    if len(members) < FEWEST:
        return None
    ranks = average_ranks([all_ranks[place] for place in members])
    by_value: dict[str, list[int]] = {}
    for place, value in zip(members, values, strict=True):
        by_value.setdefault(_key(value), []).append(place)
    direction: Literal["lower", "higher"] | None = None
    if _is_ordered(values):
        correlation = _correlation(average_ranks([float(value) for value in values]), ranks)  # type: ignore[arg-type]
        strength, p = abs(correlation), _p_of_correlation(correlation, len(members))
        direction = "lower" if correlation > 0 else "higher"
    elif len(by_value) > min(_MOST_VALUES, len(members) / 2):
        return None
    else:
        strength, p = _between(by_value.values(), dict(zip(members, ranks, strict=True)))
    medians = {key: statistics.median(worth[place] for place in places) for key, places in by_value.items()}
    best, worst = min(medians, key=medians.__getitem__), max(medians, key=medians.__getitem__)
    return Influence(
        paths=paths,
        runs=len(members),
        values=len(by_value),
        strength=min(strength, 1.0),
        direction=direction,
        p=p,
        is_clear=False,
        best=json.loads(best),
        best_result=_result(medians[best], mode),
        worst=json.loads(worst),
        worst_result=_result(medians[worst], mode),
    )


def _result(worth: float, mode: Literal["min", "max"]) -> float | None:
    if math.isinf(worth):
        return None
    return worth if mode == "min" else -worth


def _is_ordered(values: Iterable[JsonValue]) -> bool:
    """Say whether values are numbers, and more than two: two are groups, and their order is one of two by chance."""
    known = list(values)
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in known) and (
        len({float(value) for value in known}) > 2  # type: ignore[arg-type]
    )


def _correlation(left: Sequence[float], right: Sequence[float]) -> float:
    if len(set(left)) < 2 or len(set(right)) < 2:
        return 0.0
    return statistics.correlation(left, right)


def _p_of_correlation(correlation: float, runs: int) -> float:
    """Return the two-sided p of a rank correlation, by Student's t with N - 2 degrees of freedom."""
    if abs(correlation) >= 1:
        return 2 / math.factorial(min(runs, 20))  # of all orders two are perfect
    from scipy.special import stdtr

    t = correlation * math.sqrt((runs - 2) / (1 - correlation**2))
    return float(2 * stdtr(runs - 2, -abs(t)))


def _between(groups: Iterable[Sequence[int]], ranks: Mapping[int, float]) -> tuple[float, float]:
    """Return the correlation ratio of ranks over groups, and the p of Kruskal and Wallis's test."""
    from scipy.special import chdtrc

    known = [[ranks[place] for place in places] for places in groups]
    whole = [rank for ranks_ in known for rank in ranks_]
    mean = statistics.fmean(whole)
    total = math.fsum((rank - mean) ** 2 for rank in whole)
    if not total:
        return 0.0, 1.0
    between = math.fsum(len(ranks_) * (statistics.fmean(ranks_) - mean) ** 2 for ranks_ in known)
    share = between / total
    # H is the share times N - 1: the total of tied ranks stands in it, which is its correction for ties.
    return math.sqrt(share), float(chdtrc(len(known) - 1, share * (len(whole) - 1)))


def _key(value: JsonValue) -> str:
    """Return a value as text: 1 and 1.0 are one number, 1 and true are not."""
    return json.dumps(value, sort_keys=True) if isinstance(value, list | dict) else _key_of_scalar(value)


@lru_cache(maxsize=1 << 16, typed=True)  # the same few values stand in thousands of runs
def _key_of_scalar(value: str | float | None) -> str:
    return json.dumps(int(value) if isinstance(value, float) and value.is_integer() else value)
