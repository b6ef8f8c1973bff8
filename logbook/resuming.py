"""Going on with a run where it was stopped or killed, exactly: the same config, seed, data and code, or it is said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from logbook.attempts import Attempt, attempt_record
from logbook.errors import RefusedError, StoreError, UsageError
from logbook.gates import RunOutcome, build, judge_data, load_examples, metric_modes
from logbook.recording import Progress, Recorder
from logbook.signals import listening
from logbook.store import locate, open_reader, open_writer
from logbook.store.live import hold, is_alive
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.measures import DataRecord, EndRecord
from logbook_schemas.records.runs import JournalEntry, RunRecord

if TYPE_CHECKING:
    from logbook.training.state import Job

__all__ = ["resume"]


def resume(reference: str, *, progress: Progress, logbook: str | None = None) -> RunOutcome:
    """Go on with a run where it was stopped or killed, exactly; raises UsageError where there's nothing to resume."""
    folder = locate(logbook)
    with open_reader(folder) as reader:
        past = reader.run(reader.resolve(reference))
        frozen = reader.frozen(past.summary.config_hash)
    _refuse_to_resume(past)
    config, number = _thawed(frozen), past.summary.number
    home = Path(past.start_of_run.config_folder if past.start_of_run else ".")
    with listening() as stop:
        with stop.ending_block():
            examples, data, blobs = load_examples(config, home)
            _refuse_other_data(past, data)
            training = build(config, home, examples, folder, past.summary.uuid)
            data = data.model_copy(update={"metric_modes": _modes_of(past) or metric_modes(training)})
            news = _judge_new_data(past, config, data)
            changed = _changed_code(past, home)
        with open_writer(folder) as writer, _alone(folder, past):
            at = _checkpointed_epoch(training.job)
            stop.raise_stopped()
            record = attempt_record(0, device=str(training.job.device), resumed_from=at)
            count = writer.begin_attempt(number, record)
            recorder = Recorder(
                writer,
                number=number,
                attempt=count,
                config=config,
                data=data,
                progress=progress,
                stop=stop,
                epochs=[record for record in past.epochs if record.epoch <= at],
                start=past.start,
                findings=[*past.findings, *news],
            )
            attempt = Attempt(writer=writer, recorder=recorder, run=number, number=count, progress=progress, stop=stop)

            def work() -> EndRecord:
                if _lacks_data(past):
                    writer.put_blobs(blobs)
                    writer.append_record(number, "data", data)
                    writer.append_findings(number, count, news)
                if changed:
                    # The result is then no longer that of the recorded code alone: whoever reads the run must know.
                    text = f"attempt {count} goes on after epoch {at} with other code: {', '.join(changed)}"
                    writer.add_journal(number, JournalEntry(kind="note", text=text, author="logbook"))
                    progress.message(f"warning: {text}; the run keeps the sources that it began with")
                progress.message(f"{past.summary.id} goes on after epoch {at} of {training.course.epochs}")
                progress.begin(past.summary, training.course.epochs)
                return attempt.train(training, resume=True)

            return attempt.see_through(work)


@contextmanager
def _alone(folder: Path, past: RunRecord) -> Iterator[None]:
    """Keep the run alive during the block; UsageError where another process does, or did since the run was read."""
    summary = past.summary
    with ExitStack() as stack:
        try:
            stack.enter_context(hold(folder, summary.uuid))
        except StoreError as error:
            if not is_alive(folder, summary.uuid):
                raise
            raise UsageError(f"{summary.id} is being trained by another process; wait for it to end") from error
        with open_reader(folder) as reader:
            attempts = reader.attempts(summary.number)
        if len(attempts) != len(past.attempts):
            raise UsageError(
                f"{summary.id} has been resumed by another process meanwhile; 'logbook show {summary.id}' says how"
                " that ended"
            )
        yield


def _lacks_data(past: RunRecord) -> bool:
    """Say whether the data never came to be recorded: the person's code raised while it loaded them."""
    return past.data is None or not past.data.splits


def _modes_of(past: RunRecord) -> dict[str, str]:
    """Return whether lower or higher is better, as the run began with it: its curves are read that way."""
    return dict(past.start_of_run.metric_modes) if past.start_of_run else {}


def _judge_new_data(past: RunRecord, config: RunConfig, data: DataRecord) -> tuple[Finding, ...]:
    """Return what the checklist says of data that no attempt has loaded before; RefusedError as `run` refuses them."""
    if not _lacks_data(past):
        return ()
    findings, refusal = judge_data(config, data)
    was_forced = past.start_of_run is not None and past.start_of_run.forced
    if refusal is not None and not was_forced:
        raise RefusedError(f"refused: {refusal}")
    return findings


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


def _checkpointed_epoch(job: Job) -> int:
    from logbook.training.checkpoints import LAST, load_checkpoint

    path = job.checkpoints / LAST
    return int(load_checkpoint(path, device=job.device)["progress"]["epoch"]) if path.exists() else 0
