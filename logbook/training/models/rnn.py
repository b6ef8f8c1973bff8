"""Recurrent networks: layers of one cell each, then a linear layer on every step, or on the last.

What a network remembers can be handed from one piece of a sequence to the next: `carry` takes and returns it.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from logbook.training.models.initial_weights import initialize, scheme_of
from logbook.training.models.layers import output_layers
from logbook.training.models.sequences import Steps, some_dropout, step_shape, through
from logbook_schemas.config.initial_weights import DefaultInit
from logbook_schemas.config.sequence_models import Identity, RecurrentInit, Rnn

__all__ = ["Memory", "RecurrentNetwork", "build_rnn", "initialize_recurrent"]

Memory: TypeAlias = "tuple[tuple[Tensor, ...], ...]"
"""What each layer remembers: hidden state, and of an lstm the cell state, each [directions, N, units]."""

_GATES = {"lstm": 4, "gru": 3, "plain": 1}
_FORGET = 1
"""Torch's lstm keeps its gates in the order input, forget, cell, output."""


class RecurrentNetwork(nn.Module):
    """Tokens or numbers in, outputs [N, L, K] out, or [N, K] of the last step."""

    def __init__(self, section: Rnn, *, vocabulary: int, features: int, output_size: int, at_each_step: bool) -> None:
        super().__init__()
        self.steps = Steps(vocabulary=vocabulary, features=features, width=section.embedding, projects=False)
        self.input_dropout = some_dropout(section.input_dropout)
        directions = 2 if section.bidirectional else 1
        widths = [self.steps.width, *(units * directions for units in section.hidden)]
        self.recurrent = nn.ModuleList(
            _cell(section, before, units) for before, units in zip(widths, section.hidden, strict=False)
        )
        self.dropout = some_dropout(section.dropout)
        self.output, self.output_activation, self.output_scale = (
            layer for _, layer in output_layers(section, inputs=widths[-1], outputs=output_size)
        )
        self._at_each_step = at_each_step
        self._is_lstm = section.cell == "lstm"
        self._units = section.hidden[-1] if section.bidirectional else None

    def forward(self, inputs: Tensor) -> Tensor:
        return self.carry(inputs, None)[0]

    def carry(self, inputs: Tensor, memory: Memory | None) -> tuple[Tensor, Memory]:
        """Return the outputs of a piece of a sequence, and what is remembered after it; `memory` is of before it."""
        values = through(inputs, self.steps, self.input_dropout)
        after = []
        for index, cell in enumerate(self.recurrent):
            before = None if memory is None else memory[index]
            values, state = cell(values, before if before is None or self._is_lstm else before[0])
            after.append(tuple(state) if self._is_lstm else (state,))
            values = through(values, self.dropout)
        if not self._at_each_step:
            values = self._ends(values)
        return through(values, self.output, self.output_activation, self.output_scale), tuple(after)

    def _ends(self, values: Tensor) -> Tensor:
        """Return the last step of each direction: that of the way back is the first position."""
        if self._units is None:
            return values[:, -1]
        return torch.cat([values[:, -1, : self._units], values[:, 0, self._units :]], dim=-1)


def build_rnn(
    section: Rnn, *, input_shape: tuple[int, ...], output_size: int, vocabulary: int, at_each_step: bool
) -> RecurrentNetwork:
    """Return the network `steps.table`, `recurrent.0`, …, `output`; `vocabulary` is 0 for inputs that are numbers.

    Raises ConfigError where the examples are no sequences.
    """
    _, features = step_shape(section.kind, input_shape)
    return RecurrentNetwork(
        section, vocabulary=vocabulary, features=features, output_size=output_size, at_each_step=at_each_step
    )


@torch.no_grad()
def initialize_recurrent(model: nn.Module, section: Rnn, *, generator: torch.Generator) -> None:
    """Draw the weights of every cell, gate by gate: `init` from the layer below, `recurrent_init` between steps.

    Biases are 0, but for the forget gate's. Where `init` is default, they stay PyTorch's own.
    """
    below = scheme_of(section.init)
    for cell in model.modules():
        if not isinstance(cell, nn.RNNBase):
            continue
        for name, weights in cell.named_parameters():
            if name.startswith("bias"):
                if not isinstance(below, DefaultInit):
                    weights.zero_()
                if section.forget_bias is not None:
                    gate = weights.chunk(_GATES[section.cell])[_FORGET]
                    gate.fill_(section.forget_bias if name.startswith("bias_ih") else 0.0)
                continue
            scheme = below if name.startswith("weight_ih") else section.recurrent_init
            for gate in weights.chunk(_GATES[section.cell]):
                _fill(gate, scheme, generator)


def _fill(gate: Tensor, scheme: RecurrentInit, generator: torch.Generator) -> None:
    """Draw the square or oblong block of one gate as the weights of a linear layer are drawn."""
    if isinstance(scheme, Identity):
        nn.init.eye_(gate).mul_(scheme.scale)
        return
    if isinstance(scheme, DefaultInit):
        return
    drawn = nn.Linear(gate.shape[1], gate.shape[0], bias=False)
    initialize(drawn, scheme, generator=generator)
    gate.copy_(drawn.weight)


def _cell(section: Rnn, inputs: int, units: int) -> nn.RNNBase:
    options: dict[str, Any] = {"batch_first": True, "bidirectional": section.bidirectional, "bias": section.bias}
    match section.cell:
        case "lstm":
            return nn.LSTM(inputs, units, **options)
        case "gru":
            return nn.GRU(inputs, units, **options)
        case "plain":
            return nn.RNN(inputs, units, nonlinearity=section.activation, **options)
