"""Learning-rate schedules: the rate of a step is the optimizer's own rate times a factor.

But for plateau, the factor is a pure function of the step's number, so a resumed run needs nothing but that
number. Steps count from 0, and epochs too. A warm-up of w steps gives step t < w the share (t + 1) / (w + 1), a
line from 0 just before the first step to the whole at step w; no step is spent at rate 0. `geometric`, `cosine`,
`inverse-time` and `one-cycle` begin after the warm-up; `step`, `multi-step`, `final-drop` and `plateau` keep to their
own steps and epochs.
"""

from __future__ import annotations

from bisect import bisect_right
from math import cos, inf, pi
from typing import Any, Literal, assert_never

from torch import Tensor
from torch.optim import Optimizer

from logbook_schemas.config import schedule as kinds
from logbook_schemas.config.course import Course
from logbook_schemas.config.run import RunConfig

__all__ = ["Schedule", "build_schedule", "factor_at"]


def build_schedule(config: RunConfig, optimizer: Optimizer, course: Course) -> Schedule:
    """Return the schedule of a config, with the rate of step 0 set. Build it on a fresh optimizer.

    Cosine, one-cycle and final-drop are laid over the whole `course`.
    """
    return Schedule(config.schedule, optimizer, course, mode=config.monitor.mode)


class Schedule:
    """Sets the rate of every parameter group, relative to the rate that the group began with."""

    def __init__(
        self,
        kind: kinds.Schedule,
        optimizer: Optimizer,
        course: Course,
        *,
        mode: Literal["min", "max"],
    ) -> None:
        self._kind = kind
        self._optimizer = optimizer
        self._course = course
        self._plateau = _PlateauWatch(kind, mode) if isinstance(kind, kinds.Plateau) else None
        self._rates = [float(group.get("lr", 0.0)) for group in optimizer.param_groups]
        self._is_constant = isinstance(kind, kinds.Constant) and kind.warmup == 0
        self._step = 0
        self._apply()

    @property
    def factor(self) -> float:
        """The factor of the coming step."""
        fixed = factor_at(self._kind, self._step, self._course)
        return fixed * (self._plateau.factor if self._plateau else 1.0)

    def step(self) -> None:
        """Set the rate of the next step; called after each step of the optimizer."""
        self._step += 1
        self._apply()

    def epoch_end(self, monitored: float | None) -> None:
        """Tell the monitored value of the epoch; only plateau listens. None is an epoch without one."""
        if self._plateau is not None and monitored is not None:
            self._plateau.notice(monitored)
            self._apply()

    def state_dict(self) -> dict[str, Any]:
        """Return plain numbers from which `load_state_dict` continues."""
        plateau = self._plateau.state_dict() if self._plateau else {}
        return {"step": self._step, "rates": list(self._rates), **plateau}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue at the step, and from the initial rates, of `state_dict`."""
        self._step = int(state["step"])
        self._rates = [float(rate) for rate in state["rates"]]
        if self._plateau is not None:
            self._plateau.load_state_dict(state)
        self._apply()

    def _apply(self) -> None:
        # A person's optimizer may set its own rate, or have none: nothing is written without a schedule.
        if self._is_constant:
            return
        factor, floor = self.factor, self._plateau.floor if self._plateau else 0.0
        for group, rate in zip(self._optimizer.param_groups, self._rates, strict=False):
            now = max(rate * factor, min(rate, floor)) if floor else rate * factor
            if isinstance(group.get("lr"), Tensor):
                group["lr"].fill_(now)
            elif "lr" in group:
                group["lr"] = now


def factor_at(kind: kinds.Schedule, step: int, course: Course) -> float:
    """Return the factor on the learning rate at a step, counted from 0; plateau's drops are not in it."""
    warm = min(1.0, (step + 1) / (kind.warmup + 1))
    since = max(0, step - kind.warmup)
    length = max(1, course.steps - kind.warmup)
    match kind:
        case kinds.Constant() | kinds.Plateau():
            return warm
        case kinds.Step():
            return warm * _power(kind.gamma, course.epoch_of(step) // kind.step_size)
        case kinds.MultiStep():
            done = step if kind.by == "steps" else course.epoch_of(step)
            return warm * _power(kind.gamma, bisect_right(kind.milestones, done))
        case kinds.InverseTime():
            return warm / (1 + kind.decay * since)
        case kinds.Geometric():
            return warm * _power(kind.gamma, since)
        case kinds.Cosine():
            return warm * _cosine(1.0, kind.final, since / max(1, length - 1))
        case kinds.OneCycle():
            return warm * _one_cycle(kind, since, length)
        case kinds.FinalDrop():
            # Rounded, so that 0.07 of 100 epochs are 7 and not 7.000000000000001.
            is_late = course.epoch_of(step) >= round(kind.at * course.epochs, 9)
            return warm * (kind.gamma if is_late else 1.0)
        case _:
            assert_never(kind)


def _power(gamma: float, exponent: int) -> float:
    try:
        return gamma**exponent
    except OverflowError:  # a growing schedule may leave the range of floats; the run then shows as diverged
        return inf


def _one_cycle(kind: kinds.OneCycle, step: int, length: int) -> float:
    """Rise along half a cosine until `rise` of the steps, fall along another to the last step."""
    peak = max(0.0, kind.rise * length - 1)
    if step < peak:
        return _cosine(kind.start, 1.0, step / peak)
    return _cosine(1.0, kind.start * kind.end, (step - peak) / max(1.0, length - 1 - peak))


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + cos(pi * min(1.0, share))) / 2


class _PlateauWatch:
    """Counts the epochs without improvement; NaN is none. After more than `patience` of them the rate drops."""

    def __init__(self, kind: kinds.Plateau, mode: Literal["min", "max"]) -> None:
        self._kind = kind
        self._sign = 1.0 if mode == "min" else -1.0
        self._best = inf
        self._bad_epochs = 0
        self._cooling = 0
        self.factor = 1.0

    @property
    def floor(self) -> float:
        """The rate that drops don't go below; 0 until the first, so that a warm-up may."""
        return self._kind.min_lr if self.factor < 1 else 0.0

    def notice(self, value: float) -> None:
        is_better = self._sign * value < self._best - self._kind.min_delta
        if is_better:
            self._best = self._sign * value
        if self._cooling:
            self._cooling -= 1
            self._bad_epochs = 0
            return
        self._bad_epochs = 0 if is_better else self._bad_epochs + 1
        if self._bad_epochs > self._kind.patience:
            self.factor *= self._kind.gamma
            self._bad_epochs, self._cooling = 0, self._kind.cooldown

    def state_dict(self) -> dict[str, Any]:
        state = {"best": self._best, "bad_epochs": self._bad_epochs, "factor": self.factor}
        return {**state, "cooling": self._cooling}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._best, self._bad_epochs, self.factor = state["best"], state["bad_epochs"], state["factor"]
        self._cooling = state.get("cooling", 0)
