"""`logbook predict` for every task, model and kind of file: validation rows get what the run's own record says."""

from __future__ import annotations

import csv
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
import sklearn.datasets
from PIL import Image

from logbook.errors import DataError
from tests.running.conftest import Command
from tests.running.predicting import MLP, QUICK, SENTENCE, asked, recorded, said, train


def write_csv(name: str, names: list[str], rows: list[list[Any]]) -> None:
    with Path(name).open("w", newline="") as file:
        csv.writer(file).writerows([names, *rows])


# -- tables ---------------------------------------------------------------------------------------------------


def people() -> dict[str, list[Any]]:
    """Return a table with numbers, text, whole-number codes, and holes in each."""
    rng = np.random.default_rng(0)
    table: dict[str, list[Any]] = {
        "age": [round(age, 1) for age in rng.uniform(20, 80, 60)],
        "colour": [["red", "green", "blue"][k] for k in rng.integers(0, 3, 60)],
        "grade": [int(k) for k in rng.integers(1, 4, 60)],
        "member": [bool(k) for k in rng.integers(0, 2, 60)],
    }
    table["height"] = [100 + age + len(colour) for age, colour in zip(table["age"], table["colour"], strict=True)]
    table["weight"] = [3.0 * grade + age for age, grade in zip(table["age"], table["grade"], strict=True)]
    table["tall"] = [int(height > 153) for height in table["height"]]
    table["heavy"] = [int(weight > 56) for weight in table["weight"]]
    for place in range(0, 60, 4):
        table["age"][place] = None
        table["colour"][(place + 1) % 60] = None
    return table


FEATURES = ["age", "colour", "grade", "member"]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("missing", ["impute", {"kind": "fill", "value": 40.0}])
@pytest.mark.parametrize(
    ("task", "targets"),
    [("regression", ["height", "weight"]), ("multilabel", ["tall", "heavy"]), ("classification", "grade2")],
)
def test_tables_with_categories_and_holes(
    folder: Path, logbook: Command, kind: str, missing: Any, task: str, targets: Any
) -> None:
    table = people()
    table["grade2"] = [f"g{grade}" for grade in table["grade"]]
    pyarrow.parquet.write_table(pyarrow.table(table), folder / "all.parquet")
    rows = [["" if cell is None else cell for cell in row] for row in zip(*table.values(), strict=True)]
    write_csv("all.csv", list(table), rows)
    source = {"kind": kind, "path": f"all.{kind}", "target": targets, "features": FEATURES, "categorical": ["grade"]}
    config = {"task": task, "model": MLP, "data": {"source": source | {"missing": missing}}}
    run = train(logbook, config)
    chosen = recorded(run, "row")
    holes = [row for row in chosen if table["age"][row] is None or table["colour"][row] is None]
    assert holes, "the validation rows lack nothing: the test shows nothing"

    picked = {name: [table[name][row] for row in chosen] for name in reversed(FEATURES)}
    pyarrow.parquet.write_table(pyarrow.table(picked), folder / "new.parquet")
    lines = [["" if cell is None else cell for cell in row] for row in zip(*picked.values(), strict=True)]
    write_csv("new.csv", list(picked), lines)
    for name in ("new.csv", "new.parquet"):
        document = asked(logbook("predict", "r1", name, "--json"))
        if task == "classification":
            assert said(document) == recorded(run)
        else:
            np.testing.assert_allclose(said(document), recorded(run), rtol=1e-5)
            assert document["columns"] == targets


def test_a_missing_category_that_a_one_hot_step_is_left_is_none_of_them(folder: Path, logbook: Command) -> None:
    table = people()
    rows = [["" if cell is None else cell for cell in row] for row in zip(*table.values(), strict=True)]
    write_csv("all.csv", list(table), rows)
    source = {"kind": "csv", "path": "all.csv", "target": "weight", "features": ["age", "colour"], "missing": "impute"}
    data = {"source": source, "inputs": [{"kind": "one-hot", "columns": ["colour"]}, "standardize"]}
    run = train(logbook, {"task": "regression", "model": MLP, "data": data})
    chosen = recorded(run, "row")
    assert any(table["colour"][row] is None for row in chosen)
    write_csv("new.csv", ["age", "colour"], [[table["age"][row], table["colour"][row]] for row in chosen])
    document = asked(logbook("predict", "r1", "new.csv", "--json"))
    np.testing.assert_allclose(said(document), recorded(run), rtol=1e-5)


