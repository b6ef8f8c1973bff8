"""Forward passes for probes: the same rows give the same outputs, and nothing is left behind."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from logbook.training.parts import outputs_of
from logbook.training.probes.untouched import untouched
from logbook.training.seeding import isolated_rng

__all__ = ["Passes"]


@dataclass
class Passes:
    """A model in evaluation mode, and the rows that it is probed on, `[N, …]`.

    `skipped` says by probe why it could not run.
    """

    model: nn.Module
    inputs: Tensor
    skipped: dict[str, str] = field(default_factory=dict)

    def __call__(self, inputs: Tensor, *, seed: int = 0) -> Tensor:
        """Return the outputs, detached, as floats; each pass finds buffers and random state as the first did."""
        with untouched(self.model, inputs.device), torch.no_grad(), isolated_rng(seed):
            self.model.eval()
            return outputs_of(self.model, inputs).detach().float()

    @contextmanager
    def skipping(self, name: str) -> Iterator[None]:
        """Go on without a probe that fails on a model or a loss of an unforeseen kind."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        except Exception as error:
            self.skipped[name] = (str(error).split("\n", 1)[0] or type(error).__name__)[:300]
