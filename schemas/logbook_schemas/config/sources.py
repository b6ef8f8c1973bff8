"""Where the examples come from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from logbook_schemas.config.base import PythonTarget, Section, setting, shorthand
from logbook_schemas.config.images import Cifar10, Cifar100, Images, Mnist
from logbook_schemas.config.sequences import Copy, Docstrings, Parity, Text
from logbook_schemas.config.tables import Csv, Parquet

__all__ = [
    "Blobs",
    "Cifar10",
    "Cifar100",
    "Csv",
    "Images",
    "Mnist",
    "Npy",
    "Npz",
    "Parquet",
    "Pattern",
    "PythonSource",
    "Sine",
    "Sklearn",
    "Source",
    "Spirals",
    "Synthetic",
    "Xor",
]


class Sklearn(Section):
    """A data set that scikit-learn ships: no download."""

    kind: Literal["sklearn"] = "sklearn"
    dataset: Literal["digits", "breast_cancer", "wine", "iris", "diabetes", "linnerud"] = setting(
        about="Which of scikit-learn's own sets."
    )


class Npz(Section):
    """Arrays in a NumPy archive (`.npz`); objects and pickles are refused."""

    kind: Literal["npz"] = "npz"
    path: str = setting(about="The file, from the config's folder.", min_length=1, max_length=4096)
    inputs: str = setting("x", about="The array of inputs, first axis the examples.", max_length=300)
    targets: str | None = setting(
        "y",
        about="The array of targets, first axis the examples; null for task reconstruction, which has none.",
        max_length=300,
    )


class Npy(Section):
    """Two NumPy files (`.npy`), one of inputs and one of targets, read as they are needed; objects are refused."""

    kind: Literal["npy"] = "npy"
    inputs: str = setting(
        about="The file of inputs, first axis the examples, from the config's folder.", min_length=1, max_length=4096
    )
    targets: str = setting(
        about="The file of targets, first axis the examples, from the config's folder.", min_length=1, max_length=4096
    )


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


Pattern = Annotated[Blobs | Spirals | Xor | Sine | Copy | Parity, Field(discriminator="kind"), shorthand()]


class Synthetic(Section):
    """Made-up data of a known difficulty, drawn from a seed of its own."""

    kind: Literal["synthetic"] = "synthetic"
    pattern: Pattern = setting(about="What the points look like.")
    rows: int = setting(1000, about="How many examples.", ge=1, le=10_000_000)
    seed: int = setting(0, about="Seed of the data: another seed is other data.", ge=0, le=2**32 - 1)

    @model_validator(mode="after")
    def _has_enough_distinct_rows(self) -> Synthetic:
        # A row that stands twice may stand in two splits: what is validated would have been trained on.
        if isinstance(self.pattern, Copy | Parity) and self.rows > self.pattern.distinct:
            raise ValueError(
                f"rows is {self.rows}, but pattern {self.pattern.kind} has only {self.pattern.distinct:.0f} different"
                f" rows; take fewer rows, or more {'bits' if isinstance(self.pattern, Parity) else 'symbols'}"
            )
        return self


class PythonSource(PythonTarget):
    """The person's own data: a callable that returns `(inputs, targets)`, or a dict of splits, or Datasets."""

    kind: Literal["python"] = "python"


Source = Annotated[
    Sklearn
    | Csv
    | Parquet
    | Npz
    | Npy
    | Images
    | Mnist
    | Cifar10
    | Cifar100
    | Synthetic
    | Text
    | Docstrings
    | PythonSource,
    Field(discriminator="kind"),
    shorthand(),
]
