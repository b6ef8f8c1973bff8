"""The logbooks that benchmarks are made on fit today's tables: a benchmark that breaks is found out months later."""

from __future__ import annotations

from pathlib import Path

from benchmarks.fill import fill
from benchmarks.grow import grow
from benchmarks.tried import RECORDED, multiply
from logbook.store import open_reader


def test_a_filled_logbook_grows(tmp_path: Path) -> None:
    fill(tmp_path / "filled", 4, epochs=2)
    grow(tmp_path / "filled", tmp_path / "grown", 3)
    with open_reader(tmp_path / "grown") as reader:
        assert len(reader.runs()) == 12
        assert len(reader.run(12).epochs) == 2


def test_recipes_are_multiplied(tmp_path: Path) -> None:
    fill(tmp_path / "filled", 4, distinct=True, epochs=2)
    multiply(tmp_path / "filled" / "logbook.db", RECORDED + 5)
    with open_reader(tmp_path / "filled") as reader:
        assert {run.number for run in reader.runs()} >= {*range(1, 5), *range(RECORDED + 1, RECORDED + 6)}
