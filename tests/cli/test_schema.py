"""`logbook schema`: what editors and scripts are told is what the program takes and prints."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from logbook.json_schemas import SCHEMAS
from logbook_schemas.checklist.guides import cite
from logbook_schemas.config.json_schema import config_schema
from logbook_schemas.config.run import RunConfig
from logbook_schemas.reading import read_json
from tests.cli.books import logbook

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").rglob("*.json"))


@pytest.fixture(scope="module")
def editor() -> Any:
    schema = config_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.relative_to(ROOT)))
def test_an_editor_takes_every_example(editor: Any, path: Path) -> None:
    assert list(editor.iter_errors(read_json(path.read_text(), name=path.name).value)) == []


def test_an_editor_takes_resolved_configs(editor: Any) -> None:
    assert len(EXAMPLES) >= 3
    for path in EXAMPLES:
        resolved = RunConfig.model_validate(read_json(path.read_text(), name=path.name).value).model_dump(
            mode="json", by_alias=True
        )
        assert list(editor.iter_errors(resolved)) == [], path


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"nmae": "x"}, []),
        ({"optimizer": "adm"}, ["optimizer"]),
        ({"optimizer": {"lr": "0.1"}}, ["optimizer"]),
        ({"training": {"epochs": 0}}, ["training", "epochs"]),
        ({"training": {"device": "gpu"}}, ["training", "device"]),
        ({"model": {"kind": "cnn", "hiden": [3]}}, ["model"]),
        ({"name": "two words"}, ["name"]),
    ],
)
def test_an_editor_points_at_what_the_program_refuses(editor: Any, change: dict[str, Any], place: list[str]) -> None:
    config = {"name": "x", "data": {"source": {"kind": "sklearn", "dataset": "digits"}}} | change
    assert [list(error.absolute_path) for error in editor.iter_errors(config)] == [place]


def test_bare_strings_are_offered_where_nothing_else_is_needed() -> None:
    offered = config_schema()["properties"]["schedule"]["anyOf"][0]["enum"]
    assert {"constant", "cosine", "plateau"} <= set(offered)
    assert not {"step", "geometric"} & set(offered)  # these want a number of their own


def test_every_field_explains_itself_and_every_source_is_a_row_of_a_guide() -> None:
    schema = config_schema()
    for section in (schema, *schema["$defs"].values()):
        for name, field in section.get("properties", {}).items():
            assert name == "kind" or "description" in field or "$ref" in field, name
            for row in filter(None, field.get("source", "").split(", ")):
                assert cite(row)


def test_the_page_is_current() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs/make_config.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_schemas_are_listed_printed_and_written(tmp_path: Path) -> None:
    listed = logbook("schema", cwd=tmp_path)
    assert [line.split()[0] for line in listed.stdout.splitlines()] == list(SCHEMAS)
    for name in SCHEMAS:
        jsonschema.Draft202012Validator.check_schema(json.loads(logbook("schema", name, cwd=tmp_path).stdout))
    assert logbook("schema", "config", "--output", "config.v1.json", cwd=tmp_path).returncode == 0
    assert json.loads((tmp_path / "config.v1.json").read_text())["$id"] == "config.v1.json"


def test_a_wrong_name_is_told_the_nearest(tmp_path: Path) -> None:
    done = logbook("schema", "confg", cwd=tmp_path)
    assert done.returncode == 4
    assert "did you mean 'config'" in done.stderr


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("runs", ["ls"]),
        ("run", ["show", "r1"]),
        ("diff", ["diff", "r1", "r2"]),
        ("compare", ["compare", "r1", "r2"]),
        ("rules", ["rule"]),
        ("rule", ["rule", "L101"]),
        ("fsck", ["fsck"]),
        ("export", ["export"]),
        ("export", ["export", "--what", "epochs"]),
        ("error", ["show", "r99"]),
    ],
)
def test_what_a_command_prints_is_as_its_schema_says(home: Path, name: str, command: list[str]) -> None:
    schema = json.loads(logbook("schema", name, cwd=home).stdout)
    document = json.loads(logbook(*command, "--json", cwd=home).stdout)
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(document)) == []
