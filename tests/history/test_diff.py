"""What differs between two configs, codes, environments and data sets."""

from __future__ import annotations

import copy
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from logbook.errors import UsageError
from logbook.history.defaults import default_config
from logbook.history.diff import (
    diff_code,
    diff_configs,
    diff_data,
    diff_environment,
    diff_git,
    environment_verdict,
    same_value,
)
from logbook_schemas.config.base import marks
from logbook_schemas.config.leaves import OUTSIDE_RECIPE, UNITS
from logbook_schemas.config.own import OwnConfig
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.comparison import Change
from logbook_schemas.records.measures import DataRecord
from logbook_schemas.records.provenance import EnvironmentRecord, FingerprintRecord, GitRecord
from tests.history.records import code, data_record, digits


def told(changes: tuple[Change, ...]) -> list[tuple[str, str, bool]]:
    return [(change.path, change.kind, change.matters) for change in changes]


def test_equal_configs_have_no_difference() -> None:
    assert diff_configs(digits(), digits()) == ()


def test_a_changed_setting_is_told_by_path_with_both_values() -> None:
    other = digits(optimizer={"kind": "adam", "lr": 0.0001})
    (change,) = diff_configs(digits(), other)
    assert (change.path, change.kind, change.left, change.right) == ("optimizer.lr", "changed", 0.001, 0.0001)
    assert change.matters


def test_what_cannot_change_the_result_is_marked_and_comes_last() -> None:
    other = digits(
        name="another",
        hypothesis="why",
        tags=["a"],
        training={"seed": 3, "device": "cpu", "epochs": 5},
        diagnostics={"every": 0},
        checks={"ignore": {"D101": "known"}},
    )
    changes = diff_configs(digits(), other)
    assert changes[0].path == "training.epochs"
    assert changes[0].matters
    quiet = {change.path for change in changes[1:]}
    assert not any(change.matters for change in changes[1:])
    assert quiet >= {"name", "hypothesis", "tags", "training.seed", "training.device", "diagnostics.every"}
    assert any(path.startswith("checks.ignore") for path in quiet)


@pytest.mark.parametrize(
    ("left", "right", "is_same"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ("1", 1, False),
        (None, False, False),
        ([1, 2], [1.0, 2.0], True),
        ([1, True], [1, 1], False),
        ([1], [1, 2], False),
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1}, {"b": 1}, False),
        (float("nan"), float("nan"), True),
    ],
)
def test_values_are_compared_as_json_means_them(left: Any, right: Any, is_same: bool) -> None:
    assert same_value(left, right) is is_same
    assert same_value(right, left) is is_same


def test_another_kind_brings_and_takes_its_settings() -> None:
    other = digits(optimizer={"kind": "momentum", "lr": 0.001, "momentum": 0.8})
    changes = told(diff_configs(digits(), other))
    assert ("optimizer.kind", "changed", True) in changes
    assert ("optimizer.momentum", "added", True) in changes


def test_a_neutral_field_that_the_other_release_lacked_does_not_matter() -> None:
    old = copy.deepcopy(digits())
    del old["model"]["dropout"]
    del old["data"]["augment"]
    assert set(told(diff_configs(old, digits()))) == {
        ("data.augment", "added", False),
        ("model.dropout", "added", False),
    }
    (lost,) = [c for c in diff_configs(digits(model={"kind": "mlp", "dropout": 0.5}), old) if c.path == "model.dropout"]
    assert lost.matters
    assert lost.kind == "removed"


def test_a_whole_section_that_the_other_release_lacked_does_not_matter_while_it_does_nothing() -> None:
    old = copy.deepcopy(digits())
    del old["regularization"], old["schedule"]["warmup"]
    changes = diff_configs(old, digits())
    assert {change.path for change in changes} == {"regularization.l1", "regularization.l2", "schedule.warmup"}
    assert not any(change.matters for change in changes)
    assert any(change.matters for change in diff_configs(old, digits(regularization={"l2": 0.001})))


def test_a_list_of_objects_differs_by_index() -> None:
    left = digits(data={"source": {"kind": "sklearn", "dataset": "digits"}, "inputs": ["center"]})
    right = digits(data={"source": {"kind": "sklearn", "dataset": "digits"}, "inputs": ["center", "log"]})
    assert told(diff_configs(left, right)) == [
        ("data.inputs[1].columns", "added", True),
        ("data.inputs[1].kind", "added", True),
    ]


