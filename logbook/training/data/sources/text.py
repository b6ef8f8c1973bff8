"""Texts as windows of tokens. A text is split here, before it is cut: no window reaches from one split into another.

| part | inputs, int32 [N, length] | targets, int64 [N, length] |
|---|---|---|
| each | the tokens of a window | the token after each; -100 where there is none, or an unknown one |

Every token of a part but its first is a target, exactly once where windows don't overlap. The last window is filled
up with tokens that aren't counted.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from logbook.errors import DataError
from logbook.training.data.arrays import Array
from logbook.training.data.sources.docstrings import collect_docstrings
from logbook.training.data.sources.raw import Examples, RawData, find_file
from logbook.training.data.vocabulary import NOT_COUNTED, Vocabulary, byte_vocabulary, learn_characters
from logbook_schemas.config.sequences import Docstrings, Text
from logbook_schemas.config.splits import FilesSplit, Split

__all__ = ["cut_text", "load_text", "read_text"]


def load_text(source: Text | Docstrings, split: Split, folder: Path) -> RawData:
    """Return the windows of each split, with a vocabulary of the training part alone.

    Raises DataError for a file that can't be read as the config says, or a text too short for its splits.
    """
    text, label = _read(source, folder)
    pieces = _pieces(text, label, source, split, folder)
    vocabulary = byte_vocabulary() if source.level == "byte" else learn_characters(pieces["train"])
    parts: dict[str, Examples] = {}
    notes: list[str] = []
    for name, piece in pieces.items():
        parts[name], unknown = cut_text(piece, vocabulary, source)
        if unknown:
            notes.append(
                f"{unknown:,} of the {len(piece):,} characters of the {name} part don't stand in the training part;"
                " they are shown as unknown, and not counted"
            )
    files = source.files if isinstance(source, Text) and not isinstance(split, FilesSplit) else ()
    return RawData(
        label=label,
        parts=parts,
        classes=vocabulary.names,
        file=folder / files[0] if len(files) == 1 else None,
        vocabulary=vocabulary,
        notes=tuple(notes),
    )


def cut_text(text: str, vocabulary: Vocabulary, source: Text | Docstrings) -> tuple[Examples, int]:
    """Return the windows of a text of two tokens or more, and how many of its characters aren't known."""
    tokens = vocabulary.read(text)
    examples = _windows(tokens, source.length, source.stride or source.length)
    unknown = 0 if vocabulary.labels is None else int((tokens == 0).sum())
    if unknown:
        examples.targets[examples.targets == 0] = NOT_COUNTED
    return examples, unknown


def _read(source: Text | Docstrings, folder: Path) -> tuple[str, str]:
    """Return the text and its name in messages and records."""
    if isinstance(source, Docstrings):
        return collect_docstrings(source.characters), "docstrings of the standard library"
    more = f" and {len(source.files) - 1} more" if len(source.files) > 1 else ""
    return "".join(_read_file(path, source, folder) for path in source.files), f"text {source.files[0]}{more}"


def _read_file(path: str, source: Text | Docstrings, folder: Path) -> str:
    return read_text(find_file(path, folder), source, name=path)


def read_text(file: Path, source: Text | Docstrings, *, name: str) -> str:
    """Return the text of a file, which messages call `name`. Raises DataError for one that isn't UTF-8."""
    content = file.read_bytes()
    try:
        # Bytes that are no UTF-8 are kept as they are where it is bytes that are read.
        return content.decode("utf-8", "surrogateescape") if source.level == "byte" else content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{name}:{line}: byte {content[error.start]:#04x} is no UTF-8 text; save the file as UTF-8, or set"
            " data.source.level to 'byte'"
        ) from error


def _pieces(text: str, label: str, source: Text | Docstrings, split: Split, folder: Path) -> dict[str, str]:
    """Return the parts of a text: train, then validation, then test, in its own order or from files of their own."""
    if isinstance(split, FilesSplit):
        pieces = {"train": text, **{name: _read_file(path, source, folder) for name, path in split.paths.items()}}
    else:
        shares = {name: share for name, share in split.shares.items() if share > 0}
        sizes = {name: int(share * len(text) + 0.5) for name, share in shares.items()}
        pieces, start = {"train": text[: len(text) - sum(sizes.values())]}, len(text) - sum(sizes.values())
        for name, size in sizes.items():
            pieces[name] = text[start : start + size]
            start += size
    for name, piece in pieces.items():
        if len(piece) < 2:
            raise DataError(f"{label} has {len(text)} characters, which leaves {len(piece)} for {name}; expected 2")
    return pieces


def _windows(tokens: Array, length: int, stride: int) -> Examples:
    count = 1 + max(0, -(-(len(tokens) - 1 - length) // stride))
    filled = (count - 1) * stride + length
    inputs, targets = np.zeros(filled, np.int32), np.full(filled, NOT_COUNTED, np.int64)
    inputs[: len(tokens) - 1] = tokens[:-1]
    targets[: len(tokens) - 1] = tokens[1:]
    cut = np.lib.stride_tricks.sliding_window_view
    return Examples(np.array(cut(inputs, length)[::stride]), np.array(cut(targets, length)[::stride]))
