"""The rows that a run stands on: blobs, its config leaf by leaf, and its version; each is stored once and shared."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Mapping

from pydantic import JsonValue

from logbook.errors import NotFoundError
from logbook.store import statements
from logbook.store.identifiers import utc_now
from logbook.store.inserting import insert
from logbook.store.recipes import add_places
from logbook.store.schema import ROW_FORMAT
from logbook_schemas.config.identity import AnyConfig, Frozen, flatten

__all__ = ["PackedBlob", "add_blobs", "add_config", "add_version", "leaf_columns", "pack_blobs"]

PackedBlob = tuple[str, str, int, bytes]
"""A row of `blob`: hash, codec, size uncompressed, body."""


def pack_blobs(raw: sqlite3.Connection, blobs: Mapping[str, bytes]) -> list[PackedBlob]:
    """Compress the blobs that aren't stored yet; done before a transaction, which must not wait for computation."""
    return [
        _pack(name, content)
        for name, content in blobs.items()
        if raw.execute(statements.BLOB_STANDS, (name,)).fetchone() is None
    ]


def add_blobs(raw: sqlite3.Connection, packed: list[PackedBlob]) -> None:
    """Store blobs, except those that another process has stored meanwhile."""
    for blob in packed:
        if raw.execute(statements.BLOB_STANDS, blob[:1]).fetchone() is None:
            raw.execute(statements.INSERT["blob"], blob)


def add_config(raw: sqlite3.Connection, config: AnyConfig, frozen: Frozen) -> int:
    """Store a config with its leaves, unless it is there already; returns its row."""
    row = raw.execute(statements.CONFIG_ID, (frozen.config_hash,)).fetchone()
    if row is not None:
        return int(row[0])
    kind = "own" if getattr(config, "kind", "run") == "own" else "run"
    body = frozen.body.decode()
    values = (frozen.config_hash, kind, config.format, body, utc_now(), ROW_FORMAT)
    config_id = insert(raw, "config", values)
    leaves = [(config_id, _path_id(raw, path), *leaf_columns(leaf)) for path, leaf in flatten(json.loads(body))]
    raw.executemany(statements.INSERT["config_leaf"], leaves)
    return config_id


def add_version(
    raw: sqlite3.Connection, name: str, frozen: Frozen, *, config_id: int, parent: tuple[str, int] | None
) -> int:
    """Return the version of a recipe under a name, adding the next one where the recipe is new to that name.

    Its parent is the one given, else the newest of the name; NotFoundError where the one given isn't there.
    """
    recipe_hash = frozen.recipe_hash
    row = raw.execute(statements.VERSION_OF_RECIPE, (name, recipe_hash)).fetchone()
    if row is not None:
        return int(row[0])
    newest_id, newest = raw.execute(statements.NEWEST_VERSION, (name,)).fetchone() or (None, 0)
    parent_id = newest_id if parent is None else _version_id(raw, *parent)
    values = (name, newest + 1, recipe_hash, config_id, parent_id, utc_now(), ROW_FORMAT)
    version_id = insert(raw, "version", values)
    add_places(raw, version_id, frozen.body)
    return version_id


def leaf_columns(leaf: JsonValue) -> tuple[str, float | None, str | None]:
    """Return `(kind, num, txt)` of a config leaf."""
    match leaf:
        case None:
            return "null", None, None
        case bool():
            return str(leaf).lower(), None, None
        case int() | float():
            return "number", float(leaf), None
        case str():
            return "text", None, leaf
        case _:
            return "json", None, json.dumps(leaf, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _pack(name: str, content: bytes) -> PackedBlob:
    found = hashlib.sha256(content).hexdigest()
    if found != name:
        raise ValueError(f"a blob is to be stored as {name}, but its content hashes to {found}")
    packed = zlib.compress(content)
    if len(packed) < len(content):
        return name, "zlib", len(content), packed
    return name, "raw", len(content), content


def _path_id(raw: sqlite3.Connection, path: str) -> int:
    row = raw.execute(statements.PATH_ID, (path,)).fetchone()
    return int(row[0]) if row is not None else insert(raw, "config_path", (path,))


def _version_id(raw: sqlite3.Connection, name: str, number: int) -> int:
    row = raw.execute(statements.VERSION_ID, (name, number)).fetchone()
    if row is None:
        raise NotFoundError(f"no version {name}@{number} to derive from; `logbook log {name}` lists the versions")
    return int(row[0])
