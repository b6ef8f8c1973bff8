"""SQLite's errors in the words of the logbook: the only border where they are translated."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from logbook.errors import LogbookError, StoreError, StoreFullError, UsageError
from logbook.store.definitions import are_ours
from logbook.store.filesystem import free_bytes
from logbook.store.location import lock_path
from logbook.store.lock import can_be_locked
from logbook.store.schema import SCHEMA_VERSION

__all__ = ["no_text", "translated"]

_NO_ROOM = 256 * 1024
"""With less than this many bytes left, an I/O error means a full disk: SQLite can't grow its shared memory either."""


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise StoreError in place of what SQLite raises about the file; a wrong statement of ours stays as it is.

    A text that no UTF-8 can hold, as bytes of a command line become, is a UsageError: nothing here is called so.
    """
    try:
        yield
    except UnicodeEncodeError as error:
        raise no_text(error) from error
    except (sqlite3.OperationalError, sqlite3.DatabaseError) as error:
        found = _meaning(error, path)
        if found is None:
            raise
        raise found from error
    except UnicodeDecodeError as error:
        # SQLite's text is UTF-8: also what it says itself, of a name that is no longer that.
        raise StoreError(f"the logbook {path} {_DAMAGED} [{error}]") from error


def no_text(error: UnicodeEncodeError) -> UsageError:
    """Return the error for a text that SQLite could not be given."""
    around = error.object[max(0, error.start - 20) : error.end + 20]
    return UsageError(f"{around!a} holds bytes that are no UTF-8; nothing in a logbook is called so")


def _meaning(error: sqlite3.Error, path: Path) -> LogbookError | None:
    """Return the error for the user, or None for what only a bug of ours can cause."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL or (code in _STORAGE and _is_out_of_room(path)):
        return StoreFullError(
            f"no room left for the logbook {path} ({_room(path)}); what was recorded is kept. Make room, then go on"
        )
    if any(words in str(error) for words in _DAMAGED_TEXT):
        return StoreError(f"the logbook {path} {_DAMAGED} [{error}]")
    if code == sqlite3.SQLITE_BUSY and not can_be_locked(lock_path(path.parent)):
        return StoreError(f"the logbook {path} {_UNLOCKABLE} [{error}]")
    # Our own statements fit our own tables, as a test holds: what doesn't is the file's.
    if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_READONLY_ROLLBACK:
        return StoreError(f"the logbook {path} {_HALF_WRITTEN} [{error}]")
    advice = _FOREIGN if code == sqlite3.SQLITE_ERROR and _is_altered(path) else _ADVICE.get(code)
    return None if advice is None else StoreError(f"the logbook {path} {advice} [{error}]")


def _is_altered(path: Path) -> bool:
    """Return whether a statement may have failed since the tables are no longer defined as it expects."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)) as raw:
            (version,) = raw.execute("PRAGMA user_version").fetchone()
            return version == SCHEMA_VERSION and not are_ours(raw)
    except sqlite3.Error:
        return True


def _is_out_of_room(path: Path) -> bool:
    free = free_bytes(path.parent)
    return free is not None and free < _NO_ROOM


def _room(path: Path) -> str:
    free = free_bytes(path.parent)
    return "free space unknown" if free is None else f"{free:,} bytes free"


_DAMAGED = "is damaged; `logbook fsck` says what can still be read. Nothing was written to it"
_DAMAGED_TEXT = ("Could not decode to UTF-8", "malformed JSON")
"""What is said of a text that isn't what was written: by Python, without a code, and by SQLite's JSON functions."""
_FOREIGN = (
    "has tables, views or triggers that are not as logbook makes them, and nothing of them was obeyed; `logbook fsck`"
    " says what is altered"
)
_HALF_WRITTEN = (
    "can't be read as it is: a process died in the middle of a commit, and what it had written is to be taken back,"
    " which needs leave to write there; copy it to where you may write, with its logbook.db-journal"
)
_UNLOCKABLE = (
    "can't be read where it lies: no file can be locked there, and without locks a program that writes would be read"
    " in the middle of it. Copy the whole folder to a local disk, and give that with --logbook"
)
_STORAGE = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
_ADVICE = {
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: "is no SQLite database, or its beginning is damaged; restore a backup or move it away",
    sqlite3.SQLITE_READONLY: "can't be written: it is read-only; it can still be read",
    sqlite3.SQLITE_BUSY: "is busy: another program holds it; try again when that has ended",
    sqlite3.SQLITE_LOCKED: "is busy: another program holds it; try again when that has ended",
    sqlite3.SQLITE_CANTOPEN: "can't be opened; look at the permissions of the file and its folder",
    sqlite3.SQLITE_IOERR: "can't be read or written: the disk reports an error; look at the disk, restore a backup",
    sqlite3.SQLITE_PERM: "can't be opened: permission denied",
    sqlite3.SQLITE_NOLFS: "has become too large for this file system",
    sqlite3.SQLITE_TOOBIG: "was asked to keep more than SQLite can hold in one row (1 GB); record less at a time",
}
