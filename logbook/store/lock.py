"""The sidecar lock: one writer at a time, nearly in turn, and never a checkpoint beside another's commit.

SQLite's own waiting is unfair, and releases 3.7.0 to 3.51.2 can lose pages when a checkpoint meets a commit; a
lock around the whole transaction removes both.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import random
import stat
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from logbook.errors import StoreError
from logbook.store.location import refuse_link

__all__ = [
    "NO_ROOM",
    "PATIENCE_SECONDS",
    "UNSUPPORTED",
    "UnlockableError",
    "WriteLock",
    "can_be_locked",
    "is_locked_elsewhere",
    "open_lock_file",
]

PATIENCE_SECONDS = 60.0
UNSUPPORTED = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
"""What a file system says that has no locks."""

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)

_HELD = (errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK)


class UnlockableError(OSError):
    """The file system has no locks."""


class WriteLock:
    """An exclusive lock between processes, held in a `with` block. `supported` is False where SQLite's own must do."""

    def __init__(self, path: Path, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self.path = path
        self.supported = True
        self._patience = patience_seconds
        self._file = open_lock_file(path)
        self._name = b"%-20d" % os.getpid()

    def __enter__(self) -> WriteLock:
        if self.supported and not self._try():
            self._wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.supported:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        os.close(self._file)

    def can_share_memory(self) -> bool:
        """Return whether processes can share memory through a file here, as SQLite's write-ahead log must; locked."""
        try:
            if os.fstat(self._file).st_size == 0:  # nobody could sign it: the disk is full
                return True
            mmap.mmap(self._file, 1).close()
        except OSError:
            return False
        return True

    def _refuse_without_any_locks(self) -> None:
        """Raise StoreError where SQLite's own kind of lock is refused too: two writers would damage the file."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.lockf(self._file, fcntl.LOCK_UN)
        except OSError as error:
            if error.errno in UNSUPPORTED:
                raise StoreError(
                    f"files can't be locked where {self.path.parent} lies, and without locks two programs that write"
                    " at once would damage the logbook; choose a folder on a local disk with --logbook"
                ) from error

    def _try(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in UNSUPPORTED:
                self._refuse_without_any_locks()
                self.supported = False
                return True
            if error.errno in _HELD:
                return False
            raise
        self._sign()
        return True

    def _wait(self) -> None:
        """Poll with chance between the tries; a blocking lock would hang for ever behind a stopped process."""
        deadline = time.monotonic() + self._patience
        while time.monotonic() < deadline:
            time.sleep(random.uniform(0.0005, 0.005))
            if self._try():
                return
        raise StoreError(
            f"the logbook {self.path.parent} is busy: held by pid {_holder(self._file)} for more than"
            f" {self._patience:g} s; end or continue that process, then try again"
        )

    def _sign(self) -> None:
        """Leave the pid of the holder for whoever waits too long."""
        if os.pread(self._file, len(self._name), 0) != self._name:
            try:
                os.pwrite(self._file, self._name, 0)
            except OSError as error:
                # The name is a courtesy: a full disk must not keep readers' deletes and our own errors from showing.
                if error.errno not in NO_ROOM:
                    raise


def open_lock_file(path: Path) -> int:
    """Return a descriptor of a lock file that only its owner may read; StoreError where it can't be written.

    It is written to: a link in its place, symbolic or hard, would have something else written over.
    """
    refuse_link(path)
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | _AS_IT_IS, 0o600)
    except OSError as error:
        raise StoreError(
            f"can't write to the logbook {path.parent}: {error.strerror} ({path.name}); it can still be read"
        ) from error
    found = os.fstat(file)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
        os.close(file)
        raise StoreError(f"{path} is no file of the logbook's own: it has another name or kind; remove it")
    return file


def is_locked_elsewhere(path: Path) -> bool:
    """Return whether somebody holds the lock file; False where there is none, UnlockableError where none can be."""
    refusal = _refusal(path, fcntl.flock)
    if refusal in UNSUPPORTED:
        raise UnlockableError(refusal, os.strerror(refusal))
    return refusal in _HELD


def can_be_locked(path: Path) -> bool:
    """Return whether SQLite's kind of lock works where a lock file lies; True where there is none to try it on.

    Never tried on the database itself: closing it would drop the locks that SQLite holds.
    """
    return _refusal(path, fcntl.lockf) not in UNSUPPORTED


def _refusal(path: Path, lock: Callable[[int, int], object]) -> int:
    """Return the errno with which a shared lock of a file is refused; 0 where it is granted, or there is no file."""
    try:
        file = os.open(path, os.O_RDONLY | _AS_IT_IS)
    except OSError:
        return 0
    try:
        lock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno or errno.EIO
    finally:
        os.close(file)
    return 0


_AS_IT_IS = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
"""A link is not followed, and a pipe that nobody writes to is not waited for."""


def _holder(file: int) -> str:
    return os.pread(file, 20, 0).decode("ascii", "replace").strip() or "unknown"
