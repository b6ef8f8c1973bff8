"""`logbook export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.output import emit_json, emit_pieces, remark, write_file

__all__ = ["export"]


def export(
    run: Annotated[str | None, typer.Argument(metavar="RUN", help=options.RUN_HELP, show_default=False)] = None,
    what: Annotated[
        str, typer.Option("--what", metavar="TABLE", help="runs, epochs, settings, findings, journal or all.")
    ] = "runs",
    query: Annotated[str | None, typer.Option("--query", help="Only the runs that a query matches.")] = None,
    columns: options.Columns = None,
    form: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="FORMAT", help="csv, json, jsonl, md or parquet; else by the file's name, else csv."
        ),
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
    as_csv: Annotated[bool, typer.Option("--csv", help="The same as --format csv.")] = False,
    as_markdown: Annotated[bool, typer.Option("--md", help="The same as --format md.")] = False,
    as_parquet: Annotated[bool, typer.Option("--parquet", help="The same as --format parquet.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document on stdout: the rows, or the files that were written.")
    ] = False,
    logbook: options.Logbook = None,
) -> None:
    """Write what is recorded for other programs: of every run, of those that a query matches, or of one.

    logbook export --query 'lr<1e-3' --columns lr,val_loss --md

    logbook export --what epochs --output epochs.parquet

    logbook export --what all --output folder

    With --commented it is the config of one run with every epoch's losses as comments: a valid config with the
    same hash.
    """
    from logbook.errors import UsageError

    chosen_form = _one_form(form, as_csv=as_csv, as_markdown=as_markdown, as_parquet=as_parquet)
    if commented:
        if run is None:
            raise UsageError("the config of which run? logbook export @ --commented")
        if what != "runs" or query is not None or columns is not None or chosen_form is not None:
            raise UsageError("--commented writes a config, not a table: it goes with RUN, --output and --json alone")
        _export_config(run, output, as_json=as_json, logbook=logbook)
        return
    from logbook.exporting import export_files, export_text
    from logbook_cli.counting import counting

    chosen = {"query": query, "run": run, "columns": columns, "logbook": logbook}
    if output is not None:
        with counting("export") as tell:
            files = export_files(output, what, format=chosen_form, tell=tell, **chosen)
        if as_json:
            emit_json({"files": [{**one._asdict(), "path": str(one.path)} for one in files]})
        for one in files:
            remark(f"{one.path} is written: {one.rows:,} row{'' if one.rows == 1 else 's'}")
        return
    if as_json and chosen_form is not None:
        raise UsageError(f"--json and --format {chosen_form} exclude each other; give one")
    emit_pieces(export_text(what, format="json" if as_json else chosen_form, **chosen))


def _one_form(form: str | None, *, as_csv: bool, as_markdown: bool, as_parquet: bool) -> str | None:
    from logbook.errors import UsageError

    flags = {"csv": as_csv, "md": as_markdown, "parquet": as_parquet}
    given = [*([form] if form else []), *(name for name, wanted in flags.items() if wanted)]
    if len(given) > 1:
        raise UsageError(f"one format at a time, got {' and '.join(given)}")
    return given[0] if given else None


def _export_config(run: str, output: Path | None, *, as_json: bool, logbook: str | None) -> None:
    from logbook.deriving import commented_config

    text = commented_config(run, logbook=logbook)
    if output is not None:
        write_file(output, text)
        remark(f"{output} is written")
    elif as_json:
        emit_json({"text": text})
    else:
        emit_pieces([text.rstrip("\n"), "\n"])
