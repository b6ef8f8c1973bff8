"""Looks at a logbook's file before anything else does: is it ours, of which version, and is there one at all.

Two pragmas answer that in microseconds; Alembic and SQLModel are imported only where a file is to be made or upgraded.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from logbook.errors import StoreError
from logbook.store.acting import refuse_before_upgrade, refuse_foreign_views
from logbook.store.engine import connect_for_reading
from logbook.store.failures import translated
from logbook.store.location import database_path, is_there, lock_path, make_folder, no_logbook, refuse_link
from logbook.store.lock import WriteLock
from logbook.store.schema import APPLICATION_ID, SCHEMA_VERSION

__all__ = ["prepare_to_read", "prepare_to_write"]


def prepare_to_read(folder: Path) -> None:
    """Make sure that there is a logbook of today's version; an older one is upgraded.

    Raises NotFoundError where there is none, StoreError where the file is not ours, newer or damaged.
    """
    path = database_path(folder)
    if not is_there(path):
        raise no_logbook(folder)
    version = _version(path)
    if version < SCHEMA_VERSION:
        if not os.access(folder, os.W_OK):
            raise StoreError(
                f"the logbook {path} was made by an older release: its tables are version {version}, and are brought"
                f" to {SCHEMA_VERSION} before they are read; nothing can be written there. Copy the folder to a place"
                " where it can be upgraded, and give that with --logbook"
            )
        prepare_to_write(folder)
        _version(path)  # its views are known only now


def prepare_to_write(folder: Path) -> None:
    """Make sure that there is a logbook of today's version, making or upgrading it where it is due.

    Any number of processes may do this at once. Raises StoreError where the file is not ours, newer or damaged, and
    leaves it as it is.
    """
    path = database_path(folder)
    if is_there(path) and _version(path) == SCHEMA_VERSION:
        return
    make_folder(folder)
    lock = WriteLock(lock_path(folder))
    try:
        with lock, translated(path):
            _create_or_upgrade(path)
    finally:
        lock.close()


def _create_or_upgrade(path: Path) -> None:
    """Do what is still due: another process may have done it while this one waited for the lock."""
    version = _version(path) if path.exists() else None
    if version == SCHEMA_VERSION:
        return
    from sqlalchemy.exc import DBAPIError

    from logbook.store import migrations

    try:
        if version is None:
            migrations.create(path)
        else:
            migrations.upgrade(path)
    except DBAPIError as error:
        if version is not None and _is_about_tables(error.orig):
            raise StoreError(
                f"the logbook {path} can't be upgraded from version {version}: its tables are not those of that version"
                f" ({error.orig}). It is damaged, and as it was; restore a backup"
            ) from error
        # SQLAlchemy wraps what sqlite3 raised; the border translates the latter.
        raise error.orig or error from error
    except OSError as error:
        raise StoreError(f"can't make the logbook {path}: {error.strerror}; choose another with --logbook") from error


def _is_about_tables(error: BaseException | None) -> bool:
    """Say whether SQLite refused a statement of a migration, all of which fit the tables that they are made for."""
    codes = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT)
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF in codes


def _version(path: Path) -> int:
    """Return the version of the file's tables; StoreError for whatever is no logbook of ours."""
    _refuse_what_is_no_file(path)
    with translated(path), closing(connect_for_reading(path)) as connection:
        owner = _pragma(connection, "application_id")
        version = _pragma(connection, "user_version")
        made = _migrated(connection) if owner == APPLICATION_ID and version < SCHEMA_VERSION else None
        if owner == APPLICATION_ID and version <= SCHEMA_VERSION:
            (refuse_foreign_views if version == SCHEMA_VERSION else refuse_before_upgrade)(connection, path)
    if owner != APPLICATION_ID:
        raise StoreError(
            f"{path} is a SQLite database, but no logbook: another program made it. Choose another with --logbook"
        )
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"the logbook {path} was made by a newer release: its tables are version {version}, this release reads"
            f" up to {SCHEMA_VERSION}. Upgrade logbook (pip install -U training-logbook)"
        )
    if version < SCHEMA_VERSION and made != f"{version:04}":
        raise StoreError(
            f"the logbook {path} says in its beginning that its tables are version {version}, and in its tables that"
            f" they are version {made or 'unknown'}: it is damaged, and is not upgraded; restore a backup"
        )
    return version


def _refuse_what_is_no_file(path: Path) -> None:
    refuse_link(path)
    if not path.is_file():
        raise StoreError(f"the logbook {path} is no file; choose another with --logbook")
    if path.stat().st_size == 0:
        # SQLite would take it for a valid, empty database; ours come into being whole.
        raise StoreError(f"the logbook {path} is empty (0 bytes): restore a backup, or remove it to begin anew")


def _migrated(connection: sqlite3.Connection) -> str | None:
    """Return the migration that was the last to be run, by its own table; None where that can't be told."""
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        return None
    return None if row is None else str(row[0])


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
