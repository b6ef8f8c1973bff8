"""Texts: every token is a target once, no window reaches into another split, the vocabulary is the training part's."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logbook.errors import DataError
from logbook.training.data import LoadedData, load_data
from logbook.training.data.loaded import Split
from logbook.training.data.sources.text import _windows
from logbook.training.data.vocabulary import NOT_COUNTED, Vocabulary, byte_vocabulary, learn_characters
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.measures import DataRecord

Load = Callable[..., LoadedData]
POEM = "the cat sat on the mat, " * 20


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Write a text and return the source that reads it."""

    def write(text: str | bytes = POEM, **fields: Any) -> dict[str, Any]:
        (tmp_path / "book.txt").write_bytes(text if isinstance(text, bytes) else text.encode())
        return {"kind": "text", "path": "book.txt", "length": 16, **fields}

    return write


@given(st.text(min_size=1), st.text())
def test_a_kept_vocabulary_reads_as_it_did(learnt: str, text: str) -> None:
    for vocabulary in (learn_characters(learnt), byte_vocabulary()):
        again = Vocabulary.from_statistics(json.loads(json.dumps(vocabulary.statistics())))
        assert again.names == vocabulary.names
        np.testing.assert_array_equal(again.read(text), vocabulary.read(text))


def vocabulary_of(loaded: LoadedData) -> Vocabulary:
    assert loaded.source.vocabulary is not None
    return loaded.source.vocabulary


def text_of(loaded: LoadedData, split: Split | None) -> str:
    """Read a split's text back: the first input, then every target that counts."""
    assert split is not None
    assert split.inputs is not None
    assert split.targets is not None
    targets = split.targets.flatten().numpy()
    tokens = np.concatenate([split.inputs.flatten().numpy()[:1], targets[targets != NOT_COUNTED]])
    return vocabulary_of(loaded).write(tokens)


@given(st.integers(2, 200), st.integers(1, 30), st.data())
def test_windows_hold_each_token_in_its_place(size: int, length: int, data: st.DataObject) -> None:
    stride = data.draw(st.integers(1, length))
    tokens = np.arange(size, dtype=np.int32)
    windows = _windows(tokens, length, stride)
    is_counted = windows.targets != NOT_COUNTED
    assert (windows.targets[is_counted] == windows.inputs[is_counted] + 1).all()
    assert (windows.inputs[:, 0] == np.arange(len(windows.inputs)) * stride).all()
    seen = Counter(windows.targets[is_counted].tolist())
    assert set(seen) == set(range(1, size))
    if stride == length:
        assert set(seen.values()) == {1}


@pytest.mark.parametrize("level", ["character", "byte"])
def test_the_splits_are_the_text_in_order(load: Load, book: Callable[..., dict[str, Any]], level: str) -> None:
    loaded = load(book(level=level), split={"validation": 0.25, "test": 0.25}, model="rnn")
    parts = [text_of(loaded, split) for split in (loaded.train, loaded.validation, loaded.test)]
    assert "".join(parts) == POEM
    assert [len(part) for part in parts] == [240, 120, 120]
    assert loaded.output_size == loaded.vocabulary == (256 if level == "byte" else len(set(POEM)) + 1)


def test_overlapping_windows_share_no_text_with_another_split(load: Load, book: Callable[..., dict[str, Any]]) -> None:
    text = "z" + "".join(map(chr, range(1000, 1398))) + "z"  # a character that both parts have would show
    loaded = load(book(text, stride=3, level="character"), split={"validation": 0.3}, model="rnn")
    assert loaded.train.inputs is not None
    assert len(loaded.train) == 1 + math.ceil((279 - 16) / 3)
    assert loaded.validation is not None
    assert loaded.validation.inputs is not None
    # Of the validation part the training part knows no character but its last.
    assert (loaded.validation.inputs == 0).all()
    assert text_of(loaded, loaded.validation) == "\ufffdz"


def test_characters_that_training_lacks_are_unknown_not_counted_and_told(
    load: Load, book: Callable[..., dict[str, Any]]
) -> None:
    loaded = load(book("abcd" * 20 + "abxdabcx" * 5), split={"validation": 1 / 3}, model="rnn")
    assert vocabulary_of(loaded).names == ("\ufffd", "a", "b", "c", "d")
    assert text_of(loaded, loaded.validation) == "abdabc" + "abdabc" * 4
    assert loaded.notes == (
        "10 of the 40 characters of the validation part don't stand in the training part; they are shown as unknown,"
        " and not counted",
    )
    assert loaded.preparation["vocabulary"] == {"level": "character", "code_points": [97, 98, 99, 100]}


