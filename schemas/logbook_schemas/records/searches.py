"""Queries that people keep under a name, and what `--json` prints of them and of a person's own SQL."""

from __future__ import annotations

from pydantic import Field

from logbook_schemas.records.base import Record

__all__ = ["SavedSearch", "SavedSearchesDocument", "SqlDocument"]


class SavedSearch(Record):
    """A query kept under a name, with how its answer is sorted and shown."""

    name: str
    query: str = Field(description="in the language of docs/search.md; empty where the name was taken back")
    sort: str = ""
    columns: str = Field("", description="fields with commas between them")
    at: str = ""
    author: str = ""


class SavedSearchesDocument(Record):
    """`search --list --json`."""

    saved: tuple[SavedSearch, ...] = ()


class SqlDocument(Record):
    """`sql --json`: the names of the columns, and the rows, each as long as these."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | float | None, ...], ...]
