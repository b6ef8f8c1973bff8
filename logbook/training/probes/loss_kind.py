"""What a loss takes: told from how it behaves on outputs that are made up, whoever wrote it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["LossKind", "is_indifferent", "loss_kind", "normalizes_batch"]

Loss = Callable[[Tensor, Tensor], float | None]
"""(outputs, targets) -> value, or None where it raises."""

_ALIKE = 0.01
"""Relative difference between the factors of the draws up to which a loss counts as a known one: many add a small
number before they take a logarithm."""

_STILL = 1e-4
"""Relative change of a value that counts as none."""

_SPREAD = 1.5
_SPREADS = (0.5, 1.5, 2.5)
"""Deviations of the draws that a loss is compared on. Over many rows two losses have nearly the same factor at any one
of them (measured: mse on one-hot rows and cross-entropy, within 1 %), and never at all."""


@dataclass(frozen=True)
class LossKind:
    """What a loss takes, and the known loss that it equals but for a factor; empty where it isn't clear."""

    takes: str = ""
    like: str = ""
    factor: float | None = None


_Known = tuple[str, str, Callable[[Tensor], Tensor], Callable[[Tensor, Tensor], Tensor]]
"""name, what it takes, how that is made of raw numbers, its value for raw numbers."""

_ON_CLASSES: tuple[_Known, ...] = (
    ("cross-entropy", "logits", lambda raw: raw, functional.cross_entropy),
    ("nll", "log-probabilities", lambda raw: raw, functional.nll_loss),
    ("cross-entropy", "probabilities", lambda raw: raw.softmax(1), functional.cross_entropy),
)
_ON_ROWS: tuple[_Known, ...] = (
    ("mse", "values", lambda raw: raw, functional.mse_loss),
    ("l1", "values", lambda raw: raw, functional.l1_loss),
    ("bce-with-logits", "logits", lambda raw: raw, functional.binary_cross_entropy_with_logits),
    ("bce", "probabilities", lambda raw: raw.sigmoid(), functional.binary_cross_entropy_with_logits),
)
"""On classes that the loss makes rows of 0 and 1 of by itself."""

_ON_YES_OR_NO: tuple[_Known, ...] = (
    ("bce-with-logits", "logits", lambda raw: raw, functional.binary_cross_entropy_with_logits),
    ("bce", "probabilities", lambda raw: raw.sigmoid(), functional.binary_cross_entropy_with_logits),
)
_ON_VALUES: tuple[_Known, ...] = (
    ("mse", "values", lambda raw: raw, functional.mse_loss),
    ("l1", "values", lambda raw: raw, functional.l1_loss),
)


def loss_kind(loss: Loss, outputs: Tensor, targets: Tensor) -> LossKind:
    """Return what a loss takes that is called with outputs and targets of these shapes."""
    generator = torch.Generator().manual_seed(0)
    draws = [spread * torch.randn(outputs.shape, generator=generator).to(outputs.device) for spread in _SPREADS]
    for (name, takes, made, value), wanted in _candidates(outputs, targets):
        factors = [_factor(loss(made(raw), targets), value(raw, wanted)) for raw in draws]
        known = [factor for factor in factors if factor is not None]
        if len(known) == len(draws) and max(known) - min(known) <= _ALIKE * abs(known[0]):
            return LossKind(takes=takes, like=name, factor=known[0])
    if not _has_classes(outputs, targets):
        return LossKind()
    return LossKind(takes=_by_shifting(loss, draws[1], targets))


