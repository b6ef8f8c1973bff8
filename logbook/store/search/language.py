"""The query language: text in, a tree of frozen dataclasses out, or a UsageError that points at the place.

The tree is built while the text is parsed, bottom up, so that no nesting can exhaust Python's stack; what is
nested deeper than a person would write is refused before anything walks it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from logbook.errors import UsageError

if TYPE_CHECKING:
    from lark import Lark, UnexpectedInput

__all__ = ["And", "Comparison", "Node", "Not", "Operator", "Or", "Query", "Text", "Value", "parse_query", "problem"]

MAX_LENGTH = 2_000
MAX_TERMS = 250
MAX_DEPTH = 20
"""Levels of and, or and not. SQLite's own parser gives up at about a hundred open parentheses."""

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "~"]


@dataclass(frozen=True, slots=True)
class Value:
    """The right side of a comparison, as written; a quoted value is text and nothing else."""

    text: str
    place: int
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field held against one value. `place` is the field's, counted from 0 in the query."""

    field: str
    operator: Operator
    value: Value
    place: int


@dataclass(frozen=True, slots=True)
class Text:
    """A word or phrase that stands somewhere in a run's text."""

    text: str
    place: int


@dataclass(frozen=True, slots=True)
class Not:
    term: Node


@dataclass(frozen=True, slots=True)
class And:
    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    terms: tuple[Node, ...]


Node = Comparison | Text | Not | And | Or


@dataclass(frozen=True, slots=True)
class Query:
    """A query as written, and what it means; the text is kept for messages alone."""

    text: str
    root: Node


def parse_query(text: str) -> Query:
    """Return what a query means. Raises UsageError, with the place marked, where it means nothing."""
    _refuse_unreadable(text)
    from lark import UnexpectedInput

    try:
        root = cast(Node, _parser().parse(text))
    except UnexpectedInput as error:
        raise _syntax_problem(text, error) from None
    _refuse_oversized(text, root)
    return Query(text, root)


def problem(query: str, place: int, what: str, hint: str = "") -> UsageError:
    """Return an error that shows the query, a caret under `place`, and what to write instead."""
    shown = re.sub(r"\s", " ", query)
    start = max(0, place - 60)
    before, after = shown[start:place], shown[place : place + 60]
    head, tail = "…" * (start > 0), "…" * (place + 60 < len(shown))
    lines = [what, f"  {head}{before}{after}{tail}", "  " + " " * (len(head) + len(before)) + "^"]
    return UsageError("\n".join([*lines, hint] if hint else lines))


def _refuse_unreadable(text: str) -> None:
    if not text.strip():
        raise UsageError("the query is empty; write a term such as lr<1e-3, or list all runs with 'logbook ls'")
    if len(text) > MAX_LENGTH:
        raise UsageError(f"the query has {len(text)} characters; the limit is {MAX_LENGTH}")
    strange = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]", text)
    if strange:
        code = f"U+{ord(strange[0]):04X}"
        shown = text[: strange.start()] + "?" + re.sub(r"[\ud800-\udfff]", "?", text[strange.end() :])
        raise problem(shown, strange.start(), f"the character {code} can't stand in a query")


def _refuse_oversized(text: str, root: Node) -> None:
    waiting, terms = [(root, 0)], 0
    while waiting:
        node, depth = waiting.pop()
        match node:
            case And(children) | Or(children):
                waiting.extend((child, depth + 1) for child in children)
            case Not(child):
                waiting.append((child, depth + 1))
            case Comparison() | Text():
                terms += 1
                if depth > MAX_DEPTH:
                    raise problem(text, node.place, f"this is nested {depth} levels deep; the limit is {MAX_DEPTH}")
    if terms > MAX_TERMS:
        raise UsageError(f"the query has {terms} terms; the limit is {MAX_TERMS}")


