"""The logbook from Python: a book, a run, its network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import logbook
from logbook.errors import NotFoundError, UsageError
from tests.running.conftest import Command

CONFIG = """{"name": "iris", "data": {"source": {"kind": "sklearn", "dataset": "iris"}},
 "model": {"kind": "mlp", "hidden": [8]}, "training": {"epochs": 2, "device": "cpu"}}"""


def test_public_names_are_these_sorted_and_there() -> None:
    assert list(logbook.__all__) == sorted(logbook.__all__)
    public = {name for name in vars(logbook) if name[0].isupper() and name not in ("Any", "Path", "TYPE_CHECKING")}
    assert public <= set(logbook.__all__)
    assert all(hasattr(logbook, name) for name in logbook.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'opne'"):
        logbook.opne  # noqa: B018


def test_opening_and_asking_bring_no_torch_along(folder: Path, logbook: Command) -> None:
    (folder / "c.json").write_text(CONFIG)
    assert logbook("run", "c.json").status == 0
    code = (
        "import sys, logbook; run = logbook.open().run('iris');"
        " print(run, len(run.epochs), run.summary.status, run.config['task'], len(run.findings));"
        " assert not sys.modules.keys() & {'torch', 'pandas', 'numpy', 'sqlalchemy'}"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={"PYTHONPATH": f"{root}:{root / 'schemas'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "2 finished classification" in done.stdout


def test_a_network_comes_with_its_preparation(folder: Path, logbook: Command) -> None:
    (folder / "c.json").write_text(CONFIG)
    record = logbook("run", "c.json", "--json").json
    import logbook as library

    book = library.open(folder / ".logbook")
    run = book.run("r1")
    model = run.model("best")
    assert run.end is not None
    assert isinstance(model, library.TrainedModel)
    assert (run.id, model.epoch) == ("r1", record["best"]["epoch"])
    from sklearn.datasets import load_iris

    data = load_iris()
    rows = [one.row for one in run.end.predictions]
    found = model.predict(data.data[rows])
    assert isinstance(found, library.Predictions)
    assert found.values.tolist() == [one.prediction for one in run.end.predictions]
    assert found.probabilities is not None
    assert found.probabilities.shape == (len(rows), 3) == (len(found), len(found.classes))
    assert not model.network.training
    prepared = torch.from_numpy(model.inputs.apply(data.data[rows]))
    outputs = model.network(prepared)
    np.testing.assert_array_equal(outputs.detach().softmax(1).numpy(), found.probabilities)
    again = run.model("last").predict(dict(zip(data.feature_names, data.data[rows].T, strict=True)))
    assert len(again) == len(rows)


def test_other_versions_are_a_warning(folder: Path, logbook: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "c.json").write_text(CONFIG)
    assert logbook("run", "c.json").status == 0
    import logbook as library

    monkeypatch.setattr(torch, "__version__", "99.1")
    with pytest.warns(UserWarning, match=r"r1 was trained with torch .*, this is 99\.1"):
        library.open().run("@").model()


def test_what_is_not_there_is_said(folder: Path, logbook: Command) -> None:
    import logbook as library

    with pytest.raises(NotFoundError, match="no logbook here"):
        library.open()
    (folder / "c.json").write_text(CONFIG)
    assert logbook("run", "c.json").status == 0
    with pytest.raises(NotFoundError, match="r7"):
        library.open().run("r7")
    with pytest.raises(UsageError, match="no checkpoint 'worst'"):
        library.open().run("r1").model("worst")  # type: ignore[arg-type]
