"""Restricted Boltzmann machines: the network, how it is trained, and the training of a network's layers by it.

The numbers and rules are of Hinton, A Practical Guide to Training Restricted Boltzmann Machines (2010), which the
second guide refers to (S1-39); its sections stand on the fields.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import model_validator

from logbook_schemas.config.base import Section, setting

__all__ = ["ContrastiveDivergence", "ContrastivePretraining", "Rbm", "VisibleUnits"]

VisibleUnits = Literal["binary", "gaussian"]

_VISIBLE = (
    "Units that stand for the inputs: binary wants inputs from 0 to 1 (probabilities), gaussian wants standardized"
    " ones (mean 0, variance 1)."
)
_K = "Steps of Gibbs sampling from the data to the sample that is learnt against: the k of CD-k."
_SAMPLE = "Sample the visible units too; false takes their probabilities or means, which is less noisy (Hinton, 3.2)."


class Rbm(Section):
    """A restricted Boltzmann machine with binary hidden units; its output is the reconstruction of the input.

    It takes task reconstruction, and is trained by procedure contrastive-divergence.
    """

    kind: Literal["rbm"] = "rbm"
    visible: VisibleUnits = setting("binary", about=_VISIBLE, source="S1-39")
    hidden: int = setting(256, about="Hidden units, all binary.", ge=1, le=1_000_000, source="S1-41, S1-42")
    std: float = setting(0.01, about="Standard deviation of the initial weights (Hinton, 8).", gt=0)
    visible_bias: Literal["data", "zeros"] = setting(
        "data",
        about="Initial biases of the visible units: data takes log(p / (1 - p)) of each unit's training mean p, or"
        " the mean itself for gaussian units (Hinton, 8.1). Hidden biases begin at 0.",
    )


class ContrastiveDivergence(Section):
    """Contrastive divergence, for model rbm: lower the energy of the data, raise that of what the model makes of them.

    The losses of an epoch are those of the reconstruction, by the config's `loss`; what is minimized is the
    difference of the free energies. Take optimizer sgd or momentum: lr about 0.1 for binary visible units (Hinton,
    7), a tenth or a hundredth of it for gaussian ones.
    """

    kind: Literal["contrastive-divergence"] = "contrastive-divergence"
    k: int = setting(1, about=_K, ge=1, le=10_000, unit="steps")
    persistent: bool = setting(
        False, about="Go on sampling from where the step before ended, not from the data (PCD; Hinton, 17)."
    )
    sample_visible: bool = setting(False, about=_SAMPLE)


class ContrastivePretraining(Section):
    """Train the hidden layers of an mlp one after the other as RBMs, each on what the one before makes of the inputs.

    With fine-tuning, the phase `train`, after it, this is a deep-belief network. The first layer's visible units
    are the inputs; those of later layers are binary. Weights begin as model.init has them, visible biases at the
    training data's mean.
    """

    kind: Literal["contrastive-divergence"] = "contrastive-divergence"
    visible: VisibleUnits = setting("binary", about=f"{_VISIBLE} Of the first layer.", source="S1-39")
    epochs: int = setting(
        10, about="Passes over the training split for each layer.", ge=1, le=1_000_000, unit="epochs", source="S1-45"
    )
    lr: float = setting(
        0.1, about="Learning rate; by default 0.1, and 0.01 for gaussian visible units (Hinton, 7 and 13.2).", gt=0
    )
    k: int = setting(1, about=_K, ge=1, le=10_000, unit="steps")
    momentum: float = setting(0.5, about="Share of the update before that is kept (Hinton, 9).", ge=0, lt=1)
    weight_decay: float = setting(
        0.0001, about="Factor on the weights, without biases, added to their gradient (Hinton, 10).", ge=0
    )
    batch_size: int | None = setting(
        None, about="Examples a step; null takes training.batch_size.", ge=1, le=10_000_000, unit="examples"
    )
    sample_visible: bool = setting(False, about=_SAMPLE)

    @model_validator(mode="before")
    @classmethod
    def _rate_follows_the_visible_units(cls, value: Any) -> Any:
        if isinstance(value, dict) and "lr" not in value and value.get("visible") == "gaussian":
            return {**value, "lr": 0.01}
        return value
