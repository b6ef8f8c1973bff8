"""Losses: the mean over a batch, with the targets brought into the form that each loss wants.

Targets arrive as class indices int64 [N] for classification, and as float32 [N, 1] or [N, K] otherwise.
Cross-entropy and nll want indices (or, cross-entropy only, probabilities [N, C]); all others want floats in the
shape of the outputs, which for classes are one-hot rows. A target is never broadcast: [N] against [N, 1] would
make a matrix of N x N differences, and train in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import assert_never

import torch
from torch import Tensor, nn
from torch.nn import functional

from logbook.errors import ConfigError, DataError, UserCodeError
from logbook.training.own_code import build_own, own_code
from logbook.training.token_scores import token_loss
from logbook.training.triplets import TripletLoss
from logbook_schemas.config.losses import L1, Bce, BceWithLogits, CrossEntropy, Huber, Mse, Nll, PythonLoss, Triplet
from logbook_schemas.config.metric_learning import Triplets
from logbook_schemas.config.run import RunConfig

__all__ = ["LossFunction", "build_loss", "output_size_for", "penalized_weights", "penalty"]

LossFunction = Callable[[Tensor, Tensor], Tensor]
"""(outputs, targets) -> the mean loss of the batch, a tensor without dimensions.

A loss whose mean isn't over the rows has a method `count(targets)`, which says over how much it is: by that, the
losses of batches are averaged.
"""

_ROUNDING = 1e-6
"""What float32 may be off by at the ends of a range: a target of 1.0000001 is meant as a probability of 1."""

_NORMALIZATIONS = (nn.LayerNorm, nn.GroupNorm, nn.modules.batchnorm._NormBase, nn.RMSNorm)


def build_loss(
    config: RunConfig,
    folder: Path,
    *,
    output_size: int | None = None,
    class_weights: Tensor | None = None,
    pos_weight: Tensor | None = None,
) -> LossFunction:
    """Return the loss of a config; `output_size`, where it is given, is what class outputs must have.

    With `class_weights` [C] the loss is the mean over examples weighted by class; `pos_weight` [K] is how much a
    positive entry counts. `loss_weights` finds both.

    The loss raises UserCodeError where outputs and targets don't fit together, or where the person's own loss
    raises or returns anything but one number, and DataError where a class index is out of range (on the CPU;
    elsewhere the check would wait for the device). Raises ConfigError where loss and task can't go together.
    """
    section = config.loss
    if isinstance(section, PythonLoss):
        return _own_loss(section, folder)
    if isinstance(section, Triplet):
        procedure = config.training.procedure
        per_class = procedure.examples_per_class if isinstance(procedure, Triplets) else Triplets().examples_per_class
        return TripletLoss(section, rows=config.training.rows, per_class=per_class)
    if isinstance(section, CrossEntropy | Nll):
        if config.task == "language-model":
            return token_loss(section, output_size)
        return _on_classes(section, config.task, output_size, class_weights)
    if class_weights is not None:
        return _weighted_binary(section, class_weights)
    return _on_values(section, pos_weight, is_classification=config.task == "classification")


def output_size_for(config: RunConfig, classes: Sequence[str], target_width: int) -> int:
    """Return how many outputs the network needs: one a class, one a target column, one for a binary task.

    A binary task under cross-entropy or nll takes two, since these want a value for each class.
    """
    match config.task:
        case "classification" | "language-model":
            return len(classes)
        case "binary":
            return 2 if isinstance(config.loss, CrossEntropy | Nll) else 1
        case "multilabel" | "regression" | "reconstruction" | "metric-learning":
            return target_width
        case _:
            assert_never(config.task)


def penalty(model: nn.Module, l1: float, l2: float) -> Tensor:
    """Return `l1` · sum |w| + `l2` / 2 · sum w² over the weights, without biases and normalizations.

    It is a constant zero, at no cost, where both factors are 0.
    """
    if l1 == 0 and l2 == 0:
        return torch.zeros((), device=next((weight.device for weight in model.parameters()), None))
    terms = [_penalty_of(weight, l1, l2) for weight in penalized_weights(model)]
    return torch.stack(terms).sum() if terms else torch.zeros(())


def penalized_weights(model: nn.Module) -> list[nn.Parameter]:
    """Return the trained matrices and filters of a model, each once: no vectors, no normalization's scale."""
    found = {
        id(weight): weight
        for layer in model.modules()
        if not isinstance(layer, _NORMALIZATIONS)
        for name, weight in layer.named_parameters(recurse=False)
        if weight.requires_grad and weight.ndim >= 2 and not name.startswith("bias")
    }
    return list(found.values())


def _penalty_of(weight: Tensor, l1: float, l2: float) -> Tensor:
    terms = []
    if l1:
        terms.append(l1 * weight.abs().sum())
    if l2:
        terms.append(l2 / 2 * weight.square().sum())
    return terms[0] if len(terms) == 1 else terms[0] + terms[1]


