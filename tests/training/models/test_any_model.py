"""Whatever options a config combines: it is read, builds, and gives finite outputs of the right shape."""

from typing import Any

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from logbook.errors import ConfigError
from logbook_schemas.config.run import RunConfig
from tests.training.models.building import a_model

ACTIVATIONS = ["relu", "leaky-relu", "elu", "selu", "gelu", "silu", "tanh", "sigmoid", "softplus", "prelu", "none"]
INITS = ["default", "he", "xavier", "lecun", "variance-scaling", "orthogonal", "normal", "truncated-normal", "uniform"]

of_pieces = st.builds(lambda pieces: {"kind": "maxout", "pieces": pieces}, st.integers(2, 4))
places = st.sampled_from(["before-activation", "after-activation"])
groups = st.builds(lambda groups, place: {"kind": "group", "groups": groups, "place": place}, st.integers(1, 3), places)
other_norms = st.builds(lambda kind, place: {"kind": kind, "place": place}, st.sampled_from(["batch", "layer"]), places)
poolings = st.sampled_from(["none", "max", "average", {"kind": "max", "size": 3, "stride": 1}])
drops = st.floats(0, 0.9)
# Six divides by every number of groups, and leaves more than one unit in each.
widths = st.sampled_from([6, 12])

OUTPUT: dict[str, st.SearchStrategy[Any]] = {
    "init": st.sampled_from(INITS),
    "output_bias": st.sampled_from(["default", {"kind": "constant", "value": 0.5}]),
    "input_dropout": drops,
    "output_activation": st.sampled_from(["none", "sigmoid", "softmax", "log-softmax", "tanh", "relu", "softplus"]),
    "output_scale": st.floats(0.1, 10),
}
HIDDEN: dict[str, st.SearchStrategy[Any]] = {
    **OUTPUT,
    "hidden": st.lists(widths, min_size=1, max_size=3),
    "activation": st.one_of(st.sampled_from(ACTIVATIONS), of_pieces),
    "initial_bias": st.sampled_from(["default", "constant"]),
    "dropout": drops,
    "dropout_form": st.sampled_from(["units", "alpha"]),
    "dropconnect": drops,
    "normalization": st.one_of(st.just("none"), groups, other_norms),
}


def each(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One for both convolutions, or one for each."""
    return st.one_of(of, st.lists(of, min_size=2, max_size=2))


def section(kind: str, **options: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"kind": st.just(kind)}, optional=options)


sections = st.one_of(
    section("linear", **OUTPUT),
    section("mlp", **HIDDEN).map(lambda chosen: {"hidden": [6], **chosen}),
    section(
        "cnn",
        **HIDDEN,
        kernel=each(st.integers(1, 4)),
        stride=each(st.integers(1, 2)),
        padding=st.sampled_from(["zero", "none", "reflect", "replicate", "circular"]),
        pooling=each(poolings),
        global_pooling=st.sampled_from(["none", "average", "max"]),
    ).map(lambda chosen: {"channels": [6, 12], "hidden": [6], **chosen}),
    section(
        "residual-cnn",
        **{**HIDDEN, "activation": st.sampled_from(ACTIVATIONS)},
        block=st.sampled_from(["original", "pre-activation"]),
        blocks=each(st.integers(1, 2)),
        kernel=st.sampled_from([1, 3]),
        stem_kernel=st.integers(1, 4),
        stem_pooling=poolings,
        zero_init_residual=st.booleans(),
        global_pooling=st.sampled_from(["none", "average", "max"]),
    ).map(lambda chosen: {"channels": [6, 12], "hidden": [6], **chosen}),
)


def without_place(chosen: dict[str, Any]) -> dict[str, Any]:
    """A residual network has no place to choose."""
    norm = chosen.get("normalization")
    if chosen["kind"] != "residual-cnn" or not isinstance(norm, dict):
        return chosen
    return {**chosen, "normalization": {key: value for key, value in norm.items() if key != "place"}}


def built(chosen: dict[str, Any], shape: tuple[int, ...]) -> nn.Module | str:
    """Return the network, or why there is none."""
    try:
        return a_model(chosen, input_shape=shape, output_size=4)
    except ConfigError as error:
        return str(error)


@settings(max_examples=80, deadline=None)
@given(sections.map(without_place), st.tuples(st.integers(1, 3), st.integers(6, 12), st.integers(6, 12)))
def test_any_combination_builds_or_is_refused_in_words(chosen: dict[str, Any], shape: tuple[int, ...]) -> None:
    model = built(chosen, shape)
    if isinstance(model, str):
        assert "leaves no pixels" in model or "pixels beyond each edge" in model
        return
    inputs = torch.randn(5, *shape)
    for mode in (model.train(), model.eval()):
        outputs = mode(inputs)
        assert outputs.shape == (5, 4)
        assert outputs.isfinite().all()
    outputs.sum().backward()
    again = dict(a_model(chosen, input_shape=shape, output_size=4).named_parameters())
    assert all(torch.equal(weight, again[name]) for name, weight in model.named_parameters())


@settings(max_examples=60, deadline=None)
@given(sections.map(without_place))
def test_any_combination_is_read_again_as_it_was_written(chosen: dict[str, Any]) -> None:
    base = {"name": "a", "data": {"source": {"kind": "sklearn", "dataset": "digits"}}}
    config = RunConfig.model_validate({**base, "model": chosen})
    assert RunConfig.model_validate_json(config.model_dump_json(by_alias=True)) == config
