"""The untrained model on one batch: initial loss, outputs, gradients, and how model, loss and optimizer are wired."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.spectral_norm import SpectralNorm

from logbook.errors import LogbookError
from logbook.training.parts import outputs_of
from logbook.training.probes.custom_gradients import custom_functions, gradient_ratios, unregistered_tensors
from logbook.training.probes.layers import LayerProbe, batch_statistics
from logbook.training.probes.loss import probe_loss
from logbook.training.probes.memory import memory
from logbook.training.probes.outputs import probe_outputs, summary, sums_to_one
from logbook.training.probes.passes import Passes
from logbook.training.probes.reach import random_weights
from logbook.training.probes.structure import probe_structure
from logbook.training.probes.untouched import untouched
from logbook.training.probes.wiring import (
    Calls,
    dropouts,
    held_by,
    known_tensors,
    reached,
    without_gradient,
    zero_weights,
)
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.measures import StartRecord
from logbook_schemas.records.start import LossRecord

__all__ = ["probe_start"]

_LN_C_LOSSES = ("cross-entropy", "nll")
_LN_2_LOSSES = ("bce", "bce-with-logits")

_ROWS = 64
"""Rows of all probes but the first: enough to tell chance from rule, and cheap."""

_POWER_ITERATIONS = 15
"""As many as torch's parametrization begins with."""

_ONE = 0.02
"""How far the factor between a person's loss and a known one may be from 1 for it to be that loss."""

LossFunction = Callable[[Tensor, Tensor], Tensor]


def probe_start(
    config: RunConfig,
    model: nn.Module,
    loss: LossFunction,
    optimizer: torch.optim.Optimizer,
    batch: tuple[Tensor, Tensor],
    *,
    classes: int,
) -> StartRecord:
    """Return what the untrained model does with the probe batch, `(inputs [N, …], targets)`.

    Evaluation mode, regularization apart. Whatever the model raises here it would raise in training: it passes. What
    the loss raises stands in the record.
    """
    inputs, targets = batch
    layers, calls = LayerProbe(model, at_start=True), Calls(model)
    passes = Passes(model, inputs[:_ROWS])
    with untouched(model, inputs.device), torch.enable_grad():
        model.eval()
        _settle(model)
        outputs = _watched(model, inputs, layers, calls)
        value, error = _value(loss, outputs, targets)
        custom = custom_functions(value)
        strange = unregistered_tensors(value, known_tensors(optimizer, model, loss), inputs)
        trainable = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
        skipped = _backward(value, error)
        missing: tuple[str, ...] = ()
        unused: tuple[str, ...] = ()
        if not skipped:
            missing, unused = without_gradient(trainable), calls.unused()
            layers.before_update()
        layers.weights()
    wiring = _gradients(passes, loss, targets[:_ROWS], missing, unused, zero_weights(trainable))
    if custom:
        with passes.skipping("gradients of custom functions"):
            wiring["gradient_ratios"] = gradient_ratios(model, loss, passes.inputs, targets[:_ROWS])
    remembers: float | None = None
    with passes.skipping("memory"):
        remembers = memory(passes)
    measured = probe_loss(config, loss, outputs[:_ROWS], targets[:_ROWS], passes)
    measured = measured.model_copy(
        update={"error": error, "detached": _detached(value, outputs, is_trainable=bool(trainable))}
    )
    behaviour = probe_outputs(passes, loss, outputs, targets, weight_layers=calls.weight_layers)
    return StartRecord(
        parameters=sum(p.numel() for p in model.parameters()),
        trainable=sum(p.numel() for _, p in trainable),
        probe_rows=len(targets),
        initial_loss=None if value is None else float(value.detach()),
        expected_loss=_expected(config, measured, classes),
        output_shape=tuple(outputs.shape[1:]),
        target_shape=tuple(targets.shape[1:]),
        class_targets=None if targets.is_floating_point() or not targets.numel() else int(targets.max()) + 1,
        outputs=summary(outputs),
        outputs_sum_to_one=sums_to_one(outputs),
        behaviour=behaviour,
        structure=probe_structure(passes),
        loss=measured,
        **held_by(optimizer, trainable, model, loss),
        custom_functions=custom,
        unregistered=strange,
        dropouts=dropouts(model),
        **wiring,
        memory=remembers,
        layers=layers.records(),
        skipped={**skipped, **passes.skipped, **layers.skipped},
    )


