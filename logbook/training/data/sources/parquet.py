"""A table in a Parquet file. Only the columns that have a role are read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from logbook.errors import DataError
from logbook.training.data.arrays import Array
from logbook.training.data.sources.cells import Cells
from logbook.training.data.sources.raw import RawData, find_file
from logbook.training.data.sources.table import Table, raw_from_table, roles
from logbook_schemas.config.sources import Parquet

__all__ = ["load_parquet", "read_parquet_columns"]


def load_parquet(source: Parquet, folder: Path, extra: Sequence[str] = ()) -> RawData:
    """Return the table's features, float64 [N, F], and its target, as the type in the file has it.

    `extra` are columns that are handed over beside these. Raises DataError for no Parquet file, a missing column, or
    a column of a type that is neither a number nor text.
    """
    import pyarrow
    import pyarrow.parquet

    file = find_file(source.path, folder)
    try:
        with pyarrow.parquet.ParquetFile(file, memory_map=True) as stream:
            columns = tuple(map(str, stream.schema_arrow.names))
            twice = next((name for name in columns if columns.count(name) > 1), None)
            if twice is not None:
                raise DataError(f"{source.path}: two columns are named '{twice}'; they could not be told apart")
            found = roles(source, columns, extra)
            read = stream.read(columns=list(found.all))
            cells = {name: _cells(read.column(name), name, source.path) for name in found.all}
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(f"{source.path} is no Parquet file, or is damaged: {_first_line(error)}") from error
    if not read.num_rows:
        raise DataError(f"{source.path} has columns and no rows")
    return raw_from_table(source, Table(source.path, file, columns, cells), found)


def read_parquet_columns(path: Path, wanted: Sequence[str]) -> dict[str, Sequence[str] | Array]:
    """Return the columns of a Parquet file as `load_parquet` reads them; of those that aren't `wanted`, no value.

    Raises DataError for no Parquet file, no rows, or a wanted column of a type that is neither a number nor text.
    """
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path, memory_map=True) as stream:
            names = tuple(map(str, stream.schema_arrow.names))
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise DataError(f"{path}: two columns are named '{twice}'; they could not be told apart")
            read = stream.read(columns=[name for name in names if name in wanted])
            count = stream.metadata.num_rows
            found = {name: _cells(read.column(name), name, str(path)).values for name in read.column_names}
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is no Parquet file, or is damaged: {_first_line(error)}") from error
    if not count:
        raise DataError(f"{path} has columns and no rows")
    return {name: found.get(name, ()) for name in names}


def _cells(column: Any, name: str, path: str) -> Cells:
    """Return the cells of an Arrow column: float64 with NaN for null, whole numbers where none is null, or text."""
    import pyarrow
    from pyarrow import types

    kind = column.type
    if types.is_dictionary(kind):
        inner = _cells(column.cast(kind.value_type), name, path)
        return Cells(inner.values, dates=inner.dates, is_category=True)
    if types.is_null(kind):
        return Cells(np.full(len(column), np.nan))
    if types.is_boolean(kind) and not column.null_count:
        return Cells(column.to_numpy())
    if types.is_boolean(kind) or types.is_decimal(kind):
        column = column.cast(pyarrow.float64())
    if types.is_integer(column.type) or types.is_floating(column.type):
        return Cells(column.to_numpy())
    if types.is_temporal(kind):
        return Cells(["" if value is None else str(value) for value in column.to_pylist()], dates=True)
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return Cells(["" if value is None else value for value in column.to_pylist()])
    raise DataError(
        f"{path}: column '{name}' is of type {kind}; expected numbers, text, or true and false. Leave it out"
        " with data.source.ignore"
    )


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
