"""Removes checkpoints by a stated policy. No row goes: what was removed, and by which policy, stands in the journal."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from logbook.backlog import Backlog
from logbook.errors import StoreError, StoreFullError, UsageError
from logbook.store import locate, open_reader, open_writer
from logbook.store.checkpoint_files import WHICH, checkpoint_file, leftovers
from logbook.store.live import hold, is_alive
from logbook.store.location import checkpoint_folder

if TYPE_CHECKING:
    from logbook.store.reader import Reader
    from logbook.store.writer import Writer
    from logbook_schemas.records.summary import RunSummary
    from logbook_schemas.records.upkeep import GcDocument, GcRun

__all__ = ["Policy", "collect"]

_RESUMABLE = ("interrupted", "crashed", "failed")
"""Runs that `logbook resume` goes on with, from their last checkpoint."""


_ROOM_TO_RECORD = 512 * 1024
"""Bytes that are enough to record that a checkpoint was removed."""


class Policy(NamedTuple):
    """Which checkpoints stay, and of which runs the others go."""

    keep: str = "best,last"
    runs: tuple[str, ...] = ()
    older_than: str | None = None
    outcome: str | None = None
    unfinished: bool = False

    def told(self) -> str:
        """Return the policy as it is typed."""
        parts = [*self.runs, f"--keep {self.keep}"]
        parts += [f"--older-than {self.older_than}"] if self.older_than else []
        parts += [f"--outcome {self.outcome}"] if self.outcome else []
        return " ".join([*parts, *(["--unfinished"] if self.unfinished else [])])


def collect(
    policy: Policy, *, dry_run: bool = False, logbook: str | None = None, tell: Callable[[str, int, int], None]
) -> GcDocument:
    """Remove the checkpoints that a policy doesn't keep, and what killed trainings left half written.

    Those of running runs stay; so does the last one of a run that can be resumed from it, unless the policy says
    otherwise. Raises UsageError for a policy that can't be meant, StoreError where the logbook can't be written.
    """
    from logbook_schemas.records.upkeep import GcDocument

    kept, since = _kept(policy.keep), _since(policy.older_than)
    _check_outcome(policy.outcome)
    folder = locate(logbook)
    with open_reader(folder) as reader:
        root = checkpoint_folder(folder, "")
        # Before the runs: a folder that is made after them belongs to a run that isn't among them.
        folders = [path for path in root.iterdir() if path.is_dir()] if root.is_dir() else []
        runs = reader.runs(newest_first=False)
        chosen = _chosen(reader, runs, policy, since)
    found: list[GcRun] = []
    with closing(_Broom(folder, policy, dry_run=dry_run)) as broom:
        for place, run in enumerate(runs):
            tell("runs", place, len(runs))
            unwanted = [which for which in WHICH if which not in kept] if run.number in chosen else []
            found += _collect_run(broom, run, unwanted)
        if error := broom.notes.flush():
            raise StoreFullError(
                f"{error}. Checkpoints were removed, but that could not be noted of all of them: `logbook fsck` says"
                " that those are missing"
            )
        found += _collect_strangers(folder, folders, {run.uuid for run in runs}, dry_run=dry_run)
    return GcDocument(policy=policy.told(), done=not dry_run, runs=tuple(found), bytes=sum(one.bytes for one in found))


def _kept(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    if names == ("none",):
        return ()
    for name in names:
        if name not in WHICH:
            raise UsageError(f"--keep takes best, last, best,last or none, got {text!r}")
    return names


def _since(span: str | None) -> datetime | None:
    """Return the moment before which a run must have begun."""
    from logbook.store.search.language import Value
    from logbook.store.search.values import SPANS, read_span

    if span is None:
        return None
    found = read_span(Value(span, 0, quoted=False))
    if found is None:
        raise UsageError(f"--older-than takes a span such as 30d or 4w ({', '.join(SPANS)}), got {span!r}")
    try:
        return datetime.now(UTC) - timedelta(seconds=found[0])
    except OverflowError as error:
        raise UsageError(f"--older-than {span} reaches back beyond the calendar") from error


def _check_outcome(outcome: str | None) -> None:
    from logbook_schemas.reading import nearest
    from logbook_schemas.records.runs import OUTCOMES

    if outcome is not None and outcome not in OUTCOMES:
        near = nearest(outcome, OUTCOMES)
        meant = f"did you mean {near!r}? " if near else ""
        raise UsageError(f"unknown outcome {outcome!r}; {meant}It is one of {', '.join(OUTCOMES)}")


def _chosen(reader: Reader, runs: Sequence[RunSummary], policy: Policy, since: datetime | None) -> set[int]:
    """Return the runs that the policy is about. What the logbook only suggests of a run is no verdict."""
    named = {reader.resolve(reference) for reference in policy.runs}
    return {
        run.number
        for run in runs
        if (not named or run.number in named)
        and (policy.outcome is None or (run.outcome, run.outcome_by) == (policy.outcome, "person"))
        and (since is None or run.started_at < f"{since:%Y-%m-%dT%H:%M:%S.%f}Z")
    }


class _Broom:
    """What checkpoints are removed with: the policy, and what is yet to be recorded of it.

    The logbook is opened for writing when the first removal is recorded: on a full disk not even that can be done
    before there is room.
    """

    def __init__(self, folder: Path, policy: Policy, *, dry_run: bool) -> None:
        self.folder, self.policy, self.dry_run = folder, policy, dry_run
        self.notes = Backlog()
        self._writer: Writer | None = None

    def note(self, number: int, which: str) -> None:
        """Record that a checkpoint is removed, as soon as there is room."""
        self.notes.put(partial(self._write, number, which))

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()

    def _write(self, number: int, which: str) -> None:
        from logbook_schemas.records.runs import JournalEntry

        self._writer = self._writer or open_writer(self.folder)
        reason = f"gc {self.policy.told()}"
        entry = {"kind": "removal", "text": which, "reason": reason, "author": "logbook"}
        self._writer.add_journal(number, JournalEntry.model_validate(entry))


def _collect_run(broom: _Broom, run: RunSummary, unwanted: list[str]) -> Iterator[GcRun]:
    """Remove what is unwanted of a run, or say why not; on a dry run only say what would be removed."""
    from logbook_schemas.records.upkeep import GcRun

    folder, policy = broom.folder, broom.policy
    place = checkpoint_folder(folder, run.uuid)
    if not place.is_dir():
        return
    files = {which: checkpoint_file(place, which) for which in unwanted}
    there = [name for name, file in files.items() if file.is_file() and not _is_kept(place, name, unwanted)]
    if is_alive(folder, run.uuid):
        if there:
            yield GcRun(run=run.id, kept="it is running")
        return
    kept = ""
    if "last" in there and run.status in _RESUMABLE and not policy.unfinished:
        there.remove("last")
        kept = f"it is {run.status} and goes on from its last checkpoint (--unfinished removes that too)"
    half = list(leftovers(place))
    if there or half:
        freed = _freed(place, there, half)
        if not broom.dry_run and not _remove(broom, run, there, half):
            yield GcRun(run=run.id, kept="it has just been resumed")
            return
        yield GcRun.model_validate(
            {"run": run.id, "removed": tuple(there), "files": len(half), "bytes": freed, "kept": kept}
        )
    elif kept:
        yield GcRun(run=run.id, kept=kept)


def _is_kept(place: Path, which: str, unwanted: Sequence[str]) -> bool:
    """Return whether a checkpoint is the same file as one that stays: removing its name would free nothing."""
    file = checkpoint_file(place, which)
    others = (checkpoint_file(place, other) for other in WHICH if other not in unwanted)
    return any(other.exists() and other.samefile(file) for other in others)


def _freed(place: Path, which: list[str], half: list[Path]) -> int:
    """Return the bytes that go with some names: a file that keeps another name stays."""
    files = [*(checkpoint_file(place, name) for name in which), *half]
    found = [file.lstat() for file in files]
    names = {one.st_ino: sum(one.st_ino == other.st_ino for other in found) for one in found}
    return sum({one.st_ino: one.st_size for one in found if names[one.st_ino] >= one.st_nlink}.values())


def _remove(broom: _Broom, run: RunSummary, which: list[str], half: list[Path]) -> bool:
    """Record what is removed, then remove it, while nobody can go on with the run; return whether that was so.

    On a full disk nothing can be recorded before there is the room that this makes: then it is recorded after, and
    what would make too little stays.
    """
    try:
        with hold(broom.folder, run.uuid):
            for name in which:
                # Recorded first: a checkpoint that is missing without a word would count as lost.
                broom.note(run.number, name)
            place = checkpoint_folder(broom.folder, run.uuid)
            error = broom.notes.flush()
            if error and _freed(place, which, half) < _ROOM_TO_RECORD:
                raise error
            for file in [*(checkpoint_file(place, name) for name in which), *half]:
                file.unlink(missing_ok=True)
            if not any(place.iterdir()):
                place.rmdir()
            broom.notes.flush()
    except OSError as error:
        raise StoreError(f"a checkpoint of {run.id} can't be removed: {error.strerror} ({error.filename})") from error
    except StoreError:
        if is_alive(broom.folder, run.uuid):
            return False
        raise
    return True


def _collect_strangers(folder: Path, folders: list[Path], known: set[str], *, dry_run: bool) -> Iterator[GcRun]:
    """Remove the folders of trainings that were killed before they were recorded."""
    from logbook_schemas.records.upkeep import GcRun

    for place in folders:
        if place.name in known or place.is_symlink() or is_alive(folder, place.name):
            continue
        files = [path for path in place.rglob("*") if path.is_file() and not path.is_symlink()]
        size = sum(path.stat().st_size for path in files)
        if not dry_run:
            shutil.rmtree(place)
        yield GcRun(run="", files=len(files), bytes=size)
