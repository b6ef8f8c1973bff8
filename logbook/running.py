"""The one place that composes: what passed the gates is recorded, trained, judged as it goes, and ended.

Config, code, environment and data are recorded in one transaction; every epoch after that in its own.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from logbook.configs import LoadedConfig, load_config
from logbook.errors import RefusedError, StoreFullError, UsageError, UserCodeError
from logbook.gates import (
    CheckReport,
    Plan,
    RunOutcome,
    RunRequest,
    build,
    check,
    load_examples,
    pass_gates,
    run_config,
)
from logbook.journal import said, valid_tag
from logbook.recording import Progress, Recorder, StrictStop
from logbook.signals import StopRequest, listening
from logbook.store import locate, open_reader, open_writer
from logbook.store.identifiers import new_uuid
from logbook.store.live import hold
from logbook.store.location import checkpoint_folder
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.measures import DataRecord, EndRecord, Status
from logbook_schemas.records.runs import AttemptRecord, ErrorRecord, JournalEntry, RunRecord, RunSummary

if TYPE_CHECKING:
    from logbook.store.writer import Writer
    from logbook.training.state import Job, Training

__all__ = ["CheckReport", "Progress", "RunOutcome", "RunRequest", "check", "resume", "run"]


def run(request: RunRequest, progress: Progress) -> RunOutcome:
    """Make a run, or several that differ in their seeds alone, and return what came of it.

    Raises LogbookError for bad input; a finding or a known dead end that stops it is the outcome's `refused`.
    """
    if request.seeds < 1:
        raise UsageError(f"--seeds must be at least 1, got {request.seeds}")
    if request.note:
        said(request.note, "a note")
    for tag in request.tags:
        valid_tag(tag)
    first = load_config(request.config_path, overrides=request.overrides)
    outcome = RunOutcome()
    for place in range(request.seeds):
        loaded = first if place == 0 else _with_seed(first, run_config(first).training.seed + place)
        plan = pass_gates(loaded, request, progress)
        one = plan if isinstance(plan, RunOutcome) else _record_and_train(plan, progress)
        outcome = replace(one, runs=outcome.runs + one.runs, exit_status=one.exit_status or outcome.exit_status)
        if one.refused is not None or one.exit_status > 1:
            break
    return outcome


def resume(reference: str, *, progress: Progress, logbook: str | None = None) -> RunOutcome:
    """Go on with a run where it was stopped or killed, exactly; raises UsageError where there's nothing to resume."""
    folder = locate(logbook)
    with open_reader(folder) as reader:
        past = reader.run(reader.resolve(reference))
        frozen = reader.frozen(past.summary.config_hash)
    _refuse_to_resume(past)
    config = _thawed(frozen)
    home = Path(past.start_of_run.config_folder if past.start_of_run else ".")
    examples, data, _ = load_examples(config, home, folder)
    _refuse_other_data(past, data)
    training = build(config, home, examples, folder, past.summary.uuid)
    changed = _changed_code(past, home)
    at = _checkpointed_epoch(training.job)
    number = max((one.number for one in past.attempts), default=0) + 1
    with open_writer(folder) as writer, hold(folder, past.summary.uuid), listening() as stop:
        device = str(training.job.device)
        writer.begin_attempt(past.summary.number, _attempt(number, device=device, resumed_from=at))
        if changed:
            # The result is then no longer that of the recorded code alone: whoever reads the run must learn of it.
            text = f"attempt {number} goes on after epoch {at} with other code: {', '.join(changed)}"
            writer.add_journal(past.summary.number, JournalEntry(kind="note", text=text, author="logbook"))
            progress.message(f"warning: {text}; the run keeps the sources that it began with")
        progress.message(f"{past.summary.id} goes on after epoch {at} of {config.training.epochs}")
        progress.begin(past.summary, config.training.epochs)
        recorder = Recorder(
            writer,
            number=past.summary.number,
            attempt=number,
            config=config,
            data=data,
            progress=progress,
            stop=stop,
            epochs=[record for record in past.epochs if record.epoch <= at],
            start=past.start,
            findings=past.findings,
        )
        return _Stretch(writer, recorder, past.summary.number, number, progress, stop).train(training, resume=True)


def _record_and_train(plan: Plan, progress: Progress) -> RunOutcome:
    training = plan.training
    uuid = new_uuid()
    # The run is alive before it is recorded: nobody ever sees it as crashed while it begins.
    with open_writer(plan.folder) as writer, hold(plan.folder, uuid), listening() as stop:
        for remark in writer.remarks:
            progress.message(f"warning: {remark}")
        summary = _begin(writer, plan, uuid)
        for entry in _first_words(plan.request, plan.config):
            writer.add_journal(summary.number, entry)
        progress.begin(summary, plan.config.training.epochs)
        _show(plan, progress)
        recorder = Recorder(
            writer,
            number=summary.number,
            attempt=1,
            config=plan.config,
            data=plan.data,
            progress=progress,
            stop=stop,
            strict=plan.request.strict,
            findings=plan.findings,
        )
        stretch = _Stretch(writer, recorder, summary.number, 1, progress, stop)
        if training is None or plan.failure is not None:
            return stretch.fail(plan.failure or UserCodeError("the model could not be built"))
        training.job = replace(training.job, checkpoints=checkpoint_folder(plan.folder, uuid))
        return stretch.train(training)


