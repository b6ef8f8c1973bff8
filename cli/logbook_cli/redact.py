"""`logbook redact`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.counting import counting
from logbook_cli.output import emit, emit_json, remark

__all__ = ["redact"]


def redact(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN]...", help="The runs whose contents are meant; all, left out.", show_default=False
        ),
    ] = None,
    match: Annotated[
        str | None,
        typer.Option(
            "--match",
            metavar="PATTERN",
            help="A regular expression that fits the secret: 'sk-[A-Za-z0-9]+'. A dash reads the secret itself from"
            " stdin, which keeps it out of the shell's history.",
        ),
    ] = None,
    file: Annotated[
        list[str] | None,
        typer.Option(
            "--file",
            metavar="NAME",
            help="A content of the run by name: diff, untracked, source, packages, config, or a path. May be repeated.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    scrub: Annotated[
        bool, typer.Option("--scrub", help="Only write the file anew, without what was redacted before.")
    ] = False,
    as_json: options.AsJson = False,
    logbook: options.Logbook = None,
) -> None:
    """Remove a secret that slipped through: each content that holds it gives way to a tombstone, which keeps its hash.

    Contents are diffs, untracked files, sources, lists of packages, and configs as they were written. A row of the
    record (a command line, a note, a setting) can't be changed: redact says which rows hold the secret. Revoke it in
    any case. docs/secrets.md tells more.
    """
    from logbook.errors import StoreError, UsageError
    from logbook.redacting import find_secret, redact_found, scrub_file
    from logbook_cli.views.upkeep import redact_view, redacted_view, scrub_view

    if scrub:
        is_clean = scrub_file(logbook=logbook)
        emit(scrub_view(is_clean=is_clean))
        raise typer.Exit(0 if is_clean else StoreError.exit_status)
    with counting("redact") as tell:
        found = find_secret(runs or [], match=match, files=file or [], logbook=logbook, tell=tell, stdin=sys.stdin)
    told = redact_view(found.document(), found.samples)
    if not as_json:
        emit(told)
    if dry_run or not found.contents:
        if as_json:
            emit_json(found.document())
        return
    if not yes:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise UsageError("nothing was removed: --yes says that it shall be; nobody can be asked here")
        if as_json or not sys.stdout.isatty():
            remark(told)  # who is asked must see what about
        remark("remove these contents for good? [y/N] ")
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            remark("nothing was removed")
            if as_json:
                emit_json(found.document())
            return
    done = redact_found(found)
    if as_json:
        emit_json(done)
    else:
        emit(redacted_view(done))
