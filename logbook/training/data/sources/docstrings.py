"""The docstrings of the installed Python's standard library: a text that is there on every machine.

Sources are parsed, never imported. Modules come in the order of their names, docstrings in the order of the file.
Another Python has other docstrings: the fingerprint tells them apart.
"""

from __future__ import annotations

import ast
import sys
import sysconfig
import tokenize
import warnings
from collections.abc import Iterator
from pathlib import Path

from logbook.errors import DataError

__all__ = ["collect_docstrings"]

_TESTS = frozenset({"test", "tests"})


def collect_docstrings(size: int) -> str:
    """Return at most the first `size` characters. Raises DataError where Python came without its sources."""
    folder = Path(sysconfig.get_path("stdlib"))
    pieces: list[str] = []
    length = 0
    for path in _sources(folder):
        for docstring in _docstrings(path):
            pieces.append(docstring)
            length += len(docstring) + 2
            if length >= size + 2:
                return "\n\n".join(pieces)[:size]
    if not pieces:
        raise DataError(f"{folder} holds no sources of the standard library; name a text of your own: kind 'text'")
    return "\n\n".join(pieces)


def _sources(folder: Path) -> Iterator[Path]:
    """Yield the sources of the public modules and packages, by name; tests of the library are left out."""
    for name in sorted(sys.stdlib_module_names):
        if (folder / f"{name}.py").is_file():
            yield folder / f"{name}.py"
        for path in sorted((folder / name).rglob("*.py"), key=lambda path: path.relative_to(folder).parts):
            if not _TESTS & set(path.relative_to(folder).parts):
                yield path


def _docstrings(path: Path) -> Iterator[str]:
    try:
        with tokenize.open(path) as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd escapes in other people's strings
            tree = ast.parse(stream.read())
    except (OSError, SyntaxError, ValueError):  # some packages ship files that aren't meant to be read
        return
    yield from _below(tree)


def _below(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    found = ast.get_docstring(node)
    if found:
        yield found.encode("utf-8", "replace").decode()  # without lone surrogates, which no file can hold
    for child in node.body:
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _below(child)
