"""An average of the weights beside the weights that are trained: torch's own, as the config asks for it."""

from __future__ import annotations

from typing import assert_never

from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from logbook.errors import ConfigError
from logbook_schemas.config.training import ExponentialAverage, NoAverage, WeightAverage

__all__ = ["averaged"]


def averaged(model: nn.Module, section: WeightAverage) -> AveragedModel | None:
    """Return a copy of the model that averages its weights and buffers, from the first step on; None for no average.

    Raises ConfigError for a model that can't be copied.
    """
    match section:
        case NoAverage():
            return None
        case ExponentialAverage():
            average = get_ema_multi_avg_fn(section.decay)  # type: ignore[no-untyped-call]
        case _:
            assert_never(section)
    try:
        return AveragedModel(model, multi_avg_fn=average, use_buffers=True)
    except Exception as error:  # whatever copying a person's own module raises
        raise ConfigError(
            f"training.weight_average needs a copy of the model, and {type(model).__name__} can't be copied:"
            f" {type(error).__name__}: {error}"
        ) from error
