"""Which settings go with the result, over the runs of a search."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from logbook.errors import UsageError

if TYPE_CHECKING:
    from pydantic import JsonValue

    from logbook.history.importance import Outcome
    from logbook.store.reader import Reader
    from logbook_schemas.records.importance import Importance
    from logbook_schemas.records.summary import RunSummary

__all__ = ["weigh_settings"]


def weigh_settings(
    query: str | None = None, *, metric: str | None = None, forest: bool = False, logbook: str | None = None
) -> Importance:
    """Return what goes with a metric at its best: by default with what most of the runs monitor.

    Runs that diverged count as the worst; those that go on, failed, or measured something else are left out. With
    `forest` a random forest looks at the settings together, too. Raises UsageError where it has too few runs.
    """
    from logbook.history.importance import importance
    from logbook.searching import found_numbers
    from logbook.store import locate, open_reader
    from logbook.store.search.results import direction_of

    with open_reader(locate(logbook)) as reader:
        runs = reader.among(found_numbers(reader, query=query))
        chosen = _monitored(runs) if metric in (None, "best") else metric
        mode = direction_of(reader, chosen)
        values = _values(reader, runs, chosen)
        used = [run for run in runs if run.number in values]
        settings = _settings(reader, [run.number for run in used])
        unmatched = () if runs or query is None else ("no run matches", *reader.unmatched(query))
    outcomes = _outcomes(used, settings, values)
    found = importance(outcomes, metric=chosen, mode=mode, left_out=len(runs) - len(used))
    found = found.model_copy(update={"remarks": (*unmatched, *_mixed(outcomes, chosen))})
    return _with_forest(found, outcomes) if forest else found


def _monitored(runs: Sequence[RunSummary]) -> str:
    counts = Counter(run.monitor_metric for run in runs)
    return counts.most_common(1)[0][0] if counts else "val_loss"


def _values(reader: Reader, runs: Sequence[RunSummary], metric: str) -> dict[int, float]:
    """Return the result of each run by its number: infinite where it diverged; none of a run that is left out."""
    from logbook_schemas.records.summary import ENDED

    numbers = [run.number for run in runs]
    _, cells = reader.columns(numbers, metric)
    found: dict[int, float] = {}
    for run, (cell,) in zip(runs, cells, strict=True):
        if run.status == "diverged":
            found[run.number] = math.inf
        elif run.status in ENDED and isinstance(cell, int | float):
            found[run.number] = float(cell)
    return found


def _settings(reader: Reader, numbers: Sequence[int]) -> dict[int, dict[str, JsonValue]]:
    """Return the settings of each run that can change its result, and its seed."""
    from logbook.history.marks import is_under
    from logbook.store.export import export_rows
    from logbook_schemas.config.leaves import OUTSIDE_RECIPE

    outside = OUTSIDE_RECIPE["run"] | OUTSIDE_RECIPE["own"]
    found: dict[str, dict[str, JsonValue]] = {f"r{number}": {} for number in numbers}
    counts: dict[str, bool] = {}
    read: dict[tuple[str, str], JsonValue] = {}  # the same few texts stand in thousands of configs
    # Closed where a damaged row ends the loop: it reads within a transaction.
    with closing(export_rows(reader, "settings", numbers)) as found_rows:
        rows: Iterator[Any] = found_rows
        for run, name, kind, text, number in rows:
            if name not in counts:
                counts[name] = name == "training.seed" or not is_under(name, outside)
            if not counts[name]:
                continue
            if kind == "number":
                found[run][name] = number
                continue
            if (kind, text) not in read:
                read[kind, text] = text if kind == "text" else json.loads(text)
            found[run][name] = read[kind, text]
    return {number: found[f"r{number}"] for number in numbers}


def _outcomes(
    runs: Sequence[RunSummary], settings: Mapping[int, dict[str, JsonValue]], values: Mapping[int, float]
) -> list[Outcome]:
    from logbook.history.importance import Outcome

    return [Outcome(settings=settings[run.number], result=values[run.number]) for run in runs]


_SOURCES = ("task", "data.source.kind", "data.source.dataset", "data.source.path", "data.source.target")


def _mixed(outcomes: Sequence[Outcome], metric: str) -> tuple[str, ...]:
    """Return a remark where the results are of several tasks or data, and so on no common scale."""
    kinds = Counter(tuple(outcome.settings.get(path) for path in _SOURCES) for outcome in outcomes)
    if len(kinds) < 2:
        return ()
    (most, count), *_ = kinds.most_common(1)
    narrow = " ".join(
        f"{path}={json.dumps(value, ensure_ascii=False)}" for path, value in zip(_SOURCES, most, strict=True) if value
    )
    what = f"the runs are of {len(kinds)} tasks or data, whose {metric} is on no common scale"
    return (f"{what}; {count} of them are those of {narrow}",)


def _with_forest(found: Importance, outcomes: Sequence[Outcome]) -> Importance:
    from logbook.history.forest import FEWEST, forest_shares
    from logbook.history.importance import ranks_of

    if len(outcomes) < FEWEST:
        raise UsageError(f"a forest needs {FEWEST} runs with a result, got {len(outcomes)}; leave --forest out")
    ranks = ranks_of([outcome.result for outcome in outcomes], found.mode)
    paths = [one.paths[0] for one in found.influences]
    score, shares = forest_shares([outcome.settings for outcome in outcomes], ranks, paths)
    influences = tuple(one.model_copy(update={"forest": shares[one.paths[0]]}) for one in found.influences)
    return found.model_copy(update={"influences": influences, "forest_score": score})
