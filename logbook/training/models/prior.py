"""The bias of the last layer as the targets have it, so that the untrained network begins near the best constant.

With weights of 0 the outputs would be exactly that constant: the frequency of each class, the log-odds of yes, or the
mean of the targets as they were prepared. It is found on the training split alone. (S0-03 and S3-21 ask for it where
the first errors are huge.)
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn

from logbook.errors import ConfigError
from logbook.training.data.loaded import Split
from logbook.training.data.vocabulary import NOT_COUNTED
from logbook.training.seeding import isolated_rng
from logbook_schemas.config.biases import PriorBias
from logbook_schemas.config.model import Embedding, PythonModel, Rbm
from logbook_schemas.config.run import RunConfig

__all__ = ["set_prior_bias"]

_ROWS = 1000
"""Examples of a Dataset that are read: a share is then known to within 0.03."""

_TASKS = ("classification", "binary", "multilabel", "regression", "reconstruction", "language-model")


@torch.no_grad()
def set_prior_bias(model: nn.Module, config: RunConfig, train: Split) -> None:
    """Set the bias of `output` where the config asks for the prior, and do nothing where it doesn't.

    Raises ConfigError where what the outputs mean isn't known, or where no bias gives the constant.
    """
    if not isinstance(getattr(config.model, "output_bias", None), PriorBias):
        return
    if config.task not in _TASKS or config.loss.kind == "python":
        what = "loss.kind 'python'" if config.loss.kind == "python" else f"task '{config.task}'"
        raise ConfigError(
            f"model.output_bias is 'prior', but of {what} it isn't known which constant is best; use 'constant'"
        )
    output = model.get_submodule("output")
    assert isinstance(output, nn.Linear)  # every family with an output_bias names its last layer so
    targets = _targets(train)
    targets = targets.flatten(1) if config.task == "reconstruction" else targets
    wanted = _best_constant(config, targets.cpu().double(), output.out_features)
    output.bias.copy_(_before_activation(config, wanted))


def _targets(train: Split) -> Tensor:
    if train.targets is not None:
        return train.targets
    assert train.dataset is not None  # a split holds tensors or a Dataset
    rows = np.random.default_rng(0).permutation(len(train))[:_ROWS]
    with isolated_rng(0):  # a Dataset may draw random numbers, for augmentation
        return torch.stack([train.dataset[int(row)][1] for row in rows])


def _best_constant(config: RunConfig, targets: Tensor, outputs: int) -> Tensor:
    """Return the outputs [K] that lose least where they are the same for every example; by squares for numbers.

    A class that the training split lacks counts as half an example: its logarithm must be finite.
    """
    loss = config.loss.kind
    if config.task == "language-model":
        targets = targets[targets != NOT_COUNTED]
    if config.task in ("classification", "binary", "language-model") and targets.dim() == 1:
        shares = torch.bincount(targets.long(), minlength=outputs).clamp(min=0.5).double() / len(targets)
        return shares.log() if loss in ("cross-entropy", "nll") else _of_shares(shares, loss)
    if config.task == "regression" or (config.task == "reconstruction" and loss not in ("bce", "bce-with-logits")):
        return targets.mean(0)
    half = 0.5 / len(targets)
    return _of_shares(targets.mean(0).clamp(half, 1 - half), loss)


def _of_shares(shares: Tensor, loss: str) -> Tensor:
    if loss == "cross-entropy":  # of several labels: outputs compete in proportion
        return shares.log()
    return shares.logit() if loss == "bce-with-logits" else shares


def _before_activation(config: RunConfig, wanted: Tensor) -> Tensor:
    """Return what the last layer must say for the network to say `wanted`."""
    model = config.model
    assert not isinstance(model, PythonModel | Rbm | Embedding)  # these have no output_bias
    kind, values = model.output_activation.kind, wanted / model.output_scale
    inverse = {
        "none": lambda: values,
        "log-softmax": lambda: values,
        "softmax": lambda: values.log(),
        "sigmoid": lambda: values.logit(),
        "tanh": lambda: values.atanh(),
        "relu": lambda: values.where(values > 0, math.nan),
        "softplus": lambda: values.expm1().log().where(values < 20, values),
    }[kind]()
    if not inverse.isfinite().all():
        worst = float(wanted[~inverse.isfinite()][0])
        raise ConfigError(
            f"model.output_bias is 'prior', but no bias makes output_activation '{kind}' with output_scale"
            f" {model.output_scale:g} give {worst:.4g}, the best constant for the training targets;"
            " use output_activation 'none'"
        )
    return inverse