def _on_classes(
    section: CrossEntropy | Nll, task: str, output_size: int | None, weights: Tensor | None
) -> LossFunction:
    is_on_numbers = task in ("regression", "reconstruction")
    if is_on_numbers or (task == "multilabel" and isinstance(section, Nll)):
        other = "mse" if is_on_numbers else "bce-with-logits"
        raise ConfigError(
            f"loss.kind is '{section.kind}', which wants one class for each example, but task is '{task}';"
            f" use '{other}'"
        )

    def loss(outputs: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
        if output_size is not None and (outputs.ndim < 2 or outputs.shape[1] != output_size):
            raise _misshapen(outputs, f"{section.kind} over {output_size} classes", (len(targets), output_size))
        wanted = _class_targets(section, task, outputs, targets)
        try:
            if isinstance(section, Nll):
                return functional.nll_loss(outputs, wanted, weights)
            return functional.cross_entropy(outputs, wanted, weights, label_smoothing=section.label_smoothing)
        except IndexError as error:
            raise _out_of_range(outputs, wanted) from error

    return loss if weights is None else _WeightedByClass(loss, weights)


def _class_targets(section: CrossEntropy | Nll, task: str, outputs: Tensor, targets: Tensor) -> Tensor:
    """Return indices in the shape of the outputs without their class axis, or probabilities in their shape."""
    if outputs.ndim < 2:
        raise _misshapen(outputs, section.kind, (len(targets), "classes"))
    if targets.is_floating_point() and targets.shape == outputs.shape and isinstance(section, CrossEntropy):
        return targets
    without_classes = (outputs.shape[0], *outputs.shape[2:])
    is_column = outputs.ndim == 2 and targets.shape == (outputs.shape[0], 1)
    if task == "multilabel" or (targets.shape != without_classes and not is_column):
        raise UserCodeError(
            f"the model returned outputs of shape {tuple(outputs.shape)}, which {section.kind} can't compare with"
            f" targets of shape {tuple(targets.shape)}"
        )
    return targets.reshape(without_classes).long()


def _on_values(
    section: Bce | BceWithLogits | Mse | L1 | Huber, weights: Tensor | None, *, is_classification: bool
) -> LossFunction:
    def loss(outputs: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
        wanted = _one_hot(section.kind, outputs, targets) if is_classification else targets
        wanted = _in_shape_of(section.kind, outputs, wanted)
        match section:
            case Bce():
                return _bce(outputs, wanted)
            case BceWithLogits():
                return functional.binary_cross_entropy_with_logits(outputs, wanted, pos_weight=weights)
            case Mse():
                return functional.mse_loss(outputs, wanted)
            case L1():
                return functional.l1_loss(outputs, wanted)
            case Huber():
                return functional.huber_loss(outputs, wanted, delta=section.delta)
            case _:
                assert_never(section)

    return loss if weights is None else _Weighted(loss, weights)


class _Weighted(nn.Module):
    """A loss with weights, as a module: they move to its device and are stored with it."""

    weights: Tensor

    def __init__(self, function: Callable[[Tensor, Tensor, Tensor], Tensor], weights: Tensor) -> None:
        super().__init__()
        self.register_buffer("weights", weights)
        self._function = function

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        # torch takes weights of the outputs' own type only, and halves are too coarse for them.
        kind = torch.promote_types(outputs.dtype, torch.float32)
        return self._function(outputs.to(kind), targets, self.weights.to(kind))


class _WeightedByClass(_Weighted):
    """Its mean is over the weights of the rows, as torch has it: sum w · loss / sum w."""

    def count(self, targets: Tensor) -> Tensor | int:
        """Return the sum of the rows' weights; probabilities instead of classes are averaged over rows."""
        return len(targets) if targets.is_floating_point() else self.weights[targets.reshape(-1)].sum()


class _WeightedBinary(_Weighted):
    """Its mean is over the weights of the rows too; targets are 0 or 1."""

    def count(self, targets: Tensor) -> Tensor:
        """Return the sum of the rows' weights."""
        return self.weights[targets.long()].sum()


def _weighted_binary(section: Bce | BceWithLogits | Mse | L1 | Huber, weights: Tensor) -> LossFunction:
    """Return the weighted mean of a loss over outputs [N, 1] and targets 0 or 1."""
    if not isinstance(section, Bce | BceWithLogits):
        raise ConfigError(f"data.balance is 'class-weights', which loss.kind '{section.kind}' can't take")

    def loss(outputs: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        wanted = _in_shape_of(section.kind, outputs, targets)
        each = weights[wanted.long()]
        if isinstance(section, Bce):
            return _bce(outputs, wanted, each)
        total = functional.binary_cross_entropy_with_logits(outputs, wanted, weight=each, reduction="sum")
        return total / each.sum()

    return _WeightedBinary(loss, weights)


def _one_hot(kind: str, outputs: Tensor, targets: Tensor) -> Tensor:
    if targets.shape == outputs.shape and targets.is_floating_point():
        return targets
    if outputs.ndim != 2 or len(outputs) != len(targets):
        raise _misshapen(outputs, f"{kind} on classes", (len(targets), "classes"))
    indices = targets.reshape(-1, 1)
    if outputs.device.type == "cpu" and _is_out_of_range(outputs, indices):
        raise _out_of_range(outputs, indices)
    return (indices == torch.arange(outputs.shape[1], device=outputs.device)).to(outputs.dtype)


def _in_shape_of(kind: str, outputs: Tensor, targets: Tensor) -> Tensor:
    """Return the targets as floats in the shape of the outputs; only an axis of length 1 may be told apart."""
    if outputs.shape != targets.shape:
        if _without_ones(outputs) != _without_ones(targets) or outputs.shape[:1] != targets.shape[:1]:
            raise _misshapen(outputs, kind, tuple(targets.shape))
        targets = targets.reshape(outputs.shape)
    # Not all of torch's losses take outputs in float64 with targets in float32.
    is_plain = targets.is_floating_point()
    return targets.to(torch.promote_types(targets.dtype, outputs.dtype) if is_plain else outputs.dtype)


def _without_ones(tensor: Tensor) -> tuple[int, ...]:
    return tuple(size for size in tensor.shape[1:] if size != 1)


def _bce(outputs: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
    """Return the binary cross-entropy of probabilities; NaN where an output is none.

    torch stops the whole process's CUDA on an output outside [0, 1], so such outputs are taken out first.
    """
    outputs = outputs.float()  # log(1 - p) of a bfloat16 is worthless, and autocast refuses it
    within = (outputs >= 0) & (outputs <= 1)
    if outputs.device.type == "cpu" and not within.all() and outputs.isfinite().all():
        low, high = outputs.min().item(), outputs.max().item()
        raise UserCodeError(
            f"loss 'bce' needs probabilities between 0 and 1, but the model's outputs reach from {low:.3g} to"
            f" {high:.3g}; use loss 'bce-with-logits', or end the model with a sigmoid"
        )
    targets = targets.float()
    nearest = targets.clamp(0, 1)
    targets = nearest.where((targets - nearest).abs() <= _ROUNDING, targets)
    with torch.autocast(outputs.device.type, enabled=False):
        loss = functional.binary_cross_entropy(outputs.where(within, 0.5), targets, weight=weights)
        if weights is not None:
            loss = loss / weights.mean()
    return loss.where(within.all(), torch.nan)


class _OwnLoss(nn.Module):
    """The person's loss, as a module: where theirs is one, its class weights and the like move and are stored."""

    def __init__(self, function: LossFunction, doing: str) -> None:
        super().__init__()
        self.function = function
        self._doing = doing

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        with own_code(self._doing):
            value: object = self.function(outputs, targets)
        if isinstance(value, Tensor) and value.ndim == 0:
            self._refuse_detached(outputs, value)
            return value
        found = f"a tensor of shape {tuple(value.shape)}" if isinstance(value, Tensor) else repr(value)[:100]
        raise UserCodeError(
            f"{self._doing} returned {found}, but a loss must be a tensor without dimensions, such as the batch's mean"
        )

    def _refuse_detached(self, outputs: Tensor, value: Tensor) -> None:
        if torch.is_grad_enabled() and outputs.requires_grad and not value.requires_grad:
            raise UserCodeError(
                f"{self._doing} returned a tensor that sends no gradient back to the outputs;"
                " look for detach, item, no_grad, argmax or round in it"
            )


def _own_loss(section: PythonLoss, folder: Path) -> LossFunction:
    function = build_own(section, folder)
    if not callable(function):
        raise ConfigError(
            f"loss.target {section.target} returned an object of type {type(function).__name__};"
            " it must return a function (outputs, targets) -> loss"
        )
    return _OwnLoss(function, f"loss.target {section.target}")


def _misshapen(outputs: Tensor, wanting: str, needed: tuple[object, ...]) -> UserCodeError:
    shape = ", ".join(map(str, needed))
    return UserCodeError(f"the model returned outputs of shape {tuple(outputs.shape)}, but {wanting} needs ({shape})")


def _is_out_of_range(outputs: Tensor, indices: Tensor) -> bool:
    return bool((indices < 0).any() or (indices >= outputs.shape[1]).any())


def _out_of_range(outputs: Tensor, indices: Tensor) -> DataError:
    classes = outputs.shape[1]
    wrong = indices[(indices < 0) | (indices >= classes)][0].item()
    return DataError(
        f"a target is class {wrong}, but the model has {classes} outputs, for the classes 0 to {classes - 1}"
    )
