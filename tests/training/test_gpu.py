"""Training on an accelerator: the same loop, the same promises. Skips itself where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from logbook.training.data import load_data
from logbook.training.state import Job
from logbook.training.trainer import prepare, train
from logbook_schemas.records.measures import EndRecord
from tests.training.test_trainer import Sink, config_of, losses

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")]


def run(
    folder: Path, changes: dict[str, object], *, sink: Sink | None = None, resume: bool = False
) -> tuple[Sink, EndRecord]:
    training = {"epochs": 4, "device": "cuda", **changes.get("training", {})}  # type: ignore[dict-item]
    config = config_of({**changes, "training": training})
    device = torch.device("cuda")
    job = Job(
        config=config,
        loaded=load_data(config, folder).to(device),
        folder=folder,
        checkpoints=folder / "c",
        device=device,
    )
    sink = sink or Sink()
    return sink, train(prepare(job), sink, resume=resume)


def test_digits_are_learnt_on_the_gpu(tmp_path: Path) -> None:
    sink, end = run(tmp_path, {"optimizer": {"kind": "adam", "lr": 0.003}})
    assert end.status == "finished"
    assert sink.epochs[-1].metrics["accuracy"] > 0.9


def test_resuming_on_the_gpu_ends_at_the_same_weights(tmp_path: Path) -> None:
    whole, uninterrupted = run(tmp_path / "whole", {"model": {"dropout": 0.2}})
    first, _ = run(tmp_path / "parts", {"model": {"dropout": 0.2}}, sink=Sink(stop_in_epoch=3))
    second, resumed = run(tmp_path / "parts", {"model": {"dropout": 0.2}}, resume=True)
    assert losses(first) + losses(second) == losses(whole)
    assert resumed.weights_hash == uninterrupted.weights_hash


def test_an_explosion_on_the_gpu_is_found_at_its_step_and_layer(tmp_path: Path) -> None:
    _, end = run(tmp_path, {"optimizer": {"kind": "sgd", "lr": 1e20}})
    assert end.status == "diverged"
    assert end.nonfinite_step is not None
    assert end.nonfinite_layer is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"training": {"precision": "float16", "weight_average": {"kind": "exponential", "decay": 0.9}}},
        {"gradients": {"accumulation": 2, "renormalize": "layer", "clip": {"kind": "norm", "per": "layer"}}},
        {"loss": {"kind": "cross-entropy", "class_weights": "balanced"}, "gradients": {"accumulation": 2}},
        {"optimizer": "lbfgs", "training": {"epochs": 10}},
        {"optimizer": "conjugate-gradient", "training": {"epochs": 10}},
        {"optimizer": {"kind": "padam", "lr": 0.05}},
        {"training": {"compile": True}},
    ],
    ids=str,
)
def test_every_option_learns_the_digits_on_the_gpu(tmp_path: Path, changes: dict[str, object]) -> None:
    sink, end = run(tmp_path, {"optimizer": {"kind": "adam", "lr": 0.003}, **changes})
    assert end.status == "finished"
    assert sink.epochs[-1].metrics["accuracy"] > 0.85
