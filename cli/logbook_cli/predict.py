"""`logbook predict`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.output import emit_json, emit_table, json_text, remark, write_file

__all__ = ["predict"]


_ROWS = "The new rows: CSV, Parquet, npz or npy; an image or a folder of them; a text for a language model."


def predict(
    run: options.Run,
    rows: Annotated[Path, typer.Argument(metavar="ROWS", help=_ROWS, show_default=False)],
    checkpoint: Annotated[str, typer.Option("--checkpoint", metavar="best|last", help="Which weights.")] = "best",
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write them to a file.", show_default=False)
    ] = None,
    device: Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:1, mps.")] = "auto",
    careful: options.Careful = False,
    as_json: options.AsJson = False,
    logbook: options.Logbook = None,
) -> None:
    """Say what the network of a run predicts for new rows, in original units and names of classes, as CSV.

    The rows have the columns that the run was trained on, in any order; they are prepared with the run's own
    statistics, images resized and texts cut as its own were. The network is built from the run's frozen config.
    A reconstruction comes with each row's error, an embedding in columns e1, e2, …, a text with its perplexity.
    """
    from logbook.results import predict as predict_rows
    from logbook_cli.views.predictions import predictions_table
    from logbook_cli.views.table import render_csv
    from logbook_cli.watching import TerminalProgress

    document, remarks = predict_rows(
        run,
        rows,
        checkpoint=checkpoint,
        device=device,
        careful=careful,
        asker=TerminalProgress(),
        logbook=logbook,
    )
    for one in remarks:
        remark(f"warning: {one}")
    if document.loss is not None:
        known = "" if document.perplexity is None else f", perplexity {document.perplexity:.4g}"
        remark(f"loss {document.loss:.4g} nats a token{known} over {document.tokens:,} tokens")
    if output is not None:
        write_file(output, json_text(document) if as_json else render_csv(predictions_table(document)))
        remark(f"{output} is written")
    elif as_json:
        emit_json(document)
    else:
        emit_table(predictions_table(document), as_csv=True)
