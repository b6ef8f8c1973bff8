"""`logbook predict`: the rows of a run's own validation split get the predictions that its record holds."""

from __future__ import annotations

import csv
import json
import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn.datasets
import torch

from logbook.store.live import hold
from logbook_schemas.config.own import OwnConfig
from tests.running.beginning import begin_like
from tests.running.conftest import Answer, Command, write_config

QUICK = {"epochs": 2, "device": "cpu", "batch_size": 32}
MODEL = {"kind": "mlp", "hidden": [8]}


def houses(folder: Path, *, rows: int = 60) -> list[dict[str, str]]:
    """Write a table whose target is far from 0 and 1, and return its rows."""
    rng = np.random.default_rng(0)
    size, age = rng.uniform(30, 200, rows).round(2), rng.uniform(0, 90, rows).round(1)
    price = (3000 * size - 500 * age + 100_000).round(0)
    columns = {"age": age, "size": size, "price": price}
    table = [{name: str(values[row]) for name, values in columns.items()} for row in range(rows)]
    with (folder / "houses.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["age", "size", "price"])
        writer.writeheader()
        writer.writerows(table)
    return table


def train_houses(folder: Path, logbook: Command, **changes: Any) -> dict[str, Any]:
    houses(folder)
    source = {"kind": "csv", "path": "houses.csv", "target": "price"}
    (folder / "h.json").write_text(
        json.dumps({"task": "regression", "data": {"source": source}, "model": MODEL, "training": QUICK} | changes)
    )
    answer = logbook("run", "h.json", "--json")
    assert answer.status == 0, answer.err
    run: dict[str, Any] = answer.json
    return run


def rows_file(folder: Path, names: list[str], rows: list[list[Any]], name: str = "new.csv") -> None:
    with (folder / name).open("w", newline="") as file:
        csv.writer(file).writerows([names, *rows])


def train_built_in(folder: Path, logbook: Command, dataset: str, **changes: Any) -> dict[str, Any]:
    source = {"kind": "sklearn", "dataset": dataset}
    config = {"name": dataset, "data": {"source": source}, "model": MODEL, "training": QUICK} | changes
    (folder / "b.json").write_text(json.dumps(config))
    answer = logbook("run", "b.json", "--json", "--force")
    assert answer.status == 0, answer.err
    run: dict[str, Any] = answer.json
    return run


def predicted(answer: Answer) -> list[Any]:
    assert answer.status == 0, answer.err
    return [one["prediction"] for one in answer.json["predictions"]]


def test_a_regression_is_in_original_units_and_as_recorded(folder: Path, logbook: Command) -> None:
    run = train_houses(folder, logbook)
    table = houses(folder)
    recorded = run["end"]["predictions"]
    assert len(recorded) == 12
    # Other order of the columns, a column more, and today's config is another one.
    (folder / "h.json").write_text("{}")
    rows = [["x", table[one["row"]]["size"], table[one["row"]]["age"]] for one in recorded]
    rows_file(folder, ["id", "size", "age"], rows)
    answer = logbook("predict", "r1", "new.csv", "--json")
    assert predicted(answer) == pytest.approx([one["prediction"] for one in recorded], rel=1e-6)
    assert min(predicted(answer)) > 50_000
    assert answer.json["columns"] == ["price"]
    assert answer.json["epoch"] == run["best"]["epoch"]
    assert "r1 was not trained on id; ignored" in answer.err


@pytest.mark.parametrize("dataset", ["iris", "breast_cancer", "digits"])
def test_classes_are_as_recorded(folder: Path, logbook: Command, dataset: str) -> None:
    run = train_built_in(folder, logbook, dataset)
    bunch: Any = getattr(sklearn.datasets, f"load_{dataset}")()
    recorded = run["end"]["predictions"]
    assert len(recorded) >= 30
    rows_file(folder, list(bunch.feature_names), [list(bunch.data[one["row"]]) for one in recorded])
    answer = logbook("predict", "@", "new.csv", "--json")
    assert predicted(answer) == [one["prediction"] for one in recorded]
    assert answer.json["classes"] == list(map(str, bunch.target_names))
    for one in answer.json["predictions"]:
        assert math.isclose(sum(one["probabilities"]), 1, rel_tol=1e-5)
        assert answer.json["classes"][int(np.argmax(one["probabilities"]))] == one["prediction"]


def test_several_labels_and_arrays(folder: Path, logbook: Command) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 3))
    y = (x[:, :2] > 0).astype(int)
    np.savez(folder / "set.npz", x=x, y=y)
    source = {"kind": "npz", "path": "set.npz"}
    config = {"task": "multilabel", "data": {"source": source}, "model": MODEL, "training": QUICK}
    (folder / "m.json").write_text(json.dumps(config))
    run = logbook("run", "m.json", "--json").json
    recorded = run["end"]["predictions"]
    np.savez(folder / "new.npz", x=x[[one["row"] for one in recorded]])
    answer = logbook("predict", "r1", "new.npz", "--json")
    assert predicted(answer) == [one["prediction"] for one in recorded]
    assert all(0 < p < 1 for one in answer.json["predictions"] for p in one["probabilities"])


