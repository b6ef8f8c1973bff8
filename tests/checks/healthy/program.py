"""A healthy program: a config, and what it must reach for anybody to call it healthy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Program", "blobs", "sklearn"]


@dataclass(frozen=True, kw_only=True)
class Program:
    """`config` as a person writes it; `reaches` is a condition of the search language that its run must meet.

    `after` names a program that must have run before, in the same logbook (transfer from its checkpoint).
    """

    config: dict[str, Any]
    reaches: str
    after: str | None = None
    files: dict[str, Any] = field(default_factory=dict)


def sklearn(dataset: str, **settings: Any) -> dict[str, Any]:
    """Return the data section for one of scikit-learn's sets."""
    return {"source": {"kind": "sklearn", "dataset": dataset}, **settings}


def blobs(rows: int = 600, **pattern: Any) -> dict[str, Any]:
    """Return the data section for Gaussian clouds."""
    return {"source": {"kind": "synthetic", "pattern": {"kind": "blobs", **pattern}, "rows": rows}}
