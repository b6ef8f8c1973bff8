"""A learning rate that its optimizer rarely works with.

What it checks: `optimizer.lr` against bounds for the optimizer's family. Gradient descent and adagrad: a note
above 0.1, a warning from 10, an error above 100, and a warning below 1e-6; with momentum m the warning begins at
10 (1 - m), 1 for 0.9. Adam, its variants and rmsprop: a note above 0.01, a warning from 0.3 and an error above 1, and a
warning below 1e-5 (rmsprop 1e-6). What is unusual and may still be right for a small network (XOR learns with descent
at 1 and Adam at 0.05) is a note: `oversized-steps` and `learning-rate-too-high` measure whether it is too high.
Adadelta, whose usual rate is 1: a warning above 10 or below 1e-4, an error above 100.
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
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import EXPLODING, LAYERS, NOT_LEARNING, POOR_VALIDATION, TRAINING
from logbook_schemas.checklist.torch_targets import OptimizerSettings, optimizer_settings
from logbook_schemas.checklist.words import number
from logbook_schemas.records.findings import Severity

__all__ = ["RULE"]


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """A rate is silent from `low` to `high`; above `high` it is noted, from `warn` on warned of, above `error` refused.

    `usual` is the rate to begin with.
    """

    usual: float
    low: float
    high: float
    warn: float
    error: float


_FAMILIES: Mapping[str, Bounds] = {
    "descent": Bounds(usual=0.01, low=1e-6, high=0.1, warn=10.0, error=100.0),
    "adam": Bounds(usual=0.001, low=1e-5, high=0.01, warn=0.3, error=1.0),
    "rmsprop": Bounds(usual=0.001, low=1e-6, high=0.01, warn=0.3, error=1.0),
    "adadelta": Bounds(usual=1.0, low=1e-4, high=10.0, warn=10.0, error=100.0),
    "padam": Bounds(usual=0.1, low=1e-4, high=1.0, warn=1.0, error=10.0),
    "searching": Bounds(usual=1.0, low=1e-4, high=10.0, warn=10.0, error=1e6),
}
_FAMILY_OF: Mapping[str, str] = {
    **dict.fromkeys(("sgd", "momentum", "nesterov", "adagrad"), "descent"),
    **dict.fromkeys(("adam", "adamw", "amsgrad", "nadam"), "adam"),
    **dict.fromkeys(("lbfgs", "line-search"), "searching"),
    "rmsprop": "rmsprop",
    "adadelta": "adadelta",
    "padam": "padam",
}
_MEANINGS: Mapping[str, str] = {
    "low": "lowest rate that says nothing",
    "high": "highest rate that says nothing",
    "warn": "rate from which on, if above high, it is a warning",
    "error": "rate above which it is an error",
}

_SLOW = ("learning-rate-too-low", *LAYERS, *NOT_LEARNING)
_FAST = (
    "oversized-steps",
    "learning-rate-too-high",
    "corrected-start",
    *EXPLODING,
    *LAYERS,
    *NOT_LEARNING,
    *POOR_VALIDATION,
)


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    if evidence.config is None:
        return
    settings = optimizer_settings(evidence.config.optimizer)
    if settings.lr is None:
        return
    family, path = _FAMILY_OF.get(settings.kind), f"{settings.path}.lr"
    if settings.lr <= 0:
        usual = _FAMILIES[family].usual if family else 0.001
        message = f"The learning rate is {number(settings.lr)}: no weight will move."
        yield _said(message, path, settings.lr, "above 0", usual, "error", _SLOW)
    elif family:
        yield from _outside(settings, settings.lr, path, _bounds(settings, family, at))


def _bounds(settings: OptimizerSettings, family: str, at: Thresholds) -> Bounds:
    """Return the bounds of a family; momentum multiplies the steps by up to 1 / (1 - m), so its bound is lower."""
    low, high, warn, error = (float(getattr(at, f"{family}_{name}")) for name in _MEANINGS)
    if settings.kind in ("momentum", "nesterov"):
        warn = min(warn, at.momentum_warn * (1 - settings.momentum)) * (1 - 1e-9)
        high = min(high, warn * (1 + 2e-9))
    return Bounds(usual=_FAMILIES[family].usual, low=low, high=high, warn=warn, error=error)


def _outside(settings: OptimizerSettings, lr: float, path: str, bounds: Bounds) -> Iterator[Said]:
    kind = settings.kind
    expected = f"{number(bounds.low)} to {number(bounds.high)} for {kind}"
    if lr > bounds.high:
        level: Severity = "error" if lr > bounds.error else "warning" if lr >= bounds.warn else "note"
        words = {"error": "far above", "warning": "above", "note": "a little above"}[level]
        message = f"The learning rate {number(lr)} is {words} what {kind} usually bears ({number(bounds.high)})."
        yield _said(message, path, lr, expected, bounds.usual, level, _FAST)
    elif lr < bounds.low:
        message = f"The learning rate {number(lr)} is so low for {kind} that the weights will hardly move."
        yield _said(message, path, lr, expected, bounds.usual, "warning", _SLOW)


def _said(
    message: str, path: str, lr: float, expected: str, usual: float, level: Severity, explains: tuple[str, ...]
) -> Said:
    return Said(
        message=message,
        where=path,
        measured=lr,
        expected=expected,
        remedy=f"Begin with {path} = {number(usual)}, then try ten times more and ten times less.",
        change={path: usual},
        severity=level,
        explains=explains,
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
    version=3,
    thresholds={
        **{
            f"{family}_{name}": Threshold(getattr(bounds, name), f"learning rate of {family}: {meaning}")
            for family, bounds in _FAMILIES.items()
            for name, meaning in _MEANINGS.items()
        },
        "momentum_warn": Threshold(10.0, "learning rate over 1 - momentum from which on it is a warning (measured)"),
    },
    explains=(
        *TRAINING,
        *POOR_VALIDATION,
    ),
)
