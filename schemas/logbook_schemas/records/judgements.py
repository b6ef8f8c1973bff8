"""A run judged again: which rules judged it, and what that changed."""

from __future__ import annotations

from pydantic import Field

from logbook_schemas.records.base import Record
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.summary import Outcome

__all__ = ["FindingChange", "JudgeDocument", "JudgedRun", "JudgementRecord", "Suggested", "SuggestionChange"]


class JudgementRecord(Record):
    """One judgement of a run after it was made. The findings that follow it in the record are all that count."""

    number: int = Field(0, description="from 1, by run")
    at: str = ""
    release: str = Field("", description="of the program that judged")
    rules: dict[str, int] = Field({}, description="code to version, of every rule that judged")


class FindingChange(Record):
    """A finding that says something else than before."""

    before: Finding
    after: Finding


class Suggested(Record):
    """What the logbook suggests became of a run."""

    outcome: Outcome
    reason: str = ""


class SuggestionChange(Record):
    """A suggestion that is new, says something else than before, or is taken back."""

    before: Suggested | None = Field(None, description="null: nothing was suggested")
    after: Suggested | None = Field(None, description="null: it is taken back")


class JudgedRun(Record):
    """One run of `judge`: what the rules of today say that those of then didn't, and the other way round."""

    id: str
    words: str = ""
    name: str = ""
    version: int = 0
    skipped: str = Field("", description="why it wasn't judged")
    judgement: int | None = Field(None, description="number of the judgement that was recorded; null: nothing was")
    new: tuple[Finding, ...] = ()
    changed: tuple[FindingChange, ...] = ()
    gone: tuple[Finding, ...] = ()
    same: int = Field(0, description="findings that stay as they were")
    suggestion: SuggestionChange | None = Field(
        None, description="of its outcome; null: as before, or a person has spoken"
    )

    @property
    def has_other_findings(self) -> bool:
        return bool(self.new or self.changed or self.gone)

    @property
    def differs(self) -> bool:
        return self.has_other_findings or self.suggestion is not None


class JudgeDocument(Record):
    """`judge --json`: the runs of which something differs or that were skipped, and how many there are of each."""

    runs: tuple[JudgedRun, ...] = ()
    judged: int = Field(0, description="runs that were judged")
    skipped: int = 0
    new: int = 0
    changed: int = 0
    gone: int = 0
    same: int = 0
    suggested: int = Field(0, description="runs of which an outcome is suggested that wasn't, or for another reason")
    taken_back: int = Field(0, description="runs whose suggested outcome no longer holds")
    dry_run: bool = Field(False, description="nothing was recorded, because that was asked for")
