"""Randomness: one seed becomes streams that don't touch each other, and deterministic kernels while a run lasts.

A stream's seed is a hash of the run's seed and the stream's name: drawing more from one (another dropout, another
augmentation) shifts none of the others, and a stream that a later release adds changes no run of the past.
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import torch
from numpy.random import mtrand
from torch import Tensor

__all__ = ["Determinism", "Generators", "OwnNumbers", "isolated_rng", "kept_rng", "set_deterministic", "stream_seed"]

_UNDETERMINED = re.compile(r"^(?P<name>[\w:.]+) does not have a deterministic implementation")
_OTHERWISE = {
    "Memory Efficient attention defaults to a non-deterministic": "scaled_dot_product_attention",
    "Deterministic behavior was enabled with either": "cuBLAS",
}
_CUBLAS = "CUBLAS_WORKSPACE_CONFIG"


def stream_seed(seed: int, stream: str) -> int:
    """Return the seed, below 2**63, of one stream (`weights`, `order`, `augmentation`, `dropout`) of a run's seed."""
    digest = hashlib.sha256(f"logbook:{stream}:{seed}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


class Generators:
    """The random streams of one run.

    `weights` is a seed for `build_model`. `order` (on the CPU) shuffles the training rows, `augmentation` (on the
    device) draws the noise, `reading` is what a person's Dataset draws while it is read. Dropout, and whatever else
    the person's own code draws, use the global generators of torch, NumPy and Python, which `start` seeds.
    """

    def __init__(self, seed: int, device: torch.device) -> None:
        self.weights = stream_seed(seed, "weights")
        self.order = torch.Generator().manual_seed(stream_seed(seed, "order"))
        self.augmentation = torch.Generator(device).manual_seed(stream_seed(seed, "augmentation"))
        self.reading = OwnNumbers(stream_seed(seed, "reading"))
        self._dropout = stream_seed(seed, "dropout")
        self._device = device

    def start(self) -> None:
        """Seed the global generators; called once, after the model is built and before the first step."""
        _seed_globals(self._dropout)

    def state_dict(self) -> dict[str, Tensor]:
        """Return the state of every stream as tensors, which a checkpoint loads with `weights_only=True`."""
        state = {"order": self.order.get_state(), "augmentation": self.augmentation.get_state()}
        reading = {f"reading_{name}": value for name, value in self.reading.state_dict().items()}
        return {**state, **reading, **_global_state(self._device)}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Continue every stream where `state_dict` found it. A device's own stream is skipped on another device."""
        self.order.set_state(state["order"].cpu())
        if self._device.type == "cpu" or self._device.type in state:
            self.augmentation.set_state(state["augmentation"].cpu())
        if "reading_torch" in state:  # checkpoints of earlier releases have none
            names = [name for name in state if name.startswith("reading_")]
            self.reading.load_state_dict({name.removeprefix("reading_"): state[name] for name in names})
        _set_global_state(state, self._device)


class OwnNumbers:
    """The global generators of torch (on the CPU), NumPy and Python as a person's Dataset sees them while it is read.

    They go on from one block to the next, and what lies between is not shifted: a Dataset that augments moves no
    dropout, and dropout no augmentation.
    """

    def __init__(self, seed: int) -> None:
        with isolated_rng(seed):
            self._torch, self._python = torch.get_rng_state(), random.getstate()
        self._numpy = np.random.MT19937()
        np.random.RandomState(self._numpy).seed(seed % 2**32)

    @contextmanager
    def drawn(self) -> Iterator[None]:
        """Let the block draw from these, and leave the global generators as found.

        Of NumPy's normal numbers, which it makes in pairs, a second one that waits is dropped.
        """
        outside = torch.get_rng_state(), random.getstate(), mtrand.get_bit_generator()
        torch.set_rng_state(self._torch)
        random.setstate(self._python)
        # A state of NumPy's takes long to copy, and a batch may be small: the generator itself changes places.
        mtrand.set_bit_generator(self._numpy)
        try:
            yield
        finally:
            self._torch, self._python = torch.get_rng_state(), random.getstate()
            torch.set_rng_state(outside[0])
            random.setstate(outside[1])
            mtrand.set_bit_generator(outside[2])

    def state_dict(self) -> dict[str, Tensor]:
        """Return the state as tensors."""
        numpy_state = np.random.RandomState(self._numpy).get_state(legacy=True)
        return _as_tensors((self._torch, numpy_state, self._python))

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Go on where `state_dict` found it."""
        self._torch, numpy_state, self._python = _from_tensors(state)
        np.random.RandomState(self._numpy).set_state(numpy_state)


@contextmanager
def isolated_rng(seed: int) -> Iterator[None]:
    """Seed the global generators of torch, NumPy and Python inside, and leave them as found."""
    # Forking a device's generator starts CUDA: only where it runs already can anything be drawn from it unseen.
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else []  # type: ignore[no-untyped-call]
    with kept_rng(*(torch.device("cuda", index) for index in devices)):
        _seed_globals(seed, later=False)
        yield


@contextmanager
def kept_rng(*devices: torch.device) -> Iterator[None]:
    """Leave the global generators of torch (on the CPU and on `devices`), NumPy and Python as found."""
    python_state, numpy_state = random.getstate(), np.random.get_state()
    kinds = {device.type: [one for one in devices if one.type == device.type] for device in devices}
    with ExitStack() as stack:
        stack.enter_context(torch.random.fork_rng(devices=kinds.get("cuda", [])))
        if "mps" in kinds:
            stack.callback(torch.mps.set_rng_state, torch.mps.get_rng_state())
        try:
            yield
        finally:
            random.setstate(python_state)
            np.random.set_state(numpy_state)


def _seed_globals(seed: int, *, later: bool = True) -> None:
    """Seed them all; those of a GPU that doesn't run yet only where they are to begin with this seed `later`."""
    if later or torch.cuda.is_initialized() or torch.backends.mps.is_available():  # type: ignore[no-untyped-call]
        torch.manual_seed(seed)
    else:  # torch would keep the seed for CUDA's start, with the text of a whole traceback each time
        torch.default_generator.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed % 2**32)


