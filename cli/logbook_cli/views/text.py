"""Text for a terminal: made safe, measured in columns, coloured, cut to fit."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from typing import Any

__all__ = [
    "Ink",
    "clean",
    "clean_block",
    "columns_of",
    "cut",
    "pad",
    "show_number",
    "show_seconds",
    "show_value",
    "without_commands",
]

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}
_CURVES = ("cyan", "yellow", "green", "red", "blue", "bold")

# C0 and C1 controls (ESC and CSI among them), lone surrogates, and the marks that reverse or hide text.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_PLAIN_CONTROL = {"\n": "⏎", "\t": " ", "\r": ""}
_OURS = re.compile("\x1b\\[[0-9;]*m")
_OURS_OR_UNSAFE = re.compile(f"{_OURS.pattern}|(?!\n){_UNSAFE.pattern}")


class Ink:
    """Colours, or none. Painted text must be clean: paint comes after `clean`."""

    def __init__(self, is_on: bool) -> None:
        self.is_on = is_on

    def paint(self, text: str, *styles: str) -> str:
        """Return the text in styles: bold, dim, red, green, yellow, blue, cyan."""
        if not self.is_on or not text or not styles:
            return text
        return f"\x1b[{';'.join(_CODES[style] for style in styles)}m{text}\x1b[0m"

    def curve(self, text: str, index: int) -> str:
        """Return the text in the colour of the curve with that index."""
        return self.paint(text, _CURVES[index % len(_CURVES)])


def clean(text: object) -> str:
    """Return a text on one line with nothing in it that a terminal obeys; escapes are shown, not sent."""
    line = str(text)
    # Nothing that is unsafe is printable; most texts are, and asking is quicker than looking for each.
    return line if line.isprintable() else _UNSAFE.sub(_visible, line)


def clean_block(text: object) -> str:
    """Return a text that keeps its lines, each of them clean."""
    return "\n".join(clean(line) for line in str(text).split("\n"))


def without_commands(text: str) -> str:
    """Return what is sent to a terminal, our colours in it, with all else shown that it would obey.

    Texts are cleaned where they are put together; this is for one that was forgotten.
    """
    return _OURS_OR_UNSAFE.sub(lambda match: match[0] if _OURS.fullmatch(match[0]) else _visible(match), text)


def columns_of(text: str) -> int:
    """Return the columns that a text takes on a terminal, our colours not counted."""
    plain = _OURS.sub("", text) if "\x1b" in text else text
    return len(plain) if plain.isascii() else sum(map(_columns_of_character, plain))


def cut(text: str, width: int) -> str:
    """Shorten a text without colours to fit a width; what was cut shows as …"""
    if columns_of(text) <= width:
        return text
    kept, used = [], 0
    for character in text:
        used += _columns_of_character(character)
        if used > width - 1:
            break
        kept.append(character)
    return f"{''.join(kept)}…"


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Fill a text up to a width; `right` puts it at the right end."""
    blank = " " * max(0, width - columns_of(text))
    return blank + text if right else text + blank


def show_number(value: float | None, *, signed: bool = False) -> str:
    """Return a measured number in four figures; an empty text for None."""
    if value is None:
        return ""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return f"{value:+.4g}" if signed else f"{value:.4g}"


def show_seconds(seconds: float) -> str:
    """Return a span as people say it: 1.2 s, 3 min 05 s, 2 h 10 min."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def show_value(value: Any) -> str:
    """Return a config value as it would be written in a config, on one clean line."""
    return clean(json.dumps(value, ensure_ascii=False))


def _visible(match: re.Match[str]) -> str:
    character = match[0]
    if character in _PLAIN_CONTROL:
        return _PLAIN_CONTROL[character]
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _columns_of_character(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
