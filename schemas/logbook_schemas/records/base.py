"""The base of everything that is measured and stored: frozen, and tolerant of fields that a later release adds."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Something measured. Non-finite floats are written as "NaN", "Infinity", "-Infinity" so that JSON stays valid."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", ser_json_inf_nan="strings", defer_build=True, protected_namespaces=()
    )
