"""How findings are ranked. Apart from what a rule is, since showing a run ranks its findings and judges nothing."""

from __future__ import annotations

from collections.abc import Iterable

from logbook_schemas.records.findings import MOMENTS, SEVERITIES, Finding

__all__ = ["rank"]


def rank(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Order findings by cause: the most probable cause first, its symptoms after it, ignored ones last.

    A cause is as grave as the gravest symptom that it explains, unless a graver finding explains the same: a
    learning rate that is merely unusual comes first once the loss is NaN, but not where inputs of 10,000 account
    for it already. Among equally grave causes the graver finding itself comes first, then the earlier
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
        other
        for other in findings
        if other.ignored is None and other.code not in above and finding in _gravest_causes(other, findings)
    ]
    return min([own, *(_weight(symptom, findings, above) for symptom in symptoms)])


def _gravest_causes(symptom: Finding, findings: list[Finding]) -> list[Finding]:
    """Return the findings that explain a symptom, less those that a graver one explains it before."""
    causes = _causes(symptom, findings)
    gravest = min((SEVERITIES.index(cause.severity) for cause in causes), default=0)
    return [cause for cause in causes if SEVERITIES.index(cause.severity) == gravest]
