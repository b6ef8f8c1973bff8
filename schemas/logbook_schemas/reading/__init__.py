"""Configs in and out: strict JSON with positions, overrides, validation in plain words, canonical JSON.

document = read_json(text, name="cfg.json")              strict JSON, comments let through
document = apply_overrides(document, ["optimizer.lr=1e-4"])
config = validate(document, RunConfig)                   or ReadingError with every problem
content_hash(canonical_json(config.model_dump(mode="json")))
"""

from logbook_schemas.reading.canonical import canonical_json, content_hash
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
    "content_hash",
    "nearest",
    "read_json",
    "validate",
]
