"""Files that are made to be sent on, a report, a picture, a table: what a stranger wrote stands in them as text."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.cli.books import logbook, logbook_process
from tests.hostile.books import add_hostile_runs

MARKUP = '"><img src=x onerror=alert(1)></script><script>alert(1)</script>{{ 7 * 7 }}$\\nosuch{$'


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("markup")
    add_hostile_runs(folder / ".logbook", MARKUP)
    for words in (("note", "r1", MARKUP), ("outcome", "r1", "dead-end", "--because", MARKUP)):
        assert logbook(*words, cwd=folder).returncode == 0
    return folder


class Page(HTMLParser):
    """What of a page could run or load something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.acting: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "embed", "link", "base", "form", "svg", "a"):
            self.acting.append(tag)
        for name, value in attrs:
            address = name in ("src", "href", "action", "srcset", "data")
            if name.startswith("on") or (address and not (value or "").startswith("data:image/svg+xml;base64,")):
                self.acting.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize("runs", [("r1",), ("r2",), ("r3",), ("r1", "r2"), ("r1", "r2", "r3")], ids=" ".join)
def test_a_report_holds_markup_as_words(home: Path, runs: tuple[str, ...]) -> None:
    done = logbook("report", *runs, "-o", "page.html", cwd=home)
    assert done.returncode == 0, done.stderr
    page = Page((home / "page.html").read_text(encoding="utf-8"))
    assert page.acting == []
    assert "onerror=alert(1)" in page.words
    assert "{{ 7 * 7 }}" in page.words


@pytest.mark.parametrize("runs", [("r1",), ("r3",), ("r1", "r2", "r3")], ids=" ".join)
def test_a_picture_holds_markup_as_letters(home: Path, runs: tuple[str, ...]) -> None:
    done = logbook("plot", *runs, "-o", "picture.svg", cwd=home)
    assert done.returncode == 0, done.stderr
    tree = ElementTree.fromstring((home / "picture.svg").read_text(encoding="utf-8"))
    tags = {element.tag.rpartition("}")[2] for element in tree.iter()}
    assert not tags & {"script", "img", "foreignObject", "iframe", "a"}
    for element in tree.iter():
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on")
            assert name.rpartition("}")[2] != "href" or value.startswith(("#", "data:image/png;base64,"))


def test_no_settings_of_a_folder_say_how_is_drawn(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """matplotlib reads `matplotlibrc` in the current folder, a stranger's perhaps: LaTeX would be run on the names."""
    import matplotlib

    (home / "matplotlibrc").write_bytes(b"text.usetex: True  # caf\xe9\n")
    done = logbook_process("plot", "r1", "-o", "picture.svg", cwd=home)
    assert done.returncode == 0, done.stderr
    picture = (home / "picture.svg").read_bytes()
    settings: Any = matplotlib.rcParams
    for name, value in (("text.usetex", True), ("svg.fonttype", "path"), ("text.parse_math", False)):
        monkeypatch.setitem(settings, name, value)
    done = logbook("plot", "r1", "-o", "picture.svg", cwd=home)
    assert done.returncode == 0, done.stderr
    assert (home / "picture.svg").read_bytes() == picture


def test_markdown_tables_hold_no_tag(home: Path) -> None:
    for words in (["ls"], ["compare", "r1", "r2"], ["search", "onerror"], ["sql", "SELECT * FROM journal"]):
        done = logbook(*words, "--md", cwd=home)
        assert done.returncode == 0, done.stderr
        assert not re.search(r"(?<!\\)<[a-z/]", done.stdout)


FORMULAS = ["=HYPERLINK(1)", "+1+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1", "\r=1"]


@pytest.mark.parametrize("formula", FORMULAS, ids=ascii)
def test_no_table_for_a_spreadsheet_begins_a_cell_with_a_formula(tmp_path: Path, formula: str) -> None:
    add_hostile_runs(tmp_path / ".logbook", formula)
    asked = [
        *(["ls", "--csv"], ["compare", "r1", "r2", "r3", "--csv"], ["search", "status:failed", "--csv"]),
        *(["export", "--what", what, "--csv"] for what in ("runs", "epochs", "settings", "findings")),
        *(["sql", f"SELECT * FROM {view}", "--csv"] for view in ("runs", "journal", "findings", "epoch_metrics")),
        ["sql", f'SELECT 1 AS "{formula}"', "--csv"],
    ]
    for words in asked:
        done = logbook(*words, cwd=tmp_path)
        assert done.returncode == 0, (words, done.stderr)
        cells = [cell for row in csv.reader(io.StringIO(done.stdout, newline="")) for cell in row]
        assert cells
        acting = [
            cell for cell in cells if cell[:1] in "=+-@\t\r" and not re.fullmatch(r"[-+]?[\d.]+(e[-+]?\d+)?", cell)
        ]
        assert [cell for cell in acting if cell] == [], words
