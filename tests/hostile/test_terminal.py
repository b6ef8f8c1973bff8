"""Nothing that a stranger wrote into a logbook reaches a terminal as what it obeys, whatever shows it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.books import logbook
from tests.hostile.books import add_hostile_runs, on_terminal

EVIL = (
    "\x1b[31m\x1b[2J\x1b]0;title\x07\x1b]8;;http://evil.test\x1b\\link\x1b]8;;\x1b\\"
    "\x1b]52;c;Zm9v\x07\x9b31m\rover\u202egnp.exe\u2066\u200b\u2028\x08\x7f"
)
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")

CONFIG = {"task": "classification", "data": {"source": {"kind": "sklearn", "dataset": "digits"}}, "model": "mlp"}

SHOWN = [
    *(("ls",), ("show", "r1", "--code"), ("show", "r1"), ("show", "r2"), ("show", "r3")),
    *(
        ("diff", "r1", "r2"),
        ("diff", "r1", "r3"),
        ("diff", "r1"),
        ("compare", "r1", "r2"),
        ("compare", "r1", "r2", "r3"),
    ),
    *(("search", "over"), ("search", "status:failed"), ("search", "lr>0", "--columns", "hypothesis,tags,outcome,name")),
    *(("log", "wild"), ("log", f"n{EVIL}"), ("tried", "c.json"), ("tried", "r1"), ("importance",), ("progress",)),
    *(("judge", "r1"), ("judge", "--all"), ("rule", "T101"), ("fsck",), ("check", "c.json"), ("check", "r1")),
    *(("report", "r1"), ("report", "r1", "r2", "-o", f"x{EVIL}.html"), ("plot", "r1", "-o", f"x{EVIL}.png")),
    *(("export",), ("export", "--what", "epochs"), ("export", "--what", "settings"), ("export", "--what", "findings")),
    *(("export", "--what", "journal"), ("export", "--commented", "r1"), ("new", "--from", "r1", "-o", "d.json")),
    *(("sql", "SELECT * FROM runs"), ("sql", "SELECT * FROM journal"), ("sql", "SELECT * FROM findings")),
    *(("sql", "SELECT * FROM settings"), ("sql", "SELECT * FROM epoch_metrics"), ("sql", f"SELECT '{EVIL}'")),
    *(("note", "r1", EVIL), ("tag", "r1", f"x{EVIL}"), ("outcome", "r1", "dead-end", "--because", EVIL)),
    *(("show", EVIL), ("diff", EVIL, "r1"), ("search", f"{EVIL}=1"), ("search", f'"{EVIL}"'), ("run", f"{EVIL}.json")),
    *((f"sh{EVIL}",), ("show", f"--{EVIL}"), ("resume", "r1"), ("predict", "r1", "c.json"), ("rule", EVIL)),
    *(("check", "c.json", "--set", f"{EVIL}=1"), ("check", "c.json", "--set", f"optimizer.kind={EVIL}")),
    *(("check", f"x{EVIL}.json"), ("ls", "--logbook", EVIL), ("export", "--what", EVIL)),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    add_hostile_runs(folder / ".logbook", EVIL)
    (folder / "c.json").write_text(json.dumps(CONFIG))
    (folder / f"x{EVIL.replace('/', '')}.json").write_text("{")
    return folder


@pytest.mark.parametrize("arguments", SHOWN, ids=lambda arguments: ascii(" ".join(arguments))[:40])
@pytest.mark.parametrize("form", [(), ("--json",), ("--csv",), ("--md",)], ids=" ".join)
def test_a_terminal_is_sent_nothing_that_it_obeys(
    home: Path, arguments: tuple[str, ...], form: tuple[str, ...]
) -> None:
    _, said = on_terminal(*arguments, *form, cwd=home)
    said = said.replace("\r\x1b[K", "")  # a line of progress of our own that makes room for the next
    found = OBEYED.search(said)
    assert said
    assert not found, f"{said[max(0, found.start() - 80) : found.end() + 20]!r}"


@pytest.mark.parametrize(
    "arguments", [("show", "r1"), ("ls",), ("compare", "r1", "r2"), ("search", "over")], ids=" ".join
)
def test_as_json_it_is_there_to_be_read_and_escaped(home: Path, arguments: tuple[str, ...]) -> None:
    done = logbook(*arguments, "--json", cwd=home)
    assert done.returncode == 0, done.stderr
    assert not OBEYED.search(done.stdout)
    assert EVIL in json.dumps(json.loads(done.stdout), ensure_ascii=False).encode().decode("unicode_escape") or (
        EVIL in str(_texts(json.loads(done.stdout)))
    )


def _texts(value: object) -> str:
    if isinstance(value, dict):
        return "".join(f"{key}{_texts(one)}" for key, one in value.items())
    if isinstance(value, list):
        return "".join(map(_texts, value))
    return str(value)
