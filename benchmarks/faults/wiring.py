"""Faults of how layers, gradients and the optimizer are connected."""

from __future__ import annotations

from benchmarks.faults.bases import own_digits, sequences, target
from benchmarks.faults.program import Program

__all__ = ["PROGRAMS"]

WIRED = own_digits(target("wiring:Wired"))
OWN = own_digits(target("nets:Mlp"), optimizer=target("optimizers:adam"))
NO_SCORE = "what is left is enough for so easy a task"

PROGRAMS = (
    Program(
        id="forgotten-layer",
        kind="unused-layer",
        source="S4-04",
        twin=WIRED,
        fault={"model": target("wiring:Wired", slip="forgotten layer")},
        moment="start",
        hidden=NO_SCORE,
    ),
    Program(
        id="detached-features",
        kind="cut-gradient",
        source="S0-43, S3-28",
        twin=WIRED,
        fault={"model": target("wiring:Wired", slip="detach")},
        moment="start",
        hidden=NO_SCORE,
    ),
    Program(
        id="rounded-features",
        kind="cut-gradient",
        source="S0-43",
        twin=WIRED,
        fault={"model": target("wiring:Wired", slip="rounded")},
        moment="start",
        hidden=NO_SCORE,
    ),
    Program(
        id="overwritten-features",
        kind="ignored-inputs",
        source="S4-04",
        twin=WIRED,
        fault={"model": target("wiring:Wired", slip="overwritten")},
        moment="start",
    ),
    Program(
        id="frozen-network",
        kind="frozen-network",
        source="S4-06",
        twin=WIRED,
        fault={"model": target("wiring:Wired", slip="frozen")},
        moment="start",
    ),
    Program(
        id="head-only",
        kind="unoptimized-layer",
        source="S4-06",
        twin=OWN,
        fault={"optimizer": target("optimizers:adam", only_last=2)},
        moment="start",
    ),
    Program(
        id="another-models-parameters",
        kind="unoptimized-layer",
        source="S4-06; met: the model is made again after the optimizer",
        twin=OWN,
        fault={"optimizer": target("optimizers:adam", copied=True)},
        moment="start",
    ),
    Program(
        id="layers-in-a-list",
        kind="unoptimized-layer",
        source="S4-06; met: layers in a Python list",
        twin=own_digits(target("wiring:Listed"), **{"training.epochs": 25}),
        fault={"model": target("wiring:Listed", plain=True)},
        moment="start",
    ),
    Program(
        id="time-and-batch-mixed",
        kind="mixed-examples",
        source="S2-28",
        twin=sequences(
            target("wiring:Recurrent"), **{"training.epochs": 15, "optimizer": {"kind": "adam", "lr": 0.005}}
        ),
        fault={"model": target("wiring:Recurrent", turned="view")},
        moment="start",
    ),
    Program(
        id="growing-recurrence",
        kind="exploding-recurrence",
        source="S1-37, S4-30",
        twin=sequences(target("wiring:Plain"), **{"training.epochs": 15}),
        fault={"model": target("wiring:Plain", scale=2.0)},
        moment="start",
    ),
)
