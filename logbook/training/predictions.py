"""What a network's outputs say of new rows, in their own units, in names of classes, and in text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from logbook.training.data.arrays import Array
from logbook.training.data.preparation import Scaling
from logbook.training.data.reconstruction import OneWay
from logbook.training.data.vocabulary import NOT_COUNTED, Vocabulary
from logbook.training.metrics import as_values, predict_classes
from logbook.training.probabilities import class_probabilities
from logbook_schemas.config.run import RunConfig

__all__ = [
    "Predictions",
    "say_classes",
    "say_embeddings",
    "say_reconstructions",
    "say_texts",
    "say_tokens",
    "say_values",
]


@dataclass(frozen=True, kw_only=True, eq=False)
class Predictions:
    """What a network says of N rows, in their order.

    `values`, an array, holds by task

    - classification, binary: names of classes [N] ("" where the outputs are not a number);
    - multilabel: 0 and 1, [N, K];
    - regression, reconstruction: numbers [N, K] in original units, those of a reconstruction in prepared ones where
      its preparation can't be undone (`remarks` say so);
    - metric-learning: embeddings [N, D];
    - language-model: of a text, the characters said at the counted positions of each window, [N]; of rows of tokens,
      the name, or number, of the one said at each position, [N, L].

    `columns` names the K columns of values. `probabilities` [N, C] go with `classes`; None where the outputs are none.
    `errors` [N] are the mean squared errors of reconstructions over the entries of a row, in prepared units. Of a text
    `texts` are the windows' own characters at the counted positions, `losses` [N] their mean cross-entropy in nats (NaN
    where none is counted) and `counts` [N] how many are counted. `files` names the file of each row that is an image.
    """

    values: Array
    probabilities: Array | None = None
    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    errors: Array | None = None
    texts: tuple[str, ...] = ()
    losses: Array | None = None
    counts: Array | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def loss(self) -> float | None:
        """The mean cross-entropy of all counted tokens of a text, in nats; None elsewhere."""
        if self.losses is None or self.counts is None or not self.counts.any():
            return None
        is_counted = self.counts > 0
        return float(np.average(self.losses[is_counted], weights=self.counts[is_counted]))


def say_values(outputs: Tensor, targets: Scaling, columns: tuple[str, ...]) -> Predictions:
    """Return numbers [N, K] in original units."""
    return Predictions(values=targets.unscale(outputs).reshape(len(outputs), -1).numpy(), columns=columns)


def say_classes(config: RunConfig, outputs: Tensor, classes: tuple[str, ...]) -> Predictions:
    """Return the classes of a classification, a binary task or several labels, and their probabilities."""
    likely = class_probabilities(config, outputs)
    probabilities = None if likely is None else likely.numpy()
    found = predict_classes(config, outputs).numpy()
    if config.task == "multilabel":
        return Predictions(values=found, probabilities=probabilities, classes=classes, columns=classes)
    # A row of NaN is of class -1, which is the last of these names.
    names = np.array([*classes, ""], dtype=str)
    return Predictions(values=names[found], probabilities=probabilities, classes=classes)


def say_embeddings(outputs: Tensor) -> Predictions:
    """Return embeddings [N, D], with columns e1, e2, …."""
    return Predictions(values=outputs.numpy(), columns=tuple(f"e{place + 1}" for place in range(outputs.shape[1])))


def say_reconstructions(
    config: RunConfig, outputs: Tensor, prepared: Tensor, targets: Scaling, columns: tuple[str, ...]
) -> Predictions:
    """Return reconstructions [N, K] in original units where the preparation can be undone, and each row's error.

    `prepared` are the inputs as the network saw them, [N, ...]; so are the outputs.
    """
    said = as_values(config, outputs.reshape(prepared.shape))
    errors = (said - prepared).flatten(1).double().square().mean(1)
    remarks: tuple[str, ...] = ()
    if isinstance(targets, OneWay):
        remarks = ("the preparation of the inputs can't be undone: the reconstructions are in prepared units",)
    values = targets.unscale(said).reshape(len(said), -1)
    return Predictions(values=values.numpy(), columns=columns, errors=errors.numpy(), remarks=remarks)


def say_tokens(scores: Tensor, classes: tuple[str, ...]) -> Predictions:
    """Return the most probable tokens at each position, [N, L]: names, numbers where they have none, None of NaN."""
    said = scores[..., 0].long().numpy()
    # A position of NaN says token -1, which is the last of these.
    names = np.array([*classes, *range(len(classes), said.max() + 1), None], dtype=object)
    return Predictions(values=names[said], classes=classes)


def say_texts(scores: Tensor, targets: Tensor, vocabulary: Vocabulary) -> Predictions:
    """Return, of each window, what is said at its counted positions, what stands there, and what that cost.

    `scores` [N, L, 2] are those of `token_scores.py`.
    """
    is_counted = targets != NOT_COUNTED
    counts = is_counted.sum(1)
    totals = (scores[..., 1].double() * is_counted).sum(1)
    said = scores[..., 0].long().clamp(min=0)
    values = np.empty(len(said), dtype=object)  # an array of str would drop a NUL at the end
    values[:] = [vocabulary.write(row[kept].numpy()) for row, kept in zip(said, is_counted, strict=True)]
    return Predictions(
        values=values,
        texts=tuple(vocabulary.write(row[kept].numpy()) for row, kept in zip(targets, is_counted, strict=True)),
        losses=torch.where(counts > 0, totals / counts, torch.nan).numpy(),
        counts=counts.numpy(),
    )
