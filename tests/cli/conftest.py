"""The logbook that commands are asked about: written once, copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.books import make_book


@pytest.fixture(scope="session")
def written_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_book(tmp_path_factory.mktemp("book") / ".logbook")


@pytest.fixture
def home(written_book: Path, tmp_path: Path) -> Path:
    """A folder with a logbook of three runs in it."""
    shutil.copytree(written_book, tmp_path / ".logbook")
    return tmp_path
