"""The files of a run's checkpoints, looked at from outside: which there are, their hashes, whether they are whole.

`training.checkpoints` writes and reads them; this needs no torch.
"""

from __future__ import annotations

import hashlib
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

from logbook.errors import StoreError
from logbook.store.location import refuse_link

__all__ = [
    "WHICH",
    "checkpoint_file",
    "checkpoint_hashes",
    "damage_of",
    "file_hash",
    "leftovers",
    "open_checkpoint",
]

WHICH = ("best", "last")
"""The checkpoints that a run keeps: of its best epoch and of its last."""


def checkpoint_file(folder: Path, which: str) -> Path:
    """Return the path of one of a run's checkpoints; `folder` is that run's own."""
    return folder / f"{which}.pt"


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
        except (OSError, StoreError):
            continue  # there is none, or it can't be read: who reads it is told so
    return hashes


def open_checkpoint(path: Path) -> BufferedReader:
    """Open a checkpoint to read it; StoreError for a link and for what is no file, OSError where it can't be read.

    A stranger's logbook may have a link to a person's secrets in its place, or a pipe that nobody ever writes to.
    """
    refuse_link(path)
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise StoreError(f"{path} is no file, as a checkpoint is; remove it")
    return file


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a checkpoint in hex; raises what `open_checkpoint` does."""
    with open_checkpoint(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def damage_of(path: Path) -> str | None:
    """Return what is wrong with a checkpoint by its own checksums, or None; raises what `open_checkpoint` does.

    The file is a zip archive with a CRC-32 for each tensor: that finds damage, and no file that was put in its place.
    """
    try:
        with open_checkpoint(path) as file, zipfile.ZipFile(file) as archive:
            broken = archive.testzip()
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        return str(error) or type(error).__name__
    return None if broken is None else f"{broken} in it has another checksum"


def leftovers(folder: Path) -> Iterator[Path]:
    """Yield what a killed process left in a run's folder: checkpoints that were half written."""
    yield from sorted(folder.glob(".*.pt.tmp"))
