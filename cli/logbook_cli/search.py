"""`logbook search`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from logbook.errors import UsageError
from logbook_cli import options
from logbook_cli.output import emit_json, emit_table, remark

if TYPE_CHECKING:
    from logbook.answers import RunList

__all__ = ["search"]

_MOST = 50
"""Runs in a table for people; a program that asks for JSON or CSV gets them all."""


def search(
    query: Annotated[
        list[str] | None, typer.Argument(metavar="QUERY", help="What to look for.", show_default=False)
    ] = None,
    sort: Annotated[str | None, typer.Option("--sort", help="A field to sort by, such as val_loss.best.")] = None,
    columns: options.Columns = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="How many; 50 in a table for people.")] = None,
    show_all: Annotated[bool, typer.Option("--all", help="Every run that matches.")] = False,
    save: Annotated[
        str | None, typer.Option("--save", metavar="NAME", help="Keep the query: 'logbook search @NAME' asks it.")
    ] = None,
    saved: Annotated[str | None, typer.Option("--saved", metavar="NAME", help="The same as @NAME.")] = None,
    forget: Annotated[str | None, typer.Option("--forget", metavar="NAME", help="Take a saved search back.")] = None,
    show_saved: Annotated[bool, typer.Option("--list", help="List the searches that are saved.")] = False,
    as_json: options.AsJson = False,
    as_csv: options.AsCsv = False,
    as_markdown: options.AsMarkdown = False,
    logbook: options.Logbook = None,
) -> None:
    """Find runs by what is recorded of them: the most relevant first for words alone, else the newest.

    Terms are joined by and; or, not and parentheses work. A term is FIELD OP VALUE, such as lr<1e-3,
    optimizer.kind=adam, val_loss.best<0.1, val_loss@10>2, status:diverged, outcome:dead-end,
    rule:exploding-gradients or age>4w; anything else is looked for in names, notes, findings and errors.
    A search for outcome:dead-end groups its table by cause; outcome_by:person leaves out what is only suggested.
    Quote the query:

    logbook search 'lr<1e-3 not outcome:dead-end "exploded"' --columns lr,val_loss,outcome
    """
    from logbook.searching import forget_search, save_search, search_runs

    options.check_one_form(as_json=as_json, as_csv=as_csv, as_markdown=as_markdown)
    form = {"as_json": as_json, "as_csv": as_csv, "as_markdown": as_markdown}
    asked = " ".join([*([f"@{saved}"] if saved else []), *(query or [])])
    _check_one_task(save=save, forget=forget, show_saved=show_saved, query=asked)
    if limit is not None and show_all:
        raise UsageError("--limit and --all exclude each other; give one")
    if show_saved:
        _tell_searches(logbook, **form)
    elif forget is not None:
        forget_search(forget, logbook=logbook)
        remark(f"@{forget} is forgotten")
        if as_json:
            _tell_searches(logbook, **form)
    elif save is not None:
        found = save_search(save, asked, sort=sort, columns=columns, logbook=logbook)
        _tell_runs(found, 50, **form)
        remark(f"saved: 'logbook search @{save}' asks it again")
    else:
        most = None if show_all else limit or (None if any(form.values()) else _MOST)
        _tell_runs(search_runs(asked, logbook=logbook, sort=sort, limit=most, columns=columns), most, **form)


def _check_one_task(*, save: str | None, forget: str | None, show_saved: bool, query: str) -> None:
    tasks = {"--save": save is not None, "--forget": forget is not None, "--list": show_saved}
    given = [name for name, wanted in tasks.items() if wanted]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} exclude each other; give one")
    if given and given != ["--save"] and query:
        raise UsageError(f"{given[0]} takes no query, got {query!r}")


def _tell_runs(found: RunList, most: int | None, *, as_json: bool, as_csv: bool, as_markdown: bool) -> None:
    from logbook_cli.views.runs import dead_ends_table, found_table
    from logbook_cli.views.text import clean

    if as_json:
        from logbook.history.documents import found_lines

        emit_json({"runs": found_lines(found)})
    elif found.runs or as_csv or as_markdown:
        by_cause = found.asks_for_dead_ends and not found.columns
        table = (
            dead_ends_table(found.runs, is_for_people=not (as_csv or as_markdown)) if by_cause else found_table(found)
        )
        emit_table(table, as_csv=as_csv, as_markdown=as_markdown)
    else:
        remark("no run matches")
    for line in found.remarks:
        remark(clean(line))
    if found.has_more:
        remark(f"the first {most}; --all shows every run that matches")


def _tell_searches(logbook: str | None, *, as_json: bool, as_csv: bool, as_markdown: bool) -> None:
    from logbook.searching import list_searches
    from logbook_cli.views.runs import searches_table

    searches = list_searches(logbook=logbook)
    if as_json:
        emit_json({"saved": searches})
    elif searches or as_csv or as_markdown:
        emit_table(searches_table(searches), as_csv=as_csv, as_markdown=as_markdown)
    else:
        remark("no search is saved; --save NAME keeps one")