def test_a_bad_parquet_file_is_one_clear_message(folder: Path, logbook: Command) -> None:
    train(logbook, {"task": "classification", "model": MLP, "data": {"source": {"kind": "sklearn", "dataset": "iris"}}})
    (folder / "text.parquet").write_text("no")
    names = list(sklearn.datasets.load_iris().feature_names)  # type: ignore[attr-defined]
    pyarrow.parquet.write_table(pyarrow.table({names[0]: [1.0]}), folder / "less.parquet")
    cells = {name: [1.0, None] for name in names} | {"when": [None, None]}
    pyarrow.parquet.write_table(pyarrow.table(cells), folder / "holes.parquet")
    for name, says in {
        "text.parquet": "text.parquet is no Parquet file, or is damaged",
        "less.parquet": "less.parquet has no column 'sepal width (cm)'",
        "holes.parquet": "holes.parquet, row 1: the value of column 'sepal length (cm)' is missing",
    }.items():
        answer = logbook("predict", "r1", name)
        assert (answer.status, answer.err.count("error:")) == (2, 1)
        assert says in answer.err


# -- images ---------------------------------------------------------------------------------------------------


def stripes(top: Path, *, modes: str = "RL") -> list[Path]:
    """Write images of different sizes and modes in two folders of classes; return them in the source's order."""
    rng = np.random.default_rng(0)
    for name, axis in (("across", 0), ("down", 1)):
        (top / name).mkdir(parents=True)
        for number in range(10):
            size = 8 + number % 3
            pixels = np.where(np.arange(size) % 4 < 2, 200, 20).astype(np.uint8)
            image = np.broadcast_to(np.expand_dims(pixels, axis), (size, size)) + rng.integers(0, 30, (size, size))
            kept = Image.fromarray(image.astype(np.uint8)).convert("RGB" if modes[number % 2] == "R" else "L")
            kept.save(top / name / f"{number}.png")
    return sorted(top.rglob("*.png"))


@pytest.mark.parametrize("model", [{"kind": "cnn", "channels": [4]}, {"kind": "residual-cnn", "channels": [4]}])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_folder_of_images_and_one_of_them(
    folder: Path, logbook: Command, model: dict[str, Any], channels: int
) -> None:
    files = stripes(folder / "set")
    source = {"kind": "images", "path": "set", "size": [8, 8], "channels": channels}
    run = train(logbook, {"task": "classification", "model": model, "data": {"source": source}})
    (folder / "set" / "notes.txt").write_text("x")
    (folder / "set" / ".hidden.png").write_bytes(b"x")
    answer = logbook("predict", "r1", "set", "--json")
    document = asked(answer)
    assert "1 file is no png or jpeg and left out" in answer.err
    assert said(document, "file") == [file.relative_to(folder / "set").as_posix() for file in files]
    assert [said(document)[row] for row in recorded(run, "row")] == recorded(run)
    one = asked(logbook("predict", "r1", "set/down/3.png", "--json"))["predictions"]
    place = said(document, "file").index("down/3.png")
    assert (one[0]["file"], one[0]["prediction"]) == ("3.png", said(document)[place])
    assert one[0]["probabilities"] == pytest.approx(document["predictions"][place]["probabilities"], abs=1e-6)
    head, first, *_ = logbook("predict", "r1", "set").out.splitlines()
    assert head == "row,file,prediction,p(across),p(down)"
    assert first.startswith("0,across/0.png,")


def test_images_that_cannot_be_taken(folder: Path, logbook: Command) -> None:
    (folder / "set").mkdir()
    for name in ("cat", "dog"):
        (folder / "set" / name).mkdir()
        for number in range(8):
            pixels = np.full((4, 4, 3), 10 * number + len(name), np.uint8)
            Image.fromarray(pixels).save(folder / "set" / name / f"{number}.png")
    source = {"kind": "images", "path": "set"}
    train(logbook, {"task": "classification", "model": MLP, "data": {"source": source}})
    Image.fromarray(np.zeros((4, 5, 3), np.uint8)).save(folder / "wide.png")
    (folder / "bad.jpg").write_text("no")
    (folder / "none").mkdir()
    for name, says in {
        "wide.png": "wide.png is 4 x 5 pixels (height x width), but r1 was trained on images of 4 x 4 pixels",
        "bad.jpg": "bad.jpg is no png or jpeg image, or is damaged",
        "none": "none holds no png or jpeg file",
    }.items():
        answer = logbook("predict", "r1", name)
        assert (answer.status, answer.err.count("error:")) == (2, 1), answer.err
        assert says in answer.err
    train(logbook, {"task": "classification", "model": MLP, "data": {"source": {"kind": "sklearn", "dataset": "iris"}}})
    answer = logbook("predict", "r2", "wide.png")
    assert "wide.png is an image, and r2 was not trained on files of images" in answer.err


