"""What a field is as SQL: constant texts over `r` (the run) and `s` (its summary), and the parameters in them."""

from __future__ import annotations

from logbook.store.packing import unpacked_column
from logbook.store.schema import MEASURES
from logbook.store.search.fields import AtEpoch

__all__ = [
    "AT_EPOCH_KIND",
    "EPOCH_TEXT",
    "LEAF_NUMBER",
    "LEAF_TEXT",
    "STATUS",
    "as_number",
    "at_epoch",
    "measure",
    "metric_at",
    "not_undone",
]

STATUS = (
    "CASE WHEN s.status = 'running' AND s.run_id IN (SELECT value FROM json_each(?)) THEN 'crashed' ELSE s.status END"
)
_LEAF = "(SELECT {} FROM config_leaf l WHERE l.config_id = r.config_id AND l.path_id = ?)"
LEAF_NUMBER = _LEAF.format("CASE l.kind WHEN 'number' THEN l.num END")
LEAF_TEXT = _LEAF.format(
    "CASE l.kind WHEN 'number' THEN NULL WHEN 'text' THEN l.txt WHEN 'json' THEN l.txt ELSE l.kind END"
)


EPOCH_TEXT = unpacked_column("epoch", "e")
"""The payload of the epoch `e`."""


def as_number(value: str) -> str:
    """Return a number of a payload, where NaN and infinities stand by name: NULL for NaN."""
    return f"CASE {value} WHEN 'NaN' THEN NULL WHEN 'Infinity' THEN 9e999 WHEN '-Infinity' THEN -9e999 ELSE {value} END"


def measure(name: str) -> str:
    """Return one of `MEASURES` of the epoch `e`, as its payload has it."""
    value = f"json_extract({EPOCH_TEXT}, '$.{name}')"
    return f"coalesce({value}, 0.0)" if name == "seconds" else value  # rows leave defaults out


def not_undone(attempts: str = "attempt") -> str:
    """Return whether no later attempt went back to before the epoch `e`."""
    return (
        f"NOT EXISTS (SELECT 1 FROM {attempts} a WHERE a.run_id = e.run_id AND a.seq > e.seq"
        " AND coalesce(json_extract(a.payload, '$.resumed_from'), 0) < e.epoch)"
    )


# The epoch that counts is the one trained last, and none beyond the point that a later attempt went back to.
_AT_EPOCH = (
    "(SELECT {chosen} FROM (SELECT {value} AS value FROM epoch e WHERE e.run_id = r.id AND e.phase = 'train'"
    f" AND e.epoch = ? AND {not_undone()} ORDER BY e.attempt DESC LIMIT 1) x)"
)
_AS_NUMBER = as_number("x.value")
AT_EPOCH_KIND = "CASE x.value WHEN 'NaN' THEN 'nan' ELSE 'number' END"
_MEASURE_AT = {name: measure(name) for name in MEASURES}
# A metric's name may hold anything, so that it can be no part of a path.
_METRIC_AT = f"(SELECT j.value FROM json_each({EPOCH_TEXT}, '$.metrics') j WHERE j.key = ?)"


def at_epoch(field: AtEpoch, chosen: str = _AS_NUMBER) -> tuple[str, tuple[object, ...]]:
    """Return the value of a metric at an epoch, NULL for NaN and where there is none."""
    if field.name in _MEASURE_AT:
        return _AT_EPOCH.format(chosen=chosen, value=_MEASURE_AT[field.name]), (field.epoch,)
    return _AT_EPOCH.format(chosen=chosen, value=_METRIC_AT), (field.name, field.epoch)


def metric_at(moment: str) -> str:
    """Return the value of a metric at its best, last or first; its name is the parameter, twice."""
    return (
        f"(SELECT m.{moment} FROM metric_extent m WHERE m.run_id = r.id AND m.name = ?"
        f" UNION ALL SELECT m.{moment} FROM live_metric m WHERE m.run_id = r.id AND m.name = ?)"
    )
