"""What the name on the left of a comparison means.

In this order: a run's attribute, a word field (tag, rule, …), an alias, a metric, a path of a config. The
first two and the aliases are fixed lists, so that no name in a person's own config or metric changes what a
query means; `values.lr` or `accuracy.best` reach those.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from logbook.store.schema import MEASURES
from logbook.store.search.catalog import Catalog
from logbook.store.search.language import problem

__all__ = [
    "ALIASES",
    "ATTRIBUTES",
    "OUTCOMES",
    "STATUSES",
    "WORD_FIELDS",
    "AtEpoch",
    "Attribute",
    "Field",
    "Metric",
    "Settings",
    "Words",
    "find_field",
    "in_any_place",
    "suggestions",
    "wanted_field",
]

Holds = Literal["number", "text", "choice", "hash", "id", "date", "age", "duration", "best"]


class Attribute(NamedTuple):
    """One value of a run. `sql` is an expression over `s` (its summary), NULL where the run has none."""

    sql: str
    holds: Holds
    choices: tuple[str, ...] = ()


class Metric(NamedTuple):
    """A series of a run, at one of its moments."""

    name: str
    moment: Literal["best", "last", "first"]


class AtEpoch(NamedTuple):
    """A series of a run, at one of its epochs."""

    name: str
    epoch: int


class Settings(NamedTuple):
    """Leaves of the run's config, by path; `path_ids` are those that some config of this store has."""

    path_ids: tuple[int, ...]
    paths: tuple[str, ...]


class Words(NamedTuple):
    """What a run may have several of."""

    name: Literal["tag", "rule", "finding", "note"]


Field = Attribute | Metric | AtEpoch | Settings | Words

# As `records.summary` has them, whose import would cost more than most searches take.
STATUSES = ("running", "finished", "early-stopped", "diverged", "interrupted", "crashed", "failed")
OUTCOMES = ("dead-end", "promising", "baseline", "done", "inconclusive")

_ENDED = (
    "CASE WHEN s.status = 'running' THEN NULL ELSE (SELECT max(e.at) FROM attempt_end e WHERE e.run_id = s.run_id) END"
)

ATTRIBUTES: dict[str, Attribute] = {
    "id": Attribute("s.run_id", "id"),
    "uuid": Attribute("s.uuid", "text"),
    "words": Attribute("s.words", "text"),
    "name": Attribute("s.name", "text"),
    "version": Attribute("s.version", "number"),
    "kind": Attribute("s.kind", "choice", ("run", "own")),
    "status": Attribute("s.status", "choice", STATUSES),
    "started": Attribute("s.started_at", "date"),
    "ended": Attribute(_ENDED, "date"),
    "age": Attribute("s.started_at", "age"),
    "seconds": Attribute("s.seconds", "duration"),
    "seed": Attribute("s.seed", "number"),
    "epochs_done": Attribute("s.epochs", "number"),
    "best": Attribute("s.best_value", "best"),
    "best_epoch": Attribute("s.best_epoch", "number"),
    "hypothesis": Attribute("nullif(s.hypothesis, '')", "text"),
    "outcome": Attribute("s.outcome", "choice", OUTCOMES),
    "outcome_by": Attribute("s.outcome_by", "choice", ("person", "logbook")),
    "reason": Attribute("nullif(s.outcome_reason, '')", "text"),
    "error": Attribute("nullif(s.error_text, '')", "text"),
    "findings": Attribute("s.findings", "number"),
    "config_hash": Attribute("s.config_hash", "hash"),
    "recipe_hash": Attribute("s.recipe_hash", "hash"),
}

WORD_FIELDS: dict[str, Words] = {
    "tag": Words("tag"),
    "tags": Words("tag"),
    "rule": Words("rule"),
    "finding": Words("finding"),
    "note": Words("note"),
}

ALIASES: dict[str, tuple[str, ...]] = {
    "lr": ("optimizer.lr",),
    "epochs": ("training.epochs",),
    "batch_size": ("training.batch_size",),
    "model": ("model.kind",),
    "hidden": ("model.hidden",),
    "activation": ("model.activation.kind",),
    "dropout": ("model.dropout",),
    "data": ("data.source.kind", "data.source.dataset", "data.source.pattern.kind", "data.source.path"),
    "dataset": ("data.source.dataset",),
    "momentum": ("optimizer.momentum",),
    "weight_decay": ("optimizer.weight_decay",),
    "patience": ("training.early_stopping.patience",),
    "device": ("training.device",),
    "fold": ("data.split.fold",),
}

_MOMENT = re.compile(r"(?P<name>.+)\.(?P<moment>best|last|first)", re.DOTALL)
_AT_EPOCH = re.compile(r"(?P<name>.+)@(?P<epoch>\d{1,9})", re.DOTALL | re.ASCII)


def find_field(name: str, catalog: Catalog) -> Field | None:
    """Return what a name means in this store, or None where it means nothing."""
    if name in ATTRIBUTES:
        return ATTRIBUTES[name]
    if name in WORD_FIELDS:
        return WORD_FIELDS[name]
    if name in ALIASES:
        return _settings(ALIASES[name], catalog)
    # A metric may be called recall@10: that is its name before it is an epoch.
    return _metric(name, catalog) or _at_epoch(name, catalog) or _setting(name, catalog) or _promised(name)


