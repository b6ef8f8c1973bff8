"""Questions as people ask them about a network that doesn't learn: what it says, what it is told, how it is put
together. Small data sets: tables, rings, words, pictures. Written with `questions_outputs.py`, whose ways they share.
"""

from __future__ import annotations

from benchmarks.faults.bases import target
from benchmarks.faults.program import Program
from benchmarks.faults.questions_outputs import STILL_LEARNS, small, small_loss, small_net

__all__ = ["PROGRAMS"]

IRIS = small("classification", "iris", small_net(hidden="relu"), 40, loss=small_loss("classes"))
IRIS_OWN = small(
    "classification",
    "iris",
    small_net(hidden="relu"),
    40,
    optimizer=target("small_losses:adam"),
    loss=small_loss("classes"),
)
TUMOURS = small("binary", "tumours", small_net(end="sigmoid", hidden="relu"), 20, loss=small_loss("binary"))
TUMOURS_TWO = small("classification", "tumours", small_net(hidden="relu"), 20, loss=small_loss("classes"))
RINGS = small("binary", "rings", small_net(hidden="relu", width=32), 60, loss=small_loss("logits"))
ROUNDED = small("binary", "rings", small_net("Rounded"), 60, loss=small_loss("binary"))
PINWHEEL = small("classification", "pinwheel", small_net(depth=2, hidden="relu", width=48), 60)
DIABETES = small("regression", "diabetes", small_net(hidden="relu"), 25, 0.005)
TAGS = small("multilabel", "tags", small_net(end="sigmoid", hidden="relu", width=32), 40, loss=small_loss("binary"))
ROBOT = small("regression", "robot", small_net(depth=2, width=32), 40, loss=small_loss("squares"))
WORDS = small("classification", "words", small_net("Reader"), 25)
BARS = small("classification", "bars", small_net("Bars"), 12, 0.005)
PICTURES = small("classification", "pictures", small_net("Coloured"), 30)
DIGITS = small("classification", "flat_digits", small_net(depth=2, width=48, hidden="relu"), 20, 0.003)
REGULAR = small("classification", "flat_digits", small_net("Regular", p=0.3), 20, 0.003)
CODER = small("reconstruction", "flat_digits", small_net("Coder"), 30, 0.003)

PROGRAMS = (
    Program(
        id="iris-one-number",
        kind="classes-as-numbers",
        source="S1-23; asked: MSE for iris",
        twin=IRIS,
        fault={"model.kwargs": {"hidden": "relu", "outputs": 1}, "loss": small_loss("numbered")},
        moment="start",
        hidden="neighbouring classes are told apart by number",
    ),
    Program(
        id="iris-detached",
        kind="flat-loss",
        source="S0-44; asked: element 0 of tensors does not require grad",
        twin=IRIS,
        fault={"loss": small_loss("classes", detached=True)},
        moment="start",
    ),
    Program(
        id="iris-said-classes",
        kind="flat-loss",
        source="S0-43; asked: loss of the argmax",
        twin=IRIS,
        fault={"loss": small_loss("answers", soft=False)},
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
        twin={**TUMOURS, "model": small_net(hidden="relu"), "loss": small_loss("logits")},
        fault={"loss": small_loss("one_column")},
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
        fault={"loss": small_loss("one_hot")},
        moment="start",
        hidden="it often trains as well: a matter of style",
    ),
    Program(
        id="digits-yes-or-no",
        kind="loss-for-another-task",
        source="S1-21; asked: binary loss for ten classes",
        twin=DIGITS,
        fault={"loss": small_loss("one_hot", kind="bce")},
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
        twin={**REGULAR, "model": small_net("Regular", p=0.0)},
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
        twin={**CODER, "model": small_net("Coder", end="sigmoid")},
        fault={"data.source": target("small_data:flat_digits", centred=True), "model.kwargs": {"end": "tanh"}},
        moment="start",
    ),
)
