"""What rows and labels of the data are like: repeats, near copies, order, drift, and what inputs say of labels.

Defaults as in `measures`. Whatever was measured on a sample says of how many rows.
"""

from __future__ import annotations

from pydantic import Field

from logbook_schemas.records.base import Record

__all__ = [
    "LabelDrift",
    "LabelOrder",
    "NearRows",
    "PaddingRecord",
    "ProbeScore",
    "RepeatedRows",
    "RowScalingRecord",
    "SignalRecord",
    "SurenessRecord",
    "TellingColumn",
]


class RepeatedRows(Record):
    """Rows of one split whose inputs stand in it more than once; rows that `data.balance` repeats don't count."""

    split: str
    of_rows: int = Field(0, description="different rows of the source that stand in the split")
    distinct_rows: int = Field(0, description="how many of them differ in their inputs")
    repeated: int = Field(0, description="rows whose inputs stand in an earlier row of the split")
    examples: tuple[int, ...] = Field((), description="a few of the repeated rows, in the source's own order")
    lines: tuple[int, ...] = Field((), description="the lines of the source's file on which these end, from 1")
    conflicting: int = Field(0, description="rows of the same inputs as another row of the split with another label")
    conflict_rate: float = Field(0.0, description="share of pairs with two labels, among all pairs of equal rows")
    chance_conflict_rate: float = Field(0.0, description="the same among all pairs of rows, equal or not")
    chance_share: float = Field(
        0.0, description="share of rows that chance would repeat, were columns of few values drawn apart"
    )
    conflicting_examples: tuple[int, ...] = Field((), description="a few of these, in the source's own order")
    conflicting_lines: tuple[int, ...] = Field((), description="the lines of the source's file on which these end")


class NearRows(Record):
    """How many rows of one split lie almost upon a row of another, measured on a sample of standardised rows.

    Near is below a fifth of the typical distance from a training row to its nearest other one, and of that from this
    very row to any third one. As many training rows as validation rows lie so near where both were drawn alike:
    `expected_share` is what chance accounts for.
    """

    split: str
    other: str
    rows: int = Field(0, description="rows of `split` that were looked at")
    share: float = Field(0.0, description="share of these that lie near a row of `other`, equal rows left out")
    expected_rows: int = Field(0, description="rows of `other` that were looked at likewise")
    expected_share: float = Field(0.0, description="share of these that lie near another row of `other`")
    typical_distance: float | None = Field(
        None, description="median distance from a row of `other` to its nearest other row, in standard deviations"
    )
    examples: tuple[int, ...] = Field((), description="a few of the near rows, in the source's own order")


class ProbeScore(Record):
    """How well a simple model does on rows that it wasn't fitted on, and on labels in shuffled order."""

    name: str = Field(description="nearest neighbours, linear, single columns, or pairs of columns")
    score: float = Field(description="correlation of prediction and label; of single ones and pairs the largest")
    chance: float = Field(description="mean score on shuffled labels")
    spread: float = Field(description="standard deviation of the scores on shuffled labels")

    @property
    def deviations(self) -> float:
        """How many standard deviations the score lies above that on shuffled labels."""
        return (self.score - self.chance) / self.spread if self.spread > 0 else 0.0


class SurenessRecord(Record):
    """How often class labels contradict a simple model of all other rows, by how sure that model is of a row."""

    sure_rows: int = Field(0, description="the third of the rows that it is surest of")
    sure_wrong: int = Field(0, description="how many of them are of another class")
    middle_rows: int = Field(0, description="the rows after these, up to three quarters of all")
    middle_wrong: int = Field(0, description="how many of them are of another class")
    unsure_rows: int = Field(0, description="the last quarter")
    unsure_wrong: int = Field(0, description="how many of them are of another class")
    agreement: float | None = Field(
        None,
        description="of two of the sure rows that are of another class than one and the same prediction: how often both"
        " are of the same one, times the number of the others; 1 where they are spread evenly. None for two classes",
    )
    guess_wrong: float = Field(0.0, description="share of rows that aren't of the largest class")


class SignalRecord(Record):
    """What simple models learn of the training labels from the inputs, on a sample of the rows."""

    rows: int = Field(0, description="rows that were looked at")
    outputs: int = Field(0, description="classes, or columns of the targets")
    probes: tuple[ProbeScore, ...] = Field(
        (), description="models in turn, up to one that is clearly better than chance"
    )
    transfer: tuple[ProbeScore, ...] = Field(
        (), description="models fitted on training rows, scored on the validation split and its shuffled labels"
    )
    transfer_rows: int = Field(0, description="validation rows that were looked at")
    straight: float | None = Field(
        None, description="correlation of what a linear model says of left-out rows with their labels"
    )
    is_boolean: bool = Field(False, description="whether the inputs are few and each has at most two values")
    accuracy: float | None = Field(None, description="share of the rows that most of ten nearest neighbours name right")
    chance_accuracy: float | None = Field(None, description="the same on shuffled labels")
    accuracy_spread: float | None = Field(None, description="its standard deviation over the shuffles")
    disagreeing_share: float | None = Field(
        None, description="share of the rows whose ten nearest neighbours name another class eight times or more"
    )
    unanimous_share: float | None = Field(
        None, description="share of the rows whose ten nearest neighbours are all of one class"
    )
    sureness: SurenessRecord | None = Field(None, description="how often labels contradict a model that is sure")


class LabelOrder(Record):
    """In which order the labels stand in the source."""

    rows: int = 0
    runs: int = Field(0, description="stretches of rows of one and the same label, or of rising or falling targets")
    chance_runs: float = Field(0.0, description="how many there would be in a random order")
    classes: int = Field(0, description="classes with rows; 0 where targets are numbers")
    goes_on: bool = Field(False, description="whether the order goes on from the training to the validation split")


class LabelDrift(Record):
    """How the labels of one split differ from those of another."""

    split: str
    other: str
    distance: float = Field(
        description="half the summed difference of class shares, or Kolmogorov-Smirnov's of numbers"
    )
    probability: float = Field(description="of a distance as large by chance, were the rows drawn alike")
    column: str = Field("", description="the target column that differs most, where there are several")
    is_evened_out: bool = Field(False, description="whether `other` has as many rows of each class")


class TellingColumn(Record):
    """A column of a table that says of the labels what a feature seldom does."""

    name: str
    rows: int = Field(0, description="rows that were looked at")
    values: int = Field(0, description="different values in them")
    is_label: bool = Field(False, description="whether it is the label itself, in whatever unit or order of classes")
    numbers_classes: bool = Field(
        False, description="whether it numbers the rows, and each class has one stretch of the numbers"
    )
    category_share: float = Field(
        0.0, description="of 6 to 100 values: share of the labels' variance that they account for, each by itself"
    )
    jumps: float = Field(
        0.0, description="how the labels differ from one value to the next: 1 as in a random order, near 0 if smoothly"
    )


class RowScalingRecord(Record):
    """Whether rows of a table were scaled one by one, instead of the columns."""

    mean_error: float = Field(description="largest absolute mean of a row, as the network sees it")
    std_error: float = Field(description="largest distance of a row's deviation from 1")
    distance: float = Field(
        description="distance of a column's mean from 0, in deviations: of the column in the middle"
    )


class PaddingRecord(Record):
    """How much of sequences of tokens is token 0 at their beginning or end."""

    rows: int = 0
    share: float = Field(0.0, description="share of the positions in such a stretch")
    padded_rows: float = Field(0.0, description="share of the rows that have one")
    empty_rows: float = Field(0.0, description="share of the rows that are nothing else")
