"""Networks: one file a family, and the function that builds the one that a config asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

import torch
from torch import Tensor, nn

from logbook.errors import ConfigError
from logbook.training.models.autoencoder import build_autoencoder
from logbook.training.models.cnn import build_cnn
from logbook.training.models.embedding import build_embedding
from logbook.training.models.initial_weights import initialize, initialize_biases
from logbook.training.models.lazy import finish_lazy_layers
from logbook.training.models.mlp import build_linear_model, build_mlp
from logbook.training.models.python import build_python
from logbook.training.models.rbm import build_rbm
from logbook.training.models.residual_cnn import build_residual_cnn, silence_residuals
from logbook.training.models.rnn import build_rnn, initialize_recurrent
from logbook.training.models.transformer import build_transformer
from logbook.training.seeding import isolated_rng
from logbook_schemas.config.model import (
    Autoencoder,
    Cnn,
    Embedding,
    LinearModel,
    Mlp,
    PythonModel,
    Rbm,
    ResidualCnn,
    Rnn,
    Transformer,
)
from logbook_schemas.config.run import RunConfig

__all__ = ["build_model"]


def build_model(
    config: RunConfig,
    *,
    input_shape: tuple[int, ...],
    output_size: int,
    folder: Path,
    generator_seed: int,
    vocabulary: int = 0,
    first_rows: Callable[[], Tensor] | None = None,
) -> nn.Module:
    """Return the network of a config, on the CPU, its initial weights decided by `generator_seed` alone.

    `input_shape` is the shape of one example, without the batch. The network takes float32 inputs
    [N, *input_shape], or int64 tokens below `vocabulary` where that isn't 0, and returns outputs [N, output_size],
    or [N, L, output_size] for a language model. The global random generators are left as found. `first_rows` gives a
    few inputs, on the CPU, to a network with lazy layers.
    Raises ConfigError where the input or the batch size doesn't suit the network or the person's own callable
    doesn't return one, and UserCodeError where that callable raises.
    """
    section = config.model
    _refuse_single_rows(config)
    with isolated_rng(generator_seed):
        if isinstance(section, PythonModel):
            own = build_python(section, input_shape=input_shape, output_size=output_size, folder=folder)
            if first_rows is not None:
                finish_lazy_layers(own, first_rows)
            return own
        if isinstance(section, Rbm):
            return build_rbm(
                section,
                input_shape=input_shape,
                procedure=config.training.procedure,
                batch_size=config.training.rows,
                generator=torch.Generator().manual_seed(generator_seed),
            )
        shapes = _Shapes(input_shape, output_size, vocabulary, at_each_step=config.task == "language-model")
        model = _network(section, shapes)
    _initialize(model, section.network if isinstance(section, Embedding) else section, generator_seed)
    return model


@dataclass(frozen=True)
class _Shapes:
    """What goes in and what comes out: of a sequence `at_each_step`, or once."""

    inputs: tuple[int, ...]
    outputs: int
    vocabulary: int
    at_each_step: bool


_Drawn = Mlp | LinearModel | Cnn | ResidualCnn | Autoencoder | Rnn | Transformer
"""The families whose weights the config's scheme draws, each with a bias and an output layer to set."""


def _network(section: _Drawn | Embedding, shapes: _Shapes) -> nn.Module:
    """Return the network with the weights that torch leaves it with."""
    inputs, outputs = shapes.inputs, shapes.outputs
    of_tokens, at_each_step = shapes.vocabulary, shapes.at_each_step
    match section:
        case Mlp():
            return build_mlp(section, input_shape=inputs, output_size=outputs)
        case LinearModel():
            return build_linear_model(section, input_shape=inputs, output_size=outputs)
        case Cnn():
            return build_cnn(section, input_shape=inputs, output_size=outputs)
        case ResidualCnn():
            return build_residual_cnn(section, input_shape=inputs, output_size=outputs)
        case Autoencoder():
            return build_autoencoder(section, input_shape=inputs)
        case Embedding():
            return build_embedding(section, input_shape=inputs)
        case Rnn():
            return build_rnn(
                section, input_shape=inputs, output_size=outputs, vocabulary=of_tokens, at_each_step=at_each_step
            )
        case Transformer():
            return build_transformer(
                section, input_shape=inputs, output_size=outputs, vocabulary=of_tokens, at_each_step=at_each_step
            )
        case _:
            assert_never(section)


def _initialize(model: nn.Module, section: _Drawn, seed: int) -> None:
    """Draw the weights, and set the biases that the config gives a number."""
    initialize(model, section.init, generator=torch.Generator().manual_seed(seed))
    if isinstance(section, Rnn):
        # Another seed: the same one would draw the numbers of the linear layers once more.
        initialize_recurrent(model, section, generator=torch.Generator().manual_seed(seed ^ 1))
    initialize_biases(model, section)
    if isinstance(section, ResidualCnn) and section.zero_init_residual:
        silence_residuals(model)


def _refuse_single_rows(config: RunConfig) -> None:
    """Raise ConfigError where units would be normalized over a batch of one: torch refuses that at the first step."""
    section = config.model.network if isinstance(config.model, Embedding) else config.model
    if not isinstance(section, Mlp | Cnn | ResidualCnn | Autoencoder) or section.normalization.kind != "batch":
        return
    if section.hidden and config.training.batch_size == 1:
        raise ConfigError(
            "model.normalization is 'batch' and training.batch_size is 1: over one example every unit would be"
            " normalized to 0; take larger batches, or normalization 'layer' or 'group'"
        )
