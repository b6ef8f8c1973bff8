"""Changes that a finding suggests to the preparation of the inputs: a step more, before or after those there are."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue

from logbook_schemas.config.run import RunConfig

__all__ = ["column_keys", "with_step_after", "with_step_before"]

Step = dict[str, JsonValue]


def with_step_before(config: RunConfig | None, step: Step) -> dict[str, JsonValue]:
    """Return the change of `data.inputs` to this step and then those of the config."""
    return {"data.inputs": [step, *_steps(config)]}


def with_step_after(config: RunConfig | None, step: Step) -> dict[str, JsonValue]:
    """Return the change of `data.inputs` to the config's steps and then this one."""
    return {"data.inputs": [*_steps(config), step]}


def column_keys(names: Sequence[str]) -> list[JsonValue]:
    """Return columns as a step of preparation names them: by name, and those without one by number."""
    return [int(name) if name.isdecimal() else name for name in names]


def _steps(config: RunConfig | None) -> list[JsonValue]:
    steps = config.data.inputs if config is not None else ()
    return [step.model_dump(mode="json", exclude_none=True) for step in steps]
