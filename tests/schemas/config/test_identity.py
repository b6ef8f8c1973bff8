"""What makes two configs the same: hashes that never change, and the frozen form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logbook_schemas.config.identity import flatten, freeze, recipe, recipe_hash, thaw
from logbook_schemas.config.own import OwnConfig
from logbook_schemas.config.run import RunConfig
from logbook_schemas.reading import canonical_json, content_hash

ASSETS = Path(__file__).parent / "assets" / "configs.v1.json"
"""Configs of released formats with their hashes. Add to it; never change what is there."""


def config(**changes: Any) -> RunConfig:
    base = {"name": "a", "data": {"source": {"kind": "sklearn", "dataset": "digits"}}}
    return RunConfig.model_validate_json(json.dumps({**base, **changes}))


STORED = json.loads(ASSETS.read_text())
each_stored = pytest.mark.parametrize("stored", STORED, ids=lambda stored: stored["about"])


@each_stored
def test_stored_configs_keep_their_hashes(stored: dict[str, Any]) -> None:
    body = stored["body"].encode()
    assert recipe_hash(body) == stored["recipe_hash"]
    if stored["is_whole"]:
        assert content_hash(canonical_json(json.loads(body))) == stored["config_hash"]


@each_stored
def test_a_stored_config_thaws_to_itself_and_what_it_lacks_is_neutral(stored: dict[str, Any]) -> None:
    """Fails for a field that was added to an existing section without a neutral value."""
    body = stored["body"].encode()
    again = freeze(thaw(body))
    before, after = dict(flatten(json.loads(body))), dict(flatten(json.loads(again.body)))
    assert {path: after.get(path) for path in before} == before
    assert again.recipe_hash == stored["recipe_hash"]


@each_stored
def test_fields_taken_out_of_a_stored_config_come_back_at_their_neutral_value(stored: dict[str, Any]) -> None:
    """As a config of before these fields were there: whatever of them is neutral here changes no recipe."""
    raw = json.loads(stored["body"])
    if raw.get("kind") == "own":
        return
    taken = {"inputs": raw["data"].pop("inputs", []), "dropout": raw["model"].pop("dropout", 0)}
    taken["warmup"] = raw["schedule"].pop("warmup", 0)
    if raw["optimizer"]["kind"] != "adamw":  # which is adam but for its decay: there, no value of it does nothing
        taken["decay"] = raw["optimizer"].pop("weight_decay", 0)
    old = json.dumps(raw).encode()
    config = thaw(old)
    assert isinstance(config, RunConfig)
    assert config.data.inputs == ()
    assert getattr(config.schedule, "warmup", 0) == getattr(config.model, "dropout", 0) == 0
    assert freeze(config).recipe_hash == recipe_hash(old)
    assert (recipe_hash(old) == stored["recipe_hash"]) == (not any(taken.values()))


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "b"},
        {"hypothesis": "why not"},
        {"tags": ["x"]},
        {"training": {"seed": 5}},
        {"training": {"device": "cpu"}},
        {"diagnostics": {"every": 0}},
        {"checks": {"ignore": {"unscaled-inputs": "on purpose"}}},
    ],
    ids=str,
)
def test_what_cannot_change_the_result_changes_no_recipe(changes: dict[str, Any]) -> None:
    one, other = freeze(config()), freeze(config(**changes))
    assert one.config_hash != other.config_hash
    assert one.recipe_hash == other.recipe_hash


@pytest.mark.parametrize(
    "changes",
    [
        {"optimizer": {"kind": "adam", "lr": 0.002}},
        {"training": {"epochs": 21}},
        {"model": {"kind": "mlp", "dropout": 0.1}},
        {"data": {"source": {"kind": "sklearn", "dataset": "wine"}}},
        {"schedule": {"kind": "constant", "warmup": 3}},
    ],
    ids=str,
)
def test_what_can_change_the_result_changes_the_recipe(changes: dict[str, Any]) -> None:
    assert freeze(config()).recipe_hash != freeze(config(**changes)).recipe_hash


def test_a_field_at_its_neutral_value_is_as_good_as_absent() -> None:
    body = freeze(config()).body
    older = json.loads(body)
    del older["regularization"], older["gradients"], older["model"]["dropout"]
    assert recipe_hash(json.dumps(older).encode()) == recipe_hash(body)


def test_he_weights_of_before_slopes_counted_are_drawn_as_they_were() -> None:
    body = freeze(config(model={"activation": {"kind": "leaky-relu", "slope": 0.3}})).body
    older = json.loads(body)
    assert older["model"]["init"].pop("slope") == 0.3
    thawed = thaw(json.dumps(older).encode())
    assert isinstance(thawed, RunConfig)
    assert thawed.model.model_dump()["init"]["slope"] == 0.0


def test_the_schema_link_is_in_no_hash() -> None:
    assert freeze(config(**{"$schema": "x.json"})).config_hash == freeze(config()).config_hash


def test_bare_strings_are_objects_with_that_kind() -> None:
    assert freeze(config(optimizer="adam", loss="cross-entropy", model="mlp")) == freeze(config())


def test_a_config_of_ones_own_loop_freezes_and_flattens() -> None:
    own = OwnConfig(name="mine", values={"lr": 0.1, "layers": [1, 2], "net": {"width": 3}}, meaning={"lr": "lr"})
    frozen = freeze(own)
    assert thaw(frozen.body) == own
    leaves = dict(flatten(json.loads(frozen.body)))
    assert leaves["values.net.width"] == 3
    assert leaves["values.layers"] == [1, 2]
    assert "meaning" not in recipe(frozen.body)


@pytest.mark.parametrize(
    ("changes", "path", "value"),
    [
        ({"data": {"source": {"kind": "sklearn", "dataset": "diabetes"}}}, "loss.kind", "mse"),
        ({"data": {"source": {"kind": "sklearn", "dataset": "breast_cancer"}}}, "loss.kind", "bce-with-logits"),
        ({"model": {"kind": "mlp", "activation": "tanh"}}, "model.init.kind", "xavier"),
        ({"model": {"kind": "mlp", "activation": "selu"}}, "model.init.kind", "lecun"),
        ({"model": {"activation": "maxout"}}, "model.init.kind", "variance-scaling"),
        ({"model": {"activation": {"kind": "maxout", "pieces": 5}}}, "model.init.scale", 0.555549),
        ({"model": {"activation": {"kind": "leaky-relu", "slope": 0.3}}}, "model.init.slope", 0.3),
        ({"model": {"activation": "prelu", "init": "he"}}, "model.init.slope", 0.25),
        ({"model": {"activation": "prelu", "init": {"kind": "he", "slope": 0.0}}}, "model.init.slope", 0.0),
        ({"model": "linear"}, "model.init.kind", "xavier"),
        ({"model": "residual-cnn"}, "model.normalization.kind", "batch"),
        ({}, "model.init.kind", "he"),
        ({}, "data.split.stratify", True),
        ({"data": {"source": {"kind": "sklearn", "dataset": "diabetes"}}}, "data.split.stratify", False),
        ({"monitor": {"metric": "accuracy"}}, "monitor.mode", "max"),
        (
            {"data": {"source": {"kind": "sklearn", "dataset": "iris"}, "split": {"validation": 0.0}}},
            "monitor.metric",
            "train_loss",
        ),
    ],
)
def test_defaults_follow_other_fields(changes: dict[str, Any], path: str, value: object) -> None:
    leaves = dict(flatten(json.loads(freeze(config(**changes)).body)))
    assert leaves[path] == value


KINDS = {
    "optimizer": [
        *("sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam", "adamw", "amsgrad", "nadam", "padam")
    ],
    "schedule": ["constant", "cosine", "one-cycle", "plateau", "final-drop"],
    "activation": ["relu", "leaky-relu", "elu", "selu", "gelu", "silu", "tanh", "sigmoid", "softplus", "none"],
}
configs = st.fixed_dictionaries(
    {},
    optional={
        "hypothesis": st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30),
        "optimizer": st.fixed_dictionaries(
            {"kind": st.sampled_from(KINDS["optimizer"])},
            optional={"lr": st.floats(0, 10), "weight_decay": st.floats(0, 1)},
        ),
        "schedule": st.fixed_dictionaries(
            {"kind": st.sampled_from(KINDS["schedule"])}, optional={"warmup": st.integers(0, 99)}
        ),
        "model": st.fixed_dictionaries(
            {"kind": st.sampled_from(["mlp", "cnn"])},
            optional={
                "hidden": st.lists(st.integers(1, 999), max_size=4),
                "activation": st.sampled_from(KINDS["activation"]),
                "dropout": st.floats(0, 0.9),
            },
        ),
        "training": st.fixed_dictionaries(
            {},
            optional={
                "epochs": st.integers(1, 999),
                "batch_size": st.one_of(st.integers(1, 999), st.just("all")),
                "steps": st.one_of(st.none(), st.integers(1, 999)),
                "time_limit": st.one_of(st.none(), st.floats(1, 1e6)),
                "updates_per_batch": st.integers(1, 9),
                "precision": st.sampled_from(["float32", "bfloat16", "float16"]),
                "weight_average": st.sampled_from(["none", "exponential"]),
                "compile": st.one_of(st.booleans(), st.just({"mode": "max-autotune"})),
                "seed": st.integers(0, 2**32 - 1),
                "deterministic": st.booleans(),
            },
        ),
    },
)


@settings(max_examples=60, deadline=None)
@given(configs)
def test_any_config_thaws_to_itself(changes: dict[str, Any]) -> None:
    frozen = freeze(config(**changes))
    assert freeze(thaw(frozen.body)) == frozen
    assert freeze(thaw(json.dumps(json.loads(frozen.body), indent=3).encode())) == frozen


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
@example(1e16)
@example(1e300)
@example(-(2.0**53))
@example(123456789012345680000.0)
def test_every_float_thaws_to_itself(value: float) -> None:
    kwargs = {"a": value, "deep": [{"b": value}]}
    one = config(model={"kind": "python", "target": "a:b", "kwargs": kwargs}, optimizer={"lr": abs(value)})
    frozen = freeze(one)
    thawed = thaw(frozen.body)
    assert thawed == one
    assert freeze(thawed) == frozen
    own = OwnConfig(name="mine", values=kwargs)
    assert freeze(thaw(freeze(own).body)) == freeze(own)


@pytest.mark.parametrize(("said", "mode"), [("accuracy", "max"), ("train_loss", "min")])
def test_a_bare_text_as_monitor_is_the_metrics_name(said: str, mode: str) -> None:
    config = {"name": "a", "data": {"source": {"kind": "sklearn", "dataset": "iris"}}}
    short = RunConfig.model_validate_json(json.dumps({**config, "monitor": said}))
    long = RunConfig.model_validate_json(json.dumps({**config, "monitor": {"metric": said, "mode": mode}}))
    assert short == long
