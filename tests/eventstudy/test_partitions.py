"""A study is independent by event: parts of it on other processes give the same bits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from marketshock import EstimationWindow, EventSet, EventStudy, EventWindow, MarketModel

STUDY = EventStudy(
    MarketModel("M"), EventWindow(-1, 1), EstimationWindow(), placebo_sessions=0, tests=("patell",)
)


def car_of(events: pd.DataFrame, returns: pd.DataFrame) -> pd.DataFrame:
    return STUDY.run(EventSet.from_frame(events), returns).to_frame("car")


def world() -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(3)
    values = rng.normal(0.0, 0.02, (900, 61))
    values[:, :-1] += values[:, -1:]
    names = [f"S{number}" for number in range(60)]
    index = pd.bdate_range("2018-01-01", periods=900, name="date")
    returns = pd.DataFrame(values, index, [*names, "M"])
    chosen = [
        (names[stock], index[at])
        for at in np.sort(rng.choice(np.arange(270, 880), 80, replace=False))
        for stock in np.sort(rng.choice(60, 15, replace=False))
    ]
    return pd.DataFrame(chosen, columns=["symbol", "date"]), returns


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_dask_over_dates_gives_the_same_bits():
    distributed = pytest.importorskip("distributed")
    events, returns = world()
    whole = car_of(events, returns)
    days = events["date"].drop_duplicates()
    parts = [events[events["date"].isin(some)] for some in np.array_split(days, 7)]
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        shared = client.scatter(returns, broadcast=True)
        frames = client.gather(client.map(car_of, parts, returns=shared, pure=False))
    pd.testing.assert_frame_equal(pd.concat(frames, ignore_index=True), whole, check_exact=True)


def test_parts_one_after_the_other_give_the_same_bits():
    events, returns = world()
    whole = car_of(events, returns)
    days = events["date"].drop_duplicates()
    parts = [events[events["date"].isin(some)] for some in np.array_split(days, 3)]
    joined = pd.concat([car_of(part, returns) for part in parts], ignore_index=True)
    pd.testing.assert_frame_equal(joined, whole, check_exact=True)
