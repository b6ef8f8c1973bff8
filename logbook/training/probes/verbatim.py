"""What a language model writes by itself, and how much of it stands word for word in its training text."""

from __future__ import annotations

import time

import numpy as np
import torch
from torch import Tensor

from logbook.training.data import LoadedData, Split
from logbook.training.data.arrays import Array
from logbook.training.parts import Parts, autocast, outputs_of
from logbook.training.probes.untouched import untouched
from logbook_schemas.records.measures import VerbatimRecord

__all__ = ["copied_text", "longest_shared"]

_PROMPTS = 2
_PROMPT_TOKENS = 32
_GENERATED = 120
_TEXT = 2_000_000
"""Tokens of the training text that are searched: 120 stretches in it take about a tenth of a second."""

_SECONDS = 1.0


@torch.no_grad()
def copied_text(parts: Parts, loaded: LoadedData) -> VerbatimRecord | None:
    """Let the model write on from the beginnings of two validation rows, and find what it copied.

    Tokens are drawn with a fixed seed from what the model says. None where the data are no text, and where writing
    would take more than a second.
    """
    vocabulary, validation = loaded.source.vocabulary, loaded.validation
    if vocabulary is None or validation is None or validation.inputs is None or loaded.train.inputs is None:
        return None
    rows = [0, len(validation) // 2][: min(_PROMPTS, len(validation))]
    inputs = validation.inputs[rows]
    prompts = inputs[:, : min(_PROMPT_TOKENS, inputs.shape[1])]
    with untouched(parts.evaluated, parts.device):
        written = _write(parts, prompts, length=inputs.shape[1])
    if written is None:
        return None
    text = loaded.train.inputs.flatten()[:_TEXT].cpu().numpy()
    stretches = [longest_shared(row, text) for row in written.cpu().numpy()]
    longest = max(stretches, key=len)
    # Text that repeats itself, as licences and tables do, has long stretches in common without being learnt by heart.
    natural = max(len(longest_shared(row, text)) for row in _as_long(validation, rows))
    return VerbatimRecord(
        prompts=len(rows),
        prompt_tokens=prompts.shape[1],
        generated=_GENERATED,
        longest=len(longest),
        natural=natural,
        text=vocabulary.write(longest),
    )


def _write(parts: Parts, prompts: Tensor, *, length: int) -> Tensor | None:
    """Return the tokens [N, 120] that the model writes after the prompts; None where it takes too long."""
    model = parts.evaluated.eval()
    generator = torch.Generator().manual_seed(0)
    tokens, began = prompts, time.monotonic()
    for _ in range(_GENERATED):
        with autocast(parts.config, parts.device):
            outputs = outputs_of(model, tokens[:, -length:])[:, -1].float()
        drawn = torch.multinomial(outputs.softmax(-1).cpu(), 1, generator=generator)
        tokens = torch.cat([tokens, drawn.to(tokens.device)], dim=1)
        if time.monotonic() - began > _SECONDS:
            return None
    return tokens[:, prompts.shape[1] :]


def _as_long(split: Split, rows: list[int]) -> list[Array]:
    """Return as many tokens of the split itself as were written, from each of the rows on."""
    assert split.inputs is not None
    text = split.inputs.flatten().cpu().numpy()
    starts = [row * split.inputs.shape[1] for row in rows]
    return [text[start : start + _GENERATED] for start in starts]


def longest_shared(tokens: Array, text: Array) -> Array:
    """Return the longest stretch of consecutive tokens that stands in the text."""
    needle, hay = (np.asarray(values).astype("<u4").tobytes() for values in (tokens, text))
    begin, size = 0, 0
    for start in range(len(tokens)):
        # A longer stretch than the longest so far, from here: grown token by token while it is found.
        while start + size < len(tokens) and _stands(needle[4 * start : 4 * (start + size + 1)], hay):
            begin, size = start, size + 1
    return tokens[begin : begin + size]


def _stands(part: bytes, text: bytes) -> bool:
    place = text.find(part)
    while place % 4 and place >= 0:  # between two tokens
        place = text.find(part, place + 1)
    return place >= 0
