"""Fuzz the config reader with atheris: `make fuzz`."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["logbook_schemas.reading", "logbook_schemas.config", "logbook.configs"]):
    from tests.fuzz.holding import config_holds


def main() -> None:
    atheris.Setup(sys.argv, config_holds)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
