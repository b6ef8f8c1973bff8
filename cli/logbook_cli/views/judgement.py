"""Runs that were judged again: what is new, what changed, what is gone, and what is suggested of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from logbook_cli.views.findings import SEVERITY_STYLES
from logbook_cli.views.table import render_text, table_of
from logbook_cli.views.text import Ink, clean, cut, show_value

if TYPE_CHECKING:
    from logbook_schemas.records.findings import Finding
    from logbook_schemas.records.judgements import FindingChange, JudgeDocument, JudgedRun, SuggestionChange

__all__ = ["judgement_view"]

_LONGEST = 100
_MOST = 20
"""Runs whose findings are told one by one; of more than these they are counted by rule."""

_TOLD = (
    "severity",
    "epoch",
    "message",
    "measured",
    "expected",
    "remedy",
    "change",
    "ignored",
    "settings",
    "rule_version",
)
"""Fields of a finding whose change is told, with both values where they are short."""
_SHORT = ("severity", "epoch", "ignored", "settings", "rule_version")


def judgement_view(document: JudgeDocument, *, ink: Ink) -> str:
    """Return the runs whose findings differ, a line a finding, and how many there are of each; many runs by rule."""
    lines = [line for run in document.runs[:_MOST] for line in _run(run, ink)]
    if len(document.runs) > _MOST:
        lines += [f"and {len(document.runs) - _MOST:,} runs more; of all these, by rule (--json tells each):"]
        lines += _by_rule(document.runs, ink)
    return "\n".join([*lines, _total(document)])


def _by_rule(runs: Sequence[JudgedRun], ink: Ink) -> list[str]:
    """Return a table of the rules whose findings differ, those of most runs first."""
    counts: dict[str, Counter[str]] = {}
    for run in runs:
        told = [("new", run.new), ("changed", [change.after for change in run.changed]), ("gone", run.gone)]
        for what, findings in told:
            for finding in findings:
                counts.setdefault(f"{finding.code} {finding.name}", Counter())[what] += 1
    rows = sorted(counts.items(), key=lambda pair: (-pair[1].total(), pair[0]))
    return render_text(
        table_of(
            ("rule", "new", "changed", "gone"),
            [(rule, *(count[what] or None for what in ("new", "changed", "gone"))) for rule, count in rows],
        ),
        ink=ink,
    ).split("\n")


def _run(run: JudgedRun, ink: Ink) -> Iterator[str]:
    head = f"{ink.paint(run.id, 'bold')} {clean(run.words)}  {clean(run.name)}@{run.version}"
    if run.skipped:
        yield f"{head}  skipped: {clean(run.skipped)}"
        return
    yield head
    for finding in run.new:
        yield _line("new", finding, clean(finding.message), ink)
    for change in run.changed:
        yield _line("changed", change.after, _difference(change), ink)
    for finding in run.gone:
        yield _line("gone", finding, clean(finding.message), ink)
    if run.suggestion is not None:
        yield _suggestion(run.suggestion)


def _line(what: str, finding: Finding, text: str, ink: Ink) -> str:
    severity = ink.paint(finding.severity, *SEVERITY_STYLES[finding.severity])
    where = f" at {clean(finding.where)}" if finding.where else ""
    epoch = f" in epoch {finding.epoch}" if finding.epoch is not None else ""
    return f"  {what:<8}{severity} {finding.code} {clean(finding.name)}{where}{epoch}: {cut(text, _LONGEST)}"


def _suggestion(change: SuggestionChange) -> str:
    told = change.after or change.before
    if told is None:
        return ""
    taken_back = "" if change.after else " taken back"
    return f"  outcome {told.outcome}?{taken_back}: {cut(clean(told.reason), _LONGEST)}"


def _difference(change: FindingChange) -> str:
    """Return which parts of a finding changed: short ones with both values, of the rest that they did."""
    before: Mapping[str, Any] = change.before.model_dump(mode="json")
    after: Mapping[str, Any] = change.after.model_dump(mode="json")
    parts = []
    for name in _TOLD:
        if before[name] != after[name]:
            values = f" {show_value(before[name])} → {show_value(after[name])}" if name in _SHORT else ""
            parts.append(f"{name.replace('_', ' ')}{values}")
    return ", ".join(parts) or "its explanation"


def _total(document: JudgeDocument) -> str:
    judged = f"{document.judged} run{'' if document.judged == 1 else 's'} judged"
    skipped = f", {document.skipped} skipped" if document.skipped else ""
    dry_run = " (dry run: nothing was recorded)" if document.dry_run else ""
    suggestions = f"{_outcomes(document.suggested, 'suggested')}{_outcomes(document.taken_back, 'taken back')}"
    if not (document.new or document.changed or document.gone):
        same = f"{document.same} finding{'' if document.same == 1 else 's'} as before"
        if suggestions:
            return f"{judged}{skipped}: {same}{suggestions}{dry_run}"
        return f"{judged}{skipped}: nothing new; {same}"
    counts = f"{document.new} new, {document.changed} changed, {document.gone} gone, {document.same} as before"
    return f"{judged}{skipped}: {counts}{suggestions}{dry_run}"


def _outcomes(count: int, what: str) -> str:
    return f", {count} outcome{'' if count == 1 else 's'} {what}" if count else ""
