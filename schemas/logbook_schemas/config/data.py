"""Where the examples come from, how they are split, and what is done to them before the network sees them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from logbook_schemas.config.base import Many, PythonTarget, Section, kind_of, setting, shorthand

__all__ = [
    "Augmentation",
    "Balance",
    "Blobs",
    "Center",
    "Csv",
    "Data",
    "Log",
    "MinMax",
    "NoBalance",
    "Noise",
    "Npz",
    "Preparation",
    "PythonSource",
    "RandomSplit",
    "ScaleBytes",
    "Sine",
    "Sklearn",
    "Source",
    "Spirals",
    "Split",
    "Standardize",
    "Synthetic",
    "TanhSquash",
    "TargetPreparation",
    "Xor",
]

Scope = Literal["feature", "whole"]


class Sklearn(Section):
    """A data set that scikit-learn ships: no download."""

    kind: Literal["sklearn"] = "sklearn"
    dataset: Literal["digits", "breast_cancer", "wine", "iris", "diabetes"] = setting(
        about="Which of scikit-learn's own sets."
    )


class Csv(Section):
    """A table in a text file, its first line the column names."""

    kind: Literal["csv"] = "csv"
    path: str = setting(about="The file, from the config's folder.", min_length=1, max_length=4096)
    target: str = setting(about="The column to predict.", min_length=1, max_length=300)
    features: Many[str] | None = setting(
        None, about="The columns to predict from; null takes every column but the target."
    )
    ignore: Many[str] = setting((), about="Columns to leave out.", neutral=[])
    delimiter: str = setting(",", about="What stands between two values.", min_length=1, max_length=1)


class Npz(Section):
    """Arrays in a NumPy archive (`.npz`); objects and pickles are refused."""

    kind: Literal["npz"] = "npz"
    path: str = setting(about="The file, from the config's folder.", min_length=1, max_length=4096)
    inputs: str = setting("x", about="The array of inputs, first axis the examples.", max_length=300)
    targets: str = setting("y", about="The array of targets, first axis the examples.", max_length=300)


class Blobs(Section):
    """Gaussian clouds, one a class."""

    kind: Literal["blobs"] = "blobs"
    classes: int = setting(3, about="How many clouds.", ge=2, le=1000)
    features: int = setting(2, about="How many inputs.", ge=1, le=100_000)
    spread: float = setting(1.0, about="Standard deviation of a cloud; centres lie within ±10.", gt=0)


class Spirals(Section):
    """Interleaved spirals in the plane, one a class."""

    kind: Literal["spirals"] = "spirals"
    classes: int = setting(2, about="How many arms.", ge=2, le=100)
    noise: float = setting(0.1, about="Standard deviation of the noise on each point.", ge=0)
    turns: float = setting(1.0, about="Turns of an arm round the centre.", gt=0, le=10)


class Xor(Section):
    """Points of the square, labelled by whether their two signs differ."""

    kind: Literal["xor"] = "xor"
    noise: float = setting(0.1, about="Standard deviation of the noise on each point.", ge=0)


class Sine(Section):
    """A noisy sine of one input, to be regressed."""

    kind: Literal["sine"] = "sine"
    noise: float = setting(0.1, about="Standard deviation of the noise on the target.", ge=0)
    periods: float = setting(1.0, about="Periods of the sine over the input range of ±pi.", gt=0, le=1000)


Pattern = Annotated[Blobs | Spirals | Xor | Sine, Field(discriminator="kind"), shorthand()]


class Synthetic(Section):
    """Made-up data of a known difficulty, drawn from a seed of its own."""

    kind: Literal["synthetic"] = "synthetic"
    pattern: Pattern = setting(about="What the points look like.")
    rows: int = setting(1000, about="How many examples.", ge=1, le=10_000_000)
    seed: int = setting(0, about="Seed of the data: another seed is other data.", ge=0, le=2**32 - 1)


class PythonSource(PythonTarget):
    """The person's own data: a callable that returns `(inputs, targets)`, or a dict of splits, or Datasets."""

    kind: Literal["python"] = "python"


Source = Annotated[Sklearn | Csv | Npz | Synthetic | PythonSource, Field(discriminator="kind"), shorthand()]


