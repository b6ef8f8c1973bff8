"""Questions as people ask them about a network that doesn't learn: what it says, what it is told, how it is put
together. Toy problems and small tables, with the slips of those who try them first; kinds were decided before a run.
"""

from __future__ import annotations

from typing import Any

from benchmarks.faults.bases import own, target
from benchmarks.faults.program import Config, Program

__all__ = ["PROGRAMS"]


def _net(name: str = "Toy", **kwargs: Any) -> Config:
    return target(f"small_nets:{name}", **kwargs)


def _loss(name: str, **kwargs: Any) -> Config:
    return target(f"small_losses:{name}", **kwargs)


def _toy(task: str, source: str, model: Config, epochs: int, lr: float = 0.01, /, **edit: Any) -> Config:
    edit = {"optimizer": {"kind": "adam", "lr": lr}, **edit}
    return own(task, target(f"small_data:{source}"), model, epochs, **edit)


NO_SPLIT = {"data.split": {"kind": "random", "validation": 0.0}}
XOR = _toy("binary", "xor", _net(end="sigmoid", width=16), 250, loss=_loss("binary"), **NO_SPLIT)
PARITY = _toy(
    "binary",
    "xor",
    _net(end="sigmoid", width=32, hidden="relu"),
    150,
    loss=_loss("by_hand"),
    **NO_SPLIT,
    **{"data.source": target("small_data:xor", bits=6), "training.batch_size": 16},
)
LISTED = _toy("binary", "xor", _net("Listed"), 300, loss=_loss("binary"), **NO_SPLIT)
SUMS = _toy("regression", "sums", _net(hidden="relu"), 30, loss=_loss("squares"))
PARABOLA = _toy("regression", "parabola", _net(depth=2, hidden="relu"), 60)
SINE = _toy("regression", "sine", _net(depth=2, width=32), 60, loss=_loss("squares"))
SINE["data"]["source"] = target("small_data:sine", factor=3.0)
SINE_ROW = _toy("regression", "sine", _net("Row", width=32), 60, loss=_loss("of_row"))
SINE_SGD = _toy(
    "regression",
    "sine",
    _net(width=32, hidden="relu"),
    80,
    loss=_loss("squares"),
    optimizer=target("small_losses:sgd", lr=0.05, momentum=0.9),
)
LINE = _toy("regression", "line", _net(depth=0), 200)
FIZZBUZZ = _toy("classification", "fizzbuzz", _net(width=128, hidden="relu"), 150, 0.005)
IRIS = _toy("classification", "iris", _net(hidden="relu"), 40, loss=_loss("classes"))
IRIS_OWN = _toy(
    "classification", "iris", _net(hidden="relu"), 40, optimizer=target("small_losses:adam"), loss=_loss("classes")
)
TUMOURS = _toy("binary", "tumours", _net(end="sigmoid", hidden="relu"), 20, loss=_loss("binary"))
TUMOURS_TWO = _toy("classification", "tumours", _net(hidden="relu"), 20, loss=_loss("classes"))
RINGS = _toy("binary", "rings", _net(hidden="relu", width=32), 60, loss=_loss("logits"))
ROUNDED = _toy("binary", "rings", _net("Rounded"), 60, loss=_loss("binary"))
PINWHEEL = _toy("classification", "pinwheel", _net(depth=2, hidden="relu", width=48), 60)
DIABETES = _toy("regression", "diabetes", _net(hidden="relu"), 25, 0.005)
TAGS = _toy("multilabel", "tags", _net(end="sigmoid", hidden="relu", width=32), 40, loss=_loss("binary"))
ROBOT = _toy("regression", "robot", _net(depth=2, width=32), 40, loss=_loss("squares"))
WORDS = _toy("classification", "words", _net("Reader"), 25)
BARS = _toy("classification", "bars", _net("Bars"), 12, 0.005)
PICTURES = _toy("classification", "pictures", _net("Coloured"), 30)
DIGITS = _toy("classification", "flat_digits", _net(depth=2, width=48, hidden="relu"), 20, 0.003)
REGULAR = _toy("classification", "flat_digits", _net("Regular", p=0.3), 20, 0.003)
CODER = _toy("reconstruction", "flat_digits", _net("Coder"), 30, 0.003)
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
        twin={**PARITY, "loss": _loss("binary")},
        fault={"loss": _loss("binary", sign=-1.0)},
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
        fault={"loss": _loss("of_row", told=False)},
        moment="start",
    ),
    Program(
        id="sine-summed",
        kind="summed-loss",
        source="S4-11",
        twin=SINE_SGD,
        fault={"loss": _loss("squares", kind="sum")},
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
    Program(
        id="iris-one-number",
        kind="classes-as-numbers",
        source="S1-23; asked: MSE for iris",
        twin=IRIS,
        fault={"model.kwargs": {"hidden": "relu", "outputs": 1}, "loss": _loss("numbered")},
        moment="start",
        hidden="neighbouring classes are told apart by number",
    ),
    Program(
        id="iris-detached",
        kind="flat-loss",
        source="S0-44; asked: element 0 of tensors does not require grad",
        twin=IRIS,
        fault={"loss": _loss("classes", detached=True)},
        moment="start",
    ),
    Program(
        id="iris-said-classes",
        kind="flat-loss",
        source="S0-43; asked: loss of the argmax",
        twin=IRIS,
        fault={"loss": _loss("answers", soft=False)},
        moment="start",
    ),
    Program(
        id="iris-first-try",
        kind="unoptimized-layer",
        source="S4-06",
        twin=IRIS_OWN,
        fault={"optimizer": target("small_losses:adam", other=True)},
        moment="start",
    ),
    Program(
        id="iris-dropped-answers",
        kind="dropped-outputs",
        source="asked: dropout on every layer",
        twin=IRIS,
        fault={"model.kwargs": {"hidden": "relu", "end": "dropout"}},
        moment="start",
        hidden=STILL_LEARNS,
    ),
    Program(
        id="tumours-one-column",
        kind="softmax-over-one",
        source="asked: CrossEntropyLoss is always 0",
        twin={**TUMOURS, "model": _net(hidden="relu"), "loss": _loss("logits")},
        fault={"loss": _loss("one_column")},
        moment="start",
    ),
    Program(
        id="tumours-two-sigmoids",
        kind="probabilities-as-logits",
        source="S3-19",
        twin=TUMOURS_TWO,
        fault={"model.kwargs": {"hidden": "relu", "end": "sigmoid"}},
        moment="start",
        hidden="it learns, and its losses can't fall below 0.31",
    ),
    Program(
        id="tumours-one-output",
        kind="wrong-output-size",
        source="S1-43; asked: target 1 is out of bounds",
        twin=TUMOURS_TWO,
        fault={"model.kwargs": {"hidden": "relu", "outputs": 1}},
        moment="start",
    ),
    Program(
        id="rings-rounded",
        kind="cut-gradient",
        source="S0-43",
        twin=ROUNDED,
        fault={"model.kwargs": {"soft": False}},
        moment="start",
    ),
    Program(
        id="rings-by-one-line",
        kind="too-simple-network",
        source="S4-25",
        twin=RINGS,
        fault={"model.kwargs": {"depth": 0}},
        moment="end",
    ),
    Program(
        id="rings-sigmoid-twice",
        kind="probabilities-as-logits",
        source="S4-07",
        twin=RINGS,
        fault={"model.kwargs": {"hidden": "relu", "width": 32, "end": "sigmoid"}},
        moment="start",
        hidden="it learns, and its losses can't fall below 0.31",
    ),
    Program(
        id="pinwheel-config-line",
        kind="too-simple-network",
        source="S4-25",
        twin={**PINWHEEL, "model": {"kind": "mlp", "hidden": [48, 48]}},
        fault={"model": {"kind": "linear"}},
        moment="end",
    ),
    Program(
        id="pinwheel-two-units",
        kind="narrow-network",
        source="S4-26",
        twin=PINWHEEL,
        fault={"model.kwargs": {"depth": 2, "hidden": "relu", "width": 2}},
        moment="start",
    ),
    Program(
        id="diabetes-softmax",
        kind="softmax-over-one",
        source="S1-05; asked: regression always gives 1",
        twin=DIABETES,
        fault={"model.kwargs": {"hidden": "relu", "end": "softmax"}},
        moment="start",
    ),
    Program(
        id="diabetes-sigmoid",
        kind="clipped-outputs",
        source="S0-38",
        twin=DIABETES,
        fault={"model.kwargs": {"hidden": "relu", "end": "sigmoid"}},
        moment="start",
    ),
    Program(
        id="tags-by-softmax",
        kind="competing-labels",
        source="S1-21; asked: softmax for several labels",
        twin=TAGS,
        fault={"model.kwargs": {"hidden": "relu", "width": 32, "end": "softmax"}},
        moment="start",
    ),
    Program(
        id="robot-one-output",
        kind="broadcast-outputs",
        source="asked: both predictions are the same",
        twin=ROBOT,
        fault={"model.kwargs": {"depth": 2, "width": 32, "outputs": 1}},
        moment="start",
    ),
    Program(
        id="words-steps-for-rows",
        kind="mixed-examples",
        source="S2-28; asked: batch_first",
        twin=WORDS,
        fault={"model.kwargs": {"batch_first": False}},
        moment="start",
    ),
    Program(
        id="bars-pasted-layer",
        kind="unused-layer",
        source="S4-04",
        twin=BARS,
        fault={"model.kwargs": {"slip": "pasted"}},
        moment="start",
        hidden="two convolutions are enough for bars",
    ),
    Program(
        id="bars-frozen",
        kind="frozen-network",
        source="S4-06",
        twin=BARS,
        fault={"model.kwargs": {"slip": "frozen"}},
        moment="start",
    ),
    Program(
        id="bars-unflattened",
        kind="forgotten-flatten",
        source="asked: expected target size",
        twin=BARS,
        fault={"model.kwargs": {"slip": "unflattened"}},
        moment="start",
    ),
    Program(
        id="pictures-by-view",
        kind="reshaped-axes",
        source="S2-28; asked: view instead of permute",
        twin=PICTURES,
        fault={"model.kwargs": {"turned": "view"}},
        moment="start",
    ),
    Program(
        id="digits-as-numbers",
        kind="wrong-task",
        source="S1-23, S4-08",
        twin=DIGITS,
        fault={"task": "regression"},
        moment="data",
    ),
    Program(
        id="digits-squares",
        kind="loss-for-another-task",
        source="S1-23",
        twin=DIGITS,
        fault={"loss": _loss("one_hot")},
        moment="start",
        hidden="it often trains as well: a matter of style",
    ),
    Program(
        id="digits-yes-or-no",
        kind="loss-for-another-task",
        source="S1-21; asked: binary loss for ten classes",
        twin=DIGITS,
        fault={"loss": _loss("one_hot", kind="bce")},
        moment="start",
        hidden="it often trains as well: a matter of style",
    ),
    Program(
        id="digits-through-two",
        kind="narrow-network",
        source="S0-56; asked: last hidden layer of two",
        twin=DIGITS,
        fault={"model.kwargs": {"depth": 2, "width": 48, "hidden": "relu", "waist": 2}},
        moment="start",
    ),
    Program(
        id="digits-dropped-then-normalized",
        kind="dropout-before-normalization",
        source="S0-32",
        twin=REGULAR,
        fault={"model.kwargs": {"dropout_first": True, "p": 0.5}},
        moment="start",
        hidden="variances differ between training and evaluation",
    ),
    Program(
        id="digits-two-a-batch",
        kind="small-batch-normalization",
        source="S3-15",
        twin={**REGULAR, "model": _net("Regular", p=0.0)},
        fault={"training.batch_size": 2},
        moment="start",
        hidden=STILL_LEARNS,
    ),
    Program(
        id="coder-by-sigmoid",
        kind="clipped-outputs",
        source="S0-38",
        twin={**CODER, "data": {"source": target("small_data:flat_digits", centred=True)}},
        fault={"model.kwargs": {"end": "sigmoid"}},
        moment="start",
    ),
    Program(
        id="coder-by-tanh",
        kind="clipped-outputs",
        source="S0-38: healthy beside it is the sigmoid",
        twin={**CODER, "model": _net("Coder", end="sigmoid")},
        fault={"data.source": target("small_data:flat_digits", centred=True), "model.kwargs": {"end": "tanh"}},
        moment="start",
    ),
)
