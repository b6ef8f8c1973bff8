"""The base of everything that is measured and stored: frozen, and tolerant of fields that a later release adds."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["Record"]


class Record(BaseModel):
    """Something measured. Non-finite floats are written as "NaN", "Infinity", "-Infinity": JSON stays valid."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", ser_json_inf_nan="strings", defer_build=True, protected_namespaces=()
    )
