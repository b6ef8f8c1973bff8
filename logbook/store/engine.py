"""Connections to the logbook's file: one kind that writes under a lock, one that can only read, and no other.

Every connection belongs to the process that opened it. Before a fork all idle ones are closed, and open again on their
next use; in the child they refuse to work, since SQLite files are damaged by connections that two processes share.
"""

from __future__ import annotations

import os
import sqlite3
import struct
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from logbook.errors import StoreError
from logbook.store.acting import refuse_foreign_triggers
from logbook.store.failures import translated
from logbook.store.filesystem import remote_kind
from logbook.store.location import database_path, lock_path
from logbook.store.lock import PATIENCE_SECONDS, WriteLock, can_be_locked
from logbook.store.packing import register
from logbook.store.schema import APPLICATION_ID, SCHEMA_VERSION

__all__ = ["ReadConnection", "WriteConnection", "connect_for_reading", "connect_for_writing"]

BUSY_MILLISECONDS = 30_000
"""For programs that know nothing of our lock; ours never meet each other inside SQLite."""

COMPACT_SECONDS = 10.0
"""How long the emptying of the log waits for programs that read it."""


class _Connection:
    """A connection that opens on its first use, and again after a fork of this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = database_path(folder)
        self._pid = os.getpid()
        self._raw: sqlite3.Connection | None = None
        self._is_closed = False
        self._user = 0
        _open_ones.add(self)

    @property
    def raw(self) -> sqlite3.Connection:
        """The DB-API connection; StoreError in a forked child and after `close`."""
        if self._pid != os.getpid():
            raise StoreError(
                f"the connection to the logbook {self.path} was opened by process {self._pid} and can't be used in"
                f" {os.getpid()}, which was forked from it; open the logbook again in the new process"
            )
        if self._is_closed:
            raise StoreError(f"the connection to the logbook {self.path} was closed; open the logbook again")
        self._user = threading.get_ident()
        if self._raw is None:
            with translated(self.path):
                self._raw = self._connect()
        return self._raw

    def close(self) -> None:
        """Close the connection for good; a second call does nothing."""
        self._is_closed = True
        if self._pid == os.getpid():
            self._rest()

    def _connect(self) -> sqlite3.Connection:
        raise NotImplementedError

    def _rest(self) -> None:
        if self._raw is not None:
            self._raw.close()
            self._raw = None

    def rest_before_fork(self) -> None:
        """Close until the next use. One that another thread uses, or that writes, is left open: the child leaks it."""
        is_idle = self._user == threading.get_ident() and self._raw is not None and not self._raw.in_transaction
        if self._pid == os.getpid() and is_idle:
            self._rest()

    def leak_in_child(self) -> None:
        """Keep an inherited connection from ever being closed here: closing it would damage the parent's file."""
        if self._raw is not None:
            import ctypes

            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._raw))
            self._raw = None


class WriteConnection(_Connection):
    """One connection that writes. `remarks` says what about this place makes it slower or less safe than usual.

    `has_committed` is of the whole process, and true from the moment at which one of them begins to commit.
    """

    has_committed: ClassVar[bool] = False

    def __init__(
        self, folder: Path, *, patience_seconds: float = PATIENCE_SECONDS, mends_triggers: bool = False
    ) -> None:
        """With `mends_triggers` those of a stranger are no reason to refuse the file: the caller sees to them first."""
        super().__init__(folder)
        self.remarks: tuple[str, ...] = ()
        self._lock = WriteLock(lock_path(folder), patience_seconds=patience_seconds)
        self._busy_milliseconds = min(BUSY_MILLISECONDS, int(1000 * patience_seconds))
        self._turn = threading.RLock()
        self._mends_triggers = mends_triggers

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Run the block as one durable transaction: all of it is on disk afterwards, or nothing of it.

        Raises StoreError where the file can't be written, StoreFullError where there is no room.
        """
        raw = self.raw
        with self._turn, self._lock:
            try:
                raw.execute("BEGIN IMMEDIATE")
                yield raw
                WriteConnection.has_committed = True
                raw.execute("COMMIT")
            except BaseException:
                with translated(self.path):
                    # SQLite rolls back by itself when the disk is full; a second ROLLBACK would raise.
                    if raw.in_transaction:
                        raw.execute("ROLLBACK")
                    raise

    def compact(self) -> bool:
        """Write the whole file anew, so that nothing of what was removed is left between its rows, nor in its log.

        Returns whether the log could be emptied: programs that read the logbook at that moment keep it. Raises
        StoreFullError where there is no room for a second copy of the file.
        """
        raw = self.raw
        with self._turn, self._lock, translated(self.path):
            raw.execute("VACUUM")
        deadline = time.monotonic() + COMPACT_SECONDS
        while True:
            with self._turn, self._lock, translated(self.path):
                # Waits for readers by itself, for as long as `busy_timeout` says: writers would wait all that time.
                raw.execute("PRAGMA busy_timeout=100")
                is_busy, *_ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                raw.execute(f"PRAGMA busy_timeout={self._busy_milliseconds}")
            if not is_busy or time.monotonic() > deadline:
                return not is_busy
            time.sleep(0.05)

    def close(self) -> None:
        if not self._is_closed:
            super().close()
            self._lock.close()

    def _connect(self) -> sqlite3.Connection:
        raw, self.remarks = connect_for_writing(self.path, locks=self._lock, busy_milliseconds=self._busy_milliseconds)
        try:
            if not self._mends_triggers:
                refuse_foreign_triggers(raw, self.path)
        except BaseException:
            raw.close()
            raise
        return raw


class ReadConnection(_Connection):
    """One connection that only reads."""

    def _connect(self) -> sqlite3.Connection:
        return connect_for_reading(self.path)


def connect_for_writing(
    path: Path, *, locks: WriteLock, busy_milliseconds: int = BUSY_MILLISECONDS
) -> tuple[sqlite3.Connection, tuple[str, ...]]:
    """Open an existing file for writing; returns the connection and remarks about the place."""
    # Other threads only ever close it, at a fork; `WriteConnection` lets one thread in at a time.
    raw = sqlite3.connect(_uri(path, "mode=rw"), uri=True, isolation_level=None, check_same_thread=False)
    try:
        raw.execute(f"PRAGMA busy_timeout={busy_milliseconds}")
        with locks:
            remarks = _choose_journal(raw, path, locks)
        register(raw)
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON", *_CAREFUL):
            raw.execute(f"PRAGMA {pragma}")
    except BaseException:
        raw.close()
        raise
    return raw, remarks


def connect_for_reading(path: Path) -> sqlite3.Connection:
    """Open an existing file so that nothing can be written, also where its folder is read-only.

    Where a process died in the middle of a commit, and the rollback journal is used, that is taken back first.
    """
    try:
        return _open_for_reading(path, "mode=ro")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_READONLY_ROLLBACK and _is_ours_to_mend(path):
            _take_back(path)
            return _open_for_reading(path, "mode=ro")
        log = path.with_name(path.name + "-wal")
        # Without a log nobody can be writing, and the file may be read as it stands.
        if not _lacks_its_log(error) or not path.exists() or _size(log) > 0:
            raise
        return _open_for_reading(path, "mode=ro&immutable=1")


def _lacks_its_log(error: sqlite3.OperationalError) -> bool:
    """Say whether the write-ahead log can't be looked at: its folder is read-only, or no memory can be shared there."""
    code = error.sqlite_errorcode
    return code & 0xFF == sqlite3.SQLITE_CANTOPEN or code in _NO_SHARED_MEMORY


