"""A run made again: the recorded code in a temporary folder, the frozen config, the recorded seed; are the losses the
same?

The person's working tree, index, HEAD, branches and stash stay as they are. The data are read where the run read them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import logbook_schemas
from logbook import errors
from logbook.answers import differing_blobs
from logbook.errors import LogbookError, NotFoundError, StoppedError, StoreError, UsageError
from logbook.history.repetition import TOLERANCE, repetition
from logbook.provenance.copies import CodeCopy, copied_code, temporary_folder
from logbook.provenance.secrets import mask_arguments
from logbook.repeating import replay
from logbook.signals import Relay, held_back, listening
from logbook.store import locate, open_reader, open_writer
from logbook_schemas.checklist.ranking import rank
from logbook_schemas.records.runs import JournalEntry

if TYPE_CHECKING:
    from logbook.recording import Progress
    from logbook.store.reader import Reader
    from logbook_schemas.records.beginning import StartOfRun
    from logbook_schemas.records.reruns import RerunDocument
    from logbook_schemas.records.runs import RunRecord

__all__ = ["RESTORED", "RerunOutcome", "rerun"]

RESTORED = (
    "CUBLAS_WORKSPACE_CONFIG",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NVIDIA_TF32_OVERRIDE",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "PYTHONHASHSEED",
    "TORCH_CUDNN_V8_API_DISABLED",
    "VECLIB_MAXIMUM_THREADS",
)
"""Variables that are set as they were then: they decide the order of sums, and any machine can have them."""

_PROGRAM = """
import json, sys
asked = json.loads(sys.argv[1])
sys.path += [place for place in asked["path"] if place not in sys.path]
from logbook.repeating import main
main(asked)
"""


@dataclass(frozen=True, kw_only=True)
class RerunOutcome:
    """What came of it: the document, the run that was made, and the exit status."""

    document: RerunDocument
    run: RunRecord
    exit_status: int


@dataclass
class _Told:
    """What the other process has told."""

    number: int | None = None
    error: Mapping[str, Any] | None = None
    today: list[str] = field(default_factory=list)
    data: str = ""


def rerun(
    reference: str,
    *,
    progress: Progress | None = None,
    links: Sequence[str | Path] = (),
    tolerance: float | None = None,
    careful: bool = False,
    logbook: str | None = None,
) -> RerunOutcome:
    """Make a run again and compare the losses; the new run is recorded as any other, of the same version and seed.

    `links` are files and folders of the person's that the code reads at its own place and that no commit holds.
    `tolerance` is the relative difference up to which losses count as the same, `TOLERANCE` where None. With
    `careful`, code that this logbook has not run before is asked about. Raises NotFoundError for a run that isn't
    there, UsageError for one that can't be made again, and what `run` raises before there is a run.
    """
    tolerance = TOLERANCE if tolerance is None else tolerance
    if not 0 <= tolerance < 1:
        raise UsageError(f"--tolerance is a relative difference from 0 to below 1, got {tolerance:g}")
    folder = locate(logbook)
    with open_reader(folder) as reader:
        past = reader.run(reader.resolve(reference), layers=False)
    began = _start_of(past)
    relay = Relay()
    with listening(relay):
        with temporary_folder() as scratch, ExitStack() as stack:
            with relay.ending_block(), open_reader(folder) as reader:
                wanted = [Path(os.path.normpath(Path(link).absolute())) for link in links]
                near = [Path.cwd(), folder.resolve().parent]
                copy = stack.enter_context(
                    copied_code(began, lambda name: _blob(reader, name), scratch, links=wanted, near=near)
                )
            if progress is not None:
                _tell(past, copy, progress)
            asked = _asked(past, copy, folder, careful=careful)
            told = _in_a_process(asked, _folder_to_work_in(began, copy), _environment(began), relay, progress)
        if told.number is None:
            raise _error(told, past, relay)
        now, document = _compared(past, told, copy, folder, tolerance=tolerance)
        if progress is not None:
            progress.end(now.model_copy(update={"findings": rank(now.findings)}))
    return RerunOutcome(document=document, run=now, exit_status=relay.exit_status or document.exit_status)


def _start_of(run: RunRecord, *, anew: bool = False) -> StartOfRun:
    """Return how a run began; UsageError where it can't be made again."""
    name = run.summary.id
    if run.summary.kind == "own" or run.start_of_run is None:
        raise UsageError(f"{name} was made by your own training loop; only that loop can make it again")
    if run.summary.status == "running" and not anew:
        raise UsageError(f"{name} is running; a run can be made again when it has ended")
    return run.start_of_run


def _blob(reader: Reader, name: str) -> bytes | None:
    try:
        return reader.blob(name)
    except NotFoundError:
        return None


def _tell(past: RunRecord, copy: CodeCopy, progress: Progress) -> None:
    place = copy.record
    if place.kind == "commit":
        where = f"commit {place.commit[:12]} in a temporary worktree"
    else:
        where = f"the sources that the run kept, in a temporary folder: {place.why}"
    progress.message(f"code of {past.summary.id}: {where}")
    for remark in place.remarks:
        progress.message(f"code: {remark}")


# -- the other process ----------------------------------------------------------------------------------------


def _asked(past: RunRecord, copy: CodeCopy, folder: Path, *, careful: bool) -> dict[str, Any]:
    """Return what the process has to know."""
    return {
        "number": past.summary.number,
        "folder": str(folder),
        "began": datetime.fromisoformat(past.summary.started_at).timestamp(),
        "home": str(copy.home),
        "homes": [str(one) for one in copy.homes],
        "places": _texts(copy.places),
        "current": _texts(copy.current),
        "sources": [str(source) for source in copy.sources],
        "command_line": mask_arguments(sys.orig_argv),
        "path": [str(Path(package).parent) for package in (*_place_of_ours(), *logbook_schemas.__path__)],
        "careful": careful,
    }


