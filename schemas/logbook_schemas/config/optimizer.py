"""How weights move: optimizer, learning-rate schedule, gradient clipping."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from logbook_schemas.config.base import PythonTarget, Section, setting, shorthand

__all__ = ["Clip", "Gradients", "Optimizer", "Schedule"]

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


class _Schedule(Section):
    warmup: int = setting(
        0, about="Steps over which the rate first rises linearly from 0.", ge=0, unit="steps", neutral=0
    )


class Constant(_Schedule):
    kind: Literal["constant"] = "constant"


class Step(_Schedule):
    """Multiply the rate by `gamma` every `step_size` epochs."""

    kind: Literal["step"] = "step"
    step_size: int = setting(about="Epochs between two drops.", ge=1, unit="epochs")
    gamma: float = setting(0.1, about="Factor of a drop.", gt=0)


class Geometric(_Schedule):
    """Multiply the rate by `gamma` every step."""

    kind: Literal["geometric"] = "geometric"
    gamma: float = setting(about="Factor a step; 0.9995 is already quick.", gt=0, source="S2-36")


class Cosine(_Schedule):
    """Fall along half a cosine to `final` times the rate at the last step."""

    kind: Literal["cosine"] = "cosine"
    final: float = setting(0.0, about="Share of the rate that is left at the end.", ge=0, le=1)


class OneCycle(_Schedule):
    """Rise to the rate over `rise` of the steps, then fall to almost nothing."""

    kind: Literal["one-cycle"] = "one-cycle"
    rise: float = setting(0.3, about="Share of the steps spent rising.", gt=0, lt=1)
    start: float = setting(0.04, about="Share of the rate at the first step.", gt=0, le=1)


class Plateau(_Schedule):
    """Multiply the rate by `gamma` when the monitored metric hasn't improved for `patience` epochs."""

    kind: Literal["plateau"] = "plateau"
    patience: int = setting(5, about="Epochs without improvement before a drop.", ge=0, unit="epochs")
    gamma: float = setting(0.1, about="Factor of a drop.", gt=0, lt=1)


class FinalDrop(_Schedule):
    """Multiply the rate by `gamma` once, near the end."""

    kind: Literal["final-drop"] = "final-drop"
    at: float = setting(0.8, about="Share of the epochs after which the rate drops.", gt=0, lt=1, source="S2-39")
    gamma: float = setting(0.1, about="Factor of the drop.", gt=0)


Schedule = Annotated[
    Constant | Step | Geometric | Cosine | OneCycle | Plateau | FinalDrop,
    Field(discriminator="kind"),
    shorthand("constant"),
]


class NoClip(Section):
    kind: Literal["none"] = "none"


class ClipNorm(Section):
    """Scale the gradient down where its norm over all weights exceeds `max_norm`."""

    kind: Literal["norm"] = "norm"
    max_norm: float = setting(1.0, about="Largest norm that passes.", gt=0)


class ClipValue(Section):
    """Clamp each entry of the gradient to ± `max_value`."""

    kind: Literal["value"] = "value"
    max_value: float = setting(1.0, about="Largest entry that passes.", gt=0)


Clip = Annotated[NoClip | ClipNorm | ClipValue, Field(discriminator="kind"), shorthand()]


class Gradients(Section):
    """What is done to gradients before the optimizer takes its step."""

    clip: Clip = setting(NoClip(), about="Clipping of the gradient.", neutral={"kind": "none"})
