"""`importance`: which settings go with the result, over the runs of a search."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.cli.books import add_run, logbook

RATES = (1e-4, 1e-3, 1e-2, 1e-1)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A logbook of 24 runs in which the learning rate decides, the seed doesn't, and two rates of 1 diverged."""
    folder = tmp_path_factory.mktemp("importance")
    book = folder / ".logbook"
    for place, lr in enumerate(RATES):
        for seed in range(5):
            loss = 0.1 + 0.2 * place + 0.01 * ((seed * 7 + place * 3) % 5)
            add_run(book, losses=(1.0, loss), optimizer={"kind": "adam", "lr": lr}, training={"seed": seed})
    for seed in (5, 6):
        sgd = {"kind": "adam", "lr": 1.0}
        add_run(book, losses=(float("nan"),), status="diverged", optimizer=sgd, training={"seed": seed})
    add_run(book, losses=(), status="failed", optimizer={"kind": "adam", "lr": 1e-5})
    add_run(book, losses=(1.0, 0.5), name="other", tags=["odd"])
    return folder


def asked(*arguments: str, cwd: Path) -> Any:
    done = logbook("importance", *arguments, "--json", cwd=cwd)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_setting_that_decides_is_first_with_its_runs(home: Path) -> None:
    found = asked("name=digits-mlp", cwd=home)
    assert (found["metric"], found["mode"], found["runs"], found["diverged"], found["left_out"]) == (
        *("val_loss", "min"), 22, 2, 1,
    )  # fmt: skip
    rate, seed = found["influences"]
    assert (rate["paths"], rate["direction"], rate["is_clear"], rate["runs"], rate["values"]) == (
        *(["optimizer.lr"], "lower"), True, 22, 5,
    )  # fmt: skip
    assert (rate["best"], rate["worst"], rate["worst_result"]) == (1e-4, 1.0, None)
    assert (seed["paths"], seed["is_clear"]) == (["training.seed"], False)
    assert "model.kind" in found["same"]
    text = logbook("importance", "name=digits-mlp", cwd=home).stdout
    assert "val_loss at its best (lower is better) over 22 runs, 2 of them diverged and count as the worst" in text
    assert "may be chance:" in text
    assert "diverged" in text.splitlines()[-1] or "diverged" in text


def test_another_metric_has_its_own_direction(home: Path) -> None:
    assert asked("--metric", "accuracy", cwd=home)["mode"] == "max"
    assert asked("--metric", "train_loss", cwd=home)["mode"] == "min"
    assert asked("--metric", "accuracy.last", cwd=home)["mode"] == "max"
    assert asked("--metric", "seconds", cwd=home)["mode"] == "min"


@pytest.mark.parametrize("metric", ["val_loss.last", "val_loss.best", "val_loss@2", "best"])
def test_a_metric_at_a_moment_keeps_its_direction(home: Path, metric: str) -> None:
    found = asked("name=digits-mlp", "--metric", metric, cwd=home)
    assert (found["mode"], found["influences"][0]["best"]) == ("min", 1e-4)
    said = logbook("importance", "name=digits-mlp", "--metric", metric, cwd=home).stdout.splitlines()[0]
    assert said.startswith("val_loss at its best (lower" if metric == "best" else f"{metric} (lower is better)")


def test_a_metric_of_ones_own_says_its_direction_itself(tmp_path: Path) -> None:
    """A real training: a number that is better where it is smaller, and that nothing monitors."""
    (tmp_path / "own_metric.py").write_text(
        "class Miss:\n    mode = 'min'\n\n    def __call__(self, outputs, targets):\n"
        "        return float((outputs.argmax(1) != targets).float().mean())\n\n\ndef miss():\n    return Miss()\n"
    )
    config = {
        "name": "iris",
        "data": {"source": {"kind": "sklearn", "dataset": "iris"}},
        "metrics": ["accuracy", {"kind": "python", "target": "own_metric:miss"}],
        "training": {"epochs": 1, "device": "cpu"},
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert logbook("run", "config.json", "--quiet", cwd=tmp_path).returncode == 0
    assert asked("--metric", "miss", cwd=tmp_path)["mode"] == "min"
    assert asked("--metric", "miss.last", cwd=tmp_path)["mode"] == "min"


def test_a_forest_looks_at_the_settings_together(home: Path) -> None:
    found = asked("name=digits-mlp", "--forest", cwd=home)
    assert found["forest_score"] > 0.5
    rate, seed = found["influences"]
    assert rate["forest"] > 5 * seed["forest"]


def test_csv_and_the_documented_schema(home: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(logbook("importance", "name=digits-mlp", "--csv", cwd=home).stdout)))
    assert rows[0]["setting"] == "optimizer.lr"
    assert float(rows[0]["strength"]) > 0.9
    schema = json.loads(logbook("schema", "importance", cwd=home).stdout)
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(asked(cwd=home))) == []


def test_what_is_on_no_common_scale_is_remarked_on(tmp_path: Path) -> None:
    for loss in (0.1, 0.2, 0.3):
        add_run(tmp_path / ".logbook", losses=(loss,))
    assert asked(cwd=tmp_path)["remarks"] == []
    add_run(tmp_path / ".logbook", losses=(50.0,), data={"source": {"kind": "sklearn", "dataset": "wine"}})
    (told,) = asked(cwd=tmp_path)["remarks"]
    assert told.startswith(
        "the runs are of 2 tasks or data, whose val_loss is on no common scale; 3 of them are those of "
    )
    query = told.split("those of ")[1]
    assert asked(*query.split(), cwd=tmp_path)["runs"] == 3
    assert logbook("importance", cwd=tmp_path).stderr == f"{told}\n"


def test_a_query_that_finds_nothing_says_why(home: Path) -> None:
    assert asked("name=digits-mpl", cwd=home)["remarks"] == [
        "no run matches",
        "no run has the name 'digits-mpl'; did you mean 'digits-mlp'?",
    ]


def test_one_run_is_spoken_of_as_one(tmp_path: Path) -> None:
    add_run(tmp_path / ".logbook", losses=(float("nan"),), status="diverged")
    add_run(tmp_path / ".logbook", losses=(), status="failed")
    said = logbook("importance", cwd=tmp_path).stdout
    assert "over 1 run, 1 of them diverged and counts as the worst; 1 without a result is left out" in said


def test_too_few_runs_say_nothing(home: Path) -> None:
    assert "nothing can be said" in logbook("importance", "name=other", cwd=home).stdout
    done = logbook("importance", "name=other", "--forest", cwd=home)
    assert done.returncode == 2
    assert "a forest needs 20 runs" in done.stderr


def test_what_can_not_be_meant_is_wrong_use(home: Path) -> None:
    for arguments, said in (
        (("optimizer.lrr<1",), "optimizer.lr"),
        (("--metric", "accuracyy"), "accuracy"),
        (("--metric", "optimizer.kind"), "optimizer.kind is no metric: it is a setting"),
        (("--metric", "lr"), "lr is no metric: it is a setting"),
        (("--metric", "outcome"), "outcome is no metric: it is no number that was measured"),
    ):
        done = logbook("importance", *arguments, cwd=home)
        assert done.returncode == 2, done.stdout
        assert said in done.stderr
