"""A few validation examples as small images: the first ones, and those of the highest loss with the best weights.

They are kept with the record, so that a picture of them needs neither the data nor torch.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from logbook.training.data import LoadedData, Split
from logbook.training.data.arrays import Array
from logbook.training.data.reconstruction import OneWay
from logbook.training.evaluation import Evaluated, EvaluationStopped
from logbook.training.metrics import as_values
from logbook.training.parts import Parts
from logbook.training.probes.predictions import rows_at
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.images import LEVELS, NONFINITE
from logbook_schemas.records.measures import ImageLayer, ImageRow, ImagesRecord

__all__ = ["image_examples"]

_FIRST = 8
_WORST = 8
_SIDE = 64
"""Pixels of the longer side of a kept image: sixteen of them in colour are 200 kB a layer before compression."""

_ROWS = 20_000
"""Rows whose loss is measured, one call of the loss a row: a shuffled sample of a larger split. On a CPU they take
0.25 s (cross-entropy)."""

_BETWEEN_STOPS = 500
_DIGITS = 5
"""Digits of a range, against its width, that undoing a preparation in float32 gets right."""

_FEWEST_PIXELS = 4
_FEWEST_WITHOUT_CHANNELS = 8
"""A side of an example without an axis of channels, which may be a table of a few columns as well."""

_Layout = Callable[[Tensor], Tensor]
"""Brings examples [N, ...] to images [N, C, H, W]."""


@torch.no_grad()
def image_examples(
    parts: Parts,
    loaded: LoadedData,
    evaluated: Evaluated,
    *,
    should_stop: Callable[[], bool],
    keep: Callable[[bytes], str],
) -> ImagesRecord | None:
    """Return the first and the worst examples of the validation split; None where its rows are no images.

    `evaluated` is of that split; `keep` takes the pixels and returns their name. Raises EvaluationStopped soon after
    `should_stop` says so, and what the person's own loss raises for a single row.
    """
    split, config = loaded.validation, parts.config
    if split is None or (layout := _layout(config, loaded.input_shape)) is None:
        return None
    sample = _sample(len(split))
    losses = _losses(parts, evaluated, sample, should_stop)
    first = sample[:_FIRST].tolist()
    worst = sorted(losses, key=lambda place: (-_gravity(losses[place]), place))[:_WORST]
    chosen = np.array([*first, *worst], dtype=np.int64)
    views = {name: layout(view) for name, view in _views(config, loaded, split, evaluated, chosen).items()}
    shown = next(iter(views.values()))
    layers, pixels = _packed(views, len(first))
    said = rows_at(config, loaded, split, evaluated, chosen) if config.task != "reconstruction" else ()
    images = [
        ImageRow(
            row=int(split.rows[place]),
            target=said[index].target if said else None,
            prediction=said[index].prediction if said else None,
            loss=losses.get(place),
            **_extent(shown[index]),
        )
        for index, place in enumerate(chosen.tolist())
    ]
    return ImagesRecord(
        blob=keep(pixels.tobytes()),
        shape=pixels.shape[1:],
        size=tuple(shown.shape[2:]),
        layers=tuple(layers),
        first=tuple(images[: len(first)]),
        worst=tuple(images[len(first) :]),
        rows=len(losses),
        of=len(split),
    )


def _layout(config: RunConfig, shape: tuple[int, ...]) -> _Layout | None:
    """Return how examples of a shape become images, or None where they are none."""
    if config.task == "language-model":
        return None
    match shape:
        case (1 | 3, height, width) if min(height, width) >= _FEWEST_PIXELS:
            return lambda values: values
        case (height, width, 1 | 3) if min(height, width) >= _FEWEST_PIXELS:
            return lambda values: values.movedim(-1, 1)
        case (height, width) if min(height, width) >= _FEWEST_WITHOUT_CHANNELS:
            is_sequence = config.model.kind in ("rnn", "transformer")
            return None if is_sequence else lambda values: values.unsqueeze(1)
        case _:
            return None


def _sample(count: int) -> Array:
    """Return places of a split in ascending order, the first ones always among them."""
    if count <= _ROWS:
        return np.arange(count)
    drawn = _FIRST + np.random.default_rng(0).permutation(count - _FIRST)[: _ROWS - _FIRST]
    return np.concatenate([np.arange(_FIRST), np.sort(drawn)])


def _losses(parts: Parts, evaluated: Evaluated, places: Array, should_stop: Callable[[], bool]) -> dict[int, float]:
    """Return the loss of each row by itself; none where a loss is of several rows together."""
    if parts.config.task == "metric-learning":
        return {}
    found: list[Tensor] = []
    for start in range(0, len(places), _BETWEEN_STOPS):
        if should_stop():
            raise EvaluationStopped
        rows = places[start : start + _BETWEEN_STOPS]
        found += [parts.loss(evaluated.outputs[i : i + 1], evaluated.targets[i : i + 1]).float() for i in rows]
    return dict(zip(places.tolist(), torch.stack(found).tolist(), strict=True))


def _gravity(loss: float) -> float:
    return math.inf if math.isnan(loss) else loss


def _views(
    config: RunConfig, loaded: LoadedData, split: Split, evaluated: Evaluated, chosen: Array
) -> dict[str, Tensor]:
    """Return rows [n, ...] as loaded, as the network sees them, and as it says them, float32 on the CPU."""
    seen = _inputs(split, chosen)
    views = {"seen": seen}
    if not loaded.inputs.steps:
        views = {"loaded": seen}
    elif (original := _undone(loaded, seen)) is not None:
        views = {"loaded": original, "seen": seen}
    if config.task == "reconstruction" and evaluated.outputs[0].numel() == seen[0].numel():
        said = as_values(config, evaluated.outputs[chosen].cpu().float().reshape(seen.shape))
        views["said"] = said if isinstance(loaded.targets, OneWay) else loaded.targets.unscale(said)
    return views


def _inputs(split: Split, chosen: Array) -> Tensor:
    if split.inputs is not None:
        return split.inputs[torch.from_numpy(chosen).to(split.inputs.device)].cpu().float()
    assert split.dataset is not None
    return torch.stack([split.dataset[place][0] for place in chosen.tolist()]).float()


def _undone(loaded: LoadedData, seen: Tensor) -> Tensor | None:
    try:
        original = loaded.inputs.unscale(seen)
    except NotImplementedError:
        return None
    return original if original.shape == seen.shape else None


def _packed(views: dict[str, Tensor], first: int) -> tuple[list[ImageLayer], Array]:
    """Return the layers and their bytes [n, C, H, W]: of all images, then of the first `first`, or of the others."""
    (name, shown), *_ = views.items()
    seen, said = views.get("seen"), views.get("said")
    low, high = _range(shown if said is None else torch.cat([shown, said]))
    layers = [ImageLayer(name=name, begin=0, low=low, high=high)]
    stacks = [_levels(shown, low, high)]
    if seen is not None and name != "seen":
        ends = _range(seen[:first])
        levels = _levels(seen[:first], *ends)
        if _is_same(levels, _levels(shown[:first], *_range(shown[:first]))):
            ends = _range(seen)  # as those of the first layer are of all images
            layers.append(ImageLayer(name="seen", begin=0, low=ends[0], high=ends[1]))
        else:
            layers.append(ImageLayer(name="seen", begin=len(shown), low=ends[0], high=ends[1]))
            stacks.append(levels)
    if said is not None:  # to be held against what was shown, it is on the same scale
        layers.append(ImageLayer(name="said", begin=sum(map(len, stacks)), low=low, high=high))
        stacks.append(_levels(said[first:], low, high))
    return layers, np.concatenate(stacks)


def _small(images: Tensor) -> Tensor:
    """Return images [n, C, H, W] that are at most 64 pixels long, each pixel the mean of those it stands for."""
    height, width = images.shape[2:]
    share = _SIDE / max(height, width)
    if share >= 1:
        return images
    return functional.adaptive_avg_pool2d(images, (max(1, round(height * share)), max(1, round(width * share))))


def _levels(images: Tensor, low: float, high: float) -> Array:
    """Return the bytes [n, C, h, w] of images, made small."""
    values = _small(images).double().numpy()
    is_finite = np.isfinite(values)
    share = (np.where(is_finite, values, low) - low) / ((high - low) or 1.0)
    return np.where(is_finite, np.rint(share.clip(0, 1) * LEVELS), NONFINITE).astype(np.uint8)


def _is_same(one: Array, other: Array) -> bool:
    """Say whether nobody could see a difference: a rounding, at the most."""
    is_finite = (one != NONFINITE) & (other != NONFINITE)
    if not np.array_equal(one == NONFINITE, other == NONFINITE):
        return False
    return bool((np.abs(one.astype(int) - other)[is_finite] <= 1).all())


def _extent(image: Tensor) -> dict[str, float | int | None]:
    finite = image[torch.isfinite(image)]
    if not len(finite):
        return {"nonfinite": image.numel()}
    low, high = _range(image)
    return {"low": low, "high": high, "nonfinite": image.numel() - len(finite)}


def _range(values: Tensor) -> tuple[float, float]:
    """Return the smallest and the largest finite value, without digits that are rounding; 0 and 0 where none is."""
    finite = values[torch.isfinite(values)].double()
    if not len(finite):
        return 0.0, 0.0
    low, high = float(finite.min()), float(finite.max())
    if high == low:
        return low, high
    digits = _DIGITS - math.floor(math.log10(high - low))
    return round(low, digits) + 0.0, round(high, digits) + 0.0
