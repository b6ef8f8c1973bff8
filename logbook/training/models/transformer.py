"""Transformers: an encoder, whose positions see the whole sequence, or a decoder, whose positions see none after them.

Attention is torch's own; its weights are linear layers, so that initial weights and probes reach them like any
other layer's.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from logbook.training.models.layers import output_layers
from logbook.training.models.sequences import Steps, some_dropout, step_shape, through
from logbook_schemas.config.sequence_models import Transformer

__all__ = ["build_transformer"]


class Attention(nn.Module):
    """Self-attention [N, L, width] -> [N, L, width]."""

    def __init__(self, section: Transformer) -> None:
        super().__init__()
        self.inputs = nn.Linear(section.width, 3 * section.width, bias=section.bias)  # queries, keys, values
        self.outputs = nn.Linear(section.width, section.width, bias=section.bias)
        self._heads, self._dropout = section.heads, section.dropout
        self._is_causal = section.form == "decoder"

    def forward(self, values: Tensor) -> Tensor:
        rows, steps, width = values.shape
        # [N, L, 3 width] -> three of [N, heads, L, width / heads]
        split = self.inputs(values).view(rows, steps, 3, self._heads, width // self._heads).permute(2, 0, 3, 1, 4)
        dropout = self._dropout if self.training else 0.0
        queries, keys, values = split.unbind(0)
        seen = functional.scaled_dot_product_attention(
            queries, keys, values, dropout_p=dropout, is_causal=self._is_causal
        )
        found: Tensor = self.outputs(seen.transpose(1, 2).reshape(rows, steps, width))
        return found


class Block(nn.Module):
    """One layer: attention, then the feed-forward network, each added to what it was given."""

    def __init__(self, section: Transformer) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(section.width)
        self.attention = Attention(section)
        self.feed_forward_norm = nn.LayerNorm(section.width)
        self.feed_forward = nn.Sequential(
            nn.Linear(section.width, section.feed_forward, bias=section.bias),
            nn.GELU() if section.activation == "gelu" else nn.ReLU(),
            nn.Linear(section.feed_forward, section.width, bias=section.bias),
        )
        self.dropout = some_dropout(section.dropout)
        self._is_pre = section.norm == "pre"

    def forward(self, values: Tensor) -> Tensor:
        for part, norm in ((self.attention, self.attention_norm), (self.feed_forward, self.feed_forward_norm)):
            if self._is_pre:
                values = values + through(values, norm, part, self.dropout)
            else:
                values = through(values + through(values, part, self.dropout), norm)
        return values


class TransformerNetwork(nn.Module):
    """Tokens or numbers in, outputs [N, L, K] out, or [N, K] of the pooled positions."""

    def __init__(
        self, section: Transformer, *, vocabulary: int, shape: tuple[int, int], output_size: int, at_each_step: bool
    ) -> None:
        super().__init__()
        length, features = shape
        self.steps = Steps(vocabulary=vocabulary, features=features, width=section.width, projects=True)
        self.input_dropout = some_dropout(section.input_dropout)
        self.positions = nn.Embedding(length, section.width) if section.positions == "learned" else None
        waves = None if self.positions is not None else _waves(length, section.width)
        self.register_buffer("waves", waves, persistent=False)
        self.dropout = some_dropout(section.dropout)
        self.layers = nn.Sequential(*(Block(section) for _ in range(section.layers)))
        self.norm = nn.LayerNorm(section.width) if section.norm == "pre" else None
        self.output, self.output_activation, self.output_scale = (
            layer for _, layer in output_layers(section, inputs=section.width, outputs=output_size)
        )
        self._pooling = None if at_each_step else section.pooling
        for table in (self.steps.table, self.positions):
            if table is not None:
                nn.init.normal_(table.weight, std=section.width**-0.5)  # vectors of length 1

    def forward(self, inputs: Tensor) -> Tensor:
        values = through(inputs, self.steps, self.input_dropout)
        values = through(values + self._told(values), self.dropout, self.layers, self.norm)
        return through(self._pooled(values), self.output, self.output_activation, self.output_scale)

    def _told(self, values: Tensor) -> Tensor:
        """Return the vectors of the positions, [L, width]."""
        if self.positions is None:
            return self.get_buffer("waves")[: values.shape[1]]
        told: Tensor = self.positions(torch.arange(values.shape[1], device=values.device))
        return told

    def _pooled(self, values: Tensor) -> Tensor:
        match self._pooling:
            case "mean":
                return values.mean(1)
            case "last":
                return values[:, -1]
            case "first":
                return values[:, 0]
            case None:
                return values


def build_transformer(
    section: Transformer, *, input_shape: tuple[int, ...], output_size: int, vocabulary: int, at_each_step: bool
) -> nn.Module:
    """Return the network `steps`, `positions`, `layers.0`, …, `norm`, `output`; `vocabulary` is 0 for numbers.

    Raises ConfigError where the examples are no sequences.
    """
    return TransformerNetwork(
        section,
        vocabulary=vocabulary,
        shape=step_shape(section.kind, input_shape),
        output_size=output_size,
        at_each_step=at_each_step,
    )


def _waves(length: int, width: int) -> Tensor:
    """Return sines and cosines of falling frequency, [length, width], on the scale of a learned table."""
    rates = torch.exp(torch.arange(0, width, 2) * (-math.log(10_000.0) / width))
    angles = torch.arange(length)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=-1).reshape(length, -1)[:, :width]
