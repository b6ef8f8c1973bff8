"""The machine and the installation that a run had.

torch is looked at only if it is already loaded, and no CUDA context is made: a run on the CPU must stay one.
"""

from __future__ import annotations

import getpass
import os
import platform
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from logbook.provenance.blobs import Blobs, add_blob, printable
from logbook.provenance.secrets import mask_arguments, mask_text
from logbook_schemas.records.provenance import EnvironmentRecord

__all__ = ["VARIABLES", "capture_environment", "current_folder", "installed_distributions"]

# The only variables that are recorded: they change results or speed, and hold no secrets.
VARIABLES = (
    "CONDA_DEFAULT_ENV",
    "CUBLAS_WORKSPACE_CONFIG",
    "CUDA_DEVICE_ORDER",
    "CUDA_LAUNCH_BLOCKING",
    "CUDA_VISIBLE_DEVICES",
    "KMP_AFFINITY",
    "LOCAL_RANK",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NVIDIA_TF32_OVERRIDE",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "PYTHONHASHSEED",
    "PYTORCH_CUDA_ALLOC_CONF",
    "PYTORCH_ENABLE_MPS_FALLBACK",
    "RANK",
    "SLURM_JOB_ID",
    "TORCH_CUDNN_V8_API_DISABLED",
    "VECLIB_MAXIMUM_THREADS",
    "WORLD_SIZE",
)

_NVIDIA = Path("/proc/driver/nvidia")


def capture_environment() -> tuple[EnvironmentRecord, Blobs]:
    """Record Python, machine, torch if it is loaded, command line and installed distributions (a blob)."""
    blobs: Blobs = {}
    distributions = "".join(f"{line}\n" for line in installed_distributions())
    torch = sys.modules.get("torch")
    return EnvironmentRecord(
        python=platform.python_version(),
        implementation=platform.python_implementation(),
        platform=platform.platform(),
        host=printable(platform.node()),
        user=_user(),
        cpu=_cpu(),
        cpu_count=os.cpu_count(),
        torch=_torch_version(torch),
        cuda=_cuda_version(torch),
        gpus=_gpus(torch),
        driver=_driver(),
        command_line=tuple(printable(argument) for argument in mask_arguments(sys.orig_argv)),
        cwd=_cwd(),
        variables={name: mask_text(os.environ[name])[0] for name in VARIABLES if name in os.environ},
        distributions_blob=add_blob(blobs, distributions.encode()),
    ), blobs


def installed_distributions() -> list[str]:
    """List what is installed, sorted `name==version`; of two with one name, the one that gets imported."""
    found: dict[str, str] = {}
    for distribution in metadata.distributions():
        name, version = _name_and_version(distribution)
        if name:
            found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), version)
    return sorted(f"{name}=={version}" for name, version in found.items())


def _name_and_version(distribution: metadata.Distribution) -> tuple[str, str]:
    # Read by hand: parsing each file's whole heading as an e-mail takes ten times as long.
    text = distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or ""
    head = text.partition("\n\n")[0]
    name = re.search(r"^Name:[ \t]*(\S+)", head, re.MULTILINE)
    version = re.search(r"^Version:[ \t]*(\S+)", head, re.MULTILINE)
    return (name[1] if name else ""), (version[1] if version else "unknown")


def _user() -> str | None:
    try:
        return printable(getpass.getuser())
    except (OSError, KeyError, ImportError):  # a container's user may have a number and no name
        return None


def current_folder() -> Path | None:
    """Return the current folder, None where it was removed."""
    try:
        return Path.cwd()
    except OSError:
        return None


def _cwd() -> str:
    folder = current_folder()
    return "(removed)" if folder is None else printable(str(folder))


def _cpu() -> str:
    for line in _lines(Path("/proc/cpuinfo")):
        if line.startswith("model name"):
            return printable(line.partition(":")[2].strip())
    return platform.processor() or platform.machine()


def _driver() -> str | None:
    first = next(_lines(_NVIDIA / "version"), "")
    found = re.search(r"\b\d{3,}(?:\.\d+)+\b", first)
    return found[0] if found else None


def _lines(path: Path) -> Iterator[str]:
    try:
        yield from path.read_text(errors="replace").splitlines()
    except OSError:
        return


def _torch_version(torch: Any) -> str | None:
    version = getattr(torch, "__version__", None)
    return None if version is None else str(version)


def _cuda_version(torch: Any) -> str | None:
    version = getattr(torch, "version", None)
    cuda = getattr(version, "cuda", None)
    if cuda:
        return str(cuda)
    hip = getattr(version, "hip", None)
    return f"hip {hip}" if hip else None


def _gpus(torch: Any) -> tuple[str, ...]:
    cuda = getattr(torch, "cuda", None)
    if cuda is not None and cuda.is_initialized():
        return tuple(cuda.get_device_name(index) for index in range(cuda.device_count()))
    # Asking torch would make a context on the first GPU, which takes memory and breaks forked workers.
    cards = sorted((_NVIDIA / "gpus").glob("*/information"))
    models = [line.partition(":")[2].strip() for card in cards for line in _lines(card) if line.startswith("Model:")]
    return tuple(models)
