"""The untrained model on its first batch. Defaults as in `measures`."""

from __future__ import annotations

from pydantic import Field

from logbook_schemas.records.base import Record
from logbook_schemas.records.data import ArrayRecord
from logbook_schemas.records.layers import LayerRecord

__all__ = ["StartRecord"]


class StartRecord(Record):
    """The untrained model on one fixed, shuffled probe batch, in evaluation mode, regularization apart."""

    parameters: int = 0
    trainable: int = 0
    probe_rows: int = 0
    initial_loss: float | None = None
    expected_loss: float | None = Field(None, description="ln(C) for C classes under cross-entropy")
    output_shape: tuple[int, ...] = ()
    outputs: ArrayRecord | None = None
    outputs_sum_to_one: bool | None = Field(None, description="rows of outputs in [0, 1] that sum to 1")
    no_gradient: tuple[str, ...] = Field((), description="trainable parameters whose gradient is None or all 0")
    not_optimized: tuple[str, ...] = Field((), description="trainable parameters the optimizer doesn't hold")
    layers: tuple[LayerRecord, ...] = ()
    skipped: dict[str, str] = Field({}, description="probes that could not run, and why")
