"""Measure the data of a run: scale, missing values, shared rows, classes, fingerprints, the trivial baseline."""

from __future__ import annotations

from typing import Any

import numpy as np

from logbook.training.data.arrays import Array
from logbook.training.data.baseline import measure_baseline, metric_modes
from logbook.training.data.column_probe import is_integer, measure_columns
from logbook.training.data.describe import describe_array, find_nonfinite, find_whole_values, sample_rows
from logbook.training.data.fingerprints import (
    FileCache,
    fingerprint_arrays,
    fingerprint_dataset,
    fingerprint_file,
    fingerprint_files,
)
from logbook.training.data.loaded import LoadedData, RawRows, Split
from logbook.training.data.row_probes import measure_rows
from logbook.training.data.sources import RawData
from logbook.training.data.streams import PreparedDataset, read_example
from logbook_schemas.config.run import RunConfig
from logbook_schemas.reading import canonical_json, content_hash
from logbook_schemas.records.measures import ArrayRecord, DataRecord, NonFinite, SharedRows, SplitRecord
from logbook_schemas.records.provenance import FingerprintRecord
from logbook_schemas.records.rows import RepeatedRows

__all__ = ["probe_data"]

_BY_COLUMN = ("columns", "column_means", "column_stds", "column_mins", "column_maxs")


def probe_data(
    loaded: LoadedData, config: RunConfig, cache: FileCache | None = None
) -> tuple[DataRecord, dict[str, bytes]]:
    """Return the record of loaded data and the blobs that it names: the fitted statistics, as canonical JSON.

    Needs the raw rows, so it comes before `LoadedData.to`. `cache` keeps the hashes of files that were read before.
    """
    raw = {name: _raw_of(split) for name, split in loaded.splits().items()}
    statistics = canonical_json(loaded.preparation)
    baseline, baseline_name = measure_baseline(loaded, config)
    inputs, has_left_out = sample_rows(raw["train"].inputs)
    targets, _ = sample_rows(raw["train"].targets)
    prepared = _prepared(loaded, inputs)
    record = DataRecord(
        source=loaded.source.label,
        folder=str(loaded.folder.resolve()),
        task=config.task,
        input_shape=loaded.input_shape,
        output_size=loaded.output_size,
        classes=loaded.classes,
        categories=dict(loaded.source.one_hot),
        splits={name: _split_record(loaded, split) for name, split in loaded.splits().items()},
        fingerprint=_fingerprint(loaded.source, loaded.source_rows, cache),
        raw_inputs=_without_positions(loaded, describe_array(inputs, dtype=str(inputs.dtype), columns=loaded.columns)),
        inputs=_describe_prepared_inputs(loaded, prepared),
        nonfinite=_all_nonfinite(loaded, raw, inputs, prepared),
        baseline=baseline,
        baseline_name=baseline_name,
        metric_modes=metric_modes(config),
        preparation_blob=content_hash(statistics),
        sampled=has_left_out or any(len(raw[name].rows) < len(split) for name, split in loaded.splits().items()),
        **_describe_targets(loaded, targets),
        **measure_columns(loaded, raw, inputs, prepared, targets),
        **_describe_rows(loaded, config),
    )
    if loaded.encoding.of_inputs:
        record = record.model_copy(update={"raw_targets": record.raw_inputs, "targets": record.inputs})
    return record, {content_hash(statistics): statistics}


def _raw_of(split: Split) -> RawRows:
    if split.raw is None:
        raise ValueError("the raw rows of this split were dropped; probe the data first")
    return split.raw


def _prepared(loaded: LoadedData, raw: Array) -> Array:
    """Return the rows as the network sees them; tokens stay what they are."""
    return raw if is_integer(loaded) else loaded.inputs.apply(raw)


def _describe_prepared_inputs(loaded: LoadedData, prepared: Array) -> ArrayRecord:
    dtype = "int64" if is_integer(loaded) else "float32"
    columns = loaded.columns if loaded.inputs.layout is None else loaded.inputs.layout.columns
    return _without_positions(loaded, describe_array(prepared, dtype=dtype, columns=columns))


def _without_positions(loaded: LoadedData, record: ArrayRecord) -> ArrayRecord:
    """Leave out what tokens are like position by position: the mean of their numbers says nothing."""
    nothing: dict[str, tuple[()]] = dict.fromkeys(_BY_COLUMN, ())
    return record.model_copy(update=nothing) if loaded.vocabulary else record


def _describe_targets(loaded: LoadedData, raw: Array) -> dict[str, Any]:
    """Return the records of targets that are numbers; the mean of class indices would say nothing."""
    if loaded.encoding.labels is not None or loaded.encoding.of_inputs:
        return {}
    encoded = loaded.encoding.encode(raw)
    return {
        "target_values": find_whole_values(encoded),
        "raw_targets": describe_array(encoded, dtype=str(raw.dtype)),
        "targets": describe_array(loaded.targets.apply(encoded), dtype="float32"),
    }


