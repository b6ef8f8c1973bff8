"""Findings as a person reads them: what was measured, what was expected, why it matters, what to change.

A cause is told at length, what follows from it in one line below it, and what is only worth knowing in a line each.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from logbook_cli.views.text import Ink, clean, show_number, show_value
from logbook_schemas.checklist.ranking import Cause, fold, rank
from logbook_schemas.checklist.sentence import as_option

if TYPE_CHECKING:
    from logbook_schemas.records.findings import Finding

__all__ = ["SEVERITY_STYLES", "findings_line", "findings_summary", "findings_view", "news_view"]

SEVERITY_STYLES = {"error": ("red", "bold"), "warning": ("yellow", "bold"), "note": ("cyan",)}
_WIDTH = 100
_INDENT = "    "
_MOST_PLACES = 3


def findings_view(
    findings: Sequence[Finding], *, ink: Ink, is_full: bool = True, with_notes: bool = True, unfolded: bool = False
) -> str:
    """Return the causes, the most probable first, each with its symptoms folded under it; then notes, a line each.

    `is_full` adds why and the source; `unfolded` tells every finding at length, in rank order.
    """
    if unfolded:
        return "\n".join(line for finding in rank(findings) for line in _paragraph(finding, ink, is_full=is_full))
    return "\n".join(line for cause in fold(findings) for line in _cause(cause, ink, is_full, with_notes))


def news_view(findings: Sequence[Finding], *, ink: Ink) -> str:
    """Return findings that have just come up, as they are marked: what follows from another one in one line."""
    lines: list[str] = []
    for finding in findings:
        lines += _paragraph(finding, ink, is_full=True) if finding.explained_by is None else [_line(finding, ink)]
    return "\n".join(lines)


def findings_line(findings: Sequence[Finding]) -> str:
    """Return the causes by name, each with what follows from it in brackets, and how many notes there are."""
    causes = [cause for cause in fold(findings) if cause.finding.ignored is None]
    told = [_name(cause) for cause in causes if cause.is_grave]
    notes = sum(not cause.is_grave for cause in causes)
    return "; ".join([*told, *([f"{notes} note{'' if notes == 1 else 's'}"] if notes else [])])


def findings_summary(findings: Sequence[Finding]) -> str:
    """Return how many of each severity there are: `1 error, 2 warnings`; ignored ones apart."""
    live = [finding for finding in findings if finding.ignored is None]
    parts = []
    for severity in SEVERITY_STYLES:
        count = sum(finding.severity == severity for finding in live)
        if count:
            parts.append(f"{count} {severity}{'' if count == 1 else 's'}")
    if len(live) < len(findings):
        parts.append(f"{len(findings) - len(live)} ignored")
    return ", ".join(parts) or "no findings"


def _cause(cause: Cause, ink: Ink, is_full: bool, with_notes: bool) -> Iterator[str]:
    finding = cause.finding
    if cause.is_grave or finding.ignored is not None:
        yield from _paragraph(finding, ink, is_full=is_full)
        yield from _wrapped("also", _also(cause))
    elif with_notes:
        yield _line(finding, ink)
        yield from _wrapped("also", _also(cause))


def _also(cause: Cause) -> str:
    """Return what is folded under a cause, rule by rule: `T102 stuck-loss (epoch 6), G201 dead-units at fc1, fc2`."""
    rules: dict[str, list[Finding]] = {}
    for symptom in cause.symptoms:
        rules.setdefault(symptom.code, []).append(symptom)
    parts = []
    for code, found in rules.items():
        name = "" if code == cause.finding.code else f"{code} {found[0].name}"
        epochs = [one.epoch for one in found if one.epoch is not None]
        epoch = f"(epoch {min(epochs)})" if epochs else ""
        parts.append(" ".join(part for part in (name, _places(found), epoch) if part))
    return ", ".join(parts)


def _places(found: Sequence[Finding]) -> str:
    """Return where some findings of one rule are: `at fc1, fc2 and 3 more`."""
    places = list(dict.fromkeys(one.where for one in found if one.where))
    if not places:
        return ""
    more = f" and {len(places) - _MOST_PLACES} more" if len(places) > _MOST_PLACES else ""
    return f"at {', '.join(places[:_MOST_PLACES])}{more}"


def _name(cause: Cause) -> str:
    names = dict.fromkeys(f"{one.code} {one.name}" for one in cause.symptoms if one.code != cause.finding.code)
    also = f" (also {', '.join(names)})" if names else ""
    return clean(f"{cause.finding.code} {cause.finding.name}{also}")


def _line(finding: Finding, ink: Ink) -> str:
    """Return a finding in one line."""
    cause = f" (probably a result of {clean(finding.explained_by)})" if finding.explained_by else ""
    return f"{_head(finding, ink)}: {clean(finding.message)}{ink.paint(cause, 'dim')}"


def _head(finding: Finding, ink: Ink) -> str:
    where = f" at {clean(finding.where)}" if finding.where else ""
    epoch = f" in epoch {finding.epoch}" if finding.epoch is not None else ""
    severity = ink.paint(finding.severity, *SEVERITY_STYLES[finding.severity])
    return f"{severity} {ink.paint(f'{finding.code} {clean(finding.name)}', 'bold')}{where}{epoch}"


def _paragraph(finding: Finding, ink: Ink, *, is_full: bool) -> Iterator[str]:
    if finding.ignored is not None:
        reason = f"(ignored: {clean(finding.ignored)})"
        yield ink.paint(f"{finding.severity} {finding.code} {finding.name} {reason}", "dim")
        return
    yield _head(finding, ink)
    yield from _wrapped("", finding.message)
    if finding.measured is not None or finding.expected:
        yield from _wrapped("measured", _measured(finding))
    if is_full and finding.why:
        yield from _wrapped("why", finding.why)
    if finding.remedy:
        yield from _wrapped("try", finding.remedy)
    for path, value in finding.change.items():
        yield f"{_INDENT}  {clean(as_option(path, value))}"
    if finding.settings:
        chosen = ", ".join(f"{name} {show_value(value)}" for name, value in finding.settings.items())
        yield from _wrapped("set by the config's checks", chosen.replace('"', ""))
    if is_full and finding.source:
        yield ink.paint(f"{_INDENT}source: {clean(finding.source)}", "dim")
    if finding.explained_by:
        yield ink.paint(f"{_INDENT}probably a result of {clean(finding.explained_by)}", "dim")


def _measured(finding: Finding) -> str:
    value = finding.measured
    shown = show_number(value) if isinstance(value, float) else show_value(value) if value is not None else "nothing"
    return f"{shown}, expected {finding.expected}" if finding.expected else shown


def _wrapped(label: str, text: str) -> list[str]:
    if not text:
        return []
    start = f"{_INDENT}{label}: " if label else _INDENT
    return textwrap.wrap(clean(text), _WIDTH, initial_indent=start, subsequent_indent=_INDENT) or []
