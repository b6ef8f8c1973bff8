"""All rules, one line each, sorted by code; a rule that isn't listed here doesn't exist.

The letter of a code is its topic (D data, E evaluation, G gradients and layers, H history,
I initial weights, L learning rate and optimizer, M model and loss,
T training curve), the hundreds are free. Codes are stable: stored findings carry them, and a removed rule's code
isn't given to another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbook_schemas.checklist.rule import Evidence, Rule, judge
from logbook_schemas.checklist.rules.curve import (
    constant_predictions,
    corrected_start,
    decayed_while_falling,
    diverging_loss,
    ignored_class,
    loss_below_zero,
    memorized_training_set,
    nonfinite_loss,
    one_class_predictions,
    oscillating_loss,
    overwhelming_regularization,
    premature_stopping,
    rising_validation_loss,
    slowly_rising_loss,
    straight_answers,
    stuck_loss,
    sudden_drop,
    underfitting,
    unfinished_training,
    unregularized_overfitting,
)
from logbook_schemas.checklist.rules.data import (
    channels_last,
    classification_as_regression,
    conflicting_labels,
    constant_feature,
    disagreeing_labels,
    drifting_inputs,
    drifting_labels,
    enlarged_feature,
    heavy_tailed_feature,
    imbalanced_classes,
    inputs_outside_units,
    label_among_inputs,
    near_shared_rows,
    nonfinite_data,
    number_coded_category,
    one_hot_targets,
    outliers,
    padded_sequences,
    regression_as_classification,
    repeated_rows,
    rescaled_non_bytes,
    row_scaled_inputs,
    shared_rows,
    single_class,
    sorted_data,
    tiny_validation_split,
    uncentred_inputs,
    unembedded_tokens,
    unequal_target_scales,
    uninformative_inputs,
    unscaled_inputs,
    unscaled_targets,
    unseen_class,
    unstandardized_gaussian_units,
    validation_scaled_apart,
    wrapped_angle,
)
from logbook_schemas.checklist.rules.evaluation import (
    chance_level,
    dominating_output,
    forgotten_beginning,
    no_better_than_baseline,
    suspiciously_good_validation,
    unlike_in_evaluation,
    unmeasured_in_task_units,
    unscaled_predictions,
    verbatim_copy,
)
from logbook_schemas.checklist.rules.history import (
    deeper_after_failure,
    repeated_dead_end,
    repeated_run,
    several_changes,
)
from logbook_schemas.checklist.rules.initial import (
    fading_signal,
    growing_signal,
    identical_initial_weights,
    large_initial_bias,
    uneven_weight_variance,
    unscaled_initial_weights,
    unusual_normalization_start,
)
from logbook_schemas.checklist.rules.layers import (
    dead_units,
    drifting_weight_variance,
    exploding_gradients,
    large_updates,
    masked_explosion,
    saturated_units,
    tiny_updates,
    unchanged_parameters,
    vanishing_gradients,
    zero_gradients,
)
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
from logbook_schemas.checklist.rules.optimizer import (
    accumulated_gradients,
    clipped_convolutions,
    constantly_clipped_gradients,
    early_decay,
    foreign_parameters,
    growing_learning_rate,
    learning_rate_out_of_bounds,
    learning_rate_too_high,
    learning_rate_too_low,
    minibatch_lbfgs,
    oversized_steps,
    plain_descent,
    unclipped_recurrence,
    unfinished_warmup,
    unoptimized_parameter,
    unscaled_accumulation,
    zero_learning_rate,
)
from logbook_schemas.checklist.rules.plan import (
    endless_training,
    few_updates,
    impatient_stopping,
    large_batch,
    repeated_batch,
    single_epoch,
    single_pass_pretraining,
    small_batch_normalization,
    untruncated_recurrence,
    unvalidated_training,
)
from logbook_schemas.checklist.rules.regularization import (
    dropout_before_normalization,
    excessive_weight_decay,
    ineffective_regularization,
)
from logbook_schemas.reading import nearest
from logbook_schemas.records.findings import Finding, Moment

if TYPE_CHECKING:
    from logbook_schemas.config.training import Checks

__all__ = ["RULES", "check_names", "find_rule", "judge_moment", "rule_names"]

RULES: tuple[Rule, ...] = (
    small_batch_normalization.RULE,  # B101
    large_batch.RULE,  # B102
    few_updates.RULE,  # B103
    single_epoch.RULE,  # B104
    endless_training.RULE,  # B105
    unvalidated_training.RULE,  # B106
    untruncated_recurrence.RULE,  # B107
    single_pass_pretraining.RULE,  # B108
    repeated_batch.RULE,  # B109
    impatient_stopping.RULE,  # B110
    unscaled_inputs.RULE,  # D101
    nonfinite_data.RULE,  # D102
    shared_rows.RULE,  # D103
    unseen_class.RULE,  # D104
    imbalanced_classes.RULE,  # D105
    unscaled_targets.RULE,  # D106
    regression_as_classification.RULE,  # D107
    classification_as_regression.RULE,  # D108
    unstandardized_gaussian_units.RULE,  # D109
    constant_feature.RULE,  # D110
    heavy_tailed_feature.RULE,  # D111
    outliers.RULE,  # D112
    number_coded_category.RULE,  # D113
    wrapped_angle.RULE,  # D114
    uncentred_inputs.RULE,  # D115
    enlarged_feature.RULE,  # D116
    unequal_target_scales.RULE,  # D117
    drifting_inputs.RULE,  # D118
    validation_scaled_apart.RULE,  # D119
    rescaled_non_bytes.RULE,  # D120
    one_hot_targets.RULE,  # D121
    inputs_outside_units.RULE,  # D122
    drifting_labels.RULE,  # D130
    near_shared_rows.RULE,  # D131
    repeated_rows.RULE,  # D132
    conflicting_labels.RULE,  # D133
    uninformative_inputs.RULE,  # D134
    sorted_data.RULE,  # D135
    single_class.RULE,  # D136
    tiny_validation_split.RULE,  # D137
    padded_sequences.RULE,  # D138
    disagreeing_labels.RULE,  # D139
    label_among_inputs.RULE,  # D140
    row_scaled_inputs.RULE,  # D141
    channels_last.RULE,  # D142
    unembedded_tokens.RULE,  # D143
    no_better_than_baseline.RULE,  # E101
    chance_level.RULE,  # E102
    unscaled_predictions.RULE,  # E103
    unlike_in_evaluation.RULE,  # E104
    verbatim_copy.RULE,  # E105
    suspiciously_good_validation.RULE,  # E106
    unmeasured_in_task_units.RULE,  # E107
    dominating_output.RULE,  # E108
    forgotten_beginning.RULE,  # E109
    dead_units.RULE,  # G201
    saturated_units.RULE,  # G202
    vanishing_gradients.RULE,  # G203
    exploding_gradients.RULE,  # G204
    zero_gradients.RULE,  # G205
    unchanged_parameters.RULE,  # G206
    masked_explosion.RULE,  # G207
    drifting_weight_variance.RULE,  # G208
    tiny_updates.RULE,  # G209
    large_updates.RULE,  # G210
    repeated_dead_end.RULE,  # H101
    repeated_run.RULE,  # H102
    deeper_after_failure.RULE,  # H103
    several_changes.RULE,  # H104
    unscaled_initial_weights.RULE,  # I101
    identical_initial_weights.RULE,  # I102
    large_initial_bias.RULE,  # I103
    fading_signal.RULE,  # I104
    growing_signal.RULE,  # I105
    uneven_weight_variance.RULE,  # I106
    unusual_normalization_start.RULE,  # I107
    learning_rate_out_of_bounds.RULE,  # L101
    unfinished_warmup.RULE,  # L102
    plain_descent.RULE,  # L103
    early_decay.RULE,  # L104
    minibatch_lbfgs.RULE,  # L105
    unscaled_accumulation.RULE,  # L106
    clipped_convolutions.RULE,  # L107
    unclipped_recurrence.RULE,  # L108
    growing_learning_rate.RULE,  # L109
    oversized_steps.RULE,  # L110
    zero_learning_rate.RULE,  # L111
    accumulated_gradients.RULE,  # L112
    unoptimized_parameter.RULE,  # L201
    foreign_parameters.RULE,  # L202
    learning_rate_too_high.RULE,  # L301
    learning_rate_too_low.RULE,  # L302
    constantly_clipped_gradients.RULE,  # L303
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
    excessive_weight_decay.RULE,  # R101
    ineffective_regularization.RULE,  # R102
    dropout_before_normalization.RULE,  # R103
    overwhelming_regularization.RULE,  # R201
    unregularized_overfitting.RULE,  # R202
    nonfinite_loss.RULE,  # T101
    stuck_loss.RULE,  # T102
    one_class_predictions.RULE,  # T103
    rising_validation_loss.RULE,  # T104
    diverging_loss.RULE,  # T105
    oscillating_loss.RULE,  # T106
    sudden_drop.RULE,  # T107
    slowly_rising_loss.RULE,  # T108
    corrected_start.RULE,  # T109
    decayed_while_falling.RULE,  # T110
    unfinished_training.RULE,  # T111
    memorized_training_set.RULE,  # T112
    ignored_class.RULE,  # T113
    constant_predictions.RULE,  # T114
    underfitting.RULE,  # T115
    loss_below_zero.RULE,  # T116
    premature_stopping.RULE,  # T117
    straight_answers.RULE,  # T121
)


def rule_names() -> tuple[str, ...]:
    """Return what a rule may be called by: every name, then every code."""
    return (*(rule.name for rule in RULES), *(rule.code for rule in RULES))


def find_rule(name_or_code: str) -> Rule | None:
    """Return the rule of a name or code, upper or lower case, or None; `nearest` over `rule_names()` suggests."""
    wanted = name_or_code.strip().lower()
    return next((rule for rule in RULES if wanted in (rule.name, rule.code.lower())), None)


def judge_moment(evidence: Evidence, moment: Moment) -> tuple[Finding, ...]:
    """Return what the catalogue's rules of a moment find, the most probable cause first."""
    return judge(RULES, evidence, moment=moment)


