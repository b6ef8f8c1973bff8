"""A report of recorded runs, as one file of HTML."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from logbook.errors import UsageError
from logbook.files import writing

__all__ = ["write_report"]


def write_report(references: Sequence[str], *, output: Path | None = None, logbook: str | None = None) -> Path:
    """Write the page of a run, or of several beside each other, and return where it lies.

    By default the file is named for the runs, in the current folder.
    """
    from logbook.comparing import compare_runs
    from logbook.plots import picture_of, read_runs
    from logbook.plotting import available
    from logbook.reporting import comparison_page, run_page
    from logbook.store import locate, open_reader

    with open_reader(locate(logbook)) as reader:
        numbers = [reader.resolve(reference) for reference in references]
        twice = next((number for number in numbers if numbers.count(number) > 1), None)
        if twice is not None:
            raise UsageError(f"r{twice} is named twice; a report compares different runs")
        runs = read_runs(reader, numbers)
    panels = available(runs)
    pictures = [picture_of(runs, panels, kind="svg")] if panels else []
    if len(runs) == 1:
        page = run_page(runs[0], pictures=pictures)
    else:
        comparison = compare_runs([run.summary.id for run in runs], logbook=logbook)
        page = comparison_page(comparison, runs, pictures=pictures)
    path = output or Path(f"{'-'.join(run.summary.id for run in runs[:4])}.html")
    with writing(path):
        path.write_text(page, encoding="utf-8")
    return path
