"""A trained network with its preparation: rows in their own units in, values in theirs and names of classes out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import assert_never

import torch
from torch import Tensor, nn

from logbook.errors import DataError
from logbook.training.data.arrays import column_label
from logbook.training.data.incoming import Incoming, RowReader
from logbook.training.data.preparation import Scaling
from logbook.training.data.streams import to_inputs
from logbook.training.data.vocabulary import NOT_COUNTED
from logbook.training.own_code import own_code
from logbook.training.parts import autocast, outputs_of
from logbook.training.predictions import (
    Predictions,
    say_classes,
    say_embeddings,
    say_reconstructions,
    say_texts,
    say_tokens,
    say_values,
)
from logbook.training.token_scores import TOKENS_A_PASS, scores_of
from logbook_schemas.config.run import RunConfig

__all__ = ["TrainedModel"]

_BATCH = 1024
"""Rows a forward pass, as in an evaluation: the same rows then give the same numbers."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainedModel:
    """The network of a run with the preparation it was trained with.

    `network` is the bare `torch.nn.Module`, in evaluation mode: prepared inputs in, outputs (logits, scaled values)
    out. `epoch` is the one whose weights it has. `targets` is undone for numbers in original units.
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
        """Return what the network says of rows: a file, a table, a list of dicts, or an array [N, …].

        A file is CSV, Parquet, npz or npy; for a run on images a png or jpeg or a folder of them, for a language model
        of a text any text. Columns are found by their names, in any order. Raises DataError for rows that it can't
        take, naming line (or row) and column, and UserCodeError where the person's own network raises.
        """
        incoming = self.reader.read(rows)
        self._refuse_unknown(incoming)
        found = self._said(incoming)
        return replace(found, remarks=(*incoming.remarks, *found.remarks), files=incoming.files)

    def _refuse_unknown(self, incoming: Incoming) -> None:
        """Raise DataError for a category that training never saw: all of its columns would be 0."""
        found = self.inputs.first_unknown(incoming.inputs)
        if found is not None:
            row, column, value = found
            label = column_label(column, incoming.inputs.shape[1:], self.reader.features.columns)
            raise DataError(f"{incoming.place(row)}: column '{label}' holds {value:g}, which training has never seen")

    @torch.no_grad()
    def _said(self, incoming: Incoming) -> Predictions:
        if self.config.task == "language-model":
            return self._said_tokens(incoming)
        outputs = torch.cat([outputs for _, outputs in self._passes(incoming, _BATCH)])
        match self.config.task:
            case "regression":
                return say_values(outputs, self.targets, self.columns)
            case "reconstruction":
                prepared = torch.from_numpy(self.inputs.apply(incoming.inputs))
                return say_reconstructions(self.config, outputs, prepared, self.targets, self.columns)
            case "metric-learning":
                return say_embeddings(outputs)
            case "classification" | "binary" | "multilabel":
                return say_classes(self.config, outputs, self.classes)
            case _:
                assert_never(self.config.task)

    def _said_tokens(self, incoming: Incoming) -> Predictions:
        """Keep of each position what is said and what it cost: the outputs of a whole text would fill the memory."""
        wanted = torch.full(incoming.inputs.shape, NOT_COUNTED)
        if incoming.targets is not None:
            wanted = torch.from_numpy(incoming.targets)
        rows = max(1, TOKENS_A_PASS // incoming.inputs.shape[1])
        scores = torch.cat(
            [scores_of(outputs, wanted[start : start + rows]) for start, outputs in self._passes(incoming, rows)]
        )
        if incoming.targets is None or self.reader.text is None:
            return say_tokens(scores, self.classes)
        return say_texts(scores, wanted, self.reader.text.vocabulary)

    def _passes(self, incoming: Incoming, size: int) -> Iterator[tuple[int, Tensor]]:
        """Yield the first row of each batch and its outputs, float32 on the CPU."""
        self.network.eval()
        for start in range(0, len(incoming.inputs), size):
            raw = incoming.inputs[start : start + size]
            batch = to_inputs(raw, self.inputs, keep_integers=self.reader.is_integer)
            with own_code("the model's forward pass"), autocast(self.config, self.device):
                outputs = outputs_of(self.network, batch.to(self.device))
            yield start, outputs.float().cpu()