_PlainState = tuple[Tensor, Any, Any]
"""What torch, NumPy and Python call the state of their global generators."""


def _plain_state() -> _PlainState:
    return torch.get_rng_state(), np.random.get_state(legacy=True), random.getstate()


def _set_plain_state(state: _PlainState) -> None:
    torch.set_rng_state(state[0])
    np.random.set_state(state[1])
    random.setstate(state[2])


def _as_tensors(state: _PlainState) -> dict[str, Tensor]:
    """Return NumPy's and Python's rewritten as plain tensors."""
    _, words, *rest = state[1]
    version, python_words, gauss = state[2]
    return {
        "torch": state[0],
        "numpy_words": torch.from_numpy(np.asarray(words).astype(np.int64)),
        "numpy_rest": torch.tensor([float(value) for value in rest], dtype=torch.float64),
        "python_words": torch.tensor([version, *python_words], dtype=torch.int64),
        "python_gauss": torch.tensor([] if gauss is None else [gauss], dtype=torch.float64),
    }


def _from_tensors(state: dict[str, Tensor]) -> _PlainState:
    position, has_gauss, cached = state["numpy_rest"].tolist()
    words = state["numpy_words"].cpu().numpy().astype(np.uint32)
    version, *python_words = state["python_words"].tolist()
    gauss = state["python_gauss"].tolist()
    of_numpy = ("MT19937", words, int(position), int(has_gauss), cached)
    return state["torch"].cpu(), of_numpy, (version, tuple(python_words), gauss[0] if gauss else None)


def _global_state(device: torch.device) -> dict[str, Tensor]:
    """Return the state of the global generators."""
    state = _as_tensors(_plain_state())
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    if device.type == "mps":
        state["mps"] = torch.mps.get_rng_state()
    return state


def _set_global_state(state: dict[str, Tensor], device: torch.device) -> None:
    _set_plain_state(_from_tensors(state))
    if device.type == "cuda" and "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"].cpu(), device)
    if device.type == "mps" and "mps" in state:
        torch.mps.set_rng_state(state["mps"].cpu())


class Determinism:
    """What came of asking for deterministic kernels: `operations` names those that have none, sorted."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    @property
    def operations(self) -> tuple[str, ...]:
        return tuple(sorted(self._names))

    def notice(self, message: str) -> bool:
        """Keep the operation that a warning of torch names; return whether it was such a warning."""
        found = _UNDETERMINED.match(message)
        if found:
            self._names.add(found["name"])
            return True
        for beginning, name in _OTHERWISE.items():
            if message.startswith(beginning):
                self._names.add(name)
                return True
        return False


@contextmanager
def set_deterministic(flag: bool) -> Iterator[Determinism]:
    """Ask torch for kernels that give the same result each time, and restore the settings found.

    It never makes a model fail: an operation without such a kernel is named in what is yielded. Enter it before
    CUDA starts, since cuBLAS reads its variable only then. Settings and warnings are of the whole process.
    """
    noticed = Determinism()
    with ExitStack() as stack:
        stack.callback(_restore, _settings())
        torch.use_deterministic_algorithms(flag, warn_only=True)
        if flag:
            stack.callback(_restore_environment, os.environ.get(_CUBLAS))
            os.environ.setdefault(_CUBLAS, ":4096:8")
            torch.backends.cudnn.deterministic = True
            torch.backends.cudnn.benchmark = False
            torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
            stack.enter_context(_collecting(noticed))
        yield noticed


@contextmanager
def _collecting(noticed: Determinism) -> Iterator[None]:
    """Take torch's warnings about missing kernels out of the stream of warnings; the others pass."""
    with warnings.catch_warnings():
        show = warnings.showwarning

        def collect(message: Warning | str, category: type[Warning], *rest: Any, **named: Any) -> None:
            if not noticed.notice(str(message)):
                show(message, category, *rest, **named)

        for pattern in (r"[\w:.]+ does not have a deterministic implementation", *_OTHERWISE):
            # Once a place, not once a step: the text of the warning is built each time it is shown.
            warnings.filterwarnings("default", message=pattern, category=UserWarning)
        warnings.showwarning = collect
        yield


def _settings() -> tuple[bool, bool, bool, bool, bool]:
    return (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
        torch.backends.cudnn.deterministic,
        torch.backends.cudnn.benchmark,
        torch.utils.deterministic.fill_uninitialized_memory,  # type: ignore[attr-defined]
    )


def _restore(settings: tuple[bool, bool, bool, bool, bool]) -> None:
    enabled, warn_only, cudnn_deterministic, cudnn_benchmark, fill = settings
    torch.use_deterministic_algorithms(enabled, warn_only=warn_only)
    torch.backends.cudnn.deterministic = cudnn_deterministic
    torch.backends.cudnn.benchmark = cudnn_benchmark
    torch.utils.deterministic.fill_uninitialized_memory = fill  # type: ignore[attr-defined]


def _restore_environment(value: str | None) -> None:
    if value is None:
        os.environ.pop(_CUBLAS, None)
    else:
        os.environ[_CUBLAS] = value
