"""The numbers of an epoch's steps, collected without making the host wait for the device.

On the CPU, where reading is free, a loss that isn't finite is seen at its step; on an accelerator the losses are
copied back while training goes on, and it is seen a few dozen steps later. The step is exact either way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["EpochSteps", "StepLog"]

_READ_EVERY = 32
"""Steps between two looks at an accelerator's losses: well under a second of steps, and rarely a wait."""


@dataclass(frozen=True, kw_only=True)
class EpochSteps:
    """The steps of one epoch as they went. `stopped` says that it was asked to stop before its end."""

    losses: list[float]
    penalties: list[float]
    weights: list[float]
    rates: list[float]
    norms: list[float]
    clipped: list[bool]
    stopped: bool = False

    @property
    def nonfinite(self) -> int | None:
        """The first step, from 0, whose loss or penalty isn't finite."""
        pairs = zip(self.losses, self.penalties, strict=True)
        return next((step for step, pair in enumerate(pairs) if not all(map(math.isfinite, pair))), None)

    @property
    def first_nonfinite(self) -> float | None:
        """The loss, or else the penalty, of that step."""
        step = self.nonfinite
        if step is None:
            return None
        return self.penalties[step] if math.isfinite(self.losses[step]) else self.losses[step]

    def mean(self, values: list[float]) -> float:
        """Return the mean over the epoch's examples."""
        total = sum(self.weights)
        return math.fsum(v * w for v, w in zip(values, self.weights, strict=True)) / total if total else math.nan


class StepLog:
    """Collects the numbers of an epoch's steps without making the host wait for the device."""

    def __init__(self, device: torch.device) -> None:
        self.is_host = device.type == "cpu"
        self.losses: list[Tensor | float] = []
        self.penalties: list[Tensor | float] = []
        self.weights: list[Tensor | float] = []
        self.rates: list[float] = []
        self.norms: list[Tensor] = []
        self.clipped: list[Tensor | bool] = []
        self._pending: tuple[Tensor, torch.cuda.Event] | None = None

    def put(self, loss: Tensor, penalty: Tensor | None, examples: Tensor | int) -> None:
        self.losses.append(float(loss.detach()) if self.is_host else loss.detach())
        extra: Tensor | float = 0.0 if penalty is None else penalty.detach()
        self.penalties.append(float(extra) if self.is_host else extra)
        self.weights.append(examples)

    def put_step(self, rate: float, norm: Tensor, clipped: Tensor | bool) -> None:
        self.rates.append(rate)
        self.norms.append(norm)
        self.clipped.append(clipped)

    def sees_nonfinite(self) -> bool:
        """Say whether a step so far is known to have a loss that isn't finite; never waits for an accelerator."""
        if self.is_host:
            return not (math.isfinite(self.losses[-1]) and math.isfinite(self.penalties[-1]))
        if self._pending is not None and self._pending[1].query():  # type: ignore[no-untyped-call]
            is_finite = bool(self._pending[0])
            self._pending = None
            if not is_finite:
                return True
        if len(self.losses) % _READ_EVERY == 0 and self._pending is None:
            self._pending = self._ask()
        return False

    def _ask(self) -> tuple[Tensor, torch.cuda.Event] | None:
        if not torch.cuda.is_available():  # mps has no events of this kind: the epoch's end finds it
            return None
        recent = [t for t in self.losses[-2 * _READ_EVERY :] if isinstance(t, Tensor)]
        answer = torch.empty((), dtype=torch.bool, pin_memory=True)
        answer.copy_(torch.isfinite(torch.stack(recent).float()).all(), non_blocking=True)
        event = torch.cuda.Event()  # type: ignore[no-untyped-call]
        event.record()
        return answer, event

    def read(self, *, stopped: bool) -> EpochSteps:
        losses = _numbers(self.losses)
        return EpochSteps(
            losses=losses,
            penalties=_numbers(self.penalties),
            weights=_numbers(self.weights),
            rates=self.rates,
            norms=_numbers(self.norms),
            clipped=[value > 0 for value in _numbers(self.clipped)],
            stopped=stopped,
        )


def _numbers(values: list[Tensor | float] | list[Tensor] | list[Tensor | bool]) -> list[float]:
    """Return plain numbers, in one read-back for all tensors."""
    tensors = [value.float().reshape(()) for value in values if isinstance(value, Tensor)]
    read = iter(torch.stack(tensors).tolist() if tensors else [])
    return [next(read) if isinstance(value, Tensor) else float(value) for value in values]
