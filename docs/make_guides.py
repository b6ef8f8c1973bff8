"""Write `docs/guides.md`: every choice that one of the five guides names, and where a config says it.

    python docs/make_guides.py            write it
    python docs/make_guides.py --check    say whether it is current

A place is a path of the config, `training.batch_size`, or a kind and its field, `data.inputs: standardize.groups`.
Each is looked up in the JSON Schema: a place that doesn't exist is an error.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from logbook_schemas.checklist.guides import GUIDES
from logbook_schemas.config.json_schema import config_schema

PAGE = Path(__file__).resolve().parent / "guides.md"
_REF = "#/$defs/"
_INTRODUCTION = """# What the guides name, and where a config says it

Made by `docs/make_guides.py`; each place is looked up in the models that read a config, and [config.md](config.md)
explains them all. The rows are those of the checklist: guide and number. What a guide advises to *watch* (and not to
choose) is a rule, a measurement or a procedure, and stands with those.
"""

Choice = tuple[str, str, str]
"""The checklist's rows, what is named, and the places, `;` between them."""

CHOICES: tuple[Choice, ...] = (
    ("S0-01", "inputs at mean 0 and deviation 1", "data.inputs: standardize"),
    ("S0-02", "targets at mean 0 and deviation 1", "data.targets: standardize"),
    ("S0-03", "the last bias at the targets' mean, instead of scaled targets", "model: mlp.output_bias: prior"),
    ("S0-04", "bytes to [-1, 1]", "data.inputs: scale-bytes.low"),
    ("S0-05", "one scale for each feature", "data.inputs: standardize.per"),
    ("S0-06", "columns that never change left out", "data.source: csv.ignore"),
    (
        "S0-07",
        "one scale for features of one unit; features left as they are",
        "data.inputs: standardize.groups; data.inputs: standardize.columns",
    ),
    ("S0-08", "a scale for each output", "data.targets: standardize.per"),
    ("S0-11", "an error that means something in practice", "metrics; metrics: mae"),
    ("S0-12", "a validation split", "data.split: random.validation"),
    ("S0-15", "one's own encoding of the inputs", "data.source: python"),
    ("S0-16", "codes one-hot instead of numbers", "data.inputs: one-hot; data.source: csv.categorical"),
    ("S0-17", "variation taken away beforehand", "data.source: images.size; data.source: python"),
    (
        "S0-18",
        "some regularization or noise",
        "data.augment: noise; model: mlp.dropout; optimizer: adam.weight_decay; regularization.l2",
    ),
    ("S0-19", "dropout before each layer", "model: mlp.dropout; model: mlp.input_dropout"),
    ("S0-20", "retention of 0.75 to 0.9: a DROP probability of 0.25 to 0.1", "model: mlp.dropout"),
    ("S0-21", "augmentation in place of dropout", "data.augment: flip; data.augment: crop; data.augment: shift"),
    ("S0-24, S0-25, S0-28", "the size of a batch, down to 1", "training.batch_size"),
    ("S0-26", "more epochs for larger batches", "training.epochs"),
    ("S0-27", "the resolution of images", "data.source: images.size"),
    ("S0-29, S0-31", "clipping off, or on", "gradients.clip: none; gradients.clip: norm; gradients.clip: value"),
    ("S0-30", "the learning rate", "optimizer: sgd.lr; optimizer: adam.lr"),
    ("S0-33", "outliers cut off", "data.inputs: clip; data.inputs: clip-quantiles"),
    ("S0-34, S0-35, S0-39", "no activation at the output", "model: mlp.output_activation: none"),
    ("S0-36", "sigmoid for probabilities", "model: mlp.output_activation: sigmoid; loss: bce; loss: bce-with-logits"),
    (
        "S0-37, S0-38",
        "tanh at the output, and targets within ±0.8",
        "model: mlp.output_activation: tanh; model: mlp.output_scale; data.targets: min-max.low",
    ),
    ("S0-41", "leaky relu or elu for relu", "model: mlp.activation: leaky-relu; model: mlp.activation: elu"),
    (
        "S0-45, S0-46",
        "initial weights: he, lecun, xavier",
        "model: mlp.init: he; model: mlp.init: lecun; model: mlp.init: xavier",
    ),
    ("S0-47", "biases that start at zero", "model: mlp.initial_bias"),
    ("S0-48", "parametric activations with a start of their own", "model: mlp.activation: prelu.initial"),
    ("S0-49, S0-50, S0-51", "how many layers", "model: mlp.hidden; model: cnn.channels"),
    ("S0-52, S0-54, S0-55, S0-56, S0-57", "how many units", "model: mlp.hidden"),
    (
        "S1-01",
        "inputs in [-1, 1], [0, 1] or N(0, 1)",
        "data.inputs: min-max.low; data.inputs: min-max.high; data.inputs: standardize",
    ),
    ("S1-03", "small inputs scaled up", "data.inputs: standardize; data.inputs: min-max"),
    ("S1-04", "discrete inputs one-hot", "data.inputs: one-hot"),
    ("S1-05", "one-hot targets with softmax: in PyTorch, classes and cross-entropy", "loss: cross-entropy"),
    ("S1-06", "the training split's statistics for every split", "data.inputs"),
    ("S1-08", "xavier, and he for relu", "model: mlp.init: xavier; model: mlp.init: he"),
    ("S1-09", "epochs, and iterations on one batch", "training.epochs; training.updates_per_batch"),
    ("S1-10", "more or fewer epochs", "training.epochs; training.steps; training.time_limit"),
    ("S1-11, S1-30", "early stopping", "training.early_stopping.patience"),
    ("S1-12, S1-13", "rates from 0.1 to 1e-6", "optimizer: sgd.lr"),
    ("S1-17", "larger batches than fit, and their rate", "gradients.accumulation; optimizer: sgd.lr"),
    ("S1-18", "relu or leaky relu", "model: mlp.activation: relu; model: mlp.activation: leaky-relu"),
    ("S1-19", "tanh and sigmoid", "model: mlp.activation: tanh; model: mlp.activation: sigmoid"),
    ("S1-20", "LSTM layers", "model: rnn.cell"),
    (
        "S1-21",
        "softmax with negative log-likelihood",
        "loss: cross-entropy; loss: nll; model: mlp.output_activation: log-softmax",
    ),
    ("S1-22", "identity with squared error", "model: mlp.output_activation: none; loss: mse"),
    ("S1-23", "reconstruction cross-entropy for pre-training", "training.pretraining; loss: bce"),
    ("S1-24, S1-25", "L1 and L2", "regularization.l1; regularization.l2; optimizer: adam.weight_decay"),
    ("S1-26, S1-27", "dropout, always as the probability of DROPPING", "model: mlp.dropout"),
    ("S1-28", "dropconnect", "model: mlp.dropconnect"),
    ("S1-29, S1-44", "layers and their sizes", "model: mlp.hidden"),
    ("S1-31", "regularization that acts", "regularization; model: mlp.dropout; data.augment"),
    ("S1-32, S1-33", "minibatches of 16 to 128, or all rows", "training.batch_size"),
    (
        "S1-34",
        "momentum, rmsprop, adagrad, plain sgd",
        "optimizer: momentum; optimizer: rmsprop; optimizer: adagrad; optimizer: sgd",
    ),
    ("S1-35", "Nesterov's momentum", "optimizer: nesterov.momentum"),
    (
        "S1-36",
        "line search, conjugate gradient, L-BFGS",
        "optimizer: line-search; optimizer: conjugate-gradient; optimizer: lbfgs",
    ),
    (
        "S1-37",
        "gradients renormalized or clipped, by layer and by parameter kind",
        "gradients.renormalize: layer; gradients.renormalize: parameter; gradients.clip: norm.per",
    ),
    ("S1-38", "truncated back-propagation through time", "training.procedure: truncated-bptt"),
    ("S1-39", "visible units, binary or Gaussian", "model: rbm.visible; training.pretraining.visible"),
    (
        "S1-40, S1-41, S1-42",
        "an autoencoder's hidden layers, narrower than its input",
        "model: autoencoder.hidden; model: autoencoder.bottleneck",
    ),
    ("S1-43", "outputs as many as labels", "task"),
    ("S1-45", "an RBM pre-trained several times over the data", "training.pretraining.epochs; model: rbm"),
    ("S2-01", "Adam", "optimizer: adam"),
    ("S2-03, S2-04", "relu, not sigmoid", "model: mlp.activation: relu"),
    ("S2-05", "no activation at the output", "model: mlp.output_activation: none"),
    ("S2-06", "a bias in every layer", "model: mlp.bias"),
    (
        "S2-07, S2-08",
        "variance scaling, truncated normal, xavier",
        "model: mlp.init: variance-scaling; model: mlp.init: truncated-normal; model: mlp.init: xavier",
    ),
    ("S2-09, S2-10", "whitened inputs", "data.inputs: standardize; data.inputs: whiten"),
    (
        "S2-12, S2-13",
        "a dynamic range squashed before scaling",
        "data.inputs: tanh-squash.c; data.inputs: log; data.inputs: quantile",
    ),
    (
        "S2-14, S2-35, S2-39",
        "no decay with Adam, or one late drop",
        "schedule: constant; schedule: final-drop.at; schedule: multi-step.milestones",
    ),
    ("S2-15", "64 or 128 filters", "model: cnn.channels"),
    ("S2-16", "pooling", "model: cnn.pooling: max; model: cnn.pooling: average; model: cnn.global_pooling"),
    ("S2-17", "one training example, to be learnt by heart", "data.limit"),
    ("S2-20, S2-21, S2-22", "a rate of 0.001, lower, higher", "optimizer: adam.lr"),
    ("S2-23", "a batch of one", "training.batch_size"),
    ("S2-24, S2-26", "batch norm off, and on", "model: mlp.normalization: none; model: mlp.normalization: batch"),
    ("S2-27", "a larger batch", "training.batch_size; gradients.accumulation"),
    ("S2-30, S2-31", "L1 or L2 in place of a complex loss", "loss: l1; loss: mse"),
    ("S2-36", "geometric decay by 0.9995 a step", "schedule: geometric.gamma"),
    ("S3-01", "50 records, to be learnt by heart", "data.limit"),
    ("S3-02", "regularization off for that", "model: mlp.dropout; regularization.l1; regularization.l2"),
    (
        "S3-04",
        "a standard corpus",
        "data.source: cifar10; data.source: cifar100; data.source: mnist; data.source: sklearn.dataset",
    ),
    ("S3-05, S3-06", "the training mean subtracted, by pixel, and no more", "data.inputs: center.per"),
    (
        "S3-07, S3-08, S3-09, S3-10",
        "classes of unequal size: undersampled, oversampled, weighted",
        "data.balance: undersample; data.balance: oversample; data.balance: class-weights",
    ),
    ("S3-11", "one or two hidden layers", "model: mlp.hidden"),
    ("S3-13", "Gaussian weights of deviation 0.01", "model: mlp.init: normal.std"),
    (
        "S3-15",
        "batch norm with a batch that is large enough",
        "model: cnn.normalization: batch; model: cnn.normalization: group; training.batch_size",
    ),
    ("S3-16", "weights of an earlier training", "model: cnn.init: checkpoint"),
    ("S3-17", "rates in steps of the logarithm", "optimizer: adam.lr"),
    (
        "S3-20",
        "less regularization, smaller initial weights",
        "regularization.l2; model: mlp.init: variance-scaling.scale",
    ),
    ("S3-23", "relu for tanh", "model: mlp.activation: relu"),
    ("S3-25", "biases that start at 0.01", "model: mlp.initial_bias"),
    ("S3-26", "maxout or leaky relu", "model: mlp.activation: maxout.pieces; model: mlp.activation: leaky-relu.slope"),
    ("S3-27", "clipping as a last resort", "gradients.clip"),
    ("S4-07, S4-08", "a loss for the task, on the right scale", "loss; model: mlp.output_activation"),
    (
        "S4-13, S4-14, S4-15",
        "splits that share nothing: at random, by group, by order, from files",
        "data.split: random.stratify; data.split: group.by; data.split: ordered.by; data.split: files;"
        " data.split: k-fold",
    ),
    (
        "S4-20, S4-22",
        "mean 0 and variance 1, or a small interval as [-0.5, 0.5]",
        "data.inputs: standardize; data.inputs: min-max.low",
    ),
    ("S4-21, S4-18", "targets scaled, and predictions un-scaled", "data.targets: standardize"),
    ("S4-23", "batch norm or layer norm", "model: mlp.normalization: batch; model: mlp.normalization: layer"),
    ("S4-24, S4-25, S4-26, S4-27", "hidden layers and units", "model: mlp.hidden"),
    (
        "S4-28",
        "wiring by data: convolutions, recurrence, residuals",
        "model: cnn; model: rnn; model: residual-cnn; model: transformer",
    ),
    ("S4-30", "initial weights over a smaller interval", "model: mlp.init: uniform.bound; model: mlp.init: orthogonal"),
    (
        "S4-31",
        "activations of the relu family",
        "model: mlp.activation: leaky-relu; model: mlp.activation: elu; model: mlp.activation: gelu;"
        " model: mlp.activation: silu; model: mlp.activation: softplus",
    ),
    (
        "S4-32",
        "residual connections, original and pre-activation",
        "model: residual-cnn.block: original; model: residual-cnn.block: pre-activation",
    ),
    ("S4-33", "a model without hidden units", "model: linear"),
    ("S4-34", "the learning rate", "optimizer: adam.lr"),
    ("S4-35", "clipping at 0.25 or 1", "gradients.clip: norm.max_norm"),
    (
        "S4-36",
        "schedules of the rate",
        "schedule: step.gamma; schedule: cosine; schedule: one-cycle; schedule: plateau; schedule: inverse-time;"
        " schedule: constant.warmup",
    ),
    ("S4-37", "a batch size, and a schedule of it", "training.batch_size; training.batch_schedule: step"),
    (
        "S4-38",
        "momentum and adaptive variants",
        "optimizer: momentum; optimizer: nesterov; optimizer: adadelta; optimizer: adamw; optimizer: amsgrad;"
        " optimizer: nadam",
    ),
    ("S4-39, S4-41", "sgd with momentum for Adam", "optimizer: momentum.momentum"),
    ("S4-40", "Padam", "optimizer: padam.partial"),
    ("S4-43", "triplet loss, its margin and mining", "loss: triplet.margin; loss: triplet.mining; model: embedding"),
    (
        "S4-44",
        "every piece of regularization off, and back one by one",
        "model: mlp.dropout; regularization; optimizer: adam.weight_decay; data.augment; training.early_stopping",
    ),
    ("S4-45", "L1 and L2", "regularization.l1; regularization.l2"),
    ("S4-46", "dropout with normalization", "model: mlp.dropout; model: mlp.normalization"),
    (
        "S4-47",
        "self-normalizing networks",
        "model: mlp.activation: selu; model: mlp.init: lecun; model: mlp.dropout_form: alpha",
    ),
    (
        "S4-48, S4-49, S4-50",
        "every setting in a file, every file kept, the losses of each epoch below it",
        "format; name; parent; hypothesis",
    ),
    ("S4-53", "text to model, by character or byte", "data.source: text.level; data.source: docstrings"),
)


