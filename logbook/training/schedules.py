"""Learning-rate schedules: sets the rate of a step, the optimizer's own rate times `config.rates.factor_at`.

But for plateau, the factor is a pure function of the step's number, so a resumed run needs nothing but that
number.
"""

from __future__ import annotations

from math import inf
from typing import Any, Literal

from torch import Tensor
from torch.optim import Optimizer

from logbook_schemas.config import schedule as kinds
from logbook_schemas.config.course import Course
from logbook_schemas.config.rates import factor_at
from logbook_schemas.config.run import RunConfig

__all__ = ["Schedule", "build_schedule"]


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
