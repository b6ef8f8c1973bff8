"""What holds for every input, whoever makes it up: hypothesis, atheris or a file of the corpus.

A function takes an input and returns whether it meant something; it raises where what is promised doesn't hold.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from logbook.configs import validated
from logbook.errors import ConfigError, UsageError
from logbook.store.reader import Reader
from logbook.store.search.language import parse_query
from logbook_schemas.checklist.catalogue import judge_moment
from logbook_schemas.checklist.rule import Evidence
from logbook_schemas.config.identity import flatten, freeze, thaw
from logbook_schemas.config.run import RunConfig
from logbook_schemas.reading import ReadingError, read_json

__all__ = ["CORPUS", "config_holds", "search_holds"]

CORPUS = Path(__file__).parent / "corpus"
NAME = "c.json"
_LINE_END = re.compile(r"\r\n|\n|\r")


def config_holds(source: bytes) -> bool:
    """A config is read, validated, frozen and judged; or there is a ConfigError whose places lie in the file."""
    try:
        document = read_json(source, name=NAME)
    except ReadingError as error:
        for problem in error.problems:
            _lies_in(source, problem.line, problem.column)
        return False
    again = read_json(json.dumps(document.value, allow_nan=False, ensure_ascii=False), name=NAME)
    assert repr(again.value) == repr(document.value), "what was read is not what it says"
    try:
        config = validated(document, (), default_name="fuzz")
    except ConfigError as error:
        _names_places(source, error.problems)
        return False
    frozen = freeze(config)
    assert freeze(thaw(frozen.body)) == frozen, "a frozen config doesn't come back as it was"
    list(flatten(json.loads(frozen.body)))
    if isinstance(config, RunConfig):
        judge_moment(Evidence(config=config), "config")
    return True


def search_holds(reader: Reader, text: str) -> bool:
    """A query finds some runs, and its opposite all others; or there is a UsageError with the caret under the query.

    As a field to sort by or to show it is one, or a UsageError.
    """
    for asked in (lambda: reader.search("id>0", sort=text), lambda: reader.columns([1, 2, 3], text)):
        with suppress(UsageError):
            asked()
    try:
        parse_query(text)
    except UsageError as error:
        _points_into(str(error))
        return False
    try:
        found = [run.number for run in reader.search(text)]
    except UsageError as error:
        _points_into(str(error))
        return False
    except sqlite3.Error as error:
        raise AssertionError(f"SQLite says: {error}") from error
    everything = {run.number for run in reader.runs()}
    assert len(set(found)) == len(found)
    assert set(found) <= everything
    try:
        others = {run.number for run in reader.search(f"not ({text})")}
    except UsageError:  # deeper or longer by a little than may be
        return True
    assert set(found) ^ others == everything, "a run either matches or it doesn't"
    return True


def _names_places(source: bytes, problems: Sequence[str]) -> None:
    assert problems, "no problem is named"
    for text in problems:
        found = re.match(rf"{NAME}:(\d+):(\d+): ", text)
        assert found, f"no place: {text}"
        _lies_in(source, int(found[1]), int(found[2]))


def _lies_in(source: bytes, line: int | None, column: int | None) -> None:
    assert line is not None, "no line"
    assert column is not None, "no column"
    lines = _LINE_END.split(source.decode("utf-8", "replace").removeprefix("\ufeff"))
    assert 1 <= line <= len(lines), f"line {line} of {len(lines)}"
    assert 1 <= column <= len(lines[line - 1]) + 1, f"column {column} of {len(lines[line - 1])} on line {line}"


def _points_into(message: str) -> None:
    """Where a message shows the query, the caret stands below it or right behind its end."""
    lines = message.split("\n")
    carets = [place for place, line in enumerate(lines) if place and line.strip() == "^"]
    for place in carets:
        assert lines[place].index("^") <= len(lines[place - 1]), message
