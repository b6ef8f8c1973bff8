"""Random configs over all unions: what is valid keeps its identity and can be built, what is not is refused in words.

`make soak` draws many more of them.
"""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from random import Random
from typing import Any

import jsonschema
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from pydantic import BaseModel

from logbook.errors import ConfigError, DataError
from logbook.history.diff import diff_configs
from logbook.training.data import load_data
from logbook.training.state import Job
from logbook.training.trainer import prepare, train
from logbook_schemas.config.formats import upgraded
from logbook_schemas.config.identity import freeze, recipe_hash, thaw
from logbook_schemas.config.json_schema import config_schema
from logbook_schemas.config.run import RunConfig, metric_name
from logbook_schemas.reading import ReadingError, read_json, validate
from tests.training.combinations.drawing import broken_configs, configs, draw_config, write_arrays
from tests.training.trainings import Sink

IS_SOAK = bool(os.environ.get("LOGBOOK_SOAK"))
CPU = torch.device("cpu")
IS_VALID = jsonschema.Draft202012Validator(config_schema()).is_valid

many = settings(
    max_examples=5000 if IS_SOAK else 150,
    derandomize=not IS_SOAK,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
fewer = settings(many, max_examples=1500 if IS_SOAK else 60)
fewest = settings(many, max_examples=600 if IS_SOAK else 25)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("drawn")
    write_arrays(found)
    return found


def read(raw: dict[str, Any]) -> RunConfig | None:
    """Return the config as a file of it would be read; None where it is refused, with a place or a reason."""
    try:
        return validate(read_json(json.dumps(raw), name="drawn.json"), RunConfig)
    except ReadingError as error:
        problems = error.problems
    assert problems
    assert all(len(problem.message) > 20 for problem in problems), problems
    return None


def build(config: RunConfig, folder: Path, checkpoints: Path) -> Any:
    """Return what would train, or None where the data and the config are refused together."""
    try:
        loaded = load_data(config, folder).to(CPU)
        return prepare(Job(config=config, loaded=loaded, folder=folder, checkpoints=checkpoints, device=CPU))
    except (ConfigError, DataError) as error:
        message = str(error)
    assert len(message) > 20
    return None


def test_most_of_what_is_drawn_is_valid_and_every_kind_is_among_it() -> None:
    drawn = [draw_config(Random(seed)) for seed in range(3000)]
    valid = [config for config in map(read, drawn) if config is not None]
    assert len(valid) > 1500
    known = {kind for model in _sections(RunConfig) if (kind := _kind(model)) is not None}
    missing = known - {kind for config in valid for kind in _kinds(config.model_dump(mode="json"))}
    assert missing == {"python", "csv", "parquet", "npy", "images", "mnist", "cifar10", "cifar100", "text", "files",
                       "checkpoint", "drop", "fill", "impute", "keep"}  # fmt: skip


@many
@given(configs())
def test_a_valid_config_keeps_its_identity(raw: dict[str, Any]) -> None:
    assert IS_VALID(raw)
    config = read(raw)
    if config is None:
        return
    frozen = freeze(config)
    again = thaw(frozen.body)
    assert again == config
    assert freeze(again) == frozen
    assert recipe_hash(frozen.body) == frozen.recipe_hash
    body = json.loads(frozen.body)
    assert upgraded(body) == body
    assert diff_configs(body, body) == ()
    # What was frozen is, as a file, the same config.
    reread = read(body)
    assert reread is not None
    assert freeze(reread).config_hash == frozen.config_hash


@many
@given(broken_configs())
def test_a_value_of_any_type_anywhere_is_taken_or_refused_in_words(raw: dict[str, Any]) -> None:
    config = read(raw)
    if config is not None:
        assert freeze(thaw(freeze(config).body)) == freeze(config)


@fewer
@given(raw=configs())
def test_a_valid_config_is_built_or_refused(raw: dict[str, Any], folder: Path) -> None:
    config = read(raw)
    training = None if config is None else build(config, folder, folder / "none")
    if training is None:
        return
    weights = [weight for weight in training.parts.model.parameters() if weight.requires_grad]
    assert weights
    assert all(bool(torch.isfinite(weight).all()) for weight in weights)
    assert set(map(id, weights)) == set(map(id, training.parts.trained))
    assert [metric.name for metric in training.metrics] == [metric_name(metric) for metric in config.metrics]
    assert not (folder / "none").exists()  # nothing is written before a run begins


@fewest
@given(raw=configs())
def test_what_is_built_trains(raw: dict[str, Any], folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    config = read(raw)
    training = None if config is None else build(config, folder, tmp_path_factory.mktemp("checkpoints"))
    if training is None:
        return
    sink = Sink()
    end = train(training, sink)
    assert end.status in ("finished", "diverged", "early-stopped")
    assert len(sink.starts) == 1
    assert end.status == "diverged" or len(sink.epochs) >= 1
    for record in (*sink.starts, *sink.epochs, end):
        assert_valid(record)
    if end.status != "diverged":
        assert all(record.train_loss is not None and math.isfinite(record.train_loss) for record in sink.epochs)


def assert_valid(record: BaseModel) -> None:
    text = record.model_dump_json()
    assert type(record).model_validate_json(text).model_dump_json() == text


def _sections(model: type[BaseModel], seen: set[type[BaseModel]] | None = None) -> set[type[BaseModel]]:
    """Return the models of all sections that a config may have."""
    from logbook_schemas.config.neutral import _models_in

    seen = set() if seen is None else seen
    if model not in seen:
        seen.add(model)
        for field in model.model_fields.values():
            for inner in _models_in(field.annotation):
                _sections(inner, seen)
    return seen


def _kind(model: type[BaseModel]) -> str | None:
    field = model.model_fields.get("kind")
    return None if field is None else str(field.default)


def _kinds(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["kind"]} if isinstance(value.get("kind"), str) else set()
        return own.union(*map(_kinds, value.values()))
    return set().union(*map(_kinds, value)) if isinstance(value, list) else set()
