"""The first line of a summary: what is most probably wrong, in one sentence."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable

from pydantic import JsonValue

from logbook_schemas.checklist.ranking import most_probable
from logbook_schemas.checklist.symptoms import POOR_VALIDATION, SYMPTOMS
from logbook_schemas.records.findings import Finding

__all__ = ["as_option", "cause_sentence"]


def cause_sentence(findings: Iterable[Finding]) -> str:
    """Return the most probable cause with what to try; an empty text where nothing is more than worth knowing.

    What is no more than a symptom (a loss that stands still, that no finding accounts for) isn't called a cause.
    """
    first = most_probable(findings)
    if first is None:
        return ""
    word = "what is wrong" if first.name in (*SYMPTOMS, *POOR_VALIDATION) else "most likely cause"
    said = " ".join(first.message.split()).rstrip(".")
    way_out = _way_out(first)
    return f"{word}: {first.code} {first.name}: {said}{f'; {way_out}' if way_out else ''}"


def as_option(path: str, value: JsonValue) -> str:
    """Return a change of the config as the option that makes it, quoted where a shell would read it otherwise."""
    return f"--set {shlex.quote(f'{path}={json.dumps(value, ensure_ascii=False)}')}"


def _way_out(finding: Finding) -> str:
    if finding.change:
        return f"try {' '.join(as_option(path, value) for path, value in finding.change.items())}"
    remedy = finding.remedy.strip().rstrip(".")
    return f"try: {remedy}" if remedy else ""
