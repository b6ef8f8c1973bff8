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
    "Momentum",
    "NAdam",
    "Nesterov",
    "Optimizer",
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


class Nesterov(_Optimizer):
    """Gradient descent with Nesterov's momentum."""

    kind: Literal["nesterov"] = "nesterov"
    lr: float = setting(0.01, about=_LR, ge=0, source="S1-13")
    momentum: float = setting(0.9, about="Share of the last step kept.", gt=0, lt=1, source="S1-35")


class Adagrad(_Optimizer):
    kind: Literal["adagrad"] = "adagrad"
    lr: float = setting(0.01, about=_LR, ge=0)
    eps: float = setting(1e-10, about="Added to the denominator.", gt=0)


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


class AmsGrad(_AdamFamily):
    kind: Literal["amsgrad"] = "amsgrad"


class NAdam(_AdamFamily):
    kind: Literal["nadam"] = "nadam"
    lr: float = setting(0.002, about=_LR, ge=0)


class PythonOptimizer(PythonTarget):
    """The person's own optimizer: called with the parameters and the kwargs."""

    kind: Literal["python"] = "python"


Optimizer = Annotated[
    Sgd | Momentum | Nesterov | Adagrad | Adadelta | RmsProp | Adam | AdamW | AmsGrad | NAdam | PythonOptimizer,
    Field(discriminator="kind"),
    shorthand("adam"),
]
