"""What probes measure at the five moments of a run. A record never judges; rules read records and nothing else.

Every field has a default, so that a record from elsewhere (a person's own loop, an import) may carry less, and a
rule that finds a field empty stays silent.
"""

from __future__ import annotations

from logbook_schemas.records.data import (
    ArrayRecord,
    ColumnRecord,
    DataRecord,
    NonFinite,
    SharedRows,
    ShiftRecord,
    SplitRecord,
)
from logbook_schemas.records.epochs import (
    EmbeddingRecord,
    EndRecord,
    EpochRecord,
    ExtremeRow,
    OutputRecord,
    PredictionRow,
    VerbatimRecord,
)
from logbook_schemas.records.images import ImageLayer, ImageRow, ImagesRecord
from logbook_schemas.records.layers import LayerRecord
from logbook_schemas.records.start import StartRecord
from logbook_schemas.records.summary import Status

__all__ = [
    "ArrayRecord",
    "ColumnRecord",
    "DataRecord",
    "EmbeddingRecord",
    "EndRecord",
    "EpochRecord",
    "ExtremeRow",
    "ImageLayer",
    "ImageRow",
    "ImagesRecord",
    "LayerRecord",
    "NonFinite",
    "OutputRecord",
    "PredictionRow",
    "SharedRows",
    "ShiftRecord",
    "SplitRecord",
    "StartRecord",
    "Status",
    "VerbatimRecord",
]
