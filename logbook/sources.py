"""The sources of a run as it loaded them, whatever has become of the files since."""

from __future__ import annotations

import difflib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from logbook.errors import NotFoundError
from logbook.files import read_at_most

if TYPE_CHECKING:
    from logbook.store.reader import Reader
    from logbook_schemas.records.beginning import StartOfRun
    from logbook_schemas.records.reruns import CodeDocument, SourceFile

__all__ = ["show_code"]

_LONGEST = 2**20
"""Bytes of a source that are compared with what was recorded; of a longer one nothing is recorded."""


def show_code(
    reference: str, *, path: str | None = None, diff: bool = False, logbook: str | None = None
) -> CodeDocument:
    """Return the sources that a run loaded, all or the one of a path as the record names it.

    With `diff` each carries its difference to the file as it is now. Raises NotFoundError, with the nearest, where
    the run loaded no such file.
    """
    from logbook.store import locate, open_reader
    from logbook_schemas.records.reruns import CodeDocument

    with open_reader(locate(logbook)) as reader:
        number = reader.resolve(reference)
        summary, start = reader.summary(number), reader.start_of_run(number)
        known = start.code.files
        if path is not None and path not in known:
            raise NotFoundError(_no_such_file(summary.id, path, list(known)))
        files = tuple(_source(reader, start, one, diff=diff) for one in (known if path is None else [path]))
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


def _source(reader: Reader, start: StartOfRun, path: str, *, diff: bool) -> SourceFile:
    from logbook_schemas.records.reruns import SourceFile

    code = start.code
    digest = code.files[path]
    blob = code.blob_of(path)
    try:
        content = reader.blob(blob) if blob else None
    except NotFoundError:
        content = None
    if content is None:
        why = code.left_out.get(path, "its content is no longer kept")
        return SourceFile.model_construct(path=path, sha256=digest, left_out=why)
    text = content.decode("utf-8", errors="replace")
    return SourceFile.model_construct(
        path=path,
        sha256=digest,
        lines=len(text.splitlines()),
        size=len(content),
        text=text,
        masked=path in code.masked,
        diff=_diff(start, path, text) if diff else None,
    )


def _diff(start: StartOfRun, path: str, then: str) -> str:
    """Return the unified diff from a source to the file that stands in its place now; where there is none, to nothing.

    The record names a file from the innermost folder that held it, the config's or the repository's, else from the
    current one.
    """
    roots = [folder for folder in (start.config_folder, start.git.root, start.environment.cwd) if folder]
    place = next((file for root in roots if (file := Path(root, PurePosixPath(path))).is_file()), None)
    try:
        now = read_at_most(place, _LONGEST).decode("utf-8", errors="replace") if place is not None else ""
    except OSError:
        now = ""
    told = str(place) if place is not None else "(not there any more)"
    lines = difflib.unified_diff(then.splitlines(), now.splitlines(), fromfile=path, tofile=told, lineterm="")
    return "\n".join(lines)


def _no_such_file(run: str, path: str, known: list[str]) -> str:
    from logbook_schemas.reading import nearest

    if not known:
        return f"{run} loaded no code of your own"
    near = nearest(path, known)
    meant = f"; did you mean {near!r}?" if near else f"; it loaded {', '.join(known[:10])}"
    return f"{run} loaded no file {path!r}{meant}"
