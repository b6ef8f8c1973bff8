"""`plot` and `compare --plot`: real runs drawn into files, nothing left out in silence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.books import add_run, logbook, make_book
from tests.training.trainings import own_module

PNG = b"\x89PNG\r\n\x1a\n"
DIGITS = {
    "name": "digits",
    "data": {"source": {"kind": "sklearn", "dataset": "digits"}, "limit": 200},
    "model": {"kind": "mlp", "hidden": [16]},
    "training": {"epochs": 3, "device": "cpu"},
}
DIABETES = {
    "name": "diabetes",
    "task": "regression",
    "data": {
        "source": {"kind": "sklearn", "dataset": "diabetes"},
        "targets": ["standardize"],
        "inputs": ["standardize"],
    },
    "model": {"kind": "mlp", "hidden": [16]},
    "training": {"epochs": 3, "device": "cpu"},
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A logbook of two real runs: r1 a classification, r2 a regression."""
    folder = tmp_path_factory.mktemp("plots")
    for name, config in (("digits", DIGITS), ("diabetes", DIABETES)):
        (folder / f"{name}.json").write_text(json.dumps(config))
        done = logbook("run", f"{name}.json", "--quiet", cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder


def drawn(*arguments: str, cwd: Path) -> Any:
    done = logbook("plot", *arguments, "--json", cwd=cwd)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_run_is_drawn_with_all_that_it_recorded(home: Path) -> None:
    found = drawn("r1", cwd=home)
    assert found["file"] == "r1.png"
    assert (home / "r1.png").read_bytes().startswith(PNG)
    assert found["pictures"] == [
        *("losses", "metrics", "learning-rate", "gradient", "time"),
        *("gradients", "updates", "weights", "units", "confusion", "first-images", "worst-images"),
    ]
    assert drawn("r2", cwd=home)["pictures"][-2:] == ["units", "predictions"]


def test_an_svg_has_its_words_as_text_and_is_the_same_each_time(home: Path) -> None:
    drawn("r1", "--what", "losses,confusion", "-o", "a.svg", cwd=home)
    drawn("r1", "--what", "losses,confusion", "-o", "b.svg", cwd=home)
    text = (home / "a.svg").read_text(encoding="utf-8")
    assert text == (home / "b.svg").read_text(encoding="utf-8")
    for word in ("validation", "Confusion", "recorded validation rows", "digits@1"):
        assert word in text


def test_several_runs_are_drawn_on_common_axes(home: Path) -> None:
    found = drawn("r1", "r2", "-o", "both.svg", cwd=home)
    assert found["pictures"][0] == "losses"
    assert "gradients" not in found["pictures"]
    text = (home / "both.svg").read_text(encoding="utf-8")
    assert "r1 train" in text
    assert "r2 validation" in text


def test_many_runs_have_one_legend_and_a_short_title(tmp_path: Path) -> None:
    for place in range(12):
        add_run(tmp_path / ".logbook", losses=(1.0, 0.5 + place / 100))
    runs = [f"r{number}" for number in range(1, 13)]
    done = logbook("plot", *runs, "-o", "many.svg", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (0, 1), "no warning, one line"
    text = (tmp_path / "many.svg").read_text()
    assert [text.count(f">{run}<") for run in runs] == [1] * 12
    assert "r4 " in text
    assert "and 8 more" in text
    assert "r5 " not in text
    assert "loss (training dashed)" in text


def test_compare_draws_too(home: Path) -> None:
    done = logbook("compare", "r1", "r2", "--plot", "curves.png", cwd=home)
    assert done.returncode == 0, done.stderr
    assert "curves.png is written" in done.stderr
    assert (home / "curves.png").read_bytes().startswith(PNG)


def test_a_loss_that_is_not_finite_is_marked_and_counted(tmp_path: Path) -> None:
    make_book(tmp_path / ".logbook")
    drawn("r3", "--what", "losses", "-o", "r3.svg", cwd=tmp_path)
    text = (tmp_path / "r3.svg").read_text(encoding="utf-8")
    assert "not finite" in text
    assert "validation: 1" in text


def test_what_a_logarithmic_axis_has_no_place_for_is_said(tmp_path: Path) -> None:
    add_run(tmp_path / ".logbook", losses=(1.0, 0.5, 0.0))
    drawn("r1", "--what", "losses", "--log", "-o", "log.svg", cwd=tmp_path)
    assert "not above 0 (train: 1; validation: 1)" in (tmp_path / "log.svg").read_text(encoding="utf-8")
    drawn("r1", "--what", "losses", "--linear", "-o", "linear.svg", cwd=tmp_path)
    assert "not above 0" not in (tmp_path / "linear.svg").read_text(encoding="utf-8")


def test_a_single_epoch_is_a_whole_one(tmp_path: Path) -> None:
    add_run(tmp_path / ".logbook", losses=(5.0,))
    drawn("r1", "--what", "losses", "-o", "r1.svg", cwd=tmp_path)
    assert "0.96" not in (tmp_path / "r1.svg").read_text(encoding="utf-8")


OWN = """
import torch
from torch import nn


def frozen(output_size):
    dead = nn.Linear(4, 4)
    nn.init.zeros_(dead.weight).requires_grad_(False)
    return nn.Sequential(nn.Linear(10, 4), nn.Tanh(), dead, nn.Tanh(), nn.Linear(4, output_size))


class Lost(nn.Module):
    def __init__(self):
        super().__init__()
        self.output = nn.Linear(10, 1)

    def forward(self, inputs):
        outputs = self.output(inputs)
        return outputs if self.training else torch.cat([outputs[:1] * torch.nan, outputs[1:]])


def lost():
    return Lost()


def forgiving():
    return lambda outputs, targets: (outputs - targets)[~outputs.isnan()].square().mean()
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A logbook of two runs of own networks: r1 with a layer of zeros, r2 that says NaN of one validation row."""
    folder = tmp_path_factory.mktemp("own")
    own_module(folder, "own_for_plot", OWN)
    loss = {"kind": "python", "target": "own_for_plot:forgiving"}
    for name, more in (("frozen", {}), ("lost", {"loss": loss})):
        model = {"kind": "python", "target": f"own_for_plot:{name}"}
        (folder / f"{name}.json").write_text(json.dumps({**DIABETES, "name": name, "model": model, **more}))
        done = logbook("run", f"{name}.json", "--quiet", "--force", cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder


def test_weights_without_variance_are_marked_on_a_logarithmic_axis(own: Path) -> None:
    drawn("r1", "--what", "weights", "-o", "log.svg", cwd=own)
    assert "x: not finite, or not above 0 (3)" in (own / "log.svg").read_text(encoding="utf-8")
    drawn("r1", "--what", "weights", "--linear", "-o", "linear.svg", cwd=own)
    assert "x: not" not in (own / "linear.svg").read_text(encoding="utf-8")


def test_predictions_that_are_not_finite_are_counted(own: Path) -> None:
    drawn("r2", "--what", "predictions", "-o", "r2.svg", cwd=own)
    assert "87 recorded validation values, 1 more not finite" in (own / "r2.svg").read_text(encoding="utf-8")


def test_names_are_drawn_as_they_are_written(tmp_path: Path) -> None:
    add_run(tmp_path / ".logbook", losses=(1.0, 0.5), name="cost-in-dollars", source="x = 1")
    drawn("r1", "--what", "losses", "-o", "r1.svg", cwd=tmp_path)
    text = (tmp_path / "r1.svg").read_text(encoding="utf-8")
    assert "cost-in-dollars@1" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("r1", "--what", "loses"), "did you mean 'losses'?"),
        (("r1", "--what", "predictions"), "r1 recorded nothing that predictions could show"),
        (("r2", "--what", "worst-images"), "r2 recorded nothing that worst-images could show"),
        (("r1", "--what", "worst-image"), "did you mean 'worst-images'?"),
        (("r1", "r2", "--what", "confusion"), "a picture of one run"),
        (("r1", "-o", "r1.gif"), "neither a .png nor a .svg"),
        (("r1", "-o", "nowhere/r1.png"), "can't be written"),
        (("r1", "--log", "--linear"), "exclude each other"),
    ],
)
def test_what_can_not_be_drawn_is_wrong_use(home: Path, arguments: tuple[str, ...], said: str) -> None:
    done = logbook("plot", *arguments, cwd=home)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr


def test_a_run_without_an_epoch_has_nothing_to_draw(tmp_path: Path) -> None:
    add_run(tmp_path / ".logbook", losses=(), status="failed")
    done = logbook("plot", "r1", cwd=tmp_path)
    assert done.returncode == 2
    assert "recorded no epoch" in done.stderr
