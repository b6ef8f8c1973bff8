"""Which file a `python` target would be loaded from, found without running any of it."""

from __future__ import annotations

import importlib.util
import sys
import sysconfig
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from logbook.training.own_code.elsewhere import in_its_place
from logbook.training.own_code.targets import search_path

__all__ = ["TargetSource", "find_source", "read_sources_only"]


@dataclass(frozen=True)
class TargetSource:
    """What importing the module of a target would run first.

    `files` are those of the module and of the packages around it, the module's last; empty for what is built into
    Python. `installed` says that they come with Python or with an installed package, and are none of the person's own.
    """

    files: tuple[Path, ...]
    installed: bool


def find_source(target: str, folder: Path) -> TargetSource | None:
    """Return where a target would be loaded from, looked for as `load_target` does; None where there is nothing.

    No package is imported on the way: a part that only a package's own code would find is not found, and the file of
    that package stands for it.
    """
    places = search_path(in_its_place(folder.resolve()))
    files: list[Path] = []
    is_builtin = False
    for depth, part in enumerate(target.partition(":")[0].split(".")):
        # By its last name only: a dotted one would have Python look up the package, which isn't imported.
        spec = PathFinder.find_spec(part, places) or (_of_other_finders(part) if depth == 0 else None)
        if spec is None:
            break
        if spec.has_location and spec.origin is not None:
            files.append(in_its_place(Path(spec.origin).resolve()))
        is_builtin = is_builtin or spec.origin in ("built-in", "frozen")
        places = list(spec.submodule_search_locations or ())
    if not files:
        return TargetSource((), installed=True) if is_builtin else None
    return TargetSource(tuple(files), installed=all(_is_installed(file) for file in files))


def read_sources_only() -> None:
    """Have Python load sources, and no bytecode cached beside them, for the rest of this process.

    Python takes cached bytecode on its word that it was made from the source beside it; a stranger's may not be.
    """
    sys.pycache_prefix = "/dev/null"
    sys.dont_write_bytecode = True


def _of_other_finders(name: str) -> ModuleSpec | None:
    """Ask the finders that installed packages put beside Python's own, as editable ones do."""
    try:
        return importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None


def _is_installed(file: Path) -> bool:
    roots = [sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib", "purelib", "platlib")]
    return any(file.is_relative_to(Path(root).resolve()) for root in roots if root)
