"""How much the examples of a class count: given by the config, or balanced after the training split."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Subset

from logbook.errors import ConfigError
from logbook.training.data.arrays import Array
from logbook.training.data.balance import class_weights
from logbook.training.data.loaded import LoadedData
from logbook.training.data.streams import PreparedDataset, stored_targets
from logbook_schemas.config.losses import BceWithLogits, CrossEntropy, Nll
from logbook_schemas.config.run import RunConfig
from logbook_schemas.reading.spelling import nearest

__all__ = ["loss_weights"]

_SHOWN = 10


def loss_weights(config: RunConfig, loaded: LoadedData) -> dict[str, Tensor]:
    """Return the weights of a loss by name, float32: `class_weights` [C] or `pos_weight` [K], or none at all.

    Raises ConfigError where they don't fit the classes, or where balancing finds no classes to count.
    """
    loss = config.loss
    if loaded.class_weights is not None:  # of data.balance; the config has but one of the two
        return {"class_weights": loaded.class_weights}
    if isinstance(loss, CrossEntropy | Nll) and loss.class_weights is not None:
        return {"class_weights": _tensor(_class_weights(loss, loaded))}
    if isinstance(loss, BceWithLogits) and loss.pos_weight != 1.0:
        return {"pos_weight": _tensor(_positive_weights(loss, loaded))}
    return {}


def _tensor(weights: Array) -> Tensor:
    return torch.from_numpy(weights.astype(np.float32))


def _class_weights(loss: CrossEntropy | Nll, loaded: LoadedData) -> Array:
    given, names = loss.class_weights, loaded.classes
    if not loaded.encoding.as_indices:
        raise ConfigError(f"loss.class_weights is set, but the targets of task {loaded.encoding.task} are no classes")
    if given == "balanced":
        return class_weights(_targets(loaded, "loss.class_weights"), len(names))
    if isinstance(given, dict):
        if unknown := [name for name in given if name not in names]:
            near = nearest(unknown[0], names)
            hint = f"; did you mean {near!r}?" if near is not None else ""
            raise ConfigError(
                f"loss.class_weights names the class {unknown[0]!r}, which isn't among the classes of the data"
                f" ({_listed(names)}){hint}"
            )
        return np.array([given.get(name, 1.0) for name in names])
    assert isinstance(given, tuple)  # the caller looked for None, and pydantic for anything else
    if len(given) != len(names):
        raise ConfigError(
            f"loss.class_weights has {len(given)} weights, but the data have {len(names)} classes ({_listed(names)});"
            " give one for each, in this order, or name the classes"
        )
    return np.array(given)


def _positive_weights(loss: BceWithLogits, loaded: LoadedData) -> Array:
    given, outputs = loss.pos_weight, loaded.output_size
    if given == "balanced":
        targets = _targets(loaded, "loss.pos_weight")
        if targets.ndim == 1:
            targets = np.eye(outputs)[targets] if loaded.encoding.as_indices else targets[:, None]
        positives = targets.sum(axis=0)
        there = (positives > 0) & (positives < len(targets))
        return np.where(there, (len(targets) - positives) / np.maximum(positives, 1), 1.0)
    if isinstance(given, tuple):
        if len(given) != outputs:
            of = f" ({_listed(loaded.classes)})" if len(loaded.classes) == outputs else ""
            raise ConfigError(
                f"loss.pos_weight has {len(given)} weights, but the network has {outputs} outputs{of}; give one for"
                " each, or a single number"
            )
        return np.array(given)
    return np.full(outputs, given)


def _targets(loaded: LoadedData, field: str) -> Array:
    """Return the encoded targets of the training split; a Dataset must carry them, reading it whole costs too much."""
    train = loaded.train
    if train.targets is not None:
        found: Array = train.targets.cpu().numpy()
        return found
    dataset = train.dataset.raw if isinstance(train.dataset, PreparedDataset) else train.dataset
    stored = _stored(dataset)
    if stored is None:
        while isinstance(dataset, Subset):
            dataset = dataset.dataset
        raise ConfigError(
            f"{field} is 'balanced', which needs the target of every training example, and the Dataset"
            f" {type(dataset).__name__} doesn't carry them in an attribute 'targets'; give the weights as numbers"
        )
    return loaded.encoding.encode(stored)


def _stored(dataset: object) -> Array | None:
    if isinstance(dataset, Subset):
        whole = _stored(dataset.dataset)
        return None if whole is None else whole[np.asarray(dataset.indices)]
    return stored_targets(dataset)  # type: ignore[arg-type]


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
