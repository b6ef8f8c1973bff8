"""`logbook sql`."""

from __future__ import annotations

from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.output import emit_json, emit_table, remark

__all__ = ["sql"]

_MOST = 1_000
"""Rows in a table for people; a program that asks for JSON, CSV or Markdown gets them all."""


def sql(
    statement: Annotated[str, typer.Argument(metavar="SELECT", help="One SELECT, in quotes.", show_default=False)],
    as_json: options.AsJson = False,
    as_csv: options.AsCsv = False,
    as_markdown: options.AsMarkdown = False,
    logbook: options.Logbook = None,
) -> None:
    """Read the logbook with SQL: one SELECT over runs, settings, metrics, epochs, epoch_metrics, findings, journal,
    attempts and versions. Nothing can be changed, and a statement is stopped after five seconds.

    logbook sql "select name, count(*), min(best) from runs where outcome is null group by name"

    docs/sql.md lists the columns.
    """
    from logbook.searching import query_sql
    from logbook_cli.views.table import table_of

    options.check_one_form(as_json=as_json, as_csv=as_csv, as_markdown=as_markdown)
    answer = query_sql(statement, logbook=logbook)
    if as_json:
        emit_json({"columns": answer.columns, "rows": answer.rows})
        return
    most = len(answer.rows) if as_csv or as_markdown else _MOST
    emit_table(table_of(answer.columns, answer.rows[:most]), as_csv=as_csv, as_markdown=as_markdown)
    if len(answer.rows) > most:
        remark(f"the first {most:,} of {len(answer.rows):,} rows; LIMIT and OFFSET ask for others, --csv for all")
