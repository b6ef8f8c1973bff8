"""The config of a person's own training loop: free JSON values that freeze, hash, version and diff like ours."""

from __future__ import annotations

from typing import Literal

from pydantic import JsonValue

from logbook_schemas.config.base import Many, Section, setting
from logbook_schemas.config.run import Name, Tag

__all__ = ["OwnConfig"]


class OwnConfig(Section):
    """Settings of a loop that isn't ours. `meaning` says which leaf is which, so that rules can read it."""

    format: Literal[1] = setting(1, about="Version of the config language.", recipe=False)
    schema_: str | None = setting(
        None,
        about="Where editors find the JSON Schema; in no hash.",
        alias="$schema",
        recipe=False,
        exclude=True,
    )
    kind: Literal["own"] = setting("own", about="Marks a config of one's own loop.")
    name: Name = setting(about="Groups the versions of one line of work.", recipe=False)
    hypothesis: str = setting("", about="Why this run: free text.", max_length=10_000, recipe=False)
    tags: Many[Tag] = setting((), about="Words to find the run by.", recipe=False)
    values: dict[str, JsonValue] = setting(default={}, about="The settings, as the person names them.")
    meaning: dict[str, str] = setting(
        default={},
        about="What a rule calls a setting, and the path of that setting: {'lr': 'optim.step'}.",
        recipe=False,
    )
