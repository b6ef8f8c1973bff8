"""Checkpoints: everything a training needs to go on exactly, written so that a crash leaves the old one whole.

A checkpoint holds tensors and plain containers only (`plain_state.py`), so it is read with `weights_only=True`: a
checkpoint from a stranger can't run code. `last.pt` is replaced after every epoch, after the epoch's record is
durable; `best.pt` is a second name of the `last.pt` of the best epoch.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import re
import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor

from logbook.errors import StoreError
from logbook.store.location import refuse_link
from logbook.training.plain_state import from_plain, to_plain

__all__ = [
    "BEST",
    "LAST",
    "NotPlainError",
    "load_checkpoint",
    "load_plain",
    "mark_best",
    "save_checkpoint",
    "state_hash",
]

LAST = "last.pt"
BEST = "best.pt"
FORMAT = 1


class NotPlainError(ValueError):
    """A file that holds something else than tensors and plain containers; nothing of it was called."""


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint: it is there whole or not at all.

    Raises OSError where it can't be written, UnkeepableError where a state holds what can't be read again.
    """
    plain = {name: to_plain(part, f"the {name}'s state") for name, part in state.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    # One name for all: a run is trained by one process at a time, and what a killed one left is replaced.
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)
    try:
        # A new file: a link in its place would have another file written over.
        with temporary.open("xb") as file:
            torch.save({"format": FORMAT, **plain}, file)
            _sync(file)
        temporary.replace(path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        # torch's own writer hides what the disk said behind an assertion of its own.
        if isinstance(error, RuntimeError) and isinstance(error.__context__, OSError):
            raise OSError(*error.__context__.args) from error
        raise
    _sync_folder(path.parent)


def mark_best(folder: Path) -> None:
    """Make the last checkpoint the best one too, without writing its bytes again."""
    temporary = folder / f".{BEST}.tmp"
    temporary.unlink(missing_ok=True)
    try:
        os.link(folder / LAST, temporary)
    except OSError:  # a file system without hard links
        with (folder / LAST).open("rb") as last, temporary.open("xb") as file:
            shutil.copyfileobj(last, file)
            _sync(file)
    temporary.replace(folder / BEST)
    # Where the best is this very file already, as after a resume, the system's rename leaves both names.
    temporary.unlink(missing_ok=True)
    _sync_folder(folder)


def load_checkpoint(path: Path, *, device: torch.device) -> dict[str, Any]:
    """Return the state of a checkpoint, its tensors on the device; raises StoreError where it can't be read.

    What holds more than tensors and plain containers is refused before anything of it is called.
    """
    refuse_link(path)
    try:
        state = load_plain(path, device=device)
    except FileNotFoundError as error:
        raise StoreError(f"checkpoint {path} is gone; run the config again from the beginning") from error
    except NotPlainError as error:
        raise StoreError(
            f"checkpoint {path} is refused: {error}, and logbook's hold tensors and plain values alone. Another program"
            " made it, or it is damaged; nothing of it was run"
        ) from error
    except Exception as error:  # torch raises many kinds on damaged files
        raise StoreError(f"checkpoint {path} can't be read ({error}); it may be damaged") from error
    if not isinstance(state, dict) or "format" not in state:
        raise StoreError(f"checkpoint {path} is none of logbook's; it may be damaged")
    if state.get("format") != FORMAT:
        raise StoreError(f"checkpoint {path} has format {state.get('format')}, this release reads {FORMAT}")
    if lacking := [name for name in ("model", "progress") if not isinstance(state.get(name), dict)]:
        raise StoreError(f"checkpoint {path} has no {' and no '.join(lacking)}; it may be damaged")
    return {name: from_plain(part) for name, part in state.items()}


def load_plain(path: Path, *, device: torch.device | str) -> object:
    """Return what a file of tensors and plain containers holds.

    Raises NotPlainError, which says in a line what else it asks for and not, as torch does, how to load it all the
    same; OSError where it isn't there; many others where it is damaged.
    """
    try:
        with warnings.catch_warnings(action="ignore", category=UserWarning):  # of pickle's versions; refused below
            return torch.load(path, map_location=device, weights_only=True)
    except pickle.UnpicklingError as error:
        found = re.search(r"GLOBAL:? ([\w.]+)", str(error))
        told = f"it calls for {found[1]}" if found else "it can't be read as tensors and plain values"
        raise NotPlainError(told) from error


def state_hash(state: Mapping[str, Any]) -> str:
    """Return a hash over the weights and buffers of a model's state, whatever device they are on."""
    digest = hashlib.sha256()
    for name, value in sorted(state.items()):
        if isinstance(value, Tensor):
            digest.update(f"{name}:{value.dtype}:{tuple(value.shape)}".encode())
            digest.update(value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make a rename durable; systems that can't open a folder skip it."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
