"""All rules, one line each, sorted by code; a rule that isn't listed here doesn't exist.

The letter of a code is its topic (D data, E evaluation, H history, L learning rate and optimizer, M model and loss,
R regularization, T training curve), the hundreds are free. Codes are stable: stored findings carry them, and a
removed rule's code isn't given to another.
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
    rising_validation_loss,
    slowly_rising_loss,
    stuck_loss,
    sudden_drop,
    underfitting,
    unfinished_training,
    unregularized_overfitting,
)
from logbook_schemas.checklist.rules.data import (
    classification_as_regression,
    imbalanced_classes,
    nonfinite_data,
    regression_as_classification,
    shared_rows,
    unscaled_inputs,
    unscaled_targets,
    unseen_class,
    unstandardized_gaussian_units,
)
from logbook_schemas.checklist.rules.evaluation import (
    chance_level,
    dominating_output,
    no_better_than_baseline,
    suspiciously_good_validation,
    unlike_in_evaluation,
    unmeasured_in_task_units,
    unscaled_predictions,
    verbatim_copy,
)
from logbook_schemas.checklist.rules.history import repeated_dead_end, repeated_run
from logbook_schemas.checklist.rules.model import (
    dropout_like_retention,
    implausible_initial_loss,
    loss_for_another_task,
    mismatched_output_activation,
    parameter_without_gradient,
    probabilities_into_cross_entropy,
)
from logbook_schemas.checklist.rules.optimizer import (
    constantly_clipped_gradients,
    learning_rate_out_of_bounds,
    learning_rate_too_high,
    learning_rate_too_low,
    unfinished_warmup,
    unoptimized_parameter,
)
from logbook_schemas.reading import nearest
from logbook_schemas.records.findings import Finding, Moment

if TYPE_CHECKING:
    from logbook_schemas.config.training import Checks

__all__ = ["RULES", "check_names", "find_rule", "judge_moment", "rule_names"]

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
    no_better_than_baseline.RULE,  # E101
    chance_level.RULE,  # E102
    unscaled_predictions.RULE,  # E103
    unlike_in_evaluation.RULE,  # E104
    verbatim_copy.RULE,  # E105
    suspiciously_good_validation.RULE,  # E106
    unmeasured_in_task_units.RULE,  # E107
    dominating_output.RULE,  # E108
    repeated_dead_end.RULE,  # H101
    repeated_run.RULE,  # H102
    learning_rate_out_of_bounds.RULE,  # L101
    unfinished_warmup.RULE,  # L102
    unoptimized_parameter.RULE,  # L201
    learning_rate_too_high.RULE,  # L301
    learning_rate_too_low.RULE,  # L302
    constantly_clipped_gradients.RULE,  # L303
    mismatched_output_activation.RULE,  # M101
    loss_for_another_task.RULE,  # M102
    dropout_like_retention.RULE,  # M103
    parameter_without_gradient.RULE,  # M201
    probabilities_into_cross_entropy.RULE,  # M202
    implausible_initial_loss.RULE,  # M203
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