CONTRADICTIONS: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "C1",
        "activation of the output",
        "S2: none, ever. S0: none, or sigmoid for probabilities. S1: softmax for classes.",
        "none, with a loss that takes logits; what is judged is the pair of activation and loss",
        "model: mlp.output_activation",
    ),
    (
        "C2",
        "clipping",
        "S0: off, it hides faults. S1, S4: for recurrent networks. S3: last resort.",
        "off; only its effect is judged",
        "gradients.clip",
    ),
    (
        "C3",
        "optimizer",
        "S2: Adam. S1: SGD with Nesterov's momentum, RMSProp. S4: SGD may generalize better.",
        "Adam: it learns without tuning, which is the first question",
        "optimizer",
    ),
    (
        "C4",
        "initial weights",
        "S0: any of three. S1: he for relu. S2: variance scaling. S3: Gaussian of 0.01 when shallow.",
        "he for relu and its relatives, xavier for tanh, lecun for selu: fan-based, as all but S3 want",
        "model: mlp.init",
    ),
    (
        "C5",
        "scale of the inputs",
        "S0, S2: mean 0, deviation 1. S1: any of three ranges. S3: centre alone.",
        "standardize; bytes of images to [-1, 1], as S0 says",
        "data.inputs",
    ),
    (
        "C6",
        "batch size",
        "S0: the smallest you can bear. S1: 32. S2: one, or all. S3: large enough for batch norm.",
        "32, S1's start, which none of the others calls wrong",
        "training.batch_size",
    ),
    (
        "C7",
        "batch norm",
        "S3: for deep networks. S2: only when all works. S4: it helps.",
        "none: what hides a fault comes in when the fault is gone",
        "model: mlp.normalization",
    ),
    (
        "C8",
        "biases at the start",
        "S0: zero. S3: 0.01 against dead units.",
        "zero, S0's; 0.01 is a remedy, not a start",
        "model: mlp.initial_bias",
    ),
    (
        "C9",
        "depth",
        "S0: 3 to 8 layers. S1: 3 to 4. S3, S4: begin with one or two.",
        "two hidden layers: a first network is small",
        "model: mlp.hidden",
    ),
    (
        "C10",
        "width",
        "S0: 256 to 1024, and 5 to 10 times the classes. S1: a quarter of the inputs at least. S4: a few more"
        " than needed.",
        "256, S0's smallest: too wide costs time, too narrow costs the result",
        "model: mlp.hidden",
    ),
    (
        "C11",
        "decay of the rate",
        "S2: none with Adam, one late drop. S4: some call it essential. S3: by hand.",
        "none; final-drop is S2's late drop",
        "schedule",
    ),
    (
        "C12",
        "regularization",
        "S0: always some. S3, S4: none until it learns.",
        "none: a network that can't learn by heart has a fault first",
        "regularization; model: mlp.dropout",
    ),
    (
        "C13",
        "size of an update",
        "S1: a thousandth of the weights. S3: below 1e-4 is slow, and turns the ratio round.",
        "nothing to choose; measured as update over weight",
        "diagnostics.every",
    ),
    (
        "C14",
        "the learning rate",
        "S0: a tenth of the highest that holds. S1: 0.1, 1e-3, 1e-6. S2: 0.001 for Adam.",
        "0.001 for Adam, 0.01 for SGD",
        "optimizer: adam.lr; optimizer: sgd.lr",
    ),
    (
        "C15",
        "what dropout's number means",
        "S0, S1: the share that is retained. PyTorch: the share that is dropped.",
        "the probability of dropping; 0.75 and more is asked about",
        "model: mlp.dropout",
    ),
    (
        "C16",
        "the loss at the start",
        "S3: ln of the classes, for probabilities. S4: logits and probabilities are mixed up.",
        "nothing to choose; judged where activation and loss fit",
        "loss",
    ),
    (
        "C17",
        "dropout with normalization",
        "S0: before each linear layer. S4: the two are in conflict.",
        "neither by default; dropout stands behind the activation",
        "model: mlp.dropout; model: mlp.normalization",
    ),
    (
        "C18",
        "loss of a regression",
        "S1: squared error. S2: absolute, with outliers.",
        "mse; l1 and huber are there",
        "loss: mse; loss: l1; loss: huber",
    ),
    ("C19", "rows to learn by heart", "S2: one. S3: about fifty.", "all; any number can be said", "data.limit"),
    (
        "C20",
        "targets of classes",
        "S1, S3: one-hot. PyTorch: indices.",
        "indices, made from any labels",
        "loss: cross-entropy",
    ),
    (
        "C21",
        "how near ln of the classes",
        "S3: any difference is a fault. Measured: healthy ones start within a factor of 2.",
        "the output layer starts small, so that it is near",
        "model: mlp.init",
    ),
    (
        "C22",
        "dead units",
        "S0, S3: a fault. Measured: healthy networks have up to half of a layer.",
        "relu all the same; leaky relu is the way out",
        "model: mlp.activation",
    ),
    (
        "C23",
        "loss of a classification",
        "S1: cross-entropy. Measured: squared error often trains as well.",
        "cross-entropy",
        "loss: cross-entropy; loss: mse",
    ),
    ("C24", "filters", "S2: 128 is a lot; dated.", "32 and 64", "model: cnn.channels"),
)
"""Row, topic, who says what, which way the default goes and why, and where it is said."""