class _Builder:
    """Makes each node as soon as the parser has read it."""

    def start(self, children: list[Any]) -> Node:
        return cast(Node, children[0])

    def either(self, children: list[Any]) -> Node:
        return children[0] if len(children) == 1 else Or(_spliced(children, Or))

    def both(self, children: list[Any]) -> Node:
        return children[0] if len(children) == 1 else And(_spliced(children, And))

    def negation(self, children: list[Any]) -> Node:
        (term,) = children
        return term.term if isinstance(term, Not) else Not(term)

    def comparison(self, children: list[Any]) -> Node:
        field, operator, value = children
        written = "=" if operator in ("==", ":") else str(operator)
        quoted = value.type == "PHRASE"
        return Comparison(
            _unquoted(field),
            cast(Operator, written),
            Value(_unquoted(value) if quoted else str(value), value.start_pos, quoted),
            field.start_pos,
        )

    def text(self, children: list[Any]) -> Node:
        return Text(_unquoted(children[0]), children[0].start_pos)


def _spliced(children: list[Any], kind: type[And] | type[Or]) -> tuple[Node, ...]:
    """Return the terms with those of a parenthesis of the same kind among them: `a (b c)` is `a b c`."""
    return tuple(term for child in children for term in (child.terms if isinstance(child, kind) else (child,)))


def _unquoted(token: str) -> str:
    if token[0] not in "\"'":
        return str(token)
    return re.sub(r"\\([\"'\\])", r"\1", token[1:-1])


@cache
def _parser() -> Lark:
    from lark import Lark

    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", maybe_placeholders=False, transformer=cast(Any, _Builder()))


def _syntax_problem(text: str, error: UnexpectedInput) -> UsageError:
    place = error.pos_in_stream
    if place is None or place < 0 or getattr(getattr(error, "token", None), "type", "") == "$END":
        place = len(text.rstrip())
    rest = text[place:].lstrip()
    if rest[:1] in ("'", '"'):
        return problem(text, place, "the quote that begins here never ends", f"close it with {rest[0]}")
    operator = re.search(r"(!=|<=|>=|==|[=:<>~])\s*$", text[:place])
    if operator:
        hint = _operator_hint(operator[1] + rest[:1])
        return problem(text, place, f"a value is expected after {operator[1]!r}", hint)
    if not rest:
        return _ends_early(text, place)
    if rest[0] in "=:<>!~":
        hint = 'write field, operator, value, each comparison by itself: lr>1e-4 lr<1e-2; quote text: "a=b"'
        return problem(text, place, f"{rest[0]!r} has no field before it", hint)
    if rest[0] == ")":
        return _stray_parenthesis(text, place)
    return problem(text, place, f"a term is expected before {rest.split()[0]!r}", _TERM_HINT)


_TERM_HINT = 'a term is field<value, a word, or a "quoted phrase"; to search for the word or, write "or"'


def _operator_hint(written: str) -> str:
    swapped = {"=<": "<=", "=>": ">=", "=!": "!=", ":<": "<", ":>": ">", "<>": "!="}
    return f"write {swapped[written]}" if written in swapped else 'the empty text is written ""'


def _ends_early(text: str, place: int) -> UsageError:
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', lambda quoted: "." * len(quoted[0]), text)
    if re.search(r"(?:^|[\s()])(?:and|or|not)\s*$", bare, re.IGNORECASE):
        return problem(text, place, "a term is expected here", _TERM_HINT)
    opened: list[int] = []
    for index, character in enumerate(bare):
        if character == "(":
            opened.append(index)
        elif character == ")" and opened:
            opened.pop()
    at = opened[-1] if opened else place
    return problem(text, at, "the parenthesis that opens here is never closed", "close it with )")


def _stray_parenthesis(text: str, place: int) -> UsageError:
    if re.search(r"\(\s*$", text[:place]):
        return problem(text, place, "the parentheses hold nothing", _TERM_HINT)
    if re.search(r"\b(?:and|or|not)\s*$", text[:place], re.IGNORECASE):
        return problem(text, place, "a term is expected before ')'", _TERM_HINT)
    return problem(text, place, "this parenthesis was never opened", "take it out, or open one before it")
