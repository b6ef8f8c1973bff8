"""A new text for a trained language model, cut into windows as the run cut its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from logbook.errors import DataError
from logbook.training.data.sources.raw import Examples
from logbook.training.data.sources.text import cut_text, read_text
from logbook.training.data.vocabulary import Vocabulary
from logbook_schemas.config.sequences import Docstrings, Text

__all__ = ["TextReader"]


@dataclass(frozen=True, kw_only=True)
class TextReader:
    """`vocabulary` is that of the run's training part; `source` says how long a window is, and what a token."""

    vocabulary: Vocabulary
    source: Text | Docstrings
    run: str

    def read(self, path: Path) -> tuple[Examples, tuple[str, ...]]:
        """Return the windows of a file's text, with the token after each as its target, and what isn't known in it.

        Raises DataError for what is no text, or has less than two tokens: the first one can't be predicted.
        """
        text = read_text(path, self.source, name=str(path))
        if len(self.vocabulary.read(text)) < 2:
            raise DataError(f"{path} has {len(text)} characters; expected at least 2: the first one is not predicted")
        examples, unknown = cut_text(text, self.vocabulary, self.source)
        remark = (
            f"{path}: {unknown:,} of {len(text):,} characters don't stand in the text that {self.run} was trained on;"
            " they are shown to it as unknown, and not counted"
        )
        return examples, (remark,) if unknown else ()
