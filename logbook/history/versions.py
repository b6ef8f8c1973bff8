"""The versions of a name: what each changed, what it was derived from, and how well it did."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from logbook.history.diff import diff_configs
from logbook_schemas.records.versions import VersionLine, VersionTree

if TYPE_CHECKING:
    from pydantic import JsonValue

    from logbook_schemas.records.difference import Change
    from logbook_schemas.records.runs import VersionRecord
    from logbook_schemas.records.summary import RunSummary

__all__ = ["best_run", "describe_changes", "effective_changes", "judged_run", "version_tree"]

_MOST_CHANGES = 4


def effective_changes(left: dict[str, JsonValue], right: dict[str, JsonValue]) -> tuple[Change, ...]:
    """Return what differs between two configs and can change the result."""
    return tuple(change for change in diff_configs(left, right) if change.matters)


def describe_changes(changes: Sequence[Change]) -> str:
    """Return changes on one line: `optimizer.lr 0.001 → 0.0001, + training.early_stopping.patience 5`.

    A change of kind comes first. What went with the old kind, and what is added as null, isn't told.
    """
    told = _telling(changes)
    said = [_describe(change) for change in told[:_MOST_CHANGES]]
    if len(told) > _MOST_CHANGES:
        said.append(f"and {len(told) - _MOST_CHANGES} more")
    return ", ".join(said)


def _telling(changes: Sequence[Change]) -> list[Change]:
    """Return the changes to tell, those of one section together where its kind differs, the kind first."""
    told: list[Change] = []
    kinds = {change.path.removesuffix("kind"): change for change in changes if change.path.endswith(".kind")}
    for change in changes:
        section = next((one for one in kinds if change.path.startswith(one)), None)
        if section is not None and kinds[section] not in told:
            told.append(kinds[section])
        is_told = change.kind != "removed" if section is not None else True
        if change not in told and is_told and (change.kind, change.right) != ("added", None):
            told.append(change)
    return told


def _describe(change: Change) -> str:
    left, right = (json.dumps(value, ensure_ascii=False).strip('"') for value in (change.left, change.right))
    if change.kind == "changed":
        return f"{change.path} {left} → {right}"
    return f"+ {change.path} {right}" if change.kind == "added" else f"− {change.path} {left}"


def version_tree(
    name: str,
    versions: Sequence[VersionRecord],
    config_of: Callable[[str, int], dict[str, JsonValue]],
    runs: Sequence[RunSummary],
    authors: Mapping[int, str],
) -> VersionTree:
    """Return the versions of a name, oldest first.

    `config_of` gives the config of a version by name and number, `runs` are all runs of the name, oldest first, and
    `authors` says who made the first run of each version.
    """
    lines = []
    of_version: dict[int, list[RunSummary]] = {}
    for run in runs:
        of_version.setdefault(run.version, []).append(run)
    for version in versions:
        config = config_of(name, version.number)
        own = of_version.get(version.number, [])
        best, judged = best_run(own), judged_run(own)
        parent = (version.parent_name or name, version.parent) if version.parent is not None else None
        lines.append(
            VersionLine(
                number=version.number,
                parent=None if parent is None else f"{parent[0]}@{parent[1]}",
                created_at=version.created_at,
                recipe_hash=version.recipe_hash,
                config_hash=version.config_hash,
                hypothesis=str(config.get("hypothesis") or ""),
                changes=() if parent is None else effective_changes(config_of(*parent), config),
                by=authors.get(version.number, ""),
                runs=tuple(run.id for run in own),
                best_run=best.id if best else None,
                best_value=best.best_value if best else None,
                best_val_loss=best.best_val_loss if best else None,
                monitor_metric=own[-1].monitor_metric if own else "",
                status=own[-1].status if own else "",
                outcome=judged.outcome if judged else None,
                outcome_reason=judged.outcome_reason if judged else "",
                outcome_by=judged.outcome_by if judged else None,
            )
        )
    return VersionTree(name=name, versions=tuple(lines))


def judged_run(runs: Sequence[RunSummary]) -> RunSummary | None:
    """Return, of runs the oldest first, the newest with a person's verdict, else the newest with a suggested one."""
    known = [run for run in reversed(runs) if run.outcome]
    return next((run for run in known if run.outcome_by == "person"), known[0] if known else None)


def best_run(runs: Sequence[RunSummary]) -> RunSummary | None:
    """Return, of runs the oldest first, the one with the best value of the metric that the newest one monitors.

    A NaN is never best.
    """
    ranked = [
        run
        for run in runs
        if run.best_value is not None
        and run.best_value == run.best_value
        and run.monitor_metric == runs[-1].monitor_metric
    ]
    if not ranked:
        return None
    sign = -1 if runs[-1].monitor_mode == "max" else 1
    return min(ranked, key=lambda run: sign * (run.best_value or 0.0))
