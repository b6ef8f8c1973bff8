"""`plot` of runs on images: the first validation examples and the worst ones, true to the data, which may be gone."""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn.datasets
from PIL import Image

import logbook as python_api
from logbook.store.verify import verify
from logbook.training.data import load_data
from logbook_schemas.config.run import RunConfig
from tests.cli.books import ROOT, logbook
from tests.training.trainings import own_module

CPU = {"epochs": 2, "device": "cpu"}
DIGITS: dict[str, Any] = {
    "name": "digits",
    "data": {"source": {"kind": "sklearn", "dataset": "digits"}, "inputs": [{"kind": "standardize", "per": "whole"}]},
    "model": {"kind": "cnn", "channels": [4], "hidden": []},
    "training": CPU,
}
OWN = """
import numpy as np
import torch
from torch import nn


def colors(rows=60, lost=False):
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 3, rows)
    inputs = rng.integers(0, 100, (rows, 3, 80, 100)).astype(np.float32)
    for row, color in enumerate(targets):
        inputs[row, color] += 155
    if lost:
        inputs[:, 0, 0, 0] = np.nan
    return inputs, np.array(["red", "a green that has a very long name", "blue"])[targets]


class Net(nn.Module):
    def __init__(self, output_size):
        super().__init__()
        self.output = nn.Linear(3, output_size)

    def forward(self, inputs):
        return self.output(torch.nan_to_num(inputs).mean((2, 3)) / 100)


def net(output_size):
    return Net(output_size)
"""


def run(folder: Path, config: dict[str, Any], *more: str) -> None:
    (folder / "run.json").write_text(json.dumps(config))
    done = logbook("run", "run.json", "--quiet", "--force", *more, cwd=folder)
    assert done.returncode == 0, done.stderr


def plotted(folder: Path, *arguments: str) -> Any:
    done = logbook("plot", *arguments, "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def svg(folder: Path, what: str) -> str:
    plotted(folder, "@", "--what", what, "-o", "drawn.svg")
    return (folder / "drawn.svg").read_text(encoding="utf-8")


def images(folder: Path) -> Any:
    done = logbook("show", "@", "--json", cwd=folder)
    return json.loads(done.stdout)["end"]["images"]


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("digits")
    run(folder, DIGITS)
    return folder


def test_the_worst_are_those_of_the_highest_loss(digits: Path) -> None:
    loaded = load_data(RunConfig.model_validate_json(json.dumps(DIGITS)), digits)
    assert loaded.validation is not None
    rows = np.asarray(loaded.validation.rows)
    bunch: Any = sklearn.datasets.load_digits()
    model = python_api.open(digits / ".logbook").run("r1").model("best")
    said = model.predict(bunch.data[rows].reshape(-1, 1, 8, 8).astype(np.float32))
    assert said.probabilities is not None
    losses = -np.log(said.probabilities[np.arange(len(rows)), bunch.target[rows]])
    naive = np.argsort(-losses)[:8]
    found = images(digits)
    assert [one["row"] for one in found["worst"]] == rows[naive].tolist()
    assert [one["loss"] for one in found["worst"]] == pytest.approx(losses[naive].tolist(), rel=1e-4)
    assert [one["target"] for one in found["worst"]] == [str(target) for target in bunch.target[rows][naive]]
    assert [one["prediction"] for one in found["worst"]] == [str(one) for one in said.values[naive]]
    assert [one["row"] for one in found["first"]] == rows[:8].tolist()
    assert (found["rows"], found["of"]) == (len(rows), len(rows))


def test_what_is_drawn_are_the_pixels_of_the_data(digits: Path) -> None:
    bunch: Any = sklearn.datasets.load_digits()
    for what, key in (("first-images", "first"), ("worst-images", "worst")):
        text = svg(digits, what)
        drawn = re.findall(r"data:image/png;base64,([^\"]+)\"", text)
        kept = images(digits)[key]
        assert len(drawn) == len(kept) == 8
        at_row = {row["row"]: bunch.images[row["row"]] for row in kept}
        for coded, row in zip(drawn, kept, strict=True):
            pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(coded))).convert("L")).astype(float)
            middles = ((np.arange(8) + 0.5) * len(pixels) / 8).astype(int)
            # An SVG of matplotlib's may hold its images upside down and turn them as they are drawn.
            small = pixels[middles][:, middles]
            wanted = at_row[row["row"]] * 255 / 16
            assert min(np.abs(small - wanted).max(), np.abs(small[::-1] - wanted).max()) <= 1


