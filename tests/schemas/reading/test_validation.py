"""Validation in plain words, on models made like the config's: strict, frozen, kinds with a short form."""

from __future__ import annotations

import json
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, RootModel, Strict, model_validator
from pydantic_core import PydanticCustomError

from logbook_schemas.reading import ReadingError, apply_overrides, read_json, validate


def from_short(value: object) -> object:
    return {"kind": value} if isinstance(value, str) else value


class Section(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)


class Adam(Section):
    kind: Literal["adam"] = "adam"
    lr: float = Field(default=0.001, gt=0)
    # A validator before the model hands lists over as such, and a strict tuple would refuse them.
    betas: Annotated[tuple[float, float], Strict(strict=False)] = (0.9, 0.999)


class Momentum(Section):
    kind: Literal["momentum", "nesterov"] = "momentum"
    lr: float
    momentum: float = Field(default=0.9, ge=0, lt=1)


class Python(Section):
    kind: Literal["python"] = "python"
    target: str = Field(pattern=r"^[\w.]+:\w+$")
    python: str | None = None
    kwargs: dict[str, JsonValue] = {}


Optimizer = Annotated[Adam | Momentum | Python, Field(discriminator="kind"), BeforeValidator(from_short)]


class Standardize(Section):
    kind: Literal["standardize"] = "standardize"


class TanhSquash(Section):
    kind: Literal["tanh-squash"] = "tanh-squash"
    c: float = 1000.0
    then: Optimizer = Adam()


Step = Annotated[Standardize | TanhSquash, Field(discriminator="kind"), BeforeValidator(from_short)]


class ByNorm(Section):
    kind: Literal["norm"] = "norm"
    at: float = Field(gt=0)


class ByValue(Section):
    kind: Literal["value"] = "value"
    at: float = Field(gt=0)


Clip = Annotated[ByNorm | ByValue, Field(discriminator="kind")]


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Stopping(Section):
    patience: int = Field(ge=1)


class Split(Section):
    kind: Literal["random"] = "random"
    seed: int = 0


class Training(Section):
    epochs: int = Field(ge=1, le=10_000)
    batch_size: int | Literal["all"] = 32
    deterministic: bool = True
    early_stopping: Stopping | None = None

    @model_validator(mode="after")
    def refuse_what_cannot_run(self) -> Training:
        if self.early_stopping is not None and self.early_stopping.patience >= self.epochs:
            raise ValueError("early_stopping.patience must be below epochs")
        if self.epochs == 13:
            raise PydanticCustomError("superstition", "not {number} epochs", {"number": 13})
        return self


class Names(RootModel[dict[str, Annotated[int, Field(ge=0)]]]):
    pass


class Config(Section):
    format: Literal[1] = 1
    schema_: str | None = Field(default=None, alias="$schema")
    name: str = Field(default="x", min_length=1, max_length=8)
    mode: Literal["min", "max"] = "min"
    colour: Colour = Colour.RED
    optimizer: Optimizer = Adam()
    fallback: Optimizer | None = None
    inputs: tuple[Step, ...] = ()
    nested: dict[str, list[Step]] = {}
    hidden: Annotated[list[Annotated[int, Field(gt=0, multiple_of=2)]], Field(min_length=1, max_length=3)] = [2]
    clip: Literal["none"] | Clip = "none"
    split: Annotated[Split, BeforeValidator(from_short)] = Split()
    layers: int | list[int] = 1
    training: Training = Training(epochs=1)
    weights: dict[Annotated[str, Field(pattern="^[a-z]+$")], float] = {}
    names: Names = Names({})
    anything: Any = None


def check(text: str, *assignments: str) -> list[str]:
    document = apply_overrides(read_json(text, name="c.json"), assignments)
    with pytest.raises(ReadingError) as caught:
        validate(document, Config)
    return [str(problem) for problem in caught.value.problems]


def test_a_valid_config_becomes_its_model():
    text = '{"optimizer": "adam", "inputs": ["tanh-squash", {"kind": "standardize"}], "layers": [1], "colour": "blue"}'
    config = validate(read_json(text, name="c.json"), Config)
    assert isinstance(config, Config)
    assert config.optimizer == Adam()
    assert config.inputs == (TanhSquash(), Standardize())
    assert config.colour is Colour.BLUE


