"""The person's callables are found where they should be, and every mistake is named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from logbook.errors import ConfigError, DataError, UserCodeError
from logbook.training.own_code import call_target, load_target
from tests.own_modules import forgotten, write


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Make a config's folder; what is loaded from it is forgotten afterwards."""
    config, current = tmp_path / "config", tmp_path / "current"
    config.mkdir()
    current.mkdir()
    monkeypatch.chdir(current)
    with forgotten(tmp_path):
        yield config


MODEL = """\
class Net:
    def __init__(self, width, depth=2): self.size = (width, depth)
    @classmethod
    def small(cls): return cls(1)

def make_net(width, depth=2, *, input_shape=None): return (width, depth, input_shape)
def take_all(**kwargs): return kwargs
def only_position(width, /): return width
number = 3
"""


def refused(target, folder):
    with pytest.raises(ConfigError) as caught:
        load_target(target, folder)
    return str(caught.value)


def test_a_callable_beside_the_config_is_loaded(folder):
    write(folder, "lt_model.py", MODEL)
    assert call_target(load_target("lt_model:make_net", folder), "lt_model:make_net", {"width": 3}) == (3, 2, None)
    assert load_target("lt_model:Net.small", folder)().size == (1, 2)


def test_the_config_folder_comes_before_the_current_one(folder):
    write(folder, "lt_model.py", "def make(): return 'config'\n")
    write(Path.cwd(), "lt_model.py", "def make(): return 'current'\n")
    write(Path.cwd(), "lt_other.py", "def make(): return 'current'\n")
    assert load_target("lt_model:make", folder)() == "config"
    assert load_target("lt_other:make", folder)() == "current"


def test_installed_callables_are_found_last(folder):
    assert load_target("json:dumps", folder)([1]) == "[1]"


def test_a_package_and_its_later_imports_are_found(folder):
    write(folder, "lt_pack/__init__.py", "")
    write(folder, "lt_pack/nets.py", "def make():\n    import lt_helper\n    return lt_helper.x\n")
    write(folder, "lt_helper.py", "x = 5\n")
    assert load_target("lt_pack.nets:make", folder)() == 5


def test_files_beside_a_config_do_not_replace_pythons_own_modules(folder):
    write(folder, "colorsys.py", "raise RuntimeError('shadowed')\n")
    write(folder, "lt_model.py", "import colorsys\ndef make(): return colorsys.__file__\n")
    sys.modules.pop("colorsys", None)
    assert str(folder) not in load_target("lt_model:make", folder)()
    assert "has the name of Python's own module 'colorsys'; rename it" in refused("colorsys:make", folder)


def test_two_modules_of_one_name_are_refused_by_naming_both(folder, tmp_path):
    first = write(tmp_path / "elsewhere", "lt_model.py", MODEL)
    second = write(folder, "lt_model.py", MODEL)
    load_target("lt_model:make_net", tmp_path / "elsewhere")
    message = refused("lt_model:make_net", folder)
    assert str(first) in message
    assert str(second) in message
    own = write(folder, "numpy.py", "")
    import numpy

    message = refused("numpy:array", folder)
    assert str(own) in message
    assert numpy.__file__ in message


def test_the_same_module_can_be_loaded_twice(folder):
    write(folder, "lt_model.py", MODEL)
    path_after_one = load_target("lt_model:make_net", folder) and list(sys.path)
    assert load_target("lt_model:make_net", folder) is load_target("lt_model:make_net", folder)
    assert sys.path == path_after_one


@pytest.mark.parametrize(
    "target", ["", "model", "model:", ":make", "a b:c", "model:make()", "model:1", "../m:f", "a..b:c"]
)
def test_a_target_of_another_form_is_refused(folder, target):
    assert refused(target, folder) == f"expected 'package.module:callable', found {target!r}"


def test_a_missing_module_says_where_it_was_looked_for_and_what_is_near(folder):
    write(folder, "lt_model.py", MODEL)
    message = refused("lt_modle:make_net", folder)
    assert "no module 'lt_modle'" in message
    assert str(folder) in message
    assert str(Path.cwd()) in message
    assert message.endswith("did you mean 'lt_model'?")
    write(folder, "lt_pack/__init__.py", "")
    write(folder, "lt_pack/nets.py", "")
    assert refused("lt_pack.nest:make", folder).endswith(
        f"no module 'lt_pack.nest'; looked in {folder}, {Path.cwd()}, and among what is installed; did you mean 'nets'?"
    )
    assert "no module" in refused("lt_model.sub:make", folder)


def test_a_missing_attribute_suggests_the_nearest(folder):
    place = write(folder, "lt_model.py", MODEL)
    assert (
        refused("lt_model:make_nt", folder) == f"lt_model:make_nt: {place} has no 'make_nt'; did you mean 'make_net'?"
    )
    assert "has no 'smal'; did you mean 'small'?" in refused("lt_model:Net.smal", folder)


