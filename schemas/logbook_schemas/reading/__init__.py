"""Configs in and out: strict JSON with positions, overrides, validation in plain words, canonical JSON.

    document = read_json(text, name="cfg.json")
    document = apply_overrides(document, ["optimizer.lr=1e-4"])
    config = validate(document, RunConfig)
    config_hash = content_hash(canonical_json(config.model_dump(mode="json", by_alias=True)))

The first three raise `ReadingError`, which carries every problem with file, line, column and path.
"""

from logbook_schemas.reading.canonical import canonical_json, canonical_value, content_hash
from logbook_schemas.reading.document import Document, Json, Position
from logbook_schemas.reading.overrides import apply_overrides
from logbook_schemas.reading.problems import Problem, ReadingError
from logbook_schemas.reading.spelling import nearest
from logbook_schemas.reading.strict_json import read_json
from logbook_schemas.reading.validation import validate

__all__ = [
    "Document",
    "Json",
    "Position",
    "Problem",
    "ReadingError",
    "apply_overrides",
    "canonical_json",
    "canonical_value",
    "content_hash",
    "nearest",
    "read_json",
    "validate",
]
