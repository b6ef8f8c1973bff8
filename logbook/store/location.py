"""Where a logbook lies: a folder, found as git finds its repository, and the names inside it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from logbook.errors import NotFoundError, StoreError

__all__ = [
    "DATABASE",
    "FOLDER",
    "NO_CHECKPOINTS",
    "VARIABLE",
    "checkpoint_folder",
    "database_path",
    "has_checkpoints",
    "is_there",
    "live_path",
    "locate",
    "lock_path",
    "make_folder",
    "no_logbook",
    "refuse_link",
]

FOLDER = ".logbook"
DATABASE = "logbook.db"
VARIABLE = "LOGBOOK_STORE"
NO_CHECKPOINTS = "no-checkpoints"
"""A file that says of a copy that it was made without checkpoints."""

_UUID = re.compile(r"[A-Za-z0-9-]{0,64}")


def locate(explicit: str | Path | None = None) -> Path:
    """Return the logbook's folder, absolute; it may not exist yet.

    `explicit` (the option `--logbook`) comes first, then `$LOGBOOK_STORE`, then the nearest `.logbook` from the
    current folder upwards; where there is none, `.logbook` in the current folder.
    """
    chosen = explicit if explicit is not None else os.environ.get(VARIABLE) or None
    if chosen is not None:
        return Path(chosen).expanduser().absolute()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / FOLDER).is_dir():
            return folder / FOLDER
    return here / FOLDER


def database_path(folder: Path) -> Path:
    return folder / DATABASE


def lock_path(folder: Path) -> Path:
    return folder / "write.lock"


def live_path(folder: Path, uuid: str) -> Path:
    """Return the file whose lock says that a run is alive; StoreError for what is no uuid."""
    return folder / "live" / _as_name(folder, uuid)


def checkpoint_folder(folder: Path, uuid: str) -> Path:
    """Return the folder of a run's checkpoints; StoreError for what is no uuid, and where a link leads elsewhere."""
    place = folder / "checkpoints" / _as_name(folder, uuid)
    refuse_link(folder / "checkpoints")
    refuse_link(place)
    return place


def refuse_link(path: Path) -> None:
    """Raise StoreError where a path below the logbook's folder is a symbolic link: what it leads to isn't ours.

    The folder itself may well be one: that is a person's own choice of where the logbook lies.
    """
    try:
        is_link = path.is_symlink()
    except OSError as error:
        raise _out_of_reach(path, error) from error
    if is_link:
        raise StoreError(
            f"{path} is a symbolic link: a logbook reads and writes what lies in its own folder alone. Put the file or"
            " folder itself there; the whole .logbook may be a link"
        )


def is_there(path: Path) -> bool:
    """Return whether something stands at a path below the logbook's folder; StoreError where that can't be looked at.

    The folder is made for its owner alone: another person of the same machine may not enter it.
    """
    try:
        return path.exists()
    except OSError as error:
        raise _out_of_reach(path, error) from error


def _out_of_reach(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"{path} can't be looked at: {error.strerror}. A logbook is its owner's alone: ask for a copy (`logbook backup"
        " FOLDER`) or for the rights to enter its folder"
    )


def _as_name(folder: Path, uuid: str) -> str:
    """Return a run's uuid as the name of a file: a stranger's logbook may hold `../..` in its place."""
    if not isinstance(uuid, str) or _UUID.fullmatch(uuid) is None:
        raise StoreError(f"the logbook {folder} has a run whose uuid is {uuid!r}: it is damaged; see 'logbook fsck'")
    return uuid


def has_checkpoints(folder: Path) -> bool:
    """Return whether the checkpoints of the runs are to be expected here: a backup may have been made without."""
    return not (folder / NO_CHECKPOINTS).exists()


def make_folder(folder: Path) -> None:
    """Make a folder that only its owner may enter; StoreError where that can't be."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"can't make the logbook's folder {folder}: {error.strerror}; choose another with --logbook"
        ) from error


def no_logbook(folder: Path) -> NotFoundError:
    """Return the error for a logbook that isn't there."""
    if folder.name == FOLDER and folder.parent == Path.cwd():
        return NotFoundError(
            f"no logbook here (looked for {FOLDER} upwards from {folder.parent}); `logbook run` makes one"
        )
    return NotFoundError(f"no logbook at {folder}; `logbook run` makes one")
