"""Data, checkpoints and logbooks that were spoiled by chance end in a message, or are read: never in a traceback.

A seeded sample; `LOGBOOK_SOAK` tries a hundred times as many.
"""

from __future__ import annotations

import gzip
import io
import os
import pickle
import random
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from pydantic import TypeAdapter

from logbook.errors import LogbookError
from logbook.training.checkpoints import load_checkpoint
from logbook.training.data.sources import load_source
from logbook.training.models.checkpoint_weights import read_initial_weights
from logbook_schemas.config.sources import Source
from tests.cli.books import logbook, make_book
from tests.fuzz.spoiling import spoil_rows, spoiled

TIMES = 100 if os.environ.get("LOGBOOK_SOAK") else 1
pytestmark = pytest.mark.timeout(3600 if TIMES > 1 else 300)
SOURCE: TypeAdapter[Any] = TypeAdapter(Source)
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(12, 3)), np.arange(12) % 2
IMAGES = RNG.integers(0, 255, (12, 4, 4)).astype("u1")


def written(write: Callable[[io.BytesIO], object]) -> bytes:
    file = io.BytesIO()
    write(file)
    return file.getvalue()


def idx(values: Any) -> bytes:
    axes = values.ndim
    return struct.pack(f">BBBB{axes}I", 0, 0, 8, axes, *values.shape) + values.tobytes()


def picture(kind: str, mode: str) -> bytes:
    image = PIL.Image.fromarray(RNG.integers(0, 255, (8, 8, 3)).astype("u1")).convert(mode)
    return written(lambda file: image.save(file, kind))


TABLE = pa.table({"a": list(range(12)), "b": ["p", "q"] * 6, "y": list(Y)})
BATCH = {b"data": RNG.integers(0, 255, (6, 3072)).astype("u1"), b"labels": [1, 2, 3, 0, 5, 9]}
STATE = {"format": 1, "model": {"w": torch.zeros(3, 2)}, "progress": {"epoch": 1}, "optimizer": {"lr": [0.1]}}
# The files that make up a source, the spoiled one first, and the config of it.
FILES: dict[str, tuple[list[bytes], dict[str, Any], dict[str, bytes]]] = {
    "x.csv": (
        [b"a,b,y\n" + b"".join(b"%d,%.2f,%d\n" % (n, n / 3, n % 2) for n in range(12)), "é,y\n1,ä\n2,ö\n".encode()],
        {"kind": "csv", "path": "x.csv", "target": "y"},
        {},
    ),
    "x.npy": (
        [written(lambda file: np.save(file, X)), written(lambda file: np.save(file, np.array(["a", "b"])))],
        {"kind": "npy", "inputs": "x.npy", "targets": "y.npy"},
        {"y.npy": written(lambda file: np.save(file, Y))},
    ),
    "x.npz": (
        [written(lambda file: np.savez(file, x=X, y=Y)), written(lambda file: np.savez_compressed(file, x=X, y=Y))],
        {"kind": "npz", "path": "x.npz", "inputs": "x", "targets": "y"},
        {},
    ),
    "x.parquet": (
        [
            written(lambda file: pq.write_table(TABLE, file, compression="none")),
            written(lambda file: pq.write_table(TABLE, file)),
        ],
        {"kind": "parquet", "path": "x.parquet", "target": "y"},
        {},
    ),
    "train-images-idx3-ubyte": (
        [idx(IMAGES)],
        {"kind": "mnist", "path": "."},
        {"train-labels-idx1-ubyte": idx(IMAGES[:, 0, 0])},
    ),
    "train-images-idx3-ubyte.gz": (
        [gzip.compress(idx(IMAGES))],
        {"kind": "mnist", "path": "."},
        {"train-labels-idx1-ubyte": idx(IMAGES[:, 0, 0])},
    ),
    "x.txt": ([b"hello world, this is a text. " * 20], {"kind": "text", "path": "x.txt", "length": 4}, {}),
    "data_batch_1": (
        [pickle.dumps(BATCH, protocol=protocol) for protocol in (0, 2, 4)],
        {"kind": "cifar10", "path": "."},
        {f"data_batch_{number}": pickle.dumps(BATCH) for number in range(2, 6)},
    ),
    "i/k/a.png": (
        [picture("PNG", "RGB"), picture("JPEG", "RGB"), picture("PNG", "P"), picture("PNG", "L")],
        {"kind": "images", "path": "i"},
        {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_spoiled_data_are_read_or_refused(tmp_path: Path, name: str) -> None:
    chance = random.Random(name)
    contents, config, beside = FILES[name]
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    for other, content in beside.items():
        (tmp_path / other).write_bytes(content)
    source = SOURCE.validate_python(config)
    refused = 0
    for _ in range(150 * TIMES):
        (tmp_path / name).write_bytes(spoiled(chance.choice(contents), chance))
        try:
            load_source(source, tmp_path)
        except LogbookError:
            refused += 1
    assert refused


def test_spoiled_checkpoints_are_read_or_refused(tmp_path: Path) -> None:
    chance = random.Random(0)
    contents = [
        written(lambda file, zipped=zipped: torch.save(STATE, file, _use_new_zipfile_serialization=zipped))  # type: ignore[misc]
        for zipped in (True, False)
    ]
    for _ in range(150 * TIMES):
        (tmp_path / "last.pt").write_bytes(spoiled(chance.choice(contents), chance))
        with suppress(LogbookError):
            load_checkpoint(tmp_path / "last.pt", device=torch.device("cpu"))
        with suppress(LogbookError):
            read_initial_weights(tmp_path / "last.pt", "last.pt")


ASKED = (
    *(
        "ls",
        "show r1",
        "show r3 --json",
        "show r1 --code",
        "compare r1 r2",
        "compare r1 r3",
        "diff r1 r3",
        "search over",
    ),
    *(
        "search lr>0 --sort val_loss.best",
        "log digits-mlp",
        "tried r1",
        "importance",
        "progress",
        "judge r3",
        "check r1",
    ),
    *("fsck", "fsck --rebuild", "note r1 x", "export --what epochs", "export --commented r1", "gc --dry-run", "backup"),
    *("redact --match zz --dry-run", "new --from r1 new.json", "rule T101", "report r1"),
)


def test_commands_on_a_logbook_of_spoiled_rows_end_in_a_message(tmp_path: Path) -> None:
    chance = random.Random(11)  # of the first dozen the one that found something soonest
    file = make_book(tmp_path / ".logbook") / "logbook.db"
    whole = file.read_bytes()
    for _ in range(10 * TIMES):
        for left in tmp_path.glob(".logbook/logbook.db*"):
            left.unlink()
        file.write_bytes(whole)
        spoil_rows(file, chance)
        for command in chance.sample(ASKED, 3):
            (tmp_path / "new.json").unlink(missing_ok=True)
            done = logbook(*command.split(), cwd=tmp_path)
            assert done.returncode in (0, 1, 2, 3, 4), (command, done.stderr)
            assert "Traceback" not in done.stderr, command
