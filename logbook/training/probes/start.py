"""The untrained model on one batch: initial loss, outputs, and whether a gradient reaches every parameter."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

from logbook.training.gradients import gradient_entries
from logbook.training.parts import outputs_of
from logbook.training.probes.layers import LayerProbe, batch_statistics
from logbook.training.probes.untouched import untouched
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.measures import ArrayRecord, StartRecord

__all__ = ["probe_start"]

_LN_C_LOSSES = ("cross-entropy", "nll")


def probe_start(
    config: RunConfig,
    model: nn.Module,
    loss: Callable[[Tensor, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
    batch: tuple[Tensor, Tensor],
    *,
    classes: int,
) -> StartRecord:
    """Return what the untrained model does with the probe batch, `(inputs [N, …], targets)`.

    Evaluation mode, regularization apart. Whatever the model raises here it would raise in training: it passes.
    """
    inputs, targets = batch
    layers = LayerProbe(model, at_start=True)
    with untouched(model, inputs.device), torch.enable_grad():
        model.eval()
        outputs = _watched(model, inputs, layers)
        value = loss(outputs, targets)
        skipped = _backward(value)
        trainable = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
        gradients = _has_gradient(trainable)
        layers.weights()
        if not skipped:
            layers.before_update()
    held = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    return StartRecord(
        parameters=sum(p.numel() for p in model.parameters()),
        trainable=sum(p.numel() for _, p in trainable),
        probe_rows=len(targets),
        initial_loss=float(value.detach()),
        expected_loss=math.log(classes) if config.loss.kind in _LN_C_LOSSES and classes > 1 else None,
        output_shape=tuple(outputs.shape[1:]),
        outputs=_summary(outputs),
        outputs_sum_to_one=_sums_to_one(outputs),
        no_gradient=() if skipped else tuple(name for name, has in gradients if not has),
        not_optimized=tuple(name for name, parameter in trainable if id(parameter) not in held),
        layers=layers.records(),
        skipped={**skipped, **layers.skipped},
    )


def _watched(model: nn.Module, inputs: Tensor, layers: LayerProbe) -> Tensor:
    """Return the outputs, and measure the activations on the way; those of batch normalization by the batch's own
    statistics, in a pass of their own: the untrained running ones normalize nothing."""
    with batch_statistics(model) as has_any:
        if has_any and len(inputs) > 1:
            with layers.activations(), torch.no_grad():
                outputs_of(model, inputs)
    if has_any and len(inputs) > 1:
        return outputs_of(model, inputs)
    with layers.activations():
        return outputs_of(model, inputs)


def _backward(value: Tensor) -> dict[str, str]:
    """Propagate back; return why not, where the loss has no way back to any parameter."""
    if not value.requires_grad:
        return {"gradients": "the loss does not depend on any trainable parameter"}
    try:
        torch.autograd.backward(value)
    except RuntimeError as error:  # some layers, such as cuDNN's recurrent ones, refuse in evaluation mode
        return {"gradients": str(error).splitlines()[0]}
    return {}


@torch.no_grad()
def _has_gradient(named: Iterable[tuple[str, nn.Parameter]]) -> list[tuple[str, bool]]:
    """Say of each parameter whether any entry of its gradient differs from 0."""
    names, flags = [], []
    for name, parameter in named:
        names.append(name)
        entries = gradient_entries([parameter])
        flags.append((entries[0] != 0).any() if entries else torch.tensor(False))
    read = torch.stack([flag.cpu() for flag in flags]).tolist() if flags else []
    return list(zip(names, read, strict=True))


@torch.no_grad()
def _summary(outputs: Tensor) -> ArrayRecord:
    values = outputs.detach().float()
    finite = values[torch.isfinite(values)]
    if finite.numel() == 0:
        return ArrayRecord(dtype=str(outputs.dtype))
    numbers = torch.stack([finite.mean(), finite.std(correction=0), finite.min(), finite.max()]).tolist()
    return ArrayRecord(
        dtype=str(outputs.dtype).removeprefix("torch."), mean=numbers[0], std=numbers[1], min=numbers[2], max=numbers[3]
    )


@torch.no_grad()
def _sums_to_one(outputs: Tensor) -> bool | None:
    """Say whether the outputs are probabilities over classes; None for a single output."""
    values = outputs.detach().float()
    if values.dim() != 2 or values.shape[1] < 2:
        return None
    in_range = ((values >= 0) & (values <= 1)).all()
    return bool(in_range & ((values.sum(1) - 1).abs() < 1e-4).all())