def _in_a_process(
    asked: dict[str, Any], place: Path, environment: Mapping[str, str], relay: Relay, progress: Progress | None
) -> _Told:
    """Start the process that makes the run, pass on what it tells, answer what it asks, and wait for its end."""
    (reading, writing), (hearing, answering) = os.pipe(), os.pipe()
    told = _Told()
    with os.fdopen(reading, encoding="utf-8") as stream, os.fdopen(answering, "wb", buffering=0) as answers:
        try:
            with held_back():
                process = subprocess.Popen(
                    # -P: the current folder is not where modules come from.
                    [sys.executable, "-P", "-c", _PROGRAM, json.dumps(asked | {"tell": writing, "hear": hearing})],
                    stdin=subprocess.DEVNULL,
                    stdout=2,  # what the person's code prints must not get into the document
                    pass_fds=[writing, hearing],
                    cwd=place,
                    env=environment,
                    process_group=0,  # Ctrl-C reaches this process alone, which passes it on once
                )
                relay.child = process
        finally:
            os.close(writing)
            os.close(hearing)
        if relay.signal is not None:
            process.send_signal(relay.signal)
        try:
            for line in stream:
                event = json.loads(line)
                if event["event"] == "confirm":
                    answers.write(_answer(event["question"], relay, progress))
                else:
                    _hear(event, told, progress)
        finally:
            answers.close()  # it waits for no answer that won't come
            process.wait()
            relay.child = None
    return told


def _answer(question: str, relay: Relay, progress: Progress | None) -> bytes:
    """Ask a person on behalf of the other process, which waits: a signal ends the question, and by that both."""
    child, relay.child = relay.child, None
    try:
        with relay.ending_block():
            return b"yes\n" if progress is not None and progress.confirm(question) else b"no\n"
    finally:
        relay.child = child


def _texts(places: Mapping[Path, Path]) -> dict[str, str]:
    return {str(original): str(copy) for original, copy in places.items()}


def _place_of_ours() -> list[str]:
    return list(sys.modules["logbook"].__path__)


def _hear(event: Mapping[str, Any], told: _Told, progress: Progress | None) -> None:
    match event["event"]:
        case "error":
            told.error = event
        case "today":
            told.today = list(event["files"])
        case "data":
            told.data = event["folder"]
        case "begin":
            told.number = int(event["summary"]["number"])
    if progress is not None:
        replay(event, progress)


def _folder_to_work_in(began: StartOfRun, copy: CodeCopy) -> Path:
    """Return the current folder of then: in the copy, where it was inside of what was copied."""
    place = copy.folder_of(began.environment.cwd)
    if place is not None:
        return place
    then = Path(began.environment.cwd)
    return then if then.is_absolute() and then.is_dir() else copy.home


def _environment(began: StartOfRun) -> dict[str, str]:
    changed = {**os.environ, **_restored(began)}
    return {name: value for name, value in changed.items() if value is not None}


def _restored(began: StartOfRun) -> dict[str, str | None]:
    """Return the variables to be set, or unset where None, for the process to have them as they were then."""
    then = began.environment.variables
    return {name: then.get(name) for name in RESTORED if then.get(name) != os.environ.get(name)}


# -- what came of it ------------------------------------------------------------------------------------------


def _error(told: _Told, past: RunRecord, relay: Relay) -> LogbookError:
    """Return the error of a rerun that came to no run."""
    if relay.signal is not None:
        return StoppedError(f"stopped by {relay.signal.name}; nothing was recorded", exit_status=relay.exit_status)
    if told.error is None:
        return LogbookError(f"the process that was to make {past.summary.id} again ended before there was a run")
    kinds = {
        kind.__name__: kind
        for kind in (errors.UsageError, errors.ConfigError, errors.DataError, errors.RefusedError, StoreError)
    }
    error = kinds.get(told.error["kind"], LogbookError)(told.error["message"])
    error.exit_status = int(told.error["status"])
    return error


def _compared(
    past: RunRecord, told: _Told, copy: CodeCopy, folder: Path, *, tolerance: float
) -> tuple[RunRecord, RerunDocument]:
    """Return the run that was made, and the answer, which its journal has too."""
    began = _start_of(past)
    assert told.number is not None
    with open_reader(folder) as reader:
        now = reader.run(told.number, layers=False)
        before = reader.run(past.summary.number, layers=False)
        blobs = differing_blobs(began, _start_of(now, anew=True), reader)
    document = repetition(before, now, place=copy.record, blobs=blobs, tolerance=tolerance, restored=_restored(began))
    more = [*_more(told, now), *_note(folder, told.number, document)]
    return now, document.model_copy(update={"remarks": (*document.remarks, *more)})


def _more(told: _Told, now: RunRecord) -> list[str]:
    """Return what else is to be said of how the code of then fared."""
    said = [f"loaded from your folder as it is now: {', '.join(told.today)}"] if told.today else []
    if told.data:
        said.append(told.data)
    if told.error is not None:
        said.append(str(told.error["message"]))
    last = now.attempts[-1] if now.attempts else None
    if last is not None and last.error is not None and "FileNotFoundError" in last.error.traceback:
        said.append("the code looked for a file that is not in the copy: --link PATH links one of yours into it")
    return said


def _note(folder: Path, number: int, document: RerunDocument) -> list[str]:
    """Write the answer into the journal of the new run; return why where that can't be."""
    try:
        with open_writer(folder) as writer:
            writer.add_journal(number, JournalEntry(kind="note", text=document.sentence, author="logbook"))
    except StoreError as error:
        return [f"NOT ON DISK: the note of {document.run}: {error}"]
    return []