def _all_nonfinite(
    loaded: LoadedData, raw: dict[str, RawRows], inputs: Array, prepared: Array
) -> tuple[NonFinite, ...]:
    """Return what is no number as loaded; or, where all is, what preparation or float32 makes of it in training."""
    found = tuple(one for name, rows in raw.items() for one in _nonfinite(loaded, name, rows))
    if found or len(inputs) < len(raw["train"].rows):
        return found
    made = find_nonfinite(prepared, split="train", name="prepared inputs", rows=raw["train"].rows)
    return () if made is None else (made,)


def _nonfinite(loaded: LoadedData, split: str, raw: RawRows) -> list[NonFinite]:
    inputs = find_nonfinite(raw.inputs, split=split, name="inputs", rows=raw.rows, columns=loaded.columns)
    if loaded.encoding.of_inputs:  # the targets are the same numbers
        return [] if inputs is None else [inputs]
    targets = find_nonfinite(raw.targets, split=split, name="targets", rows=raw.rows)
    return [
        found.model_copy(update={"line": next(iter(_lines(loaded, split, (found.row,))), None)})
        for found in (inputs, targets)
        if found is not None
    ]


def _describe_rows(loaded: LoadedData, config: RunConfig) -> dict[str, Any]:
    found = measure_rows(loaded, config)
    shared: tuple[SharedRows, ...] = found.get("shared", ())
    repeated: tuple[RepeatedRows, ...] = found.get("repeated", ())
    return {
        **found,
        "shared": tuple(
            pair.model_copy(update={"lines": _lines(loaded, pair.split, pair.examples)}) for pair in shared
        ),
        "repeated": tuple(_with_lines(loaded, one) for one in repeated),
    }


def _with_lines(loaded: LoadedData, repeated: RepeatedRows) -> RepeatedRows:
    examples, conflicting = (
        _lines(loaded, repeated.split, rows) for rows in (repeated.examples, repeated.conflicting_examples)
    )
    return repeated.model_copy(update={"lines": examples, "conflicting_lines": conflicting})


def _lines(loaded: LoadedData, split: str, rows: tuple[int, ...]) -> tuple[int, ...]:
    """Return the lines of a split's file on which rows stand; none where a source has no lines."""
    lines = loaded.source.others.get(split, loaded.source).lines
    return tuple(lines[row] for row in rows) if lines else ()


def _split_record(loaded: LoadedData, split: Split) -> SplitRecord:
    return SplitRecord(
        rows=len(split), class_counts=_class_counts(loaded, split), fingerprint=_split_fingerprint(split)
    )


def _class_counts(loaded: LoadedData, split: Split) -> tuple[int, ...]:
    """Return examples by class; empty where there are no classes or where only a sample was read."""
    raw = _raw_of(split)
    if loaded.encoding.labels is None or len(raw.rows) < len(split):
        return ()
    indices = loaded.encoding.encode(raw.targets).reshape(-1).astype(np.int64)
    return tuple(np.bincount(indices, minlength=len(loaded.classes)).tolist())


def _split_fingerprint(split: Split) -> FingerprintRecord:
    if isinstance(split.dataset, PreparedDataset):
        return _dataset_fingerprint(split.dataset.raw)
    raw = _raw_of(split)
    return fingerprint_arrays({"inputs": raw.inputs, "targets": raw.targets})


def _fingerprint(source: RawData, rows: int | None, cache: FileCache | None) -> FingerprintRecord:
    """Return the fingerprint of the whole source: its files, else its arrays, else examples of its Datasets."""
    if source.others:
        return _joined({name: _fingerprint(other, None, cache) for name, other in source.others.items()}, rows)
    if source.file is not None:
        return fingerprint_file(source.file, cache)
    if source.files:
        return fingerprint_files(source.files, cache)
    if source.parts:
        arrays: dict[str, Array] = {}
        for name, part in source.parts.items():
            arrays |= {f"{name}/inputs": part.inputs, f"{name}/targets": part.targets}
            arrays |= {f"{name}/{column}": values for column, values in part.extra.items()}
        return fingerprint_arrays(arrays).model_copy(update={"rows": rows})
    return _joined({name: _dataset_fingerprint(dataset) for name, dataset in source.datasets.items()}, rows)


def _joined(each: dict[str, FingerprintRecord], rows: int | None) -> FingerprintRecord:
    """Return one fingerprint for those of several splits."""
    methods = {found.method for found in each.values()}
    if len(each) == 1 or "none" in methods:
        return next(found for found in each.values() if len(each) == 1 or found.method == "none")
    value = content_hash(canonical_json({name: found.value for name, found in each.items()}))
    return FingerprintRecord(method=f"{methods.pop()}, by split", value=value, rows=rows)


def _dataset_fingerprint(dataset: Any) -> FingerprintRecord:
    return fingerprint_dataset(len(dataset), lambda index: read_example(dataset, index))
