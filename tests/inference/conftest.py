"""Builders of window samples, drawn or given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from marketshock.inference.sample import WindowSample

MakeSample = Callable[..., WindowSample]


@pytest.fixture(scope="session")
def make_sample() -> MakeSample:
    """Return a builder: random numbers from a seed, any field replaced by name."""

    def make(size: int = 6, sessions: int = 60, seed: int = 1, **fields: Any) -> WindowSample:
        rng = np.random.default_rng(seed)
        scale = rng.uniform(0.01, 0.03, size)
        car = rng.normal(-0.01, scale)
        given = {
            "car": car,
            "scar": car / (scale * rng.uniform(1.0, 1.2, size)),
            "residuals": rng.normal(0.0, scale[:, None], (size, sessions)),
            "degrees_of_freedom": np.full(size, sessions - 2.0),
            "parameters": 2,
            "length": 3,
            "window_factor": 3.17,
            "correlation": 0.25,
            "shared_date": True,
        }
        length = fields.get("length", 3)
        noise = rng.normal(0.0, 1.0, (size, length)) * scale[:, None]
        ar = noise - noise.mean(axis=1, keepdims=True) + car[:, None] / length
        apart = 0 if fields.get("shared_date", True) else 100
        given |= {
            "ar": ar,
            "sar": ar / (1.05 * scale[:, None]),
            "sessions": apart * np.arange(size)[:, None] + np.arange(length),
            "firms": np.arange(size),
            "placebo": rng.standard_t(5, 99),
        }
        return WindowSample(**(given | fields))

    return make


@pytest.fixture(scope="session")
def gappy_residuals() -> np.ndarray:
    """Residuals of 5 events over 40 sessions with a common part and about 10 % of gaps."""
    rng = np.random.default_rng(7)
    residuals = 0.6 * rng.normal(size=40) + rng.normal(size=(5, 40))
    residuals[rng.random((5, 40)) < 0.1] = np.nan
    return residuals
