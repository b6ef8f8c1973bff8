"""Findings as a person reads them: what was measured, what was expected, why it matters, what to change."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from logbook_cli.views.text import Ink, clean, show_number, show_value

if TYPE_CHECKING:
    from logbook_schemas.records.findings import Finding

__all__ = ["SEVERITY_STYLES", "findings_summary", "findings_view"]

SEVERITY_STYLES = {"error": ("red", "bold"), "warning": ("yellow", "bold"), "note": ("cyan",)}
_WIDTH = 100
_INDENT = "    "


def findings_view(findings: Sequence[Finding], *, ink: Ink, is_full: bool = True) -> str:
    """Return findings in rank order, one paragraph each; `is_full` adds why and the source."""
    return "\n".join(line for finding in findings for line in _paragraph(finding, ink, is_full=is_full))


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


def _paragraph(finding: Finding, ink: Ink, *, is_full: bool) -> Iterator[str]:
    if finding.ignored is not None:
        reason = f"(ignored: {clean(finding.ignored)})"
        yield ink.paint(f"{finding.severity} {finding.code} {finding.name} {reason}", "dim")
        return
    where = f" at {clean(finding.where)}" if finding.where else ""
    epoch = f" in epoch {finding.epoch}" if finding.epoch is not None else ""
    head = ink.paint(finding.severity, *SEVERITY_STYLES[finding.severity])
    yield f"{head} {ink.paint(f'{finding.code} {clean(finding.name)}', 'bold')}{where}{epoch}"
    yield from _wrapped("", finding.message)
    if finding.measured is not None or finding.expected:
        yield from _wrapped("measured", _measured(finding))
    if is_full and finding.why:
        yield from _wrapped("why", finding.why)
    if finding.remedy:
        yield from _wrapped("try", finding.remedy)
    for path, value in finding.change.items():
        yield f"{_INDENT}  --set {clean(path)}={show_value(value)}"
    if is_full and finding.source:
        yield ink.paint(f"{_INDENT}source: {clean(finding.source)}", "dim")
    if finding.explained_by:
        yield ink.paint(f"{_INDENT}probably a result of {clean(finding.explained_by)}", "dim")


def _measured(finding: Finding) -> str:
    value = finding.measured
    shown = show_number(value) if isinstance(value, float) else show_value(value) if value is not None else "nothing"
    return f"{shown}, expected {finding.expected}" if finding.expected else shown


def _wrapped(label: str, text: str) -> list[str]:
    start = f"{_INDENT}{label}: " if label else _INDENT
    return textwrap.wrap(clean(text), _WIDTH, initial_indent=start, subsequent_indent=_INDENT) or []
