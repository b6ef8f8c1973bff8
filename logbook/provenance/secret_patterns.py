"""What secrets look like: tokens that say by their beginning whose they are, values that are given to a telling name.

docs/secrets.md lists every pattern and every beginning; a test holds it to that.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["REMOVED", "SECRET_PATTERNS", "SECRET_WORD", "TOKEN_BEGINNINGS", "SecretPattern"]

REMOVED = "[secret removed]"

SECRET_WORD = (
    r"(?:password|passwd|passphrase|pwd|secret|api[_-]?key|access[_-]?key|secret[_-]?key|private[_-]?key"
    r"|account[_-]?key|credentials?)"
)

# A value without quotes: not a call, a lookup, a dotted name or a word of the language, which would be code.
_BARE_VALUE = r"""
    (?!(?:str|bytes|int|bool|none|null|true|false|string|optional|any|object|self|args|os|input|getpass)\b)
    (?!\w*(?:pass|secret|key|token|credential))
    (?!(?:[A-Za-z_]\w*\.)+[A-Za-z_]\w*(?![\w/+=-]))
    ([^\s"'`(),;\[\]{}<>#$&|]{4,})(?![(\[{<$])
"""

_PASSWORD = rf"""
    {SECRET_WORD}(?![A-Za-z0-9_])["']?\]?
    (?: \s*(?:=>|:=|[:=])\s*[rbf]?(?P<quote>["'])((?:\\.|(?!(?P=quote))[^\\\n]){{3,}})(?P=quote)
      | ={_BARE_VALUE}
      | [ \t]*[:=][ \t]*{_BARE_VALUE}(?=[ \t]*(?:[,;#\r\n]|\Z)) )
"""

# Tokens of text are everywhere in this trade, so a token that is a secret must look like one, long and with a digit,
# and is none of those that a vocabulary has.
_VOCABULARY = (
    *("audio", "bos", "class", "cls", "end", "eos", "extra", "fim", "first", "image", "input", "last", "mask", "next"),
    *("output", "pad", "prefix", "sentinel", "sep", "special", "start", "stop", "suffix", "unk", "video"),
)
_TOKEN = rf"""
    {"".join(f"(?<!{word}_)" for word in _VOCABULARY)}token(?![A-Za-z0-9_])["']?\]?\s*(?:=>|:=|[:=])\s*
    (?: (?P<quote>["'])(?=[^"'0-9\n]*[0-9])([A-Za-z0-9_./+=:~-]{{8,}})(?P=quote)
      | (?!(?:[A-Za-z_]\w*\.)+[A-Za-z_])(?=[A-Za-z_./+-]*[0-9])([A-Za-z0-9_./+=~-]{{16,}})(?![\w(\[.]) )
"""

_PRIVATE_KEY = r"""
    -----BEGIN[ ][A-Z0-9 ]*PRIVATE[ ]KEY(?:[ ]BLOCK)?-----
    (?: (?:(?!-----BEGIN)[\s\S]){0,16384}?-----END[ ][A-Z0-9 ]*PRIVATE[ ]KEY(?:[ ]BLOCK)?-----
      | (?:\s*[+ -]?[A-Za-z0-9+/=]{16,}[ \t]*(?=\r?\n|\Z))* )
"""


TOKEN_BEGINNINGS = {
    "ABSK": r"[A-Za-z0-9+/]{100,}={0,2}",
    "AGE-SECRET-KEY-1": r"[A-Z0-9]{50,}",
    "ATATT3x": r"[\w=-]{40,}",
    "ATBB": r"[A-Za-z0-9]{32}\b",
    "ATCTT3x": r"[\w=-]{40,}",
    "GOCSPX-": r"[\w-]{20,}",
    "GR1348941": r"[\w-]{20,}",
    "HRKU-": r"[\w-]{36,}",
    "NRAK-": r"[A-Z0-9]{27}",
    "PMAK-": r"[a-f0-9]{24}-[a-f0-9]{34}",
    "SG.": r"[\w-]{16,}\.[\w-]{30,}",
    "api_org_": r"[A-Za-z0-9]{30,}",
    "dapi": r"[a-f0-9]{32}(?:-\d)?\b",
    "dckr_oat_": r"[\w-]{24,}",
    "dckr_pat_": r"[\w-]{24,}",
    "dop_v1_": r"[a-f0-9]{64}",
    "dor_v1_": r"[a-f0-9]{64}",
    "figd_": r"[\w-]{36,}",
    "fm2_": r"[A-Za-z0-9+/]{80,}",
    "fo1_": r"[\w-]{43}",
    "glagent-": r"[\w-]{40,}",
    "glc_": r"eyJ[\w+/=]{30,}",
    "glcbt-": r"[\w-]{20,}",
    "gldt-": r"[\w-]{20,}",
    "glft-": r"[\w-]{20,}",
    "glimt-": r"[\w-]{20,}",
    "gloas-": r"[\w-]{40,}",
    "glptt-": r"[\w-]{40,}",
    "glrt-": r"[\w-]{20,}",
    "glsa_": r"[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}",
    "glsoat-": r"[\w-]{20,}",
    "gsk_": r"[A-Za-z0-9]{40,}",
    "hvb.": r"[\w-]{24,}",
    "hvs.": r"[\w-]{24,}",
    "lin_api_": r"[A-Za-z0-9]{40}",
    "lsv2_pt_": r"[a-f0-9]{32}_[a-f0-9]{10}",
    "lsv2_sk_": r"[a-f0-9]{32}_[a-f0-9]{10}",
    "ntn_": r"[A-Za-z0-9]{40,}",
    "nvapi-": r"[\w-]{50,}",
    "pcsk_": r"\w{40,}",
    "pplx-": r"[A-Za-z0-9]{40,}",
    "pscale_oauth_": r"[\w.-]{32,}",
    "pscale_pw_": r"[\w.-]{32,}",
    "pscale_tkn_": r"[\w.-]{32,}",
    "r8_": r"[A-Za-z0-9]{30,}",
    "rubygems_": r"[a-f0-9]{48}",
    "sbp_": r"[a-f0-9]{40}",
    "secret_": r"[A-Za-z0-9]{43}\b",
    "shpat_": r"[a-fA-F0-9]{32}",
    "shpca_": r"[a-fA-F0-9]{32}",
    "shppa_": r"[a-fA-F0-9]{32}",
    "shpss_": r"[a-fA-F0-9]{32}",
    "sl.": r"[\w-]{130,}",
    "sntrys_": r"[\w+/=-]{40,}",
    "sntryu_": r"[a-f0-9]{64}",
    "tgp_v1_": r"[\w-]{30,}",
    "wandb_v1_": r"\w{40,}",
    "whsec_": r"[A-Za-z0-9+/=]{24,}",
    "xai-": r"[A-Za-z0-9]{60,}",
    "xapp-": r"\d-[A-Z0-9]+-\d+-[a-z0-9]+",
    "ya29.": r"[\w-]{20,}",
}
"""How tokens of services begin that need no pattern of their own, and what follows."""

_SERVICE = "|".join(f"{re.escape(beginning)}{rest}" for beginning, rest in TOKEN_BEGINNINGS.items())

_SHAPE = r"""
    \b\d{8,10}:AA[\w-]{33}\b                                  # Telegram
  | (?<![\w~.-])[\w~.]{3}\dQ~[\w~.-]{31,34}                    # Entra ID (Azure)
  | \b[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,}                    # HCP Terraform
  | \b[0-9a-f]{32}-us\d{1,2}\b                               # Mailchimp
  | \bSK[0-9a-f]{32}\b                                       # Twilio
  | \b1//0[\w-]{40,}                                         # Google, to be refreshed
  | \bPrivate-Lines:\ \d+\r?\n((?:[A-Za-z0-9+/=]+\r?\n)+)   # PuTTY
"""

_WEBHOOK = r"""
    hooks\.slack\.com/(?:services|workflows|triggers)/([\w/+-]{20,})
  | discord(?:app)?\.com/api/webhooks/\d+/([\w-]{40,})
  | conda\.anaconda\.org/t/([\w-]{10,})
  | [?&](?:sig|signature|x-amz-signature|x-goog-signature)=([\w%+/=-]{20,})
"""

_LOGIN = r"""
    \bcurl\b[^\n]{0,200}?\s(?:-u|--user)[ =]?["']?[\w.@+-]+:(?![${<[])([^\s"']{3,})
  | \bsshpass\s+-p\s*["']?(?![${<[])([^\s"']{3,})
  | \bwandb(?:\.login\(|\s+login\s)[^)\n]{0,80}?(?<!\w)(?=\w*[0-9])(\w{32,})
  | \b(?:auth\s*=\s*|\w*BasicAuth)\(\s*["'][^"'\n]*["']\s*,\s*["']([^"'\n]+)["']\s*\)
  | "username"\s*:\s*"[^"\n]*"\s*,\s*"key"\s*:\s*"([0-9a-f]{32})"
  | "auth"\s*:\s*"(?=[A-Za-z+/]*[0-9=])([A-Za-z0-9+/]{12,}={0,2})"
  | \b_auth\s*=\s*["']?(?=[A-Za-z+/]*[0-9=])([A-Za-z0-9+/]{12,}={0,2})
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
    _pattern("AWS key", ("akia", "asia", "abia", "acca"), r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"),
    _pattern("GitHub token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"\bgh[pousr]_[A-Za-z0-9]{30,}"),
    _pattern("GitHub fine-grained token", ("github_pat_",), r"\bgithub_pat_[A-Za-z0-9_]{22,}"),
    _pattern("GitLab token", ("glpat-",), r"\bglpat-[A-Za-z0-9_-]{20,}"),
    _pattern("Hugging Face token", ("hf_",), r"\bhf_[A-Za-z0-9]{30,}"),
    _pattern("OpenAI-style key", ("sk-",), r"\bsk-(?=[A-Za-z_-]{0,64}[0-9])[A-Za-z0-9_-]{20,}"),
    _pattern("Slack token", ("xox",), r"\bxox[abeprs]-[A-Za-z0-9-]{10,}"),
    _pattern("Google key", ("aiza",), r"\bAIza[0-9A-Za-z_-]{35}"),
    _pattern("PyPI token", ("pypi-",), r"\bpypi-[A-Za-z0-9_-]{50,}"),
    _pattern("npm token", ("npm_",), r"\bnpm_[A-Za-z0-9]{36}"),
    _pattern("Stripe key", ("k_live_", "k_test_"), r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{20,}"),
    _pattern("token of a service", tuple(map(str.lower, TOKEN_BEGINNINGS)), rf"\b(?:{_SERVICE})"),
    _pattern(
        "token of a known shape",
        (":aa", "q~", ".atlasv1.", "-us", "sk", "1//0", "private-lines:"),
        _SHAPE,
        re.VERBOSE,
    ),
    _pattern("JSON web token", ("eyj",), r"\beyJ[\w-]{10,512}\.eyJ[\w-]+\.[\w-]{10,}"),
    _pattern(
        "authorization header",
        ("bearer", "basic", "authorization"),
        r"\b(?:bearer|basic)\s+((?=[A-Za-z_./+~-]*[0-9])[A-Za-z0-9._~+/=-]{16,})"
        r"|\bauthorization[\"']?\s*[:=]\s*[\"']?(?:bearer|basic|token|apikey)\s+([A-Za-z0-9._~+/=-]{8,})",
        re.IGNORECASE,
    ),
    # To the last @: a password may hold one.
    _pattern("password in a URL", ("://",), r"://[^\s/:@\"']*:((?![{$<%])[^\s/\"']+)@"),
    _pattern("token in a URL", ("://",), r"://([A-Za-z0-9_-]{20,})@"),
    _pattern(
        "webhook or signed URL",
        ("hooks.slack.com/", "/api/webhooks/", "anaconda.org/t/", "sig=", "signature="),
        _WEBHOOK,
        re.VERBOSE | re.IGNORECASE,
    ),
    _pattern("login", ("curl", "sshpass", "wandb", "auth", '"username"'), _LOGIN, re.VERBOSE),
    _pattern(
        "password assignment",
        ("pass", "pwd", "secret", "key", "credential"),
        _PASSWORD,
        re.VERBOSE | re.IGNORECASE,
    ),
    _pattern("token assignment", ("token",), _TOKEN, re.VERBOSE | re.IGNORECASE),
)
