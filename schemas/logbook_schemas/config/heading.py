"""What every config begins with, ours and that of a person's own loop: its format, its name, why it is run."""

from __future__ import annotations

from typing import Annotated, Literal

from logbook_schemas.config.base import Many, Section, matching, setting

__all__ = ["NAME_PATTERN", "Heading", "Name", "Tag", "VersionName"]

NAME_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
"""ASCII only, so that no two names look alike."""

Name = Annotated[str, matching(NAME_PATTERN, "a letter or digit, then up to 99 letters, digits or ._-")]
VersionName = Annotated[str, matching(rf"{NAME_PATTERN}@[1-9][0-9]{{0,8}}", "a version, such as digits-mlp@3")]
Tag = Annotated[
    str, matching(r"[A-Za-z0-9][A-Za-z0-9._:/+-]{0,99}", "a letter or digit, then up to 99 letters, digits or ._:/+-")
]


class Heading(Section):
    """The fields that name a config; none of them can change a result."""

    format: Literal[1] = setting(1, about="Version of the config language.", recipe=False)
    schema_: str | None = setting(
        None, about="Where editors find the JSON Schema; in no hash.", alias="$schema", recipe=False, exclude=True
    )
    name: Name = setting(about="Groups the versions of one line of work.", recipe=False)
    hypothesis: str = setting("", about="Why this run: free text.", max_length=10_000, recipe=False)
    parent: VersionName | None = setting(
        None, about="The version that this one was derived from: digits-mlp@3.", recipe=False, neutral=None
    )
    tags: Many[Tag] = setting((), about="Words to find the run by.", recipe=False)
