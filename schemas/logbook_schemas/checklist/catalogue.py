"""All rules, one line each, sorted by code; a rule that isn't listed here doesn't exist.

The letter of a code is its topic (D data, E evaluation, H history, L learning rate and optimizer, M model and loss,
T training curve), the hundreds are free. Codes are stable: stored findings carry them, and a removed rule's code
isn't given to another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbook_schemas.checklist.rule import Evidence, Rule, judge
from logbook_schemas.checklist.rules.curve import (
    diverging_loss,
    nonfinite_loss,
    one_class_predictions,
    rising_validation_loss,
    stuck_loss,
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
from logbook_schemas.checklist.rules.evaluation import no_better_than_baseline
from logbook_schemas.checklist.rules.history import repeated_dead_end, repeated_run
from logbook_schemas.checklist.rules.model import (
    affine_network,
    broadcast_loss,
    clipped_outputs,
    detached_loss,
    dropout_like_retention,
    failing_loss,
    frozen_network,
    ignored_inputs,
    implausible_initial_loss,
    inverted_loss,
    logits_into_probability_loss,
    loss_for_another_task,
    mismatched_output_activation,
    mixed_examples,
    parameter_without_gradient,
    probabilities_into_cross_entropy,
    random_evaluation,
    softmax_over_batch,
    summed_loss,
    targets_beyond_outputs,
    unreachable_targets,
    unused_module,
    wrong_gradient,
    wrong_output_size,
)
from logbook_schemas.checklist.rules.optimizer import (
    foreign_parameters,
    learning_rate_out_of_bounds,
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
    repeated_dead_end.RULE,  # H101
    repeated_run.RULE,  # H102
    learning_rate_out_of_bounds.RULE,  # L101
    unfinished_warmup.RULE,  # L102
    unoptimized_parameter.RULE,  # L201
    foreign_parameters.RULE,  # L202
    mismatched_output_activation.RULE,  # M101
    loss_for_another_task.RULE,  # M102
    dropout_like_retention.RULE,  # M103
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
    nonfinite_loss.RULE,  # T101
    stuck_loss.RULE,  # T102
    one_class_predictions.RULE,  # T103
    rising_validation_loss.RULE,  # T104
    diverging_loss.RULE,  # T105
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
