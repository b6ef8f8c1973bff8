"""Networks from a model section alone, for the tests of networks."""

from __future__ import annotations

from typing import Any

from torch import nn

from logbook.training.models import build_model
from logbook_schemas.config.run import RunConfig

FLAT, IMAGE = (20,), (1, 8, 8)


def a_model(
    section: Any,
    *,
    input_shape: tuple[int, ...] = FLAT,
    output_size: int = 10,
    folder: Any = None,
    seed: int = 0,
    **sections: Any,
) -> nn.Module:
    """Return the network of a model section; `sections` are other parts of its config."""
    data = {"source": {"kind": "npz", "path": "x.npz"}}
    base = {"name": "a", "task": "classification", "data": data, "model": section}
    config = RunConfig.model_validate({**base, **sections})
    return build_model(config, input_shape=input_shape, output_size=output_size, folder=folder, generator_seed=seed)


def modules_of(model: nn.Module) -> list[str]:
    return [name for name, module in model.named_modules() if name and not list(module.children())]
