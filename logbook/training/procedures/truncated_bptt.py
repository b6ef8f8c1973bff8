"""Truncated back-propagation through time: gradients go back a fixed number of steps, what is remembered goes on.

A text is laid out as parallel streams, each a contiguous part of it, read chunk by chunk; what the network remembers
goes from a chunk to the next without its gradient, and begins empty in each epoch. Other sequences are read batch by
batch: of one that has a single target, the gradient reaches the last steps; of tokens, each chunk in which a target
counts makes a step, and the others are only listened to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import torch
from torch import Tensor, nn

from logbook.training.data import LoadedData, Split
from logbook.training.data.batches import Batch, count_batches
from logbook.training.data.vocabulary import NOT_COUNTED
from logbook.training.feeding import epoch_batches
from logbook.training.models.rnn import Memory, RecurrentNetwork
from logbook.training.parts import Parts, autocast
from logbook.training.seeding import Generators
from logbook_schemas.config.run import RunConfig
from logbook_schemas.config.training import TruncatedBptt

__all__ = ["Carrier", "count_chunks", "epoch_chunks", "stream_chunks"]


@dataclass
class Carrier:
    """Makes the outputs of a chunk from what was remembered before it.

    A chunk that is read twice, as by several updates on one batch, is read from the same memory twice.
    """

    before: Memory | None = None
    after: Memory | None = field(default=None, repr=False)

    def __call__(self, model: nn.Module, inputs: Tensor) -> Tensor:
        outputs, after = cast(RecurrentNetwork, model).carry(inputs, self.before)
        self.after = tuple(tuple(state.detach() for state in layer) for layer in after)
        return outputs

    def go_on(self) -> None:
        """Remember what the last chunk left."""
        self.before = self.after

    def forget(self) -> None:
        """Begin with an empty memory."""
        self.before = self.after = None


def count_chunks(config: RunConfig, loaded: LoadedData, procedure: TruncatedBptt) -> int:
    """Return how many optimizer steps an epoch has."""
    batch_size = config.training.rows
    if loaded.is_text and loaded.train.inputs is not None:
        length = -(-loaded.train.inputs.numel() // batch_size)
        return -(-length // procedure.length)
    batches = count_batches(len(loaded.train), batch_size)
    return batches * sum(counts for _, _, counts in _pieces(config, loaded, procedure.length))


def epoch_chunks(
    parts: Parts, loaded: LoadedData, generators: Generators, procedure: TruncatedBptt, carrier: Carrier
) -> Iterator[Batch]:
    """Yield the chunks of one epoch, each of which makes an optimizer step, and move the `carrier` along."""
    config = parts.config
    carrier.forget()
    if loaded.is_text:
        for chunk in stream_chunks(loaded.train, config.training.rows, procedure.length):
            yield chunk
            carrier.go_on()
        return
    pieces = _pieces(config, loaded, procedure.length)
    for inputs, targets in epoch_batches(
        config, loaded.train, generators, parts.device, batch_size=config.training.rows
    ):
        carrier.forget()
        for start, end, counts in pieces:
            piece = inputs[:, start:end]
            if counts:
                yield piece, (targets[:, start:end] if config.task == "language-model" else targets)
            else:
                with torch.no_grad(), autocast(config, parts.device):
                    carrier(parts.model, piece)
            carrier.go_on()


def stream_chunks(split: Split, streams: int, length: int) -> Iterator[Batch]:
    """Yield the chunks, [streams, length], of a text whose windows stand in order; the last one may be shorter.

    Put together stream by stream, the chunks are the text; what fills up the last stream isn't counted.
    """
    if split.inputs is None or split.targets is None:
        raise ValueError("a text is held in memory")
    inputs = _laid_out(split.inputs, streams, filler=0)
    targets = _laid_out(split.targets, streams, filler=NOT_COUNTED)
    for start in range(0, inputs.shape[1], length):
        yield inputs[:, start : start + length], targets[:, start : start + length]


def _laid_out(windows: Tensor, streams: int, *, filler: int) -> Tensor:
    """Return tokens [N, L] as [streams, ⌈N · L / streams⌉], row after row."""
    flat = windows.flatten()
    each = -(-len(flat) // streams)
    return nn.functional.pad(flat, (0, streams * each - len(flat)), value=filler).view(streams, each)


def _pieces(config: RunConfig, loaded: LoadedData, length: int) -> list[tuple[int, int, bool]]:
    """Return where each chunk of a row starts and ends, and whether a target counts there."""
    steps = loaded.input_shape[0]
    if config.task != "language-model":
        cut = max(0, steps - length)
        return [*([(0, cut, False)] if cut else []), (cut, steps, True)]
    targets = loaded.train.targets
    # Targets of a Dataset aren't known before they are read.
    counted = [True] * steps if targets is None else (targets != NOT_COUNTED).any(0).tolist()
    ends = [(start, min(start + length, steps)) for start in range(0, steps, length)]
    return [(start, end, any(counted[start:end])) for start, end in ends]
