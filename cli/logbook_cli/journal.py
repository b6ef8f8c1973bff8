"""What `note`, `tag` and `outcome` share: how the run is told after something was said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbook_cli.output import emit, emit_json, remark

if TYPE_CHECKING:
    from logbook_schemas.records.summary import RunSummary

__all__ = ["tell_journal"]


def tell_journal(summary: RunSummary, what: str, *, as_json: bool, given: str = "") -> None:
    """Print the run and what is now said of it; `given` is the text that a person gave for it."""
    from logbook.history.documents import run_line
    from logbook.journal import hides_a_secret
    from logbook_cli.views.text import clean

    if given and hides_a_secret(given):
        remark("what looks like a secret was removed from the text: a row of the record can't be changed later")

    if as_json:
        emit_json(run_line(summary))
    else:
        emit(f"{summary.id} {clean(summary.words)}  {clean(summary.name)}@{summary.version}  {clean(what)}")
