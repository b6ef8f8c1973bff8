"""Where a run came from: the state of git, the machine, the person's code, and fingerprints of the data.

Bulky content (a diff, a source file, a list of distributions) is not in these records. They name it by the
sha256 of its bytes, and the store keeps each such blob once.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from logbook_schemas.records.base import Record

__all__ = [
    "CodeRecord",
    "EnvironmentRecord",
    "FingerprintRecord",
    "GitRecord",
    "GitState",
    "UntrackedFile",
    "same",
]

GitState = Literal["ok", "none", "unborn", "error"]


class UntrackedFile(Record):
    """A file that no commit holds; `left_out` says why its content is missing or changed."""

    path: str
    size: int = 0
    blob: str | None = None
    left_out: str | None = None


class GitRecord(Record):
    """The state of the repository around a folder when a run began.

    `none`: no repository. `unborn`: a repository without a commit. `error`: git could not tell, `reason` says
    why. `dirty` speaks of tracked files only. `branch` is None when HEAD is detached. `left_out` has a
    sentence for each thing that was capped, removed or not asked for; `captured_at` (UTC, ISO 8601) is when.
    """

    state: GitState = "none"
    reason: str = ""
    captured_at: str = ""
    root: str | None = None
    sha: str | None = None
    branch: str | None = None
    dirty: bool | None = None
    diff_blob: str | None = None
    diff_bytes: int = 0
    untracked: tuple[UntrackedFile, ...] = ()
    left_out: tuple[str, ...] = ()
    remote: str | None = None


class EnvironmentRecord(Record):
    """The machine and the installation; torch's part is None when torch was not loaded at that moment."""

    python: str = ""
    implementation: str = ""
    platform: str = ""
    host: str = ""
    user: str | None = None
    cpu: str = ""
    cpu_count: int | None = None
    torch: str | None = None
    cuda: str | None = None
    gpus: tuple[str, ...] = ()
    driver: str | None = None
    command_line: tuple[str, ...] = ()
    cwd: str = ""
    variables: dict[str, str] = Field(default_factory=dict)
    distributions_blob: str | None = None


class CodeRecord(Record):
    """The person's own source as a run loaded it.

    `files` maps a path to the sha256 of its true content, and `identity` follows from `files` alone. `masked`
    maps the few paths whose blob had secrets removed to that blob; `left_out` maps those without a blob to
    the reason.
    """

    identity: str = ""
    files: dict[str, str] = Field(default_factory=dict)
    masked: dict[str, str] = Field(default_factory=dict)
    left_out: dict[str, str] = Field(default_factory=dict)
    packages: dict[str, str] = Field(default_factory=dict)

    def blob_of(self, path: str) -> str | None:
        """Name the blob that holds a file's text, None when it was left out."""
        return None if path in self.left_out else self.masked.get(path, self.files.get(path))


class FingerprintRecord(Record):
    """What stands for the content of some data. Method `none`: it has no fingerprint, `note` says why."""

    method: str
    value: str = ""
    rows: int | None = None
    note: str = ""


def same(a: FingerprintRecord, b: FingerprintRecord) -> bool | None:
    """Say whether two fingerprints stand for the same content; None when that is unknown."""
    if a.method != b.method or a.method == "none":
        return None
    return a.value == b.value
