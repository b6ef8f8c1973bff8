"""Residual networks: both blocks against their formula, shortcuts where the shape changes, blocks that begin silent."""

import pytest
import torch

from logbook.errors import ConfigError
from logbook.training.models.residual_cnn import ResidualBlock
from tests.training.models.building import IMAGE, a_model, modules_of

IMAGES = torch.randn(4, 1, 8, 8, generator=torch.Generator().manual_seed(7))
SMALL = {"kind": "residual-cnn", "channels": [4, 6], "blocks": [1, 2]}


def blocks_of(model):
    return [module for module in model.modules() if isinstance(module, ResidualBlock)]


def test_a_pre_activation_network_names_its_layers():
    assert modules_of(a_model({**SMALL, "channels": [4], "blocks": 1}, input_shape=(8, 8))) == [
        "channel", "stem.convolution",
        "stages.0.0.before.normalization", "stages.0.0.before.activation",
        "stages.0.0.residual.first", "stages.0.0.residual.normalization", "stages.0.0.residual.activation",
        "stages.0.0.residual.second",
        "last.normalization", "last.activation", "global_pooling", "output",
    ]  # fmt: skip


def test_an_original_network_names_its_layers():
    section = {**SMALL, "block": "original", "channels": [4], "blocks": 1, "dropout": 0.1}
    assert modules_of(a_model(section, input_shape=IMAGE)) == [
        "stem.convolution", "stem.normalization", "stem.activation",
        "stages.0.0.residual.first", "stages.0.0.residual.normalization", "stages.0.0.residual.activation",
        "stages.0.0.residual.dropout", "stages.0.0.residual.second", "stages.0.0.residual.last_normalization",
        "stages.0.0.after.activation", "global_pooling", "output",
    ]  # fmt: skip


def test_an_original_block_is_its_formula():
    model = a_model({**SMALL, "block": "original"}, input_shape=IMAGE).eval()
    first, second, third = blocks_of(model)
    inputs = torch.randn(2, 4, 8, 8)
    assert torch.equal(first(inputs), (first.residual(inputs) + inputs).relu())
    assert torch.equal(second(inputs), (second.residual(inputs) + second.shortcut(inputs)).relu())
    assert [block.shortcut is None for block in (first, second, third)] == [True, False, True]
    assert second.shortcut.convolution.weight.shape == (6, 4, 1, 1)
    assert second(inputs).shape == (2, 6, 4, 4)


def test_a_pre_activation_block_is_its_formula():
    model = a_model(SMALL, input_shape=IMAGE).eval()
    first, second, _ = blocks_of(model)
    inputs = torch.randn(2, 4, 8, 8)
    ready = first.before.normalization(inputs).relu()
    assert torch.equal(first(inputs), first.residual(ready) + inputs)
    ready = second.before(inputs)
    assert torch.equal(second(inputs), second.residual(ready) + second.shortcut(ready))


@pytest.mark.parametrize("normalization", ["batch", "layer", "none", {"kind": "group", "groups": 2}])
@pytest.mark.parametrize("init", ["he", "default"])
@pytest.mark.parametrize("block", ["original", "pre-activation"])
def test_silent_blocks_pass_on_what_they_get(block, init, normalization):
    section = {**SMALL, "block": block, "zero_init_residual": True, "normalization": normalization, "init": init}
    model = a_model(section, input_shape=IMAGE)
    inputs = torch.rand(2, 4, 8, 8)
    assert torch.equal(blocks_of(model)[0](inputs), inputs)
    model(IMAGES).square().sum().backward()
    assert model.stem.convolution.weight.grad.abs().sum() > 0


def test_the_shape_is_right_for_any_size_of_image_and_option():
    for height, width in ((5, 5), (7, 12), (1, 3)):
        for pooling in ("none", "max", "average"):
            section = {**SMALL, "global_pooling": pooling, "hidden": [3], "stem_kernel": 5, "stem_stride": 2}
            assert a_model(section, input_shape=(2, height, width))(torch.randn(2, 2, height, width)).shape == (2, 10)


def test_a_stem_as_for_large_images():
    section = {
        "kind": "residual-cnn", "channels": [8, 8], "blocks": 1, "stem_kernel": 7, "stem_stride": 2,
        "stem_pooling": {"kind": "max", "size": 3, "stride": 2},
    }  # fmt: skip
    model = a_model(section, input_shape=(3, 64, 64))
    assert model.stem(torch.randn(2, 3, 64, 64)).shape == (2, 8, 15, 15)
    assert model(torch.randn(2, 3, 64, 64)).shape == (2, 10)


def test_convolutions_have_a_bias_where_nothing_else_shifts():
    with_norm = a_model(SMALL, input_shape=IMAGE).state_dict()
    assert not [
        name for name in with_norm if name.endswith("bias") and "normalization" not in name and name != "output.bias"
    ]
    without = a_model({**SMALL, "normalization": "none"}, input_shape=IMAGE).state_dict()
    assert {name.replace(".bias", ".weight") for name in without if name.endswith("bias")} == {
        name for name in without if name.endswith("weight")
    }


@pytest.mark.parametrize(
    ("section", "shape", "said"),
    [
        ({}, (64,), r"model\.kind is 'residual-cnn', which needs images"),
        ({"stem_kernel": 2}, (1, 1, 8), r"model\.stem_kernel 2 leaves no pixels of images of 1 x 8"),
        (
            {"stem_pooling": {"kind": "max", "size": 9}},
            IMAGE,
            r"model\.stem_pooling of size 9 leaves no .* 8 x 8",
        ),
    ],
)
def test_what_does_not_fit_the_images_is_refused(section, shape, said):
    with pytest.raises(ConfigError, match=said):
        a_model({**SMALL, **section}, input_shape=shape)
