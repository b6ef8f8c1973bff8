"""A copy of the logbook while it is in use: made beside its place, verified, and only then given its name."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from logbook.errors import StoreError, StoreFullError, UsageError
from logbook.store import locate, open_reader
from logbook.store.backup import copy_database, expected_checkpoints, note_backup, sync
from logbook.store.checkpoint_files import WHICH, checkpoint_file, open_checkpoint
from logbook.store.location import DATABASE, NO_CHECKPOINTS, checkpoint_folder, make_folder, refuse_link
from logbook.store.lock import NO_ROOM
from logbook.store.reader import Reader
from logbook.store.verify import verify_checkpoints, verify_rows

if TYPE_CHECKING:
    from logbook_schemas.records.upkeep import BackupDocument

__all__ = ["back_up"]

Tell = Callable[[str, int, int], None]

_PIECE = 1 << 20


def back_up(
    target: str | None = None, *, checkpoints: bool = False, logbook: str | None = None, tell: Tell
) -> BackupDocument:
    """Copy the logbook, as it is at one moment, into a new folder, and verify the copy.

    Without `target` into `backups/` of the logbook's own folder; a target that is a folder gets a new one in it. Raises
    UsageError where something stands there already, StoreError where the logbook can't be read, is damaged or the copy
    can't be written; there is no copy then.
    """
    from logbook_schemas.records.upkeep import BackupDocument

    began = time.monotonic()
    folder = locate(logbook)
    with open_reader(folder) as reader:
        uuids = [run.uuid for run in reader.runs()]
    place = _place(target, folder)
    remarks = []
    try:
        noted = note_backup(folder)
    except StoreError as error:
        noted = 0
        remarks.append(f"the ledger has no note of this backup: {error}")
    part = _begin(place)
    try:
        # Before the database: a checkpoint newer than the record of its epoch would leave a gap when it is resumed.
        copied = _copy_checkpoints(folder, part, uuids, tell) if checkpoints else {}
        copy_database(folder, part, tell=tell)
        if checkpoints:
            _copy_newer(folder, part, copied)
        else:
            (part / NO_CHECKPOINTS).write_text("This copy was made without checkpoints.\n", encoding="utf-8")
            sync(part / NO_CHECKPOINTS)
        damage = verify_rows(part, tell=tell)
        if damage:
            raise StoreError(
                f"the copy doesn't say what was written, so it was removed: {damage[0]}"
                f"{f' (and {len(damage) - 1} more)' if damage[1:] else ''}. The logbook itself may be damaged:"
                " `logbook fsck` tells"
            )
        problems = verify_checkpoints(part, tell=tell)
        with Reader(
            part
        ) as reader:  # `open_reader` would bring summaries up to date: the copy stays as it was verified
            runs = len(reader.runs())
        size = sum(file.stat().st_size for file in _files(part))
        sync(part)
        _publish(part, place)
    except StoreFullError as error:
        raise StoreFullError(_no_room(place)) from error
    except OSError as error:
        if error.errno in NO_ROOM:
            raise StoreFullError(_no_room(place)) from error
        raise StoreError(f"the backup {place} can't be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    left_out = [] if checkpoints else [file for uuid in uuids for file in _there(folder, uuid)]
    return BackupDocument(
        path=str(place),
        runs=runs,
        bytes=size,
        seconds=time.monotonic() - began,
        checkpoints=sum(len(list(_there(place, uuid))) for uuid in uuids),
        left_out=len(left_out),
        left_out_bytes=_bytes(left_out),
        noted=noted,
        problems=tuple(problems),
        remarks=tuple(remarks),
    )


def _place(target: str | None, folder: Path) -> Path:
    """Return the folder that the copy is to be; UsageError where it would write over something."""
    name = f"{datetime.now(UTC):%Y-%m-%dT%H%M%S}Z"
    if target is None:
        refuse_link(folder / "backups")
        try:
            (folder / "backups").mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"the backup can't be put into {folder / 'backups'}: {error.strerror}; name another place:"
                " `logbook backup FOLDER`"
            ) from error
        return _free(folder / "backups" / name)
    try:
        return _named_place(Path(target).expanduser().absolute(), folder, name)
    except OSError as error:
        raise StoreError(f"the backup {target} can't be written: {error.strerror}; give another place") from error


def _named_place(place: Path, folder: Path, name: str) -> Path:
    if place == folder or (place / DATABASE).exists():
        raise UsageError(f"{place} is a logbook already; a backup never writes over anything: give another name")
    if place.is_dir():
        return _free(place / f"logbook-{name}")
    if os.path.lexists(place):
        raise UsageError(f"{place} is there already; a backup never writes over anything: give another name")
    if not place.parent.is_dir():
        raise UsageError(f"there is no folder {place.parent} for the backup; make it, or give another place")
    return place


def _no_room(place: Path) -> str:
    return f"no room left for the backup {place}; there is none, and the logbook is as it was"


def _free(place: Path) -> Path:
    """Return the place, with a number behind it where something stands there: a backup a second is not too many."""
    number, free = 1, place
    while free.exists():
        number += 1
        free = place.with_name(f"{place.name}-{number}")
    return free


def _begin(place: Path) -> Path:
    """Make the folder in which the copy is made, for its owner alone."""
    try:
        return Path(tempfile.mkdtemp(prefix=f".{place.name}.", suffix=".part", dir=place.parent))
    except OSError as error:
        raise StoreError(f"the backup {place} can't be written: {error.strerror or error}") from error


def _publish(part: Path, place: Path) -> None:
    """Give the copy its name; UsageError where somebody else took it meanwhile."""
    if os.path.lexists(place):
        raise UsageError(f"{place} is there already; a backup never writes over anything: give another name")
    part.rename(place)
    sync(place.parent)


# -- checkpoints ----------------------------------------------------------------------------------------------


def _there(folder: Path, uuid: str) -> list[Path]:
    files = (checkpoint_file(checkpoint_folder(folder, uuid), which) for which in WHICH)
    return [file for file in files if file.is_file() and not file.is_symlink()]


def _bytes(files: list[Path]) -> int:
    """Return what files take on disk: two names of one file count once."""
    return sum({(found.st_dev, found.st_ino): found.st_size for found in (file.stat() for file in files)}.values())


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _copy_checkpoints(folder: Path, part: Path, uuids: list[str], tell: Tell) -> dict[str, dict[str, str]]:
    """Copy the checkpoints of all runs; return, by UUID, the hashes of what was copied."""
    hashes = {}
    for place, uuid in enumerate(uuids):
        tell("checkpoints", place, len(uuids))
        hashes[uuid] = _copy_run(checkpoint_folder(folder, uuid), checkpoint_folder(part, uuid))
    return hashes


def _copy_newer(folder: Path, part: Path, copied: dict[str, dict[str, str]]) -> None:
    """Copy once more what runs wrote that ended between the copy of their checkpoints and that of the database."""
    for uuid, expected in expected_checkpoints(part).items():
        if any(copied.get(uuid, {}).get(which) != found for which, found in expected.items()):
            shutil.rmtree(checkpoint_folder(part, uuid), ignore_errors=True)
            _copy_run(checkpoint_folder(folder, uuid), checkpoint_folder(part, uuid))


def _copy_run(source: Path, target: Path) -> dict[str, str]:
    """Copy a run's checkpoints, two names of one file as two names; return their hashes as read.

    A training replaces its files and never writes into them: what was opened is whole.
    """
    hashes: dict[str, str] = {}
    known: dict[tuple[int, int], str] = {}
    for which in WHICH:
        try:
            with open_checkpoint(checkpoint_file(source, which)) as file:
                found = os.fstat(file.fileno())
                make_folder(target)
                copy, twin = checkpoint_file(target, which), known.get((found.st_dev, found.st_ino))
                if twin is not None:
                    os.link(checkpoint_file(target, twin), copy)
                    hashes[which] = hashes[twin]
                    continue
                digest = hashlib.sha256()
                with copy.open("xb") as out:
                    while piece := file.read(_PIECE):
                        digest.update(piece)
                        out.write(piece)
                    out.flush()
                    os.fsync(out.fileno())
                hashes[which], known[found.st_dev, found.st_ino] = digest.hexdigest(), which
        except FileNotFoundError:
            continue  # there is none, or `logbook gc` has just removed it
    if hashes:
        sync(target)
    return hashes
