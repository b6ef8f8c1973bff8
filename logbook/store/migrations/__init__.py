"""Makes and upgrades the file, each in one transaction; imported only when one of the two is due.

A new file is made under another name and renamed when it is whole, so that a `logbook.db` is never half made.
Alembic runs from here, without an ini file; `env.py` is the script that it asks for.
"""

from __future__ import annotations

import filecmp
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, NullPool, create_engine, event

from logbook.store.definitions import Definition, definitions
from logbook.store.migrations.triggers import set_triggers
from logbook.store.schema import APPLICATION_ID, SCHEMA_VERSION

__all__ = ["create", "new_definitions", "upgrade"]


def create(path: Path) -> None:
    """Make a new, empty logbook file; the caller holds the write lock and knows that there is none."""
    new = path.with_name(path.name + ".new")
    for leftover in (new, new.with_name(new.name + "-journal")):
        leftover.unlink(missing_ok=True)
    os.close(os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    _migrate(new)
    new.rename(path)
    _sync_folder(path.parent)


def upgrade(path: Path) -> Path:
    """Bring an older file to today's tables and return the copy that was made before; the caller holds the lock."""
    copy = _back_up(path, path.with_name(f"{path.name}.before-version-{SCHEMA_VERSION}"))
    _migrate(path)
    return copy


def new_definitions() -> list[Definition]:
    """Return the definitions that a file of this release has."""
    with _migrated(":memory:") as raw:
        return definitions(raw)


def _back_up(path: Path, copy: Path) -> Path:
    """Copy a file and return the copy; one that an upgrade left before is taken only where it is the same."""
    part = copy.with_name(copy.name + ".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(part)) as target:
        source.backup(target)
    free, number = copy, 1
    while free.exists():
        if filecmp.cmp(free, part, shallow=False):  # of an upgrade that was killed
            part.unlink()
            return free
        number += 1
        free = copy.with_name(f"{copy.name}-{number}")
    part.rename(free)
    _sync_folder(path.parent)
    return free


def _migrate(path: Path) -> None:
    with _migrated(path):
        pass


@contextmanager
def _migrated(path: Path | str) -> Iterator[sqlite3.Connection]:
    """Run what is due in one transaction: a crash in the middle leaves the file as it was."""
    engine = create_engine("sqlite://", creator=lambda: _connect(path), poolclass=NullPool)
    # The DB-API would begin only before INSERT, UPDATE and DELETE: half a schema could stay behind.
    event.listen(engine, "begin", _begin)
    try:
        with engine.begin() as connection:
            # Put back at the end: until then nothing but the migrations themselves changes a row.
            for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
                connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
            _run_alembic(connection)
            raw = connection.connection.driver_connection
            if not isinstance(raw, sqlite3.Connection):
                raise TypeError(f"expected a sqlite3 connection, got {type(raw)}")
            set_triggers(raw)
            raw.execute(f"PRAGMA application_id={APPLICATION_ID}")
            raw.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
            yield raw
    finally:
        engine.dispose()


def _connect(path: Path | str) -> sqlite3.Connection:
    raw = sqlite3.connect(path, isolation_level=None)
    # As the store's other connections have it: what triggers and views in the file may call is nothing but harmless.
    raw.execute("PRAGMA trusted_schema=OFF")
    return raw


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _run_alembic(connection: Connection) -> None:
    config = Config()
    # The config parser reads a per cent sign as the beginning of a reference.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