def _settle(model: nn.Module) -> None:
    """Let spectral normalization that is a hook find its norms: it begins with random ones, and training betters them.

    Use inside `untouched`: what it has found is put back.
    """
    for module in model.modules():
        for hook in module._forward_pre_hooks.values():
            if isinstance(hook, SpectralNorm):
                for _ in range(_POWER_ITERATIONS):
                    hook.compute_weight(module, do_power_iteration=True)


def _watched(model: nn.Module, inputs: Tensor, layers: LayerProbe, calls: Calls) -> Tensor:
    """Return the outputs, and measure the activations on the way; those of batch normalization by the batch's own
    statistics, in a pass of their own: the untrained running ones normalize nothing."""
    with batch_statistics(model) as has_any:
        if has_any and len(inputs) > 1:
            # The running averages are put back at once: the pass in evaluation mode goes by them.
            with untouched(model, inputs.device), layers.activations(), torch.no_grad():
                outputs_of(model, inputs)
    is_measured = has_any and len(inputs) > 1
    with calls.watching(), nullcontext() if is_measured else layers.activations():
        return outputs_of(model, inputs)


def _gradients(
    passes: Passes,
    loss: LossFunction,
    targets: Tensor,
    missing: tuple[str, ...],
    unused: tuple[str, ...],
    zeros: dict[str, nn.Parameter],
) -> dict[str, Any]:
    """Return the fields of a record that say what no gradient reaches, in training mode and with other weights too."""
    waking: tuple[str, ...] = ()
    if missing:
        with passes.skipping("gradients in training mode"):
            found, never = reached(passes.model, loss, passes.inputs, targets, training=True)
            missing = tuple(name for name in missing if name not in found)
            unused = tuple(name for name in unused if name in never)
    if missing and zeros:
        with passes.skipping("gradients behind weights of 0"), random_weights(list(zeros.values()), gain=1.0):
            found, _ = reached(passes.model, loss, passes.inputs, targets, training=False)
            waking = tuple(name for name in missing if name in found and name not in zeros)
    return {"no_gradient": missing, "waking": waking, "zero_weights": tuple(zeros), "unused": unused}


def _value(loss: LossFunction, outputs: Tensor, targets: Tensor) -> tuple[Tensor | None, str]:
    """Return the loss, or why it can't be computed; one that is refused for having no gradient has a value still."""
    error = ""
    for grad in (nullcontext(), torch.no_grad()):
        try:
            with grad:
                return loss(outputs, targets), ""
        except LogbookError as raised:
            error = error or str(raised)
    return None, error


def _backward(value: Tensor | None, error: str) -> dict[str, str]:
    """Propagate back; return why not, where the loss has no way back to any parameter."""
    if value is None:
        return {"gradients": error}
    if not value.requires_grad:
        return {"gradients": "the loss does not depend on any trainable parameter"}
    try:
        torch.autograd.backward(value)
    except RuntimeError as raised:  # some layers, such as cuDNN's recurrent ones, refuse in evaluation mode
        return {"gradients": str(raised).splitlines()[0]}
    return {}


def _detached(value: Tensor | None, outputs: Tensor, *, is_trainable: bool) -> str:
    if value is None or value.requires_grad or not is_trainable:
        return ""
    return "loss" if outputs.requires_grad else "model"


def _expected(config: RunConfig, loss: LossRecord, classes: int) -> float | None:
    """Return what guessing costs: ln(C) for C classes; of a person's own loss only where it equals a known one."""
    kind: str = config.loss.kind
    if kind == "python":
        kind = loss.like if loss.factor is not None and abs(loss.factor - 1) < _ONE else ""
    if kind in _LN_C_LOSSES and classes > 1:
        return math.log(classes)
    return math.log(2) if kind in _LN_2_LOSSES and config.task == "binary" else None
