"""What the network is shown."""

from __future__ import annotations

from logbook_schemas.checklist.rule import Rule
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

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
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
)
