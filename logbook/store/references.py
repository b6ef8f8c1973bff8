"""What people call a run, resolved to its number.

    r42, 42          this store's number             @, @-1         the newest, the one before it
    amber-heron      its two words                   digits-mlp     the newest run of a name
    018f3c…          its UUID, or its beginning      digits-mlp@3   the newest run of a version
    9b1c07…          its config's hash, from 6 on    best:digits-mlp  the best by the monitored metric

The first reading that hits a run counts, in this order: number, words, name, UUID, config hash.
"""

from __future__ import annotations

import re
import sqlite3
from difflib import get_close_matches

from logbook.errors import NotFoundError, UsageError
from logbook.store import queries

__all__ = ["resolve", "whole_config_hash"]

_SHORTEST_PREFIX = 6
_LARGEST_NUMBER = 2**63 - 1


def resolve(raw: sqlite3.Connection, reference: str) -> int:
    """Return the number of the run that a reference means.

    Raises NotFoundError, with the nearest name, where there is none; UsageError where it means several.
    """
    text = reference.strip()
    for reading in (_recent, _number, _best, _version, _named, _by_uuid, _by_config):
        number = reading(raw, text)
        if number is not None:
            return number
    raise _not_found(raw, text)


def whole_config_hash(raw: sqlite3.Connection, beginning: str) -> str:
    """Return the config hash that begins so; NotFoundError where there is none, UsageError where there are several."""
    found = _configs_from(raw, beginning)
    if not found:
        raise NotFoundError(f"no config {beginning} in this logbook; `logbook show RUN` prints a run's config hash")
    return found


def _recent(raw: sqlite3.Connection, text: str) -> int | None:
    match = re.fullmatch(r"@(?:-(\d{1,9}))?", text)
    return _one(raw, queries.NTH_NEWEST, int(match[1] or 0)) if match else None


def _number(raw: sqlite3.Connection, text: str) -> int | None:
    match = re.fullmatch(r"[rR]?([0-9]{1,19})", text)
    if match is None or int(match[1]) > _LARGEST_NUMBER:
        return None
    return _one(raw, queries.RUN_STANDS, int(match[1]))


def _best(raw: sqlite3.Connection, text: str) -> int | None:
    return _one(raw, queries.BEST_OF_NAME, text[5:]) if text.startswith("best:") else None


def _version(raw: sqlite3.Connection, text: str) -> int | None:
    match = re.fullmatch(r"([^@]+)@([0-9]{1,9})", text)
    return _one(raw, queries.NEWEST_OF_VERSION, match[1], int(match[2])) if match else None


def _named(raw: sqlite3.Connection, text: str) -> int | None:
    by_words = _one(raw, queries.RUN_OF_WORDS, text.lower())
    return by_words if by_words is not None else _one(raw, queries.NEWEST_OF_NAME, text)


def _by_uuid(raw: sqlite3.Connection, text: str) -> int | None:
    if len(text) < _SHORTEST_PREFIX or not re.fullmatch(r"[0-9a-fA-F-]{1,36}", text):
        return None
    beginning = text.lower()
    found = [int(row[0]) for row in raw.execute(queries.UUIDS_FROM, (beginning, beginning + "g"))]
    if len(found) > 1:
        raise UsageError(f"{text} is the beginning of several runs' UUIDs ({_listed(found)}); type more of it")
    return found[0] if found else None


def _by_config(raw: sqlite3.Connection, text: str) -> int | None:
    found = _configs_from(raw, text)
    return _one(raw, queries.NEWEST_OF_CONFIG, found) if found else None


def _configs_from(raw: sqlite3.Connection, text: str) -> str | None:
    if not re.fullmatch(rf"[0-9a-fA-F]{{{_SHORTEST_PREFIX},64}}", text):
        return None
    beginning = text.lower()
    found = [str(row[0]) for row in raw.execute(queries.CONFIGS_FROM, (beginning, beginning + "g"))]
    if len(found) > 1:
        shown = ", ".join(one[: len(text) + 4] for one in found)
        raise UsageError(f"{text} is the beginning of several configs' hashes ({shown}); type more of it")
    return found[0] if found else None


def _one(raw: sqlite3.Connection, statement: str, *parameters: object) -> int | None:
    row = raw.execute(statement, parameters).fetchone()
    return int(row[0]) if row is not None else None


def _not_found(raw: sqlite3.Connection, text: str) -> NotFoundError:
    (count,) = raw.execute(queries.COUNT_RUNS).fetchone()
    if count == 0:
        return NotFoundError(f"no run {text!r}: this logbook has no runs yet; `logbook run` records one")
    bare = text.removeprefix("best:").partition("@")[0]
    names = [str(row[0]) for statement in (queries.ALL_NAMES, queries.ALL_WORDS) for row in raw.execute(statement)]
    near = get_close_matches(bare, names, n=1)
    hint = f"did you mean {near[0]!r}? " if near and near[0] != bare else ""
    runs = "1 run" if count == 1 else f"{count:,} runs"
    return NotFoundError(f"no run {text!r}; {hint}`logbook ls` shows the {runs} there")


def _listed(numbers: list[int]) -> str:
    return ", ".join(f"r{number}" for number in numbers[:3]) + (", …" if len(numbers) > 3 else "")
