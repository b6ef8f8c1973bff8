"""What is known of a run before its first step."""

from __future__ import annotations

from pydantic import Field

from logbook_schemas.records.base import Record
from logbook_schemas.records.provenance import CodeRecord, EnvironmentRecord, GitRecord

__all__ = ["StartOfRun"]


class StartOfRun(Record):
    """What is known of a run before its first step, and stored with it."""

    config_folder: str = Field("", description="what relative paths and modules were relative to")
    config_file: str = ""
    source_blob: str | None = Field(None, description="hash of the config as the person wrote it")
    overrides: tuple[str, ...] = Field((), description="--set options")
    seed: int | None = None
    fold: int | None = Field(None, description="the part that validates, where the split is a k-fold one; from 1")
    monitor: dict[str, str] = Field({}, description="metric and mode")
    metric_modes: dict[str, str] = Field({}, description="metric name to min or max")
    git: GitRecord
    environment: EnvironmentRecord
    code: CodeRecord
    forced: bool = Field(False, description="went on over error findings (--force)")
    again: bool = Field(False, description="went on over a known dead end (--again)")
