"""The query language: text in, a tree out, or a UsageError that points at the place.

    query       =  either
    either      =  both { OR both }
    both        =  term { [ AND ] term }
    term        =  { NOT } ( comparison | text | parenthesis )
    comparison  =  FIELD OPERATOR ( PHRASE | LIST | VALUE )
    text        =  PHRASE | WORD
    parenthesis =  "(" either ")"

Of alternatives the first that fits is meant. The parsers below have these names; docs/search.md says what a query
means. No nesting can exhaust Python's stack: a term may have any number of nots, and parentheses are read from the
last to the first, so that each finds those within it read. What is nested deeper than a person would write is
refused before anything walks the tree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple, cast

import parsy
from parsy import Parser, Result

from logbook.errors import UsageError

__all__ = [
    "And",
    "Comparison",
    "Node",
    "Not",
    "Operator",
    "Or",
    "Query",
    "Text",
    "Value",
    "bare_words",
    "parse_query",
    "problem",
    "requires",
    "unquoted",
]

MAX_LENGTH = 2_000
MAX_TERMS = 250
MAX_DEPTH = 20
"""Levels of and, or and not. SQLite's own parser gives up at about a hundred open parentheses."""

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "~"]


class Value(NamedTuple):
    """The right side of a comparison, as written; a quoted value is text and nothing else."""

    text: str
    place: int
    quoted: bool = False


class Comparison(NamedTuple):
    """One field held against one value. `place` is the field's, counted from 0 in the query."""

    field: str
    operator: Operator
    value: Value
    place: int


class Text(NamedTuple):
    """A word or phrase that stands somewhere in a run's text."""

    text: str
    place: int


# Dataclasses, these three: as tuples, And and Or of the same terms would be equal.


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


class Query(NamedTuple):
    """A query as written, and what it means; the text is kept for messages alone."""

    text: str
    root: Node


def parse_query(text: str) -> Query:
    """Return what a query means. Raises UsageError, with the place marked, where it means nothing."""
    _refuse_unreadable(text)
    try:
        root = cast(Node, _query.parse(_Reading(text)))
    except parsy.ParseError as error:
        raise _syntax_problem(text, error.index) from None
    _refuse_oversized(text, root)
    return Query(text, root)


def requires(query: str, field: str, value: str) -> bool:
    """Say whether every run that a query matches has a value in a field, because the query says so itself."""
    due: list[Node] = [parse_query(query).root]
    while due:
        node = due.pop()
        if isinstance(node, And):
            due.extend(node.terms)
        elif isinstance(node, Comparison) and (node.field, node.operator, node.value.text) == (field, "=", value):
            return True
    return False


def bare_words(query: str) -> list[Text]:
    """Return the words of a query that stand alone and in no quotes, in their order."""
    due, found = [parse_query(query).root], list[Text]()
    while due:
        match due.pop():
            case And(terms) | Or(terms):
                due.extend(terms)
            case Not(term):
                due.append(term)
            case Text() as text if query[text.place] not in "\"'":
                found.append(text)
            case _:
                pass
    return sorted(found, key=lambda text: text.place)


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


class _Reading(str):
    """A query while it is read, and what came of each parenthesis, by its place.

    One that stands in quotes is read too; nothing ever asks for it.
    """

    def __init__(self, _: str) -> None:
        self.parentheses: dict[int, Result] = {}
        for found in reversed([*re.finditer(r"\(", self)]):
            self.parentheses[found.start()] = _inside(self, found.start())


def _token(pattern: str) -> Parser:
    """Return the parser of one token, in capitals or not, and of the blanks after it."""
    return parsy.regex(rf"({pattern})\s*", re.DOTALL | re.IGNORECASE, group=1)


def _keyword(word: str) -> Parser:
    """Return the parser of a word that stands alone and is no field."""
    return _token(rf'{word}(?![^\s()"])(?!{_THEN_OPERATOR})')


def _parenthesis_at(reading: object, place: int) -> Result:
    return cast(_Reading, reading).parentheses.get(place) or Result.failure(place, "(")


