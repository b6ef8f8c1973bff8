"""The code of a run of the past as files again, in a temporary folder: what `rerun` imports from.

First choice is the recorded commit with the recorded diff and untracked files. Where the commit is gone, the sources
that the run kept are written; so is any of them that the commit lacks. A store may be a stranger's: no file is written
outside of the folder, by whatever path the record names.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from logbook.errors import UsageError
from logbook.provenance.blobs import content_hash, unprintable
from logbook.provenance.git_commands import GitFailure
from logbook.provenance.worktrees import apply_diff, checked_out, submodules_of
from logbook_schemas.records.beginning import StartOfRun
from logbook_schemas.records.reruns import CodePlace

__all__ = ["PREFIX", "CodeCopy", "copied_code", "temporary_folder"]

PREFIX = "logbook-rerun-"
"""How the temporary folders begin."""

_MOST_NAMED = 5

ReadBlob = Callable[[str], bytes | None]


@dataclass(frozen=True, kw_only=True)
class CodeCopy:
    """Code of the past as files: `places` maps each original folder to its copy.

    `home` is the copy of the config's folder, and `homes` are the originals that this folder has today: where it was,
    and below the repository that now has the commit. `current` is the current folder of then where that lay elsewhere,
    with its copy: what the run loaded from there, and nothing else. `sources` are the files that the run loaded.
    """

    home: Path
    homes: list[Path]
    places: dict[Path, Path]
    current: dict[Path, Path]
    sources: list[Path]
    record: CodePlace

    def folder_of(self, original: str) -> Path | None:
        """Return the copy of a folder, made where it isn't there; None where it is outside of what was copied."""
        for root, copy in self.places.items():
            if (place := _folder_in(copy, root, original)) is not None:
                return place
        return None


@dataclass(frozen=True, kw_only=True)
class _Where:
    """Where the paths of a record may belong: in the copy of the `root`, below the config's folder in it, which is
    `home`, and in that of the current folder, where this lay elsewhere.
    """

    root: Path
    copy: Path
    home: Path
    current: dict[Path, Path]

    def of(self, path: str) -> list[tuple[Path, str]]:
        """Return each place that a recorded path can mean, as a copy and the path in it."""
        originals = {self.root: self.copy, **self.current}
        pure = Path(path)
        if pure.is_absolute():
            return [(copy, str(pure.relative_to(one))) for one, copy in originals.items() if pure.is_relative_to(one)]
        below_home = str(self.home.relative_to(self.copy) / pure)
        return list(dict.fromkeys([(self.copy, below_home), *((copy, path) for copy in originals.values())]))


@dataclass
class _Told:
    """What there is to say of a copy."""

    remarks: list[str] = field(default_factory=list)

    def names(self, names: list[str], one: str, many: str) -> None:
        """Say a thing of several files in one sentence; `one` and `many` follow their names."""
        if names:
            more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
            self.remarks.append(f"{', '.join(names[:_MOST_NAMED])}{more} {one if len(names) == 1 else many}")


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder that only its owner may enter, and remove it with all that is in it."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def copied_code(
    start: StartOfRun, read: ReadBlob, folder: Path, *, links: Sequence[Path] = (), near: Sequence[Path] = ()
) -> Iterator[CodeCopy]:
    """Lay out the code of a run below a folder for the length of a `with` block.

    `read` returns a blob of the store, None for one that isn't there. `links` are files and folders of the person's,
    by absolute path, that are linked at their place in the copy. Where the repository has moved, or the run is of
    another machine, the commit is looked for in the repositories around the folders of `near`. Raises UsageError for a
    link that can't be.
    """
    with ExitStack() as stack:
        yield _lay_out(start, read, folder, stack, links, near)


def _root_of(start: StartOfRun) -> Path:
    """Return the folder that a copy of a run's code stands for: its repository's, else its config's."""
    home = Path(start.config_folder)
    return Path(start.git.root) if start.git.root and home.is_relative_to(start.git.root) else home


def _folder_in(copy: Path, root: Path, original: str) -> Path | None:
    """Return, and make, the place in a copy of a folder below the root; None where that would lead out of the copy."""
    wanted = Path(os.path.normpath(original))
    if not wanted.is_absolute() or not wanted.is_relative_to(root):
        return None
    place = copy / wanted.relative_to(root)
    if not place.resolve().is_relative_to(copy):  # through a link that the commit holds
        return None
    place.mkdir(parents=True, exist_ok=True)
    return place


def _lay_out(
    start: StartOfRun, read: ReadBlob, folder: Path, stack: ExitStack, links: Sequence[Path], near: Sequence[Path]
) -> CodeCopy:
    told = _Told()
    root = _root_of(start)
    copy = folder / "code"
    found, why = _check_out(start, root, copy, stack, near, told)
    copy.mkdir(exist_ok=True)
    if found is not None:
        _apply(start, read, copy, folder, told)
    _write_untracked(start, read, copy, told)
    home = _folder_in(copy, root, start.config_folder) or copy
    current = _current(start, root, folder / "current")
    where = _Where(root=root, copy=copy, home=home, current=current)
    sources = _write_sources(start, read, where, told, is_commit=found is not None)
    if found is not None:
        told.names([name for name in submodules_of(copy) if not _holds_files(copy / name)], *_SUBMODULE)
    for link in links:
        _link(link, found if found is not None and link.is_relative_to(found) else root, copy)
    commit = (start.git.sha or "") if found is not None else ""
    record = CodePlace(kind="commit" if commit else "sources", commit=commit, why=why, remarks=tuple(told.remarks))
    inner = home.relative_to(copy)
    return CodeCopy(
        home=home,
        homes=[Path(start.config_folder), *([found / inner] if found not in (None, root) else [])],
        places={root: copy, **({found: copy} if found is not None else {})},
        current=current,
        sources=sources,
        record=record,
    )


