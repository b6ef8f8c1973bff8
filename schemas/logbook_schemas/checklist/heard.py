"""What has been said of a run already. The same rule says the same of the same place again only where it has become
graver: a loss that rises a little is a note in epoch 7, and may be a warning in epoch 60."""

from __future__ import annotations

from collections.abc import Iterable

from logbook_schemas.records.findings import SEVERITIES, Finding, Severity

__all__ = ["Heard", "standing"]


class Heard:
    """The gravest that each rule has said of each place."""

    def __init__(self, findings: Iterable[Finding] = ()) -> None:
        self._gravest: dict[tuple[str, str], int] = {}
        for finding in findings:
            self.is_news(finding.code, finding.where, finding.severity)

    def is_news(self, code: str, where: str, severity: Severity) -> bool:
        """Say whether that wasn't heard yet, or not as gravely; from now on it is heard."""
        place, grade = (code, where), SEVERITIES.index(severity)
        if self._gravest.get(place, len(SEVERITIES)) <= grade:
            return False
        self._gravest[place] = grade
        return True


def standing(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings less those that the same rule said more gravely of the same place."""
    listed = list(findings)
    gravest: dict[tuple[str, str, bool], int] = {}
    for finding in listed:
        place, grade = _place(finding), SEVERITIES.index(finding.severity)
        gravest[place] = min(gravest.get(place, grade), grade)
    return [one for one in listed if SEVERITIES.index(one.severity) == gravest[_place(one)]]


def _place(finding: Finding) -> tuple[str, str, bool]:
    return finding.code, finding.where, finding.ignored is not None
