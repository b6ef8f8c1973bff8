"""Pictures with their channels last, before a convolution that takes the first axis for channels.

What it checks: inputs of three axes of which the last has 1, 3 or 4 entries, and the first two more, neither twice the
other. A warning where the network's first convolution takes as many channels as the first axis has entries. A network
that moves the channels to the front takes 1, 3 or 4.

Why it matters: files have a picture's colours last, torch has them first. Each row of pixels is then a channel of its
own, the filters run over columns and colours, and nothing that is learnt in one row holds in another.

Instead: `x.transpose(0, 3, 1, 2)` in the source, or `x.permute(0, 3, 1, 2)` in the network.

Source: My Neural Network isn't working! What should I do? (S0-10): look at what enters the network.
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import data, evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.layers import matrices
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.records.measures import LayerRecord, StartRecord

__all__ = ["RULE"]

_COLOURS = (1, 3, 4)


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    shape = evidence.data.input_shape if evidence.data else ()
    if evidence.start is None or len(shape) != 3 or not _is_channels_last(shape):
        return
    first = next((layer for layer in matrices(evidence.start.layers) if layer.channels is not None), None)
    if first is not None and first.channels == shape[0]:
        yield Said(
            message=f"Pictures of {' x '.join(map(str, shape))} have their channels last, and layer {first.name} takes"
            f" the {shape[0]} rows of pixels for channels.",
            where=f"layer {first.name}",
            measured=list(shape),
            expected=f"pictures of {shape[2]} x {shape[0]} x {shape[1]}",
            remedy="Move the channels to the front: x.transpose(0, 3, 1, 2).",
        )


def _is_channels_last(shape: tuple[int, ...]) -> bool:
    low, high = sorted(shape[:2])
    return shape[2] in _COLOURS and low > max(_COLOURS) and high < 2 * low


def _start(channels: int) -> StartRecord:
    return start(layers=(LayerRecord(name="conv1", kind="Conv2d", order=0, fan_in=9 * channels, channels=channels),))


RULE = Rule(
    code="D142",
    name="channels-last",
    severity="warning",
    moment="start",
    title="Rows of pixels are taken for channels",
    why="Filters run over columns and colours then, and nothing learnt in one row holds in another.",
    source=cite("S0-10"),
    check=check,
    bad=lambda: evidence(data=data(input_shape=(28, 28, 3)), start=_start(28)),
    good=lambda: evidence(data=data(input_shape=(28, 28, 3)), start=_start(3)),
    doc=__doc__ or "",
)
