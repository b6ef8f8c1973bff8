"""Runs side by side, with what the store, git and the other seeds of each recipe say of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from logbook.errors import UsageError

if TYPE_CHECKING:
    from logbook.store.reader import Reader
    from logbook_schemas.records.comparison import Comparison
    from logbook_schemas.records.runs import RunRecord
    from logbook_schemas.records.summary import RunSummary

__all__ = ["compare_runs"]

_MOST = 100
"""Runs of one recipe that are looked at, the newest."""


def compare_runs(references: Sequence[str], *, baseline: str | None = None, logbook: str | None = None) -> Comparison:
    """Return two or more runs side by side, the baseline first: by default the first of them."""
    from logbook.history.compare import compare
    from logbook.store import locate, open_reader

    asked = [*([baseline] if baseline is not None else []), *references]
    with open_reader(locate(logbook)) as reader:
        numbers = [reader.resolve(reference) for reference in asked]
        if baseline is not None:  # it may stand among the others, or not
            numbers = [numbers[0], *(number for number in numbers[1:] if number != numbers[0])]
        if len(set(numbers)) < len(numbers):
            twice = next(number for number in numbers if numbers.count(number) > 1)
            raise UsageError(f"r{twice} is named twice; compare needs different runs")
        if len(numbers) < 2:
            raise UsageError(f"compare needs two runs or more, got {len(numbers)}: logbook compare @-1 @")
        runs = [reader.run(number, layers=False) for number in numbers]
        replicates = {run.summary.number: tuple(_replicates(reader, run)) for run in runs}
    return compare(
        runs,
        replicates=replicates,
        commits={run.summary.number: _commits(runs[0], run) for run in runs[1:]},
        has_baseline=baseline is not None,
    )


def _replicates(reader: Reader, run: RunRecord) -> Iterator[RunSummary]:
    """Yield the runs that repeat one with other seeds or folds: the same recipe, code and data, trained to the end.

    One for each seed and fold, the newest: the same seed again is no other draw.
    """
    from logbook_schemas.records.summary import ENDED

    seen = set()
    for other in reader.find_recipe(run.summary.recipe_hash)[:_MOST]:
        if other.status not in ENDED:
            continue
        began = reader.start_of_run(other.number)
        draw = (other.seed, began.fold)
        if draw in seen or run.start_of_run is None or began.code.identity != run.start_of_run.code.identity:
            continue
        data = reader.data_record(other.number)
        if (data.fingerprint if data else None) == (run.data.fingerprint if run.data else None):
            seen.add(draw)
            yield other


def _commits(before: RunRecord, after: RunRecord) -> tuple[str, ...]:
    if before.start_of_run is None or after.start_of_run is None:
        return ()
    left, right = before.start_of_run.git, after.start_of_run.git
    if left.sha == right.sha:
        return ()
    from logbook.provenance.commits import commits_between

    return commits_between(left, right)
