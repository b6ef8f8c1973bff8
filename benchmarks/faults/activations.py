"""Faults of the activations, and of depth."""

from __future__ import annotations

from benchmarks.faults.bases import digits, own_digits, points, target
from benchmarks.faults.program import Program

__all__ = ["PROGRAMS"]

SPIRALS = points(model=target("nets:Mlp"))

PROGRAMS = (
    Program(
        id="no-activation",
        kind="missing-activation",
        source="DeepCrime: activation removed",
        twin=SPIRALS,
        fault={"model": target("nets:Mlp", hidden="none")},
        moment="start",
    ),
    Program(
        id="no-activation-config",
        kind="missing-activation",
        source="S1-18; DeepCrime: activation removed",
        twin=points(),
        fault={"model.activation": "none"},
        moment="config",
    ),
    Program(
        id="six-sigmoids",
        kind="saturating-activations",
        source="S1-19, S2-04",
        twin=digits(**{"model.hidden": [48, 48, 48, 48, 48, 48]}),
        fault={"model.activation": "sigmoid"},
        moment="config",
    ),
    Program(
        id="sixteen-tanh",
        kind="saturating-activations",
        source="S1-19",
        twin=own_digits(target("nets:Deep", layers=4, hidden="tanh", start="xavier")),
        fault={"model": target("nets:Deep", layers=16, hidden="tanh", start="default")},
        moment="start",
    ),
    Program(
        id="thirty-plain-layers",
        kind="deep-plain-network",
        source="S0-49, S3-14, S4-32",
        twin=own_digits(target("nets:Deep", layers=30, width=32, start="default", residual=True)),
        fault={"model": target("nets:Deep", layers=30, width=32, start="default")},
        moment="start",
    ),
    Program(
        id="selu-with-batch-norm",
        kind="mixed-self-normalization",
        source="S4-47",
        twin=digits(**{"model.activation": "selu"}),
        fault={"model.normalization": "batch"},
        moment="config",
        hidden="selu normalizes by itself: it trains, and two things do one job",
    ),
)
