"""What a config gives before it trains: its data, and the model with all that trains it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from logbook.errors import FrozenError, LogbookError, UserCodeError
from logbook.initial import Initial, find_initial_weights
from logbook.store.location import checkpoint_folder

if TYPE_CHECKING:
    from logbook.training.data import LoadedData
    from logbook.training.state import Training
    from logbook_schemas.config.run import RunConfig
    from logbook_schemas.records.measures import DataRecord

__all__ = ["Built", "build", "build_all", "load_examples", "metric_modes"]


@dataclass(frozen=True, kw_only=True)
class Built:
    """What was loaded and built of a config; what came after an error, `data` or `training`, is None.

    `failure` is what the person's own code raised, `frozen` that nothing could be trained. `blobs` are the contents
    that the record of the data names, `metric_modes` says `min` or `max` of each metric.
    """

    data: DataRecord | None = None
    training: Training | None = None
    initial: Initial | None = None
    metric_modes: Mapping[str, str] = field(default_factory=dict)
    blobs: Mapping[str, bytes] = field(default_factory=dict)
    failure: UserCodeError | None = None
    frozen: FrozenError | None = None


def build_all(config: RunConfig, home: Path, store: Path) -> Built:
    """Return all that a run needs, or how far that came where the person's own code raised or nothing can be trained.

    `home` is where the person's modules come from, `store` the logbook's folder. Raises LogbookError on bad input.
    """
    data: DataRecord | None = None
    training: Training | None = None
    initial: Initial | None = None
    blobs = dict[str, bytes]()
    failure: UserCodeError | None = None
    try:
        initial = find_initial_weights(config, home, store)
        examples, data, blobs = load_examples(config, home, store)
        training = build(config, home, examples, store, initial=initial)
    except FrozenError as error:
        return Built(data=data, initial=initial, blobs=blobs, frozen=error)
    except UserCodeError as error:
        failure = error
    modes = metric_modes(training) if training is not None else _modes_without_data(config, home)
    if data is not None:
        data = data.model_copy(update={"metric_modes": modes})
    return Built(data=data, training=training, initial=initial, metric_modes=modes, blobs=blobs, failure=failure)


def load_examples(
    config: RunConfig, folder: Path, store: Path | None = None
) -> tuple[LoadedData, DataRecord, dict[str, bytes]]:
    """Return the data of a config, ready to train on, with its record and the blobs that the record names.

    Hashes of files are kept in the store's folder, once there is one.
    """
    from logbook.training.data import load_data
    from logbook.training.data.fingerprints import FileCache
    from logbook.training.data.probe import probe_data

    examples = load_data(config, folder)
    cache = FileCache(store) if store is not None and store.is_dir() else None
    record, blobs = probe_data(examples, config, cache)
    return examples, record.model_copy(update={"folder": str(folder), "notes": examples.notes}), dict(blobs)


def build(
    config: RunConfig,
    home: Path,
    examples: LoadedData,
    folder: Path,
    uuid: str = "",
    *,
    initial: Initial | None = None,
) -> Training:
    """Return what trains, untrained, on the config's device; `home` is where the person's modules come from."""
    from logbook.training.device import choose_device, moved
    from logbook.training.state import Job
    from logbook.training.trainer import prepare

    device = choose_device(config.training.device)
    return prepare(
        Job(
            config=config,
            loaded=moved(examples, device),
            folder=home,
            checkpoints=checkpoint_folder(folder, uuid),
            device=device,
            initial=initial.weights if initial is not None else None,
        )
    )


def metric_modes(training: Training) -> dict[str, str]:
    """Return `min` or `max` for each metric; what a metric of the person's own wants, it says itself."""
    return {metric.name: metric.mode for metric in training.metrics}


def _modes_without_data(config: RunConfig, home: Path) -> dict[str, str]:
    """Return the modes of metrics that were not built with a training: as their own code says, else as the config."""
    from logbook.training.data.baseline import metric_modes as configured
    from logbook.training.metrics import build_metrics

    try:
        return {metric.name: metric.mode for metric in build_metrics(config, home)}
    except LogbookError:
        return configured(config)
