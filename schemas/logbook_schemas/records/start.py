"""The untrained model on its first batch. Defaults as in `measures`."""

from __future__ import annotations

from pydantic import Field

from logbook_schemas.records.base import Record
from logbook_schemas.records.data import ArrayRecord
from logbook_schemas.records.layers import LayerRecord

__all__ = ["LossRecord", "OptimizerRecord", "OutputRecord", "StartRecord", "StructureRecord"]


class LossRecord(Record):
    """How the loss behaves, called with outputs that are made up and with those of the untrained model."""

    takes: str = Field("", description="logits, log-probabilities, probabilities or values; empty where it isn't clear")
    like: str = Field("", description="the known loss that it equals but for a factor, such as cross-entropy")
    factor: float | None = Field(None, description="that factor; below 0 for a loss with its sign turned round")
    error: str = Field("", description="why it can't be computed on the first batch")
    detached: str = Field("", description="loss or model: what ends the way back from the loss to the parameters")
    zero_gradient: bool | None = Field(None, description="its gradient is exactly 0 at every output")
    rising_share: float | None = Field(None, description="share of rows that lose more the nearer they are to targets")
    doubling: float | None = Field(None, description="loss of the batch twice over, over that of the batch")
    as_called: float | None = Field(None, description="of a few rows")
    in_one_shape: float | None = Field(None, description="the same with the targets in the shape of the outputs")
    by_example: float | None = Field(None, description="the mean of its values for each of these rows alone")
    each_with_each: tuple[float, ...] = Field(
        (), description="of a few rows: as called, the mean over rows, the mean over outputs and targets of any two"
    )
    normalizes_batch: bool | None = Field(None, description="adding a number to a whole column changes nothing")
    indifferent: bool = Field(False, description="the same number, whatever the outputs are")


class OutputRecord(Record):
    """How the model's outputs behave in evaluation mode. Relative numbers are over the largest output."""

    spread: float | None = Field(None, description="largest difference between two rows, relative")
    ignores_inputs: bool | None = Field(None, description="rows are alike, whatever the weights are")
    mixing: float | None = Field(None, description="change of one row's outputs as the other rows change, relative")
    batch_statistics: bool = Field(False, description="a normalization uses the batch's statistics in evaluation too")
    columns_sum_to_one: bool | None = Field(
        None, description="each column, or the exp of each, sums to 1 over the rows"
    )
    logs_of_probabilities: bool | None = Field(None, description="logarithms of probabilities: rows of exp sum to 1")
    low: float | None = Field(None, description="what no output falls below, whatever the weights; None: no bound")
    high: float | None = Field(None, description="what no output exceeds, whatever the weights; None: no bound")
    constant: float | None = Field(None, description="the one value that all outputs have, whatever the weights")
    share_at_bound: float | None = Field(None, description="share of outputs that are exactly `low` or `high`")
    columns_at_bound: float | None = Field(None, description="share of columns that are so in every row")
    randomness: float | None = Field(None, description="change from one pass to the next of the same rows, relative")
    random_calls: tuple[str, ...] = Field((), description="torch's random functions that were called meanwhile")
    left_training: tuple[str, ...] = Field((), description="dropout and normalization that stay in training mode")
    affine_defect: float | None = Field(None, description="how far from affine the outputs are, over their deviation")
    weight_layers: int = Field(0, description="modules with a matrix or filters of their own that were called")
    target_low: float | None = None
    target_high: float | None = None
    targets_outside: float | None = Field(None, description="share of the targets outside of `low` and `high`")
    beyond: float | None = Field(None, description="root mean square of target - output, over that of outputs or 1")
    loss_at_mean: float | None = Field(None, description="initial loss where each input is its mean over the batch")


class StructureRecord(Record):
    """How the network is put together, as its forward passes show it."""

    narrow: dict[str, int] = Field(
        {}, description="units of hidden layers without which the outputs are the same for every row; up to 8"
    )
    unbiased: bool | None = Field(None, description="no layer has a bias; None where something is normalized")
    dropped_outputs: float | None = Field(None, description="share of outputs that only in training are exactly 0")
    dropped_normalizations: dict[str, float] = Field(
        {}, description="batch normalizations that are given what dropout left, and its probability of dropping"
    )
    normalized_by_rows: tuple[str, ...] = Field(
        (), description="batch normalizations of one number an example and unit"
    )
    softmaxed: tuple[str, ...] = Field((), description="layers of weights that are given a softmax over units")
    reshaped: tuple[int, ...] = Field(
        (),
        description="shape of what the first convolution is given, where inputs with their channels last were cut"
        " anew, not turned",
    )


class OptimizerRecord(Record):
    """The optimizer as it was built, whatever the code that built it is called; numbers of its first group."""

    torch_class: str = Field("", description="the class of torch.optim that it is, or is made from; empty for none")
    lr: float | None = None
    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.0
    is_decoupled: bool = Field(False, description="the weight decay is applied apart from the gradient")


class StartRecord(Record):
    """The untrained model on one fixed, shuffled probe batch, in evaluation mode, regularization apart."""

    parameters: int = 0
    trainable: int = 0
    probe_rows: int = 0
    initial_loss: float | None = None
    expected_loss: float | None = Field(None, description="ln(C) for C classes under cross-entropy")
    output_shape: tuple[int, ...] = ()
    target_shape: tuple[int, ...] | None = Field(None, description="of the batch without its rows")
    class_targets: int | None = Field(None, description="highest class index among the targets, plus 1")
    outputs: ArrayRecord | None = None
    outputs_sum_to_one: bool | None = Field(None, description="rows of outputs in [0, 1] that sum to 1")
    behaviour: OutputRecord = OutputRecord.model_construct()  # builds no validator when it is imported
    structure: StructureRecord = StructureRecord.model_construct()
    loss: LossRecord = LossRecord.model_construct()
    no_gradient: tuple[str, ...] = Field((), description="trainable parameters whose gradient is None or all 0")
    zero_weights: tuple[str, ...] = Field((), description="trainable matrices and filters that begin at exactly 0")
    waking: tuple[str, ...] = Field((), description="of `no_gradient`, those that only `zero_weights` keep from one")
    unused: tuple[str, ...] = Field((), description="modules with parameters that no forward pass calls or uses")
    not_optimized: tuple[str, ...] = Field((), description="trainable parameters the optimizer doesn't hold")
    optimized: int | None = Field(None, description="trainable parameters of the model that the optimizer holds")
    foreign: int = Field(0, description="tensors that the optimizer holds and neither the model nor the loss")
    trainable_matrices: int | None = Field(None, description="trainable matrices and filters of the model")
    unregistered: tuple[str, ...] = Field(
        (), description="shapes of tensors that ask for a gradient and that neither model, loss nor optimizer knows"
    )
    dropouts: dict[str, float] = Field({}, description="probability of dropping of each dropout layer, by its name")
    maximizes: bool = Field(False, description="the optimizer climbs")
    optimizer: OptimizerRecord | None = None
    custom_functions: tuple[str, ...] = Field((), description="autograd functions of the person's own, by name")
    gradient_ratios: tuple[float, ...] = Field(
        (), description="change of the loss along a direction over what the gradient says, by parameter tensor: 1"
    )
    memory: float | None = Field(
        None, description="gradient of a recurrent network's outputs at the first step of a sequence over the last's"
    )
    layers: tuple[LayerRecord, ...] = ()
    skipped: dict[str, str] = Field({}, description="probes that could not run, and why")
