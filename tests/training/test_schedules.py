"""Schedules against closed forms written a second time, and against torch's own where it has one."""

import io
import math
import warnings

import pytest
import torch
from torch.optim.lr_scheduler import OneCycleLR, ReduceLROnPlateau

from logbook.training.schedules import build_schedule
from logbook_schemas.config.course import Course
from logbook_schemas.config.rates import factor_at
from logbook_schemas.config.run import RunConfig

STEPS, EPOCHS = 10, 20
TOTAL = STEPS * EPOCHS


def a_config(schedule, monitor=None):
    parts = {"schedule": schedule, "training": {"epochs": EPOCHS}, **({"monitor": monitor} if monitor else {})}
    return RunConfig.model_validate(
        {"name": "a", "task": "classification", "data": {"source": {"kind": "npz", "path": "x.npz"}}, **parts}
    )


def an_optimizer(*rates):
    groups = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": rate} for rate in rates]
    return torch.optim.SGD(groups, lr=1.0)


def a_schedule(schedule, optimizer, **more):
    return build_schedule(a_config(schedule, **more), optimizer, Course.even(steps_per_epoch=STEPS, epochs=EPOCHS))


def rates_of(schedule, *, rate=0.5):
    """The rate of every step of a whole run."""
    optimizer = an_optimizer(rate)
    made = a_schedule(schedule, optimizer)
    rates = []
    for _ in range(TOTAL):
        rates.append(optimizer.param_groups[0]["lr"])
        made.step()
    return rates


CLOSED_FORMS = [
    ("constant", lambda _: 1.0),
    ({"kind": "step", "step_size": 6, "gamma": 0.5}, lambda t: 0.5 ** ((t // STEPS) // 6)),
    ({"kind": "geometric", "gamma": 0.98}, lambda t: 0.98**t),
    ({"kind": "inverse-time", "decay": 0.05}, lambda t: 1 / (1 + 0.05 * t)),
    ({"kind": "multi-step", "milestones": [20, 50]}, lambda t: 1.0 if t < 20 else 0.1 if t < 50 else 0.01),
    (
        {"kind": "multi-step", "milestones": [2, 5], "by": "epochs", "gamma": 0.5},
        lambda t: 0.5 ** ((t >= 2 * STEPS) + (t >= 5 * STEPS)),
    ),
    ("cosine", lambda t: (1 + math.cos(math.pi * t / (TOTAL - 1))) / 2),
    ({"kind": "cosine", "final": 0.2}, lambda t: 0.2 + 0.8 * (1 + math.cos(math.pi * t / (TOTAL - 1))) / 2),
    ({"kind": "final-drop", "at": 0.75, "gamma": 0.1}, lambda t: 0.1 if t >= 0.75 * TOTAL else 1.0),
    ("plateau", lambda _: 1.0),
]


@pytest.mark.parametrize(("schedule", "form"), CLOSED_FORMS, ids=[str(form[0]) for form in CLOSED_FORMS])
def test_each_schedule_follows_its_closed_form(schedule, form):
    assert rates_of(schedule) == pytest.approx([0.5 * form(t) for t in range(TOTAL)])


@pytest.mark.parametrize("schedule", [form[0] for form in CLOSED_FORMS] + ["one-cycle"], ids=str)
def test_warm_up_rises_in_a_line_and_never_spends_a_step_at_zero(schedule):
    kind = {"kind": schedule} if isinstance(schedule, str) else schedule
    without, with_it = rates_of(kind), rates_of({**kind, "warmup": 4})
    first = without[0]
    assert with_it[:4] == pytest.approx([first / 5, first * 2 / 5, first * 3 / 5, first * 4 / 5])
    assert with_it[4] == pytest.approx(first)


def test_cosine_reaches_its_end_at_the_last_step_after_a_warm_up_too():
    assert rates_of({"kind": "cosine", "final": 0.1, "warmup": 30})[-1] == pytest.approx(0.05)


@pytest.mark.parametrize(("rise", "start", "end"), [(0.3, 0.04, 1e-4), (0.5, 0.5, 0.01)])
def test_one_cycle_is_torchs_one_cycle(rise, start, end):
    optimizer = an_optimizer(1.0)
    shares = {"pct_start": rise, "div_factor": 1 / start, "final_div_factor": 1 / end}
    theirs = OneCycleLR(optimizer, 0.5, total_steps=TOTAL, **shares, cycle_momentum=False)
    expected = []
    for _ in range(TOTAL):
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if len(expected) < TOTAL:
            theirs.step()
    assert rates_of({"kind": "one-cycle", "rise": rise, "start": start, "end": end}) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("mode", "values"),
    [
        ("min", [3, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1]),
        ("max", [1, 2, 2, 1, 0, 3, 3, 3]),
        ("min", [3, 2.8, 2.6, 2.4, 2.2, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0]),
    ],
)
@pytest.mark.parametrize("more", [{}, {"min_delta": 0.5}, {"cooldown": 2}, {"min_lr": 0.02}], ids=str)
def test_plateau_drops_when_torchs_plateau_drops(mode, values, more):
    mine, theirs = an_optimizer(0.5), an_optimizer(0.5)
    schedule = a_schedule(
        {"kind": "plateau", "patience": 2, "gamma": 0.1, **more}, mine, monitor={"metric": "val_loss", "mode": mode}
    )
    threshold = {"threshold": more.get("min_delta", 0.0), "threshold_mode": "abs"}
    rest = {name: value for name, value in more.items() if name != "min_delta"}
    reference = ReduceLROnPlateau(theirs, mode, factor=0.1, patience=2, eps=0.0, **threshold, **rest)
    rates = []
    for value in values:
        schedule.epoch_end(float(value))
        reference.step(float(value))
        rates.append(mine.param_groups[0]["lr"])
        assert rates[-1] == pytest.approx(theirs.param_groups[0]["lr"])
    assert min(rates) < 0.5 or more


def test_plateau_takes_nan_for_no_improvement_and_ignores_an_epoch_without_a_value():
    optimizer = an_optimizer(1.0)
    schedule = a_schedule({"kind": "plateau", "patience": 0, "gamma": 0.5}, optimizer)
    schedule.epoch_end(None)
    assert optimizer.param_groups[0]["lr"] == 1.0
    schedule.epoch_end(math.nan)
    assert optimizer.param_groups[0]["lr"] == 0.5


def test_each_group_keeps_its_own_rate():
    optimizer = an_optimizer(1.0, 0.1)
    schedule = a_schedule({"kind": "geometric", "gamma": 0.5}, optimizer)
    schedule.step()
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([0.5, 0.05])


def test_a_rate_that_is_a_tensor_is_changed_in_place():
    rate = torch.tensor(1.0)
    optimizer = torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))], lr=rate, foreach=False)
    a_schedule({"kind": "geometric", "gamma": 0.5}, optimizer).step()
    assert optimizer.param_groups[0]["lr"] is rate
    assert rate.item() == 0.5