# -- reconstruction -------------------------------------------------------------------------------------------

AUTOENCODER = {"kind": "autoencoder", "hidden": [6], "bottleneck": 2}
RBM = {
    "model": {"kind": "rbm", "visible": "gaussian", "hidden": 4},
    "optimizer": {"kind": "sgd", "lr": 0.01},
    "training": QUICK | {"procedure": {"kind": "contrastive-divergence", "persistent": True}},
}


@pytest.mark.parametrize(
    "changes",
    [
        {"model": AUTOENCODER},
        {"model": AUTOENCODER | {"tied": True}, "loss": "bce-with-logits", "inputs": [{"kind": "min-max"}]},
        RBM,
    ],
    ids=["autoencoder", "tied", "rbm"],
)
def test_a_reconstruction_is_in_original_units(folder: Path, logbook: Command, changes: dict[str, Any]) -> None:
    rng = np.random.default_rng(0)
    rows = (rng.normal(size=(60, 1)) * [1, 20, 300] + [5, 100, 9000] + rng.normal(size=(60, 3))).round(3)
    write_csv("all.csv", ["a", "b", "c"], rows.tolist())
    data: dict[str, Any] = {"source": {"kind": "csv", "path": "all.csv", "target": None}}
    inputs = changes.get("inputs")
    config = {name: value for name, value in changes.items() if name != "inputs"}
    run = train(logbook, {"task": "reconstruction", "data": data | ({"inputs": inputs} if inputs else {})} | config)
    chosen = recorded(run, "row")
    assert len(chosen) == 12
    write_csv("new.csv", ["c", "a", "b"], rows[chosen][:, [2, 0, 1]].tolist())
    document = asked(logbook("predict", "r1", "new.csv", "--json"))
    np.testing.assert_allclose(said(document), recorded(run), rtol=1e-5)
    assert document["columns"] == ["a", "b", "c"]
    assert np.all(np.array(said(document))[:, 2] > 3000)
    errors = said(document, "error")
    if changes.get("loss") is None and changes is not RBM:
        assert np.mean(errors) == pytest.approx(run["best"]["val_loss"], rel=1e-5)
    assert all(error > 0 for error in errors)
    assert logbook("predict", "r1", "new.csv").out.splitlines()[0] == "row,a,b,c,error"


def test_a_preparation_that_cannot_be_undone_is_told(folder: Path, logbook: Command) -> None:
    inputs = ["standardize", {"kind": "tanh-squash", "c": 2.0}]
    data = {"source": {"kind": "sklearn", "dataset": "iris"}, "inputs": inputs}
    run = train(logbook, {"task": "reconstruction", "model": AUTOENCODER, "data": data})
    bunch: Any = sklearn.datasets.load_iris()
    write_csv("new.csv", bunch.feature_names, [bunch.data[row].tolist() for row in recorded(run, "row")])
    answer = logbook("predict", "r1", "new.csv", "--json")
    np.testing.assert_allclose(said(asked(answer)), recorded(run), atol=1e-6)
    assert "can't be undone: the reconstructions are in prepared units" in answer.err


def test_categories_are_reconstructed_column_by_column(folder: Path, logbook: Command) -> None:
    rows = [[kind, size, 3] for kind in ("red", "blue") for size in range(20)]
    write_csv("all.csv", ["kind", "size", "other"], rows)
    source = {"kind": "csv", "path": "all.csv", "target": None, "ignore": ["other"]}
    run = train(logbook, {"task": "reconstruction", "model": AUTOENCODER, "data": {"source": source}})
    write_csv("new.csv", ["size", "kind"], [rows[row][1::-1] for row in recorded(run, "row")])
    document = asked(logbook("predict", "r1", "new.csv", "--json"))
    assert document["columns"] == ["kind=blue", "kind=red", "size"]
    np.testing.assert_allclose(said(document), recorded(run), rtol=1e-4, atol=1e-5)


def test_images_are_reconstructed_pixel_by_pixel(folder: Path, logbook: Command) -> None:
    stripes(folder / "set")
    source = {"kind": "images", "path": "set", "size": [2, 3], "channels": 1}
    run = train(logbook, {"task": "reconstruction", "model": AUTOENCODER, "data": {"source": source}})
    document = asked(logbook("predict", "r1", "set", "--json"))
    assert document["columns"] == ["0,0,0", "0,0,1", "0,0,2", "0,1,0", "0,1,1", "0,1,2"]
    values = np.array(said(document))[recorded(run, "row")]
    np.testing.assert_allclose(values, recorded(run), rtol=1e-4)