def test_csv_and_json_say_the_same(folder: Path, logbook: Command) -> None:
    train_built_in(folder, logbook, "iris")
    rows_file(folder, ["1", "2", "3", "4"], [[5, 3, 1, 0.2], [6, 3, 5, 2]])
    (folder / "bare.csv").write_text("5,3,1,0.2\n6,3,5,2\n")
    as_json = logbook("predict", "r1", "bare.csv", "--json").json["predictions"]
    table = logbook("predict", "r1", "bare.csv").out
    lines = list(csv.DictReader(table.splitlines()))
    assert [line["prediction"] for line in lines] == [one["prediction"] for one in as_json]
    likely = [[float(line[f"p({name})"]) for name in ("setosa", "versicolor", "virginica")] for line in lines]
    assert likely == [one["probabilities"] for one in as_json]
    said = logbook("predict", "r1", "bare.csv", "--output", "out.csv")
    assert (said.status, said.out) == (0, "")
    assert (folder / "out.csv").read_text().splitlines() == table.splitlines()
    assert logbook("predict", "r1", "bare.csv", "--json", "--output", "out.json").status == 0
    assert json.loads((folder / "out.json").read_text())["predictions"] == as_json


def test_best_and_last_are_different_weights(folder: Path, logbook: Command) -> None:
    # Steps so large that the first epoch is the best one.
    run = train_built_in(folder, logbook, "iris", optimizer={"kind": "sgd", "lr": 20.0})
    assert run["best"]["epoch"] < 2
    np.savez(folder / "all.npz", sklearn.datasets.load_iris().data)
    best = logbook("predict", "r1", "all.npz", "--json").json
    last = logbook("predict", "r1", "all.npz", "--json", "--checkpoint", "last").json
    assert (best["epoch"], last["epoch"]) == (1, 2)
    assert best["predictions"] != last["predictions"]


def test_a_mistake_is_one_clear_message(folder: Path, logbook: Command) -> None:
    train_houses(folder, logbook)
    rows_file(folder, ["age", "size"], [[1, 2], [3, ""]])
    (folder / "zeros.csv").symlink_to("/dev/zero")
    np.save(folder / "cut.npy", np.ones((2, 2)))
    (folder / "cut.npy").write_bytes((folder / "cut.npy").read_bytes().replace(b"}", b"(", 1))
    cases = {
        ("predict", "r1", "new.csv"): (2, "new.csv:3: the value of column 'size' is missing"),
        ("predict", "r1", "no.csv"): (4, "no such file: no.csv"),
        ("predict", "r1", "."): (4, "is a folder"),
        ("predict", "r1", "zeros.csv"): (2, "zeros.csv is a device, and no file of rows"),
        ("predict", "r1", "cut.npy"): (2, "cut.npy is no NumPy array (.npy)"),
        ("predict", "r9", "houses.csv"): (4, "r9"),
        ("predict", "r1", "houses.csv", "--checkpoint", "worst"): (2, "there is no checkpoint 'worst'"),
        ("predict", "r1", "houses.csv", "--device", "cuda:99"): (2, "cuda:99"),
        ("predict", "r1", "houses.csv", "--output", "no/such/out.csv"): (2, "can't be written"),
    }
    for words, (status, says) in cases.items():
        answer = logbook(*words)
        assert answer.status == status, words
        assert says in answer.err, words
        assert answer.err.count("error:") == 1
    shutil.rmtree(folder / ".logbook" / "checkpoints")
    answer = logbook("predict", "r1", "houses.csv")
    assert answer.status == 4
    assert "r1 has no best checkpoint" in answer.err
    assert "is gone. It was removed" in answer.err


