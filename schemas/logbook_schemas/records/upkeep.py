"""What `backup`, `redact` and `gc` print with `--json`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from logbook_schemas.records.base import Record

__all__ = ["BackupDocument", "GcDocument", "GcRun", "RedactDocument", "RedactedContent"]


class BackupDocument(Record):
    """A copy of the logbook: `backup --json`."""

    path: str = Field(description="the folder of the copy, which is a logbook itself")
    runs: int
    bytes: int = Field(description="all files of the copy")
    seconds: float
    checkpoints: int = Field(description="files of checkpoints in the copy")
    left_out: int = Field(0, description="files of checkpoints that were left out")
    left_out_bytes: int = 0
    noted: int = Field(0, description="runs whose end was noted in the ledger, since it had changed")
    problems: tuple[str, ...] = Field((), description="checkpoints that are missing or damaged, a line each")
    remarks: tuple[str, ...] = ()


class RedactedContent(Record):
    """A content that holds what was looked for, or that was named."""

    hash: str
    bytes: int
    runs: tuple[str, ...] = Field((), description="short ids of the runs that name it")
    what: str = Field("", description="what it is to them: diff, untracked notes.txt, source net.py, …")
    matches: int = Field(0, description="how often the pattern matches; 0 where none was given")
    needed: bool = Field(False, description="`predict` needs it")


class RedactDocument(Record):
    """What was replaced by tombstones, or would be: `redact --json`."""

    done: bool = Field(description="false where nothing was replaced: --dry-run")
    contents: tuple[RedactedContent, ...] = ()
    rows: tuple[str, ...] = Field((), description="rows of the record that hold it too, and can't be changed")
    copies: tuple[str, ...] = Field((), description="older copies of the logbook, which were not looked into")
    scrubbed: bool = Field(True, description="false where the old bytes may still stand in the log of the database")


class GcRun(Record):
    """What was removed of a run, or why nothing was."""

    run: str = Field(description="short id; empty for files that belong to no run")
    removed: tuple[Literal["best", "last"], ...] = ()
    files: int = Field(0, description="other files: half-written checkpoints, folders of runs that were never recorded")
    bytes: int = Field(0, description="what that frees; nothing where another checkpoint has the same bytes")
    kept: str = Field("", description="why a checkpoint was kept that the policy would remove")


class GcDocument(Record):
    """What was removed, run by run: `gc --json`."""

    policy: str
    done: bool = Field(description="false for --dry-run")
    runs: tuple[GcRun, ...] = ()
    bytes: int = 0
