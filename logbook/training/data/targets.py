"""Targets as the loss wants them: class indices for classes, float columns for everything else.

| task | loss | targets | outputs |
|---|---|---|---|
| classification | any | int64 [N], class indices | C |
| binary | cross-entropy, nll | int64 [N], class indices | 2 |
| binary | any other | float32 [N, 1], 0 or 1 | 1 |
| multilabel | any | float32 [N, K], 0 or 1 | K |
| regression | any | float32 [N, K] | K |
| reconstruction | any | float32 [N, ...], the prepared inputs | their number of entries, in their shape |
| metric-learning | any | int64 [N], class indices | the size of the embedding |
| language-model | any | int64 [N, L], -100 where none is counted | V at each position |
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from logbook.errors import DataError
from logbook.training.data.arrays import Array
from logbook.training.data.sources.raw import RawData
from logbook.training.data.tokens import check_token_targets
from logbook_schemas.config.model import Embedding
from logbook_schemas.config.run import RunConfig

__all__ = ["TargetEncoding", "learn_targets"]

_EMBEDDING_SIZE = 32
"""What a person's own model for metric-learning hears as `output_size` where its kwargs don't say it."""


@dataclass(frozen=True, kw_only=True)
class TargetEncoding:
    """How the source's targets become the run's; `labels` are the raw values of the classes, in their order."""

    task: str
    classes: tuple[str, ...] = ()
    labels: Array | None = None
    output_size: int
    as_indices: bool = False
    of_inputs: bool = False
    """Whether the targets are the inputs themselves."""

    def encode(self, raw: Array) -> Array:
        """Return int64 [N] class indices, int64 [N, L] tokens, or numbers [N, K]: float32 for 0 and 1, float64 for
        regression.

        Of reconstruction, whose targets are inputs [N, ...], numbers float64 [N, ...].

        Raises DataError for a class that wasn't there when the classes were learnt.
        """
        if self.task == "language-model":
            return raw.astype(np.int64)
        if self.labels is not None:
            indices = self._indices(raw)
            return indices if self.as_indices else indices.astype(np.float32)[:, None]
        numbers = raw[:, None] if raw.ndim == 1 else raw
        return numbers.astype(np.float32 if self.task == "multilabel" else np.float64)

    def _indices(self, raw: Array) -> Array:
        assert self.labels is not None  # the caller looked
        values = raw.reshape(len(raw))
        indices = np.minimum(np.searchsorted(self.labels, values), len(self.labels) - 1)
        strange = self.labels[indices] != values
        if strange.any():
            row = int(np.argmax(strange))
            raise DataError(
                f"example {row} is of class {values[row]!s}, which is none of the {len(self.labels)} classes known;"
                " a Dataset names its classes in an attribute 'classes'"
            )
        return indices.astype(np.int64)


def learn_targets(config: RunConfig, raw: RawData, targets: dict[str, Array]) -> TargetEncoding:
    """Find the classes or the width of the targets, over all parts of a source.

    Raises DataError for targets that the config's task can't have, naming the row.
    """
    if config.data.targets and config.task != "regression":
        steps = ", ".join(step.kind for step in config.data.targets)
        raise DataError(f"data.targets is {steps}, but targets of task {config.task} are classes; leave it empty")
    if config.task == "regression":
        return TargetEncoding(task=config.task, output_size=_width_of_numbers(raw, targets))
    if config.task == "reconstruction":
        (shape,) = {array.shape[1:] for array in targets.values()}
        return TargetEncoding(task=config.task, output_size=prod(shape), of_inputs=True)
    if config.task == "multilabel":
        return _learn_multilabel(raw, targets)
    if config.task == "language-model":
        check_token_targets(raw, targets)
        # How many tokens there are is known once the inputs have been looked at too.
        return TargetEncoding(task=config.task, classes=raw.classes, output_size=len(raw.classes), as_indices=True)
    return _learn_classes(config, raw, targets)


def _width_of_numbers(raw: RawData, targets: dict[str, Array]) -> int:
    """Return K of targets [N] or [N, K]."""
    for part, array in targets.items():
        if array.dtype.kind in "US":
            row = next(row for row, text in enumerate(array.reshape(-1)) if not _is_number(text))
            found = array.reshape(-1)[row]
            raise DataError(f"{raw.place(part, row)}: the target is '{found}', expected a number")
        if array.dtype.kind not in "biuf":
            raise DataError(f"{raw.label}: targets are of type {array.dtype}, expected numbers")
        if array.ndim > 2:
            raise DataError(f"{raw.label}: targets have shape {array.shape}, expected (rows,) or (rows, outputs)")
    widths = {1 if array.ndim == 1 else array.shape[1] for array in targets.values()}
    if len(widths) > 1 or 0 in widths:
        raise DataError(f"{raw.label}: targets have {sorted(widths)} columns; expected the same number in every split")
    return widths.pop()


def _is_number(text: str) -> bool:
    try:
        float(text or "nan")
    except ValueError:
        return False
    return True


def _learn_multilabel(raw: RawData, targets: dict[str, Array]) -> TargetEncoding:
    width = _width_of_numbers(raw, targets)
    for part, array in targets.items():
        strange = ~np.isin(array, (0, 1))
        if strange.any():
            place = tuple(int(index) for index in np.argwhere(strange)[0])
            raise DataError(f"{raw.place(part, place[0])}: a label is {array[place]}, expected 0 or 1")
    classes = raw.classes if len(raw.classes) == width else tuple(map(str, range(width)))
    return TargetEncoding(task="multilabel", classes=classes, output_size=width)


def _learn_classes(config: RunConfig, raw: RawData, targets: dict[str, Array]) -> TargetEncoding:
    for part, array in targets.items():
        _check_labels(raw, part, array, config.task)
    labels = np.unique(np.concatenate([array.reshape(len(array)) for array in targets.values()]))
    names = tuple(str(int(label)) if label.dtype.kind in "iuf" else str(label) for label in labels)
    if raw.classes and labels.dtype.kind in "iu" and labels[0] >= 0 and labels[-1] < len(raw.classes):
        labels, names = np.arange(len(raw.classes)), raw.classes
    if config.task == "binary" and len(labels) != 2:
        shown = ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
        raise DataError(f"{raw.label}: task binary wants exactly 2 classes, found {len(names)} ({shown})")
    if len(labels) < 2:
        raise DataError(f"{raw.label}: every target is {names[0]}; expected at least 2 classes")
    is_column = config.task == "binary" and config.loss.kind not in ("cross-entropy", "nll")
    return TargetEncoding(
        task=config.task,
        classes=names,
        labels=labels,
        output_size=1 if is_column else _outputs_of_classes(config, len(labels)),
        as_indices=not is_column,
    )


def _outputs_of_classes(config: RunConfig, classes: int) -> int:
    if config.task != "metric-learning":
        return classes
    if isinstance(config.model, Embedding):
        return config.model.size
    size = getattr(config.model, "kwargs", {}).get("output_size")
    return size if isinstance(size, int) else _EMBEDDING_SIZE


def _check_labels(raw: RawData, part: str, array: Array, task: str) -> None:
    if array.size != len(array):
        raise DataError(
            f"{raw.label}: targets have shape {array.shape}, expected one class an example: (rows,);"
            " of one-hot targets, take argmax"
        )
    values = array.reshape(len(array))
    if values.dtype.kind in "US":
        missing = values == np.array("", dtype=values.dtype)
    elif values.dtype.kind == "f":
        missing = np.isnan(values)
    elif values.dtype.kind in "biu":
        return
    else:
        raise DataError(f"{raw.label}: targets are of type {array.dtype}, expected classes: whole numbers or text")
    if missing.any():
        raise DataError(f"{raw.place(part, int(np.argmax(missing)))}: the target is missing, expected a class")
    if values.dtype.kind == "f":
        broken = ~(np.isfinite(values) & (values == np.round(values)))
        if broken.any():
            row = int(np.argmax(broken))
            raise DataError(
                f"{raw.place(part, row)}: the target is {values[row]:g}, expected a class (task {task});"
                ' for numbers say "task": "regression"'
            )
