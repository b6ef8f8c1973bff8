"""All rules, sorted by code. Each topic lists its own, one line each; a rule that isn't listed there doesn't exist.

The letter of a code is its topic (D data, E evaluation, G gradients and layers, H history,
I initial weights, L learning rate and optimizer, M model and loss,
T training curve), the hundreds are free. Codes are stable: stored findings carry them, and a removed rule's code
isn't given to another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbook_schemas.checklist.rule import Evidence, Rule, judge
from logbook_schemas.checklist.rules import (
    curve,
    data,
    evaluation,
    history,
    initial,
    layers,
    model,
    optimizer,
    plan,
    regularization,
)
from logbook_schemas.reading import nearest
from logbook_schemas.records.findings import Finding, Moment

if TYPE_CHECKING:
    from logbook_schemas.config.training import Checks

__all__ = ["RULES", "check_names", "find_rule", "judge_moment", "rule_names"]

_TOPICS = (curve, data, evaluation, history, initial, layers, model, optimizer, plan, regularization)

RULES: tuple[Rule, ...] = tuple(sorted((rule for topic in _TOPICS for rule in topic.RULES), key=lambda rule: rule.code))


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
