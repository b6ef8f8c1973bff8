"""The recipes of the past nearest to a config, by what a change weighs (see `logbook_schemas.config.places`).

The distance is the sum over all settings. Of a setting that both recipes have, how far apart it lies, which is 1 for a
factor of 10 in a number and for another category. One that only one of them has counts 1: the other has it at its
neutral value. A section of another kind counts 1 as a whole: what lies in it comes with the kind. Task and data weigh
ten times as much.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from logbook.history.diff import kinds_differ
from logbook.history.replicates import spread
from logbook.history.versions import best_run, effective_changes, judged_run
from logbook_schemas.config.identity import recipe
from logbook_schemas.config.places import SAME_REGION, is_kind, kind_of_section, places, section_of, weight_of
from logbook_schemas.records.precedents import Precedent

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from pydantic import JsonValue

    from logbook.store.reader import Reader
    from logbook.store.recipes import KnownRecipes
    from logbook_schemas.config.identity import Frozen
    from logbook_schemas.records.difference import Change
    from logbook_schemas.records.findings import Finding
    from logbook_schemas.records.summary import RunSummary, Status

__all__ = ["NEAR_ENOUGH", "cause_in_place", "distance", "distances", "find_precedents", "precedent"]

NEAR_ENOUGH = 1.0
"""The distance up to which `run` speaks of a recipe: one category, or numbers by a factor of 10 taken together."""

_DIGITS = 9
_LEAST = 10.0**-_DIGITS
"""The distance of two recipes that differ by less than a logarithm can tell; what is nearer is rounding."""

Places = Mapping[str, float]


def distance(left: Places, right: Places) -> float:
    """Return how far apart two recipes are, by where their settings lie; 0 only where all lie at the same places."""
    shared_kinds = {name for name in left.keys() & right.keys() if is_kind(name) and left[name] == right[name]}
    total = 0.0
    for name in left.keys() | right.keys():
        section = section_of(name)
        if name in left and name in right:
            total += weight_of(name) * _apart(left[name], right[name])
        elif not section or kind_of_section(section)[0] in shared_kinds:
            total += weight_of(name)
    return total


def _apart(left: float, right: float) -> float:
    apart = abs(left - right)
    return apart if apart <= SAME_REGION else 1.0


def distances(wanted: Places, known: KnownRecipes) -> npt.NDArray[np.float64]:
    """Return the distance of a recipe to each that is known, as `distance` has it.

    Only settings that a recipe has are looked at. What it may lack of the wanted ones is counted beforehand, section
    by section, once the section's kind is found there; each setting that is found is taken off again.
    """
    import numpy as np

    lacking: dict[str, float] = {}
    for name in wanted:
        lacking[section_of(name)] = lacking.get(section_of(name), 0.0) + weight_of(name)
    of_kinds = {kind_of_section(section)[0]: lacks for section, lacks in lacking.items() if section}
    # By the number of a setting: where it is wanted, what it weighs, what comes off where it is found, and what its
    # section may lack where it is the kind that is wanted. What isn't wanted is infinitely far away.
    size = max(known.settings.values(), default=0) + 1
    place, (weight, found, section_lacks) = np.full(size, math.inf), np.zeros((3, size))
    for name, number in known.settings.items():
        section = section_of(name)
        if name in wanted:
            place[number], found[number] = wanted[name], weight_of(name)
            section_lacks[number] = of_kinds.get(name, 0.0)
        if name in wanted or not section or _has_kind(wanted, section):
            weight[number] = weight_of(name)
    totals = []
    for chunk in known.chunks:
        rows = np.frombuffer(chunk.packed, dtype=np.dtype([("setting", "<i4"), ("place", "<f8")]))
        which = rows["setting"]
        apart = np.abs(rows["place"] - place[which])
        added = (apart == 0) * section_lacks[which] - found[which]
        apart[apart > SAME_REGION] = 1.0
        added += weight[which] * apart
        counts = np.asarray(chunk.sizes) // rows.itemsize
        owner = np.repeat(np.arange(len(counts)), counts)
        totals.append(np.bincount(owner, weights=added, minlength=len(counts)))
    return np.concatenate([[], *totals]) + lacking.get("", 0.0)


def _has_kind(wanted: Places, section: str) -> bool:
    name, place = kind_of_section(section)
    return wanted.get(name) == place


def find_precedents(reader: Reader, frozen: Frozen, *, limit: int, within: float = math.inf) -> tuple[Precedent, ...]:
    """Return up to `limit` recipes that ran, the nearest first, of equally near ones the newest.

    A loop of one's own is no recipe of ours, nor the other way about.
    """
    wanted, config = places(recipe(frozen.body)), json.loads(frozen.body)
    found = _nearest(reader, wanted, frozen.recipe_hash, limit=limit, within=within)
    runs: dict[str, list[RunSummary]] = {}
    for run in reader.of_recipes([*found]):
        runs.setdefault(run.recipe_hash, []).append(run)
    configs = {name: reader.config(some[0].config_hash) for name, some in runs.items()}
    return tuple(
        precedent(runs[name], far, _changes(configs[name], config))
        for name, far in found.items()
        if name in runs and not kinds_differ(configs[name], config)
    )


def _nearest(reader: Reader, wanted: Places, own: str, *, limit: int, within: float) -> dict[str, float]:
    """Return the recipe hashes that are nearest, with their distance; `own` is that of the wanted recipe."""
    import numpy as np

    known = reader.recipes()
    versions = [version for chunk in known.chunks for version in chunk.versions]
    far = distances(wanted, known).round(_DIGITS)
    order = np.lexsort((-np.asarray(versions, dtype=np.int64), far))
    found: dict[str, float] = {}
    # One recipe may have several versions, each under a name of its own.
    for begin in range(0, len(order), 10 * limit):
        among = order[begin : begin + 10 * limit]
        hashes = reader.recipes_of([versions[place] for place in among])
        for place in among:
            name = hashes[versions[place]]
            if len(found) == limit or far[place] > within:
                return found
            found.setdefault(name, 0.0 if name == own else max(float(far[place]), _LEAST))
    return found


def precedent(runs: Sequence[RunSummary], far: float, changes: Sequence[Change] = ()) -> Precedent:
    """Return the runs of one recipe, newest first, as one line."""
    oldest_first = runs[::-1]
    newest, best, judged = runs[0], best_run(oldest_first), judged_run(oldest_first)
    statuses: dict[Status, int] = {}
    for run in runs:
        statuses[run.status] = statuses.get(run.status, 0) + 1
    return Precedent(
        distance=far,
        changes=tuple(changes),
        runs=tuple(run.id for run in runs),
        name=newest.name,
        version=newest.version,
        seeds=tuple(dict.fromkeys(run.seed for run in runs)),
        statuses=statuses,
        monitor_metric=newest.monitor_metric,
        best_value=best.best_value if best else None,
        best_val_loss=best.best_val_loss if best else None,
        last_train_loss=best.last_train_loss if best else None,
        spread=spread(_draws(runs)),
        outcome=judged.outcome if judged else None,
        outcome_reason=judged.outcome_reason if judged else "",
        outcome_by=judged.outcome_by if judged else None,
        outcome_run=judged.id if judged else "",
        cause=(judged or newest).first_finding,
    )


def _draws(runs: Sequence[RunSummary]) -> list[RunSummary]:
    """Return the runs of one recipe that ended, one for each seed and fold: the same again is no other draw."""
    newest: dict[str, RunSummary] = {}
    for run in runs:
        if run.status in ("finished", "early-stopped"):
            newest.setdefault(run.config_hash, run)
    return list(newest.values())


def _changes(before: dict[str, JsonValue], now: dict[str, JsonValue]) -> tuple[Change, ...]:
    """Return what a config changes; where a kind differs, what only one of both kinds has comes with it."""
    changes = effective_changes(before, now)
    sections = [change.path.removesuffix("kind") for change in changes if change.path.endswith(".kind")]
    return tuple(
        change
        for change in changes
        if change.kind == "changed"
        or change.path.endswith(".kind")
        or not any(change.path.startswith(section) for section in sections)
    )


def cause_in_place(past: Precedent, findings: Iterable[Finding]) -> Finding | None:
    """Return the finding on a config that made a dead end of a near recipe; None where the cause is gone or unknown.

    The cause is the most probable one of the run that the outcome is of, or a rule that the reason names.
    """
    if past.outcome != "dead-end":
        return None
    named = {past.cause.partition(" ")[0], *re.findall(r"[A-Za-z0-9-]+", past.outcome_reason)}
    return next((one for one in findings if one.ignored is None and {one.code, one.name} & named), None)
