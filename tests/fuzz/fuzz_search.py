"""Fuzz the search language with atheris: `make fuzz`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["logbook.store.search"]):
    from logbook.store import open_reader
    from tests.fuzz.holding import search_holds

from tests.cli.books import make_book


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, open_reader(make_book(Path(folder) / ".logbook")) as reader:
        atheris.Setup(sys.argv, lambda source: search_holds(reader, source.decode("utf-8", "surrogateescape")))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