# -- embeddings -----------------------------------------------------------------------------------------------


def test_embeddings_have_columns(folder: Path, logbook: Command) -> None:
    run = train(
        logbook,
        {
            "task": "metric-learning",
            "data": {"source": {"kind": "sklearn", "dataset": "iris"}},
            "model": {"kind": "embedding", "size": 3, "network": MLP},
            "loss": {"kind": "triplet"},
            "training": QUICK | {"procedure": {"kind": "triplets", "examples_per_class": 4}},
        },
    )
    bunch: Any = sklearn.datasets.load_iris()
    rows = recorded(run, "row")
    write_csv("new.csv", bunch.feature_names, [bunch.data[row].tolist() for row in rows])
    document = asked(logbook("predict", "r1", "new.csv", "--json"))
    assert document["columns"] == ["e1", "e2", "e3"]
    found = np.array(said(document))
    distances = np.square(found[:, None] - found[None]).sum(-1)
    np.fill_diagonal(distances, np.inf)
    # All rows of the validation split are recorded: each one's nearest neighbour is among these.
    names = [str(bunch.target_names[bunch.target[row]]) for row in rows]
    assert [names[place] for place in distances.argmin(1)] == recorded(run)


# -- from Python ----------------------------------------------------------------------------------------------


def test_files_and_arrays_from_python(folder: Path, logbook: Command) -> None:
    files = stripes(folder / "set")
    source = {"kind": "images", "path": "set", "size": [4, 4], "channels": 1}
    train(logbook, {"task": "reconstruction", "model": AUTOENCODER, "data": {"source": source}})
    (folder / "book.txt").write_text(SENTENCE * 20)
    data = {"source": {"kind": "text", "path": "book.txt", "length": 16, "stride": 8}}
    train(logbook, {"task": "language-model", "model": {"kind": "rnn", "hidden": [4]}, "data": data})
    import logbook as library

    book = library.open()
    found = book.run("r1").model("last").predict(folder / "set")
    assert (found.values.shape, len(found.files), found.loss) == ((len(files), 16), len(files), None)
    assert found.errors is not None
    assert found.errors.shape == (len(files),)
    model = book.run("r2").model()
    found = model.predict("book.txt")
    assert found.losses is not None
    assert found.counts is not None
    assert found.loss == pytest.approx((found.losses * found.counts).sum() / found.counts.sum())
    assert found.texts[0] == SENTENCE[1:17]
    assert found.texts[1] == SENTENCE[9:25]
    tokens = np.arange(32).reshape(2, 16) % 3 + 1
    assert model.predict(tokens).values.shape == (2, 16)
    with pytest.raises(DataError, match="is a folder, and r2 was not trained on files of images"):
        model.predict(folder)


def test_new_images_for_a_standard_set(folder: Path, logbook: Command) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (20, 6, 6), dtype=np.uint8)
    for part in ("train", "t10k"):
        head = struct.pack(">4B3I", 0, 0, 8, 3, *pixels.shape)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(head + pixels.tobytes())
        labels = np.arange(20, dtype=np.uint8) % 10
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(struct.pack(">4BI", 0, 0, 8, 1, 20) + labels.tobytes())
    run = train(logbook, {"model": MLP, "task": "classification", "data": {"source": {"kind": "mnist", "path": "."}}})
    (folder / "new").mkdir()
    for row in recorded(run, "row"):
        # In colours: they are brought to the set's grey.
        Image.fromarray(pixels[row]).convert("RGB").save(folder / "new" / f"{row:03}.png")
    assert said(asked(logbook("predict", "r1", "new", "--json"))) == recorded(run)


# -- other networks --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"model": {"kind": "linear"}},
        {"model": MLP, "training": QUICK | {"weight_average": {"kind": "exponential", "decay": 0.9}}},
        {"model": {"kind": "residual-cnn", "channels": [4]}},
    ],
    ids=["linear", "averaged", "residual"],
)
def test_other_networks_are_as_recorded(folder: Path, logbook: Command, changes: dict[str, Any]) -> None:
    run = train(
        logbook, {"task": "classification", "data": {"source": {"kind": "sklearn", "dataset": "digits"}}} | changes
    )
    data: Any = sklearn.datasets.load_digits()
    np.save(folder / "new.npy", data.data[recorded(run, "row")])
    assert said(asked(logbook("predict", "r1", "new.npy", "--json"))) == recorded(run)
