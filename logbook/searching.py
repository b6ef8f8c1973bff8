"""Searches as a person asks them: a query or the name of one, the columns to show, and the words that match."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logbook.answers import RunList, run_list
from logbook.errors import NotFoundError, UsageError
from logbook.journal import author
from logbook.store import locate, open_reader, open_writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logbook.store.reader import Reader
    from logbook.store.sql import SqlAnswer
    from logbook_schemas.records.searches import SavedSearch

__all__ = ["forget_search", "found_numbers", "list_searches", "query_sql", "save_search", "search_runs"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def search_runs(
    query: str,
    *,
    logbook: str | None = None,
    sort: str | None = None,
    limit: int | None = None,
    columns: str | None = None,
) -> RunList:
    """Return the runs that a query matches: sorted, or the most relevant of a text first, or the newest.

    `@NAME` in a query stands for the one that was saved under that name; `sort` and `columns`, where none are given,
    are those that were saved with the first that is named.
    """
    from logbook.store.search.language import requires

    if limit is not None and limit < 0:
        raise UsageError(f"the limit must be 0 or more, got {limit}")
    with open_reader(locate(logbook)) as reader:
        asked = _unfolded(reader, query)
        sort = asked.sort or None if sort is None else sort
        columns = asked.columns or None if columns is None else columns
        runs = reader.search(asked.query, sort=sort, limit=None if limit is None else limit + 1)
        found = run_list(runs, limit, reader.folder)
        if not runs:
            return found._replace(remarks=reader.unmatched(asked.query), columns=_names(reader, columns))
        words = reader.matching_words(asked.query, [run.number for run in found.runs])
        found = found._replace(matches=words, asks_for_dead_ends=requires(asked.query, "outcome", "dead-end"))
        if columns is None:
            return found
        names, cells = reader.columns([run.number for run in found.runs], columns)
        return found._replace(columns=names, cells=tuple(cells))


def found_numbers(reader: Reader, *, query: str | None = None, run: str | None = None) -> list[int]:
    """Return the numbers of the runs that a query matches, of the one run that is named, or of all; oldest first."""
    if run is not None and query is not None:
        raise UsageError("a run and a query exclude each other; give one")
    if run is not None:
        return [reader.resolve(run)]
    runs = reader.runs() if query is None else reader.search(_unfolded(reader, query).query)
    return sorted(one.number for one in runs)


def save_search(
    name: str, query: str, *, sort: str | None = None, columns: str | None = None, logbook: str | None = None
) -> RunList:
    """Keep a query under a name and return the runs that it finds now; UsageError for one that can't be meant."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"a search can't be saved as {name!r}: a letter or digit first, then up to 99 letters, digits or ._-"
        )
    with open_reader(locate(logbook)) as reader:
        asked = _unfolded(reader, query)
        sort, columns = sort or asked.sort, columns or asked.columns
    found = search_runs(asked.query, logbook=logbook, sort=sort or None, limit=50, columns=columns or None)
    _write(name, logbook, query=asked.query, sort=sort, columns=columns)
    return found


def forget_search(name: str, *, logbook: str | None = None) -> None:
    """Take a saved search back; NotFoundError where there is none of that name."""
    with open_reader(locate(logbook)) as reader:
        _saved(reader, name, is_asked=False)
    _write(name, logbook, query="", sort="", columns="")


def list_searches(*, logbook: str | None = None) -> Sequence[SavedSearch]:
    """Return the searches that are saved, by name."""
    with open_reader(locate(logbook)) as reader:
        return reader.saved_searches()


def query_sql(statement: str, *, logbook: str | None = None) -> SqlAnswer:
    """Return what a SELECT over the documented views yields; UsageError for whatever is no such thing."""
    from logbook.store.sql import run_sql

    with open_reader(locate(logbook)) as reader:
        return run_sql(reader, statement)


def _unfolded(reader: Reader, query: str) -> SavedSearch:
    """Return a query in which the names of saved ones have been replaced by what they stand for.

    Its order and columns are those of the first that it names.
    """
    from logbook.store.search.language import bare_words
    from logbook_schemas.records.searches import SavedSearch

    named = [word for word in bare_words(query) if re.fullmatch(r"@[^@]+", word.text)] if "@" in query else []
    saved = [_saved(reader, word.text[1:]) for word in named]
    if not saved:
        return SavedSearch.model_construct(name="", query=query)
    if query.strip() == named[0].text:
        return saved[0]
    for word, one in zip(reversed(named), reversed(saved), strict=True):
        query = f"{query[: word.place]}({one.query}){query[word.place + len(word.text) :]}"
    return saved[0].model_copy(update={"query": query.strip()})


def _saved(reader: Reader, name: str, *, is_asked: bool = True) -> SavedSearch:
    saved = {one.name: one for one in reader.saved_searches()}
    if name in saved:
        return saved[name]
    from logbook_schemas.reading import nearest

    near = nearest(name, saved)
    meant = f"did you mean @{near}?" if near else "'logbook search --list' shows those that are saved"
    quote = f"{'' if near else '.'} To look for the text, quote it: '\"@{name}\"'" if is_asked else ""
    raise NotFoundError(f"no search is saved as {name!r}; {meant}{quote}")


def _names(reader: Reader, columns: str | None) -> tuple[str, ...]:
    return () if columns is None else reader.columns([], columns)[0]


def _write(name: str, logbook: str | None, *, query: str, sort: str, columns: str) -> None:
    from logbook_schemas.records.searches import SavedSearch

    with open_writer(locate(logbook)) as writer:
        writer.save_search(SavedSearch(name=name, query=query, sort=sort, columns=columns, author=author()))
