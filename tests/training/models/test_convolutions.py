"""Options of convolutional networks: sizes against torch's own, and what leaves no pixels."""

import pytest
import torch
from torch.nn import functional

from logbook.errors import ConfigError
from tests.training.models.building import IMAGE, a_model, modules_of

IMAGES = torch.randn(3, 1, 8, 8, generator=torch.Generator().manual_seed(7))


def test_kernel_stride_and_pooling_may_differ_by_convolution():
    section = {
        "kind": "cnn", "channels": [4, 5, 6], "kernel": [1, 4, 3], "stride": [1, 2, 1],
        "pooling": ["none", "none", {"kind": "average", "size": 2}],
    }  # fmt: skip
    model = a_model(section, input_shape=(2, 17, 19))
    layers = [model.convolutions[index].convolution for index in range(3)]
    assert [layer.kernel_size[0] for layer in layers] == [1, 4, 3]
    assert [layer.stride[0] for layer in layers] == [1, 2, 1]
    assert [name for name in modules_of(model) if name.endswith("pooling")] == ["convolutions.2.pooling"]
    assert model(torch.randn(2, 2, 17, 19)).shape == (2, 10)


def test_overlapping_pooling_has_a_stride_of_its_own():
    section = {"kind": "cnn", "channels": [2], "pooling": {"kind": "max", "size": 3, "stride": 2}}
    model = a_model(section, input_shape=(1, 9, 9))
    convolution = model.convolutions[0]
    inputs = torch.randn(2, 1, 9, 9)
    expected = functional.max_pool2d(convolution.activation(convolution.convolution(inputs)), 3, stride=2)
    assert torch.equal(convolution(inputs), expected)
    assert model(inputs).shape == (2, 10)


@pytest.mark.parametrize("padding", ["zero", "none", "reflect", "replicate", "circular"])
def test_each_padding_is_torchs(padding):
    section = {"kind": "cnn", "channels": [3], "kernel": 5, "padding": padding, "pooling": "none"}
    model = a_model(section, input_shape=IMAGE)
    layer = model.convolutions[0].convolution
    mode = {"zero": "constant", "none": None}.get(padding, padding)
    padded = IMAGES if mode is None else functional.pad(IMAGES, (2, 2, 2, 2), mode=mode)
    assert torch.allclose(layer(IMAGES), functional.conv2d(padded, layer.weight, layer.bias), atol=1e-6)
    assert model(IMAGES).shape == (3, 10)


@pytest.mark.parametrize(("kind", "by_hand"), [("average", torch.mean), ("max", torch.amax)])
def test_global_pooling_makes_one_number_of_each_filter(kind, by_hand):
    section = {"kind": "cnn", "channels": [5, 7], "global_pooling": kind, "hidden": []}
    model = a_model(section, input_shape=IMAGE)
    filters = model.convolutions(IMAGES)
    assert torch.allclose(model.global_pooling(filters), by_hand(filters, (2, 3)))
    assert model.output.weight.shape == (10, 7)
    assert "flatten" not in modules_of(model)
    assert model(torch.randn(2, 1, 8, 8)).shape == (2, 10)


@pytest.mark.parametrize(
    ("section", "said"),
    [
        (
            {"kernel": [3, 5], "padding": "none"},
            r"model\.kernel 5 leaves no pixels at convolution 2 .* 3 x 3; take a smaller kernel, or padding 'zero'",
        ),
        ({"kernel": 9, "padding": "none"}, r"model\.kernel 9 leaves no pixels at convolution 1 .* 8 x 8"),
        (
            {"kernel": 17, "padding": "reflect"},
            r"model\.padding 'reflect' needs 8 pixels .* gets images of 8 x 8",
        ),
        ({"kernel": 19, "padding": "circular"}, r"model\.padding 'circular' needs 9 pixels beyond each edge"),
        ({"stride": 4}, r"model\.pooling of size 2 leaves no pixels at convolution 2 .* gets images of 1 x 1"),
        ({"pooling": ["max", {"kind": "average", "size": 5}]}, r"model\.pooling of size 5 .* convolution 2 .* 4 x 4"),
    ],
    ids=str,
)
def test_what_leaves_no_pixels_is_refused_by_name(section, said):
    with pytest.raises(ConfigError, match=said):
        a_model({"kind": "cnn", **section}, input_shape=IMAGE)


def test_a_kernel_beyond_the_image_stands_where_padding_makes_room():
    section = {"kind": "cnn", "kernel": 15, "padding": "reflect", "pooling": "none"}
    assert a_model(section, input_shape=IMAGE)(IMAGES).shape == (3, 10)