def main() -> None:
    """Write the page, or with `--check` compare it."""
    page = guides_page()
    if "--check" in sys.argv:
        sys.exit(0 if PAGE.read_text(encoding="utf-8") == page else "docs/guides.md is old: python docs/make_guides.py")
    PAGE.write_text(page, encoding="utf-8")


def guides_page() -> str:
    """Return the page; LookupError for a place that no config has."""
    schema = config_schema()
    lines = [_INTRODUCTION]
    for guide, title in GUIDES.items():
        own = [choice for choice in CHOICES if choice[0].startswith(f"{guide}-")]
        if not own:
            continue
        lines += [f"## {guide}: {title}\n", "| row | what it names | where a config says it |", "|---|---|---|"]
        for rows, named, places in own:
            found = [place.strip() for place in places.split(";")]
            for place in found:
                find_place(schema, place)
            lines.append(f"| {rows} | {named} | {', '.join(f'`{place}`' for place in found)} |")
        lines.append("")
    lines += [
        "## Where they contradict each other\n",
        "| row | topic | what they say | which way the default goes | where |",
    ]
    lines.append("|---|---|---|---|---|")
    for row, topic, views, default, places in CONTRADICTIONS:
        found = [place.strip() for place in places.split(";")]
        for place in found:
            find_place(schema, place)
        lines.append(f"| {row} | {topic} | {views} | {default} | {', '.join(f'`{place}`' for place in found)} |")
    return "\n".join(lines).rstrip() + "\n"


