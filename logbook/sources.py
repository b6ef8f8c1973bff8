"""The sources of a run as it loaded them, whatever has become of the files since."""

from __future__ import annotations

import difflib
import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from logbook.errors import NotFoundError
from logbook.files import read_at_most
from logbook.provenance.blobs import content_hash
from logbook.provenance.secrets import mask_bytes

if TYPE_CHECKING:
    from logbook.store.reader import Reader
    from logbook_schemas.records.beginning import StartOfRun
    from logbook_schemas.records.reruns import CodeDocument, SourceFile

__all__ = ["read_source", "show_code"]

_LONGEST = 2**20
"""Bytes of a source that are compared with what was recorded; of a longer one nothing is recorded."""


def show_code(
    reference: str, *, path: str | None = None, diff: bool = False, logbook: str | None = None
) -> CodeDocument:
    """Return the sources that a run loaded, all or the one of a path: as the record names it, or where it lies.

    With `diff` each carries its difference to the file as it is now. Raises NotFoundError, with the nearest, where
    the run loaded no such file.
    """
    from logbook.store import locate, open_reader
    from logbook_schemas.records.reruns import CodeDocument

    with open_reader(locate(logbook)) as reader:
        number = reader.resolve(reference)
        summary, start = reader.summary(number), reader.start_of_run(number)
        known = list(start.code.files) if path is None else [_named(path, start, summary.id)]
        files = tuple(_source(reader, start, one, diff=diff) for one in known)
    return CodeDocument.model_construct(
        id=summary.id,
        words=summary.words,
        name=summary.name,
        version=summary.version,
        identity=start.code.identity,
        commit=start.git.sha or "",
        dirty=bool(start.git.dirty),
        files=files,
        packages=dict(start.code.packages),
    )


def read_source(reference: str, path: str, *, logbook: str | None = None) -> bytes:
    """Return a source that a run kept, to the byte; `path` is as the record names it.

    Raises NotFoundError where it wasn't kept.
    """
    from logbook.store import locate, open_reader

    with open_reader(locate(logbook)) as reader:
        number = reader.resolve(reference)
        content = _content(reader, reader.start_of_run(number), path)
    if content is None:
        raise NotFoundError(f"the source of {path} is not kept")
    return content


def _named(path: str, start: StartOfRun, run: str) -> str:
    """Return a path as the record names it; a person may write where the file lies, from the current folder."""
    known = start.code.files
    here = Path(os.path.normpath(Path(path).absolute()))
    named = [path, os.path.normpath(path)]
    named += [here.relative_to(root).as_posix() for root in _roots(start) if here.is_relative_to(root)]
    found = next((name for name in named if name in known), None)
    if found is None:
        raise NotFoundError(_no_such_file(run, path, list(known)))
    return found


def _roots(start: StartOfRun) -> list[Path]:
    """Return the folders that paths of the record are relative to, each file to the first that held it."""
    named = (start.config_folder, start.git.root, start.environment.cwd)
    return [folder for name in named if name and (folder := Path(name)).is_absolute()]


def _content(reader: Reader, start: StartOfRun, path: str) -> bytes | None:
    blob = start.code.blob_of(path)
    try:
        return reader.blob(blob) if blob else None
    except NotFoundError:
        return None


def _source(reader: Reader, start: StartOfRun, path: str, *, diff: bool) -> SourceFile:
    from logbook_schemas.records.reruns import SourceFile

    code = start.code
    digest = code.files[path]
    content = _content(reader, start, path)
    if content is None:
        why = code.left_out.get(path, "its content is no longer kept")
        return SourceFile.model_construct(path=path, sha256=digest, left_out=why)
    text = _text(content)
    return SourceFile.model_construct(
        path=path,
        sha256=digest,
        lines=len(text.splitlines()),
        size=len(content),
        text=text,
        masked=path in code.masked,
        diff=_diff(start, path, text) if diff else None,
    )


def _text(source: bytes) -> str:
    """Return a source as text, in the encoding that it names in its first two lines, as Python reads it."""
    if b"coding" in b"".join(source.splitlines()[:2]):
        from tokenize import detect_encoding

        lines = iter(source.splitlines(keepends=True))
        try:
            return source.decode(detect_encoding(lambda: next(lines, b""))[0])
        except (SyntaxError, UnicodeDecodeError):
            pass
    return source.decode("utf-8", errors="replace")


def _diff(start: StartOfRun, path: str, then: str) -> str:
    """Return the unified diff from a source to the file that stands in its place now; where there is none, to nothing.

    What looks like a secret is removed from the file of today as it was from that of then.
    """
    place = next((file for root in _roots(start) if (file := root / PurePosixPath(path)).is_file()), None)
    try:
        content = read_at_most(place, _LONGEST) if place is not None else b""
    except OSError:
        content = b""
    if place is not None and content_hash(content) == start.code.files[path]:
        return ""
    now = _text(mask_bytes(content)[0])
    told = str(place) if place is not None else "(not there any more)"
    lines = list(difflib.unified_diff(then.splitlines(), now.splitlines(), fromfile=path, tofile=told, lineterm=""))
    return "\n".join(lines or [f"--- {path}", f"+++ {told}", "(every line is the same; how lines end is not)"])


def _no_such_file(run: str, path: str, known: list[str]) -> str:
    from logbook_schemas.reading import nearest

    if not known:
        return f"{run} loaded no code of your own"
    near = nearest(path, known)
    meant = f"; did you mean {near!r}?" if near else f"; it loaded {', '.join(known[:10])}"
    return f"{run} loaded no file {path!r}{meant}"
