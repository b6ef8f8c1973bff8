"""What a rule is, and what it may look at.

A rule is pure: it reads `Evidence` and yields findings. It never trains, stores, reads files or asks the time,
so it is tested with a hand-written record in a millisecond and can judge every run of the past again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from pydantic import JsonValue

from logbook_schemas.checklist.ranking import rank
from logbook_schemas.records.findings import Finding, Moment, Severity

if TYPE_CHECKING:
    # Only the annotations speak of these, and a command that ranks stored findings needn't build a config model.
    from logbook_schemas.config.run import RunConfig
    from logbook_schemas.records.measures import DataRecord, EndRecord, EpochRecord, StartRecord
    from logbook_schemas.records.runs import HistoryRecord

__all__ = [
    "Evidence",
    "JudgedBy",
    "Rule",
    "Said",
    "Threshold",
    "Thresholds",
    "failed",
    "judge",
    "named",
    "rank",
    "with_reason",
]

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Everything that is known of a run by some moment; what isn't known yet is None or empty."""

    config: RunConfig | None = None
    data: DataRecord | None = None
    start: StartRecord | None = None
    epochs: tuple[EpochRecord, ...] = ()
    end: EndRecord | None = None
    history: HistoryRecord | None = None

    @cached_property
    def trained(self) -> tuple[EpochRecord, ...]:
        """The epochs of training, pre-training apart: most rules of curves ask for them, at every epoch."""
        return tuple(epoch for epoch in self.epochs if epoch.phase == "train")


@dataclass(frozen=True)
class Threshold:
    """A number that a rule decides by; `about` says what it bounds, in which unit, and where the value comes from.

    A config may set another value: `"checks": {"thresholds": {"unscaled-inputs": {"largest": 40}}}`.
    """

    value: float
    about: str


class Thresholds:
    """The numbers that a rule decides by on the evidence at hand, each an attribute of its threshold's name."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, float]) -> None:
        self._values = values

    def __getattr__(self, name: str) -> float:
        try:
            return self._values[name]
        except KeyError:
            raise AttributeError(f"the rule declares no threshold {name!r}") from None


@dataclass(frozen=True)
class JudgedBy:
    """What a rule decides by on the runs of one config: `severity` and `thresholds` are what that sets otherwise."""

    at: Thresholds
    severity: Severity | None = None
    thresholds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a rule's check yields: the part of a finding that differs from case to case."""

    message: str
    where: str = ""
    measured: JsonValue = None
    expected: str = ""
    remedy: str = ""
    change: Mapping[str, JsonValue] = field(default_factory=dict)
    severity: Severity | None = None
    """Where the case at hand is worse or milder than the rule usually is."""
    explains: tuple[str, ...] | None = None
    """Where the case at hand accounts for other symptoms than the rule usually does."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One bad pattern. `doc` is the module's docstring, printed by `logbook rule`.

    `check(evidence, at)` is called once at `moment` with all that is known, `at` holding the value of each of the
    `thresholds` by name, the config's where it sets one; at the epoch moment after every epoch, and what
    it said before isn't said again (the caller drops repeats of code and where). `explains` names rules whose
    findings are symptoms of this one. `bad` and `good` are examples that the shared test runs: `bad` must fire,
    `good` must stay silent.
    """

    code: str
    name: str
    severity: Severity
    moment: Moment
    title: str
    why: str
    source: str
    check: Callable[[Evidence, Thresholds], Iterable[Said]]
    bad: Callable[[], Evidence]
    good: Callable[[], Evidence]
    doc: str
    thresholds: Mapping[str, Threshold] = field(default_factory=dict)
    explains: tuple[str, ...] = ()
    version: int = 1

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield this rule's findings on the evidence, with the thresholds and the severity that its config sets."""
        judged_by = self.judged_by(evidence.config)
        for said in self.check(evidence, judged_by.at):
            yield self.finding(said, evidence, judged_by)

    def judged_by(self, config: RunConfig | None) -> JudgedBy:
        """Return what this rule decides by on runs of a config."""
        if config is None or not (config.checks.thresholds or config.checks.severity):
            return self._judged_by_default
        values = {name: threshold.value for name, threshold in self.thresholds.items()}
        chosen = named(self, config.checks.thresholds) or {}
        other = {name: value for name, value in chosen.items() if value != values.get(name)}
        return JudgedBy(Thresholds(values | other), named(self, config.checks.severity), other)

    @cached_property
    def _judged_by_default(self) -> JudgedBy:
        return JudgedBy(Thresholds({name: threshold.value for name, threshold in self.thresholds.items()}))

    def finding(self, said: Said, evidence: Evidence, judged_by: JudgedBy) -> Finding:
        """Return what the rule said as a finding."""
        usual = said.severity or self.severity
        severity = judged_by.severity or usual
        settings: dict[str, JsonValue] = {**judged_by.thresholds}
        return Finding(
            code=self.code,
            name=self.name,
            severity=severity,
            moment=self.moment,
            where=said.where,
            message=said.message,
            measured=said.measured,
            expected=said.expected,
            why=self.why,
            remedy=said.remedy,
            change=dict(said.change),
            source=self.source,
            explains=self.explains if said.explains is None else said.explains,
            epoch=evidence.epochs[-1].epoch if self.moment == "epoch" and evidence.epochs else None,
            rule_version=self.version,
            settings=settings if severity == usual else {"severity": severity, **settings},
        )


def named(rule: Rule, section: Mapping[str, T]) -> T | None:
    """Return what a section of `checks` says of a rule, by its name or its code in upper or lower case."""
    names = (rule.name, rule.code.lower())
    return next((value for key, value in section.items() if key.strip().lower() in names), None)


def judge(rules: Iterable[Rule], evidence: Evidence, *, moment: Moment) -> tuple[Finding, ...]:
    """Return what the rules of a moment find, ranked; findings that the config ignores carry the reason."""
    ignored = evidence.config.checks.ignore if evidence.config else {}
    return rank(
        with_reason(finding, named(rule, ignored))
        for rule in rules
        if rule.moment == moment
        for finding in _judged(rule, evidence)
    )


def failed(rule: Rule, error: Exception) -> Finding:
    """Return the note that stands for a rule that raised: a fault of ours ends no training, and isn't hidden."""
    return Finding(
        code=rule.code,
        name=rule.name,
        severity="note",
        moment=rule.moment,
        where="the rule itself",
        message=f"This rule could not judge the run: {type(error).__name__}: {error}. Please report it.",
        rule_version=rule.version,
    )


def _judged(rule: Rule, evidence: Evidence) -> list[Finding]:
    try:
        return list(rule.judge(evidence))
    except Exception as error:
        return [failed(rule, error)]


def with_reason(finding: Finding, reason: str | None) -> Finding:
    """Return the finding with the person's reason for waving it through, where there is one."""
    return finding if reason is None else finding.model_copy(update={"ignored": reason})
