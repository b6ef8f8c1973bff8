"""Code identity: which source of the person's own a run loaded, and a hash over all of it.

The sources are kept as blobs, so that a commit that is rebased away is no loss. What is read is the file as
it is now; a file that was edited after its import is recorded as edited.
"""

from __future__ import annotations

import json
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

from logbook.provenance.blobs import Blobs, add_blob, content_hash, printable
from logbook.provenance.environment import current_folder
from logbook.provenance.secrets import is_secret_name, mask_bytes
from logbook_schemas.records.provenance import CodeRecord

__all__ = ["SOURCE_SIZE", "capture_code", "code_identity", "code_of_run"]

SOURCE_SIZE = 1024 * 1024

_OUR_DISTRIBUTION = "training-logbook"
_OURS = ("logbook", "logbook_cli", "logbook_schemas")

# Import names that differ from the names of their distributions.
_DISTRIBUTION_NAMES = {
    "cv2": "opencv-python",
    "PIL": "pillow",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
}

# What logbook itself imports, and when, says nothing about the person's code.
_OUR_TOOLS = frozenset(
    (
        *("alembic", "annotated_types", "click", "git", "gitdb", "mako", "markdown_it", "markupsafe"),
        *("mdurl", "parsy", "pydantic", "pydantic_core", "pygments", "rfc8785", "rich", "shellingham", "smmap"),
        *("sqlalchemy", "sqlmodel", "typer", "typing_extensions", "typing_inspection"),
    )
)

_INSTALLED = ("site-packages", "dist-packages")


def capture_code(roots: Sequence[Path], *, current: Path | None = None) -> tuple[CodeRecord, Blobs]:
    """Record every loaded module whose file lies below one of `roots`, with its source as a blob.

    A path is relative to the innermost root that holds it. `current`, the current folder, is where modules come from
    as well: what lies below it and no root is recorded relative to it. Files that are big or named like a secret are
    hashed and not kept; secrets in a kept source are masked. The identity is always that of the true content.
    """
    # Copied at once: another thread may be importing.
    modules = list(sys.modules.copy().items())
    files: dict[str, str] = {}
    masked: dict[str, str] = {}
    left_out: dict[str, str] = {}
    blobs: Blobs = {}
    for path, file in _own_files(modules, [root.resolve() for root in roots], current and current.resolve()):
        try:
            content = file.read_bytes()
        except OSError as error:
            left_out[path] = f"can't be read: {error.strerror}"
            continue
        files[path] = content_hash(content)
        if reason := _reason_to_leave_out(path, content):
            left_out[path] = reason
            continue
        blob = add_blob(blobs, mask_bytes(content)[0])
        if blob != files[path]:
            masked[path] = blob
    return CodeRecord(
        identity=code_identity(files),
        files=files,
        masked=masked,
        left_out=left_out,
        packages=_packages(modules),
    ), blobs


def code_of_run(home: Path, root: str | None) -> tuple[CodeRecord, Blobs]:
    """Record the code of a run whose config lies in the folder `home`, and its repository, if any, at `root`."""
    return capture_code([home, *([Path(root)] if root else [])], current=current_folder())


def code_identity(files: dict[str, str]) -> str:
    """Return the sha256, in hex, over the sorted pairs of path and content hash, as compact JSON."""
    pairs = sorted(files.items())
    return content_hash(json.dumps(pairs, ensure_ascii=True, separators=(",", ":")).encode("ascii"))


def _reason_to_leave_out(path: str, content: bytes) -> str | None:
    if is_secret_name(path):
        return "its name says that it holds a secret"
    if len(content) > SOURCE_SIZE:
        return f"{len(content):,} bytes, the limit is {SOURCE_SIZE:,}"
    return None


def _own_files(
    modules: Iterable[tuple[str, ModuleType]], roots: Sequence[Path], current: Path | None
) -> Iterator[tuple[str, Path]]:
    """Yield each file of the person's once, with the path that names it in the record."""
    foreign = [_inside(folder) for folder in _foreign_folders(roots)]
    inside = tuple(_inside(root) for root in (roots if current is None else [*roots, current]))
    # Thousands of modules are loaded, and few are the person's: they are told apart as text, before all else.
    found = {name for _, module in modules if (name := _name_of(module)) is not None and name.startswith(inside)}
    taken: set[str] = set()
    files = sorted(Path(name) for name in found if not name.startswith(tuple(foreign)) and _is_file(name))
    held = {file: holders for file in files if (holders := _holders(file, roots))}
    # The current folder comes last: a file of the project has the same name wherever the command is given.
    beside = {file: [current] for file in files if file not in held and current is not None}
    for file, holders in {**held, **beside}.items():
        if any(part in _INSTALLED for part in file.relative_to(holders[0]).parts):
            continue
        # Two roots may hold files of one relative path; the one that comes second is named from further out.
        names = [printable(file.relative_to(root).as_posix()) for root in holders]
        name = next((name for name in names if name not in taken), printable(file.as_posix()))
        taken.add(name)
        yield name, file


def _holders(file: Path, roots: Sequence[Path]) -> list[Path]:
    """Return the roots that hold a file, the innermost first."""
    return sorted((root for root in roots if file.is_relative_to(root)), key=lambda root: -len(root.parts))


def _name_of(module: Any) -> str | None:
    """Return the real path of a module's file."""
    # Through the dictionary: attributes of lazy modules import things when asked.
    name = getattr(module, "__dict__", {}).get("__file__")
    if not isinstance(name, str):
        return None
    try:
        if os.path.islink(name):  # noqa: PTH114  a Path of each of thousands of modules takes a quarter of a second
            return os.path.realpath(name)
        folder, own = os.path.split(name)
        return _real_folder(folder) + own
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=4096)
def _real_folder(folder: str) -> str:
    """Return what the real path of a file in a folder begins with; where modules were loaded from stays where it is."""
    return _inside(Path(folder).resolve())


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except (OSError, ValueError):
        return False


def _inside(folder: Path) -> str:
    """Return what the path of everything below a folder begins with."""
    return str(folder).rstrip(os.sep) + os.sep


def _foreign_folders(roots: Sequence[Path]) -> list[Path]:
    """List folders whose modules are not the person's own: Python's, the virtual environment's and ours."""
    # The command itself is a script of the installation, which may lie below the current folder.
    names = [sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib", "purelib", "platlib", "scripts")]
    folders = [Path(name).resolve() for name in names if name]
    if sys.prefix != sys.base_prefix:
        folders.append(Path(sys.prefix).resolve())
    ours = [sys.modules[name] for name in _OURS if name in sys.modules]
    folders += [Path(place).resolve() for module in ours for place in getattr(module, "__path__", ())]
    return [folder for folder in folders if not any(root.is_relative_to(folder) for root in roots)]


@lru_cache(maxsize=1024)
def _version(distribution: str) -> str:
    """Return the version of what is installed; a file of its own is parsed for it."""
    return metadata.version(distribution)


def _packages(modules: Iterable[tuple[str, ModuleType]]) -> dict[str, str]:
    """Map the distributions of loaded top-level packages to their versions."""
    found: dict[str, str] = {}
    for name, module in modules:
        if "." in name or name.startswith("_") or name in _OUR_TOOLS or name in sys.stdlib_module_names:
            continue
        distribution = _OUR_DISTRIBUTION if name in _OURS else _DISTRIBUTION_NAMES.get(name, name)
        if distribution in found or getattr(module, "__dict__", {}).get("__spec__") is None:
            continue
        try:
            found[distribution] = _version(distribution)
        except (metadata.PackageNotFoundError, ValueError):
            continue
    return dict(sorted(found.items()))
