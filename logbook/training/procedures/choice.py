"""One epoch of training as the config's procedure makes it. To add a procedure: its file here, and its cases below
and, where its steps aren't one a batch, in `Training.fresh`."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from logbook.training.probes.layers import LayerProbe
from logbook.training.procedures.objectives import objective_of, supervised
from logbook.training.procedures.standard import train_epoch
from logbook.training.procedures.steps import EpochSteps
from logbook.training.procedures.truncated_bptt import Carrier, epoch_chunks
from logbook.training.state import Training
from logbook_schemas.config.boltzmann import ContrastiveDivergence
from logbook_schemas.config.metric_learning import Triplets
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
    job, procedure = training.job, training.job.config.training.procedure
    match procedure:
        case StandardProcedure() | Triplets() | ContrastiveDivergence():
            batches, objective = training.batches(), objective_of(procedure)
        case TruncatedBptt():
            carrier = Carrier()
            batches = epoch_chunks(training.parts, job.loaded, training.generators, procedure, carrier)
            objective = supervised(carrier)
        case _:
            assert_never(procedure)
    return train_epoch(
        training.parts,
        batches,
        steps=training.course.steps_of(training.progress.epoch),
        after_step=after_step,
        probe=probe,
        watch=watch,
        objective=objective,
    )
