"""What is masked, and what of everyday training code is not."""

from __future__ import annotations

import time

import pytest

from logbook.provenance.secrets import (
    REMOVED,
    SECRET_NAMES,
    SECRET_PATTERNS,
    TOKEN_BEGINNINGS,
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
    "token of a service": ("x dop_v1_" + "a1" * 32, "a1a1"),
    "token of a known shape": ("x 123456789:AA" + "aB1" * 11, "aB1aB1"),
    "JSON web token": ("x eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKxwRJSMeKKF2QT4", "SflKxw"),
    "authorization header": ("Authorization: Bearer abcdef0123456789abcdef", "abcdef01"),
    "password in a URL": ("postgresql://ada:hunter2@db.example.org/x", "hunter2"),
    "token in a URL": ("https://abcdefghijklmnopqrstuv@example.org/x", "abcdefgh"),
    "webhook or signed URL": ("https://hooks.slack.com/services/T0/B0/" + "aB1" * 8, "aB1aB1"),
    "login": ("curl -s -u ada:hunter2 x", "hunter2"),
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


HEX = "0a1b2c3d4e5f"
MIXED = "aB3dE5gH7j"
# What follows the beginning of a token, as its service makes them.
SERVICES = {
    "ABSK": MIXED * 11 + "=",
    "AGE-SECRET-KEY-1": "QYQSZQ9PQY" * 6,
    "ATATT3x": MIXED * 5 + "=A1",
    "ATBB": MIXED * 3 + "aB",
    "ATCTT3x": MIXED * 5 + "=A1",
    "GOCSPX-": MIXED * 2 + "-_aB3dE5",
    "GR1348941": MIXED * 2,
    "HRKU-": "AA" + MIXED * 4,
    "NRAK-": "A1B2C3D4E5" * 2 + "A1B2C3D",
    "PMAK-": HEX * 2 + "-" + HEX * 2 + "0a1b2c3d4e",
    "SG.": MIXED * 2 + "_-." + MIXED * 4,
    "api_org_": MIXED * 3 + "aB3d",
    "dapi": HEX * 2 + "0a1b2c3d-2",
    "dckr_oat_": MIXED * 3,
    "dckr_pat_": MIXED * 2 + "-aB3dE5",
    "dop_v1_": HEX * 5 + "0a1b",
    "dor_v1_": HEX * 5 + "0a1b",
    "figd_": MIXED * 4,
    "fm2_": MIXED * 9,
    "fo1_": MIXED * 4 + "aB3",
    "glagent-": MIXED * 5,
    "glc_": "eyJ" + MIXED * 4 + "==",
    "glcbt-": "64_" + MIXED * 2,
    "gldt-": MIXED * 2,
    "glft-": MIXED * 2,
    "glimt-": MIXED * 2,
    "gloas-": HEX * 5 + "0a1b",
    "glptt-": HEX * 3 + "0a1b",
    "glrt-": "t1_" + MIXED * 2,
    "glsa_": MIXED * 3 + "aB_" + "0a1b2c3d",
    "glsoat-": MIXED * 2,
    "gsk_": MIXED * 5,
    "hvb.": MIXED * 4,
    "hvs.": MIXED * 4,
    "lin_api_": MIXED * 4,
    "lsv2_pt_": HEX * 2 + "0a1b2c3d_0a1b2c3d4e",
    "lsv2_sk_": HEX * 2 + "0a1b2c3d_0a1b2c3d4e",
    "ntn_": MIXED * 4 + "aB3",
    "nvapi-": MIXED * 6 + "-_",
    "pcsk_": "aB3dE_" + MIXED * 5,
    "pplx-": MIXED * 5,
    "pscale_oauth_": MIXED * 4,
    "pscale_pw_": MIXED * 4 + ".a",
    "pscale_tkn_": MIXED * 4,
    "r8_": MIXED * 3 + "aB3dE5g",
    "rubygems_": HEX * 4,
    "sbp_": HEX * 3 + "0a1b",
    "secret_": MIXED * 4 + "aB3",
    "shpat_": HEX * 2 + "0a1b2c3d",
    "shpca_": HEX * 2 + "0a1b2c3d",
    "shppa_": HEX * 2 + "0a1b2c3d",
    "shpss_": HEX * 2 + "0a1b2c3d",
    "sl.": MIXED * 14,
    "sntrys_": "eyJ" + MIXED * 4 + "_" + MIXED * 4,
    "sntryu_": HEX * 5 + "0a1b",
    "tgp_v1_": MIXED * 4,
    "wandb_v1_": MIXED * 3 + "_" + MIXED * 2,
    "whsec_": MIXED * 3,
    "xai-": MIXED * 8,
    "xapp-": "1-A0123456789-1234567890123-" + HEX,
    "ya29.": "a0" + MIXED * 4,
}


def test_every_beginning_has_a_token():
    assert SERVICES.keys() == TOKEN_BEGINNINGS.keys()
    assert list(TOKEN_BEGINNINGS) == sorted(TOKEN_BEGINNINGS)


@pytest.mark.parametrize("beginning", SERVICES)
def test_a_token_of_a_service_is_known_by_its_beginning(beginning):
    assert mask_text(f"login('{beginning}{SERVICES[beginning]}')") == (f"login('{REMOVED}')", 1)
    for word in (f"{beginning}", f"{beginning}layers", f"x{beginning}"):
        assert mask_text(word) == (word, 0)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("id a1b8Q~" + "aB3dE5gH7j" * 3 + "aB3d.", "aB3dE5"),
        ("TF x" + "a1" * 6 + "x.atlasv1." + "a1" * 32, "a1a1"),
        ("k " + "0a1b" * 8 + "-us12", "0a1b"),
        ("k SK" + "0a1b" * 8, "0a1b"),
        ("r 1//0" + "aB3dE" * 9, "aB3d"),
        ("Private-Lines: 1\nAAAAB3NzaC1\nPrivate-MAC: 12", "AAAAB3"),
        ("https://discord.com/api/webhooks/1234/" + "aB3d" * 12, "aB3d"),
        ("https://conda.anaconda.org/t/ab-1234-5678/lab", "1234"),
        ("https://x.example/b?sv=2020&sig=aB3dE5gH7j%2BaB3dE5gH7j%3D", "aB3d"),
        ("https://x.example/b?X-Amz-Signature=" + "0a1b" * 16, "0a1b"),
        ("sshpass -p hunter2 ssh x", "hunter2"),
        ("wandb login " + "0a1b" * 10, "0a1b"),
        ('wandb.login(key="' + "0a1b" * 10 + '")', "0a1b"),
        ("requests.get(url, auth=('ada', 'hunter2'))", "hunter2"),
        ("HTTPBasicAuth('ada', 'hunter2')", "hunter2"),
        ('{"username":"ada","key":"' + "0a1b" * 8 + '"}', "0a1b"),
        ('{"auths": {"x": {"auth": "YWRhOmh1bnRlcjI="}}}', "YWRh"),
        ("_auth=YWRhOmh1bnRlcjI=", "YWRh"),
        ("Authorization: token " + "0a1b" * 10, "0a1b"),
        ("Authorization: Basic YWRhOmJhYmJhZ2U=", "YWRh"),
        ("postgres://ada:hunt@er2@db.example.org/x", "er2"),
        ("app.secret_key = b'_5#y2L\"F4Q8z'", "F4Q8z"),
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
        "commit 3f2a9c1b7d8e4f5061728394a5b6c7d8e9f00112",
        'cache_key = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"',
        'eos_token: "extra_id_0", mask_token="extra_id_99", image_token = "image_0001"',
        "max_tokens=4096 max_new_tokens: 512 key_dim=64 num_key_value_heads = 8 eos_token_id=50256",
        'tokenizer="gpt2-medium-v2"',
        "git+https://github.com/lab/x@3f2a9c1b7d8e4f5061728394a5b6c7d8e9f00112",
        "https://example.org:8443/path@v1?sig=1",
        "-----BEGIN CERTIFICATE-----",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
        "wandb.login(key=os.environ['WANDB_KEY'])",
        'requests.get(url, auth=("ada", password))',
        'curl -s -u "$USER:$PASS" https://example.org',
        '"auth": "kerberosnegotiate"',
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
    "line",
    [
        *("token password key ://", "eyJaaaaaaaaaaa-", "sk-", "-----BEGIN PRIVATE KEY-----", "x" * 500),
        *("curl -u a:", "wandb login key=auth('", "0a1b SK 1//0 -us :aa q~ dapi sl. ", "-----BEGIN x hvs.glpat-sig="),
    ],
)
def test_a_long_diff_is_masked_in_seconds(line):
    text = line * (1024 * 1024 // len(line))
    began = time.monotonic()
    mask_text(text)
    assert time.monotonic() - began < 10
