"""One layer of a network at one moment: weights, gradients, updates, activations. Defaults as in `measures`."""

from __future__ import annotations

from pydantic import Field

from logbook_schemas.records.base import Record

__all__ = ["LayerRecord"]


class LayerRecord(Record):
    """One layer at one moment. `name` is its path in the module tree; norms are 2-norms over the layer."""

    name: str
    kind: str = ""
    parameters: int = 0
    weight_norm: float | None = None
    weight_std: float | None = None
    gradient_norm: float | None = None
    gradient_zero_share: float | None = None
    update_ratio: float | None = Field(None, description="norm of one step's update over norm of the weights")
    activation_mean: float | None = None
    activation_std: float | None = None
    zero_share: float | None = Field(None, description="share of outputs that are exactly 0")
    dead_share: float | None = Field(None, description="share of units that are 0 on every probe row")
