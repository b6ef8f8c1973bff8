"""The checklist: all rules in a table, or one of them explained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from logbook_cli.views.findings import SEVERITY_STYLES
from logbook_cli.views.table import Column, Table
from logbook_cli.views.text import Ink, clean, clean_block

if TYPE_CHECKING:
    from logbook_schemas.checklist.rule import Rule

__all__ = ["rule_view", "rules_table"]


def rules_table(rules: Sequence[Rule]) -> Table:
    """Return the rules with code, name, severity, moment and title."""
    columns = (
        Column(name="code", style=lambda _: ("bold",)),
        Column(name="name"),
        Column(name="severity", style=lambda cell: SEVERITY_STYLES.get(str(cell), ())),
        Column(name="moment"),
        Column(name="title", is_flexible=True),
    )
    return Table(columns, [(rule.code, rule.name, rule.severity, rule.moment, rule.title) for rule in rules])


def rule_view(rule: Rule, statistics: Mapping[str, Any], *, ink: Ink) -> str:
    """Return a rule's documentation, what it decides by and how to set that, and how it has fared in this logbook."""
    head = (
        f"{ink.paint(f'{rule.code} {rule.name}', 'bold')}"
        f"  {ink.paint(rule.severity, *SEVERITY_STYLES[rule.severity])}, judged at the {rule.moment} moment"
        f", version {rule.version}"
    )
    parts = [head, clean_block(rule.doc.strip()), "\n".join(_thresholds(rule)), "\n".join(_settings(rule))]
    if rule.explains:
        parts.append(f"Explains: {', '.join(rule.explains)}")
    parts.append(_fared(statistics))
    return "\n\n".join(part for part in parts if part)


def _thresholds(rule: Rule) -> Iterator[str]:
    if rule.thresholds:
        yield "Thresholds:"
    for name, threshold in rule.thresholds.items():
        yield f"  {name} = {threshold.value:g}: {clean(threshold.about)}"


def _settings(rule: Rule) -> Iterator[str]:
    yield "To set it in a config, or with --set:"
    for name, threshold in rule.thresholds.items():
        yield f"  checks.thresholds.{rule.code}.{name}={threshold.value:g}"
    yield f"  checks.severity.{rule.code}={'note' if rule.severity != 'note' else 'warning'}"
    yield f'  checks.ignore.{rule.code}="the reason, which is stored"'


def _fared(statistics: Mapping[str, Any]) -> str:
    fired = statistics.get("fired", 0)
    if not fired:
        return "In this logbook: never fired."
    runs = statistics["runs"]
    of_all = f"{fired} of {runs} run{'' if runs == 1 else 's'}"
    told = [
        f"In this logbook: fired in {of_all}, ignored in {statistics['ignored']}",
        f"those runs ended: {_counts(statistics['statuses'])}",
        f"their outcomes: {_counts(statistics['outcomes']) or 'none was given one'}",
        f"latest: {', '.join(statistics['latest'])}",
    ]
    return "\n  ".join(told)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {clean(name)}" for name, count in counts.items())
