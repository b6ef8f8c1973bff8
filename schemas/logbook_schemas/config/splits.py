"""Which examples train, which validate, which test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core.core_schema import CoreSchema, no_info_before_validator_function

from logbook_schemas.config.base import ALSO, Section, setting, shorthand

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

__all__ = [
    "DrawnSplit",
    "FilesSplit",
    "GroupSplit",
    "KFoldSplit",
    "OrderedSplit",
    "RandomSplit",
    "Split",
    "split_defaults",
]

_ColumnName = Annotated[str, Field(min_length=1, max_length=300)]
_Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]


class _Split(Section):
    """What every kind of split can be asked."""

    @property
    def shares(self) -> dict[str, float]:
        """The share of the rows that is drawn for `validation` and for `test`; 0 where none is."""
        return {name: float(getattr(self, name, 0.0)) for name in ("validation", "test")}

    @property
    def has_validation(self) -> bool:
        """Whether the config asks for a validation split."""
        return self.shares["validation"] > 0

    @property
    def is_stratified(self) -> bool:
        """Whether each split keeps the shares of the classes."""
        return bool(getattr(self, "stratify", False))

    @property
    def column(self) -> str | None:
        """The column of the source, no feature, that decides which rows go where."""
        by: _ColumnName | None = getattr(self, "by", None)
        return by


class _Shares(_Split):
    """A split that leaves a share of the rows for validation and one for the final test."""

    validation: float = setting(0.2, about="Share of the rows for validation.", ge=0, lt=1, source="S0-12")
    test: float = setting(0.0, about="Share of the rows for one test at the end.", ge=0, lt=1)

    @model_validator(mode="after")
    def _leaves_rows_to_train_on(self) -> _Shares:
        if self.validation + self.test >= 1:
            raise ValueError(
                f"validation ({self.validation:g}) and test ({self.test:g}) leave no rows to train on;"
                " together they must stay below 1"
            )
        return self


class RandomSplit(_Shares):
    """A random part of the rows for validation and for the final test.

    `{"kind": "stratified", …}` is read as this kind with `stratify` true, and frozen so.
    """

    kind: Literal["random"] = "random"
    seed: _Seed = setting(0, about="Seed of the split, apart from the seed of the run.")
    stratify: bool = setting(
        False, about="Keep each class's share in each split.", follows="true for classes, false else"
    )


class GroupSplit(_Shares):
    """Whole groups of rows (a patient, a speaker, a day) on one side: none stands in two splits.

    The shares are met as nearly as whole groups allow.
    """

    kind: Literal["group"] = "group"
    by: _ColumnName = setting(
        "groups",
        about="What tells the groups apart: a column of the table, an array of the archive, or a name that the"
        " person's own source hands over; it is no feature.",
        source="S4-14",
    )
    seed: _Seed = setting(0, about="Seed of the split, apart from the seed of the run.")


class OrderedSplit(_Shares):
    """Rows in order, as of a time series: the last part is the test split, the part before it validates.

    Rows are never shuffled across, and rows with the same value of `by` stay on one side.
    """

    kind: Literal["ordered"] = "ordered"
    by: _ColumnName | None = setting(
        None,
        about="The column or array to sort by, numbers or dates (2026-11-21); null takes the order of the source."
        " It is a feature only where the source's features name it.",
    )


class FilesSplit(_Split):
    """Files of their own for validation and test, of the same kind and with the same columns as the source's."""

    kind: Literal["files"] = "files"
    validation: str | None = setting(
        None, about="The validation file, from the config's folder.", min_length=1, max_length=4096
    )
    test: str | None = setting(None, about="The test file, from the config's folder.", min_length=1, max_length=4096)

    @property
    def shares(self) -> dict[str, float]:
        """Nothing is drawn from the source's own rows: they all train."""
        return {"validation": 0.0, "test": 0.0}

    @property
    def has_validation(self) -> bool:
        """Whether there is a file to validate on."""
        return self.validation is not None

    @property
    def paths(self) -> dict[str, str]:
        """The files by split."""
        named = {"validation": self.validation, "test": self.test}
        return {name: path for name, path in named.items() if path is not None}

    @model_validator(mode="after")
    def _names_a_file(self) -> FilesSplit:
        if not self.paths:
            raise ValueError("names no file; set validation, test, or both")
        return self


class KFoldSplit(_Split):
    """Cross-validation: the rows in `folds` parts of one size, of which one validates and the others train.

    Runs of different folds share a recipe, as those of different seeds do. A share for the final test is set
    aside first, the same in each fold.
    """

    kind: Literal["k-fold"] = "k-fold"
    folds: int = setting(5, about="How many parts; each validates once.", ge=2, le=1000)
    fold: int = setting(1, about="The part that validates, from 1; `logbook run --folds` runs all.", ge=1, recipe=False)
    seed: _Seed = setting(0, about="Seed of the parts, the same for all folds.")
    stratify: bool = setting(
        False,
        about="Keep each class's share in each part.",
        follows="true for classes without `by`, false else",
    )
    by: _ColumnName | None = setting(
        None, about="What tells groups of rows apart that must stay in one part, as for kind group."
    )
    test: float = setting(0.0, about="Share of the rows for one test at the end, in no part.", ge=0, lt=1)

    @property
    def shares(self) -> dict[str, float]:
        """The fold that validates is a share of what the test split leaves."""
        return {"validation": (1 - self.test) / self.folds, "test": self.test}

    @model_validator(mode="after")
    def _can_be_dealt_out(self) -> KFoldSplit:
        if self.fold > self.folds:
            raise ValueError(f"fold is {self.fold}, but there are {self.folds} folds, counted from 1")
        if self.by is not None and self.stratify:
            raise ValueError(
                "by keeps groups whole, so that stratify can't keep the shares of classes; set one of them"
            )
        return self


DrawnSplit = RandomSplit | GroupSplit | OrderedSplit | KFoldSplit
"""The kinds that draw from the source's own rows."""


class _StratifiedIsRandom:
    """Reads kind `stratified` as kind `random` with `stratify`, and so it is frozen: one experiment has one recipe."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_before_validator_function(self._read, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), ALSO: {"stratified": "RandomSplit"}}

    def _read(self, value: Any) -> Any:
        value = {"kind": value} if value == "stratified" else value
        if not isinstance(value, dict) or value.get("kind") != "stratified":
            return value
        if value.get("stratify", True) is not True:
            raise ValueError("a stratified split with stratify false contradicts itself; take kind 'random'")
        return {**value, "kind": "random", "stratify": True}


def split_defaults(split: Any, *, stratify: bool) -> Any:
    """Return a raw split with its kind written out, and whether it is stratified where that is left open.

    What can't be a split comes back as it is, for validation to name.
    """
    split = {"kind": split} if isinstance(split, str) else split
    if not isinstance(split, dict):
        return split
    kind = split.get("kind", "random")
    if kind == "random" or (kind == "k-fold" and split.get("by") is None):
        return {"kind": kind, "stratify": stratify, **split}
    return split


Split = Annotated[
    RandomSplit | GroupSplit | OrderedSplit | FilesSplit | KFoldSplit,
    Field(discriminator="kind"),
    shorthand("random"),
    _StratifiedIsRandom(),
]
