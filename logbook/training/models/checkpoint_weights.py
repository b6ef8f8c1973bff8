"""Initial weights from a checkpoint: of logbook's own, or a `state_dict` as torch.save writes it; whole or by layer.

Files are read with `weights_only=True`: one from a stranger can't run code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from logbook.errors import ConfigError
from logbook.training.checkpoints import load_plain, state_hash
from logbook_schemas.config.initial_weights import CheckpointInit
from logbook_schemas.config.run import RunConfig
from logbook_schemas.reading import nearest

__all__ = ["InitialWeights", "put_initial_weights", "read_initial_weights"]

_SHOWN = 5
_WRAPPERS = ("model", "state_dict", "model_state_dict")
"""Keys under which training scripts keep the model's state; ours is the first."""


@dataclass(frozen=True, eq=False)
class InitialWeights:
    """The weights and buffers of a checkpoint by name; `label` names it in messages, `epoch` where it says one."""

    weights: Mapping[str, Tensor]
    label: str
    epoch: int | None = None

    @property
    def hash(self) -> str:
        """The hash of all of them, as that of a model's weights in a run's end record."""
        return state_hash(self.weights)


def read_initial_weights(path: Path, label: str) -> InitialWeights:
    """Return the weights in a file; ConfigError where it isn't there or holds anything but weights."""
    if path.exists() and not path.is_file():
        raise ConfigError(f"model.init: {label} is no file ({path})")
    try:
        found: Any = load_plain(path, device="cpu")
    except FileNotFoundError as error:
        raise ConfigError(f"model.init: {label} is not there ({path})") from error
    except Exception as error:  # torch raises many kinds on files of other programs
        raise ConfigError(
            f"model.init: {label} can't be read as weights ({_first_line(error)}); files that hold Python objects are"
            " not read, since they could run code: save model.state_dict()"
        ) from error
    progress = found.get("progress") if isinstance(found, dict) else None
    epoch = progress.get("epoch") if isinstance(progress, dict) else None
    return InitialWeights(_weights_in(found, label), label, epoch if isinstance(epoch, int) else None)


@torch.no_grad()
def put_initial_weights(model: nn.Module, config: RunConfig, initial: InitialWeights) -> tuple[str, ...]:
    """Copy the weights that `model.init` asks for into the model, and return their names.

    Raises ConfigError where a name of the network is not in the checkpoint, where the checkpoint has more (unless
    layers are named), and where shapes differ: all of it at once.
    """
    section = getattr(config.model, "init", None)
    assert isinstance(section, CheckpointInit)  # whoever read the weights has looked
    own = {name: value for name, value in model.state_dict().items() if isinstance(value, Tensor)}
    names = list(own) if section.layers is None else _named(section.layers, own)
    problems = [*_problems(names, own, initial)]
    if section.layers is None and (extra := [name for name in initial.weights if name not in own]):
        problems.append(f"it has {_listed(extra)}, which the network lacks")
    if problems:
        hint = "" if section.layers is not None else "; name the layers that fit in model.init.layers"
        raise ConfigError(f"model.init: {initial.label} doesn't fit the network: {'; '.join(problems)}{hint}")
    for name in names:
        own[name].copy_(initial.weights[name])
    return tuple(names)


def _named(patterns: Sequence[str], own: Mapping[str, Tensor]) -> list[str]:
    """Return the weights that are, or lie in layers that are, called so; ConfigError for a pattern without any."""
    layers = {name: (name, *_layers_of(name)) for name in own}
    for pattern in patterns:
        if not any(fnmatchcase(layer, pattern) for above in layers.values() for layer in above):
            known = sorted({above[1] if len(above) > 1 else above[0] for above in layers.values()})
            near = nearest(pattern, known)
            hint = f"did you mean {near!r}? It" if near else "it"
            raise ConfigError(
                f"model.init.layers: the network has no layer {pattern!r}; {hint} has {_listed(known, limit=20)}"
            )
    return [name for name, above in layers.items() if any(fnmatchcase(one, p) for p in patterns for one in above)]


def _layers_of(name: str) -> Iterator[str]:
    """Yield the layers that a weight lies in, the innermost first: hidden.0.linear, hidden.0, hidden."""
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


def _problems(names: Sequence[str], own: Mapping[str, Tensor], initial: InitialWeights) -> Iterator[str]:
    missing = [name for name in names if name not in initial.weights]
    if missing:
        yield f"it lacks {_listed(missing)}"
    other = [
        f"{name} is {_shape(initial.weights[name])} there and {_shape(own[name])} in the network"
        for name in names
        if name in initial.weights and initial.weights[name].shape != own[name].shape
    ]
    if other:
        yield _listed(other)


def _weights_in(found: Any, label: str) -> dict[str, Tensor]:
    for key in _WRAPPERS:
        if isinstance(found, dict) and isinstance(found.get(key), dict):
            found = found[key]
            break
    if not isinstance(found, dict) or not any(isinstance(value, Tensor) for value in found.values()):
        raise ConfigError(
            f"model.init: {label} holds no weights by name; expected a state_dict, as torch.save writes it"
        )
    weights = {str(name): value for name, value in found.items() if isinstance(value, Tensor)}
    # Models that were wrapped to train on several devices put this before each name.
    is_wrapped = all(name.startswith("module.") for name in weights)
    return {name.removeprefix("module."): value for name, value in weights.items()} if is_wrapped else weights


def _listed(names: Sequence[str], *, limit: int = _SHOWN) -> str:
    more = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {more} more" if more > 0 else "")


def _shape(value: Tensor) -> str:
    return " x ".join(map(str, value.shape)) or "a single number"


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
