"""From source to tensors: split first, then fit the preparation on the training split alone, then apply it to all."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset, Subset

from logbook.errors import DataError
from logbook.training.data.arrays import Array
from logbook.training.data.augmentation import check_augmentation
from logbook.training.data.balance import balanced_places, class_weights
from logbook.training.data.categories import one_hot_categories
from logbook.training.data.class_batches import check_classes_to_compare
from logbook.training.data.features import features_of
from logbook.training.data.loaded import LoadedData, RawRows, Split
from logbook.training.data.missing import fill_missing
from logbook.training.data.places import GIVEN, Places, drawn_part, find_places, given_notes, limited
from logbook.training.data.preparation import Scaling, fit_scaling
from logbook.training.data.reconstruction import as_target, check_reconstruction, without_targets
from logbook.training.data.sources import RawData, load_source
from logbook.training.data.sources.files import load_files
from logbook.training.data.sources.text import load_text
from logbook.training.data.streams import PreparedDataset, sample_dataset, stored_targets, to_inputs
from logbook.training.data.targets import TargetEncoding, learn_targets
from logbook.training.data.tokens import count_tokens, reads_tokens
from logbook_schemas.config.run import RunConfig
from logbook_schemas.config.sequences import Docstrings, Text
from logbook_schemas.config.splits import FilesSplit

__all__ = ["load_data"]


def load_data(config: RunConfig, folder: Path) -> LoadedData:
    """Return the data of a config: loaded, split, prepared with statistics of the training split, as tensors.

    Paths and modules are looked for in `folder`. Raises DataError for a source that doesn't hold what the config
    says, ConfigError or UserCodeError for a person's own code.
    """
    raw = source = one_hot_categories(_load_raw(config, folder), config.data.inputs)
    if config.task == "reconstruction":
        raw = without_targets(source)
    if raw.datasets:
        loaded = _load_streamed(config, raw, folder)
    else:  # the fingerprint is that of the source, whatever is made of it
        loaded = replace(_load_held(config, raw, folder), source=source)
    check_reconstruction(config, loaded)
    check_classes_to_compare(config, loaded)
    return loaded


def _load_raw(config: RunConfig, folder: Path) -> RawData:
    source, split = config.data.source, config.data.split
    if isinstance(source, Text | Docstrings):
        return load_text(source, split, folder)
    if isinstance(split, FilesSplit):
        return load_files(source, split, folder)
    # The columns of a person's own source are what it hands over: there is nothing to ask it for.
    is_named = split.column is not None and source.kind != "python"
    raw = load_source(source, folder, extra=(split.column,) if is_named and split.column else ())
    for part in raw.parts.values():
        if split.column is not None and split.column not in part.extra:
            found = ", ".join(part.extra) or "inputs and targets alone"
            raise DataError(f"{raw.label} hands over {found}; data.split.by asks for '{split.column}'")
    return raw


def _load_held(config: RunConfig, raw: RawData, folder: Path) -> LoadedData:
    _check_shapes(raw)
    encoding = learn_targets(config, raw, {name: part.targets for name, part in raw.parts.items()})
    encoded = {name: encoding.encode(part.targets) for name, part in raw.parts.items()}
    labels = _labels_to_stratify(config, encoding, encoded[drawn_part(raw)])
    places = limited(find_places(config.data.split, raw, labels), config.data.limit)
    part, rows = places["train"]
    trained = _as_classes(encoded[part])[rows] if _balances(config) else None
    natural = raw.parts[part].targets[rows] if trained is not None else None
    places = _balanced(config, places, trained)
    rows_of = {name: _take_raw(raw, part, rows) for name, (part, rows) in places.items()}
    rows_of, filled = fill_missing(config.data.source, rows_of, raw)
    inputs, targets = _fit(config, encoding, rows_of["train"], raw)
    splits = {name: _held_split(config, encoding, inputs, targets, rows) for name, rows in rows_of.items()}
    weights = _weights(config, trained, encoding)
    loaded = _assemble(config, raw, folder, encoding, inputs, targets, splits)
    notes = (*loaded.notes, *_unknown_notes(inputs, rows_of))
    preparation = {**loaded.preparation, **filled}
    return replace(loaded, natural_targets=natural, class_weights=weights, notes=notes, preparation=preparation)


def _held_split(config: RunConfig, encoding: TargetEncoding, inputs: Scaling, targets: Scaling, rows: RawRows) -> Split:
    prepared = to_inputs(rows.inputs, inputs, keep_integers=reads_tokens(config))
    if encoding.of_inputs:
        return Split(inputs=prepared, targets=prepared, rows=rows.rows, raw=rows)
    encoded = torch.from_numpy(_final_targets(encoding, targets, encoding.encode(rows.targets)))
    return Split(inputs=prepared, targets=encoded, rows=rows.rows, raw=rows)


def _load_streamed(config: RunConfig, raw: RawData, folder: Path) -> LoadedData:
    labels, notes = _labels_of_dataset(config, raw)
    places = limited(find_places(config.data.split, raw, labels), config.data.limit)
    natural = _classes_of_dataset(config, raw, places["train"])
    places = _balanced(config, places, natural)
    datasets = {name: _subset(raw.datasets[part], rows) for name, (part, rows) in places.items()}
    samples = {name: sample_dataset(dataset, seed=0) for name, dataset in datasets.items()}
    encoding = learn_targets(config, raw, {name: sample.targets for name, sample in samples.items()})
    inputs, targets = _fit(config, encoding, samples["train"], raw)
    keep = reads_tokens(config)
    splits = {
        name: Split(
            dataset=PreparedDataset(dataset, inputs, targets, encoding, keep_integers=keep),
            rows=places[name][1],
            raw=RawRows(samples[name].inputs, samples[name].targets, places[name][1][samples[name].rows]),
        )
        for name, dataset in datasets.items()
    }
    loaded = _assemble(config, raw, folder, encoding, inputs, targets, splits, notes)
    return replace(loaded, class_weights=_weights(config, natural, encoding))


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
    shape = train.raw.inputs.shape[1:] if inputs.layout is None else inputs.layout.shape
    check_augmentation(config.data.augment, shape)
    lengths = {name: len(part) for name, part in (raw.parts or raw.datasets).items()}  # type: ignore[arg-type]
    vocabulary = count_tokens(config, raw, {name: split.raw for name, split in splits.items() if split.raw is not None})
    return LoadedData(
        train=train,
        validation=splits.get("validation"),
        test=splits.get("test"),
        input_shape=tuple(shape),
        output_size=_output_size(config, encoding, tuple(shape), vocabulary),
        vocabulary=vocabulary,
        classes=encoding.classes,
        columns=raw.columns,
        inputs=inputs,
        targets=targets,
        encoding=encoding,
        preparation={
            "inputs": inputs.statistics(),
            "targets": targets.statistics(),
            "features": features_of(raw),
            **_vocabulary_of(raw),
            **({"tokens": vocabulary} if vocabulary else {}),
        },
        source=raw,
        source_rows=sum(lengths.values()),
        folder=folder,
        notes=(*raw.notes, *(() if raw.vocabulary else given_notes(config.data.split, raw)), *notes),
    )


def _output_size(config: RunConfig, encoding: TargetEncoding, shape: tuple[int, ...], vocabulary: int) -> int:
    if config.task == "language-model":
        return vocabulary
    return prod(shape) if encoding.of_inputs else encoding.output_size


def _vocabulary_of(raw: RawData) -> dict[str, Any]:
    return {} if raw.vocabulary is None else {"vocabulary": raw.vocabulary.statistics()}


def _check_shapes(raw: RawData) -> None:
    shapes = {name: part.inputs.shape[1:] for name, part in raw.parts.items()}
    if len(set(shapes.values())) > 1:
        found = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise DataError(f"{raw.label}: one example has a different shape in each split: {found}")


def _labels_to_stratify(config: RunConfig, encoding: TargetEncoding, encoded: Array) -> Array | None:
    """Return the class index of each row that is to be split, or None where classes play no part."""
    if not config.data.split.is_stratified:
        return None
    if encoding.labels is None:
        raise DataError(
            f"data.split.stratify keeps the shares of classes, and task {config.task} has none; set it to false"
        )
    return _as_classes(encoded)


def _as_classes(encoded: Array) -> Array:
    return encoded.reshape(len(encoded)).astype(np.int64)


def _labels_of_dataset(config: RunConfig, raw: RawData) -> tuple[Array | None, tuple[str, ...]]:
    """Return the labels of a Dataset that carries them; reading every example to learn its class costs too much."""
    dataset = raw.datasets[drawn_part(raw)]
    split = config.data.split
    is_drawn = any(split.shares[name] > 0 and name not in raw.datasets for name in GIVEN[1:])
    if not (split.is_stratified and is_drawn):
        return None, ()
    found = stored_targets(dataset)
    if found is None:
        return None, (f"{raw.label}: the Dataset has no attribute 'targets', so its split is not stratified",)
    return np.unique(found, return_inverse=True)[1].reshape(-1), ()


def _balances(config: RunConfig) -> bool:
    return config.data.balance.kind != "none"


def _balanced(config: RunConfig, places: Places, classes: Array | None) -> Places:
    """Return the places with the rows of the training split evened out; `classes` are theirs."""
    if classes is None:
        return places
    part, rows = places["train"]
    return {**places, "train": (part, rows[balanced_places(config.data.balance, classes)])}


def _classes_of_dataset(config: RunConfig, raw: RawData, place: tuple[str, Array]) -> Array | None:
    """Return the class of each training example where classes are to be evened out."""
    if not _balances(config):
        return None
    found = stored_targets(raw.datasets[place[0]])
    if found is None:
        raise DataError(
            f"{raw.label}: data.balance is '{config.data.balance.kind}', which needs the class of every example, and"
            " the Dataset has no attribute 'targets'"
        )
    return np.unique(found, return_inverse=True)[1].reshape(-1)[place[1]]


def _weights(config: RunConfig, classes: Array | None, encoding: TargetEncoding) -> torch.Tensor | None:
    if classes is None or config.data.balance.kind != "class-weights":
        return None
    return torch.from_numpy(class_weights(classes, len(encoding.classes)))


def _unknown_notes(inputs: Scaling, rows_of: dict[str, RawRows]) -> tuple[str, ...]:
    """Say how many rows hold a category that the training split lacks: they are 0 in all its columns."""
    return tuple(
        f"one-hot: {count} rows of the {name} split hold a value in column {column} that the training split lacks"
        for name in GIVEN[1:]
        if name in rows_of
        for column, count in inputs.unknown_categories(rows_of[name].inputs).items()
    )


def _subset(dataset: Dataset[Any], rows: Array) -> Dataset[Any]:
    return dataset if _is_every_row(rows, len(dataset)) else Subset(dataset, rows.tolist())  # type: ignore[arg-type]


def _is_every_row(rows: Array, count: int) -> bool:
    """Say whether these are all rows in order; repeated ones may be as many."""
    return len(rows) == count and bool((rows == np.arange(count)).all())


def _take_raw(raw: RawData, part: str, rows: Array) -> RawRows:
    examples = raw.parts[part]
    if _is_every_row(rows, len(examples)):  # no copy
        return RawRows(examples.inputs, examples.targets, rows)
    inputs = examples.inputs[rows]
    return RawRows(inputs, inputs if examples.targets is examples.inputs else examples.targets[rows], rows)


def _fit(config: RunConfig, encoding: TargetEncoding, train: RawRows, raw: RawData) -> tuple[Scaling, Scaling]:
    inputs = fit_scaling(
        config.data.inputs, train.inputs, columns=raw.columns, categories=raw.categories, name="inputs"
    )
    if encoding.of_inputs:
        return inputs, as_target(inputs, inputs.apply(train.inputs[:1]).shape[1:])
    if not config.data.targets:
        return inputs, Scaling()
    return inputs, fit_scaling(config.data.targets, encoding.encode(train.targets), name="targets")


def _final_targets(encoding: TargetEncoding, scaling: Scaling, encoded: Array) -> Array:
    return encoded if encoding.as_indices else scaling.apply(encoded)
