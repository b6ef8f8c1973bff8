"""All programs, family by family."""

from __future__ import annotations

from benchmarks.faults import (
    activations,
    data,
    held_out,
    held_out_blind,
    initial_weights,
    learning_rates,
    losses,
    outputs,
    plan,
    questions_descent,
    questions_networks,
    questions_outputs,
    questions_tables,
    regularization,
    scaling,
    toy_data,
    wiring,
)
from benchmarks.faults.program import Program

__all__ = ["PROGRAMS"]

PROGRAMS: tuple[Program, ...] = (
    *data.PROGRAMS,
    *scaling.PROGRAMS,
    *toy_data.PROGRAMS,
    *outputs.PROGRAMS,
    *losses.PROGRAMS,
    *initial_weights.PROGRAMS,
    *activations.PROGRAMS,
    *learning_rates.PROGRAMS,
    *regularization.PROGRAMS,
    *wiring.PROGRAMS,
    *plan.PROGRAMS,
    *questions_outputs.PROGRAMS,
    *questions_tables.PROGRAMS,
    *questions_descent.PROGRAMS,
    *questions_networks.PROGRAMS,
    *held_out.PROGRAMS,
    *held_out_blind.PROGRAMS,
)
