"""How long and on what a network trains, what is watched meanwhile, and which findings are waved through."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from logbook_schemas.config.base import Section, matching, setting, shorthand
from logbook_schemas.config.boltzmann import ContrastiveDivergence, ContrastivePretraining
from logbook_schemas.config.metric_learning import Triplets
from logbook_schemas.records.findings import Severity

__all__ = [
    "BatchSchedule",
    "BatchSize",
    "Checks",
    "Compile",
    "Diagnostics",
    "EarlyStopping",
    "ExponentialAverage",
    "NoAverage",
    "Precision",
    "Pretraining",
    "Procedure",
    "StandardProcedure",
    "StepBatchSize",
    "Training",
    "TruncatedBptt",
    "WeightAverage",
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


Procedure = Annotated[
    StandardProcedure | TruncatedBptt | ContrastiveDivergence | Triplets,
    Field(discriminator="kind"),
    shorthand("standard"),
]
Pretraining = Annotated[ContrastivePretraining, shorthand("contrastive-divergence")]


class Float32(Section):
    kind: Literal["float32"] = "float32"


class BFloat16(Section):
    """Forward pass and loss under bfloat16 autocast; weights stay float32."""

    kind: Literal["bfloat16"] = "bfloat16"


class Float16(Section):
    """Forward pass and loss under float16 autocast, with the loss scaled; weights stay float32.

    Half the range of bfloat16's exponents: where a gradient overflows, the step is skipped and the scale halved.
    """

    kind: Literal["float16"] = "float16"


Precision = Annotated[Float32 | BFloat16 | Float16, Field(discriminator="kind"), shorthand()]


class SameBatchSize(Section):
    kind: Literal["none"] = "none"


class StepBatchSize(Section):
    """Multiply the batch size by `factor` every so many epochs, up to `max`."""

    kind: Literal["step"] = "step"
    every: int = setting(about="Epochs between two changes.", ge=1, unit="epochs")
    factor: float = setting(2.0, about="Factor of a change.", gt=0, source="S4-37")
    max: int = setting(10_000_000, about="The size grows no further.", ge=1, le=10_000_000, unit="examples")


BatchSchedule = Annotated[SameBatchSize | StepBatchSize, Field(discriminator="kind"), shorthand()]


class NoAverage(Section):
    kind: Literal["none"] = "none"


class ExponentialAverage(Section):
    """An exponential average of the weights, taken after every step; it is what is evaluated and kept as best."""

    kind: Literal["exponential"] = "exponential"
    decay: float = setting(0.999, about="Share of the average that a step keeps.", gt=0, lt=1)


WeightAverage = Annotated[NoAverage | ExponentialAverage, Field(discriminator="kind"), shorthand()]


class Compile(Section):
    """Translate the model with torch.compile: the same results within rounding, after a slow first step."""

    backend: Literal["inductor", "aot_eager", "eager"] = setting(
        "inductor", about="torch's translator; inductor wants a C++ compiler, or triton on a GPU."
    )
    mode: Literal["default", "reduce-overhead", "max-autotune", "max-autotune-no-cudagraphs"] = setting(
        "default", about="What inductor spends its time on."
    )
    dynamic: bool | None = setting(None, about="One translation for all batch sizes; null lets torch find out.")


class EarlyStopping(Section):
    """Stop when the monitored metric hasn't improved for a while."""

    patience: int = setting(10, about="Epochs without improvement.", ge=1, unit="epochs", source="S1-11")
    min_delta: float = setting(0.0, about="What counts as an improvement.", ge=0)


BatchSize = Annotated[int, Field(ge=1, le=10_000_000)] | Literal["all"]

_MOST_STEPS = 1_000_000

_TRUE_IS_AN_OBJECT = BeforeValidator(
    lambda value: {} if value is True else value, json_schema_input_type=bool | Compile
)