def test_what_cannot_be_called_is_refused(folder):
    write(folder, "lt_model.py", MODEL)
    assert refused("lt_model:number", folder) == "lt_model:number is of type int; expected something that can be called"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\nraise ValueError('no weights')\n", "importing lt_model raised ValueError: no weights (lt_model.py:2)"),
        ("def f(:\n", "importing lt_model raised SyntaxError: invalid syntax (lt_model.py:1)"),
        (
            "import lt_no_such\n",
            "importing lt_model raised ModuleNotFoundError: No module named 'lt_no_such' (lt_model.py:1)",
        ),
        ("import sys\nsys.exit(2)\n", "importing lt_model raised SystemExit: 2 (lt_model.py:2)"),
        ("import json\njson.loads('{')\n", "(lt_model.py:2)"),
    ],
    ids=["raises", "syntax", "import", "exit", "library"],
)
def test_a_module_that_raises_is_the_persons_own_error(folder, text, message):
    write(folder, "lt_model.py", text)
    with pytest.raises(UserCodeError) as caught:
        load_target("lt_model:make", folder)
    assert str(caught.value).endswith(message)
    assert "lt_model.py" in caught.value.traceback_text
    assert "provenance" not in caught.value.traceback_text
    assert "importlib" not in caught.value.traceback_text


def call_refused(name, kwargs, folder, extra=None):
    write(folder, "lt_model.py", MODEL)
    target = f"lt_model:{name}"
    with pytest.raises(ConfigError) as caught:
        call_target(load_target(target, folder), target, kwargs, extra=extra)
    return caught.value


def test_a_misspelt_argument_is_named_with_the_nearest(folder):
    error = call_refused("Net", {"widht": 3}, folder)
    assert str(error) == "lt_model:Net has no parameter 'widht'; did you mean 'width'? (it takes width, depth)"
    assert len(error.problems) == 1
    assert str(call_refused("make_net", {"depth": 1}, folder)).startswith("lt_model:make_net needs 'width'")


def test_every_wrong_argument_is_named_at_once(folder):
    error = call_refused("make_net", {"colour": 1, "shape": 2}, folder)
    assert len(error.problems) == 3
    assert "needs 'width', which is not given" in str(error)
    assert "(it takes width, depth, input_shape)" in str(error)


def test_parameters_without_a_name_are_refused(folder):
    assert "by name" in str(call_refused("only_position", {"width": 1}, folder))


def test_offered_arguments_are_passed_only_to_parameters_of_their_name(folder):
    write(folder, "lt_model.py", MODEL)
    offered = {"input_shape": (8,), "output_size": 3}

    def call(name, kwargs):
        return call_target(load_target(f"lt_model:{name}", folder), name, kwargs, extra=offered)

    assert call("make_net", {"width": 1}) == (1, 2, (8,))
    assert call("make_net", {"width": 1, "input_shape": (9,)}) == (1, 2, (9,))
    assert call("take_all", {"any": 1}) == {"any": 1}
    assert call("Net", {"width": 4}).size == (4, 2)


def test_a_callable_without_a_signature_is_called_as_it_is():
    assert call_target(dict, "builtins:dict", {"a": 1}) == {"a": 1}


def test_what_a_call_raises_is_short_to_read_and_whole_to_keep(folder):
    place = write(
        folder,
        "lt_model.py",
        "import json\ndef inner(x):\n    return json.loads(x)\ndef make(x):\n    try:\n        inner(x)\n"
        "    except ValueError as error:\n        raise RuntimeError('can\\'t read\\nsecond line') from error\n",
    )
    make = load_target("lt_model:make", folder)
    with pytest.raises(UserCodeError) as caught:
        call_target(make, "lt_model:make", {"x": "{"})
    assert str(caught.value) == "lt_model:make raised RuntimeError: can't read (lt_model.py:8)"
    text = caught.value.traceback_text
    assert f'File "{place}", line 8, in make' in text
    assert "JSONDecodeError" in text
    assert "second line" in text
    assert "modules.py" not in text
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_an_error_inside_a_library_points_at_the_persons_line(folder):
    write(folder, "lt_model.py", "import json\n\ndef make():\n    return json.loads('{')\n")
    with pytest.raises(UserCodeError, match=r"JSONDecodeError: .* \(lt_model\.py:4\)$"):
        call_target(load_target("lt_model:make", folder), "lt_model:make", {})


def test_errors_of_ours_and_interrupts_pass_through():
    def stop():
        raise KeyboardInterrupt

    def ours():
        raise DataError("no such column")

    with pytest.raises(KeyboardInterrupt):
        call_target(stop, "m:stop", {})
    with pytest.raises(DataError, match="no such column"):
        call_target(ours, "m:ours", {})


def test_a_worker_process_finds_the_same_modules(folder):
    write(folder, "lt_model.py", "def twice(x): return 2 * x\n")
    script = write(
        folder.parent,
        "main.py",
        f"import sys; sys.path += {sys.path!r}\n"
        "import multiprocessing\nfrom pathlib import Path\nfrom logbook.training.own_code import load_target\n"
        "if __name__ == '__main__':\n"
        "    twice = load_target('lt_model:twice', Path(sys.argv[1]))\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool: print(pool.map(twice, [1, 2]))\n",
    )
    done = subprocess.run([sys.executable, str(script), str(folder)], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[2, 4]", "")
