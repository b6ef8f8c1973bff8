"""Provisional: the reading branch brings the whole."""

import hashlib

import rfc8785


def canonical_json(value: object) -> bytes:
    return rfc8785.dumps(value)  # type: ignore[arg-type]


def content_hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
