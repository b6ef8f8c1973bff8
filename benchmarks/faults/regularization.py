"""Faults of penalties, dropout and normalization."""

from __future__ import annotations

from benchmarks.faults.bases import digits, houses, own_digits, target
from benchmarks.faults.program import Program

__all__ = ["PROGRAMS"]

PROGRAMS = (
    Program(
        id="decay-of-one",
        kind="excessive-penalty",
        source="S1-24, S1-25; DeepCrime: regularisation change",
        twin=digits(optimizer={"kind": "adam", "weight_decay": 0.0001}),
        fault={"optimizer.weight_decay": 1.0},
        moment="config",
    ),
    Program(
        id="l2-of-ten",
        kind="excessive-penalty",
        source="S3-20, S4-45; DeepCrime: regularisation add",
        twin=houses(),
        fault={"regularization": {"l2": 10.0}},
        moment="epoch",
    ),
    Program(
        id="dropout-as-retention",
        kind="excessive-dropout",
        source="S0-20, S1-27; DeepCrime: dropout",
        twin=digits(**{"model.hidden": [64, 64], "model.dropout": 0.1}),
        fault={"model.dropout": 0.9},
        moment="config",
    ),
    Program(
        id="own-dropout-as-retention",
        kind="excessive-dropout",
        source="S0-20, S1-27",
        twin=own_digits(target("nets:Dropped", p=0.1)),
        fault={"model": target("nets:Dropped", p=0.95)},
        moment="start",
    ),
    Program(
        id="dropout-in-evaluation",
        kind="random-evaluation",
        source="S0-22, S4-09",
        twin=own_digits(target("nets:Dropped", p=0.6, functional=True)),
        fault={"model": target("nets:Dropped", p=0.6, functional=True, told=False)},
        moment="start",
        hidden="the score is a little worse, and another at each look",
    ),
    Program(
        id="dropout-then-batch-norm",
        kind="dropout-before-normalization",
        source="S4-46",
        twin=own_digits(target("nets:Normalized", dropout_after=0.3)),
        fault={"model": target("nets:Normalized", dropout_first=0.3)},
        moment="start",
        hidden="the running variance is that of dropped units",
    ),
    Program(
        id="stale-averages",
        kind="unlike-in-evaluation",
        source="met: another library's momentum of 0.99 is PyTorch's 0.01; S0-23",
        twin=own_digits(target("nets:Normalized")),
        fault={"model": target("nets:Normalized", momentum=0.0001)},
        moment="epoch",
    ),
    Program(
        id="dropout-of-nothing",
        kind="ineffective-regularization",
        source="S1-31",
        twin=digits(**{"model.dropout": 0.2}),
        fault={"model.hidden": []},
        moment="config",
        hidden="there is no hidden unit left to drop",
    ),
    Program(
        id="batch-norm-of-two",
        kind="small-batch-normalization",
        source="S3-15; DeepCrime: batch",
        twin=houses(**{"model.normalization": "batch"}),
        fault={"training.batch_size": 2},
        moment="config",
        hidden="averages over two examples are mostly noise",
    ),
)
