"""The logbook from Python: `logbook.open()` gives a book, `book.run("r42")` a run, `run.model("best")` its network,
`book.search("lr<1e-3")` the runs that a query matches.

Each question opens the store and closes it: a book may be kept for as long as one likes, and be used after a fork.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from logbook.store import locate, open_reader

if TYPE_CHECKING:
    from pydantic import JsonValue

    from logbook.found import Found
    from logbook.results import Which
    from logbook.training.trained import TrainedModel
    from logbook_schemas.records.findings import Finding
    from logbook_schemas.records.measures import EndRecord, EpochRecord
    from logbook_schemas.records.reruns import RerunDocument
    from logbook_schemas.records.runs import RunRecord, RunSummary

__all__ = ["Book", "Run"]


class Book:
    """A logbook that is there. `folder` is where it lies."""

    def __init__(self, folder: str | Path | None = None) -> None:
        """Find a logbook as the commands do; NotFoundError where there is none, StoreError where it can't be read."""
        self.folder = locate(folder)
        with open_reader(self.folder):
            pass

    def __repr__(self) -> str:
        return f"Book({str(self.folder)!r})"

    def run(self, reference: str) -> Run:
        """Return a run by what the commands call it: r42, @, amber-heron, digits-mlp@3, best:digits-mlp.

        Raises NotFoundError, with the nearest name, where there is none; UsageError where it means several.
        """
        with open_reader(self.folder) as reader:
            return Run(self, reader.resolve(reference))

    def search(
        self,
        query: str,
        *,
        columns: str | Sequence[str] | None = None,
        sort: str | None = None,
        limit: int | None = None,
    ) -> Found:
        """Return the runs that a query matches, as `logbook search` does: book.search("lr<1e-3").frame()

        `columns` are fields of the query language (docs/search.md), a list or a text with commas. Raises UsageError,
        with the place marked, for a query or a column that can't be meant.
        """
        from logbook.found import Found
        from logbook.searching import search_runs

        asked = columns if columns is None or isinstance(columns, str) else ",".join(map(_quoted, columns))
        found = search_runs(query, logbook=str(self.folder), sort=sort, limit=limit, columns=asked)
        return Found(found, self.run)


def _quoted(column: str) -> str:
    """Return a column's name so that blanks and commas are part of it."""
    escaped = column.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if re.search(r'[\s,"]', column) else column


class Run:
    """A run of a book. What is read of it is of the moment when it is first asked for."""

    def __init__(self, book: Book, number: int) -> None:
        self._book = book
        self._number = number

    def __repr__(self) -> str:
        return f"<Run {self.id} {self.summary.words} {self.summary.name}@{self.summary.version}: {self.summary.status}>"

    @property
    def id(self) -> str:
        return f"r{self._number}"

    @cached_property
    def record(self) -> RunRecord:
        """The run, whole, as it is recorded; its findings ranked."""
        from logbook.answers import show_run

        return show_run(self.id, logbook=str(self._book.folder))

    @property
    def summary(self) -> RunSummary:
        return self.record.summary

    @property
    def config(self) -> dict[str, JsonValue]:
        """The frozen config, every default filled in."""
        return self.record.config

    @property
    def epochs(self) -> tuple[EpochRecord, ...]:
        """The newest record of each epoch."""
        return self.record.epochs

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the checklist found, the most probable cause first."""
        return self.record.findings

    @property
    def end(self) -> EndRecord | None:
        """How it ended; None while it runs."""
        return self.record.end

    def code(self) -> dict[str, str]:
        """Return the sources that it loaded, as they were, by path. What wasn't kept is missing."""
        from logbook.sources import show_code

        found = show_code(self.id, logbook=str(self._book.folder))
        return {file.path: file.text for file in found.files if file.text is not None}

    def rerun(self, *, links: Sequence[str | Path] = (), tolerance: float | None = None) -> RerunDocument:
        """Make the run again, as `logbook rerun` does, in a process of its own; `same` says whether it came out so.

        `links` are files and folders that the code reads at its own place and that no commit holds, `tolerance` the
        relative difference up to which losses count as the same (1e-4). Raises UsageError for a run that can't be made
        again.
        """
        from logbook.rerunning import rerun

        return rerun(self.id, links=links, tolerance=tolerance, logbook=str(self._book.folder)).document

    def model(self, checkpoint: Which = "best", *, device: str = "auto", careful: bool = False) -> TrainedModel:
        """Return the trained network with its preparation; `network` on it is the bare torch.nn.Module.

        What differs from when it was trained (libraries, your own code) is told as a UserWarning. Raises
        NotFoundError where there is no such checkpoint, and says why; with `careful`, RefusedError before code runs
        that this logbook has not run before.
        """
        from logbook.results import load_model

        model, _, remarks = load_model(
            self.id,
            checkpoint=checkpoint,
            device=device,
            careful=careful,
            asker=_Warner(),
            logbook=self._book.folder,
        )
        for remark in remarks:
            warnings.warn(remark, UserWarning, stacklevel=2)
        return model


class _Warner:
    """Tells what a program should know as a UserWarning; a program can't be asked."""

    def message(self, text: str) -> None:
        warnings.warn(text, UserWarning, stacklevel=5)

    def confirm(self, _: str, /) -> bool:
        return False
