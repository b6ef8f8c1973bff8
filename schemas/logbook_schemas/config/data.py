"""The examples, from their source to what the network sees."""

from __future__ import annotations

from typing import Any

from pydantic import model_validator

from logbook_schemas.config.augmentation import Augmentation
from logbook_schemas.config.balance import Balance, NoBalance
from logbook_schemas.config.base import Many, Section, kind_of, setting
from logbook_schemas.config.images import IMAGE_KINDS
from logbook_schemas.config.preparation import Preparation, TargetPreparation
from logbook_schemas.config.sequences import takes_no_preparation
from logbook_schemas.config.sources import Csv, Parquet, Source
from logbook_schemas.config.splits import RandomSplit, Split

__all__ = [
    "Data",
    "default_inputs",
]


class Data(Section):
    """The examples, from their source to what the network sees."""

    source: Source = setting(about="Where the examples come from.")
    split: Split = setting(RandomSplit(), about="Which rows train, which validate, which test.")
    limit: int | None = setting(
        None,
        about="Rows of the training split that are kept, at random: a few that a network must be able to learn by heart"
        " before more data are worth a try. null keeps all.",
        ge=1,
        le=1_000_000_000,
        unit="examples",
        source="S2-17, S3-01",
        neutral=None,
    )
    inputs: Many[Preparation] = setting(
        (),
        about="Preparation of the inputs, in order, fitted on the training split alone.",
        follows="standardize (the digits: as one whole); scale-bytes to [-1, 1] for images; nothing for python",
        source="S0-01, S0-04",
        neutral=[],
    )
    targets: Many[TargetPreparation] = setting(
        (),
        about="Preparation of regression targets, undone in predictions and metrics.",
        follows="standardize for regression; nothing for a python source",
        source="S0-02",
        neutral=[],
    )
    balance: Balance = setting(NoBalance(), about="What to do about unequal classes.", neutral={"kind": "none"})
    augment: Many[Augmentation] = setting((), about="Changes to the training inputs, anew in each epoch.", neutral=[])

    @model_validator(mode="before")
    @classmethod
    def _inputs_default_follows_the_source(cls, value: Any) -> Any:
        if isinstance(value, dict) and "inputs" not in value:
            return {**value, "inputs": default_inputs(value.get("source"))}
        return value

    @model_validator(mode="after")
    def _source_has_what_the_split_asks_for(self) -> Data:
        source, split = self.source, self.split
        if split.kind == "files" and not hasattr(source, "path"):
            raise ValueError(f"split.kind is 'files', but source.kind '{source.kind}' reads no file")
        column = split.column
        if column is None:
            return self
        if source.kind in ("sklearn", "synthetic", "npy", *IMAGE_KINDS):
            raise ValueError(
                f"split.by is '{column}', a column that tells rows apart, and source.kind '{source.kind}' has none"
            )
        if split.kind != "ordered" and column in (getattr(source, "features", None) or ()):
            raise ValueError(
                f"split.by is '{column}', which tells groups apart and is no feature; take it out of source.features"
            )
        if isinstance(source, Csv | Parquet) and column in source.targets:
            raise ValueError(f"split.by is '{column}', which is source.target, the column to predict")
        return self


def default_inputs(source: object) -> list[dict[str, Any]]:
    """Return the preparation a source gets when the config names none.

    The digits are pixels: one scale for the whole image, since corner pixels that are nearly always 0 would be
    blown up. A person's own code hands over what it means to hand over (it may be token ids): nothing is done.
    """
    kind = kind_of(source)
    if kind == "python" or takes_no_preparation(source):
        return []
    if kind in IMAGE_KINDS:
        return [{"kind": "scale-bytes", "low": -1}]
    is_image = isinstance(source, dict) and source.get("dataset") == "digits"
    return [{"kind": "standardize", "per": "whole" if is_image else "feature"}]
