"""Training inputs changed at random: by how much, with which random numbers, and never elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from logbook.errors import ConfigError
from logbook.training.data.augmentation import augmented
from logbook_schemas.config.augmentation import Crop, Flip, Noise, Shift
from tests.training.trainings import own_module, run

STEPS = [Noise(), Flip(), Flip(axis="vertical", probability=1.0), Crop(padding=2), Shift(pixels=1, fill=None)]
DIGITS = {"kind": "sklearn", "dataset": "digits"}


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def images(count=64, shape=(2, 5, 6)):
    return torch.arange(1.0, 1 + count * int(np.prod(shape))).reshape(count, *shape)


@pytest.mark.parametrize("step", STEPS, ids=str)
@pytest.mark.parametrize("shape", [(2, 5, 6), (5, 6)])
def test_shapes_stay_and_random_numbers_decide(step, shape):
    before = images(shape=shape)
    one, again, other = (augmented(before, [step], generator(seed)) for seed in (1, 1, 2))
    assert one.shape == before.shape
    assert one.dtype == before.dtype
    assert torch.equal(one, again)
    assert torch.equal(before, images(shape=shape))
    if getattr(step, "probability", 0.5) < 1:
        assert not torch.equal(one, other)


@pytest.mark.parametrize(("axis", "naive"), [("horizontal", torch.fliplr), ("vertical", torch.flipud)])
def test_flips_mirror_whole_images_with_their_probability(axis, naive):
    before = images(1000, (4, 3))
    after = augmented(before, [Flip(axis=axis, probability=0.3)], generator())
    mirrored = torch.stack([naive(one) for one in before])
    is_mirrored = (after == mirrored).flatten(1).all(1)
    assert ((after == before).flatten(1).all(1) | is_mirrored).all()
    assert 0.25 < float(is_mirrored.float().mean()) < 0.35


@settings(max_examples=30, deadline=None)
@given(reach=st.integers(1, 3), fill=st.sampled_from([0.0, -2.5, None]), seed=st.integers(0, 99))
def test_a_moved_image_is_a_piece_of_the_padded_one(reach, fill, seed):
    before = images(20, (2, 5, 6))
    for step in (Crop(padding=reach, fill=fill), Shift(pixels=reach, fill=fill)):
        after = augmented(before, [step], generator(seed))
        padding = [reach] * 4
        padded = (
            functional.pad(before, padding, mode="replicate")
            if fill is None
            else functional.pad(before, padding, value=fill)
        )
        for one, wide in zip(after, padded, strict=True):
            pieces = [wide[:, y : y + 5, x : x + 6] for y in range(2 * reach + 1) for x in range(2 * reach + 1)]
            assert sum(torch.equal(one, piece) for piece in pieces) >= 1


def test_every_offset_comes_about_as_often():
    before = torch.zeros(5000, 7, 7)
    before[:, 3, 3] = 1
    after = augmented(before, [Shift(pixels=2)], generator()).mean(0)
    assert float(after[1:6, 1:6].min()) > 0.03
    assert float(after.sum()) == pytest.approx(1)
    sideways = augmented(before, [Shift(pixels=2, axis="horizontal")], generator()).mean(0)
    assert float(sideways[3].sum()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("source", "augment", "expected"),
    [
        ({"kind": "sklearn", "dataset": "iris"}, ["flip"], "data.augment[0] is 'flip', which is of images"),
        ({"kind": "sklearn", "dataset": "iris"}, ["noise", "crop"], "data.augment[1] is 'crop', which is of images"),
        (
            DIGITS,
            [{"kind": "shift", "pixels": 8}],
            "data.augment[0] is 'shift' by up to 8 pixels, but an image is 8 x 8",
        ),
    ],
)
def test_what_is_no_image_is_not_moved(load, source, augment, expected):
    with pytest.raises(ConfigError) as caught:
        load(source, augment=augment)
    assert expected in str(caught.value)


def test_whole_numbers_are_filled_with_whole_numbers_alone(tmp_path):
    source = "import numpy as np\nfrom torch import nn\n\ndef data():\n"
    source += "    return np.arange(320).reshape(20, 4, 4) % 7, np.arange(20) % 2\n\n"
    source += (
        "def model():\n    return nn.Sequential(nn.Flatten(), nn.Embedding(7, 1), nn.Flatten(), nn.Linear(16, 1))\n"
    )

    def changes(name, fill):
        own_module(tmp_path, name, source)
        data = {
            "source": {"kind": "python", "target": f"{name}:data"},
            "augment": ["flip", {"kind": "shift", "fill": fill}],
        }
        return {"task": "binary", "data": data, "model": {"kind": "python", "target": f"{name}:model"}}

    assert run(tmp_path, changes("whole_images", 3.0))[1].status == "finished"
    with pytest.raises(ConfigError, match=r"data\.augment\[1\] is 'shift', but the inputs are whole numbers"):
        run(tmp_path, changes("halved_images", 0.5))


AUGMENTED = {
    "data": {
        "source": DIGITS,
        "augment": [
            "noise",
            {"kind": "shift", "pixels": 1},
            {"kind": "flip", "probability": 0.1},
            {"kind": "crop", "padding": 1},
        ],
    },
    "model": {"kind": "mlp", "hidden": [32]},
    "optimizer": {"kind": "adam", "lr": 0.01},
}


def test_an_augmented_network_learns_and_nothing_else_is_augmented(tmp_path):
    plain, augmented = (
        run(
            tmp_path / name,
            {**AUGMENTED, "data": {**AUGMENTED["data"], **data}, "training": {"epochs": 3, "batch_size": 64}},
        )[0]
        for name, data in (("a", {"augment": []}), ("b", {}))
    )
    assert augmented.starts == plain.starts
    assert augmented.epochs[-1].val_loss < 1.0
    assert augmented.epochs[-1].train_loss > plain.epochs[-1].train_loss


def test_a_resumed_training_is_augmented_as_an_uninterrupted_one(tmp_path):
    changes = {**AUGMENTED, "training": {"epochs": 3, "batch_size": 256}}
    whole, end = run(tmp_path / "whole", changes)
    short = {**changes, "training": {"epochs": 1, "batch_size": 256}}
    first, _ = run(tmp_path / "parted", short)
    second, resumed = run(tmp_path / "parted", changes, resume=True)
    assert first.losses + second.losses == whole.losses
    assert resumed.weights_hash == end.weights_hash
