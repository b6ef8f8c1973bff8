"""Read a config: strict JSON, with comments and trailing commas let through, and every position kept.

The standard parser takes NaN, the last of two equal keys, UTF-16, and numbers that overflow, and says
nothing. This one refuses whatever would make a record ambiguous. Faults that leave the reader knowing
where it stands (an equal key, a number out of range, `None`) are collected; the first that doesn't
ends the reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from json import JSONDecodeError, decoder
from math import isinf
from typing import Final, NoReturn

from logbook_schemas.reading.decoding import decode
from logbook_schemas.reading.document import Document, Json, Offsets
from logbook_schemas.reading.problems import Path, Problem, ReadingError, dotted, shorten

__all__ = ["LARGEST_INT", "MAX_DEPTH", "read_json"]

MAX_DEPTH: Final = 64
"""How many objects and lists may stand inside one another."""

LARGEST_INT: Final = 2**53 - 1
"""The largest whole number that every JSON reader, and RFC 8785, holds exactly."""

UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
"""What JSON can escape but no database and no UTF-8 file can hold: U+0000 and lone surrogates."""

_BLANK = re.compile(r"(?:[ \t\n\r]+|//[^\n\r]*|/\*.*?\*/)*", re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_NUMBER_LIKE = re.compile(r"[-+.\w]+")
_WORD = re.compile(r"[^\W\d][\w$.\-]*|\$[\w$.\-]*")
_WORDS: Final[dict[str, Json]] = {"true": True, "false": False, "null": None}
_MEANT: Final = {"true": "true", "false": "false", "null": "null", "none": "null", "nil": "null"}
_NOT_FINITE: Final = {"nan", "inf", "infinity"}
_QUOTES: Final = "'`‘’“”«»"
_NAMES: Final = {"}": "object", "]": "list"}


def read_json(source: str | bytes, *, name: str) -> Document:
    """Read one config from the text or bytes of a file; `name` is what messages call it.

    Raises ReadingError, with line and column of each problem, for anything that isn't one strict JSON
    value in UTF-8 of at most 1 MiB, at most 64 levels deep, with whole numbers within ±(2**53 − 1).
    """
    text = decode(source, name=name)
    reader = _Reader(text, name)
    value = reader.read()
    return Document(value, name, text, reader.offsets)


class _UnreadableError(Exception):
    """The reader no longer knows where it stands; the reason is among its problems."""


class _Reader:
    """A cursor over the text. Each method starts at the cursor and leaves it behind what it has read."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.at = 0
        self.offsets: dict[Path, Offsets] = {}
        self.problems: list[Problem] = []
        self.places = Document(None, name, text, {})

    def read(self) -> Json:
        value: Json = None
        with suppress(_UnreadableError):  # its reason is the last of the problems
            value = self.whole()
        if self.problems:
            raise ReadingError(self.problems)
        return value

    def whole(self) -> Json:
        self.skip(())
        if self.at == len(self.text):
            self.fail("the file is empty; a config is one JSON object, at the least {}", (), at=0)
        value = self.value((), key=None)
        self.skip(())
        if self.at < len(self.text):
            self.fail(f"expected the end of the file, found {self.found()}", ())
        return value

    def value(self, path: Path, *, key: int | None) -> Json:
        self.offsets[path] = Offsets(key, self.at)
        character = self.text[self.at : self.at + 1]
        if character == '"':
            return self.string(path)
        if character == "{":
            return self.object(path)
        if character == "[":
            return self.array(path)
        if character and character in "-+.0123456789":
            return self.number(path)
        return self.word(path)

    def object(self, path: Path) -> dict[str, Json]:
        members: dict[str, Json] = {}
        for _ in self.entries(path, "}"):
            start = self.at
            key = self.key(path)
            child = (*path, key)
            if key in members:
                first = self.places.position_at(self.offsets[child].key or 0).line
                self.note(f"duplicate key; it stands first on line {first}", child, at=start)
            self.skip(path)
            if not self.text.startswith(":", self.at):
                self.fail(f"expected ':' after the key, found {self.found()}", child)
            self.at += 1
            self.skip(child)
            members[key] = self.value(child, key=start)
        return members

    def key(self, path: Path) -> str:
        if not self.text.startswith('"', self.at):
            self.fail_at_key(path)
        return self.string(path)

    def fail_at_key(self, path: Path) -> NoReturn:
        word = _WORD.match(self.text, self.at) or _NUMBER_LIKE.match(self.text, self.at)
        if word:
            self.fail(f'a key needs double quotes: write "{shorten(word[0])}"', path)
        self.fail_on_quote(path)
        self.fail(f"expected a key in double quotes or '}}', found {self.found()}", path)

    def array(self, path: Path) -> list[Json]:
        items: list[Json] = []
        for _ in self.entries(path, "]"):
            items.append(self.value((*path, len(items)), key=None))
        return items

    def entries(self, path: Path, close: str) -> Iterator[None]:
        """Stand before each entry in turn, then behind the bracket that closes."""
        opened = self.at
        if len(path) >= MAX_DEPTH:
            self.fail(f"nested deeper than {MAX_DEPTH} levels", ())
        self.at += 1
        self.skip(path)
        while not self.text.startswith(close, self.at):
            if self.at < len(self.text):
                yield
                self.separator(path, close)
            if self.at == len(self.text):
                self.fail(f"the {_NAMES[close]} that opens here isn't closed with '{close}'", path, at=opened)
        self.at += 1

    def separator(self, path: Path, close: str) -> None:
        self.skip(path)
        if self.text.startswith(",", self.at):
            self.at += 1
            self.skip(path)
        elif self.at < len(self.text) and not self.text.startswith(close, self.at):
            self.fail(f"expected ',' or '{close}', found {self.found()}", path)

    def string(self, path: Path) -> str:
        start = self.at
        try:
            value, self.at = decoder.scanstring(self.text, start + 1, True)  # type: ignore[attr-defined]
        except JSONDecodeError as error:
            self.fail_in_string(start, error.pos, path)
        if bad := UNSTORABLE.search(value):
            self.note(unstorable(bad[0]), path, at=start)
        return str(value)

    def fail_in_string(self, start: int, at: int, path: Path) -> NoReturn:
        character = self.text[at]
        if at == start or character in "\r\n":
            self.fail("the text that begins here isn't closed with '\"' on its line", path, at=start)
        if character < " ":
            code = f"{ord(character):04x}"
            self.fail(f"control character U+{code.upper()} in a text; write it as \\u{code}", path, at=at)
        at = self.text.rindex("\\", start, at + 1)
        wrong = self.text[at : at + 2]
        self.fail(f"'{wrong}' starts no JSON escape; a backslash itself is written \\\\", path, at=at)

    def number(self, path: Path) -> int | float:
        start = self.at
        token = _NUMBER_LIKE.match(self.text, start)
        written = token[0] if token else ""
        self.at += len(written)
        number = _NUMBER.fullmatch(written)
        if not number:
            self.note(_number_trouble(written), path, at=start)
            return 0
        if number[1] or number[2]:
            return self.decimal(written, path, at=start)
        # Python refuses to convert thousands of digits; their count alone already says too large.
        if len(written) > 17 or abs(int(written)) > LARGEST_INT:
            reach = f"whole numbers reach from -{LARGEST_INT} to {LARGEST_INT}"
            self.note(f"{shorten(written)} is out of range: {reach}", path, at=start)
            return 0
        return int(written)

    def decimal(self, written: str, path: Path, *, at: int) -> float:
        value = float(written)
        if isinf(value):
            self.note(f"{shorten(written)} is out of range: numbers reach to about 1.8e308", path, at=at)
        return value

    def word(self, path: Path) -> Json:
        start = self.at
        match = _WORD.match(self.text, start)
        if not match:
            self.fail_on_quote(path)
            self.fail(f"expected a value, found {self.found()}", path)
        written = match[0]
        self.at = match.end()
        if written in _WORDS:
            return _WORDS[written]
        if written.lower() in _NOT_FINITE:
            self.note(_not_finite(written), path, at=start)
        elif meant := _MEANT.get(written.lower()):
            self.note(f"found {written}; JSON writes {meant}", path, at=start)
        else:
            self.fail(f'text needs double quotes: write "{shorten(written)}"', path, at=start)
        return None

    def fail_on_quote(self, path: Path) -> None:
        character = self.text[self.at : self.at + 1]
        if character and character in _QUOTES:
            self.fail(f'text and keys stand in straight double quotes ("), found {character}', path)

    def skip(self, path: Path) -> None:
        """Pass blanks and comments."""
        if self.text[self.at : self.at + 1] not in " \t\n\r/#":
            return
        blank = _BLANK.match(self.text, self.at)
        self.at = blank.end() if blank else self.at
        if self.text.startswith("/*", self.at):
            self.fail("the comment that begins here isn't closed with '*/'", path)
        if self.text.startswith("#", self.at):
            self.fail("a comment begins with // or stands between /* and */, found #", path)

    def found(self) -> str:
        """Name the character at the cursor."""
        character = self.text[self.at : self.at + 1]
        if not character:
            return "the end of the file"
        return f"'{character}'" if character.isprintable() else f"the character U+{ord(character):04X}"

    def note(self, message: str, path: Path, *, at: int) -> None:
        place = self.places
        line, column = place.position_at(at)
        self.problems.append(Problem(place.name, line, column, dotted(path), message))

    def fail(self, message: str, path: Path, *, at: int | None = None) -> NoReturn:
        self.note(message, path, at=self.at if at is None else at)
        raise _UnreadableError


def unstorable(character: str) -> str:
    """Say why a text with this character (U+0000 or a lone surrogate) is refused."""
    what = "the null character" if character == "\x00" else "half of a surrogate pair"
    return f"the text holds U+{ord(character):04X}, {what}, which can't be stored"


def _number_trouble(written: str) -> str:
    plain = written.lstrip("+-")
    if plain.lower() in _NOT_FINITE:
        return _not_finite(written)
    hint = ""
    if plain != written.removeprefix("-"):
        hint = "; leave out the plus sign"
    elif re.fullmatch(r"0[0-9]+.*", plain):
        hint = "; leave out the leading zeros"
    elif plain.startswith(".") or re.match(r"[0-9]+\.(?![0-9])", plain):
        hint = "; a decimal point needs a digit on either side"
    elif "_" in plain:
        hint = "; leave out the underscores"
    return f"{shorten(written)} isn't a number as JSON writes it{hint}"


def _not_finite(written: str) -> str:
    return f"{written} isn't a finite number; a config holds finite numbers only, or null"
