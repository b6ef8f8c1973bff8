"""What counts as a secret: a table of file names, a table of patterns, and the functions that apply them.

The tables lean to the safe side: a masked word too many costs a little of a stored diff, a kept token costs
an account. Nothing here is proof that a text holds no secret; `logbook redact` exists for what slips through.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import NamedTuple

__all__ = [
    "REMOVED",
    "SECRET_NAMES",
    "SECRET_PATTERNS",
    "SecretPattern",
    "is_secret_name",
    "mask_arguments",
    "mask_bytes",
    "mask_text",
    "secret_settings",
]

REMOVED = "[secret removed]"

# Compared with each part of a path, in lower case.
SECRET_NAMES = (
    "*-token",
    "*-token.txt",
    "*.env",
    "*.jks",
    "*.kdbx",
    "*.key",
    "*.keystore",
    "*.p12",
    "*.p8",
    "*.pem",
    "*.pfx",
    "*.ppk",
    "*.token",
    "*_token",
    "*_token.txt",
    "*api-key*",
    "*api_key*",
    "*apikey*",
    "*credential*",
    "*passwd*",
    "*password*",
    "*secret*",
    "*service-account*.json",
    "*service_account*.json",
    ".aws",
    ".dockercfg",
    ".env",
    ".env.*",
    ".envrc",
    ".git-credentials",
    ".gnupg",
    ".htpasswd",
    ".kube",
    ".netrc",
    ".npmrc",
    ".pgpass",
    ".pypirc",
    ".ssh",
    "_netrc",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    "id_rsa*",
    "kubeconfig",
    "token",
    "token.json",
    "token.txt",
    "tokens.json",
    "tokens.txt",
)

_SECRET_WORD = (
    r"(?:password|passwd|passphrase|pwd|secret|api[_-]?key|access[_-]?key|secret[_-]?key|private[_-]?key"
    r"|account[_-]?key|credentials?)"
)

_SECRET_OPTION = re.compile(rf"(?:{_SECRET_WORD}|token|auth|bearer)\Z", re.ASCII | re.IGNORECASE)

# A value without quotes: not a call, a lookup, a dotted name or a word of the language, which would be code.
_BARE_VALUE = r"""
    (?!(?:str|bytes|int|bool|none|null|true|false|string|optional|any|object|self|args|os|input|getpass)\b)
    (?!\w*(?:pass|secret|key|token|credential))
    (?!(?:[A-Za-z_]\w*\.)+[A-Za-z_]\w*(?![\w/+=-]))
    ([^\s"'`(),;\[\]{}<>#$&|]{4,})(?![(\[{<$])
"""

_PASSWORD = rf"""
    {_SECRET_WORD}(?![A-Za-z0-9_])["']?\]?
    (?: \s*(?:=>|:=|[:=])\s*[rbf]?(?P<quote>["'])([^"'\n]{{3,}})(?P=quote)
      | ={_BARE_VALUE}
      | [ \t]*[:=][ \t]*{_BARE_VALUE}(?=[ \t]*(?:[,;#\r\n]|\Z)) )
"""

# Tokens of text are everywhere in this trade, so a token that is a secret must look like one: long, with a
# digit.
_TOKEN = r"""
    token(?![A-Za-z0-9_])["']?\]?\s*(?:=>|:=|[:=])\s*
    (?: (?P<quote>["'])(?=[^"'0-9\n]*[0-9])([A-Za-z0-9_./+=:~-]{8,})(?P=quote)
      | (?!(?:[A-Za-z_]\w*\.)+[A-Za-z_])(?=[A-Za-z_./+-]*[0-9])([A-Za-z0-9_./+=~-]{16,})(?![\w(\[.]) )
"""

_PRIVATE_KEY = r"""
    -----BEGIN[ ][A-Z0-9 ]*PRIVATE[ ]KEY(?:[ ]BLOCK)?-----
    (?: (?:(?!-----BEGIN)[\s\S]){0,16384}?-----END[ ][A-Z0-9 ]*PRIVATE[ ]KEY(?:[ ]BLOCK)?-----
      | (?:\s*[+ -]?[A-Za-z0-9+/=]{16,}[ \t]*(?=\r?\n|\Z))* )
"""


class SecretPattern(NamedTuple):
    """A kind of secret; what goes is the last group that matched, else the whole match.

    It is looked for only in text that has one of `hints` (lower case), which makes a 5 MiB diff cheap.
    """

    name: str
    hints: tuple[str, ...]
    expression: re.Pattern[str]


def _pattern(name: str, hints: tuple[str, ...], expression: str, flags: int = 0) -> SecretPattern:
    return SecretPattern(name, hints, re.compile(expression, re.ASCII | flags))


SECRET_PATTERNS = (
    _pattern("private key", ("private key",), _PRIVATE_KEY, re.VERBOSE),
    _pattern("AWS key", ("akia", "asia"), r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    _pattern("GitHub token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"\bgh[pousr]_[A-Za-z0-9]{30,}"),
    _pattern("GitHub fine-grained token", ("github_pat_",), r"\bgithub_pat_[A-Za-z0-9_]{22,}"),
    _pattern("GitLab token", ("glpat-",), r"\bglpat-[A-Za-z0-9_-]{20,}"),
    _pattern("Hugging Face token", ("hf_",), r"\bhf_[A-Za-z0-9]{30,}"),
    _pattern("OpenAI-style key", ("sk-",), r"\bsk-(?=[A-Za-z_-]{0,64}[0-9])[A-Za-z0-9_-]{20,}"),
    _pattern("Slack token", ("xox",), r"\bxox[abeprs]-[A-Za-z0-9-]{10,}"),
    _pattern("Google key", ("aiza",), r"\bAIza[0-9A-Za-z_-]{35}"),
    _pattern("PyPI token", ("pypi-",), r"\bpypi-[A-Za-z0-9_-]{50,}"),
    _pattern("npm token", ("npm_",), r"\bnpm_[A-Za-z0-9]{36}"),
    _pattern("Stripe key", ("k_live_",), r"\b[sr]k_live_[A-Za-z0-9]{20,}"),
    _pattern("JSON web token", ("eyj",), r"\beyJ[\w-]{10,512}\.eyJ[\w-]+\.[\w-]{10,}"),
    _pattern(
        "authorization header",
        ("bearer", "basic"),
        r"\b(?:bearer|basic)\s+((?=[A-Za-z_./+~-]*[0-9])[A-Za-z0-9._~+/=-]{16,})",
        re.IGNORECASE,
    ),
    _pattern("password in a URL", ("://",), r"://[^\s/:@\"']*:((?![{$<%])[^\s/@\"']+)@"),
    _pattern("token in a URL", ("://",), r"://([A-Za-z0-9_-]{20,})@"),
    _pattern(
        "password assignment",
        ("pass", "pwd", "secret", "key", "credential"),
        _PASSWORD,
        re.VERBOSE | re.IGNORECASE,
    ),
    _pattern("token assignment", ("token",), _TOKEN, re.VERBOSE | re.IGNORECASE),
)


def is_secret_name(path: str | PurePath) -> bool:
    """Say whether a file should be kept out for its name, or for the name of a folder above it."""
    parts = PurePath(str(path).lower()).parts
    return any(fnmatchcase(part, name) for part in parts for name in SECRET_NAMES)


def mask_text(text: str) -> tuple[str, int]:
    """Replace what looks like a secret by `[secret removed]`; return the text and how many there were."""
    lowered = text.lower()
    total = 0
    for pattern in SECRET_PATTERNS:
        if any(hint in lowered for hint in pattern.hints):
            text, count = _mask_pattern(pattern.expression, text)
            total += count
    return text, total


def _mask_pattern(expression: re.Pattern[str], text: str) -> tuple[str, int]:
    count = 0

    def replace(match: re.Match[str]) -> str:
        nonlocal count
        secret = match[match.lastindex or 0]
        if secret == REMOVED:
            return match[0]
        count += 1
        start, end = match.span(match.lastindex or 0)
        return match.string[match.start() : start] + REMOVED + match.string[end : match.end()]

    return expression.sub(replace, text), count


def mask_bytes(content: bytes) -> tuple[bytes, int]:
    """Do as `mask_text` does, for bytes of any encoding that extends ASCII; other bytes stay as they are."""
    # Latin-1 maps each byte to one character and back, so that files that are not UTF-8 keep their bytes.
    text, count = mask_text(content.decode("latin-1"))
    return (text.encode("latin-1"), count) if count else (content, 0)


def secret_settings(leaves: Iterable[tuple[str, object]]) -> list[str]:
    """Return the paths of a config's settings that look like secrets, by their name or by what they hold."""
    found = []
    for path, leaf in leaves:
        name = path.rpartition(".")[2]
        if isinstance(leaf, str) and (mask_text(f'{name}: "{leaf}"')[1] or mask_text(leaf)[1]):
            found.append(path)
    return found


def mask_arguments(argv: Sequence[str]) -> list[str]:
    """Mask a command line: values of options such as `--token X` and `--db.password=X`, secrets by pattern.

    A short option that takes a secret (`-p X`) can't be told from any other, and stays.
    """
    masked: list[str] = []
    hide_next = False
    for argument in argv:
        name, equals, _ = argument.partition("=")
        if hide_next and not argument.startswith("-"):
            masked.append(REMOVED)
            hide_next = False
            continue
        hide_next = not equals and argument.startswith("-") and bool(_SECRET_OPTION.search(argument))
        if equals and _SECRET_OPTION.search(name):
            masked.append(f"{name}={REMOVED}")
        else:
            masked.append(mask_text(argument)[0])
    return masked