def test_constant_leaves_a_rate_alone_that_an_optimizer_changes_itself():
    optimizer = an_optimizer(1.0)
    schedule = a_schedule("constant", optimizer)
    optimizer.param_groups[0]["lr"] = 0.25
    schedule.step()
    assert optimizer.param_groups[0]["lr"] == 0.25


@pytest.mark.parametrize("kind", [{"kind": "cosine", "warmup": 5}, {"kind": "plateau", "patience": 0, "cooldown": 1}])
def test_a_resumed_schedule_continues_as_the_uninterrupted_one(kind):
    whole = an_optimizer(0.5)
    schedule = a_schedule(kind, whole)
    for _ in range(37):
        schedule.step()
    schedule.epoch_end(1.0)
    schedule.epoch_end(2.0)
    stored = io.BytesIO()
    torch.save({"schedule": schedule.state_dict(), "optimizer": whole.state_dict()}, stored)
    stored.seek(0)
    state = torch.load(stored, weights_only=True)

    resumed = an_optimizer(0.5)
    again = a_schedule(kind, resumed)
    resumed.load_state_dict(state["optimizer"])
    again.load_state_dict(state["schedule"])
    for _ in range(50):
        assert resumed.param_groups[0]["lr"] == whole.param_groups[0]["lr"]
        schedule.step()
        again.step()
    schedule.epoch_end(3.0)
    again.epoch_end(3.0)
    assert resumed.param_groups[0]["lr"] == whole.param_groups[0]["lr"]


@pytest.mark.parametrize("schedule", ["cosine", "one-cycle", "final-drop", {"kind": "cosine", "warmup": 50}])
def test_a_run_of_one_step_has_a_usable_rate(schedule):
    kind = a_config(schedule).schedule
    assert 0 < factor_at(kind, 0, Course.even(steps_per_epoch=1, epochs=1)) <= 1


def test_a_share_that_floats_cannot_hold_drops_at_its_own_epoch():
    kind = a_config({"kind": "final-drop", "at": 0.07}).schedule
    factors = [factor_at(kind, epoch, Course.even(steps_per_epoch=1, epochs=100)) for epoch in range(100)]
    assert factors.index(kind.gamma) == 7


def test_a_growing_schedule_may_leave_the_range_of_floats():
    kind = a_config({"kind": "geometric", "gamma": 10.0}).schedule
    assert factor_at(kind, 1000, Course.even(steps_per_epoch=1, epochs=2000)) == math.inf


def test_torch_has_nothing_to_warn_about():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        rates_of({"kind": "one-cycle", "warmup": 3})
    assert caught == []
