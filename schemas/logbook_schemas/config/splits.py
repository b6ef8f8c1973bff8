"""Which examples train, which validate, which test."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import model_validator

from logbook_schemas.config.base import Section, setting, shorthand

__all__ = [
    "RandomSplit",
    "Split",
]


class RandomSplit(Section):
    """A random part of the rows for validation and for the final test."""

    kind: Literal["random"] = "random"
    validation: float = setting(0.2, about="Share of the rows for validation.", ge=0, lt=1, source="S0-12")
    test: float = setting(0.0, about="Share of the rows for one test at the end.", ge=0, lt=1)
    seed: int = setting(0, about="Seed of the split, apart from the seed of the run.", ge=0, le=2**32 - 1)
    stratify: bool = setting(
        False, about="Keep each class's share in each split.", follows="true for classes, false else"
    )

    @model_validator(mode="after")
    def _leaves_rows_to_train_on(self) -> RandomSplit:
        if self.validation + self.test >= 1:
            raise ValueError(
                f"validation ({self.validation:g}) and test ({self.test:g}) leave no rows to train on;"
                " together they must stay below 1"
            )
        return self


Split = Annotated[RandomSplit, shorthand("random")]
