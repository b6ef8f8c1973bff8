"""A trained network with its preparation: rows in their own units in, values in theirs and names of classes out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from logbook.errors import DataError
from logbook.training.data.arrays import Array, column_label
from logbook.training.data.incoming import Incoming, RowReader
from logbook.training.data.preparation import Scaling
from logbook.training.data.streams import to_inputs
from logbook.training.metrics import predict_classes
from logbook.training.own_code import own_code
from logbook.training.parts import autocast, outputs_of
from logbook.training.probabilities import class_probabilities
from logbook_schemas.config.run import RunConfig

__all__ = ["Predictions", "TrainedModel"]

_BATCH = 1024
"""Rows a forward pass, as in an evaluation: the same rows then give the same numbers."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Predictions:
    """What a network says of N rows, in their order.

    `values`, an array, holds names of classes [N] for tasks of one class an example ("" where the outputs are not a
    number), 0 and 1 [N, K] for several labels, and numbers [N, K] in original units for a regression. `probabilities`
    [N, C] go with `classes`; None where the outputs are none. `columns` names the K columns of values.
    """

    values: Array
    probabilities: Array | None = None
    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainedModel:
    """The network of a run with the preparation it was trained with.

    `network` is the bare `torch.nn.Module`, in evaluation mode: prepared inputs in, outputs (logits, scaled values)
    out. `epoch` is the one whose weights it has.
    """

    network: nn.Module
    config: RunConfig
    device: torch.device
    epoch: int
    reader: RowReader
    inputs: Scaling
    targets: Scaling
    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    def predict(self, rows: object) -> Predictions:
        """Return what the network says of rows: a file (CSV, npz, npy), a table, a list of dicts, or an array [N, …].

        Columns are found by their names, in any order. Raises DataError for rows that it can't take, naming line (or
        row) and column, and UserCodeError where the person's own network raises.
        """
        incoming = self.reader.read(rows)
        self._refuse_unknown(incoming)
        outputs = torch.cat(list(self._outputs(incoming.inputs)))
        return Predictions(**self._said(outputs), remarks=incoming.remarks)

    def _refuse_unknown(self, incoming: Incoming) -> None:
        """Raise DataError for a category that training never saw: all of its columns would be 0."""
        found = self.inputs.first_unknown(incoming.inputs)
        if found is not None:
            row, column, value = found
            label = column_label(column, incoming.inputs.shape[1:], self.reader.features.columns)
            raise DataError(f"{incoming.place(row)}: column '{label}' holds {value:g}, which training has never seen")

    @torch.no_grad()
    def _outputs(self, raw: Array) -> Iterator[Tensor]:
        """Yield the outputs batch by batch, float32 on the CPU."""
        self.network.eval()
        size = _BATCH
        for start in range(0, len(raw), size):
            batch = to_inputs(raw[start : start + size], self.inputs, keep_integers=self.reader.is_integer)
            with own_code("the model's forward pass"), autocast(self.config, self.device):
                outputs = outputs_of(self.network, batch.to(self.device))
            yield outputs.float().cpu()

    def _said(self, outputs: Tensor) -> dict[str, Any]:
        if self.config.task == "regression":
            values = self.targets.unscale(outputs).reshape(len(outputs), -1)
            return {"values": values.numpy(), "columns": self.columns}
        likely = class_probabilities(self.config, outputs)
        said: dict[str, Any] = {
            "probabilities": None if likely is None else likely.numpy(),
            "classes": self.classes,
        }
        found = predict_classes(self.config, outputs).numpy()
        if self.config.task == "multilabel":
            return {**said, "values": found, "columns": self.classes}
        # A row of NaN is of class -1, which is the last of these names.
        return {**said, "values": np.array([*self.classes, ""], dtype=str)[found]}
