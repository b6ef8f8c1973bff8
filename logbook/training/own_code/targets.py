"""The person's own callables, `package.module:callable`: found, loaded, and called with checked arguments.

A module is looked for in the config file's folder, then in the current one, then among what is installed. The
two folders stay on the path behind Python's own modules, so that imports which happen later, or in a worker
process, find the same files, and a `queue.py` beside a config never replaces the `queue` that torch wants.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
import sys
import sysconfig
from collections.abc import Callable, Iterable, Mapping
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from logbook.errors import ConfigError, LogbookError
from logbook.training.own_code.elsewhere import in_its_place
from logbook.training.own_code.raised import user_code_error

__all__ = ["call_target", "load_target", "search_path"]


def load_target(target: str, folder: Path) -> object:
    """Return the callable that `package.module:callable` names.

    Raises ConfigError when it doesn't exist, can't be meant or isn't callable, and UserCodeError when the
    person's module raises while it is imported.
    """
    module_name, names = _parse(target)
    module = _import(target, module_name, in_its_place(folder.resolve()))
    found: object = module
    for name in names:
        if not hasattr(found, name):
            raise ConfigError(_no_attribute(target, module, found, name))
        found = getattr(found, name)
    if not callable(found):
        raise ConfigError(f"{target} is of type {type(found).__name__}; expected something that can be called")
    return found


def call_target(
    function: object, target: str, kwargs: Mapping[str, Any], *, extra: Mapping[str, Any] | None = None
) -> object:
    """Call what `load_target` returned. An argument of `extra` is passed only where a parameter has its name.

    Raises ConfigError when the arguments don't fit the signature, and UserCodeError for what the call raises.
    """
    if not callable(function):
        raise ConfigError(f"{target} can't be called")
    arguments = _fit(function, target, kwargs, extra or {})
    try:
        return function(**arguments)
    except LogbookError:
        raise
    except (Exception, SystemExit) as error:
        raise user_code_error(error, target) from error


def _parse(target: str) -> tuple[str, list[str]]:
    module, colon, name = target.partition(":")
    parts, names = module.split("."), name.split(".")
    if not colon or not all(part.isidentifier() for part in (*parts, *names)):
        raise ConfigError(f"expected 'package.module:callable', found {target!r}")
    return module, names


def _import(target: str, name: str, folder: Path) -> ModuleType:
    top = name.partition(".")[0]
    _refuse_confusion(top, folder)
    sys.path[:] = search_path(folder)
    importlib.invalidate_caches()
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            raise ConfigError(_not_found(target, error.name, folder)) from error
        raise user_code_error(error, f"importing {name}") from error
    except LogbookError:
        raise
    except (Exception, SystemExit) as error:
        raise user_code_error(error, f"importing {name}") from error


def _current_folder() -> Path | None:
    try:
        return Path.cwd()
    except OSError:  # it was removed
        return None


def search_path(folder: Path) -> list[str]:
    """Return where modules are looked for, in order: Python's own, the folder, the current one, what is installed."""
    wanted = [str(place) for place in (folder, _current_folder()) if place is not None]
    libraries = [place for place in sys.path if _is_library(place)]
    rest = [place for place in sys.path if not _is_library(place) and place not in wanted]
    return [*libraries, *dict.fromkeys(wanted), *rest]


def _is_library(place: str) -> bool:
    libraries = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
    roots = tuple(library for library in libraries if library)
    archive = f"python{sys.version_info.major}{sys.version_info.minor}.zip"
    return place in roots or place in [f"{root}/lib-dynload" for root in roots] or Path(place).name == archive


def _refuse_confusion(top: str, folder: Path) -> None:
    """Refuse a module of the folder that another of its name hides: the wrong code would run in silence."""
    local = _spec_in(top, folder)
    if local is None or local.origin is None:
        return
    own = Path(local.origin).resolve()
    if top in sys.stdlib_module_names:
        raise ConfigError(f"{own} has the name of Python's own module '{top}'; rename it")
    loaded = sys.modules.get(top)
    if loaded is None:
        return
    files = _files_of(loaded)
    if own not in files:
        other = files[0] if files else "a module without a file"
        raise ConfigError(
            f"there are two modules '{top}': {own}, and {other}, which is already loaded; "
            "rename one, or use each in a process of its own"
        )


def _spec_in(top: str, folder: Path) -> ModuleSpec | None:
    importlib.invalidate_caches()
    return PathFinder.find_spec(top, [str(folder)])


def _files_of(module: ModuleType) -> list[Path]:
    names = [getattr(module, "__file__", None), getattr(getattr(module, "__spec__", None), "origin", None)]
    return [Path(name).resolve() for name in names if isinstance(name, str)]


def _not_found(target: str, missing: str, folder: Path) -> str:
    places = list(dict.fromkeys([folder, *filter(None, [_current_folder()])]))
    looked = ", ".join(map(str, places))
    message = f"{target}: no module '{missing}'; looked in {looked}, and among what is installed"
    parent, _, last = missing.rpartition(".")
    nearby = [_modules_in(place.joinpath(*parent.split("."))) for place in places]
    return message + _suggest(_nearest(last, (name for names in nearby for name in names)))


def _modules_in(folder: Path) -> list[str]:
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return []
    files = [entry.stem for entry in entries if entry.suffix == ".py"]
    packages = [entry.name for entry in entries if (entry / "__init__.py").is_file()]
    return [name for name in [*files, *packages] if name.isidentifier()]


def _no_attribute(target: str, module: ModuleType, found: object, name: str) -> str:
    where = (getattr(module, "__file__", None) or module.__name__) if found is module else type(found).__name__
    return f"{target}: {where} has no '{name}'" + _suggest(_nearest(name, dir(found)))


def _nearest(name: str, known: Iterable[str]) -> str | None:
    return next(iter(difflib.get_close_matches(name, list(known), n=1)), None)


def _suggest(near: str | None) -> str:
    return f"; did you mean '{near}'?" if near else ""


def _fit(
    function: Callable[..., object], target: str, kwargs: Mapping[str, Any], extra: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the arguments to call with; raise ConfigError with every problem that the signature shows."""
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):  # some callables written in C have none
        return dict(kwargs)
    named = {
        name: parameter
        for name, parameter in signature.parameters.items()
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    }
    arguments = {name: value for name, value in extra.items() if name in named} | dict(kwargs)
    problems = _problems(signature, named, arguments)
    if problems:
        takes = f"it takes {', '.join(named)}" if named else "it takes no arguments by name"
        lines = [f"{target} {problem}" for problem in problems]
        raise ConfigError(f"{'; '.join(lines)} ({takes})", problems=lines)
    try:
        signature.bind(**arguments)
    except TypeError as error:  # parameters that can't be given by name
        raise ConfigError(f"{target} can't be called with arguments by name: {error}") from error
    return arguments


def _problems(
    signature: inspect.Signature, named: Mapping[str, inspect.Parameter], arguments: Mapping[str, Any]
) -> list[str]:
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in signature.parameters.values())
    unknown = [] if takes_any else [name for name in arguments if name not in named]
    missing = [
        name for name, parameter in named.items() if parameter.default is parameter.empty and name not in arguments
    ]
    free = [name for name in named if name not in arguments]
    meant = {name: _nearest(name, free) for name in unknown}
    # A misspelt parameter is one mistake: it is not missing as well.
    missing = [name for name in missing if name not in meant.values()]
    return [f"has no parameter '{name}'{_suggest(near)}" for name, near in meant.items()] + [
        f"needs '{name}', which is not given" for name in missing
    ]
