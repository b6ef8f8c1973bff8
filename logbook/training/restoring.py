"""From a run's frozen config, what it kept of its data, and a checkpoint, to the network as it was trained."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from logbook.errors import StoreError
from logbook.training.checkpoints import load_checkpoint
from logbook.training.data.arrays import column_label
from logbook.training.data.features import Features
from logbook.training.data.incoming import RowReader
from logbook.training.data.incoming_images import ImageReader
from logbook.training.data.incoming_text import TextReader
from logbook.training.data.preparation import Scaling
from logbook.training.data.reconstruction import as_target
from logbook.training.data.vocabulary import Vocabulary
from logbook.training.device import choose_device
from logbook.training.models import build_model
from logbook.training.own_code import own_code
from logbook.training.trained import TrainedModel
from logbook_schemas.config.run import RunConfig
from logbook_schemas.config.sequences import Docstrings, Text
from logbook_schemas.config.sources import Cifar10, Cifar100, Images, Mnist, Source
from logbook_schemas.records.data import DataRecord

__all__ = ["restore_model"]


def restore_model(
    config: RunConfig,
    data: DataRecord,
    preparation: Mapping[str, Any],
    *,
    run: str,
    checkpoint: Path,
    folder: Path,
    device: str = "auto",
) -> TrainedModel:
    """Return a trained network with its preparation; nothing is fitted anew, and today's config is not looked at.

    `preparation` is what the run kept of its fitted statistics, `folder` where the person's modules are looked for,
    and `run` names the run in messages. Raises StoreError where checkpoint and network don't fit together, and what
    building the person's own network raises.
    """
    place = choose_device(device)
    state = load_checkpoint(checkpoint, device=torch.device("cpu"))
    with own_code("building the model"):
        network = build_model(
            config,
            input_shape=data.input_shape,
            output_size=data.output_size,
            folder=folder,
            generator_seed=0,
            vocabulary=_tokens(config, data, preparation),
        )
    _fill(network, state["model"], run)
    reader = _reader(config, data, preparation, run)
    inputs = Scaling.from_statistics(preparation.get("inputs", ()))
    targets = Scaling.from_statistics(preparation.get("targets", ()))
    is_reconstruction = config.task == "reconstruction"
    return TrainedModel(
        network=network.to(place).eval(),
        config=config,
        device=place,
        epoch=int(state["progress"]["epoch"]),
        reader=reader,
        inputs=inputs,
        targets=as_target(inputs, data.input_shape) if is_reconstruction else targets,
        classes=data.classes,
        columns=_input_columns(data, reader.features)
        if is_reconstruction
        else _target_columns(config, data.output_size),
    )


def _fill(network: nn.Module, weights: Mapping[str, Any], run: str) -> None:
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise StoreError(
            f"the network that the config of {run} builds now is not the one that was trained: {_first(error)};"
            f" 'logbook show {run}' says with which code and libraries it was"
        ) from error


def _first(error: RuntimeError) -> str:
    """Return the first of the differences that torch lists, without its heading."""
    lines = [line.strip() for line in str(error).splitlines()]
    return next((line for line in lines[1:] if line), lines[0]).rstrip(". ")


def _reader(config: RunConfig, data: DataRecord, preparation: Mapping[str, Any], run: str) -> RowReader:
    source: Any = config.data.source
    inputs = data.inputs
    columns = data.raw_inputs.columns if data.raw_inputs is not None else ()
    features = Features.from_kept(preparation, shape=data.input_shape, columns=columns)
    return RowReader(
        features=features,
        run=run,
        beside=_beside(config),
        array=source.inputs if source.kind == "npz" else "x",
        delimiter=getattr(source, "delimiter", ","),
        names_needed=source.kind in ("csv", "parquet"),
        is_integer=inputs is not None and inputs.dtype == "int64",
        tokens=_tokens(config, data, preparation),
        images=_image_reader(source, features, run),
        text=_text_reader(source, preparation, run),
    )


def _tokens(config: RunConfig, data: DataRecord, preparation: Mapping[str, Any]) -> int:
    """Return how many different tokens the inputs hold; 0 where they are numbers."""
    return int(preparation.get("tokens", data.output_size if config.task == "language-model" else 0))


def _image_reader(source: Source, features: Features, run: str) -> ImageReader | None:
    if isinstance(source, Images):
        return ImageReader(source=source, shape=features.shape, run=run)
    if isinstance(source, Mnist | Cifar10 | Cifar100):
        as_folder = Images(path=source.path, channels=1 if features.shape[0] == 1 else 3)
        return ImageReader(source=as_folder, shape=features.shape, run=run)
    return None


def _text_reader(source: Source, preparation: Mapping[str, Any], run: str) -> TextReader | None:
    if not isinstance(source, Text | Docstrings):
        return None
    return TextReader(vocabulary=Vocabulary.from_statistics(preparation["vocabulary"]), source=source, run=run)


def _beside(config: RunConfig) -> tuple[str, ...]:
    """Return the columns that a table may well have beside the features: targets, those left out, those split by."""
    source: Any = config.data.source
    split_by = config.data.split.column
    return (*_named_targets(source), *getattr(source, "ignore", ()), *((split_by,) if split_by else ()))


def _named_targets(source: Any) -> tuple[str, ...]:
    """Return the names of a table's target columns; none where a source's targets have no names."""
    found = getattr(source, "target", None)
    if found is None or source.kind not in ("csv", "parquet"):
        return ()
    return (found,) if isinstance(found, str) else tuple(found)


def _input_columns(data: DataRecord, features: Features) -> tuple[str, ...]:
    """Name what is reconstructed: by feature, or by place where the preparation makes others of the features."""
    names = features.columns if data.input_shape == features.shape else ()
    return tuple(column_label(place, data.input_shape, names) for place in range(data.output_size))


def _target_columns(config: RunConfig, count: int) -> tuple[str, ...]:
    names = _named_targets(config.data.source)
    if len(names) == count:
        return names
    return ("target",) if count == 1 else tuple(f"target_{place}" for place in range(count))
