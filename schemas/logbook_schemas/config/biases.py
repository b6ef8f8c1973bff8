"""How the biases of a network start: those of its hidden layers, and that of its last."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from logbook_schemas.config.base import Section, setting, shorthand

__all__ = ["ConstantBias", "DefaultBias", "InitialBias", "OutputBias", "PriorBias"]


class DefaultBias(Section):
    """Zeros; where the initial weights are `default`, PyTorch's own biases, uniform on ± 1 / sqrt(fan-in)."""

    kind: Literal["default"] = "default"


class ConstantBias(Section):
    """The same number everywhere; a small one lets relu units begin alive."""

    kind: Literal["constant"] = "constant"
    value: float = setting(0.01, about="The bias of every unit.", source="S3-25")


class PriorBias(Section):
    """What the best constant answer needs: log-frequencies of the classes, log-odds, or the mean of the targets."""

    kind: Literal["prior"] = "prior"


InitialBias = Annotated[DefaultBias | ConstantBias, Field(discriminator="kind"), shorthand()]

OutputBias = Annotated[DefaultBias | ConstantBias | PriorBias, Field(discriminator="kind"), shorthand()]
