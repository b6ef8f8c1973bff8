"""Images: a folder with a sub-folder for each class, and the files of well-known sets where the person has them.

All give bytes, [channels, height, width], and class names; nothing is downloaded.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from logbook_schemas.config.base import Section, setting

__all__ = ["IMAGE_KINDS", "Cifar10", "Cifar100", "Images", "Mnist"]

IMAGE_KINDS = ("images", "mnist", "cifar10", "cifar100")
"""The sources below: of bytes, and of classes unless the config says otherwise."""

_Pixels = Annotated[int, Field(ge=1, le=10_000)]


class Images(Section):
    """A folder of png and jpeg files, a sub-folder for each class. Folders `train`, `validation`, `test` above
    these are splits."""

    kind: Literal["images"] = "images"
    path: str = setting(about="The folder, from the config's folder.", min_length=1, max_length=4096)
    size: tuple[_Pixels, _Pixels] | None = setting(
        None,
        about="Height and width to which every image is resized; null takes images that have one size already.",
        unit="pixels",
        strict=False,
    )
    resize: Literal["nearest", "bilinear", "bicubic", "lanczos"] = setting(
        "bilinear", about="The filter for resizing; all but nearest average over the pixels that become one."
    )
    channels: Literal[1, 3] = setting(
        3, about="3 for colours (red, green, blue), 1 for grey; each image is brought to it."
    )


class Mnist(Section):
    """MNIST, Fashion-MNIST and sets in their format: the four IDX files, gzipped or not. The test files are the
    test split."""

    kind: Literal["mnist"] = "mnist"
    path: str = setting(
        about="The folder with train-images-idx3-ubyte and so on, from the config's folder.",
        min_length=1,
        max_length=4096,
    )
    dataset: Literal["mnist", "fashion-mnist"] = setting("mnist", about="Whose class names the labels stand for.")


class _Cifar(Section):
    path: str = setting(
        about="The folder with the batches, of the Python or the binary version, from the config's folder.",
        min_length=1,
        max_length=4096,
    )


class Cifar10(_Cifar):
    """The five training batches and the test batch of CIFAR-10, which is the test split."""

    kind: Literal["cifar10"] = "cifar10"


class Cifar100(_Cifar):
    """The training and the test file of CIFAR-100, which is the test split."""

    kind: Literal["cifar100"] = "cifar100"
    labels: Literal["fine", "coarse"] = setting("fine", about="The 100 classes, or the 20 groups of them.")
