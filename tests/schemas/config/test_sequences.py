"""Configs of sequences: defaults that follow the task, and combinations that can't work, by the fields' names."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from logbook_schemas.config.identity import freeze, thaw
from logbook_schemas.config.run import RunConfig
from logbook_schemas.config.sequence_models import Rnn, Transformer

TEXT = {"source": {"kind": "text", "path": "book.txt"}}
COPY = {"source": {"kind": "synthetic", "pattern": "copy", "rows": 100}}
PARITY = {"source": {"kind": "synthetic", "pattern": "parity", "rows": 100}}
BPTT = {"procedure": {"kind": "truncated-bptt", "length": 8}}


def config(**sections: Any) -> RunConfig:
    return RunConfig.model_validate_json(json.dumps({"name": "a", **sections}))


@pytest.mark.parametrize("data", [TEXT, {"source": "docstrings"}, COPY])
def test_tokens_make_a_language_model(data: dict[str, Any]) -> None:
    resolved = config(data=data, model="transformer")
    assert resolved.task == "language-model"
    assert (resolved.loss.kind, [metric.kind for metric in resolved.metrics]) == (
        "cross-entropy",
        ["accuracy", "perplexity"],
    )
    assert resolved.data.inputs == ()
    assert isinstance(resolved.model, Transformer)
    assert resolved.model.form == "decoder"


def test_a_text_is_split_in_order_however_its_shares_are_given() -> None:
    assert config(data=TEXT).data.split.kind == "ordered"
    split = config(data={**TEXT, "split": {"validation": 0.1, "test": 0.05}}).data.split
    assert (split.kind, split.validation, split.test) == ("ordered", 0.1, 0.05)
    assert config(data=COPY).data.split.kind == "random"


def test_a_language_model_is_recurrent_by_default() -> None:
    assert isinstance(config(data=TEXT).model, Rnn)


def test_parity_is_binary_and_unprepared() -> None:
    resolved = config(data=PARITY)
    assert (resolved.task, resolved.data.inputs) == ("binary", ())
    assert config(data=PARITY, model="transformer").model.form == "encoder"  # type: ignore[union-attr]


def test_defaults_follow_the_cell_and_the_width() -> None:
    assert Rnn().forget_bias == 1.0
    assert Rnn(cell="gru").forget_bias is None
    assert Rnn(forget_bias=None).forget_bias is None
    assert Transformer(width=32, heads=2).feed_forward == 128
    assert Transformer(width=32, heads=2, feed_forward=50).feed_forward == 50


@pytest.mark.parametrize("model", [{"kind": "rnn", "cell": "gru", "hidden": [3, 4]}, "transformer"])
def test_a_sequence_config_thaws_to_itself(model: Any) -> None:
    frozen = freeze(config(data={"source": "docstrings"}, model=model, training=BPTT if model != "transformer" else {}))
    assert freeze(thaw(frozen.body)) == frozen


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"data": TEXT, "task": "classification"}, "task is 'classification'; set 'language-model'"),
    ({"data": {**TEXT, "split": "random"}}, "data.split.kind is 'random'.* set data.split.kind to 'ordered'"),
    ({"data": {**TEXT, "split": "k-fold"}}, "data.split.kind is 'k-fold'"),
    ({"data": {**TEXT, "split": {"kind": "ordered", "by": "day"}}}, "data.split.by is set, but a text has no columns"),
    ({"data": {**TEXT, "balance": "oversample"}}, "evens out classes, and task 'language-model' has none"),
    ({"data": COPY, "task": "regression"}, "data.source.pattern.kind is 'copy'"),
    ({"data": PARITY, "task": "regression"}, "data.source.pattern.kind is 'parity'"),
    ({"data": {"source": {"kind": "sklearn", "dataset": "digits"}}, "task": "language-model"}, "gives no sequences"),
    ({"data": TEXT, "model": "mlp"}, "model.kind 'mlp' reads no sequences; use 'rnn' or 'transformer'"),
    ({"data": TEXT, "model": {"kind": "rnn", "bidirectional": True}}, "model.bidirectional shows each position"),
    ({"data": TEXT, "model": {"kind": "transformer", "form": "encoder"}}, "model.form 'encoder' shows each position"),
    ({"data": TEXT, "loss": "mse"}, "loss.kind is 'mse'; use 'cross-entropy'"),
    ({"data": {**TEXT, "inputs": ["standardize"]}}, "data.inputs is standardize, but tokens are names"),
    ({"data": {**TEXT, "augment": ["noise"]}}, "data.augment is noise"),
    ({"data": TEXT, "metrics": [{"kind": "python", "target": "a:b"}]}, "metrics 'a:b' would get all outputs"),
    ({"data": PARITY, "model": "mlp", "training": BPTT}, "'truncated-bptt'.*model.kind is 'mlp'.*procedure 'standard'"),
    ({"data": TEXT, "model": "transformer", "training": BPTT}, "'truncated-bptt'.*model.kind is 'transformer'"),
    (
        {"data": PARITY, "model": {"kind": "rnn", "bidirectional": True}, "training": BPTT},
        "'truncated-bptt', but model.bidirectional",
    ),
    ({"data": {**TEXT, "limit": 5}, "training": BPTT}, "data.limit takes windows here and there"),
    (
        {"data": {"source": {**TEXT["source"], "length": 8, "stride": 4}}, "training": BPTT},
        "data.source.stride 4 windows overlap",
    ),
    ({"data": {"source": {"kind": "text"}}}, "set exactly one of the two"),
    ({"data": {"source": {"kind": "text", "path": "a", "paths": ["b"]}}}, "set exactly one of the two"),
    ({"data": {"source": {"kind": "docstrings", "length": 4, "stride": 5}}}, r"stride \(5\) is above length \(4\)"),
    ({"data": {"source": {**PARITY["source"], "pattern": {"kind": "parity", "bits": 3}}}}, "only 8 different rows"),
    ({"data": TEXT, "model": {"kind": "rnn", "cell": "gru", "forget_bias": 1.0}}, "cell gru has no forget gate"),
    ({"data": TEXT, "model": {"kind": "rnn", "bias": False, "forget_bias": 1.0}}, "there is no bias to set"),
    ({"data": TEXT, "model": {"kind": "rnn", "activation": "relu"}}, "that of cell lstm is fixed"),
    ({"data": TEXT, "model": {"kind": "transformer", "width": 30}}, r"width \(30\) must be a multiple of heads \(4\)"),
]


@pytest.mark.parametrize(("sections", "message"), REFUSED, ids=[message[:40] for _, message in REFUSED])
def test_what_cannot_go_together_is_refused(sections: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        config(**sections)
