"""The state of the repository around a folder: commit, branch, what differs, and what no commit holds.

Git must never fail a run. Whatever goes wrong here becomes a state and a reason in the record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from logbook.provenance.blobs import Blobs, add_blob, printable
from logbook.provenance.git_commands import GitFailure, GitTimeout, Repository
from logbook.provenance.secrets import is_secret_name, mask_bytes, mask_text
from logbook.provenance.untracked import capture_untracked
from logbook_schemas.records.provenance import GitRecord, GitState

__all__ = ["DIFF_FILE_SIZE", "DIFF_SIZE", "TIME_LIMIT", "capture_git"]

TIME_LIMIT = 5.0
DIFF_SIZE = 5 * 1024 * 1024
# One big file must not crowd every other change out of the diff.
DIFF_FILE_SIZE = 1024 * 1024

# Command lines have a length; more exclusions than this can't be given to git.
_MOST_EXCLUSIONS = 500

_EVERYTHING_BUT_OURS = (".", ":(top,exclude,glob)**/.logbook/**", ":(top,exclude,glob)**/.logbook")

# `--no-ext-diff` and `--no-textconv` run no program; the rest makes the bytes independent of personal
# settings. Submodules are compared by commit only: to look inside one, git would obey that repository's
# config too.
_DIFF = (
    *("diff", "--no-ext-diff", "--no-textconv", "--binary", "--full-index", "--no-color", "--no-renames"),
    *("--no-relative", "--src-prefix=a/", "--dst-prefix=b/", "--unified=3", "--inter-hunk-context=0"),
    *(
        "--diff-algorithm=myers",
        "--ignore-submodules=dirty",
        "--submodule=short",
        "-O/dev/null",
        "HEAD",
        "--",
    ),
)

_STATUS = ("status", "--porcelain=v2", "--branch", "-z", "--no-renames", "--ignore-submodules=dirty")


@dataclass
class _Status:
    """What `git status` says; paths are bytes, relative to the root."""

    sha: str | None = None
    branch: str | None = None
    changed: list[bytes] = field(default_factory=list)
    untracked: list[bytes] = field(default_factory=list)


def capture_git(folder: Path, *, seconds: float = TIME_LIMIT) -> tuple[GitRecord, Blobs]:
    """Record the repository around a folder, with the blobs that the record names. Never raises.

    `seconds` is the time that each call of git gets. Of what git ignores nothing is listed.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    blobs: Blobs = {}
    try:
        place = folder.resolve(strict=True)
        record = _capture(Repository(place, seconds=seconds), blobs)
    except (GitFailure, OSError) as error:
        state = _state_without_git(folder, str(error))
        record = GitRecord(state=state, reason=printable(mask_text(str(error))[0]))
        blobs = {}
    except Exception as error:  # GitPython's own, and what a damaged repository makes of our parsing
        record, blobs = GitRecord(state="error", reason=printable(f"{type(error).__name__}: {error}")), {}
    return record.model_copy(update={"captured_at": now}), blobs


def _state_without_git(folder: Path, reason: str) -> GitState:
    if reason.startswith("not a git repository"):
        return "none"
    if reason.startswith("git is not installed"):
        place = folder.resolve()
        return "error" if any((above / ".git").exists() for above in (place, *place.parents)) else "none"
    return "error"


def _capture(repository: Repository, blobs: Blobs) -> GitRecord:
    notes = [f"the repository's filter {name!r} was not run" for name in map(printable, repository.filters_off)]
    status = _read_status(repository, notes)
    born = status.sha is not None
    # Before the first commit, a staged file is as little held by a commit as any other.
    loose = status.untracked if born else [*status.changed, *status.untracked]
    untracked, capped = capture_untracked(repository.root, loose, blobs)
    notes += capped
    diff = _read_diff(repository, status.changed, notes) if born and status.changed else b""
    return GitRecord(
        state="ok" if born else "unborn",
        root=printable(str(repository.root)),
        sha=status.sha,
        branch=status.branch,
        dirty=bool(status.changed),
        diff_blob=add_blob(blobs, diff) if diff else None,
        diff_bytes=len(diff),
        untracked=untracked,
        left_out=tuple(notes),
        remote=_remote(repository.remotes),
    )


def _remote(remotes: dict[str, str]) -> str | None:
    """Name where the repository comes from: `origin`, else the first remote, without its credentials."""
    url = remotes.get("origin") or next(iter(remotes.values()), None)
    if url is None:
        return None
    return printable(mask_text(re.sub(r"(?<=://)[^/@\s]*:[^/@\s]*@|(?<=https://)[^/@\s]+@", "", url))[0])


def _read_status(repository: Repository, notes: list[str]) -> _Status:
    try:
        output = repository.ask([*_STATUS, "--untracked-files=all", "--", *_EVERYTHING_BUT_OURS])
    except GitTimeout as error:
        notes.append(f"untracked files were not looked for: {error}")
        output = repository.ask([*_STATUS, "--untracked-files=no", "--", *_EVERYTHING_BUT_OURS])
    content = output.content
    if not output.complete:
        notes.append(f"git status said more than {len(content):,} bytes: the rest of its list was left out")
        content = content[: content.rfind(b"\0") + 1]
    return _parse_status(content.split(b"\0"))


def _parse_status(entries: Iterable[bytes]) -> _Status:
    status = _Status()
    for entry in entries:
        if entry.startswith(b"# branch.oid ") and entry[13:] != b"(initial)":
            status.sha = entry[13:].decode("ascii")
        elif entry.startswith(b"# branch.head ") and entry[14:] != b"(detached)":
            status.branch = printable(entry[14:])
        elif entry.startswith(b"1 "):
            status.changed.append(entry.split(b" ", 8)[8])
        elif entry.startswith(b"u "):
            status.changed.append(entry.split(b" ", 10)[10])
        elif entry.startswith(b"? "):
            status.untracked.append(entry[2:])
    return status


def _read_diff(repository: Repository, changed: list[bytes], notes: list[str]) -> bytes:
    """Return how tracked files differ from the commit, staged or not; secrets and big files left out."""
    excluded = dict(_exclusions(repository.root, changed))
    notes += [f"{printable(path)}: {reason}; it is not in the diff" for path, reason in excluded.items()]
    if len(excluded) > _MOST_EXCLUSIONS:
        notes.append(f"the diff was left out: {len(excluded):,} changed files would have to be kept out of it")
        return b""
    paths = [f":(top,exclude,literal){path.decode('utf-8', 'surrogateescape')}" for path in excluded]
    try:
        output = repository.ask([*_DIFF, *_EVERYTHING_BUT_OURS, *paths], limit=DIFF_SIZE)
    except GitTimeout as error:
        notes.append(f"the diff was left out: {error}")
        return b""
    diff = output.content
    if not output.complete:
        diff = diff[: diff.rfind(b"\ndiff --git ") + 1]
        notes.append(f"the diff is longer than {DIFF_SIZE:,} bytes: {len(diff):,} were kept, whole files only")
    diff, count = mask_bytes(diff)
    if count:
        notes.append(f"what looks like a secret was removed from the diff, {count} times")
    return diff


def _exclusions(root: Path, changed: list[bytes]) -> Iterator[tuple[bytes, str]]:
    for path in changed:
        name = path.decode("utf-8", "surrogateescape")
        if is_secret_name(name):
            yield path, "its name says that it holds a secret"
            continue
        try:
            size = (root / name).lstat().st_size
        except OSError:  # deleted: the diff says so
            continue
        if size > DIFF_FILE_SIZE:
            yield path, f"{size:,} bytes, the limit for one file is {DIFF_FILE_SIZE:,}"
