"""What was tried near a config: a table for `tried`, two lines for `run`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from logbook.history.versions import describe_changes
from logbook_cli.views.table import Cell, Column, Table, number_cell
from logbook_cli.views.text import clean, show_number

if TYPE_CHECKING:
    from logbook_schemas.records.precedents import Precedent
    from logbook_schemas.records.runs import PastRun

__all__ = ["precedent_lines", "precedents_table"]


def precedents_table(precedents: Sequence[Precedent]) -> Table:
    """Return the recipes as a table; what the config changes in each is told from that recipe to the config."""
    columns = (
        Column(name="distance", is_number=True, show=number_cell),
        Column(name="change", is_flexible=True, is_long=True),
        Column(name="run", style=lambda _: ("bold",)),
        Column(name="runs", is_number=True),
        Column(name="version", is_flexible=True),
        Column(name="status", is_flexible=True),
        Column(name="train_loss", is_number=True, is_spare=True, show=number_cell),
        Column(name="val_loss", is_number=True, is_spare=True, show=number_cell),
        Column(name="monitor", is_spare=True),
        Column(name="best", is_number=True, show=number_cell),
        Column(name="deviation", is_number=True, is_spare=True, show=number_cell),
        Column(name="outcome"),
        Column(name="reason", is_flexible=True, is_long=True),
        Column(name="finding", is_flexible=True, is_spare=True, style=lambda _: ("yellow",)),
    )
    return Table(columns, [_row(one) for one in precedents])


def precedent_lines(past: Precedent, same: PastRun | None = None) -> list[str]:
    """Return what was tried in two lines: what sets it apart, and how it ended.

    `same` is the newest run of the very recipe, which says whether seed, code and data are the same too.
    """
    apart = f"nearest, {show_number(past.distance)} away: {clean(describe_changes(past.changes))}"
    parts = [past.runs[0], f"{clean(past.name)}@{past.version}", _statuses(past)]
    if past.best_value is not None:
        parts.append(f"best {clean(past.monitor_metric)} {show_number(past.best_value)}")
    if past.spread is not None:
        parts.append(f"mean {show_number(past.spread.mean)} ± {show_number(past.spread.deviation)}")
    if past.outcome:
        reason = f": {clean(past.outcome_reason)}" if past.outcome_reason else ""
        parts.append(f"{past.verdict}{reason}")
    elif past.cause:
        parts.append(clean(past.cause))
    alike = f"  ({_alike(same)})" if same is not None else ""
    return [f"tried before: {'the same recipe' if same else apart}", f"  {'  '.join(parts)}{alike}"]


def _row(past: Precedent) -> tuple[Cell, ...]:
    return (
        past.distance,
        describe_changes(past.changes) or "the same recipe",
        past.runs[0],
        len(past.runs),
        f"{past.name}@{past.version}",
        _statuses(past),
        past.last_train_loss,
        past.best_val_loss,
        past.monitor_metric,
        past.best_value,
        past.spread.deviation if past.spread else None,
        past.verdict or None,
        past.outcome_reason or None,
        past.cause or None,
    )


def _statuses(past: Precedent) -> str:
    """Return how the runs ended: the word alone where they ended alike."""
    if len(past.runs) == 1:
        return next(iter(past.statuses))
    return ", ".join(f"{count} {status}" for status, count in past.statuses.items())


def _alike(run: PastRun) -> str:
    fold = None if run.fold is None and run.same_fold else run.same_fold
    alike = [("seed", run.same_seed), ("fold", fold), ("code", run.same_code), ("data", run.same_data)]
    same = [what for what, is_same in alike if is_same]
    other = [what for what, is_same in alike if is_same is False]
    return "; ".join(f"{word} {', '.join(what)}" for word, what in (("same", same), ("other", other)) if what)
