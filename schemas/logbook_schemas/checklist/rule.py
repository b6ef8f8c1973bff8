"""What a rule is, what it may look at, and how findings are ranked.

A rule is pure: it reads `Evidence` and yields findings. It never trains, stores, reads files or asks the time,
so it is tested with a hand-written record in a millisecond and can judge every run of the past again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import JsonValue

from logbook_schemas.records.findings import MOMENTS, SEVERITIES, Finding, Moment, Severity

if TYPE_CHECKING:
    # Only the annotations speak of these, and a command that ranks stored findings needn't build a config model.
    from logbook_schemas.config.run import RunConfig
    from logbook_schemas.records.measures import DataRecord, EndRecord, EpochRecord, StartRecord
    from logbook_schemas.records.runs import HistoryRecord

__all__ = ["Evidence", "Rule", "Said", "judge", "rank"]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Everything that is known of a run by some moment; what isn't known yet is None or empty."""

    config: RunConfig | None = None
    data: DataRecord | None = None
    start: StartRecord | None = None
    epochs: tuple[EpochRecord, ...] = ()
    end: EndRecord | None = None
    history: HistoryRecord | None = None


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

    `check` is called once at `moment` with all that is known; at the epoch moment after every epoch, and what
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
    check: Callable[[Evidence], Iterable[Said]]
    bad: Callable[[], Evidence]
    good: Callable[[], Evidence]
    doc: str
    explains: tuple[str, ...] = ()
    version: int = 1

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield this rule's findings on the evidence."""
        for said in self.check(evidence):
            yield Finding(
                code=self.code,
                name=self.name,
                severity=said.severity or self.severity,
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
            )


def judge(rules: Iterable[Rule], evidence: Evidence, *, moment: Moment) -> tuple[Finding, ...]:
    """Return what the rules of a moment find, ranked; findings that the config ignores carry the reason."""
    ignored = dict(evidence.config.checks.ignore) if evidence.config else {}
    found = [finding for rule in rules if rule.moment == moment for finding in rule.judge(evidence)]
    with_reasons = [_with_reason(finding, ignored.get(finding.name) or ignored.get(finding.code)) for finding in found]
    return rank(with_reasons)


def _with_reason(finding: Finding, reason: str | None) -> Finding:
    """Return the finding with the person's reason for waving it through, where there is one."""
    return finding if reason is None else finding.model_copy(update={"ignored": reason})


def rank(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Order findings by cause: the most probable cause first, its symptoms after it, ignored ones last.

    A cause is as grave as the gravest symptom it explains: a learning rate that is merely unusual comes first
    once the loss is NaN. Among equally grave causes the graver finding itself comes first, then the earlier
    moment: a fault of the config or the data is nearer to the cause than what it does to the losses later.
    """
    listed = list(findings)
    weights = {id(finding): _weight(finding, listed) for finding in listed}

    def place(finding: Finding) -> tuple[bool, int, int, int, int, str, str]:
        return (
            finding.ignored is not None,
            weights[id(finding)],
            _removes(finding, listed),
            SEVERITIES.index(finding.severity),
            MOMENTS.index(finding.moment),
            finding.code,
            finding.where,
        )

    ordered = sorted(listed, key=place)
    return tuple(_mark(finding, ordered) for finding in ordered)


def _mark(finding: Finding, ordered: list[Finding]) -> Finding:
    """Return the finding with the code of the first-ranked one that accounts for it."""
    causes = _causes(finding, ordered)
    return finding.model_copy(update={"explained_by": causes[0].code if causes else None})


def _causes(finding: Finding, findings: list[Finding]) -> list[Finding]:
    return [cause for cause in findings if cause.ignored is None and _explains(cause, finding)]


def _explains(cause: Finding, symptom: Finding) -> bool:
    return cause.code != symptom.code and (symptom.name in cause.explains or symptom.code in cause.explains)


def _removes(finding: Finding, findings: list[Finding], below: frozenset[str] = frozenset()) -> int:
    """Return the longest way from a finding up to a cause that nothing explains; `below` ends cycles."""
    below = below | {finding.code}
    causes = [cause for cause in _causes(finding, findings) if cause.code not in below]
    return max((1 + _removes(cause, findings, below) for cause in causes), default=0)


def _weight(finding: Finding, findings: list[Finding], above: frozenset[str] = frozenset()) -> int:
    """Return the place in SEVERITIES of the gravest among a finding and what it explains, at any remove.

    `above` holds the codes on the way here, so that rules that explain each other end no program.
    """
    own = SEVERITIES.index(finding.severity)
    if finding.ignored is not None:
        return own
    above = above | {finding.code}
    symptoms = [
        other for other in findings if other.ignored is None and other.code not in above and _explains(finding, other)
    ]
    return min([own, *(_weight(symptom, findings, above) for symptom in symptoms)])