class Training(Section):
    """The loop."""

    procedure: Procedure = setting(StandardProcedure(), about="How one training step is made.")
    pretraining: Pretraining | None = setting(
        None, about="What comes before: the hidden layers trained one by one.", neutral=None, source="S1-45"
    )
    epochs: int = setting(
        20,
        about="Passes over the training split.",
        follows="20; with steps, as many as they need",
        ge=1,
        le=1_000_000,
        source="S1-09",
    )
    batch_size: BatchSize = setting(
        32,
        about="Examples a batch, or 'all': the whole training split.",
        follows="32; all for lbfgs and conjugate-gradient",
        unit="examples",
        source="S0-25, S1-32, S2-27",
    )
    batch_schedule: BatchSchedule = setting(
        SameBatchSize(), about="How the batch size changes.", neutral={"kind": "none"}
    )
    updates_per_batch: int = setting(
        1,
        about="Optimizer steps in a row on the same batch.",
        ge=1,
        le=10_000,
        unit="steps",
        neutral=1,
        source="S1-09",
    )
    steps: int | None = setting(
        None,
        about="Optimizer steps after which training is finished, if its epochs aren't through before; without"
        " epochs, it alone says how long.",
        ge=1,
        le=_MOST_STEPS,
        unit="steps",
        neutral=None,
    )
    time_limit: float | None = setting(
        None, about="Time after which training is finished, at the next step.", gt=0, unit="seconds", neutral=None
    )
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
    compile: Annotated[Literal[False] | Compile, _TRUE_IS_AN_OBJECT] = setting(
        False, about="Translate the model with torch.compile; true is an object of defaults.", neutral=False
    )
    weight_average: WeightAverage = setting(
        NoAverage(), about="Average of the weights that is evaluated and kept.", neutral={"kind": "none"}
    )
    early_stopping: EarlyStopping | None = setting(
        None, about="Stop when the monitored metric no longer improves.", neutral=None, source="S1-11"
    )
    deterministic: bool = setting(True, about="Ask PyTorch for kernels that give the same result each time.")

    @model_validator(mode="before")
    @classmethod
    def _steps_alone_say_how_long(cls, value: Any) -> Any:
        """An epoch has at least one step, so as many epochs as steps are enough."""
        steps = value.get("steps") if isinstance(value, dict) else None
        is_right = isinstance(steps, int) and not isinstance(steps, bool) and 1 <= steps <= _MOST_STEPS
        return {"epochs": steps, **value} if is_right else value

    @property
    def rows(self) -> int:
        """The rows of a batch, for procedures that want a number; the config refuses 'all' with these."""
        assert self.batch_size != "all"
        return self.batch_size

    @model_validator(mode="after")
    def _batch_sizes_fit(self) -> Training:
        if not isinstance(self.batch_schedule, StepBatchSize):
            return self
        if self.batch_size == "all":
            raise ValueError("batch_schedule changes the batch size, but batch_size is 'all'; leave one of them out")
        if self.batch_schedule.max < self.batch_size:
            raise ValueError(f"batch_schedule.max is {self.batch_schedule.max}, below batch_size {self.batch_size}")
        return self


class Diagnostics(Section):
    """What is measured layer by layer."""

    every: int = setting(
        1,
        about="Epochs between two measurements; 0 measures none, and keeps no images of examples.",
        ge=0,
        unit="epochs",
        recipe=False,
    )


class Checks(Section):
    """Which findings are waved through, and why; what rules count as grave, and where they draw the line."""

    ignore: dict[str, str] = setting({}, about="Rule name or code, and the reason, which is stored.", recipe=False)
    severity: dict[str, Severity] = setting(
        {}, about="Rule name or code, and how grave its findings are: error, warning or note.", recipe=False
    )
    thresholds: dict[str, dict[str, float]] = setting(
        {}, about="Rule name or code, and values for its thresholds, as `logbook rule` names them.", recipe=False
    )

    @field_validator("ignore")
    @classmethod
    def _every_reason_says_something(cls, value: dict[str, str]) -> dict[str, str]:
        for rule, reason in value.items():
            if not reason.strip():
                raise ValueError(f"{rule} is ignored without a reason; write why, it is stored with the run")
        return value


Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]
