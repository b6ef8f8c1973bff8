"""`logbook rule`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from logbook.errors import UsageError
from logbook_cli import options
from logbook_cli.output import emit, emit_json, emit_table, is_coloured

__all__ = ["rule"]


def rule(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[RULE]", help="Name or code; none lists all rules.", show_default=False),
    ] = None,
    topic: Annotated[
        str | None, typer.Option("--topic", metavar="TOPIC", help="List one topic: data, or its letter, D.")
    ] = None,
    moment: Annotated[
        str | None,
        typer.Option("--moment", metavar="MOMENT", help="List one moment: config, data, start, epoch or end."),
    ] = None,
    as_json: options.AsJson = False,
    logbook: options.Logbook = None,
) -> None:
    """Explain a rule: why, how it is measured, the remedy, the source, and how often it was right here."""
    from logbook.history.documents import rule_document

    if name is None:
        _list_rules(topic, moment, as_json=as_json)
        return
    if topic is not None or moment is not None:
        raise UsageError("--topic and --moment are for the list of rules; leave them out to explain one")
    from logbook.answers import explain_rule
    from logbook_cli.views.rules import rule_view
    from logbook_cli.views.text import Ink

    answer = explain_rule(name, logbook=logbook)
    if as_json:
        emit_json({**rule_document(answer.rule), "statistics": answer.statistics})
    else:
        emit(rule_view(answer.rule, answer.statistics, ink=Ink(is_coloured(sys.stdout))))


def _list_rules(topic: str | None, moment: str | None, *, as_json: bool) -> None:
    from logbook.answers import list_rules
    from logbook.history.documents import rule_document
    from logbook_cli.views.rules import rules_table

    rules = list_rules(topic=topic, moment=moment)
    if as_json:
        emit_json({"rules": [rule_document(one) for one in rules]})
    else:
        emit_table(rules_table(rules))
