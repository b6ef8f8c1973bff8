"""Every kind of bad input gets one clear message, the exit status of the design, and leaves the record alone."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.running.conftest import DIGITS, Answer, Command, write_config

GOOD = json.dumps(DIGITS)


def is_clear(answer: Answer, *, status: int) -> bool:
    assert answer.status == status, answer.err
    assert "Traceback" not in answer.err + answer.out
    assert answer.err.strip()
    return True


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\xff\xfe{\x00}\x00", "UTF-16"),
        (GOOD.encode()[:20] + b"\xe9", "UTF-8"),
        (b" " * (1024 * 1024 + 1), "1,048,576"),
        (b"[" * 1000 + b"]" * 1000, "64"),
        (b'{"name": "a", "name": "b"}', "name"),
        (GOOD.replace('"epochs": 2', '"epochs": NaN').encode(), "NaN"),
        (GOOD.replace('"epochs": 2', '"epochs": 1e999').encode(), "1e999"),
        (GOOD.replace('"epochs": 2', '"epochs": 3.0').encode(), "whole number"),
        (GOOD.replace('"epochs": 2', '"epochs": true').encode(), "true"),
        (GOOD.replace('"epochs": 2', '"epcohs": 2').encode(), "did you mean 'epochs'"),
        (GOOD.replace('"model"', '"optimizer": {"kind": "adam", "lr": "0.1"}, "model"').encode(), '"0.1"'),
        (GOOD.replace('"mlp"', '"mpl"').encode(), "did you mean 'mlp'"),
        (b"[1, 2]", "object"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else None,
)
def test_a_bad_config_is_named_with_its_place(folder: Path, logbook: Command, content: bytes, says: str) -> None:
    (folder / "bad.json").write_bytes(content)
    for command in ("run", "check"):
        answer = logbook(command, "bad.json")
        assert is_clear(answer, status=2)
        assert says in answer.err
        assert "bad.json" in answer.err
    assert not (folder / ".logbook").exists()


def test_all_problems_of_a_file_are_named_at_once(folder: Path, logbook: Command) -> None:
    changes: dict[str, Any] = {"optimizer": {"kind": "adm", "lr": "x"}, "training": {"epochs": 0}, "trainin": {}}
    write_config(folder, changes)
    answer = logbook("check", "cfg.json", "--json")
    assert is_clear(answer, status=2)
    problems = "\n".join(answer.json["error"]["problems"])
    for path in ("optimizer.kind", "optimizer.lr", "training.epochs", "trainin"):
        assert path in problems


def test_a_missing_config_and_a_folder(folder: Path, logbook: Command) -> None:
    (folder / "sub").mkdir()
    write_config(folder)
    missing = logbook("run", "cgf.json")
    assert is_clear(missing, status=2)
    assert "did you mean" in missing.err
    assert "folder" in logbook("run", "sub").err
    assert is_clear(logbook("run", "sub"), status=2)


@pytest.mark.parametrize(
    ("changes", "source", "status", "says"),
    [
        ({"model": {"kind": "python", "target": "nowhere:make"}}, "", 2, "nowhere"),
        ({"model": {"kind": "python", "target": "mine:mak"}}, "def make(): ...", 2, "did you mean"),
        (
            {"model": {"kind": "python", "target": "mine:make", "kwargs": {"widht": 3}}},
            "def make(width=1): ...",
            2,
            "width",
        ),
        ({"model": {"kind": "python", "target": "mine:make"}}, "def make(width): ...", 2, "width"),
        ({"model": {"kind": "python", "target": "mine:make"}}, "def make(): return 3", 2, "Module"),
        (
            {"model": {"kind": "python", "target": "mine:make"}},
            "import warnings\nfrom torch import jit, nn\n"
            "def make():\n"
            "    warnings.simplefilter('ignore')\n"
            "    return nn.Sequential(nn.Flatten(), jit.script(nn.Linear(64, 10)))",
            2,
            "training.compile",
        ),
        (
            {"model": {"kind": "python", "target": "mine:make"}},
            "from torch import nn\ndef make(): return nn.Flatten()",
            2,
            "no parameters to train",
        ),
        (
            {"model": {"kind": "python", "target": "mine:make"}},
            "from torch import nn\n"
            "def make(): return nn.Sequential(nn.Flatten(), nn.Linear(64, 10)).requires_grad_(False)",
            1,
            "frozen-network",
        ),
        ({"model": {"kind": "python", "target": "mine:make"}}, "import nothing_of_the_kind", 1, "nothing_of_the_kind"),
        ({"model": {"kind": "python", "target": "mine:make"}}, "def make(:", 1, "mine.py"),
    ],
)
def test_own_code_that_does_not_fit(
    folder: Path, logbook: Command, changes: dict[str, Any], source: str, status: int, says: str
) -> None:
    (folder / "mine.py").write_text(source + "\n")
    write_config(folder, changes)
    answer = logbook("run", "cfg.json")
    assert answer.status in (1, 2), answer.err
    assert is_clear(answer, status=answer.status)
    assert says in answer.err
    assert answer.status == status


def csv_config(folder: Path, text: str, **source: Any) -> None:
    (folder / "rows.csv").write_text(text)
    data = {"source": {"kind": "csv", "path": "rows.csv", "target": "y", **source}}
    write_config(folder, {"data": data, "task": "classification"})


@pytest.mark.parametrize(
    ("text", "source", "says"),
    [
        ("a,b,y\n1,2,0\n3,4,1\n", {"target": "z"}, "z"),
        ("a,b,y\n1,2,0\n3,4,1\n", {"features": ["a", "c"]}, "c"),
        ("a,b,y\n1,2,0\n3,oops,1\n", {}, "oops"),
        ("", {}, "empty"),
        ("a,b,y\n", {}, "row"),
        ("a,b,y\n1,2,0\n", {}, "class"),
        ("a,b,y\n1,2\n", {}, "rows.csv"),
    ],
)
def test_a_bad_table_is_named_with_its_place(
    folder: Path, logbook: Command, text: str, source: dict[str, Any], says: str
) -> None:
    csv_config(folder, text, **source)
    answer = logbook("run", "cfg.json")
    assert is_clear(answer, status=2)
    assert says in answer.err
    assert not (folder / ".logbook").exists()


def test_a_missing_data_file(folder: Path, logbook: Command) -> None:
    write_config(folder, {"data": {"source": {"kind": "npz", "path": "gone.npz"}}, "task": "classification"})
    answer = logbook("run", "cfg.json")
    assert is_clear(answer, status=2)
    assert "gone.npz" in answer.err


def test_a_class_in_validation_only_is_an_error_finding(folder: Path, logbook: Command) -> None:
    (folder / "mine.py").write_text(
        "import numpy as np\n\n"
        "def load():\n"
        "    x = np.random.default_rng(0).normal(size=(40, 3)).astype('float32')\n"
        "    y = np.arange(40) % 2\n"
        "    return {'train': (x, y), 'validation': (x[:6] + 1, np.array([0, 1, 2, 0, 1, 2]))}\n"
    )
    write_config(folder, {"data": {"source": {"kind": "python", "target": "mine:load"}}, "task": "classification"})
    answer = logbook("run", "cfg.json", "--json")
    assert answer.status == 1
    assert answer.json["findings"][0]["name"] == "unseen-class"


def test_nan_in_the_data_is_named_with_row_and_column(folder: Path, logbook: Command) -> None:
    rows = np.random.default_rng(0).normal(size=(60, 3))
    rows[17, 1] = np.nan
    np.savez(folder / "rows.npz", x=rows, y=np.arange(60) % 2)
    write_config(folder, {"data": {"source": {"kind": "npz", "path": "rows.npz"}}, "task": "classification"})
    answer = logbook("check", "cfg.json", "--data", "--json")
    assert answer.status == 1
    found = answer.json["findings"][0]
    assert found["name"] == "nonfinite-data"
    assert "17" in json.dumps(found)


def test_nan_in_a_csv_is_named_with_its_line(folder: Path, logbook: Command) -> None:
    rows = [f"{n},{n % 7},{n % 2}" for n in range(60)]
    rows[17] = "17,,1"
    (folder / "rows.csv").write_text("\n".join(["a,b,kind", *rows]))
    source = {"kind": "csv", "path": "rows.csv", "target": "kind"}
    write_config(folder, {"data": {"source": source}, "task": "classification"})
    answer = logbook("check", "cfg.json", "--data", "--json")
    assert answer.status == 1
    found = answer.json["findings"][0]
    assert found["name"] == "nonfinite-data"
    assert "NaN in line 19, column b." in found["message"]


def test_numbers_trained_as_classes_are_refused_with_one_cause(folder: Path, logbook: Command) -> None:
    changes = {"data": {"source": {"kind": "sklearn", "dataset": "diabetes"}}, "task": "classification"}
    write_config(folder, changes)
    answer = logbook("run", "cfg.json", "--json")
    assert answer.status == 1
    first, *others = answer.json["findings"]
    assert (first["name"], first["change"]) == ("regression-as-classification", {"task": "regression"})
    assert {other["explained_by"] for other in others if other["severity"] != "note"} <= {first["code"]}
    assert logbook("run", "cfg.json", "--set", 'task="regression"').status == 0


def test_a_warmup_that_never_ends_is_a_warning(folder: Path, logbook: Command) -> None:
    write_config(folder, {"schedule": {"kind": "constant", "warmup": 500}})
    answer = logbook("check", "cfg.json", "--data", "--json")
    assert answer.status == 0
    findings = answer.json["findings"]
    assert [found["name"] for found in findings if found["severity"] != "note"] == ["unfinished-warmup"]
    assert logbook("check", "cfg.json", "--data", "--strict", "--json").status == 1


# -- the store ------------------------------------------------------------------------------------------------


def recorded(folder: Path, logbook: Command) -> Path:
    write_config(folder, {"training": {"epochs": 1}})
    assert logbook("run", "cfg.json").status == 0
    return folder / ".logbook" / "logbook.db"


@pytest.mark.parametrize("command", [["ls"], ["show", "@"], ["note", "@", "hm"], ["run", "cfg.json"]])
@pytest.mark.parametrize("content", [b"this is no database at all " * 40, b"SQLite format 3\x00" + b"\x07" * 4096])
def test_a_file_that_is_no_logbook_is_refused_and_left_alone(
    folder: Path, logbook: Command, command: list[str], content: bytes
) -> None:
    write_config(folder, {"training": {"epochs": 1}})
    (folder / ".logbook").mkdir()
    path = folder / ".logbook" / "logbook.db"
    path.write_bytes(content)
    assert is_clear(logbook(*command), status=3)
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_left_alone(folder: Path, logbook: Command) -> None:
    write_config(folder, {"training": {"epochs": 1}})
    (folder / ".logbook").mkdir()
    path = folder / ".logbook" / "logbook.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE cats (name TEXT)")
    connection.close()
    before = path.read_bytes()
    assert is_clear(logbook("run", "cfg.json"), status=3)
    assert path.read_bytes() == before


def test_a_store_of_a_newer_version_is_refused_and_left_alone(folder: Path, logbook: Command) -> None:
    path = recorded(folder, logbook)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    before = path.read_bytes()
    for command in (["ls"], ["run", "cfg.json"], ["note", "@", "hm"]):
        answer = logbook(*command)
        assert is_clear(answer, status=3)
        assert "999" in answer.err
    assert path.read_bytes() == before


def test_what_is_not_there_is_status_4(folder: Path, logbook: Command) -> None:
    assert is_clear(logbook("show", "@"), status=4)
    recorded(folder, logbook)
    for reference in ("r99", "amber-nothing", "digits-mlp@7", "@-5"):
        assert is_clear(logbook("show", reference), status=4)


def test_wrong_use_is_status_2(folder: Path, logbook: Command) -> None:
    recorded(folder, logbook)
    for command in (
        ["runn"],
        ["run"],
        ["ls", "--limit", "x"],
        ["outcome", "@", "ded-end", "--because", "x"],
        ["outcome", "@", "dead-end"],
        ["search", "lr<<3"],
        ["search", "learning_rat=3"],
        ["rule", "no-such-rule"],
    ):
        answer = logbook(*command)
        assert answer.status in (2, 4), (command, answer.err)
        assert is_clear(answer, status=answer.status)


@pytest.mark.parametrize(
    ("option", "text", "says"),
    [("--tag", "a b", "tag 'a b'"), ("--tag", "\x1b[31m", "tag '\\x1b[31m'"), ("--note", "\udc9b", "a note")],
)
def test_words_that_the_journal_refuses_are_refused_before_a_run_is_made(
    folder: Path, logbook: Command, option: str, text: str, says: str
) -> None:
    write_config(folder)
    answer = logbook("run", "cfg.json", option, text)
    assert is_clear(answer, status=2)
    assert says in answer.err
    assert not (folder / ".logbook").exists()


def test_a_huge_number_in_kwargs_is_a_number_like_any_other(folder: Path, logbook: Command) -> None:
    (folder / "bounded_net.py").write_text(
        "from torch import nn\n"
        "def net(bound):\n"
        "    assert bound == 1e20\n"
        "    return nn.Sequential(nn.Flatten(), nn.Linear(64, 10))\n"
    )
    write_config(folder, {"model": {"kind": "python", "target": "bounded_net:net", "kwargs": {"bound": 1e20}}})
    assert logbook("run", "cfg.json", "--set", "training.epochs=1").status == 0
    assert logbook("run", "cfg.json", "--set", "training.epochs=1").status == 0
    assert "model.kwargs.bound" in logbook("diff", "@").out
    assert logbook("search", "model.kwargs.bound>1e19", "--json").json["runs"]
