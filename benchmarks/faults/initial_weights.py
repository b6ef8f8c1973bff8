"""Faults of the weights and biases that training starts from."""

from __future__ import annotations

from benchmarks.faults.bases import digits, own_digits, points, target
from benchmarks.faults.program import Program

__all__ = ["PROGRAMS"]

DEEP = own_digits(target("nets:Deep", layers=4))

PROGRAMS = (
    Program(
        id="zero-weights",
        kind="identical-weights",
        source="S0-45, S3-12",
        twin=digits(),
        fault={"model.init": "zeros"},
        moment="start",
    ),
    Program(
        id="own-zero-weights",
        kind="identical-weights",
        source="S0-45",
        twin=DEEP,
        fault={"model": target("nets:Deep", layers=4, start="zeros")},
        moment="start",
    ),
    Program(
        id="constant-weights",
        kind="identical-weights",
        source="S0-45; DeepCrime: weights initialisation",
        twin=DEEP,
        fault={"model": target("nets:Deep", layers=4, start="constant")},
        moment="start",
    ),
    Program(
        id="standard-normal",
        kind="large-weights",
        source="S4-30, S0-46",
        twin=DEEP,
        fault={"model": target("nets:Deep", layers=4, start="normal")},
        moment="start",
    ),
    Program(
        id="uniform-of-ten",
        kind="large-weights",
        source="S4-30",
        twin=points(),
        fault={"model.init": {"kind": "uniform", "bound": 10.0}},
        moment="start",
        hidden="Adam gets over it in the plane",
    ),
    Program(
        id="thousandths-in-depth",
        kind="small-weights",
        source="S3-13, S3-14",
        twin=own_digits(target("nets:Deep", layers=6)),
        fault={"model": target("nets:Deep", layers=6, start="small")},
        moment="start",
    ),
    Program(
        id="born-dead",
        kind="large-bias",
        source="S0-47, S3-24",
        twin=own_digits(target("nets:Biased")),
        fault={"model": target("nets:Biased", hidden_bias=-8.0)},
        moment="start",
    ),
)
