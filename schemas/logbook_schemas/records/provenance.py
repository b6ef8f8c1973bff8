"""Where a run came from (provisional: the provenance branch brings the whole)."""

from __future__ import annotations

from logbook_schemas.records.base import Record


class FingerprintRecord(Record):
    method: str
    value: str
    rows: int | None = None
    note: str = ""


class UntrackedFile(Record):
    path: str
    size: int
    blob: str | None = None
    left_out: str | None = None


class GitRecord(Record):
    state: str = "none"
    reason: str = ""
    root: str | None = None
    sha: str | None = None
    branch: str | None = None
    dirty: bool | None = None
    diff_blob: str | None = None
    diff_bytes: int = 0
    untracked: tuple[UntrackedFile, ...] = ()
    left_out: tuple[str, ...] = ()
    remote: str | None = None


class EnvironmentRecord(Record):
    python: str = ""
    platform: str = ""
    host: str = ""
    command_line: tuple[str, ...] = ()
    distributions_blob: str | None = None


class CodeRecord(Record):
    identity: str = ""
    files: dict[str, str] = {}
    packages: dict[str, str] = {}
