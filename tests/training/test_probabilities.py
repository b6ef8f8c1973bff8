"""Probabilities of classes: what the loss makes of the outputs, and nothing where it makes none of them."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from logbook.training.probabilities import class_probabilities
from logbook_schemas.config.run import RunConfig

THREE = torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])
ONE = torch.tensor([[0.0], [2.0]])


def config(task: str, loss: str, last: str = "none", **model: Any) -> RunConfig:
    source = {"kind": "csv", "path": "x.csv", "target": "y"}
    section = {"kind": "mlp", "output_activation": last, **model}
    return RunConfig.model_validate(
        {"name": "a", "task": task, "data": {"source": source}, "loss": loss, "model": section}
    )


@pytest.mark.parametrize(
    ("settings", "outputs", "expected"),
    [
        (("classification", "cross-entropy"), THREE, THREE.softmax(1)),
        (("classification", "nll", "log-softmax"), THREE.log_softmax(1), THREE.softmax(1)),
        (("classification", "cross-entropy", "softmax"), THREE.softmax(1), THREE.softmax(1)),
        (("classification", "mse"), THREE, None),
        (("binary", "bce-with-logits"), ONE, torch.tensor([[0.5, 0.5], [0.1192, 0.8808]])),
        (("binary", "bce", "sigmoid"), ONE.sigmoid(), torch.tensor([[0.5, 0.5], [0.1192, 0.8808]])),
        (("binary", "cross-entropy"), THREE[:, :2], THREE[:, :2].softmax(1)),
        (("multilabel", "bce-with-logits"), THREE, THREE.sigmoid()),
        (("multilabel", "mse"), THREE, None),
    ],
    ids=str,
)
def test_probabilities_follow_the_loss(settings: Any, outputs: torch.Tensor, expected: torch.Tensor | None) -> None:
    found = class_probabilities(config(*settings), outputs)
    if expected is None:
        assert found is None
    else:
        assert found is not None
        torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)


def test_scaled_outputs_are_no_probabilities() -> None:
    assert class_probabilities(config("multilabel", "mse", "sigmoid", output_scale=3.0), THREE) is None