MESSAGES = {
    "a whole number, not a decimal": (
        '{"training": {"epochs": 3.0}}',
        "1:25: training.epochs: expected a whole number, found 3.0",
    ),
    "a whole number, not text": (
        '{"training": {"epochs": "3"}}',
        '1:25: training.epochs: expected a whole number, found the text "3"',
    ),
    "true is no number": (
        '{"training": {"epochs": true}}',
        "1:25: training.epochs: expected a whole number, found true",
    ),
    "1 is not true": (
        '{"training": {"epochs": 1, "deterministic": 1}}',
        "1:45: training.deterministic: expected true or false, found 1",
    ),
    "a number": (
        '{"optimizer": {"kind": "adam", "lr": "0.1"}}',
        '1:38: optimizer.lr: expected a number, found the text "0.1"',
    ),
    "text": ('{"name": 3}', "1:10: name: expected text, found 3"),
    "text or null": ('{"$schema": []}', "1:13: $schema: expected text, found an empty list"),
    "a list": ('{"hidden": {"a": 1}}', "1:12: hidden: expected a list, found an object"),
    "a list for a tuple": ('{"inputs": null}', "1:12: inputs: expected a list, found null"),
    "an object": ('{"training": "fast"}', '1:14: training: expected an object, found the text "fast"'),
    "an object of numbers": ('{"weights": []}', "1:13: weights: expected an object, found an empty list"),
    "an object at the top": (" [1]", "1:2: expected an object, found a list"),
    "an object or a kind": (
        '{"optimizer": 3}',
        "1:15: optimizer: expected an object or one of 'adam', 'momentum', 'nesterov', 'python', found 3",
    ),
    "greater than": (
        '{"optimizer": {"kind": "adam", "lr": -0.1}}',
        "1:38: optimizer.lr: must be greater than 0, found -0.1",
    ),
    "at least": ('{"training": {"epochs": 0}}', "1:25: training.epochs: must be at least 1, found 0"),
    "at most": ('{"training": {"epochs": 10001}}', "1:25: training.epochs: must be at most 10000, found 10001"),
    "less than": (
        '{"optimizer": {"kind": "momentum", "lr": 1, "momentum": 1.0}}',
        "1:57: optimizer.momentum: must be less than 1, found 1.0",
    ),
    "multiple of": ('{"hidden": [2, 3]}', "1:16: hidden[1]: must be a multiple of 2, found 3"),
    "too few": ('{"hidden": []}', "1:12: hidden: must have at least 1 item, found 0"),
    "too many": ('{"hidden": [2, 2, 2, 2]}', "1:12: hidden: must have at most 3 items, found 4"),
    "too short": ('{"name": ""}', "1:10: name: must have at least 1 character, found 0"),
    "too long": ('{"name": "digits-mlp"}', "1:10: name: must have at most 8 characters, found 10"),
    "one item missing": (
        '{"optimizer": {"kind": "adam", "betas": [0.9]}}',
        "1:41: optimizer.betas[1]: one more item is needed",
    ),
    "a pattern": (
        '{"optimizer": {"kind": "python", "target": "f"}}',
        '1:44: optimizer.target: must match the pattern ^[\\w.]+:\\w+$, found the text "f"',
    ),
    "a pattern of keys": (
        '{"weights": {"ok": 1, "B": 2}}',
        '1:23: weights.B: must match the pattern ^[a-z]+$, found the text "B"',
    ),
    "one of two": ('{"mode": "mni"}', "1:10: mode: expected one of 'min', 'max', found 'mni'; did you mean 'min'?"),
    "one of two, none near": ('{"mode": "up"}', "1:10: mode: expected one of 'min', 'max', found 'up'"),
    "one of two, not text": ('{"mode": 3}', "1:10: mode: expected one of 'min', 'max', found 3"),
    "the only one": ('{"format": 2}', "1:12: format: expected 1, found 2"),
    "an enum": ('{"colour": "Red"}', "1:12: colour: expected one of 'red', 'blue', found 'Red'; did you mean 'red'?"),
    "unknown key": (
        '{"training": {"epochs": 1,\n  "deterministik": true}}',
        "2:3: training.deterministik: unknown key 'deterministik'; did you mean 'deterministic'?"
        " (known here: epochs, batch_size, deterministic, early_stopping)",
    ),
    "unknown key, none near": (
        '{"optimizer": {"kind": "adam", "x": 1}}',
        "1:32: optimizer.x: unknown key 'x' (known here: kind, lr, betas)",
    ),
    "unknown key behind a null": (
        '{"training": {"epochs": 9, "early_stopping": {"patience": 1, "patients": 2}}}',
        "1:62: training.early_stopping.patients: unknown key 'patients'; did you mean 'patience'?"
        " (known here: patience)",
    ),
    "unknown key with dots in it": (
        '{"training": {"epochs": 1, "a.b": 1}}',
        "1:28: training[\"a.b\"]: unknown key 'a.b' (",
    ),
    "missing key": ('{\n "training": {}}', "2:14: training.epochs: this key is missing"),
    "missing key of a short form": ('{"optimizer": "momentum"}', "1:15: optimizer.lr: this key is missing"),
    "missing kind": (
        '{"optimizer": {"knid": "adam"}}',
        "1:15: optimizer.kind: this key is missing; is 'knid' meant to be 'kind'?"
        " (one of 'adam', 'momentum', 'nesterov', 'python')",
    ),
    "missing kind of what may be null": (
        '{"fallback": {}}',
        "1:14: fallback.kind: this key is missing (one of 'adam', 'momentum', 'nesterov', 'python')",
    ),
    "unknown kind": (
        '{"optimizer": {"kind": "adm"}}',
        "1:24: optimizer.kind: unknown kind 'adm'; did you mean 'adam'?"
        " (one of 'adam', 'momentum', 'nesterov', 'python')",
    ),
    "unknown kind in the short form": (
        '{"optimizer": "Adam"}',
        "1:15: optimizer: unknown kind 'Adam'; did you mean 'adam'? (one of 'adam', 'momentum', 'nesterov', 'python')",
    ),
    "unknown kind in a list": (
        '{"inputs": ["standardize", "standardise"]}',
        "1:28: inputs[1]: unknown kind 'standardise'; did you mean 'standardize'?"
        " (one of 'standardize', 'tanh-squash')",
    ),
    "the only kind there is": (
        '{"split": {"kind": "rnadom"}}',
        "1:20: split.kind: unknown kind 'rnadom'; did you mean 'random'? (the only one is 'random')",
    ),
    "the only kind there is, in the short form": (
        '{"split": "rnadom"}',
        "1:11: split: unknown kind 'rnadom'; did you mean 'random'? (the only one is 'random')",
    ),
    "a kind that is no text": (
        '{"optimizer": {"kind": 3}}',
        "1:24: optimizer.kind: expected one of 'adam', 'momentum', 'nesterov', 'python', found 3",
    ),
    "no near kind: only the kind": (
        '{"optimizer": {"kind": "zzz", "lr": "x", "y": 1}}',
        "1:24: optimizer.kind: unknown kind 'zzz' (one of 'adam', 'momentum', 'nesterov', 'python')",
    ),
    "either of two types": ('{"layers": "a"}', '1:12: layers: expected a whole number or a list, found the text "a"'),
    "the branch that was meant": (
        '{"layers": [1, "a"]}',
        '1:16: layers[1]: expected a whole number, found the text "a"',
    ),
    "a type or a word": (
        '{"training": {"epochs": 1, "batch_size": 3.5}}',
        "1:42: training.batch_size: expected a whole number or 'all', found 3.5",
    ),
    "a type or a misspelt word": (
        '{"training": {"epochs": 1, "batch_size": "alle"}}',
        "1:42: training.batch_size: expected a whole number or 'all', found 'alle'; did you mean 'all'?",
    ),
    "inside a kind beside a word": (
        '{"clip": {"kind": "norm", "at": 0}}',
        "1:33: clip.at: must be greater than 0, found 0",
    ),
    "a word beside kinds": (
        '{"clip": "nonee"}',
        "1:10: clip: expected an object or one of 'none', 'norm', 'value', found 'nonee'; did you mean 'none'?",
    ),
    "a validator's words": (
        '{"training": {"epochs": 2, "early_stopping": {"patience": 2}}}',
        "1:14: training: early_stopping.patience must be below epochs",
    ),
    "a validator's own sort of error": ('{"training": {"epochs": 13}}', "1:14: training: not 13 epochs"),
    "inside a root model": ('{"names": {"a": -1}}', "1:17: names.a: must be at least 0, found -1"),
    "a key called like its kind": (
        '{"optimizer": {"kind": "python", "target": "a:f", "python": 1}}',
        "1:61: optimizer.python: expected text, found 1",
    ),
    "a section lacking a key, beside a key called like its kind": (
        '{"optimizer": {"kind": "python", "python": "a"}}',
        "1:15: optimizer.target: this key is missing",
    ),
}


