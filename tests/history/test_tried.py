"""How far apart two recipes are, and which of the past are nearest: what holds for all, and what a change weighs."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logbook.history.tried import cause_in_place, distance, distances, precedent
from logbook.store.recipes import PLACE, KnownRecipes, RecipeChunk
from logbook_schemas.config.identity import freeze, recipe
from logbook_schemas.config.leaves import SHARES
from logbook_schemas.config.places import DATA_WEIGHT, places
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.findings import Finding
from tests.history.records import digits, run

number = st.one_of(
    st.floats(1e-12, 1e12), st.floats(-1e6, -1e-6), st.integers(-1000, 100_000), st.sampled_from([0, 0.0, 1, 1e-3])
)
leaf = st.one_of(number, st.booleans(), st.none(), st.sampled_from(["adam", "relu", ""]), st.lists(number, max_size=3))
section = st.dictionaries(st.sampled_from(["lr", "rate", "size", "on", "{odd}"]), leaf, max_size=4)
kinds = st.fixed_dictionaries({"kind": st.sampled_from(["adam", "sgd", "odd kind"])})
tree = st.dictionaries(
    st.sampled_from(["optimizer", "model", "training"]),
    st.one_of(
        section,
        st.tuples(kinds, section).map(lambda both: both[0] | both[1]),
        st.tuples(kinds, section, kinds, section).map(
            lambda all_: all_[0] | all_[1] | {"inner": all_[2] | all_[3]},
        ),
        st.lists(st.tuples(kinds, section).map(lambda both: both[0] | both[1]), max_size=2),
    ),
    max_size=3,
)


@settings(deadline=None)
@given(left=tree, right=tree)
def test_the_distance_is_symmetric_and_zero_only_where_nothing_lies_elsewhere(left, right):
    one, other = places(left), places(right)
    assert distance(one, other) == pytest.approx(distance(other, one))
    assert distance(one, one) == 0
    assert (distance(one, other) == 0) == (one == other)


@settings(max_examples=200, deadline=None)
@given(wanted=tree, others=st.lists(tree, min_size=1, max_size=5))
def test_all_at_once_is_as_one_by_one(wanted, others):
    numbers: dict[str, int] = {}
    rows = [
        b"".join(PLACE.pack(numbers.setdefault(name, len(numbers) + 1), place) for name, place in places(one).items())
        for one in others
    ]
    chunks = [RecipeChunk((place,), (len(row),), row) for place, row in enumerate(rows)]
    together = RecipeChunk(tuple(range(len(rows))), tuple(map(len, rows)), b"".join(rows))
    found = distances(places(wanted), KnownRecipes(numbers, [together]))
    assert list(found) == list(distances(places(wanted), KnownRecipes(numbers, chunks)))
    assert list(found) == pytest.approx([distance(places(wanted), places(one)) for one in others], abs=1e-9)


@settings(deadline=None)
@given(lr=st.floats(1e-6, 1e3), other=st.floats(1e-6, 1e3), factor=st.floats(1e-3, 1e3))
def test_a_rate_lies_on_a_logarithmic_scale(lr, other, factor):
    steps = [apart({"optimizer": {"lr": rate}}, {"optimizer": {"lr": rate * factor}}) for rate in (lr, other)]
    assert steps[0] == pytest.approx(steps[1], abs=1e-9)
    assert steps[0] == pytest.approx(abs(math.log10(factor)), abs=1e-9)


def test_a_tenth_of_a_rate_weighs_as_much_anywhere_and_as_another_category():
    rates = [{"optimizer": {"kind": "adam", "lr": lr}} for lr in (1e-3, 1e-4, 1e-5)]
    assert apart(rates[0], rates[1]) == pytest.approx(1)
    assert apart(rates[1], rates[2]) == pytest.approx(1)
    assert apart({"model": {"bias": True}}, {"model": {"bias": False}}) == 1


def test_a_penalty_that_is_switched_on_weighs_1_whatever_its_size():
    off = {"regularization": {"l2": 0}}
    assert apart(off, {"regularization": {"l2": 1e-4}}) == apart(off, {"regularization": {"l2": 10}}) == 1
    assert apart({}, {"regularization": {"l2": 1e-4}}) == 1


def test_a_share_lies_on_the_scale_of_its_odds():
    betas = [{"optimizer": {"beta1": beta}} for beta in (0.9, 0.99, 0.999)]
    assert apart(betas[0], betas[1]) == pytest.approx(apart(betas[1], betas[2]), rel=0.05)
    assert apart(betas[0], betas[1]) == pytest.approx(1, rel=0.05)
    assert apart({"model": {"dropout": 0.25}}, {"model": {"dropout": 0.75}}) == pytest.approx(2 * math.log10(3))


def test_widths_are_numbers_of_their_own_and_a_layer_more_weighs_1():
    assert apart({"model": {"hidden": [100, 10]}}, {"model": {"hidden": [10, 10]}}) == pytest.approx(1)
    assert apart({"model": {"hidden": [256]}}, {"model": {"hidden": [256, 64]}}) == 1
    assert apart({"model": {"hidden": []}}, {"model": {"hidden": [8]}}) == 1


def test_a_seed_is_a_name_and_no_size():
    splits = [{"data": {"split": {"seed": seed}}} for seed in (1, 2, 1000)]
    assert apart(splits[0], splits[1]) == apart(splits[0], splits[2]) == 1


def test_a_section_of_another_kind_counts_once():
    assert apart(config(optimizer={"kind": "adam", "lr": 1e-3}), config(optimizer={"kind": "sgd", "lr": 0.1})) == 1


def test_other_data_outweigh_any_few_changes():
    elsewhere = config(data={"source": {"kind": "sklearn", "dataset": "wine"}})
    changed = config(optimizer={"kind": "sgd", "lr": 0.1}, model={"kind": "mlp", "hidden": [16], "activation": "tanh"})
    assert apart(config(), elsewhere) >= DATA_WEIGHT > apart(config(), changed)


def test_what_cannot_change_a_result_is_no_distance():
    named = {"name": "other", "hypothesis": "why", "training": {"seed": 7, "device": "cpu"}}
    assert apart(config(), config(**named)) == 0


def test_the_list_of_shares_is_what_the_fields_are_bound_by():
    assert set(shares(RunConfig, "", frozenset())) == SHARES


def test_the_runs_of_a_recipe_are_one_line():
    runs = [run(number).summary for number in (3, 2, 1)]
    runs[0] = runs[0].model_copy(update={"status": "diverged", "seed": 2, "best_value": None})
    runs[1] = runs[1].model_copy(
        update={"outcome": "dead-end", "outcome_reason": "too slow", "outcome_by": "logbook", "seed": 1}
    )
    told = precedent(runs, 0.5)
    assert (told.runs, told.statuses) == (("r3", "r2", "r1"), {"diverged": 1, "finished": 2})
    assert (told.outcome, told.outcome_run, told.verdict) == ("dead-end", "r2", "dead-end?")
    assert len(told.seeds) == 3
    runs[2] = runs[2].model_copy(update={"outcome": "promising", "outcome_by": "person"})
    assert precedent(runs, 0.5).verdict == "promising"


def test_the_cause_of_a_dead_end_is_in_place_where_the_checklist_finds_it_again():
    dead = run(1).summary.model_copy(
        update={"outcome": "dead-end", "outcome_by": "person", "first_finding": "L101 learning-rate-out-of-bounds"}
    )
    rate = Finding(code="L101", name="learning-rate-out-of-bounds", severity="warning", moment="config", message="x")
    other = rate.model_copy(update={"code": "D101", "name": "unscaled-inputs"})
    past = precedent([dead], 0.5)
    assert cause_in_place(past, [other, rate]) == rate
    assert cause_in_place(past, [other]) is None
    assert cause_in_place(past, [rate.model_copy(update={"ignored": "on purpose"})]) is None
    named = past.model_copy(update={"outcome_reason": "it is unscaled-inputs, I think"})
    assert cause_in_place(named, [other]) == other
    assert cause_in_place(past.model_copy(update={"outcome": "done"}), [rate]) is None


def apart(left: dict[str, Any], right: dict[str, Any]) -> float:
    """Return the distance of two recipes, or of the recipes of two whole configs."""
    return distance(*(places(_recipe(one) if "name" in one else one) for one in (left, right)))


def config(**changes: Any) -> dict[str, Any]:
    return digits(**changes)


def _recipe(raw: dict[str, Any]) -> dict[str, Any]:
    return recipe(freeze(RunConfig.model_validate_json(json.dumps(raw))).body)


def shares(model: Any, prefix: str, above: frozenset[Any]) -> Any:
    """Yield the paths of the fields that some kind of their section keeps between 0 and 1."""
    from logbook_schemas.config.neutral import _models_in

    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        for inner in _models_in(field.annotation):
            if inner not in above:
                yield from shares(inner, f"{path}.", above | {model})
        bounds = dict(_bounds(field.metadata))
        low, high = bounds.get("ge", bounds.get("gt")), bounds.get("le", bounds.get("lt"))
        if low is not None and low >= 0 and high is not None and high <= 1:
            yield path


def _bounds(metadata: Any) -> Any:
    for one in metadata:
        for name in ("ge", "gt", "le", "lt"):
            if getattr(one, name, None) is not None:
                yield name, getattr(one, name)
        yield from _bounds(getattr(one, "metadata", ()))
