"""How far one has come: the best value so far over calendar time, and the runs that moved it."""

from __future__ import annotations

from pydantic import Field

from logbook_schemas.records.base import Record

__all__ = ["Improvement", "Progress", "ProgressDocument", "Week"]


class Improvement(Record):
    """A run that was better than all before it."""

    id: str
    words: str
    name: str
    version: int
    at: str = Field(description="when it had been trained")
    value: float
    gain: float | None = Field(None, description="by how much it is better than the best before; null for the first")
    runs: int = Field(description="how many runs there were since the best before, this one included")


class Week(Record):
    """Where one was some weeks ago."""

    weeks_ago: int
    at: str
    best: float | None = Field(None, description="the best value so far at that time; null where there was none")
    run: str | None = Field(None, description="short id of the run that had it")
    gain: float | None = Field(None, description="how much better it is now")
    runs: int = Field(description="how many runs were made since")


class Progress(Record):
    """The progress of the runs of one name, or of one tag."""

    name: str = Field("", description="empty where the runs of several names are told together")
    tag: str = ""
    metric: str = Field(description="the monitored metric of the newest run")
    mode: str
    runs: int = Field(description="that monitor this metric")
    left_out: int = Field(0, description="runs that monitor another metric, or the other way round")
    first_at: str = Field(description="when the first run began")
    now: str
    improvements: tuple[Improvement, ...] = Field((), description="oldest first; the last one is the best there is")
    runs_since: int = Field(0, description="runs since the last improvement that were no better")
    weeks: tuple[Week, ...] = Field((), description="now first")
    sentence: str = ""


class ProgressDocument(Record):
    """`progress --json`: one entry for each name, the one that was last worked on first."""

    progress: tuple[Progress, ...] = ()
