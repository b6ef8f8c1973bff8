"""The model translated by torch.compile. Probes and evaluations use the model itself; a training step its translation.

Dropout draws from the same random numbers as the model itself does, so that results differ by rounding alone.
"""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from logbook.errors import ConfigError
from logbook.training.own_code.raised import user_code_error
from logbook_schemas.config.training import Compile

__all__ = ["compiled"]

_COMPILERS = ("c++", "g++", "clang++", "cl")


def compiled(model: nn.Module, section: Compile, device: torch.device) -> Callable[[Tensor], object]:
    """Return the translation of a model; raises ConfigError where there is no compiler to make it with.

    The translation is made at its first call. It raises UserCodeError for a model that can't be translated.
    """
    # Two seconds to import, for the few runs that translate: predict and check need neither.
    from torch import _dynamo, _inductor
    from torch._inductor.exc import InductorError

    if section.backend == "inductor" and device.type == "cpu" and not _has_compiler():
        raise ConfigError(
            "training.compile with backend 'inductor' needs a C++ compiler, and none is found"
            f" (looked for $CXX, {', '.join(_COMPILERS)}); install one, or set training.compile to false"
        )
    options: dict[str, Any] | None = None
    if section.backend == "inductor":
        options = {**_inductor.list_mode_options(section.mode), "fallback_random": True}
    # Translations are kept by the model's code, and only a few: those of earlier runs would push this one out.
    _dynamo.reset()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # torch's own, of its own parts
        translation = torch.compile(model, backend=section.backend, options=options, dynamic=section.dynamic)

    def forward(inputs: Tensor) -> object:
        try:
            return translation(inputs)
        except (_dynamo.exc.TorchDynamoException, InductorError) as error:
            raise user_code_error(error, "training.compile: translating the model", skip=(__file__,)) from error

    return forward


def _has_compiler() -> bool:
    return any(shutil.which(name) for name in (os.environ.get("CXX", ""), *_COMPILERS) if name)
