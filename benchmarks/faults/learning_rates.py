"""Faults of the learning rate, its schedule, the optimizer and clipping."""

from __future__ import annotations

from benchmarks.faults.bases import digits, own_digits, target
from benchmarks.faults.program import Program

__all__ = ["PROGRAMS"]

MOMENTUM = {"kind": "momentum", "lr": 0.05}
OWN = own_digits(target("nets:Mlp"), optimizer=target("optimizers:adam"))

PROGRAMS = (
    Program(
        id="sgd-at-ten",
        kind="rate-too-high",
        source="S1-12; DeepCrime: learning rate",
        twin=digits(optimizer=MOMENTUM),
        fault={"optimizer.lr": 10.0},
        moment="config",
    ),
    Program(
        id="adam-at-a-half",
        kind="rate-too-high",
        source="S2-22",
        twin=digits(**{"model.hidden": [64, 64]}),
        fault={"optimizer": {"kind": "adam", "lr": 0.5}},
        moment="config",
    ),
    Program(
        id="own-adam-at-a-third",
        kind="rate-too-high",
        source="S4-34",
        twin=OWN,
        fault={"optimizer": target("optimizers:adam", lr=0.3)},
        moment="epoch",
    ),
    Program(
        id="adam-at-a-millionth",
        kind="rate-too-low",
        source="S2-22, S1-12",
        twin=digits(),
        fault={"optimizer": {"kind": "adam", "lr": 1e-7}},
        moment="config",
    ),
    Program(
        id="adams-rate-for-sgd",
        kind="rate-too-low",
        source="DeepCrime: optimizer",
        twin=digits(),
        fault={"optimizer": {"kind": "sgd", "lr": 0.0003}},
        moment="epoch",
    ),
    Program(
        id="decayed-every-step",
        kind="early-decay",
        source="S2-36, S2-14",
        twin=digits(),
        fault={"schedule": {"kind": "geometric", "gamma": 0.9}},
        moment="config",
    ),
    Program(
        id="warming-up-for-ever",
        kind="long-warmup",
        source="S4-36; met: warm-up counted for a longer training",
        twin=digits(),
        fault={"schedule": {"kind": "constant", "warmup": 20000}},
        moment="config",
    ),
    Program(
        id="clipped-to-nothing",
        kind="tight-clipping",
        source="S0-31, S4-35; DeepCrime: clip",
        twin=digits(optimizer=MOMENTUM),
        fault={"gradients": {"clip": {"kind": "norm", "max_norm": 0.001}}},
        moment="epoch",
    ),
    Program(
        id="lbfgs-in-minibatches",
        kind="minibatch-lbfgs",
        source="S1-36",
        twin=digits(**{"optimizer": target("optimizers:lbfgs"), "training.batch_size": "all", "training.epochs": 4}),
        fault={"training.batch_size": 8},
        moment="data",
        hidden="its curvature is that of other batches",
    ),
)