def test_several_files_are_read_one_after_the_other(load: Load, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.txt").write_text(f"{name} " * 10)
    source = {"kind": "text", "paths": ["two.txt", "one.txt"], "length": 8}
    loaded = load(source, split={"validation": 0.0}, model="rnn")
    assert text_of(loaded, loaded.train) == "two " * 10 + "one " * 10
    assert loaded.source.label == "text two.txt and 1 more"


def test_other_files_validate(load: Load, book: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("the mat sat on the cat")
    loaded = load(book(), split={"kind": "files", "validation": "new.txt"}, model="rnn")
    assert text_of(loaded, loaded.validation) == "the mat sat on the cat"
    assert text_of(loaded, loaded.train) == POEM
    assert loaded.notes == ()


def test_bytes_take_any_file(load: Load, book: Callable[..., dict[str, Any]]) -> None:
    content = bytes(range(256)) * 2
    loaded = load(book(content, level="byte"), split={"validation": 0.0}, model="rnn")
    assert loaded.train.targets is not None
    targets = loaded.train.targets.flatten().numpy()
    assert bytes(targets[targets != NOT_COUNTED].astype(np.uint8)) == content[1:]


@pytest.mark.parametrize(
    ("content", "fields", "message"),
    [
        (b"caf\xe9 au lait" * 9, {}, "book.txt:1: byte 0xe9 is no UTF-8 text; save the file as UTF-8, or set"),
        (b"abc", {}, "text book.txt has 3 characters, which leaves 1 for validation; expected 2"),
        (b"", {}, "text book.txt has 0 characters, which leaves 0 for train"),
        (b"abc", {"path": "none.txt"}, "none.txt is not there"),
    ],
)
def test_a_text_that_cannot_be_read_says_why(
    load: Load, book: Callable[..., dict[str, Any]], content: bytes, fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        load(book(content, **fields), model="rnn")


def test_docstrings_are_the_same_each_time_and_cut_to_size(load: Load) -> None:
    source = {"kind": "docstrings", "characters": 5000, "length": 32}
    one, other = load(source, model="rnn"), load(source, model="rnn")
    assert text_of(one, one.train) == text_of(other, other.train)
    assert len(text_of(one, one.train)) == 4000
    larger = load({**source, "characters": 10_000}, split={"validation": 0.0}, model="rnn")
    assert text_of(larger, larger.train).startswith(text_of(one, one.train))


def test_the_record_says_what_the_text_is(
    probe: Callable[..., DataRecord], book: Callable[..., dict[str, Any]]
) -> None:
    record = probe(book(), model="rnn")
    assert (record.source, record.task, record.input_shape) == ("text book.txt", "language-model", (16,))
    assert record.fingerprint is not None
    assert record.fingerprint.method == "file-sha256/1"
    assert {name: split.rows for name, split in record.splits.items()} == {"train": 24, "validation": 6}
    assert record.inputs is not None
    assert (record.inputs.dtype, record.inputs.columns) == ("int64", ())


def test_the_baseline_is_how_often_each_token_occurs(
    probe: Callable[..., DataRecord], book: Callable[..., dict[str, Any]]
) -> None:
    record = probe(
        book("aab" * 40),
        split={"validation": 0.5},
        metrics=["accuracy", "perplexity", "bits-per-character"],
        model="rnn",
    )
    # 59 targets each: 39 times a, 20 times b; token 0 counts as a third of one.
    shares = {"a": 39 / (59 + 1 / 3), "b": 20 / (59 + 1 / 3)}
    cost = -(39 * math.log(shares["a"]) + 20 * math.log(shares["b"])) / 59
    assert record.baseline == pytest.approx(
        {"val_loss": cost, "accuracy": 39 / 59, "perplexity": math.exp(cost), "bits-per-character": cost / math.log(2)}
    )
    assert record.baseline_name == "token frequencies"


def test_a_vocabulary_writes_what_it_read() -> None:
    vocabulary = learn_characters("ünïcödé, 😀")
    assert vocabulary.write(vocabulary.read("😀 dü")) == "😀 dü"
    assert vocabulary.write(vocabulary.read("xd")) == "\ufffdd"


def own_tokens(folder: Path, inputs: str, targets: str) -> RunConfig:
    name = f"own_tokens_{abs(hash((str(folder), inputs, targets)))}"
    (folder / f"{name}.py").write_text(f"import numpy as np\ndef data(): return {inputs}, {targets}\n")
    source = {"kind": "python", "target": f"{name}:data"}
    return RunConfig.model_validate(
        {
            "name": "t",
            "task": "language-model",
            "model": "rnn",
            "data": {"source": source, "split": {"validation": 0.2}},
        }
    )


def test_tokens_of_ones_own_are_counted_over_inputs_and_targets(tmp_path: Path) -> None:
    config = own_tokens(tmp_path, "np.arange(40).reshape(10, 4)", "np.arange(40).reshape(10, 4) + 7")
    assert load_data(config, tmp_path).output_size == 47


@pytest.mark.parametrize(
    ("inputs", "targets", "message"),
    [
        ("np.ones((9, 4))", "np.ones((9, 4), int)", "inputs are of type float64"),
        ("np.ones((9, 4), int)", "np.ones((9, 3), int)", r"inputs have shape \(7, 4\) and targets \(7, 3\)"),
        ("np.ones((9, 4), int)", "np.ones(9, int)", r"targets have shape \(9,\)"),
        ("np.ones((9, 4), int)", "np.ones((9, 4))", "targets are of type float64"),
        ("np.ones((9, 4), int)", "-np.ones((9, 4), int)", "row 0, position 0: the target is -1, expected a token"),
        ("-np.ones((9, 4), int)", "np.ones((9, 4), int)", "whole numbers from -1 to -1"),
        ("np.ones((9, 4), int)", "np.full((9, 4), -100)", "there is nothing to predict"),
    ],
)
def test_what_are_no_tokens_is_named(tmp_path: Path, inputs: str, targets: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_data(own_tokens(tmp_path, inputs, targets), tmp_path)
