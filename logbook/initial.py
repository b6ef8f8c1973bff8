"""The checkpoint that a config's initial weights come from: found in the logbook or in a file, read, and told apart.

Training knows no store: what `model.init.run` means is found here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from logbook.errors import ConfigError, NotFoundError, UsageError
from logbook.results import checkpoint_of
from logbook.store import open_reader
from logbook_schemas.config.initial_weights import CheckpointInit
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.beginning import InitialWeightsRecord

if TYPE_CHECKING:
    from logbook.store.reader import Reader
    from logbook.training.models.checkpoint_weights import InitialWeights
    from logbook_schemas.records.summary import RunSummary

__all__ = ["Initial", "find_initial_weights"]


@dataclass(frozen=True, kw_only=True)
class Initial:
    """Weights to begin with, and what the run's record says of where they come from."""

    weights: InitialWeights
    record: InitialWeightsRecord


def find_initial_weights(config: RunConfig, home: Path, folder: Path) -> Initial | None:
    """Return the weights that `model.init` asks for, None where it asks for no checkpoint.

    `home` is the config's folder, `folder` the logbook. Raises ConfigError where there is no such run, checkpoint or
    file, and for a name that may mean another run tomorrow.
    """
    init = getattr(config.model, "init", None)
    if not isinstance(init, CheckpointInit):
        return None
    from logbook.training.models.checkpoint_weights import read_initial_weights

    if init.path is not None:
        weights = read_initial_weights(home / init.path, init.path)
        record = InitialWeightsRecord(path=init.path)
    else:
        file, summary = _of_run(init, folder)
        weights = read_initial_weights(file, f"the {init.which} checkpoint of {summary.id}")
        record = InitialWeightsRecord(run=summary.id, uuid=summary.uuid, checkpoint=init.which)
    said = {"epoch": weights.epoch, "weights_hash": weights.hash}
    return Initial(weights=weights, record=record.model_copy(update=said))


def _of_run(init: CheckpointInit, folder: Path) -> tuple[Path, RunSummary]:
    reference = init.run or ""
    try:
        with open_reader(folder) as reader:
            summary = _run_named(reader, reference)
            return checkpoint_of(reader, folder, summary.number, init.which), summary
    except (NotFoundError, UsageError) as error:
        raise ConfigError(f"model.init.run is {reference!r}: {error}") from error


def _run_named(reader: Reader, reference: str) -> RunSummary:
    """Return the run that a reference means for ever: the config is frozen, and so must be what it speaks of."""
    summary = reader.summary(reader.resolve(reference))
    if reference.lower() in (summary.id, summary.words) or summary.uuid.startswith(reference.lower()):
        return summary
    raise UsageError(f"that is {summary.id} now, and may be another run later; write {summary.id}")