@pytest.mark.parametrize("case", MESSAGES)
def test_each_fault_is_told_in_plain_words_at_its_place(case):
    text, expected = MESSAGES[case]
    problems = check(text)
    assert len(problems) == 1, problems
    if expected.endswith("("):
        assert problems[0].startswith(f"c.json:{expected}")
    else:
        assert problems[0] == f"c.json:{expected}"


def places(problems: list[str]) -> list[str]:
    return [": ".join(problem.split(": ")[:2]) for problem in problems]


def test_sections_with_misspelt_kinds_are_checked_under_the_nearest_ones_all_at_once():
    problems = check("""{
      "clip": {"kind": "nrom", "at": -1},
      "optimizer": {"kind": "Momentun", "momentun": 2},
      "inputs": ["standardise", {"kind": "tanh_squash", "c": "a", "then": {"kind": "adm", "lr": 0}}],
      "nested": {"a b": [{"kind": "tanhsquash", "d": 1}]},
      "fallback": {"kind": "zzz", "lr": 0},
      "mode": "x"
    }""")
    assert places(problems) == [
        "c.json:2:24: clip.kind",
        "c.json:2:38: clip.at",
        "c.json:3:20: optimizer.lr",
        "c.json:3:29: optimizer.kind",
        "c.json:3:41: optimizer.momentun",
        "c.json:4:18: inputs[0]",
        "c.json:4:42: inputs[1].kind",
        "c.json:4:62: inputs[1].c",
        "c.json:4:84: inputs[1].then.kind",
        "c.json:4:97: inputs[1].then.lr",
        'c.json:5:35: nested["a b"][0].kind',
        'c.json:5:49: nested["a b"][0].d',
        "c.json:6:28: fallback.kind",
        "c.json:7:15: mode",
    ]
    assert problems[4].startswith(
        "c.json:3:41: optimizer.momentun: unknown key 'momentun'; did you mean 'momentum'?"
        " (known here: kind, lr, momentum)"
    )


