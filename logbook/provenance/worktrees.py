"""A commit of the past as files: a detached worktree in a folder of our own, nothing else touched.

Neither the person's working tree nor index, HEAD, branches or stash take part in `git worktree add --detach`: git
keeps an entry for it in `.git/worktrees`, which goes again with the worktree. Other worktrees that are out of reach
for the moment would be forgotten by `git worktree prune`; so only our own entry is removed.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from logbook.provenance.blobs import printable
from logbook.provenance.git_commands import GitFailure, GitTimeout, Repository

__all__ = ["CheckedOut", "apply_diff", "checked_out", "submodules_of"]

_SECONDS = 600.0
"""A checkout of a large repository takes its time; one that hangs must end some day."""

_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True)
class CheckedOut:
    """A commit that was checked out: the root of the repository that has it, and what is not as it was committed."""

    root: Path
    remarks: tuple[str, ...] = ()


@contextmanager
def checked_out(root: Path, sha: str, place: Path) -> Iterator[CheckedOut]:
    """Check a commit of the repository around `root` out in a folder that isn't there yet, for a `with` block.

    Raises GitFailure, before the block, where the repository or the commit isn't there. No hook and no program of the
    repository's own config runs.
    """
    if not _SHA.fullmatch(sha):
        raise GitFailure(f"{printable(sha)[:60]!r} is no name of a commit")
    if not root.is_dir():
        raise GitFailure(f"the repository {root} is not there")
    repository = Repository(root.resolve(), seconds=_SECONDS)
    try:
        repository.ask(["cat-file", "-e", f"{sha}^{{commit}}"])
    except GitFailure as error:
        raise GitFailure(f"the repository no longer has the commit {sha[:12]}") from error
    try:
        yield CheckedOut(repository.root, _add(repository, place, sha))
    finally:
        _remove(repository, place)


def apply_diff(place: Path, diff: bytes, scratch: Path) -> tuple[str, ...]:
    """Apply a recorded diff to a worktree; return the files that it could not be applied to.

    Where it doesn't apply as a whole (a removed secret stands in a line that it leaves alone), each file is tried.
    `scratch` is a folder outside of the worktree.
    """
    try:
        repository = Repository(place.resolve(), seconds=_SECONDS)
    except GitFailure:
        return tuple(_name_of(part) for part in _parts(diff))
    if _applies(repository, diff, scratch):
        return ()
    return tuple(_name_of(part) for part in _parts(diff) if not _applies(repository, part, scratch))


def submodules_of(place: Path) -> tuple[str, ...]:
    """Return the folders of a worktree that stand for submodules, as far as git says: it leaves them empty."""
    try:
        listed = Repository(place.resolve(), seconds=_SECONDS).ask(["ls-files", "--stage", "-z"])
    except GitFailure:
        return ()
    entries = listed.content.split(b"\0")
    return tuple(printable(entry.partition(b"\t")[2]) for entry in entries if entry.startswith(b"160000 "))


def _add(repository: Repository, place: Path, sha: str) -> tuple[str, ...]:
    """Add the worktree; return what is to be said of it."""
    command = ["worktree", "add", "--detach", "--quiet", "--", str(place), sha]
    try:
        repository.ask(command)
    except GitTimeout:
        raise
    except GitFailure as error:
        # A filter that the person's own config requires may have lost its program since. The rest can be had.
        if not repository.require_no_filter():
            raise
        repository.ask(command)
        return (f"{error}: files that a filter of yours would have made are as git holds them",)
    return ()


def _remove(repository: Repository, place: Path) -> None:
    """Remove the worktree with its entry; the folder goes in any case."""
    command = ["worktree", "remove", "--force", "--force", "--", str(place)]
    try:
        repository.ask(command)
    except GitFailure:
        shutil.rmtree(place, ignore_errors=True)
        # What git doesn't remove since it is no worktree any more (the code of then may do anything in its folder), it
        # forgets once the folder is gone.
        with suppress(GitFailure):
            repository.ask(command)
        # Where git could not add the worktree, it leaves the folder of the entries.
        with suppress(GitFailure, OSError):
            common = repository.ask(["rev-parse", "--git-common-dir"]).content.removesuffix(b"\n")
            (repository.root / os.fsdecode(common) / "worktrees").rmdir()


def _applies(repository: Repository, diff: bytes, scratch: Path) -> bool:
    patch = scratch / "recorded.diff"
    patch.write_bytes(diff)
    try:
        repository.ask(["apply", "--whitespace=nowarn", "--", str(patch.resolve())])
    except GitFailure:
        return False
    finally:
        patch.unlink()
    return True


def _parts(diff: bytes) -> Iterator[bytes]:
    """Yield the part of each file."""
    places = [found.start() for found in re.finditer(rb"^diff --git ", diff, re.MULTILINE)]
    for start, end in zip(places, [*places[1:], len(diff)], strict=True):
        yield diff[start:end]


def _name_of(part: bytes) -> str:
    head = part.partition(b"\n")[0]
    return printable(head.rpartition(b" b/")[2])