def find_place(schema: dict[str, Any], place: str) -> dict[str, Any]:
    """Return the schema of a place; LookupError where there is none."""
    node: dict[str, Any] = schema
    path, *more = [part.strip() for part in place.split(": ")]
    node = _follow(schema, node, path, place)
    for part in more:
        kind, _, below = part.partition(".")
        members = [one for one in _sections(schema, node) if one["properties"].get("kind", {}).get("const") == kind]
        if not members:
            raise LookupError(f"{place}: there is no kind {kind!r}")
        node = _follow(schema, members[0], below, place) if below else members[0]
    return node


def _follow(schema: dict[str, Any], node: dict[str, Any], path: str, place: str) -> dict[str, Any]:
    for name in path.split("."):
        found = [one["properties"][name] for one in _sections(schema, node) if name in one.get("properties", {})]
        if not found:
            raise LookupError(f"{place}: there is no field {name!r}")
        node = found[0]
    return node


def _sections(schema: dict[str, Any], node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the objects that a field may hold, lists and choices looked through."""
    if "properties" in node:
        yield node
    if "$ref" in node:
        yield from _sections(schema, schema["$defs"][node["$ref"].removeprefix(_REF)])
    for key in ("anyOf", "oneOf"):
        for one in node.get(key, ()):
            yield from _sections(schema, one)
    if isinstance(node.get("items"), dict):
        yield from _sections(schema, node["items"])


if __name__ == "__main__":
    main()
