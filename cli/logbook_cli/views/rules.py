"""The checklist: all rules in a table, or one of them explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    """Return a rule's documentation, which says why and whence, and how it has fared in this logbook."""
    head = (
        f"{ink.paint(f'{rule.code} {rule.name}', 'bold')}"
        f"  {ink.paint(rule.severity, *SEVERITY_STYLES[rule.severity])}, judged at the {rule.moment} moment"
    )
    parts = [head, clean_block(rule.doc.strip())]
    if rule.explains:
        parts.append(f"Explains: {', '.join(rule.explains)}")
    parts.append(_fared(statistics))
    return "\n\n".join(parts)


def _fared(statistics: Mapping[str, Any]) -> str:
    fired = statistics.get("fired", 0)
    if not fired:
        return "In this logbook: never fired."
    times = "once" if fired == 1 else f"{fired} times"
    outcomes = statistics.get("outcomes") or {}
    told = ", ".join(f"{count} {clean(outcome)}" for outcome, count in outcomes.items()) or "none was given an outcome"
    return f"In this logbook: fired {times}, ignored {statistics.get('ignored', 0)}; of those runs: {told}."
