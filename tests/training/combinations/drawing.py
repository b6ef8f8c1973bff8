"""Random configs, drawn by walking the JSON Schema of the config: a section or field of tomorrow is drawn by itself.

A walk alone would hardly ever draw what goes together, so a plan comes first: a task, a source that it can have, and a
model and a loss for them. One draw in ten breaks one part of its plan on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from hypothesis import strategies as st

from logbook_schemas.config.base import kind_of
from logbook_schemas.config.full_batch import FULL_BATCH
from logbook_schemas.config.json_schema import config_schema

__all__ = ["broken_configs", "configs", "draw_config", "write_arrays"]

Json = Any
_SEEDS = st.integers(0, 2**32 - 1)
"""A draw goes by its seed: hypothesis would begin every list of choices at its first, and rarely come to the last."""
_SCHEMA = config_schema()
_DEFINITIONS: dict[str, Any] = _SCHEMA["$defs"]

_ELSEWHERE = {
    *("PythonModel", "PythonLoss", "PythonMetric", "PythonOptimizer", "PythonSource", "CheckpointInit", "Compile"),
    *("Csv", "Parquet", "Npy", "Images", "Mnist", "Cifar10", "Cifar100", "Text", "FilesSplit"),
}
"""What needs files or code of its own, or a C++ compiler; tested apart from here."""

_INTEGERS = (0, 1, 2, 3, 4, 8)
_NUMBERS = (0, 0.01, 0.1, 0.25, 0.5, 0.9, 1, 1.5, 3, -1)

_VALUES: dict[str, Sequence[Json]] = {
    "Synthetic.rows": (12, 24, 40),
    "Blobs.features": (1, 2, 4),
    "Blobs.classes": (2, 3),
    "Spirals.classes": (2, 3),
    "Copy.symbols": (4, 8),
    "Copy.length": (2, 3),
    "Copy.delay": (1, 2),
    "Parity.bits": (6, 8),
    "Docstrings.characters": (400, 900),
    "Docstrings.length": (4, 8),
    "Docstrings.stride": (None, 4),
    "Cnn.padding": ("zero", "none", "reflect", "replicate", "circular"),
    "Data.limit": (None, 8, 20),
    "GroupNorm.groups": (1, 2, 4),
    "GroupSplit.by": ("groups",),
    "KFoldSplit.by": (None, "groups"),
    "OrderedSplit.by": (None, "groups"),
    "KFoldSplit.folds": (2, 3),
    "KFoldSplit.fold": (1, 2),
    "BceWithLogits.pos_weight": (1.0, 2, "balanced", [1, 2, 3]),
    "Training.epochs": (1, 2),
    "Training.batch_size": (1, 4, 8, 16, "all"),
    "Training.updates_per_batch": (1, 2),
    "Training.steps": (None, 1, 3),
    "Training.time_limit": (None, 100),
    "Training.device": ("cpu",),
    "Training.compile": (False,),
    "ContrastivePretraining.epochs": (1, 2),
    "ContrastivePretraining.batch_size": (None, 4),
    "Cnn.kernel": (1, 2, 3),
    "ResidualCnn.kernel": (1, 3),
    "ResidualCnn.stem_kernel": (1, 2, 3),
    "ResidualCnn.blocks": (1,),
    "Transformer.layers": (1, 2),
    "Transformer.width": (4, 8),
    "Transformer.heads": (1, 2),
    "Lbfgs.max_iter": (1, 3),
    "ConjugateGradient.max_iter": (1, 3),
    "LineSearch.max_evaluations": (1, 5),
    "Gradients.accumulation": (1, 2, 3),
    "Monitor.metric": ("val_loss", "train_loss", "train_loss_eval", "accuracy", "mae"),
    "RunConfig.schedule.warmup": (0, 2),
    "Checks.ignore": ({}, {"unscaled-inputs": "on purpose"}),
    "RunConfig.parent": (None,),
    "RunConfig.$schema": ("config.v1.json",),
    "RunConfig.format": (1,),
}
_ALWAYS = {
    *(
        "Mlp.hidden",
        "MlpWithoutKind.hidden",
        "Cnn.channels",
        "Cnn.hidden",
        "ResidualCnn.channels",
        "ResidualCnn.blocks",
    ),
    *(
        "Rnn.hidden",
        "Rnn.embedding",
        "Transformer.width",
        "Transformer.heads",
        "Autoencoder.hidden",
        "Rbm.hidden",
        "Cnn.padding",
    ),
    *("Lbfgs.max_iter", "ConjugateGradient.max_iter", "LineSearch.max_evaluations", "ContrastivePretraining.epochs"),
}
"""What is drawn though it has a default, which is too large for a quick test."""

_BY_NAME: dict[str, Sequence[Json]] = {
    "seed": (0, 1, 7),
    "columns": (None, None, None, [0], ["0:2"]),
    "groups": (None, None, None, [[0, 1]]),
    "lr": (0.001, 0.01, 0.1),
    "class_weights": (None, "balanced", [1, 2], [1, 2, 3], {"0": 2, "1": 1}),
}

_IMAGES = ({"kind": "sklearn", "dataset": "digits"}, {"kind": "npz", "path": "arrays.npz", "inputs": "images"})
_SERIES = (
    {"kind": "npz", "path": "arrays.npz", "inputs": "series"},
    {"kind": "npz", "path": "arrays.npz", "inputs": "tokens"},
    {"kind": "npz", "path": "arrays.npz", "inputs": "series", "targets": "numbers"},
)
_VECTORS = (
    *({"kind": "synthetic", "pattern": kind} for kind in ("Blobs", "Spirals", "Xor")),
    *({"kind": "sklearn", "dataset": name} for name in ("wine", "iris")),
    {"kind": "npz", "path": "arrays.npz"},
)
_CLASSES = (*_VECTORS, {"kind": "synthetic", "pattern": "Parity"})
_BINARY = (
    *({"kind": "synthetic", "pattern": kind} for kind in ("Xor", "Parity")),
    {"kind": "sklearn", "dataset": "breast_cancer"},
    {"kind": "npz", "path": "arrays.npz", "targets": "flags"},
    {"kind": "npz", "path": "arrays.npz", "inputs": "images", "targets": "flags"},
    {"kind": "npz", "path": "arrays.npz", "inputs": "series", "targets": "flags"},
)
_REGRESSION = (
    {"kind": "synthetic", "pattern": "Sine"},
    *({"kind": "sklearn", "dataset": name} for name in ("diabetes", "linnerud")),
    {"kind": "npz", "path": "arrays.npz", "targets": "numbers"},
    {"kind": "npz", "path": "arrays.npz", "targets": "number"},
    {"kind": "npz", "path": "arrays.npz", "inputs": "images", "targets": "number"},
)
_SOURCES: dict[str, Sequence[dict[str, Json]]] = {
    "classification": (*_CLASSES, *_IMAGES, *_SERIES[:2]),
    "binary": _BINARY,
    "multilabel": tuple(
        {"kind": "npz", "path": "arrays.npz", "inputs": name, "targets": "labels"} for name in ("x", "images", "series")
    ),
    "regression": (*_REGRESSION, _SERIES[2]),
    "language-model": (
        {"kind": "synthetic", "pattern": "Copy"},
        {"kind": "docstrings"},
        {"kind": "npz", "path": "arrays.npz", "inputs": "tokens", "targets": "tokens"},
    ),
    "reconstruction": (*_VECTORS, *_IMAGES, *({**one, "targets": None} for one in _SERIES[:1]), *_REGRESSION[:2]),
    "metric-learning": (*_VECTORS, *_IMAGES),
}
_LOSSES = {
    "classification": ("CrossEntropy", "CrossEntropy", "Nll"),
    "binary": ("Bce", "BceWithLogits", "BceWithLogits", "CrossEntropy"),
    "multilabel": ("Bce", "BceWithLogits"),
    "regression": ("Mse", "L1", "Huber"),
    "language-model": ("CrossEntropy", "Nll"),
    "reconstruction": ("Mse", "Bce", "BceWithLogits", "L1", "Huber"),
    "metric-learning": ("Triplet",),
}
_METRICS = {
    "classification": ("accuracy", "balanced-accuracy"),
    "binary": ("accuracy", "balanced-accuracy"),
    "multilabel": ("accuracy",),
    "regression": ("mae", "rmse", "r2"),
    "language-model": ("accuracy", "perplexity", "bits-per-character"),
    "reconstruction": ("mae", "rmse"),
    "metric-learning": ("nearest-neighbour-accuracy",),
}
_ENDS = {"Nll": "log-softmax", "Bce": "sigmoid"}
_MODELS = {"language-model": ("Rnn", "Transformer"), "reconstruction": ("Autoencoder", "Autoencoder", "Rbm")}


def write_arrays(folder: Path) -> None:
    """Write the arrays that drawn configs may read: 40 rows of vectors, images, series and tokens, with targets."""
    random = np.random.default_rng(0)
    np.savez(
        folder / "arrays.npz",
        x=random.normal(size=(40, 4)).astype("float32"),
        images=random.normal(size=(40, 1, 8, 8)).astype("float32"),
        series=random.normal(size=(40, 5, 2)).astype("float32"),
        tokens=random.integers(1, 6, size=(40, 5)),
        y=np.arange(40) % 3,
        flags=np.arange(40) % 2,
        labels=(random.normal(size=(40, 3)) > 0).astype("float32"),
        numbers=random.normal(size=(40, 2)).astype("float32"),
        number=random.normal(size=40).astype("float32"),
        groups=np.arange(40) // 5,
    )


def configs() -> st.SearchStrategy[dict[str, Json]]:
    """Draw raw configs, most of them valid, of every task, model and option that needs no file of the person's."""
    return _SEEDS.map(lambda seed: draw_config(Random(seed)))


