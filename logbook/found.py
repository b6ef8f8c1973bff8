"""What a search found, from Python: runs, the columns that were asked for, and both as a pandas frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, overload

from logbook.errors import UsageError

if TYPE_CHECKING:
    import pandas

    from logbook.answers import RunList
    from logbook.book import Run
    from logbook_schemas.records.summary import RunSummary

__all__ = ["Found"]

_MOMENTS = ("started_at", "started", "ended")


class Found:
    """Runs in the order of the search. Iterating gives each as a `Run`."""

    def __init__(self, found: RunList, open_run: Callable[[str], Run]) -> None:
        self._found = found
        self._open_run = open_run

    def __len__(self) -> int:
        return len(self._found.runs)

    def __iter__(self) -> Iterator[Run]:
        return (self._open_run(run.id) for run in self._found.runs)

    @overload
    def __getitem__(self, place: int) -> Run: ...
    @overload
    def __getitem__(self, place: slice) -> list[Run]: ...
    def __getitem__(self, place: int | slice) -> Run | list[Run]:
        if isinstance(place, slice):
            return [self._open_run(run.id) for run in self._found.runs[place]]
        return self._open_run(self._found.runs[place].id)

    def __repr__(self) -> str:
        some = ", ".join(run.id for run in self._found.runs[:5])
        return f"<{len(self)} run{'' if len(self) == 1 else 's'}{': ' if some else ''}{some}{', …' * (len(self) > 5)}>"

    @property
    def summaries(self) -> tuple[RunSummary, ...]:
        """A line of `logbook ls` for each run."""
        return self._found.runs

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What `logbook search --json` prints of each run, numbers that aren't finite as what they are."""
        from logbook.history.documents import found_lines

        return found_lines(self._found)

    def _columns(self) -> list[str]:
        """Return what a row would have, where there is none."""
        from logbook_schemas.records.summary import RunSummary

        return list(dict.fromkeys(["id", *(self._found.columns or RunSummary.model_fields)]))

    def frame(self) -> pandas.DataFrame:
        """Return the rows as a pandas frame: a column for each field, moments as such, in UTC.

        What a run doesn't have is missing. In a column of numbers pandas can't tell that from NaN: `rows` can. Raises
        UsageError where pandas isn't installed.
        """
        try:
            import pandas
        except ImportError as error:
            what = "a frame needs pandas, which isn't installed: pip install 'training-logbook[pandas]'"
            raise UsageError(f"{what}. `rows` has the same without it") from error
        rows = self.rows
        columns = list(dict.fromkeys(name for row in rows for name in row)) or self._columns()
        frame = pandas.DataFrame([[row.get(name) for name in columns] for row in rows], columns=columns)
        for name in {*_MOMENTS} & {*columns}:
            frame[name] = pandas.to_datetime(frame[name], utc=True, format="ISO8601")
        return frame
