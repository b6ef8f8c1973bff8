"""The five guides that the checklist is distilled from, and how a rule cites them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["GUIDES", "cite"]

GUIDES: Mapping[str, str] = MappingProxyType(
    {
        "S0": "My Neural Network isn't working! What should I do?",
        "S1": "Troubleshooting Neural Net Training",
        "S2": "Practical Advice for Building Deep Neural Networks",
        "S3": "Debugging Neural Networks: A Checklist",
        "S4": "What to do when a neural network does not learn",
        "C": "where the guides contradict each other",
    }
)
"""Guide to title. S4 is an answer without a title of its own; C are the checklist's decisions between guides."""


def cite(*rows: str) -> str:
    """Return the titles of the guides with the checklist rows that are meant, a guide at a time.

    cite("S0-34", "S0-35", "C1") is "My Neural Network isn't working! … (S0-34, S0-35); where the guides … (C1)".
    Raises KeyError for a row of no guide.
    """
    by_guide: dict[str, list[str]] = {}
    for row in rows:
        guide = "C" if row.startswith("C") else row.split("-")[0]
        by_guide.setdefault(guide, []).append(row)
    return "; ".join(f"{GUIDES[guide]} ({', '.join(ids)})" for guide, ids in by_guide.items())
