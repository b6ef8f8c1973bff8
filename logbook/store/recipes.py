"""Where the recipes of the past lie (see `config.places`): derived, one row a version, read whole.

A row is packed: a number for each setting, from `recipe_setting`, and its place. Reading 100,000 of them takes a
fraction of the time that their leaves in `config_leaf`, a row each, would.
"""

from __future__ import annotations

import sqlite3
import struct
from typing import NamedTuple

from logbook.store import statements
from logbook.store.payloads import refusing_damage
from logbook_schemas.config.identity import recipe
from logbook_schemas.config.places import places

__all__ = ["CHUNK", "PLACE", "KnownRecipes", "RecipeChunk", "add_places", "read_recipes", "rebuild_recipes"]

PLACE = struct.Struct("<id")
"""One setting of a packed row: its number, its place."""


CHUNK = 2_000
"""Recipes that are read and looked at together: what they take fits into a processor's cache."""


class RecipeChunk(NamedTuple):
    """Some recipes, packed behind each other; `sizes` are the bytes of each."""

    versions: tuple[int, ...]
    sizes: tuple[int, ...]
    packed: bytes


class KnownRecipes(NamedTuple):
    """The recipes of all versions, and the number that each setting has in them."""

    settings: dict[str, int]
    chunks: list[RecipeChunk]


def add_places(raw: sqlite3.Connection, version_id: int, body: bytes) -> None:
    """Write where the recipe of a version lies; `body` is its frozen config."""
    packed = b"".join(PLACE.pack(_setting_id(raw, setting), place) for setting, place in places(recipe(body)).items())
    raw.execute(statements.INSERT["recipe_place"], (version_id, packed))


def rebuild_recipes(raw: sqlite3.Connection, bodies: str = statements.VERSION_BODIES) -> None:
    """Write the places of every version anew; the tables are empty. A config that can't be read has none.

    `bodies` selects each version with its config; a migration has its own, since tables change after it.
    """
    for version_id, body in raw.execute(bodies).fetchall():
        try:
            add_places(raw, version_id, body.encode())
        except (ValueError, TypeError, KeyError, AttributeError):
            continue  # of a later release, or damaged: `fsck` says so


@refusing_damage("recipe")
def read_recipes(raw: sqlite3.Connection) -> KnownRecipes:
    """Return where every recipe lies."""
    cursor, chunks = raw.execute(statements.ALL_PLACES), []
    while rows := cursor.fetchmany(CHUNK):
        versions, packed = zip(*rows, strict=True)
        chunks.append(RecipeChunk(versions, tuple(map(len, packed)), b"".join(packed)))
    return KnownRecipes(dict(raw.execute(statements.ALL_SETTINGS)), chunks)


def _setting_id(raw: sqlite3.Connection, setting: str) -> int:
    row = raw.execute(statements.SETTING_ID, (setting,)).fetchone()
    if row is not None:
        return int(row[0])
    return int(raw.execute(statements.INSERT["recipe_setting"], (setting,)).lastrowid or 0)
