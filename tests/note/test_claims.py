from __future__ import annotations

import pytest

from marketshock.ai.training_cost import TrainingCost
from marketshock.note.claims import TRAINING_CLAIMS, judge
from marketshock.sources.bundle import EmbeddedSource


@pytest.mark.parametrize(
    ("printed", "recomputed", "tolerance", "decimals", "verdict"),
    [
        (57.0, 56.72, 0.5, 0, "match"),
        (-590.0, -592.7, 1.0, -1, "rounding"),
        (-205.0, -205.9, 0.5, 0, "rounding"),  # cut, not rounded
        (-251.0, -239.9, 1.0, 0, "wrong"),
        (6e6, 5.576e6, 0.0, -6, "rounding"),
    ],
)
def test_verdicts(printed, recomputed, tolerance, decimals, verdict) -> None:
    assert judge(printed, recomputed, tolerance, decimals) == verdict


def test_the_arithmetic_of_the_training_claims_is_right() -> None:
    table = EmbeddedSource().table("training_cost")
    printed = {row["item"]: row["printed_value"] for row in table}
    cost = TrainingCost.from_table(table)
    found = {
        claim.item: judge(
            printed[claim.item], claim.recompute(cost), claim.tolerance, claim.decimals
        )
        for claim in TRAINING_CLAIMS
    }
    assert found == {
        "total_gpu_hours": "match",
        "total_cost": "match",
        "rounded_cost": "rounding",
        "elapsed_days_full_cluster": "match",
        "single_gpu_years": "match",
    }
