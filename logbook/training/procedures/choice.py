"""One epoch of training as the config's procedure makes it. To add a procedure: its file here, and its cases below
and in `steps_per_epoch`."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from logbook.training.feeding import epoch_batches
from logbook.training.probes.layers import LayerProbe
from logbook.training.procedures.standard import train_epoch
from logbook.training.procedures.steps import EpochSteps
from logbook.training.procedures.truncated_bptt import Carrier, epoch_chunks
from logbook.training.state import Training, steps_per_epoch
from logbook_schemas.config.training import StandardProcedure, TruncatedBptt

__all__ = ["train_one_epoch"]


def train_one_epoch(
    training: Training,
    *,
    after_step: Callable[[int], bool],
    probe: LayerProbe | None = None,
    watch: Callable[[int, str], None] | None = None,
) -> EpochSteps:
    """Train one epoch and return how it went; the hooks are those of `standard.train_epoch`."""
    job, parts, generators = training.job, training.parts, training.generators
    procedure, steps = job.config.training.procedure, steps_per_epoch(job)
    match procedure:
        case StandardProcedure():
            batches = epoch_batches(job.config, job.loaded.train, generators, job.device)
            return train_epoch(parts, batches, steps=steps, after_step=after_step, probe=probe, watch=watch)
        case TruncatedBptt():
            carrier = Carrier()
            chunks = epoch_chunks(parts, job.loaded, generators, procedure, carrier)
            return train_epoch(
                parts, chunks, steps=steps, after_step=after_step, probe=probe, watch=watch, forward=carrier
            )
        case _:
            assert_never(procedure)
