"""What counts as a secret: a table of file names, and the functions that apply it and the table of patterns.

The tables lean to the safe side: a masked word too many costs a little of a stored diff, a kept token costs
an account. Nothing here is proof that a text holds no secret; `logbook redact` exists for what slips through.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePath

from logbook.provenance.secret_patterns import REMOVED, SECRET_PATTERNS, SECRET_WORD, TOKEN_BEGINNINGS

__all__ = [
    "REMOVED",
    "SECRET_NAMES",
    "SECRET_PATTERNS",
    "TOKEN_BEGINNINGS",
    "is_secret_name",
    "mask_arguments",
    "mask_bytes",
    "mask_text",
    "secret_settings",
]

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
    "kaggle.json",
    "kubeconfig",
    "token",
    "token.json",
    "token.txt",
    "tokens.json",
    "tokens.txt",
)

_SECRET_OPTION = re.compile(rf"(?:{SECRET_WORD}|token|auth|bearer)\Z", re.ASCII | re.IGNORECASE)


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