def _candidates(outputs: Tensor, targets: Tensor) -> Iterator[tuple[_Known, Tensor]]:
    """Yield the known losses that these shapes allow, each with the targets in the form that it wants."""
    if _has_classes(outputs, targets):
        yield from ((known, _indices(targets)) for known in _ON_CLASSES)
        rows = functional.one_hot(_indices(targets), outputs.shape[1]).to(outputs.dtype)
        yield from ((known, rows) for known in _ON_ROWS)
    if targets.numel() == outputs.numel():
        wanted = targets.reshape(outputs.shape).to(outputs.dtype)
        if bool(((wanted == 0) | (wanted == 1)).all()):
            yield from ((known, wanted) for known in _ON_YES_OR_NO)
        yield from ((known, wanted) for known in _ON_VALUES)
    elif outputs.ndim == targets.ndim == 2 and 1 in (outputs.shape[1], targets.shape[1]):
        # One column is stretched over the others.
        shape = (outputs + targets).shape
        wanted = targets.to(outputs.dtype).expand(shape)
        yield from ((_stretched(known, shape), wanted) for known in _ON_VALUES)


def _stretched(known: _Known, shape: torch.Size) -> _Known:
    name, takes, made, value = known
    return name, takes, made, lambda raw, wanted: value(raw.expand(shape), wanted)


def _has_classes(outputs: Tensor, targets: Tensor) -> bool:
    """Say whether targets may be indices of the columns of the outputs, [N, C] with C > 1."""
    if outputs.ndim != 2 or outputs.shape[1] < 2 or targets.numel() != len(outputs):
        return False
    values = targets.reshape(-1)
    return bool((values == values.round()).all() & (values >= 0).all() & (values < outputs.shape[1]).all())


def _indices(targets: Tensor) -> Tensor:
    return targets.reshape(-1).long()


def _factor(found: float | None, known: Tensor) -> float | None:
    value = float(known)
    return found / value if found and math.isfinite(found) and value else None


def _by_shifting(loss: Loss, raw: Tensor, targets: Tensor) -> str:
    """Say what a loss on classes takes from what becomes of it as a number is added to all outputs of a row."""
    at, once, twice = (loss(raw + shift, targets) for shift in (0.0, 1.0, 2.0))
    inside, other = loss(raw.softmax(1), targets), loss(raw.flip(1), targets)
    if any(value is None or not math.isfinite(value) for value in (at, once, twice)):
        return "probabilities" if inside is not None and math.isfinite(inside) else ""
    assert at is not None
    assert once is not None
    assert twice is not None
    size = max(abs(at), _STILL)
    if abs(once - at) <= _STILL * size and abs(twice - at) <= _STILL * size:
        moves = other is not None and abs(other - at) > _STILL * size
        return "logits" if moves else ""
    is_straight = abs((twice - once) - (once - at)) <= _STILL * max(abs(once - at), size)
    return "log-probabilities" if is_straight and once < at else ""


def normalizes_batch(loss: Loss, outputs: Tensor, targets: Tensor) -> bool | None:
    """Say whether a loss on classes takes softmax over the rows: a number added to a column changes nothing."""
    if not _has_classes(outputs, targets) or len(outputs) < 2:
        return None
    generator = torch.Generator().manual_seed(0)
    raw = _SPREAD * torch.randn(outputs.shape, generator=generator).to(outputs.device)
    columns = 3 * torch.randn(1, outputs.shape[1], generator=generator).to(outputs.device)
    rows = 3 * torch.randn(len(outputs), 1, generator=generator).to(outputs.device)
    values = [loss(raw, targets), loss(raw + columns, targets), loss(raw + rows, targets)]
    at, by_column, by_row = (value if value is not None else math.nan for value in values)
    size = max(abs(at), _STILL)
    return abs(by_column - at) <= _STILL * size and abs(by_row - at) > 10 * _STILL * size


def is_indifferent(loss: Loss, outputs: Tensor, targets: Tensor) -> bool:
    """Say whether a loss is the same number whatever the outputs are, as softmax over a single column makes it."""
    generator = torch.Generator().manual_seed(1)
    draws = [spread * torch.randn(outputs.shape, generator=generator).to(outputs.device) for spread in _SPREADS]
    values = [loss(raw, targets) for raw in draws] + [loss(raw.sigmoid(), targets) for raw in draws]
    known = [value for value in values if value is not None and math.isfinite(value)]
    return len(known) == len(values) and max(known) == min(known)
