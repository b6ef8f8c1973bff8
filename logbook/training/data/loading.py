"""From source to tensors: split first, then fit the preparation on the training split alone, then apply it to all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset, Subset

from logbook.errors import DataError
from logbook.training.data.arrays import Array
from logbook.training.data.categories import one_hot_categories
from logbook.training.data.loaded import LoadedData, RawRows, Split
from logbook.training.data.missing import fill_missing
from logbook.training.data.preparation import Scaling, fit_scaling
from logbook.training.data.sources import WHOLE, RawData, load_source
from logbook.training.data.splits import split_rows
from logbook.training.data.streams import PreparedDataset, sample_dataset, stored_targets, to_inputs
from logbook.training.data.targets import TargetEncoding, learn_targets
from logbook_schemas.config.run import RunConfig

__all__ = ["load_data"]

_GIVEN = ("train", "validation", "test")


def load_data(config: RunConfig, folder: Path) -> LoadedData:
    """Return the data of a config: loaded, split, prepared with statistics of the training split, as tensors.

    Paths and modules are looked for in `folder`. Raises DataError for a source that doesn't hold what the config
    says, ConfigError or UserCodeError for a person's own code.
    """
    raw = one_hot_categories(load_source(config.data.source, folder))
    return _load_streamed(config, raw, folder) if raw.datasets else _load_held(config, raw, folder)


def _load_held(config: RunConfig, raw: RawData, folder: Path) -> LoadedData:
    _check_shapes(raw)
    encoding = learn_targets(config, raw, {name: part.targets for name, part in raw.parts.items()})
    encoded = {name: encoding.encode(part.targets) for name, part in raw.parts.items()}
    labels = _labels_to_stratify(config, encoding, next(iter(encoded.values())))
    places = _places(config, {name: len(part) for name, part in raw.parts.items()}, labels)
    rows_of = {name: _take_raw(raw, part, rows) for name, (part, rows) in places.items()}
    rows_of, filled = fill_missing(config.data.source, rows_of, raw)
    inputs, targets = _fit(config, encoding, rows_of["train"], raw.columns)
    splits = {
        name: Split(
            inputs=to_inputs(rows.inputs, inputs, keep_integers=_keeps_integers(config)),
            targets=torch.from_numpy(_final_targets(encoding, targets, encoding.encode(rows.targets))),
            rows=rows.rows,
            raw=rows,
        )
        for name, rows in rows_of.items()
    }
    loaded = _assemble(config, raw, folder, encoding, inputs, targets, splits)
    return replace(loaded, preparation={**loaded.preparation, **filled})


def _load_streamed(config: RunConfig, raw: RawData, folder: Path) -> LoadedData:
    lengths = {name: len(dataset) for name, dataset in raw.datasets.items()}  # type: ignore[arg-type]
    labels, notes = _labels_of_dataset(config, raw)
    places = _places(config, lengths, labels)
    datasets = {name: _subset(raw.datasets[part], rows) for name, (part, rows) in places.items()}
    samples = {name: sample_dataset(dataset, seed=0) for name, dataset in datasets.items()}
    encoding = learn_targets(config, raw, {name: sample.targets for name, sample in samples.items()})
    inputs, targets = _fit(config, encoding, samples["train"], raw.columns)
    keep = _keeps_integers(config)
    splits = {
        name: Split(
            dataset=PreparedDataset(dataset, inputs, targets, encoding, keep_integers=keep),
            rows=places[name][1],
            raw=RawRows(samples[name].inputs, samples[name].targets, places[name][1][samples[name].rows]),
        )
        for name, dataset in datasets.items()
    }
    return _assemble(config, raw, folder, encoding, inputs, targets, splits, notes)


def _assemble(
    config: RunConfig,
    raw: RawData,
    folder: Path,
    encoding: TargetEncoding,
    inputs: Scaling,
    targets: Scaling,
    splits: dict[str, Split],
    notes: tuple[str, ...] = (),
) -> LoadedData:
    train = splits["train"]
    assert train.raw is not None  # filled by both callers
    lengths = {name: len(part) for name, part in (raw.parts or raw.datasets).items()}  # type: ignore[arg-type]
    return LoadedData(
        train=train,
        validation=splits.get("validation"),
        test=splits.get("test"),
        input_shape=tuple(train.raw.inputs.shape[1:]),
        output_size=encoding.output_size,
        classes=encoding.classes,
        columns=raw.columns,
        inputs=inputs,
        targets=targets,
        encoding=encoding,
        preparation={"inputs": inputs.statistics(), "targets": targets.statistics()},
        source=raw,
        source_rows=sum(lengths.values()),
        folder=folder,
        notes=(*raw.notes, *_given_notes(config, raw), *notes),
    )


def _check_shapes(raw: RawData) -> None:
    shapes = {name: part.inputs.shape[1:] for name, part in raw.parts.items()}
    if len(set(shapes.values())) > 1:
        found = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise DataError(f"{raw.label}: one example has a different shape in each split: {found}")


def _places(config: RunConfig, lengths: dict[str, int], labels: Array | None) -> dict[str, tuple[str, Array]]:
    """Return, for each split, the part of the source that it comes from and its rows there.

    A validation or test part that the source gives stands; what it doesn't give is drawn from its train part.
    """
    drawn_from = WHOLE if WHOLE in lengths else "train"
    rows = split_rows(
        config.data.split,
        lengths[drawn_from],
        validation="validation" not in lengths,
        test="test" not in lengths,
        classes=labels,
    )
    given = {name: (name, np.arange(lengths[name])) for name in _GIVEN[1:] if name in lengths}
    places = {name: (drawn_from, drawn) for name, drawn in rows.items()} | given
    return {name: places[name] for name in _GIVEN if name in places}


def _given_notes(config: RunConfig, raw: RawData) -> tuple[str, ...]:
    given = [name for name in _GIVEN[1:] if name in (raw.parts or raw.datasets)]
    shares = {"validation": config.data.split.validation, "test": config.data.split.test}
    return tuple(
        f"{raw.label} gives its own {name} split; the config's share of {shares[name]:g} is not drawn"
        for name in given
        if shares[name] > 0
    )


def _labels_to_stratify(config: RunConfig, encoding: TargetEncoding, encoded: Array) -> Array | None:
    """Return the class index of each row that is to be split, or None where classes play no part."""
    if not config.data.split.stratify:
        return None
    if encoding.labels is None:
        raise DataError(
            f"data.split.stratify keeps the shares of classes, and task {config.task} has none; set it to false"
        )
    return encoded.reshape(len(encoded)).astype(np.int64)


def _labels_of_dataset(config: RunConfig, raw: RawData) -> tuple[Array | None, tuple[str, ...]]:
    """Return the labels of a Dataset that carries them; reading every example to learn its class costs too much."""
    dataset = raw.datasets.get(WHOLE) or raw.datasets["train"]
    shares = (config.data.split.validation, config.data.split.test)
    is_drawn = any(share > 0 and name not in raw.datasets for share, name in zip(shares, _GIVEN[1:], strict=True))
    if not (config.data.split.stratify and is_drawn):
        return None, ()
    found = stored_targets(dataset)
    if found is None:
        return None, (f"{raw.label}: the Dataset has no attribute 'targets', so its split is not stratified",)
    return np.unique(found, return_inverse=True)[1].reshape(-1), ()


def _subset(dataset: Dataset[Any], rows: Array) -> Dataset[Any]:
    is_whole = len(rows) == len(dataset)  # type: ignore[arg-type]
    return dataset if is_whole else Subset(dataset, rows.tolist())


def _take_raw(raw: RawData, part: str, rows: Array) -> RawRows:
    examples = raw.parts[part]
    if len(rows) == len(examples):  # every row, in order: no copy
        return RawRows(examples.inputs, examples.targets, rows)
    return RawRows(examples.inputs[rows], examples.targets[rows], rows)


def _fit(
    config: RunConfig, encoding: TargetEncoding, train: RawRows, columns: tuple[str, ...]
) -> tuple[Scaling, Scaling]:
    inputs = fit_scaling(config.data.inputs, train.inputs, columns=columns, name="inputs")
    if not config.data.targets:
        return inputs, Scaling()
    return inputs, fit_scaling(config.data.targets, encoding.encode(train.targets), name="targets")


def _final_targets(encoding: TargetEncoding, scaling: Scaling, encoded: Array) -> Array:
    return encoded if encoding.as_indices else scaling.apply(encoded)


def _keeps_integers(config: RunConfig) -> bool:
    """Say whether whole numbers may be tokens: only a person's own model has a table to look them up in."""
    return config.model.kind == "python"
