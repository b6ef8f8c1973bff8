"""Modules of a folder taken from a copy of it: what lets a run of the past import its code as it was.

Whatever way an import takes (the config's folder, the current one, a path that the person's code adds, a package that
is installed in place), a source below an original folder is answered by its copy, and is not there where the copy
lacks it. Compiled modules and what is installed below the folder (an environment of its own) stay what they are.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

__all__ = ["in_its_place", "take_from"]

_INSTALLED = ("site-packages", "dist-packages")
_OURS = ("logbook", "logbook_cli", "logbook_schemas")

_LIBRARIES = tuple(Path(sysconfig.get_path(kind)).resolve() for kind in ("stdlib", "platstdlib", "purelib", "platlib"))

_copies: dict[Path, Path] = {}
"""Original folder to copy, for the whole of a process that makes a past run again."""


def take_from(copies: Mapping[Path, Path]) -> None:
    """Answer every import below the original folders by their copies, for the rest of this process."""
    _copies.update(copies)
    if not any(isinstance(finder, _Redirecting) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Redirecting())


def in_its_place(path: Path) -> Path:
    """Return the copy of a folder or file, or the path itself where it has none."""
    return _copied(path) or path


def _copied(path: Path) -> Path | None:
    """Return where a path's copy is; None for what is a copy itself, is installed, or has none."""
    if any(path.is_relative_to(copy) for copy in _copies.values()):
        return None
    for original, copy in _copies.items():
        if path.is_relative_to(original):
            inner = path.relative_to(original)
            return None if any(part in _INSTALLED for part in inner.parts) else copy / inner
    return None


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
