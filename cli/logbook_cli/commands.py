"""The table of commands, and the group that imports a command's module only when that command is called.

`logbook --help` reads the table and imports nothing: what a command needs is paid for by that command alone.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

__all__ = ["COMMANDS", "CommandGroup", "Entry"]


class Entry(NamedTuple):
    """One line of the table: command `name` is the function of that name in `logbook_cli.<name>`."""

    name: str
    about: str


COMMANDS: tuple[Entry, ...] = (
    Entry("new", "Write a config, or derive one from an earlier version."),
    Entry("run", "Train what a config says, and record it."),
    Entry("resume", "Go on with a run where it stopped."),
    Entry("rerun", "Make a run again, and say whether the losses are the same."),
    Entry("check", "Judge a config; no run is made."),
    Entry("tried", "Show what was tried nearest to a config, and how it ended."),
    Entry("judge", "Judge runs of the past again, by the rules of today."),
    Entry("rule", "Explain a rule of the checklist."),
    Entry("ls", "List runs, newest first."),
    Entry("show", "Show one run: config, curves, findings, provenance."),
    Entry("diff", "Say what differs between two configs, versions or runs."),
    Entry("compare", "Put runs side by side."),
    Entry("importance", "Say which settings go with the result."),
    Entry("plot", "Draw runs: losses, layers, predictions, as PNG or SVG."),
    Entry("report", "Write one HTML file of a run or a comparison."),
    Entry("log", "Show the versions of a name as a tree."),
    Entry("search", "Find runs by what is recorded of them."),
    Entry("progress", "Say whether you are further than some weeks ago."),
    Entry("sql", "Read the logbook with SQL."),
    Entry("note", "Write a note on a run."),
    Entry("tag", "Put tags on a run, or take them off."),
    Entry("outcome", "Say what became of a run, and why."),
    Entry("predict", "Say what a run's network predicts for new rows."),
    Entry("export", "Write runs, epochs, settings or findings for other programs."),
    Entry("schema", "Print the JSON Schema of the config, or of what --json prints."),
    Entry("fsck", "Verify that the logbook still says what was written."),
    Entry("backup", "Copy the logbook while it is in use, and verify the copy."),
    Entry("redact", "Remove a secret from what was recorded."),
    Entry("gc", "Remove checkpoints that are no longer wanted."),
)


class _LazyCommands(MutableMapping[str, Any]):
    """Commands by name; asking for one imports its module."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            if name not in _NAMES:
                raise KeyError(name)
            self._loaded[name] = _load(name)
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_NAMES)

    def __len__(self) -> int:
        return len(_NAMES)

    def __contains__(self, name: object) -> bool:
        return name in _NAMES


_NAMES = tuple(entry.name for entry in COMMANDS)


class CommandGroup(TyperGroup):
    """The group behind `logbook`, its commands loaded as they are called."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _LazyCommands()

    def get_params(self, ctx: Any) -> Any:
        """Return the parameters, theirs and `--help`."""
        return _spared(super().get_params(ctx))

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for. Ctrl-C comes out as `Abort`: Typer itself would leave without a word."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise typer.Abort from error

    def format_commands(self, _: Any, formatter: Any) -> None:
        """Write the list of commands from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(entry.name, entry.about) for entry in COMMANDS])


def _load(name: str) -> Any:
    """Return the command of a name, made from the function of that name in the module of that name."""
    about = next(entry.about for entry in COMMANDS if entry.name == name)
    single = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    function = getattr(import_module(f"logbook_cli.{name}"), name)
    single.command(name, cls=_Command, short_help=about)(function)
    return typer.main.get_command(single)


class _Command(TyperCommand):
    """A command that starts quickly."""

    def get_params(self, ctx: Any) -> Any:
        return _spared(super().get_params(ctx))


class _AsItIs:
    """Stands for the validator of a parameter until one is needed: a value of the right type needs none."""

    def __init__(self, annotation: object) -> None:
        self.annotation = annotation

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return a value as Typer would, building Typer's own validator for what isn't of the type already."""
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        if type(value) is self.annotation:
            return value
        if self.annotation == list[str] and isinstance(value, list | tuple) and {*map(type, value)} == {str}:
            return list(value)
        param._runtime_param = None
        return param.get_runtime_param().coerce(value, param=param, ctx=ctx)


def _spared(params: list[Any]) -> list[Any]:
    """Return the parameters, spared the start-up time of validators that would only find a text to be a text.

    Typer (seen in 0.29) builds a pydantic validator for every parameter, given or not, which takes as long as
    reading a logbook does. A Typer without that attribute is left as it is.
    """
    for param in params:
        if getattr(param, "_runtime_param", param) is None:
            param._runtime_param = _AsItIs(param.type_descriptor.annotation)
    return params
