"""Questions as people ask them about a network that doesn't learn: what it says, what it is told, how it is put
together. Functions and truth tables, with the slips of those who try them first; kinds were decided before a run.
"""

from __future__ import annotations

from typing import Any

from benchmarks.faults.bases import own, target
from benchmarks.faults.program import Config, Program

__all__ = ["PROGRAMS", "STILL_LEARNS", "small", "small_loss", "small_net"]


def small_net(name: str = "Toy", **kwargs: Any) -> Config:
    return target(f"small_nets:{name}", **kwargs)


def small_loss(name: str, **kwargs: Any) -> Config:
    return target(f"small_losses:{name}", **kwargs)


def small(task: str, source: str, model: Config, epochs: int, lr: float = 0.01, /, **edit: Any) -> Config:
    edit = {"optimizer": {"kind": "adam", "lr": lr}, **edit}
    return own(task, target(f"small_data:{source}"), model, epochs, **edit)


NO_SPLIT = {"data.split": {"kind": "random", "validation": 0.0}}
XOR = small("binary", "xor", small_net(end="sigmoid", width=16), 250, loss=small_loss("binary"), **NO_SPLIT)
PARITY = small(
    "binary",
    "xor",
    small_net(end="sigmoid", width=32, hidden="relu"),
    150,
    loss=small_loss("by_hand"),
    **NO_SPLIT,
    **{"data.source": target("small_data:xor", bits=6), "training.batch_size": 16},
)
LISTED = small("binary", "xor", small_net("Listed"), 300, loss=small_loss("binary"), **NO_SPLIT)
SUMS = small("regression", "sums", small_net(hidden="relu"), 30, loss=small_loss("squares"))
PARABOLA = small("regression", "parabola", small_net(depth=2, hidden="relu"), 60)
SINE = small("regression", "sine", small_net(depth=2, width=32), 60, loss=small_loss("squares"))
SINE["data"]["source"] = target("small_data:sine", factor=3.0)
SINE_ROW = small("regression", "sine", small_net("Row", width=32), 60, loss=small_loss("of_row"))
SINE_SGD = small(
    "regression",
    "sine",
    small_net(width=32, hidden="relu"),
    80,
    loss=small_loss("squares"),
    optimizer=target("small_losses:sgd", lr=0.05, momentum=0.9),
)
LINE = small("regression", "line", small_net(depth=0), 200)
FIZZBUZZ = small("classification", "fizzbuzz", small_net(width=128, hidden="relu"), 150, 0.005)
STILL_LEARNS = "it may learn all the same, worse or slower than it could"

PROGRAMS = (
    Program(
        id="xor-softmax-unit",
        kind="softmax-over-one",
        source="S1-05; asked: softmax over a single output",
        twin=XOR,
        fault={"model.kwargs": {"end": "softmax", "width": 16}},
        moment="start",
    ),
    Program(
        id="xor-all-linear",
        kind="missing-activation",
        source="S2-05; asked: why does XOR stay at one half",
        twin=XOR,
        fault={"model.kwargs": {"end": "sigmoid", "width": 16, "hidden": ""}},
        moment="start",
    ),
    Program(
        id="xor-no-hidden-layer",
        kind="too-simple-network",
        source="S4-26; asked: a perceptron for XOR",
        twin=XOR,
        fault={"model.kwargs": {"end": "sigmoid", "depth": 0}},
        moment="end",
    ),
    Program(
        id="xor-one-hidden-unit",
        kind="narrow-network",
        source="S4-26",
        twin=XOR,
        fault={"model.kwargs": {"end": "sigmoid", "width": 1}},
        moment="start",
    ),
    Program(
        id="xor-plain-list",
        kind="unoptimized-layer",
        source="S4-06",
        twin=LISTED,
        fault={"model.kwargs": {"plain": True}},
        moment="start",
        hidden="two of three layers stay random, which may be enough for four rows",
    ),
    Program(
        id="parity-negated",
        kind="inverted-loss",
        source="S4-10",
        twin={**PARITY, "loss": small_loss("binary")},
        fault={"loss": small_loss("binary", sign=-1.0)},
        moment="start",
    ),
    Program(
        id="parity-raw-outputs",
        kind="logits-as-probabilities",
        source="S4-07; asked: BCE gives nan",
        twin=PARITY,
        fault={"model.kwargs": {"width": 32, "hidden": "relu"}},
        moment="start",
    ),
    Program(
        id="sums-by-sigmoid",
        kind="clipped-outputs",
        source="S0-38; asked: network can't add two numbers",
        twin=SUMS,
        fault={"model.kwargs": {"hidden": "sigmoid", "end": "sigmoid"}},
        moment="start",
    ),
    Program(
        id="parabola-all-linear",
        kind="missing-activation",
        source="S2-05; asked: x squared comes out flat",
        twin=PARABOLA,
        fault={"model.kwargs": {"depth": 2, "hidden": ""}},
        moment="start",
    ),
    Program(
        id="parabola-by-one-unit",
        kind="narrow-network",
        source="S4-26",
        twin=PARABOLA,
        fault={"model.kwargs": {"depth": 2, "hidden": "relu", "width": 1}},
        moment="start",
    ),
    Program(
        id="sine-by-tanh",
        kind="clipped-outputs",
        source="S0-38",
        twin=SINE,
        fault={"model.kwargs": {"depth": 2, "width": 32, "end": "tanh"}},
        moment="start",
    ),
    Program(
        id="sine-by-relu",
        kind="clipped-outputs",
        source="S0-34; asked: only positive predictions",
        twin=SINE,
        fault={"model.kwargs": {"depth": 2, "width": 32, "hidden": "relu", "end": "relu"}},
        moment="start",
    ),
    Program(
        id="sine-row-against-column",
        kind="broadcast-loss",
        source="asked: MSELoss warns of sizes, and all predictions are the mean",
        twin=SINE_ROW,
        fault={"loss": small_loss("of_row", told=False)},
        moment="start",
    ),
    Program(
        id="sine-summed",
        kind="summed-loss",
        source="S4-11",
        twin=SINE_SGD,
        fault={"loss": small_loss("squares", kind="sum")},
        moment="start",
    ),
    Program(
        id="line-through-origin",
        kind="missing-bias",
        source="S2-06",
        twin=LINE,
        fault={"model.kwargs": {"depth": 0, "bias": False}},
        moment="start",
    ),
    Program(
        id="fizzbuzz-ten-outputs",
        kind="wrong-output-size",
        source="S1-43",
        twin=FIZZBUZZ,
        fault={"model.kwargs": {"width": 128, "hidden": "relu", "outputs": 10}},
        moment="start",
        hidden="outputs that nothing asks for are learnt to be unlikely",
    ),
    Program(
        id="fizzbuzz-by-relu",
        kind="clipped-outputs",
        source="S2-05: all layers made by one loop",
        twin=FIZZBUZZ,
        fault={"model.kwargs": {"width": 128, "hidden": "relu", "end": "relu"}},
        moment="start",
        hidden=STILL_LEARNS,
    ),
)
