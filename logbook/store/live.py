"""Whether a run is alive: it is while an OS lock on `live/<uuid>` is held, which no crash can leave behind.

Where files can't be locked, it is while the process that the file names exists, since the same start of this machine.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from logbook.errors import StoreError, StoreFullError
from logbook.store.location import live_path, make_folder, refuse_link
from logbook.store.lock import NO_ROOM, UNSUPPORTED, UnlockableError, is_locked_elsewhere, open_lock_file

__all__ = ["dead_among", "hold", "is_alive"]

_held: set[int] = set()
"""Descriptors of the locks that this process holds."""


@contextmanager
def hold(folder: Path, uuid: str) -> Iterator[None]:
    """Keep a run alive for the length of a `with` block; StoreError where another process keeps it alive."""
    path = live_path(folder, uuid)
    make_folder(folder)
    refuse_link(path.parent)
    make_folder(path.parent)
    file = _acquire(path)
    _held.add(file)
    try:
        _sweep(path)
        yield
    finally:
        # Removed while still held: nobody can have locked this very file in the meantime.
        path.unlink(missing_ok=True)
        _held.discard(file)
        with suppress(OSError):
            os.close(file)


def is_alive(folder: Path, uuid: str) -> bool:
    """Return whether a process holds the run; a pure look that changes nothing."""
    return _is_held(live_path(folder, uuid))


def dead_among(folder: Path, runs: Iterable[tuple[int, str]]) -> list[int]:
    """Return the numbers of the runs, given with their uuids, that no process holds: one look where nobody trains."""
    try:
        files = {path.name for path in live_path(folder, "").iterdir()}
    except OSError:
        files = set()
    return [number for number, uuid in runs if uuid not in files or not is_alive(folder, uuid)]


def _acquire(path: Path) -> int:
    """Lock the file, trying again where a look from elsewhere or a removal came between."""
    deadline = time.monotonic() + 1.0
    while True:
        file = open_lock_file(path)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in UNSUPPORTED and not _is_named_alive(path):
                return _signed(file, must=True)
            os.close(file)
            if time.monotonic() > deadline:
                raise StoreError(
                    f"run {path.name} is being trained by another process ({path} is locked); wait for it to end"
                ) from error
            time.sleep(0.01)
            continue
        if _is_still(path, file):
            return _signed(file, must=False)
        os.close(file)


def _signed(file: int, *, must: bool) -> int:
    """Leave in the file who holds it; that must be where nothing else says so, since files can't be locked.

    Raises StoreFullError, and closes the file, where there is no room for what must be.
    """
    try:
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()} {_boot()}\n".encode(), 0)
    except OSError as error:
        if error.errno in NO_ROOM and not must:
            return file
        os.close(file)
        if error.errno in NO_ROOM:
            raise StoreFullError("no room left to say that a run is alive; what was recorded is kept") from error
        raise
    return file


def _is_held(path: Path) -> bool:
    try:
        return is_locked_elsewhere(path)
    except UnlockableError:
        return _is_named_alive(path)


def _is_named_alive(path: Path) -> bool:
    """Return whether the process that a file names exists; it may be another that was given its number."""
    try:
        pid, boot = path.read_text("ascii").split()
        os.kill(int(pid), 0)
    except PermissionError:
        return True  # another person's process
    except (OSError, ValueError):
        return False
    return boot == _boot()


def _boot() -> str:
    """Return what names this start of this machine; "unknown" where the system doesn't say."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return "unknown"


def _sweep(own: Path) -> None:
    """Remove what killed processes left beside our own file: nothing else would, where they had recorded no run."""
    for path in own.parent.iterdir():
        if path == own or _is_held(path):
            continue
        with suppress(OSError):
            file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is_still(path, file):
                    # While it is locked: who has opened it meanwhile sees that it is gone, and makes another.
                    path.unlink()
            finally:
                os.close(file)


def _is_still(path: Path, file: int) -> bool:
    """Return whether the path still names the file that was locked: it may have been removed since."""
    try:
        now = path.stat()
    except FileNotFoundError:
        return False
    mine = os.fstat(file)
    return (now.st_dev, now.st_ino) == (mine.st_dev, mine.st_ino)


def _let_go_in_child() -> None:
    """Close what a fork inherited: a worker that outlives its run must not keep it alive."""
    for file in _held:
        with suppress(OSError):
            os.close(file)
    _held.clear()


os.register_at_fork(after_in_child=_let_go_in_child)
