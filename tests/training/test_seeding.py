"""Random streams that don't touch each other, deterministic kernels, and the choice of a device."""

import io
import os
import random
import warnings

import numpy as np
import pytest
import torch

from logbook.errors import ConfigError
from logbook.training.device import available_devices, choose_device
from logbook.training.seeding import Generators, isolated_rng, set_deterministic, stream_seed

CPU = torch.device("cpu")
STREAMS = ("weights", "order", "augmentation", "dropout")


def drawn(generators):
    """One number from every stream: order, augmentation, and the three global generators."""
    return [
        torch.rand(1, generator=generators.order).item(),
        torch.rand(1, generator=generators.augmentation).item(),
        torch.rand(1).item(),
        np.random.normal(),
        random.gauss(),
    ]


@pytest.fixture(autouse=True)
def _global_generators_are_left_as_found():
    with isolated_rng(0):
        yield


def test_every_stream_of_every_seed_is_its_own():
    seeds = {stream_seed(seed, stream) for seed in range(1000) for stream in STREAMS}
    assert len(seeds) == 4000
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_the_seed_of_a_stream_never_changes():
    """Frozen: another number here makes every recorded run unrepeatable."""
    assert stream_seed(0, "weights") == 6557748750175335154


def test_drawing_from_one_stream_shifts_no_other():
    quiet, busy = Generators(3, CPU), Generators(3, CPU)
    quiet.start()
    expected = drawn(quiet)
    busy.start()
    torch.rand(100, generator=busy.order)
    assert drawn(busy)[1:] == expected[1:]
    busy.start()
    assert drawn(busy)[2:] == expected[2:]


def test_another_seed_draws_other_numbers_in_every_stream():
    first, second = Generators(1, CPU), Generators(2, CPU)
    first.start()
    numbers = drawn(first)
    second.start()
    assert all(one != other for one, other in zip(numbers, drawn(second), strict=True))
    assert first.weights != second.weights


def test_a_stored_state_is_loaded_without_pickles_and_continues_every_stream():
    generators = Generators(5, CPU)
    generators.start()
    drawn(generators)
    stored = io.BytesIO()
    torch.save(generators.state_dict(), stored)
    expected = [drawn(generators) for _ in range(3)]

    stored.seek(0)
    resumed = Generators(99, CPU)
    resumed.start()
    resumed.load_state_dict(torch.load(stored, weights_only=True))
    assert [drawn(resumed) for _ in range(3)] == expected


def test_isolation_seeds_inside_and_restores_outside():
    torch.manual_seed(1)
    np.random.seed(1)
    random.seed(1)
    expected = (torch.rand(1).item(), np.random.rand(), random.random())
    torch.manual_seed(1)
    np.random.seed(1)
    random.seed(1)
    inside = []
    for _ in range(2):
        with isolated_rng(8):
            inside.append((torch.rand(1).item(), np.random.rand(), random.random()))
    assert inside[0] == inside[1] != expected
    assert (torch.rand(1).item(), np.random.rand(), random.random()) == expected


def an_operation_without_deterministic_kernel():
    torch.zeros(4).put_(torch.tensor([0, 1]), torch.ones(2))


def test_operations_without_deterministic_kernels_run_and_are_named():
    with set_deterministic(True) as determinism:
        for _ in range(3):
            an_operation_without_deterministic_kernel()
    assert determinism.operations == ("put_",)


def test_a_second_run_in_the_same_process_names_them_again():
    for _ in range(2):
        with set_deterministic(True) as determinism:
            an_operation_without_deterministic_kernel()
        assert determinism.operations == ("put_",)


def test_other_warnings_pass():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with set_deterministic(True) as determinism:
            warnings.warn("something else", UserWarning, stacklevel=1)
    assert [str(warning.message) for warning in caught] == ["something else"]
    assert determinism.operations == ()


def settings():
    return (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
        torch.backends.cudnn.deterministic,
        torch.backends.cudnn.benchmark,
        torch.utils.deterministic.fill_uninitialized_memory,
        os.environ.get("CUBLAS_WORKSPACE_CONFIG"),
    )


@pytest.mark.parametrize("flag", [True, False])
def test_settings_are_restored_even_after_an_error(flag, monkeypatch):
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", True)
    before, inside = settings(), []

    def a_run_that_breaks():
        with set_deterministic(flag):
            inside.append(settings())
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        a_run_that_breaks()
    assert inside == [(True, True, True, False, False, ":4096:8") if flag else (False, True, *before[2:])]
    assert settings() == before


def test_a_cublas_workspace_that_a_person_chose_is_kept(monkeypatch):
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":16:8")
    with set_deterministic(True):
        assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":16:8"
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":16:8"


def test_auto_takes_the_first_device_there_is_and_cpu_is_always_there():
    assert choose_device("auto") == torch.device(available_devices()[0])
    assert choose_device("cpu") == CPU
    assert available_devices()[-1] == "cpu"


def test_a_device_that_is_absent_is_refused_with_what_there_is():
    with pytest.raises(ConfigError, match=r"training\.device is 'cuda:97', which .* it has .*cpu"):
        choose_device("cuda:97")
