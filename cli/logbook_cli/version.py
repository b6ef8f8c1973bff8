"""What `logbook --version` prints."""

from __future__ import annotations

import sys
from importlib import metadata

__all__ = ["print_version"]


def print_version() -> None:
    """Print our version; warn of the other distribution that brings a module of the same name."""
    try:
        version = metadata.version("training-logbook")
    except metadata.PackageNotFoundError:
        version = "(not installed)"
    sys.stdout.write(f"logbook {version}\n")
    if _other_is_installed():
        sys.stderr.write(
            "warning: the distribution 'Logbook', a logging library whose module is also called logbook, is installed"
            " beside 'training-logbook'; one overwrites the other. Keep them in separate environments.\n"
        )


def _other_is_installed() -> bool:
    try:
        metadata.distribution("Logbook")
    except metadata.PackageNotFoundError:
        return False
    return True
