"""An optimizer's state out of a checkpoint."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
from torch.optim import Optimizer

__all__ = ["restore_optimizer"]


def restore_optimizer(optimizer: Optimizer, state: dict[str, Any]) -> None:
    """Give an optimizer the state of a checkpoint.

    torch's `load_state_dict` makes each container anew, by which a deque loses its length and an array of NumPy is
    refused: such values are put in their place as they are.
    """
    odd = {place: {key: one for key, one in held.items() if _is_odd(one)} for place, held in _by_place(state)}
    if not any(odd.values()):
        optimizer.load_state_dict(state)
        return
    plain = {
        place: {key: one for key, one in held.items() if key not in odd[place]} for place, held in _by_place(state)
    }
    optimizer.load_state_dict({**state, "state": {**state["state"], **plain}})
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    for place, held in odd.items():
        optimizer.state[parameters[place]].update(held)


def _by_place(state: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    """Return what an optimizer's state holds of each parameter, by its place among all groups."""
    return [(place, held) for place, held in state["state"].items() if isinstance(place, int) and type(held) is dict]


def _is_odd(value: object) -> bool:
    return isinstance(value, deque | np.ndarray)
