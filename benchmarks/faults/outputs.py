"""Faults of the last layer: what it says, and what the loss takes it for."""

from __future__ import annotations

from benchmarks.faults.bases import cancer, digits, houses, own_digits, own_houses, target
from benchmarks.faults.program import Program

__all__ = ["PROGRAMS"]

MLP = target("nets:Mlp")

PROGRAMS = (
    Program(
        id="softmax-in-forward",
        kind="probabilities-as-logits",
        source="S3-19, S4-07",
        twin=own_digits(MLP),
        fault={"model": target("nets:Mlp", output="softmax")},
        moment="start",
        hidden="it learns, more slowly, and its losses can't fall below 1.46",
    ),
    Program(
        id="softmax-in-config",
        kind="probabilities-as-logits",
        source="S3-19",
        twin=digits(),
        fault={"model.output_activation": "softmax"},
        moment="config",
        hidden="it learns, more slowly, and its losses can't fall below 1.46",
    ),
    Program(
        id="logits-into-log",
        kind="logits-as-probabilities",
        source="S4-07",
        twin=own_digits(target("nets:Mlp", output="softmax"), loss=target("objectives:log_of_probability")),
        fault={"model": MLP},
        moment="start",
    ),
    Program(
        id="relu-on-prices",
        kind="clipped-outputs",
        source="S0-34, S2-05",
        twin=houses(),
        fault={"model.output_activation": "relu"},
        moment="config",
    ),
    Program(
        id="relu-on-own-prices",
        kind="clipped-outputs",
        source="S0-35; DeepCrime: activation added",
        twin=own_houses(MLP),
        fault={"model": target("nets:Mlp", output="relu")},
        moment="start",
    ),
    Program(
        id="tanh-on-prices",
        kind="clipped-outputs",
        source="S0-38",
        twin=own_houses(MLP),
        fault={"model": target("nets:Mlp", output="tanh")},
        moment="start",
        hidden="half of the targets lie within reach",
    ),
    Program(
        id="softmax-over-batch",
        kind="softmax-over-batch",
        source="met: softmax without thinking of dim; S2-28",
        twin=own_digits(target("nets:Mlp", output="log-softmax"), loss=target("objectives:cross_entropy")),
        fault={"model": target("nets:Mlp", output="softmax-over-batch")},
        moment="start",
        hidden="the order of an example's classes often survives",
    ),
    Program(
        id="twenty-outputs",
        kind="wrong-output-size",
        source="S1-43",
        twin=own_digits(MLP, loss=target("objectives:cross_entropy")),
        fault={"model": target("nets:Mlp", outputs=20)},
        moment="start",
        hidden="ten outputs that nothing asks for",
    ),
    Program(
        id="sigmoid-on-tumours",
        kind="probabilities-as-logits",
        source="S2-05: all layers made by one builder",
        twin=cancer(),
        fault={"model.output_activation": "sigmoid"},
        moment="config",
        hidden="it learns, and its losses can't fall below 0.31",
    ),
)