def broken_configs() -> st.SearchStrategy[dict[str, Json]]:
    """Draw raw configs of which one value is of a type or size that nobody expects there."""
    return _SEEDS.map(lambda seed: spoilt(draw_config(Random(seed)), Random(seed)))


def spoilt(raw: dict[str, Json], random: Random) -> dict[str, Json]:
    """Put something else in the place of one value, however deep it stands."""
    places = list(_places(raw))
    holder, key = random.choice(places)
    holder[key] = random.choice(_JUNK)
    return raw


_JUNK: tuple[Json, ...] = (
    *(None, True, False, "", "x", "none", "adam", 0, -1, 7, 0.5, 1e300, 10**30, [], {}, [[]], [None], ["x", 1]),
    *({"kind": []}, {"kind": {}}, {"kind": None}, {"kind": "x"}, {"kind": "none"}, {"kind": "adam", "lr": "x"}),
    *({"x": 1}, [{}], [{"kind": []}], "\x00", "é"),
)


def _places(value: Json) -> Iterator[tuple[Json, Json]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def draw_config(random: Random) -> dict[str, Json]:
    """Return one raw config."""
    return _Walk(random).config()


class _Walk:
    """A walk through the schema; `share` of the fields that may be left out are drawn."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.share = random.choice((0.05, 0.15, 0.4))
        self.broken = random.choice(("source", "model", "loss", "metrics", "procedure")) if self.often(0.1) else ""

    def often(self, share: float) -> bool:
        return self.random.random() < share

    def config(self) -> dict[str, Json]:
        task = self.random.choice(tuple(_SOURCES))
        source = self.random.choice(_SOURCES[task])
        if self.broken == "source":
            source = self.random.choice(_SOURCES[self.random.choice(tuple(_SOURCES))])
        loss = self.random.choice(_LOSSES[task])
        model = self.model(task, source, loss)
        raw = {
            "name": "drawn",
            "task": task,
            "data": self.data(task, source, model),
            "model": model,
            "training": self.training(task, model),
            "optimizer": self.value(self.field("RunConfig", "optimizer"), "RunConfig.optimizer"),
        }
        if kind_of(raw["optimizer"]) in FULL_BATCH and self.often(0.9):
            raw["training"] = {**raw["training"], "batch_size": "all", "batch_schedule": "none"}
        if self.broken == "loss":
            raw["loss"] = self.value(self.field("RunConfig", "loss"), "RunConfig.loss")
        else:
            raw["loss"] = self.section(loss)
        if self.broken == "metrics":
            raw["metrics"] = self.value(self.field("RunConfig", "metrics"), "RunConfig.metrics")
        elif self.often(0.5):
            raw["metrics"] = [self.random.choice(_METRICS[task])]
        if self.often(0.2):
            raw["monitor"] = {"metric": self.random.choice(("train_loss", "train_loss_eval", "val_loss"))}
            if self.often(0.5):
                raw["metrics"] = [self.random.choice(_METRICS[task])]
                raw["monitor"] = {"metric": raw["metrics"][0]}
        for name in ("schedule", "regularization", "gradients", "diagnostics", "checks", "tags", "hypothesis"):
            if self.often(self.share * 1.5):
                raw[name] = self.value(self.field("RunConfig", name), f"RunConfig.{name}")
        return raw

    def data(self, task: str, source: dict[str, Json], model: dict[str, Json]) -> dict[str, Json]:
        raw = dict(source)
        if raw["kind"] == "synthetic":
            raw = self.section("Synthetic", pattern=self.section(raw["pattern"]))
            raw.setdefault("rows", 24)
        elif raw["kind"] == "docstrings":
            raw = {"characters": 600, "length": 8, **self.section("Docstrings")}
        data: dict[str, Json] = {"source": raw}
        if raw["kind"] == "sklearn":
            data["limit"] = self.random.choice((12, 24, 40))
        has_groups = raw["kind"] == "npz"
        drawn = ("RandomSplit", "RandomSplitAsStratified", "OrderedSplit", "KFoldSplit", "GroupSplit")
        if self.often(0.4):
            kinds = ("OrderedSplit",) if raw["kind"] == "docstrings" else drawn[: 5 if has_groups else 4]
            data["split"] = self.section(self.random.choice(kinds))
            if not has_groups:
                data["split"].pop("by", None)
        keep_out = task == "language-model" or raw.get("inputs") == "tokens" or "pattern" in raw
        if not keep_out or self.often(0.02):
            for name in ("inputs", "augment"):
                if self.often(0.25):
                    data[name] = self.value(self.field("Data", name), f"Data.{name}")
        elif raw.get("inputs") == "tokens":
            data["inputs"] = []
        if task == "regression" and self.often(0.3):
            data["targets"] = self.value(self.field("Data", "targets"), "Data.targets")
        if task in ("classification", "binary", "metric-learning") and self.often(0.3):
            data["balance"] = self.value(self.field("Data", "balance"), "Data.balance")
        is_bits = model["kind"] == "rbm" and model.get("visible", "binary") == "binary"
        if task == "reconstruction" and (is_bits or self.often(0.3)):
            data["inputs"] = [{"kind": "min-max", "per": "feature"}]
        return data

    def model(self, task: str, source: dict[str, Json], loss: str) -> dict[str, Json]:
        if self.broken == "model":
            found = self.value(self.field("RunConfig", "model"), "RunConfig.model")
            return {"kind": found} if isinstance(found, str) else {"kind": "mlp", **found}
        if task == "metric-learning":
            return self.section("Embedding")
        if task in _MODELS:
            model = self.section(self.random.choice(_MODELS[task]))
        else:
            is_image = source.get("dataset") == "digits" or source.get("inputs") == "images"
            is_series = source.get("inputs") in ("series", "tokens") or source.get("pattern") == "Parity"
            kinds = ("Cnn", "ResidualCnn", "Mlp") if is_image else ("Rnn", "Transformer") if is_series else ()
            model = self.section(self.random.choice(kinds or ("Mlp", "Mlp", "LinearModel", "Rnn")))
        if model["kind"] != "rbm" and loss in _ENDS:
            model["output_activation"] = _ENDS[loss]
        return model

    def training(self, task: str, model: dict[str, Json]) -> dict[str, Json]:
        raw = {"epochs": 1, "device": "cpu", "batch_size": 8, **self.section("Training")}
        raw.pop("procedure", None)
        if self.often(0.9):
            raw.pop("pretraining", None)
        if self.broken == "procedure":
            raw["procedure"] = self.value(self.field("Training", "procedure"), "Training.procedure")
        elif model["kind"] == "rbm":
            raw["procedure"] = self.section("ContrastiveDivergence")
        elif task == "metric-learning":
            raw["procedure"] = self.section("Triplets", examples_per_class=2)
        elif model["kind"] == "rnn" and self.often(0.4):
            raw["procedure"] = self.section("TruncatedBptt")
        if model["kind"] == "mlp" and self.often(0.15):
            model |= {"activation": "sigmoid", "normalization": "none", "bias": True}
            raw["pretraining"] = self.section("ContrastivePretraining")
        return raw

    def field(self, section: str, name: str) -> Json:
        return (_SCHEMA if section == "RunConfig" else _DEFINITIONS[section])["properties"][name]

    def section(self, name: str, **pinned: Json) -> dict[str, Json]:
        """Draw a section: what it requires, its pinned fields, and some of the rest."""
        definition = _DEFINITIONS[name]
        drawn = dict(pinned)
        for key, node in definition["properties"].items():
            path = f"{name}.{key}"
            is_wanted = key in definition.get("required", ()) or path in _ALWAYS or self.often(self.share)
            if key not in drawn and is_wanted:
                drawn[key] = self.value(node, path)
        return drawn

    def value(self, node: Json, path: str) -> Json:
        """Draw the value of a field, small where the schema would allow for much."""
        chosen = _VALUES.get(path) or _BY_NAME.get(path.rsplit(".", 1)[-1])
        if chosen is not None:
            return self.random.choice(chosen)
        if "$ref" in node:
            return self.section(node["$ref"].removeprefix("#/$defs/"))
        if "const" in node:
            return node["const"]
        if "enum" in node:
            return self.random.choice(node["enum"])
        if choices := node.get("anyOf") or node.get("oneOf"):
            # Large defaults stand behind a bare word.
            choices = [one for one in choices if "enum" not in one or path != "RunConfig.model"]
            known = [one for one in choices if one.get("$ref", "").removeprefix("#/$defs/") not in _ELSEWHERE]
            return self.value(self.random.choice(known), path)
        return self.plain(node, path)

    def plain(self, node: Json, path: str) -> Json:
        match node.get("type"):
            case "null":
                return None
            case "boolean":
                return self.often(0.5)
            case "integer":
                return self.random.choice([one for one in _INTEGERS if _is_within(one, node)])
            case "number":
                return self.random.choice([one for one in _NUMBERS if _is_within(one, node)])
            case "string":
                return self.random.choice(("a", "drawn:b"))[: node.get("maxLength")]
            case "array":
                least = node.get("minItems", 0)
                count = self.random.choice((least, least + 1, least + 2))
                items = [self.value(node["items"], path) for _ in range(count)]
                return sorted(set(items)) if path.endswith("milestones") else items
            case "object":
                return {}
        raise AssertionError(f"{path}: the walk knows no node such as {node}")


def _is_within(number: float, node: Json) -> bool:
    return (
        number >= node.get("minimum", number)
        and number <= node.get("maximum", number)
        and ("exclusiveMinimum" not in node or number > node["exclusiveMinimum"])
        and ("exclusiveMaximum" not in node or number < node["exclusiveMaximum"])
    )