class RandomSplit(Section):
    """A random part of the rows for validation and for the final test."""

    kind: Literal["random"] = "random"
    validation: float = setting(0.2, about="Share of the rows for validation.", ge=0, lt=1, source="S0-12")
    test: float = setting(0.0, about="Share of the rows for one test at the end.", ge=0, lt=1)
    seed: int = setting(0, about="Seed of the split, apart from the seed of the run.", ge=0, le=2**32 - 1)
    stratify: bool = setting(False, about="Keep each class's share in each split; default true for classes.")

    @model_validator(mode="after")
    def _leaves_rows_to_train_on(self) -> RandomSplit:
        if self.validation + self.test >= 1:
            raise ValueError(
                f"validation ({self.validation:g}) and test ({self.test:g}) leave no rows to train on;"
                " together they must stay below 1"
            )
        return self


Split = Annotated[RandomSplit, shorthand("random")]


class Standardize(Section):
    """Subtract the mean and divide by the standard deviation of the training split."""

    kind: Literal["standardize"] = "standardize"
    per: Scope = setting("feature", about="Statistics for each feature, or one for all.", source="S0-01")


class Center(Section):
    """Subtract the mean of the training split and leave the variance alone."""

    kind: Literal["center"] = "center"
    per: Scope = setting("feature", about="Statistics for each feature, or one for all.", source="S3-05")


class MinMax(Section):
    """Map the training split's range to `[low, high]`."""

    kind: Literal["min-max"] = "min-max"
    low: float = setting(0.0, about="Where the smallest value goes.")
    high: float = setting(1.0, about="Where the largest value goes.")
    per: Scope = setting("feature", about="The range of each feature, or one for all.")

    @model_validator(mode="after")
    def _has_a_range(self) -> MinMax:
        if self.high <= self.low:
            raise ValueError(f"high ({self.high:g}) must be above low ({self.low:g})")
        return self


class ScaleBytes(Section):
    """Map bytes, 0 to 255, to `[low, 1]`."""

    kind: Literal["scale-bytes"] = "scale-bytes"
    low: Literal[0, -1] = setting(0, about="0 maps to [0, 1], -1 maps to [-1, 1].", source="S0-04")


class TanhSquash(Section):
    """Squash a heavy tail with `tanh(x / c)`."""

    kind: Literal["tanh-squash"] = "tanh-squash"
    c: float = setting(about="The value at which squashing sets in.", gt=0, source="S2-12")


class Log(Section):
    """Take `sign(x) · log(1 + |x|)`, so that signs and zeros survive."""

    kind: Literal["log"] = "log"


Preparation = Annotated[
    Standardize | Center | MinMax | ScaleBytes | TanhSquash | Log, Field(discriminator="kind"), shorthand()
]
TargetPreparation = Annotated[Standardize | Center | MinMax | Log, Field(discriminator="kind"), shorthand()]


class NoBalance(Section):
    """Classes as they come."""

    kind: Literal["none"] = "none"


Balance = Annotated[NoBalance, shorthand()]


class Noise(Section):
    """Add Gaussian noise to each training input, anew in each epoch."""

    kind: Literal["noise"] = "noise"
    std: float = setting(0.1, about="Standard deviation of the noise, in prepared units.", gt=0)


Augmentation = Annotated[Noise, shorthand()]


class Data(Section):
    """The examples, from their source to what the network sees."""

    source: Source = setting(about="Where the examples come from.")
    split: Split = setting(RandomSplit(), about="Which rows train, which validate, which test.")
    inputs: Many[Preparation] = setting(
        (), about="Preparation of the inputs, in order, fitted on the training split alone.", source="S0-01", neutral=[]
    )
    targets: Many[TargetPreparation] = setting(
        (), about="Preparation of regression targets, undone in predictions and metrics.", source="S0-02", neutral=[]
    )
    balance: Balance = setting(NoBalance(), about="What to do about unequal classes.", neutral={"kind": "none"})
    augment: Many[Augmentation] = setting((), about="Changes to the training inputs, anew in each epoch.", neutral=[])

    @model_validator(mode="before")
    @classmethod
    def _inputs_default_follows_the_source(cls, value: Any) -> Any:
        if isinstance(value, dict) and "inputs" not in value:
            return {**value, "inputs": default_inputs(value.get("source"))}
        return value


def default_inputs(source: object) -> list[dict[str, str]]:
    """Return the preparation a source gets when the config names none.

    The digits are pixels: one scale for the whole image, since corner pixels that are nearly always 0 would be
    blown up. A person's own code hands over what it means to hand over (it may be token ids): nothing is done.
    """
    kind = kind_of(source)
    if kind == "python":
        return []
    is_image = isinstance(source, dict) and source.get("dataset") == "digits"
    return [{"kind": "standardize", "per": "whole" if is_image else "feature"}]