def check_names(checks: Checks) -> list[tuple[tuple[str, ...], str]]:
    """Return `(path in the config, message)` for each rule or threshold that a config's `checks` names wrongly."""
    problems = list[tuple[tuple[str, ...], str]]()
    for section in ("ignore", "severity", "thresholds"):
        for name in getattr(checks, section):
            rule = find_rule(name)
            if rule is None:
                problems.append((("checks", section), _unknown(section, name)))
            elif section == "thresholds":
                unknown = [key for key in checks.thresholds[name] if key not in rule.thresholds]
                problems += [(("checks", section, name), _unknown_threshold(rule, key)) for key in unknown]
    return problems


def _unknown(section: str, name: str) -> str:
    near = nearest(name, rule_names())
    hint = f"did you mean {near!r}?" if near else "'logbook rule' lists them"
    return f"checks.{section} names {name!r}, which is no rule; {hint}"


def _unknown_threshold(rule: Rule, name: str) -> str:
    if not rule.thresholds:
        return f"checks.thresholds sets {name!r} of {rule.name}, which has no threshold"
    near = nearest(name, rule.thresholds)
    hint = f"did you mean {near!r}?" if near else f"it has {', '.join(rule.thresholds)}"
    return f"checks.thresholds sets {name!r} of {rule.name}, which has no threshold of that name; {hint}"