def _metric(name: str, catalog: Catalog) -> Metric | None:
    match = _MOMENT.fullmatch(name)
    if match and _is_measured(match["name"], catalog):
        return Metric(match["name"], match["moment"])  # type: ignore[arg-type]
    return Metric(name, "best") if _is_measured(name, catalog) else None


def _at_epoch(name: str, catalog: Catalog) -> AtEpoch | None:
    match = _AT_EPOCH.fullmatch(name)
    return _epoch_of(match) if match and _is_measured(match["name"], catalog) else None


def _epoch_of(match: re.Match[str]) -> AtEpoch | None:
    """Return a metric at an epoch; epochs count from 1."""
    epoch = int(match["epoch"])
    return AtEpoch(match["name"], epoch) if epoch else None


def _is_measured(name: str, catalog: Catalog) -> bool:
    """Asking for what every run may measure is no mistake in a store that has none of it yet."""
    return name in MEASURES or catalog.has_metric(name)


def _setting(name: str, catalog: Catalog) -> Settings | None:
    """`optimizer=adam` asks for `optimizer.kind`, as a config may be written."""
    found = _settings((name, f"{name}.kind"), catalog)
    return found if found.path_ids else None


def _settings(paths: tuple[str, ...], catalog: Catalog) -> Settings:
    ids = (catalog.path_id(path) for path in paths)
    return Settings(tuple(one for one in ids if one is not None), paths)


def _promised(name: str) -> Field | None:
    """Return what a run could have, though none in this store does: a path of the config language, a metric."""
    # The config's models cost more to import than most searches take.
    from logbook.store.search.promised import config_paths, metric_names

    at = _AT_EPOCH.fullmatch(name)
    if at and at["name"] in metric_names():
        return _epoch_of(at)
    match = _MOMENT.fullmatch(name)
    if (match["name"] if match else name) in metric_names():
        return Metric(match["name"], match["moment"]) if match else Metric(name, "best")  # type: ignore[arg-type]
    path = in_any_place(name)
    return Settings((), (name, f"{name}.kind")) if {path, f"{path}.kind"} & config_paths() else None


def in_any_place(path: str) -> str:
    """Return a path as `promised` has it: `[0]` for any place in a list."""
    return re.sub(r"\[\d+\]", "[0]", path)


def wanted_field(name: str, catalog: Catalog, text: str, place: int) -> Field:
    """Return what a name means; UsageError, with its place in `text` marked, where it means nothing."""
    field = find_field(name, catalog)
    if field is None:
        word = re.search(r"[^\s()\"',]+ $", text[:place])
        whole = f"{word[0]}{name}" if word else ""
        is_cut = bool(whole) and find_field(whole, catalog) is not None
        advice = f'a name with blanks is written in quotes: "{whole}"' if is_cut else _advice(name, catalog)
        raise problem(text, place, f"unknown field {name!r}", advice)
    return field


def _advice(name: str, catalog: Catalog) -> str:
    if name[:1] in "-!" and find_field(name[1:], catalog):
        return f"to leave runs out, write: not {name[1:]}…"
    at = _AT_EPOCH.fullmatch(name)
    if at and not int(at["epoch"]):
        return f"epochs count from 1: {at['name']}@1"
    if re.fullmatch(r"\d\d", name):
        return f"a time of day stands behind its date with a T: 2026-11-01T{name}:30"
    near = suggestions(name, catalog)
    if near:
        return f"did you mean {', '.join(near[:-1])}{' or ' if near[1:] else ''}{near[-1]}?"
    return "docs/search.md lists the fields; 'logbook schema' the settings of a config; in quotes it searches the text"


def suggestions(name: str, catalog: Catalog) -> list[str]:
    """Return up to five names that `name` may have been meant for, the likeliest first."""
    from difflib import get_close_matches

    from logbook.store.search.promised import config_paths, metric_names

    own = sorted({*ATTRIBUTES, *WORD_FIELDS, *ALIASES})
    measured = sorted({*MEASURES, *metric_names(), *catalog.metrics()})
    paths = sorted({*config_paths(), *catalog.paths()})
    everything = list(dict.fromkeys([*own, *measured, *paths]))
    wanted = name.casefold()
    inside = [one for one in everything if one.startswith(f"{name}.")]
    ending = [one for one in paths if one.casefold().endswith(f".{wanted}")]
    alike = [one for one in everything if one.casefold() == wanted]
    stem = _MOMENT.fullmatch(name) or _AT_EPOCH.fullmatch(name)
    if stem:
        rest = name[stem.end("name") :]
        alike += [f"{one}{rest}" for one in get_close_matches(stem["name"], measured, n=2)]
    near = get_close_matches(name, everything, n=3, cutoff=0.7)
    lasts = {path.rsplit(".", 1)[-1]: path for path in reversed(paths)}
    near += [lasts[last] for last in get_close_matches(name, lasts, n=2, cutoff=0.75)]
    return list(dict.fromkeys([*alike, *ending, *inside, *near]))[:5]
