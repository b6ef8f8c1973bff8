"""Modules of a folder taken from a copy of it: what lets a run of the past import its code as it was.

Whatever way an import takes (the config's folder, the current one, a path that the person's code adds, a package that
is installed in place), a source below an original folder is answered by its copy, and is not there where the copy
lacks it. Compiled modules and what is installed below the folder (an environment of its own) stay what they are. What
is found nowhere any more, since a path of then is not set or a package no longer installed in place, is looked for
among the sources of then, and last where it lay.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

__all__ = ["in_its_place", "take_from"]

_INSTALLED = ("site-packages", "dist-packages")
_OURS = ("logbook", "logbook_cli", "logbook_schemas")

_LIBRARIES = tuple(Path(sysconfig.get_path(kind)).resolve() for kind in ("stdlib", "platstdlib", "purelib", "platlib"))

_copies: dict[Path, Path] = {}
"""Original folder to copy, for the whole of a process that makes a past run again."""

_partial: set[Path] = set()
"""Original folders whose copy holds some of the sources only: what it lacks is taken from the original."""

_sources: list[Path] = []
"""Files of the copies that were loaded then."""

_began = [0.0]
"""When the run of the past began, in seconds since 1970."""


def take_from(
    copies: Mapping[Path, Path],
    *,
    partial: Mapping[Path, Path] | None = None,
    sources: Sequence[Path] = (),
    began: float = 0.0,
) -> None:
    """Answer every import below the original folders by their copies, for the rest of this process.

    Copies of `partial` hold some of what the original holds. `sources` are the files in the copies that were loaded.
    What is nowhere else is taken from the original folders if it is older than the moment `began`, when the run began:
    a module that was imported while it trained, and that no commit holds.
    """
    _copies.update({**copies, **(partial or {})})
    _partial.update(partial or ())
    _sources.extend(sources)
    _began.append(began)
    if not any(isinstance(finder, _Redirecting) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Redirecting())
        sys.meta_path.append(_Remembering())


def in_its_place(path: Path) -> Path:
    """Return the copy of a folder or file, or the path itself where it has none."""
    return _copied(path) or path


def _copied(path: Path) -> Path | None:
    """Return where a path's copy is; None for what is a copy itself, is installed, or has none."""
    if any(path.is_relative_to(copy) for copy in _copies.values()):
        return None
    original = max((one for one in _copies if path.is_relative_to(one)), key=lambda one: len(one.parts), default=None)
    if original is None:
        return None
    inner = path.relative_to(original)
    copy = _copies[original] / inner
    if original in _partial and not copy.exists():
        return None
    return None if any(part in _INSTALLED for part in inner.parts) else copy


class _Redirecting(MetaPathFinder):
    """Asks the other finders, and replaces what they find below an original folder."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        found = next(self._found(fullname, path, target), None)
        if found is None:
            return None
        if found.origin is not None and found.has_location:
            return self._of_file(fullname, found, found.origin)
        if found.submodule_search_locations is not None:
            return self._of_namespace(fullname, found, found.submodule_search_locations)
        return found

    def _found(self, name: str, path: Sequence[str] | None, target: ModuleType | None) -> Iterator[ModuleSpec]:
        for finder in sys.meta_path:
            if finder is not self and (spec := finder.find_spec(name, path, target)) is not None:
                yield spec

    def _of_file(self, name: str, found: ModuleSpec, origin: str) -> ModuleSpec | None:
        if not origin.endswith(".py") or name.partition(".")[0] in _OURS:
            return found
        source = Path(origin).resolve()
        copy = None if any(source.is_relative_to(library) for library in _LIBRARIES) else _copied(source)
        if copy is None:
            return found
        if not copy.is_file():
            if _is_of_then(found):
                return found
            raise ModuleNotFoundError(f"No module named {name!r} in the code of then", name=name)
        inner = [str(copy.parent)] if found.submodule_search_locations is not None else None
        return spec_from_file_location(name, copy, submodule_search_locations=inner)

    def _of_namespace(self, name: str, found: ModuleSpec, places: Sequence[str]) -> ModuleSpec:
        there = list(places)
        copies = [_copied(Path(place).resolve()) for place in there]
        if not any(copies):
            return found
        spec = ModuleSpec(name, None, is_package=True)
        kept = [str(copy) if copy else place for place, copy in zip(there, copies, strict=True)]
        spec.submodule_search_locations = list(dict.fromkeys(kept))
        return spec


class _Remembering(MetaPathFinder):
    """Comes last: finds what nobody else finds among the sources of then, else where it lay, if it lies there since."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if path is None:
            holders = {place for file in _sources for place in _holders(file, fullname)}
            outermost = sorted(holders, key=lambda place: len(place.parts))[:1]
            if found := PathFinder.find_spec(fullname, [str(place) for place in outermost], target):
                return found
        originals = [str(place) for entry in path or sys.path if (place := _original(Path(entry))) is not None]
        # Whether it is of then is asked of whatever is found, by the finder that redirects.
        return PathFinder.find_spec(fullname, originals, target)


def _original(place: Path) -> Path | None:
    """Return the folder that a folder in a copy stands for."""
    return next((one / place.relative_to(copy) for one, copy in _copies.items() if place.is_relative_to(copy)), None)


def _is_of_then(found: ModuleSpec) -> bool:
    """Say whether a source lay there, unchanged since, when the run began: it may have been loaded later in the run."""
    if found.origin is None or not found.origin.endswith(".py"):
        return False
    try:
        return Path(found.origin).stat().st_mtime < _began[-1]
    except OSError:
        return False


def _holders(file: Path, name: str) -> Iterator[Path]:
    """Yield the folders from which a top-level module of this name would have been, or have held, the file."""
    folders = [above for above in file.parents if above.name == name]
    for one in [file] if file.stem == name else folders:
        # In a package it isn't top-level.
        if not (one.parent / "__init__.py").exists() and any(copy in one.parents for copy in _copies.values()):
            yield one.parent
