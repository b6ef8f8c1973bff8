"""A folder of images, a sub-folder for each class."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from logbook.errors import DataError

IMAGES = {"kind": "images", "path": "set"}


def save(path, pixels, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(pixels, dtype=np.uint8)).save(path, **options)


def noise(seed, *shape):
    return np.random.default_rng(seed).integers(0, 256, size=shape, dtype=np.uint8)


@pytest.fixture
def pictures(tmp_path):
    """Return a folder of two classes of 5 images, 4 high and 6 wide, in colours."""
    for name in ("dog", "cat"):
        for number in range(5):
            save(tmp_path / "set" / name / f"{number}.png", noise(number + len(name) * (name == "dog"), 4, 6, 3))
    return tmp_path / "set"


def refusal(load, source=IMAGES, **rest):
    with pytest.raises(DataError) as caught:
        load(source, **rest)
    return str(caught.value)


def test_images_come_as_bytes_and_reach_the_network_within_1(load, pictures):
    loaded = load(IMAGES)
    assert loaded.classes == ("cat", "dog")
    assert loaded.input_shape == (3, 4, 6)
    raw = loaded.source.parts["all"]
    assert raw.inputs.dtype == np.uint8
    assert raw.targets.tolist() == [0] * 5 + [1] * 5
    expected = np.asarray(Image.open(pictures / "cat" / "3.png")).transpose(2, 0, 1)
    assert np.array_equal(raw.inputs[3], expected)
    part = loaded.train if 3 in loaded.train.rows else loaded.validation
    shown = part.inputs[part.rows.tolist().index(3)]
    assert torch.allclose(shown, torch.from_numpy(expected.astype(np.float32)) / 127.5 - 1, atol=1e-6)


def test_grey_and_colour_images_are_brought_to_the_channels_that_are_asked_for(load, pictures):
    save(pictures / "cat" / "grey.png", noise(1, 4, 6))
    save(pictures / "cat" / "alpha.png", noise(1, 4, 6, 4))
    Image.fromarray(noise(2, 4, 6)).convert("P").save(pictures / "cat" / "palette.png", transparency=3)
    assert load(IMAGES).input_shape == (3, 4, 6)
    assert load(IMAGES | {"channels": 1}).input_shape == (1, 4, 6)


def test_images_are_resized_with_the_filter_that_is_named(load, pictures):
    save(pictures / "dog" / "large.png", noise(7, 40, 60, 3))
    for filter_name in ("bilinear", "nearest"):
        loaded = load(IMAGES | {"size": [8, 10], "resize": filter_name})
        assert loaded.input_shape == (3, 8, 10)
        image = Image.open(pictures / "dog" / "large.png").resize((10, 8), Image.Resampling[filter_name.upper()])
        assert np.array_equal(loaded.source.parts["all"].inputs[-1], np.asarray(image).transpose(2, 0, 1))


def test_images_of_several_sizes_need_one_to_be_named(load, pictures):
    save(pictures / "dog" / "x.png", noise(7, 5, 6, 3))
    message = refusal(load)
    assert "dog/x.png is 5 x 6 (height x width) pixels, the images before it 4 x 6" in message
    assert '"size": [height, width]' in message


def test_jpeg_files_are_turned_as_people_see_them(load, pictures):
    image = Image.fromarray(noise(1, 6, 4, 3))  # lies on its side: turned, it is 4 high and 6 wide
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(pictures / "cat" / "turned.JPG", exif=exif)
    assert load(IMAGES).input_shape == (3, 4, 6)


def test_folders_of_splits_are_taken_as_they_are(load, pictures, tmp_path):
    whole = tmp_path / "whole"
    shutil.copytree(pictures, whole / "train")
    for name in ("cat", "dog"):
        save(whole / "val" / name / "a.png", noise(99, 4, 6, 3))
    loaded = load({"kind": "images", "path": "whole"}, split={"validation": 0.0})
    assert {name: len(split) for name, split in loaded.splits().items()} == {"train": 10, "validation": 2}
    assert loaded.classes == ("cat", "dog")
    save(whole / "validation" / "cat" / "a.png", noise(99, 4, 6, 3))
    assert "two folders for validation, val and validation" in refusal(load, {"kind": "images", "path": "whole"})


def test_a_class_may_be_called_train(load, tmp_path):
    for name in ("train", "test"):
        for number in range(5):
            save(tmp_path / "set" / name / f"{number}.png", noise(number, 4, 6, 3))
    assert load(IMAGES).classes == ("test", "train")


def test_hidden_and_other_files_are_left_out_with_a_note(load, pictures):
    (pictures / ".DS_Store").write_text("x")
    (pictures / "cat" / ".hidden.png").write_text("x")
    assert load(IMAGES).notes == ()
    (pictures / "cat" / "notes.txt").write_text("x")
    (pictures / "readme.md").write_text("x")
    loaded = load(IMAGES)
    assert loaded.source_rows == 10
    assert loaded.notes == (
        "images set: 2 files or folders are no image of a class and left out, cat/notes.txt for one",
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "3.png is no png or jpeg image, or is damaged"),
        (b"GIF89a", "3.png is no png or jpeg image, or is damaged"),
        (None, "3.png can't be read as an image"),
    ],
)
def test_a_damaged_image_is_named(load, pictures, content, expected):
    file = pictures / "cat" / "3.png"
    save(file, noise(1, 40, 60, 3))
    file.write_bytes(file.read_bytes()[:-2000] if content is None else content)
    assert expected in refusal(load, IMAGES | {"size": [4, 6]})


def test_a_truncated_jpeg_is_named(load, pictures):
    file = pictures / "cat" / "big.jpg"
    save(file, noise(1, 40, 60, 3))
    file.write_bytes(file.read_bytes()[:-500])
    assert "big.jpg can't be read as an image" in refusal(load, IMAGES | {"size": [4, 6]})


def test_sixteen_bits_would_be_cut_and_are_refused(load, pictures):
    deep = (np.arange(24, dtype=np.uint16) * 2000).reshape(4, 6)
    Image.fromarray(deep).save(pictures / "cat" / "deep.png")
    assert "deep.png has more than 8 bits a pixel" in refusal(load)


def test_folders_that_hold_no_images_are_refused(load, pictures, tmp_path):
    assert "none is not there; looked in" in refusal(load, {"kind": "images", "path": "none"})
    (tmp_path / "empty").mkdir()
    assert "empty holds no image" in refusal(load, {"kind": "images", "path": "empty"})
    (tmp_path / "file").write_text("x")
    assert "file is a file; expected a folder" in refusal(load, {"kind": "images", "path": "file"})
    (pictures / "bird").mkdir()
    (pictures / "bird" / "x.gif").write_text("x")
    assert "folder bird holds no png or jpeg file, but x.gif" in refusal(load)


def test_one_class_is_refused(load, tmp_path):
    for number in range(5):
        save(tmp_path / "set" / "cat" / f"{number}.png", noise(number, 4, 6, 3))
    assert "every target is cat; expected at least 2 classes" in refusal(load)


def test_names_and_contents_count_in_the_fingerprint_and_the_place_does_not(probe, pictures, tmp_path):
    def fingerprint(path="set"):
        return probe({"kind": "images", "path": path}).fingerprint

    before = fingerprint()
    assert before.method == "files-sha256/1"
    shutil.copytree(pictures, tmp_path / "copy")
    assert fingerprint("copy") == before
    (pictures / "cat" / "3.png").rename(pictures / "cat" / "33.png")
    renamed = fingerprint()
    save(pictures / "cat" / "33.png", noise(1234, 4, 6, 3))
    assert len({before.value, renamed.value, fingerprint().value}) == 3
