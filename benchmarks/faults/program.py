"""What a program of the benchmark is: a healthy config, and the edit that plants one fault in it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from benchmarks.faults.kinds import KINDS

__all__ = ["ABSENT", "Config", "Hand", "Moment", "Program", "edited"]

Config = dict[str, Any]
Hand = Literal["tuned", "held-out"]
Moment = Literal["config", "data", "start", "epoch", "end"]


class _Absent:
    """Stands in an edit for a field that is taken out."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()


@dataclass(frozen=True, kw_only=True)
class Program:
    """One faulty program and its repaired twin.

    `twin` is the healthy config; `fault` edits it (dotted path to value) into the faulty one. `moment` is the first
    moment at which a person could be told. `hidden` says why a reviewer calls it a fault though its validation
    score is no worse, and is empty where the score must show it. `learns` is the share of the way from the best
    constant answer to a perfect one that the twin must go (see `run.gain_of`).
    """

    id: str
    kind: str
    source: str
    twin: Config
    fault: Mapping[str, Any]
    moment: Moment
    hidden: str = ""
    learns: float = 0.5
    hand: Hand = "tuned"

    @property
    def faulty(self) -> Config:
        """The config with the fault in it."""
        return edited(self.twin, self.fault)

    @property
    def answers(self) -> frozenset[str]:
        """The names of the rules that name this kind of cause."""
        return KINDS[self.kind]

    @property
    def is_own_code(self) -> bool:
        """Whether model, loss or optimizer is a person's own PyTorch code."""
        return any(
            isinstance(section, dict) and section.get("kind") == "python"
            for name in ("model", "loss", "optimizer")
            for section in (self.twin.get(name), self.faulty.get(name))
        )


def edited(config: Config, edit: Mapping[str, Any]) -> Config:
    """Return a copy of a config with some fields set, or taken out where the value is ABSENT."""
    changed = copy.deepcopy(config)
    for path, value in edit.items():
        *parents, name = path.split(".")
        section = changed
        for parent in parents:
            section = section.setdefault(parent, {})
        if value is ABSENT:
            del section[name]
        else:
            section[name] = copy.deepcopy(value)
    return changed
