"""What was committed between two states of a repository, as far as the repository on this machine still knows."""

from __future__ import annotations

import re
from pathlib import Path

from logbook.provenance.blobs import printable
from logbook.provenance.git_commands import GitFailure, Repository
from logbook_schemas.records.provenance import GitRecord

__all__ = ["MOST_COMMITS", "commits_between"]

MOST_COMMITS = 20
"""Commits that are told; of more the newest."""

_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SECONDS = 2.0


def commits_between(before: GitRecord, after: GitRecord) -> tuple[str, ...]:
    """Return the commits that the second state has and the first lacks, `abc1234 subject`, the newest first.

    Nothing where both are at one commit, and where the repository or one of the commits is no longer there.
    """
    shas = (before.sha, after.sha)
    if before.sha == after.sha or not after.root or not all(sha and _SHA.fullmatch(sha) for sha in shas):
        return ()
    root = Path(after.root)
    if not root.is_dir():
        return ()
    asked = ["log", "--no-color", "--no-show-signature", "--format=%h %s", f"--max-count={MOST_COMMITS}"]
    try:
        said = Repository(root.resolve(), seconds=_SECONDS).ask([*asked, f"{before.sha}..{after.sha}", "--"])
    except (GitFailure, OSError):
        return ()
    return tuple(printable(line) for line in said.content.decode("utf-8", "replace").splitlines())
