"""Queries that people keep under a name, and what `--json` prints of them, of a person's own SQL and of an export."""

from __future__ import annotations

from pydantic import Field, JsonValue

from logbook_schemas.records.base import Record

__all__ = ["ExportDocument", "SavedSearch", "SavedSearchesDocument", "SqlDocument"]


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


class ExportDocument(Record):
    """What `export --json` prints: a table, row by row; numbers that aren't finite by name."""

    what: str = Field(description="runs, epochs, settings, findings or journal")
    rows: tuple[dict[str, JsonValue], ...]
