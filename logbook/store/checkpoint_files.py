"""The files of a run's checkpoints, looked at from outside: which there are, their hashes, whether they are whole.

`training.checkpoints` writes and reads them; this needs no torch.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

__all__ = ["WHICH", "checkpoint_file", "checkpoint_hashes", "damage_of", "file_hash", "leftovers", "open_own"]

WHICH = ("best", "last")
"""The checkpoints that a run keeps: of its best epoch and of its last."""


def checkpoint_file(folder: Path, which: str) -> Path:
    """Return the path of one of a run's checkpoints; `folder` is that run's own."""
    return folder / f"{which}.pt"


def open_own(path: Path) -> BufferedReader:
    """Open a checkpoint to read it; raises OSError where it can't be, or is no file: a stranger's may be anything.

    A link is not followed, a pipe is not waited for, and a device that never ends is not read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "it is a symbolic link", str(path)) from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no file", str(path))
    return open(descriptor, "rb")  # noqa: PTH123  # a descriptor, and no path


def checkpoint_hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of the file of each checkpoint that is there; two names of one file are read once."""
    hashes: dict[str, str] = {}
    known: dict[tuple[int, int], str] = {}
    for which in WHICH:
        path = checkpoint_file(folder, which)
        try:
            found = path.stat()
            place = found.st_dev, found.st_ino
            hashes[which] = known[place] = known.get(place) or file_hash(path)
        except OSError:
            continue  # there is none, or it can't be read: who reads it is told so
    return hashes


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file in hex; raises OSError where it can't be read."""
    with open_own(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def damage_of(path: Path) -> str | None:
    """Return what is wrong with a checkpoint by its own checksums, or None; raises OSError where it can't be read.

    The file is a zip archive with a CRC-32 for each tensor: that finds damage, and no file that was put in its place.
    """
    try:
        with open_own(path) as file, zipfile.ZipFile(file) as archive:
            broken = archive.testzip()
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        return str(error) or type(error).__name__
    return None if broken is None else f"{broken} in it has another checksum"


def leftovers(folder: Path) -> Iterator[Path]:
    """Yield what a killed process left in a run's folder: checkpoints that were half written."""
    yield from sorted(folder.glob(".*.pt.tmp"))
