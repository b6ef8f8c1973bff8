"""One rule on one piece of evidence, for the tests of thresholds; and findings of made-up rules."""

from __future__ import annotations

from typing import Any

from logbook_schemas.checklist.catalogue import find_rule
from logbook_schemas.checklist.examples import config, data, evidence
from logbook_schemas.checklist.rule import Evidence
from logbook_schemas.records.findings import Finding, Moment, Severity
from logbook_schemas.records.measures import DataRecord, SplitRecord

__all__ = ["finding", "judged", "judged_data", "of_config", "rows", "severity_of", "severity_of_data"]


def finding(code: str, severity: Severity = "warning", *, moment: Moment = "config", **fields: Any) -> Finding:
    """Return a finding of a rule that is called as its code is, in small letters."""
    return Finding(code=code, name=code.lower(), severity=severity, moment=moment, message="…", **fields)


def judged(name: str, known: Evidence) -> list[Finding]:
    """Return what a rule finds."""
    rule = find_rule(name)
    assert rule is not None
    return list(rule.judge(known))


def severity_of(name: str, known: Evidence) -> str | None:
    """Return how grave the one finding of a rule is, or None where it is silent."""
    found = judged(name, known)
    assert len(found) <= 1
    return found[0].severity if found else None


def judged_data(name: str, record: DataRecord, **known: Any) -> list[Finding]:
    """Return what a rule finds in data, with what else is known."""
    return judged(name, evidence(data=record, **known))


def severity_of_data(name: str, record: DataRecord, **known: Any) -> str | None:
    """Return how grave the first finding of a rule in data is, or None where it is silent."""
    found = judged_data(name, record, **known)
    return found[0].severity if found else None


def of_config(name: str, *, train: int = 1440, shape: tuple[int, ...] = (64,), **sections: Any) -> str | None:
    """Return how grave a rule finds a config on a healthy data set of so many training rows."""
    record = data(input_shape=shape, splits=rows(train))
    return severity_of(name, evidence(config=config(**sections), data=record))


def rows(train: int, validation: int = 360) -> dict[str, SplitRecord]:
    """Return splits of so many rows."""
    return {"train": SplitRecord(rows=train), "validation": SplitRecord(rows=validation)}
