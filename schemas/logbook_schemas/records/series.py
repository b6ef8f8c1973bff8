"""The per-step series of one epoch, packed: loss, learning rate, gradient norm, whether clipping was active.

Layout: `LBS1`, then zlib of a JSON header line (`{"names": […], "steps": n}`) and each series as n little-endian
32-bit floats. Constant series, as most learning rates are, cost a few bytes.
"""

from __future__ import annotations

import json
import sys
import zlib
from array import array
from collections.abc import Mapping, Sequence

__all__ = ["pack_series", "unpack_series"]

_MAGIC = b"LBS1"


def pack_series(series: Mapping[str, Sequence[float]]) -> bytes:
    """Return the packed form of series of equal length."""
    lengths = {len(values) for values in series.values()}
    if len(lengths) > 1:
        raise ValueError(f"series must have one length, got {sorted(lengths)}")
    header = json.dumps({"names": list(series), "steps": lengths.pop() if lengths else 0})
    body = b"".join(_little_endian(array("f", values)).tobytes() for values in series.values())
    return _MAGIC + zlib.compress(header.encode() + b"\n" + body, 6)


def unpack_series(packed: bytes) -> dict[str, list[float]]:
    """Return the series by name; raises ValueError on bytes that aren't a packed series."""
    if packed[:4] != _MAGIC:
        raise ValueError(f"not a packed series: it begins with {packed[:4]!r}, expected {_MAGIC!r}")
    header_line, _, body = zlib.decompress(packed[4:]).partition(b"\n")
    header = json.loads(header_line)
    width = 4 * header["steps"]
    return {
        name: _little_endian(array("f", body[place * width : (place + 1) * width])).tolist()
        for place, name in enumerate(header["names"])
    }


def _little_endian(values: array[float]) -> array[float]:
    if sys.byteorder == "big":
        values.byteswap()
    return values