def test_a_misspelt_kind_in_an_otherwise_valid_section_is_the_only_problem():
    assert places(check('{"inputs": [{"kind": "tanh-squahs", "c": 1.0}]}')) == ["c.json:1:22: inputs[0].kind"]


def test_a_short_form_with_a_misspelt_kind_is_checked_for_what_it_lacks():
    assert places(check('{"optimizer": "momentun"}')) == ["c.json:1:15: optimizer", "c.json:1:15: optimizer.lr"]


def test_what_an_option_set_is_told_under_the_option_and_after_the_file():
    text = '{"optimizer": "adam", "mode": "x", "hidden": [2, 4], "training": {"epochs": 0}}'
    problems = check(text, "optimizer.lr=fast", "hidden[1]=3", "training.epochz=3", "inputs=[1]", "clip.kind=nrom")
    assert problems == [
        "c.json:1:31: mode: expected one of 'min', 'max', found 'x'",
        "c.json:1:77: training.epochs: must be at least 1, found 0",
        '--set optimizer.lr=fast: optimizer.lr: expected a number, found the text "fast"',
        "--set hidden[1]=3: hidden[1]: must be a multiple of 2, found 3",
        "--set training.epochz=3: training.epochz: unknown key 'epochz'; did you mean 'epochs'?"
        " (known here: epochs, batch_size, deterministic, early_stopping)",
        "--set inputs=[1]: inputs[0]: expected an object or one of 'standardize', 'tanh-squash', found 1",
        "--set clip.kind=nrom: clip.at: this key is missing",
        "--set clip.kind=nrom: clip.kind: unknown kind 'nrom'; did you mean 'norm'? (one of 'norm', 'value')",
    ]


def test_an_option_that_mends_a_fault_leaves_none():
    document = read_json('{"optimizer": {"kind": "adam", "lr": 0}}', name="c.json")
    assert validate(apply_overrides(document, ["optimizer.lr=1"]), Config).optimizer == Adam(lr=1.0)


def test_only_fifty_problems_are_told_and_the_others_counted():
    text = json.dumps({"weights": {chr(97 + i // 26) + chr(97 + i % 26): "x" for i in range(60)}})
    with pytest.raises(ReadingError) as caught:
        validate(read_json(text, name="c.json"), Config)
    lines = str(caught.value).splitlines()
    assert len(lines) == 51
    assert lines[-1] == "and 10 more"
    assert lines[0] == 'c.json:1:20: weights.aa: expected a number, found the text "x"'


def test_the_validated_document_stays_as_it_was():
    document = read_json('{"optimizer": {"kind": "adm"}}', name="c.json")
    with pytest.raises(ReadingError):
        validate(document, Config)
    assert document.value == {"optimizer": {"kind": "adm"}}


class Rewriting(Section):
    """A model whose validator makes a section out of what the person wrote."""

    optimizer: Annotated[Optimizer, BeforeValidator(lambda value: {"kind": "adm", "lr": value})]


def test_a_wrong_kind_that_only_a_validator_made_is_told_once():
    with pytest.raises(ReadingError) as caught:
        validate(read_json('{"optimizer": 3}', name="c.json"), Rewriting)
    assert str(caught.value).startswith("c.json:1:15: optimizer: expected one of 'adam', ")
    assert len(caught.value.problems) == 1
