"""All lead times are solved at once, and each as if it were alone."""

from __future__ import annotations

import numpy as np
import pytest

from trainer.model.regressions.kernels import Kernel
from trainer.model.training.regressions.gaussian_process import FittedKernel, System

DAYS, LEADS, FEATURES = 90, 24, 5
SHARED = np.array([True, False, False, True, False])
NIGHT = 2
"""A lead time at which the sun is up on no day."""


@pytest.fixture(scope="module")
def system() -> System:
    random = np.random.default_rng(4)
    shared = random.standard_normal((DAYS, SHARED.sum())).astype(np.float32)
    features_of_own = random.standard_normal((LEADS, DAYS, (~SHARED).sum())).astype(np.float32)
    features = random.standard_normal((DAYS, 2)).astype(np.float32)
    sun = random.uniform(0, 1, (DAYS, LEADS)).astype(np.float32)
    sun[:, NIGHT] = 0
    kernels = [
        FittedKernel.of(Kernel(name, 0.8, sunny=sunny, inducing_points=12), [(1.0, features)], sun, 0.5)
        for name, sunny in (("calendar", False), ("sky", True))
    ]
    importance = 0.5 ** np.linspace(2, 0, DAYS)
    room = np.empty((LEADS, DAYS, sum(kernel.own_columns for kernel in kernels)), dtype=np.float32)
    own = np.concatenate([features_of_own, room], axis=2)
    return System(shared, own, SHARED, np.full(FEATURES, 3.0), kernels, importance)


@pytest.fixture(scope="module")
def targets(system: System) -> np.ndarray:
    random = np.random.default_rng(5)
    errors = 0.1 * random.standard_normal((DAYS, LEADS)) + (random.random((DAYS, LEADS)) < 0.05)
    return (0.4 * linear(system).sum(2) + errors).astype(np.float32)


def linear(system: System) -> np.ndarray:
    """(days, leads, features)."""
    whole = np.empty((DAYS, LEADS, len(system.is_shared)))
    whole[..., system.is_shared] = system.shared[:, None]
    own = (~system.is_shared).sum()
    whole[..., ~system.is_shared] = system.own[..., :own].transpose(1, 0, 2)
    return whole


def alone(system: System, target: np.ndarray, lead: int) -> np.ndarray:
    """One lead time's unknowns from its own normal equations and Huber's rounds, in double precision."""
    kernels = [
        kernel.coordinates * (kernel.sun[:, [lead]] if kernel.sun.shape[1] > 1 else kernel.sun)
        for kernel in system.kernels
    ]
    columns = np.concatenate([linear(system)[:, lead], np.ones((DAYS, 1)), *kernels], axis=1).astype(float)
    weights = (system.importance / system.importance.mean())[:, None]
    count = columns.shape[1] - FEATURES - 1
    penalty = np.diag([*system.penalties, 1e-6, *np.ones(count)])
    gram = (columns * weights).T @ columns + penalty

    def solved(pulled: np.ndarray) -> np.ndarray:
        return np.linalg.solve(gram, (columns * weights).T @ pulled)

    pulled = target
    for _ in range(8):
        fitted = columns @ solved(pulled)
        pulled = fitted + np.clip(target - fitted, -0.25, 0.25)
    return solved(pulled)


@pytest.mark.parametrize("lead", [0, NIGHT, 11, 23])
def test_each_lead_time_is_solved_as_if_it_were_alone(system: System, targets: np.ndarray, lead: int) -> None:
    together = system.solve(targets)
    np.testing.assert_allclose(together[lead], alone(system, targets[:, lead], lead), rtol=2e-3, atol=2e-4)


def test_a_kernel_of_the_sun_has_no_weight_where_it_never_shines(system: System, targets: np.ndarray) -> None:
    sky = system.kernels[-1].own_columns
    of_sky = system.solve(targets)[:, -sky:]
    assert not of_sky[NIGHT].any()
    assert of_sky[np.arange(LEADS) != NIGHT].any(axis=1).all()


def test_a_system_without_anything_of_a_lead_time_s_own_is_solved_too(system: System) -> None:
    everything_shared = System(
        linear(system)[:, 0].astype(np.float32),
        np.empty((LEADS, DAYS, 0), dtype=np.float32),
        np.ones(FEATURES, dtype=bool),
        system.penalties,
        system.kernels[:1],
        system.importance,
    )
    target = linear(everything_shared).sum(2).astype(np.float32)
    np.testing.assert_allclose(
        everything_shared.solve(target)[3], alone(everything_shared, target[:, 3], 3), rtol=2e-3, atol=2e-4
    )
