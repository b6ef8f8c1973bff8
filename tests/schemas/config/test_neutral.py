"""Fields that a later release added: absent in a frozen config of the past, and neutral there, at any depth."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from logbook_schemas.config.base import Many, Section, setting, shorthand
from logbook_schemas.config.neutral import essence, is_neutral, with_neutral_values


class Quick(Section):
    """A kind of before, with a field that came later and is on by default."""

    kind: Literal["quick"] = "quick"
    power: float = setting(2.0, about="As ever.")
    guard: float = setting(0.5, about="Came later; the checklist wants it on.", neutral=0.0)


class Slow(Section):
    kind: Literal["slow"] = "slow"


Motor = Annotated[Quick | Slow, Field(discriminator="kind"), shorthand("quick")]


class Wheel(Section):
    """A section of one kind, that became a union since: its frozen form has no kind."""

    kind: Literal["wheel"] = setting("wheel", about="Came later.", neutral="wheel")
    size: int = setting(1, about="As ever.")
    tyre: str = setting("soft", about="Came later.", neutral="hard")


class Ski(Section):
    kind: Literal["ski"] = "ski"


class Brakes(Section):
    """A section that came later as a whole."""

    force: float = setting(1.0, about="Came later.", neutral=0.0)


class Lamp(Section):
    kind: Literal["none", "led"] = "led"
    watts: int = setting(5, about="Came later still.", neutral=0)


class Car(Section):
    """What today's release makes of the config."""

    doors: int = setting(4, about="As ever.")
    motor: Motor = setting(Quick(), about="As ever.")
    spare: Many[Motor] = setting((), about="As ever.")
    wheel: Annotated[Wheel | Ski, Field(discriminator="kind"), shorthand("wheel")] = setting(Wheel(), about="Ever.")
    winter: Slow | None = setting(Slow(), about="Came later, on by default.", neutral=None)
    brakes: Brakes = setting(Brakes(), about="Came later.")
    lamp: Lamp = setting(Lamp(), about="Came later.", neutral={"kind": "none"})
    label: str = setting("new", about="Came later.", recipe=False)


OLD: dict[str, Any] = {
    "doors": 2,
    "motor": {"kind": "quick", "power": 3.0},
    "spare": [{"kind": "slow"}, {"kind": "quick", "power": 1.0}],
    "wheel": {"size": 7},
}


def thawed(raw: dict[str, Any]) -> Car:
    return Car.model_validate_json(json.dumps(with_neutral_values(Car, raw)))


def test_absent_fields_are_neutral_and_not_at_their_default() -> None:
    car = thawed(OLD)
    assert car.motor == Quick(power=3.0, guard=0.0)
    assert car.spare == (Slow(), Quick(power=1.0, guard=0.0))
    assert car.wheel == Wheel(size=7, tyre="hard")
    assert car.winter is None
    assert car.brakes == Brakes(force=0.0)
    assert car.lamp == Lamp(kind="none", watts=0)


def test_the_config_as_given_is_left_alone() -> None:
    before = json.dumps(OLD)
    with_neutral_values(Car, OLD)
    assert json.dumps(OLD) == before


def test_fields_that_are_there_stay_as_they_are() -> None:
    whole = Car().model_dump(mode="json", by_alias=True)
    assert with_neutral_values(Car, whole) == whole


def test_a_section_that_is_absent_keeps_its_kind_and_is_neutral_within() -> None:
    car = thawed({"doors": 2, "motor": {"kind": "slow"}})
    assert car.wheel == Wheel(tyre="hard")
    assert thawed({"doors": 2}).motor == Quick(guard=0.0)


def test_the_recipe_of_an_old_config_is_the_same_with_and_without_the_new_fields() -> None:
    today = thawed(OLD).model_dump(mode="json", by_alias=True)
    assert today != OLD
    assert essence(Car, today) == essence(Car, OLD) == OLD


def test_today_s_defaults_are_another_recipe_where_they_differ_from_the_old_behaviour() -> None:
    assert essence(Car, {**OLD, "brakes": {"force": 1.0}}) == {**OLD, "brakes": {"force": 1.0}}


@pytest.mark.parametrize(
    ("model", "name", "value", "is_so"),
    [
        (Quick, "guard", 0, True),
        (Quick, "guard", 0.5, False),
        (Quick, "power", 2.0, False),
        (Car, "brakes", {"force": 0.0}, True),
        (Car, "brakes", {"force": 0.1}, False),
        (Car, "lamp", {"kind": "none", "watts": 0}, True),
        (Car, "lamp", {"kind": "none", "watts": 3}, False),
        (Car, "winter", None, True),
        (Car, "winter", {"kind": "slow"}, False),
        (Car, "motor", {"kind": "quick", "guard": 0.0}, False),
    ],
)
def test_a_field_is_neutral_where_it_does_nothing(model: type[BaseModel], name: str, value: Any, is_so: bool) -> None:
    assert is_neutral(model, name, value) is is_so
