"""Values set in a config's text: comments and order stay, and the result always means what was asked for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logbook_schemas.reading import apply_overrides, read_json
from logbook_schemas.reading.editing import edit_text

WRITTEN = """{
  // what we think
  "hypothesis": "smaller", /* really */
  "optimizer": "adam",
  "model": {"kind": "mlp", "hidden": [32, 16]},
  "training": {
    "epochs": 5, // few
  },
}
"""


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ("training.epochs=7", '"epochs": 7, // few'),
        ("hypothesis=larger", '"hypothesis": "larger", /* really */'),
        ("optimizer.lr=0.1", '"optimizer": {"kind": "adam", "lr": 0.1},'),
        ("training.batch_size=8", '{\n    "batch_size": 8,\n    "epochs": 5, // few'),
        ("name=x", '{\n  "name": "x",\n  // what we think'),
        ("model.bias=false", '{"bias": false, "kind": "mlp"'),
        ("model.hidden=[8]", '{"kind": "mlp", "hidden": [8]},\n  "training"'),
        ('model={"kind": "linear"}', '  "model": {"kind": "linear"},\n  "training"'),
        ("training=null", '"training": null,\n}'),
    ],
)
def test_a_value_is_set_where_it_stands(change: str, wanted: str) -> None:
    text = edit_text(read_json(WRITTEN, name="a"), [change])
    assert wanted in text
    assert "// what we think" in text


def test_a_section_that_is_not_there_is_made() -> None:
    text = edit_text(read_json(WRITTEN, name="a"), ["model.init.kind=he"])
    assert read_json(text, name="a").value["model"]["init"] == {"kind": "he"}  # type: ignore[index, call-overload]
    assert "// what we think" in text


def test_brackets_in_texts_and_comments_end_no_list() -> None:
    written = '{"a": [1, "]", /* ] */ [2], // ]\n {"b": "}"}], "c": 1} // end'
    text = edit_text(read_json(written, name="a"), ["a=[3]"])
    assert text == '{"a": [3], "c": 1} // end'


names = st.sampled_from(
    ["name", "training.epochs", "training.a", "optimizer", "optimizer.lr", "model.hidden.0", "z.y.x"]
)
values = st.sampled_from(["3", "-1.5e3", "true", "null", '"a//b"', "[1, 2]", '{"k": {}}', "{}", "bare", '"q\\"uote"'])


@settings(max_examples=150, deadline=None)
@given(changes=st.lists(st.tuples(names, values), min_size=1, max_size=4))
def test_the_text_means_what_the_options_mean(changes: list[tuple[str, str]]) -> None:
    document = read_json(WRITTEN, name="a")
    assignments = [f"{path}={value}" for path, value in changes]
    try:
        wanted: Any = apply_overrides(document, assignments).value
    except ValueError:
        return
    assert read_json(edit_text(document, assignments), name="a").value == wanted
