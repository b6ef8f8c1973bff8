"""Datasets that are streamed are judged by the sample that was read of them."""

import pytest

from tests.checks import programs
from tests.checks.data.columns import RAW

MODULE = """
import torch
from torch import nn
from torch.utils.data import TensorDataset

def data(tokens, shift=0.0):
    generator = torch.Generator().manual_seed(0)
    x = torch.randint(0, 300, (200, 6), generator=generator) if tokens else torch.randn(200, 6, generator=generator)
    y = (x.sum(1) > x.sum(1).float().mean()).long()
    return {"train": TensorDataset(x[:150], y[:150]), "validation": TensorDataset(x[150:] + int(shift), y[150:])}

def model(tokens):
    return nn.Sequential(nn.Embedding(300, 4), nn.Flatten(), nn.Linear(24, 2)) if tokens else nn.Linear(6, 2)
"""


@pytest.mark.parametrize("tokens", [True, False])
def test_a_healthy_dataset_raises_no_warning(tmp_path, tokens):
    data = {"source": programs.own("data", tokens=tokens), "inputs": []}
    config = RAW | {"data": data, "model": programs.own("model", tokens=tokens)}
    assert programs.told(programs.check(tmp_path, config, MODULE)) == []


def test_a_dataset_whose_validation_is_in_other_units_is_told(tmp_path):
    data = {"source": programs.own("data", tokens=False, shift=50.0), "inputs": []}
    config = RAW | {"data": data, "model": programs.own("model", tokens=False)}
    first, *_ = programs.check(tmp_path, config, MODULE)
    assert (first.name, first.severity) == ("validation-scaled-apart", "error")
