"""A run made again, beside the run that it repeats (`rerun --json`), and the sources of a run (`show --code --json`).

Keys are only ever added; scripts read them.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from logbook_schemas.records.base import Record
from logbook_schemas.records.difference import Change, CodeDiff, DataDiff, Verdict
from logbook_schemas.records.summary import Status

__all__ = [
    "CodeDocument",
    "CodePlace",
    "LossComparison",
    "LossDifference",
    "PackageChange",
    "RerunDocument",
    "SourceFile",
]


class CodePlace(Record):
    """Where the code of a rerun came from: a temporary folder, gone when it has ended."""

    kind: Literal["commit", "sources"] = Field(
        description="the recorded commit with its diff and untracked files, or the sources that the run kept"
    )
    commit: str = Field("", description="the commit that was checked out; empty where it was the sources")
    why: str = Field("", description="why it was the sources")
    remarks: tuple[str, ...] = Field((), description="what is not as it was, or could not be had back")


class PackageChange(Record):
    """An installed package of another version than then; `then` or `now` is None where it wasn't installed."""

    name: str
    then: str | None = None
    now: str | None = None
    loaded: bool = Field(False, description="whether one of the two runs imported it")


class LossDifference(Record):
    """One loss of one epoch that is not the same."""

    phase: str = "train"
    epoch: int
    name: str = Field(description="train_loss, train_loss_eval or val_loss")
    then: float | None = None
    now: float | None = None


class LossComparison(Record):
    """The losses of two runs, epoch by epoch, as far as both have them."""

    verdict: Literal["identical", "within-tolerance", "different", "unknown"]
    tolerance: float = Field(description="relative: |then - now| at most so much of the larger of the two")
    epochs: int = Field(0, description="epochs that both have")
    identical_through: int = Field(0, description="epochs from the first on whose losses are the same to the bit")
    within_through: int = Field(0, description="epochs from the first on whose losses are within the tolerance")
    largest: float = Field(0.0, description="largest relative difference in the epochs within the tolerance")
    first: LossDifference | None = Field(None, description="the first loss that is beyond the tolerance")
    reason: str = Field("", description="what else keeps them from being the same, or from being compared")


class RerunDocument(Record):
    """What came of making a run again."""

    of: str = Field(description="short id of the run that was made again")
    run: str = Field(description="short id of the run that this made")
    same: bool = Field(description="losses identical or within the tolerance, and the run ended as far as it should")
    sentence: str = Field(description="the answer in one sentence")
    status_then: Status
    status: Status
    reason: str = Field("", description="why it ended, where that wasn't its last epoch")
    place: CodePlace
    code: CodeDiff
    data: DataDiff
    packages: tuple[PackageChange, ...] = ()
    environment: tuple[Change, ...] = Field((), description="what else differs of the machine and can change a result")
    restored: dict[str, str | None] = Field({}, description="variables that were set, or unset, as they were then")
    device_then: str = ""
    device: str = ""
    losses: LossComparison
    weights: Verdict = Field("unknown", description="whether the final weights are the same to the bit")
    remarks: tuple[str, ...] = ()

    @property
    def exit_status(self) -> int:
        """0 where it came out the same, else 1."""
        return 0 if self.same else 1


class SourceFile(Record):
    """A source as a run loaded it. `text` is None where it wasn't kept: `left_out` says why."""

    path: str
    sha256: str = Field(description="of its true content")
    lines: int | None = None
    size: int | None = Field(None, description="bytes of what was kept")
    text: str | None = None
    masked: bool = Field(False, description="whether what looked like a secret was removed from the text")
    left_out: str = ""
    diff: str | None = Field(None, description="unified diff to the file as it is now, where that was asked for")


class CodeDocument(Record):
    """`show RUN --code --json`: the sources that a run loaded, as they were."""

    id: str
    words: str
    name: str
    version: int
    identity: str = Field("", description="hash over all of them")
    commit: str = ""
    dirty: bool = Field(False, description="whether tracked files differed from the commit")
    files: tuple[SourceFile, ...] = ()
    packages: dict[str, JsonValue] = Field({}, description="the installed packages that it loaded, with versions")
