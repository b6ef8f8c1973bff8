"""Which contents the rows of a run name by their hash, and as what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

__all__ = ["document_of", "named_by_record", "named_by_start"]


def document_of(text: str | None) -> dict[str, Any]:
    """Return a row's payload; nothing where it is damaged, which `fsck` says."""
    try:
        return dict(json.loads(text or "{}"))
    except (TypeError, ValueError):
        return {}


def named_by_start(start: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what the beginning of a run names by hash, as it is called for people."""
    git, code = start.get("git", {}), start.get("code", {})
    named = [
        ("diff", git.get("diff_blob")),
        *((f"untracked {file.get('path')}", file.get("blob")) for file in git.get("untracked", ())),
        *(
            (f"source {path}", code.get("masked", {}).get(path, name))
            for path, name in code.get("files", {}).items()
            if path not in code.get("left_out", {})
        ),
        ("packages", start.get("environment", {}).get("distributions_blob")),
        ("config as written", start.get("source_blob")),
    ]
    return ((what, name) for what, name in named if name)


def named_by_record(record: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if name := record.get("preparation_blob"):
        yield "preparation", name
    if name := (record.get("images") or {}).get("blob"):
        yield "images", name
