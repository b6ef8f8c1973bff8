"""Not one warning on a healthy config: every example, every config of the releases, every kind with its defaults."""

import json
from pathlib import Path

import pytest

from logbook.gates import check
from logbook_schemas.checklist.catalogue import judge_moment
from logbook_schemas.checklist.rule import Evidence
from logbook_schemas.config.identity import thaw
from logbook_schemas.config.run import RunConfig

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = sorted(path for path in (ROOT / "examples").glob("*/*.json") if path.parent.name != "broken")
RELEASED = json.loads((ROOT / "tests/schemas/config/assets/configs.v1.json").read_text(encoding="utf-8"))

MODELS = ("linear", "mlp", "cnn", "residual-cnn", {"kind": "python", "target": "net:build"})
TABLES = ("digits", "breast_cancer", "wine", "iris", "diabetes", "linnerud")
SOURCES = (
    *({"kind": "sklearn", "dataset": name} for name in TABLES),
    *({"kind": "synthetic", "pattern": name} for name in ("blobs", "spirals", "xor", "sine", "copy", "parity")),
    {"kind": "mnist", "path": "mnist"},
    {"kind": "cifar10", "path": "cifar"},
    {"kind": "images", "path": "images"},
    "docstrings",
)  # fmt: skip
OF_A_TASK = {
    "an autoencoder": {"task": "reconstruction", "model": "autoencoder"},
    "a boltzmann machine": {"task": "reconstruction", "model": "rbm"},
    "an embedding": {"task": "metric-learning", "model": "embedding"},
    "an rnn": {"task": "binary", "model": "rnn"},
    "a transformer": {"task": "classification", "model": "transformer"},
}
OPTIMIZERS = (
    "sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam", "adamw", "amsgrad", "nadam", "padam",
    "lbfgs", "conjugate-gradient", "line-search",
)  # fmt: skip
SCHEDULES = (
    "constant", "cosine", "one-cycle", "plateau", "final-drop", {"kind": "step", "step_size": 10},
    {"kind": "geometric", "gamma": 0.9999},
)  # fmt: skip


def warned(config):
    found = judge_moment(Evidence(config=config), "config")
    return [f"{one.code} {one.message}" for one in found if one.severity != "note"]


def of(**sections):
    digits = {"source": {"kind": "sklearn", "dataset": "digits"}}
    return RunConfig.model_validate({"name": "healthy", "data": digits, **sections})


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_no_example_is_warned_of(path):
    assert [one.message for one in check(path).findings if one.severity != "note"] == []


@pytest.mark.parametrize("released", RELEASED, ids=lambda one: one["about"])
def test_no_released_config_is_warned_of(released):
    config = thaw(released["body"].encode())
    assert not isinstance(config, RunConfig) or warned(config) == []


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_no_data_source_with_the_defaults_is_warned_of(source):
    assert warned(of(data={"source": source})) == []


@pytest.mark.parametrize("model", MODELS, ids=str)
@pytest.mark.parametrize("dataset", ["digits", "breast_cancer", "diabetes"])
def test_no_model_with_its_defaults_is_warned_of(model, dataset):
    assert warned(of(model=model, data={"source": {"kind": "sklearn", "dataset": dataset}})) == []


@pytest.mark.parametrize("parts", OF_A_TASK.values(), ids=OF_A_TASK)
def test_no_model_of_another_task_is_warned_of(parts):
    assert warned(of(**parts)) == []


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_no_optimizer_with_its_defaults_is_warned_of(optimizer):
    assert warned(of(optimizer=optimizer)) == []


@pytest.mark.parametrize("schedule", SCHEDULES, ids=str)
def test_no_schedule_is_warned_of(schedule):
    assert warned(of(schedule=schedule)) == []


def test_there_are_examples_and_released_configs():
    assert len(EXAMPLES) > 15
    assert len(RELEASED) > 30
