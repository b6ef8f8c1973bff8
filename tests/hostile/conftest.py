"""The command line in a folder, as the tests of whole runs have it."""

from tests.running.conftest import folder, logbook

__all__ = ["folder", "logbook"]
