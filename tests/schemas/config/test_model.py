"""What a network's section refuses before anything is loaded, and how it says so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from logbook_schemas.config.initial_weights import maxout_scale
from logbook_schemas.config.run import RunConfig
from logbook_schemas.reading import ReadingError, read_json, validate


def read(model: Any) -> RunConfig:
    raw = {"name": "a", "data": {"source": {"kind": "sklearn", "dataset": "digits"}}, "model": model}
    return validate(read_json(json.dumps(raw), name="c.json"), RunConfig)


GROUPS_OF_5 = {"kind": "group", "groups": 5}

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"kind": "linear", "dropconnect": 0.1}, "model.dropconnect: unknown key"),
    ({"kind": "linear", "hidden": [3]}, "model.hidden: unknown key"),
    ({"kind": "mlp", "pooling": "max"}, "model.pooling: unknown key"),
    ({"kind": "mlp", "hidden": [], "dropconnect": 0.1}, "model: dropconnect drops weights of hidden layers"),
    ({"kind": "mlp", "dropout_form": "channels"}, "model: dropout_form 'channels' drops whole filters"),
    ({"kind": "mlp", "bias": False, "output_bias": "prior"}, "model: output_bias is 'prior', but bias is false"),
    ({"kind": "mlp", "bias": False, "initial_bias": "constant"}, "model: initial_bias is 'constant', but bias is"),
    (
        {"kind": "mlp", "hidden": [10, 12], "normalization": GROUPS_OF_5},
        "model: normalization.groups is 5, which doesn't divide hidden 12",
    ),
    (
        {"kind": "mlp", "hidden": [7], "activation": "maxout", "normalization": GROUPS_OF_5},
        "model: normalization.groups is 5, which doesn't divide hidden 7 times 2 pieces",
    ),
    (
        {"kind": "mlp", "hidden": [5], "normalization": GROUPS_OF_5},
        "model: normalization.groups is 5, as many as hidden 5: a unit alone is always normalized to 0",
    ),
    (
        {"kind": "cnn", "normalization": GROUPS_OF_5},
        "model: normalization.groups is 5, which doesn't divide channels 32",
    ),
    ({"kind": "cnn", "kernel": [3]}, "model: kernel has length 1 and channels has length 2; give one for each"),
    ({"kind": "cnn", "stride": [1, 1, 1]}, "model: stride has length 3 and channels has length 2"),
    ({"kind": "cnn", "pooling": ["max"]}, "model: pooling has length 1 and channels has length 2"),
    ({"kind": "cnn", "kernel": 32}, "model.kernel: must be at most 31, found 32"),
    ({"kind": "cnn", "kernel": [3, "3"]}, 'model.kernel[1]: expected a whole number, found the text "3"'),
    ({"kind": "cnn", "kernel": "3"}, 'model.kernel: expected a whole number or a list, found the text "3"'),
    ({"kind": "cnn", "pooling": "avrage"}, "model.pooling: expected a list or one of 'none', 'max', 'average', found"),
    ({"kind": "cnn", "pooling": ["mx", "max"]}, "model.pooling[0]: unknown kind 'mx'; did you mean 'max'?"),
    (
        {"kind": "cnn", "pooling": ["max", {"kind": "max", "sze": 3}]},
        "model.pooling[1].sze: unknown key 'sze'; did you mean 'size'?",
    ),
    ({"kind": "cnn", "padding": "same"}, "model.padding: unknown kind 'same'"),
    ({"kind": "residual-cnn", "kernel": 4}, "model: kernel must be odd, found 4"),
    ({"kind": "residual-cnn", "blocks": [1]}, "model: blocks has length 1 and channels has length 3"),
    ({"kind": "residual-cnn", "activation": "maxout"}, "model: activation 'maxout' has fewer outputs than inputs"),
    (
        {"kind": "residual-cnn", "normalization": {"kind": "batch", "place": "after-activation"}},
        "model: normalization.place is for mlp and cnn",
    ),
    ({"kind": "residual-cnn", "initial_bias": "constant"}, "model: initial_bias is 'constant', but convolutions with"),
    ({"kind": "residual-cnn", "block": "bottleneck"}, "model.block: unknown kind 'bottleneck'"),
    ({"kind": "mlp", "activation": {"kind": "maxout", "pieces": 1}}, "model.activation.pieces: must be at least 2"),
    ({"kind": "mlp", "activation": {"kind": "maxout", "pieces": "x"}}, "model.activation.pieces: expected a whole"),
    ({"kind": "mlp", "activation": {"kind": "prelu", "initial": True}}, "model.activation.initial: expected a number"),
    ({"kind": "mlp", "init": None}, "model.init: expected an object or one of"),
    ({"kind": "mlp", "init": {"kind": "he", "slope": -1}}, "model.init.slope: must be at least 0"),
    ({"kind": "mlp", "input_dropout": 1.0}, "model.input_dropout: must be less than 1"),
    ({"kind": "mlp", "output_scale": 0}, "model.output_scale: must be greater than 0"),
]


@pytest.mark.parametrize(("model", "said"), REFUSED, ids=[said[:60] for _, said in REFUSED])
def test_what_cannot_work_is_refused_by_name(model: dict[str, Any], said: str) -> None:
    with pytest.raises(ReadingError) as caught:
        read(model)
    assert [problem for problem in map(str, caught.value.problems) if said in problem], str(caught.value)
    assert len(caught.value.problems) == 1


def test_what_is_one_for_all_may_be_one_for_each() -> None:
    model = read({"kind": "cnn", "kernel": [3, 5], "pooling": ["none", {"kind": "max", "size": 3}]}).model
    assert model.model_dump(mode="json", include={"kernel", "pooling"}) == {
        "kernel": [3, 5],
        "pooling": [{"kind": "none"}, {"kind": "max", "size": 3, "stride": None}],
    }


@pytest.mark.parametrize(("pieces", "published"), [(2, 1.0), (3, 0.78391), (4, 0.64461), (5, 0.55555)])
def test_the_variance_of_maxout_is_the_published_one(pieces: int, published: float) -> None:
    """Tseran and Montufar 2023, Table 1."""
    assert maxout_scale(pieces) == pytest.approx(published, abs=2e-5)