def test_an_empty_list_that_is_filled_is_told_by_what_is_in_it() -> None:
    source = {"kind": "sklearn", "dataset": "digits"}
    changes = diff_configs(
        digits(data={"source": source, "inputs": []}), digits(data={"source": source, "inputs": ["log"]})
    )
    assert told(changes) == [("data.inputs[0].columns", "added", True), ("data.inputs[0].kind", "added", True)]


def test_configs_of_ones_own_loop_differ_by_their_values() -> None:
    left = OwnConfig(name="mine", values={"lr": 0.1, "deep": {"er": 1}}).model_dump(mode="json")
    right = OwnConfig(name="yours", values={"lr": 0.1, "deep": {"er": 2}}, meaning={"lr": "lr"}).model_dump(mode="json")
    changes = told(diff_configs(left, right))
    assert changes[0] == ("values.deep.er", "changed", True)
    assert not any(matters for _, _, matters in changes[1:])


def marked(model: type[BaseModel], prefix: str = "") -> set[str]:
    """Walk the models themselves, unlike the list under test."""
    found = set()
    for name, field in model.model_fields.items():
        path = prefix + (field.alias or name)
        if not marks(model, name)[0]:
            found.add(path)
            continue
        for inner in models_in(field.annotation):
            found |= marked(inner, f"{path}.")
    return found


def models_in(annotation: object) -> list[type[BaseModel]]:
    own = [annotation] if isinstance(annotation, type) and issubclass(annotation, BaseModel) else []
    return own + [model for inner in get_args(annotation) for model in models_in(inner)]


def test_the_list_of_paths_outside_the_recipe_is_what_the_fields_are_marked_with() -> None:
    assert marked(RunConfig) == OUTSIDE_RECIPE["run"]
    assert marked(OwnConfig) == OUTSIDE_RECIPE["own"]


def units(model: type[BaseModel], prefix: str = "") -> set[tuple[str, str]]:
    found = set()
    for name, field in model.model_fields.items():
        extra = field.json_schema_extra
        path = prefix + (field.alias or name)
        if isinstance(extra, dict) and "unit" in extra:
            found.add((path, str(extra["unit"])))
        for inner in models_in(field.annotation):
            found |= units(inner, f"{path}.")
    return found


def test_the_list_of_units_is_what_the_fields_are_marked_with() -> None:
    assert units(RunConfig) == set(UNITS.items())


def test_a_setting_is_told_with_its_unit() -> None:
    left = {"training": {"batch_size": 32, "seed": 0}, "model": {"parts": [{"kernel": 3}]}}
    right = {"training": {"batch_size": 64, "seed": 1}, "model": {"parts": [{"kernel": 5}]}}
    found = {change.path: change.unit for change in diff_configs(left, right)}
    assert found == {"training.batch_size": "examples", "training.seed": "", "model.parts[0].kernel": ""}


def test_changed_files_carry_a_unified_diff() -> None:
    left, blobs = code(net="a = 1\nb = 2", gone="x")
    right, more = code(net="a = 1\nb = 3", new="y")
    diff = diff_code(left, right, blobs=blobs | more)
    files = {file.path: file for file in diff.files}
    assert diff.verdict == "different"
    assert {path: file.kind for path, file in files.items()} == {
        "net.py": "changed",
        "gone.py": "removed",
        "new.py": "added",
    }
    assert "-b = 2" in files["net.py"].text
    assert "+b = 3" in files["net.py"].text
    assert files["new.py"].text.endswith("+y")


def test_a_file_whose_content_was_not_kept_differs_without_text() -> None:
    left, _ = code(net="a = 1")
    right, blobs = code(net="a = 2")
    (file,) = diff_code(left, right, blobs=blobs).files
    assert file.text == ""


def test_the_same_code_is_the_same_and_none_is_unknown() -> None:
    record, _ = code(net="a = 1")
    assert diff_code(record, record).verdict == "same"
    assert diff_code(record, record.model_copy(update={"identity": ""})).verdict == "unknown"


