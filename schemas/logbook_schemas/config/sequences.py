"""Sources whose examples are sequences: texts, and made-up patterns of tokens and bits."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from logbook_schemas.config.base import Many, Section, kind_of, setting

__all__ = [
    "TEXTS",
    "Copy",
    "Docstrings",
    "Parity",
    "Text",
    "is_text",
    "ordered_by_default",
    "takes_no_preparation",
]

TEXTS = ("text", "docstrings")
"""Kinds of source that are one long text, cut into windows."""

_Path = Annotated[str, Field(min_length=1, max_length=4096)]


class _Windows(Section):
    """A text, cut into windows; the network predicts each token from those before it in its window."""

    level: Literal["character", "byte"] = setting(
        "character",
        about="What a token is: a character (those of the training part; any other is unknown), or a UTF-8 byte.",
    )
    length: int = setting(64, about="Tokens in a window.", ge=1, le=100_000, unit="tokens")
    stride: int | None = setting(
        None,
        about="Tokens from the start of one window to that of the next; null takes length: each token stands in"
        " one window. Windows of two splits never overlap.",
        ge=1,
        unit="tokens",
        neutral=None,
    )

    @model_validator(mode="after")
    def _leaves_nothing_out(self) -> _Windows:
        if self.stride is not None and self.stride > self.length:
            raise ValueError(
                f"stride ({self.stride}) is above length ({self.length}): the text between two windows would be left"
                " out; take at most length"
            )
        return self


class Text(_Windows):
    """Text files, UTF-8, one after the other, for a language model."""

    kind: Literal["text"] = "text"
    path: _Path | None = setting(None, about="The file, from the config's folder.")
    paths: Many[_Path] = setting((), about="Several files, read one after the other; instead of path.", neutral=[])

    @model_validator(mode="after")
    def _names_its_files(self) -> Text:
        if (self.path is None) == (not self.paths):
            raise ValueError("a text is one file (path) or several (paths); set exactly one of the two")
        return self

    @property
    def files(self) -> tuple[str, ...]:
        """The files in order."""
        return self.paths if self.path is None else (self.path,)


class Docstrings(_Windows):
    """The docstrings of the installed Python's standard library: a text that is there on every machine.

    Another Python has other docstrings; the fingerprint of the data says so.
    """

    kind: Literal["docstrings"] = "docstrings"
    characters: int = setting(
        200_000, about="At most so many characters, modules in the order of their names.", ge=1, unit="characters"
    )


class Copy(Section):
    """Tokens to be repeated after a delay: what a recurrent network has to remember.

    A row is `length` random symbols, blanks, a mark, and `length` blanks, at which the symbols are wanted.
    """

    kind: Literal["copy"] = "copy"
    symbols: int = setting(8, about="How many different symbols.", ge=2, le=10_000)
    length: int = setting(5, about="Symbols to repeat.", ge=1, le=10_000, unit="tokens")
    delay: int = setting(10, about="Tokens from the last symbol to the first wanted.", ge=1, le=100_000, unit="tokens")

    @property
    def distinct(self) -> float:
        """How many different rows there are."""
        return _power(self.symbols, self.length)


class Parity(Section):
    """Bits as -1 and 1, labelled by whether the number of ones is odd: one vector, or a sequence of single bits."""

    kind: Literal["parity"] = "parity"
    bits: int = setting(10, about="How many bits.", ge=1, le=10_000)

    @property
    def distinct(self) -> float:
        """How many different rows there are."""
        return _power(2, self.bits)


def _power(base: int, exponent: int) -> float:
    return float("inf") if exponent * base.bit_length() > 1000 else float(base**exponent)


def is_text(source: object) -> bool:
    """Say whether a raw source, `"docstrings"` or `{"kind": "text", …}`, is a text."""
    return kind_of(source) in TEXTS


def takes_no_preparation(source: object) -> bool:
    """Say whether a raw source is made of tokens or bits, which no preparation suits."""
    if is_text(source):
        return True
    pattern = source.get("pattern") if isinstance(source, dict) and source.get("kind") == "synthetic" else None
    return kind_of(pattern) in ("copy", "parity")


def ordered_by_default(data: dict[str, Any]) -> None:
    """Let a text be split in order where the config doesn't say how: random windows would show the answers."""
    split = data.get("split", {})
    if is_text(data.get("source")) and isinstance(split, dict) and "kind" not in split:
        data["split"] = {"kind": "ordered", **split}
