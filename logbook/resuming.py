"""Going on with a run where it was stopped or killed, exactly: the same config, seed, data and code, or it is said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from logbook.attempts import Attempt, attempt_record
from logbook.building import build, load_examples, metric_modes
from logbook.configs import thawed
from logbook.errors import DamagedError, RefusedError, StoreError, UsageError
from logbook.gates import RunOutcome, judge_data
from logbook.initial import Initial, find_initial_weights
from logbook.recording import Progress, Recorder
from logbook.results import removal_of
from logbook.signals import listening
from logbook.stopping import find_stopper, told
from logbook.store import locate, open_reader, open_writer
from logbook.store.live import hold, is_alive
from logbook.store.location import checkpoint_folder
from logbook.trusting import name_new_sources
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.measures import DataRecord, EndRecord
from logbook_schemas.records.runs import JournalEntry, RunRecord
from logbook_schemas.records.summary import ENDED

if TYPE_CHECKING:
    from logbook.training.state import Job

__all__ = ["resume"]


def resume(reference: str, *, progress: Progress, careful: bool = False, logbook: str | None = None) -> RunOutcome:
    """Go on with a run where it was stopped or killed, exactly; raises UsageError where there's nothing to resume.

    With `careful`, code that this logbook has not run before is asked about: RefusedError where nobody says yes.
    """
    folder = locate(logbook)
    with open_reader(folder) as reader:
        past = reader.run(reader.resolve(reference))
        frozen = reader.frozen(past.summary.config_hash)
    _refuse_to_resume(past)
    config, number = _thawed(frozen), past.summary.number
    home = Path(past.start_of_run.config_folder if past.start_of_run else ".")
    with listening() as stop:
        with stop.ending_block():
            name_new_sources(config, home, folder, progress, careful=careful)
            examples, data, blobs = load_examples(config, home, folder)
            _refuse_other_data(past, data)
            training = build(config, home, examples, folder, past.summary.uuid, initial=_initial(past, config, folder))
            data = data.model_copy(update={"metric_modes": _modes_of(past) or metric_modes(training)})
            news = _judge_new_data(past, config, data)
            changed = _changed_code(past, home)
        with open_writer(folder) as writer, _alone(folder, past):
            pretrained, at = _checkpointed_epochs(training.job)
            _refuse_lost_epochs(past, at)
            planned = f" of {config.training.epochs}" if at or not pretrained else ""
            where = f"epoch {at}" if at or not pretrained else f"epoch {pretrained} of pre-training"
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
                epochs=[one for one in past.epochs if one.epoch <= (pretrained if one.phase == "pretrain" else at)],
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
                    text = f"attempt {count} goes on after {where} with other code: {', '.join(changed)}"
                    writer.add_journal(number, JournalEntry(kind="note", text=text, author="logbook"))
                    progress.message(f"warning: {text}; the run keeps the sources that it began with")
                if past.epochs and not (at or pretrained):
                    why = removal_of(past.journal, "last") or "it is gone"
                    progress.message(
                        f"warning: {past.summary.id} has no last checkpoint: {why}. It begins again from the start; the"
                        f" {len(past.epochs)} epochs that it had stay in the record"
                    )
                progress.message(f"{past.summary.id} goes on after {where}{planned}")
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


def _initial(past: RunRecord, config: RunConfig, folder: Path) -> Initial | None:
    """Return the weights to begin with; None where there is a checkpoint of its own, which replaces them."""
    if (checkpoint_folder(folder, past.summary.uuid) / "last.pt").exists():
        return None
    began = past.start_of_run
    found = find_initial_weights(config, Path(began.config_folder if began else "."), folder)
    before = began.initial_weights if began else None
    if found is not None and before is not None and found.record.weights_hash != before.weights_hash:
        raise RefusedError(
            f"the checkpoint that {past.summary.id} takes its initial weights from has changed since it ran: going on"
            " would be another training. Run the config again instead"
        )
    return found


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
    findings = judge_data(config, data)
    began = past.start_of_run
    stopper = find_stopper(findings, force=began.forced, again=began.again) if began else find_stopper(findings)
    if stopper is not None:
        raise RefusedError(f"refused: {told(stopper)}")
    return findings


def _refuse_to_resume(past: RunRecord) -> None:
    name, status = past.summary.id, past.summary.status
    if status == "running":
        raise UsageError(f"{name} is running; a run can be resumed when it has ended")
    if status in ENDED:
        raise UsageError(f"{name} is {status}: there is nothing left to train")
    if status == "diverged":
        raise UsageError(
            f"{name} diverged, and would again: it would take the same steps. Change the config and run that;"
            f" 'logbook show {name}' says what to change"
        )


def _refuse_lost_epochs(past: RunRecord, at: int) -> None:
    """Raise DamagedError where the record lacks epochs that the checkpoint has behind it: those came first."""
    there = {one.epoch for one in past.epochs if one.phase == "train"}
    missing = [epoch for epoch in range(1, at + 1) if epoch not in there]
    if missing:
        raise DamagedError(
            f"the last checkpoint of {past.summary.id} has {at} epochs behind it, but {len(missing)} of them, the first"
            f" of them epoch {missing[0]}, are not in the record: rows are gone, or the checkpoint is another run's."
            " Nothing was written; `logbook fsck` says what else is wrong, a backup may have them"
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
    from logbook.provenance import code_of_run

    began = past.start_of_run
    if began is None:
        return ()
    now, _ = code_of_run(home, began.git.root)
    found = diff_code(began.code, now)
    files = [one.path for one in found.files if one.kind == "changed"]
    return (*files, *(one.path for one in found.packages if one.kind == "changed"))


def _thawed(frozen: bytes) -> RunConfig:
    config = thawed(frozen)
    if not isinstance(config, RunConfig):
        raise UsageError("this run was made by your own training loop; only that loop can resume it")
    return config


def _checkpointed_epochs(job: Job) -> tuple[int, int]:
    """Return how many epochs of pre-training and of training the last checkpoint has behind it."""
    from logbook.training.checkpoints import LAST, load_checkpoint

    path = job.checkpoints / LAST
    if not path.exists():
        return 0, 0
    state = load_checkpoint(path, device=job.device)
    return int(state.get("pretraining", {}).get("done", 0)), int(state["progress"]["epoch"])
