"""The loss on the untrained model's outputs: what it takes, and whether it is of rows, of their mean, and downhill."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

import torch
from torch import Tensor, nn

from logbook.training.probes.loss_kind import LossKind, is_indifferent, loss_kind, normalizes_batch
from logbook.training.probes.passes import Passes
from logbook.training.probes.untouched import untouched
from logbook.training.seeding import isolated_rng
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.start import LossRecord

__all__ = ["probe_loss"]

LossFunction = Callable[[Tensor, Tensor], Tensor]

_KINDS = {
    "cross-entropy": "logits",
    "nll": "log-probabilities",
    "bce": "probabilities",
    "bce-with-logits": "logits",
    "mse": "values",
    "l1": "values",
    "huber": "values",
}
_ROWS = 16
"""Rows that the loss is asked of one by one."""

_PAIRED = 6
"""Rows of which it is asked with the target of every other."""


def probe_loss(config: RunConfig, loss: LossFunction, outputs: Tensor, targets: Tensor, passes: Passes) -> LossRecord:
    """Return how the loss behaves on outputs [N, …] of the untrained model and their targets.

    Of a kind of ours, what it takes and that it is a mean is known.
    """
    outputs = outputs.detach()
    found = dict[str, object]()
    with passes.skipping("direction of the loss"):
        found |= _direction(loss, outputs, targets)
    kind = LossKind(takes=_KINDS.get(config.loss.kind, ""), like=config.loss.kind, factor=1.0)
    if config.loss.kind == "python":
        kind = LossKind()
        with passes.skipping("kind of the loss"):
            kind = loss_kind(_asked(loss), outputs, targets)
            found["normalizes_batch"] = normalizes_batch(_asked(loss), outputs, targets)
            found["indifferent"] = is_indifferent(_asked(loss), outputs, targets)
        with passes.skipping("loss of more rows"):
            found |= _of_more_rows(_asked(loss), outputs, targets)
    return LossRecord(takes=kind.takes, like=kind.like if kind.takes else "", factor=kind.factor, **found)


def _asked(loss: LossFunction) -> Callable[[Tensor, Tensor], float | None]:
    """Return the loss as a function to numbers: the same random numbers at each call, None where it raises."""

    def value(outputs: Tensor, targets: Tensor) -> float | None:
        with ExitStack() as stack:
            stack.enter_context(isolated_rng(0))
            stack.enter_context(torch.no_grad())
            if isinstance(loss, nn.Module):
                stack.enter_context(untouched(loss, outputs.device))
            try:
                return float(loss(outputs, targets))
            except Exception:  # what it doesn't take is an answer too
                return None

    return value


def _of_more_rows(
    value: Callable[[Tensor, Tensor], float | None], outputs: Tensor, targets: Tensor
) -> dict[str, object]:
    once, twice = value(outputs, targets), value(torch.cat([outputs] * 2), torch.cat([targets] * 2))
    found: dict[str, object] = {}
    if once and twice is not None:
        found["doubling"] = twice / once
    if outputs.numel() == targets.numel() and len(outputs) > 1:
        few, wanted = outputs[:_ROWS], targets[:_ROWS]
        each = [value(few[row : row + 1], wanted[row : row + 1]) for row in range(len(few))]
        known = [one for one in each if one is not None]
        found["as_called"] = value(few, wanted)
        found["in_one_shape"] = value(few, wanted.reshape(few.shape))
        found["by_example"] = sum(known) / len(known) if len(known) == len(each) else None
        found["each_with_each"] = _each_with_each(value, few[:_PAIRED], wanted[:_PAIRED])
    return found


def _each_with_each(
    value: Callable[[Tensor, Tensor], float | None], outputs: Tensor, targets: Tensor
) -> tuple[float, ...]:
    """Return the loss of some rows, the mean of its values for each of them, and that over all pairs of two of them.

    The loss may flatten one of its arguments itself, however well their shapes agree.
    """
    rows = range(len(outputs))
    pairs = [[value(outputs[one : one + 1], targets[two : two + 1]) for two in rows] for one in rows]
    together = value(outputs, targets)
    known = [pair for row in pairs for pair in row if pair is not None]
    if together is None or len(known) < len(outputs) ** 2:
        return ()
    return together, sum(row[place] or 0.0 for place, row in enumerate(pairs)) / len(outputs), sum(known) / len(known)


def _direction(loss: LossFunction, outputs: Tensor, targets: Tensor) -> dict[str, object]:
    """Return what becomes of the loss as each row's outputs move towards its target.

    The share is of the rows that it moves at all; None where outputs and targets can't be compared.
    """
    with ExitStack() as stack:
        stack.enter_context(isolated_rng(0))
        stack.enter_context(torch.enable_grad())
        if isinstance(loss, nn.Module):
            stack.enter_context(untouched(loss, outputs.device))
        leaf = outputs.clone().requires_grad_()
        value = loss(leaf, targets)
        if not value.requires_grad:
            return {"zero_gradient": True}
        (gradient,) = torch.autograd.grad(value, leaf, allow_unused=True)
    if gradient is None or not bool(gradient.isfinite().all()):
        return {"zero_gradient": gradient is None}
    found: dict[str, object] = {"zero_gradient": not bool(gradient.any())}
    towards = _towards(outputs, targets)
    if towards is not None:
        slopes = (gradient * towards).flatten(1).sum(1)
        moved = slopes != 0
        if int(moved.sum()) * 2 > len(outputs):
            found["rising_share"] = float((slopes[moved] > 0).float().mean())
    return found


def _towards(outputs: Tensor, targets: Tensor) -> Tensor | None:
    """Return the direction from the outputs to the targets, in the shape of the outputs [N, …]."""
    if outputs.ndim < 1 or len(outputs) != len(targets) or (outputs.ndim == 1 and targets.ndim > 2):
        return None
    if outputs.numel() == targets.numel():
        wanted = targets.reshape(outputs.shape).to(outputs.dtype)
        is_yes_or_no = bool(((wanted == 0) | (wanted == 1)).all())
        return (2 * wanted - 1 if is_yes_or_no else wanted - outputs).reshape(len(outputs), -1).reshape(outputs.shape)
    if outputs.ndim != 2 or targets.numel() != len(outputs):
        return None
    indices = targets.reshape(-1)
    if not bool(((indices == indices.round()) & (indices >= 0) & (indices < outputs.shape[1])).all()):
        return None
    return nn.functional.one_hot(indices.long(), outputs.shape[1]).to(outputs.dtype)
