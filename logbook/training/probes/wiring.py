"""Which modules a forward pass calls, which parameters no gradient reaches, and which the optimizer holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn

from logbook.training.gradients import gradient_entries
from logbook.training.parts import outputs_of
from logbook.training.probes.untouched import untouched
from logbook.training.seeding import isolated_rng
from logbook_schemas.records.start import OptimizerRecord

__all__ = ["Calls", "dropouts", "held_by", "known_tensors", "reached", "without_gradient", "zero_weights"]

Named = Iterable[tuple[str, nn.Parameter]]


class Calls:
    """Which modules with trainable parameters of their own were called."""

    def __init__(self, model: nn.Module) -> None:
        own = ((name, module, list(module.parameters(recurse=False))) for name, module in model.named_modules())
        self._parts = [
            (name, module, [p for p in parameters if p.requires_grad])
            for name, module, parameters in own
            if any(p.requires_grad for p in parameters)
        ]
        self._called = set[int]()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Notice the calls of the block."""
        handles = [
            module.register_forward_hook(lambda called, *_: self._called.add(id(called)))
            for _, module, _ in self._parts
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    @property
    def weight_layers(self) -> int:
        """How many of the modules that were called have a matrix or filters of their own."""
        called = [parameters for _, module, parameters in self._parts if id(module) in self._called]
        return sum(any(p.ndim > 1 for p in parameters) for parameters in called)

    def unused(self) -> tuple[str, ...]:
        """Return the names of modules that were neither called nor, by what the gradients say, used otherwise."""
        return tuple(
            name or "model"
            for name, module, parameters in self._parts
            if id(module) not in self._called and all(p.grad is None for p in parameters)
        )


@torch.no_grad()
def without_gradient(named: Named) -> tuple[str, ...]:
    """Return the names of parameters whose gradient is missing or 0 in every entry."""
    names, flags = [], []
    for name, parameter in named:
        names.append(name)
        entries = gradient_entries([parameter])
        flags.append((entries[0] != 0).any() if entries else torch.tensor(False))
    read = torch.stack([flag.cpu() for flag in flags]).tolist() if flags else []
    return tuple(name for name, has in zip(names, read, strict=True) if not has)


def reached(
    model: nn.Module, loss: Callable[[Tensor, Tensor], Tensor], inputs: Tensor, targets: Tensor, *, training: bool
) -> tuple[set[str], set[str]]:
    """Return the trainable parameters that a gradient reaches, and the modules that aren't used.

    In training mode too: a head that only trains, as a second classifier half-way up, is called in no evaluation.
    Raises what the model does.
    """
    calls = Calls(model)
    with ExitStack() as stack:
        for module in (model, loss):
            if isinstance(module, nn.Module):
                stack.enter_context(untouched(module, inputs.device))
        stack.enter_context(isolated_rng(0))
        stack.enter_context(torch.enable_grad())
        model.train(training)
        with calls.watching():
            outputs = outputs_of(model, inputs)
        torch.autograd.backward(loss(outputs, targets))
        trainable = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
        return {name for name, _ in trainable} - set(without_gradient(trainable)), set(calls.unused())


@torch.no_grad()
def zero_weights(named: Named) -> dict[str, nn.Parameter]:
    """Return the matrices and filters that are 0 in every entry, by name."""
    return {name: p for name, p in named if p.ndim > 1 and p.numel() and not bool(p.any())}


def known_tensors(optimizer: torch.optim.Optimizer, model: nn.Module, loss: object) -> list[Tensor]:
    """Return every tensor that the model, the loss or the optimizer knows of."""
    held = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    modules = [module for module in (model, loss) if isinstance(module, nn.Module)]
    return [*held, *(tensor for module in modules for tensor in (*module.parameters(), *module.buffers()))]


def dropouts(model: nn.Module) -> dict[str, float]:
    """Return each dropout layer's probability of dropping, by the layer's name."""
    return {
        name: float(module.p)
        for name, module in model.named_modules()
        if isinstance(module, nn.modules.dropout._DropoutNd) and isinstance(module.p, int | float)
    }


def held_by(optimizer: torch.optim.Optimizer, trainable: Named, model: nn.Module, loss: object) -> dict[str, object]:
    """Return the fields of a record that say what the optimizer holds, and whether it climbs."""
    held = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    known = {id(parameter) for parameter in model.parameters()}
    if isinstance(loss, nn.Module):
        known |= {id(parameter) for parameter in loss.parameters()}
    listed = list(trainable)
    forgotten = tuple(name for name, parameter in listed if id(parameter) not in held)
    return {
        "not_optimized": forgotten,
        "optimized": len(listed) - len(forgotten),
        "foreign": len(held - known),
        "trainable_matrices": sum(parameter.ndim > 1 for _, parameter in listed),
        "maximizes": any(bool(group.get("maximize", False)) for group in optimizer.param_groups),
        "optimizer": as_built(optimizer),
    }


def as_built(optimizer: torch.optim.Optimizer) -> OptimizerRecord:
    """Return what an optimizer is, and the numbers that it was built with, before any schedule changes them."""
    group = optimizer.param_groups[0] if optimizer.param_groups else {}
    made_from = [kind.__name__ for kind in type(optimizer).__mro__ if kind.__module__.startswith("torch.optim.")]
    rate = _number(group.get("initial_lr", group.get("lr")))
    return OptimizerRecord(
        torch_class=made_from[0] if made_from and made_from[0] != "Optimizer" else "",
        lr=rate,
        momentum=_number(group.get("momentum")) or 0.0,
        nesterov=group.get("nesterov") is True,
        weight_decay=_number(group.get("weight_decay")) or 0.0,
        is_decoupled="AdamW" in made_from or group.get("decoupled_weight_decay") is True,
    )


def _number(value: object) -> float | None:
    is_one = isinstance(value, int | float) or (isinstance(value, Tensor) and value.numel() == 1)
    return float(value) if is_one else None  # type: ignore[arg-type]