def test_packages_that_code_loaded_differ_by_version() -> None:
    record, _ = code(net="a = 1")
    older, newer = (record.model_copy(update={"packages": {"numpy": version}}) for version in ("1.26", "2.0"))
    (change,) = diff_code(older, newer).packages
    assert (change.path, change.left, change.right) == ("numpy", "1.26", "2.0")


def test_hosts_and_command_lines_are_noise_and_versions_are_not() -> None:
    left = EnvironmentRecord(python="3.11", host="a", command_line=("x",), cwd="/a", torch="2.10")
    right = EnvironmentRecord(python="3.11", host="b", command_line=("y",), cwd="/b", torch="2.13")
    changes = told(diff_environment(left, right))
    assert changes[0] == ("torch", "changed", True)
    assert {path for path, _, matters in changes if not matters} == {"host", "command_line", "cwd"}
    assert environment_verdict(left, right) == "different"
    assert environment_verdict(left, right.model_copy(update={"torch": "2.10"})) == "same"
    assert environment_verdict(left, None) == "unknown"


def test_lists_of_distributions_are_compared_by_name_where_they_are_at_hand() -> None:
    left = EnvironmentRecord(python="3.11", distributions_blob="one")
    right = EnvironmentRecord(python="3.11", distributions_blob="two")
    blobs = {"one": b"numpy==1.26\ntorch==2.10\n", "two": b"numpy==2.0\ntorch==2.10\n"}
    assert told(diff_environment(left, right, blobs=blobs)) == [("packages.numpy", "changed", True)]
    assert told(diff_environment(left, right)) == [("distributions_blob", "changed", True)]


def test_git_differs_by_commit_and_a_clone_elsewhere_is_noise() -> None:
    left = GitRecord(state="ok", sha="a" * 40, branch="main", root="/a", dirty=False)
    right = GitRecord(state="ok", sha="b" * 40, branch="try", root="/b", dirty=True)
    matters = {path for path, _, does in told(diff_git(left, right)) if does}
    assert matters == {"sha", "dirty"}


def test_data_are_the_same_by_equal_fingerprints() -> None:
    assert diff_data(data_record("aa"), data_record("aa")).verdict == "same"


def test_data_that_differ_name_the_split() -> None:
    diff = diff_data(data_record("aa"), data_record("bb"))
    assert diff.verdict == "different"
    assert diff.splits == {"train": "different"}
    assert "train" in diff.reason


def test_fingerprints_by_different_methods_are_unknown_never_the_same() -> None:
    diff = diff_data(data_record("aa"), data_record("aa", method="sampled"))
    assert diff.verdict == "unknown"
    assert "arrays" in diff.reason
    assert "sampled" in diff.reason


def test_splits_of_different_sizes_differ_whatever_the_method() -> None:
    assert diff_data(data_record(), data_record(method="sampled", train_rows=70)).verdict == "different"


def test_data_without_a_record_or_fingerprint_are_unknown() -> None:
    assert diff_data(None, data_record()).verdict == "unknown"
    bare = DataRecord(fingerprint=FingerprintRecord(method="none"))
    assert diff_data(bare, bare).verdict == "unknown"


def test_a_config_at_its_defaults_has_no_difference_from_them() -> None:
    assert [change for change in diff_configs(default_config(digits()), digits()) if change.matters] == []


def test_the_defaults_keep_source_task_and_kinds() -> None:
    config = digits(model={"kind": "cnn", "kernel": 5}, optimizer={"kind": "sgd", "lr": 0.5}, loss={"kind": "mse"})
    paths = {change.path for change in diff_configs(default_config(config), config)}
    assert paths == {"model.kernel", "optimizer.lr", "loss.kind", "loss.label_smoothing", "loss.class_weights"}


def test_the_defaults_of_ones_own_model_keep_its_target() -> None:
    config = digits(model={"kind": "python", "target": "nets:deep", "kwargs": {"width": 3}})
    assert default_config(config)["model"]["target"] == "nets:deep"
    assert told(diff_configs(default_config(config), config))[0][0] == "model.kwargs.width"


def test_a_config_of_ones_own_loop_has_no_defaults() -> None:
    with pytest.raises(UsageError, match="no defaults"):
        default_config(OwnConfig(name="mine").model_dump(mode="json"))
