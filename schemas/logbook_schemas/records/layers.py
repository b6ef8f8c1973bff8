"""One layer of a network at one moment: weights, gradients, updates, activations. Defaults as in `measures`."""

from __future__ import annotations

from pydantic import Field

from logbook_schemas.records.base import Record

__all__ = ["LayerRecord"]


class LayerRecord(Record):
    """One layer at one moment. `name` is its path in the module tree; norms are 2-norms over the layer.

    Gradients and updates are of a few steps spread over the epoch: medians over them, unless said otherwise. A record
    named `fc1 (activation)` is of what a person's own forward does to the outputs of `fc1` without a module.
    """

    name: str
    kind: str = ""
    order: int | None = Field(None, description="place among the calls of one forward pass, from 0; None: never called")
    parameters: int = 0
    fan_in: int | None = Field(None, description="inputs of one unit; None for what has no matrix of weights")
    channels: int | None = Field(None, description="channels of the pictures that a convolution takes")
    weight_norm: float | None = None
    weight_std: float | None = Field(None, description="of the matrix of weights, biases apart; so are the next ones")
    weight_abs_mean: float | None = None
    weight_zero_share: float | None = Field(None, description="share of weights that are exactly 0")
    weight_nonfinite: int | None = Field(None, description="parameters of the layer that are NaN or infinite")
    weight_variance_ratio: float | None = Field(
        None, description="std over that of he, xavier or lecun, whichever is nearest; 1 where it lies between them"
    )
    bias_max: float | None = Field(None, description="largest absolute bias")
    identical_units: float | None = Field(None, description="share of units whose weights another one has too (start)")
    identical_gradients: float | None = Field(None, description="the same of the gradients of those weights (start)")
    frozen_reach: float | None = Field(
        None, description="of frozen weights: the largest over 1/√fan_in, within which torch draws them (start)"
    )
    gradient_norm: float | None = None
    gradient_abs_mean: float | None = None
    gradient_zero_share: float | None = Field(None, description="mean over the sampled steps; 1 where always all are 0")
    gradient_nonfinite: int | None = Field(None, description="entries that are NaN or infinite, over all sampled steps")
    update_ratio: float | None = Field(
        None, description="norm of a step's update over norm of the weights; median over the sampled steps"
    )
    activation_mean: float | None = None
    activation_std: float | None = None
    unit_std: float | None = Field(None, description="deviation of a unit from row to row, root mean square over units")
    time_growth: float | None = Field(
        None, description="state of a recurrent layer at the last step of a sequence over that at the first (start)"
    )
    zero_share: float | None = Field(None, description="share of outputs that are exactly 0")
    dead_share: float | None = Field(None, description="share of units that are 0 on every probe row")
    saturated_share: float | None = Field(
        None, description="share of outputs within 1 % of a bound of the activation; hidden layers only"
    )
    constant_share: float | None = Field(None, description="share of units that say the same on every probe row")
    input_std: float | None = Field(
        None, description="deviation of what a normalization layer is given; at the start, of any layer with a matrix"
    )
    input_unit_std: float | None = Field(None, description="unit_std of what a layer with a matrix is given (start)")
