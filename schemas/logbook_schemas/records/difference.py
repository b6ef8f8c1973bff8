"""What sets two configs, versions or runs apart: the answer of `diff`, as data.

A difference says whether it matters. Names, hypotheses, seeds, devices, hosts and command lines differ between
runs all the time and explain no result: they are told, marked, and last.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from logbook_schemas.records.base import Record

__all__ = ["DRAWS", "Change", "CodeDiff", "DataDiff", "Diff", "FileChange", "Kind", "Verdict", "effect_of"]

Kind = Literal["changed", "added", "removed"]
Verdict = Literal["same", "different", "unknown"]


DRAWS = ("training.seed", "data.split.fold")
"""Settings outside the recipe that draw lots: they change a result, and are no reason for it."""


def effect_of(path: str, *, matters: bool) -> str:
    """Return what a setting that explains no result does to it: "chance" or "no effect"; empty where it matters."""
    if matters:
        return ""
    return "chance" if path in DRAWS else "no effect"


class Change(Record):
    """One path that differs. `added` is on the right only, `removed` on the left only."""

    path: str
    kind: Kind
    left: JsonValue = None
    right: JsonValue = None
    matters: bool = Field(True, description="whether it can change a result")
    unit: str = Field("", description="of the value, where it has one: epochs, pixels")

    @property
    def effect(self) -> str:
        """What it does to a result, where it explains none: "chance" or "no effect"."""
        return effect_of(self.path, matters=self.matters)


class FileChange(Record):
    """One source file that differs; `text` is the unified diff, empty where a content isn't kept as text."""

    path: str
    kind: Kind
    text: str = ""


class CodeDiff(Record):
    """The code of two runs: the person's own files, and the packages that they loaded."""

    verdict: Verdict
    files: tuple[FileChange, ...] = ()
    packages: tuple[Change, ...] = ()


class DataDiff(Record):
    """The data of two runs by their fingerprints; fingerprints of different methods say nothing: `unknown`."""

    verdict: Verdict
    reason: str = ""
    splits: dict[str, Verdict] = {}


class Diff(Record):
    """Two configs, versions or runs. What only runs have is None where one side is no run."""

    left: str
    right: str
    config: tuple[Change, ...]
    same_recipe: bool
    remark: str = Field("", description="why the configs aren't compared in every path; empty where they are")
    code: CodeDiff | None = None
    data: DataDiff | None = None
    environment: tuple[Change, ...] | None = None
    git: tuple[Change, ...] | None = None