def _is_ours_to_mend(path: Path) -> bool:
    """Say by the file's first bytes, which SQLite would not read now, whether it is a logbook, and none of later."""
    with path.open("rb") as file:
        head = file.read(72)
    version, owner = struct.unpack(">60xI4xI", head.ljust(72, b"\0"))
    return bool(owner == APPLICATION_ID and version <= SCHEMA_VERSION)


def _take_back(path: Path) -> None:
    """Take back half a commit: SQLite does so by itself, by the pages as they were, where it may write."""
    with closing(sqlite3.connect(_uri(path, "mode=rw"), uri=True, isolation_level=None)) as raw:
        raw.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        raw.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()


def _open_for_reading(path: Path, mode: str) -> sqlite3.Connection:
    raw = sqlite3.connect(_uri(path, mode), uri=True, isolation_level=None, check_same_thread=False)
    try:
        raw.execute(f"PRAGMA busy_timeout={_patience(raw, path)}")
        register(raw)
        # What is laid over summaries that are behind is kept in memory: the disk may be full, or not ours to write.
        for pragma in ("query_only=ON", "temp_store=MEMORY", *_CAREFUL):
            raw.execute(f"PRAGMA {pragma}")
        raw.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except BaseException:
        raw.close()
        raise
    return raw


def _patience(raw: sqlite3.Connection, path: Path) -> int:
    """Return how many milliseconds to wait for other programs: where no file can be locked SQLite would wait for ever.

    What is busy at once may be either; only then it is tried whether locks work.
    """
    raw.execute("PRAGMA busy_timeout=0")
    try:
        raw.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except sqlite3.DatabaseError as error:
        # Any other error comes again, where the caller looks at it.
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_BUSY and not can_be_locked(lock_path(path.parent)):
            return 0
    return BUSY_MILLISECONDS


def _choose_journal(raw: sqlite3.Connection, path: Path, locks: WriteLock) -> tuple[str, ...]:
    """Set the write-ahead log where it is safe, else the rollback journal; returns why, where it isn't."""
    kind = remote_kind(path)
    can_share = locks.can_share_memory()
    if kind is None and locks.supported and can_share and _set_journal(raw, "WAL") == "wal":
        return ()
    if not can_share:
        # A file that was made elsewhere may have a log: alone, SQLite can take it in without shared memory.
        raw.execute("PRAGMA locking_mode=EXCLUSIVE")
    _set_journal(raw, "TRUNCATE")
    raw.execute("PRAGMA locking_mode=NORMAL")
    raw.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()  # only now is the exclusive lock given back
    if kind is not None:
        why = f"{path} lies on a remote file system ({kind})"
    elif not locks.supported:
        why = f"files can't be locked as usual where {path} lies"
    else:
        why = f"the write-ahead log can't be used where {path} lies"
    return (f"{why}: writing is slower, and only one host may write; a local folder is safer (--logbook)",)


def _set_journal(raw: sqlite3.Connection, mode: str) -> str:
    return str(raw.execute(f"PRAGMA journal_mode={mode}").fetchone()[0])


def _uri(path: Path, mode: str) -> str:
    return f"file:{quote(str(path.absolute()))}?{mode}"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


_NO_SHARED_MEMORY = (sqlite3.SQLITE_IOERR_SHMMAP, sqlite3.SQLITE_IOERR_SHMOPEN, sqlite3.SQLITE_IOERR_SHMSIZE)
_CAREFUL = ("trusted_schema=OFF", "cell_size_check=ON")
_open_ones: weakref.WeakSet[_Connection] = weakref.WeakSet()


def _before_fork() -> None:
    for connection in list(_open_ones):
        connection.rest_before_fork()


def _in_child() -> None:
    for connection in list(_open_ones):
        connection.leak_in_child()


os.register_at_fork(before=_before_fork, after_in_child=_in_child)
