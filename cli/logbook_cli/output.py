"""What leaves the program: documents on stdout, remarks on stderr, nothing that a terminal could mistake.

A text that a person or a file wrote may hold escape sequences; what is printed holds none but our own.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TextIO

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from logbook_cli.views.table import Table

__all__ = [
    "PIPE_CLOSED",
    "draws_unicode",
    "emit",
    "emit_bytes",
    "emit_json",
    "emit_pieces",
    "emit_table",
    "hint",
    "is_coloured",
    "json_text",
    "print_error",
    "remark",
    "width",
    "write_file",
]

PIPE_CLOSED = 141
"""Exit status of a program whose reader went away (128 + SIGPIPE), as `head` makes it happen."""

# Control characters and marks that turn or hide text: JSON may hold them, a terminal should not see them raw.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def emit(text: str) -> None:
    """Print a text on stdout, at once; characters that its encoding lacks are shown as escapes."""
    _write(sys.stdout, f"{text}\n")


def emit_pieces(pieces: Iterable[str]) -> None:
    """Print a long text on stdout piece by piece: as it is for a program, with nothing that a terminal obeys on one."""
    from logbook_cli.views.text import clean_block

    is_terminal = sys.stdout.isatty()
    for piece in pieces:
        _write(sys.stdout, clean_block(piece) if is_terminal else piece)


def emit_bytes(content: bytes) -> None:
    """Print what a file held on stdout, to the byte, into a file or a pipe: a terminal would obey it."""
    sys.stdout.flush()
    _deliver(sys.stdout, lambda: sys.stdout.buffer.write(content))


def emit_json(document: Any) -> None:
    """Print one JSON document: a record, or what holds records.

    Numbers that aren't finite are written as "NaN", "Infinity", "-Infinity".
    """
    emit(json_text(document, ensure_ascii=not draws_unicode()))


def json_text(document: Any, *, ensure_ascii: bool = False) -> str:
    """Return the text that `emit_json` prints."""
    from logbook_schemas.records.stored import plain

    text = json.dumps(plain(document), ensure_ascii=ensure_ascii, allow_nan=False, indent=2)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def write_file(path: Path, text: str) -> None:
    """Write a text to a file, line ends as they are; UsageError where that can't be."""
    from logbook.files import writing

    with writing(path):
        path.write_text(text, encoding="utf-8", newline="")


def emit_table(table: Table, *, as_csv: bool = False, as_markdown: bool = False) -> None:
    """Print a table for people, or as CSV or Markdown."""
    from logbook_cli.views.table import render_csv, render_markdown, render_text
    from logbook_cli.views.text import Ink

    if as_csv:
        emit_pieces([render_csv(table)])
    elif as_markdown:
        emit(render_markdown(table))
    else:
        emit(render_text(table, ink=Ink(is_coloured(sys.stdout)), width=width(sys.stdout)))


def remark(text: str) -> None:
    """Say something on stderr."""
    _write(sys.stderr, f"{text}\n")


def hint(text: str) -> None:
    """Say on stderr what to type next."""
    from logbook_cli.views.text import Ink

    remark(Ink(is_coloured(sys.stderr)).paint(text, "dim"))


def print_error(message: str, *, status: int, problems: Sequence[str] = (), as_json: bool = False) -> None:
    """Say on stderr what went wrong, and on stdout as a JSON document where that was asked for."""
    from logbook_cli.views.text import Ink, clean_block

    word = Ink(is_coloured(sys.stderr)).paint("error:", "red", "bold")
    lines = [
        f"{word} {clean_block(message)}",
        *(f"  {clean_block(problem)}" for problem in problems if problem not in message),
    ]
    remark("\n".join(lines))
    if as_json:
        emit_json({"error": {"message": message, "status": status, "problems": list(problems)}})


def is_coloured(stream: TextIO) -> bool:
    """Say whether a stream takes colours: a terminal, and nobody said no (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def draws_unicode() -> bool:
    """Say whether stdout takes more than ASCII."""
    return (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")


def width(stream: TextIO) -> int | None:
    """Return the columns of a terminal, None for a pipe or file: there nothing is cut."""
    if not stream.isatty():
        return None
    from shutil import get_terminal_size

    return max(get_terminal_size().columns, 40)


def _write(stream: TextIO, text: str) -> None:
    if stream.isatty():
        from logbook_cli.views.text import without_commands

        text = without_commands(text)
    _deliver(stream, lambda: stream.write(_encodable(text, stream.encoding or "ascii")))


def _deliver(stream: TextIO, write: Callable[[], object]) -> None:
    """Write at once; end the program where the reader went away, or there is no room."""
    try:
        write()
        stream.flush()
    except OSError as error:
        if isinstance(error, BrokenPipeError) and stream is sys.stdout:
            raise typer.Exit(PIPE_CLOSED) from error
        # What is still in the buffer would fail once more when Python leaves.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if stream is not sys.stdout:
            return  # remarks that can't be told, on a log without room or a closed terminal: no training ends with them
        remark(f"error: the output can't be written: {error.strerror or error}")
        raise typer.Exit(1) from error


def _encodable(text: str, encoding: str) -> str:
    return text.encode(encoding, errors="backslashreplace").decode(encoding)
