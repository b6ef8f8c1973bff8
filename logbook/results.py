"""The result of a run, ready for use: its network from a checkpoint, its preparation from the record.

What differs between then and now (libraries, the person's own code) is said, and stops nothing.
"""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from logbook.configs import thawed
from logbook.errors import NotFoundError, StoreError, UsageError
from logbook.store import locate, open_reader
from logbook.store.location import checkpoint_folder
from logbook.trusting import Asker, name_new_sources

if TYPE_CHECKING:
    from logbook.store.reader import Reader
    from logbook.training.predictions import Predictions
    from logbook.training.trained import TrainedModel
    from logbook_schemas.config.run import RunConfig
    from logbook_schemas.records.beginning import StartOfRun
    from logbook_schemas.records.data import DataRecord
    from logbook_schemas.records.predictions import PredictDocument
    from logbook_schemas.records.runs import JournalEntry
    from logbook_schemas.records.summary import RunSummary

__all__ = ["Which", "checkpoint_of", "load_model", "predict", "removal_of"]

Which = Literal["best", "last"]
"""The checkpoint of the best epoch by the monitored metric, or of the last one."""

_LARGEST_LOSS = 700.0
"""Nats whose exponential a float still holds."""
_LIBRARIES = ("torch", "numpy", "training-logbook")


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """What the logbook keeps of a run that its network is made from."""

    summary: RunSummary
    config: RunConfig
    data: DataRecord
    start: StartOfRun
    preparation: dict[str, Any]
    checkpoint: Path


def predict(
    reference: str,
    rows: str | Path,
    *,
    checkpoint: str = "best",
    device: str = "auto",
    careful: bool = False,
    asker: Asker | None = None,
    logbook: str | None = None,
) -> tuple[PredictDocument, tuple[str, ...]]:
    """Return what the network of a run says of the rows of a file, and what a person should know of how it came to be.

    Raises NotFoundError where the run or its checkpoint isn't there, DataError for rows that can't be taken.
    `careful` and `asker` are as for `load_model`.
    """
    path = Path(rows)
    if not path.exists():
        raise NotFoundError(f"no such file: {path}")
    model, summary, remarks = load_model(
        reference, checkpoint=checkpoint, device=device, careful=careful, asker=asker, logbook=logbook
    )
    if path.is_dir() and model.reader.images is None:
        raise NotFoundError(f"{path} is a folder; expected a file, since {summary.id} was not trained on images")
    found = model.predict(path)
    return _document(summary, model, found, checkpoint, path), (*remarks, *found.remarks)


def load_model(
    reference: str,
    *,
    checkpoint: str = "best",
    device: str = "auto",
    careful: bool = False,
    asker: Asker | None = None,
    logbook: str | Path | None = None,
) -> tuple[TrainedModel, RunSummary, tuple[str, ...]]:
    """Return the trained network of a run, its summary, and remarks on what is not as it was when it trained.

    Raises NotFoundError where the run or the checkpoint isn't there, UsageError for a run of a person's own loop.
    A network of the person's own whose source this logbook has not run is told to the `asker` before it runs; with
    `careful` it is asked about, and RefusedError raised where nobody says yes.
    """
    folder = locate(logbook)
    with open_reader(folder) as reader:
        kept = _kept(reader, folder, reference, checkpoint)
    home = Path(kept.start.config_folder)
    name_new_sources(kept.config, home, folder, asker, careful=careful, sections=("model",))
    from logbook.training.restoring import restore_model

    model = restore_model(
        kept.config,
        kept.data,
        kept.preparation,
        run=kept.summary.id,
        checkpoint=kept.checkpoint,
        folder=home,
        device=device,
    )
    return model, kept.summary, tuple(_remarks(kept, model, checkpoint))


def checkpoint_of(reader: Reader, folder: Path, number: int, which: str) -> Path:
    """Return the file of a run's checkpoint; NotFoundError says why there is none, UsageError that none can be."""
    if which not in ("best", "last"):
        raise UsageError(f"there is no checkpoint {which!r}; it is one of best, last")
    summary = reader.summary(number)
    if summary.kind == "own":
        raise UsageError(f"{summary.id} was made by your own training loop: logbook keeps no checkpoint of it")
    # The names are those of `training.checkpoints`, which would bring torch along.
    file = checkpoint_folder(folder, summary.uuid) / f"{which}.pt"
    if file.is_file():
        return file
    raise NotFoundError(f"{summary.id} has no {which} checkpoint: {_why_none(reader, summary, file)}")


def _why_none(reader: Reader, summary: RunSummary, file: Path) -> str:
    if summary.status == "running" and not summary.epochs:
        return "it is running, and its first epoch has not ended"
    end = reader.run(summary.number, layers=False).end
    skipped = end.skipped if end is not None else {}
    if file.stem == "best" and summary.best_epoch is None and file.with_name("last.pt").is_file():
        why = skipped.get("best", f"{summary.monitor_metric} was not a number in any epoch")
        return f"{why}. Take its last one: --checkpoint last"
    if removed := removal_of(reader.journal(summary.number), file.stem):
        return f"{removed}; 'logbook run {summary.id} --again' trains it anew"
    if "checkpoint" in skipped:
        return skipped["checkpoint"]
    # The epoch in which a training diverged is recorded, and its weights are worth nothing.
    if summary.epochs <= (summary.status == "diverged"):
        return f"it is {summary.status}, and no epoch of it ended; 'logbook show {summary.id}' says why"
    return (
        f"{file} is gone. It was removed, or the logbook was moved without it; 'logbook run {summary.id} --again'"
        " trains it anew"
    )


