"""A learning rate that its optimizer rarely works with.

What it checks: `optimizer.lr` against bounds for the optimizer's family. Gradient descent and adagrad: a note
above 0.1, a warning from 1, an error above 10, and a warning below 1e-6; with momentum m the warning begins at
5 (1 - m), 0.5 for 0.9. Adam, its variants and rmsprop: a warning above 0.01 and an error above 1, and a warning
below 1e-5 (rmsprop 1e-6). Adadelta, whose usual rate is 1: a warning above 10 or below 1e-4, an error above 100.
Padam, whose usual rate is 0.1: a warning above 1 or below 1e-4, an error above 10. L-BFGS and line searches, which
begin at 1: a warning above 10 or below 1e-4. A rate of 0 is an error for all. Of a person's own optimizer only a rate
of 0 is judged, unless it is torch's.

Why it matters: the learning rate is the first thing to get right. Too high, and the loss explodes, swings or
sticks at a bad value; too low, and nothing seems to happen.

Instead: take the optimizer's usual rate (0.01 for gradient descent, 0.001 for Adam), then go up and down by
factors of ten. The highest rate that doesn't explode, divided by ten, is a good one.

Source: Troubleshooting Neural Net Training (S1-12, S1-14); Practical Advice for Building Deep Neural Networks
(S2-22); where the guides contradict each other on it, the bounds follow the optimizer's family (C3). The bounds
of adagrad, adadelta, padam, L-BFGS and line searches, and those that momentum moves, are our own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.words import number
from logbook_schemas.config.optimizer import (
    ConjugateGradient,
    Momentum,
    Nesterov,
    Optimizer,
    PythonOptimizer,
)

__all__ = ["RULE"]


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """`low` and `high` are the last silent values but for `warn_from`, the first that warns; then `error_above`."""

    usual: float
    low: float
    high: float
    warn_from: float
    error_above: float


_NEXT = 1 + 1e-9
"""Turns "above a bound" into "from just above it"."""

_DESCENT = Bounds(usual=0.01, low=1e-6, high=0.1, warn_from=1.0, error_above=10.0)
_ADAM = Bounds(usual=0.001, low=1e-5, high=0.01, warn_from=0.01 * _NEXT, error_above=1.0)
_SEARCHING = Bounds(usual=1.0, low=1e-4, high=10.0, warn_from=10 * _NEXT, error_above=1e6)
_BOUNDS: Mapping[str, Bounds] = {
    "sgd": _DESCENT,
    "momentum": _DESCENT,
    "nesterov": _DESCENT,
    "adagrad": _DESCENT,
    "adadelta": Bounds(usual=1.0, low=1e-4, high=10.0, warn_from=10 * _NEXT, error_above=100.0),
    "rmsprop": Bounds(usual=0.001, low=1e-6, high=0.01, warn_from=0.01 * _NEXT, error_above=1.0),
    "adam": _ADAM,
    "adamw": _ADAM,
    "amsgrad": _ADAM,
    "nadam": _ADAM,
    "padam": Bounds(usual=0.1, low=1e-4, high=1.0, warn_from=1.0 * _NEXT, error_above=10.0),
    "lbfgs": _SEARCHING,
    "line-search": _SEARCHING,
}

_SLOW = ("stuck-loss", "one-class-predictions", "no-better-than-baseline")
_FAST = ("rising-validation-loss", "nonfinite-loss", "diverging-loss", *_SLOW)


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    if evidence.config is None:
        return
    optimizer = evidence.config.optimizer
    lr, kind, path = _rate(optimizer)
    if lr is None:
        return
    if lr <= 0:
        usual = _BOUNDS[kind].usual if kind in _BOUNDS else 0.001
        yield _said(f"The learning rate is {number(lr)}: no weight will move.", path, lr, "above 0", usual, "error")
        return
    if kind in _BOUNDS:
        yield from _outside(kind, lr, path, _bounds(optimizer, kind))


def _rate(optimizer: Optimizer) -> tuple[float | None, str, str]:
    """Return the learning rate, the kind of the optimizer, and the config path of the rate."""
    if isinstance(optimizer, ConjugateGradient):
        return None, optimizer.kind, ""
    if not isinstance(optimizer, PythonOptimizer):
        return optimizer.lr, optimizer.kind, "optimizer.lr"
    module, _, name = optimizer.target.partition(":")
    lr = optimizer.kwargs.get("lr")
    is_number = isinstance(lr, int | float) and not isinstance(lr, bool)
    kind = name.lower() if module.startswith("torch.optim") else "python"
    return (float(lr) if is_number else None), kind, "optimizer.kwargs.lr"  # type: ignore[arg-type]


def _bounds(optimizer: Optimizer, kind: str) -> Bounds:
    """Return the bounds of a kind; momentum multiplies the steps by up to 1 / (1 - m), so its bound is lower."""
    bounds = _BOUNDS[kind]
    if not isinstance(optimizer, Momentum | Nesterov):
        return bounds
    warn_from = min(1.0, 5 * (1 - optimizer.momentum))
    return Bounds(
        usual=bounds.usual,
        low=bounds.low,
        high=min(bounds.high, warn_from),
        warn_from=warn_from * (1 - 1e-9),
        error_above=bounds.error_above,
    )


def _outside(kind: str, lr: float, path: str, bounds: Bounds) -> Iterator[Said]:
    expected = f"{number(bounds.low)} to {number(bounds.high)} for {kind}"
    if lr > bounds.high:
        level = "error" if lr > bounds.error_above else "warning" if lr >= bounds.warn_from else "note"
        words = {"error": "far above", "warning": "above", "note": "a little above"}[level]
        message = f"The learning rate {number(lr)} is {words} what {kind} usually bears ({number(bounds.high)})."
        yield _said(message, path, lr, expected, bounds.usual, level)
    elif lr < bounds.low:
        message = f"The learning rate {number(lr)} is so low for {kind} that the weights will hardly move."
        yield _said(message, path, lr, expected, bounds.usual, "warning", explains=_SLOW)


def _said(
    message: str, path: str, lr: float, expected: str, usual: float, level: str, explains: tuple[str, ...] = _FAST
) -> Said:
    return Said(
        message=message,
        where=path,
        measured=lr,
        expected=expected,
        remedy=f"Begin with {path} = {number(usual)}, then try ten times more and ten times less.",
        change={path: usual},
        severity=level,  # type: ignore[arg-type]
        explains=explains if lr > 0 else _SLOW,
    )


RULE = Rule(
    code="L101",
    name="learning-rate-out-of-bounds",
    severity="warning",
    moment="config",
    title="The learning rate is one that its optimizer rarely works with",
    why="Too high a learning rate makes the loss explode or stick; too low a rate makes it stand still.",
    source=cite("S1-12", "S1-14", "S2-22", "C3"),
    check=check,
    bad=lambda: evidence(config=config(optimizer={"kind": "adam", "lr": 0.5})),
    good=lambda: evidence(config=config(optimizer={"kind": "adadelta"})),
    doc=__doc__ or "",
    explains=_FAST,
)
