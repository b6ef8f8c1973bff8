"""What stops a run: a finding of the checklist, or, before it trains, a dead end whose cause is still there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from logbook.history.tried import cause_in_place
from logbook.history.versions import describe_changes

if TYPE_CHECKING:
    from logbook_schemas.records.findings import Finding
    from logbook_schemas.records.precedents import Precedent

__all__ = ["STOPPED_BY_STRICT", "DeadEnd", "dead_end_ahead", "find_stopper", "told", "way_on"]

STOPPED_BY_STRICT = "stopped by --strict: "
"""How the reason of an attempt begins that `--strict` stopped; what is `told` of the finding follows."""


class DeadEnd(NamedTuple):
    """A dead end that a config would run into; `stops` where a person has said that it is one."""

    reason: str
    stops: bool


def find_stopper(
    findings: Sequence[Finding], *, strict: bool = False, force: bool = False, again: bool = False
) -> Finding | None:
    """Return the finding that stops a run before it trains, the most probable cause of those that do, or None.

    An error stops it unless it is forced, a known dead end unless it is to run again, a warning where it is `strict`.
    """
    grave = ("error", "warning") if strict else ("error",)
    passed = [
        found for found in findings if not (again if _is_dead_end(found) else force and found.severity == "error")
    ]
    return next((found for found in passed if found.severity in grave and not found.ignored), None)


def told(stopper: Finding) -> str:
    """Return what is said of the finding that stops a run."""
    return f"{stopper.code} {stopper.name}: {stopper.message}"


def way_on(stopper: Finding) -> str:
    """Say how to run all the same what a finding stops."""
    if _is_dead_end(stopper):
        return "--again runs it all the same"
    if stopper.severity == "error":
        return "--force runs it all the same, and is recorded"
    return "it is --strict that stops at warnings"


def dead_end_ahead(findings: Sequence[Finding], near: Precedent | None, *, strict: bool = False) -> DeadEnd | None:
    """Return the dead end that a config repeats, or one near it whose cause the checklist finds here too; else None."""
    stopper = find_stopper([found for found in findings if _is_dead_end(found)], strict=strict)
    if stopper is not None:
        return DeadEnd(told(stopper), stops=True)
    # The very recipe is the rule's own affair: it knows whether code or data have changed since.
    cause = None if near is None or near.distance == 0 else cause_in_place(near, findings)
    if near is None or cause is None:
        return None
    is_confirmed = near.outcome_by == "person"
    ending = "is a dead end" if is_confirmed else "looks like a dead end"
    why = f": {near.outcome_reason.rstrip('.')}" if near.outcome_reason else ""
    changes = describe_changes(near.changes)
    reason = (
        f"{near.outcome_run} {ending}{why}. This run differs in {changes}, and the cause is still there: {told(cause)}"
    )
    return DeadEnd(reason, stops=is_confirmed)


def _is_dead_end(found: Finding) -> bool:
    return found.name == "repeated-dead-end"