def test_a_run_that_diverged_at_once_has_none(folder: Path, logbook: Command) -> None:
    write_config(folder, {"optimizer": {"kind": "sgd", "lr": 1e30}})
    assert logbook("run", "cfg.json", "--force").status == 1
    (folder / "bare.csv").write_text(",".join(["1"] * 64))
    answer = logbook("predict", "r1", "bare.csv")
    assert answer.status == 4
    assert "r1 has no best checkpoint: it is diverged, and no epoch of it ended" in answer.err


def test_a_run_without_a_best_epoch_points_at_its_last(folder: Path, logbook: Command) -> None:
    (folder / "never_best.py").write_text("def never(): return lambda outputs, targets: float('nan')\n")
    metric = {"kind": "python", "target": "never_best:never"}
    train_built_in(folder, logbook, "iris", metrics=[metric], monitor={"metric": "never", "mode": "max"})
    (folder / "bare.csv").write_text("5,3,1,0.2\n")
    answer = logbook("predict", "r1", "bare.csv")
    assert answer.status == 4
    assert "never was not a number in any epoch. Take its last one: --checkpoint last" in answer.err
    assert logbook("predict", "r1", "bare.csv", "--checkpoint", "last").status == 0


def test_other_library_versions_are_told(folder: Path, logbook: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    train_built_in(folder, logbook, "iris")
    (folder / "bare.csv").write_text("5,3,1,0.2\n")
    before = torch.__version__
    assert logbook("predict", "r1", "bare.csv").err == ""
    monkeypatch.setattr(torch, "__version__", "99.1")
    answer = logbook("predict", "r1", "bare.csv")
    assert answer.status == 0
    assert f"r1 was trained with torch {before}, this is 99.1: predictions may differ" in answer.err


def test_a_run_that_has_only_begun_and_one_of_ones_own_loop(folder: Path, logbook: Command) -> None:
    train_built_in(folder, logbook, "iris")
    (folder / "bare.csv").write_text("5,3,1,0.2\n")
    begun = begin_like(folder, 1)
    assert "it is crashed, and no epoch of it ended" in logbook("predict", "r2", "bare.csv").err
    with hold(folder / ".logbook", begun.uuid):
        answer = logbook("predict", "r2", "bare.csv")
        assert answer.status == 4
        assert "r2 has no best checkpoint: it is running, and its first epoch has not ended" in answer.err
        checkpoints = folder / ".logbook" / "checkpoints"
        shutil.copytree(next(checkpoints.iterdir()), checkpoints / begun.uuid)
        answer = logbook("predict", "r2", "bare.csv")
        assert answer.status == 0
        assert "r2 is running; these are its weights after epoch 2" in answer.err
    begin_like(folder, 1, config=OwnConfig(name="mine", values={"lr": 0.1}))
    answer = logbook("predict", "r3", "bare.csv")
    assert answer.status == 2
    assert "r3 was made by your own training loop" in answer.err


def test_a_best_checkpoint_that_could_not_be_kept_is_told(folder: Path, logbook: Command) -> None:
    train_built_in(folder, logbook, "iris", optimizer={"kind": "sgd", "lr": 20.0})
    (folder / "bare.csv").write_text("5,3,1,0.2\n")
    [run] = (folder / ".logbook" / "checkpoints").iterdir()
    shutil.copy(run / "last.pt", run / "other.pt")
    (run / "other.pt").replace(run / "best.pt")
    answer = logbook("predict", "r1", "bare.csv")
    assert (
        "the best epoch of r1 is 1, whose checkpoint could not be kept; these are the weights of epoch 2" in answer.err
    )


OWN = """
import torch
def net(width, input_shape, output_size):
    return torch.nn.Sequential(
        torch.nn.Flatten(), torch.nn.LazyLinear(width), torch.nn.ReLU(), torch.nn.Linear(width, output_size)
    )
"""


def test_a_network_of_ones_own_and_its_changed_code(folder: Path, logbook: Command) -> None:
    (folder / "my_net.py").write_text(OWN)
    model = {"kind": "python", "target": "my_net:net", "kwargs": {"width": 5}}
    run = train_built_in(folder, logbook, "iris", model=model)
    recorded = run["end"]["predictions"]
    data: Any = sklearn.datasets.load_iris()
    rows_file(folder, list(data.feature_names), [list(data.data[one["row"]]) for one in recorded])
    same = logbook("predict", "r1", "new.csv", "--json")
    assert predicted(same) == [one["prediction"] for one in recorded]
    assert same.err == ""
    (folder / "my_net.py").write_text(OWN + "# a word more\n")
    answer = logbook("predict", "r1", "new.csv", "--json")
    assert predicted(answer) == predicted(same)
    assert "the code has changed since r1 was trained: my_net.py" in answer.err


def test_a_network_that_is_no_longer_the_same_is_refused(folder: Path, logbook: Command) -> None:
    (folder / "your_net.py").write_text(OWN)
    model = {"kind": "python", "target": "your_net:net", "kwargs": {"width": 5}}
    train_built_in(folder, logbook, "iris", model=model)
    (folder / "your_net.py").write_text(OWN.replace("torch.nn.ReLU()", "torch.nn.LayerNorm(width)"))
    import sys

    del sys.modules["your_net"]
    (folder / "bare.csv").write_text("5,3,1,0.2\n")
    answer = logbook("predict", "r1", "bare.csv")
    assert answer.status == 3
    assert "is not the one that was trained" in answer.err


def test_categories_are_prepared_as_in_training(folder: Path, logbook: Command) -> None:
    lines = [f"{kind},{size},{3 * size + 10 * kind}" for kind in (1, 2, 5) for size in range(20)]
    (folder / "t.csv").write_text("\n".join(["kind,size,price", *lines]))
    data = {
        "source": {"kind": "csv", "path": "t.csv", "target": "price"},
        "inputs": [{"kind": "one-hot", "columns": ["kind"]}, {"kind": "standardize"}],
    }
    (folder / "t.json").write_text(json.dumps({"task": "regression", "data": data, "model": MODEL, "training": QUICK}))
    run = logbook("run", "t.json", "--json", "--force").json
    assert run["data"]["input_shape"] == [4]
    recorded = run["end"]["predictions"]
    rows_file(folder, ["kind", "size"], [lines[one["row"]].split(",")[:2] for one in recorded])
    found = predicted(logbook("predict", "r1", "new.csv", "--json"))
    assert found == pytest.approx([one["prediction"] for one in recorded], rel=1e-6)
    rows_file(folder, ["kind", "size"], [[1, 2], [3, 4]])
    answer = logbook("predict", "r1", "new.csv")
    assert answer.status == 2
    assert "new.csv:3: column 'kind' holds 3, which training has never seen" in answer.err


def test_rows_for_a_run_on_datasets_and_several_targets(folder: Path, logbook: Command) -> None:
    source = """
import torch
def data():
    x = torch.arange(120.0).reshape(40, 3)
    return torch.utils.data.TensorDataset(x, torch.stack([x.sum(1), 1000 - x[:, 0]], 1))
"""
    (folder / "sets.py").write_text(source)
    data = {"source": {"kind": "python", "target": "sets:data"}, "inputs": ["standardize"], "targets": ["standardize"]}
    (folder / "s.json").write_text(json.dumps({"task": "regression", "data": data, "model": MODEL, "training": QUICK}))
    run = logbook("run", "s.json", "--json", "--force").json
    recorded = run["end"]["predictions"]
    np.save(folder / "new.npy", np.arange(120.0).reshape(40, 3)[[one["row"] for one in recorded]])
    answer = logbook("predict", "r1", "new.npy", "--json")
    assert answer.json["columns"] == ["target_0", "target_1"]
    np.testing.assert_allclose(predicted(answer), [one["prediction"] for one in recorded], rtol=1e-5)
    head = logbook("predict", "r1", "new.npy").out.splitlines()[0]
    assert head == "row,target_0,target_1"