def _begin(writer: Writer, plan: Plan, uuid: str) -> RunSummary:
    training = plan.training
    return writer.begin_run(
        plan.loaded.config,
        plan.loaded.frozen,
        plan.start,
        _attempt(1, device=str(training.job.device) if training else ""),
        blobs=plan.blobs,
        data=plan.data,
        findings=plan.findings,
        metric_modes=plan.data.metric_modes,
        uuid=uuid,
    )


def _show(plan: Plan, progress: Progress) -> None:
    shown = tuple(found for found in plan.findings if not found.ignored and found.severity != "note")
    if shown:
        progress.findings(shown)


@dataclass(frozen=True)
class _Stretch:
    """One attempt of a run, from its first step to its end row, whichever end that is."""

    writer: Writer
    recorder: Recorder
    number: int
    attempt: int
    progress: Progress
    stop: StopRequest

    def train(self, training: Training, *, resume: bool = False) -> RunOutcome:
        from logbook.training.trainer import train

        try:
            end = train(training, self.recorder, resume=resume)
            self.recorder.end(end)
        except StrictStop as reason:
            self._end("failed", reason=f"stopped by --strict: {reason}")
            return self._outcome(exit_status=1)
        except UserCodeError as error:
            return self.fail(error)
        except StoreFullError as error:
            number = self.number
            raise StoreFullError(f"{error}: logbook resume r{number}") from error
        return self._outcome(exit_status=self._exit_status(end))

    def fail(self, error: UserCodeError) -> RunOutcome:
        """End as failed: the traceback is stored whole, and shown short."""
        self.progress.message(f"error: {error}")
        self._end("failed", reason=str(error), error=ErrorRecord(message=str(error), traceback=error.traceback_text))
        return self._outcome(exit_status=1)

    def _end(self, status: Status, *, reason: str, error: ErrorRecord | None = None) -> None:
        self.writer.end_attempt(self.number, self.attempt, status=status, reason=reason, error=error)

    def _exit_status(self, end: EndRecord) -> int:
        if end.status == "interrupted":
            return self.stop.exit_status
        return 1 if end.status == "diverged" else 0

    def _outcome(self, *, exit_status: int) -> RunOutcome:
        with open_reader(self.writer.folder) as reader:
            record = reader.run(self.number)
        self.progress.end(record.summary)
        return RunOutcome(runs=(record,), findings=record.findings, exit_status=exit_status)


def _refuse_to_resume(past: RunRecord) -> None:
    name, status = past.summary.id, past.summary.status
    if status == "running":
        raise UsageError(f"{name} is running; a run can be resumed when it has ended")
    if status in ("finished", "early-stopped"):
        raise UsageError(f"{name} is {status}: there is nothing left to train")
    if status == "diverged":
        raise UsageError(
            f"{name} diverged, and would again: it would take the same steps. Change the config and run that;"
            f" 'logbook show {name}' says what to change"
        )


def _refuse_other_data(past: RunRecord, now: DataRecord) -> None:
    from logbook_schemas.records.provenance import same

    before = past.data.fingerprint if past.data else None
    if before is not None and now.fingerprint is not None and same(before, now.fingerprint) is False:
        raise RefusedError(
            f"the data of {past.summary.id} have changed since it ran (fingerprint {before.value[:12]} then,"
            f" {now.fingerprint.value[:12]} now): going on would be another training. Run the config again instead"
        )


def _changed_code(past: RunRecord, home: Path) -> tuple[str, ...]:
    """Name the files and packages that the run began with and that have another content or version now."""
    from logbook.history.diff import diff_code
    from logbook.provenance import capture_code

    began = past.start_of_run
    if began is None:
        return ()
    now, _ = capture_code([home, *([Path(began.git.root)] if began.git.root else [])])
    found = diff_code(began.code, now)
    files = [one.path for one in found.files if one.kind == "changed"]
    return (*files, *(one.path for one in found.packages if one.kind == "changed"))


def _thawed(frozen: bytes) -> RunConfig:
    from logbook_schemas.config.identity import thaw

    config = thaw(frozen)
    if not isinstance(config, RunConfig):
        raise UsageError("this run was made by your own training loop; only that loop can resume it")
    return config


def _with_seed(first: LoadedConfig, seed: int) -> LoadedConfig:
    return load_config(first.path, overrides=(*first.overrides, f"training.seed={seed}"))


def _checkpointed_epoch(job: Job) -> int:
    from logbook.training.checkpoints import LAST, load_checkpoint

    path = job.checkpoints / LAST
    return int(load_checkpoint(path, device=job.device)["progress"]["epoch"]) if path.exists() else 0


def _attempt(number: int, *, device: str, resumed_from: int = 0) -> AttemptRecord:
    return AttemptRecord(
        number=number,
        started_at=datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        host=platform.node(),
        pid=os.getpid(),
        device=device,
        resumed_from=resumed_from,
    )


def _first_words(request: RunRequest, config: RunConfig) -> Iterator[JournalEntry]:
    if request.note:
        yield JournalEntry(kind="note", text=request.note)
    for tag in dict.fromkeys([*config.tags, *request.tags]):
        yield JournalEntry(kind="tag", text=tag)
