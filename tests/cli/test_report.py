"""`report`: one HTML file that says all of a run or a comparison, needs nothing else, and runs nothing."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.cli.books import WARNING, add_run, logbook, make_book

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    make_book(folder / ".logbook")
    hostile = WARNING.model_copy(update={"message": HOSTILE, "where": HOSTILE})
    add_run(folder / ".logbook", losses=(0.9, 0.2), hypothesis=HOSTILE, findings=(hostile,))
    for words in (("note", "r4", HOSTILE), ("outcome", "r4", "dead-end", "--because", HOSTILE)):
        assert logbook(*words, cwd=folder).returncode == 0
    return folder


class Page(HTMLParser):
    """The tags of a page, the addresses in it, and its words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.words += data


def written(*arguments: str, cwd: Path) -> Page:
    done = logbook("report", *arguments, "--json", cwd=cwd)
    assert done.returncode == 0, done.stderr
    return Page((cwd / json.loads(done.stdout)["file"]).read_text(encoding="utf-8"))


def test_the_report_of_a_run_says_what_it_was_and_how_it_went(home: Path) -> None:
    page = written("r3", cwd=home)
    for words in (
        "wild@",
        "diverged",
        "L101 learning-rate-out-of-bounds",
        "T101 nonfinite-loss",
        "optimizer.lr",
        "nan",
    ):
        assert words in page.words
    assert (home / "r3.html").exists()


def test_the_report_of_several_runs_compares_them(home: Path) -> None:
    page = written("r1", "r2", "-o", "both.html", cwd=home)
    assert "optimizer.lr from 0.001 to 0.01 worsened the best val_loss from 0.3 to 0.8" in page.words
    assert "0.8 at epoch 2 (+0.5)" in page.words


@pytest.mark.parametrize("runs", [("r4",), ("r1", "r4")])
def test_a_report_holds_its_pictures_and_nothing_in_it_runs(home: Path, runs: tuple[str, ...]) -> None:
    page = written(*runs, "-o", "hostile.html", cwd=home)
    assert "script" not in page.tags
    assert page.handlers == []
    assert page.addresses
    assert all(address.startswith("data:image/svg+xml;base64,") for address in page.addresses)
    assert "alert(1)" in page.words  # it is there to be read
    assert "{{ 7 * 7 }}" in page.words  # and is no template of ours
    text = (home / "hostile.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert "http://" not in text
    assert "https://" not in text


def test_what_is_only_suggested_is_no_verdict_and_other_code_is_named(tmp_path: Path) -> None:
    net = (
        "import torch\n\n\ndef build():\n    net = torch.nn.Linear(4, 3)\n"
        "    torch.nn.init.zeros_(net.weight)\n    net.bias.data[0] = 50  # one class, and sure of it\n    return net\n"
    )
    (tmp_path / "report_net.py").write_text(net)
    config = {
        "name": "iris",
        "data": {"source": {"kind": "sklearn", "dataset": "iris"}},
        "model": {"kind": "python", "target": "report_net:build"},
        "optimizer": {"kind": "sgd", "lr": 1e-9},
        "training": {"epochs": 3, "device": "cpu"},
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert logbook("run", "config.json", "--quiet", cwd=tmp_path).returncode == 0
    (tmp_path / "report_net.py").write_text(f"{net}\n# another\n")
    assert logbook("run", "config.json", "--quiet", cwd=tmp_path).returncode == 0
    reason = json.loads(logbook("show", "r1", "--json", cwd=tmp_path).stdout)["outcome_reason"]
    assert reason.startswith("never better than")
    assert f"dead-end? (suggested): {reason}" in written("r1", cwd=tmp_path).words
    page = written("r1", "r2", "-o", "both.html", cwd=tmp_path)
    assert f"dead-end? (suggested): {reason}" in page.words
    assert "report_net.py" in page.words
    logbook("outcome", "r1", "dead-end", "--because", "too slow", cwd=tmp_path)
    assert "dead-end: too slow" in written("r1", cwd=tmp_path).words


def test_a_run_named_twice_is_wrong_use(home: Path) -> None:
    done = logbook("report", "r1", "r1", cwd=home)
    assert (done.returncode, done.stderr) == (2, "error: r1 is named twice; a report compares different runs\n")


def test_a_folder_that_is_not_there_is_wrong_use(home: Path) -> None:
    done = logbook("report", "r1", "-o", "nowhere/r1.html", cwd=home)
    assert done.returncode == 2
    assert "can't be written" in done.stderr
