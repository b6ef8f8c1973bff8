"""What the network says: predictions by class, recall by class, and a small table of examples."""

from __future__ import annotations

import numpy as np
import torch
from pydantic import JsonValue
from torch import Tensor

from logbook.training.data import LoadedData, Split
from logbook.training.data.arrays import Array
from logbook.training.data.vocabulary import NOT_COUNTED
from logbook.training.evaluation import Evaluated
from logbook.training.metrics import as_values, distance_of, predict_classes
from logbook.training.token_scores import said_tokens
from logbook.training.triplets import nearest_neighbours
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.measures import PredictionRow

__all__ = ["MAX_CLASSES", "class_table", "prediction_rows", "rows_at"]

MAX_CLASSES = 1000
_ROWS = 100
_WIDTH = 50
"""Numbers of one example that the table holds at most."""
_TOKENS = 200


@torch.no_grad()
def class_table(
    config: RunConfig, outputs: Tensor, targets: Tensor, classes: int
) -> tuple[tuple[int, ...], tuple[float | None, ...]]:
    """Return predictions by class and recall by class; empty where there are no classes to tell apart."""
    if config.task not in ("classification", "binary") or not 1 < classes <= MAX_CLASSES:
        return (), ()
    predicted = predict_classes(config, outputs).flatten().long()
    actual = targets.flatten().long()
    # A row of NaN predicts no class at all (-1): it is in no count, and no hit.
    counts = torch.bincount(predicted[predicted >= 0], minlength=classes)
    support = torch.bincount(actual, minlength=classes)
    hits = torch.bincount(actual[predicted == actual], minlength=classes)
    numbers = torch.stack([counts, support, hits]).tolist()
    recall = tuple(hit / total if total else None for total, hit in zip(numbers[1], numbers[2], strict=True))
    return tuple(numbers[0]), recall


@torch.no_grad()
def prediction_rows(
    config: RunConfig, loaded: LoadedData, split: Split, evaluated: Evaluated
) -> tuple[PredictionRow, ...]:
    """Return up to 100 examples of a split with their predictions, in original units, drawn with a fixed seed."""
    return rows_at(config, loaded, split, evaluated, np.sort(np.random.default_rng(0).permutation(len(split))[:_ROWS]))


@torch.no_grad()
def rows_at(
    config: RunConfig, loaded: LoadedData, split: Split, evaluated: Evaluated, chosen: Array
) -> tuple[PredictionRow, ...]:
    """Return the examples at some places of a split with their predictions; none where these are images."""
    picked, targets = evaluated.outputs.cpu()[chosen], evaluated.targets.cpu()[chosen]
    if config.task == "language-model":
        return tuple(
            PredictionRow(
                row=int(split.rows[place]), target=_text(loaded, right, right), prediction=_text(loaded, guess, right)
            )
            for place, right, guess in zip(chosen, targets, said_tokens(picked), strict=True)
        )
    if config.task in ("classification", "binary"):
        said = predict_classes(config, picked).flatten().tolist()
        meant = targets.flatten().long().tolist()
        return tuple(
            PredictionRow(row=int(split.rows[place]), target=_named(loaded, right), prediction=_named(loaded, guess))
            for place, right, guess in zip(chosen, meant, said, strict=True)
        )
    if config.task == "metric-learning":
        return _neighbours(config, loaded, split, evaluated, chosen)
    if config.task == "reconstruction" and loaded.output_size > _WIDTH:
        return ()  # a hundred images in numbers tell nobody anything
    if config.task in ("regression", "reconstruction"):
        picked = loaded.targets.unscale(as_values(config, picked.float()))
        targets = loaded.targets.unscale(targets.float())
    else:  # several labels an example, each there or not
        picked, targets = predict_classes(config, picked), targets.long()
    return tuple(
        PredictionRow(row=int(split.rows[place]), target=_plain(right), prediction=_plain(guess))
        for place, right, guess in zip(chosen, targets, picked, strict=True)
    )


def _neighbours(
    config: RunConfig, loaded: LoadedData, split: Split, evaluated: Evaluated, chosen: Array
) -> tuple[PredictionRow, ...]:
    """Return rows with their class, and as prediction the class of their nearest neighbour in the split."""
    classes = evaluated.targets[nearest_neighbours(evaluated.outputs, distance_of(config))].cpu().tolist()
    meant = evaluated.targets.cpu().tolist()
    return tuple(
        PredictionRow(
            row=int(split.rows[place]), target=_named(loaded, meant[place]), prediction=_named(loaded, classes[place])
        )
        for place in chosen
    )


def _named(loaded: LoadedData, index: int) -> str | int:
    return loaded.classes[index] if 0 <= index < len(loaded.classes) else int(index)


def _text(loaded: LoadedData, tokens: Tensor, targets: Tensor) -> JsonValue:
    """Return the tokens at counted positions as text, or by their names; at most 200."""
    counted = tokens[targets != NOT_COUNTED][:_TOKENS].clamp(min=0)
    vocabulary = loaded.source.vocabulary
    if vocabulary is not None:
        return vocabulary.write(counted.numpy())
    return [_named(loaded, token) for token in counted.tolist()]


def _plain(values: Tensor) -> JsonValue:
    listed: list[JsonValue] = values.flatten().tolist()
    return listed[0] if len(listed) == 1 else listed[:_WIDTH]
