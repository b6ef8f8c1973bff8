"""Which of all that was said of a run's outcome stands.

The newest verdict of a person stands over any suggestion, whichever is newer. Where no person has spoken, what the
logbook suggested last, since the run's newest end, does; a run that goes on has left its suggestion behind, and one
without a text takes back what was suggested before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from logbook_schemas.records.summary import OutcomeBy

__all__ = ["Verdict", "standing_verdict"]


class Verdict(NamedTuple):
    """What became of a run, why, and who says so; empty where nobody does."""

    outcome: str | None = None
    reason: str = ""
    by: OutcomeBy | None = None


def standing_verdict(said: Iterable[tuple[str, str, str]]) -> Verdict:
    """Return what stands of `(kind, text, reason)`, oldest first: entries of other kinds play no part.

    Suggestions of an end that the run has gone beyond are left out by the caller, who knows when attempts began.
    """
    suggested, stated = Verdict(), None
    for kind, text, reason in said:
        if kind == "outcome":
            stated = Verdict(text, reason, "person")
        elif kind == "suggestion":
            suggested = Verdict(text, reason, "logbook") if text else Verdict()
    return stated or suggested
