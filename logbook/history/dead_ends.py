"""When a run is suggested as a dead end, and why in plain words.

Three ways to end speak for themselves: the training diverged; no epoch of it was ever better than always giving the
same answer; an error of the checklist stopped it. Everything else is a person's to judge. A run that crashed, was
interrupted or failed in the person's own code says nothing of its recipe.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from logbook_schemas.checklist.ranking import most_probable
from logbook_schemas.checklist.words import listing, number
from logbook_schemas.config.metrics import direction
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.measures import DataRecord, EpochRecord
from logbook_schemas.records.runs import JournalEntry
from logbook_schemas.records.summary import ENDED, Status

__all__ = ["AUTHOR", "suggested_outcome", "taken_back"]

AUTHOR = "logbook"

FEWEST_EPOCHS = 3
"""A shorter training has not had the time to beat anything: as for the rule no-better-than-baseline (S3-32)."""

STANDARD_ERRORS = 2.0
"""By which an accuracy must be above the constant answer's: less is chance (as no-better-than-baseline, S3-32)."""


def suggested_outcome(
    status: Status,
    *,
    reason: str = "",
    data: DataRecord | None = None,
    epochs: Sequence[EpochRecord] = (),
    findings: Sequence[Finding] = (),
    stopper: Finding | None = None,
) -> JournalEntry | None:
    """Return the suggestion for a run that ended so, or None where there is nothing to suggest.

    `reason` is what the attempt's end says, `stopper` the finding that stopped it, where one did.
    """
    is_waved_through = any(one.name == "no-better-than-baseline" and one.ignored is not None for one in findings)
    happened = _what_happened(status, reason, None if is_waved_through else data, epochs, stopper)
    if not happened:
        return None
    cause = most_probable(findings)
    told = "" if cause is None or cause == stopper else f"; most likely cause: {_said(cause)}"
    return JournalEntry(kind="suggestion", text="dead-end", reason=f"{happened}{told}", author=AUTHOR)


def taken_back() -> JournalEntry:
    """Return the entry that takes back what was suggested of a run."""
    return JournalEntry(kind="suggestion", text="", reason="it no longer holds, judged again", author=AUTHOR)


def _what_happened(
    status: Status, reason: str, data: DataRecord | None, epochs: Sequence[EpochRecord], stopper: Finding | None
) -> str:
    if status == "diverged":
        return f"diverged: {reason}" if reason else "diverged"
    if status == "failed" and stopper is not None and stopper.severity == "error":
        return f"stopped by {_said(stopper)}"
    if status in ENDED and data is not None:
        return _never_better(data, [epoch for epoch in epochs if epoch.phase == "train"])
    return ""


def _said(finding: Finding) -> str:
    return f"{finding.code} {finding.name}: {' '.join(finding.message.split()).rstrip('.')}"


def _never_better(data: DataRecord, epochs: Sequence[EpochRecord]) -> str:
    """Say by how much no epoch was better than the best constant answer; empty where one was, or nobody can tell."""
    if len(epochs) < FEWEST_EPOCHS:
        return ""
    reached = dict(_best_values(data, epochs))
    if not reached or any(_is_better(data, name, value) for name, value in reached.items()):
        return ""
    pairs = [f"best {name} {number(value)} against {number(data.baseline[name])}" for name, value in reached.items()]
    answer = f" ({data.baseline_name})" if data.baseline_name else ""
    return f"never better than always giving the same answer{answer}: {listing(pairs)}"


def _best_values(data: DataRecord, epochs: Sequence[EpochRecord]) -> Iterator[tuple[str, float]]:
    """Yield each number that the constant answer has too, at its best over the epochs."""
    measured = [_values(epoch) for epoch in epochs]
    for name, baseline in data.baseline.items():
        values = [found[name] for found in measured if name in found and math.isfinite(found[name])]
        # A loss whose constant answer is at 0 or below has a scale of its own, as for no-better-than-baseline.
        if values and math.isfinite(baseline) and (name != "val_loss" or baseline > 0):
            yield name, (min if direction(name, data.metric_modes) == "min" else max)(values)


def _values(epoch: EpochRecord) -> Mapping[str, float]:
    return epoch.metrics if epoch.val_loss is None else {"val_loss": epoch.val_loss, **epoch.metrics}


def _is_better(data: DataRecord, name: str, value: float) -> bool:
    baseline = data.baseline[name]
    if direction(name, data.metric_modes) == "min":
        return value < baseline
    rows = data.splits["validation"].rows if "validation" in data.splits else 0
    if name != "accuracy" or not rows:
        return value > baseline
    return value > baseline + STANDARD_ERRORS * math.sqrt(max(0.0, baseline * (1 - baseline)) / rows)