def _check_out(
    start: StartOfRun, root: Path, copy: Path, stack: ExitStack, near: Sequence[Path], told: _Told
) -> tuple[Path | None, str]:
    """Check the commit out; return the root of the repository that has it, or None and the reason."""
    sha = start.git.sha
    if not sha:
        return None, {"none": "no repository was there", "unborn": "the repository had no commit"}.get(
            start.git.state, "git could not be asked when the run began"
        )
    why = ""
    for place in dict.fromkeys([root, *near]):
        try:
            found = stack.enter_context(checked_out(place, sha, copy))
        except GitFailure as error:
            why = why or str(error)
            continue
        told.remarks += found.remarks
        if place != root:
            told.remarks.append(f"{why}: the commit is taken from {found.root}")
        return found.root, ""
    return None, why


def _current(start: StartOfRun, root: Path, copy: Path) -> dict[Path, Path]:
    """Return the current folder of then with a folder for its copy, where it lay outside of what is copied."""
    cwd = Path(os.path.normpath(start.environment.cwd))
    if not cwd.is_absolute() or cwd.is_relative_to(root):
        return {}
    copy.mkdir()
    return {cwd: copy}


_SUBMODULE = (
    "is a submodule: of its files only those that the run loaded are in the copy",
    "are submodules: of their files only those that the run loaded are in the copy",
)


def _holds_files(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _apply(start: StartOfRun, read: ReadBlob, copy: Path, scratch: Path, told: _Told) -> None:
    diff = read(start.git.diff_blob) if start.git.diff_blob else None
    if start.git.diff_blob and diff is None:
        told.remarks.append("the recorded diff is no longer kept")
    if diff:
        told.names(
            list(apply_diff(copy, diff, scratch)),
            "is as committed: its recorded change could not be applied",
            "are as committed: their recorded changes could not be applied",
        )
    told.remarks += [note for note in start.git.left_out if "diff" in note]


def _write_untracked(start: StartOfRun, read: ReadBlob, copy: Path, told: _Told) -> None:
    masked, missing = [], []
    for file in start.git.untracked:
        content = read(file.blob) if file.blob else None
        if content is None or not _write(copy, unprintable(file.path), content):
            missing.append(file.path)
        elif file.left_out:
            masked.append(file.path)
    told.names(
        masked,
        "lacks what looked like a secret: it was not kept",
        "lack what looked like a secret: it was not kept",
    )
    told.names(
        missing, "is not in the copy: no commit holds it, nor was it kept", "are not in the copy: no commit holds them"
    )


def _write_sources(start: StartOfRun, read: ReadBlob, where: _Where, told: _Told, *, is_commit: bool) -> list[Path]:
    """Write each source that the run loaded and that isn't there as it was loaded; return where they are."""
    written, masked, missing = [], [], []
    there: list[Path] = []
    places = {path: where.of(path) for path in start.code.files}
    # A path that can mean one place only comes after those that can mean two: its content is that place's.
    for path in sorted(places, key=lambda one: -len(places[one])):
        held = [base / name for base, name in places[path] if _holds(base / name, start.code.files[path])]
        there += held
        if held:
            continue
        blob = start.code.blob_of(path)
        content = read(blob) if blob else None
        # The record names a file from the innermost folder that held it, and doesn't say which one that was. Each
        # place that it can mean gets the file: a package must have all of its modules in one.
        done = [base / name for base, name in places[path] if content is not None and _write(base, name, content)]
        there += done
        if not done:
            missing.append(path)
        elif path in start.code.masked:
            masked.append(path)
        else:
            written.append(path)
    if is_commit:
        told.names(
            written,
            "is written from the source that the run kept: commit and diff don't have it so",
            "are written from the sources that the run kept: commit and diff don't have them so",
        )
    told.names(
        masked,
        "holds [secret removed] in place of what looked like a secret",
        "hold [secret removed] in place of what looked like secrets",
    )
    told.names(missing, "is not as the run loaded it: its source was not kept", "are not as the run loaded them")
    return there


def _holds(place: Path, digest: str) -> bool:
    return place.is_file() and content_hash(place.read_bytes()) == digest


def _link(original: Path, root: Path, copy: Path) -> None:
    """Link a file or folder at its place in the copy."""
    if not original.exists():
        raise UsageError(f"--link: {original} is not there")
    if not original.is_relative_to(root) or original == root:
        raise UsageError(f"--link: {original} is not inside of {root}, where the run's code lay")
    place = copy / original.relative_to(root)
    if place.exists() or place.is_symlink():
        raise UsageError(f"--link: {original} is in the copy already, as it was when the run began")
    if _folder_in(copy, root, str(original.parent)) is None:
        raise UsageError(f"--link: a link in the commit leads {original.parent} elsewhere")
    place.symlink_to(original, target_is_directory=original.is_dir())


def _write(copy: Path, name: str, content: bytes) -> bool:
    """Write a file below the copy; False where its path leads elsewhere, or where it can't be written."""
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts or ".git" in pure.parts or not pure.parts:
        return False
    place = copy / pure
    try:
        # A link in the commit may point anywhere: nothing is written through one.
        if not place.parent.resolve().is_relative_to(copy):
            return False
        place.parent.mkdir(parents=True, exist_ok=True)
        mode = place.lstat().st_mode & 0o777 if place.is_file() and not place.is_symlink() else 0o666
        place.unlink(missing_ok=True)
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
            stream.write(content)
    except (OSError, ValueError):
        return False
    return True