def test_rows_labels_losses_and_ranges_stand_below_the_images(digits: Path) -> None:
    text = svg(digits, "worst-images")
    worst = images(digits)["worst"][0]
    for line in (
        f"row {worst['row']}, loss {worst['loss']:.3g}",
        f"is {worst['target']}, said {worst['prediction']}",
        "0 to 16",
        "values as loaded: black 0, white 16",
        "one scale for all images",
    ):
        assert line in text
    assert "the network sees the same picture: -0.8" in svg(digits, "first-images")


def test_what_the_network_sees_is_drawn_where_it_is_another_picture(tmp_path: Path) -> None:
    run(tmp_path, DIGITS, "--set", 'data.inputs=[{"kind": "standardize", "per": "feature"}]')
    assert "seen-images" in plotted(tmp_path, "r1")["pictures"]
    seen = {one["name"]: one for one in images(tmp_path)["layers"]}["seen"]
    assert f"values as the network sees them: black {seen['low']:.4g}, white {seen['high']:.4g}" in svg(
        tmp_path, "seen-images"
    )
    assert f"the network sees another picture (seen-images): {seen['low']:.4g}" in svg(tmp_path, "first-images")
    # A squash can't be undone: what is kept is what the network saw.
    run(tmp_path, DIGITS, "--set", 'data.inputs=[{"kind": "tanh-squash", "c": 8}]')
    assert [one["name"] for one in images(tmp_path)["layers"]] == ["seen"]
    assert "values as the network sees them: black 0" in svg(tmp_path, "first-images")


def test_colours_large_images_and_values_that_are_not_finite_are_said(tmp_path: Path) -> None:
    own_module(tmp_path, "colors_for_plot", OWN)
    config = {
        "name": "colors",
        "task": "classification",
        "data": {"source": {"kind": "python", "target": "colors_for_plot:colors"}},
        "model": {"kind": "python", "target": "colors_for_plot:net"},
        "training": CPU,
    }
    run(tmp_path, config)
    found = images(tmp_path)
    assert (found["shape"], found["size"]) == ([3, 51, 64], [80, 100])
    text = svg(tmp_path, "first-images")
    assert "values as loaded: 0 (dark) to 254 (bright) in each channel" in text
    assert "80 x 100 pixels averaged to 51 x 64" in text
    assert "a green that has a ve…" in text.replace("is ", "").replace("said ", "")
    assert "not finite" not in text
    run(tmp_path, config, "--set", "data.source.kwargs.lost=true")
    assert all(one["nonfinite"] == 1 for one in images(tmp_path)["first"])
    assert "0 to 254, 1 not finite" in (text := svg(tmp_path, "first-images"))
    assert "magenta: not finite" in text


def test_images_are_drawn_when_the_data_are_gone(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "images" / "stripes", tmp_path / "stripes")
    source = {"kind": "images", "path": "stripes", "channels": 1, "size": [8, 8]}
    run(tmp_path, {**DIGITS, "data": {"source": source, "split": {"validation": 0.25}}})
    shutil.rmtree(tmp_path / "stripes")
    assert {"first-images", "worst-images"} <= set(plotted(tmp_path, "r1")["pictures"])
    assert verify(tmp_path / ".logbook") == []


def test_reconstructions_stand_below_what_they_are_of(tmp_path: Path) -> None:
    config = {**DIGITS, "task": "reconstruction", "model": {"kind": "autoencoder", "hidden": [16], "bottleneck": 4}}
    run(tmp_path, config)
    assert "reconstructions" in plotted(tmp_path, "r1")["pictures"]
    text = svg(tmp_path, "reconstructions")
    assert len(re.findall(r"data:image/png;base64,", text)) == 8
    row = images(tmp_path)["worst"][0]
    assert f"row {row['row']}, reconstructed" in text
    assert row["target"] is None


def test_a_run_that_diverged_is_drawn_without_images(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps({**DIGITS, "optimizer": {"kind": "sgd", "lr": 1e20}}))
    assert logbook("run", "run.json", "--quiet", "--force", cwd=tmp_path).returncode == 1
    assert plotted(tmp_path, "r1")["pictures"][0] == "losses"
    done = logbook("plot", "r1", "--what", "worst-images", cwd=tmp_path)
    assert done.returncode == 2
    assert "r1 recorded nothing that worst-images could show" in done.stderr


def test_a_report_holds_the_images(digits: Path) -> None:
    assert logbook("report", "r1", "-o", "r1.html", cwd=digits).returncode == 0
    page = (digits / "r1.html").read_text(encoding="utf-8")
    (picture,) = re.findall(r"data:image/svg\+xml;base64,([^\"]+)", page)
    assert "Validation images of the highest loss" in base64.b64decode(picture).decode()
