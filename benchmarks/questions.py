"""Questions about 10,000 and 100,000 runs: against raw SQL in the same process, and the growth of whole commands.

    python -m benchmarks.questions SMALL LARGE

`benchmarks/fill.py` makes the smaller logbook, `benchmarks/grow.py` the larger one of it. Both sides return 50 rows;
ours also reads the query and the runs' summaries. Of `compare` both sides read two runs with their configs, epochs and
findings; ours also reads data and journal, looks for replicates, and compares.
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from benchmarks.measure import Ratio, interleaved
from benchmarks.startup import logbook_command
from logbook.comparing import compare_runs
from logbook.store import open_reader
from logbook.store.engine import connect_for_reading
from logbook.store.packing import unpacked_column

__all__ = ["measure_growth", "measure_questions"]

_LEAF = "SELECT 1 FROM config_leaf l JOIN config_path p ON p.id = l.path_id WHERE l.config_id = run.config_id"
QUESTIONS = (
    ("a search for all", "id>0", None, "SELECT * FROM summary ORDER BY run_id DESC LIMIT 50"),
    (
        "two fields, sorted",
        "lr<1e-3 val_loss<0.5",
        "val_loss",
        "SELECT summary.* FROM metric_extent m JOIN run ON run.id = m.run_id JOIN summary ON summary.run_id = run.id"
        f" WHERE m.name = 'val_loss' AND m.best < 0.5 AND EXISTS ({_LEAF} AND p.path = 'optimizer.lr' AND l.num < 1e-3)"
        " ORDER BY m.best LIMIT 50",
    ),
    (
        "full text",
        "exploded",
        None,
        "WITH found AS (SELECT rowid AS id FROM search_text WHERE search_text MATCH 'exploded' ORDER BY rank LIMIT 50)"
        " SELECT summary.* FROM found JOIN summary ON summary.run_id = found.id",
    ),
)
_TWO = "IN ((SELECT max(run_id) - 1 FROM summary), (SELECT max(run_id) FROM summary))"
COMPARED = (
    f"SELECT summary.*, {unpacked_column('config')} FROM summary"
    f" JOIN config ON config.hash = config_hash WHERE run_id {_TWO}",
    f"SELECT run_id, {unpacked_column('epoch')} FROM epoch WHERE run_id {_TWO} ORDER BY run_id, seq",
    f"SELECT run_id, {unpacked_column('finding', 'f')} FROM standing_finding f WHERE run_id {_TWO}",
)
COMMANDS = (
    ("ls",),
    ("ls", "--columns", "lr,val_loss,val_loss@10,outcome"),
    ("search", "lr<1e-3 val_loss<0.5", "--sort", "val_loss"),
    ("search", "exploded"),
    ("compare", "@-1", "@"),
)


def measure_questions(folder: Path, runs: int) -> list[Ratio]:
    """Return the ratios of questions to the raw SQL that answers them: parts of a command, which starts in 0.2 s."""
    ratios = []
    with closing(connect_for_reading(folder / "logbook.db")) as raw, open_reader(folder) as reader:
        newest = QUESTIONS[0][-1]
        ratios.append(
            interleaved(
                f"ls / raw SQL, {runs:,} runs",
                lambda: reader.runs(limit=50),
                lambda: raw.execute(newest).fetchall(),
                goal=None,
            )
        )
        for what, query, sort, sql in QUESTIONS:

            def ours(query: str = query, sort: str | None = sort) -> object:
                return reader.search(query, sort=sort, limit=50)

            def theirs(sql: str = sql, raw: sqlite3.Connection = raw) -> object:
                return raw.execute(sql).fetchall()

            ratios.append(interleaved(f"{what}: {query} / raw SQL, {runs:,} runs", ours, theirs, goal=None))
        ratios.append(
            interleaved(
                f"compare @-1 @ / raw SQL, {runs:,} runs",
                lambda: compare_runs(["@-1", "@"], logbook=str(folder)),
                lambda: [raw.execute(sql).fetchall() for sql in COMPARED],
                goal=None,
            )
        )
    return ratios


def measure_growth(small: Path, large: Path) -> list[Ratio]:
    """Return the ratios of commands on the larger logbook to the same on the smaller one."""
    return [
        interleaved(
            f"logbook {' '.join(arguments)}, ten times the runs / the runs",
            logbook_command(large, *arguments),
            logbook_command(small, *arguments),
            goal=1.5,
        )
        for arguments in COMMANDS
    ]


if __name__ == "__main__":
    small, large = Path(sys.argv[1]), Path(sys.argv[2])
    asked = [*measure_questions(small, 10_000), *measure_questions(large, 100_000)]
    for ratio in [*asked, *measure_growth(small, large)]:
        sys.stdout.write(f"{ratio.row()}\n")
