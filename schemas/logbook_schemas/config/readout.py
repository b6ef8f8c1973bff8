"""What every network of ours has: inputs and a last layer."""

from __future__ import annotations

from pydantic import model_validator

from logbook_schemas.config.activations import NoActivation, OutputActivation
from logbook_schemas.config.base import Section, setting
from logbook_schemas.config.biases import DefaultBias, OutputBias

__all__ = ["Readout"]


class Readout(Section):
    """What every network of ours has: inputs and a last layer."""

    bias: bool = setting(True, about="A bias in every layer.", source="S2-06")
    output_bias: OutputBias = setting(
        DefaultBias(),
        about="How the bias of the last layer starts: prior gives the frequencies or the mean of the training targets.",
        neutral={"kind": "default"},
        source="S0-03, S3-21",
    )
    input_dropout: float = setting(
        0.0,
        about="Probability of DROPPING an input (two of the guides speak of retaining).",
        ge=0,
        lt=1,
        neutral=0.0,
        source="S0-20",
    )
    output_activation: OutputActivation = setting(
        NoActivation(), about="Activation of the last layer.", neutral={"kind": "none"}, source="S0-39, S2-05"
    )
    output_scale: float = setting(
        1.0,
        about="Factor on the outputs after their activation: with tanh and 3 they lie within ± 3.",
        gt=0,
        neutral=1.0,
        source="S0-35",
    )

    @model_validator(mode="after")
    def _has_the_bias_that_is_set(self) -> Readout:
        for name in ("output_bias", "initial_bias"):
            start = getattr(self, name, None)
            if start is not None and start.kind != "default" and not self.bias:
                raise ValueError(f"{name} is {start.kind!r}, but bias is false: there is no bias to set")
        return self