def removal_of(journal: Sequence[JournalEntry], which: str) -> str:
    """Say when a checkpoint was removed, and by which policy; an empty text where the journal has no word of it."""
    entry = next((one for one in reversed(journal) if (one.kind, one.text) == ("removal", which)), None)
    return "" if entry is None else f"it was removed on {entry.at[:10]} (logbook {entry.reason})"


def _kept(reader: Reader, folder: Path, reference: str, which: str) -> _Kept:
    from logbook_schemas.config.run import RunConfig

    number = reader.resolve(reference)
    checkpoint = checkpoint_of(reader, folder, number, which)
    summary, data = reader.summary(number), reader.data_record(number)
    config = thawed(reader.frozen(summary.config_hash))
    if not isinstance(config, RunConfig):
        raise UsageError(f"{summary.id} was made by your own training loop: logbook can't build its network")
    if data is None or data.preparation_blob is None:
        raise NotFoundError(f"{summary.id} has no record of its data, so that no row can be prepared as its own were")
    try:
        preparation = json.loads(reader.blob(data.preparation_blob))
    except ValueError as error:
        raise StoreError(f"the preparation of {summary.id} is damaged: {error}; see 'logbook fsck'") from error
    return _Kept(
        summary=summary,
        config=config,
        data=data,
        start=reader.start_of_run(number),
        preparation=preparation,
        checkpoint=checkpoint,
    )


# -- what is not as it was ------------------------------------------------------------------------------------


def _remarks(kept: _Kept, model: TrainedModel, which: str) -> Iterator[str]:
    summary = kept.summary
    if summary.status == "running":
        yield f"{summary.id} is running; these are its weights after epoch {model.epoch}"
    elif which == "best" and summary.best_epoch is not None and model.epoch != summary.best_epoch:
        yield (
            f"the best epoch of {summary.id} is {summary.best_epoch}, whose checkpoint could not be kept;"
            f" these are the weights of epoch {model.epoch}"
        )
    differing = [f"{name} {then}, this is {now}" for name, then, now in _versions(kept.start) if then != now]
    if differing:
        yield f"{summary.id} was trained with {'; '.join(differing)}: predictions may differ"
    if changed := _changed_code(kept):
        yield f"the code has changed since {summary.id} was trained: {', '.join(changed)}"


def _versions(start: StartOfRun) -> Iterator[tuple[str, str, str]]:
    """Yield the name of each library, its version when the run was trained and now, where both are known."""
    from importlib import metadata

    yield "Python", start.environment.python or platform.python_version(), platform.python_version()
    recorded = dict(start.code.packages)
    if start.environment.torch:
        recorded["torch"] = start.environment.torch
    for name in _LIBRARIES:
        now = _torch_version() if name == "torch" else _installed(name, metadata)
        if now is not None and name in recorded:
            yield name, recorded[name], now


def _torch_version() -> str | None:
    import sys

    # As the record of the environment has it: with the build, 2.5.1+cu124.
    version = getattr(sys.modules.get("torch"), "__version__", None)
    return None if version is None else str(version)


def _installed(name: str, metadata: Any) -> str | None:
    try:
        return str(metadata.version(name))
    except metadata.PackageNotFoundError:
        return None


def _changed_code(kept: _Kept) -> tuple[str, ...]:
    """Name the files of the person's own network that have another content now."""
    if kept.config.model.kind != "python":
        return ()
    from logbook.history.diff import diff_code
    from logbook.provenance import code_of_run

    now, _ = code_of_run(Path(kept.start.config_folder), kept.start.git.root)
    return tuple(one.path for one in diff_code(kept.start.code, now).files if one.kind == "changed")


# -- as a document --------------------------------------------------------------------------------------------


def _document(summary: RunSummary, model: TrainedModel, found: Predictions, which: str, path: Path) -> PredictDocument:
    from logbook_schemas.records.predictions import PredictDocument

    return PredictDocument(
        run=summary.id,
        uuid=summary.uuid,
        name=summary.name,
        checkpoint="best" if which == "best" else "last",
        epoch=model.epoch,
        task=model.config.task,
        rows=str(path),
        classes=found.classes,
        columns=found.columns,
        loss=_finite(found.loss),
        perplexity=None if found.loss is None else _perplexity(found.loss),
        tokens=None if found.counts is None else int(found.counts.sum()),
        predictions=tuple(_rows(found)),
    )


def _rows(found: Predictions) -> Iterator[Any]:
    from logbook_schemas.records.predictions import RowPrediction

    values = found.values.tolist()
    likely = None if found.probabilities is None else found.probabilities.tolist()
    errors = None if found.errors is None else found.errors.tolist()
    losses = None if found.losses is None else found.losses.tolist()
    for row, value in enumerate(values):
        is_nothing = value == "" and not found.texts
        yield RowPrediction(
            row=row,
            file=found.files[row] if found.files else None,
            text=found.texts[row] if found.texts else None,
            prediction=None if is_nothing else value[0] if isinstance(value, list) and len(value) == 1 else value,
            probabilities=tuple(likely[row]) if likely is not None else (),
            error=None if errors is None else _finite(errors[row]),
            loss=None if losses is None else _finite(losses[row]),
            perplexity=None if losses is None else _perplexity(losses[row]),
        )


def _perplexity(loss: float) -> float | None:
    """Return the exponential of a mean cost; None where it is no number, or too large to be one."""
    return math.exp(loss) if loss < _LARGEST_LOSS else None


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
