"""What conditions are made of: SQL with its parameters, the operators, and the mistakes that a term can make."""

from __future__ import annotations

from collections.abc import Callable

from logbook.store.search.language import Operator

__all__ = ["SQL", "BadOperatorError", "BadValueError", "Condition", "IsRare", "joined"]

Condition = tuple[str, tuple[object, ...]]
"""SQL text with `?` marks, and what they stand for."""

IsRare = Callable[[str, tuple[object, ...]], bool]
"""Says whether a SELECT finds few rows: those are found first. What many runs have is asked of each run, newest or
best first, until there are enough, so that fifty runs take as long among a hundred thousand as among a thousand."""

SQL: dict[Operator, str] = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class BadValueError(ValueError):
    """A value that the field can't have."""


class BadOperatorError(ValueError):
    """An operator that says nothing about the field."""


def joined(word: str, parts: list[Condition]) -> Condition:
    """Return the parts in one pair of parentheses with `word` between them."""
    sql = word.join(part for part, _ in parts)
    return f"({sql})", tuple(one for _, parameters in parts for one in parameters)
