"""Tokens and their numbers: which characters a text has, learnt from its training part, or the 256 bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from logbook.training.data.arrays import Array

__all__ = ["NOT_COUNTED", "Vocabulary", "byte_vocabulary", "learn_characters"]

NOT_COUNTED = -100
"""The target at a position that neither the loss nor a metric counts; torch's own `ignore_index`."""

_UNKNOWN = "\ufffd"


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """`names` are the tokens as a person reads them. Of characters, `labels` are the code points in ascending order,
    and token 0 stands for any other."""

    level: Literal["character", "byte"]
    names: tuple[str, ...]
    labels: Array | None = None

    def __len__(self) -> int:
        return len(self.names)

    def read(self, text: str) -> Array:
        """Return the tokens of a text, int32; 0 for a character that isn't known."""
        if self.labels is None:
            return np.frombuffer(text.encode("utf-8", "surrogateescape"), np.uint8).astype(np.int32)
        points = code_points(text)
        places = np.minimum(np.searchsorted(self.labels, points), len(self.labels) - 1)
        return np.where(self.labels[places] == points, places + 1, 0).astype(np.int32)

    def write(self, tokens: Array) -> str:
        """Return the text of tokens."""
        if self.labels is None:
            return bytes(tokens.astype(np.uint8)).decode("utf-8", "replace")
        return "".join(self.names[token] for token in tokens.tolist())

    def statistics(self) -> dict[str, Any]:
        """Return the vocabulary as JSON has it."""
        known = None if self.labels is None else [int(point) for point in self.labels]
        return {"level": self.level, "code_points": known}

    @classmethod
    def from_statistics(cls, kept: Mapping[str, Any]) -> Vocabulary:
        """Return the vocabulary whose `statistics` these are."""
        if kept["code_points"] is None:
            return byte_vocabulary()
        return _of_characters(np.array(kept["code_points"], dtype=np.int32))


def learn_characters(text: str) -> Vocabulary:
    """Return the vocabulary of a text's characters, ordered by code point."""
    return _of_characters(np.unique(code_points(text)))


def _of_characters(labels: Array) -> Vocabulary:
    return Vocabulary(level="character", names=(_UNKNOWN, *map(chr, labels.tolist())), labels=labels)


def byte_vocabulary() -> Vocabulary:
    """Return the vocabulary of all 256 bytes."""
    names = tuple(chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}" for byte in range(256))
    return Vocabulary(level="byte", names=names)


def code_points(text: str) -> Array:
    """Return the code points of a text, int32."""
    return np.frombuffer(text.encode("utf-32-le"), "<u4").astype(np.int32)
