"""Faults of the loss: its sign, its shape, its slope, its choice."""

from __future__ import annotations

from benchmarks.faults.bases import digits, own_digits, own_houses, target
from benchmarks.faults.program import Program

__all__ = ["PROGRAMS"]

MLP = target("nets:Mlp")
FLAT = own_houses(target("nets:Mlp", output="squeeze"), loss=target("objectives:squared", flat=True), metrics=["mae"])
SGD = target("optimizers:sgd", lr=0.01)

PROGRAMS = (
    Program(
        id="column-against-row",
        kind="broadcast-loss",
        source="met: outputs [N] against targets [N, 1] make N x N differences",
        twin=FLAT,
        fault={"loss": target("objectives:squared")},
        moment="start",
    ),
    Program(
        id="summed-squares",
        kind="summed-loss",
        source="S4-11",
        twin=own_houses(MLP, loss=target("objectives:squared"), optimizer=SGD),
        fault={"loss": target("objectives:squared", reduction="sum")},
        moment="start",
    ),
    Program(
        id="likelihood-unnegated",
        kind="inverted-loss",
        source="S4-10",
        twin=own_digits(MLP, loss=target("objectives:likelihood")),
        fault={"loss": target("objectives:likelihood", negated=False)},
        moment="start",
    ),
    Program(
        id="rewrapped-loss",
        kind="flat-loss",
        source="S0-44",
        twin=own_digits(MLP, loss=target("objectives:cross_entropy")),
        fault={"loss": target("objectives:rewrapped")},
        moment="start",
    ),
    Program(
        id="counted-misses",
        kind="flat-loss",
        source="S0-43",
        twin=own_digits(MLP, loss=target("objectives:misses"), training={"epochs": 20, "device": "cpu"}),
        fault={"loss": target("objectives:misses", soft=False)},
        moment="start",
    ),
    Program(
        id="squares-on-classes",
        kind="loss-for-another-task",
        source="S1-23; DeepCrime: loss",
        twin=digits(),
        fault={"loss": "mse"},
        moment="config",
        hidden="it often trains as well: a matter of style",
    ),
)
