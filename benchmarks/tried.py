"""`logbook tried` in a large logbook: how long a person waits, start of the program included.

A recorded run costs more than a question: some hundred runs with configs of 30 drawn settings are recorded through the
writer, then their recipes are copied, row by row, to so many that a lab would have, each number moved a little.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from benchmarks.fill import fill
from benchmarks.measure import Ratio, ratio_of, timed
from logbook.store.recipes import PLACE
from logbook_schemas.config.places import SAME_REGION

__all__ = ["measure_tried"]

RECORDED, EPOCHS, PAIRS = 300, 2, 5
RECIPES = (1_000, 10_000, 100_000)
GOAL_SECONDS = 1.0
CONFIG = Path(__file__).parents[1] / "examples" / "digits" / "mlp.json"


def measure_tried() -> list[Ratio]:
    """Return the seconds of `tried` at each size, over a second."""
    with tempfile.TemporaryDirectory() as name:
        recorded = Path(name) / "recorded"
        fill(recorded, RECORDED, distinct=True, epochs=EPOCHS)
        return [_measure(recorded, Path(name) / str(recipes), recipes) for recipes in RECIPES]


def _measure(recorded: Path, folder: Path, recipes: int) -> Ratio:
    shutil.copytree(recorded, folder)
    multiply(folder / "logbook.db", recipes)
    command = [sys.executable, "-m", "logbook_cli", "tried", str(CONFIG), "--logbook", str(folder)]

    def ask() -> None:
        subprocess.run(command, check=True, capture_output=True)

    ask()
    pairs = [(timed(ask), 1.0) for _ in range(PAIRS)]
    return ratio_of(f"logbook tried, s / 1 s, {recipes:,} recipes", pairs, goal=GOAL_SECONDS)


def multiply(database: Path, recipes: int) -> None:
    """Copy versions, with their places and the summary of a run, until there are so many recipes."""
    draw = random.Random(0)
    with closing(sqlite3.connect(database, isolation_level=None)) as raw:
        raw.execute("BEGIN")
        known = raw.execute(
            "SELECT version.name, config_id, places, summary.* FROM version"
            " JOIN recipe_place ON version_id = version.id JOIN summary USING (recipe_hash) GROUP BY version.id"
        )
        columns = [one[0] for one in known.description][3:]
        rows = known.fetchall()
        for new in range(RECORDED + 1, recipes + 1):
            name, config, places, *summary = draw.choice(rows)
            recipe = hashlib.sha256(str(new).encode()).hexdigest()
            moved = b"".join(PLACE.pack(one, _moved(place, draw)) for one, place in PLACE.iter_unpack(places))
            run = dict(zip(columns, summary, strict=True)) | {"run_id": new, "version": new, "recipe_hash": recipe}
            raw.execute(
                "INSERT INTO version (id, name, number, recipe_hash, config_id, created_at, row_format)"
                " VALUES (?, ?, ?, ?, ?, '', 1)",
                (new, name, new, recipe, config),
            )
            raw.execute("INSERT INTO recipe_place VALUES (?, ?)", (new, moved))
            raw.execute(f"INSERT INTO summary VALUES ({', '.join('?' * len(run))})", (*run.values(),))
        raw.execute("COMMIT")


def _moved(place: float, draw: random.Random) -> float:
    """Move a number by about a factor of 2; a category stays."""
    return place + draw.gauss(0, 0.3) if place <= SAME_REGION else place
