"""How weights move."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from logbook_schemas.config.base import PythonTarget, Section, setting, shorthand

__all__ = [
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "AmsGrad",
    "ConjugateGradient",
    "Lbfgs",
    "LineSearch",
    "Momentum",
    "NAdam",
    "Nesterov",
    "Optimizer",
    "Padam",
    "PythonOptimizer",
    "RmsProp",
    "Sgd",
]

_LR = "Learning rate."


class _Optimizer(Section):
    weight_decay: float = setting(
        0.0, about="Weight decay as the optimizer applies it.", ge=0, neutral=0.0, source="S1-25"
    )


class Sgd(_Optimizer):
    """Plain gradient descent."""

    kind: Literal["sgd"] = "sgd"
    lr: float = setting(0.01, about=_LR, ge=0, source="S1-13")


class Momentum(_Optimizer):
    """Gradient descent with momentum."""

    kind: Literal["momentum"] = "momentum"
    lr: float = setting(0.01, about=_LR, ge=0, source="S1-13")
    momentum: float = setting(0.9, about="Share of the last step kept.", ge=0, lt=1, source="S1-34")
    dampening: float = setting(0.0, about="Share of the gradient held back from a step.", ge=0, lt=1, neutral=0.0)


class Nesterov(_Optimizer):
    """Gradient descent with Nesterov's momentum."""

    kind: Literal["nesterov"] = "nesterov"
    lr: float = setting(0.01, about=_LR, ge=0, source="S1-13")
    momentum: float = setting(0.9, about="Share of the last step kept.", gt=0, lt=1, source="S1-35")


class Adagrad(_Optimizer):
    kind: Literal["adagrad"] = "adagrad"
    lr: float = setting(0.01, about=_LR, ge=0)
    eps: float = setting(1e-10, about="Added to the denominator.", gt=0)
    lr_decay: float = setting(0.0, about="The rate of step t, from 0, is lr / (1 + t · lr_decay).", ge=0, neutral=0.0)
    initial_accumulator: float = setting(0.0, about="The sum of squares at the start.", ge=0, neutral=0.0)


class Adadelta(_Optimizer):
    kind: Literal["adadelta"] = "adadelta"
    lr: float = setting(1.0, about=_LR, ge=0)
    rho: float = setting(0.9, about="Decay of the running squares.", ge=0, lt=1)
    eps: float = setting(1e-6, about="Added to the denominator.", gt=0)


class RmsProp(_Optimizer):
    kind: Literal["rmsprop"] = "rmsprop"
    lr: float = setting(0.001, about=_LR, ge=0)
    alpha: float = setting(0.99, about="Decay of the running squares.", ge=0, lt=1)
    momentum: float = setting(0.0, about="Share of the last step kept.", ge=0, lt=1, neutral=0.0)
    eps: float = setting(1e-8, about="Added to the denominator.", gt=0)
    centered: bool = setting(False, about="Divide by the running variance, not the running squares.", neutral=False)


class _AdamFamily(_Optimizer):
    lr: float = setting(0.001, about=_LR, ge=0, source="S2-22")
    beta1: float = setting(0.9, about="Decay of the running mean.", ge=0, lt=1)
    beta2: float = setting(0.999, about="Decay of the running squares.", ge=0, lt=1)
    eps: float = setting(1e-8, about="Added to the denominator.", gt=0)


class Adam(_AdamFamily):
    kind: Literal["adam"] = "adam"


class AdamW(_AdamFamily):
    """Adam with weight decay apart from the gradient."""

    kind: Literal["adamw"] = "adamw"
    weight_decay: float = setting(0.01, about="Decay of the weights a step, times the learning rate.", ge=0)
    amsgrad: bool = setting(False, about="Divide by the largest running squares so far.", neutral=False)


class AmsGrad(_AdamFamily):
    kind: Literal["amsgrad"] = "amsgrad"


class NAdam(_AdamFamily):
    kind: Literal["nadam"] = "nadam"
    lr: float = setting(0.002, about=_LR, ge=0)
    momentum_decay: float = setting(
        0.004, about="How fast the momentum of a step comes to its own.", ge=0, neutral=0.004
    )
    decoupled: bool = setting(False, about="Weight decay apart from the gradient, as adamw has it.", neutral=False)


class Padam(_AdamFamily):
    """Partially adaptive: between gradient descent with momentum (`partial` near 0) and amsgrad (0.5).

    The denominator is that of amsgrad to the power of 2 · `partial`, so its usual rate is far above Adam's.
    """

    kind: Literal["padam"] = "padam"
    lr: float = setting(0.1, about=_LR, ge=0, source="S4-40")
    partial: float = setting(
        0.125,
        about="Exponent of the running squares; 0.125 is the paper's (Chen and Gu 2018).",
        gt=0,
        le=0.5,
        source="S4-40",
    )


class Lbfgs(Section):
    """Limited-memory BFGS, for full batches (`training.batch_size` "all", which is then the default).

    One step is up to `max_iter` iterations on the whole training split, each with a line search. It has no weight
    decay of its own: `regularization.l2` is the same, and is reported apart.
    """

    kind: Literal["lbfgs"] = "lbfgs"
    lr: float = setting(1.0, about="Length of an iteration, or the first that its line search tries.", ge=0)
    max_iter: int = setting(20, about="Iterations of one step at most.", ge=1, le=10_000, source="S1-36")
    history_size: int = setting(10, about="Past iterations that the curvature is learnt from.", ge=1, le=1000)
    line_search: Literal["strong-wolfe", "none"] = setting("strong-wolfe", about="How far an iteration goes.")
    tolerance_grad: float = setting(1e-7, about="A step ends where no entry of the gradient is above it.", ge=0)
    tolerance_change: float = setting(1e-9, about="A step ends where loss and weights change by less.", ge=0)


class ConjugateGradient(Section):
    """Nonlinear conjugate gradient (Polak and Ribière), for full batches (`training.batch_size` "all").

    One step is up to `max_iter` iterations, each with a strong Wolfe line search, and begins with the steepest
    descent. There is no learning rate. SciPy does it on the CPU, in float64.
    """

    kind: Literal["conjugate-gradient"] = "conjugate-gradient"
    max_iter: int = setting(20, about="Iterations of one step at most.", ge=1, le=10_000, source="S1-36")
    tolerance_grad: float = setting(1e-7, about="A step ends where no entry of the gradient is above it.", ge=0)


class LineSearch(Section):
    """Gradient descent that finds the length of each step: from `lr`, shorter until the loss falls enough (Armijo)."""

    kind: Literal["line-search"] = "line-search"
    lr: float = setting(1.0, about="The first length tried; later steps begin at twice the last one.", ge=0)
    shrink: float = setting(0.5, about="Factor on a length that was too far.", gt=0, lt=1)
    decrease: float = setting(1e-4, about="Share of the fall promised by the gradient that is enough.", gt=0, lt=1)
    max_evaluations: int = setting(
        20,
        about="Lengths tried in one step at most; without success it stays where it is.",
        ge=1,
        le=1000,
        source="S1-36",
    )


class PythonOptimizer(PythonTarget):
    """The person's own optimizer: called with the parameters and the kwargs."""

    kind: Literal["python"] = "python"


Optimizer = Annotated[
    Sgd
    | Momentum
    | Nesterov
    | Adagrad
    | Adadelta
    | RmsProp
    | Adam
    | AdamW
    | AmsGrad
    | NAdam
    | Padam
    | Lbfgs
    | ConjugateGradient
    | LineSearch
    | PythonOptimizer,
    Field(discriminator="kind"),
    shorthand("adam"),
]
