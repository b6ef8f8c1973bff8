"""`logbook predict` for networks that read tokens: a text is cut as in training, rows get what the record says."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.running.conftest import Command
from tests.running.predicting import QUICK, SENTENCE, asked, recorded, said, train


@pytest.mark.parametrize(
    "changes",
    [
        {"model": {"kind": "rnn", "hidden": [12], "embedding": 6}},
        {"model": {"kind": "transformer", "width": 8, "layers": 1, "heads": 2}},
        {
            "model": {"kind": "rnn", "hidden": [12], "cell": "gru"},
            "training": QUICK | {"procedure": {"kind": "truncated-bptt", "length": 8}, "batch_size": 4},
        },
        {
            "model": {"kind": "rnn", "hidden": [12], "embedding": 6},
            "training": QUICK | {"weight_average": {"kind": "exponential", "decay": 0.5}},
        },
    ],
    ids=["rnn", "transformer", "tbptt", "averaged"],
)
@pytest.mark.parametrize("level", ["character", "byte"])
def test_a_text_is_cut_as_in_training(folder: Path, logbook: Command, changes: dict[str, Any], level: str) -> None:
    (folder / "book.txt").write_text(SENTENCE * 20)
    (folder / "other.txt").write_text(SENTENCE * 3 + "Zoë sat.")
    source = {"kind": "text", "path": "book.txt", "length": 16, "level": level}
    split = {"kind": "files", "validation": "other.txt"}
    run = train(logbook, {"task": "language-model", "data": {"source": source, "split": split}} | changes)
    answer = logbook("predict", "r1", "other.txt", "--json")
    document = asked(answer)
    assert said(document) == recorded(run)
    assert said(document, "text") == recorded(run, "target")
    assert document["loss"] == pytest.approx(run["best"]["val_loss"], rel=1e-5)
    assert document["perplexity"] == pytest.approx(math.exp(document["loss"]))
    assert [one["perplexity"] for one in document["predictions"]] == [
        math.exp(one["loss"]) for one in document["predictions"]
    ]
    unknown = 2 if level == "character" else 0
    whole = SENTENCE * 3 + "Zoë sat."
    assert document["tokens"] == (len(whole) - unknown if level == "character" else len(whole.encode())) - 1
    assert ("2 of 164 characters don't stand in the text that r1 was trained on" in answer.err) == (unknown > 0)
    table = logbook("predict", "r1", "other.txt")
    assert table.out.splitlines()[0] == "row,text,prediction,loss,perplexity"
    assert f"perplexity {document['perplexity']:.4g} over {document['tokens']} tokens" in table.err


def test_a_text_that_cannot_be_taken(folder: Path, logbook: Command) -> None:
    (folder / "book.txt").write_text(SENTENCE * 20)
    data = {"source": {"kind": "text", "path": "book.txt", "length": 16}}
    train(logbook, {"task": "language-model", "model": {"kind": "rnn", "hidden": [4]}, "data": data})
    (folder / "one.txt").write_text("t")
    (folder / "latin.txt").write_bytes(b"the\ncaf\xe9")
    for name, says in {
        "one.txt": "one.txt has 1 characters; expected at least 2",
        "latin.txt": "latin.txt:2: byte 0xe9 is no UTF-8 text",
    }.items():
        answer = logbook("predict", "r1", name)
        assert (answer.status, answer.err.count("error:")) == (2, 1)
        assert says in answer.err
    (folder / "strange.txt").write_text("ZZZ")
    document = asked(logbook("predict", "r1", "strange.txt", "--json"))
    assert (document["loss"], document["tokens"]) == (None, 0)
    assert said(document, "perplexity") == [None]


def test_rows_of_tokens_get_a_token_at_each_position(folder: Path, logbook: Command) -> None:
    pattern = {"kind": "copy", "symbols": 4, "length": 2, "delay": 1}
    data = {"source": {"kind": "synthetic", "pattern": pattern, "rows": 16}, "split": {"validation": 0.25}}
    train(logbook, {"task": "language-model", "model": {"kind": "rnn", "hidden": [4], "embedding": 3}, "data": data})
    length = json.loads(logbook("show", "r1", "--json").out)["data"]["input_shape"][0]
    np.save(folder / "new.npy", np.zeros((3, length), np.int64))
    document = asked(logbook("predict", "r1", "new.npy", "--json"))
    assert all(len(one) == length and set(one) <= set(document["classes"]) for one in said(document))
    assert logbook("predict", "r1", "new.npy").out.splitlines()[0].startswith("row,position_0,position_1,")
    np.save(folder / "new.npy", np.full((3, length), 99))
    answer = logbook("predict", "r1", "new.npy")
    assert answer.status == 2
    assert "new.npy, row 0 holds 99, but r1 knows the tokens 0 to" in answer.err


def test_tokens_without_names_are_numbers_as_recorded(folder: Path, logbook: Command) -> None:
    x = np.random.default_rng(0).integers(0, 7, (60, 5))
    np.savez(folder / "set.npz", x=x, y=(x + 1) % 7)
    data = {"source": {"kind": "npz", "path": "set.npz"}, "inputs": []}
    run = train(logbook, {"task": "language-model", "model": {"kind": "transformer", "width": 8}, "data": data})
    np.savez(folder / "new.npz", x=x[recorded(run, "row")])
    assert said(asked(logbook("predict", "r1", "new.npz", "--json"))) == recorded(run)


@pytest.mark.parametrize("model", [{"kind": "rnn", "hidden": [4], "embedding": 3}, {"kind": "transformer", "width": 8}])
def test_classes_of_rows_of_tokens(folder: Path, logbook: Command, model: dict[str, Any]) -> None:
    x = np.random.default_rng(0).integers(0, 7, (60, 5))
    np.savez(folder / "set.npz", x=x, y=x[:, 0] % 2)
    data = {"source": {"kind": "npz", "path": "set.npz"}, "inputs": []}
    run = train(logbook, {"task": "classification", "model": model, "data": data})
    np.save(folder / "new.npy", x[recorded(run, "row")])
    assert said(asked(logbook("predict", "r1", "new.npy", "--json"))) == recorded(run)
