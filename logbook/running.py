"""The one place that composes: what passed the gates is recorded, trained, judged as it goes, and ended.

Config, code, environment and data are recorded in one transaction; every epoch after that in its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from logbook.attempts import Attempt, attempt_record
from logbook.configs import LoadedConfig, load_config
from logbook.errors import StoppedError, UsageError, UserCodeError
from logbook.gates import CheckReport, Plan, RunOutcome, RunRequest, check, pass_gates, run_config
from logbook.journal import said, valid_tag
from logbook.recording import Progress, Recorder
from logbook.resuming import resume
from logbook.signals import StopRequest, listening
from logbook.store import open_writer
from logbook.store.identifiers import new_uuid
from logbook.store.live import hold
from logbook.store.location import checkpoint_folder
from logbook_schemas.checklist.ranking import grave
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.measures import DataRecord, EndRecord
from logbook_schemas.records.runs import JournalEntry, RunSummary

if TYPE_CHECKING:
    from logbook.store.writer import Writer

__all__ = ["CheckReport", "Progress", "RunOutcome", "RunRequest", "check", "record_and_train", "resume", "run"]


def run(request: RunRequest, progress: Progress) -> RunOutcome:
    """Make a run, or several that differ in their seeds and folds alone, and return what came of it.

    Raises LogbookError for bad input; a finding or a known dead end that stops it is the outcome's `refused`.
    """
    if request.seeds < 1:
        raise UsageError(f"--seeds must be at least 1, got {request.seeds}")
    if request.note:
        request = replace(request, note=said(request.note, "a note"))
    for tag in request.tags:
        valid_tag(tag)
    first = load_config(request.config, overrides=request.overrides, logbook=request.logbook)
    outcome = RunOutcome()
    with listening() as stop:
        for changes in _variants(run_config(first), request):
            try:
                one = _run_one(_varied(first, changes, request), request, progress, stop)
            except StoppedError as error:
                if not outcome.runs:
                    raise
                progress.message(f"stopped by {stop.name} before {_named(changes)} was recorded")
                return replace(outcome, exit_status=error.exit_status)
            if one.refused is not None and changes:
                one = replace(one, refused=f"{_named(changes)}: {one.refused}")
            outcome = replace(one, runs=outcome.runs + one.runs, exit_status=one.exit_status or outcome.exit_status)
            if one.refused is not None or one.exit_status > 1:
                break
            if one.runs[-1].start_of_run and one.runs[-1].start_of_run.again:
                request = replace(request, again=True)  # a person who said yes is asked once
    return outcome


def _run_one(loaded: LoadedConfig, request: RunRequest, progress: Progress, stop: StopRequest) -> RunOutcome:
    with stop.ending_block():
        plan = pass_gates(loaded, request, progress)
    return plan if isinstance(plan, RunOutcome) else record_and_train(plan, progress, stop)


def record_and_train(plan: Plan, progress: Progress, stop: StopRequest) -> RunOutcome:
    """Record a run that has passed its gates, train it, and return what came of it."""
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
            epochs = plan.config.training.epochs if plan.training is None else plan.training.course.epochs
            progress.begin(summary, epochs)
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
    if shown := grave(plan.findings):
        progress.findings(shown)


def _variants(config: RunConfig, request: RunRequest) -> Iterator[dict[str, int]]:
    """Yield what is set for each run that is asked for: every fold of the first seed, then of the next."""
    split = config.data.split
    if request.folds and split.kind != "k-fold":
        raise UsageError(f"--folds runs every fold of a split of kind 'k-fold', but data.split.kind is '{split.kind}'")
    folds: list[dict[str, int]] = [{}]
    if request.folds and split.kind == "k-fold":
        folds = [{"data.split.fold": fold} for fold in range(1, split.folds + 1)]
    for place in range(request.seeds):
        seed = {"training.seed": config.training.seed + place} if request.seeds > 1 else {}
        yield from ({**seed, **fold} for fold in folds)


def _named(changes: dict[str, int]) -> str:
    """Name a run by what it differs in."""
    return ", ".join(f"{path.split('.')[-1]} {value}" for path, value in changes.items())


def _varied(first: LoadedConfig, changes: dict[str, int], request: RunRequest) -> LoadedConfig:
    """Return the config with some fields set; what they are already is no override."""
    config = run_config(first)
    split = config.data.split
    there = {"training.seed": config.training.seed, "data.split.fold": split.fold if split.kind == "k-fold" else None}
    overrides = [f"{path}={value}" for path, value in changes.items() if there[path] != value]
    if not overrides:
        return first
    return load_config(request.config, overrides=(*first.overrides, *overrides), logbook=request.logbook)


def _first_words(request: RunRequest, config: RunConfig) -> Iterator[JournalEntry]:
    if request.note:
        yield JournalEntry(kind="note", text=request.note)
    for tag in dict.fromkeys([*config.tags, *request.tags]):
        yield JournalEntry(kind="tag", text=tag)
