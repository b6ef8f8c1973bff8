"""Data from files, as a person meets them on the command line: one message, or a record that is whole."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.running.conftest import Command

ROWS = "when,colour,kind\n" + "".join(f"2026-01-{n % 28 + 1:02},{'rg'[n % 2]},{n % 2}\n" for n in range(40))


def write(folder: Path, source: dict[str, Any], **rest: Any) -> None:
    config = {
        "name": "files",
        "task": "binary",
        "data": {"source": source, "split": {"validation": 0.25}},
        "model": {"kind": "mlp", "hidden": []},
        "training": {"epochs": 1, "device": "cpu"},
    }
    (folder / "cfg.json").write_text(json.dumps(config | rest))
    (folder / "rows.csv").write_text(ROWS)
    (folder / "empty.csv").write_text("")
    (folder / "one.csv").write_text("x,kind\n" + "1,a\n2,a\n" * 5)
    (folder / "names.csv").write_text("x,kind\n" + "".join(f"n{n:03},{n % 2}\n" for n in range(150)))
    (folder / "text.parquet").write_text(ROWS)
    (folder / "array.npy").write_bytes(b"\x93NUMPY\x01\x00")
    for name in ("cat", "dog"):
        (folder / "pets" / name).mkdir(parents=True, exist_ok=True)
        for number in range(8):
            Image.fromarray(np.full((4, 4, 3), 10 * number + len(name), np.uint8)).save(
                folder / "pets" / name / f"{number}.png"
            )
    (folder / "broken" / "cat").mkdir(parents=True, exist_ok=True)
    (folder / "broken" / "cat" / "0.png").write_bytes(b"\x89PNG\r\n\x1a\n....")


CSV = {"kind": "csv", "path": "rows.csv", "target": "kind"}


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (CSV, "rows.csv:2: column 'when' holds dates or times ('2026-01-01')"),
        (CSV | {"target": "knd"}, "has no column 'knd' (did you mean 'kind'?)"),
        (CSV | {"path": "empty.csv"}, "empty.csv is empty"),
        (CSV | {"path": "one.csv"}, "task binary wants exactly 2 classes, found 1 (a)"),
        (CSV | {"path": "names.csv"}, "column 'x' holds 150 different categories"),
        (CSV | {"path": "gone.csv"}, "gone.csv is not there"),
        ({"kind": "parquet", "path": "text.parquet", "target": "kind"}, "text.parquet is no Parquet file"),
        ({"kind": "npy", "inputs": "array.npy", "targets": "array.npy"}, "array.npy is damaged"),
        ({"kind": "images", "path": "broken"}, "broken/cat/0.png"),
        ({"kind": "images", "path": "rows.csv"}, "rows.csv is a file; expected a folder"),
        ({"kind": "mnist", "path": "pets"}, "pets has no train-images-idx3-ubyte"),
        ({"kind": "cifar10", "path": "pets"}, "pets has neither data_batch_1 nor data_batch_1.bin"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_ends_with_one_message(
    folder: Path, logbook: Command, source: dict[str, Any], says: str
) -> None:
    write(folder, source)
    for words in (["run", "cfg.json"], ["check", "cfg.json", "--data"]):
        answer = logbook(*words)
        assert answer.status == 2, answer.err
        assert says in answer.err
        assert "Traceback" not in answer.err + answer.out
    assert not (folder / ".logbook").exists()


def test_the_record_names_categories_and_keeps_them_across_runs(folder: Path, logbook: Command) -> None:
    write(folder, CSV | {"ignore": ["when"]})
    assert logbook("run", "cfg.json", "--quiet", "--force").status == 0
    data = logbook("show", "@", "--json").json["data"]
    assert data["categories"] == {"colour": ["g", "r"]}
    assert data["input_shape"] == [2]
    assert data["inputs"]["columns"] == ["colour=g", "colour=r"]


def test_hashes_of_a_folder_of_images_are_kept_for_the_next_run(folder: Path, logbook: Command) -> None:
    write(folder, {"kind": "images", "path": "pets"})
    for file in (folder / "pets").rglob("*.png"):
        os.utime(file, (1_600_000_000, 1_600_000_000))
    prints = []
    for _ in range(3):
        assert logbook("run", "cfg.json", "--quiet", "--again", "--force").status == 0
        prints.append(logbook("show", "@", "--json").json["data"]["fingerprint"])
    assert prints[0]["method"] == "files-sha256/1"
    assert prints[0] == prints[1] == prints[2]
    kept = json.loads((folder / ".logbook" / "fingerprints.json").read_text())["files"]
    assert [entry["sha256"] for entry in kept.values()] == [prints[0]["value"]]


def test_a_changed_image_is_other_data(folder: Path, logbook: Command) -> None:
    write(folder, {"kind": "images", "path": "pets"}, task="classification")
    assert logbook("run", "cfg.json", "--quiet", "--force").status == 0
    Image.fromarray(np.full((4, 4, 3), 200, np.uint8)).save(folder / "pets" / "cat" / "0.png")
    assert logbook("run", "cfg.json", "--quiet", "--force", "--again").status == 0
    assert logbook("diff", "@-1", "@", "--json").json["data"]["verdict"] == "different"