def _negated(nots: list[str], term: Node) -> Node:
    if len(nots) % 2 == 0:
        return term
    return term.term if isinstance(term, Not) else Not(term)


def _compared(place: int, field: str, operator: str, value: Value) -> Comparison:
    written = "=" if operator in ("==", ":") else operator
    return Comparison(unquoted(field), cast(Operator, written), value, place)


def _one_of(terms: list[Node]) -> Node:
    return terms[0] if len(terms) == 1 else Or(_spliced(terms, Or))


def _all_of(terms: list[Node]) -> Node:
    return terms[0] if len(terms) == 1 else And(_spliced(terms, And))


def _spliced(terms: list[Node], kind: type[And] | type[Or]) -> tuple[Node, ...]:
    """Return the terms with those of a parenthesis of the same kind among them: `a (b c)` is `a b c`."""
    return tuple(part for term in terms for part in (term.terms if isinstance(term, kind) else (term,)))


def unquoted(token: str) -> str:
    """Return a field or a text without its quotes."""
    if token[0] not in "\"'":
        return token
    return re.sub(r"\\([\"'\\])", r"\1", token[1:-1])


_THEN_OPERATOR = r"\s*(?:!=|[=:<>~])"
"""What stands before an operator is a field, even the word "not"."""

_FIELD = _token(rf"""(?:"(?:[^"\\]|\\.)*"|[^\s()"'=:<>!~]+)(?={_THEN_OPERATOR})""")
_OPERATOR = _token(r"!=|<=|>=|==|[=:<>~]")
_PHRASE = _token(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""")
# A list may hold blanks, and lists one level down: [[1, 2], [3]].
_LIST = _token(r"\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]")
_VALUE = _token(r"""[^\s()"'=:<>!~][^\s()"=<>!~]*""")
_WORD = _token(r"""(?!(?:and|or|not)(?![^\s()"]))[^\s()"'=:<>!~][^\s()"=:<>!~]*""")
_AND, _OR, _NOT = _keyword("and"), _keyword("or"), _keyword("not")

_phrase = parsy.seq(parsy.index, _PHRASE).combine(lambda place, text: Value(unquoted(text), place, quoted=True))
_bare = parsy.seq(parsy.index, _LIST | _VALUE).combine(lambda place, text: Value(text, place))
_parenthesis = Parser(_parenthesis_at)
_text = parsy.seq(parsy.index, _PHRASE | _WORD).combine(lambda place, text: Text(unquoted(text), place))
_comparison = parsy.seq(parsy.index, _FIELD, _OPERATOR, _phrase | _bare).combine(_compared)
_term = parsy.seq(_NOT.many(), _comparison | _text | _parenthesis).combine(_negated)
_both = _term.sep_by(_AND.optional(), min=1).map(_all_of)
_either = _both.sep_by(_OR, min=1).map(_one_of)
_inside = _token(r"\(") >> _either << _token(r"\)")
_query = _token("") >> _either


def _syntax_problem(text: str, place: int) -> UsageError:
    if not text[place:].strip():
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
    if rest[0] == "!":
        hint = "to leave runs out, write: not name=… or name!=…"
        return problem(text, place, "'!' has no field before it", hint)
    if rest[0] in "=:<>~":
        hint = 'write field, operator, value, each comparison by itself: lr>1e-4 lr<1e-2; quote text: "a=b"'
        return problem(text, place, f"{rest[0]!r} has no field before it", hint)
    if rest[0] == ")":
        return _stray_parenthesis(text, place)
    return problem(text, place, f"a term is expected before {rest.split()[0]!r}", _TERM_HINT)


_TERM_HINT = 'a term is field<value, a word, or a "quoted phrase"; to search for the word or, write "or"'


def _operator_hint(written: str) -> str:
    swapped = {"=<": "<=", "=>": ">=", "=!": "!=", ":<": "<", ":>": ">", "<>": "!=", "=~": "~", "~=": "~"}
    swapped |= {">>": ">", "<<": "<", "><": "!="}
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
