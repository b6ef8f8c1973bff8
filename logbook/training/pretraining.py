"""Greedy pre-training: the hidden layers of an mlp, one after the other, as restricted Boltzmann machines.

Hinton, Osindero and Teh (2006). The machine of a layer shares the layer's weights and biases with the network, so
nothing is copied when the network is trained as a whole afterwards. Its data are what the layers below make of the
inputs, without dropout: probabilities. A checkpoint holds what belongs to the machine alone, so that a training
which is stopped between any two epochs goes on as if it hadn't been.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from logbook.training.data import Split
from logbook.training.data.batches import count_batches, split_batches
from logbook.training.feeding import probe_batch
from logbook.training.gradients import gradient_norm
from logbook.training.models.rbm import BIAS_ROWS, RestrictedBoltzmannMachine
from logbook.training.procedures.contrastive_divergence import contrast, sample
from logbook.training.procedures.steps import EpochSteps, StepLog
from logbook.training.seeding import Generators
from logbook_schemas.config.boltzmann import ContrastivePretraining
from logbook_schemas.config.run import RunConfig

__all__ = ["Pretraining"]

_BATCH = 1024
"""Rows a forward pass where nothing is trained."""


class Pretraining:
    """Knows which layer an epoch trains, and trains it; `done` counts the epochs over all layers."""

    def __init__(self, section: ContrastivePretraining, model: nn.Module, *, batch_size: int, device: torch.device):
        self.section = section
        self.done = 0
        self._model, self._batch_size, self._device = model, batch_size, device
        self._layers: list[nn.Module] = list(model.get_submodule("hidden").children())
        self._at: tuple[int, RestrictedBoltzmannMachine, torch.optim.Optimizer] | None = None

    @classmethod
    def of(cls, config: RunConfig, model: nn.Module, device: torch.device) -> Pretraining | None:
        """Return the pre-training that a config asks for, before its first epoch."""
        section = config.training.pretraining
        if section is None:
            return None
        return cls(section, model, batch_size=section.batch_size or config.training.rows, device=device)

    @property
    def epochs(self) -> int:
        """How many epochs there are, over all layers."""
        return self.section.epochs * len(self._layers)

    @property
    def is_over(self) -> bool:
        return self.done >= self.epochs

    def layer_of(self, epoch: int) -> str:
        """Return the layer that an epoch, from 1, trains."""
        return f"hidden.{(epoch - 1) // self.section.epochs}"

    def steps(self, split: Split) -> int:
        """Return how many steps an epoch over a split has."""
        return count_batches(len(split), self._batch_size)

    def train_epoch(self, train: Split, generators: Generators, *, after_step: Callable[[int], bool]) -> EpochSteps:
        """Train the next epoch. The losses are mean squared errors of a unit's reconstruction after one step.

        `after_step(step)` says whether to stop; the caller counts the epoch when it has ended.
        """
        self._model.eval()
        place, machine, optimizer = self._machine(train)
        log, stopped, section = StepLog(self._device), False, self.section
        weights = [machine.weight, machine.hidden_bias, machine.visible_bias]
        for step, (inputs, _) in enumerate(self._batches(train, self._batch_size, generators)):
            data = self._features(inputs, place)
            made, negative = sample(machine, data, k=section.k, sample_visible=section.sample_visible)
            log.put(functional.mse_loss(made, data), None, len(data))
            if log.sees_nonfinite():
                break
            optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward(contrast(machine, data, negative))
            log.put_step(section.lr, gradient_norm([*weights]), False)
            optimizer.step()
            if after_step(step):
                stopped = step < self.steps(train) - 1
                break
        for weight in weights:
            weight.grad = None
        return log.read(stopped=stopped)

    @torch.no_grad()
    def evaluate(self, split: Split) -> float:
        """Return the mean squared error of a unit's reconstruction, nothing drawn, of the layer trained last."""
        self._model.eval()
        place, machine, _ = self._machine(split)
        total, rows = torch.zeros((), dtype=torch.float64), 0
        for inputs, _ in self._batches(split, _BATCH, None):
            data = self._features(inputs, place)
            total += functional.mse_loss(machine(data), data).double().cpu() * len(data)
            rows += len(data)
        return float(total / rows)

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint must hold beside the network's own weights."""
        if self._at is None or self.is_over:
            return {"done": self.done}
        place, machine, optimizer = self._at
        bias = machine.visible_bias.detach()
        return {"done": self.done, "layer": place, "visible_bias": bias, "optimizer": optimizer.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where a checkpoint stands."""
        self.done, self._at = state["done"], None
        if "layer" not in state:
            return
        machine, optimizer = self._new_machine(state["layer"])
        with torch.no_grad():
            machine.visible_bias.copy_(state["visible_bias"])
        optimizer.load_state_dict(state["optimizer"])
        self._at = (state["layer"], machine, optimizer)

    def _machine(self, train: Split) -> tuple[int, RestrictedBoltzmannMachine, torch.optim.Optimizer]:
        """Return the next epoch's layer, its machine and what moves it; a layer begins at the mean of its data."""
        place = min(self.done, self.epochs - 1) // self.section.epochs
        if self._at is None or self._at[0] != place:
            machine, optimizer = self._new_machine(place)
            with torch.no_grad():
                machine.bias_to(self._features(probe_batch(train, BIAS_ROWS, self._device)[0], place))
            self._at = (place, machine, optimizer)
        return self._at

    def _new_machine(self, place: int) -> tuple[RestrictedBoltzmannMachine, torch.optim.Optimizer]:
        linear = self._layers[place].get_submodule("linear")
        assert isinstance(linear, nn.Linear)
        visible = self.section.visible if place == 0 else "binary"
        machine = RestrictedBoltzmannMachine(linear.weight, linear.bias, visible=visible)
        groups: list[dict[str, Any]] = [
            {"params": [machine.weight], "weight_decay": self.section.weight_decay},
            {"params": [machine.hidden_bias, machine.visible_bias]},
        ]
        return machine, torch.optim.SGD(groups, self.section.lr, self.section.momentum)

    def _batches(self, split: Split, size: int, drawn: Generators | None) -> Iterator[tuple[Tensor, Tensor]]:
        order, reading = (drawn.order, drawn.reading) if drawn is not None else (None, None)
        return split_batches(split, size, order=order, reading=reading, device=self._device)

    @torch.no_grad()
    def _features(self, inputs: Tensor, place: int) -> Tensor:
        """Return what the layers below layer `place` make of inputs [N, ...]: probabilities [N, units]."""
        features = inputs.flatten(1)
        for layer in self._layers[:place]:
            features = layer(features)
        return features
