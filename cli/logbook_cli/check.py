"""`logbook check`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.output import emit, emit_json, is_coloured

__all__ = ["check"]


def check(
    config: options.Config,
    set_: options.Set = None,
    data: Annotated[bool, typer.Option("--data", help="Load the data and judge it too.")] = False,
    start: Annotated[bool, typer.Option("--start", help="Build the model and judge it untrained too.")] = False,
    strict: options.Strict = False,
    careful: options.Careful = False,
    as_json: options.AsJson = False,
    logbook: options.Logbook = None,
) -> None:
    """Judge a config by the checklist. No run is made.

    Exit status: 0 nothing grave, 1 an error (with --strict also a warning), 2 a config that can't run.
    """
    from logbook.running import check as check_config
    from logbook_cli.views.findings import findings_summary, findings_view
    from logbook_cli.views.run import not_held
    from logbook_cli.views.text import Ink
    from logbook_cli.watching import TerminalProgress
    from logbook_schemas.checklist.sentence import cause_sentence
    from logbook_schemas.records.documents import CheckDocument

    overrides = tuple(set_ or ())
    report = check_config(
        config,
        overrides=overrides,
        data=data,
        start=start,
        strict=strict,
        careful=careful,
        asker=TerminalProgress(),
        logbook=logbook,
    )
    if as_json:
        cause = cause_sentence(report.findings)
        emit_json(
            CheckDocument(
                cause=cause,
                findings=report.findings,
                refused=report.refused,
                nondeterministic=report.nondeterministic,
            )
        )
    else:
        view = findings_view(report.findings, ink=Ink(is_coloured(sys.stdout)))
        held = not_held(report.nondeterministic) if report.nondeterministic else ""
        emit("\n".join(part for part in (view, held, findings_summary(report.findings)) if part))
    raise typer.Exit(1 if report.refused else 0)
