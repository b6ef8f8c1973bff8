"""How the fields of a config are marked: which are outside the recipe, and which value is as good as none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel

from logbook_schemas.config.base import NO_NEUTRAL, marks
from logbook_schemas.config.own import OwnConfig
from logbook_schemas.config.run import RunConfig

OUTSIDE = {
    "Checks.ignore",
    "Checks.severity",
    "Checks.thresholds",
    "Csv.max_categories",
    "Parquet.max_categories",
    "Diagnostics.every",
    "KFoldSplit.fold",
    "OwnConfig.meaning",
    "RunConfig.checks",
    "RunConfig.diagnostics",
    "Training.device",
    "Training.seed",
    *(
        f"{model}.{name}"
        for model in ("OwnConfig", "RunConfig")
        for name in ("format", "hypothesis", "name", "parent", "schema_", "tags")
    ),
}
NEUTRAL = {
    "Data.augment": [],
    "Data.balance": {"kind": "none"},
    "Data.inputs": [],
    "Data.limit": None,
    "Data.targets": [],
    "AdamW.amsgrad": False,
    "Adagrad.initial_accumulator": 0.0,
    "Adagrad.lr_decay": 0.0,
    "BceWithLogits.pos_weight": 1.0,
    "ClipNorm.per": "all",
    "CrossEntropy.class_weights": None,
    **{
        f"{table}.{name}": value
        for table in ("Csv", "Parquet")
        for name, value in (("ignore", []), ("categorical", []), ("missing", {"kind": "keep"}))
    },
    "CrossEntropy.label_smoothing": 0.0,
    "Gradients.accumulation": 1,
    "OwnConfig.parent": None,
    "RunConfig.parent": None,
    "Gradients.clip": {"kind": "none"},
    "Gradients.renormalize": {"kind": "none"},
    "Momentum.dampening": 0.0,
    "NAdam.decoupled": False,
    "NAdam.momentum_decay": 0.004,
    "Nll.class_weights": None,
    "OneCycle.end": 1e-4,
    "Plateau.cooldown": 0,
    "Plateau.min_delta": 0.0,
    "Plateau.min_lr": 0.0,
    **{
        f"{name}.columns": None
        for name in (
            *("Standardize", "Center", "MinMax", "ScaleBytes", "TanhSquash", "Log", "Clip", "ClipQuantiles"),
            *("Quantile", "Whiten", "OneHot"),
        )
    },
    **{f"{name}.groups": None for name in ("Standardize", "Center", "MinMax")},
    "Regularization.l1": 0.0,
    "Regularization.l2": 0.0,
    "RmsProp.centered": False,
    "RmsProp.momentum": 0.0,
    "Training.batch_schedule": {"kind": "none"},
    "Training.compile": False,
    "Docstrings.stride": None,
    "Rnn.activation": "tanh",
    "Rnn.bidirectional": False,
    "Rnn.dropout": 0.0,
    "Transformer.dropout": 0.0,
    "Text.paths": [],
    "Text.stride": None,
    "Training.early_stopping": None,
    "Training.steps": None,
    "Training.time_limit": None,
    "Training.updates_per_batch": 1,
    "Training.weight_average": {"kind": "none"},
    "Training.pretraining": None,
    **{
        f"{model}.{name}": value
        for model in ("Mlp", "LinearModel", "Cnn", "ResidualCnn", "Autoencoder", "Rnn", "Transformer")
        for name, value in (
            ("input_dropout", 0.0),
            ("output_activation", {"kind": "none"}),
            ("output_bias", {"kind": "default"}),
            ("output_scale", 1.0),
        )
    },
    **{
        f"{model}.{name}": value
        for model in ("Mlp", "Cnn", "ResidualCnn", "Autoencoder")
        for name, value in (
            ("dropout", 0.0),
            ("dropconnect", 0.0),
            ("dropout_form", {"kind": "units"}),
            ("initial_bias", {"kind": "default"}),
        )
    },
    **{f"{model}.normalization": {"kind": "none"} for model in ("Mlp", "Cnn", "Autoencoder")},
    "Cnn.global_pooling": {"kind": "none"},
    "Cnn.padding": {"kind": "zero"},
    "Cnn.stride": 1,
    "He.slope": 0.0,
    "AveragePooling.stride": None,
    "MaxPooling.stride": None,
    "BatchNorm.momentum": 0.1,
    **{f"{name}.eps": 1e-5 for name in ("BatchNorm", "LayerNorm")},
    **{f"{name}.place": "before-activation" for name in ("BatchNorm", "LayerNorm")},
    **{
        f"{name}.weight_decay": 0.0
        for name in (
            "Sgd",
            "Momentum",
            "Nesterov",
            "Adagrad",
            "Adadelta",
            "RmsProp",
            "Adam",
            "AmsGrad",
            "NAdam",
            "Padam",
        )
    },
    **{
        f"{name}.warmup": 0
        for name in (
            "Constant",
            "Step",
            "MultiStep",
            "InverseTime",
            "Geometric",
            "Cosine",
            "OneCycle",
            "Plateau",
            "FinalDrop",
        )
    },
    "PythonModel.init": None,
    **{f"Python{name}.kwargs": {} for name in ("Source", "Model", "Loss", "Metric", "Optimizer")},
}


def sections(model: type[BaseModel], seen: set[type[BaseModel]] | None = None) -> Iterator[type[BaseModel]]:
    """Yield a config's model and every section below it, each once."""
    seen = set() if seen is None else seen
    if model in seen:
        return
    seen.add(model)
    yield model
    for field in model.model_fields.values():
        for part in _parts(field.annotation):
            yield from sections(part, seen)


def _parts(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _parts(part)


ALL = {*sections(RunConfig), *sections(OwnConfig)}


def test_fields_outside_the_recipe_are_these() -> None:
    assert len(ALL) > 50
    found = {f"{model.__name__}.{name}" for model in ALL for name in model.model_fields if not marks(model, name)[0]}
    assert found == OUTSIDE


def test_neutral_values_are_these() -> None:
    found = {
        f"{model.__name__}.{name}": neutral
        for model in ALL
        for name in model.model_fields
        if (neutral := marks(model, name)[1]) is not NO_NEUTRAL
    }
    assert found == NEUTRAL


def test_every_field_says_what_it_is_for() -> None:
    silent = [
        f"{model.__name__}.{name}"
        for model in ALL
        for name, field in model.model_fields.items()
        if name != "kind" and not field.description
    ]
    assert silent == []
