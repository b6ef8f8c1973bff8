"""What is masked, and what of everyday training code is not."""

from __future__ import annotations

import time

import pytest

from logbook.provenance.secrets import (
    REMOVED,
    SECRET_NAMES,
    SECRET_PATTERNS,
    is_secret_name,
    mask_arguments,
    mask_bytes,
    mask_text,
)

# One sample for each entry of the table: the secret is what has to be gone.
SAMPLES = {
    "private key": ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----", "MIIEow"),
    "AWS key": ("aws AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
    "GitHub token": ("x ghp_" + "a1" * 18, "a1a1"),
    "GitHub fine-grained token": ("x github_pat_" + "a1" * 18, "a1a1"),
    "GitLab token": ("x glpat-" + "a1" * 12, "a1a1"),
    "Hugging Face token": ("x hf_" + "aB" * 17, "aBaB"),
    "OpenAI-style key": ("x sk-proj-" + "a1" * 18, "a1a1"),
    "Slack token": ("x xoxb-" + "1234567890-abc", "1234567890"),
    "Google key": ("x AIza" + "a" * 35, "aaaa"),
    "PyPI token": ("x pypi-" + "a1" * 30, "a1a1"),
    "npm token": ("x npm_" + "a1" * 18, "a1a1"),
    "Stripe key": ("x sk_live_" + "a1" * 12, "a1a1"),
    "JSON web token": ("x eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKxwRJSMeKKF2QT4", "SflKxw"),
    "authorization header": ("Authorization: Bearer abcdef0123456789abcdef", "abcdef01"),
    "password in a URL": ("postgresql://ada:hunter2@db.example.org/x", "hunter2"),
    "token in a URL": ("https://abcdefghijklmnopqrstuv@example.org/x", "abcdefgh"),
    "password assignment": ('DB_PASSWORD = "hunter2"', "hunter2"),
    "token assignment": ('auth_token: "abcd1234efgh"', "abcd1234"),
}


def test_every_pattern_has_a_sample():
    assert [pattern.name for pattern in SECRET_PATTERNS] == list(SAMPLES)
    assert len(SAMPLES) > 10


@pytest.mark.parametrize("pattern", SECRET_PATTERNS, ids=lambda pattern: pattern.name)
def test_every_pattern_removes_its_secret(pattern):
    text, secret = SAMPLES[pattern.name]
    assert any(hint in text.lower() for hint in pattern.hints)
    assert pattern.expression.search(text)
    masked, count = mask_text(f"before {text} after")
    assert count == 1
    assert secret not in masked
    assert REMOVED in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    assert mask_text(masked) == (masked, 0)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("DB_PASSWORD=correcthorse", "correcthorse"),
        ("password: hunterxx  # yaml", "hunterxx"),
        ("+  api_key: 'k-1'", "k-1"),
        ('{"client_secret": "two words"}', "two words"),
        ("cfg['password'] = 'abc'", "abc"),
        ("dsn = host=x password=foobar user=y", "foobar"),
        ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPx", "wJalr"),
        ("WANDB_API_KEY=0123456789abcdef0123456789abcdef01234567", "0123"),
        ("-----BEGIN PRIVATE KEY-----\n+MIIEvQIBADANBgkqhkiG\n+9w0BAQEFAASCBKcwggSj\nrest", "MIIEv"),
        ("HF_TOKEN=abcdefgh12345678", "abcdefgh"),
    ],
)
def test_assignments_in_many_spellings_are_masked(text, secret):
    masked, count = mask_text(text)
    assert count >= 1
    assert secret not in masked


@pytest.mark.parametrize(
    "text",
    [
        "def f(password: str, token: Tensor) -> None:",
        'pad_token = "<pad>"',
        "token = tokenizer.encode(text)[0]",
        "num_tokens=512",
        "password = getpass.getpass()",
        'password = os.environ["DB_PASSWORD"]',
        "connect(password=password)",
        "connect(password=args.password, user=user)",
        "secret = value + other",
        'url = f"postgresql://{user}:{password}@{host}"',
        "git@example.org:lab/x.git",
        "ssh://git@example.org/x",
        'monkey = "banana"; key="abc"',
        "keyword: value",
        "token = hidden.view.reshaped.onward",
        "for token, key in zip(tokens, keys): scores[token] = key",
        "sk-learn-contrib-project-name",
    ],
)
def test_everyday_code_stays_as_it_is(text):
    assert mask_text(text) == (text, 0)


def test_bytes_of_any_encoding_keep_everything_but_the_secret():
    content = b"\xff\xfe caf\xe9 \x85\r\npassword = 'hunter2' \xc3\xa9\r\n"
    masked, count = mask_bytes(content)
    assert (masked, count) == (content.replace(b"hunter2", REMOVED.encode()), 1)
    assert mask_bytes(b"\xff\x00plain") == (b"\xff\x00plain", 0)


@pytest.mark.parametrize(
    ("argv", "masked"),
    [
        (["--token", "abc", "x"], ["--token", REMOVED, "x"]),
        (["--password=abc"], [f"--password={REMOVED}"]),
        (["--set", "db.password=abc"], ["--set", f"db.password={REMOVED}"]),
        (["--hf-token", "abc"], ["--hf-token", REMOVED]),
        (["--api-key", "--verbose"], ["--api-key", "--verbose"]),
        (["--max-tokens", "5"], ["--max-tokens", "5"]),
        (["run", "cfg.json", "--set", "optimizer.lr=0.1"], ["run", "cfg.json", "--set", "optimizer.lr=0.1"]),
        (["sqlite://u:pw@host/db"], [f"sqlite://u:{REMOVED}@host/db"]),
        (["ghp_" + "a1" * 18], [REMOVED]),
    ],
)
def test_command_lines_are_masked(argv, masked):
    assert mask_arguments(argv) == masked


@pytest.mark.parametrize(
    "name", [".env", "a/.env.prod", "x/ID_RSA", "my_secrets.yaml", ".ssh/config", "hf_token", "a.KEY"]
)
def test_secret_names_are_known_in_any_folder_and_case(name):
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["model.py", "tokenizer.json", "token_embedding.py", "keys.py", "environment.yml", "env/x.py"]
)
def test_everyday_names_are_no_secrets(name):
    assert not is_secret_name(name)


def test_names_in_the_table_are_sorted_and_in_lower_case():
    assert [name.lower() for name in SECRET_NAMES] == sorted(SECRET_NAMES)


@pytest.mark.parametrize(
    "line", ["token password key ://", "eyJaaaaaaaaaaa-", "sk-", "-----BEGIN PRIVATE KEY-----", "x" * 500]
)
def test_the_longest_diff_is_masked_in_seconds(line):
    text = line * (2 * 1024 * 1024 // len(line))
    began = time.monotonic()
    mask_text(text)
    assert time.monotonic() - began < 20
