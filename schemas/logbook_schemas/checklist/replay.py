"""A whole run judged at once from what was recorded of it, as it was or would have been judged while it ran.

At each moment a rule sees what was known then, no more: the config with the past, the data, the untrained model, then
one epoch after the other, at last the end. What a rule says of one place it says once, at the first epoch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from logbook_schemas.checklist.heard import Heard
from logbook_schemas.checklist.rule import Evidence, JudgedBy, Rule, Said, failed, judge, named, with_reason
from logbook_schemas.records.findings import MOMENTS, Finding, Moment

__all__ = ["judge_run", "known_moments"]


def known_moments(evidence: Evidence) -> tuple[Moment, ...]:
    """Return the moments of a run that can be judged: those that its records reach."""
    known = {
        "config": evidence.config is not None,
        "data": evidence.data is not None,
        "start": evidence.start is not None,
        "epoch": bool(evidence.epochs),
        "end": evidence.end is not None,
    }
    return tuple(moment for moment in MOMENTS if known[moment])


def judge_run(rules: Iterable[Rule], evidence: Evidence) -> tuple[Finding, ...]:
    """Return what the rules find in a run, in the order of its moments; `evidence` is all that is known of it."""
    listed = list(rules)
    heard = Heard()
    found = list[Finding]()
    for moment in known_moments(evidence):
        news = (
            _through_epochs(listed, evidence)
            if moment == "epoch"
            else judge(listed, _at(evidence, moment), moment=moment)
        )
        found += [one for one in news if heard.is_news(one.code, one.where, one.severity)]
    return tuple(found)


def _at(evidence: Evidence, moment: Moment) -> Evidence:
    """Return what was known of the run at a moment."""
    if moment == "config":
        return Evidence(config=evidence.config, history=evidence.history)
    later = replace(evidence, history=None)
    if moment == "data":
        return replace(later, start=None, epochs=(), end=None)
    return replace(later, epochs=(), end=None) if moment == "start" else later


def _through_epochs(rules: Sequence[Rule], evidence: Evidence) -> Iterator[Finding]:
    """Yield what the rules of the epoch moment say after each epoch, of each place once, and again where it is graver.

    What a rule decides by, and what the config ignores, is looked up once; a finding is made only of what is new.
    """
    ignored = evidence.config.checks.ignore if evidence.config else {}
    judging = [
        (rule, rule.judged_by(evidence.config), named(rule, ignored)) for rule in rules if rule.moment == "epoch"
    ]
    heard = Heard()
    for count in range(1, len(evidence.epochs) + 1):
        until = replace(evidence, history=None, end=None, epochs=evidence.epochs[:count])
        for rule, judged_by, reason in judging:
            for said in _said(rule, until, judged_by):
                severity = judged_by.severity or said.severity or rule.severity
                if heard.is_news(rule.code, said.where, severity):
                    finding = said if isinstance(said, Finding) else rule.finding(said, until, judged_by)
                    yield with_reason(finding, reason)


def _said(rule: Rule, evidence: Evidence, judged_by: JudgedBy) -> Sequence[Said | Finding]:
    """Return what a rule says, or the finding that it failed."""
    try:
        return list(rule.check(evidence, judged_by.at))
    except Exception as error:
        return [failed(rule, error)]
