"""Records read without validators: the same as validated ones, or an error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from logbook_schemas.records.base import Record
from logbook_schemas.records.data import DataRecord
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.measures import EndRecord, EpochRecord, StartRecord
from logbook_schemas.records.provenance import GitRecord, UntrackedFile
from logbook_schemas.records.runs import AttemptRecord, RunSummary
from logbook_schemas.records.stored import plain, rebuild

LAYER = {"name": "0", "kind": "Linear", "weight_norm": 3, "gradient_norm": None, "dead_share": 0.5}
PRINT = {"method": "arrays", "value": "aa", "rows": 3}
STORED: list[tuple[type[Record], dict[str, Any]]] = [
    (EpochRecord, {"epoch": 1}),
    (EpochRecord, {"epoch": 2, "train_loss": 1, "val_loss": "NaN", "metrics": {"accuracy": 1, "f1": "-Infinity"}}),
    (EpochRecord, {"epoch": 3, "class_recall": [1, None, 0.5], "predicted_counts": [1, 2], "layers": [LAYER, LAYER]}),
    (EpochRecord, {"epoch": 4, "extra": {"own": [1, 2.5, {"deep": None}]}, "field_of_a_later_release": 1}),
    (StartRecord, {"initial_loss": 2, "layers": [LAYER], "outputs": {"mean": 0, "columns": ["a"], "column_stds": [1]}}),
    (DataRecord, {"splits": {"train": {"rows": 3, "fingerprint": PRINT}, "test": {"rows": 1, "fingerprint": None}}}),
    (DataRecord, {"baseline": {"val_loss": 1}, "shared": [{"split": "a", "other": "b", "rows": 1, "share": 1,
                                                           "distinct_rows": 4, "examples": [7]}]}),
    (EndRecord, {"status": "diverged", "best_value": "Infinity", "test_metrics": {"accuracy": 0}}),
    (EndRecord, {"status": "finished", "images": {"blob": "ab", "shape": [1, 8, 8], "size": [8, 8],
                                                  "layers": [{"name": "loaded", "begin": 0, "low": 0, "high": 16}],
                                                  "worst": [{"row": 3, "target": "a", "loss": "NaN", "low": 0}]}}),
    (AttemptRecord, {"number": 1, "started_at": "2026-11-01", "error": {"message": "boom"}}),
    (Finding, {"code": "L101", "name": "x", "severity": "note", "moment": "end", "message": "m",
               "measured": [1, 2.5, "NaN", None], "change": {"optimizer.lr": 0.1}, "explains": ["a", "b"]}),
    (GitRecord, {"state": "ok", "untracked": [{"path": "a.py", "size": 3}], "left_out": ["a"]}),
]  # fmt: skip


@pytest.mark.parametrize(("model", "values"), STORED, ids=lambda one: getattr(one, "__name__", ""))
def test_a_rebuilt_record_equals_the_validated_one(model: type[Record], values: dict[str, Any]) -> None:
    rebuilt = rebuild(model, values)
    validated = model.model_validate(values)
    # As text, since NaN equals nothing and 1 equals 1.0.
    assert repr(rebuilt) == repr(validated)
    assert json.dumps(plain(rebuilt)) == json.dumps(json.loads(validated.model_dump_json()))


def records(model: type[Record] = Record) -> Iterator[type[Record]]:
    for below in model.__subclasses__():
        if below.__module__.startswith("logbook_schemas."):
            yield below
            yield from records(below)


@pytest.mark.parametrize("model", sorted(set(records()), key=lambda one: one.__name__), ids=lambda one: one.__name__)
def test_every_field_of_every_record_is_one_that_rebuilding_knows(model: type[Record]) -> None:
    """A value that the rules don't foresee, a set or a date, would come back as JSON has it."""
    spelled = {"str", "int", "float", "bool", "None", "tuple", "dict", "Literal", "Any", "JsonValue", "NoneType"}
    spelled |= {one.__name__ for one in records()}
    for name, field in model.model_fields.items():
        assert set(_names_in(field.annotation)) <= spelled, f"{model.__name__}.{name}: {field.annotation}"


def _names_in(annotation: Any) -> Iterator[str]:
    from typing import Literal, Union, get_args, get_origin

    origin = get_origin(annotation)
    if origin is None:
        yield getattr(annotation, "__name__", str(annotation))
    elif origin is Literal:
        yield "Literal"
    else:
        inner = [one for one in get_args(annotation) if one is not Ellipsis]
        if origin in (tuple, dict):
            yield origin.__name__
            assert origin is dict or get_args(annotation)[1] is Ellipsis
        else:
            assert origin is Union or origin.__name__ == "UnionType"
            assert type(None) in inner
            # Values of several kinds are told apart by what JSON says they are.
            assert len(inner) == 2 or {*inner} <= {str, int, float, type(None)}
        for one in inner:
            yield from _names_in(one)


def test_what_lacks_a_field_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="EpochRecord lacks epoch"):
        rebuild(EpochRecord, {"train_loss": 1.0})


@pytest.mark.parametrize("values", [{"epoch": 1, "layers": [3]}, {"epoch": 1, "metrics": [1]}, {"epoch": 1, "lr": "x"}])
def test_a_value_of_another_shape_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError, AttributeError)):
        rebuild(EpochRecord, values)


def test_plain_values_are_what_pydantic_writes() -> None:
    summary = RunSummary(
        number=7, uuid="u", words="amber-heron", name="x", version=1, config_hash="c", recipe_hash="r",
        status="finished", started_at="2026-11-01", best_value=float("nan"), seconds=1, tags=("a", "b"),
    )  # fmt: skip
    held = {"runs": (summary,), "files": UntrackedFile(path="ä.py")}
    assert plain(summary) == json.loads(summary.model_dump_json())
    assert json.loads(json.dumps(plain(held), allow_nan=False))["runs"][0]["best_value"] == "NaN"
