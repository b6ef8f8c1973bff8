"""The network and its loss, as configured and as built."""

from __future__ import annotations

from logbook_schemas.checklist.rule import Rule
from logbook_schemas.checklist.rules.model import (
    affine_network,
    broadcast_loss,
    clipped_outputs,
    deep_network_for_few_rows,
    deep_plain_network,
    detached_loss,
    dropout_like_retention,
    dropped_normalization_inputs,
    dropped_outputs,
    failing_loss,
    few_normalized_rows,
    flattened_image,
    frozen_network,
    heavy_dropout,
    ignored_inputs,
    implausible_initial_loss,
    inverted_loss,
    logits_into_probability_loss,
    loss_for_another_task,
    mismatched_output_activation,
    missing_activation,
    missing_bias,
    mixed_examples,
    mixed_self_normalization,
    narrow_hidden_layer,
    narrow_passage,
    normalized_selu,
    overcomplete_autoencoder,
    oversized_network,
    parameter_without_gradient,
    probabilities_into_cross_entropy,
    random_evaluation,
    reshaped_axes,
    saturating_activations_in_depth,
    softmax_between_layers,
    softmax_over_batch,
    summed_loss,
    targets_beyond_outputs,
    unbiased_network,
    unreachable_targets,
    unregistered_parameter,
    unsuited_loss,
    untrained_architecture,
    unused_module,
    wide_convolution,
    wrong_gradient,
    wrong_output_size,
)

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    mismatched_output_activation.RULE,  # M101
    loss_for_another_task.RULE,  # M102
    dropout_like_retention.RULE,  # M103
    saturating_activations_in_depth.RULE,  # M104
    narrow_hidden_layer.RULE,  # M105
    deep_plain_network.RULE,  # M106
    missing_bias.RULE,  # M107
    missing_activation.RULE,  # M108
    wide_convolution.RULE,  # M109
    oversized_network.RULE,  # M110
    mixed_self_normalization.RULE,  # M111
    overcomplete_autoencoder.RULE,  # M112
    flattened_image.RULE,  # M113
    untrained_architecture.RULE,  # M114
    deep_network_for_few_rows.RULE,  # M115
    parameter_without_gradient.RULE,  # M201
    probabilities_into_cross_entropy.RULE,  # M202
    implausible_initial_loss.RULE,  # M203
    mixed_examples.RULE,  # M204
    ignored_inputs.RULE,  # M205
    summed_loss.RULE,  # M206
    broadcast_loss.RULE,  # M207
    logits_into_probability_loss.RULE,  # M208
    affine_network.RULE,  # M209
    random_evaluation.RULE,  # M210
    unused_module.RULE,  # M211
    inverted_loss.RULE,  # M212
    detached_loss.RULE,  # M213
    clipped_outputs.RULE,  # M214
    unreachable_targets.RULE,  # M215
    wrong_output_size.RULE,  # M216
    softmax_over_batch.RULE,  # M217
    frozen_network.RULE,  # M218
    targets_beyond_outputs.RULE,  # M219
    failing_loss.RULE,  # M220
    wrong_gradient.RULE,  # M221
    unregistered_parameter.RULE,  # M222
    heavy_dropout.RULE,  # M223
    narrow_passage.RULE,  # M224
    dropped_outputs.RULE,  # M225
    dropped_normalization_inputs.RULE,  # M226
    few_normalized_rows.RULE,  # M227
    unbiased_network.RULE,  # M228
    reshaped_axes.RULE,  # M229
    unsuited_loss.RULE,  # M230
    normalized_selu.RULE,  # M231
    softmax_between_layers.RULE,  # M232
)
