"""Tables: rows of named columns, each with its role."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from logbook_schemas.config.base import Many, Section, setting, shorthand

__all__ = [
    "Csv",
    "DropMissing",
    "FillMissing",
    "ImputeMissing",
    "KeepMissing",
    "Missing",
    "Parquet",
]

_ColumnName = Annotated[str, Field(min_length=1, max_length=300)]


class KeepMissing(Section):
    """Missing values stay missing: the checklist stops the run and names line and column."""

    kind: Literal["keep"] = "keep"


class DropMissing(Section):
    """Rows that lack a feature or a target are left out."""

    kind: Literal["drop"] = "drop"


class ImputeMissing(Section):
    """A missing feature gets the mean or the median of its column in the training split; a target never does."""

    kind: Literal["impute"] = "impute"
    statistic: Literal["mean", "median"] = setting("mean", about="Of the column's values in the training split.")


class FillMissing(Section):
    """A missing feature gets one fixed number; a missing category is none of the known ones. A target never does."""

    kind: Literal["fill"] = "fill"
    value: float = setting(0.0, about="What stands for a missing number, before preparation.")


Missing = Annotated[
    KeepMissing | DropMissing | ImputeMissing | FillMissing, Field(discriminator="kind"), shorthand("keep")
]


class _Table(Section):
    """Columns by role. Numbers are taken as they are, true and false as 1 and 0, text as categories, one-hot."""

    path: str = setting(about="The file, from the config's folder.", min_length=1, max_length=4096)
    target: _ColumnName | Many[_ColumnName] | None = setting(
        about="The column to predict; a list of columns for a regression or a multilabel task of several outputs; null"
        " for task reconstruction, which has none."
    )
    features: Many[str] | None = setting(
        None, about="The columns to predict from; null takes every column but the target."
    )
    ignore: Many[str] = setting((), about="Columns to leave out.", neutral=[])
    categorical: Many[str] = setting(
        (),
        about="Columns whose values are categories, one-hot, though they look like numbers or dates. Columns of text"
        " are so without being named. The categories are those of all rows of the file, in order.",
        source="S1-04, S0-16",
        neutral=[],
    )
    max_categories: int = setting(
        100,
        about="A column of more categories is refused: each becomes an input, and names or ids predict nothing.",
        ge=2,
        le=10_000,
        recipe=False,
    )
    missing: Missing = setting(
        KeepMissing(), about="What to do about missing values.", source="S4-12", neutral={"kind": "keep"}
    )

    @property
    def targets(self) -> tuple[str, ...]:
        """The columns to predict, be it one, several or none."""
        if self.target is None:
            return ()
        return (self.target,) if isinstance(self.target, str) else self.target

    @field_validator("target")
    @classmethod
    def _one_target_is_no_list(cls, value: str | tuple[str, ...] | None) -> str | tuple[str, ...] | None:
        # One experiment has one recipe, however its only target is written.
        if isinstance(value, str) or value is None:
            return value
        if not value:
            raise ValueError("names no column; expected the column to predict, or several")
        twice = next((name for name in value if value.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"names column {twice!r} twice")
        return value[0] if len(value) == 1 else value

    @model_validator(mode="after")
    def _each_column_has_one_role(self) -> _Table:
        for name in self.categorical:
            if name in self.targets:
                raise ValueError(f"categorical names {name!r}, the target; text and whole numbers are classes anyhow")
            if name in self.ignore:
                raise ValueError(f"categorical and ignore both name {name!r}; take it out of one of them")
        return self


class Csv(_Table):
    """A table in a text file, its first line the column names."""

    kind: Literal["csv"] = "csv"
    delimiter: str = setting(",", about="What stands between two values.", min_length=1, max_length=1)


class Parquet(_Table):
    """A table in a Parquet file."""

    kind: Literal["parquet"] = "parquet"
