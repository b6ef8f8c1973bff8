"""How long and on what a network trains, what is watched meanwhile, and which findings are waved through."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from logbook_schemas.config.base import Section, matching, setting, shorthand

__all__ = [
    "Checks",
    "Diagnostics",
    "EarlyStopping",
    "Precision",
    "Procedure",
    "StandardProcedure",
    "Training",
    "TruncatedBptt",
]


class StandardProcedure(Section):
    """Minibatches, one optimizer step each."""

    kind: Literal["standard"] = "standard"


class TruncatedBptt(Section):
    """Back-propagation through time that goes back `length` steps and no further.

    A text is read as `batch_size` parallel streams, each a contiguous part of it: what the network remembers is
    carried from one chunk of `length` tokens to the next, and forgotten at the start of an epoch. Other sequences
    are read row by row in chunks. One optimizer step a chunk.
    """

    kind: Literal["truncated-bptt"] = "truncated-bptt"
    length: int = setting(64, about="Steps that gradients go back.", ge=1, le=1_000_000, unit="steps", source="S1-38")


Procedure = Annotated[StandardProcedure | TruncatedBptt, Field(discriminator="kind"), shorthand()]


class Float32(Section):
    kind: Literal["float32"] = "float32"


class BFloat16(Section):
    """Forward pass and loss under bfloat16 autocast; weights stay float32."""

    kind: Literal["bfloat16"] = "bfloat16"


Precision = Annotated[Float32 | BFloat16, Field(discriminator="kind"), shorthand()]


class EarlyStopping(Section):
    """Stop when the monitored metric hasn't improved for a while."""

    patience: int = setting(10, about="Epochs without improvement.", ge=1, unit="epochs", source="S1-11")
    min_delta: float = setting(0.0, about="What counts as an improvement.", ge=0)


class Training(Section):
    """The loop."""

    procedure: Procedure = setting(StandardProcedure(), about="How one training step is made.")
    epochs: int = setting(20, about="Passes over the training split.", ge=1, le=1_000_000, source="S1-09")
    batch_size: int = setting(32, about="Examples a step.", ge=1, le=10_000_000, unit="examples", source="S0-25, S1-32")
    seed: int = setting(
        0,
        about="Seed of weights, data order, augmentation and dropout, each with a generator of its own.",
        ge=0,
        le=2**32 - 1,
        recipe=False,
    )
    device: Annotated[str, matching(r"auto|cpu|mps|cuda(:\d{1,3})?", "auto, cpu, mps, cuda or cuda:1")] = setting(
        "auto", about="auto takes cuda, else mps, else cpu.", recipe=False
    )
    precision: Precision = setting(Float32(), about="Number format of the forward pass.")
    early_stopping: EarlyStopping | None = setting(
        None, about="Stop when the monitored metric no longer improves.", neutral=None, source="S1-11"
    )
    deterministic: bool = setting(True, about="Ask PyTorch for kernels that give the same result each time.")


class Diagnostics(Section):
    """What is measured layer by layer."""

    every: int = setting(
        1, about="Epochs between two measurements; 0 measures none.", ge=0, unit="epochs", recipe=False
    )


class Checks(Section):
    """Which findings are waved through, and why."""

    ignore: dict[str, str] = setting({}, about="Rule name or code, and the reason, which is stored.", recipe=False)

    @field_validator("ignore")
    @classmethod
    def _every_reason_says_something(cls, value: dict[str, str]) -> dict[str, str]:
        for rule, reason in value.items():
            if not reason.strip():
                raise ValueError(f"{rule} is ignored without a reason; write why, it is stored with the run")
        return value


Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]
