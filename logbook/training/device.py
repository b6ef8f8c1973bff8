"""The device that a run trains on."""

from __future__ import annotations

import torch

from logbook.errors import ConfigError, DataError
from logbook.training.data import LoadedData
from logbook.training.own_code import is_out_of_memory

__all__ = ["available_devices", "choose_device", "moved"]


def choose_device(name: str) -> torch.device:
    """Return the device that `training.device` asks for; auto takes cuda, else mps, else cpu.

    Raises ConfigError, naming the devices that there are, where the asked one is absent.
    """
    present = available_devices()
    if name == "auto":
        return torch.device(present[0])
    wanted = "cuda:0" if name == "cuda" else name
    if wanted not in present:
        raise ConfigError(
            f"training.device is {name!r}, which this machine doesn't have; it has {', '.join(present)}"
            " ('auto' takes the first)"
        )
    return torch.device(wanted)


def available_devices() -> tuple[str, ...]:
    """Return the names of the devices of this machine, the fastest first; cpu is always the last."""
    found = [f"cuda:{index}" for index in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    if torch.backends.mps.is_available():
        found.append("mps")
    return (*found, "cpu")


def moved(loaded: LoadedData, device: torch.device) -> LoadedData:
    """Return the data on a device; raises DataError where they don't fit there."""
    try:
        return loaded.to(device)
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        raise DataError(
            f"the data don't fit into the memory of {device}; a data source of your own that returns torch Datasets"
            " is read batch by batch, and training.device 'cpu' may have more room"
        ) from error
