"""`logbook export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.output import emit, emit_json, emit_pieces, remark, write_file

__all__ = ["export"]


def export(
    run: Annotated[str | None, typer.Argument(metavar="RUN", help=options.RUN_HELP, show_default=False)] = None,
    what: Annotated[
        str, typer.Option("--what", metavar="TABLE", help="runs, epochs, settings, findings, journal or all.")
    ] = "runs",
    query: Annotated[str | None, typer.Option("--query", help="Only the runs that a query matches.")] = None,
    columns: options.Columns = None,
    form: Annotated[
        str | None, typer.Option("--format", metavar="FORMAT", help="csv, jsonl or parquet; else by the file's name.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="FILE", help="Write it to a file; all tables to a folder.", show_default=False
        ),
    ] = None,
    commented: Annotated[
        bool, typer.Option("--commented", help="The config of a run, its losses below as comments.")
    ] = False,
    as_json: options.AsJson = False,
    logbook: options.Logbook = None,
) -> None:
    """Write what is recorded for other programs: of every run, of those that a query matches, or of one.

    logbook export --query 'lr<1e-3' --columns lr,val_loss > runs.csv

    logbook export --what epochs --output epochs.parquet

    logbook export --what all --output folder

    With --commented it is the config of one run with every epoch's losses as comments: a valid config with the
    same hash.
    """
    from logbook.errors import UsageError

    if commented:
        if run is None:
            raise UsageError("the config of which run? logbook export @ --commented")
        _export_config(run, output, as_json=as_json, logbook=logbook)
        return
    from logbook.exporting import export_files, export_text
    from logbook_cli.counting import counting

    chosen = {"query": query, "run": run, "columns": columns, "format": form, "logbook": logbook}
    if output is not None:
        with counting("wrote") as progress:
            files = export_files(output, what, progress=progress, **chosen)
        if as_json:
            emit_json({"files": [{**one._asdict(), "path": str(one.path)} for one in files]})
        for one in files:
            remark(f"{one.path} is written: {one.rows:,} rows")
    elif as_json:
        raise UsageError("--json tells which files were written; to print rows as JSON: --format jsonl")
    else:
        emit_pieces(export_text(what, **chosen))


def _export_config(run: str, output: Path | None, *, as_json: bool, logbook: str | None) -> None:
    from logbook.deriving import commented_config

    text = commented_config(run, logbook=logbook)
    if output is not None:
        write_file(output, text)
        remark(f"{output} is written")
    elif as_json:
        emit_json({"text": text})
    else:
        emit(text.rstrip("\n"))
