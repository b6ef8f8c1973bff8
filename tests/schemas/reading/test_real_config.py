"""The config language itself, read from text: what a person meets who mistypes it."""

from __future__ import annotations

import pytest

from logbook_schemas.config.identity import config_model
from logbook_schemas.config.own import OwnConfig
from logbook_schemas.config.run import RunConfig
from logbook_schemas.reading import ReadingError, apply_overrides, read_json, validate

DIGITS = '{"name": "digits-mlp", "data": {"source": {"kind": "sklearn", "dataset": "digits"}}}'


def test_a_short_config_with_options_becomes_a_run_config():
    document = read_json(DIGITS, name="c.json")
    assignments = ["optimizer.lr=1e-4", "model.hidden=[64,64]", "name=foo", "model.activation=leaky-relu"]
    assignments += ["model.activation.slope=0.2", "training.early_stopping.patience=3"]
    config = validate(apply_overrides(document, assignments), RunConfig)
    assert config.name == "foo"
    assert config.optimizer.lr == 1e-4
    assert config.model.hidden == (64, 64)
    assert config.model.activation.slope == 0.2
    assert config.training.early_stopping.patience == 3


def test_a_config_with_many_faults_tells_them_all_at_their_places():
    text = """{
  "name": "a b",
  "data": {"source": {"kind": "sklern", "dataset": "digits", "rows": 9}, "split": {"validaton": 0.1, "seed": true}},
  "model": {"kind": "mpl", "hidden": ["64"], "activation": "rleu"},
  "optimizer": {"kind": "adan", "lr": "0.1", "momentun": 0.9},
  "training": {"epcohs": 3, "precision": "float8", "batch_size": 0},
  "metrics": ["acuracy"],
}"""
    with pytest.raises(ReadingError) as caught:
        validate(read_json(text, name="c.json"), RunConfig)
    assert [(problem.line, problem.path) for problem in caught.value.problems] == [
        (2, "name"),
        (3, "data.source.kind"),
        (3, "data.source.rows"),
        (3, "data.split.validaton"),
        (3, "data.split.seed"),
        (4, "model.kind"),
        (4, "model.hidden[0]"),
        (4, "model.activation"),
        (5, "optimizer.kind"),
        (5, "optimizer.lr"),
        (5, "optimizer.momentun"),
        (6, "training.epcohs"),
        (6, "training.precision"),
        (6, "training.batch_size"),
        (7, "metrics[0]"),
    ]
    assert "did you mean 'epochs'?" in str(caught.value)


def test_a_config_of_ones_own_loop_holds_any_json():
    text = '{"kind": "own", "name": "mine", "values": {"a": [1, {"b": null}], "c": 0.5, "d": "x"}}'
    document = read_json(text, name="c.json")
    config = validate(document, config_model(document.value))
    assert isinstance(config, OwnConfig)
    assert config.values == {"a": [1, {"b": None}], "c": 0.5, "d": "x"}
