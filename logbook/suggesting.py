"""What is due to be suggested of a run that ended in the past, from its record, when it is judged again.

Of runs that ended before the logbook suggested anything, or of which the rules of today say something else. Where a
person has spoken, nothing is suggested.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from logbook.history.dead_ends import suggested_outcome, taken_back
from logbook.stopping import STOPPED_BY_STRICT, told
from logbook_schemas.records.judgements import Suggested, SuggestionChange

if TYPE_CHECKING:
    from logbook_schemas.records.findings import Finding
    from logbook_schemas.records.runs import JournalEntry, RunRecord
    from logbook_schemas.records.summary import RunSummary

__all__ = ["Due", "suggestion_due"]


class Due(NamedTuple):
    """An entry that is due in the journal of a run, and what it changes."""

    entry: JournalEntry
    change: SuggestionChange


def suggestion_due(run: RunRecord, findings: Sequence[Finding], said: Sequence[Finding]) -> Due | None:
    """Return what is to be suggested of a run whose findings are these now, or that it is taken back.

    None where that stands already, or a person has spoken. `said` is all that was ever found of the run: what stopped
    it is looked up there.
    """
    if run.summary.outcome_by == "person":
        return None
    before = _standing(run.summary)
    entry = _entry(run, findings, said)
    after = None if entry is None else Suggested.model_validate({"outcome": entry.text, "reason": entry.reason})
    return None if before == after else Due(entry or taken_back(), SuggestionChange(before=before, after=after))


def _standing(summary: RunSummary) -> Suggested | None:
    if summary.outcome is None:
        return None
    return Suggested(outcome=summary.outcome, reason=summary.outcome_reason)


def _entry(run: RunRecord, findings: Sequence[Finding], said: Sequence[Finding]) -> JournalEntry | None:
    last = run.attempts[-1] if run.attempts else None
    if last is None or last.status is None:
        return None
    stopper = _stopper(last.reason, findings, said) if last.reason.startswith(STOPPED_BY_STRICT) else None
    return suggested_outcome(
        last.status, reason=last.reason, data=run.data, epochs=run.epochs, findings=findings, stopper=stopper
    )


def _stopper(reason: str, findings: Sequence[Finding], said: Sequence[Finding]) -> Finding | None:
    """Return what stopped a run, as its findings have it now; None where it is no error among them."""
    places = {(one.code, one.where) for one in said if reason == f"{STOPPED_BY_STRICT}{told(one)}"}
    errors = (one for one in findings if one.severity == "error" and one.ignored is None)
    return next((one for one in errors if (one.code, one.where) in places), None)
