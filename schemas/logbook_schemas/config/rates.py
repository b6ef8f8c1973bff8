"""What share of its learning rate a schedule leaves at each step.

Steps count from 0, and epochs too. A warm-up of w steps gives step t < w the share (t + 1) / (w + 1), a line from 0
just before the first step to the whole at step w; no step is spent at rate 0. `geometric`, `cosine`, `inverse-time`
and `one-cycle` begin after the warm-up; `step`, `multi-step`, `final-drop` and `plateau` keep to their own steps and
epochs.
"""

from __future__ import annotations

from bisect import bisect_right
from math import cos, inf, pi
from typing import assert_never

from logbook_schemas.config import schedule as kinds
from logbook_schemas.config.course import Course

__all__ = ["factor_at"]


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
