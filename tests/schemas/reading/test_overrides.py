"""Options laid over a config: the values they set, the sections they make, the messages that name them."""

from __future__ import annotations

import pytest

from logbook_schemas.reading import Document, Position, ReadingError, apply_overrides, read_json

CONFIG = """{
  "name": "digits",
  "optimizer": "adam",
  "model": {"kind": "mlp", "hidden": [256, 128], "dropout": null},
  "inputs": ["standardize", {"kind": "log"}]
}"""


def with_set(*assignments: str) -> Document:
    return apply_overrides(read_json(CONFIG, name="c.json"), assignments)


def refusals(*assignments: str) -> list[str]:
    with pytest.raises(ReadingError) as caught:
        with_set(*assignments)
    assert all(problem.line is None and problem.column is None for problem in caught.value.problems)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("foo", "foo"),
        ("", ""),
        ("a=b", "a=b"),
        ('"0.1"', "0.1"),
        ("1e-4", 0.0001),
        ("7", 7),
        ("true", True),
        ("null", None),
        ("[64, 64]", [64, 64]),
        ('{"kind": "sgd"}', {"kind": "sgd"}),
        ("NaN", "NaN"),
        ("1e999", "1e999"),
        ("[64, 64", "[64, 64"),
        ("why // not", "why // not"),
        (" two words ", " two words "),
    ],
)
def test_a_value_is_json_if_it_reads_as_json_and_else_text(text, value):
    result = with_set(f"name={text}").value["name"]
    assert repr(result) == repr(value)


def test_the_document_itself_stays_as_it_was():
    document = read_json(CONFIG, name="c.json")
    changed = apply_overrides(document, ["model.hidden[0]=1", "name=x"])
    assert document.value == read_json(CONFIG, name="c.json").value
    assert document.origins == {}
    assert changed.text == CONFIG


def test_a_bare_text_on_the_way_becomes_the_object_of_that_kind():
    document = with_set("optimizer.lr=1e-4", "inputs[0].c=3", "optimizer.betas=[0.9, 0.99]")
    assert document.value["optimizer"] == {"kind": "adam", "lr": 1e-4, "betas": [0.9, 0.99]}
    assert document.value["inputs"][0] == {"kind": "standardize", "c": 3}
    assert document.value_position(("optimizer", "kind")) == Position(3, 16)


def test_absent_and_null_sections_are_made():
    document = with_set("training.early_stopping.patience=3", "model.dropout.p=0.5")
    assert document.value["training"] == {"early_stopping": {"patience": 3}}
    assert document.value["model"]["dropout"] == {"p": 0.5}


@pytest.mark.parametrize("path", ["model.hidden.1", "model.hidden[1]", " model . hidden [1] ", '["model"].hidden[ 1 ]'])
def test_list_positions_are_written_either_way(path):
    assert with_set(f"{path}=32").value["model"]["hidden"] == [256, 32]


def test_a_key_with_dots_is_written_in_brackets():
    document = with_set('kwargs["a.b=c"].d=1', "kwargs.0=2")
    assert document.value["kwargs"] == {"a.b=c": {"d": 1}, "0": 2}


def test_later_assignments_see_earlier_ones():
    document = with_set("model.hidden=[1, 2, 3]", "model.hidden[2]=4", "optimizer=sgd", "optimizer.lr=1")
    assert document.value["model"]["hidden"] == [1, 2, 4]
    assert document.value["optimizer"] == {"kind": "sgd", "lr": 1}
    assert document.origins[("optimizer", "kind")] == "--set optimizer=sgd"
    assert document.origins[("model", "hidden")] == "--set model.hidden=[1, 2, 3]"
    assert document.origins[("model", "hidden", 2)] == "--set model.hidden[2]=4"


def test_what_an_option_replaces_has_no_place_in_the_file_any_more():
    document = with_set("model=cnn")
    assert document.value_position(("model", "hidden", 0)) is None
    assert str(document.problem(("model", "hidden"), "m")) == "--set model=cnn: model.hidden: m"
    assert str(document.problem(("optimizer", "lr"), "m")) == "c.json:3:16: optimizer.lr: m"


BAD_FORM = "expected path=value, such as optimizer.lr=0.001 or model.hidden[0]=32; "
REFUSED = {
    "optimizer.lr": BAD_FORM + "there is no '=' in it",
    "": BAD_FORM + "there is no '=' in it",
    "=3": BAD_FORM + "the path is empty",
    " =3": BAD_FORM + "the path is empty",
    "a..b=1": BAD_FORM + "found '.' at character 2",
    ".a=1": BAD_FORM + "found '.' at character 1",
    "a.=1": BAD_FORM + "found '.' at character 2",
    "a[-1]=1": BAD_FORM + "found '[' at character 2",
    "a[1=1": BAD_FORM + "found '[' at character 2",
    "model.hidden[2]=1": "model.hidden[2]: there is no such position; the last is 1",
    "model.hidden.2=1": "model.hidden[2]: there is no such position; the last is 1",
    "inputs[5].c=1": "inputs[5]: there is no such position; the last is 1",
    "model.hidden.first=1": "model.hidden: is a list; expected a position, found 'first'",
    "model[0]=1": "model: is an object and has no position [0]",
    "absent.list[0].x=1": "absent.list: there is no list with a position [0] here",
    "absent[0]=1": "absent: there is no list with a position [0] here",
    "model.hidden[0].x=1": "model.hidden[0]: is 256, not a section to hold 'x'",
    "name.x[0]=1": "name.x: there is no list with a position [0] here",
    "name[0]=1": 'name: is the text "digits", not a list with a position [0]',
    "name=a\udc80b": "name: the text holds U+DC80, half of a surrogate pair, which can't be stored",
    "a" + ".a" * 64 + "=1": None,
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_meant_is_refused_under_its_own_name(text):
    (problem,) = refusals(text)
    if REFUSED[text] is None:
        assert problem.endswith(": nested deeper than 64 levels")
    else:
        assert problem == f"--set {text}: {REFUSED[text]}"


def test_depth_counts_the_value_too():
    with_set("a" + ".a" * 62 + "=[1]")
    assert refusals("a" + ".a" * 62 + "=[[1]]")[0].endswith(": nested deeper than 64 levels")


def test_all_bad_assignments_are_told_together():
    assert len(refusals("name=ok", "a", "model[0]=1", "=1")) == 3


def test_a_config_that_is_no_object_takes_no_options():
    with pytest.raises(ReadingError, match="--set a=1: a: the config is 3, not an object"):
        apply_overrides(read_json("3", name="c.json"), ["a=1"])
