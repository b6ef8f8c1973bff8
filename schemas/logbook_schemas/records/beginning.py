"""What is known of a run before its first step."""

from __future__ import annotations

from pydantic import Field

from logbook_schemas.records.base import Record
from logbook_schemas.records.provenance import CodeRecord, EnvironmentRecord, GitRecord

__all__ = ["InitialWeightsRecord", "StartOfRun"]


class InitialWeightsRecord(Record):
    """The checkpoint that a run took its initial weights from, whatever it is called later."""

    run: str = Field("", description="short id of the run, in this logbook; empty for a file")
    uuid: str = ""
    checkpoint: str = Field("", description="best or last, of a run")
    epoch: int | None = Field(None, description="the epoch whose weights these are, where the checkpoint says one")
    path: str = Field("", description="the file, as the config has it; empty for a run")
    weights_hash: str = Field("", description="hash of all weights of the checkpoint, as in a run's end record")


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
    initial_weights: InitialWeightsRecord | None = Field(None, description="where model.init is a checkpoint")
    forced: bool = Field(False, description="went on over error findings (--force)")
    again: bool = Field(False, description="went on over a known dead end (--again)")
    rerun_of: str = Field("", description="short id, in this logbook, of the run that it makes again; else empty")

    @property
    def monitored(self) -> tuple[str, str]:
        """The metric by which epochs are ranked, and its mode, `min` or `max`."""
        return self.monitor.get("metric", "val_loss"), self.monitor.get("mode", "min")

    @property
    def recorded_modes(self) -> dict[str, str]:
        """`min` or `max` for each number of which the run says it: its metrics, and what it monitors."""
        return {**self.metric_modes, **dict([self.monitored])}
