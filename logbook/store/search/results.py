"""What runs are judged by: a measured number, and which way it is better."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from logbook.errors import UsageError
from logbook.store.search.catalog import Catalog
from logbook.store.search.fields import ATTRIBUTES, AtEpoch, Metric, Settings, wanted_field

if TYPE_CHECKING:
    from logbook.store.reader import Reader

__all__ = ["direction_of"]

# A person's own metric says itself which way it is better; what was measured last stands.
_MODE = "SELECT mode FROM run_metric WHERE name = ? ORDER BY run_id DESC LIMIT 1"


def direction_of(reader: Reader, name: str) -> Literal["min", "max"]:
    """Return which way a result is better: `val_loss`, `accuracy.last`, `recall@10`, `val_loss@3`, `seconds`.

    Raises UsageError for a field that isn't there, and for one that is no result, as a setting.
    """
    from logbook_schemas.config.metrics import direction

    with reader.connection() as raw:
        field = wanted_field(name, Catalog(raw), name, 0)
        if field is ATTRIBUTES["seconds"]:
            return "min"
        if not isinstance(field, Metric | AtEpoch):
            what = "a setting" if isinstance(field, Settings) else "no number that was measured"
            raise UsageError(f"{name} is no metric: it is {what}; name one such as val_loss or accuracy")
        found = raw.execute(_MODE, (field.name,)).fetchone()
    if found is not None:
        return "max" if found[0] == "max" else "min"
    return "min" if field.name.endswith("loss") else direction(field.name)
