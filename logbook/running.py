"""The one place that composes: what passed the gates is recorded, trained, judged as it goes, and ended.

Config, code, environment and data are recorded in one transaction; every epoch after that in its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from logbook.attempts import Attempt, attempt_record
from logbook.configs import LoadedConfig, load_config
from logbook.errors import UsageError, UserCodeError
from logbook.gates import CheckReport, Plan, RunOutcome, RunRequest, check, pass_gates, run_config
from logbook.journal import said, valid_tag
from logbook.recording import Progress, Recorder
from logbook.resuming import resume
from logbook.signals import StopRequest, listening
from logbook.store import open_writer
from logbook.store.identifiers import new_uuid
from logbook.store.live import hold
from logbook.store.location import checkpoint_folder
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.measures import DataRecord, EndRecord
from logbook_schemas.records.runs import JournalEntry, RunSummary

if TYPE_CHECKING:
    from logbook.store.writer import Writer

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
    first = load_config(request.config, overrides=request.overrides, logbook=request.logbook)
    outcome = RunOutcome()
    with listening() as stop:
        for place in range(request.seeds):
            seed = run_config(first).training.seed + place
            one = _run_one(first if place == 0 else _with_seed(first, seed, request), request, progress, stop)
            if one.refused is not None and request.seeds > 1:
                one = replace(one, refused=f"seed {seed}: {one.refused}")
            outcome = replace(one, runs=outcome.runs + one.runs, exit_status=one.exit_status or outcome.exit_status)
            if one.refused is not None or one.exit_status > 1:
                break
    return outcome


def _run_one(loaded: LoadedConfig, request: RunRequest, progress: Progress, stop: StopRequest) -> RunOutcome:
    with stop.ending_block():
        plan = pass_gates(loaded, request, progress)
    return plan if isinstance(plan, RunOutcome) else _record_and_train(plan, progress, stop)


def _record_and_train(plan: Plan, progress: Progress, stop: StopRequest) -> RunOutcome:
    uuid = new_uuid()
    # The run is alive before it is recorded: nobody ever sees it as crashed while it begins.
    with open_writer(plan.folder) as writer, hold(plan.folder, uuid):
        for remark in writer.remarks:
            progress.message(f"warning: {remark}")
        stop.raise_stopped()
        summary = _begin(writer, plan, uuid)
        recorder = Recorder(
            writer,
            number=summary.number,
            attempt=1,
            config=plan.config,
            data=plan.data or DataRecord(),
            progress=progress,
            stop=stop,
            strict=plan.request.strict,
            findings=plan.findings,
        )
        attempt = Attempt(writer=writer, recorder=recorder, run=summary.number, number=1, progress=progress, stop=stop)

        def work() -> EndRecord:
            for entry in _first_words(plan.request, plan.config):
                writer.add_journal(summary.number, entry)
            progress.begin(summary, plan.config.training.epochs)
            _show(plan, progress)
            if plan.training is None or plan.failure is not None:
                raise plan.failure or UserCodeError("the model could not be built")
            plan.training.job = replace(plan.training.job, checkpoints=checkpoint_folder(plan.folder, uuid))
            return attempt.train(plan.training)

        return attempt.see_through(work)


def _begin(writer: Writer, plan: Plan, uuid: str) -> RunSummary:
    training = plan.training
    return writer.begin_run(
        plan.loaded.config,
        plan.loaded.frozen,
        plan.start,
        attempt_record(1, device=str(training.job.device) if training else ""),
        blobs=plan.blobs,
        data=plan.data,
        findings=plan.findings,
        metric_modes=plan.metric_modes,
        parent=plan.parent,
        uuid=uuid,
    )


def _show(plan: Plan, progress: Progress) -> None:
    shown = tuple(found for found in plan.findings if not found.ignored and found.severity != "note")
    if shown:
        progress.findings(shown)


def _with_seed(first: LoadedConfig, seed: int, request: RunRequest) -> LoadedConfig:
    overrides = (*first.overrides, f"training.seed={seed}")
    return load_config(request.config, overrides=overrides, logbook=request.logbook)


def _first_words(request: RunRequest, config: RunConfig) -> Iterator[JournalEntry]:
    if request.note:
        yield JournalEntry(kind="note", text=request.note)
    for tag in dict.fromkeys([*config.tags, *request.tags]):
        yield JournalEntry(kind="tag", text=tag)
