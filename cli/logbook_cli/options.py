"""Options that several commands share, so that they read the same everywhere."""

from __future__ import annotations

from typing import Annotated

import typer

from logbook.errors import UsageError

__all__ = [
    "RUN_HELP",
    "AsCsv",
    "AsJson",
    "AsMarkdown",
    "Careful",
    "Columns",
    "Config",
    "Logbook",
    "Quiet",
    "Run",
    "Set",
    "Strict",
    "check_one_form",
]

Logbook = Annotated[
    str | None,
    typer.Option(
        "--logbook",
        metavar="FOLDER",
        help="The logbook to use; else $LOGBOOK_STORE, else the nearest .logbook upwards.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print the table as CSV.")]
AsMarkdown = Annotated[bool, typer.Option("--md", help="Print the table as Markdown.")]
Config = Annotated[str, typer.Argument(metavar="CONFIG", help="The config file.", show_default=False)]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change a setting: --set optimizer.lr=1e-4. May be repeated."),
]
Strict = Annotated[bool, typer.Option("--strict", help="Let warnings count as errors.")]
Careful = Annotated[
    bool, typer.Option("--careful", help="Ask before own code runs that this logbook has not run before.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing while it trains.")]
Columns = Annotated[
    str | None,
    typer.Option(
        "--columns",
        metavar="FIELDS",
        help="What to show of each run, fields of the query language: lr,val_loss.last,val_loss@10,outcome.",
    ),
]
RUN_HELP = "A run: r42, @ (newest), @-1, amber-heron, digits-mlp@3, best:digits-mlp."
Run = Annotated[str, typer.Argument(metavar="RUN", help=RUN_HELP, show_default=False)]


def check_one_form(*, as_json: bool, as_csv: bool, as_markdown: bool) -> None:
    """Raise UsageError where more than one form of output is asked for: stdout holds one document."""
    given = [name for name, wanted in (("--json", as_json), ("--csv", as_csv), ("--md", as_markdown)) if wanted]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} exclude each other; give one")
