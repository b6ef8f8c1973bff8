"""A finding: what a rule has to say, in the words that a person reads."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from logbook_schemas.records.base import Record

__all__ = ["MOMENTS", "SEVERITIES", "Finding", "Moment", "Severity"]

Severity = Literal["error", "warning", "note"]
Moment = Literal["config", "data", "start", "epoch", "end"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
MOMENTS: tuple[Moment, ...] = ("config", "data", "start", "epoch", "end")


class Finding(Record):
    """What a rule found. `where` is a config path, layer, column or epoch; `explains` names the rules whose
    findings this one accounts for."""

    code: str
    name: str
    severity: Severity
    moment: Moment
    where: str = ""
    message: str
    measured: JsonValue = None
    expected: str = ""
    why: str = ""
    remedy: str = ""
    change: dict[str, JsonValue] = Field({}, description="the remedy as config path to value, where there is one")
    source: str = ""
    explains: tuple[str, ...] = ()
    explained_by: str | None = Field(None, description="code of the finding that accounts for this one")
    ignored: str | None = Field(None, description="the person's reason for waving it through")
    epoch: int | None = None
    rule_version: int = 1
    settings: dict[str, JsonValue] = Field(
        {}, description="severity and thresholds that the config's checks set, where they aren't the rule's own"
    )
