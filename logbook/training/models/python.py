"""The person's own network."""

from __future__ import annotations

from pathlib import Path

from torch import jit, nn

from logbook.errors import ConfigError
from logbook.training.own_code import build_own
from logbook_schemas.config.model import PythonModel

__all__ = ["build_python"]


def build_python(section: PythonModel, *, input_shape: tuple[int, ...], output_size: int, folder: Path) -> nn.Module:
    """Return what the callable returns, its weights as it left them.

    It gets `input_shape` and `output_size` where it has parameters of these names. Raises ConfigError where it
    returns anything but a torch.nn.Module, or a scripted one.
    """
    model = build_own(section, folder, extra={"input_shape": input_shape, "output_size": output_size})
    if not isinstance(model, nn.Module):
        raise ConfigError(
            f"model.target {section.target} returned {_described(model)};"
            " it must return a torch.nn.Module, the network itself"
        )
    if any(isinstance(module, jit.ScriptModule) for module in model.modules()):
        # A scripted module takes no hooks, and hides its attributes: nothing of it could be measured or put back.
        raise ConfigError(
            f"model.target {section.target} returned a scripted module, which can't be looked into;"
            " return the module itself, and set training.compile to have it translated"
        )
    return model


def _described(found: object) -> str:
    if isinstance(found, type):
        return f"the class {found.__name__}, not an instance of it"
    return "nothing" if found is None else f"an object of type {type(found).__name__}"
