"""The config of a person's own training loop: free JSON values that freeze, hash, version and diff like ours."""

from __future__ import annotations

from typing import Literal

from pydantic import JsonValue

from logbook_schemas.config.base import setting
from logbook_schemas.config.heading import Heading

__all__ = ["OwnConfig"]


class OwnConfig(Heading):
    """Settings of a loop that isn't ours. `meaning` says which leaf is which, so that rules can read it."""

    kind: Literal["own"] = setting("own", about="Marks a config of one's own loop.")
    values: dict[str, JsonValue] = setting(default={}, about="The settings, as the person names them.")
    meaning: dict[str, str] = setting(
        default={},
        about="What a rule calls a setting, and the path of that setting: {'lr': 'optim.step'}.",
        recipe=False,
    )
